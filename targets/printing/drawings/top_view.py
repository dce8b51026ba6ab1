"""Drawing of the folded sheet's set-up from above: camera, distance, and the sheet with its wings."""

from __future__ import annotations

import math

from backfocus.targets.chart import Label, Point
from backfocus.targets.printing.drawings.side_view import THICK, THIN, draw_distance
from backfocus.targets.printing.page_canvas import PageCanvas, arc
from backfocus.targets.typography import CAPITALS

WIDTH, HEIGHT = 92.0, 50.0
MIDDLE_HALF, WING = 9.5, 16.0


def draw_top_view(page: PageCanvas, at: Point, angle_deg: float, distance: str, font_mm: float) -> None:
    """Draw the set-up into a field of `WIDTH` by `HEIGHT` mm with its top-left corner at `at`.

    The camera looks to the right, so its left is up: there the wing comes forward.

    Args:
        page: what to draw on.
        at: top-left corner of the field.
        angle_deg: fold angle, degrees.
        distance: words for the distance from lens to AF mark.
        font_mm: font size of the words.
    """
    mark = (at[0] + WIDTH - 24.0, at[1] + HEIGHT / 2)
    lens = (at[0] + 19.0, mark[1])
    _draw_camera(page, lens)
    page.line((lens, mark), THIN, dash_mm=1.2)
    draw_distance(page, lens, mark, at[1] + HEIGHT - 2.0, distance, font_mm)
    fold = math.radians(angle_deg)
    back, aside = WING * math.sin(fold), WING * math.cos(fold)
    upper, lower = (mark[0], mark[1] - MIDDLE_HALF), (mark[0], mark[1] + MIDDLE_HALF)
    forward_end, back_end = (upper[0] - back, upper[1] - aside), (lower[0] + back, lower[1] + aside)
    page.line((forward_end, upper, lower, back_end), THICK)
    page.fill([arc(mark, 1.1, 0.0, 360.0)])
    _draw_angle(page, upper, 90.0, angle_deg)
    _draw_angle(page, lower, 270.0, angle_deg)
    number = (upper[0] + 1.5, upper[1] - 7.8 + CAPITALS / 2 * font_mm)
    page.label(Label(f"{angle_deg:g}°", number, font_mm, bold=True))
    page.label(Label("AF mark", (mark[0] + 2.0, mark[1] + CAPITALS / 2 * font_mm), font_mm))
    words = (forward_end[0] - 1.5, forward_end[1] + font_mm)
    page.label(Label("left wing comes forward", words, font_mm, "end"))
    page.label(Label("right wing goes back", (lower[0] - 2.0, lower[1] + 1.2 * font_mm), font_mm, "end"))


def _draw_angle(page: PageCanvas, fold: Point, start_deg: float, angle_deg: float) -> None:
    """Draw the angle between the middle panel's plane and a wing."""
    away = -13.0 if start_deg == 90.0 else 13.0
    page.line((fold, (fold[0], fold[1] + away)), THIN, dash_mm=0.6)
    page.line(arc(fold, 9.0, start_deg, start_deg + angle_deg), THIN)


def _draw_camera(page: PageCanvas, lens: Point) -> None:
    """Draw a camera from above, with the front of its lens at `lens`."""
    x, y = lens
    page.fill([[(x - 9.0, y - 3.2), (x, y - 3.2), (x, y + 3.2), (x - 9.0, y + 3.2)]], grey=0.55)
    page.fill([[(x - 15.0, y - 7.0), (x - 9.0, y - 7.0), (x - 9.0, y + 7.0), (x - 15.0, y + 7.0)]])
