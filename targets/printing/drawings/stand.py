"""The cut-out stand: two triangles that hold the sheet at the chart's angle."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from backfocus.targets.chart import Label, Point
from backfocus.targets.printing.page_canvas import PageCanvas, arc
from backfocus.targets.typography import CAPITALS

REACH = 0.58
"""Length of a triangle's long side over the sheet's length: more than half, so that the sheet does not tip over."""
TAB, TAB_INSET = 9.0, 9.0
GAP = 2.0
CUT_LINE, FOLD_DASH = 0.3, 1.6


@dataclass(frozen=True)
class Stand:
    """Two equal right triangles, the second turned by half a turn, long sides facing each other.

    The sheet lies on the long sides. The angle at the top, between the long side and the upright one, is the tilt.

    Attributes:
        sheet_length_mm: length of the sheet from its near to its far edge.
        angle_deg: tilt of the sheet, degrees.
    """

    sheet_length_mm: float
    angle_deg: float

    @property
    def foot_mm(self) -> float:
        """Length of the side on the table."""
        return REACH * self.sheet_length_mm * math.sin(math.radians(self.angle_deg))

    @property
    def height_mm(self) -> float:
        """Length of the upright side."""
        return REACH * self.sheet_length_mm * math.cos(math.radians(self.angle_deg))

    @property
    def _lies(self) -> bool:
        """Whether the upright side is drawn along the page, since it is the longer one."""
        return self.angle_deg < 45.0

    @property
    def _legs(self) -> tuple[float, float]:
        """Lengths of the sides that are drawn level and upright on the page."""
        return (self.height_mm, self.foot_mm) if self._lies else (self.foot_mm, self.height_mm)

    @property
    def _between(self) -> Point:
        """By how much the second triangle is moved away from the first, along the page and up."""
        level, upright = self._legs
        length = math.hypot(level, upright)
        apart = 2 * TAB + GAP
        return (apart * upright / length, apart * level / length)

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the two triangles with the tabs between them."""
        return (self._legs[0] + self._between[0], self._legs[1] + self._between[1])

    def draw(self, page: PageCanvas, bottom_left: Point, font_mm: float) -> None:
        """Draw the cut lines, the folds and the words, with the lower left corner at `bottom_left`."""
        x, y = bottom_left
        width, height = self.size_mm
        self._draw_triangle(page, (x, y), 1, font_mm)
        self._draw_triangle(page, (x + width, y - height), -1, font_mm)

    def _draw_triangle(self, page: PageCanvas, corner: Point, turn: int, font_mm: float) -> None:
        """Draw one triangle with its right angle at `corner`; `turn` is -1 for half a turn."""
        level, upright = self._legs

        def at(right: float, up: float) -> Point:
            return (corner[0] + turn * right, corner[1] - turn * up)

        length = math.hypot(level, upright)
        along, outwards = (-level / length, upright / length), (upright / length, level / length)

        def beside(distance: float, out: float) -> Point:
            return at(level + along[0] * distance + outwards[0] * out, along[1] * distance + outwards[1] * out)

        tab = (beside(0.0, 0.0), beside(TAB_INSET, TAB), beside(length - TAB_INSET, TAB), beside(length, 0.0))
        page.line((*tab, at(0.0, 0.0)), CUT_LINE, closed=True)
        page.line((tab[0], tab[-1]), CUT_LINE, dash_mm=FOLD_DASH)
        self._draw_words(page, at, turn, font_mm)

    def _draw_words(self, page: PageCanvas, at: Callable[[float, float], Point], turn: int, font_mm: float) -> None:
        """Write which side stands on the table and which is glued, and mark the angle."""
        level, upright = self._legs
        inside, out = 2.0 + font_mm / 2, TAB / 2
        slope = math.atan2(upright, level)
        if self._lies:
            foot, foot_turn = at(inside, 0.4 * upright), 90.0
            top, start = (level, 0.0), 180.0 - self.angle_deg
        else:
            foot, foot_turn = at(0.4 * level, inside), 0.0
            top, start = (0.0, upright), -90.0
        middle = math.radians(start + self.angle_deg / 2)
        glue = at(level / 2 + out * math.sin(slope), upright / 2 + out * math.cos(slope))
        number = at(top[0] + 21.0 * math.cos(middle), top[1] + 21.0 * math.sin(middle))
        turned = start + (0.0 if turn > 0 else 180.0)
        page.line(arc(at(*top), 15.0, turned, turned + self.angle_deg), CUT_LINE)
        _write(page, f"{self.angle_deg:g}°", number, font_mm)
        _write(page, "stands on the table", foot, font_mm, foot_turn)
        _write(page, "glue to the back of the sheet", glue, font_mm, -math.degrees(slope))


def _write(page: PageCanvas, text: str, middle: Point, font_mm: float, turn_deg: float = 0.0) -> None:
    """Write text with its middle at a point."""
    down, turn = CAPITALS / 2 * font_mm, math.radians(turn_deg)
    baseline = (middle[0] + down * math.sin(turn), middle[1] + down * math.cos(turn))
    page.label(Label(text, baseline, font_mm, "middle", turn_deg=turn_deg))
