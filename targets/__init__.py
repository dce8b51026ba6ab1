"""What gets printed: chart descriptions, and the PDF and geometry file made from them."""

from backfocus.targets.chart import Chart
from backfocus.targets.designs import ChartError, build_chart, chart_from_qr
from backfocus.targets.papers import PAPERS
from backfocus.targets.qrtext import QrText, QrTextError, parse_qr_text

__all__ = [
    "PAPERS",
    "Chart",
    "ChartError",
    "QrText",
    "QrTextError",
    "build_chart",
    "chart_from_qr",
    "parse_qr_text",
]
