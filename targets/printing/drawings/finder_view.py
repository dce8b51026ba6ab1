"""Drawing of what the finder should show: the chart itself as a camera square to the AF mark sees it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from backfocus.targets.chart import Chart, Point
from backfocus.targets.printing.page_canvas import PageCanvas

WIDTH, HEIGHT = 66.0, 44.0
FILLED = 0.86
"""Height of the sheet over that of the finder; drawn larger than at 25 focal lengths, to show the parts."""
AF_AREA = 0.6
"""Width of the drawn AF area over that of the quiet zone."""
DISTANCE_OVER_LENGTH = 4.0
"""A 50 mm lens at 25 focal lengths is as far from an A4 sheet as four times its length."""


def draw_finder_view(page: PageCanvas, at: Point, chart: Chart) -> None:
    """Draw the chart in a finder of `WIDTH` by `HEIGHT` mm with its top-left corner at `at`."""
    left, top = at
    page.fill([((left, top), (left + WIDTH, top), (left + WIDTH, top + HEIGHT), (left, top + HEIGHT))], grey=0.8)
    project = _Perspective(chart, (left + WIDTH / 2, top + HEIGHT / 2))
    quiet = min(chart.quiet_zone_mm[0], chart.quiet_zone_mm[1] * math.cos(math.radians(chart.mark_tilt_deg)))
    area = AF_AREA * quiet * project.enlargement
    for panel in chart.panels:
        page.fill([project(panel.outline_page_mm)], grey=1.0)
    page.fill([project(marker.corners_page_mm) for marker in chart.markers])
    page.fill([project(chart.qr.corners_page_mm)], grey=0.35)
    for polygon in chart.polygons:
        page.fill([project(polygon.points_page_mm)])
    _draw_af_area(page, (left + WIDTH / 2, top + HEIGHT / 2), area)


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
        self.enlargement = FILLED * min(HEIGHT / seen_height, WIDTH / (ends[1] - ends[0]))

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
