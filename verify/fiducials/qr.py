"""The QR code in the photo: a second witness of which chart this is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart, ChartError, QrTextError, chart_from_qr, parse_qr_text
from backfocus.targets.qrtext import QrText, UnknownFormatVersionError
from backfocus.verify.fiducials.planar import Array
from backfocus.verify.fiducials.reduced import reduced
from backfocus.verify.findings import refusal
from backfocus.verify.photo.reading import Photo

MARGIN = 0.35
"""Of the code's side; its quiet zone is 4 of 25 modules."""
CODE_SIDE_PX = 800
"""33 modules with margin at 10 px and more; larger is slower and no more readable."""
PHOTO_SIDE_PX = 1600
SMALLEST_PX = 25
"""A pixel a module."""


@dataclass(frozen=True, eq=False)
class SeenQr:
    """A chart's QR code in the photo: the chart it names, and its corners (4, 2) in the order of the chart's."""

    chart: Chart
    corners_px: Array


def read_qr(photo: Photo, expected_px: Array) -> SeenQr | None:
    """Read a chart's QR code.

    Args:
        photo: the photo.
        expected_px: (4, 2) corners of the code, or of what it lies in.

    Returns:
        The first code that names a chart this program makes; None when there is none.

    Raises:
        Refusal: a code names a chart of another format version.
    """
    if not np.isfinite(expected_px).all():
        return None
    low, high = expected_px.min(axis=0), expected_px.max(axis=0)
    margin = MARGIN * (high - low)
    size = np.array(photo.codes.shape[::-1])
    left, top = np.clip(np.floor(low - margin), 0, size).astype(int)
    right, bottom = np.clip(np.ceil(high + margin), 0, size).astype(int)
    part = photo.codes[top:bottom, left:right]
    if min(part.shape) < SMALLEST_PX:
        return None
    for text, corners_px in _codes(replace(photo, codes=part), CODE_SIDE_PX):
        chart = _named_chart(text)
        if chart is not None:
            return SeenQr(chart, corners_px + np.array([left, top]))
    return None


def read_any_qr(photo: Photo) -> Chart | None:
    """Return the chart that a QR code anywhere in the photo names, read at reduced size.

    Raises:
        Refusal: a code names a chart of another format version.
    """
    charts = (_named_chart(text) for text, _ in _codes(photo, PHOTO_SIDE_PX))
    return next((chart for chart in charts if chart is not None), None)


def _named_chart(text: str) -> Chart | None:
    try:
        return _built(parse_qr_text(text))
    except UnknownFormatVersionError as error:
        raise refusal("unknown-format", f"The sheet says: {error}.") from None
    except (QrTextError, ChartError):
        return None


@lru_cache(maxsize=32)
def _built(text: QrText) -> Chart:
    return chart_from_qr(text)


def _codes(photo: Photo, longest_px: int) -> Iterator[tuple[str, Array]]:
    """Yield text and corners of all QR codes, the evenly lit rendering only where the plain one shows none."""
    import zxingcpp

    small = reduced(photo, longest_px)
    for render in (small.light, small.even_light):
        image: npt.NDArray[np.uint8] = render()
        codes = zxingcpp.read_barcodes(image, formats=zxingcpp.barcode_formats_from_str("QRCode"))
        for code in codes:
            place = code.position
            corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
            yield code.text, small.in_photo([(corner.x, corner.y) for corner in corners])
        if codes:
            return
