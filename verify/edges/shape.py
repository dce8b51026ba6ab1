"""The shape of a blurred edge: a disc for defocus, and a Gaussian for all else.

Defocus spreads a point over the image of the aperture, a disc; pixel, diffraction and aberrations together spread
it over something close to a Gaussian. Across an edge the disc counts by its projection, a semicircle, so that
the edge spread function is the cumulative distribution of

    rho * semicircle + sqrt(1 - rho²) * Gaussian,   both of unit variance, rho² = 1 - floor² / blur²,

where `blur` is the whole standard deviation and `floor` that of the Gaussian. A Gaussian alone (rho = 0) fits a
disc's edge with a width that grows by up to 20 % faster than the disc, which bends the focus curve.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

RHO_STEPS = 40
T_RANGE, T_STEPS = 6.0, 600
MAX_RHO = 0.998
"""A pure disc has a corner in its edge spread function; no photo has."""
QUADRATURE = 96
NORMAL_RANGE, NORMAL_STEPS = 8.0, 16_000


def edge_shape(t: Array, blur_px: Array, floor_px: float | None) -> tuple[Array, Array, Array]:
    """Return the edge spread function and its slopes.

    Args:
        t: (n, m) distance from the edge over the blur.
        blur_px: (n,) whole standard deviation.
        floor_px: standard deviation of the Gaussian part; None for a Gaussian alone.

    Returns:
        Three (n, m) arrays: the function, 0 to 1; its slope in t; its change with ln(blur) at a fixed distance.
    """
    table = _table()
    rho = np.zeros_like(blur_px)
    if floor_px is not None:
        rho = np.sqrt(np.clip(1.0 - (floor_px / blur_px) ** 2, 0.0, MAX_RHO**2))
    at_rho = np.minimum(rho / MAX_RHO * RHO_STEPS, RHO_STEPS - 1e-9)
    row = at_rho.astype(np.intp)
    at_t = np.clip((t / T_RANGE + 1.0) * (T_STEPS / 2), 0.0, T_STEPS - 1e-9)
    column = at_t.astype(np.intp)
    right = at_t - column
    start = row[:, None] * (T_STEPS + 1) + column
    value, slope, per_log_blur = (_along_t(plane, start, right) for plane in table)
    if floor_px is not None:
        upper = (at_rho - row)[:, None]
        above = (_along_t(plane, start + T_STEPS + 1, right) for plane in table)
        value, slope, per_log_blur = (
            low + (high - low) * upper for low, high in zip((value, slope, per_log_blur), above, strict=True)
        )
    return value, slope, per_log_blur


def _along_t(plane: Array, start: npt.NDArray[np.intp], right: Array) -> Array:
    """Interpolate a flattened table between `start` and the entry after it."""
    low = plane.take(start)
    return np.asarray(low + (plane.take(start + 1) - low) * right)


@lru_cache(maxsize=1)
def _table() -> Array:
    """Return the function, its slope and its change with ln(blur): 3 flattened tables over rho and t."""
    rho = np.linspace(0.0, MAX_RHO, RHO_STEPS + 1)
    t = np.linspace(0.0, T_RANGE, T_STEPS // 2 + 1)
    # Gauss-Chebyshev nodes of the second kind carry the semicircle of radius 2 (unit variance) as their weight.
    angle = np.arange(1, QUADRATURE + 1) * np.pi / (QUADRATURE + 1)
    node, weight = 2.0 * np.cos(angle), 2.0 / (QUADRATURE + 1) * np.sin(angle) ** 2
    rest = np.sqrt(1.0 - rho**2)
    z = (t[None, :, None] - rho[:, None, None] * node) / rest[:, None, None]
    value = _normal_distribution(z) @ weight
    slope = (np.exp(-0.5 * z**2) @ weight) / np.sqrt(2 * np.pi) / rest[:, None]
    value, slope = _mirrored(value, 1.0 - value), _mirrored(slope, slope)
    per_rho = np.gradient(value, rho, axis=0)
    # d rho / d ln(blur) = (1 - rho²) / rho; at rho = 0 the function changes with rho⁴ only, so nothing is left.
    factor = np.divide(1.0 - rho**2, rho, out=np.zeros_like(rho), where=rho > 0)
    per_log_blur = -slope * np.linspace(-T_RANGE, T_RANGE, T_STEPS + 1) + per_rho * factor[:, None]
    return np.stack([value.ravel(), slope.ravel(), per_log_blur.ravel()])


def _mirrored(right: Array, left: Array) -> Array:
    """Join a function of t >= 0, and what it is at -t."""
    return np.concatenate([left[:, :0:-1], right], axis=1)


def _normal_distribution(z: Array) -> Array:
    """Return the cumulative normal distribution, to 1e-7.

    Interpolated: numpy has no error function, and loading scipy's takes a quarter of a second.
    """
    grid = np.linspace(-NORMAL_RANGE, NORMAL_RANGE, NORMAL_STEPS + 1)
    values = np.array([0.5 * (1.0 + math.erf(each / math.sqrt(2.0))) for each in grid])
    place = np.clip((z / NORMAL_RANGE + 1.0) * (NORMAL_STEPS / 2), 0.0, NORMAL_STEPS - 1e-9)
    start = place.astype(np.intp)
    return _along_t(values, start, place - start)
