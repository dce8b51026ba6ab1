"""Which chart the photo shows, and where its fiducials are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart, ChartError, QrTextError, build_chart, chart_from_qr, parse_qr_text
from backfocus.targets.markers import CELLS, chart_of_marker
from backfocus.targets.qrtext import QrText, UnknownFormatVersionError
from backfocus.verify.fiducials.corners import refine_corners
from backfocus.verify.fiducials.markers import SeenMarker, detect_markers, reduced_light
from backfocus.verify.findings import refusal
from backfocus.verify.photo.reading import Photo

Array = npt.NDArray[np.float64]

MIN_MARKERS = 2
"""Eight corners; with one marker alone a mistaken id goes unnoticed."""
ROUGH_SD_CELLS = 0.12
"""Error of a corner as the detector gives it, in cells of the marker: measured 0.05 to 0.15 for blurred markers."""
QR_MARGIN = 0.35
"""Of the code's side; its quiet zone is 4 of 25 modules."""


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
    read_from: Literal["qr", "markers", "user"]
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
    seen = detect_markers(photo)
    design, paper, members = _vote(photo, seen)
    nominal = build_chart(design, paper)
    page_to_px = _homography(nominal, members)
    qr = _read_qr(photo, nominal, page_to_px)
    if qr is not None and (qr.design, qr.paper) != (design, paper):
        raise refusal(
            "qr-contradicts-markers",
            f"The markers are those of a {design} chart for {paper}, the QR code says {qr.design} for {qr.paper}.",
        )
    return _refined(photo, nominal, page_to_px, members, qr, scale)


def _vote(photo: Photo, seen: list[SeenMarker]) -> tuple[str, str, list[SeenMarker]]:
    """Return design, paper and markers of the chart that most markers belong to."""
    charts = Counter(chart for marker in seen if (chart := chart_of_marker(marker.id)) is not None)
    if not charts:
        _refuse_foreign_qr(photo)
        raise refusal("no-chart")
    (design, paper), _ = charts.most_common(1)[0]
    try:
        wanted = {marker.id for marker in build_chart(design, paper).markers}
    except ChartError:
        raise refusal("unknown-format", f"The markers are those of a {design} chart.") from None
    members = [marker for marker in seen if marker.id in wanted]
    if len({marker.id for marker in members}) < MIN_MARKERS:
        raise refusal("too-few-markers", f"Only {len(members)} marker of the chart is recognisable.")
    return design, paper, members


def _homography(chart: Chart, members: list[SeenMarker]) -> Array:
    """Return the homography from page mm to pixels, from roughly located markers."""
    import cv2

    by_id = {marker.id: marker.corners_page_mm for marker in chart.markers}
    page = np.concatenate([np.asarray(by_id[marker.id], dtype=np.float64) for marker in members])
    pixels = np.concatenate([marker.corners_px for marker in members])
    cell_px = np.median([np.linalg.norm(m.corners_px[0] - m.corners_px[1]) / 6 for m in members])
    homography, _ = cv2.findHomography(page, pixels, cv2.RANSAC, float(max(cell_px, 3.0)))
    if homography is None:
        raise refusal("too-few-markers", "The markers found do not lie on one flat sheet.")
    return np.asarray(homography, dtype=np.float64)


def _map(homography: Array, points: Array) -> Array:
    homogeneous = np.concatenate([points, np.ones((*points.shape[:-1], 1))], axis=-1) @ homography.T
    mapped: Array = homogeneous[..., :2] / homogeneous[..., 2:]
    return mapped


def _refined(
    photo: Photo,
    nominal: Chart,
    page_to_px: Array,
    members: list[SeenMarker],
    qr: QrText | None,
    scale: float | None,
) -> Sighting:
    """Refine every marker from where the homography expects it, then again from the better homography."""
    import cv2

    ids = np.array([marker.id for marker in nominal.markers])
    page = np.array([marker.corners_page_mm for marker in nominal.markers], dtype=np.float64)
    for _ in range(2):
        corners = refine_corners(photo, _map(page_to_px, page))
        good = corners.ok & _agree(page, corners.corners_px, corners.ok)
        if good.sum() < 3:
            break
        better, _ = cv2.findHomography(page[good].reshape(-1, 2), corners.corners_px[good].reshape(-1, 2))
        if better is not None:
            page_to_px = np.asarray(better, dtype=np.float64)
    rough = {marker.id: marker.corners_px for marker in members}
    pixels = np.array([rough.get(int(name), np.full((4, 2), np.nan)) for name in ids])
    cell_px = np.linalg.norm(pixels - np.roll(pixels, 1, axis=1), axis=2).mean(axis=1) / CELLS
    known = np.isfinite(cell_px) & _agree(page, pixels, np.isfinite(cell_px))
    pixels[good], known = corners.corners_px[good], known | good
    if known.sum() < MIN_MARKERS:
        raise refusal("too-few-markers", f"Only {int(known.sum())} of {len(ids)} markers can be placed.")
    sd = np.where(good, corners.sd_px, ROUGH_SD_CELLS * cell_px)
    read_from: Literal["qr", "markers", "user"] = "qr" if qr else "user" if scale else "markers"
    chart = chart_from_qr(qr) if qr else build_chart(nominal.design, nominal.paper, scale or 1.0)
    return Sighting(
        chart=chart,
        read_from=read_from,
        marker_ids=ids[known],
        corners_page_mm=page[known] * chart.scale,
        corners_px=pixels[known],
        corner_sd_px=sd[known],
        refined=good[known],
    )


MAX_DISAGREEMENT = 0.01
"""Of the sheet's size in the picture: 3 % lens distortion bends the sheet by less; a false marker is far out."""


def _agree(page: Array, corners_px: Array, ok: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether each marker lies where one homography of most markers puts it."""
    import cv2

    if ok.sum() < 3:
        return ok
    found = corners_px[ok].reshape(-1, 2)
    size = float(np.linalg.norm(found.max(axis=0) - found.min(axis=0)))
    tolerance = MAX_DISAGREEMENT * size
    homography, _ = cv2.findHomography(page[ok].reshape(-1, 2), found, cv2.RANSAC, tolerance)
    distance = np.linalg.norm(
        _map(np.asarray(homography, dtype=np.float64), page) - np.nan_to_num(corners_px), axis=2
    )
    agree: npt.NDArray[np.bool_] = distance.max(axis=1) < tolerance
    return agree


def _read_qr(photo: Photo, chart: Chart, page_to_px: Array) -> QrText | None:
    """Return what the QR code says, from the part of the photo where the markers expect it."""
    quad = _map(page_to_px, np.asarray(chart.qr.corners_page_mm, dtype=np.float64))
    low, high = quad.min(axis=0), quad.max(axis=0)
    margin = QR_MARGIN * (high - low)
    left, top = np.maximum(np.floor(low - margin), 0).astype(int)
    right, bottom = np.ceil(high + margin).astype(int)
    part = photo.codes[top : max(bottom, top), left : max(right, left)]
    if min(part.shape, default=0) < 25:
        return None
    crop = replace(photo, codes=part)
    for text in _qr_texts(reduced_light(crop, QR_SIDE_PX)[0]):
        try:
            qr = parse_qr_text(text)
            chart_from_qr(qr)
        except UnknownFormatVersionError as error:
            raise refusal("unknown-format", f"The sheet says: {error}.") from None
        except (QrTextError, ChartError):
            continue
        return qr
    return None


QR_SIDE_PX = 800
"""33 modules with margin at 10 px and more; larger is slower and no more readable."""


def _qr_texts(image: npt.NDArray[np.uint8]) -> list[str]:
    import zxingcpp

    codes = zxingcpp.read_barcodes(image, formats=zxingcpp.barcode_formats_from_str("QRCode"))
    return [code.text for code in codes]


def _refuse_foreign_qr(photo: Photo) -> None:
    """Name the case of a chart of a newer format, whose markers this program does not know."""
    for text in _qr_texts(reduced_light(photo, 2 * QR_SIDE_PX)[0]):
        try:
            parse_qr_text(text)
        except UnknownFormatVersionError as error:
            raise refusal("unknown-format", f"The sheet says: {error}.") from None
        except QrTextError:
            continue
