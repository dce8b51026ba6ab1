"""A sensor that sees one colour at each pixel: red, green / green, blue."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.float32]
FULL = 65535.0
PEDESTAL = 0.1
"""Noise may be darker than black; OpenCV interpolates whole numbers."""


def through_mosaic(colours: list[Picture]) -> Picture:
    """Return what is left of red, green and blue pictures behind the mosaic."""
    red, green, blue = colours
    raw = green.copy()
    raw[::2, ::2] = red[::2, ::2]
    raw[1::2, 1::2] = blue[1::2, 1::2]
    return raw


def demosaic(raw: Picture) -> list[Picture]:
    """Return red, green and blue pictures, interpolated along edges rather than across them."""
    levels = np.rint(np.clip((1.0 - PEDESTAL) * raw + PEDESTAL, 0.0, 1.0) * FULL).astype(np.uint16)
    colours = cv2.cvtColor(levels, cv2.COLOR_BayerRGGB2RGB_EA)
    return [np.asarray((plane / FULL - PEDESTAL) / (1.0 - PEDESTAL), np.float32) for plane in cv2.split(colours)]
