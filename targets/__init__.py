"""What gets printed: chart descriptions, and the PDF and geometry file made from them."""

from .chart import Chart
from .designs import build_chart, chart_from_qr
from .errors import ChartError, QrTextError, UserError
from .ids import PAPERS, QrText, parse_qr_text

__all__ = [
    "PAPERS",
    "Chart",
    "ChartError",
    "QrText",
    "QrTextError",
    "UserError",
    "build_chart",
    "chart_from_qr",
    "parse_qr_text",
]
