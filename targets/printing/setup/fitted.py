"""A second page in the largest type that fits it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from backfocus.targets.chart import Chart, Label, Point
from backfocus.targets.printing.drawings import finder_view
from backfocus.targets.printing.page_canvas import PageCanvas
from backfocus.targets.printing.setup.words import MARGIN, SHRINKING, SMALLEST_TEXT_MM, TEXT, Block, title


@dataclass(frozen=True)
class Layout(ABC):
    """A page as it is laid out for one font size, in lengths that are drawn larger by `scale`.

    At the top are the heading and below it the drawings, at the right what the viewfinder shows.
    """

    chart: Chart
    scale: float
    font: float

    @abstractmethod
    def draw(self, page: PageCanvas) -> None:
        """Draw the page."""

    @property
    @abstractmethod
    def fits(self) -> bool:
        """Whether nothing overlaps."""

    @property
    @abstractmethod
    def heading(self) -> str:
        """What the page is about."""

    @property
    def width(self) -> float:
        """Width of the page."""
        return self.chart.page_mm[0] / self.scale

    @property
    def height(self) -> float:
        """Height of the page."""
        return self.chart.page_mm[1] / self.scale

    @property
    def drawings_top(self) -> float:
        """Where the drawings begin, from the page's top."""
        return MARGIN + 3.2 * self.font

    @property
    def finder_left(self) -> float:
        """Where the view through the finder begins, from the page's left."""
        return self.width - MARGIN - finder_view.WIDTH

    @property
    def titles(self) -> Block:
        """The heading, and the words below the view through the finder."""
        below = self.drawings_top + finder_view.HEIGHT + 1.5 * self.font
        middle = self.finder_left + finder_view.WIDTH / 2
        return Block(
            [
                title(self.font, self.heading, (MARGIN, MARGIN + 1.4 * self.font), 1.8),
                Label("What the viewfinder shows", (middle, below), self.font, "middle"),
            ]
        )


def draw_fitted(canvas: Any, chart: Chart, layout: type[Layout], smallest_page: Point) -> None:
    """Draw a page on a reportlab canvas, laid out for the smallest page and drawn larger or smaller as a whole."""
    scale = min(chart.page_mm[0] / smallest_page[0], chart.page_mm[1] / smallest_page[1])
    font = max(TEXT, SMALLEST_TEXT_MM / scale)
    page = layout(chart, scale, font)
    while not page.fits:
        font *= SHRINKING
        page = layout(chart, scale, font)
    page.draw(PageCanvas(canvas, chart.page_mm[1], scale))
