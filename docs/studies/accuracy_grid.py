"""The first study of docs/accuracy.md: errors over a grid of lenses, distances, offsets and tilts.

python docs/studies/accuracy_grid.py

About ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
from simulated import stamp

from backfocus.verify.simulate import Exposure, Lens, Sensor, SheetPose
from backfocus.verify.simulate.study import StudyResult, StudyShot, run_study

SETUPS = (
    (85.0, 1.4, 1500.0),
    (50.0, 1.8, 1250.0),
    (50.0, 1.8, 2500.0),
    (35.0, 1.4, 1000.0),
    (135.0, 2.0, 3400.0),
    (200.0, 2.8, 5000.0),
)
OFFSETS_MM = (-30.0, -20.0, -10.0, 0.0, 10.0, 20.0, 30.0)
TILTS_DEG = (35.0, 45.0, 55.0)
PAPERS = ("a4", "letter", "a3", "tabloid")
SEED = 20261122
RESULT = Path(__file__).parent / "results" / "accuracy_grid.md"


def grid() -> list[StudyShot]:
    rng = np.random.default_rng(SEED)
    shots = []
    cases = itertools.product(SETUPS, TILTS_DEG, OFFSETS_MM)
    for number, ((focal, f_number, distance), tilt, offset) in enumerate(cases):
        roll, yaw = rng.uniform(-3.0, 3.0, 2)
        shots.append(
            StudyShot(
                offset_mm=offset,
                pose=SheetPose(tilt, float(yaw), float(roll), distance),
                lens=Lens(focal, f_number),
                paper=PAPERS[number % 4],
                sensor=Sensor(mosaic=True, orientation=6 if number % 3 == 2 else 1),
                exposure=Exposure(light_gradient=(0.1, -0.1)),
                seed=number,
            )
        )
    return shots


def limit_mm(result: StudyResult) -> float:
    return max(0.5, 0.02 * result.depth_of_field_mm)


HEAD = """## A grid of lenses, distances, offsets and tilts

{stamp} 24 MP JPEGs of quality 90 with 1 % noise and a light gradient of 10 %; offsets
-30 to +30 mm, tilts 35°, 45° and 55°, roll and yaw drawn up to 3°, a third of the photos portrait, papers A4,
Letter, A3 and Tabloid in turn. The limit is the larger of 0.5 mm and 2 % of the DOF. `python docs/studies/accuracy_grid.py`

| lens | distance | photos | measured | median error | largest error | limit | intervals that hold the truth |
|---|---|---|---|---|---|---|---|"""


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    results = list(run_study(grid()))
    lines = [HEAD.format(stamp=stamp())]
    for (focal, f_number, distance), group in itertools.groupby(results, _setup):
        rows = list(group)
        measured = [row for row in rows if row.error_mm is not None]
        errors = np.abs([row.error_mm for row in measured])
        held = sum(bool(row.covered) for row in measured)
        lines.append(
            f"| {focal:g} mm f/{f_number:g} | {distance / 1000:g} m | {len(rows)} | {len(measured)} "
            f"| {np.median(errors):.3f} mm | {errors.max():.3f} mm | {limit_mm(rows[0]):.2f} mm "
            f"| {held} of {len(measured)} |"
        )
    for row in results:
        if row.error_mm is None or abs(row.error_mm) > limit_mm(row):
            codes = ", ".join(found.code for found in row.measurement.findings)
            shot, pose = row.shot, row.shot.pose
            lines.append(
                f"\nOver the limit or not measured ({codes}): {shot.lens.focal_length_mm:g} mm f/{shot.lens.f_number:g} at "
                f"{pose.af_mark_distance_mm / 1000:g} m, offset {shot.offset_mm:+g} mm, tilt {pose.tilt_deg:g}°, {shot.paper}."
            )
    RESULT.write_text("\n".join(lines) + "\n")


def _setup(result: StudyResult) -> tuple[float, float, float]:
    shot = result.shot
    return shot.lens.focal_length_mm, shot.lens.f_number, shot.pose.af_mark_distance_mm


if __name__ == "__main__":
    main()
