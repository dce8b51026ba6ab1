"""Blur of the lens, ray by ray.

Through each point of the aperture the sheet is seen as by a pinhole camera. The average over many such pictures
is the exact picture of the lens, with disc blur wherever the sheet is out of focus. Every picture is shifted by
its own part of a pixel, which integrates over the pixel's area. A flat sheet through a lens that keeps lines
straight needs a homography for every point of the aperture; a bent one, or a lens that bends lines or the plane
of focus, rays through points of the tile; of a folded one every ray shows the panel that it meets first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
import numpy.typing as npt

from .projection import Projection, Tile, moved
from .sheet import AWAY, SEAM_MM, FlatSheet, PlacedPanel, Sheet, SheetRaster

Array = npt.NDArray[np.float64]
SPREAD = 1.0 / 1.2207440846057596 ** np.arange(1, 4)
"""Powers of the root of x⁴ = x + 1: steps that spread points evenly in three dimensions (M. Roberts, 2018)."""
SPREAD_IN_TIME = 1.0 / 1.1673039782614187 ** np.arange(1, 5)
"""Likewise in four, of x⁵ = x + 1: for a camera that turns every ray has its moment, too."""
DISC_VARIANCE = 1.0 / 4.0
SQUARE_VARIANCE = 1.0 / 12.0
Picture = npt.NDArray[np.float32]
Views = Callable[["Rays"], Iterator[cv2.typing.MatLike]]
FINENESS = 2
"""Every pixel is rendered as 2 by 2 parts, so that the blur in focus, often only half a pixel, can be applied
between them: on whole pixels a Gaussian of 0.45 px makes edges 12 % too narrow."""
SAMPLES_PER_RADIUS_PX = 16.0
SAMPLES_RANGE = (128, 640)
"""Of aperture and pixel together. Fewer would do for the aperture where nothing is blurred, not for the pixel."""
Planes = npt.NDArray[np.float32]
STEP_PX = 16
"""Between rays. Homogeneous page points between them are linear for a flat sheet and a straight lens; the worst of
the rest is 3 % distortion on a picture of 600 px, 0.02 px; 0.002 px on 24 MP."""
GROUND_PER_MM = 1e-6
"""1/depth of what is behind the sheet: a kilometre away."""
NOTHING_PX = -10.0
"""A place beside every raster."""


@dataclass(frozen=True, eq=False)
class Rays:
    """Rays that belong together: their points of the pupil and of the pixel, and their moments.

    Attributes:
        pupil: (n, 2) points of the unit disc.
        shift_px: (n, 2) places in the pixel, from its centre.
        moments: (n,) from 0 to 1, or None if the camera rests.
    """

    pupil: Array
    shift_px: Array
    moments: Array | None = None


def average(raster: SheetRaster, sheet: Sheet, projection: Projection, tile: Tile, reach_px: float) -> Picture:
    """Return the mean of a raster over aperture and pixels, 0 to 1.

    Args:
        raster: what is printed on the sheet.
        sheet: where it is.
        projection: lens and picture.
        tile: the part of the picture.
        reach_px: how far light is spread at most in the tile.

    Returns:
        (height, width) of the tile times `FINENESS`.
    """
    views: Views
    if isinstance(sheet, FlatSheet) and projection.is_straight:
        views = partial(straight_views, raster, sheet, projection, tile)
    else:
        views = partial(curved_views, raster, sheet, projection, tile)
    return _mean(views, tile, reach_px, projection.turn is not None)[..., 0]


def average_folded(
    raster: SheetRaster, panels: Sequence[PlacedPanel], projection: Projection, tile: Tile, reach_px: float
) -> tuple[Picture, Picture]:
    """Return the mean of a raster as `average` does, and of the paper, through the panels that are met first."""
    views = partial(folded_views, raster, panels, projection, tile)
    mean = _mean(views, tile, reach_px, projection.turn is not None, channels=2)
    return mean[..., 0], mean[..., 1]


def aperture_samples(count: int, part: int = 0, parts: int = 1, in_time: bool = False) -> Rays:
    """Return points of the unit disc and points of the pixel, -0.5 to 0.5, that belong together.

    Opposite points of the disc share a place in the pixel and a moment. Any correlation with these would add to the
    variance of the blur a term that is odd in defocus, and shift the plane of least blur: 0.01 between 64 points
    that are merely spread well is 0.04 px of blur radius, 0.2 mm for 85 mm f/1.4 at 1.5 m and 0.8 mm at f/5.6.

    The coordinates of a pair are spread together. Measured: with 128 pairs the Gaussian that fits a blurred
    edge best is right to 0.1 % (rms over directions, radius 0.3 to 4 px); unrelated spirals give 0.4 %.

    Args:
        count: number of pairs of all parts; rounded up so that every part has the same even number.
        part, parts: return only every `parts`-th double pair from number `part` on; each part is even by itself.
        in_time: whether they have moments.
    """
    half = math.ceil(count / (2 * parts)) * parts
    index = np.arange(part, half, parts)
    turn, x, y, *moments = (0.5 + (index[:, None] + 1) * (SPREAD_IN_TIME if in_time else SPREAD)).T % 1.0
    radius = np.sqrt((index + 0.5) / half)
    on_disc = np.column_stack([radius * np.cos(2 * math.pi * turn), radius * np.sin(2 * math.pi * turn)])
    in_pixel = np.column_stack([x - x.mean(), y - y.mean()])
    moment = None
    if in_time:
        even = _even_moments(moments[0])
        in_pixel -= np.outer(even - 0.5, (even - 0.5) @ in_pixel / ((even - 0.5) ** 2).sum())
        moment = np.tile(even, 2)
    pupil, pixel = _evened(on_disc, DISC_VARIANCE), _evened(in_pixel, SQUARE_VARIANCE)
    return Rays(np.concatenate([pupil, -pupil]), np.concatenate([pixel, pixel]), moment)


def _even_moments(moments: Array) -> Array:
    """Return moments in the same order at even distances, so that their mean and spread are those of all time."""
    return np.asarray((np.argsort(np.argsort(moments)) + 0.5) / len(moments))


def _evened(points: Array, variance: float) -> Array:
    """Return the points stretched so that their variance is that of the whole area in every direction."""
    values, axes = np.linalg.eigh(points.T @ points / len(points))
    evened: Array = points @ (axes * np.sqrt(variance / values)) @ axes.T
    return evened


def _mean(views: Views, tile: Tile, reach_px: float, in_time: bool, channels: int = 1) -> Picture:
    """Return the mean of views over aperture, pixels and perhaps time, (height, width, channels)."""
    low, high = SAMPLES_RANGE
    count = int(np.clip(math.ceil(SAMPLES_PER_RADIUS_PX * reach_px), low, high))
    fine = np.zeros((tile.height * FINENESS, tile.width * FINENESS, channels), np.float32)
    for part in range(FINENESS**2):
        row, column = divmod(part, FINENESS)
        rays = aperture_samples(count, part, FINENESS**2, in_time)
        rays = replace(rays, shift_px=(np.array([column, row]) + 0.5 + rays.shift_px) / FINENESS - 0.5)
        total = np.zeros((tile.height, tile.width, channels), np.float32)
        for view in views(rays):
            cv2.accumulate(view, total)
        fine[row::FINENESS, column::FINENESS] = total / np.float32(255.0 * len(rays.pupil))
    return fine


def straight_views(
    raster: SheetRaster, sheet: FlatSheet, projection: Projection, tile: Tile, rays: Rays
) -> Iterator[cv2.typing.MatLike]:
    """Yield the raster as seen in the tile, zero outside of the page, for every point of the aperture.

    The arguments are those of `average`.
    """
    middle, right, below = (_page_to_ideal(sheet, projection, point) for point in ((0, 0), (1, 0), (0, 1)))
    a, b = (projection.pupil_radius_mm * rays.pupil).T[:, :, None, None]
    to_ideal = middle + a * (right - middle) + b * (below - middle)  # linear in the pupil point

    centre = np.array([projection.centre_px])
    shifts = _shifts(-projection.aberration_px(rays.pupil[:, None], centre)[:, 0])
    if rays.moments is not None:
        shifts = shifts @ projection.turned_at(rays.moments)
    shifts = shifts @ _shifts(rays.shift_px)
    corner = np.array([[1.0, 0.0, tile.left], [0.0, 1.0, tile.top], [0.0, 0.0, 1.0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    for to_raster in raster.page_to_raster @ (np.linalg.inv(to_ideal) @ shifts) @ corner:
        yield cv2.warpPerspective(raster.ink, to_raster, (tile.width, tile.height), flags=flags)


def _shifts(by_px: Array) -> Array:
    """Return (n, 3, 3) matrices that add (n, 2) shifts to pixels."""
    shifts = np.tile(np.eye(3), (len(by_px), 1, 1))
    shifts[:, :2, 2] = by_px
    return shifts


def _page_to_ideal(sheet: FlatSheet, projection: Projection, pupil_mm: npt.ArrayLike) -> Array:
    """Return the homography from page mm to ideal pixels through a point of the pupil."""
    homogeneous: Array = np.vstack([sheet.page_to_camera, [0.0, 0.0, 1.0]])
    matrix: Array = projection.matrix_through(pupil_mm) @ homogeneous
    return matrix


def curved_views(
    raster: SheetRaster, sheet: Sheet, projection: Projection, tile: Tile, rays: Rays
) -> Iterator[cv2.typing.MatLike]:
    """Yield the raster as seen in the tile, zero outside of the page, for every point of the aperture.

    The arguments are those of `average`.
    """
    px, columns, rows = nodes(tile)
    page = page_seen(sheet, projection, px, rays)
    planes = (page @ raster.page_to_raster.T).astype(np.float32).transpose(0, 2, 1)
    for view in np.ascontiguousarray(planes).reshape(len(page), 3, rows, columns):
        x, y, w = between(view, tile)
        yield cv2.remap(raster.ink, cv2.divide(x, w), cv2.divide(y, w), cv2.INTER_LINEAR)


def page_seen(sheet: Sheet, projection: Projection, px: Array, rays: Rays) -> Array:
    """Return what (m, 2) pixels see of the page by (n,) rays.

    The ray of an ideal pixel leaves the pupil point for the point of the focused plane that the pixel shows:
    from (a, b, 0) in the direction (q - (a, b) / Zf, 1), q the direction through the middle of the pupil.

    Returns:
        (n, m, 3) homogeneous page points in mm, scaled to 1/depth, as `hit` returns them.
    """
    ideal = projection.undistort(px) + rays.shift_px[:, None]
    if rays.moments is not None:
        ideal = moved(projection.turned_at(rays.moments), ideal)
    start_mm = projection.pupil_mm(rays.pupil, px)
    shift = projection.aberration_px(start_mm / projection.pupil_radius_mm, px) + projection.centre_px
    through_middle = (ideal - shift) / projection.focal_px
    slope = through_middle - start_mm * projection.focus_per_mm
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


def folded_views(
    raster: SheetRaster,
    panels: Sequence[PlacedPanel],
    projection: Projection,
    tile: Tile,
    rays: Rays,
) -> Iterator[cv2.typing.MatLike]:
    """Yield ink and paper as seen in the tile, (height, width, 2) uint8, for every point of the aperture.

    Args:
        raster, projection, tile: as for `average`.
        panels: those that may be seen in the tile.
        rays: as for `curved_views`.
    """
    every = [_planes(raster, panel, projection, tile, rays) for panel in panels]
    for planes in zip(*every, strict=True):
        yield _first_met(raster, planes, tile)


def _planes(raster: SheetRaster, panel: PlacedPanel, projection: Projection, tile: Tile, rays: Rays) -> Planes:
    """Return (n, 3 + sides, rows, columns) homogeneous raster pixels and distances from sides at nodes of the tile.

    Sides that no ray comes across are left out. All values are linear between nodes, as in `curved_views`.
    """
    px, columns, rows = nodes(tile)
    page = page_seen(panel.plane, projection, px, rays)
    inside = page @ panel.sides.T + SEAM_MM * page[..., 2:]
    inside = inside[..., np.any(inside < 0.0, axis=(0, 1))]
    front = panel.in_front_mm(projection.pupil_mm(rays.pupil, px)) > 0.0
    shown = np.where(front[..., None], page @ raster.page_to_raster.T, page[..., 2:] * AWAY)
    planes = np.concatenate([shown, inside], axis=-1).astype(np.float32).transpose(0, 2, 1)
    return np.ascontiguousarray(planes).reshape(len(page), -1, rows, columns)


def _first_met(raster: SheetRaster, panels: Sequence[Planes], tile: Tile) -> cv2.typing.MatLike:
    """Return ink and paper through one point of the aperture."""
    size = (tile.height, tile.width)
    nearest: cv2.typing.MatLike = np.full(size, GROUND_PER_MM, np.float32)
    x, y = (np.full(size, NOTHING_PX * GROUND_PER_MM, np.float32) for _ in range(2))
    for planes in panels:
        panel_x, panel_y, per_depth, *sides = between(planes, tile)
        met = cv2.compare(per_depth, nearest, cv2.CMP_GT)
        for side in sides:
            met = cv2.bitwise_and(met, cv2.compare(side, 0.0, cv2.CMP_GE))  # type: ignore[call-overload]
        for values, seen in ((panel_x, x), (panel_y, y), (per_depth, nearest)):
            cv2.copyTo(values, met, seen)
    ink = cv2.remap(raster.ink, cv2.divide(x, nearest), cv2.divide(y, nearest), cv2.INTER_LINEAR)
    paper = cv2.compare(nearest, GROUND_PER_MM, cv2.CMP_GT)  # type: ignore[call-overload]
    return cv2.merge([ink, paper])
