"""The least squares problem of one photo: the curve's form and parameters against the blur of its edges."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from backfocus.verify.edges.printed import EdgeSamples
from backfocus.verify.focus.model.form import CURVATURE, LIGHT, LOG_FLOOR, LOG_SLOPE, PARAMETERS, SHAKE, CurveForm
from backfocus.verify.focus.model.freedom import Freedom, usual
from backfocus.verify.focus.model.view import view_of
from backfocus.verify.geometry.pose import Pose
from backfocus.verify.robust import fit_robust

Array = npt.NDArray[np.float64]

ROBUST_SCALE = 2.0
"""In standard errors; beyond it a sample pulls linearly, no longer quadratically."""
EXPONENT_RANGE = (1.2, 5.0)
LIGHT_RANGE = (-0.2, 0.05)
"""No contrast curve has more; edges of a cover that lies on the sheet would ask for 0.6."""
MOST_SHAKE_PX2 = 100.0
INK_SOFTNESS_MM = 0.02
"""Standard deviation of a printed edge: ink spreads by 20 to 50 µm on plain paper, and 600 dots an inch alone blur
by 0.012 to 0.02 mm. Without it, a phone half a metre away measures 0.3 mm too far."""


class Problem:
    """What one photo asks.

    Attributes:
        mark_mm: depth of the AF mark.
        depth_mm: (n,) of the samples, from the AF mark.
        view: how the picture has them.
        blur_px: (n,) of the samples.
        sd_px: (n,) what their blur is taken to be known to.
        own_sd_px: (n,) what each sample's own residuals tell of that.
        edge: (n,) which edge they belong to.
    """

    def __init__(self, samples: EdgeSamples, pose: Pose) -> None:
        self.mark_mm = pose.distance_mm
        self.ink_px = INK_SOFTNESS_MM * pose.focal_px / pose.distance_mm
        self.depth_mm = pose.depth_mm(samples.sheet_mm) - self.mark_mm
        self.view = view_of(samples, self.depth_mm, pose)
        self.blur_px, self.edge = samples.blur_px, samples.edge
        self.sd_px = self.own_sd_px = _smooth_sd(samples)

    def form(self, parameters: Array) -> CurveForm:
        """Return a form that bends where defocus equals the floor, with its last knot at the largest defocus."""
        bend_mm = math.exp(float(parameters[LOG_FLOOR] - parameters[LOG_SLOPE]))
        form = CurveForm(self.mark_mm, bend_mm, self.ink_px)
        farthest = form.place(form.defocus_mm(parameters, self.depth_mm, self.view)).max()
        return replace(form, reach=max(float(farthest), 1e-6))

    def prior_sd(self, form: CurveForm, parameters: Array, freedom: Freedom) -> Array:
        """Return (PARAMETERS,) standard deviations about `usual`."""
        floor_px = math.exp(float(parameters[LOG_FLOOR]))
        return freedom.sd(form.bend_mm, floor_px, np.abs(self.view.field).max(axis=0))

    def misfit(self, form: CurveForm, parameters: Array) -> Array:
        """Return (n,) residuals over their standard errors."""
        return np.asarray((form.blur_px(parameters, self.depth_mm, self.view) - self.blur_px) / self.sd_px)

    def jacobian(self, form: CurveForm, parameters: Array) -> Array:
        """Return (n, PARAMETERS) their derivatives."""
        return np.asarray(form.jacobian(parameters, self.depth_mm, self.view) / self.sd_px[:, None])

    def solve(self, form: CurveForm, start: Array, prior_sd: Array) -> Array:
        """Return the parameters that fit best."""
        low, high = np.full(PARAMETERS, -0.9), np.full(PARAMETERS, 5.0)
        low[:CURVATURE] = -0.9 * self.mark_mm, math.log(0.05), -30.0, EXPONENT_RANGE[0]
        high[:CURVATURE] = 10.0 * self.mark_mm, 10.0, 10.0, EXPONENT_RANGE[1]
        low[CURVATURE:LIGHT], high[CURVATURE:LIGHT] = -self.mark_mm, self.mark_mm
        low[LIGHT], high[LIGHT] = LIGHT_RANGE
        low[SHAKE], high[SHAKE] = -MOST_SHAKE_PX2, MOST_SHAKE_PX2
        fit = fit_robust(
            lambda p: np.concatenate([self.misfit(form, p), (p - usual()) / prior_sd]),
            lambda p: np.concatenate([self.jacobian(form, p), np.diag(1.0 / prior_sd)]),
            start,
            ROBUST_SCALE,
            (low, high),
        )
        return fit.parameters

    def weight(self, misfit: Array) -> Array:
        """Return (n,) what is left of the samples' weight, 0 to 1."""
        return np.asarray(1.0 / np.sqrt(1.0 + (misfit / ROBUST_SCALE) ** 2))

    def information(self, form: CurveForm, parameters: Array, prior_sd: Array) -> Array:
        """Return (PARAMETERS, PARAMETERS) what samples and priors tell: the inverse of the covariance."""
        jacobian = self.jacobian(form, parameters) * np.sqrt(self.weight(self.misfit(form, parameters)))[:, None]
        return np.asarray(jacobian.T @ jacobian + np.diag(1.0 / prior_sd**2))

    def evidence(self, form: CurveForm, parameters: Array, prior_sd: Array) -> float:
        """Return the logarithm of the data's probability given the priors, up to a constant (Laplace's method)."""
        misfit = self.misfit(form, parameters)
        loss = 2 * ROBUST_SCALE**2 * float((np.sqrt(1 + (misfit / ROBUST_SCALE) ** 2) - 1).sum())
        known = np.isfinite(prior_sd)
        penalty = float((((parameters - usual()) / prior_sd)[known] ** 2).sum())
        _, volume = np.linalg.slogdet(self.information(form, parameters, prior_sd))
        return -0.5 * (loss + penalty + float(volume)) - float(np.log(prior_sd[known]).sum())

    def local_noise(self, form: CurveForm, parameters: Array) -> float:
        """Return the scatter between neighbours in depth, in standard errors; a wrong form does not add to it."""
        misfit = self.misfit(form, parameters)[np.argsort(self.depth_mm)]
        return max(float(np.median(np.abs(np.diff(misfit)))) / (0.6745 * math.sqrt(2.0)), 1e-3)

    def chi2(self, form: CurveForm, parameters: Array) -> float:
        """Return residuals over their expected scatter, mean square."""
        misfit = self.misfit(form, parameters)
        weight = self.weight(misfit)
        return float((weight * misfit**2).sum() / max(weight.sum() - len(parameters), 1.0))

    def scatter(self, form: CurveForm, parameters: Array) -> float:
        """Return the rms of the residuals as parts of the blur."""
        part = self.blur_px / form.blur_px(parameters, self.depth_mm, self.view) - 1.0
        return math.sqrt(float(np.average(part**2, weights=self.weight(self.misfit(form, parameters)))))


def _smooth_sd(samples: EdgeSamples) -> Array:
    """Standard errors as a power of the blur: single ones are too noisy to weigh by."""
    log_blur = np.log(samples.blur_px)
    log_sd = np.log(np.maximum(samples.blur_sd_px, 1e-5))
    slope, constant = np.polyfit(log_blur, log_sd, 1)
    smooth: Array = np.exp(constant + slope * log_blur)
    return smooth
