"""Photos of the product's own charts through the lenses of a ray tracer, drawn and measured one after another.

python docs/studies/traced_photos.py TRACER OUT [--photos N] [--seed S] [--jobs J] [--keep] [--charts FOLDER] [--page PAGE]

TRACER is a folder with a bench of ray-traced lenses: `photo.py` with `shoot(options, path, charts)` and `tracer.py`.
OUT gets the charts, a row for each photo (rows.jsonl) and a table of all of them (table.md). Rows that are there
already are not made again, so that a run may be cut short and go on. A photo takes 12 s of one core.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import math
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from traced_table import Row, page

STOPS = {
    "planar50": (1.4, 2.0, 2.8, 4.0, 5.6),
    "sonnar85": (1.5, 2.0, 2.8, 4.0),
    "retro35": (2.0, 2.8, 4.0, 5.6),
    "tessar50": (2.8, 4.0, 5.6),
}
"""The bench's lenses, by its own names: 50 mm f/1.4 and 85 mm f/1.5 double Gauss types, 35 mm retrofocus, f/2.8."""
PAPERS = ("a4", "a3")
DESIGNS = ("flat", "zfold")
ZFOLD_EVERY = 3
HALF_DEPTH_MM = {("flat", "a4"): 62.0, ("flat", "a3"): 92.0, ("zfold", "a4"): 80.0, ("zfold", "a3"): 112.0}
"""How far edges reach to either side of the mark; the plane lies within half of it."""
LARGEST_FOR_A4_MM = 1900.0
CIRCLE_MM = 0.02884
"""Of confusion, as the bench has it."""
OFF_AXIS_SHARE = 0.2
"""Of the photos have the mark up to 4 mm off the picture's middle, on the sensor."""
SERIES_FOCAL_LENGTHS = 24.0
SERIES_SEED = 7
DPI = 1200
FINE_LP_MM = 30.0
RAYS, RAYS_AT_PEAK = 500, 1500
FULL_FRAME_DIAGONAL_MM = math.hypot(36.0, 24.0)
BODY_DIAGONAL_MM = 35.9 * math.hypot(1.0, 2 / 3)
"""Of the bench's sensor."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")

Scene = dict[str, Any]


def main(wanted: argparse.Namespace) -> None:
    """Draw and measure what is not there yet, then write the table of all rows of this seed."""
    out: Path = wanted.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    charts = wanted.charts.resolve() if wanted.charts else out / "charts"
    if not wanted.charts:
        write_charts(charts)
    path, seed = out / "rows.jsonl", wanted.seed
    known = {row["name"] for row in rows_of(path)}
    # The series take longest, so they begin.
    tasks = (series(seed) if wanted.with_series else []) + [[shot] for shot in scenes(wanted.photos, seed)]
    missing = [task for task in tasks if any(shot["name"] not in known for shot in task)]
    for name in ONE_THREAD:
        os.environ[name] = "1"
    started = time.monotonic()
    workers = ProcessPoolExecutor(wanted.jobs, multiprocessing.get_context("spawn"))
    with workers, path.open("a") as file:
        running = {
            workers.submit(drawn_and_measured, wanted.tracer.resolve(), out, charts, task, wanted.keep): task
            for task in missing
        }
        for done, future in enumerate(as_completed(running), 1):
            if problem := future.exception():
                print(f"{running[future][0]['name']}: {type(problem).__name__}: {problem}", file=sys.stderr)
                continue
            for row in future.result():
                file.write(json.dumps(row) + "\n")
            file.flush()
            print(f"{done} of {len(running)} after {time.monotonic() - started:.0f} s", file=sys.stderr)
    names = {shot["name"] for task in tasks for shot in task}
    rows = {row["name"]: Row(row) for row in rows_of(path) if row["name"] in names}
    (wanted.page or out / "table.md").write_text(page(list(rows.values()), seed))


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows that a file has; a last line that was cut short is left out."""
    if path.exists():
        for line in path.read_text().splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue


def scenes(count: int, seed: int) -> list[Scene]:
    """Draw shots over all lenses and apertures, two of the flat sheet to one of the folded card."""
    rng = np.random.default_rng(seed)
    found, lenses = [], list(STOPS)
    for number in range(count):
        lens, lap = number % len(lenses), number // len(lenses)
        stops = STOPS[lenses[lens]]
        turn, stop = divmod(lap, len(stops))
        # By turns of one lens and stop: else a lens of three stops would have each with one design only.
        design = "zfold" if (turn + stop + lens) % ZFOLD_EVERY == ZFOLD_EVERY - 1 else "flat"
        shot = _placed(rng, lenses[lens], stops[stop], design)
        aim = rng.uniform(-4, 4), rng.uniform(-2, 2)
        if rng.random() >= OFF_AXIS_SHARE:
            aim = rng.normal(0, 0.4), rng.normal(0, 0.4)
        shot["aim"] = [float(side) for side in aim]
        name = {"name": f"s{seed}-{number:03d}", "seed": seed * 1000 + number + 1}
        found.append(shot | _turned(rng, design) | _developed(rng) | name)
    return found


def series(seed: int) -> list[list[Scene]]:
    """Return shots of each lens with the aperture closed step by step, lens and chart unmoved."""
    return [
        [
            {
                "lens": lens,
                "N": f_number,
                "distance_f": SERIES_FOCAL_LENGTHS,
                "offset_mm": 0.0,
                "design": "flat",
                "paper": paper_for(lens, SERIES_FOCAL_LENGTHS),
                "seed": SERIES_SEED,
                "name": f"s{seed}-{lens}-f{f_number:g}",
                "series": lens,
            }
            for f_number in stops
        ]
        for lens, stops in STOPS.items()
    ]


def paper_for(lens: str, focal_lengths: float) -> str:
    return "a4" if focal_lengths * int(lens[-2:]) < LARGEST_FOR_A4_MM else "a3"


def _placed(rng: np.random.Generator, lens: str, f_number: float, design: str) -> Scene:
    k = float(rng.uniform(20, 36))
    paper = paper_for(lens, k)
    depth_of_field = 2 * f_number * CIRCLE_MM * k**2
    half = 0.5 * HALF_DEPTH_MM[design, paper]
    offset = float(np.clip(rng.uniform(-1, 1) * depth_of_field, -half, half))
    shot = {"lens": lens, "N": f_number, "distance_f": round(k, 2), "offset_mm": round(offset, 2)}
    return shot | {"design": design, "paper": paper}


def _turned(rng: np.random.Generator, design: str) -> Scene:
    turns = {"tilt": rng.uniform(40, 50), "yaw": rng.normal(0, 1.2), "roll": rng.normal(0, 1.2)}
    turns["pitch"] = rng.normal(0, 1.0) if design == "zfold" else 0.0
    folds = [round(float(angle), 2) for angle in rng.uniform(40, 50, 2)]
    return {name: round(float(angle), 2) for name, angle in turns.items()} | {"folds": folds}


def _developed(rng: np.random.Generator) -> Scene:
    """Draw electrons at white, contrast curve, sharpening and JPEG quality."""
    return {
        "white_e": float(rng.choice([3000, 10000, 30000])),
        "contrast": round(float(rng.uniform(0.1, 0.4)), 2),
        "sharpen": float(rng.choice([0.3, 0.6, 1.2])),
        "sharpen_px": float(rng.choice([0.7, 1.0, 1.4])),
        "quality": int(rng.choice([88, 93, 97])),
    }


def write_charts(folder: Path) -> None:
    """Write the product's sheets on all papers as the tracer reads them: geometry, and picture at 1200 dpi."""
    import cv2

    from backfocus.targets import build_chart
    from backfocus.targets.printing.pdf import geometry_json, pdf_bytes
    from backfocus.verify.simulate import rasterise_pdf

    folder.mkdir(parents=True, exist_ok=True)
    for design in DESIGNS:
        for paper in PAPERS:
            geometry, picture = (folder / f"{design}-{paper}.{ending}" for ending in ("json", "png"))
            if not (geometry.exists() and picture.exists()):
                chart = build_chart(design, paper)
                geometry.write_text(geometry_json(chart))
                cv2.imwrite(str(picture), cv2.bitwise_not(rasterise_pdf(pdf_bytes(chart), dpi=DPI).ink))


def drawn_and_measured(
    tracer: Path, out: Path, charts: Path, shots: list[Scene], keep: bool
) -> list[dict[str, Any]]:
    """Draw shots, those of a series with lens and chart where the first has them, and measure each as it is drawn.

    Returns:
        The rows; a photo that is kept, and its truth beside it, are not drawn again.
    """
    sys.path.insert(0, str(tracer))
    shoot, bench = importlib.import_module("photo").shoot, importlib.import_module("tracer")
    rows, unmoved = [], {}
    for shot in shots:
        photo = out / f"{shot['name']}.jpg"
        beside = photo.with_suffix(".json")
        began = time.monotonic()
        if not (photo.exists() and beside.exists()):
            options = {key: value for key, value in shot.items() if key not in ("name", "series")} | unmoved
            taken = json.loads(json.dumps(shoot(options, str(photo), str(charts)), default=float))
            taken["planes"] = planes_of_file(bench, taken)
            beside.write_text(json.dumps(taken))
        taken = json.loads(beside.read_text())
        if "series" in shot:
            unmoved = unmoved or {"s": taken["s"], "zmark": taken["mark"][2]}
        drawn = time.monotonic()
        row = true_of(shot, taken) | measured(photo)
        row["seconds"] = [round(drawn - began, 1), round(time.monotonic() - drawn, 1)]
        rows.append(row)
        if not keep:
            photo.unlink()
            beside.unlink()
    return rows


def true_of(shot: Scene, taken: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of a shot: how it was taken, and its planes in mm from the mark."""
    known = {key: shot[key] for key in ("name", "lens", "N", "design", "paper", "distance_f", "seed")}
    known |= {"series": shot.get("series"), "aim": taken["shot"]["aim"], "dof": round(taken["dof"], 2)}
    planes = {"fine": taken["truth"]["mtf_hi"], "coarse": taken["truth"]["mtf_lo"], "rms": taken["truth"]["rms"]}
    known["true"] = {name: round(depth, 3) for name, depth in (planes | taken["planes"]).items()}
    return known | {"tilt_true": round(taken["tilt"], 3), "distance_true": round(taken["distance_ep"], 1)}


def measured(photo: Path) -> dict[str, Any]:
    """Return what the product says of a photo; a crash is a status of its own."""
    from backfocus.verify import measure

    _know_the_body()
    try:
        found = measure(photo, as_designed=True).to_dict()
    except Exception as error:
        return {"status": "crashed", "problem": f"{type(error).__name__}: {error}", "findings": [], "critical": []}
    kept = ("status", "trustworthy", "offset_mm", "offset_ci95_mm", "verdict", "tilt_deg", "distance_mm")
    kept += (
        "sharpest_by",
        "astigmatism_mm",
        "astigmatism_ci95_mm",
        "coarse_offset_mm",
        "mtf50_lp_mm",
        "interval_budget_mm",
    )
    row = {name: found.get(name) for name in kept}
    row["findings"] = [each["code"] for each in found["findings"]]
    row["critical"] = [each["code"] for each in found["findings"] if each["severity"] == "critical"]
    return row


def _know_the_body() -> None:
    """Stand in for lensfun where it is not installed: the bench's photos say they are of a full-frame body."""
    if "lensfunpy" not in sys.modules and importlib.util.find_spec("lensfunpy") is None:
        body = SimpleNamespace(model="NIKON D750", crop_factor=FULL_FRAME_DIAGONAL_MM / BODY_DIAGONAL_MM)
        bodies = SimpleNamespace(find_cameras=lambda *_, **__: [body])
        sys.modules["lensfunpy"] = SimpleNamespace(Database=lambda: bodies)  # type: ignore[assignment]


def planes_of_file(bench: Any, taken: dict[str, Any]) -> dict[str, float]:
    """Return traced planes as the file can show them, in mm from the mark: of both directions, steep, level; the peak.

    Red and blue of a mosaic are interpolated, which keeps (1 + cos 2πf) / 2 of them at f cycles a pixel: the file's
    fine detail is greener than its light.
    """
    kept = (1 + np.cos(2 * np.pi * FINE_LP_MM * bench.PITCH)) / 2
    weights = bench.LUMA @ bench.MATRIX * np.array([kept, 1.0, kept])
    shot, mark = taken["shot"], taken["mark"][2]
    lens = bench.Lens(shot["lens"], shot["N"])
    at = taken["s"], -shot["aim"][0], -shot["aim"][1]
    middle, span = mark + taken["truth"]["mtf_hi"], 0.5 * taken["dof"]

    def plane(**directions: tuple[str, ...]) -> float:
        found = bench.truth(lens, *at, middle, span, channel_weights=weights, count=RAYS, **directions)
        return float(found["mtf_hi"] - mark)

    planes = {"file": plane(), "steep": plane(directions=("x",)), "level": plane(directions=("y",))}
    return planes | {"peak": _traced_peak(bench, lens, at, middle)}


def _traced_peak(bench: Any, lens: Any, at: tuple[float, float, float], plane: float) -> float:
    """Return traced contrast at 30 lp/mm across steep edges in the plane that the bench calls sharpest."""
    rays, light = bench.footprint(lens, *at, plane, RAYS_AT_PEAK)
    light = light * (bench.LUMA @ bench.MATRIX @ bench.RESPONSE / light.sum(axis=1))[:, None]
    light /= light.sum()
    aside = bench.footprint(lens, at[0], at[1] + 0.05, at[2], plane, RAYS)
    here = bench.footprint(lens, *at, plane, RAYS)
    middles = [(x[4, :, 0] * w[4]).sum() / w[4].sum() for x, w in (aside, here)]
    x = rays[:, :, 0] * 0.05 / abs(middles[0] - middles[1])
    return float(abs((light * np.exp(2j * np.pi * FINE_LP_MM * x)).sum()))


def _arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tracer", type=Path, help="folder of the ray tracer")
    parser.add_argument("out", type=Path, help="folder for charts, rows and table")
    parser.add_argument("--photos", type=int, default=240, metavar="N")
    parser.add_argument("--seed", type=int, default=505, metavar="S")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="J")
    parser.add_argument("--keep", action="store_true", help="keep the photos in OUT, with what is true of them")
    parser.add_argument("--charts", type=Path, metavar="FOLDER", help="DESIGN-PAPER.json and .png, made before")
    parser.add_argument(
        "--no-series", dest="with_series", action="store_false", help="no apertures closed step by step"
    )
    parser.add_argument("--page", type=Path, metavar="PAGE", help="of the table; OUT/table.md if not given")
    return parser.parse_args(given)


if __name__ == "__main__":
    main(_arguments())
