"""The light that falls on the sensor: the sheet through the lens, in front of the ground."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.lens.averaging import FINENESS, average
from backfocus.verify.camera.lens.curved import page_seen
from backfocus.verify.camera.lens.projection import Projection
from backfocus.verify.camera.lens.tiles import Tile, window_around
from backfocus.verify.camera.sheet.raster import SheetRaster
from backfocus.verify.camera.sheet.surface import Sheet

Array = npt.NDArray[np.float64]
Picture = npt.NDArray[np.float32]

COVERAGE_PX_PER_MM = 4.0
GRID = 9
"""Places along a side of a tile that stand for all of it."""
NEAREST = 0.1
"""No part of the sheet may be nearer than this part of the focus distance."""


def render_sheet(
    raster: SheetRaster, sheet: Sheet, projection: Projection, paper: float, ink: float, ground: Picture
) -> Picture:
    """Return the picture of the sheet in front of `ground`, in linear light.

    Args:
        raster: what is printed on the sheet.
        sheet: where it is.
        projection: lens and picture.
        paper: light from bare paper.
        ink: light from full ink.
        ground: light from behind the sheet, of the picture's size. It is painted over.

    Raises:
        ValueError: part of the sheet is behind the lens or touches it.
    """
    outline = sheet.points(_outline(raster.page_mm))
    if outline[:, 2].min() < NEAREST * projection.focus_mm:
        raise ValueError("the sheet reaches the lens: move it farther away")
    margin_px = projection.reach_px(outline) + 4.0 * projection.sharp_blur_px + 2.0
    window = window_around(projection.pixels(outline), margin_px, projection.picture_px)
    if window is None:
        return ground
    size = (window.width * FINENESS, window.height * FINENESS)
    fine = np.asarray(cv2.resize(ground[window.slices], size, interpolation=cv2.INTER_LINEAR), np.float32)
    for tile in window.split():
        _paint(raster, sheet, projection, tile, paper, ink, fine[tile.fine(window, FINENESS)])
    ground[window.slices] = _to_pixels(fine, projection.sharp_blur_px)
    return ground


def _to_pixels(fine: Picture, blur_px: float) -> Picture:
    """Return a finely rendered picture blurred and in whole pixels."""
    sigma = blur_px * FINENESS
    side = 2 * math.ceil(4.0 * sigma) + 1
    blurred = cv2.GaussianBlur(fine, (side, side), sigma) if sigma else fine
    size = (fine.shape[1] // FINENESS, fine.shape[0] // FINENESS)
    return np.asarray(cv2.resize(blurred, size, interpolation=cv2.INTER_AREA), np.float32)


def _outline(page_mm: tuple[float, float], points: int = 33) -> Array:
    """Points all around the page, enough to follow a distorted border."""
    t = np.linspace(0.0, 1.0, points)
    zero, one = np.zeros(points), np.ones(points)
    sides = [(t, zero), (one, t), (t, one), (zero, t)]
    return np.concatenate([np.column_stack(side) for side in sides]) * page_mm


def _paint(
    raster: SheetRaster,
    sheet: Sheet,
    projection: Projection,
    tile: Tile,
    paper: float,
    ink: float,
    ground: Picture,
) -> None:
    """Put the sheet into one tile, whose finely rendered picture is `ground`."""
    reach_px = _largest_reach_px(sheet, projection, tile)
    inked = average(raster, sheet, projection, tile, reach_px)
    if _covered(raster, sheet, projection, tile, reach_px):
        ground[:] = paper + (ink - paper) * inked
        return
    covered = average(_blank(raster.page_mm), sheet, projection, tile, reach_px)
    ground *= 1.0 - covered
    ground += paper * covered + (ink - paper) * inked


def _blank(page_mm: tuple[float, float]) -> SheetRaster:
    """A page full of ink, whose picture is the part of each pixel that the sheet covers."""
    columns, rows = (math.ceil(side * COVERAGE_PX_PER_MM) for side in page_mm)
    return SheetRaster(np.full((rows, columns), 255, np.uint8), page_mm)


def _page_at(sheet: Sheet, projection: Projection, px: Array) -> Array:
    """Return homogeneous page points seen at pixels through the middle of the pupil, scaled to 1/depth."""
    middle = np.zeros((1, 2))
    return np.asarray(page_seen(sheet, projection, px, middle, middle)[0])


def _largest_reach_px(sheet: Sheet, projection: Projection, tile: Tile) -> float:
    """How far light is spread at most in a tile. Where nothing is bent that is at a corner."""
    px = tile.grid(0.0, GRID)
    depth = 1.0 / np.maximum(_page_at(sheet, projection, px)[:, 2:], 1e-9)
    return float(np.max(projection.reach_px(projection.directions(px) * depth)))


def _covered(raster: SheetRaster, sheet: Sheet, projection: Projection, tile: Tile, reach_px: float) -> bool:
    """Whether every ray of the tile hits the sheet."""
    page = _page_at(sheet, projection, tile.grid(reach_px + 3.0, GRID))
    if np.any(page[:, 2] <= 0.0):
        return False
    points = page[:, :2] / page[:, 2:]
    return bool(np.all((points > 0.0) & (points < raster.page_mm)))
