"""The `flat` design: one sheet that leans back, with edges along the depth direction.

The AF mark stands alone in a wide quiet zone, with the QR code to its left and two small markers to its right, all
near depth zero. Marker sizes grow with the distance from the AF mark, where the blur is larger. Bars with long
edges fill all that is free, so that there are edges at every depth. Rulers and check bars stand at the borders,
words between the corner markers.

Everything here is in the sheet frame at full size (mm, origin at the AF mark, x right, y up); `u` is the design's
unit, 1 for A4 and Letter, by which features grow on larger papers. Nothing that the reader measures depends on the
angle, so that a photo whose QR code is too blurred is still measured.
"""

from __future__ import annotations

import math
import textwrap
from functools import cached_property
from typing import Literal

from .chart import Chart, CheckBar, Label, Marker, Panel, Point, Polygon, QrCode, widest_distance_over_focal_length
from .edges import BarField
from .ids import CELLS, MARKER_IDS, QR_MODULES, QR_QUIET_MODULES, Paper, QrText
from .parts import (
    CAPITALS,
    CHECK_BAR,
    CHECK_BAR_HALF_HEIGHT,
    LINE_SPACING,
    MARGIN,
    QR_MODULE,
    Box,
    DepthRuler,
    SheetFrame,
    af_mark,
    font_size,
    unit,
)

DEFAULT_ANGLE_DEG = 45.0
PANEL = "sheet"

QUIET_HALF_WIDTH = 36.0
"""72 mm wide: an AF area of 2 mm sees no more up to 37 focal lengths."""
QUIET_HALF_HEIGHT = QUIET_HALF_WIDTH * math.sqrt(2.0)
"""A sheet at 45° looks shorter by this factor, so that the zone looks square to the camera."""
CORNER_MARKER, MIDDLE_MARKER, ZERO_MARKER = 36.0, 24.0, 17.0
"""A marker is read up to a blur radius of 1/24 of its side: 1.5, 1.0 and 0.7 mm on the sheet."""
ZERO_MARKER_GAP = 4.0
BAR_CLEARANCE = 1.5
"""White between bars and rulers or words."""
CHECK_BAR_STRIP = 3.2
LONGEST_ANGLE = "00.0°"
"""Holds the place of the angle while lines are broken."""
LETTER_EMS = 0.54
"""Mean width of a letter of the printed font, over its size, for breaking lines."""


def flat_chart(paper: Paper, scale: float, angle_deg: float, chart_id: str) -> Chart:
    """Return the flat chart for a paper; `scale` multiplies the page and all that is on it."""
    return _FlatSheet(paper, scale, angle_deg, chart_id).chart()


class _FlatSheet:
    """Places the parts; methods that end in `_box` are in the sheet frame, finished parts in the page frame."""

    def __init__(self, paper: Paper, scale: float, angle_deg: float, chart_id: str) -> None:
        self.paper, self.scale, self.angle_deg, self.chart_id = paper, scale, angle_deg, chart_id
        self.u, self.font = unit(paper), font_size(paper, scale)
        self.half_width = paper.width_mm / 2 - MARGIN
        self.half_height = paper.height_mm / 2 - MARGIN
        self.frame = SheetFrame((paper.width_mm / 2, paper.height_mm / 2), scale)

    def chart(self) -> Chart:
        bars = self.bar_field().bars()
        rulers = [self.ruler(-1), self.ruler(+1)]
        return Chart(
            design="flat",
            paper=self.paper.name,
            scale=self.scale,
            angle_deg=self.angle_deg,
            id=self.chart_id,
            page_mm=(self.paper.width_mm * self.scale, self.paper.height_mm * self.scale),
            af_mark_page_mm=self.frame.page(0.0, 0.0),
            far_direction_page=(0.0, -1.0),
            quiet_zone_mm=self.quiet_zone_mm,
            panels=(self.panel(),),
            markers=self.markers(),
            edges=tuple(edge for bar in bars for edge in bar.edges()),
            qr=self.qr(),
            check_bars=self.check_bars(),
            polygons=(
                *(bar.polygon() for bar in bars),
                *af_mark(self.frame, self.u),
                *(ruler.pointer() for ruler in rulers),
                *self.far_arrows(),
            ),
            strokes=tuple(stroke for ruler in rulers for stroke in ruler.strokes()),
            labels=(
                *(label for ruler in rulers for label in ruler.labels()),
                *self.check_bar_labels(),
                *self.header(),
                *self.footer(),
            ),
        )

    @property
    def quiet_zone_mm(self) -> Point:
        return (2 * QUIET_HALF_WIDTH * self.u * self.scale, 2 * QUIET_HALF_HEIGHT * self.u * self.scale)

    def panel(self) -> Panel:
        w, h = self.paper.width_mm * self.scale, self.paper.height_mm * self.scale
        return Panel(PANEL, ((0.0, 0.0), (w, 0.0), (w, h), (0.0, h)))

    @cached_property
    def marker_boxes(self) -> list[Box]:
        """Corners, middle above and below the quiet zone, and beside the AF mark."""
        corner, middle, zero = CORNER_MARKER * self.u, MIDDLE_MARKER * self.u, ZERO_MARKER * self.u
        corner_x, corner_y = self.half_width - corner / 2, self.half_height - corner / 2
        middle_y = QUIET_HALF_HEIGHT * self.u + middle / 2
        zero_x, zero_y = QUIET_HALF_WIDTH * self.u + zero / 2, (zero + ZERO_MARKER_GAP * self.u) / 2
        return [
            *(Box.around(sx * corner_x, sy * corner_y, corner, corner) for sy in (1, -1) for sx in (-1, 1)),
            *(Box.around(0.0, sy * middle_y, middle, middle) for sy in (1, -1)),
            *(Box.around(zero_x, sy * zero_y, zero, zero) for sy in (1, -1)),
        ]

    def markers(self) -> tuple[Marker, ...]:
        first = MARKER_IDS["flat", self.paper.name].start
        return tuple(
            Marker(first + index, PANEL, self.frame.corners(box)) for index, box in enumerate(self.marker_boxes)
        )

    @cached_property
    def qr_box(self) -> Box:
        side = QR_MODULES * QR_MODULE * self.u
        return Box.around(-QUIET_HALF_WIDTH * self.u - side / 2, 0.0, side, side)

    def qr(self) -> QrCode:
        text = QrText("flat", self.paper.name, self.scale, self.angle_deg, self.chart_id).encode()
        return QrCode(text, PANEL, self.frame.corners(self.qr_box))

    def ruler(self, side: int) -> DepthRuler:
        outer = self.half_width - CHECK_BAR_STRIP * self.u
        reach = self.half_height - CORNER_MARKER * (1 + 1 / CELLS) * self.u - self.font / 2
        return DepthRuler(self.frame, self.angle_deg, outer, reach, self.u, self.font, side)

    def bar_field(self) -> BarField:
        """Bars in all that the other parts leave free."""
        u, ruler_inner = self.u, self.ruler(+1).inner
        border = [
            Box(-self.half_width, -self.half_height, -ruler_inner, self.half_height),
            Box(ruler_inner, -self.half_height, self.half_width, self.half_height),
            Box(-self.half_width, self.header_bottom, self.half_width, self.half_height),
            Box(-self.half_width, -self.half_height, self.half_width, self.footer_top),
        ]
        quiet = Box.around(0.0, 0.0, 2 * QUIET_HALF_WIDTH * u, 2 * QUIET_HALF_HEIGHT * u)
        return BarField(
            self.frame,
            PANEL,
            u,
            outer=ruler_inner - BAR_CLEARANCE * u,
            reach=self.half_height,
            ink=(*self.marker_boxes, self.qr_box, *border),
            keep_out=(
                *(box.grown((box.right - box.left) / CELLS) for box in self.marker_boxes),
                self.qr_box.grown(QR_QUIET_MODULES * QR_MODULE * u),
                quiet.grown(BAR_CLEARANCE * u),
                *(box.grown(BAR_CLEARANCE * u) for box in border),
            ),
        )

    def check_bars(self) -> tuple[CheckBar, ...]:
        half, page = CHECK_BAR / 2, self.frame.page
        upright = -self.half_width + CHECK_BAR_HALF_HEIGHT
        length = CHECK_BAR * self.scale
        return (
            CheckBar(page(-half, self.check_bar_y), page(half, self.check_bar_y), length),
            CheckBar(page(upright, half), page(upright, -half), length),
        )

    def check_bar_labels(self) -> list[Label]:
        length = f"{CHECK_BAR * self.scale:g} mm"
        end = self.frame.page(
            -self.half_width + CHECK_BAR_HALF_HEIGHT + CAPITALS / 2 * self.font, CHECK_BAR / 2 + 0.8 * self.font
        )
        return [
            self.label(f"{length} when printed at 100 %", 0.0, self.check_bar_y - 1.3 * self.font, "middle"),
            Label(length, end, self.font * self.scale, turn_deg=90.0),
        ]

    @property
    def words_half_width(self) -> float:
        """Half of the width between the corner markers and the white around them."""
        return self.half_width - CORNER_MARKER * (1 + 1 / CELLS) * self.u

    @property
    def header_bottom(self) -> float:
        return self.half_height - 6.6 * self.font

    def header(self) -> list[Label]:
        """Which sheet this is, and which way round it stands."""
        top, side, font = self.half_height, self.words_half_width, self.font
        scale = "" if self.scale == 1.0 else f" \N{MULTIPLICATION SIGN} {self.scale:g}"
        sheet = f"flat {self.paper.name.title()}{scale} · {self.angle_deg:g}° · {self.chart_id}"
        return [
            self.label("backfocus", -side, top - font, "start", size=1.3, bold=True),
            self.label(sheet, side, top - font, "end"),
            self.label("FAR EDGE", 0.0, top - 4.6 * font, "middle", size=1.5, bold=True),
            self.label("this side away from the camera", 0.0, top - 6.2 * font, "middle"),
        ]

    def far_arrows(self) -> list[Polygon]:
        """Two wedges beside the words that name the far edge."""
        base, size, page = self.half_height - 4.6 * self.font, 1.1 * self.font, self.frame.page
        return [
            Polygon((page(x - size / 2, base), page(x, base + size), page(x + size / 2, base)))
            for x in (-5.5 * self.font, 5.5 * self.font)
        ]

    @cached_property
    def instructions(self) -> list[str]:
        """What to do and how to read the rulers, in lines that fit between the corner markers."""
        farthest = int(widest_distance_over_focal_length(self.quiet_zone_mm, self.angle_deg))
        sentences = (
            f"Lean the far edge back {LONGEST_ANGLE}. Lens wide open, focus on the mark.",
            f"Stand no farther than {farthest} focal lengths away.",
            "Ruler numbers: depth in mm, plus behind the mark, minus in front of it.",
        )
        letters = int(2 * self.words_half_width / (LETTER_EMS * self.font))
        lines = [line for sentence in sentences for line in _even_lines(sentence, letters)]
        return [line.replace(LONGEST_ANGLE, f"{self.angle_deg:g}°") for line in lines]

    def footer(self) -> list[Label]:
        lines = len(self.instructions)
        return [
            self.label(line, 0.0, self.lowest_baseline + (lines - 1 - index) * LINE_SPACING * self.font, "middle")
            for index, line in enumerate(self.instructions)
        ]

    @property
    def lowest_baseline(self) -> float:
        return -self.half_height + 0.25 * self.font

    @property
    def check_bar_y(self) -> float:
        return self.lowest_baseline + (len(self.instructions) * LINE_SPACING + 1.8) * self.font

    @property
    def footer_top(self) -> float:
        return self.check_bar_y + 2.0 * self.u

    def label(
        self,
        text: str,
        x: float,
        y: float,
        anchor: Literal["start", "middle", "end"],
        size: float = 1.0,
        bold: bool = False,
    ) -> Label:
        return Label(text, self.frame.page(x, y), size * self.font * self.scale, anchor, bold)


def _even_lines(text: str, letters: int) -> list[str]:
    """Break a text into as few lines as `letters` a line allow, of about the same length."""
    count = len(textwrap.wrap(text, letters))
    return next(lines for width in range(1, letters + 1) if len(lines := textwrap.wrap(text, width)) <= count)
