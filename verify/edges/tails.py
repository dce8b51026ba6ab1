"""Do edges in front of focus look like those behind it? Their width can be alike where their shape is not.

An ideal lens blurs to the same disc on both sides of focus. Spherical aberration makes a bright core in a halo on
one
side and a ring on the other; colours that focus apart do the same to the brightness. Fitted widths follow the core,
and the plane of least width is then not that of most contrast, by 4 to 8 % of the depth of field at f/4 and slower
without any other sign. So the fourth cumulant of each edge's spread, beyond that of the shape that was fitted, is
measured, and what of it changes sign at focus.

What is alike on both sides has another cause: two shots that were focused apart and made one picture leave each
edge a sharp core in a wide foot, in front of both planes and behind them.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .fit import Strips, edge_shape

Array = npt.NDArray[np.float64]

COLUMNS = 5
"""Columns fitted to a profile: level, contrast, place, width and the fourth cumulant."""
LEVELS = 6
"""Knots of the part that is alike on both sides, over how far from focus an edge is."""
ROUNDS, ROBUST = 4, 2.0
"""Of weighing, and standard errors beyond which an edge pulls less."""
UNEQUAL = 0.1
"""Of the cumulant: how unequal the sides of ideal photos may be. As rms over the edges, 0.18 in nine of ten of 60
photos of the virtual camera, before light and strength of ink were taken off."""

FAR = 1.0
"""Distance from focus, over that where defocus equals the floor, from which on feet are looked for: nearer, pixels,
mosaic and JPEG shape an edge as much."""
FEW_ON_A_SIDE = 15
"""Pieces; fewer tell nothing."""


def tails(strips: Strips, blur_px: Array, floor_px: float) -> tuple[Array, Array]:
    """Return (n,) fourth cumulants of edge spreads beyond the fitted shapes', over blur⁴, and standard errors.

    The first term of Edgeworth's series for it changes an edge by -He3(t) phi(t) / 24, He3 = t³ - 3t and phi the
    normal density; it is fitted beside small changes of all that was fitted before.

    Args:
        strips: n profiles with the fits of their edges.
        blur_px: (n,) standard deviation of the edge spread.
        floor_px: standard deviation of its Gaussian part, as in `edge_shape`.
    """
    fits, profiles = strips.fits, strips.profiles
    t = (profiles.distance_px - fits.shift_px[:, None]) / blur_px[:, None]
    shape, slope, per_log_blur = edge_shape(t, blur_px, floor_px)
    fourth = -(t**3 - 3.0 * t) * np.exp(-(t**2) / 2.0) / math.sqrt(2.0 * math.pi) / 24.0
    columns = np.stack([np.ones_like(shape), shape, slope, per_log_blur, fourth], axis=1)
    rest = (profiles.light - fits.dark[:, None]) / (fits.bright - fits.dark)[:, None] - shape
    weighted = columns * profiles.pixels[:, None]
    inverse = np.linalg.inv(weighted @ columns.transpose(0, 2, 1) + 1e-9 * np.eye(COLUMNS))
    found = (inverse @ (weighted @ rest[:, :, None]))[:, :, 0]
    left = rest - (columns * found[:, :, None]).sum(axis=1)
    filled = (profiles.pixels > 0).sum(axis=1)
    variance = (profiles.pixels * left**2).sum(axis=1) / np.maximum(filled - COLUMNS, 1) * inverse[:, 4, 4]
    return found[:, 4], np.sqrt(np.maximum(variance, 1e-12))


def unequal_tails(cumulant: Array, sd: Array, defocus: Array, kinds: Array) -> float:
    """Return the log likelihood ratio of tails that differ in front of and behind focus against such that do not.

    Args:
        cumulant, sd: (n,) from `tails`.
        defocus: (n,) signed distance from focus over that where defocus equals the floor.
        kinds: (n, k) what else the shape may go with, at any distance from focus: direction, light, strength of
            ink.
    """
    away = defocus / np.hypot(defocus, 1.0)
    places = np.abs(away)[:, None] / max(float(np.abs(away).max()), 1e-9) * (LEVELS - 1)
    alike = np.maximum(1.0 - np.abs(places - np.arange(LEVELS)), 0.0)
    by_kind = [alike * kind[:, None] for kind in kinds.T]
    columns = np.concatenate([alike, *by_kind, away[:, None], (away * np.abs(away))[:, None]], axis=1)
    # Single standard errors are too noisy to weigh by.
    error = np.hypot(sd, np.median(sd))
    weight = 1.0 / error**2
    for _ in range(ROUNDS):
        covariance = np.linalg.pinv((columns * weight[:, None]).T @ columns)
        found = covariance @ ((columns * weight[:, None]).T @ cumulant)
        left = (cumulant - columns @ found) / error
        scatter = max(float(np.median(np.abs(left))) / 0.6745, 1e-9)
        weight = 1.0 / error**2 / np.sqrt(1.0 + (left / scatter / ROBUST) ** 2)
    odd = found[-2:]
    spread = covariance[-2:, -2:] * scatter**2 + UNEQUAL**2 * np.eye(2)
    return 0.5 * float(odd @ np.linalg.solve(spread, odd))


def heavy_tails(cumulant: Array, sd: Array, defocus: Array, tile: npt.NDArray[np.intp]) -> float:
    """Return how heavy tails are on both sides of focus, at least; -inf where one side is hardly seen.

    That is the mean fourth cumulant less its standard error, on that side where it is less. Pieces of a tile share
    what made them, so that they count as one.

    Args:
        cumulant, sd, defocus: (n,) as for `unequal_tails`.
        tile: (n,) which tile a piece belongs to.
    """
    error = np.hypot(sd, np.median(sd))
    least = math.inf
    for side in (defocus < -FAR, defocus > FAR):
        if side.sum() < FEW_ON_A_SIDE:
            return -math.inf
        found, weight = cumulant[side], 1.0 / error[side] ** 2
        mean = float(np.average(found, weights=weight))
        for _ in range(ROUNDS):
            pulling = weight / np.sqrt(1.0 + ((found - mean) / error[side] / ROBUST) ** 2)
            mean = float(np.average(found, weights=pulling))
        variance = float(np.average((found - mean) ** 2, weights=pulling)) / len(np.unique(tile[side]))
        least = min(least, mean - math.sqrt(variance))
    return least
