"""Drawing of the upright sheet's set-up from the side: camera, distance and the sheet on a wall."""

from __future__ import annotations

from backfocus.targets.chart import Label, Point
from backfocus.targets.printing.drawings.side_view import MEDIUM, THICK, THIN, draw_camera, draw_distance
from backfocus.targets.printing.page_canvas import PageCanvas, arc

WIDTH, HEIGHT = 116.0, 50.0
SHEET_HALF_HEIGHT = 13.0
WALL = 5.0


def draw_wall_view(page: PageCanvas, at: Point, distance: str, font_mm: float) -> None:
    """Draw the set-up into a field of `WIDTH` by `HEIGHT` mm with its top-left corner at `at`.

    Args:
        page: what to draw on.
        at: top-left corner of the field.
        distance: words for the distance from lens to AF mark.
        font_mm: font size of the words.
    """
    left, top = at
    floor, wall = top + HEIGHT, left + WIDTH - WALL
    mark, lens = (wall - THICK / 2, top + 0.45 * HEIGHT), (left + 27.0, top + 0.45 * HEIGHT)
    page.fill([[(wall, top), (wall + WALL, top), (wall + WALL, floor), (wall, floor)]], grey=0.85)
    page.line(((left, floor), (wall, floor)), MEDIUM)
    draw_camera(page, lens, floor)
    page.line((lens, mark), THIN, dash_mm=1.2)
    draw_distance(page, lens, mark, lens[1] - 12.0, distance, font_mm)
    page.line(((mark[0], mark[1] - SHEET_HALF_HEIGHT), (mark[0], mark[1] + SHEET_HALF_HEIGHT)), THICK)
    page.fill([arc(mark, 1.1, 0.0, 360.0)])
    page.label(Label("AF mark", (mark[0] - 2.0, mark[1] - 0.5 * font_mm), font_mm, "end"))
    _draw_right_angle(page, mark)


def _draw_right_angle(page: PageCanvas, mark: Point) -> None:
    """Draw the sign of a right angle between the optical axis and the sheet."""
    x, y = mark
    page.line(((x - 4.0, y), (x - 4.0, y + 4.0), (x, y + 4.0)), THIN)
