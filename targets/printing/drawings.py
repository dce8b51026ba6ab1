"""Drawings of the set-up, each in a field of its own: from the side, on a wall, from above, through the finder.

Lengths are in mm from the field's top-left corner, y down; `font_mm` is the size of the words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..chart import Chart, Label, Point
from ..protocol import distance_words
from ..sheet import CAPITALS
from .canvas import PageCanvas, arc

SIDE_SIZE, WALL_SIZE, TOP_SIZE, FINDER_SIZE = (116.0, 46.0), (186.0, 46.0), (92.0, 50.0), (60.0, 40.0)
"""Width and height of the fields."""
THIN, MEDIUM, THICK = 0.2, 0.45, 0.9
DASH, DOT = (1.2,), (0.6,)
SIDE_LENS_X = 27.0
LEANING_HALF, UPRIGHT_HALF, MIDDLE_HALF, WING = 19.0, 13.0, 9.5, 16.0
"""Half lengths of the drawn sheets from the side, of the middle panel from above, and the length of a wing."""
TABLE_Y = 40.0
SUPPORTED = 1.16
"""How far up the sheet its support reaches, over its half length."""
WALL = 5.0
FILLED = 0.86
"""Height of the sheet over that of the finder; drawn larger than at 25 focal lengths, to show the parts."""
AF_AREA = 0.6
"""Width of the drawn AF area over that of the quiet zone."""
DISTANCE_OVER_LENGTH = 4.0
"""A 50 mm lens at 25 focal lengths is as far from an A4 sheet as four times its length."""


def draw_side_view(page: PageCanvas, chart: Chart, font_mm: float) -> None:
    """Draw camera and leaning sheet; the optical axis is level, so the sheet leans from the upright by the tilt."""
    lean = math.radians(chart.angle_deg)
    up = (math.sin(lean), -math.cos(lean))
    mark = (SIDE_SIZE[0] - 34.0, TABLE_Y + LEANING_HALF * up[1])
    near, far = _moved(mark, up, -LEANING_HALF), _moved(mark, up, LEANING_HALF)
    support = _moved(near, up, SUPPORTED * LEANING_HALF)
    page.fill([(near, support, (support[0], TABLE_Y))], grey=0.85)
    page.line(((near[0] - 6.0, TABLE_Y), (near[0] + 40.0, TABLE_Y)), MEDIUM)
    for x in (near[0] - 2.0, near[0] + 36.0):
        page.line(((x, TABLE_Y), (x, SIDE_SIZE[1])), MEDIUM)
    _draw_axis(page, (SIDE_LENS_X, mark[1]), mark, mark[1] - 12.0, font_mm, distance_words(chart))
    _draw_tripod(page, (SIDE_LENS_X, mark[1]))
    page.line((near, far), THICK)
    _draw_angle(page, mark, 17.0, (10.0, 90.0, 90.0 - chart.angle_deg))
    number = _moved(_moved(mark, up, 10.0), (-up[1], up[0]), 2.0 * font_mm)
    page.label(_centred(f"{chart.angle_deg:g}°", number, font_mm, bold=True))
    page.label(Label("far edge", (far[0] + 1.5, far[1] + font_mm / 2), font_mm))
    page.label(Label("AF mark", (mark[0] - 2.0, mark[1] - 0.5 * font_mm), font_mm, "end"))


def draw_wall_view(page: PageCanvas, chart: Chart, font_mm: float) -> None:
    """Draw camera and upright sheet on a wall from the side, with the sign of a right angle between them."""
    width, floor = WALL_SIZE
    x, y = mark = (width - WALL - THICK / 2, 0.45 * floor)
    page.box((width - WALL, 0.0), (WALL, floor), grey=0.85)
    page.line(((0.0, floor), (width - WALL, floor)), MEDIUM)
    _draw_axis(page, (SIDE_LENS_X, y), mark, y - 12.0, font_mm, distance_words(chart))
    _draw_tripod(page, (SIDE_LENS_X, y))
    page.line(((x, y - UPRIGHT_HALF), (x, y + UPRIGHT_HALF)), THICK)
    page.line(((x - 4.0, y), (x - 4.0, y + 4.0), (x, y + 4.0)), THIN)
    page.label(Label("AF mark", (x - 2.0, y - 0.5 * font_mm), font_mm, "end"))


def draw_top_view(page: PageCanvas, chart: Chart, font_mm: float) -> None:
    """Draw camera and folded sheet from above; the camera looks to the right, so its left wing is up."""
    width, height = TOP_SIZE
    x, y = mark = (width - 24.0, height / 2)
    _draw_axis(page, (19.0, y), mark, height - 2.0, font_mm, distance_words(chart))
    page.box((4.0, y - 7.0), (6.0, 14.0))
    page.box((10.0, y - 3.2), (9.0, 6.4), grey=0.55)
    fold = math.radians(chart.angle_deg)
    back, aside = WING * math.sin(fold), WING * math.cos(fold)
    upper, lower = (x, y - MIDDLE_HALF), (x, y + MIDDLE_HALF)
    forward_end, back_end = (x - back, upper[1] - aside), (x + back, lower[1] + aside)
    page.line((forward_end, upper, lower, back_end), THICK)
    _draw_angle(page, upper, 13.0, (9.0, 90.0, 90.0 + chart.angle_deg))
    _draw_angle(page, lower, -13.0, (9.0, 270.0, 270.0 + chart.angle_deg))
    middle = CAPITALS / 2 * font_mm
    page.label(Label(f"{chart.angle_deg:g}°", (x + 1.5, upper[1] - 7.8 + middle), font_mm, bold=True))
    page.label(Label("AF mark", (x + 2.0, y + middle), font_mm))
    page.label(Label("left wing comes forward", (forward_end[0] - 1.5, forward_end[1] + font_mm), font_mm, "end"))
    page.label(Label("right wing goes back", (x - 2.0, lower[1] + 1.2 * font_mm), font_mm, "end"))


def draw_finder_view(page: PageCanvas, chart: Chart, _font_mm: float) -> None:
    """Draw the chart itself as a camera square to the AF mark sees it, with the corners of an AF area."""
    page.box((0.0, 0.0), FINDER_SIZE, grey=0.8)
    project = _Perspective(chart)
    for panel in chart.panels:
        page.fill([project(panel.outline_page_mm)], grey=1.0)
    page.fill([project(marker.corners_page_mm) for marker in chart.markers])
    page.fill([project(chart.qr.corners_page_mm)], grey=0.35)
    for polygon in chart.polygons:
        page.fill([project(polygon.points_page_mm)], polygon.ink)
    quiet = min(chart.quiet_zone_mm[0], chart.quiet_zone_mm[1] * math.cos(math.radians(chart.mark_tilt_deg)))
    half = AF_AREA * quiet * project.enlargement / 2
    arm = 0.4 * half
    for sx, sy in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        x, y = FINDER_SIZE[0] / 2 + sx * half, FINDER_SIZE[1] / 2 + sy * half
        page.line(((x - sx * arm, y), (x, y), (x, y - sy * arm)), 0.35)


def _draw_axis(page: PageCanvas, lens: Point, mark: Point, y: float, font_mm: float, length: str) -> None:
    """Draw the optical axis to the AF mark, and its length as a dimension line at the height `y`."""
    page.line((lens, mark), THIN, dash_mm=DASH)
    page.line((lens, (lens[0], y + math.copysign(1.5, y - lens[1]))), THIN, dash_mm=DOT)
    page.line(((lens[0], y), (mark[0], y)), THIN)
    for x, inwards in ((lens[0], 2.2), (mark[0], -2.2)):
        page.fill([((x, y), (x + inwards, y - 0.7), (x + inwards, y + 0.7))])
    page.label(
        Label(
            length,
            ((lens[0] + mark[0]) / 2, y - 0.4 * font_mm),
            font_mm,
            "middle",
        )
    )
    page.fill([arc(mark, 1.1, 0.0, 360.0)])


def _draw_tripod(page: PageCanvas, lens: Point) -> None:
    """Draw a camera on a tripod, with the front of its lens at `lens`."""
    x, y = lens
    page.box((x - 9.0, y - 2.9), (9.0, 5.8), grey=0.55)
    page.box((x - 18.0, y - 4.5), (9.0, 9.0))
    page.box((x - 16.0, y - 6.3), (5.0, 1.9))
    hub = (x - 13.5, y + 6.5)
    page.line(((hub[0], y + 4.5), hub), THICK)
    for foot in (-8.0, 0.0, 8.0):
        page.line((hub, (hub[0] + foot, SIDE_SIZE[1])), MEDIUM)


def _draw_angle(page: PageCanvas, at: Point, upwards: float, turn: tuple[float, float, float]) -> None:
    """Draw an angle to a dotted upright line; `turn` has radius, start and end in degrees, as in `arc`."""
    page.line((at, (at[0], at[1] - upwards)), THIN, dash_mm=DOT)
    page.line(arc(at, *turn), THIN)


def _centred(text: str, middle: Point, font_mm: float, bold: bool = False) -> Label:
    return Label(text, (middle[0], middle[1] + CAPITALS / 2 * font_mm), font_mm, "middle", bold)


def _moved(point: Point, direction: Point, by: float) -> Point:
    return (point[0] + direction[0] * by, point[1] + direction[1] * by)


class _Perspective:
    """Pinhole picture of the sheet as it is set up, with the AF mark in the middle of the finder."""

    def __init__(self, chart: Chart) -> None:
        self._mark = chart.af_mark_page_mm
        self._lean = math.radians(chart.mark_tilt_deg)
        self._wings = [
            (panel.hinge_page_mm[0][0] - self._mark[0], math.radians(panel.fold_deg))
            for panel in chart.panels
            if panel.hinge_page_mm is not None
        ]
        self._distance = DISTANCE_OVER_LENGTH * chart.page_mm[1]
        seen_height = chart.page_mm[1] * math.cos(self._lean)
        ends = [self._turned(x - self._mark[0])[0] for x in (0.0, chart.page_mm[0])]
        self.enlargement = FILLED * min(FINDER_SIZE[1] / seen_height, FINDER_SIZE[0] / (ends[1] - ends[0]))

    def __call__(self, points: Sequence[Point]) -> list[Point]:
        return [self._point(*point) for point in points]

    def _point(self, x: float, y: float) -> Point:
        (across, nearer), up = self._turned(x - self._mark[0]), self._mark[1] - y
        away = self._distance + up * math.sin(self._lean) - nearer
        shrunk = self.enlargement * self._distance / away
        return (FINDER_SIZE[0] / 2 + across * shrunk, FINDER_SIZE[1] / 2 - up * math.cos(self._lean) * shrunk)

    def _turned(self, across: float) -> Point:
        """Return how far aside and how much nearer a point is, once the wing it may lie on is folded."""
        for fold_x, fold in self._wings:
            beyond = math.copysign(1.0, fold_x) * (across - fold_x)
            if beyond > 0.0:
                return (fold_x + math.copysign(beyond * math.cos(fold), fold_x), beyond * math.sin(fold))
        return (across, 0.0)
