"""Rulers that run up the sheet and count millimetres of depth, not of paper."""

from __future__ import annotations

import math
from dataclasses import dataclass

from backfocus.targets.chart import Label, Polygon, Stroke
from backfocus.targets.designs.parts.sheet_frame import SheetFrame
from backfocus.targets.typography import CAPITALS

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
