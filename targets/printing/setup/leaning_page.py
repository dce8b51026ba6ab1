"""The second page for a chart that leans: how to set it up, and the stand to cut out."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from backfocus.targets.chart import Chart
from backfocus.targets.printing.drawings import finder_view, side_view
from backfocus.targets.printing.drawings.stand import Stand
from backfocus.targets.printing.page_canvas import PageCanvas, paragraph
from backfocus.targets.printing.setup.fitted import Layout, draw_fitted
from backfocus.targets.printing.setup.steps import leaning_steps
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

SMALLEST_PAGE = NARROWEST, SHORTEST = 210.0, 279.4
"""The page is laid out for the width of A4 and the height of Letter, and drawn larger or smaller as a whole."""
COLUMN_EMS = 12.5
"""Narrowest column for words, over the font size: holds the table of distances."""


def draw_leaning_page(canvas: Any, chart: Chart) -> None:
    """Draw the page on a reportlab canvas."""
    draw_fitted(canvas, chart, _LeaningPage, SMALLEST_PAGE)


class _LeaningPage(Layout):
    """The page for one font size: from top to bottom title, drawings and steps, and the stand at the foot.

    Words about the stand and the table of distances stand beside the stand, or above a stand that is too wide.
    """

    def draw(self, page: PageCanvas) -> None:
        side = (MARGIN, self.drawings_top)
        side_view.draw_side_view(
            page, side, self.chart.angle_deg, f"{NEAREST} to {FARTHEST} focal lengths", self.font
        )
        finder_view.draw_finder_view(page, (self.finder_left, self.drawings_top), self.chart)
        self.stand.draw(page, (MARGIN, self.height - MARGIN), self.font)
        for block in (self.titles, self.steps, self.stand_words, self.distances):
            for label in block.labels:
                page.label(label)

    @property
    def fits(self) -> bool:
        space = 1.2 * self.font
        stand_top = self.height - MARGIN - self.stand.size_mm[1]
        if self.words_beside:
            return self.steps.bottom + space <= stand_top and self.distances.bottom <= self.height - MARGIN
        return max(self.stand_words.bottom, self.distances.bottom) + space <= stand_top

    @property
    def heading(self) -> str:
        return "How to set it up"

    @cached_property
    def stand(self) -> Stand:
        return Stand(self.height, self.chart.angle_deg)

    @cached_property
    def steps(self) -> Block:
        """The steps, numbered, in two columns."""
        top = self.drawings_top + max(side_view.HEIGHT, finder_view.HEIGHT + 1.5 * self.font) + 2.4 * self.font
        return numbered(leaning_steps(self.chart), (MARGIN, top), self.width - 2 * MARGIN, self.font)

    @property
    def words_beside(self) -> bool:
        return self.beside_width >= COLUMN_EMS * self.font

    @property
    def beside_left(self) -> float:
        return MARGIN + self.stand.size_mm[0] + 0.75 * GUTTER

    @property
    def beside_width(self) -> float:
        return self.width - MARGIN - self.beside_left

    @cached_property
    def stand_words(self) -> Block:
        if self.words_beside:
            left, width = self.beside_left, self.beside_width
            top = self.height - MARGIN - self.stand.size_mm[1] + self.font
        else:
            left, width = MARGIN, self.width / 2 - MARGIN - GUTTER / 2
            top = self.steps.bottom + 3.0 * self.font
        text = (
            "Glue this page to thin card. Cut along the full lines and fold along the broken ones. Glue the "
            "tabs to the back of the sheet, a hand apart, from its near edge upwards."
        )
        lines = paragraph(text, (left, top + 1.8 * self.font), width, self.font)
        return Block([title(self.font, "The stand", (left, top), 1.15), *lines])

    @cached_property
    def distances(self) -> Block:
        """The table of distances, in metres, below the words about the stand or in the right half."""
        if self.words_beside:
            left, right, top = self.beside_left, self.width - MARGIN, self.stand_words.bottom + 3.0 * self.font
        else:
            left, right, top = self.width / 2 + GUTTER / 2, self.width - MARGIN, self.steps.bottom + 3.0 * self.font
        return distance_table((left, top), right, quiet_distance(self.chart), self.font)
