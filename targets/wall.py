"""The `wall` design: an upright sheet for sweeps of the AF setting, with slow lenses and at long distances.

All of it has one depth. The AF mark stands alone in a wide quiet zone, with a marker on either side and the QR
code above; squares with slanted edges of both directions fill the page, so that sharpness is compared from left to
right, from top to bottom, and between the two directions. The page lies across.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from .chart import Label, Polygon, widest_distance_over_focal_length
from .edges import SlantedSquares
from .ids import CELLS, QR_QUIET_MODULES
from .parts import upright_af_mark
from .sheet import CHECK_BAR_HALF_HEIGHT, QR_MODULE, SHEET, Box, Sheet

QUIET_HALF = 52.0
"""104 mm wide: an AF area of 2 mm sees no more up to 53 focal lengths. From the mark, 13 mm high, it is 3.5 times
that height to the nearest square; four times would leave no squares above and below the mark on A4."""
CORNER_MARKER, MIDDLE_MARKER = 30.0, 20.0
"""A marker is read up to a blur radius of 1/24 of its side, and at 4 pixels a cell: 30 mm is that at 200 focal
lengths on a full-frame camera of 24 MP."""


class WallSheet(Sheet):
    """An upright sheet."""

    design = "wall"
    quiet_half = (QUIET_HALF, QUIET_HALF)

    @cached_property
    def marker_boxes(self) -> list[Box]:
        """The corners of the sheet, and left and right of the quiet zone."""
        corner, middle = CORNER_MARKER * self.u, MIDDLE_MARKER * self.u
        beside = QUIET_HALF * self.u + middle / 2
        return [
            *Box.at_corners(self.half_width - corner / 2, self.half_height - corner / 2, corner),
            *(Box.around(sx * beside, 0.0, middle, middle) for sx in (-1, 1)),
        ]

    @cached_property
    def qr_box(self) -> Box:
        """Above the quiet zone."""
        y = (QUIET_HALF + QR_QUIET_MODULES * QR_MODULE) * self.u + self.qr_side / 2
        return Box.around(0.0, y, self.qr_side, self.qr_side)

    def fills(self) -> Sequence[SlantedSquares]:
        """Return squares in all that the other parts leave free."""
        ink = [*self.marker_boxes, self.qr_box, *self.word_boxes]
        return [
            SlantedSquares(self.frame, SHEET, self.u, self.half_width, self.half_height, ink, blank=self.quiet_box)
        ]

    @property
    def word_boxes(self) -> list[Box]:
        """The strips of the check bars at the lower and the left border, and of the words at the upper one.

        The right border keeps as much free as the left one, so that both halves have the same squares.
        """
        bottom, left = -self.half_height, -self.half_width
        upright = Box(left, bottom, left + 2 * CHECK_BAR_HALF_HEIGHT + 1.3 * self.font, self.half_height)
        return [
            Box(left, bottom, -left, self.check_bar_y + CHECK_BAR_HALF_HEIGHT),
            upright,
            upright.mirrored(),
            Box(left, self.half_height - self.font, -left, self.half_height),
        ]

    @property
    def check_bar_y(self) -> float:
        """Above its words at the lower border."""
        return -self.half_height + 2.2 * self.font

    def polygons(self) -> Sequence[Polygon]:
        """Return the AF mark."""
        return upright_af_mark(self.frame, self.u)

    def labels(self) -> Sequence[Label]:
        """Return lengths of the check bars, which sheet this is, and how far away it is good for."""
        farthest = int(widest_distance_over_focal_length(self.quiet_zone_mm, 0.0))
        side = self.half_width - CORNER_MARKER * (1 + 1 / CELLS) * self.u
        y = self.half_height - 0.8 * self.font
        sheet = " ".join(filter(None, ("backfocus wall", self.paper.name.title(), self.scale_words)))
        beside = self.frame.page(-self.half_width + 2 * CHECK_BAR_HALF_HEIGHT + self.font, 0.0)
        return [
            self.label(f"{self.check_length} when printed at 100 %", 0.0, -self.half_height + 0.25 * self.font),
            Label(self.check_length, beside, self.font * self.scale, "middle", turn_deg=90.0),
            self.label(f"{sheet} · {self.chart_id}", -side, y, "start"),
            self.label(f"mark alone up to {farthest} focal lengths", side, y, "end"),
        ]
