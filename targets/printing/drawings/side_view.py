"""Drawing of the set-up from the side: camera, distance, angle and the leaning sheet."""

from __future__ import annotations

import math

from backfocus.targets.chart import Label, Point
from backfocus.targets.printing.page_canvas import PageCanvas, arc
from backfocus.targets.typography import CAPITALS

WIDTH, HEIGHT = 116.0, 50.0
SHEET_HALF_LENGTH = 19.0
SUPPORTED = 1.16
"""How far up the sheet its support reaches, over its half length."""
THIN, MEDIUM, THICK = 0.2, 0.45, 0.9


def draw_side_view(page: PageCanvas, at: Point, angle_deg: float, distance: str, font_mm: float) -> None:
    """Draw the set-up into a field of `WIDTH` by `HEIGHT` mm with its top-left corner at `at`.

    The optical axis is level, so that the sheet leans from the upright by the tilt, which is the angle between its
    normal and that axis.

    Args:
        page: what to draw on.
        at: top-left corner of the field.
        angle_deg: tilt, degrees.
        distance: words for the distance from lens to AF mark.
        font_mm: font size of the words.
    """
    left, top = at
    lean = math.radians(angle_deg)
    up = (math.sin(lean), -math.cos(lean))
    table = top + HEIGHT - 10.0
    mark = (left + WIDTH - 34.0, table - SHEET_HALF_LENGTH * math.cos(lean))
    lens = (left + 27.0, mark[1])

    _draw_stand(page, mark, up, table)
    draw_camera(page, lens, top + HEIGHT)
    page.line((lens, mark), THIN, dash_mm=1.2)
    _draw_angle(page, mark, angle_deg, font_mm)
    draw_distance(page, lens, mark, lens[1] - 12.0, distance, font_mm)
    page.line((_moved(mark, up, -SHEET_HALF_LENGTH), _moved(mark, up, SHEET_HALF_LENGTH)), THICK)
    page.fill([arc(mark, 1.1, 0.0, 360.0)])
    far = _moved(mark, up, SHEET_HALF_LENGTH)
    page.label(Label("far edge", (far[0] + 1.5, far[1] + font_mm / 2), font_mm))
    page.label(Label("AF mark", (mark[0] - 2.0, mark[1] - 0.5 * font_mm), font_mm, "end"))


def _draw_stand(page: PageCanvas, mark: Point, up: Point, table: float) -> None:
    """Draw the support behind the sheet and the table below both."""
    near = _moved(mark, up, -SHEET_HALF_LENGTH)
    top = _moved(near, up, SUPPORTED * SHEET_HALF_LENGTH)
    page.fill([(near, top, (top[0], table))], grey=0.85)
    page.line(((near[0] - 6.0, table), (near[0] + 40.0, table)), MEDIUM)
    for x in (near[0] - 2.0, near[0] + 36.0):
        page.line(((x, table), (x, table + 10.0)), MEDIUM)


def draw_camera(page: PageCanvas, lens: Point, floor: float) -> None:
    """Draw a camera on a tripod, with the front of its lens at `lens`."""
    x, y = lens
    page.fill([_box(x - 9.0, y - 2.9, 9.0, 5.8)], grey=0.55)
    page.fill([_box(x - 18.0, y - 4.5, 9.0, 9.0), _box(x - 16.0, y - 6.3, 5.0, 1.9)])
    hub = (x - 13.5, y + 6.5)
    page.line(((hub[0], y + 4.5), hub), THICK)
    for foot in (-8.0, 0.0, 8.0):
        page.line((hub, (hub[0] + foot, floor)), MEDIUM)


def _draw_angle(page: PageCanvas, mark: Point, angle_deg: float, font_mm: float) -> None:
    """Draw the angle between the upright through the AF mark and the sheet."""
    page.line((mark, (mark[0], mark[1] - 17.0)), THIN, dash_mm=0.6)
    page.line(arc(mark, 10.0, 90.0, 90.0 - angle_deg), THIN)
    lean = math.radians(angle_deg)
    end = _moved(mark, (math.sin(lean), -math.cos(lean)), 10.0)
    behind = _moved(end, (math.cos(lean), math.sin(lean)), 2.0 * font_mm)
    page.label(
        Label(f"{angle_deg:g}°", (behind[0], behind[1] + CAPITALS / 2 * font_mm), font_mm, "middle", bold=True)
    )


def draw_distance(page: PageCanvas, lens: Point, mark: Point, y: float, distance: str, font_mm: float) -> None:
    """Draw the dimension line from the front of the lens to the AF mark at the height `y` of the page."""
    page.line((lens, (lens[0], y + math.copysign(1.5, y - lens[1]))), THIN, dash_mm=0.6)
    page.line(((lens[0], y), (mark[0], y)), THIN)
    for x, inwards in ((lens[0], 2.2), (mark[0], -2.2)):
        page.fill([((x, y), (x + inwards, y - 0.7), (x + inwards, y + 0.7))])
    page.label(Label(distance, ((lens[0] + mark[0]) / 2, y - 0.4 * font_mm), font_mm, "middle"))


def _moved(point: Point, direction: Point, by: float) -> Point:
    return (point[0] + direction[0] * by, point[1] + direction[1] * by)


def _box(x: float, y: float, width: float, height: float) -> list[Point]:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
