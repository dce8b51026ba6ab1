"""The focus curve: blur against depth, and the depth where it is least.

A thin lens blurs in proportion to |1/Z - 1/Zf| (Z depth, Zf depth of sharpest focus), exactly, whatever the
distance. Pixel, diffraction and aberrations add a floor. The curve joins both,

    blur(Z)^p = floor^p + (k |1/Z - 1/Zf| Zm²)^p

with p near 2 where independent blurs add as variances. The exponent is fitted, because a Gaussian's width stands in
for a disc's, and sharpening in the camera bends the curve near its minimum. The curve is symmetric in 1/Z about
focus whatever p is, so that the symmetry of the data fixes Zf.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.verify.edges.printed import EdgeSamples
from backfocus.verify.findings import refusal
from backfocus.verify.geometry.pose import Pose

Array = npt.NDArray[np.float64]

MIN_SAMPLES = 60
"""A sheet offers 300 to 1500; below 60 a few wrong pieces decide the answer."""
ROBUST_SCALE = 2.0
EXPONENT_RANGE = (1.3, 4.0)
GRID = 121
SEARCH_BEYOND = 0.6
"""How far beyond the sheet to search for focus, as part of the sheet's depth range."""


@dataclass(frozen=True)
class FocusCurve:
    """The fitted curve.

    Attributes:
        offset_mm: depth of least blur minus depth of the AF mark; positive is back focus.
        offset_sd_mm: its standard error from the scatter of the samples.
        mark_mm: depth of the AF mark.
        floor_px: blur at best focus.
        slope_px_per_mm: growth of blur with depth, at the AF mark's depth, far from focus.
        exponent: p of the formula.
        depth_range_mm: least and largest depth of the samples, from the AF mark.
        weight: (n,) weight of each sample after robust down-weighting, 0 to 1.
        chi2: residuals over their expected scatter, mean square.
    """

    offset_mm: float
    offset_sd_mm: float
    mark_mm: float
    floor_px: float
    slope_px_per_mm: float
    exponent: float
    depth_range_mm: tuple[float, float]
    weight: Array
    chi2: float

    def blur_px(self, depth_from_mark_mm: Array) -> Array:
        """Return the curve's blur at depths measured from the AF mark."""
        return _curve(
            np.array([self.offset_mm, np.log(self.floor_px), np.log(self.slope_px_per_mm), self.exponent]),
            depth_from_mark_mm,
            self.mark_mm,
        )


def fit_focus_curve(samples: EdgeSamples, pose: Pose) -> FocusCurve:
    """Fit the curve to all samples.

    Raises:
        Refusal: too few samples.
    """
    from scipy.optimize import least_squares

    if len(samples.blur_px) < MIN_SAMPLES:
        raise refusal(
            "too-few-edges",
            f"Blur could be measured at {len(samples.blur_px)} of {samples.offered} places; "
            f"{MIN_SAMPLES} are needed.",
        )
    mark = pose.distance_mm
    depth = pose.depth_mm(samples.sheet_mm) - mark
    sd = _smooth_sd(samples)
    start = _search(depth, samples.blur_px, sd, mark)

    def residuals(parameters: Array) -> Array:
        result: Array = (_curve(parameters, depth, mark) - samples.blur_px) / sd
        return result

    low = np.array([-np.inf, np.log(0.05), -np.inf, EXPONENT_RANGE[0]])
    high = np.array([np.inf, np.inf, np.inf, EXPONENT_RANGE[1]])
    fit = least_squares(residuals, start, loss="soft_l1", f_scale=ROBUST_SCALE, bounds=(low, high), x_scale="jac")
    misfit = residuals(fit.x)
    weight = 1.0 / np.sqrt(1.0 + (misfit / ROBUST_SCALE) ** 2)
    chi2 = float((weight * misfit**2).sum() / max(weight.sum() - 4, 1.0))
    jacobian = np.asarray(fit.jac)
    covariance = np.linalg.pinv(jacobian.T @ jacobian, hermitian=True) * max(chi2, 1e-12)
    return FocusCurve(
        offset_mm=float(fit.x[0]),
        offset_sd_mm=float(np.sqrt(covariance[0, 0])),
        mark_mm=mark,
        floor_px=float(np.exp(fit.x[1])),
        slope_px_per_mm=float(np.exp(fit.x[2])),
        exponent=float(fit.x[3]),
        depth_range_mm=(float(depth.min()), float(depth.max())),
        weight=weight,
        chi2=chi2,
    )


def _curve(parameters: Array, depth: Array, mark: float) -> Array:
    offset, log_floor, log_slope, exponent = parameters
    defocus = np.abs(1.0 / (mark + offset) - 1.0 / (mark + depth)) * mark**2
    floor, slope = np.exp(log_floor), np.exp(log_slope)
    ratio = slope * defocus / floor
    blur: Array = floor * (1.0 + ratio**exponent) ** (1.0 / exponent)
    return blur


def _smooth_sd(samples: EdgeSamples) -> Array:
    """Standard errors as a power of the blur: single ones are too noisy to weigh by."""
    log_blur = np.log(samples.blur_px)
    log_sd = np.log(np.maximum(samples.blur_sd_px, 1e-5))
    slope, constant = np.polyfit(log_blur, log_sd, 1)
    smooth: Array = np.exp(constant + slope * log_blur)
    return smooth


def _search(depth: Array, blur: Array, sd: Array, mark: float) -> Array:
    """Return start values from a grid of focus depths, with p = 2, where the squares' fit is linear."""
    span = float(depth.max() - depth.min())
    offsets = np.linspace(depth.min() - SEARCH_BEYOND * span, depth.max() + SEARCH_BEYOND * span, GRID)
    offsets = offsets[offsets > -0.8 * mark]
    weight = 1.0 / (2 * blur * sd) ** 2
    best = (np.inf, 0.0, 1.0, 1.0)
    for offset in offsets:
        square = (1.0 / (mark + offset) - 1.0 / (mark + depth)) ** 2 * mark**4
        mean_square, mean_blur = np.average(square, weights=weight), np.average(blur**2, weights=weight)
        variance = np.average((square - mean_square) ** 2, weights=weight)
        slope2 = np.average((square - mean_square) * (blur**2 - mean_blur), weights=weight) / max(variance, 1e-30)
        slope2 = max(slope2, 1e-12)
        floor2 = max(mean_blur - slope2 * mean_square, 0.01)
        cost = float(np.minimum(weight * (blur**2 - floor2 - slope2 * square) ** 2, 25.0).sum())
        if cost < best[0]:
            best = (cost, float(offset), floor2, slope2)
    _, offset, floor2, slope2 = best
    return np.array([offset, 0.5 * np.log(floor2), 0.5 * np.log(slope2), 2.0])
