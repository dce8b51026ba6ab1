"""Contrast along the edges of a chart at several frequencies, from the original pixels in linear light.

Every line of pixels across an edge gives differences of neighbours D at distances t from the edge. The sum of
D w(t) exp(-2πi f t) over the lines, over the step of light, is the windowed Fourier transform of the line spread.
The differences are sorted by distance once, so that windows and frequencies cost next to nothing. Distances run
right and down in the picture and not from ink to paper, so that coma adds up between rising and falling edges and
does not cancel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart

from ..geometry import Pose, sheet_from_page
from ..lens import FULL_FRAME_DIAGONAL_MM
from ..photo.reading import Photo

Array = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Complex = npt.NDArray[np.complex128]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

FINE_LP_MM = 30.0
"""Line pairs a mm on full frame; scaled by the picture's diagonal on other sensors. At 20 the median error at f/2
doubles on traced line spreads."""
MOST_CYCLES = 0.3
"""A pixel: beyond, mosaic and sharpening leave nothing that a lens made. Pictures under 9 MP are measured here."""
COARSE_OF_FINE = 0.39
"""11.7 lp/mm. Its phase places an edge, hardly touched by noise and blur; its contrast gives the plane for coarse
detail at no cost."""
OTHERS_OF_FINE = (0.7, 1.4, 1.9, 2.4)
"""Further frequencies, for the MTF at the plane of focus."""
LAST_CYCLES = 0.45
"""A pixel; half is the last that pixels can show."""
FINE, COARSE = 0, 1
"""Places of the two in `EdgeContrast.cycles`."""
WINDOW_FLAT = 0.5
"""Of the window's half width: flat so far, then a falling cosine."""
NARROW_CYCLES = 0.9
"""Standard deviation of the narrow window, over the fine period: 5 px at 24 MP. It has 25 to 30 % less noise, and
biases the plane at f/1.4, where it cuts off the halo; windows of 4 to 6 px did alike."""
BINS_A_PX = 8
"""Distances are sorted this finely: their rounding costs 0.1 % of contrast at 30 lp/mm, and is undone."""
END_OF_CLEAR = 0.35
"""Of the plain strip's width, left out at an edge's ends: the blur of the bar's corners."""
COLUMN_CLASSES = 5
"""Of the distance from the mark across the depth: columns of tiles on one of the flat sheets."""
USUAL_SCATTER = 4e-4
"""Variance of a piece's contrast where no half has two to compare."""
LEAST_STEP, LEAST_LINES, MOST_SHIFT_PX = 0.03, 4, 1.5
"""Of full light; lines of pixels; distance from where the pose puts the edge. The rest is hidden, or no edge."""


@dataclass(frozen=True, eq=False)
class EdgeContrast:
    """Contrast at F frequencies at n places of the sheet: halves of tiles, nearer and farther.

    Attributes:
        cycles: (F,) frequencies, cycles a pixel: fine, coarse, others.
        value, sd: (F, n) contrast, 1 where the lens loses nothing, and its standard error by noise.
        narrow, narrow_sd: (n,) at the fine frequency in a narrower window, which has less noise and cuts off halos.
        depth_mm: (n,) along the optical axis from the AF mark, positive = farther.
        field_mm: (n, 2) from the optical axis, right and down, at the mark's distance.
        from_middle_px: (n, 2) from the picture's middle, right and down.
        normal: (n, 2) unit vectors across the edges in the picture.
        along_depth: (n,) whether the edges run along the direction of depth on the sheet.
        ink: (n,) light of the ink over the paper's.
        group: (n,) places of one direction and of like distance from the mark across the depth, over whose depth
            contrast is smooth.
    """

    cycles: Array
    value: Array
    sd: Array
    narrow: Array
    narrow_sd: Array
    depth_mm: Array
    field_mm: Array
    from_middle_px: Array
    normal: Array
    along_depth: Flags
    ink: Array
    group: Indices


def measure_contrast(photo: Photo, chart: Chart, pose: Pose) -> EdgeContrast:
    """Return the contrast along all edges of a chart where the pose puts them.

    The result has no places where no edge was found.
    """
    fine = min(FINE_LP_MM * FULL_FRAME_DIAGONAL_MM / math.hypot(*photo.codes.shape), MOST_CYCLES)
    cycles = np.minimum(fine * np.array([1.0, COARSE_OF_FINE, *OTHERS_OF_FINE]), LAST_CYCLES)
    pieces = _pieces(chart, pose)
    return _pooled(spectra_along(photo, pieces, cycles), pieces, cycles, pose)


def spectra_along(photo: Photo, pieces: Pieces, cycles: Array) -> Spectra:
    """Return what each piece tells by itself, at (F,) frequencies in cycles a pixel, fine and coarse first."""
    return _spectra(_profiles(photo, pieces), pieces, cycles)


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces of edges in the photo, m of them; edges that run along the depth are cut into halves.

    Attributes:
        start, end: (m, 2) pixels.
        edge: (m,) index of the edge; its pieces share a shift.
        clear_px: (m,) half width of the window, at right angles to the edge.
        sign: (m,) +1 where light rises to the right (upright in the picture) or downwards (lying).
        upright: (m,) whether it is nearer to upright than to lying in the picture.
        along_depth: (m,) whether it runs along the direction of depth on the sheet.
        sheet_mm: (m, 3) its middle in the sheet frame.
        normal: (m, 2) unit vectors across it in the picture.
        pool: (m,) pieces of one number are averaged: those of one half of a tile.
        ink: (m,) light of the ink over the paper's.
        group: (m,) as in `EdgeContrast`.
    """

    start: Array
    end: Array
    edge: Indices
    clear_px: Array
    sign: Array
    upright: Flags
    along_depth: Flags
    sheet_mm: Array
    normal: Array
    pool: Indices
    ink: Array
    group: Indices


def _pieces(chart: Chart, pose: Pose) -> Pieces:
    ends = sheet_from_page(chart, [p for e in chart.edges for p in (e.from_page_mm, e.to_page_mm)]).reshape(
        -1, 2, 3
    )
    is_right = np.array([e.dark_side == "right" for e in chart.edges])
    ends[is_right] = ends[is_right, ::-1]
    tile = np.array([e.tile for e in chart.edges])
    clear_mm = np.array([e.clear_mm for e in chart.edges])
    far = np.array([chart.far_direction_page[0], -chart.far_direction_page[1], 0.0])
    aside = np.array([far[1], -far[0], 0.0])
    along = (ends[:, 1] - ends[:, 0]) / np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)[:, None]
    along_depth = np.abs(along @ far) > np.abs(along @ aside)
    trim = END_OF_CLEAR * clear_mm[:, None] * along
    start, end, half = ends[:, 0] + trim, ends[:, 1] - trim, ends.mean(axis=1)
    cut, whole = np.flatnonzero(along_depth), np.flatnonzero(~along_depth)
    edge = np.concatenate([cut, cut, whole])
    a, b = np.concatenate([start[cut], half[cut], start[whole]]), np.concatenate([half[cut], end[cut], end[whole]])
    middle = (a + b) / 2
    edges_of_tile = np.maximum(np.bincount(tile), 1)
    tile_mm = np.stack([np.bincount(tile, axis) / edges_of_tile for axis in half.T], axis=1)
    tile_of = tile[edge]
    is_far = (middle - tile_mm[tile_of]) @ far > 0
    distance = np.abs(tile_mm @ aside)
    column = np.maximum(np.rint(COLUMN_CLASSES * distance / max(float(distance.max()), 1.0)).astype(np.intp), 1)
    from_px, to_px = pose.project(a), pose.project(b)
    tangent = (to_px - from_px) / np.linalg.norm(to_px - from_px, axis=1)[:, None]
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    to_ink = np.column_stack([-along[edge, 1], along[edge, 0], np.zeros(len(edge))])
    reach = to_ink * clear_mm[edge, None] / 2
    across = pose.project(middle + reach) - pose.project(middle - reach)
    upright = np.abs(tangent[:, 1]) >= np.abs(tangent[:, 0])
    return Pieces(
        start=from_px,
        end=to_px,
        edge=edge,
        clear_px=np.abs((across * normal).sum(axis=1)),
        sign=-np.sign(across[np.arange(len(edge)), np.where(upright, 0, 1)]),
        upright=upright,
        along_depth=along_depth[edge],
        sheet_mm=middle,
        normal=normal,
        pool=tile_of * 2 + is_far,
        ink=np.array([e.ink for e in chart.edges])[edge],
        # The middle column and the first beside it are as one.
        group=column[tile_of] * 2 + along_depth[edge],
    )


@dataclass(frozen=True, eq=False)
class Profiles:
    """Differences of light along all lines of pixels across each of m pieces, sorted by distance from the edge.

    Attributes:
        distance_px: (B,) middles of the bins.
        rise: (m, B) sums of differences of light between neighbours.
        lines: (m,) how many lines of pixels there were.
        cosine: (m,) distance across the edge over distance along the line.
    """

    distance_px: Array
    rise: Array
    lines: Array
    cosine: Array


def _profiles(photo: Photo, pieces: Pieces) -> Profiles:
    reach = float(pieces.clear_px.max()) + MOST_SHIFT_PX
    bins = 2 * math.ceil(reach) * BINS_A_PX
    count = len(pieces.edge)
    rise, lines, cosines = np.zeros((count, bins)), np.zeros(count), np.ones(count)
    for upright, axis in ((True, 0), (False, 1)):
        own = np.flatnonzero(pieces.upright == upright)
        if not len(own):
            continue
        codes = photo.codes if upright else photo.codes.T
        which, columns, rows, place, cosine = _lines(codes.shape, pieces, own, axis)
        light = photo.light_of_code[codes[rows[:, None], columns]]
        t = (columns[:, :-1] + np.float32(0.5) - place[:, None]).astype(np.float32)
        t *= cosine[which, None].astype(np.float32)
        index = np.floor(t * BINS_A_PX).astype(np.int32) + bins // 2
        inside = (index >= 0) & (index < bins)
        index += which[:, None].astype(np.int32) * bins
        sums = np.bincount(index[inside], np.diff(light, axis=1)[inside], len(own) * bins)
        rise[own] = sums.reshape(len(own), bins)
        lines[own], cosines[own] = np.bincount(which, minlength=len(own)), cosine
    return Profiles((np.arange(bins) - bins / 2 + 0.5) / BINS_A_PX, rise, lines, cosines)


def _lines(
    shape: tuple[int, ...], pieces: Pieces, own: Indices, axis: int
) -> tuple[Indices, Indices, Indices, Array, Array]:
    """Return the lines of pixels across some pieces, those that end outside of the picture left out.

    Returns:
        (l,) which of `own` a line crosses; (l, k) its pixels; (l,) its row; (l,) where in it the edge is;
        (len(own),) distance across the edge over distance along the line.
    """
    start, end = pieces.start[own], pieces.end[own]
    first = np.ceil(np.minimum(start, end)[:, 1 - axis]).astype(np.intp)
    last = np.floor(np.maximum(start, end)[:, 1 - axis]).astype(np.intp)
    count = np.maximum(last - first + 1, 0)
    which = np.repeat(np.arange(len(own)), count)
    rows = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    slope = (end - start)[:, axis] / (end - start)[:, 1 - axis]
    cosine = 1 / np.sqrt(1 + slope**2)
    place = start[which, axis] + (rows - start[which, 1 - axis]) * slope[which]
    nearest = np.rint(place).astype(np.intp)
    reach = int(np.ceil(((pieces.clear_px[own] + MOST_SHIFT_PX) / cosine).max())) + 1
    inside = (rows >= 0) & (rows < shape[0]) & (nearest >= reach) & (nearest + reach + 1 < shape[1])
    columns = nearest[inside, None] + np.arange(-reach, reach + 1)
    return which[inside], columns, rows[inside], place[inside], cosine


@dataclass(frozen=True, eq=False)
class Spectra:
    """What the lines of pixels of each of m pieces give.

    Attributes:
        transform: (F, m) mean transforms at F frequencies, not yet divided by the step.
        narrow: (m,) at the first of them in the narrow window.
        step: (m,) light after the edge less light before it.
        lines: (m,) how many there were.
        shift_px: (m,) where the edge is, over where the pose puts it.
    """

    transform: Complex
    narrow: Complex
    step: Array
    lines: Array
    shift_px: Array


def _spectra(profiles: Profiles, pieces: Pieces, cycles: Array) -> Spectra:
    # Single precision is enough for light and its windows, and half the work.
    t, lines = profiles.distance_px.astype(np.float32), np.maximum(profiles.lines, 1.0)
    clear_px, rise = pieces.clear_px.astype(np.float32), profiles.rise.astype(np.float32)
    coarse = cycles[COARSE]
    # Twice: the first window is not centred on the edge yet.
    shift = np.zeros(len(lines))
    for _ in range(2):
        seen = (rise * _window(t, shift, clear_px)) @ _waves(np.array([coarse]), t)[0]
        shift = _shift_px(seen * pieces.sign, pieces.edge, coarse)
    windowed = rise * _window(t, shift, clear_px)
    narrow = np.float32(cycles[FINE] / NARROW_CYCLES)
    narrowed = windowed * np.exp(np.float32(-0.5) * ((t - shift[:, None].astype(np.float32)) * narrow) ** 2)
    # Of neighbours' differences, and of the bins.
    lost = np.sinc(cycles[:, None] * profiles.cosine) * np.sinc(cycles[:, None] / BINS_A_PX) * lines
    turned = np.exp(2j * np.pi * cycles[:, None] * shift)
    waves = _waves(cycles, t)
    return Spectra(
        transform=(waves @ windowed.T) * turned / lost,
        narrow=(narrowed @ waves[FINE]) * turned[FINE] / lost[FINE],
        # The falling parts of the window weigh ink and paper: their difference is the transform at frequency zero.
        step=windowed.sum(axis=1) / lines,
        lines=profiles.lines,
        shift_px=shift,
    )


def _waves(cycles: Array, t: Singles) -> npt.NDArray[np.complex64]:
    return np.asarray(np.exp(-2j * np.pi * cycles[:, None] * t), dtype=np.complex64)


def _window(t: Singles, shift_px: Array, clear_px: Singles) -> Singles:
    outwards = np.abs(t - shift_px[:, None].astype(np.float32)) / clear_px[:, None]
    falling = np.clip((outwards - np.float32(WINDOW_FLAT)) / np.float32(1 - WINDOW_FLAT), 0, 1)
    falling *= np.float32(np.pi)
    return np.asarray(np.float32(0.5) + np.float32(0.5) * np.cos(falling))


def _shift_px(transform: Complex, edge: Indices, cycles: float) -> Array:
    """Return (m,) where edges are, by the coarse transforms' phase.

    All pieces of an edge share one, as what one of them shows could be coma.
    """
    total = np.bincount(edge, transform.real) + 1j * np.bincount(edge, transform.imag)
    return np.asarray(-np.angle(total) / (2 * np.pi * cycles))[edge]


def _pooled(found: Spectra, pieces: Pieces, cycles: Array, pose: Pose) -> EdgeContrast:
    """Return contrast averaged over each half of a tile."""
    step = found.step * pieces.sign
    good = (step > LEAST_STEP) & (found.lines >= LEAST_LINES) & (np.abs(found.shift_px) < MOST_SHIFT_PX)
    _, first, pool = np.unique(pieces.pool[good], return_index=True, return_inverse=True)
    weight = found.lines[good] * step[good] ** 2
    sign, kind = pieces.sign[good], np.unique(pieces.ink[good], return_inverse=True)[1]
    kind = 2 * kind + pieces.along_depth[good]
    transforms = [*found.transform[:, good], found.narrow[good]]
    means = [_mean(z / found.step[good], weight, pool, sign, kind, first) for z in transforms]
    value, sd = np.array([m[0] for m in means]), np.array([m[1] for m in means])
    count = np.bincount(pool)
    middle = np.stack([np.bincount(pool, axis) / np.maximum(count, 1) for axis in pieces.sheet_mm[good].T], axis=1)
    camera = pose.camera_points(middle)
    return EdgeContrast(
        cycles=cycles,
        value=value[:-1],
        sd=sd[:-1],
        narrow=value[-1],
        narrow_sd=sd[-1],
        depth_mm=camera[:, 2] - pose.distance_mm,
        field_mm=camera[:, :2] / camera[:, 2:] * pose.distance_mm,
        from_middle_px=pose.project(middle) - (np.array(pose.image_size) - 1) / 2,
        normal=pieces.normal[good][first],
        along_depth=pieces.along_depth[good][first],
        ink=pieces.ink[good][first],
        group=pieces.group[good][first],
    )


def _mean(
    z: Complex, weight: Array, pool: Indices, sign: Array, kind: Indices, first: Indices
) -> tuple[Array, Array]:
    """Return contrast of each pool, and its standard error.

    Noise is what the pieces of a half differ by; its variance is taken off the square of the contrast. Rising and
    falling edges, which sharpening and the camera's contrast curve make unequal, are each compared with their like.
    """
    total, count = np.bincount(pool, weight), np.bincount(pool)
    mean = (np.bincount(pool, weight * z.real) + 1j * np.bincount(pool, weight * z.imag)) / total
    off = z - mean[pool]
    unequal = np.bincount(kind, weight * sign * off.real) + 1j * np.bincount(kind, weight * sign * off.imag)
    off -= sign * (unequal / np.maximum(np.bincount(kind, weight), 1e-300))[kind]
    scatter = np.bincount(pool, weight * np.abs(off) ** 2) / np.maximum(count - 1, 1)
    kind_of_pool = kind[first]
    variance = np.full(len(total), np.nan)
    for each in np.unique(kind_of_pool):
        own = kind_of_pool == each
        told = scatter[own & (count > 1) & (scatter > 0)]
        variance[own] = (np.median(told) if len(told) else USUAL_SCATTER * np.median(weight)) / total[own]
    return np.sqrt(np.maximum(np.abs(mean) ** 2 - variance, 1e-6)), np.sqrt(variance / 2)
