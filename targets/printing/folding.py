"""Drawings for hands: how to fold the card, a gauge for its angles, a stand to cut out.

Lengths are in mm from the field's top-left corner, y down; `font_mm` is the size of the words.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from ..chart import Chart, Label, Point
from ..sheet import CAPITALS, LINE_SPACING
from .canvas import PageCanvas, arc, paragraph

HEADING = 1.25
"""Size of headings over that of words."""
FOLDS_SIZE = (92.0, 50.0)
MIDDLE, WING, TALL = 9.0, 7.0, 17.0
"""Widths of the drawn panels and their height."""
FOLDED_DEG = 45.0
SIDEWAYS, DOWN = 0.35, 0.5
"""Where on the drawing a millimetre towards the reader goes."""
VALLEY, MOUNTAIN = (1.4, 0.8), (1.6, 0.6, 0.3, 0.6)
"""Ink and gap of fold lines, as on page 1."""
SHADES = (0.96, 0.88, 0.78)
"""Grey of the middle panel, and of a wing that is turned to the light or away from it."""

GAUGE_WING = 28.0
"""Drawn length of a wing: with folds of 65°, the steepest, two of them fit the foot of the page."""
MIDDLE_LINE, WING_LINE, LINE, THIN = 0.9, 0.45, 0.3, 0.2
CROSS = 5.0
ARC, BASE = 17.0, 21.0
"""Radius of the arc that shows the angle, and length of the line that it starts from."""

REACH = 0.58
"""Length of a triangle's long side over the sheet's length: more than half, so that the sheet does not tip over."""
TAB = 9.0
"""Height of a tab, and how much shorter it is at either end."""
GAP = 2.0
WORDS_PARTS = (0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
"""Of the side that lies level on the page, widths tried for words within the triangle."""
FOLD_DASH = (1.6,)


def draw_folding(page: PageCanvas, _chart: Chart, font_mm: float) -> None:
    """Draw how the sheet is folded: scored, left wing forward, right wing back, with words below each."""
    captions = (("score", "both lines"), ("left wing", "towards you"), ("right wing", "away from you"))
    states = ((0.0, 0.0), (FOLDED_DEG, 0.0), (FOLDED_DEG, FOLDED_DEG))
    for index, (forward_deg, back_deg) in enumerate(states):
        middle = (FOLDS_SIZE[0] * (2 * index + 1) / 6, 18.0)
        _draw_folded(page, middle, forward_deg, back_deg)
        for row, text in enumerate(captions[index]):
            place = (middle[0], 34.0 + (1.0 + LINE_SPACING * row) * font_mm)
            page.label(Label(text, place, font_mm, "middle"))


def _draw_folded(page: PageCanvas, middle: Point, forward_deg: float, back_deg: float) -> None:
    """Draw the sheet in oblique projection, each wing turned by its fold; flat folds show the lines of page 1."""

    def place(across: float, nearer: float, up: float) -> Point:
        return (middle[0] + across - SIDEWAYS * nearer, middle[1] + DOWN * nearer - up * TALL / 2)

    half, forward, back = MIDDLE / 2, math.radians(forward_deg), math.radians(back_deg)
    left_end = (-half - WING * math.cos(forward), WING * math.sin(forward))
    right_end = (half + WING * math.cos(back), -WING * math.sin(back))
    panels = (
        ((half, 0.0), right_end, SHADES[2 if back_deg else 0]),
        ((-half, 0.0), (half, 0.0), SHADES[0]),
        (left_end, (-half, 0.0), SHADES[1 if forward_deg else 0]),
    )
    for start, end, grey in panels:
        outline = [place(*start, 1.0), place(*end, 1.0), place(*end, -1.0), place(*start, -1.0)]
        page.fill([outline], grey=grey)
        page.line(outline, LINE, closed=True)
    for x, fold_deg, pattern in ((-half, forward_deg, VALLEY), (half, back_deg, MOUNTAIN)):
        if not fold_deg:
            (column, top), (_, bottom) = place(x, 0.0, 1.0), place(x, 0.0, -1.0)
            # The outline between two flat panels is wiped away first.
            page.line(((column, top + LINE), (column, bottom - LINE)), 2 * LINE, grey=SHADES[0])
            page.line(((column, top), (column, bottom)), THIN, dash_mm=pattern)
    page.box((middle[0] - 0.8, middle[1] - 0.8), (1.6, 1.6))


@dataclass(frozen=True)
class FoldGauge:
    """The folded sheet's lower edge from above, at true size, to stand the sheet on.

    The camera looks up the page; the left wing comes forward, down, and the right one goes back, up.

    Attributes:
        middle_mm: distance of the two folds.
        angle_deg: fold angle, degrees.
        font_mm: size of the words.
    """

    middle_mm: float
    angle_deg: float
    font_mm: float

    @property
    def size_mm(self) -> Point:
        """Width and height of the drawing, wings, angles and words included."""
        return (self.middle_mm + 2 * self._beside, self._line_y + max(self._wing[1], 5.4 * self.font_mm))

    def draw(self, page: PageCanvas, _chart: Chart, font_mm: float) -> None:
        """Draw the gauge."""
        (along, up), y = self._wing, self._line_y
        left, right = (self._beside, y), (self._beside + self.middle_mm, y)
        page.line(((left[0] - along, y + up), left), WING_LINE)
        page.line((right, (right[0] + along, y - up)), WING_LINE)
        page.line((left, right), MIDDLE_LINE)
        for fold, start in ((left, 180.0), (right, 0.0)):
            page.line(((fold[0], y - CROSS / 2), (fold[0], y + CROSS / 2)), LINE)
            self._draw_angle(page, fold, start)
        middle = self.size_mm[0] / 2
        page.label(Label("middle panel", (middle, y - font_mm), font_mm, "middle"))
        page.label(Label("printed side", (middle, y + 1.6 * font_mm), font_mm, "middle"))
        page.label(Label("camera on this side", (middle, y + 3.4 * font_mm), font_mm, "middle", bold=True))
        base = y + 4.0 * font_mm
        page.fill([((middle - font_mm, base), (middle + font_mm, base), (middle, base + 1.4 * font_mm))])

    @property
    def _wing(self) -> Point:
        """How far a wing reaches along and across the page."""
        fold = math.radians(self.angle_deg)
        return (GAUGE_WING * math.cos(fold), GAUGE_WING * math.sin(fold))

    @property
    def _beside(self) -> float:
        """What is drawn beside a fold, along the page."""
        return max(self._wing[0], BASE)

    @property
    def _line_y(self) -> float:
        """Where the line of the middle panel is: below a wing, and no higher than its words need."""
        return max(self._wing[1], 2.0 * self.font_mm)

    def _draw_angle(self, page: PageCanvas, fold: Point, start_deg: float) -> None:
        """Draw the angle from the line of the middle panel to a wing, its number on the line's other side."""
        along = math.copysign(BASE, 90.0 - start_deg)
        page.line((fold, (fold[0] + along, fold[1])), LINE, dash_mm=(0.8,))
        page.line(arc(fold, ARC, start_deg, start_deg + self.angle_deg), LINE)
        down = (1.2 if start_deg == 0.0 else -0.5) * self.font_mm
        place = (fold[0] + math.copysign(0.6 * ARC, along), fold[1] + down)
        page.label(Label(f"{self.angle_deg:g}°", place, self.font_mm, "middle"))


@dataclass(frozen=True)
class Stand:
    """Two equal right triangles to cut out, the second turned by half a turn, long sides facing each other.

    The sheet lies on the long sides. The angle at the top, between the long side and the upright one, is the tilt.

    Attributes:
        sheet_length_mm: length of the sheet from its near to its far edge.
        angle_deg: tilt of the sheet, degrees.
    """

    sheet_length_mm: float
    angle_deg: float
    heading: ClassVar[str] = "The stand"
    told: ClassVar[str] = (
        "Glue this page to thin card. Cut along the full lines and fold along the broken ones. Glue the tabs to "
        "the back of the board, a hand apart, from its near edge upwards."
    )

    @property
    def size_mm(self) -> Point:
        """Width and height of the two triangles with the tabs between them."""
        level, upright = self._legs
        length, apart = math.hypot(level, upright), 2 * TAB + GAP
        return (level + apart * upright / length, upright + apart * level / length)

    def draw(self, page: PageCanvas, _chart: Chart, font_mm: float) -> None:
        """Draw the cut lines, the folds and the words."""
        width, height = self.size_mm
        self._draw_triangle(page, (0.0, height), 1, font_mm)
        self._draw_triangle(page, (width, 0.0), -1, font_mm)
        for label in self.words(font_mm):
            page.label(label)

    def words(self, font_mm: float) -> list[Label]:
        """Return heading and words in the corner of the lower triangle; none where they have no room there."""
        level, upright = self._legs
        left = bottom = 1.5 * font_mm
        if self._lies:
            left += 1.5 * font_mm
        else:
            bottom += 2.0 * font_mm
        for part in WORDS_PARTS:
            lines = paragraph(self.told, (0.0, 0.0), part * level, font_mm)
            height = (LINE_SPACING * len(lines) + 0.5 + HEADING) * font_mm
            if (left + part * level) / level + (bottom + height) / upright < 1.0:
                break
        else:
            return []
        first = self.size_mm[1] - bottom - LINE_SPACING * (len(lines) - 1) * font_mm
        heading = Label(self.heading, (left, first - (LINE_SPACING + 0.5) * font_mm), HEADING * font_mm, bold=True)
        return [heading, *(replace(line, at_page_mm=(left, first + line.at_page_mm[1])) for line in lines)]

    @property
    def _lies(self) -> bool:
        """Whether the upright side is drawn along the page, since it is the longer one."""
        return self.angle_deg < 45.0

    @property
    def _legs(self) -> Point:
        """Lengths of the sides that are drawn level and upright on the page."""
        side, tilt = REACH * self.sheet_length_mm, math.radians(self.angle_deg)
        foot, height = side * math.sin(tilt), side * math.cos(tilt)
        return (height, foot) if self._lies else (foot, height)

    def _draw_triangle(self, page: PageCanvas, corner: Point, turn: int, font_mm: float) -> None:
        """Draw one triangle with its right angle at `corner`; `turn` is -1 for half a turn."""
        level, upright = self._legs
        length = math.hypot(level, upright)
        along, outwards = (-level / length, upright / length), (upright / length, level / length)

        def at(right: float, up: float) -> Point:
            return (corner[0] + turn * right, corner[1] - turn * up)

        def beside(distance: float, out: float) -> Point:
            return at(level + along[0] * distance + outwards[0] * out, along[1] * distance + outwards[1] * out)

        tab = (beside(0.0, 0.0), beside(TAB, TAB), beside(length - TAB, TAB), beside(length, 0.0))
        page.line((*tab, at(0.0, 0.0)), LINE, closed=True)
        page.line((tab[0], tab[-1]), LINE, dash_mm=FOLD_DASH)
        slope = -math.degrees(math.atan2(upright, level))
        _write(page, "glue to the back of the board", beside(length / 2, TAB / 2), font_mm, slope)
        self._draw_words(page, at, turn, font_mm)

    def _draw_words(self, page: PageCanvas, at: Callable[[float, float], Point], turn: int, font_mm: float) -> None:
        """Write which side stands on the table, and mark the angle."""
        level, upright = self._legs
        inside = 2.0 + font_mm / 2
        foot, foot_turn = (at(0.4 * level, inside), 0.0)
        top, start = (0.0, upright), -90.0
        if self._lies:
            foot, foot_turn = at(inside, 0.4 * upright), 90.0
            top, start = (level, 0.0), 180.0 - self.angle_deg
        middle = math.radians(start + self.angle_deg / 2)
        number = at(top[0] + 21.0 * math.cos(middle), top[1] + 21.0 * math.sin(middle))
        turned = start + (0.0 if turn > 0 else 180.0)
        page.line(arc(at(*top), 15.0, turned, turned + self.angle_deg), LINE)
        _write(page, f"{self.angle_deg:g}°", number, font_mm)
        _write(page, "stands on the table", foot, font_mm, foot_turn)


def _write(page: PageCanvas, text: str, middle: Point, font_mm: float, turn_deg: float = 0.0) -> None:
    """Write text with its middle at a point."""
    down, turn = CAPITALS / 2 * font_mm, math.radians(turn_deg)
    baseline = (middle[0] + down * math.sin(turn), middle[1] + down * math.cos(turn))
    page.label(Label(text, baseline, font_mm, "middle", turn_deg=turn_deg))
