"""The one way to set up and shoot, as constants and sentences, for page 2, `plan`, findings and docs.

A step is a word and a sentence or three, with commands between backticks. Distances are counted in focal lengths,
from the lens to the AF mark: that fixes how large an AF area is on the sheet, and how much of it shows blur.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from .chart import Chart

SHOTS = 8
"""At a setting: with a scatter of 2 steps, as cameras have it, their mean is known within 1.7 steps at 95 %."""
SETTING, OTHER_SETTING = 0, 10
"""Ten steps show over the scatter what one step does, and which way; every dial has as many (Pentax no more)."""
ALL_SHOTS = 2 * SHOTS
"""Of one series."""
SWEEP_SETTINGS, SWEEP_SHOTS = (-20, -10, 0, 10, 20), 4
"""For an upright chart, which shows how blurred the mark is, not on which side focus lies: a parabola has three
numbers, and four settings at least tell whether it is one."""
REFERENCE_SHOTS = 3
"""Focused in magnified live view; by hand they scatter far less than autofocus does."""

NEAREST = 25
"""Focal lengths. Makers and testers ask for 25 to 50 and more (LensAlign 25, Nikon's service 30, Canon 50): nearer,
lenses have other errors than at the distances that they are used at."""
USUAL = 30
"""Focal lengths: within that, and near enough for an A4 sheet."""
LEAST = 15
"""Focal lengths; nearer, the best setting drifts from that for usual distances (reikanfocal.com/help1/0052)."""
DEPTH_SEEN = 0.0202
"""Depth in mm that must be seen on either side of the mark, over f-number and squared distance in focal lengths:
at its end defocus blurs as much as 24 MP on full frame do. Well-focused shots of the virtual camera gave no warning
from 0.0203 on and mostly one up to 0.0197 (folded card on A4 and Letter, f/1.4 to f/5.6)."""
FASTEST, SLOW = 1.0, (2.0, 2.8, 4.0, 5.6)
"""f-numbers: one at which the quiet zone alone bounds the distance, and those for which the depth is looked at."""
MM_PER_FOOT, MM_PER_INCH = 304.8, 25.4
IN_FEET = ("letter", "tabloid")
"""Papers of countries that measure in feet and inches."""
TUNE = "backfocus tune FOLDER"
SETTING_IN_PHOTOS = "Canon, Nikon, Olympus, Pentax and Sony"
"""Makers whose photos tell the setting in force."""
PLUS = f"{OTHER_SETTING:+d}"

SHOOT_BOTH = f"{SHOTS} photos with AF fine-tune (AF microadjustment) at {SETTING} and {SHOTS} at {PLUS}"
DEFOCUS = (
    "Before each turn the focus well away by hand, half of the times nearer, half farther, and let autofocus find "
    "the mark."
)
AUTOFOCUS = "single AF point on the mark, AF-S (Canon: One Shot), release priority off"
VIEWFINDER = "a DSLR focuses through its viewfinder (phase AF), never in live view: the setting does nothing there."
BOARD = "the sheet flat to stiff board"
SWEEP = (
    f"{SWEEP_SHOTS} photos at each of {len(SWEEP_SETTINGS)} settings over the whole range, such as "
    f"{', '.join(f'{setting:+d}' if setting else '0' for setting in SWEEP_SETTINGS)}"
)
MIRRORLESS = (
    f"`backfocus cameras` tells which have a setting; without one, {SHOTS} photos tell error and scatter. "
    "Viewfinder and screen focus alike, on the sensor."
)
PHONE = (
    "main camera at 1\N{MULTIPLICATION SIGN}, portrait mode off, as near as the whole sheet fits. Before each of "
    f"{SHOTS} photos tap something nearer or farther, then the mark. There is nothing to dial."
)


class Step(NamedTuple):
    """One step: what it is about in a word, and what to do."""

    word: str
    text: str


def steps(chart: Chart, in_pack: bool = False) -> tuple[Step, ...]:
    """Return what to do with a chart, from the printer to the setting.

    Args:
        chart: the printed chart.
        in_pack: whether a workshop gave it out, where someone collects the photos.
    """
    return (
        *_making(chart),
        Step("Distance", _distance(chart)),
        Step("Camera", f"aperture fully open, {AUTOFOCUS}. Low ISO, good even light, stabiliser off, self-timer."),
        Step("Viewfinder", VIEWFINDER),
        Step("Self-test", _self_test(chart)),
        Step("Shoot", f"{SHOOT_BOTH if chart.has_depth else SWEEP}. {DEFOCUS}"),
        Step("Tune", _tuning(in_pack)),
    )


def others() -> tuple[Step, ...]:
    """Return what differs for cameras that are no DSLRs."""
    return (Step("Mirrorless", MIRRORLESS), Step("Phone", PHONE))


def distances(chart: Chart, f_number: float = FASTEST) -> tuple[int, int]:
    """Return from how many focal lengths to how many a chart is good for.

    From `NEAREST` on, as far as an AF area of usual size sees nothing but the quiet zone, and as far as the sheet
    is deep enough to show blur on both sides of the mark at that f-number. A small sheet may end before `NEAREST`.
    """
    farthest = chart.widest_distance_over_focal_length
    if chart.has_depth:
        farthest = min(farthest, math.sqrt(least_depth_mm(chart) / (DEPTH_SEEN * f_number)))
    return min(NEAREST, int(farthest)), int(farthest)


def distance_words(chart: Chart, f_number: float = FASTEST) -> str:
    """Return the distances that a chart is good for in words, such as "25 to 36 focal lengths"."""
    nearest, farthest = distances(chart, f_number)
    return f"{nearest} to {farthest} focal lengths" if nearest < farthest else f"{farthest} focal lengths"


def slow_distances(chart: Chart) -> list[tuple[float, int | None]]:
    """Return the f-numbers that bind to less than the quiet zone does, and the largest distance for each.

    None stands for lenses that the sheet has not the depth for, from `LEAST` on.
    """
    told, (_, most) = [], distances(chart)
    for f_number in SLOW:
        _, farthest = distances(chart, f_number)
        if farthest < most:
            told.append((f_number, farthest if farthest >= LEAST else None))
    return told


def least_depth_mm(chart: Chart) -> float:
    """Return how far edges reach in front of the mark or behind it, whichever is less, set up as printed, mm."""
    hinges = {panel.name: panel.hinge_page_mm for panel in chart.panels}
    towards_far, (mark_x, mark_y) = chart.far_direction_page, chart.af_mark_page_mm
    slope, reached = math.sin(math.radians(chart.angle_deg)), {-1.0: 0.0, 1.0: 0.0}
    for edge in chart.edges:
        hinge = hinges[edge.panel]
        if hinge is None and len(chart.panels) > 1:
            continue
        from_x, from_y = (mark_x, mark_y) if hinge is None else hinge[0]
        for x, y in (edge.from_page_mm, edge.to_page_mm):
            out = (x - from_x) * towards_far[0] + (y - from_y) * towards_far[1]
            side = math.copysign(1.0, out)
            reached[side] = max(reached[side], abs(out) * slope)
    return min(reached.values())


def metres(distance_mm: float) -> str:
    """Return a distance in metres, without the unit: to the centimetre, from 10 m on to the decimetre."""
    return f"{distance_mm / 1000:.2f}" if distance_mm < 9995 else f"{distance_mm / 1000:.1f}"


def feet(distance_mm: float) -> str:
    """Return a distance in feet, without the unit, to a tenth."""
    return f"{distance_mm / MM_PER_FOOT:.1f}"


def metres_and_feet(distance_mm: float) -> str:
    """Return a distance in both units."""
    return f"{metres(distance_mm)} m ({feet(distance_mm)} ft)"


def _making(chart: Chart) -> tuple[Step, ...]:
    """Return how the sheet is made, and where the camera stands, each design in its own way."""
    folded, bar = len(chart.panels) > 1, _length(chart, chart.check_bars[0].length_mm, digits=2)
    paper, bars = " on stiff paper" if folded else "", f"Both check bars on page 1 must measure {bar}."
    printing = Step("Print", f"both pages{paper} at 100 %, never fitted to the page. {bars}")
    if folded:
        return (
            printing,
            Step(
                "Fold",
                "score both lines along a ruler, from edge to edge. Left wing towards you (dashed line), right "
                "wing away from you (dashes and dots).",
            ),
            Step(
                "Stand",
                "set it on the fold gauge of page 2, folds on the cross lines, wings along the slanted ones. A few "
                "degrees more or less do no harm: the photo tells them. Take page 2 away again.",
            ),
            Step(
                "Tripod",
                "straight in front of the middle panel, level with the AF mark, both wings in the picture.",
            ),
        )
    if chart.has_depth:
        lean = f"the far edge leans back {chart.angle_deg:g}° from upright"
        return (
            printing,
            Step("Glue", f"{BOARD}, and the stand of page 2 to its back: {lean}."),
            Step(
                "Tripod",
                "level with the AF mark, straight in front of it: left and right border of the sheet look alike.",
            ),
        )
    return (
        printing,
        Step("Glue", f"{BOARD}, upright, or to a wall. Where it bulges, it has another depth."),
        Step(
            "Tripod",
            "straight in front of the AF mark: opposite borders of the sheet look parallel and equally long.",
        ),
    )


def _distance(chart: Chart) -> str:
    """Return how far away to go, with all f-numbers that are bound to less."""
    told = [
        f"f/{f_number:g}: {'not with this sheet' if farthest is None else f'up to {farthest}'}"
        for f_number, farthest in slow_distances(chart)
    ]
    but = f" ({', '.join(told)})" if told else ""
    larger = "" if chart.has_depth else "; a larger print goes farther"
    return f"{distance_words(chart)} from lens to AF mark{but}{larger}."


def _self_test(chart: Chart) -> str:
    size = _length(chart, *(round(side) for side in chart.quiet_zone_mm))
    return (
        f"cover the quiet zone, {size} around the mark, with white paper and focus. Autofocus must give up; if it "
        "finds something, choose a smaller AF area or go closer."
    )


def _tuning(in_pack: bool) -> str:
    """Return what to do with the photos."""
    photos = (
        "hand your photos in, the chart's id tells whose they are; or copy them" if in_pack else "copy the photos"
    )
    return (
        f"{photos} into a folder and run `{TUNE}`: it says what to dial. Then {SHOTS} more photos show whether it "
        f"helped. The setting is read from photos of {SETTING_IN_PHOTOS}; name others {PLUS}_001.jpg."
    )


def _length(chart: Chart, *sides_mm: float, digits: int = 1) -> str:
    """Return a length, or a width and a height, in mm, and in inches where paper is measured in them."""
    times = " \N{MULTIPLICATION SIGN} "
    told = f"{times.join(f'{side:.4g}' for side in sides_mm)} mm"
    if chart.paper in IN_FEET:
        told += f" ({times.join(f'{side / MM_PER_INCH:.{digits}f}' for side in sides_mm)} in)"
    return told
