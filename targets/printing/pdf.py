"""The printable PDF of a chart: the chart on the first page, how to set it up on the second."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from backfocus.targets.chart import Chart
from backfocus.targets.printing.chart_page import draw_chart_page
from backfocus.targets.printing.page_canvas import POINTS_PER_MM, REGULAR, PageCanvas, register_fonts
from backfocus.targets.printing.setup import draw_setup_page


def write_pdf(chart: Chart, destination: str | Path | BinaryIO) -> None:
    """Write the chart's PDF to a file or an open binary stream; the same chart always gives the same bytes."""
    content = pdf_bytes(chart)
    if isinstance(destination, (str, Path)):
        Path(destination).write_bytes(content)
    else:
        destination.write(content)


def pdf_bytes(chart: Chart) -> bytes:
    """Return the chart's PDF: vectors only, fonts embedded, page boxes equal to the paper, printed unscaled."""
    from reportlab.pdfgen.canvas import Canvas

    register_fonts()
    width, height = chart.page_mm
    buffer = io.BytesIO()
    canvas = Canvas(
        buffer,
        pagesize=(width * POINTS_PER_MM, height * POINTS_PER_MM),
        pageCompression=1,
        invariant=1,
        initialFontName=REGULAR,
        lang="en",
    )
    canvas.setTitle(f"backfocus {chart.design} {chart.paper.title()} {chart.id}")
    canvas.setAuthor("backfocus")
    canvas.setSubject("Autofocus test chart, to be printed at 100 %")
    canvas.setCreator("backfocus")
    canvas.setViewerPreference("PrintScaling", "None")
    draw_chart_page(PageCanvas(canvas, height), chart)
    canvas.showPage()
    draw_setup_page(canvas, chart)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()
