"""Where to start the fit of the focus curve: the best of a grid of focus depths."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

GRID = 121
SEARCH_BEYOND = 0.6
"""How far beyond the sheet to search for focus, as part of the sheet's depth range."""
OUTLYING = 25.0
"""Squared standard errors beyond which a sample counts no more."""
LEAST_FLOOR2, LEAST_SLOPE2 = 0.01, 1e-12


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
    misfit2 = weight * (blur**2 - floor2[:, None] - slope2[:, None] * square) ** 2
    best = int(np.minimum(misfit2, OUTLYING).sum(axis=1).argmin())
    return np.array([offsets[best], 0.5 * np.log(floor2[best]), 0.5 * np.log(slope2[best]), 2.0])
