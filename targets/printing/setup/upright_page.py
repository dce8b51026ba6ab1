"""The second page for charts whose AF mark faces the camera; like their first page, it lies across."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from backfocus.targets.chart import Chart
from backfocus.targets.printing.drawings import finder_view, fold_drawings, top_view, wall_view
from backfocus.targets.printing.drawings.fold_gauge import FoldGauge
from backfocus.targets.printing.page_canvas import PageCanvas, paragraph
from backfocus.targets.printing.setup.fitted import Layout, draw_fitted
from backfocus.targets.printing.setup.steps import fold_steps, wall_steps
from backfocus.targets.printing.setup.words import (
    FARTHEST,
    GUTTER,
    MARGIN,
    NEAREST,
    Block,
    distance_table,
    numbered,
    quiet_distance,
    title,
)

SMALLEST_PAGE = NARROWEST, SHORTEST = 279.4, 210.0
"""The page is laid out for the width of Letter and the height of A4, and drawn larger or smaller as a whole."""
DRAWINGS_HEIGHT = 50.0
TABLE_EMS = 16.0
"""Width of the table of distances over the font size."""


def draw_upright_page(canvas: Any, chart: Chart) -> None:
    """Draw the page on a reportlab canvas."""
    draw_fitted(canvas, chart, _UprightPage, SMALLEST_PAGE)


class _UprightPage(Layout):
    """The page for one font size: title, drawings, steps, and at the foot the fold gauge and the distances."""

    def draw(self, page: PageCanvas) -> None:
        distance = f"{NEAREST} to {FARTHEST} focal lengths"
        top = self.drawings_top
        if self.folded:
            fold_drawings.draw_fold_drawings(page, (MARGIN, top), self.font)
            left = MARGIN + fold_drawings.WIDTH + GUTTER / 2
            top_view.draw_top_view(page, (left, top), self.chart.angle_deg, distance, self.font)
            self.gauge.draw(page, (MARGIN, self.gauge_top), self.font)
        else:
            wall_view.draw_wall_view(page, (MARGIN, top), distance, self.font)
        finder_view.draw_finder_view(page, (self.finder_left, top), self.chart)
        for block in (self.titles, self.steps, self.foot_words, self.distances):
            for label in block.labels:
                page.label(label)

    @property
    def fits(self) -> bool:
        return self.steps.bottom + 2.2 * self.font <= self.foot_top

    @property
    def folded(self) -> bool:
        return len(self.chart.panels) > 1

    @property
    def heading(self) -> str:
        return "How to fold it and set it up" if self.folded else "How to set it up"

    @cached_property
    def gauge(self) -> FoldGauge:
        return FoldGauge.of(self.chart, self.scale)

    @cached_property
    def steps(self) -> Block:
        texts = fold_steps(self.chart) if self.folded else wall_steps(self.chart)
        top = self.drawings_top + DRAWINGS_HEIGHT + 3.0 * self.font
        return numbered(texts, (MARGIN, top), self.width - 2 * MARGIN, self.font)

    @property
    def foot_top(self) -> float:
        """Top of all that is at the foot of the page."""
        return min(self.foot_words_top, self.table_top, self.gauge_top)

    @property
    def table_top(self) -> float:
        return self.height - MARGIN - 11.0 * self.font

    @property
    def gauge_top(self) -> float:
        return self.height - MARGIN - (self.gauge.height_mm if self.folded else 0.0)

    @property
    def table_left(self) -> float:
        return self.width - MARGIN - TABLE_EMS * self.font

    @cached_property
    def foot_words(self) -> Block:
        """What the gauge is for, above its middle line; without one, what else the sheet is good for."""
        if self.folded:
            heading = "The fold gauge"
            text = (
                "Stand the lower edge of the folded sheet on the thick line: folds on the cross lines, wings along "
                f"the slanted ones. They show {self.chart.angle_deg:g}°."
            )
            width = self.gauge.above_mm[0] - GUTTER
        else:
            heading = "Farther away"
            text = (
                "With long lenses, or where the room is long, print the chart on larger paper; the quiet zone "
                "around the mark grows with it."
            )
            width = self.table_left - GUTTER - MARGIN
        top = self.foot_words_top + self.font
        lines = paragraph(text, (MARGIN, top + 1.8 * self.font), width, self.font)
        return Block([title(self.font, heading, (MARGIN, top), 1.15), *lines])

    @property
    def foot_words_top(self) -> float:
        """Beside the table, or so high above the gauge's middle line that a heading and two lines have room."""
        return self.gauge_top + self.gauge.above_mm[1] - 7.0 * self.font if self.folded else self.table_top

    @cached_property
    def distances(self) -> Block:
        at = (self.table_left, self.table_top + self.font)
        return distance_table(at, self.width - MARGIN, quiet_distance(self.chart), self.font)
