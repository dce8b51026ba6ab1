"""The `flat` design: one sheet that leans back, with tiles of steep and of level edges at every depth.

The tiles reach up to the AF mark, in weak ink as far as an AF area sees, so that it keeps to the mark. Markers
stand at both sides and in the corners, larger where there is more blur, far from depth zero. The QR code and two
small markers stand at depth zero. A depth ruler runs up the right border and a check bar the left one; words are
between the corner markers.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import cached_property

from .chart import Label, Polygon, Stroke, widest_distance_over_focal_length
from .ids import CELLS
from .parts import MARK_BOX, BorderRuler, af_mark
from .sheet import CAPITALS, CHECK_BAR_HALF_HEIGHT, LINE_SPACING, MARGIN, SHEET, Box, Sheet
from .tiles import LEVEL_CLEAR, LEVEL_EDGES, LEVEL_HALF, ROW, TILE_SLANT, TileField

QUIET_HALF_WIDTH, QUIET_HALF_HEIGHT = 37.5, 50.0
"""Where edges beside the mark are weak: an AF area of 2 mm sees no more up to 36 focal lengths, at 45°."""
CORNER_MARKER, SIDE_MARKER, ZERO_MARKER = 36.0, 24.0, 17.0
"""A marker is read up to a blur radius of 1/24 of its side: 1.5, 1.0 and 0.7 mm on the sheet."""
SIDE_MARKERS_X, SIDE_MARKERS_Y = 76.0, (76.0, 42.0)
ZERO_MARKERS_X, ZERO_MARKERS_Y = 74.0, 10.5
QR_X, QR_WHITE = -76.0, 3.8
"""Slanted bars of the last column reach 0.2 mm into the fourth plain module that readers are promised."""
CORNER_STEP, CORNER_TOLERANCE = 0.5, 0.02
"""Corner markers stand where the printable area ends, to half a millimetre: A3 lacks 0.02 mm to have A4's shape."""
WORDS_STRIP = 19.5
"""Left to words and the check bar at either end: as much as the words need at the smallest scale."""
HALF_TILE = LEVEL_EDGES[-1] + TILE_SLANT * LEVEL_HALF
LONGEST_ANGLE = "00.0°"
"""Holds the place of the angle while lines are broken."""
DESCENDERS = 0.25
"""Of the font size, below the baseline."""
FAR_EDGE = 2.9
"""Baseline of the words at the far edge below the border, over the font size."""
LETTER_EMS = 0.54
"""Mean width of a letter of the printed font, over its size, for breaking lines."""
SENTENCES = (
    f"Lean the far edge back {LONGEST_ANGLE}. Lens wide open, focus on the mark.",
    "Stand no farther than {n} focal lengths away.",
    "Ruler numbers: depth in mm, plus behind the mark, minus in front of it.",
)
SHORT_SENTENCES = (
    f"Lean back {LONGEST_ANGLE}, lens wide open, focus on mark.",
    "Up to {n} focal lengths. Ruler: depth in mm.",
)
"""For sheets so small that the sentences would not be readable in the room there is."""


class FlatSheet(Sheet):
    """A sheet that leans back."""

    design = "flat"
    lies_across = False
    quiet_half = (QUIET_HALF_WIDTH, QUIET_HALF_HEIGHT)

    @cached_property
    def corner_mm(self) -> tuple[float, float]:
        """Where the markers' outer corner is, right and up of the mark, at unit 1."""
        x, y = (side / 2 / self.u - MARGIN + CORNER_TOLERANCE for side in self.page_size)
        return (x // CORNER_STEP * CORNER_STEP, y // CORNER_STEP * CORNER_STEP)

    @cached_property
    def marker_boxes(self) -> list[Box]:
        """Corners, sides above and below, and beside the AF mark."""
        (x, y), u = self.corner_mm, self.u
        half = CORNER_MARKER / 2
        return [
            *Box.at_corners((x - half) * u, (y - half) * u, CORNER_MARKER * u),
            *(
                box
                for height in SIDE_MARKERS_Y
                for box in Box.at_corners(SIDE_MARKERS_X * u, height * u, SIDE_MARKER * u)
            ),
            *(
                Box.around(ZERO_MARKERS_X * u, end * ZERO_MARKERS_Y * u, ZERO_MARKER * u, ZERO_MARKER * u)
                for end in (1, -1)
            ),
        ]

    @cached_property
    def qr_box(self) -> Box:
        """Left of the tiles, at depth zero."""
        return Box.around(QR_X * self.u, 0.0, self.qr_side, self.qr_side)

    def fills(self) -> Sequence[TileField]:
        """Return tiles in all that the other parts leave free."""
        u, last = self.u, self.last_row
        keep_out = [
            *(box.with_white() for box in self.marker_boxes),
            self.qr_box.grown(QR_WHITE * u),
            Box(*(u * side for side in MARK_BOX)),
        ]
        return [TileField(self.frame, SHEET, u, (-last, last), keep_out, self.quiet_box)]

    @property
    def last_row(self) -> int:
        """Number of the last row of tiles that leaves room for words."""
        return int((self.corner_mm[1] - WORDS_STRIP - HALF_TILE) / ROW)

    @property
    def ruler(self) -> BorderRuler:
        """The ruler at the right border, beside the side markers and the white around them."""
        inner = (SIDE_MARKERS_X + SIDE_MARKER * (0.5 + 1 / CELLS)) * self.u
        reach = (self.corner_mm[1] - CORNER_MARKER * (1 + 1 / CELLS)) * self.u - 1.5 * self.font
        return BorderRuler(self.frame, self.angle_deg, reach, self.u, self.font, +1, inner, self.half_width)

    @property
    def check_bar_y(self) -> float:
        """Above the instructions."""
        lines = self.instructions_lowest + len(self.instructions) * self.line_spacing
        return lines + (CAPITALS + 0.4) * self.font + CHECK_BAR_HALF_HEIGHT

    def polygons(self) -> Sequence[Polygon]:
        """Return the AF mark, and two wedges beside the words at the far edge."""
        base, size, page = self.half_height - FAR_EDGE * self.font, 1.1 * self.font, self.frame.page
        return (
            *af_mark(self.frame, self.u),
            *(
                Polygon((page(x - size / 2, base), page(x, base + size), page(x + size / 2, base)))
                for x in (-5.5 * self.font, 5.5 * self.font)
            ),
        )

    def strokes(self) -> Sequence[Stroke]:
        """Return the ruler's ticks."""
        return self.ruler.strokes()

    def labels(self) -> Sequence[Label]:
        """Return the ruler's numbers, which sheet this is and which way round it stands, and what to do."""
        top, side, font = self.half_height, self.words_half_width, self.font
        name = " ".join(filter(None, ("flat", self.paper.name.title(), self.scale_words)))
        lines = self.instructions
        lowest, spacing = self.instructions_lowest, self.line_spacing
        checked = lowest + len(lines) * spacing
        return [
            *self.ruler.labels(),
            self.label(f"{self.check_length} when printed at 100 %", 0.0, checked),
            self.upright_bar_label(),
            self.label("backfocus", -side, top - font, "start", size=1.3, bold=True),
            self.label(f"{name} · {self.angle_deg:g}° · {self.chart_id}", side, top - font, "end"),
            self.label("FAR EDGE", 0.0, top - FAR_EDGE * font, size=1.5, bold=True),
            self.label("this side away from the camera", 0.0, top - (FAR_EDGE + 1.2) * font),
            *(
                self.label(line, 0.0, lowest + (len(lines) - 1 - index) * spacing)
                for index, line in enumerate(lines)
            ),
        ]

    @cached_property
    def instructions(self) -> list[str]:
        """What to do and how to read the ruler, in lines that fit between the corner markers."""
        farthest = int(widest_distance_over_focal_length(self.quiet_zone_mm, self.angle_deg))
        letters = int(2 * self.words_half_width / (LETTER_EMS * self.font))
        wordings = (SENTENCES, SHORT_SENTENCES)
        broken = [[line for sentence in words for line in _even_lines(sentence, letters)] for words in wordings]
        lines = next((lines for lines in broken if len(lines) * LINE_SPACING * self.font <= self._room), broken[-1])
        return [line.replace(LONGEST_ANGLE, f"{self.angle_deg:g}°").format(n=farthest) for line in lines]

    @property
    def line_spacing(self) -> float:
        """From one baseline of the instructions to the next."""
        return min(LINE_SPACING * self.font, self._room / len(self.instructions))

    @property
    def _room(self) -> float:
        """Height left to the instructions below the check bar and its length."""
        bar_and_length = 2 * CHECK_BAR_HALF_HEIGHT + (CAPITALS + 0.4) * self.font
        tiles = self.last_row * ROW + HALF_TILE + LEVEL_CLEAR
        return self.half_height - tiles * self.u - bar_and_length - DESCENDERS * self.font

    @property
    def words_half_width(self) -> float:
        """Half of the width between the corner markers and the white around them."""
        return (self.corner_mm[0] - CORNER_MARKER * (1 + 1 / CELLS)) * self.u

    @property
    def instructions_lowest(self) -> float:
        """Baseline of the last line."""
        return -self.half_height + DESCENDERS * self.font


def _even_lines(text: str, letters: int) -> list[str]:
    """Break a text into as few lines as `letters` a line allow, of about the same length."""
    count = len(textwrap.wrap(text, letters))
    return next(lines for width in range(1, letters + 1) if len(lines := textwrap.wrap(text, width)) <= count)
