"""A print measured: size, shape and sharpness from a flatbed scan, or size by its check bars with a ruler."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart, build_chart
from backfocus.targets.errors import UnreadablePhotoError, UserError, printable

from ..detect.find_chart import ChartHints, Sighting, find_chart
from ..detect.sheets import read_any_qr
from ..findings import Findings, Refusal
from ..photo.metadata import CameraInfo
from ..photo.opening import opened_file, picture_in
from ..photo.reading import Photo, read_photo
from ..photo.tone import light_table, srgb_curve
from ..threads import one_thread
from .calibration import MAX_SKEW_RAD, SCALE_RANGE, PrintCalibration
from .check import PrintCheck, print_findings, today
from .page_map import PageMap, fit_page_map, measure_edge_quality

Array = npt.NDArray[np.float64]

READING_SD_MM = 0.2
"""Both ends of a bar by eye on half millimetres, and a ruler that is itself 0.1 mm off."""
SKEW_SD_RAD = Findings.PRINT_SKEWED.limit.value / 2
"""Bars along two sides tell nothing of the skew; few printers have more than what is a finding."""
PDF_SIDE_PX = 2000
"""Long side of the rendered page: 6 px a module of the QR code on A4."""
MM_PER_INCH = 25.4
LEAST_DPI = 100.0
"""Less in a file is the 72 or 96 that programs write when they know nothing."""
MAX_MEGAPIXELS = 300.0
"""A3 at 1200 dpi has 278."""
SMOOTHING_PX = 1.0
"""Standard deviation of a Gaussian. A sheet that lies straight has edges along the pixel grid; those of a sharp
scanner are then too narrow to be placed to a fraction of a pixel. It moves no straight edge."""
DEEPEST = 65_535
SCANNER_SCALE_SD = 0.001
"""Standard error of a desktop scanner's own scale: six of them were off by 0.06 to 0.3 mm over A4 (rms)."""
SCANNER_SKEW_SD_RAD = 0.0005
"""Of the angle between the carriage's way and the sensor, by the same 0.1 mm over 200 mm."""
NOT_OF_A_SCAN = (Findings.HALF_COVERED.code,)
"""Findings about photos: a part of the sheet on a smaller scanner is as good, with larger standard errors."""


@dataclass(frozen=True)
class ScanHints:
    """What the user says about a scan; None where file and QR code should tell.

    Attributes:
        dpi: resolution in pixels an inch.
        chart_id: the chart's id.
        scale: described over nominal size of the chart.
    """

    dpi: float | None = None
    chart_id: str | None = None
    scale: float | None = None


@one_thread()
def check_scan(path: str | Path, hints: ScanHints | None = None) -> PrintCheck:
    """Measure a print on a flatbed scan; one that cannot be measured is "refused", with the reason as finding.

    Args:
        path: a JPEG, PNG or TIFF file, 300 or 600 dpi, the sheet any way round.
        hints: what the user says.

    Raises:
        UnreadablePhotoError: the file is no picture.
    """
    hints = hints or ScanHints()
    photo = _smoothed(read_photo(path, max_megapixels=MAX_MEGAPIXELS))
    try:
        # First, as a RAW file is no picture that could state its resolution.
        _refuse_camera(photo)
        dpi = (hints.dpi, hints.dpi) if hints.dpi else _dpi_of(Path(path), photo.name)
        sighting = find_chart(photo, ChartHints(scale=hints.scale, chart_id=hints.chart_id))
        return _measured(photo, sighting, dpi, hints.chart_id)
    except Refusal as refused:
        return PrintCheck(photo.name, findings=(refused.finding,))


def _measured(photo: Photo, sighting: Sighting, dpi: tuple[float, float], wanted_id: str | None) -> PrintCheck:
    px_per_mm = np.array(dpi) / MM_PER_INCH
    page = fit_page_map(
        sighting.corners_page_mm[sighting.refined], sighting.corners_px[sighting.refined] / px_per_mm
    )
    _refuse_wrong_resolution(page, dpi)
    chart_id = sighting.chart.id if sighting.read_from == "qr" else wanted_id
    calibration = PrintCalibration(
        chart_id=chart_id or "",
        scale_x=page.scale_x,
        scale_y=page.scale_y,
        skew_rad=page.skew_rad,
        scale_x_sd=math.hypot(page.scale_x_sd, SCANNER_SCALE_SD * page.scale_x),
        scale_y_sd=math.hypot(page.scale_y_sd, SCANNER_SCALE_SD * page.scale_y),
        skew_sd_rad=math.hypot(page.skew_sd_rad, SCANNER_SKEW_SD_RAD),
        source="scan",
        date=today(),
    )
    corners_px = sighting.corners_px[sighting.refined]
    edges = measure_edge_quality(photo, corners_px, float(px_per_mm.mean()), SMOOTHING_PX)
    findings = [found for found in sighting.findings if found.code not in NOT_OF_A_SCAN]
    return PrintCheck(
        name=photo.name,
        chart=sighting.chart,
        chart_id=chart_id,
        read_from=sighting.read_from,
        dpi=dpi,
        calibration=calibration,
        page_map=page,
        edges=edges,
        findings=(*findings, *print_findings(sighting.chart, calibration, edges)),
    )


def _smoothed(photo: Photo) -> Photo:
    """Return the scan in 16 bits of linear light, smoothed."""
    import cv2

    linear = np.rint(photo.light_of_code * DEEPEST).astype(np.uint16)[photo.codes]
    codes = np.asarray(cv2.GaussianBlur(linear, (0, 0), SMOOTHING_PX), np.uint16)
    light_of_code = np.linspace(0.0, 1.0, DEEPEST + 1, dtype=np.float32)
    return replace(photo, codes=codes, light_of_code=light_of_code)


def _dpi_of(path: Path, name: str) -> tuple[float, float]:
    """Return the resolution that the file states.

    Raises:
        Refusal: it states none, or none that a scanner has.
    """
    with opened_file(path, name) as file:
        stated = picture_in(file, name, MAX_MEGAPIXELS).info.get("dpi")
    if stated is None:
        raise Findings.SCAN_RESOLUTION_UNKNOWN.refusal()
    dpi_x, dpi_y = (float(value) for value in stated)
    if not (LEAST_DPI <= dpi_x < math.inf and LEAST_DPI <= dpi_y < math.inf):
        raise Findings.SCAN_RESOLUTION_UNKNOWN.refusal(
            f"The file says {dpi_x:g} dpi, which is what programs write that know of no scanner.",
        )
    return dpi_x, dpi_y


def _refuse_camera(photo: Photo) -> None:
    camera = photo.camera
    if camera.focal_length_mm is None and camera.f_number is None:
        return
    name = " ".join(word for word in (camera.make, camera.model) if word) or "a camera"
    raise Findings.NOT_A_SCAN.refusal(
        f"The file says that {name} took it, with a lens: this is a photo, not a scan."
    )


def _refuse_wrong_resolution(page: PageMap, dpi: tuple[float, float]) -> None:
    low, high = SCALE_RANGE
    if low <= page.scale_x <= high and low <= page.scale_y <= high and abs(page.skew_rad) <= MAX_SKEW_RAD:
        return
    likely = math.sqrt(page.scale_x * page.scale_y * dpi[0] * dpi[1])
    raise Findings.SCAN_RESOLUTION_WRONG.refusal(
        f"At {dpi[0]:g} x {dpi[1]:g} dpi the print would be {page.scale_x:.0%} x {page.scale_y:.0%} of its size; "
        f"at 100 % the scan would have {likely:.0f} dpi.",
    )


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
        UserError: no print of the chart has such bars.
    """
    # All designs have the same check bars.
    nominal = bar_lengths_mm(chart or build_chart(scale=scale))
    scale_x, scale_y = (read / length for read, length in zip(printed_mm, nominal, strict=True))
    if not all(SCALE_RANGE[0] <= each <= SCALE_RANGE[1] for each in (scale_x, scale_y)):
        raise UserError(
            f"{printed_mm[0]:g} x {printed_mm[1]:g} mm cannot be right: the chart's check bars should measure "
            f"{nominal[0]:g} x {nominal[1]:g} mm."
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

    name = printable(path.name)
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
