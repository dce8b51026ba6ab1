"""A chart as PDF with the page on how to set it up, as geometry file and as preview."""

from __future__ import annotations

import io
import json
from typing import Any

from ..chart import CHART_SCHEMA, Chart, Edge, Marker, Panel
from .canvas import PageCanvas, draw_chart_page, new_pdf
from .setup_page import draw_setup_page

# The geometry file: what is printed where, for programs that want to know without reading the PDF.


def geometry_dict(chart: Chart) -> dict[str, Any]:
    """Return the chart as plain data, schema `backfocus/chart/1`; all places are mm in the page frame."""
    return {
        "schema": CHART_SCHEMA,
        "design": chart.design,
        "paper": chart.paper,
        "scale": chart.scale,
        "angle_deg": chart.angle_deg,
        "id": chart.id,
        "page_mm": list(chart.page_mm),
        "af_mark_page_mm": list(chart.af_mark_page_mm),
        "far_direction_page": list(chart.far_direction_page),
        "quiet_zone_mm": list(chart.quiet_zone_mm),
        "panels": [_panel(panel) for panel in chart.panels],
        "markers": [_marker(marker) for marker in chart.markers],
        "edges": [_edge(edge) for edge in chart.edges],
        "qr": {
            "text": chart.qr.text,
            "panel": chart.qr.panel,
            "corners_page_mm": _points(chart.qr.corners_page_mm),
        },
    }


def geometry_json(chart: Chart) -> str:
    """Return the chart's geometry as JSON text."""
    return json.dumps(geometry_dict(chart), indent=1) + "\n"


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "name": panel.name,
        "outline_page_mm": _points(panel.outline_page_mm),
        "hinge_page_mm": None if panel.hinge_page_mm is None else _points(panel.hinge_page_mm),
        "fold_deg": panel.fold_deg,
    }


def _marker(marker: Marker) -> dict[str, Any]:
    return {"id": marker.id, "panel": marker.panel, "corners_page_mm": _points(marker.corners_page_mm)}


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "panel": edge.panel,
        "from_page_mm": list(edge.from_page_mm),
        "to_page_mm": list(edge.to_page_mm),
        "dark_side": edge.dark_side,
        "clear_mm": edge.clear_mm,
    }


def _points(points: tuple[tuple[float, float], ...]) -> list[list[float]]:
    return [list(point) for point in points]


# The printable PDF of a chart: the chart on the first page, how to set it up on the second.


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


# A picture of the chart's page, for a look at it before it is printed.


def preview_png(pdf: bytes, dpi: float) -> bytes:
    """Return page 1 of a PDF as a grey PNG picture; the same PDF always gives the same bytes."""
    import pypdfium2

    buffer = io.BytesIO()
    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=dpi / 72.0, grayscale=True).to_pil()
    picture.save(buffer, "PNG", optimize=True, dpi=(dpi, dpi))
    return buffer.getvalue()
