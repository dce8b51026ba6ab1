"""Markers in a photo: roughly located on reduced pictures, then to a fraction of a pixel.

The usual corner refinement is off by 2 px at a blur radius of 4 px. Lines fitted to the sides in linear light stay
within 0.2 px, because blur moves a corner but not the middle of a side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from backfocus.targets.ids import CELLS, marker_cells, marker_dictionary

from ..edges.fit import measure_strips
from ..edges.profiles import Segments
from ..photo.pixels import Codes
from ..photo.reading import Photo

Array = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]

SURROUNDINGS = 0.05
"""Of the longest side: the part of the picture whose mean light is taken as the light there. Larger, a marker half
in a shadow is lost; smaller, the middle of a large marker turns grey."""
MEAN_LEVEL = 110.0
"""Code of the mean of the surroundings; paper is about twice as light as that."""
DARKNESS = 0.002
"""Light below this is noise and flare of the darkest photos, and is not made brighter."""
WHITE_CELLS = 1
"""Width of the paper around a marker that is white on all charts."""
GRID = CELLS + 2 * WHITE_CELLS
POINTS_A_CELL = 3
"""Along and across; their mean is the light of the cell."""
PIECES = 5
INNER_PART = 0.66
"""Part of a side that is used; nearer to the corners the blur of the other side is felt."""
MIN_WINDOW_BLURS = 1.7
"""Less than for blur: the place of an edge, unlike its width, does not depend on the levels beside it."""
BLUR_SHARE = 0.03
"""Uncertainty of a position per blur: the disc grows along a leaning side, which moves the half-way point."""
MAX_CORNER_SHIFT_CELLS = 0.6
MAX_LINE_RESIDUAL_CELLS = 0.05
REDUCED_SIDE_PX = 2000
"""Long side of the reduced picture: takes 30 ms, finds the chart wherever A4 is a twentieth of the frame wide, and
all but the most blurred markers of larger ones; blur is small against its pixels, and noise is averaged out."""
LARGE_SIDE_PX = 4000
"""Long side of the last look, for charts far away; at 6000 px and more noise makes a thousand false outlines, which
takes seconds."""


@dataclass(frozen=True, eq=False)
class SeenMarker:
    """A detected marker: id and its corners in pixels of the photo, (4, 2), from its own top-left clockwise."""

    id: int
    corners_px: npt.NDArray[np.float64]

    @property
    def side_px(self) -> float:
        """Mean length of its sides."""
        return float(np.linalg.norm(self.corners_px - np.roll(self.corners_px, 1, axis=0), axis=1).mean())


def looks(photo: Photo, small: ReducedPhoto) -> Iterator[list[SeenMarker]]:
    """Yield the markers seen in ever more thorough looks, good to a few pixels; a caller stops at enough.

    The first look finds a well lit chart. The second evens out the light, for a dark photo with a lamp in it or a
    chart in the shade: there the first finds nothing once paper is at a tenth of full scale, the second as much as
    at full light. The third finds charts that are small in the picture;
    `small` is the photo reduced for the others.
    """
    yield detect_markers(small, small.light())
    yield detect_markers(small, small.even_light())
    large = reduced(photo, LARGE_SIDE_PX)
    if large.factor < small.factor:
        yield detect_markers(large, large.even_light())


def detect_markers(small: ReducedPhoto, image: Picture) -> list[SeenMarker]:
    """Return the markers of the charts' dictionary in `image`, a rendering of `small`."""
    import cv2

    parameters = cv2.aruco.DetectorParameters()
    parameters.adaptiveThreshWinSizeMin = 9
    parameters.adaptiveThreshWinSizeMax = 51
    parameters.adaptiveThreshWinSizeStep = 14
    parameters.minMarkerPerimeterRate = 0.02
    # Only the middle third of a cell is free of its neighbours' blur: 7 % more markers are read than with the
    # default margin, up to a blur disc with the radius of a cell.
    parameters.perspectiveRemoveIgnoredMarginPerCell = 0.33
    parameters.perspectiveRemovePixelPerCell = 8
    dictionary, printed = marker_dictionary()
    corners, places, _ = cv2.aruco.ArucoDetector(dictionary, parameters).detectMarkers(image)
    if not corners:
        return []
    return [
        SeenMarker(printed[int(place)], small.in_photo(np.asarray(quad).reshape(4, 2)))
        for quad, place in zip(corners, np.asarray(places).ravel(), strict=True)
    ]


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


@dataclass(frozen=True, eq=False)
class ReducedPhoto:
    """A photo whose pixels are means of `factor` by `factor` pixels.

    Attributes:
        codes: (rows, columns) code values.
        light_of_code: linear light in [0, 1] of every code value.
        factor: pixels of the photo in one.
    """

    codes: Codes
    light_of_code: npt.NDArray[np.float32]
    factor: int

    def light(self) -> Picture:
        """Return linear light in 8 bits, so that the brightest parts are white.

        On gamma-coded values a blurred marker shrinks and is lost earlier.
        """
        top = float(np.percentile(self.light_of_code[self.codes[::8, ::8]], 99.5))
        table = np.clip(self.light_of_code / max(top, 1e-3) * 255.0, 0, 255).astype(np.uint8)
        return np.asarray(table[self.codes])

    def even_light(self) -> Picture:
        """Return linear light over that of the surroundings, in 8 bits: shadows and dark parts become readable."""
        import cv2

        light = self.light_of_code[self.codes]
        box = int(SURROUNDINGS * max(light.shape)) | 1
        around = cv2.blur(light, (box, box))
        return np.asarray(np.clip(light / (around + DARKNESS) * MEAN_LEVEL, 0, 255).astype(np.uint8))

    def in_photo(self, reduced_px: npt.ArrayLike) -> Array:
        """Return points (..., 2) of this picture in pixels of the photo."""
        return (np.asarray(reduced_px, dtype=np.float64) + 0.5) * self.factor - 0.5

    def from_photo(self, photo_px: npt.ArrayLike) -> Array:
        """Return points (..., 2) of the photo in pixels of this picture."""
        return (np.asarray(photo_px, dtype=np.float64) + 0.5) / self.factor - 0.5


def reduced(photo: Photo, longest_px: int) -> ReducedPhoto:
    """Return the photo reduced to about `longest_px`, or as it is where it is smaller than 1.5 times that.

    Whole factors are ten times as fast as others: 24 MP in 2 ms.
    """
    import cv2

    rows, columns = photo.codes.shape
    factor = max(1, round(max(rows, columns) / longest_px))
    factor = min(factor, rows, columns)
    whole = photo.codes[: rows // factor * factor, : columns // factor * factor]
    codes = cv2.resize(whole, (columns // factor, rows // factor), interpolation=cv2.INTER_AREA)
    return ReducedPhoto(codes if factor > 1 else photo.codes, photo.light_of_code, factor)  # type: ignore[arg-type]


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
