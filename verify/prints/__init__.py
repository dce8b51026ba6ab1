"""What a printer made of a chart: checked, kept, applied."""

from .calibration import PrintCalibration, as_printed, calibration_of, keep, kept_path
from .check import PrintCheck
from .scan import ScanHints, chart_of_pdf, check_readings, check_scan

__all__ = [
    "PrintCalibration",
    "PrintCheck",
    "ScanHints",
    "as_printed",
    "calibration_of",
    "chart_of_pdf",
    "check_readings",
    "check_scan",
    "keep",
    "kept_path",
]
