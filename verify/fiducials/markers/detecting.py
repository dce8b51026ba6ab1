"""Detection of ArUco markers in a photo, roughly located, on reduced pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.targets.markers import DICTIONARY
from backfocus.verify.fiducials.reduced import Picture, ReducedPhoto, reduced
from backfocus.verify.photo.reading import Photo

REDUCED_SIDE_PX = 2000
"""Long side of the reduced picture: takes 30 ms, finds the chart wherever A4 is a twentieth of the frame wide, and
all but the most blurred markers of larger ones; blur is small against its pixels, and noise is averaged out."""
LARGE_SIDE_PX = 4000
"""Long side of the last look, for charts far away; at 6000 px and more noise makes a thousand false outlines, which
takes seconds."""


@dataclass(frozen=True, eq=False)
class SeenMarker:
    """A detected marker: id and its corners in pixels of the photo, (4, 2), from its own top-left clockwise."""

    id: int
    corners_px: npt.NDArray[np.float64]

    @property
    def side_px(self) -> float:
        """Mean length of its sides."""
        return float(np.linalg.norm(self.corners_px - np.roll(self.corners_px, 1, axis=0), axis=1).mean())


def looks(photo: Photo) -> Iterator[list[SeenMarker]]:
    """Yield the markers seen in ever more thorough looks, good to a few pixels; a caller stops at enough.

    The first look finds a well lit chart. The second evens out the light, for a dark photo with a lamp in it or a
    chart in the shade: there the first finds nothing once paper is at a tenth of full scale, the second as much as
    at full light. The third finds charts that are small in the picture.
    """
    small = reduced(photo, REDUCED_SIDE_PX)
    yield detect_markers(small, small.light())
    yield detect_markers(small, small.even_light())
    large = reduced(photo, LARGE_SIDE_PX)
    if large.factor < small.factor:
        yield detect_markers(large, large.even_light())


def detect_markers(small: ReducedPhoto, image: Picture) -> list[SeenMarker]:
    """Return the markers of the charts' dictionary in `image`, a rendering of `small`."""
    import cv2

    parameters = cv2.aruco.DetectorParameters()
    parameters.adaptiveThreshWinSizeMin = 9
    parameters.adaptiveThreshWinSizeMax = 51
    parameters.adaptiveThreshWinSizeStep = 14
    parameters.minMarkerPerimeterRate = 0.02
    # Only the middle third of a cell is free of its neighbours' blur: 7 % more markers are read than with the
    # default margin, up to a blur disc with the radius of a cell.
    parameters.perspectiveRemoveIgnoredMarginPerCell = 0.33
    parameters.perspectiveRemovePixelPerCell = 8
    dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, DICTIONARY))
    corners, ids, _ = cv2.aruco.ArucoDetector(dictionary, parameters).detectMarkers(image)
    if not corners:
        return []
    return [
        SeenMarker(int(marker_id), small.in_photo(np.asarray(quad).reshape(4, 2)))
        for quad, marker_id in zip(corners, np.asarray(ids).ravel(), strict=True)
    ]
