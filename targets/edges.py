"""Printed edges, which fill what other parts leave free: rows of bars along the depth, and slanted squares."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

from .chart import Edge, Point, Polygon
from .sheet import Box, SheetFrame

BAR_WIDTH = 5.0
"""Bars and gaps hold a blur disc of 5 mm: 85 mm f/1.4 at 1.5 m, 90 mm away from focus, has 3.6 mm."""
SLANT = math.tan(math.radians(4.0))
"""Keeps edges off the pixel grid when the camera is square to the sheet. A sheet at 45° shows it as 6°, and
perspective changes that by at most 3° (35 mm lens at 25 focal lengths, 60 mm beside the middle)."""
SHORTEST, LONGEST = 16.0, 36.0
"""Of an edge: below, little is left between the ends; above, the white beside it can vary much from end to end."""

BLACK = 0.0
LOST_AT_ENDS = 6.0
"""Of a bar: what cannot be measured near its two ends, where the end is blurred into the edge."""
PLACES_TRIED = 40
SIDE, PITCH = 13.0, 20.0
"""An edge is long enough for a few pieces between its ends, and a page of any size holds over 40. Larger ones have
less length of edges on each paper, smaller ones lose more of theirs at the ends."""
TURN_DEG = 5.0
"""Keeps edges off the pixel grid when the camera is upright, as is usual for slanted edges (ISO 12233); neighbours
turn opposite ways, so that a camera that is not upright has half of them along the grid at most."""

Stretch = tuple[float, float]


@dataclass(frozen=True)
class BarField:
    """The bars of one panel, in its sheet frame: long edges along the depth direction.

    A family of bars, all with the same slant and pitch, runs up the right half of the panel; the left half mirrors
    it. Every bar is cut where it would come too near to something else. A bar bends at depth zero, so that its
    upper and lower half lean differently against the pixel grid.

    Attributes:
        frame: frame of the panel.
        panel: name of the panel.
        unit: size of the bars; the width of bar and gap is `BAR_WIDTH` times it.
        outer: how far from the middle a bar may reach at depth zero, mm at full size.
        reach: how far up and down bars may run.
        ink: boxes of everything else that is printed.
        keep_out: boxes that bars must stay out of; they include those of `ink` and the white around them.
    """

    frame: SheetFrame
    panel: str
    unit: float
    outer: float
    reach: float
    ink: Sequence[Box]
    keep_out: Sequence[Box]

    @cached_property
    def _seen(self) -> dict[int, list[Box]]:
        """The boxes to stay out of, as the right half (1) and the mirrored left half (-1) see them."""
        return {side: list(seen_from(side, self.keep_out)) for side in (1, -1)}

    def polygons(self) -> list[Polygon]:
        """Return the bars as shapes."""
        return [bar.polygon() for bar in self.bars]

    def edges(self) -> list[Edge]:
        """Return the long sides of all bars."""
        return [edge for number, bar in enumerate(self.bars) for edge in bar.edges(number)]

    @cached_property
    def bars(self) -> list[Bar]:
        """All bars, from right to left in the right half, then in the left.

        The family is moved to where it gives the most length of edges.
        """
        step = 2 * BAR_WIDTH * self.unit / PLACES_TRIED
        return max((self._bars(self.outer - index * step) for index in range(PLACES_TRIED)), key=self._worth)

    def _bars(self, outer: float) -> list[Bar]:
        """Return the family whose outermost bar reaches to `outer` at depth zero."""
        width = BAR_WIDTH * self.unit
        count = math.ceil((outer + self.reach * SLANT) / (2 * width))
        return [
            Bar(self, side, start, bottom, top)
            for side in (1, -1)
            for start in (outer - width - 2 * width * index for index in range(count))
            for bottom, top in self._free_stretches(side, start)
        ]

    def _worth(self, bars: Sequence[Bar]) -> float:
        """Return the length that is good for measuring; rounded, so that ties are ties on every machine."""
        return round(sum(bar.top - bar.bottom - LOST_AT_ENDS * self.unit for bar in bars), 1)

    def _free_stretches(self, side: int, start: float) -> list[Stretch]:
        """Return where, from bottom to top, a bar that passes depth zero at `start` is free."""
        width = BAR_WIDTH * self.unit
        middle = Box(-math.inf, -self.reach, width / 2, self.reach)
        blocked: list[Stretch] = []
        for box in (middle, *self._seen[side]):
            first, last = max(0.0, (start - box.right) / SLANT), (start + width - box.left) / SLANT
            if first >= last:
                continue
            for low, high in ((first, last), (-last, -first)):
                if max(low, box.bottom) < min(high, box.top):
                    blocked.append((max(low, box.bottom), min(high, box.top)))
        return [
            (low, high)
            for low, high in _gaps(blocked, -self.reach, self.reach)
            if high - low >= SHORTEST * self.unit
        ]


@dataclass(frozen=True)
class Bar:
    """One bar from `bottom` to `top`; `start` is where its inner side would pass depth zero."""

    field: BarField
    side: int
    start: float
    bottom: float
    top: float

    def polygon(self) -> Polygon:
        """Return the bar as one shape."""
        inner = [self._page(self.start, y) for y in self._knots()]
        outer = [self._page(self.start + self._width, y) for y in reversed(self._knots())]
        return Polygon((*inner, *outer))

    def edges(self, number: int) -> list[Edge]:
        """Return its long sides, from bottom to top, in straight pieces; `number` is the bar's."""
        return [
            self._edge(start, *piece, outwards, number)
            for start, outwards in ((self.start, False), (self.start + self._width, True))
            for stretch in pairwise(self._knots())
            for piece in _pieces(stretch, LONGEST * self.field.unit)
        ]

    @property
    def _width(self) -> float:
        return BAR_WIDTH * self.field.unit

    def _knots(self) -> list[float]:
        bend = [0.0] if self.bottom < 0.0 < self.top else []
        return [self.bottom, *bend, self.top]

    def _edge(self, start: float, low: float, high: float, outwards: bool, number: int) -> Edge:
        """One side of the bar; the white is away from the middle when `outwards`."""
        dark: Literal["left", "right"] = "left" if outwards == (self.side > 0) else "right"
        clear = min(self._width, *self._distances(start, low, high, outwards))
        across = clear * self.field.frame.scale / math.hypot(1.0, SLANT)
        ends = self._page(start, low), self._page(start, high)
        return Edge(self.field.panel, *ends, dark, round(across, 6), number, BLACK)

    def _distances(self, start: float, low: float, high: float, outwards: bool) -> Iterable[float]:
        """Yield the width of the white between the edge and each thing beside it, at the narrowest place."""
        for box in seen_from(self.side, self.field.ink):
            if box.bottom < high and box.top > low:
                ends = [_x(start, y) for y in (max(low, box.bottom), min(high, box.top))]
                distance = box.left - max(ends) if outwards else min(ends) - box.right
                if distance >= 0.0:
                    yield distance

    def _page(self, start: float, y: float) -> Point:
        return self.field.frame.page(self.side * _x(start, y), y)


def seen_from(side: int, boxes: Iterable[Box]) -> list[Box]:
    """Return the boxes as they are for the right half, or mirrored for the left."""
    return [box if side > 0 else box.mirrored() for box in boxes]


def _x(start: float, y: float) -> float:
    return start - SLANT * abs(y)


def _pieces(stretch: Stretch, longest: float) -> Iterable[Stretch]:
    """Return equal parts of a stretch, none over `longest`."""
    low, high = stretch
    count = math.ceil((high - low) / longest)
    return pairwise([low + (high - low) * index / count for index in range(count + 1)])


def _gaps(blocked: Iterable[Stretch], low: float, high: float) -> list[Stretch]:
    """Return what the blocked stretches leave free between `low` and `high`."""
    gaps = []
    for bottom, top in sorted(blocked):
        if bottom > low:
            gaps.append((low, min(bottom, high)))
        low = max(low, top)
    return [*gaps, (low, high)] if low < high else gaps


@dataclass(frozen=True)
class SlantedSquares:
    """A grid of squares around the AF mark, slightly turned: each has edges of both directions at one place.

    Attributes:
        frame: frame of the panel.
        panel: name of the panel.
        unit: size of the squares; their side is `SIDE` times it.
        half_width, half_height: of the area that squares may cover, mm at full size.
        ink: boxes of everything else that is printed; white between neighbours is also kept to these.
        blank: a box that squares stay out of, and that holds no ink near its border.
    """

    frame: SheetFrame
    panel: str
    unit: float
    half_width: float
    half_height: float
    ink: Sequence[Box]
    blank: Box

    def polygons(self) -> list[Polygon]:
        """Return the squares, row by row from the top left."""
        return [Polygon(tuple(self.frame.page(*corner) for corner in corners)) for corners in self._squares]

    def edges(self) -> list[Edge]:
        """Return the four sides of every square, clockwise as printed, so that the ink is on the right."""
        clear = round(self._white * self.frame.scale, 6)
        return [
            Edge(self.panel, self.frame.page(*start), self.frame.page(*end), "right", clear, number, BLACK)
            for number, corners in enumerate(self._squares)
            for start, end in pairwise((*corners, corners[0]))
        ]

    @cached_property
    def _squares(self) -> list[list[tuple[float, float]]]:
        """Corners of the squares that stand clear of everything else."""
        pitch = PITCH * self.unit
        columns, rows = (int((half / pitch) + 0.5) for half in (self.half_width, self.half_height))
        return [
            self._corners(column * pitch, row * pitch, 1 if (row + column) % 2 == 0 else -1)
            for row in range(rows, -rows - 1, -1)
            for column in range(-columns, columns + 1)
            if self._is_free(column * pitch, row * pitch)
        ]

    @property
    def _size(self) -> float:
        """Width of the upright box around a square."""
        turn = math.radians(TURN_DEG)
        return SIDE * self.unit * (math.cos(turn) + math.sin(turn))

    @property
    def _white(self) -> float:
        """Width of the white between neighbours, and so all around every square."""
        return PITCH * self.unit - self._size

    def _is_free(self, x: float, y: float) -> bool:
        box = Box.around(x, y, self._size, self._size)
        inside = box.right <= self.half_width and box.left >= -self.half_width
        inside = inside and box.top <= self.half_height and box.bottom >= -self.half_height
        alone = not any(box.grown(self._white).overlaps(other) for other in self.ink)
        return inside and alone and not box.overlaps(self.blank)

    def _corners(self, x: float, y: float, hand: int) -> list[tuple[float, float]]:
        """Return the corners of a square around (x, y), clockwise as printed from the upper left."""
        half, turn = SIDE / 2 * self.unit, hand * math.radians(TURN_DEG)
        c, s = half * math.cos(turn), half * math.sin(turn)
        return [(x + a * c - b * s, y + a * s + b * c) for a, b in ((-1, 1), (1, 1), (1, -1), (-1, -1))]
