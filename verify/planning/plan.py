"""The plan of a test: sheet, distance, and how many shots it takes to know the setting to a step."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from backfocus.verify.focus.interval import TWO_SIDED_95
from backfocus.verify.focus.optics import depth_of_field_mm, distance_from_sensor_mm, offset_of_defocus_mm
from backfocus.verify.planning.setup import USUAL_SCATTER_STEPS, Setup
from backfocus.verify.planning.sheet import PlannedSheet, choose_sheet
from backfocus.verify.tuning.lookup import Found
from backfocus.verify.tuning.makers import Offer, Step

PLAN_SCHEMA = "backfocus/plan/1"
USUAL_DISTANCE = 30.0
"""In focal lengths: within the 25 to 50 that makers and testers advise, and near enough for an A4 sheet."""
NEAREST_DISTANCE = 15.0
"""In focal lengths: nearer, the best setting drifts from that for usual distances (reikanfocal.com/help1/0052)."""
FEWEST_SHOTS, MOST_SHOTS = 5, 200
"""Fewer say nothing of the scatter itself; nobody takes more."""


@dataclass(frozen=True)
class StepHere:
    """How far one AF step moves focus: at the sensor, and at the planned distance, with least and greatest size."""

    um: float
    mm: float
    mm_low: float
    mm_high: float
    basis: str
    grade: str


@dataclass(frozen=True)
class Plan:
    """What to print, where to stand, what to expect.

    Attributes:
        camera: maker and model, None if not named; `offers` whether it has a setting to dial.
        depth_of_field_mm: in front of and behind the AF mark; behind may be infinite.
        step: of the camera; None where it is not named or its step not known.
        scatter_steps: standard deviation of autofocus that `shots` reckons with.
        sd_steps: the same with what measuring adds, where the step is known.
        shots: for a mean known to 1 step at 95 %; None for more than anybody takes, or where there are no steps.
        notes: what else the user must know, in sentences.
    """

    setup: Setup
    camera: str | None
    offers: Offer | None
    sheet: PlannedSheet
    depth_of_field_mm: tuple[float, float]
    step: StepHere | None
    scatter_steps: float
    sd_steps: float
    shots: int | None
    notes: tuple[str, ...]

    @property
    def tape_mm(self) -> float:
        """Distance from the camera's sensor to the AF mark."""
        return distance_from_sensor_mm(self.setup.focal_length_mm, self.setup.distance_mm)

    @property
    def print_command(self) -> str:
        """The command that makes the sheet."""
        chart = self.sheet.chart
        scale = "" if chart.scale == 1.0 else f" --scale {chart.scale:g}"
        return f"backfocus chart {chart.design} --paper {chart.paper}{scale}"

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as it stands in the JSON."""
        chart, interval = self.sheet.chart, self.sheet.interval
        return {
            "schema": PLAN_SCHEMA,
            "focal_length_mm": self.setup.focal_length_mm,
            "f_number": self.setup.f_number,
            "sensor_mm": list(self.setup.sensor_mm),
            "pixels": self.setup.pixels,
            "camera": self.camera,
            "camera_offers_setting": self.offers,
            "distance_mm": round(self.setup.distance_mm, 1),
            "distance_from_sensor_mm": round(self.tape_mm, 1),
            "distance_in_focal_lengths": round(self.setup.distance_mm / self.setup.focal_length_mm, 2),
            "chart": {
                "design": chart.design,
                "paper": chart.paper,
                "scale": chart.scale,
                "angle_deg": chart.angle_deg,
                "page_mm": [round(side, 1) for side in chart.page_mm],
                "good_up_to_focal_lengths": chart.widest_distance_over_focal_length,
                "command": self.print_command,
            },
            "camera_held": self.sheet.camera,
            "sheet_in_picture": round(self.sheet.fills, 3),
            "depth_range_mm": [round(end, 1) for end in self.sheet.depth_range_mm],
            "depth_of_field_mm": [
                round(part, 2) if math.isfinite(part) else None for part in self.depth_of_field_mm
            ],
            "half_width_mm": None if interval is None else round(interval.half_width_mm, 4),
            "interval_budget_mm": None
            if interval is None
            else {"fit": interval.fit_mm, "print": interval.print_mm, "model": interval.model_mm},
            "step": None if self.step is None else asdict(self.step),
            "scatter_steps": self.scatter_steps,
            "sd_steps": round(self.sd_steps, 3),
            "shots": self.shots,
            "notes": [*self.notes, *self.sheet.doubts],
        }


def make_plan(
    setup: Setup,
    camera: Found | None = None,
    paper: str | None = None,
    scatter_steps: float = USUAL_SCATTER_STEPS,
) -> Plan:
    """Return the plan for a lens, a sensor and a distance.

    Args:
        setup: lens, sensor and distance.
        camera: maker and model; None if not named, and the plan is then silent about steps.
        paper: the only paper to use; None for A4 and A3.
        scatter_steps: standard deviation of autofocus from shot to shot, in steps.
    """
    step = None if camera is None else _step_here(camera, setup)
    sheet = choose_sheet(setup, None if step is None else step.mm, paper)
    offers = None if camera is None else camera.maker.offers(camera.model)
    sd_steps = math.hypot(scatter_steps, _measuring_sd_steps(sheet, step))
    return Plan(
        setup=setup,
        camera=None if camera is None else " ".join(filter(None, [camera.maker.name, camera.model])),
        offers=offers,
        sheet=sheet,
        depth_of_field_mm=depth_of_field_mm(
            setup.focal_length_mm, setup.f_number, setup.distance_mm, setup.circle_mm
        ),
        step=step,
        scatter_steps=scatter_steps,
        sd_steps=sd_steps,
        shots=None if offers == "no" else shots_for_one_step(sd_steps),
        notes=tuple(_notes(setup, camera, step)),
    )


def shots_for_one_step(sd_steps: float) -> int | None:
    """Return how many shots make the mean's 95 % interval (Student's t) at most 1 step to either side."""
    from scipy.special import stdtrit

    return next(
        (
            count
            for count in range(FEWEST_SHOTS, MOST_SHOTS + 1)
            if stdtrit(count - 1, 0.975) * sd_steps / math.sqrt(count) <= 1.0
        ),
        None,
    )


def _step_here(camera: Found, setup: Setup) -> StepHere | None:
    maker = camera.maker
    step = maker.step_for(setup.sensor_mm[0])
    if step is None or maker.offers(camera.model) == "no":
        return None
    um, low, high = (size * (setup.f_number if step.per_f_number else 1.0) for size in _sizes(step))
    mm, mm_low, mm_high = (_at_mark_mm(setup, size) for size in (um, low, high))
    return StepHere(um, mm, mm_low, mm_high, step.basis, step.evidence.grade)


def _sizes(step: Step) -> tuple[float, float, float]:
    return step.um, step.um_low, step.um_high


def _at_mark_mm(setup: Setup, um: float) -> float:
    """Return the depth of a step: half of what a step to either side moves focus, which differ a little."""
    ends = [offset_of_defocus_mm(setup.focal_length_mm, setup.distance_mm, sign * um) for sign in (1, -1)]
    return (ends[0] - ends[1]) / 2 if math.isfinite(ends[0]) else -ends[1]


def _measuring_sd_steps(sheet: PlannedSheet, step: StepHere | None) -> float:
    if sheet.interval is None or step is None:
        return 0.0
    return sheet.interval.half_width_mm / TWO_SIDED_95 / step.mm


def _notes(setup: Setup, camera: Found | None, step: StepHere | None) -> list[str]:
    notes = []
    if setup.distance_mm < NEAREST_DISTANCE * setup.focal_length_mm:
        notes.append(
            f"Nearer than {NEAREST_DISTANCE:.0f} focal lengths the best setting is not that for usual distances."
        )
    if camera is not None:
        notes += _camera_notes(camera, step)
    return notes


def _camera_notes(camera: Found, step: StepHere | None) -> list[str]:
    maker, model = camera.maker, camera.model
    without = maker.without(model)
    if without is not None:
        return [f"There is nothing to dial: {without.reason}. {without.instead}"]
    notes = []
    if step is None:
        notes.append(f"How much one step moves focus is not known for {maker.name}.")
    if model is not None and maker.offers(model) == "unknown":
        notes.append(f"Whether the {model} has {maker.menu or 'such a setting'} is not on record here.")
    return notes
