"""Three small drawings of how the sheet is folded, from the left: scored, left wing forward, right wing back."""

from __future__ import annotations

import math
from collections.abc import Sequence

from backfocus.targets.chart import Label, Point
from backfocus.targets.printing.page_canvas import PageCanvas
from backfocus.targets.typography import LINE_SPACING

WIDTH, HEIGHT = 92.0, 50.0
MIDDLE, WING, TALL = 9.0, 7.0, 17.0
FOLDED_DEG = 45.0
SIDEWAYS, DOWN = 0.35, 0.5
"""Where on the drawing a millimetre towards the reader goes."""
LINE, FOLD_LINE = 0.3, 0.2
SHADES = (0.96, 0.88, 0.78)
"""Grey of the middle panel, and of a wing that is turned to the light or away from it."""


def draw_fold_drawings(page: PageCanvas, at: Point, font_mm: float) -> None:
    """Draw the three states of the sheet into a field of `WIDTH` by `HEIGHT` mm, each with its words below."""
    captions = (("score", "both lines"), ("left wing", "towards you"), ("right wing", "away from you"))
    states = ((0.0, 0.0), (FOLDED_DEG, 0.0), (FOLDED_DEG, FOLDED_DEG))
    for index, (forward_deg, back_deg) in enumerate(states):
        middle = (at[0] + WIDTH * (2 * index + 1) / 6, at[1] + 18.0)
        _draw_sheet(page, middle, forward_deg, back_deg)
        for row, text in enumerate(captions[index]):
            place = (middle[0], at[1] + 34.0 + (1.0 + LINE_SPACING * row) * font_mm)
            page.label(Label(text, place, font_mm, "middle"))


def _draw_sheet(page: PageCanvas, middle: Point, forward_deg: float, back_deg: float) -> None:
    """Draw the sheet in oblique projection, each wing turned by its fold."""
    half = MIDDLE / 2
    forward, back = math.radians(forward_deg), math.radians(back_deg)
    left_fold, right_fold = (-half, 0.0), (half, 0.0)
    left_end = (-half - WING * math.cos(forward), WING * math.sin(forward))
    right_end = (half + WING * math.cos(back), -WING * math.sin(back))
    shades = (SHADES[1 if forward_deg else 0], SHADES[2 if back_deg else 0])
    _draw_panel(page, middle, (right_fold, right_end), shades[1])
    _draw_panel(page, middle, (left_fold, right_fold), SHADES[0])
    _draw_panel(page, middle, (left_end, left_fold), shades[0])
    _draw_fold(page, middle, left_fold, (1.4, 0.8), solid=forward_deg > 0)
    _draw_fold(page, middle, right_fold, (1.6, 0.6, 0.3, 0.6), solid=back_deg > 0)
    page.fill([_square(_placed(middle, (0.0, 0.0), 0.0), 1.6)])


def _draw_panel(page: PageCanvas, middle: Point, ends: tuple[Point, Point], grey: float) -> None:
    """Draw a panel between two upright lines, each given by its place across and towards the reader."""
    corners = [_placed(middle, ends[0], 1.0), _placed(middle, ends[1], 1.0)]
    corners += [_placed(middle, ends[1], -1.0), _placed(middle, ends[0], -1.0)]
    page.fill([corners], grey=grey)
    page.line(corners, LINE, closed=True)


def _draw_fold(page: PageCanvas, middle: Point, fold: Point, pattern: Sequence[float], solid: bool) -> None:
    """Draw a fold line: solid once it is folded, else in the pattern of ink and gap that page 1 has."""
    if solid:
        return
    (x, top), (_, bottom) = _placed(middle, fold, 1.0), _placed(middle, fold, -1.0)
    # The outline between two flat panels is wiped away first.
    page.line(((x, top + LINE), (x, bottom - LINE)), 2 * LINE, grey=SHADES[0])
    start, index = top, 0
    while start < bottom:
        end = start + pattern[index % len(pattern)]
        if index % 2 == 0:
            page.line(((x, start), (x, min(end, bottom))), FOLD_LINE)
        start, index = end, index + 1


def _placed(middle: Point, place: Point, up: float) -> Point:
    across, nearer = place
    return (middle[0] + across - SIDEWAYS * nearer, middle[1] + DOWN * nearer - up * TALL / 2)


def _square(centre: Point, side: float) -> list[Point]:
    (x, y), half = centre, side / 2
    return [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
