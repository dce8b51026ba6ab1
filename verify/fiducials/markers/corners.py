"""Marker corners to a fraction of a pixel: lines fitted to the sides in linear light, and their intersections.

The usual corner refinement is off by 2 px at a blur radius of 4 px; lines through the sides' half-way points stay
within 0.2 px, because blur moves a corner but not the middle of a side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.targets.markers import CELLS
from backfocus.verify.edges.sampling import Segments
from backfocus.verify.edges.strips import measure_strips
from backfocus.verify.photo.reading import Photo

Array = npt.NDArray[np.float64]

PIECES = 5
INNER_PART = 0.66
"""Part of a side that is used; nearer to the corners the blur of the other side is felt."""
MIN_WINDOW_BLURS = 1.7
"""Less than for blur: the place of an edge, unlike its width, does not depend on the levels beside it."""
BLUR_SHARE = 0.03
"""Uncertainty of a position per blur: the disc grows along a leaning side, which moves the half-way point."""
MAX_CORNER_SHIFT_CELLS = 0.6
MAX_LINE_RESIDUAL_CELLS = 0.05


@dataclass(frozen=True)
class Corners:
    """Refined corners: (n, 4, 2) pixels, their standard error (n,), and which markers could be refined (n,)."""

    corners_px: Array
    sd_px: Array
    ok: npt.NDArray[np.bool_]


def refine_corners(photo: Photo, quads_px: Array) -> Corners:
    """Refine markers' corners from where they are expected.

    Args:
        photo: the photo.
        quads_px: (n, 4, 2) expected corners, clockwise in the picture; good to a third of a cell.
    """
    n = len(quads_px)
    segments = side_pieces(quads_px)
    cell_px = segments.half_window_px
    strips = measure_strips(photo, segments, cell_px, MIN_WINDOW_BLURS)
    ok, shift, weight = np.zeros(len(cell_px), bool), np.zeros(len(cell_px)), np.zeros(len(cell_px))
    ok[strips.which], shift[strips.which] = True, strips.shift_px
    weight[strips.which] = 1.0 / np.hypot(strips.fits.shift_sd_px, BLUR_SHARE * strips.fits.blur_px) ** 2
    points = segments.moved(shift).centre_px
    lines, residual, line_sd, enough = _fit_lines(
        points.reshape(n, 4, PIECES, 2), weight.reshape(n, 4, PIECES), ok.reshape(n, 4, PIECES)
    )
    corners = _intersect(np.roll(lines, 1, axis=1), lines)
    cell = cell_px.reshape(n, 4, PIECES).mean(axis=(1, 2))
    moved = np.linalg.norm(corners - quads_px, axis=2).max(axis=1)
    good = (
        enough.all(axis=1)
        & (residual.max(axis=1) < np.maximum(MAX_LINE_RESIDUAL_CELLS * cell, 0.3))
        & (moved < MAX_CORNER_SHIFT_CELLS * cell)
        & np.isfinite(corners).all(axis=(1, 2))
    )
    return Corners(corners, line_sd.mean(axis=1), good)


def side_pieces(quads_px: Array) -> Segments:
    """Pieces of the inner part of each side, ordered by marker, side, piece; the window is a cell wide.

    The border is one cell of ink, and the paper beyond it is white for at least a cell.
    """
    starts, ends = quads_px, np.roll(quads_px, -1, axis=1)
    along = ends - starts
    length = np.linalg.norm(along, axis=2)
    tangent = -along / np.maximum(length, 1e-9)[:, :, None]
    normal = np.stack([-tangent[:, :, 1], tangent[:, :, 0]], axis=2)
    opposite = (np.roll(quads_px, -2, axis=1) + np.roll(quads_px, -3, axis=1)) / 2
    height = np.abs(((opposite - (starts + ends) / 2) * normal).sum(axis=2))
    fraction = 0.5 + INNER_PART * ((np.arange(PIECES) + 0.5) / PIECES - 0.5)
    centre = starts[:, :, None, :] + fraction[None, None, :, None] * along[:, :, None, :]

    def spread(values: Array) -> Array:
        return np.repeat(values.reshape(-1), PIECES)

    return Segments(
        centre_px=centre.reshape(-1, 2),
        tangent=np.repeat(tangent.reshape(-1, 2), PIECES, axis=0),
        half_length_px=spread(length * INNER_PART / PIECES / 2),
        half_window_px=spread(np.maximum(height / CELLS, 2.0)),
    )


def _fit_lines(
    points: Array, weight: Array, ok: npt.NDArray[np.bool_]
) -> tuple[Array, Array, Array, npt.NDArray[np.bool_]]:
    """Total least squares line through each side's points.

    Returns:
        (n, 4, 3) lines a, b, c with a x + b y = c; rms distance of the points; standard error of the line; whether
        there were three points or more.
    """
    total = np.maximum(weight.sum(axis=2), 1e-12)
    centre = (points * weight[..., None]).sum(axis=2) / total[..., None]
    offset = points - centre[:, :, None, :]
    scatter = np.einsum("nsp,nspi,nspj->nsij", weight, offset, offset)
    _, vectors = np.linalg.eigh(scatter)
    normal = vectors[..., 0]
    distance = np.einsum("nspi,nsi->nsp", offset, normal)
    residual = np.sqrt((weight * distance**2).sum(axis=2) / total)
    lines = np.concatenate([normal, (normal * centre).sum(axis=2)[..., None]], axis=2)
    return lines, residual, 1.0 / np.sqrt(total), ok.sum(axis=2) >= 3


def _intersect(first: Array, second: Array) -> Array:
    """Return (n, 4, 2) intersections of lines (n, 4, 3)."""
    determinant = first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
    determinant = np.where(np.abs(determinant) < 1e-9, np.nan, determinant)
    x = (first[..., 2] * second[..., 1] - first[..., 1] * second[..., 2]) / determinant
    y = (first[..., 0] * second[..., 2] - first[..., 2] * second[..., 0]) / determinant
    return np.stack([x, y], axis=2)
