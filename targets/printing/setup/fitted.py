"""A second page in the largest type that fits it."""

from __future__ import annotations

from typing import Any, Protocol

from backfocus.targets.chart import Chart, Point
from backfocus.targets.printing.page_canvas import PageCanvas
from backfocus.targets.printing.setup.words import SHRINKING, SMALLEST_TEXT_MM, TEXT


class Layout(Protocol):
    """A page as it is laid out for one font size."""

    def __init__(self, chart: Chart, scale: float, font: float) -> None:
        """Lay the page out, in lengths that are drawn larger by `scale`."""

    @property
    def fits(self) -> bool:
        """Whether nothing overlaps."""

    def draw(self, page: PageCanvas) -> None:
        """Draw the page."""


def draw_fitted(canvas: Any, chart: Chart, layout: type[Layout], smallest_page: Point) -> None:
    """Draw a page on a reportlab canvas, laid out for the smallest page and drawn larger or smaller as a whole."""
    scale = min(chart.page_mm[0] / smallest_page[0], chart.page_mm[1] / smallest_page[1])
    font = max(TEXT, SMALLEST_TEXT_MM / scale)
    page = layout(chart, scale, font)
    while not page.fits:
        font *= SHRINKING
        page = layout(chart, scale, font)
    page.draw(PageCanvas(canvas, chart.page_mm[1], scale))
