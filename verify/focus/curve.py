"""The focus curve: blur against depth, and the depth where it is least.

A thin lens blurs in proportion to |1/Z - 1/Zf| (Z depth, Zf depth of sharpest focus), exactly, whatever the
distance. Pixel, diffraction and aberrations add a floor. The curve joins both,

    blur(Z)^p = floor^p + slope^p s^p,    s = |1/Z - 1/Zf| Zm²,   Zm the AF mark's depth,

with p near 2, where independent blurs add as variances, times 1 + a smooth deviation that depends on s alone.
Sharpening and noise reduction in the camera, contrast curves and unround apertures bend the curve, but alike on
both sides of focus: whatever the deviation, the symmetry of the data fixes Zf. How far to trust the plain formula
is learned from each photo: the deviation's size is estimated together with the deviation (empirical Bayes), so that
a photo that follows the formula uses it, and one that does not leans on symmetry and gets a wider interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from backfocus.verify.edges.printed import EdgeSamples
from backfocus.verify.findings import refusal
from backfocus.verify.geometry.pose import Pose
from backfocus.verify.robust import fit_robust

Array = npt.NDArray[np.float64]

MIN_SAMPLES = 60
"""A sheet offers 300 to 2000; below 60 a few wrong pieces decide the answer."""
ROBUST_SCALE = 2.0
"""In standard errors; beyond it a sample pulls linearly, no longer quadratically."""
EXPONENT, EXPONENT_SD = 2.0, 0.5
EXPONENT_RANGE = (1.2, 5.0)
KNOTS = 8
DEVIATION_START, DEVIATION_FLOOR = 0.05, 0.003
"""Of the blur. The floor is what edge fits themselves are wrong by on clean photos."""
DEVIATION_ROUNDS = 4
GRID = 121
SEARCH_BEYOND = 0.6
"""How far beyond the sheet to search for focus, as part of the sheet's depth range."""


@dataclass(frozen=True)
class FocusCurve:
    """The fitted curve.

    Attributes:
        offset_mm: depth of least blur minus depth of the AF mark; positive is back focus.
        offset_sd_mm: its standard error from the scatter of the samples.
        model_sd_mm: its standard error from not knowing the curve's form.
        mark_mm: depth of the AF mark.
        floor_px: blur at best focus by the formula.
        slope_px_per_mm: growth of blur with depth, at the AF mark's depth, far from focus.
        exponent: p of the formula.
        deviation: (KNOTS,) part of the blur by which the curve departs from the formula.
        deviation_reach: value of `_bend` at the last knot.
        bend_mm: scale of `_bend`.
        depth_range_mm: least and largest depth of the samples, from the AF mark.
        weight: (n,) weight of each sample after robust down-weighting, 0 to 1.
        chi2: residuals over their expected scatter, mean square.
    """

    offset_mm: float
    offset_sd_mm: float
    model_sd_mm: float
    mark_mm: float
    floor_px: float
    slope_px_per_mm: float
    exponent: float
    deviation: Array
    deviation_reach: float
    bend_mm: float
    depth_range_mm: tuple[float, float]
    weight: Array
    chi2: float

    def blur_px(self, depth_from_mark_mm: Array) -> Array:
        """Return the curve's blur at depths measured from the AF mark."""
        form = _Form(self.mark_mm, self.bend_mm, self.deviation_reach)
        head = [self.offset_mm, np.log(self.floor_px), np.log(self.slope_px_per_mm), self.exponent]
        return form.blur_px(np.concatenate([head, self.deviation]), depth_from_mark_mm)


@dataclass(frozen=True)
class _Form:
    """The curve's form; parameters are offset, ln(floor), ln(slope), p, deviation at the knots."""

    mark_mm: float
    bend_mm: float
    reach: float

    def defocus_mm(self, offset: float, depth: Array) -> Array:
        """Return s, the distance from focus as seen at the AF mark's depth."""
        return np.abs(1.0 / (self.mark_mm + offset) - 1.0 / (self.mark_mm + depth)) * self.mark_mm**2

    def blur_px(self, parameters: Array, depth: Array) -> Array:
        offset, log_floor, log_slope, exponent = parameters[:4]
        s = self.defocus_mm(float(offset), depth)
        ratio = np.exp(log_slope - log_floor) * s
        formula = np.exp(log_floor) * (1.0 + ratio**exponent) ** (1.0 / exponent)
        blur: Array = formula * (1.0 + self.deviation(parameters[4:], s))
        return blur

    def deviation(self, at_knots: Array, s: Array) -> Array:
        """Interpolate between the knots, which are even in ln(1 + (s / bend)²): smooth through focus."""
        knots = np.linspace(0.0, self.reach, KNOTS)
        return np.asarray(np.interp(self.bend(s), knots, at_knots))

    def bend(self, s: Array) -> Array:
        return np.asarray(np.log1p((s / self.bend_mm) ** 2))


def fit_focus_curve(samples: EdgeSamples, pose: Pose) -> FocusCurve:
    """Fit the curve to all samples.

    Raises:
        Refusal: too few samples.
    """
    if len(samples.blur_px) < MIN_SAMPLES:
        raise refusal(
            "too-few-edges",
            f"Blur could be measured at {len(samples.blur_px)} of {samples.offered} places; "
            f"{MIN_SAMPLES} are needed.",
        )
    return _Fit(samples, pose.depth_mm(samples.sheet_mm) - pose.distance_mm, pose.distance_mm).curve()


class _Fit:
    """The least squares problem of one photo."""

    def __init__(self, samples: EdgeSamples, depth: Array, mark: float) -> None:
        self.depth, self.blur, self.mark, self.edge = depth, samples.blur_px, mark, samples.edge
        self.sd = _smooth_sd(samples)

    def curve(self) -> FocusCurve:
        start = _search(self.depth, self.blur, self.sd, self.mark)
        form = self.form(start, bend_mm=float(np.exp(start[1] - start[2])))
        parameters = self.solve(form, np.concatenate([start, np.zeros(KNOTS)]), tau=1e-6)
        self.sd = self.sd * self.local_noise(form, parameters)
        form = self.form(parameters, bend_mm=float(np.exp(parameters[1] - parameters[2])))
        tau = DEVIATION_START
        for _ in range(DEVIATION_ROUNDS):
            parameters = self.solve(form, parameters, tau)
            covariance = np.linalg.pinv(self.information(form, parameters, tau), hermitian=True)
            # Expectation maximisation for the variance of the deviations.
            tau = max(float(np.sqrt(np.mean(parameters[4:] ** 2 + np.diag(covariance)[4:]))), DEVIATION_FLOOR)
        return self.summary(form, parameters, tau)

    def form(self, parameters: Array, bend_mm: float) -> _Form:
        """Return a form whose last knot is at the most defocused sample."""
        form = _Form(self.mark, bend_mm, 1.0)
        return replace(form, reach=float(form.bend(form.defocus_mm(float(parameters[0]), self.depth)).max()))

    def misfit(self, form: _Form, parameters: Array) -> Array:
        """Return (n,) residuals over their standard errors."""
        return np.asarray((form.blur_px(parameters, self.depth) - self.blur) / self.sd)

    def solve(self, form: _Form, start: Array, tau: float) -> Array:
        """Return the parameters that fit best, with deviations of standard deviation `tau`."""
        low = np.concatenate([[-0.9 * self.mark, np.log(0.05), -30.0, EXPONENT_RANGE[0]], np.full(KNOTS, -0.9)])
        high = np.concatenate([[10.0 * self.mark, 10.0, 10.0, EXPONENT_RANGE[1]], np.full(KNOTS, 5.0)])
        fit = fit_robust(
            lambda p: np.concatenate([self.misfit(form, p), _prior(p, tau)]),
            lambda p: np.concatenate([self.jacobian(form, p), _prior_jacobian(tau)]),
            start,
            ROBUST_SCALE,
            (low, high),
        )
        return fit.parameters

    def jacobian(self, form: _Form, parameters: Array) -> Array:
        """Return (n, 4 + KNOTS) derivatives of the residuals: by differences, and exactly where they are linear."""
        here = form.blur_px(parameters, self.depth)
        columns = []
        for index, step in enumerate((1e-4, 1e-6, 1e-6, 1e-5)):
            moved = parameters.copy()
            moved[index] += step
            columns.append((form.blur_px(moved, self.depth) - here) / step)
        formula = form.blur_px(np.concatenate([parameters[:4], np.zeros(KNOTS)]), self.depth)
        s = form.defocus_mm(float(parameters[0]), self.depth)
        columns += [formula * form.deviation(unit, s) for unit in np.eye(KNOTS)]
        return np.stack(columns, axis=1) / self.sd[:, None]

    def weight(self, misfit: Array) -> Array:
        return np.asarray(1.0 / np.sqrt(1.0 + (misfit / ROBUST_SCALE) ** 2))

    def information(self, form: _Form, parameters: Array, tau: float) -> Array:
        jacobian = self.jacobian(form, parameters) * np.sqrt(self.weight(self.misfit(form, parameters)))[:, None]
        prior = _prior_jacobian(tau)
        return np.asarray(jacobian.T @ jacobian + prior.T @ prior)

    def local_noise(self, form: _Form, parameters: Array) -> float:
        """Return the scatter between neighbours in depth, in standard errors; a wrong form does not add to it."""
        misfit = self.misfit(form, parameters)[np.argsort(self.depth)]
        return max(float(np.median(np.abs(np.diff(misfit)))) / (0.6745 * math.sqrt(2.0)), 1e-3)

    def summary(self, form: _Form, parameters: Array, tau: float) -> FocusCurve:
        misfit = self.misfit(form, parameters)
        weight = self.weight(misfit)
        chi2 = float((weight * misfit**2).sum() / max(weight.sum() - len(parameters), 1.0))
        information = self.information(form, parameters, tau)
        whole = np.linalg.pinv(information, hermitian=True)
        formula_alone = np.linalg.pinv(information[:4, :4], hermitian=True)
        scatter = max(chi2, 1.0) * formula_alone[0, 0], self.scatter_between_edges(form, parameters, information)
        return FocusCurve(
            offset_mm=float(parameters[0]),
            offset_sd_mm=float(np.sqrt(max(scatter))),
            model_sd_mm=float(np.sqrt(max(whole[0, 0] - formula_alone[0, 0], 0.0))),
            mark_mm=self.mark,
            floor_px=float(np.exp(parameters[1])),
            slope_px_per_mm=float(np.exp(parameters[2])),
            exponent=float(parameters[3]),
            deviation=parameters[4:],
            deviation_reach=form.reach,
            bend_mm=form.bend_mm,
            depth_range_mm=(float(self.depth.min()), float(self.depth.max())),
            weight=weight,
            chi2=chi2,
        )

    def scatter_between_edges(self, form: _Form, parameters: Array, information: Array) -> float:
        """Return the offset's variance if the pieces of an edge share an error (sandwich estimator by clusters)."""
        misfit = self.misfit(form, parameters)
        pull = self.jacobian(form, parameters) * (self.weight(misfit) * misfit)[:, None]
        by_edge = np.zeros((int(self.edge.max()) + 1, pull.shape[1]))
        np.add.at(by_edge, self.edge, pull)
        bread = np.linalg.pinv(information, hermitian=True)[0]
        return float(((by_edge @ bread) ** 2).sum())


def _prior(parameters: Array, tau: float) -> Array:
    return np.concatenate([[(parameters[3] - EXPONENT) / EXPONENT_SD], parameters[4:] / tau])


def _prior_jacobian(tau: float) -> Array:
    rows = np.zeros((1 + KNOTS, 4 + KNOTS))
    rows[0, 3] = 1.0 / EXPONENT_SD
    rows[1:, 4:] = np.eye(KNOTS) / tau
    return rows


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
