"""A test planned: which sheet, where to stand, how many shots it takes; in words and as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from backfocus.targets.protocol import (
    ALL_SHOTS,
    DEFOCUS,
    LEAST,
    OTHER_SETTING,
    SETTING,
    SHOOT_BOTH,
    SHOTS,
    TUNE,
    distance_words,
    metres_and_feet,
)

from ..cameras.makers import Offer
from ..cameras.names import Found
from ..fit.interval import PRINT_SCALE, TWO_SIDED_95
from ..formats import as_json
from ..lens import depth_of_field_mm, distance_from_sensor_mm, offset_of_defocus_mm
from .precision import (
    PLANNED,
    USUAL_SCATTER_STEPS,
    PlannedSheet,
    Setup,
    choose_sheet,
)
from .statistics import t_quantile

HEADING_WIDTH = 16


def make_plan(
    setup: Setup,
    camera: Found | None = None,
    paper: str | None = None,
    scatter_steps: float = USUAL_SCATTER_STEPS,
    design: str = PLANNED[0],
) -> Plan:
    """Return the plan for a lens, a sensor and a distance.

    Args:
        setup: lens, sensor and distance.
        camera: maker and model; None if not named, and the plan is then silent about steps.
        paper: the only paper to use; None for A4 and A3.
        scatter_steps: standard deviation of autofocus from shot to shot, in steps.
        design: "flat" or "zfold".
    """
    step = None if camera is None else _step_here(camera, setup)
    sheet = choose_sheet(setup, None if step is None else step.mm, paper, design)
    offers = None if camera is None else camera.maker.offers(camera.model)
    sd_steps = math.hypot(scatter_steps, _measuring_sd_steps(sheet, step))
    return Plan(
        setup=setup,
        camera=None if camera is None else _title(camera),
        offers=offers,
        sheet=sheet,
        depth_of_field_mm=depth_of_field_mm(
            setup.focal_length_mm, setup.f_number, setup.distance_mm, setup.circle_mm
        ),
        step=step,
        scatter_steps=scatter_steps,
        sd_steps=sd_steps,
        shots=SHOTS if offers == "no" else ALL_SHOTS,
        settings=() if offers == "no" else (SETTING, OTHER_SETTING),
        setting_half_width_steps=None if offers == "no" else setting_half_width(sd_steps),
        notes=tuple(_notes(setup, camera, step)),
    )


@dataclass(frozen=True)
class Plan:
    """What to print, where to stand, what to expect.

    Attributes:
        camera: maker and model, None if not named; `offers` whether it has a setting to dial.
        depth_of_field_mm: in front of and behind the AF mark; behind may be infinite.
        step: of the camera; None where it is not named or its step not known.
        scatter_steps: standard deviation of autofocus that `shots` reckons with.
        sd_steps: the same with what measuring adds, where the step is known.
        shots: to take, at `settings`, as many at each; at none where there is nothing to dial.
        setting_half_width_steps: of the 95 % interval of the setting that they tell, if it is at one of the
            two; half way between it is narrower by 1.4. None where there is nothing to dial.
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
    shots: int
    settings: tuple[int, ...]
    setting_half_width_steps: float | None
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
        setup, sheet, chart = self.setup, self.sheet, self.sheet.chart
        interval = sheet.interval
        told: dict[str, Any] = as_json(
            PlanJson(
                schema="backfocus/plan/1",
                focal_length_mm=setup.focal_length_mm,
                f_number=setup.f_number,
                sensor_mm=setup.sensor_mm,
                pixels=setup.pixels,
                camera=self.camera,
                camera_offers_setting=self.offers,
                distance_mm=setup.distance_mm,
                distance_from_sensor_mm=self.tape_mm,
                distance_in_focal_lengths=setup.distance_mm / setup.focal_length_mm,
                chart=PlannedChart(
                    design=chart.design,
                    paper=chart.paper,
                    scale=chart.scale,
                    angle_deg=chart.angle_deg,
                    page_mm=chart.page_mm,
                    good_up_to_focal_lengths=chart.widest_distance_over_focal_length,
                    command=self.print_command,
                ),
                camera_held=sheet.camera,
                sheet_in_picture=sheet.fills,
                depth_range_mm=sheet.depth_range_mm,
                depth_of_field_mm=self.depth_of_field_mm,
                half_width_mm=None if interval is None else interval.half_width_mm,
                interval_budget_mm=None
                if interval is None
                else IntervalParts(interval.fit_mm, interval.print_mm, interval.model_mm, interval.folds_mm),
                step=self.step,
                scatter_steps=self.scatter_steps,
                sd_steps=self.sd_steps,
                shots=self.shots,
                settings=self.settings,
                setting_half_width_steps=self.setting_half_width_steps,
                notes=(*self.notes, *sheet.doubts),
            )
        )
        return told


@dataclass(frozen=True, kw_only=True)
class PlanJson:
    """A plan in the form of its JSON."""

    schema: Literal["backfocus/plan/1"]
    focal_length_mm: float
    f_number: float
    sensor_mm: tuple[float, float]
    pixels: int
    camera: str | None
    camera_offers_setting: Offer | None
    distance_mm: float
    distance_from_sensor_mm: float
    distance_in_focal_lengths: float
    chart: PlannedChart
    camera_held: Literal["upright", "across"]
    sheet_in_picture: float
    depth_range_mm: tuple[float, float]
    depth_of_field_mm: tuple[float, float]
    half_width_mm: float | None
    interval_budget_mm: IntervalParts | None
    step: StepHere | None
    scatter_steps: float
    sd_steps: float
    shots: int
    settings: tuple[int, ...]
    setting_half_width_steps: float | None
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PlannedChart:
    """The sheet to print."""

    design: str
    paper: str
    scale: float
    angle_deg: float
    page_mm: tuple[float, float]
    good_up_to_focal_lengths: float
    command: str


@dataclass(frozen=True)
class IntervalParts:
    """Half widths of the parts of the interval, mm."""

    fit: float
    print: float
    model: float
    folds: float


@dataclass(frozen=True)
class StepHere:
    """How far one AF step moves focus: at the sensor, and at the planned distance, with least and greatest size."""

    um: float
    mm: float
    mm_low: float
    mm_high: float
    basis: str
    grade: str


def _title(camera: Found) -> str:
    # What is called by its sort, such as phones, is called by its own name where that is known.
    maker = None if camera.maker.kind == "class" and camera.model else camera.maker.name
    return " ".join(filter(None, [maker, camera.title]))


def _step_here(camera: Found, setup: Setup) -> StepHere | None:
    maker = camera.maker
    step = maker.step_for(setup.sensor_mm[0])
    if step is None or maker.offers(camera.model) == "no":
        return None
    factor = setup.f_number if step.per_f_number else 1.0
    um, low, high = (size * factor for size in (step.um, step.um_low, step.um_high))
    mm, mm_low, mm_high = (_at_mark_mm(setup, size) for size in (um, low, high))
    return StepHere(um, mm, mm_low, mm_high, step.basis, step.evidence.grade)


def _at_mark_mm(setup: Setup, um: float) -> float:
    """Return the depth of a step: half of what a step to either side moves focus, which differ a little."""
    ends = [offset_of_defocus_mm(setup.focal_length_mm, setup.distance_mm, sign * um) for sign in (1, -1)]
    return (ends[0] - ends[1]) / 2 if math.isfinite(ends[0]) else -ends[1]


def _measuring_sd_steps(sheet: PlannedSheet, step: StepHere | None) -> float:
    if sheet.interval is None or step is None:
        return 0.0
    return sheet.interval.half_width_mm / TWO_SIDED_95 / step.mm


def setting_half_width(sd_steps: float) -> float:
    """Return the 95 % half width of the setting that both groups of shots tell, if it is at one of their settings.

    The line through two means of n shots each is known there as well as that mean is, to sd / sqrt(n);
    2 n - 2 degrees of freedom tell the scatter (Student's t).
    """
    return t_quantile(ALL_SHOTS - 2) * sd_steps / math.sqrt(SHOTS)


def _notes(setup: Setup, camera: Found | None, step: StepHere | None) -> list[str]:
    notes = []
    if setup.distance_mm < LEAST * setup.focal_length_mm:
        notes.append(f"Nearer than {LEAST} focal lengths the best setting is not that for usual distances.")
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
        notes.append(f"Whether the {camera.title} has {maker.menu or 'such a setting'} is not on record here.")
    return notes


def plan_text(plan: Plan) -> str:
    """Return the plan in a few lines, what to do first."""
    setup = plan.setup
    width = f"{setup.sensor_mm[0]:g} x {setup.sensor_mm[1]:.3g} mm"
    camera = "" if plan.camera is None else f", {plan.camera}"
    opening = f"{setup.focal_length_mm:g} mm f/{setup.f_number:g} on a sensor of {width}{camera}"
    return "\n".join([opening, *(f"  {heading:<{HEADING_WIDTH}}{text}" for heading, text in rows_of(plan))])


def rows_of(plan: Plan) -> Iterator[tuple[str, str]]:
    """Return a plan as headings and sentences, what to do first."""
    chart, setup = plan.sheet.chart, plan.setup
    size = f"{chart.page_mm[0]:.0f} x {chart.page_mm[1]:.0f} mm"
    yield "Print", f"{chart.design} chart, {size}, at 100 %: {plan.print_command}"
    if len(chart.panels) > 1:
        yield "Fold the wings", f"{chart.angle_deg:g}°, one towards the camera and one away; the middle faces it"
    else:
        yield "Lean it back", f"{chart.angle_deg:g}°"
    yield (
        "Stand",
        f"{metres_and_feet(setup.distance_mm)} from lens to AF mark, {metres_and_feet(plan.tape_mm)} from the "
        f"sensor: {setup.distance_mm / setup.focal_length_mm:.0f} focal lengths; "
        f"at f/{setup.f_number:g} this sheet is good for {distance_words(chart, setup.f_number)}",
    )
    yield "Hold the camera", f"{plan.sheet.camera}; the sheet fills {plan.sheet.fills:.0%} of the picture"
    yield "It covers", _depth(plan)
    yield "Depth of field", _depth_of_field(plan)
    yield "One AF step", _step(plan)
    yield "One shot", _one_shot(plan)
    yield "Shoot", _shoot(plan)
    if plan.setting_half_width_steps is not None:
        yield "That tells", _told(plan.setting_half_width_steps, plan.scatter_steps)
    yield "Then", f"{TUNE}, with all photos in that folder"
    for note in (*plan.notes, *plan.sheet.doubts):
        yield "Note", note


def _depth(plan: Plan) -> str:
    near, far = plan.sheet.depth_range_mm
    steps = "" if plan.step is None else f", {min(-near, far) / plan.step.mm:.0f} AF steps to either side"
    return f"{-near:.0f} mm in front of the AF mark to {far:.0f} mm behind it{steps}"


def _depth_of_field(plan: Plan) -> str:
    front, behind = plan.depth_of_field_mm
    far = f"{behind:.1f} mm" if math.isfinite(behind) else "everything"
    return f"{front:.1f} mm in front, {far} behind"


def _step(plan: Plan) -> str:
    step = plan.step
    if plan.offers == "no":
        return "none: there is nothing to dial"
    if step is None:
        return "not known" + ("" if plan.camera else "; name the camera with --camera")
    spread = "" if step.mm_low == step.mm_high else f" ({step.mm_low:.2g} to {step.mm_high:.2g})"
    return f"{step.mm:.2g} mm{spread} at this distance. {step.basis}"


def _one_shot(plan: Plan) -> str:
    if plan.sheet.interval is None:
        return "cannot tell focus"
    half = plan.sheet.interval.half_width_mm
    steps = "" if plan.step is None else f" ({half / plan.step.mm:.1g} AF steps)"
    return f"tells focus within ± {half:.2g} mm{steps}, and {PRINT_SCALE:.0%} of the error by the printer's scale"


def _shoot(plan: Plan) -> str:
    shots = f"{plan.shots} photos" if plan.offers == "no" else f"{SHOOT_BOTH}, through the viewfinder"
    return f"{shots}. {DEFOCUS}"


def _told(half_width: float, scatter_steps: float) -> str:
    return (
        f"the best setting within ± {half_width:.1f} steps, if it is from {SETTING} to {OTHER_SETTING:+d} and "
        f"single shots scatter by {scatter_steps:g} steps (--scatter)"
    )
