"""Drawings for hands: how to fold the card, a gauge for its angles, a wedge to stand the sheet on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..chart import Chart, Label, Point
from ..parts import CAPITALS, LINE_SPACING
from .canvas import PageCanvas, arc

# Three small drawings of how the sheet is folded, from the left: scored, left wing forward, right wing back.

WIDTH, HEIGHT = 92.0, 50.0
MIDDLE, WING, TALL = 9.0, 7.0, 17.0
FOLDED_DEG = 45.0
SIDEWAYS, DOWN = 0.35, 0.5
"""Where on the drawing a millimetre towards the reader goes."""
LINE, FOLD_LINE = 0.3, 0.2
SHADES = (0.96, 0.88, 0.78)
"""Grey of the middle panel, and of a wing that is turned to the light or away from it."""


def draw_fold_drawings(page: PageCanvas, at: Point, font_mm: float) -> None:
    """Draw the three states of the sheet into a field of `WIDTH` by `HEIGHT` mm, each with its words below."""
    captions = (("score", "both lines"), ("left wing", "towards you"), ("right wing", "away from you"))
    states = ((0.0, 0.0), (FOLDED_DEG, 0.0), (FOLDED_DEG, FOLDED_DEG))
    for index, (forward_deg, back_deg) in enumerate(states):
        middle = (at[0] + WIDTH * (2 * index + 1) / 6, at[1] + 18.0)
        _draw_sheet(page, middle, forward_deg, back_deg)
        for row, text in enumerate(captions[index]):
            place = (middle[0], at[1] + 34.0 + (1.0 + LINE_SPACING * row) * font_mm)
            page.label(Label(text, place, font_mm, "middle"))


def _draw_sheet(page: PageCanvas, middle: Point, forward_deg: float, back_deg: float) -> None:
    """Draw the sheet in oblique projection, each wing turned by its fold."""
    half = MIDDLE / 2
    forward, back = math.radians(forward_deg), math.radians(back_deg)
    left_fold, right_fold = (-half, 0.0), (half, 0.0)
    left_end = (-half - WING * math.cos(forward), WING * math.sin(forward))
    right_end = (half + WING * math.cos(back), -WING * math.sin(back))
    shades = (SHADES[1 if forward_deg else 0], SHADES[2 if back_deg else 0])
    _draw_panel(page, middle, (right_fold, right_end), shades[1])
    _draw_panel(page, middle, (left_fold, right_fold), SHADES[0])
    _draw_panel(page, middle, (left_end, left_fold), shades[0])
    _draw_fold(page, middle, left_fold, (1.4, 0.8), solid=forward_deg > 0)
    _draw_fold(page, middle, right_fold, (1.6, 0.6, 0.3, 0.6), solid=back_deg > 0)
    page.fill([_square(_placed(middle, (0.0, 0.0), 0.0), 1.6)])


def _draw_panel(page: PageCanvas, middle: Point, ends: tuple[Point, Point], grey: float) -> None:
    """Draw a panel between two upright lines, each given by its place across and towards the reader."""
    corners = [_placed(middle, ends[0], 1.0), _placed(middle, ends[1], 1.0)]
    corners += [_placed(middle, ends[1], -1.0), _placed(middle, ends[0], -1.0)]
    page.fill([corners], grey=grey)
    page.line(corners, LINE, closed=True)


def _draw_fold(page: PageCanvas, middle: Point, fold: Point, pattern: Sequence[float], solid: bool) -> None:
    """Draw a fold line: solid once it is folded, else in the pattern of ink and gap that page 1 has."""
    if solid:
        return
    (x, top), (_, bottom) = _placed(middle, fold, 1.0), _placed(middle, fold, -1.0)
    # The outline between two flat panels is wiped away first.
    page.line(((x, top + LINE), (x, bottom - LINE)), 2 * LINE, grey=SHADES[0])
    start, index = top, 0
    while start < bottom:
        end = start + pattern[index % len(pattern)]
        if index % 2 == 0:
            page.line(((x, start), (x, min(end, bottom))), FOLD_LINE)
        start, index = end, index + 1


def _placed(middle: Point, place: Point, up: float) -> Point:
    across, nearer = place
    return (middle[0] + across - SIDEWAYS * nearer, middle[1] + DOWN * nearer - up * TALL / 2)


def _square(centre: Point, side: float) -> list[Point]:
    (x, y), half = centre, side / 2
    return [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]


# The fold gauge: the folded sheet's lower edge from above, at true size, to stand the sheet on.

GAUGE_WING = 28.0
"""Drawn length of a wing: with folds of 65°, the steepest, two of them fit the foot of the page."""
MIDDLE_LINE, WING_LINE, CROSS_LINE = 0.9, 0.45, 0.3
CROSS = 5.0
ARC, BASE = 17.0, 21.0
"""Radius of the arc that shows the angle, and length of the line that it starts from."""


@dataclass(frozen=True)
class FoldGauge:
    """The camera looks up the page; the left wing comes forward, down, and the right one goes back, up.

    Attributes:
        middle_mm: distance of the two folds.
        angle_deg: fold angle, degrees.
    """

    middle_mm: float
    angle_deg: float

    @staticmethod
    def of(chart: Chart, scale: float) -> FoldGauge:
        """Return the gauge of a folded chart, for a page that is drawn `scale` times larger."""
        folds = [panel.hinge_page_mm[0][0] for panel in chart.panels if panel.hinge_page_mm is not None]
        return FoldGauge((max(folds) - min(folds)) / scale, chart.angle_deg)

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
    def width_mm(self) -> float:
        """Width of the drawing, wings and angles included."""
        return self.middle_mm + 2 * self._beside

    @property
    def height_mm(self) -> float:
        """Height of the drawing, from the end of one wing to the other's."""
        return 2 * self._wing[1]

    @property
    def above_mm(self) -> Point:
        """Width and height of the room above the middle line and left of the wing that goes back."""
        return (self._beside + self.middle_mm, self._wing[1])

    def draw(self, page: PageCanvas, at: Point, font_mm: float) -> None:
        """Draw the lines with the upper left corner of the whole at `at`."""
        along, up = self._wing
        y = at[1] + up
        left, right = (at[0] + self._beside, y), (at[0] + self._beside + self.middle_mm, y)
        page.line(((left[0] - along, y + up), left), WING_LINE)
        page.line((right, (right[0] + along, y - up)), WING_LINE)
        page.line((left, right), MIDDLE_LINE)
        for fold in (left, right):
            page.line(((fold[0], y - CROSS / 2), (fold[0], y + CROSS / 2)), CROSS_LINE)
        for fold, start in ((left, 180.0), (right, 0.0)):
            self._draw_angle(page, fold, start, font_mm)
        middle = at[0] + self.width_mm / 2
        page.label(Label("middle panel, printed side towards the camera", (middle, y - font_mm), font_mm, "middle"))
        page.label(Label("camera on this side", (middle, y + 3.0 * font_mm), font_mm, "middle", bold=True))
        base = y + 3.6 * font_mm
        page.fill([((middle - font_mm, base), (middle + font_mm, base), (middle, base + 1.4 * font_mm))])

    def _draw_angle(self, page: PageCanvas, fold: Point, start_deg: float, font_mm: float) -> None:
        """Draw the angle from the line of the middle panel to a wing, its number on the line's other side."""
        along = math.copysign(BASE, 90.0 - start_deg)
        page.line((fold, (fold[0] + along, fold[1])), CROSS_LINE, dash_mm=0.8)
        page.line(arc(fold, ARC, start_deg, start_deg + self.angle_deg), CROSS_LINE)
        down = 1.2 * font_mm if start_deg == 0.0 else -0.5 * font_mm
        place = (fold[0] + math.copysign(0.6 * ARC, along), fold[1] + down)
        page.label(Label(f"{self.angle_deg:g}°", place, font_mm, "middle"))


# The cut-out stand: two triangles that hold the sheet at the chart's angle.

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
