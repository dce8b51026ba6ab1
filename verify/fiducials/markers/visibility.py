"""Whether a marker can be seen where it is expected, blurred or not: its pattern of light and dark, correlated."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from backfocus.targets.markers import CELLS, marker_cells
from backfocus.verify.fiducials.planar import Array, map_points
from backfocus.verify.fiducials.reduced import ReducedPhoto

WHITE_CELLS = 1
"""Width of the paper around a marker that is white on all charts."""
GRID = CELLS + 2 * WHITE_CELLS
POINTS_A_CELL = 3
"""Along and across; their mean is the light of the cell."""


def likeness(small: ReducedPhoto, quads_px: Array, ids: Sequence[int]) -> Array:
    """Return how alike each marker's cells in the photo are to those printed: (n,) correlations of linear light.

    A sharp marker has 1; blurred by a disc with the radius of a cell 0.9, of two cells 0.5. Another marker in its
    place has 0.2 less; anything else is within 0.45 of 0. What is not wholly in the picture gets 0.

    Args:
        small: the photo, reduced; cells must be a pixel wide or more.
        quads_px: (n, 4, 2) corners in pixels of the photo.
        ids: of the markers.
    """
    light = small.light_of_code
    rows, columns = small.codes.shape
    found = np.zeros(len(ids))
    for index, (quad, marker_id) in enumerate(zip(quads_px, ids, strict=True)):
        x, y = np.rint(small.from_photo(_points(quad))).T
        if not (np.isfinite(quad).all() and x.min() >= 0 and y.min() >= 0 and x.max() < columns and y.max() < rows):
            continue
        values = light[small.codes[y.astype(np.intp), x.astype(np.intp)]].astype(np.float64)
        cells = values.reshape(GRID, GRID, -1).mean(axis=2)
        found[index] = _correlation(cells, _printed(marker_id))
    return found


def _points(quad: Array) -> Array:
    """Return (GRID * GRID * POINTS_A_CELL², 2) points of the photo, cell by cell."""
    import cv2

    square = np.array([[0, 0], [CELLS, 0], [CELLS, CELLS], [0, CELLS]], dtype=np.float32)
    to_photo = np.asarray(cv2.getPerspectiveTransform(square, quad.astype(np.float32)), dtype=np.float64)
    return map_points(to_photo, _cell_points())


@lru_cache(maxsize=1)
def _cell_points() -> Array:
    within = (np.arange(POINTS_A_CELL) + 0.5) / POINTS_A_CELL
    corner = np.arange(GRID) - WHITE_CELLS
    y, x, v, u = np.meshgrid(corner, corner, within, within, indexing="ij")
    return np.stack([x + u, y + v], axis=-1).reshape(-1, 2)


@lru_cache(maxsize=256)
def _printed(marker_id: int) -> npt.NDArray[np.float64]:
    """Return the (GRID, GRID) cells as printed, 1 for paper."""
    return np.pad(1.0 - marker_cells(marker_id), WHITE_CELLS, constant_values=1.0)


def _correlation(one: Array, other: Array) -> float:
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / size if size > 0 else 0.0
