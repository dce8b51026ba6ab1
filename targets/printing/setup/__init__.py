"""The second page of the PDF: how to set the chart up."""

from __future__ import annotations

from typing import Any

from backfocus.targets.chart import Chart
from backfocus.targets.printing.setup.leaning_page import draw_leaning_page
from backfocus.targets.printing.setup.upright_page import draw_upright_page


def draw_setup_page(canvas: Any, chart: Chart) -> None:
    """Draw the page on a reportlab canvas."""
    draw = draw_upright_page if chart.mark_tilt_deg == 0.0 else draw_leaning_page
    draw(canvas, chart)
