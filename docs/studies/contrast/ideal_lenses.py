"""What contrast on the candidate costs where a lens is ideal: the same shots of it and of layout 1, by both measures.

python docs/studies/contrast/ideal_lenses.py [SHOTS] [SEED] [FIRST]

Shots of the virtual camera, f/1.4 to f/5.6 in turn; a line for each as it is done, so that a run can be cut short, and
the tables at the end. 24 MP, 15 s a shot.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from curve import Plane
from layout import candidate_chart, pdf_bytes
from photos import CIRCLE_MM, HALF_DEPTH_MM, LARGEST_FOR_A4_MM, measured

from backfocus.verify.findings import Refusal
from backfocus.verify.simulate import (
    Development,
    Exposure,
    Lens,
    Sensor,
    SheetPose,
    SheetRaster,
    VirtualShot,
    rasterise_pdf,
    shoot,
)
from backfocus.verify.simulate.study import D850, StudyResult, StudyShot, take_and_measure

SHOTS, SEED = 25, 505
F_NUMBERS = (1.4, 2.0, 2.8, 4.0, 5.6)
FOCAL_LENGTHS_MM = (35.0, 50.0, 85.0)
HEAD = "| | measured | median | 90 % | mean | half width | held | needed |\n|---|---|---|---|---|---|---|---|"


def shots(count: int, seed: int) -> list[StudyShot]:
    """Draw the shots; distances, offsets and poses are distributed as those through traced lenses."""
    rng = np.random.default_rng(seed)
    return [_shot(rng, F_NUMBERS[number % len(F_NUMBERS)], seed * 1000 + number) for number in range(count)]


def _shot(rng: np.random.Generator, f_number: float, seed: int) -> StudyShot:
    focal, k = float(rng.choice(FOCAL_LENGTHS_MM)), float(rng.uniform(20, 36))
    paper = "a4" if k * focal < LARGEST_FOR_A4_MM else "a3"
    half = 0.5 * HALF_DEPTH_MM[paper]
    return StudyShot(
        offset_mm=float(np.clip(rng.uniform(-1, 1) * 2 * f_number * CIRCLE_MM * k**2, -half, half)),
        pose=SheetPose(
            tilt_deg=float(rng.uniform(40, 50)),
            yaw_deg=float(rng.normal(0, 1.2)),
            roll_deg=float(rng.normal(0, 1.2)),
            af_mark_distance_mm=k * focal,
        ),
        lens=Lens(focal, f_number, vignetting_stops=float(rng.uniform(0, 2))),
        paper=paper,
        sensor=Sensor(),
        exposure=Exposure(
            paper_white=float(rng.uniform(0.35, 0.8)),
            noise_fraction=float(np.exp(rng.uniform(np.log(0.003), np.log(0.03)))),
        ),
        development=Development(s_curve=float(rng.uniform(0, 0.5)), jpeg_quality=int(rng.integers(80, 98))),
        seed=seed,
    )


@lru_cache(maxsize=2)
def _raster(paper: str) -> SheetRaster:
    return rasterise_pdf(pdf_bytes(paper))


def taken(shot: StudyShot) -> VirtualShot:
    """Photograph the candidate sheet."""
    return shoot(
        _raster(shot.paper),
        candidate_chart(shot.paper),
        shot.pose,
        shot.lens,
        shot.sensor,
        shot.exposure,
        shot.development,
        offset_mm=shot.offset_mm,
        seed=shot.seed,
        names=D850,
    )


def on_candidate(shot: StudyShot, folder: Path) -> Plane | None:
    """Photograph and measure the candidate sheet; None where there is no answer."""
    path = taken(shot).save(folder / "candidate.jpg")
    try:
        plane = measured(path)
    except Refusal as refusal:
        print("  refused:", refusal.finding.code)
        return None
    if plane is not None and plane.refused:
        print("  refused:", plane.refused)
        return None
    return plane


def table(results: list[tuple[StudyResult, Plane | None]]) -> str:
    """Return the lines of a table over apertures and measures; errors in percent of the depth of field."""
    lines = [HEAD]
    for f_number in F_NUMBERS:
        here = [(old, plane) for old, plane in results if old.shot.lens.f_number == f_number]
        width = [
            (old.error_mm, old.half_width_mm, old.depth_of_field_mm) for old, _ in here if old.error_mm is not None
        ]
        contrast = [
            (plane.offset_mm - old.true_offset_mm, plane.half_mm, old.depth_of_field_mm)
            for old, plane in here
            if plane is not None
        ]
        lines += [
            _line(f"f/{f_number:g} width", width, len(here)),
            _line(f"f/{f_number:g} contrast", contrast, len(here)),
        ]
    return "\n".join(lines)


def _line(label: str, errors: list[tuple[float, float, float]], of: int) -> str:
    if not errors:
        return f"| {label} | 0 of {of} | | | | | | |"
    error, half, field = np.array(errors).T
    share, of_half = error / field * 100, np.abs(error) / half
    return (
        f"| {label} | {len(errors)} of {of} | {np.median(np.abs(share)):.2f} | {np.quantile(np.abs(share), 0.9):.2f} "
        f"| {share.mean():+.2f} | {np.median(half / field) * 100:.2f} | {(of_half <= 1).mean():.2f} "
        f"| {np.quantile(of_half, 0.95):.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shots", nargs="?", type=int, default=SHOTS)
    parser.add_argument("seed", nargs="?", type=int, default=SEED)
    parser.add_argument("first", nargs="?", type=int, default=0, help="number of the first shot")
    wanted = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for shot in shots(wanted.first + wanted.shots, wanted.seed)[wanted.first :]:
            plane = on_candidate(shot, Path(folder))
            old = take_and_measure(shot)
            found = (
                "none" if plane is None else f"{plane.offset_mm:+.2f} ± {plane.half_mm:.2f}, peak {plane.peak:.2f}"
            )
            width = (
                "none"
                if old.error_mm is None
                else f"{old.error_mm + shot.offset_mm:+.2f} ± {old.half_width_mm:.2f}"
            )
            print(
                f"f/{shot.lens.f_number:g} truth {shot.offset_mm:+.2f} contrast {found} width {width}", flush=True
            )
            results.append((old, plane))
    print(table(results))


if __name__ == "__main__":
    main()
