"""Detection of ArUco markers in a photo, roughly located, on a reduced picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.targets.markers import DICTIONARY
from backfocus.verify.photo.reading import Photo

REDUCED_SIDE_PX = 2000
"""Long side of the reduced picture; markers of 17 mm on an A4 sheet that fills a third of the frame keep 3 px a
cell, and detection takes a tenth of the time that it takes on 24 MP."""
GIVE_UP_SIDE_PX = 6000
"""Long side of the second try when the first finds too few."""
ENOUGH_MARKERS = 3


@dataclass(frozen=True)
class SeenMarker:
    """A detected marker: id and its corners in pixels of the photo, (4, 2), from its own top-left clockwise."""

    id: int
    corners_px: npt.NDArray[np.float64]


def detect_markers(photo: Photo) -> list[SeenMarker]:
    """Return the markers of the charts' dictionary that the photo shows, good to a few pixels."""
    seen = _detect(photo, REDUCED_SIDE_PX)
    if len(seen) < ENOUGH_MARKERS and max(photo.codes.shape) > REDUCED_SIDE_PX:
        more = _detect(photo, GIVE_UP_SIDE_PX)
        seen = more if len(more) > len(seen) else seen
    return seen


def reduced_light(photo: Photo, longest_px: int) -> tuple[npt.NDArray[np.uint8], float]:
    """Return the photo in linear light, 8 bit, reduced to a longest side, and the factor back to its pixels."""
    import cv2

    rows, columns = photo.codes.shape
    factor = max(1.0, max(rows, columns) / longest_px)
    size = (max(1, round(columns / factor)), max(1, round(rows / factor)))
    codes = np.asarray(cv2.resize(photo.codes, size, interpolation=cv2.INTER_AREA))
    light = photo.light_of_code
    top = float(np.percentile(light[codes[::8, ::8]], 99.5))
    table = np.clip(light / max(top, 1e-3) * 255.0, 0, 255).astype(np.uint8)
    return np.asarray(table[codes]), factor


def _detect(photo: Photo, longest_px: int) -> list[SeenMarker]:
    """Detect in linear light: on gamma-coded values a blurred marker shrinks and is lost earlier."""
    import cv2

    image, factor = reduced_light(photo, longest_px)
    parameters = cv2.aruco.DetectorParameters()
    parameters.adaptiveThreshWinSizeMin = 9
    parameters.adaptiveThreshWinSizeMax = 51
    parameters.adaptiveThreshWinSizeStep = 14
    parameters.minMarkerPerimeterRate = 0.02
    dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, DICTIONARY))
    corners, ids, _ = cv2.aruco.ArucoDetector(dictionary, parameters).detectMarkers(image)
    if not corners:
        return []
    # Pixel centres: the reduced picture's pixel i covers original pixels i*factor - 0.5 to (i+1)*factor - 0.5.
    return [
        SeenMarker(int(marker_id), (np.asarray(quad, dtype=np.float64).reshape(4, 2) + 0.5) * factor - 0.5)
        for quad, marker_id in zip(corners, np.asarray(ids).ravel(), strict=True)
    ]
