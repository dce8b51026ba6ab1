"""The light that falls on the sensor: the sheet through the lens, in front of the ground."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.lens.averaging import FINENESS
from backfocus.verify.camera.lens.projection import Projection
from backfocus.verify.camera.lens.tiles import window_around
from backfocus.verify.camera.painting import Light, paint
from backfocus.verify.camera.sheet.folding import FoldedSheet
from backfocus.verify.camera.sheet.raster import SheetRaster
from backfocus.verify.camera.sheet.surface import Sheet

Array = npt.NDArray[np.float64]
Picture = npt.NDArray[np.float32]

NEAREST = 0.1
"""No part of the sheet may be nearer than this part of the focus distance."""


def render_sheet(
    raster: SheetRaster, sheet: Sheet, projection: Projection, light: Light, ground: Picture
) -> Picture:
    """Return the picture of the sheet in front of `ground`, in linear light.

    Args:
        raster: what is printed on the sheet.
        sheet: where it is.
        projection: lens and picture.
        light: from the sheet.
        ground: light from behind the sheet, of the picture's size. It is painted over.

    Raises:
        ValueError: part of the sheet is behind the lens or touches it.
    """
    outline = _outline(sheet, raster.page_mm)
    if outline[:, 2].min() < NEAREST * projection.focus_mm:
        raise ValueError("the sheet reaches the lens: move it farther away")
    margin_px = projection.reach_px(outline) + 4.0 * projection.sharp_blur_px + 2.0
    window = window_around(projection.pixels(outline), margin_px, projection.picture_px)
    if window is None:
        return ground
    size = (window.width * FINENESS, window.height * FINENESS)
    fine = np.asarray(cv2.resize(ground[window.slices], size, interpolation=cv2.INTER_LINEAR), np.float32)
    for tile in window.split():
        paint(raster, sheet, projection, tile, light, fine[tile.fine(window, FINENESS)])
    ground[window.slices] = _to_pixels(fine, projection.sharp_blur_px)
    return ground


def _to_pixels(fine: Picture, blur_px: float) -> Picture:
    """Return a finely rendered picture blurred and in whole pixels."""
    sigma = blur_px * FINENESS
    side = 2 * math.ceil(4.0 * sigma) + 1
    blurred = cv2.GaussianBlur(fine, (side, side), sigma) if sigma else fine
    size = (fine.shape[1] // FINENESS, fine.shape[0] // FINENESS)
    return np.asarray(cv2.resize(blurred, size, interpolation=cv2.INTER_AREA), np.float32)


def _outline(sheet: Sheet, page_mm: tuple[float, float]) -> Array:
    """Return points in the camera frame all around the sheet, or around each of its panels."""
    if isinstance(sheet, FoldedSheet):
        around = [panel.plane.points(_along(panel.outline_page_mm)) for panel in sheet.panels]
        return np.concatenate(around)
    width, height = page_mm
    return sheet.points(_along(np.array([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])))


def _along(corners: Array, points: int = 33) -> Array:
    """Return points along the sides of a polygon, enough to follow a distorted border."""
    t = np.linspace(0.0, 1.0, points)[:, None]
    ends = np.roll(corners, -1, axis=0)
    return np.concatenate([start + t * (end - start) for start, end in zip(corners, ends, strict=True)])
