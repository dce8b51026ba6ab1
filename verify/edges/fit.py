"""The blur of an edge: an edge spread function fitted to its profile.

Defocus spreads a point over the image of the aperture, a disc; pixel, diffraction and aberrations together spread
it over something close to a Gaussian. Across an edge the disc counts by its projection, a semicircle, so that the
edge spread function is the cumulative distribution of

    rho * semicircle + sqrt(1 - rho²) * Gaussian,   both of unit variance, rho² = 1 - floor² / blur²,

where `blur` is the whole standard deviation and `floor` that of the Gaussian. A Gaussian alone (rho = 0) fits a
disc's edge with a width that grows by up to 20 % faster than the disc, which bends the focus curve.

Printed edges lie between plain strips of known width: each is looked at twice, the second time through the window
that its blur allows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..photo.reading import Photo
from .profiles import BINS, Array, Profiles, Segments, sample_profiles

FIRST_WINDOW = 0.5
"""Of the clear width, for the first look."""
FIRST_EVERY = 2
"""Rows of pixels, for the first look."""
WINDOW_BLURS = 4.5
"""Wide enough for the levels on both sides; wider windows only collect uneven light."""
NEIGHBOUR_BLURS = 2.0
"""The blur disc of the neighbouring edge reaches this far (a disc's radius is twice its standard deviation)."""
ITERATIONS = 12
"""At most; Gauss-Newton steps."""
STILL = 2e-4
"""Change of ln(blur) in a step that is not worth another; the noise of a piece is over 1e-2."""
MIN_BLUR_PX = 0.25
"""A pixel alone blurs by 0.29 px (the standard deviation of a box), so that nothing real lies below."""
FILLED_BINS = 7
"""An edge along the pixel grid fills a bin a pixel; four parameters want a few more."""
MIN_CONTRAST = 0.02
"""Of full scale, in linear light: four codes of 8 bit around mid-grey."""
MAX_RESIDUAL = 0.12
"""Of the contrast, rms: a clean edge at 1 % noise has 0.01; a profile with another edge in it, 0.2."""
RHO_STEPS = 40
T_RANGE, T_STEPS = 6.0, 600
MAX_RHO = 0.998
"""A pure disc has a corner in its edge spread function; no photo has."""
QUADRATURE = 96
NORMAL_RANGE, NORMAL_STEPS = 8.0, 16_000


@dataclass(frozen=True)
class Strips:
    """The pieces whose strips were wide enough for a second look, m of n.

    Attributes:
        which: (m,) their indices.
        shift_px: (m,) distance of the edges from their given places, positive towards the bright side.
        fits: edge spread functions, with shifts from the first look.
        profiles: what they were fitted to.
        half_window_px: (m,) half width of the profiles.
    """

    which: npt.NDArray[np.intp]
    shift_px: Array
    fits: EdgeFits
    profiles: Profiles
    half_window_px: Array

    def take(self, which: npt.NDArray[np.bool_]) -> Strips:
        """Return the chosen pieces."""
        return Strips(
            self.which[which],
            self.shift_px[which],
            self.fits.take(which),
            self.profiles.take(which),
            self.half_window_px[which],
        )


def measure_strips(photo: Photo, segments: Segments, clear_px: Array, min_window_blurs: float) -> Strips:
    """Fit the edge spread of each piece, seen through a window free of its neighbours' blur.

    Args:
        photo: the photo.
        segments: n pieces; their windows are not used.
        clear_px: (n,) width of the plain strips on both sides.
        min_window_blurs: least half window in blurs; pieces whose strips leave less are left out.
    """
    first_window = FIRST_WINDOW * clear_px
    first = fit_edge_spread(sample_profiles(photo, segments.with_window(first_window), FIRST_EVERY), first_window)
    window = np.minimum(WINDOW_BLURS * first.blur_px + 1.5, clear_px - NEIGHBOUR_BLURS * first.blur_px - 0.5)
    usable = np.flatnonzero(first.ok & (window > min_window_blurs * first.blur_px))
    again = segments.with_window(window).moved(first.shift_px).take(usable)
    profiles = sample_profiles(photo, again)
    centred = replace(first, shift_px=np.zeros_like(first.shift_px)).take(usable)
    fits = fit_edge_spread(profiles, again.half_window_px, start=centred)
    good = fits.ok
    return Strips(
        which=usable[good],
        shift_px=(first.shift_px[usable] + fits.shift_px)[good],
        fits=fits.take(good),
        profiles=profiles.take(good),
        half_window_px=again.half_window_px[good],
    )


@dataclass(frozen=True)
class EdgeFits:
    """Edge spread functions fitted to profiles; all arrays are (n,).

    Attributes:
        shift_px: position of the edge from its nominal place, positive towards the bright side.
        blur_px: standard deviation of the edge spread.
        dark, bright: linear light on both sides.
        shift_sd_px, blur_sd_px: standard errors from the residuals.
        residual: rms of the residuals over the contrast, weighted by pixels.
        ok: whether the fit converged on a real edge.
    """

    shift_px: Array
    blur_px: Array
    dark: Array
    bright: Array
    shift_sd_px: Array
    blur_sd_px: Array
    residual: Array
    ok: npt.NDArray[np.bool_]

    def take(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> EdgeFits:
        """Return the chosen fits."""
        return EdgeFits(**{name: values[which] for name, values in vars(self).items()})

    def parameters(self) -> Array:
        """Return (n, 4) dark, contrast, shift and ln(blur)."""
        return np.stack([self.dark, self.bright - self.dark, self.shift_px, np.log(self.blur_px)], axis=1)


def fit_edge_spread(
    profiles: Profiles, half_window_px: Array, floor_px: float | None = None, start: EdgeFits | None = None
) -> EdgeFits:
    """Fit dark + contrast * shape((x - shift) / blur) to each profile by least squares, weighted by pixels.

    Args:
        profiles: n binned profiles.
        half_window_px: (n,) half width of the profiles.
        floor_px: Gaussian part of the shape, see `edge_shape`; None for a Gaussian alone.
        start: earlier fits of the same edges to start from, with shifts measured from the profiles' zero.
    """
    x, y, weight = profiles.distance_px, profiles.light, profiles.pixels
    parameters = _first_guess(y, weight, half_window_px) if start is None else start.parameters()
    for _ in range(ITERATIONS):
        normal_matrix, gradient, _ = _normal_equations(x, y, weight, parameters, floor_px)
        before = parameters[:, 3]
        parameters = _step(parameters, normal_matrix, gradient, half_window_px)
        if len(before) == 0 or np.percentile(np.abs(parameters[:, 3] - before), 98) < STILL:
            break
    normal_matrix, _, residual = _normal_equations(x, y, weight, parameters, floor_px)
    return _summary(parameters, normal_matrix, residual, weight, half_window_px)


def _first_guess(y: Array, weight: Array, half_window_px: Array) -> Array:
    """Return (n, 4) dark, contrast, shift and ln(blur) from the moments of the profile's slope."""
    tail = BINS // 6

    def mean(part: slice) -> Array:
        total = np.maximum(weight[:, part].sum(axis=1), 1e-9)
        value: Array = (y[:, part] * weight[:, part]).sum(axis=1) / total
        return value

    dark, bright = mean(slice(0, tail)), mean(slice(BINS - tail, BINS))
    contrast = np.where(np.abs(bright - dark) < 1e-6, 1e-6, bright - dark)
    grid = (np.arange(BINS) + 0.5) * 2 / BINS - 1
    level = np.clip((y - dark[:, None]) / contrast[:, None], 0.0, 1.0)
    level = np.where(weight > 0, level, grid > 0)
    # Moments of a distribution from its cumulative function F on [-1, 1]: E[x] = 1 - int F, E[x²] = 1 - 2 int x F.
    mean_x = 1.0 - level.sum(axis=1) * (2 / BINS)
    variance = 1.0 - 2.0 * (grid * level).sum(axis=1) * (2 / BINS) - mean_x**2
    blur = np.sqrt(np.clip(variance, 1e-3, 0.2)) * half_window_px
    return np.stack([dark, contrast, mean_x * half_window_px, np.log(np.maximum(blur, 0.5))], axis=1)


def _normal_equations(
    x: Array, y: Array, weight: Array, parameters: Array, floor_px: float | None
) -> tuple[Array, Array, Array]:
    """Return (n, 4, 4) matrix and (n, 4) right side of the Gauss-Newton step, and the residual (n, BINS)."""
    dark, contrast, shift, log_blur = (parameters[:, i, None] for i in range(4))
    blur = np.exp(log_blur)
    value, slope, per_log_blur = edge_shape((x - shift) / blur, blur[:, 0], floor_px)
    jacobian = np.empty((len(x), 5, BINS))
    jacobian[:, 0], jacobian[:, 1] = 1.0, value
    np.multiply(slope, -contrast / blur, out=jacobian[:, 2])
    np.multiply(per_log_blur, contrast, out=jacobian[:, 3])
    # Beside it, so that one product gives both sides of the equations.
    residual = jacobian[:, 4]
    residual[:] = y - dark - contrast * value
    equations = (jacobian[:, :4] * weight[:, None, :]) @ jacobian.transpose(0, 2, 1)
    return equations[:, :, :4], equations[:, :, 4], residual


def _step(parameters: Array, normal_matrix: Array, gradient: Array, half_window_px: Array) -> Array:
    ridge = 1e-9 * np.trace(normal_matrix, axis1=1, axis2=2) + 1e-12
    change = np.linalg.solve(normal_matrix + ridge[:, None, None] * np.eye(4), gradient[:, :, None])[:, :, 0]
    change[:, 2] = np.clip(change[:, 2], -0.3 * half_window_px, 0.3 * half_window_px)
    change[:, 3] = np.clip(change[:, 3], -0.5, 0.5)
    changed = parameters + change
    changed[:, 2] = np.clip(changed[:, 2], -half_window_px, half_window_px)
    changed[:, 3] = np.clip(changed[:, 3], np.log(MIN_BLUR_PX), np.log(half_window_px))
    return changed


def _summary(
    parameters: Array, normal_matrix: Array, residual: Array, weight: Array, half_window_px: Array
) -> EdgeFits:
    dark, contrast, shift, log_blur = parameters.T
    blur = np.exp(log_blur)
    filled = (weight > 0).sum(axis=1)
    freedom = np.maximum(filled - 4, 1)
    variance = (weight * residual**2).sum(axis=1) / freedom
    ridge = 1e-9 * np.trace(normal_matrix, axis1=1, axis2=2) + 1e-12
    covariance = np.linalg.inv(normal_matrix + ridge[:, None, None] * np.eye(4)) * variance[:, None, None]
    pixels = np.maximum(weight.sum(axis=1), 1.0)
    rms = np.sqrt((weight * residual**2).sum(axis=1) / pixels)
    shift_sd = np.sqrt(np.maximum(covariance[:, 2, 2], 0.0))
    blur_sd = blur * np.sqrt(np.maximum(covariance[:, 3, 3], 0.0))
    ok = (
        (filled >= FILLED_BINS)
        & (contrast > MIN_CONTRAST)
        & (np.abs(shift) < 0.6 * half_window_px)
        & (blur < 0.45 * half_window_px)
        & (rms < MAX_RESIDUAL * contrast)
    )
    return EdgeFits(shift, blur, dark, dark + contrast, shift_sd, blur_sd, rms / np.maximum(contrast, 1e-6), ok)


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
    right: Array = at_t - column
    start = row[:, None] * (T_STEPS + 1) + column
    value, slope, per_log_blur = (_along_t(plane, start, right) for plane in table)
    if floor_px is not None:
        upper = np.subtract(at_rho, row, dtype=np.float64)[:, None]
        above = (_along_t(plane, start + T_STEPS + 1, right) for plane in table)
        value, slope, per_log_blur = (
            _between(low, high, upper) for low, high in zip((value, slope, per_log_blur), above, strict=True)
        )
    return value, slope, per_log_blur


def _along_t(plane: Array, start: npt.NDArray[np.intp], right: Array) -> Array:
    """Interpolate a flattened table between `start` and the entry after it."""
    return _between(plane.take(start), plane[1:].take(start), right)


def _between(low: Array, high: Array, part: Array) -> Array:
    """Return low + part (high - low), in the memory of `high`."""
    high -= low
    high *= part
    high += low
    return high


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
    value = np.interp(z, *_normal_distribution()) @ weight
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


def _normal_distribution() -> tuple[Array, Array]:
    """Return places and the cumulative normal distribution there, to be interpolated to 1e-7.

    NumPy has no error function, and loading SciPy's takes 0.17 s of processor time.
    """
    grid = np.linspace(-NORMAL_RANGE, NORMAL_RANGE, NORMAL_STEPS + 1)
    return grid, np.array([0.5 * (1.0 + math.erf(each / math.sqrt(2.0))) for each in grid])
