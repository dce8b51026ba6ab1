"""Movement of the camera during the exposure."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.float32]
LOBES = 3
"""Of the Lanczos window: the path falls between pixels, and bilinear weights would add blur of their own."""
STEPS_PER_PX = 16


def smear(picture: Picture, length_px: float, direction_deg: float) -> Picture:
    """Return the picture averaged along a straight path of the given length."""
    if length_px == 0.0:
        return picture
    return np.asarray(cv2.filter2D(picture, cv2.CV_32F, _path(length_px, direction_deg)), np.float32)


def _path(length_px: float, direction_deg: float) -> npt.NDArray[np.float64]:
    """Return the kernel of a path around the middle."""
    steps = math.ceil(length_px * STEPS_PER_PX) + 1
    along = ((np.arange(steps) + 0.5) / steps - 0.5) * length_px
    angle = math.radians(direction_deg)
    reach = math.ceil(length_px / 2) + LOBES
    pixel = np.arange(-reach, reach + 1)[:, None]
    across, down = (_lanczos(pixel - along * part) for part in (math.cos(angle), math.sin(angle)))
    kernel = down @ across.T
    return np.asarray(kernel / kernel.sum())


def _lanczos(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    window: npt.NDArray[np.float64] = np.sinc(x) * np.sinc(x / LOBES)
    return np.where(np.abs(x) < LOBES, window, 0.0)
