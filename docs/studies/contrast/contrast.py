"""Contrast at one frequency along the edges of a chart, from the original pixels in linear light.

Every line of pixels across an edge gives differences of neighbours D at distances t from the edge. The sum of
D w(t) exp(-2πi f t) over the lines, over the step of light, is the windowed Fourier transform of the line spread:
linear in the pixels, without bins or interpolation. Distances run right and down in the picture and not from ink to
paper, so that coma adds up between rising and falling edges and does not cancel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from layout import SheetEdges

from backfocus.verify.geometry import Pose
from backfocus.verify.photo.reading import Photo

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

FINE_LP_MM, DIAGONAL_MM = 30.0, 43.27
"""Line pairs a mm on full frame; scaled by the picture's diagonal on other sensors. At 20 the median error at f/2
doubles on traced line spreads."""
COARSE_CYCLES = 0.07
"""Cycles a pixel, 11.7 lp/mm at 24 MP: its phase places an edge, hardly touched by noise and blur; its contrast gives
the plane for coarse detail at no cost."""
WINDOW_FLAT = 0.5
"""Of the window's half width: flat so far, then a falling cosine. Gaussian windows of 4 to 6 px have 25 to 30 % less
noise and bias the plane at f/1.4, where they cut off the halo (intervals that held: 0.57 to 0.71)."""
PLATEAU = (0.55, 0.95)
"""Of the window's half width: where ink and paper are read on either side."""
END_MM = 0.9
"""Left out at an edge's ends, on A4: the blur of the bar's corners."""
EVERY = 2
"""Of the lines, for the first pass that only places the edges."""
LEAST_STEP, LEAST_LINES, MOST_SHIFT_PX = 0.03, 4, 1.0
"""Of full light; lines of pixels; distance from where the first pass put the edge. The rest is hidden, or no edge."""
CELL_KEYS = 1000
"""More than there are columns, sides and halves in a row."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces of edges in the photo, n of them: halves of steep edges, whole level ones.

    Attributes:
        start, end: (n, 2) pixels.
        edge: (n,) index of the edge; its pieces share a shift.
        clear_px: (n,) half width of the window, at right angles to the edge.
        sign: (n,) +1 where light rises to the right or downwards.
        steep: (n,) whether it stands on the sheet.
        middle_mm: (n, 3) in the sheet frame.
        normal: (n, 2) unit vectors across it in the picture.
        pool: (n,) pieces of one number are averaged: those of one half of a tile.
        weak, column: (n,) as in `SheetEdges`.
    """

    start: Array
    end: Array
    edge: Indices
    clear_px: Array
    sign: Array
    steep: Flags
    middle_mm: Array
    normal: Array
    pool: Indices
    weak: Flags
    column: Indices


@dataclass(frozen=True, eq=False)
class Spectra:
    """What the lines of pixels of each of n pieces give.

    Attributes:
        transform: (n, F) mean transforms at F frequencies, not yet divided by the step.
        step: (n,) light after the edge less light before it.
        lines: (n,) how many there were.
    """

    transform: npt.NDArray[np.complex128]
    step: Array
    lines: Array


@dataclass(frozen=True, eq=False)
class Contrast:
    """Contrast at one frequency at n places of the sheet.

    Attributes:
        value, sd: (n,) contrast, 1 where the lens loses nothing, and its standard error by noise.
        depth_mm: (n,) along the optical axis from the AF mark, positive = farther.
        field_mm: (n, 2) from the optical axis, right and down, at the mark's distance.
        normal: (n, 2) unit vectors across the edges in the picture.
        steep, weak: (n,) as in `SheetEdges`.
        group: (n,) places of one column and direction, over whose depth contrast is smooth.
    """

    value: Array
    sd: Array
    depth_mm: Array
    field_mm: Array
    normal: Array
    steep: Flags
    weak: Flags
    group: Indices


def measure_contrast(photo: Photo, pose: Pose, sheet: SheetEdges) -> tuple[Contrast, Contrast]:
    """Return contrast for fine (30 lp/mm) and for coarse detail."""
    pieces = pieces_of(pose, sheet)
    cycles = FINE_LP_MM * DIAGONAL_MM / math.hypot(*photo.codes.shape)
    first = spectra(photo, pieces, [COARSE_CYCLES], np.zeros(len(pieces.edge)), EVERY)
    shift = shifts_px(first.transform[:, 0], first.lines, pieces)
    found = spectra(photo, pieces, [cycles, COARSE_CYCLES], shift)
    rest = shifts_px(found.transform[:, 1], found.lines, pieces)
    fine = pooled(found, 0, cycles, rest, pieces, pose)
    return fine, pooled(found, 1, COARSE_CYCLES, rest, pieces, pose)


def pieces_of(pose: Pose, sheet: SheetEdges) -> Pieces:
    """Return the pieces where the pose puts them."""
    start, end = (np.column_stack([ends, np.zeros(len(ends))]) for ends in (sheet.start, sheet.end))
    along = (end - start) / np.linalg.norm(end - start, axis=1)[:, None]
    trim, half = END_MM * sheet.unit * along, (start + end) / 2
    steep, level = np.flatnonzero(sheet.steep), np.flatnonzero(~sheet.steep)
    edge = np.concatenate([steep, steep, level])
    a = np.concatenate([(start + trim)[steep], half[steep], (start + trim)[level]])
    b = np.concatenate([half[steep], (end - trim)[steep], (end - trim)[level]])
    middle = (a + b) / 2
    to_ink = np.column_stack([-along[edge, 1], along[edge, 0], np.zeros(len(edge))])
    from_px, to_px = pose.project(a), pose.project(b)
    tangent = (to_px - from_px) / np.linalg.norm(to_px - from_px, axis=1)[:, None]
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    reach = to_ink * sheet.clear_mm[edge, None] / 2
    across = pose.project(middle + reach) - pose.project(middle - reach)
    fixed = np.where(sheet.steep[edge], 0, 1)
    upper = middle[:, 1] > sheet.row_mm[edge]
    cell = sheet.column[edge] * 4 + sheet.right[edge] * 2 + upper
    return Pieces(
        start=from_px,
        end=to_px,
        edge=edge,
        clear_px=np.abs((across * normal).sum(axis=1)),
        sign=-np.sign(across[np.arange(len(edge)), fixed]),
        steep=sheet.steep[edge],
        middle_mm=middle,
        normal=normal,
        pool=(sheet.row[edge] - sheet.row.min()) * CELL_KEYS + cell,
        weak=sheet.weak[edge],
        column=sheet.column[edge],
    )


def spectra(photo: Photo, pieces: Pieces, cycles: list[float], shift_px: Array, every: int = 1) -> Spectra:
    """Return transforms at frequencies in cycles a pixel, across edges shifted by (n,) pixels, of every n-th line."""
    count = len(pieces.edge)
    transform = np.zeros((count, len(cycles)), dtype=np.complex128)
    step, lines = np.zeros(count), np.zeros(count)
    for steep, axis in ((True, 0), (False, 1)):
        own = np.flatnonzero(pieces.steep == steep)
        codes = photo.codes if steep else photo.codes.T
        which, columns, rows, place, cosine = _lines(codes.shape, pieces, own, axis, shift_px, every)
        light = photo.light_of_code[codes[rows[:, None], columns]]
        t = ((columns - place[:, None]) * cosine[which, None]).astype(np.float32)
        clear = pieces.clear_px[own][which]
        for number, frequency in enumerate(cycles):
            z = transforms(light, t, clear, frequency) / np.sinc(frequency * cosine)[which]
            transform[own, number] = np.bincount(which, z.real, len(own)) + 1j * np.bincount(
                which, z.imag, len(own)
            )
        step[own] = _steps(light, t, clear, which, len(own))
        lines[own] = np.bincount(which, minlength=len(own))
    return Spectra(transform / np.maximum(lines, 1)[:, None], step, lines)


def _lines(
    shape: tuple[int, ...], pieces: Pieces, own: Indices, axis: int, shift_px: Array, every: int
) -> tuple[Indices, Indices, Indices, Array, Array]:
    """Return the lines of pixels across some pieces.

    Returns:
        (m,) which of `own` a line crosses; (m, k) its pixels; (m,) its row; (m,) where in it the edge is; (len(own),)
        distance across the edge over distance along the line.
    """
    start, end = pieces.start[own], pieces.end[own]
    first = np.ceil(np.minimum(start, end)[:, 1 - axis]).astype(np.intp)
    last = np.floor(np.maximum(start, end)[:, 1 - axis]).astype(np.intp)
    count = np.maximum((last - first) // every + 1, 0)
    which = np.repeat(np.arange(len(own)), count)
    rows = first[which] + every * (np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count))
    slope = (end - start)[:, axis] / (end - start)[:, 1 - axis]
    cosine = 1 / np.sqrt(1 + slope**2)
    place = start[which, axis] + (rows - start[which, 1 - axis]) * slope[which] + (shift_px[own] / cosine)[which]
    nearest = np.rint(place).astype(np.intp)
    reach = int(np.ceil((pieces.clear_px[own] / cosine).max())) + 1
    inside = (rows >= 0) & (rows < shape[0]) & (nearest >= reach) & (nearest + reach + 1 < shape[1])
    columns = nearest[inside, None] + np.arange(-reach, reach + 1)
    return which[inside], columns, rows[inside], place[inside], cosine


def transforms(light: Floats, t: Floats, clear_px: Array, cycles: float) -> npt.NDArray[np.complex128]:
    """Return the (m,) windowed transforms of lines of pixels across edges, not divided by the edges' steps.

    Args:
        light: (m, k) linear light.
        t: (m, k) pixels from the edge, at right angles to it.
        clear_px: (m,) half width of the window.
        cycles: frequency, cycles a pixel.
    """
    between = (t[:, :-1] + t[:, 1:]) / 2
    outwards = np.abs(between) / clear_px[:, None].astype(np.float32)
    window = 0.5 + 0.5 * np.cos(np.pi * np.clip((outwards - WINDOW_FLAT) / (1 - WINDOW_FLAT), 0, 1))
    differences = np.diff(light, axis=1) * window
    phase = np.float32(-2 * np.pi * cycles) * between
    real, imaginary = ((differences * turn(phase)).sum(axis=1) for turn in (np.cos, np.sin))
    return np.asarray(real + 1j * imaginary, dtype=np.complex128)


def _steps(light: Floats, t: Floats, clear_px: Array, which: Indices, count: int) -> Array:
    """Return (count,) light after less light before the edges, from the plateaus of all lines of each."""
    outwards = t / clear_px[:, None].astype(np.float32)
    levels = []
    for side in (outwards, -outwards):
        on = (side > PLATEAU[0]) & (side < PLATEAU[1])
        pixels = np.bincount(which, on.sum(axis=1), count)
        levels.append(np.bincount(which, (light * on).sum(axis=1), count) / np.maximum(pixels, 1))
    return np.asarray(levels[0] - levels[1])


def shifts_px(transform: npt.NDArray[np.complex128], lines: Array, pieces: Pieces) -> Array:
    """Return (n,) how far edges are from where they were taken to be, by the coarse transforms' phase.

    All pieces of an edge share one, as what one of them shows could be coma.
    """
    value = transform * lines * pieces.sign
    total = np.bincount(pieces.edge, value.real) + 1j * np.bincount(pieces.edge, value.imag)
    return np.asarray(-np.angle(total) / (2 * np.pi * COARSE_CYCLES))[pieces.edge]


def pooled(found: Spectra, number: int, cycles: float, rest_px: Array, pieces: Pieces, pose: Pose) -> Contrast:
    """Return contrast at frequency `number` of the spectra, averaged over each half of a tile.

    Noise is what the pieces of a half differ by; its variance is taken off the square of the contrast.
    """
    good = (
        (found.step * pieces.sign > LEAST_STEP) & (found.lines >= LEAST_LINES) & (np.abs(rest_px) < MOST_SHIFT_PX)
    )
    keys, first, pool = np.unique(pieces.pool[good], return_index=True, return_inverse=True)
    step = found.step[good]
    z = found.transform[good, number] / step * np.exp(2j * np.pi * cycles * rest_px[good])
    weight = found.lines[good] * step**2
    total, count = np.bincount(pool, weight), np.bincount(pool)
    mean = (np.bincount(pool, weight * z.real) + 1j * np.bincount(pool, weight * z.imag)) / total
    scatter = np.bincount(pool, weight * np.abs(z - mean[pool]) ** 2) / np.maximum(count - 1, 1)
    steep, weak = pieces.steep[good][first], pieces.weak[good][first]
    variance = np.full(len(keys), np.nan)
    for kind in np.unique(steep * 2 + weak):
        own = steep * 2 + weak == kind
        variance[own] = np.median(scatter[own & (count > 1) & (scatter > 0)]) / total[own]
    middle = np.stack([np.bincount(pool, axis) / count for axis in pieces.middle_mm[good].T], axis=1)
    camera = pose.camera_points(middle)
    return Contrast(
        value=np.sqrt(np.maximum(np.abs(mean) ** 2 - variance, 1e-6)),
        sd=np.sqrt(variance / 2),
        depth_mm=camera[:, 2] - pose.distance_mm,
        field_mm=camera[:, :2] / camera[:, 2:] * pose.distance_mm,
        normal=pieces.normal[good][first],
        steep=steep,
        weak=weak,
        # Those above and below the mark and the first column beside it are as one.
        group=np.maximum(pieces.column[good][first], 1) * 2 + steep,
    )
