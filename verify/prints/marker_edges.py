"""How sharp the print is: blur of the markers' sides in a scan."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.verify.edges.strips import measure_strips
from backfocus.verify.fiducials.markers.corners import side_pieces
from backfocus.verify.photo.reading import Photo

Array = npt.NDArray[np.float64]

MIN_WINDOW_BLURS = 2.6
"""As for the edges of a photo: less leaves no plain ink or paper beside the edge."""
PIXEL_BLUR_PX = math.sqrt(1 / 12)
"""Standard deviation of the box that a pixel is: the scanner's share that is known. What its optics add is not."""
LEAST_PX = 0.1
"""Less blur than that cannot be told from none."""
MEDIAN_OVER_MEAN = 1.2533
"""Standard error of a median over that of a mean, for normal scatter."""
NORMAL_OVER_MAD = 1.4826


@dataclass(frozen=True)
class EdgeQuality:
    """Blur of print and scanner together, less that of the pixels: a standard deviation, and its standard error."""

    blur_mm: float
    blur_sd_mm: float


def measure_edge_quality(
    photo: Photo, corners_px: Array, px_per_mm: float, smoothing_px: float
) -> EdgeQuality | None:
    """Return the blur of the markers' sides, the median of all pieces; None when not one can be measured.

    Args:
        photo: the scan.
        corners_px: (n, 4, 2) refined marker corners.
        px_per_mm: resolution of the scan.
        smoothing_px: standard deviation of the Gaussian by which it was smoothed since.
    """
    pieces = side_pieces(corners_px)
    blur_px = measure_strips(photo, pieces, pieces.half_window_px, MIN_WINDOW_BLURS).fits.blur_px
    if not len(blur_px):
        return None
    middle = float(np.median(blur_px))
    scatter = NORMAL_OVER_MAD * float(np.median(np.abs(blur_px - middle)))
    sd_px = MEDIAN_OVER_MEAN * scatter / math.sqrt(len(blur_px))
    own_px = math.sqrt(max(middle**2 - PIXEL_BLUR_PX**2 - smoothing_px**2, LEAST_PX**2))
    return EdgeQuality(
        blur_mm=own_px / px_per_mm,
        blur_sd_mm=middle / own_px * sd_px / px_per_mm,
    )
