"""Homographies: the maps from page to photo of everything that lies on one plane."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def fit_homography(page_mm: Array, pixels: Array) -> Array | None:
    """Return the (3, 3) homography from points (..., 2) of the page to pixels, by least squares.

    None when there is no such map of a sheet in front of the camera and seen from its printed side.
    """
    import cv2

    page, found = page_mm.reshape(-1, 2), pixels.reshape(-1, 2)
    matrix = found_matrix(cv2.findHomography(page, found)[0])
    if matrix is None:
        return None
    # Not mirrored: the map's functional determinant is det / depth³.
    if not np.isfinite(matrix).all() or np.linalg.det(matrix) <= 0 or not is_in_front(matrix, page):
        return None
    return matrix


def found_matrix(homography: object) -> Array | None:
    """Return what OpenCV found as a matrix; None where it found nothing, which its type hints do not tell."""
    return None if homography is None else np.asarray(homography, dtype=np.float64)


def is_in_front(homography: Array, points: Array) -> bool:
    """Whether points (n, 2) of the page lie in front of the camera, as the page's first corner does."""
    return bool((points @ homography[2, :2] + homography[2, 2] > 0).all())


def map_points(homography: Array, points: Array) -> Array:
    """Return points (..., 2) as the homography maps them."""
    homogeneous = np.concatenate([points, np.ones((*points.shape[:-1], 1))], axis=-1) @ homography.T
    mapped: Array = homogeneous[..., :2] / homogeneous[..., 2:]
    return mapped
