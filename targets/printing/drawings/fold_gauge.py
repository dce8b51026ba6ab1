"""The fold gauge: the folded sheet's lower edge from above, at true size, to stand the sheet on."""

from __future__ import annotations

import math
from dataclasses import dataclass

from backfocus.targets.chart import Chart, Label, Point
from backfocus.targets.printing.page_canvas import PageCanvas, arc

WING = 28.0
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
        return (WING * math.cos(fold), WING * math.sin(fold))

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
