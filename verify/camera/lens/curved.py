"""A bent sheet, or a lens that bends lines or the plane of focus: rays through points of the tile."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.lens.projection import Projection
from backfocus.verify.camera.lens.tiles import Tile
from backfocus.verify.camera.sheet.raster import SheetRaster
from backfocus.verify.camera.sheet.surface import Sheet

Array = npt.NDArray[np.float64]
Planes = npt.NDArray[np.float32]

STEP_PX = 16
"""Between rays. Homogeneous page points between them are linear for a flat sheet and a straight lens; the worst of
the rest is 3 % distortion on a picture of 600 px, 0.02 px; 0.002 px on 24 MP."""


def curved_views(
    raster: SheetRaster, sheet: Sheet, projection: Projection, tile: Tile, pupil: Array, shift_px: Array
) -> Iterator[cv2.typing.MatLike]:
    """Yield the raster as seen in the tile, zero outside of the page, for every point of the aperture.

    Args:
        raster, sheet, projection, tile: as for `average`.
        pupil: (n, 2) points of the unit disc.
        shift_px: (n, 2) places in the pixel that belong to them, from its centre.
    """
    px, columns, rows = nodes(tile)
    page = page_seen(sheet, projection, px, pupil, shift_px)
    planes = (page @ raster.page_to_raster.T).astype(np.float32).transpose(0, 2, 1)
    for view in np.ascontiguousarray(planes).reshape(len(pupil), 3, rows, columns):
        x, y, w = between(view, tile)
        yield cv2.remap(raster.ink, cv2.divide(x, w), cv2.divide(y, w), cv2.INTER_LINEAR)


def page_seen(sheet: Sheet, projection: Projection, px: Array, pupil: Array, shift_px: Array) -> Array:
    """Return what (m, 2) pixels see of the page through (n, 2) points of the unit disc of the pupil.

    The ray of an ideal pixel leaves the pupil point for the point of the focused plane that the pixel shows:
    from (a, b, 0) in the direction (q - (a, b) / Zf, 1), q the direction through the middle of the pupil.

    Returns:
        (n, m, 3) homogeneous page points in mm, scaled to 1/depth, as `hit` returns them.
    """
    shift = shift_px - projection.aberration_px(pupil) - projection.centre_px
    through_middle = (projection.undistort(px) + shift[:, None]) / projection.focal_px
    start_mm = projection.pupil_mm(pupil, px)
    slope = through_middle - start_mm * projection.focus_per_mm(px)[:, None]
    return sheet.hit(start_mm, slope)


def nodes(tile: Tile) -> tuple[Array, int, int]:
    """Return the pixels of the rays, the middles of cells, beginning with one above and left of the tile.

    Returns:
        (columns * rows, 2) pixels, columns, rows.
    """
    columns, rows = -(-tile.width // STEP_PX) + 2, -(-tile.height // STEP_PX) + 2
    x = tile.left + (np.arange(columns) - 0.5) * STEP_PX - 0.5
    y = tile.top + (np.arange(rows) - 0.5) * STEP_PX - 0.5
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2), columns, rows


def between(planes: Planes, tile: Tile) -> Planes:
    """Return (n, height, width) values at the pixels of a tile from (n, rows, columns) values at its nodes.

    All planes are one picture, since calls cost more than pixels. No pixel of the tile lies between two of them.
    """
    count, rows, columns = planes.shape
    size = (columns * STEP_PX, count * rows * STEP_PX)
    every = np.asarray(cv2.resize(planes.reshape(-1, columns), size, interpolation=cv2.INTER_LINEAR), np.float32)
    cells = every.reshape(count, rows * STEP_PX, columns * STEP_PX)
    return cells[:, STEP_PX : STEP_PX + tile.height, STEP_PX : STEP_PX + tile.width]
