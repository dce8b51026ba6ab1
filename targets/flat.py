"""The `flat` design: one sheet that leans back, with edges along the depth direction.

The AF mark stands alone in a wide quiet zone, with the QR code to its left and two small markers to its right, all
near depth zero. Marker sizes grow with the distance from the AF mark, where the blur is larger. Bars with long
edges fill all that is free, so that there are edges at every depth. Rulers and check bars stand at the borders,
words between the corner markers.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from functools import cached_property

from .chart import Label, Polygon, Stroke, widest_distance_over_focal_length
from .edges import BarField
from .ids import CELLS, QR_QUIET_MODULES
from .parts import DepthRuler, af_mark
from .sheet import LINE_SPACING, QR_MODULE, SHEET, Box, Sheet

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


class FlatSheet(Sheet):
    """A sheet that leans back."""

    design = "flat"
    lies_across = False
    quiet_half = (QUIET_HALF_WIDTH, QUIET_HALF_HEIGHT)

    @cached_property
    def marker_boxes(self) -> list[Box]:
        """Corners, middle above and below the quiet zone, and beside the AF mark."""
        corner, middle, zero = CORNER_MARKER * self.u, MIDDLE_MARKER * self.u, ZERO_MARKER * self.u
        middle_y = QUIET_HALF_HEIGHT * self.u + middle / 2
        zero_x, zero_y = QUIET_HALF_WIDTH * self.u + zero / 2, (zero + ZERO_MARKER_GAP * self.u) / 2
        return [
            *Box.at_corners(self.half_width - corner / 2, self.half_height - corner / 2, corner),
            *(Box.around(0.0, sy * middle_y, middle, middle) for sy in (1, -1)),
            *(Box.around(zero_x, sy * zero_y, zero, zero) for sy in (1, -1)),
        ]

    @cached_property
    def qr_box(self) -> Box:
        """Left of the quiet zone."""
        return Box.around(-QUIET_HALF_WIDTH * self.u - self.qr_side / 2, 0.0, self.qr_side, self.qr_side)

    def fills(self) -> Sequence[BarField]:
        """Return bars in all that the other parts leave free."""
        u, right, top, inner = self.u, self.half_width, self.half_height, self.ruler(+1).inner
        border = [
            Box(-right, -top, -inner, top),
            Box(inner, -top, right, top),
            Box(-right, top - 6.6 * self.font, right, top),
            Box(-right, -top, right, self.check_bar_y + 2.0 * u),
        ]
        keep_out = [
            *(box.with_white() for box in self.marker_boxes),
            self.qr_box.grown(QR_QUIET_MODULES * QR_MODULE * u),
            *(box.grown(BAR_CLEARANCE * u) for box in (self.quiet_box, *border)),
        ]
        ink = [*self.marker_boxes, self.qr_box, *border]
        return [BarField(self.frame, SHEET, u, inner - BAR_CLEARANCE * u, self.half_height, ink, keep_out)]

    def ruler(self, side: int) -> DepthRuler:
        """Return the ruler at a border."""
        outer = self.half_width - CHECK_BAR_STRIP * self.u
        reach = self.half_height - CORNER_MARKER * (1 + 1 / CELLS) * self.u - self.font / 2
        return DepthRuler(self.frame, self.angle_deg, reach, self.u, self.font, side, outer)

    @property
    def check_bar_y(self) -> float:
        """Above the instructions."""
        return self.lowest_baseline + (len(self.instructions) * LINE_SPACING + 1.8) * self.font

    def polygons(self) -> Sequence[Polygon]:
        """Return the AF mark, wedges at depth zero of the rulers, and two beside the words at the far edge."""
        base, size, page = self.half_height - 4.6 * self.font, 1.1 * self.font, self.frame.page
        return (
            *af_mark(self.frame, self.u),
            *(self.ruler(side).pointer() for side in (-1, 1)),
            *(
                Polygon((page(x - size / 2, base), page(x, base + size), page(x + size / 2, base)))
                for x in (-5.5 * self.font, 5.5 * self.font)
            ),
        )

    def strokes(self) -> Sequence[Stroke]:
        """Return the rulers' ticks."""
        return [stroke for side in (-1, 1) for stroke in self.ruler(side).strokes()]

    def labels(self) -> Sequence[Label]:
        """Return the rulers' numbers, which sheet this is and which way round it stands, and what to do."""
        top, side, font = self.half_height, self.words_half_width, self.font
        name = " ".join(filter(None, ("flat", self.paper.name.title(), self.scale_words)))
        lines = len(self.instructions)
        return [
            *(label for border in (-1, 1) for label in self.ruler(border).labels()),
            self.label(f"{self.check_length} when printed at 100 %", 0.0, self.check_bar_y - 1.3 * font),
            self.upright_bar_label(),
            self.label("backfocus", -side, top - font, "start", size=1.3, bold=True),
            self.label(f"{name} · {self.angle_deg:g}° · {self.chart_id}", side, top - font, "end"),
            self.label("FAR EDGE", 0.0, top - 4.6 * font, size=1.5, bold=True),
            self.label("this side away from the camera", 0.0, top - 6.2 * font),
            *(
                self.label(line, 0.0, self.lowest_baseline + (lines - 1 - index) * LINE_SPACING * font)
                for index, line in enumerate(self.instructions)
            ),
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

    @property
    def words_half_width(self) -> float:
        """Half of the width between the corner markers and the white around them."""
        return self.half_width - CORNER_MARKER * (1 + 1 / CELLS) * self.u

    @property
    def lowest_baseline(self) -> float:
        """Of the instructions."""
        return -self.half_height + 0.25 * self.font


def _even_lines(text: str, letters: int) -> list[str]:
    """Break a text into as few lines as `letters` a line allow, of about the same length."""
    count = len(textwrap.wrap(text, letters))
    return next(lines for width in range(1, letters + 1) if len(lines := textwrap.wrap(text, width)) <= count)
