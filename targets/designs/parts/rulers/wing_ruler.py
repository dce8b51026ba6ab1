"""A ruler along a wing that counts millimetres of depth, outwards from the fold."""

from __future__ import annotations

import math
from dataclasses import dataclass

from backfocus.targets.chart import Label, Stroke
from backfocus.targets.designs.parts.rulers.depth_ruler import NUMBER_STEPS_MM, TICK_WIDTH, depth_text
from backfocus.targets.designs.parts.sheet_frame import SheetFrame
from backfocus.targets.typography import CAPITALS

TICK, MIDDLE_TICK, SHORT_TICK = 3.2, 2.3, 1.5
NUMBER_GAP = 0.6
CLOSEST_NUMBERS = 3.6
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
        return max(TICK * self.unit, NUMBER_GAP * self.unit + CAPITALS * self.font)

    def strokes(self) -> list[Stroke]:
        """Return the ticks: ten from one number to the next."""
        step = self._number_step()
        strokes = []
        for depth in self._depths(step // 10):
            length = TICK if depth % step == 0 else MIDDLE_TICK if depth % (step // 2) == 0 else SHORT_TICK
            x = self._x(depth)
            ends = (self.frame.page(x, 0.0), self.frame.page(x, length * self.unit))
            strokes.append(Stroke(*ends, TICK_WIDTH * self.unit * self.frame.scale))
        return strokes

    def labels(self) -> list[Label]:
        """Return the numbers: depth in mm as printed, plus on the wing that goes back."""
        baseline = -NUMBER_GAP * self.unit - CAPITALS * self.font
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
        wanted = CLOSEST_NUMBERS * self.font
        return next((step for step in NUMBER_STEPS_MM if self._distance(step) >= wanted), NUMBER_STEPS_MM[-1])
