"""One wing of a folded sheet: markers at its corners, a depth ruler, and bars outwards from the fold."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from backfocus.targets.chart import Label, Panel, Point, Polygon, Stroke
from backfocus.targets.designs.parts.edges.edge_bars import BarField
from backfocus.targets.designs.parts.rulers.wing_ruler import WingRuler
from backfocus.targets.designs.parts.sheet_frame import Box, SheetFrame
from backfocus.targets.markers import CELLS
from backfocus.targets.typography import LINE_SPACING

FOLD_CLEARANCE = 4.0
"""From a fold to markers and bars: a crease by hand is up to 1 mm off, and paper bends beside it."""
OUTER_MARKER, FOLD_MARKER = 24.0, 16.0
"""Blur grows with the distance from the fold: 85 mm f/1.4 at 25 focal lengths blurs by a radius of 0.9 mm at
60 mm depth, for which a marker needs 24 times as much."""
BAR_CLEARANCE = 3.0
WORDS = 1.2
"""Font size of the words that tell how the wing is folded, over that of the other words."""


@dataclass(frozen=True)
class Wing:
    """A wing, in the sheet frame at full size.

    Attributes:
        name: name of the panel.
        frame: frame of the page.
        side: +1 at the right, -1 at the left.
        fold_x: distance of the fold from the middle of the page.
        edge_x: distance of the paper's edge from there.
        margin: border that stays white.
        border_strip: what is taken by a check bar at the outer border, 0 without one.
        half_height: of the printed area.
        unit, font: size of the parts and of the words.
        angle_deg: nominal fold angle, positive for a wing that comes forward.
        words: what becomes of the wing when folded, in short lines.
    """

    name: str
    frame: SheetFrame
    side: int
    fold_x: float
    edge_x: float
    margin: float
    border_strip: float
    half_height: float
    unit: float
    font: float
    angle_deg: float
    words: tuple[str, ...]

    def panel(self) -> Panel:
        """Return the panel, from the fold to the paper's edge."""
        top = self.half_height + self.margin
        outline = self.frame.corners(self._box(0.0, -top, self.edge_x - self.fold_x, top))
        x = self.side * self.fold_x
        return Panel(self.name, outline, (self.frame.page(x, top), self.frame.page(x, -top)), self.angle_deg)

    @cached_property
    def marker_boxes(self) -> list[Box]:
        """Two beside the fold and two larger ones at the outer corners; in each pair the upper one first."""
        inner, outer = FOLD_MARKER * self.unit, OUTER_MARKER * self.unit
        return [
            self._box(out, sy * self.half_height, out + size, sy * (self.half_height - size))
            for out, size in ((self._nearest, inner), (self._farthest - outer, outer))
            for sy in (1, -1)
        ]

    @property
    def ruler(self) -> WingRuler:
        """The ruler at the height of the AF mark."""
        reach = self._farthest - self.border_strip
        x = self.side * self.fold_x
        return WingRuler(self.frame, abs(self.angle_deg), x, reach, self.unit, self.font, self.side)

    def strokes(self) -> list[Stroke]:
        """Return the ticks of the ruler."""
        return self.ruler.strokes()

    def labels(self) -> list[Label]:
        """Return the numbers of the ruler and the words at top and bottom."""
        size, top = WORDS * self.font, self.half_height
        told = [
            self._label(line, top - size * (1.0 + LINE_SPACING * index), WORDS, bold=True)
            for index, line in enumerate(self.words)
        ]
        bottom = -self.half_height + 0.25 * self.font
        told += [
            self._label("depth, mm", bottom + LINE_SPACING * self.font),
            self._label(f"at {abs(self.angle_deg):g}°", bottom),
        ]
        return [*self.ruler.labels(), *told]

    def arrow(self) -> Polygon:
        """Return a wedge below the words: down is towards the reader, up is away."""
        size = 1.3 * self.font
        tip, base = (0.0, size) if self.angle_deg > 0 else (size, 0.0)
        x, y, page = self._words_x, self._words_bottom + 0.3 * self.font, self.frame.page
        return Polygon((page(x - size / 2, y + base), page(x, y + tip), page(x + size / 2, y + base)))

    def bar_field(self) -> BarField:
        """Bars that part from each other as the camera sees them on this wing, so that its perspective only adds.

        The frame is turned, so that bars run along the page; they bend where its y is zero: at the fold of a wing
        that goes back, and at the outer end of one that comes forward.
        """
        width, infinite = self.edge_x - self.fold_x, math.inf
        ends = [
            Box(-infinite, -infinite, infinite, self._along(self._nearest, self._farthest - self.border_strip)[0]),
            Box(-infinite, self._along(self._nearest, self._farthest - self.border_strip)[1], infinite, infinite),
        ]
        ruler_height = 2 * self.ruler.half_height
        ruler = Box.around(self.side * (self.fold_x + width / 2), 0.0, width, ruler_height)
        ink = [*self.marker_boxes, *self._word_boxes(), ruler]
        white = [
            *(box.grown((box.right - box.left) / CELLS) for box in self.marker_boxes),
            *(box.grown(BAR_CLEARANCE * self.unit) for box in (*self._word_boxes(), ruler)),
        ]
        return BarField(
            SheetFrame((self._start[0], self.frame.origin_mm[1]), self.frame.scale, turned=True),
            self.name,
            self.unit,
            outer=self.half_height,
            reach=width,
            ink=[self._turned(box) for box in ink],
            keep_out=[*(self._turned(box) for box in white), *ends],
        )

    @property
    def _start(self) -> Point:
        """Page x where the bars' frame begins, and the same in the sheet frame."""
        x = self.fold_x if self.side > 0 else -self.edge_x
        return self.frame.origin_mm[0] + x, x

    def _along(self, nearest: float, farthest: float) -> tuple[float, float]:
        """Return the bars' y of two distances from the fold, the lower first."""
        box = self._turned(self._box(nearest, 0.0, farthest, 0.0))
        return box.bottom, box.top

    def _turned(self, box: Box) -> Box:
        """Return a box as the bars' frame has it."""
        start = self._start[1]
        return Box(-box.top, box.left - start, -box.bottom, box.right - start)

    @property
    def _nearest(self) -> float:
        return FOLD_CLEARANCE * self.unit

    @property
    def _farthest(self) -> float:
        return self.edge_x - self.fold_x - self.margin

    @property
    def _words_out(self) -> tuple[float, float]:
        """Distances from the fold between which there is room for words, between the markers and their white."""
        beside = 1 + 1 / CELLS
        return (
            self._nearest + FOLD_MARKER * beside * self.unit,
            self._farthest - OUTER_MARKER * beside * self.unit,
        )

    @property
    def _words_x(self) -> float:
        return self.side * (self.fold_x + sum(self._words_out) / 2)

    @property
    def _words_bottom(self) -> float:
        lines = len(self.words) * LINE_SPACING * WORDS
        return self.half_height - (lines + 1.8) * self.font

    def _word_boxes(self) -> Iterable[Box]:
        top = self.half_height
        near, far = self._words_out
        return (
            self._box(near, self._words_bottom, far, top),
            self._box(near, -top, far, -top + (LINE_SPACING + 1.0) * self.font),
        )

    def _label(self, text: str, y: float, size: float = 1.0, bold: bool = False) -> Label:
        place = self.frame.page(self._words_x, y)
        return Label(text, place, size * self.font * self.frame.scale, "middle", bold)

    def _box(self, near: float, y: float, far: float, other_y: float) -> Box:
        """Return the box between two distances from the fold and two heights."""
        x = sorted((self.side * (self.fold_x + near), self.side * (self.fold_x + far)))
        return Box(x[0], min(y, other_y), x[1], max(y, other_y))
