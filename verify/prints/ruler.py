"""Size of a printed chart by its check bars, read with a ruler."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from backfocus.targets import Chart, build_chart
from backfocus.verify.fiducials.qr import read_any_qr
from backfocus.verify.photo.metadata.camera_info import CameraInfo
from backfocus.verify.photo.opening import UnreadablePhotoError, printable_name
from backfocus.verify.photo.pixels.tone import light_table, srgb_curve
from backfocus.verify.photo.reading import Photo
from backfocus.verify.prints.calibration import SCALE_RANGE, PrintCalibration
from backfocus.verify.prints.check import PrintCheck, today
from backfocus.verify.prints.faults import SKEWED_RAD, print_findings

READING_SD_MM = 0.2
"""Both ends of a bar by eye on half millimetres, and a ruler that is itself 0.1 mm off."""
SKEW_SD_RAD = SKEWED_RAD / 2
"""Bars along two sides tell nothing of the skew; few printers have more than what is a finding."""
PDF_SIDE_PX = 2000
"""Long side of the rendered page: 6 px a module of the QR code on A4."""


class ReadingError(ValueError):
    """The readings cannot be those of the chart's bars; the message says what these measure."""


def check_readings(
    printed_mm: tuple[float, float], chart_id: str, chart: Chart | None = None, scale: float = 1.0
) -> PrintCheck:
    """Return the state of a print by its two check bars.

    Args:
        printed_mm: lengths as printed of the bar along the width and of the bar along the height.
        chart_id: the chart's id.
        chart: the chart as described; None where no more than the id is known.
        scale: described over nominal size of a chart that is not known.

    Raises:
        ReadingError: no print of the chart has such bars.
    """
    # All designs have the same check bars.
    nominal = bar_lengths_mm(chart or build_chart(scale=scale))
    scale_x, scale_y = (read / length for read, length in zip(printed_mm, nominal, strict=True))
    if not all(SCALE_RANGE[0] <= each <= SCALE_RANGE[1] for each in (scale_x, scale_y)):
        raise ReadingError(
            f"{printed_mm[0]:g} x {printed_mm[1]:g} mm cannot be right: the chart's check bars should measure "
            f"{nominal[0]:g} x {nominal[1]:g} mm"
        )
    calibration = PrintCalibration(
        chart_id=chart_id,
        scale_x=scale_x,
        scale_y=scale_y,
        skew_rad=0.0,
        scale_x_sd=READING_SD_MM / nominal[0],
        scale_y_sd=READING_SD_MM / nominal[1],
        skew_sd_rad=SKEW_SD_RAD,
        source="ruler",
        date=today(),
    )
    return PrintCheck(
        name="check bars",
        chart=chart,
        chart_id=chart_id,
        calibration=calibration,
        findings=print_findings(chart, calibration),
    )


def bar_lengths_mm(chart: Chart) -> tuple[float, float]:
    """Return the lengths of the check bars along the page's width and height."""
    lengths = {}
    for bar in chart.check_bars:
        (x0, y0), (x1, y1) = bar.from_page_mm, bar.to_page_mm
        lengths["width" if abs(x1 - x0) > abs(y1 - y0) else "height"] = bar.length_mm
    return lengths["width"], lengths["height"]


def chart_of_pdf(path: Path) -> Chart:
    """Return the chart on a PDF's first page, by its QR code.

    Raises:
        UnreadablePhotoError: this is no PDF of a chart.
        Refusal: the chart is of another format version.
    """
    import pypdfium2

    name = printable_name(path.name)
    try:
        document = pypdfium2.PdfDocument(path)
        try:
            page = document[0]
            rows = page.render(scale=PDF_SIDE_PX / max(page.get_size()), grayscale=True).to_numpy()
        finally:
            document.close()
    except (OSError, IndexError, ZeroDivisionError, pypdfium2.PdfiumError) as error:
        raise UnreadablePhotoError(f"{name}: not a PDF that can be read.", "Give the chart's PDF.") from error
    codes = np.ascontiguousarray(rows.reshape(rows.shape[:2]))
    chart = read_any_qr(Photo(name, codes, light_table(srgb_curve, 256), CameraInfo()))
    if chart is None:
        raise UnreadablePhotoError(
            f"{name}: no backfocus chart on its first page.", "Give the PDF that backfocus chart has made."
        )
    return chart
