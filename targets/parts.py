"""Parts that designs share: AF marks, depth rulers, fold lines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from .chart import Label, Point, Polygon, Stroke
from .sheet import CAPITALS, Box, SheetFrame

Fold = Literal["valley", "mountain"]

PATTERNS: dict[Fold, tuple[float, ...]] = {"valley": (3.0, 1.5), "mountain": (4.0, 1.2, 0.4, 1.2)}
"""Lengths of ink and gap in turn, mm at full size and unit 1; as usual, a mountain is dashes and dots."""
FOLD_WIDTH = 0.25
"""Thin beside the 3 mm that markers and edges keep from a fold, wide enough to lay a ruler along."""


def fold_line(frame: SheetFrame, fold: Fold, x: float, bottom: float, top: float, unit: float) -> list[Stroke]:
    """Return the dashes of an upright fold line at `x`, with its middle exactly on the fold.

    Args:
        frame: frame of the page.
        fold: "valley" if the crease lies deep when looked at from the printed side.
        x, bottom, top: where the line runs, mm at full size.
        unit: size of the pattern.
    """
    strokes = []
    start, index, pattern = bottom, 0, PATTERNS[fold]
    while start < top:
        end = start + pattern[index % len(pattern)] * unit
        if index % 2 == 0:
            ends = (frame.page(x, start), frame.page(x, min(end, top)))
            strokes.append(Stroke(*ends, FOLD_WIDTH * unit * frame.scale))
        start, index = end, index + 1
    return strokes


BLOCKS = ((0.0, 4.0), (5.5, 8.5), (9.5, 11.5), (12.3, 13.3))
"""From the middle outwards: upright edges of many spacings, so that AF finds some that suit it at any distance."""
HALF_HEIGHT, HALF_LINE = 4.0, 0.5
"""The mark spans few millimetres of depth; the white line through it is depth zero."""
MARK_WHITE = 3.0
"""Between the mark and the tiles beside it."""
MARK_BOX = (
    -BLOCKS[-1][1] - MARK_WHITE,
    -HALF_HEIGHT - MARK_WHITE,
    BLOCKS[-1][1] + MARK_WHITE,
    HALF_HEIGHT + MARK_WHITE,
)
"""What is kept free for the mark at unit 1: left, bottom, right, top."""


def af_mark(frame: SheetFrame, unit: float) -> tuple[Polygon, ...]:
    """Return the mark of a panel that leans: a coarse block, finer ones outwards, a white line at depth zero.

    Args:
        frame: frame of the panel; the mark is at its origin.
        unit: size of the mark, 1 for a mark of 26.6 mm by 8 mm at full size.
    """
    halves = [(-BLOCKS[0][1], BLOCKS[0][1]), *BLOCKS[1:], *((-right, -left) for left, right in BLOCKS[1:])]
    rows = ((HALF_LINE, HALF_HEIGHT), (-HALF_HEIGHT, -HALF_LINE))
    return tuple(
        Polygon(frame.corners(Box(left * unit, bottom * unit, right * unit, top * unit)))
        for left, right in sorted(halves)
        for bottom, top in rows
    )


BLOCK = 2.4
"""Half width of the block in the middle."""
RINGS = ((3.6, 4.9), (5.6, 6.5))
"""Square rings around it, from inner to outer half width. No two widths of ink or paper are alike: where a pattern
repeats itself, phase detection may lock on its neighbour. At 25 focal lengths the finest, 0.7 mm, is 30 µm on the
sensor, and at 50 focal lengths the whole mark is still 270 µm."""
SLIT = 0.35
"""Along the diagonals, on either side: slanted detail for slanted AF sensors."""


def upright_af_mark(frame: SheetFrame, unit: float) -> tuple[Polygon, ...]:
    """Return the mark of a panel that faces the camera: a block and two square rings, open at the corners.

    All of it has one depth, so it may be as high as it is wide, and it is alike after every quarter turn: AF
    sensors of either direction find the same detail.

    Args:
        frame: frame of the panel; the mark is at its origin.
        unit: size of the mark, 1 for a mark of 13 mm by 13 mm at full size.
    """
    block = BLOCK * unit
    bars = [_bar(frame, turn, inner * unit, outer * unit, unit) for inner, outer in RINGS for turn in range(4)]
    return (Polygon(frame.corners(Box(-block, -block, block, block))), *bars)


def _bar(frame: SheetFrame, quarter_turns: int, inner: float, outer: float, unit: float) -> Polygon:
    """Return one side of a ring, mitred at both ends."""
    slit = SLIT * unit
    points = [(slit - inner, inner), (inner - slit, inner), (outer - slit, outer), (slit - outer, outer)]
    for _ in range(quarter_turns):
        points = [(-y, x) for x, y in points]
    return Polygon(tuple(frame.page(x, y) for x, y in points))


NUMBER_STEPS_MM = (5, 10, 20, 50, 100)
TICK_WIDTH = 0.15
SIGN_EMS, DIGIT_EMS = 0.86, 0.64
"""Widths in the printed font over its size."""
LONGEST_TICK = 4.0


@dataclass(frozen=True)
class _Ruler:
    """A ruler that counts millimetres of depth as printed, not of paper; ten ticks from one number to the next, or
    five.

    Attributes:
        frame: frame of the page.
        angle_deg: tilt or fold that the numbers are for, degrees; depth is the way along the ruler times its sine.
        reach: length along the ruler, from depth zero, that it may cover, mm at full size.
        unit: size of the ticks.
        font: font size of the numbers, mm at full size.
        side: +1 for the ruler at the right, -1 for the left one.
    """

    frame: SheetFrame
    angle_deg: float
    reach: float
    unit: float
    font: float
    side: int

    closest_numbers: ClassVar[float]
    """Distance of two numbers over their font size, at least."""

    def strokes(self) -> list[Stroke]:
        """Return the ticks."""
        step = self._number_step()
        return [
            Stroke(*self._tick(depth, self._tick_length(depth, step)), TICK_WIDTH * self.unit * self.frame.scale)
            for depth in self._depths(max(step // 10, 1))
        ]

    @property
    def ticks(self) -> tuple[float, float, float]:
        """Lengths of ticks over the unit: at a number, half-way, others."""
        raise NotImplementedError

    def _tick(self, depth_mm: int, length: float) -> tuple[Point, Point]:
        raise NotImplementedError

    def _depths(self, step: int) -> list[int]:
        raise NotImplementedError

    def _tick_length(self, depth_mm: int, step: int) -> float:
        whole, half, part = self.ticks
        return whole if depth_mm % step == 0 else half if 2 * depth_mm % step == 0 else part

    def _way(self, depth_mm: float) -> float:
        """Way along the ruler, mm at full size, of a depth in mm as printed."""
        return depth_mm / math.sin(math.radians(self.angle_deg)) / self.frame.scale

    def _number_step(self) -> int:
        wanted = self.closest_numbers * self.font
        return next((step for step in NUMBER_STEPS_MM if self._way(step) >= wanted), NUMBER_STEPS_MM[-1])


@dataclass(frozen=True)
class BorderRuler(_Ruler):
    """A ruler that runs up a border of a leaning sheet: ticks inside, numbers outside, turned to read upwards.

    Attributes:
        inner, outer: where ticks begin and numbers end, from the middle of the sheet, mm at full size.
    """

    inner: float
    outer: float

    closest_numbers = 3.6
    number_gap: ClassVar[float] = 0.4

    @property
    def ticks(self) -> tuple[float, float, float]:
        """Lengths of ticks over the unit: what numbers leave of the border."""
        longest = (self.outer - self.inner - CAPITALS * self.font) / self.unit - self.number_gap
        whole = min(longest, LONGEST_TICK)
        return (whole, 0.75 * whole, 0.5 * whole)

    def labels(self) -> list[Label]:
        """Return the numbers: depth in mm as printed, plus on the far side."""
        x = self._ticks_end + self.number_gap * self.unit + (CAPITALS * self.font if self.side > 0 else 0.0)
        return [
            Label(
                depth_text(depth),
                self.frame.page(self.side * x, self._way(depth)),
                self.font * self.frame.scale,
                "middle",
                bold=depth == 0,
                turn_deg=90.0,
            )
            for depth in self._depths(self._number_step())
        ]

    @property
    def _ticks_end(self) -> float:
        return self.inner + self.ticks[0] * self.unit

    def _tick(self, depth_mm: int, length: float) -> tuple[Point, Point]:
        y, end = self._way(depth_mm), self._ticks_end
        return (
            self.frame.page(self.side * (end - length * self.unit), y),
            self.frame.page(self.side * end, y),
        )

    def _depths(self, step: int) -> list[int]:
        most = int(self.reach / self._way(step))
        return [step * index for index in range(-most, most + 1)]


@dataclass(frozen=True)
class WingRuler(_Ruler):
    """A ruler that runs outwards from a fold at `fold_x`, ticks above and numbers below the middle of the sheet."""

    fold_x: float

    closest_numbers = 3.6
    number_gap: ClassVar[float] = 0.6

    @property
    def ticks(self) -> tuple[float, float, float]:
        """Lengths of ticks over the unit."""
        return (3.2, 2.3, 1.5)

    @property
    def half_height(self) -> float:
        """Of ticks and numbers; the same for every fold angle, as bars keep out of it."""
        return max(self.ticks[0] * self.unit, self.number_gap * self.unit + CAPITALS * self.font)

    def labels(self) -> list[Label]:
        """Return the numbers: depth in mm as printed, plus on the wing that goes back."""
        baseline = -self.number_gap * self.unit - CAPITALS * self.font
        return [
            Label(
                depth_text(self.side * depth),
                self.frame.page(self._x(depth), baseline),
                self.font * self.frame.scale,
                "middle",
            )
            for depth in self._depths(self._number_step())
        ]

    def _tick(self, depth_mm: int, length: float) -> tuple[Point, Point]:
        x = self._x(depth_mm)
        return self.frame.page(x, 0.0), self.frame.page(x, length * self.unit)

    def _x(self, depth_mm: int) -> float:
        return self.fold_x + self.side * self._way(depth_mm)

    def _depths(self, step: int) -> list[int]:
        """Return multiples of a step, of which the first is far enough from the fold for its number."""
        nearest, farthest = 1.6 * self.font, self.reach - 1.2 * self.font
        last = int(farthest / self._way(step))
        return [step * index for index in range(1, last + 1) if self._way(step * index) >= nearest]


def depth_text(depth_mm: int) -> str:
    """Return a depth with its sign, as printed: 0 has none, and minus is a minus sign rather than a hyphen."""
    sign = "+" if depth_mm > 0 else "\N{MINUS SIGN}" if depth_mm < 0 else ""
    return f"{sign}{abs(depth_mm)}"
