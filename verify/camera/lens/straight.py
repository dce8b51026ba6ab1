"""A flat sheet through a lens that keeps lines straight: a homography for every point of the aperture."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.lens.projection import Projection
from backfocus.verify.camera.lens.tiles import Tile
from backfocus.verify.camera.sheet.raster import SheetRaster
from backfocus.verify.camera.sheet.surface import FlatSheet

Array = npt.NDArray[np.float64]


def straight_views(
    raster: SheetRaster, sheet: FlatSheet, projection: Projection, tile: Tile, pupil: Array, shift_px: Array
) -> Iterator[cv2.typing.MatLike]:
    """Yield the raster as seen in the tile, zero outside of the page, for every point of the aperture.

    Args:
        raster, sheet, projection, tile: as for `average`.
        pupil: (n, 2) points of the unit disc.
        shift_px: (n, 2) places in the pixel that belong to them, from its centre.
    """
    middle, right, below = (_page_to_ideal(sheet, projection, point) for point in ((0, 0), (1, 0), (0, 1)))
    a, b = (projection.pupil_radius_mm * pupil).T[:, :, None, None]
    to_ideal = middle + a * (right - middle) + b * (below - middle)  # linear in the pupil point

    shifts = np.tile(np.eye(3), (len(pupil), 1, 1))
    shifts[:, :2, 2] = shift_px - projection.aberration_px(pupil)
    corner = np.array([[1.0, 0.0, tile.left], [0.0, 1.0, tile.top], [0.0, 0.0, 1.0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    for to_raster in raster.page_to_raster @ (np.linalg.inv(to_ideal) @ shifts) @ corner:
        yield cv2.warpPerspective(raster.ink, to_raster, (tile.width, tile.height), flags=flags)


def _page_to_ideal(sheet: FlatSheet, projection: Projection, pupil_mm: npt.ArrayLike) -> Array:
    """Return the homography from page mm to ideal pixels through a point of the pupil."""
    homogeneous: Array = np.vstack([sheet.page_to_camera, [0.0, 0.0, 1.0]])
    matrix: Array = projection.matrix_through(pupil_mm) @ homogeneous
    return matrix
