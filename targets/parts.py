"""Parts that all designs share: sheet frame, AF marks, rulers, fold lines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from .chart import Label, Point, Polygon, Quad, Stroke
from .ids import Paper

# Measures of the type that charts and pages are set in, over the font size.

LINE_SPACING = 1.45
CAPITALS = 0.73
"""Height of capitals and figures: half of it below a point, the baseline centres them there (Bitstream Vera)."""


# Measures that all designs share, mm at full size.

MARGIN = 9.0
"""At the smallest scale, 0.6, it is still over the 5 mm that home printers cannot print on."""
QR_MODULE = 1.0
CHECK_BAR, CHECK_BAR_HALF_HEIGHT = 100.0, 1.0
"""Length, and half the height of its ticks."""
TEXT, SMALLEST_TEXT_MM = 2.6, 2.4
"""Font size at full size, and the smallest that may get printed: it is read at arm's length."""


def unit(paper: Paper) -> float:
    """Return the design's unit, by which features grow on larger papers: 1 for A4 and Letter."""
    return min(paper.width_mm / 210.0, paper.height_mm / 279.4)


def font_size(paper: Paper, scale: float) -> float:
    """Return the font size that is large enough when printed at a scale."""
    return max(TEXT * unit(paper), SMALLEST_TEXT_MM / scale)


# Where things lie on a panel at full size, and where they then get printed on the page.


@dataclass(frozen=True)
class Box:
    """An upright rectangle in the sheet frame, mm at full size, y up."""

    left: float
    bottom: float
    right: float
    top: float

    @staticmethod
    def around(x: float, y: float, width: float, height: float) -> Box:
        """Return the box of a size with its middle at (x, y)."""
        return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    def grown(self, by: float) -> Box:
        """Return the box with a border of width `by` added all round."""
        return Box(self.left - by, self.bottom - by, self.right + by, self.top + by)

    def mirrored(self) -> Box:
        """Return the box mirrored left to right at the AF mark."""
        return Box(-self.right, self.bottom, -self.left, self.top)

    def overlaps(self, other: Box) -> bool:
        """Return whether the two boxes have an area in common."""
        level = self.left < other.right and other.left < self.right
        return level and self.bottom < other.top and other.bottom < self.top


@dataclass(frozen=True)
class SheetFrame:
    """The sheet frame of a page: mm at full size, origin at the AF mark, x right, y up as printed.

    Attributes:
        origin_mm: the AF mark on the full-size page, from its top-left corner.
        scale: printed size over full size.
        turned: whether the frame is turned by a quarter: x runs down the page and y to its right.
    """

    origin_mm: Point
    scale: float
    turned: bool = False

    def page(self, x: float, y: float) -> Point:
        """Return where a point of the sheet lies on the printed page, mm, y down."""
        right, up = (y, -x) if self.turned else (x, y)
        return (round((self.origin_mm[0] + right) * self.scale, 6), round((self.origin_mm[1] - up) * self.scale, 6))

    def corners(self, box: Box) -> Quad:
        """Return the corners of a box on the printed page, from top-left clockwise as printed."""
        return (
            self.page(box.left, box.top),
            self.page(box.right, box.top),
            self.page(box.right, box.bottom),
            self.page(box.left, box.bottom),
        )


# Fold lines, marked in the usual way: a valley is dashed, a mountain is dashes and dots in turn.

Fold = Literal["valley", "mountain"]

PATTERNS: dict[Fold, tuple[float, ...]] = {"valley": (3.0, 1.5), "mountain": (4.0, 1.2, 0.4, 1.2)}
"""Lengths of ink and gap in turn, mm at full size and unit 1."""
WIDTH = 0.25
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
            strokes.append(Stroke(*ends, WIDTH * unit * frame.scale))
        start, index = end, index + 1
    return strokes


# The mark that autofocus is aimed at.

BLOCKS = ((0.0, 4.0), (5.5, 8.5), (9.5, 11.5), (12.3, 13.3))
"""From the middle outwards: upright edges of many spacings, so that AF finds some that suit it at any distance."""
HALF_HEIGHT, HALF_LINE = 4.0, 0.5
"""The mark spans few millimetres of depth; the white line through it is depth zero."""


def af_mark(frame: SheetFrame, unit: float) -> tuple[Polygon, ...]:
    """Return the mark: a coarse block in the middle, finer ones outwards, all split by a white line at depth zero.

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


# The mark that autofocus is aimed at on a panel that faces the camera.
#
# All of it has one depth, so it may be as high as it is wide: AF sensors of either direction find the same detail.

BLOCK = 2.4
"""Half width of the block in the middle."""
RINGS = ((3.6, 4.9), (5.6, 6.5))
"""Square rings around it, from inner to outer half width. No two widths of ink or paper are alike: where a pattern
repeats itself, phase detection may lock on its neighbour. At 25 focal lengths the finest, 0.7 mm, is 30 µm on the
sensor, and at 50 focal lengths the whole mark is still 270 µm."""
SLIT = 0.35
"""Along the diagonals, on either side: slanted detail for slanted AF sensors."""
UPRIGHT_HALF_HEIGHT = RINGS[-1][1]


def upright_af_mark(frame: SheetFrame, unit: float) -> tuple[Polygon, ...]:
    """Return the mark: a block and two square rings, open at the corners; alike after every quarter turn.

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


# Rulers that run up the sheet and count millimetres of depth, not of paper.

NUMBER_STEPS_MM = (10, 20, 50, 100)
CLOSEST_NUMBERS = 2.5
"""Distance of two numbers over their font size, at least."""
TICK, MIDDLE_TICK, SHORT_TICK = 4.0, 2.8, 1.7
TICK_WIDTH = 0.15
NUMBER_GAP = 0.8
SIGN_EMS, DIGIT_EMS = 0.86, 0.64
"""Widths in the printed font over its size."""
POINTER = 1.6


@dataclass(frozen=True)
class DepthRuler:
    """A ruler with its ticks towards the middle of the sheet and its numbers towards the border.

    Attributes:
        frame: frame of the panel that leans.
        angle_deg: tilt of that panel, degrees; depth is height on the sheet times its sine.
        outer: distance of the ends of its numbers from the middle of the sheet, mm at full size.
        reach: height above and below the AF mark that the ruler may cover, mm at full size.
        unit: size of the ticks.
        font: font size of the numbers, mm at full size.
        side: +1 for the right-hand ruler, -1 for the left-hand one.
    """

    frame: SheetFrame
    angle_deg: float
    outer: float
    reach: float
    unit: float
    font: float
    side: int

    @property
    def inner(self) -> float:
        """Distance of the tick ends from the middle of the sheet, mm at full size; the same for every angle."""
        digits = len(str(int(self.reach * self.frame.scale)))
        return self.outer - (SIGN_EMS + digits * DIGIT_EMS) * self.font - (NUMBER_GAP + TICK) * self.unit

    def strokes(self) -> list[Stroke]:
        """Return the ticks: ten from one number to the next."""
        step = self._number_step()
        strokes = []
        for depth in self._depths(step // 10):
            length = TICK if depth % step == 0 else MIDDLE_TICK if depth % (step // 2) == 0 else SHORT_TICK
            ends = (self._page(TICK - length, depth), self._page(TICK, depth))
            strokes.append(Stroke(*ends, TICK_WIDTH * self.unit * self.frame.scale))
        return strokes

    def labels(self) -> list[Label]:
        """Return the numbers: depth in mm as printed, plus on the far side."""
        x = self.side * (self.inner + (TICK + NUMBER_GAP) * self.unit)
        return [
            Label(
                depth_text(depth),
                self.frame.page(x, self._height(depth) - CAPITALS / 2 * self.font),
                self.font * self.frame.scale,
                "start" if self.side > 0 else "end",
                bold=depth == 0,
            )
            for depth in self._depths(self._number_step())
        ]

    def pointer(self) -> Polygon:
        """Return a small wedge that points at depth zero."""
        half = POINTER * self.unit / 2
        tip, back = self.side * self.inner, self.side * (self.inner + TICK * self.unit)
        return Polygon((self.frame.page(tip, 0.0), self.frame.page(back, half), self.frame.page(back, -half)))

    def _page(self, outwards: float, depth_mm: int) -> tuple[float, float]:
        return self.frame.page(self.side * (self.inner + outwards * self.unit), self._height(depth_mm))

    def _height(self, depth_mm: float) -> float:
        """Height on the sheet, mm at full size, of a depth in mm as printed."""
        return depth_mm / math.sin(math.radians(self.angle_deg)) / self.frame.scale

    def _depths(self, step: int) -> list[int]:
        most = int(self.reach / self._height(step))
        return [step * index for index in range(-most, most + 1)]

    def _number_step(self) -> int:
        wanted = CLOSEST_NUMBERS * self.font
        return next((step for step in NUMBER_STEPS_MM if self._height(step) >= wanted), NUMBER_STEPS_MM[-1])


def depth_text(depth_mm: int) -> str:
    """Return a depth with its sign, as printed: 0 has none, and minus is a minus sign rather than a hyphen."""
    sign = "+" if depth_mm > 0 else "\N{MINUS SIGN}" if depth_mm < 0 else ""
    return f"{sign}{abs(depth_mm)}"


# A ruler along a wing that counts millimetres of depth, outwards from the fold.

WING_TICK, WING_MIDDLE_TICK, WING_SHORT_TICK = 3.2, 2.3, 1.5
WING_NUMBER_GAP = 0.6
WING_CLOSEST_NUMBERS = 3.6
"""Distance of two numbers over their font size, at least: they stand beside each other."""


@dataclass(frozen=True)
class WingRuler:
    """Ticks above, numbers below, both within `half_height` of the middle of the sheet.

    Attributes:
        frame: frame of the page.
        angle_deg: fold that the numbers are for, degrees; depth is the distance from the fold times its sine.
        fold_x: where the fold is, mm at full size.
        reach: distance from the fold that the ruler may cover.
        unit: size of the ticks.
        font: font size of the numbers.
        side: +1 for the wing at the right, which goes back, -1 for the left one, which comes forward.
    """

    frame: SheetFrame
    angle_deg: float
    fold_x: float
    reach: float
    unit: float
    font: float
    side: int

    @property
    def half_height(self) -> float:
        """The same for every fold angle, as bars keep out of it."""
        return max(WING_TICK * self.unit, WING_NUMBER_GAP * self.unit + CAPITALS * self.font)

    def strokes(self) -> list[Stroke]:
        """Return the ticks: ten from one number to the next."""
        step = self._number_step()
        strokes = []
        for depth in self._depths(step // 10):
            length = (
                WING_TICK
                if depth % step == 0
                else WING_MIDDLE_TICK
                if depth % (step // 2) == 0
                else WING_SHORT_TICK
            )
            x = self._x(depth)
            ends = (self.frame.page(x, 0.0), self.frame.page(x, length * self.unit))
            strokes.append(Stroke(*ends, TICK_WIDTH * self.unit * self.frame.scale))
        return strokes

    def labels(self) -> list[Label]:
        """Return the numbers: depth in mm as printed, plus on the wing that goes back."""
        baseline = -WING_NUMBER_GAP * self.unit - CAPITALS * self.font
        return [
            Label(
                depth_text(self.side * depth),
                self.frame.page(self._x(depth), baseline),
                self.font * self.frame.scale,
                "middle",
            )
            for depth in self._depths(self._number_step())
        ]

    def _x(self, depth_mm: int) -> float:
        return self.fold_x + self.side * self._distance(depth_mm)

    def _distance(self, depth_mm: float) -> float:
        """Distance from the fold, mm at full size, of a depth in mm as printed."""
        return depth_mm / math.sin(math.radians(self.angle_deg)) / self.frame.scale

    def _depths(self, step: int) -> list[int]:
        """Multiples of a step, of which the first is far enough from the fold for its number."""
        nearest, farthest = 1.6 * self.font, self.reach - 1.2 * self.font
        last = int(farthest / self._distance(step))
        return [step * index for index in range(1, last + 1) if self._distance(step * index) >= nearest]

    def _number_step(self) -> int:
        wanted = WING_CLOSEST_NUMBERS * self.font
        return next((step for step in NUMBER_STEPS_MM if self._distance(step) >= wanted), NUMBER_STEPS_MM[-1])
