"""Fit of the edge spread function: where an edge lies, and how blurred it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.verify.edges.sampling import BINS, Array, Profiles
from backfocus.verify.edges.shape import edge_shape

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
    columns = [np.ones_like(value), value, -contrast * slope / blur, contrast * per_log_blur]
    jacobian = np.stack(columns, axis=1)
    residual = y - dark - contrast * value
    weighted = jacobian * weight[:, None, :]
    return weighted @ jacobian.transpose(0, 2, 1), (weighted @ residual[:, :, None])[:, :, 0], residual


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
