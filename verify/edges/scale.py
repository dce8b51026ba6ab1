"""The scale at which edges are measured: smoothed where a program made them sharper than optics can, and noisy.

The pixel's area blurs by 0.29 px, demosaicing and lens by about 0.6 px more. Below 0.5 px a program has sharpened
the picture or made it smaller, and one edge differs from the next by how it meets the pixels: on real phone photos
pieces of one edge scatter by 4 to 12 % of their blur, after smoothing by 0.8 px by 1.5 to 2 %
(docs/studies/results/sharpened_photos.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..findings import Findings
from ..photo.reading import Photo
from .profiles import Segments

Array = npt.NDArray[np.float64]

SMOOTHING_PX = 0.8
"""Standard deviation. With 1.2 px pieces of one edge scatter by 1.1 %, which for the squared blur is no less."""
SHARPEST_PERCENT = 5.0
"""Of the pieces: single ones may be no edges, and few photos have less in focus."""
FEW_PIECES = 20
"""Fewer tell nothing about the picture."""
NOISY = 0.07
"""Standard error of the sharpest pieces over their blur. Traced photos that were refused for their sharpening have
0.07 to 0.14; virtual ones with noise reduction have 0.04 to 0.06, and smoothed 4 of 5 of their intervals failed."""
MARGIN_PX = 8
"""Beyond the outermost windows, more than smoothing reaches."""
LEVELS = 65_536


@dataclass(frozen=True)
class Scale:
    """At what scale edges were measured.

    Attributes:
        smoothing_px: standard deviation of the Gaussian by which the light was smoothed first; 0 for none.
        sharpest_px: blur of the sharpest edges before that.
    """

    smoothing_px: float = 0.0
    sharpest_px: float = math.inf

    def photo_blur_px(self, blur_px: Array) -> Array:
        """Return blur as the photo itself has it, without the smoothing, from its sharpest edges up.

        Halos take from the variance, so that less than the smoothing's may be left of it.
        """
        if not self.smoothing_px:
            return blur_px
        return np.sqrt(np.maximum(np.square(blur_px) - self.smoothing_px**2, self.sharpest_px**2))


def scale_for(blur_px: Array, blur_sd_px: Array) -> Scale:
    """Return the scale for a photo whose pieces of edges have this blur and standard error, (n,) in its pixels."""
    if len(blur_px) < FEW_PIECES:
        return Scale()
    sharpest = float(np.percentile(blur_px, SHARPEST_PERCENT))
    is_too_sharp = Findings.SHARPENED.limits[1].is_crossed(sharpest)
    sharp = blur_px <= np.percentile(blur_px, 2 * SHARPEST_PERCENT)
    is_noisy = float(np.median(blur_sd_px[sharp] / blur_px[sharp])) > NOISY
    return Scale(SMOOTHING_PX if is_too_sharp and is_noisy else 0.0, sharpest)


def smoothed(photo: Photo, scale: Scale, segments: Segments) -> Photo:
    """Return the photo with its linear light smoothed around some pieces; elsewhere it is dark."""
    import cv2

    reach = np.hypot(segments.half_length_px, segments.half_window_px).max() + MARGIN_PX
    low = np.maximum(np.floor(segments.centre_px.min(axis=0) - reach), 0).astype(int)
    high = np.ceil(segments.centre_px.max(axis=0) + reach).astype(int) + 1
    part = slice(low[1], high[1]), slice(low[0], high[0])
    light = cv2.GaussianBlur(photo.light(*part), (0, 0), scale.smoothing_px)
    codes = np.zeros(photo.codes.shape, np.uint16)
    codes[part] = np.rint(light * (LEVELS - 1))
    return replace(photo, codes=codes, light_of_code=np.linspace(0, 1, LEVELS, dtype=np.float32))
