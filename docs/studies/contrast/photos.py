"""Photos of the candidate sheet through a ray tracer's lenses, and reading them.

python docs/studies/contrast/photos.py TRACER OUT [COUNT] [SEED] [--wide-open] [--lean DEG] [--outer-grey GREY] [--stretch X]

TRACER is a folder with a bench of ray-traced lenses: `photo.py` with `shoot(options, path, charts)` and `tracer.py`.
OUT gets the charts, the photos and, beside each, what is true of it. A photo takes 10 s.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cv2
import numpy as np
import numpy.typing as npt
from contrast import FINE_LP_MM, measure_contrast
from curve import Plane, View, find_plane
from layout import CANDIDATE, Variant, candidate_chart, pdf_bytes, sheet_edges

from backfocus.targets import Chart
from backfocus.targets.printing.pdf import geometry_json
from backfocus.verify.detect.find_chart import find_chart
from backfocus.verify.edges.samples import measure_edges
from backfocus.verify.fit.pose import is_contradicted, refine_pose, solve_pose
from backfocus.verify.lens import circle_of_confusion_mm
from backfocus.verify.photo.reading import Photo, read_photo
from backfocus.verify.simulate import rasterise_pdf
from backfocus.verify.threads import one_thread

STOPS = {
    "planar50": (1.4, 2.0, 2.8, 4.0, 5.6),
    "sonnar85": (1.5, 2.0, 2.8, 4.0),
    "retro35": (2.0, 2.8, 4.0, 5.6),
    "tessar50": (2.8, 4.0, 5.6),
}
"""The bench's lenses, by its own names: 50 mm f/1.4 and 85 mm f/1.5 double Gauss types, 35 mm retrofocus, f/2.8."""
WIDE_OPEN = ("planar50", 1.4)
HALF_DEPTH_MM = {"a4": 62.0, "a3": 92.0}
LARGEST_FOR_A4_MM = 1900.0
PAPERS = ("a4", "a3")
CIRCLE_MM = 0.02884
"""Of confusion, as the bench has it."""
DPI = 1200
RAYS, RAYS_AT_PEAK = 500, 1500
OFF_AXIS_EVERY = 5
"""Every so many photos have the mark up to 4 mm off the picture's middle, on the sensor."""


def scenes(count: int, seed: int) -> list[dict[str, Any]]:
    """Draw shots over all lenses and apertures, 20 to 36 focal lengths away.

    All of the 50 mm at f/1.4 fall on marks off the middle, by a chance of the numbers; `wide_open_scenes` has others.
    """
    rng = np.random.default_rng(seed)
    found, lenses = [], list(STOPS)
    for number in range(count):
        lens, lap = lenses[number % len(lenses)], number // len(lenses)
        stops = STOPS[lens]
        scene = _placed(rng, lens, stops[lap % len(stops)])
        if number % OFF_AXIS_EVERY:
            scene["aim"] = float(rng.normal(0, 0.4)), float(rng.normal(0, 0.4))
        else:
            scene["aim"] = float(rng.uniform(-4, 4)), float(rng.uniform(-2, 2))
        found.append(scene | _turned(rng) | _developed(rng) | _named(seed, number))
    return found


def wide_open_scenes(count: int, seed: int) -> list[dict[str, Any]]:
    """Draw shots with the 50 mm at f/1.4 and the mark near the picture's middle."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        scene = _placed(rng, *WIDE_OPEN) | _turned(rng)
        scene["aim"] = float(rng.normal(0, 0.4)), float(rng.normal(0, 0.4))
        found.append(scene | _developed(rng) | _named(seed, number))
    return found


def _named(seed: int, number: int) -> dict[str, Any]:
    return {"name": f"s{seed}-{number:02d}", "seed": seed * 1000 + number + 1}


def _placed(rng: np.random.Generator, lens: str, f_number: float) -> dict[str, Any]:
    k = float(rng.uniform(20, 36))
    paper = "a4" if k * int(lens[-2:]) < LARGEST_FOR_A4_MM else "a3"
    depth_of_field = 2 * f_number * CIRCLE_MM * k**2
    half = 0.5 * HALF_DEPTH_MM[paper]
    offset = float(np.clip(rng.uniform(-1, 1) * depth_of_field, -half, half))
    shot = {"lens": lens, "N": f_number, "distance_f": round(k, 2), "offset_mm": round(offset, 2)}
    return shot | {"design": "flat", "paper": paper}


def _turned(rng: np.random.Generator) -> dict[str, Any]:
    turns = {"tilt": rng.uniform(40, 50), "yaw": rng.normal(0, 1.2), "roll": rng.normal(0, 1.2)}
    return {name: round(float(angle), 2) for name, angle in turns.items()}


def _developed(rng: np.random.Generator) -> dict[str, Any]:
    """Draw electrons at white, contrast curve, sharpening and JPEG quality."""
    return {
        "white_e": float(rng.choice([3000, 10000, 30000])),
        "contrast": round(float(rng.uniform(0.1, 0.4)), 2),
        "sharpen": float(rng.choice([0.3, 0.6, 1.2])),
        "sharpen_px": float(rng.choice([0.7, 1.0, 1.4])),
        "quality": int(rng.choice([88, 93, 97])),
    }


def write_charts(folder: Path, variant: Variant = CANDIDATE) -> None:
    """Write the sheet on all papers as the tracer reads it: geometry, and picture at 1200 dpi."""
    folder.mkdir(parents=True, exist_ok=True)
    for paper in PAPERS:
        (folder / f"flat-{paper}.json").write_text(geometry_json(candidate_chart(paper, variant)))
        ink = rasterise_pdf(pdf_bytes(paper, variant), dpi=DPI).ink
        cv2.imwrite(str(folder / f"flat-{paper}.png"), cv2.bitwise_not(ink))


def planes_of_file(tracer: Any, taken: dict[str, Any]) -> dict[str, float]:
    """Return traced planes as the file can show them, in mm from the mark: of both directions, steep, level; the peak.

    Red and blue of a mosaic are interpolated, which keeps (1 + cos 2πf) / 2 of them at f cycles a pixel: the file's
    fine detail is greener than its light.
    """
    kept = (1 + np.cos(2 * np.pi * FINE_LP_MM * tracer.PITCH)) / 2
    weights = tracer.LUMA @ tracer.MATRIX * np.array([kept, 1.0, kept])
    shot, mark = taken["shot"], taken["mark"][2]
    lens = tracer.Lens(shot["lens"], shot["N"])
    at = taken["s"], -shot["aim"][0], -shot["aim"][1]
    middle, span = mark + taken["truth"]["mtf_hi"], 0.5 * taken["dof"]

    def plane(**directions: tuple[str, ...]) -> float:
        found = tracer.truth(lens, *at, middle, span, channel_weights=weights, count=RAYS, **directions)
        return float(found["mtf_hi"] - mark)

    planes = {"file": plane(), "steep": plane(directions=("x",)), "level": plane(directions=("y",))}
    return planes | {"peak": _traced_peak(tracer, lens, at, middle)}


def _traced_peak(tracer: Any, lens: Any, at: tuple[float, float, float], plane: float) -> float:
    """Return traced contrast at 30 lp/mm across steep edges in the plane that the bench calls sharpest."""
    rays, light = tracer.footprint(lens, *at, plane, RAYS_AT_PEAK)
    light = light * (tracer.LUMA @ tracer.MATRIX @ tracer.RESPONSE / light.sum(axis=1))[:, None]
    light /= light.sum()
    aside = tracer.footprint(lens, at[0], at[1] + 0.05, at[2], plane, RAYS)
    here = tracer.footprint(lens, *at, plane, RAYS)
    middles = [(x[4, :, 0] * w[4]).sum() / w[4].sum() for x, w in (aside, here)]
    x = rays[:, :, 0] * 0.05 / abs(middles[0] - middles[1])
    return float(abs((light * np.exp(2j * np.pi * FINE_LP_MM * x)).sum()))


@one_thread()
def measured(path: Path, variant: Variant = CANDIDATE) -> Plane | None:
    """Measure a photo of the candidate sheet.

    Raises:
        Refusal: there is no such sheet.
    """
    photo = read_photo(path)
    with _candidate_is_the_chart(variant):
        sighting = find_chart(photo)
    rows, columns = photo.codes.shape
    focal_px = photo.exif_focal_px
    pose = solve_pose(sighting, (columns, rows), focal_px)
    if is_contradicted(pose, focal_px):
        focal_px = None
        pose = solve_pose(sighting, (columns, rows), focal_px)
    pose, _ = refine_pose(pose, sighting, measure_edges(photo, sighting.chart, pose), focal_px)
    fine, coarse = measure_contrast(photo, pose, sheet_edges(sighting.chart.paper, variant))
    return find_plane(fine, coarse, _view(photo, pose.translation_mm))


def _view(photo: Photo, mark: npt.NDArray[np.float64]) -> View:
    camera, distance = photo.camera, float(mark[2])
    assert camera.focal_length_mm and camera.f_number and camera.sensor_width_mm
    circle = circle_of_confusion_mm(camera.sensor_width_mm, photo.codes.shape[:2])
    field = 2 * camera.f_number * circle * (distance / camera.focal_length_mm) ** 2
    return View(mark[:2], distance, camera.focal_length_mm, camera.f_number, field)


@contextmanager
def _candidate_is_the_chart(variant: Variant) -> Iterator[None]:
    """Make the search for markers take the candidate for the flat chart; its QR code is not read."""

    def nominal(design: str, paper: str) -> Chart | None:
        return candidate_chart(paper, variant) if design == "flat" and paper in PAPERS else None

    detect = "backfocus.verify.detect"
    with patch(f"{detect}.sheets.nominal_chart", nominal), patch(f"{detect}.find_chart.read_qr", lambda *_: None):
        yield


def draw(tracer_folder: Path, out: Path, shots: list[dict[str, Any]], variant: Variant) -> None:
    """Draw the photos that `out` lacks."""
    sys.path.insert(0, str(tracer_folder))
    shoot: Callable[..., dict[str, Any]] = importlib.import_module("photo").shoot
    tracer = importlib.import_module("tracer")
    charts = out / "charts"
    write_charts(charts, variant)
    for scene in shots:
        path = out / f"{scene.pop('name')}.jpg"
        if not path.with_suffix(".json").exists():
            taken = json.loads(json.dumps(shoot(scene, str(path), str(charts)), default=float))
            taken["planes"] = planes_of_file(tracer, taken)
            path.with_suffix(".json").write_text(json.dumps(taken))


def add_variant(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--outer-grey", type=float, default=CANDIDATE.outer_grey, help="of tiles outside the AF zone"
    )
    parser.add_argument(
        "--stretch", type=float, default=CANDIDATE.stretch, help="height of tiles over the candidate's"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tracer", type=Path, help="folder of the ray tracer")
    parser.add_argument("out", type=Path, help="folder for the photos")
    parser.add_argument("count", nargs="?", type=int, default=64)
    parser.add_argument("seed", nargs="?", type=int, default=303)
    parser.add_argument("--wide-open", action="store_true", help="the 50 mm at f/1.4, mark in the middle")
    parser.add_argument("--lean", type=float, default=0.0, help="degrees more than the 40 to 50 that are drawn")
    add_variant(parser)
    wanted = parser.parse_args()
    shots = (wide_open_scenes if wanted.wide_open else scenes)(wanted.count, wanted.seed)
    for shot in shots:
        shot["tilt"] = round(shot["tilt"] + wanted.lean, 2)
    draw(wanted.tracer, wanted.out, shots, Variant(wanted.outer_grey, wanted.stretch))


if __name__ == "__main__":
    main()
