"""The first page of the PDF: the chart itself, as vectors."""

from __future__ import annotations

import math

from backfocus.targets.chart import Chart, CheckBar, Point
from backfocus.targets.markers import marker_cells
from backfocus.targets.printing.cell_outlines import cell_outlines
from backfocus.targets.printing.page_canvas import PageCanvas
from backfocus.targets.printing.qr_cells import qr_cells

CHECK_BAR_LINE, CHECK_BAR_TICK = 0.003, 0.02
"""Width of the line and height of the ticks over the bar's length: 0.3 mm and 2 mm for 100 mm."""


def draw_chart_page(page: PageCanvas, chart: Chart) -> None:
    """Draw all the ink of a chart."""
    for marker in chart.markers:
        page.fill(cell_outlines(marker_cells(marker.id), marker.corners_page_mm))
    page.fill(cell_outlines(qr_cells(chart.qr.text), chart.qr.corners_page_mm))
    for polygon in chart.polygons:
        page.fill([polygon.points_page_mm])
    for stroke in chart.strokes:
        page.line((stroke.from_page_mm, stroke.to_page_mm), stroke.width_mm)
    for bar in chart.check_bars:
        _draw_check_bar(page, bar)
    for label in chart.labels:
        page.label(label)


def _draw_check_bar(page: PageCanvas, bar: CheckBar) -> None:
    """Draw a line with a tick at each end; the outer sides of the ticks are exactly the ends of the bar."""
    (x0, y0), (x1, y1) = bar.from_page_mm, bar.to_page_mm
    length = math.hypot(x1 - x0, y1 - y0)
    along = ((x1 - x0) / length, (y1 - y0) / length)

    def at(distance: float, sideways: float) -> Point:
        return (x0 + along[0] * distance - along[1] * sideways, y0 + along[1] * distance + along[0] * sideways)

    line, tick = CHECK_BAR_LINE * length, CHECK_BAR_TICK * length / 2
    half = line / 2
    side = [(0.0, tick), (line, tick), (line, half), (length - line, half), (length - line, tick), (length, tick)]
    other_side = [(distance, -sideways) for distance, sideways in reversed(side)]
    page.fill([[at(*point) for point in side + other_side]])
