"""Drawings of the set-up: from the side, from above, through the finder."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..chart import Chart, Label, Point
from ..parts import CAPITALS
from .canvas import PageCanvas, arc

# Drawing of the set-up from the side: camera, distance, angle and the leaning sheet.

SIDE_WIDTH, SIDE_HEIGHT = 116.0, 50.0
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
    table = top + SIDE_HEIGHT - 10.0
    mark = (left + SIDE_WIDTH - 34.0, table - SHEET_HALF_LENGTH * math.cos(lean))
    lens = (left + 27.0, mark[1])

    _draw_stand(page, mark, up, table)
    draw_camera(page, lens, top + SIDE_HEIGHT)
    page.line((lens, mark), THIN, dash_mm=1.2)
    _draw_side_angle(page, mark, angle_deg, font_mm)
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


def _draw_side_angle(page: PageCanvas, mark: Point, angle_deg: float, font_mm: float) -> None:
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


# Drawing of the folded sheet's set-up from above: camera, distance, and the sheet with its wings.

TOP_WIDTH, TOP_HEIGHT = 92.0, 50.0
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
    mark = (at[0] + TOP_WIDTH - 24.0, at[1] + TOP_HEIGHT / 2)
    lens = (at[0] + 19.0, mark[1])
    _draw_camera(page, lens)
    page.line((lens, mark), THIN, dash_mm=1.2)
    draw_distance(page, lens, mark, at[1] + TOP_HEIGHT - 2.0, distance, font_mm)
    fold = math.radians(angle_deg)
    back, aside = WING * math.sin(fold), WING * math.cos(fold)
    upper, lower = (mark[0], mark[1] - MIDDLE_HALF), (mark[0], mark[1] + MIDDLE_HALF)
    forward_end, back_end = (upper[0] - back, upper[1] - aside), (lower[0] + back, lower[1] + aside)
    page.line((forward_end, upper, lower, back_end), THICK)
    page.fill([arc(mark, 1.1, 0.0, 360.0)])
    _draw_top_angle(page, upper, 90.0, angle_deg)
    _draw_top_angle(page, lower, 270.0, angle_deg)
    number = (upper[0] + 1.5, upper[1] - 7.8 + CAPITALS / 2 * font_mm)
    page.label(Label(f"{angle_deg:g}°", number, font_mm, bold=True))
    page.label(Label("AF mark", (mark[0] + 2.0, mark[1] + CAPITALS / 2 * font_mm), font_mm))
    words = (forward_end[0] - 1.5, forward_end[1] + font_mm)
    page.label(Label("left wing comes forward", words, font_mm, "end"))
    page.label(Label("right wing goes back", (lower[0] - 2.0, lower[1] + 1.2 * font_mm), font_mm, "end"))


def _draw_top_angle(page: PageCanvas, fold: Point, start_deg: float, angle_deg: float) -> None:
    """Draw the angle between the middle panel's plane and a wing."""
    away = -13.0 if start_deg == 90.0 else 13.0
    page.line((fold, (fold[0], fold[1] + away)), THIN, dash_mm=0.6)
    page.line(arc(fold, 9.0, start_deg, start_deg + angle_deg), THIN)


def _draw_camera(page: PageCanvas, lens: Point) -> None:
    """Draw a camera from above, with the front of its lens at `lens`."""
    x, y = lens
    page.fill([[(x - 9.0, y - 3.2), (x, y - 3.2), (x, y + 3.2), (x - 9.0, y + 3.2)]], grey=0.55)
    page.fill([[(x - 15.0, y - 7.0), (x - 9.0, y - 7.0), (x - 9.0, y + 7.0), (x - 15.0, y + 7.0)]])


# Drawing of the upright sheet's set-up from the side: camera, distance and the sheet on a wall.

WALL_WIDTH, WALL_HEIGHT = 116.0, 50.0
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
    floor, wall = top + WALL_HEIGHT, left + WALL_WIDTH - WALL
    mark, lens = (wall - THICK / 2, top + 0.45 * WALL_HEIGHT), (left + 27.0, top + 0.45 * WALL_HEIGHT)
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


# Drawing of what the finder should show: the chart itself as a camera square to the AF mark sees it.

FINDER_WIDTH, FINDER_HEIGHT = 66.0, 44.0
FILLED = 0.86
"""Height of the sheet over that of the finder; drawn larger than at 25 focal lengths, to show the parts."""
AF_AREA = 0.6
"""Width of the drawn AF area over that of the quiet zone."""
DISTANCE_OVER_LENGTH = 4.0
"""A 50 mm lens at 25 focal lengths is as far from an A4 sheet as four times its length."""


def draw_finder_view(page: PageCanvas, at: Point, chart: Chart) -> None:
    """Draw the chart in a finder of `WIDTH` by `HEIGHT` mm with its top-left corner at `at`."""
    left, top = at
    page.fill(
        [
            (
                (left, top),
                (left + FINDER_WIDTH, top),
                (left + FINDER_WIDTH, top + FINDER_HEIGHT),
                (left, top + FINDER_HEIGHT),
            )
        ],
        grey=0.8,
    )
    project = _Perspective(chart, (left + FINDER_WIDTH / 2, top + FINDER_HEIGHT / 2))
    quiet = min(chart.quiet_zone_mm[0], chart.quiet_zone_mm[1] * math.cos(math.radians(chart.mark_tilt_deg)))
    area = AF_AREA * quiet * project.enlargement
    for panel in chart.panels:
        page.fill([project(panel.outline_page_mm)], grey=1.0)
    page.fill([project(marker.corners_page_mm) for marker in chart.markers])
    page.fill([project(chart.qr.corners_page_mm)], grey=0.35)
    for polygon in chart.polygons:
        page.fill([project(polygon.points_page_mm)])
    _draw_af_area(page, (left + FINDER_WIDTH / 2, top + FINDER_HEIGHT / 2), area)


def _draw_af_area(page: PageCanvas, centre: Point, side: float) -> None:
    """Draw the four corners of an AF area."""
    (x, y), half, arm = centre, side / 2, side / 5
    for sx in (-1, 1):
        for sy in (-1, 1):
            corner = (x + sx * half, y + sy * half)
            page.line(((corner[0] - sx * arm, corner[1]), corner, (corner[0], corner[1] - sy * arm)), 0.35)


class _Perspective:
    """Pinhole picture of the sheet as it is set up, with the AF mark in the middle of the picture."""

    def __init__(self, chart: Chart, centre: Point) -> None:
        self._mark, self._centre = chart.af_mark_page_mm, centre
        self._lean = math.radians(chart.mark_tilt_deg)
        self._wings = [
            (panel.hinge_page_mm[0][0] - self._mark[0], math.radians(panel.fold_deg))
            for panel in chart.panels
            if panel.hinge_page_mm is not None
        ]
        self._distance = DISTANCE_OVER_LENGTH * chart.page_mm[1]
        seen_height = chart.page_mm[1] * math.cos(self._lean)
        ends = [self._turned(x - self._mark[0])[0] for x in (0.0, chart.page_mm[0])]
        self.enlargement = FILLED * min(FINDER_HEIGHT / seen_height, FINDER_WIDTH / (ends[1] - ends[0]))

    def __call__(self, points: Sequence[Point]) -> list[Point]:
        return [self._point(*point) for point in points]

    def _point(self, x: float, y: float) -> Point:
        (across, nearer), up = self._turned(x - self._mark[0]), self._mark[1] - y
        away = self._distance + up * math.sin(self._lean) - nearer
        shrunk = self.enlargement * self._distance / away
        return (self._centre[0] + across * shrunk, self._centre[1] - up * math.cos(self._lean) * shrunk)

    def _turned(self, across: float) -> Point:
        """Return how far aside and how much nearer a point is, once the wing it may lie on is folded."""
        for fold_x, fold in self._wings:
            beyond = math.copysign(1.0, fold_x) * (across - fold_x)
            if beyond > 0.0:
                return (fold_x + math.copysign(beyond * math.cos(fold), fold_x), beyond * math.sin(fold))
        return (across, 0.0)
