"""The `wall` design: an upright sheet for sweeps of the AF setting, with slow lenses and at long distances.

All of it has one depth. The AF mark stands alone in a wide quiet zone, with a marker on either side and the QR
code above; squares with slanted edges of both directions fill the page, so that sharpness is compared from left to
right, from top to bottom, and between the two directions. The page lies across.

Everything here is in the sheet frame at full size (mm, origin at the AF mark, x right, y up); `u` is the design's
unit, 1 for A4 and Letter, by which features grow on larger papers.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from .chart import Chart, CheckBar, Label, Marker, Panel, Point, QrCode, widest_distance_over_focal_length
from .edges import SlantedSquares
from .ids import CELLS, MARKER_IDS, QR_MODULES, QR_QUIET_MODULES, Paper, QrText
from .parts import (
    CHECK_BAR,
    CHECK_BAR_HALF_HEIGHT,
    MARGIN,
    QR_MODULE,
    Box,
    SheetFrame,
    font_size,
    unit,
    upright_af_mark,
)

PANEL = "sheet"

QUIET_HALF = 52.0
"""104 mm wide: an AF area of 2 mm sees no more up to 53 focal lengths. From the mark, 13 mm high, it is 3.5 times
that height to the nearest square; four times would leave no squares above and below the mark on A4."""
CORNER_MARKER, MIDDLE_MARKER = 30.0, 20.0
"""A marker is read up to a blur radius of 1/24 of its side, and at 4 pixels a cell: 30 mm is that at 200 focal
lengths on a full-frame camera of 24 MP."""


def wall_chart(paper: Paper, scale: float, angle_deg: float, chart_id: str) -> Chart:
    """Return the upright chart for a paper; `scale` multiplies the page and all that is on it."""
    return _WallSheet(paper, scale, angle_deg, chart_id).chart()


class _WallSheet:
    """Places the parts; methods that end in `_box` are in the sheet frame, finished parts in the page frame."""

    def __init__(self, paper: Paper, scale: float, angle_deg: float, chart_id: str) -> None:
        self.paper, self.scale, self.angle_deg, self.chart_id = paper, scale, angle_deg, chart_id
        self.u, self.font = unit(paper), font_size(paper, scale)
        self.half_width = paper.height_mm / 2 - MARGIN
        self.half_height = paper.width_mm / 2 - MARGIN
        self.frame = SheetFrame((paper.height_mm / 2, paper.width_mm / 2), scale)

    def chart(self) -> Chart:
        squares = self.squares()
        return Chart(
            design="wall",
            paper=self.paper.name,
            scale=self.scale,
            angle_deg=self.angle_deg,
            id=self.chart_id,
            page_mm=(self.paper.height_mm * self.scale, self.paper.width_mm * self.scale),
            af_mark_page_mm=self.frame.page(0.0, 0.0),
            far_direction_page=(0.0, -1.0),
            quiet_zone_mm=self.quiet_zone_mm,
            panels=(self.panel(),),
            markers=self.markers(),
            edges=tuple(squares.edges()),
            qr=self.qr(),
            check_bars=self.check_bars(),
            polygons=(*squares.polygons(), *upright_af_mark(self.frame, self.u)),
            strokes=(),
            labels=(*self.check_bar_labels(), *self.words()),
        )

    @property
    def quiet_zone_mm(self) -> Point:
        side = 2 * QUIET_HALF * self.u * self.scale
        return (side, side)

    def panel(self) -> Panel:
        w, h = self.paper.height_mm * self.scale, self.paper.width_mm * self.scale
        return Panel(PANEL, ((0.0, 0.0), (w, 0.0), (w, h), (0.0, h)))

    @cached_property
    def marker_boxes(self) -> list[Box]:
        """The corners of the sheet, and left and right of the quiet zone."""
        corner, middle = CORNER_MARKER * self.u, MIDDLE_MARKER * self.u
        x, y = self.half_width - corner / 2, self.half_height - corner / 2
        beside = QUIET_HALF * self.u + middle / 2
        return [
            *(Box.around(sx * x, sy * y, corner, corner) for sy in (1, -1) for sx in (-1, 1)),
            *(Box.around(sx * beside, 0.0, middle, middle) for sx in (-1, 1)),
        ]

    def markers(self) -> tuple[Marker, ...]:
        first = MARKER_IDS["wall", self.paper.name].start
        return tuple(
            Marker(first + index, PANEL, self.frame.corners(box)) for index, box in enumerate(self.marker_boxes)
        )

    @cached_property
    def qr_box(self) -> Box:
        side = QR_MODULES * QR_MODULE * self.u
        return Box.around(0.0, (QUIET_HALF + QR_QUIET_MODULES * QR_MODULE) * self.u + side / 2, side, side)

    def qr(self) -> QrCode:
        text = QrText("wall", self.paper.name, self.scale, self.angle_deg, self.chart_id).encode()
        return QrCode(text, PANEL, self.frame.corners(self.qr_box))

    def squares(self) -> SlantedSquares:
        """Squares in all that the other parts leave free."""
        return SlantedSquares(
            self.frame,
            PANEL,
            self.u,
            self.half_width,
            self.half_height,
            ink=[*self.marker_boxes, self.qr_box, *self.word_boxes],
            blank=Box.around(0.0, 0.0, 2 * QUIET_HALF * self.u, 2 * QUIET_HALF * self.u),
        )

    @property
    def word_boxes(self) -> list[Box]:
        """The strips of the check bars at the lower and the left border, and of the words at the upper one.

        The right border keeps as much free as the left one, so that both halves have the same squares.
        """
        bottom, left = -self.half_height, -self.half_width
        upright = Box(left, bottom, left + 2 * CHECK_BAR_HALF_HEIGHT + 1.3 * self.font, self.half_height)
        return [
            Box(-self.half_width, bottom, self.half_width, self.lower_bar_y + CHECK_BAR_HALF_HEIGHT),
            upright,
            upright.mirrored(),
            Box(left, self.half_height - self.font, -left, self.half_height),
        ]

    @property
    def lower_bar_y(self) -> float:
        return -self.half_height + 2.2 * self.font

    def check_bars(self) -> tuple[CheckBar, ...]:
        half, page = CHECK_BAR / 2, self.frame.page
        upright, length = -self.half_width + CHECK_BAR_HALF_HEIGHT, CHECK_BAR * self.scale
        return (
            CheckBar(page(-half, self.lower_bar_y), page(half, self.lower_bar_y), length),
            CheckBar(page(upright, half), page(upright, -half), length),
        )

    def check_bar_labels(self) -> list[Label]:
        length = f"{CHECK_BAR * self.scale:g} mm"
        beside = self.frame.page(-self.half_width + 2 * CHECK_BAR_HALF_HEIGHT + self.font, 0.0)
        return [
            self.label(f"{length} when printed at 100 %", 0.0, -self.half_height + 0.25 * self.font, "middle"),
            Label(length, beside, self.font * self.scale, "middle", turn_deg=90.0),
        ]

    def words(self) -> list[Label]:
        """Which sheet this is, and how far away it is good for, between the upper corner markers."""
        scale = "" if self.scale == 1.0 else f" \N{MULTIPLICATION SIGN} {self.scale:g}"
        farthest = int(widest_distance_over_focal_length(self.quiet_zone_mm, 0.0))
        side = self.half_width - CORNER_MARKER * (1 + 1 / CELLS) * self.u
        y = self.half_height - 0.8 * self.font
        return [
            self.label(f"backfocus wall {self.paper.name.title()}{scale} · {self.chart_id}", -side, y, "start"),
            self.label(f"mark alone up to {farthest} focal lengths", side, y, "end"),
        ]

    def label(self, text: str, x: float, y: float, anchor: Literal["start", "middle", "end"]) -> Label:
        return Label(text, self.frame.page(x, y), self.font * self.scale, anchor)
