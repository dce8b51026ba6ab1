"""A plan in words."""

from __future__ import annotations

import math
from collections.abc import Iterator

from backfocus.verify.focus.interval import PRINT_SCALE
from backfocus.verify.planning.plan import Plan

HEADING_WIDTH = 16


def plan_text(plan: Plan) -> str:
    """Return the plan in a few lines, what to do first."""
    setup = plan.setup
    width = f"{setup.sensor_mm[0]:g} x {setup.sensor_mm[1]:.3g} mm"
    camera = "" if plan.camera is None else f", {plan.camera}"
    opening = f"{setup.focal_length_mm:g} mm f/{setup.f_number:g} on a sensor of {width}{camera}"
    return "\n".join([opening, *(f"  {heading:<{HEADING_WIDTH}}{text}" for heading, text in _rows(plan))])


def _rows(plan: Plan) -> Iterator[tuple[str, str]]:
    chart, setup = plan.sheet.chart, plan.setup
    size = f"{chart.page_mm[0]:.0f} x {chart.page_mm[1]:.0f} mm"
    yield "Print", f"{chart.design} chart, {size}, at 100 %: {plan.print_command}"
    yield "Lean it back", f"{chart.angle_deg:g}°"
    yield (
        "Stand",
        f"{setup.distance_mm / 1000:.2f} m from lens to AF mark ({plan.tape_mm / 1000:.2f} m from the sensor): "
        f"{setup.distance_mm / setup.focal_length_mm:.0f} focal lengths",
    )
    yield "Hold the camera", f"{plan.sheet.camera}; the sheet fills {plan.sheet.fills:.0%} of the picture"
    yield "It covers", _depth(plan)
    yield "Depth of field", _depth_of_field(plan)
    yield "One AF step", _step(plan)
    yield "One shot", _one_shot(plan)
    if plan.offers != "no":
        yield "Shots to take", _shots(plan)
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
    return f"{step.mm:.2g} mm{spread} at this distance. {step.basis}; evidence {step.grade}"


def _one_shot(plan: Plan) -> str:
    if plan.sheet.interval is None:
        return "cannot tell focus"
    half = plan.sheet.interval.half_width_mm
    steps = "" if plan.step is None else f" ({half / plan.step.mm:.1g} AF steps)"
    return f"known to +/- {half:.2g} mm{steps} at 95 %, and {PRINT_SCALE:.0%} of the offset by the printer's scale"


def _shots(plan: Plan) -> str:
    assumed = f"if autofocus scatters by {plan.scatter_steps:g} steps (standard deviation; --scatter)"
    if plan.shots is None:
        return f"more than anybody takes, {assumed}"
    return f"{plan.shots}, defocused before each, for a mean known to +/- 1 step at 95 %, {assumed}"
