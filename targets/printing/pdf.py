"""A chart as PDF with the page on how to set it up, as geometry file and as preview."""

from __future__ import annotations

import dataclasses
import io
import json
from typing import Any

from ..chart import CHART_SCHEMA, Chart
from .canvas import PageCanvas, draw_chart_page, new_pdf
from .setup_page import draw_setup_page

NOT_IN_GEOMETRY = ("check_bars", "polygons", "strokes", "labels")
"""Ink that no program looks for."""


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


def geometry_json(chart: Chart) -> str:
    """Return the chart's geometry as JSON text: what is printed where, for programs that do not read the PDF."""
    return json.dumps(geometry_dict(chart), indent=1) + "\n"


def geometry_dict(chart: Chart) -> dict[str, Any]:
    """Return the chart as plain data, schema `backfocus/chart/1`; all places are mm in the page frame."""
    fields = dataclasses.asdict(chart)
    kept = {name: value for name, value in fields.items() if name not in NOT_IN_GEOMETRY}
    # By JSON, as it has lists where the chart has tuples.
    return {"schema": CHART_SCHEMA, **json.loads(json.dumps(kept))}


def preview_png(pdf: bytes, dpi: float) -> bytes:
    """Return page 1 of a PDF as a grey PNG picture; the same PDF always gives the same bytes."""
    import pypdfium2

    buffer = io.BytesIO()
    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=dpi / 72.0, grayscale=True).to_pil()
    picture.save(buffer, "PNG", optimize=True, dpi=(dpi, dpi))
    return buffer.getvalue()
