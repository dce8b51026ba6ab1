"""Where the fit of the focus curve starts: a search over all offsets with the squares' formula, which is linear."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .motion import MOTION_PAIRS

Array = npt.NDArray[np.float64]

GRID = 121
SEARCH_BEYOND = 0.6
"""How far beyond the sheet to search for focus, as part of the sheet's depth range."""
OUTLYING = 25.0
"""Squared standard errors beyond which a sample counts no more."""
LEAST_FLOOR2, LEAST_SLOPE2 = 0.01, 1e-12
"""px² and (px/mm)²: blur of a tenth of a pixel, and none that anyone could see rise."""

MOST_AT_START_PX2 = 20.0
"""Of the variances of the motions in the search: what a turn of 0.3° makes at 24 MP is 30 px²."""

TURN = MOTION_PAIRS.index((2, 2))
SHIFTS = [0, 1, *(2 + place for place, pair in enumerate(MOTION_PAIRS) if 2 not in pair)]
"""Columns of the search without a turn."""


def search_focus(depth: Array, blur: Array, sd: Array, mark_mm: float) -> Array:
    """Return offset, ln(floor), ln(slope) and p = 2, where the squares' fit is linear.

    Args:
        depth: (n,) of the samples from the AF mark, mm.
        blur, sd: (n,) their blur and its standard error, px.
        mark_mm: depth of the AF mark.
    """
    span = float(depth.max() - depth.min())
    offsets = np.linspace(depth.min() - SEARCH_BEYOND * span, depth.max() + SEARCH_BEYOND * span, GRID)
    offsets = offsets[offsets > -0.8 * mark_mm]
    weight = 1.0 / (2 * blur * sd) ** 2
    share = weight / weight.sum()
    square = (1.0 / (mark_mm + offsets[:, None]) - 1.0 / (mark_mm + depth)) ** 2 * mark_mm**4
    away = square - (square @ share)[:, None]
    blur2 = blur**2 - share @ blur**2
    slope2 = np.maximum((away * blur2) @ share / np.maximum(away**2 @ share, 1e-30), LEAST_SLOPE2)
    floor2 = np.maximum(share @ blur**2 - slope2 * (square @ share), LEAST_FLOOR2)
    residual2 = weight * (blur**2 - floor2[:, None] - slope2[:, None] * square) ** 2
    best = int(np.minimum(residual2, OUTLYING).sum(axis=1).argmin())
    return np.array([offsets[best], 0.5 * np.log(floor2[best]), 0.5 * np.log(slope2[best]), 2.0])


def search_moved(
    depth: Array, blur: Array, sd: Array, mark_mm: float, motion: Array, noise: float
) -> tuple[Array, Array, float]:
    """Return a start as `search_focus` does with the six numbers of motion, and how much better it fits.

    A turn makes a V over depth that a search without it takes for defocus, so far off that no fit finds back.

    Args:
        depth, blur, sd, mark_mm: as for `search_focus`.
        motion: (n, 6) as `View` has it.
        noise: scatter of the samples in their standard errors.

    Returns:
        Offset, ln(floor), ln(slope) and 2; (6,) motion, px²; sum of squares without motion over that with it.
    """
    span = float(depth.max() - depth.min())
    offsets = np.linspace(depth.min() - SEARCH_BEYOND * span, depth.max() + SEARCH_BEYOND * span, GRID)
    offsets = offsets[offsets > -0.8 * mark_mm]
    error = 2 * blur * sd * noise
    target = blur**2 / error
    still = np.stack([np.ones_like(depth), np.zeros_like(depth)], axis=1)
    moved = np.concatenate([still, motion], axis=1) / error[:, None]
    ridge = np.diag([1e-9, 1e-12, *[1.0 / MOST_AT_START_PX2**2] * motion.shape[1]])
    best: dict[bool, tuple[float, float, Array]] = {
        False: (math.inf, float(offsets[0]), np.zeros(2)),
        True: (math.inf, float(offsets[0]), np.zeros(moved.shape[1])),
    }
    for offset in offsets:
        moved[:, 1] = (1.0 / (mark_mm + offset) - 1.0 / (mark_mm + depth)) ** 2 * mark_mm**4 / error
        matrix, right = moved.T @ moved + ridge, moved.T @ target
        for with_motion, count in ((False, 2), (True, moved.shape[1])):
            found = np.linalg.solve(matrix[:count, :count], right[:count])
            if with_motion and found[2 + TURN] < 0.0:
                # No turn has a negative variance: shifts alone.
                found = np.zeros(count)
                found[SHIFTS] = np.linalg.solve(matrix[np.ix_(SHIFTS, SHIFTS)], right[SHIFTS])
            if found[1] <= LEAST_SLOPE2:
                continue
            cost = float(np.minimum((moved[:, :count] @ found - target) ** 2, OUTLYING).sum())
            if cost < best[with_motion][0]:
                best[with_motion] = cost, float(offset), np.asarray(found, dtype=np.float64)
    cost, offset, found = best[True]
    start = np.array([offset, *(0.5 * np.log(np.maximum(found[:2], [LEAST_FLOOR2, LEAST_SLOPE2]))), 2.0])
    return start, found[2:], best[False][0] / max(cost, 1e-9)
