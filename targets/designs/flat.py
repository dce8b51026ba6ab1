"""The `flat` design: one sheet that leans back, with edges along the depth direction.

The AF mark stands alone in a wide quiet zone. Bars with long edges fill the columns left and right of it and the
middle above and below, so that there are edges at every depth. Marker sizes grow with the distance from the AF
mark, where the blur is larger. QR code and two small markers sit at depth zero, beside the quiet zone.

Everything here is in the sheet frame at full size (mm, origin at the AF mark, x right, y up); `u` is the design's
unit, 1 for A4 and Letter, by which features grow on larger papers.
"""

from __future__ import annotations

import math
from typing import Literal

from backfocus.targets.chart import (
    AF_AREA_ON_SENSOR_MM,
    Chart,
    CheckBar,
    Edge,
    Label,
    Marker,
    Panel,
    Point,
    Polygon,
    QrCode,
    Quad,
    Stroke,
)
from backfocus.targets.markers import first_marker_id
from backfocus.targets.papers import Paper
from backfocus.targets.qrtext import QrText

DEFAULT_ANGLE_DEG = 45.0
MARGIN_MM = 9.0
"""At the smallest scale, 0.6, it is still over the 5 mm that home printers cannot print on."""
PANEL = "sheet"

QUIET_HALF_WIDTH = 36.0
"""72 mm wide: an AF area of 2 mm sees no more up to 37 focal lengths."""
QUIET_HALF_HEIGHT = QUIET_HALF_WIDTH * math.sqrt(2.0)
"""A sheet at 45° looks shorter by this factor, so that the zone looks square to the camera."""
COLUMN_INNER = 38.0
ZERO_ZONE_HALF_HEIGHT = 17.0
CORNER_MARKER, MIDDLE_MARKER, ZERO_MARKER = 36.0, 24.0, 17.0
"""A marker is read up to a blur radius of 1/24 of its side: 1.5, 1.0 and 0.7 mm on the sheet."""
MARKER_CLEARANCE = 6.0
BAR_WIDTH = 5.5
"""Holds a blur disc of 5.5 mm: 85 mm f/1.4 at 1.5 m, 90 mm away from focus, has 3.6 mm."""
BAR_SLANT = math.tan(math.radians(3.0))
"""Keeps edges off the pixel grid when the camera is perfectly square to the sheet."""
RULER_WIDTH = 12.0
TEXT_HEIGHT = 9.0
QR_MODULE = 1.0
QR_MODULES = 25
CHECK_BAR_MM = 100.0


def flat_chart(paper: Paper, scale: float, angle_deg: float, chart_id: str) -> Chart:
    """Return the flat chart for a paper; `scale` multiplies the page and all that is on it."""
    return _FlatSheet(paper, scale, angle_deg, chart_id).chart()


class _FlatSheet:
    """Places the parts; every method returns finished parts in the page frame."""

    def __init__(self, paper: Paper, scale: float, angle_deg: float, chart_id: str) -> None:
        self.paper, self.scale, self.angle_deg, self.chart_id = paper, scale, angle_deg, chart_id
        self.u = min(paper.width_mm / 210.0, paper.height_mm / 279.4)
        self.half_width = paper.width_mm / 2 - MARGIN_MM
        self.half_height = paper.height_mm / 2 - MARGIN_MM
        self.marker_top = self.half_height - TEXT_HEIGHT * self.u
        self.bars_end = self.marker_top - (CORNER_MARKER + MARKER_CLEARANCE) * self.u

    def chart(self) -> Chart:
        bars = [*self.column_bars(), *self.zero_bars(), *self.middle_bars()]
        qr = self.qr()
        check_bars = self.check_bars()
        return Chart(
            design="flat",
            paper=self.paper.name,
            scale=self.scale,
            angle_deg=self.angle_deg,
            id=self.chart_id,
            page_mm=(self.paper.width_mm * self.scale, self.paper.height_mm * self.scale),
            af_mark_page_mm=self.page(0.0, 0.0),
            far_direction_page=(0.0, -1.0),
            quiet_zone_mm=(
                2 * QUIET_HALF_WIDTH * self.u * self.scale,
                2 * QUIET_HALF_HEIGHT * self.u * self.scale,
            ),
            panels=(self.panel(),),
            markers=self.markers(),
            edges=tuple(edge for bar in bars for edge in self.edges_of(bar)),
            qr=qr,
            check_bars=check_bars,
            polygons=(*(Polygon(bar) for bar in bars), *self.af_mark()),
            strokes=(*self.ruler_ticks(-1), *self.ruler_ticks(+1)),
            labels=(*self.ruler_numbers(-1), *self.ruler_numbers(+1), *self.words()),
        )

    def page(self, x: float, y: float) -> Point:
        """Sheet frame at full size to page frame as printed."""
        px = self.paper.width_mm / 2 + x
        py = self.paper.height_mm / 2 - y
        return (round(px * self.scale, 6), round(py * self.scale, 6))

    def panel(self) -> Panel:
        w, h = self.paper.width_mm * self.scale, self.paper.height_mm * self.scale
        return Panel(PANEL, ((0.0, 0.0), (w, 0.0), (w, h), (0.0, h)))

    def square(self, x: float, y: float, side: float) -> Quad:
        """Corners of an upright square around (x, y), from top-left clockwise as printed."""
        r = side / 2
        return (
            self.page(x - r, y + r),
            self.page(x + r, y + r),
            self.page(x + r, y - r),
            self.page(x - r, y - r),
        )

    def markers(self) -> tuple[Marker, ...]:
        u = self.u
        corner_x = self.half_width - CORNER_MARKER * u / 2
        corner_y = self.marker_top - CORNER_MARKER * u / 2
        middle_x = (QUIET_HALF_WIDTH - MIDDLE_MARKER / 2) * u
        middle_y = (QUIET_HALF_HEIGHT + MIDDLE_MARKER / 2 + 2.0) * u
        zero_x = (COLUMN_INNER + ZERO_MARKER / 2) * u
        places = [
            *((sx * corner_x, sy * corner_y, CORNER_MARKER) for sy in (1, -1) for sx in (-1, 1)),
            *((sx * middle_x, sy * middle_y, MIDDLE_MARKER) for sy in (1, -1) for sx in (-1, 1)),
            (zero_x, 0.0, ZERO_MARKER),
            (zero_x + (ZERO_MARKER + MARKER_CLEARANCE) * u, 0.0, ZERO_MARKER),
        ]
        first = first_marker_id("flat", self.paper.name)
        return tuple(
            Marker(first + index, PANEL, self.square(x, y, side * u)) for index, (x, y, side) in enumerate(places)
        )

    def qr(self) -> QrCode:
        text = QrText("flat", self.paper.name, self.scale, self.angle_deg, self.chart_id).encode()
        side = QR_MODULES * QR_MODULE * self.u
        x = -COLUMN_INNER * self.u - 4 * QR_MODULE * self.u - side / 2
        return QrCode(text, PANEL, self.square(x, 0.0, side))

    def column_bars(self) -> list[Quad]:
        """Bars left and right of the quiet zone, above and below depth zero, leaning outwards."""
        start = ZERO_ZONE_HALF_HEIGHT * self.u
        drift = BAR_SLANT * (self.bars_end - start)
        inner, outer = COLUMN_INNER * self.u, self.half_width - (RULER_WIDTH + 2.0) * self.u
        return [
            self.bar(sx, sy, x, start, self.bars_end)
            for sx in (-1, 1)
            for sy in (1, -1)
            for x in self.bar_places(inner, outer - drift)
        ]

    def zero_bars(self) -> list[Quad]:
        """One bar beside the QR code, through depth zero."""
        end = (ZERO_ZONE_HALF_HEIGHT - 3.0) * self.u
        inner = (COLUMN_INNER + (QR_MODULES + 8) * QR_MODULE + 2.0) * self.u
        return [self.bar(-1, 1, inner, -end, end)]

    def middle_bars(self) -> list[Quad]:
        """Bars above and below the quiet zone, beyond the middle markers."""
        start = (QUIET_HALF_HEIGHT + MIDDLE_MARKER + 2.0 + MARKER_CLEARANCE) * self.u
        end = self.marker_top - 8.0 * self.u
        half = self.half_width - (CORNER_MARKER + MARKER_CLEARANCE) * self.u
        return [
            self.bar(1, sy, x, start, end)
            for sy in (1, -1)
            for x in self.bar_places(-half + BAR_WIDTH * self.u, half - BAR_SLANT * (end - start))
        ]

    def bar_places(self, inner: float, outer: float) -> list[float]:
        width = BAR_WIDTH * self.u
        count = int((outer - inner + width + 1e-6) // (2 * width))
        return [inner + 2 * width * index for index in range(count)]

    def bar(self, sx: int, sy: int, x: float, start: float, end: float) -> Quad:
        """A slanted bar between two heights; (sx, sy) mirror it into one of the four quarters."""
        width, drift = BAR_WIDTH * self.u, BAR_SLANT * (end - start)
        return (
            self.page(sx * x, sy * start),
            self.page(sx * (x + drift), sy * end),
            self.page(sx * (x + drift + width), sy * end),
            self.page(sx * (x + width), sy * start),
        )

    def edges_of(self, bar: Quad) -> tuple[Edge, Edge]:
        near, far, far_other, near_other = bar
        clear = BAR_WIDTH * self.u * self.scale / math.hypot(1.0, BAR_SLANT)
        return (
            Edge(PANEL, near, far, _side_of(near, far, near_other), clear),
            Edge(PANEL, near_other, far_other, _side_of(near_other, far_other, near), clear),
        )

    def af_mark(self) -> list[Polygon]:
        """Coarse block in the middle, finer ones outwards, all split by a white line at depth zero."""
        blocks = ((-4.0, 4.0), (5.5, 8.5), (9.5, 11.5), (12.3, 13.3))
        both_sides = [*blocks, *((-right, -left) for left, right in blocks[1:])]
        rows = ((0.5, 4.0), (-4.0, -0.5))
        u = self.u
        return [
            Polygon(
                (
                    self.page(left * u, top * u),
                    self.page(right * u, top * u),
                    self.page(right * u, bottom * u),
                    self.page(left * u, bottom * u),
                )
            )
            for left, right in both_sides
            for bottom, top in rows
        ]

    def check_bars(self) -> tuple[CheckBar, ...]:
        half = CHECK_BAR_MM / 2
        top = self.half_height - 2.0
        left = -self.half_width + 1.0
        length = CHECK_BAR_MM * self.scale
        return (
            CheckBar(self.page(-half, top), self.page(half, top), length),
            CheckBar(self.page(left, half), self.page(left, -half), length),
        )

    def ruler_depths(self) -> list[int]:
        """Depths in whole millimetres as printed that fit beside the bars."""
        furthest = self.bars_end * self.scale * math.sin(math.radians(self.angle_deg))
        return list(range(-int(furthest), int(furthest) + 1))

    def ruler_y(self, depth_mm: float) -> float:
        return depth_mm / math.sin(math.radians(self.angle_deg)) / self.scale

    def ruler_ticks(self, side: int) -> list[Stroke]:
        strokes = []
        inner = self.half_width - RULER_WIDTH * self.u
        for depth in self.ruler_depths():
            length = (4.0 if depth % 10 == 0 else 2.5 if depth % 5 == 0 else 1.5) * self.u
            y = self.ruler_y(depth)
            ends = (self.page(side * inner, y), self.page(side * (inner + length), y))
            strokes.append(Stroke(*ends, 0.15 * self.scale))
        return strokes

    def ruler_numbers(self, side: int) -> list[Label]:
        x = side * (self.half_width - (RULER_WIDTH - 4.6) * self.u)
        height = 2.6 * self.u
        return [
            Label(
                f"{depth:+d}" if depth else "0",
                self.page(x, self.ruler_y(depth) - 0.36 * height),
                height * self.scale,
                "start" if side > 0 else "end",
            )
            for depth in self.ruler_depths()
            if depth % 10 == 0
        ]

    def words(self) -> list[Label]:
        small, u = 2.6 * self.scale, self.u
        left, right = -self.half_width, self.half_width
        top, bottom = self.half_height - 3.0, -self.half_height
        name = f"backfocus flat {self.paper.name.upper()}  {self.chart_id}"
        farthest = self.quiet_distance()
        return [
            Label(name, self.page(left, top), small, bold=True),
            Label(f"{CHECK_BAR_MM * self.scale:g} mm", self.page(0.0, top - 3.0), small, "middle"),
            Label("FAR EDGE: lean this side away", self.page(right, top), small, "end", bold=True),
            Label(f"{CHECK_BAR_MM * self.scale:g}", self.page(left + 2.5, 50.0 - 2.6), small),
            Label(
                f"Lean the sheet back {self.angle_deg:g}°, focus on the mark in the middle, lens wide open, "
                f"from 25 to {farthest:.0f} focal lengths away.",
                self.page(0.0, bottom + 4.2 * u),
                small,
                "middle",
            ),
            Label(
                "Numbers beside the ticks: depth in mm. Plus is behind the mark (back focus), minus in front. "
                "Print at 100 %.",
                self.page(0.0, bottom + 0.6 * u),
                small,
                "middle",
            ),
        ]

    def quiet_distance(self) -> float:
        return 2 * QUIET_HALF_WIDTH * self.u * self.scale / AF_AREA_ON_SENSOR_MM + 1.0


def _side_of(start: Point, end: Point, other: Point) -> Literal["left", "right"]:
    """On which side of the way from `start` to `end` on the page `other` lies (y down)."""
    cross = (end[0] - start[0]) * (other[1] - start[1]) - (end[1] - start[1]) * (other[0] - start[0])
    return "right" if cross > 0 else "left"
