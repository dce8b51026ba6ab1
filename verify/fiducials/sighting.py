"""Which chart the photo shows, and where its fiducials are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart, build_chart, chart_from_qr
from backfocus.verify.fiducials.markers import looks
from backfocus.verify.fiducials.planar import Array, map_points
from backfocus.verify.fiducials.qr import SeenQr, read_qr
from backfocus.verify.fiducials.refining import PlacedMarkers, place_markers
from backfocus.verify.fiducials.sheets import Sheet, tell_sheets_apart
from backfocus.verify.findings import refusal
from backfocus.verify.photo.reading import Photo

ENOUGH_MARKERS = 3
"""Twelve corners that agree; all others are looked for where these say."""

ReadFrom = Literal["qr", "markers", "user"]


@dataclass(frozen=True)
class Sighting:
    """The chart in the photo and its marker corners: refined, or as detected where a marker is too blurred.

    Attributes:
        chart: the chart; when `read_from` is "markers", its scale, angle and id are the standard ones.
        read_from: "qr", or "markers" when the QR code could not be read, or "user" for a scale given by the user.
        marker_ids: (n,) ids of the markers.
        corners_page_mm: (n, 4, 2) their corners on the page.
        corners_px: (n, 4, 2) their corners in the photo.
        corner_sd_px: (n,) standard error of the corners.
        refined: (n,) whether the corners are those of lines fitted to the sides.
    """

    chart: Chart
    read_from: ReadFrom
    marker_ids: npt.NDArray[np.int_]
    corners_page_mm: Array
    corners_px: Array
    corner_sd_px: Array
    refined: npt.NDArray[np.bool_]


def find_chart(photo: Photo, scale: float | None = None) -> Sighting:
    """Find the chart.

    Args:
        photo: the photo.
        scale: printed scale as told by the user; used where the QR code cannot be read.

    Raises:
        Refusal: no chart, too few markers, an unknown format, or QR and markers that contradict each other.
    """
    sheets: list[Sheet] = []
    for seen in looks(photo):
        sheets, _ = tell_sheets_apart(seen)
        if sheets and len(sheets[0].members) >= ENOUGH_MARKERS:
            break
    if not sheets:
        raise refusal("no-chart")
    sheet = sheets[0]
    placed = place_markers(photo, sheet)
    qr = read_qr(photo, map_points(placed.page_to_px, np.asarray(sheet.chart.qr.corners_page_mm, dtype=np.float64)))
    if qr is not None and (qr.text.design, qr.text.paper) != (sheet.chart.design, sheet.chart.paper):
        raise refusal(
            "qr-contradicts-markers",
            f"The markers are those of a {sheet.chart.design} chart for {sheet.chart.paper}, "
            f"the QR code says {qr.text.design} for {qr.text.paper}.",
        )
    return _sighting(sheet, placed, qr, scale)


def _sighting(sheet: Sheet, placed: PlacedMarkers, qr: SeenQr | None, scale: float | None) -> Sighting:
    chart = chart_from_qr(qr.text) if qr else build_chart(sheet.chart.design, sheet.chart.paper, scale or 1.0)
    known = placed.known
    return Sighting(
        chart=chart,
        read_from="qr" if qr else "user" if scale else "markers",
        marker_ids=np.array([marker.id for marker in sheet.chart.markers])[known],
        corners_page_mm=placed.page_mm[known] * chart.scale,
        corners_px=placed.corners_px[known],
        corner_sd_px=placed.sd_px[known],
        refined=placed.refined[known],
    )
