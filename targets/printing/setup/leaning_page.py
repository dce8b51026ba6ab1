"""The second page for a chart that leans: how to set it up, and the stand to cut out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backfocus.targets.chart import Chart, Label
from backfocus.targets.printing.drawings import finder_view, side_view
from backfocus.targets.printing.drawings.stand import Stand
from backfocus.targets.printing.page_canvas import PageCanvas, paragraph
from backfocus.targets.printing.setup.fitted import draw_fitted
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
    draw_fitted(canvas, chart, _Layout, SMALLEST_PAGE)


@dataclass(frozen=True)
class _Layout:
    """The page for one font size: from top to bottom title, drawings and steps, and the stand at the foot.

    Words about the stand and the table of distances stand beside the stand, or above a stand that is too wide.
    """

    chart: Chart
    scale: float
    font: float

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
    def width(self) -> float:
        return self.chart.page_mm[0] / self.scale

    @property
    def height(self) -> float:
        return self.chart.page_mm[1] / self.scale

    @cached_property
    def stand(self) -> Stand:
        return Stand(self.height, self.chart.angle_deg)

    @property
    def drawings_top(self) -> float:
        return MARGIN + 3.2 * self.font

    @property
    def finder_left(self) -> float:
        return self.width - MARGIN - finder_view.WIDTH

    @property
    def titles(self) -> Block:
        caption = (
            self.finder_left + finder_view.WIDTH / 2,
            self.drawings_top + finder_view.HEIGHT + 1.5 * self.font,
        )
        return Block(
            [
                title(self.font, "How to set it up", (MARGIN, MARGIN + 1.4 * self.font), 1.8),
                Label("What the viewfinder shows", caption, self.font, "middle"),
            ]
        )

    @cached_property
    def steps(self) -> Block:
        """The steps, numbered, in two columns."""
        top = self.drawings_top + max(side_view.HEIGHT, finder_view.HEIGHT + 1.5 * self.font) + 2.4 * self.font
        return numbered(self.step_texts(), (MARGIN, top), self.width - 2 * MARGIN, self.font)

    def step_texts(self) -> list[str]:
        chart = self.chart
        return [
            "Print both pages at 100 %, never fitted to the page. Both check bars on page 1 must measure "
            f"{chart.check_bars[0].length_mm:g} mm.",
            "Cut out the stand below and glue it to the sheet, so that the far edge leans back "
            f"{chart.angle_deg:g}° from upright.",
            "Put the camera on a tripod, level with the AF mark and straight in front of it: the left and "
            "right border of the sheet look alike.",
            f"Go {NEAREST} to {FARTHEST} times the focal length away. Up to {quiet_distance(chart)} times, an AF "
            "area of usual size sees only the mark; from farther away choose a small one.",
            "Open the aperture fully. Put one AF area on the mark. Low ISO, good even light, stabiliser off, "
            "self-timer.",
            "Before every shot turn the focus well away by hand, then let autofocus find the mark and take the "
            "picture. Take five or more.",
        ]

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
