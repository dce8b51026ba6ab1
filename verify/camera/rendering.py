"""The light that falls on the sensor from the sheet: an average over the aperture.

Through each point of the aperture the sheet is seen as by a pinhole camera: a homography from pixels to the
page. The average over many such pictures is the exact picture of the thin lens, with disc blur wherever the sheet
is out of focus. Every picture is shifted by its own part of a pixel, which integrates over the pixel's area.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.aperture import aperture_samples
from backfocus.verify.camera.projection import Projection
from backfocus.verify.camera.raster import SheetRaster
from backfocus.verify.camera.surface import FlatSheet

Array = npt.NDArray[np.float64]
Picture = npt.NDArray[np.float32]

TILE_PX = 256
SAMPLES_PER_RADIUS_PX = 16.0
SAMPLES_RANGE = (128, 640)
"""Fewer would do where nothing is blurred, but would then sample the pixel too coarsely."""
COVERAGE_PX_PER_MM = 4.0
NO_SECOND_MAP = np.empty(0, np.float32)


@dataclass(frozen=True)
class Tile:
    """A rectangle of the picture: left and top pixel, width and height."""

    left: int
    top: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the picture."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    def corners(self, margin_px: float) -> Array:
        """Return the (4, 2) corners of the tile widened by a margin."""
        left, top = self.left - margin_px, self.top - margin_px
        right, bottom = self.left + self.width - 1 + margin_px, self.top + self.height - 1 + margin_px
        return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


def render_sheet(
    raster: SheetRaster, sheet: FlatSheet, projection: Projection, paper: float, ink: float, ground: Picture
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
    outline = _outline(raster.page_mm)
    depths = sheet.points(outline)[:, 2]
    if depths.min() < 0.1 * projection.focus_mm:
        raise ValueError("the sheet reaches the lens: move it farther away")
    for tile in _tiles(sheet, projection, outline):
        _paint(raster, sheet, projection, tile, paper, ink, ground)
    return ground


def _outline(page_mm: tuple[float, float], points: int = 33) -> Array:
    """Points all around the page, enough to follow a distorted border."""
    t = np.linspace(0.0, 1.0, points)
    zero, one = np.zeros(points), np.ones(points)
    sides = [(t, zero), (one, t), (t, one), (zero, t)]
    return np.concatenate([np.column_stack(side) for side in sides]) * page_mm


def _tiles(sheet: FlatSheet, projection: Projection, outline: Array) -> list[Tile]:
    """The tiles of the picture that the blurred sheet touches."""
    points = sheet.points(outline)
    px, radius = projection.pixels(points), projection.blur_radius_px(points[:, 2])[:, None] + 2.0
    width, height = projection.picture_px
    left, top = np.floor((px - radius).min(axis=0)).astype(int)
    right, bottom = np.ceil((px + radius).max(axis=0)).astype(int)
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, width - 1), min(bottom, height - 1)
    return [
        Tile(x, y, min(TILE_PX, right - x + 1), min(TILE_PX, bottom - y + 1))
        for y in range(top, bottom + 1, TILE_PX)
        for x in range(left, right + 1, TILE_PX)
    ]


def _paint(
    raster: SheetRaster,
    sheet: FlatSheet,
    projection: Projection,
    tile: Tile,
    paper: float,
    ink: float,
    ground: Picture,
) -> None:
    """Put the sheet into one tile of `ground`."""
    radius_px = _largest_blur_px(sheet, projection, tile)
    views = _views(sheet, projection, radius_px)
    inked = _average(raster.ink, raster.page_to_raster, views, projection, tile)
    part = ground[tile.slices]
    if _covered(raster, sheet, projection, tile, radius_px):
        part[:] = paper + (ink - paper) * inked
        return
    blank = _blank(raster.page_mm)
    covered = _average(blank.ink, blank.page_to_raster, views, projection, tile)
    part *= 1.0 - covered
    part += paper * covered + (ink - paper) * inked


def _blank(page_mm: tuple[float, float]) -> SheetRaster:
    """A page full of ink, whose picture is the part of each pixel that the sheet covers."""
    columns, rows = (math.ceil(side * COVERAGE_PX_PER_MM) for side in page_mm)
    return SheetRaster(np.full((rows, columns), 255, np.uint8), page_mm)


def _page_at(sheet: FlatSheet, projection: Projection, px: Array) -> Array:
    """Return homogeneous page points seen at pixels through the middle of the pupil, scaled to 1/depth."""
    ideal = projection.undistort(px)
    to_page = np.linalg.inv(_page_to_ideal(sheet, projection, np.zeros(2)))
    page: Array = np.column_stack([ideal, np.ones(len(ideal))]) @ to_page.T
    return page


def _largest_blur_px(sheet: FlatSheet, projection: Projection, tile: Tile) -> float:
    """The largest blur radius in a tile: on a plane 1/depth is linear in the picture, so it is at a corner."""
    inverse_depth = _page_at(sheet, projection, tile.corners(0.0))[:, 2]
    depth = 1.0 / np.maximum(inverse_depth, 1e-9)
    return float(np.max(projection.blur_radius_px(depth)))


def _covered(raster: SheetRaster, sheet: FlatSheet, projection: Projection, tile: Tile, radius_px: float) -> bool:
    """Whether every ray of the tile hits the sheet."""
    page = _page_at(sheet, projection, tile.corners(radius_px + 3.0))
    if np.any(page[:, 2] <= 0.0):
        return False
    points = page[:, :2] / page[:, 2:]
    return bool(np.all((points > 0.0) & (points < raster.page_mm)))


def _page_to_ideal(sheet: FlatSheet, projection: Projection, pupil_mm: Array) -> Array:
    """Return the homography from page mm to ideal pixels through a point of the pupil."""
    homogeneous: Array = np.vstack([sheet.page_to_camera, [0.0, 0.0, 1.0]])
    matrix: Array = projection.matrix_through(pupil_mm) @ homogeneous
    return matrix


def _views(sheet: FlatSheet, projection: Projection, radius_px: float) -> list[Array]:
    """Return homographies from ideal pixels to page mm, one for each point of aperture and pixel."""
    low, high = SAMPLES_RANGE
    count = int(np.clip(math.ceil(SAMPLES_PER_RADIUS_PX * radius_px), low, high))
    views = []
    for pupil, (dx, dy) in aperture_samples(count):
        to_page = np.linalg.inv(_page_to_ideal(sheet, projection, pupil * projection.pupil_radius_mm))
        views.append(to_page @ _shift(dx, dy))
    return views


def _shift(dx: float, dy: float) -> Array:
    return np.array([[1.0, 0.0, dx], [0.0, 1.0, dy], [0.0, 0.0, 1.0]])


def _average(
    ink: npt.NDArray[np.uint8], page_to_raster: Array, views: list[Array], projection: Projection, tile: Tile
) -> Picture:
    """Return the average of a raster over all views in one tile, 0 to 1."""
    total = np.zeros((tile.height, tile.width), np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (tile.width, tile.height)
    ideal = None if projection.k1 == 0.0 else _ideal_pixels(projection, tile)
    for view in views:
        if ideal is None:
            matrix = page_to_raster @ view @ _shift(tile.left, tile.top)
            seen = cv2.warpPerspective(ink, matrix, size, flags=flags, borderMode=cv2.BORDER_CONSTANT)
        else:
            places = cv2.perspectiveTransform(ideal, page_to_raster @ view)
            seen = cv2.remap(ink, places, NO_SECOND_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        cv2.accumulate(seen, total)
    return total / np.float32(255.0 * len(views))


def _ideal_pixels(projection: Projection, tile: Tile) -> Picture:
    """Return (height, width, 2) ideal pixels of a tile."""
    x, y = np.meshgrid(
        np.arange(tile.left, tile.left + tile.width, dtype=np.float64),
        np.arange(tile.top, tile.top + tile.height, dtype=np.float64),
    )
    return projection.undistort(np.stack([x, y], axis=-1)).astype(np.float32)
