"""The check of `backfocus plan`: predicted half widths of the interval against those of simulated shots.

python docs/studies/plan_check.py

About five minutes on two cores.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from simulated import stamp

from backfocus.targets.protocol import USUAL
from backfocus.verify.cameras.names import find_makers
from backfocus.verify.simulate import ExifNames, Lens, Sensor, SheetPose
from backfocus.verify.simulate.study import StudyResult, StudyShot, run_study
from backfocus.verify.tuning.plan import Plan, make_plan
from backfocus.verify.tuning.precision import SENSORS_MM, ExpectedInterval, Setup, expected_interval, pixels_of

SHOTS_EACH = 3
LARGEST_ERROR_STEPS = 4.0
SEED = 11
RESULT = Path(__file__).parent / "results" / "plan_check.md"
HEAD = """## Plans, held against shots

{stamp} {each} simulated photos for each plan, on the sheet and at the distance that `backfocus plan` recommends: JPEGs of quality
90, noise 1 %, off by up to {steps:g} AF steps, turned by up to 2°. Half widths of the 95 % interval of one shot in mm; those predicted are for the
offset that the shot has, and mean over the shots, as are those measured. `python docs/studies/plan_check.py`

| lens | sensor | distance | sheet | predicted | measured | measured / predicted | by noise: measured / bound | largest error | measured, of {each} |
|---|---|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Case:
    focal_length_mm: float
    f_number: float
    sensor: str = "full-frame"
    focal_lengths: float = USUAL
    camera: str = "Nikon D850"
    megapixels: float = 24.0
    design: str = "flat"


NAMES = {
    "Nikon D850": ExifNames("NIKON CORPORATION", "NIKON D850"),
    "Nikon D500": ExifNames("NIKON CORPORATION", "NIKON D500"),
    "Canon EOS 5D Mark IV": ExifNames("Canon", "Canon EOS 5D Mark IV"),
    "Canon EOS 80D": ExifNames("Canon", "Canon EOS 80D"),
    "OM-1": ExifNames("OM Digital Solutions", "OM-1"),
}
"""In the photos' metadata: a body whose sensor is another than the lens's picture would be told of."""
CASES = (
    Case(24.0, 1.4),
    Case(35.0, 1.4),
    Case(50.0, 1.2, focal_lengths=50.0),
    Case(50.0, 1.8),
    Case(50.0, 4.0, camera="Canon EOS 5D Mark IV"),
    Case(85.0, 1.4),
    Case(85.0, 1.8, "aps-c", 25.0, camera="Nikon D500", megapixels=20.0),
    Case(105.0, 2.8, focal_lengths=25.0, megapixels=45.0),
    Case(135.0, 2.0, focal_lengths=45.0),
    Case(200.0, 2.8),
    Case(70.0, 5.6, "aps-c-canon", camera="Canon EOS 80D"),
    Case(25.0, 1.8, "micro-four-thirds", camera="OM-1", megapixels=20.0),
    Case(50.0, 1.8, design="zfold"),
    Case(50.0, 2.8, camera="Canon EOS 5D Mark IV", design="zfold"),
    Case(85.0, 1.4, design="zfold"),
    Case(85.0, 1.8, "aps-c", 25.0, camera="Nikon D500", megapixels=20.0, design="zfold"),
    Case(200.0, 2.8, design="zfold"),
)


def plan_of(case: Case) -> Plan:
    sensor = SENSORS_MM[case.sensor]
    distance = case.focal_lengths * case.focal_length_mm
    pixels = pixels_of(case.megapixels, sensor)
    setup = Setup(case.focal_length_mm, case.f_number, sensor, distance, pixels)
    return make_plan(setup, find_makers(case.camera)[0], design=case.design)


def shots_of(plan: Plan, seed: int, count: int = SHOTS_EACH, camera: str = "Nikon D850") -> list[StudyShot]:
    """Return shots as planned; a sheet of another size than its paper's cannot be simulated here."""
    rng = np.random.default_rng(seed)
    setup, chart = plan.setup, plan.sheet.chart
    assert chart.scale == 1.0
    step_mm = plan.step.mm if plan.step else sum(plan.depth_of_field_mm) / 10
    width, height = setup.sensor_mm
    return [
        StudyShot(
            offset_mm=float(rng.uniform(-1, 1)) * LARGEST_ERROR_STEPS * step_mm,
            pose=SheetPose(
                chart.mark_tilt_deg, *(float(turn) for turn in rng.uniform(-2, 2, 2)), setup.distance_mm
            ),
            lens=Lens(setup.focal_length_mm, setup.f_number),
            paper=chart.paper,
            design=chart.design,
            names=NAMES[camera],
            sensor=Sensor(
                width_mm=width,
                pixels=(setup.pixels, round(setup.pixels * height / width)),
                orientation=6 if plan.sheet.camera == "upright" else 1,
            ),
            seed=1000 * seed + number,
        )
        for number in range(count)
    ]


def ratio(plan: Plan, results: list[StudyResult]) -> float:
    """Return measured over predicted half width, means over the shots that were measured."""
    good = [result for result in results if result.error_mm is not None]
    predicted = [interval.half_width_mm for interval in intervals(plan, good)]
    return float(np.mean([result.half_width_mm for result in good]) / np.mean(predicted))


def intervals(plan: Plan, results: list[StudyResult]) -> list[ExpectedInterval]:
    """Return what is predicted for the offset of each shot."""
    found = [expected_interval(plan.sheet.chart, plan.setup, result.shot.offset_mm) for result in results]
    assert None not in found
    return [interval for interval in found if interval is not None]


def row(case: Case, plan: Plan, results: list[StudyResult]) -> str:
    chart = plan.sheet.chart
    good = [result for result in results if result.error_mm is not None]
    predicted = np.mean([interval.half_width_mm for interval in intervals(plan, good)])
    bound = np.mean([interval.bound_mm for interval in intervals(plan, good)])
    measured = np.mean([result.half_width_mm for result in good])
    fit = np.mean([(result.measurement.interval_budget_mm or {})["fit"] for result in good])
    error = max(abs(result.error_mm or 0.0) for result in good)
    return (
        f"| {case.focal_length_mm:g} mm f/{case.f_number:g} | {case.sensor}, {case.megapixels:g} MP "
        f"| {plan.setup.distance_mm / 1000:.2f} m | {chart.design} {chart.paper} | {predicted:.3f} mm | {measured:.3f} mm "
        f"| {ratio(plan, results):.2f} | {fit / bound:.2f} | {error:.3f} mm | {len(good)} |"
    )


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    lines = [HEAD.format(stamp=stamp(), each=SHOTS_EACH, steps=LARGEST_ERROR_STEPS)]
    plans = [plan_of(case) for case in CASES]
    shots = [
        shot
        for number, (case, plan) in enumerate(zip(CASES, plans, strict=True))
        for shot in shots_of(plan, SEED + number, camera=case.camera)
    ]
    results = list(run_study(shots))
    for number, (case, plan) in enumerate(zip(CASES, plans, strict=True)):
        lines.append(row(case, plan, results[SHOTS_EACH * number : SHOTS_EACH * (number + 1)]))
    RESULT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
