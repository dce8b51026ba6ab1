"""What a printer makes of the chart: ink that spreads, soft borders; and the dirt on it."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.scene import Print
from backfocus.verify.camera.sheet.raster import SheetRaster

Ink = npt.NDArray[np.uint8]
SPREADING = 1.5
"""Standard deviation of the blur whose level line moves a border, over the way it moves."""


def as_printed(raster: SheetRaster, printed: Print, rng: np.random.Generator) -> SheetRaster:
    """Return the sheet as the printer leaves it, and dirtied."""
    px_per_mm = raster.ink.shape[1] / raster.page_mm[0]
    ink = raster.ink
    if printed.gain_mm:
        ink = _gain(ink, printed.gain_mm * px_per_mm)
    if printed.softness_mm:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), printed.softness_mm * px_per_mm), np.uint8)
    if printed.specks:
        ink = _dirtied(ink, printed.specks, printed.speck_mm * px_per_mm, rng)
    return SheetRaster(ink, raster.page_mm)


def _gain(ink: Ink, gain_px: float) -> Ink:
    """Move every border of an inked area outwards.

    A border blurred by a Gaussian of standard deviation s falls to Φ(-g/s) at the distance g, in every direction.
    That level becomes the new border, as steep as a pixel is wide. Corners get round, as those of real ink.
    """
    sigma = SPREADING * abs(gain_px)
    z = gain_px / sigma
    level = (1.0 + math.erf(-z / math.sqrt(2.0))) / 2.0
    per_px = math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi) / sigma
    blurred = cv2.GaussianBlur(ink, (0, 0), sigma)
    steep = (np.arange(256) / 255.0 - level) / per_px + 0.5
    return np.asarray(cv2.LUT(blurred, np.rint(255.0 * np.clip(steep, 0.0, 1.0)).astype(np.uint8)), np.uint8)


def _dirtied(ink: Ink, specks: int, largest_px: float, rng: np.random.Generator) -> Ink:
    """Lay down oblong specks of random size, direction and darkness."""
    dirt = np.zeros_like(ink)
    for _ in range(specks):
        centre = (int(rng.uniform(0, ink.shape[1])), int(rng.uniform(0, ink.shape[0])))
        length = rng.uniform(0.2, 1.0) * largest_px
        axes = (round(length / 2), round(length / 2 * rng.uniform(0.3, 1.0)))
        shade = round(rng.uniform(80, 255))
        cv2.ellipse(dirt, centre, axes, float(rng.uniform(0, 180)), 0, 360, shade, cv2.FILLED)
    return np.maximum(ink, dirt)
