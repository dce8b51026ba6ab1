"""The printable PDF of a chart: the chart on the first page, how to set it up on the second."""

from __future__ import annotations

import io

from backfocus.targets.chart import Chart
from backfocus.targets.printing.chart_page import draw_chart_page
from backfocus.targets.printing.page_canvas import PageCanvas, new_pdf
from backfocus.targets.printing.setup import draw_setup_page


def pdf_bytes(chart: Chart) -> bytes:
    """Return the chart's PDF: vectors only, fonts embedded, page boxes equal to the paper, printed unscaled.

    The same chart always gives the same bytes.
    """
    buffer = io.BytesIO()
    title = f"backfocus {chart.design} {chart.paper.title()} {chart.id}"
    canvas = new_pdf(buffer, chart.page_mm, title, "Autofocus test chart, to be printed at 100 %")
    draw_chart_page(PageCanvas(canvas, chart.page_mm[1]), chart)
    canvas.showPage()
    draw_setup_page(canvas, chart)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()
