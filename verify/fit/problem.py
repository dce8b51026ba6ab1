"""The least squares problem of the focus curve in one photo, and what in it may move the offset."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..edges.samples import EdgeSamples
from ..geometry import Pose
from .curve import (
    EXPONENT,
    FIELD,
    FORMULA,
    LIGHT,
    LOG_FLOOR,
    LOG_SLOPE,
    MOTION,
    PARAMETERS,
    STRENGTH,
    TURN,
    CurveForm,
    view_of,
)
from .freedom import Freedom, usual
from .robust import fit_robust, robust_loss, robust_weight, solved

Array = npt.NDArray[np.float64]

ROBUST_SCALE = 2.0
"""In standard errors; beyond it a sample pulls linearly, no longer quadratically."""
EXPONENT_RANGE = (1.2, 5.0)
LIGHT_RANGE = (-0.2, 0.05)
"""No contrast curve has more; edges of a cover that lies on the sheet would ask for 0.6."""
MOST_OF_STRENGTH = 0.3
"""Over six times what contrast curves do."""
MOST_MOTION_PX2 = 400.0
"""Of a motion of 69 px, or of 1.1° at 24 MP."""
INK_SOFTNESS_MM = 0.02
"""Standard deviation of a printed edge: ink spreads by 20 to 50 µm on plain paper, and 600 dots an inch alone blur
by 0.012 to 0.02 mm. Without it, a phone half a metre away measures 0.3 mm too far."""
DEPTH_STEP = 1e-3
"""Of the depth in which defocus equals the floor, for derivatives."""
EQUAL_SIDES, EQUAL_WINGS = 0.0006, 0.0012
"""Of the blur: how unequally it is judged in front of and behind focus on clean photos, with sheets (600 photos)
and with folded cards (300), whose wings have edges of different directions; see docs/accuracy.md. Where a card
reaches less far than defocus equals the floor, as at f/4, it moves focus the more."""
SHARPER_THAN_REAL_PX, EQUAL_SHARPENED = 0.5, 0.003
"""Lens and pixel leave 0.6 px in focus; below that a program sharpened the picture or made it smaller. Of 22 photos
sharpened at full strength, 73 % of the intervals held the truth with the share of photos as taken."""
OWN_NOISE = 1.5
"""Scatter of neighbours over what the pieces' own residuals tell: 1.0 to 1.55 in photos as cameras take them."""
HIDDEN_SHARE = 0.3
"""Of the scatter above that, which may differ in front of and behind focus: photos made smaller by an odd factor
have up to 5 % of the blur, and one was wrong by 3 % on one side."""


class Problem:
    """What one photo asks.

    Attributes:
        mark_mm: depth of the AF mark.
        depth_mm: (n,) of the samples, from the AF mark.
        view: how the picture has them.
        blur_px: (n,) of the samples.
        sd_px: (n,) what their blur is taken to be known to.
        own_sd_px: (n,) what each sample's own residuals tell of that.
        tile: (n,) which of the chart's tiles they belong to.
        pixels, picture: (n, 2) where they are in the photo; its middle and half diagonal, px.
        mark_px: where the AF mark is.
        strips: the profiles behind the samples.
        scale: at which they were measured.
    """

    def __init__(self, samples: EdgeSamples, pose: Pose) -> None:
        self.mark_mm = pose.distance_mm
        self.scale = samples.scale
        self.ink_px = INK_SOFTNESS_MM * pose.focal_px / pose.distance_mm
        self.depth_mm = pose.depth_mm(samples.sheet_mm) - self.mark_mm
        self.view = view_of(samples, self.depth_mm, pose)
        self.blur_px, self.tile, self.pixels = samples.blur_px, samples.tile, samples.found_px
        width, height = pose.image_size
        self.picture = np.array([(width - 1) / 2, (height - 1) / 2]), math.hypot(width, height) / 2
        self.mark_px = pose.project(np.zeros(3))
        self.strips = samples.strips
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

    def residuals(self, form: CurveForm, parameters: Array) -> Array:
        """Return (n,) residuals over their standard errors."""
        return np.asarray((form.blur_px(parameters, self.depth_mm, self.view) - self.blur_px) / self.sd_px)

    def jacobian(self, form: CurveForm, parameters: Array) -> Array:
        """Return (n, PARAMETERS) their derivatives."""
        return np.asarray(form.jacobian(parameters, self.depth_mm, self.view) / self.sd_px[:, None])

    def solve(self, form: CurveForm, start: Array, prior_sd: Array, least_fall: float = 0.0) -> Array:
        """Return the parameters that fit best; `least_fall` as in `fit_robust`."""
        low, high = np.full(PARAMETERS, -0.9), np.full(PARAMETERS, 5.0)
        low[FORMULA] = -0.9 * self.mark_mm, math.log(0.05), -30.0, EXPONENT_RANGE[0]
        high[FORMULA] = 10.0 * self.mark_mm, 10.0, 10.0, EXPONENT_RANGE[1]
        low[FIELD], high[FIELD] = -self.mark_mm, self.mark_mm
        low[LIGHT], high[LIGHT] = LIGHT_RANGE
        low[STRENGTH], high[STRENGTH] = -MOST_OF_STRENGTH, MOST_OF_STRENGTH
        low[MOTION], high[MOTION] = -MOST_MOTION_PX2, MOST_MOTION_PX2
        low[TURN] = 0.0
        fit = fit_robust(
            lambda p: np.concatenate([self.residuals(form, p), (p - usual()) / prior_sd]),
            lambda p: np.concatenate([self.jacobian(form, p), np.diag(1.0 / prior_sd)]),
            start,
            ROBUST_SCALE,
            (low, high),
            least_fall,
        )
        return fit.parameters

    def weight(self, residuals: Array) -> Array:
        """Return (n,) what is left of the samples' weight, 0 to 1."""
        return robust_weight(residuals, ROBUST_SCALE)

    def information(self, form: CurveForm, parameters: Array, prior_sd: Array) -> Array:
        """Return (PARAMETERS, PARAMETERS) what samples and priors tell: the inverse of the covariance."""
        jacobian = self.jacobian(form, parameters) * np.sqrt(self.weight(self.residuals(form, parameters)))[:, None]
        return np.asarray(jacobian.T @ jacobian + np.diag(1.0 / prior_sd**2))

    def evidence(self, form: CurveForm, parameters: Array, prior_sd: Array) -> float:
        """Return the logarithm of the data's probability given the priors, up to a constant (Laplace's method)."""
        residuals = self.residuals(form, parameters)
        loss = robust_loss(residuals, ROBUST_SCALE)
        known = np.isfinite(prior_sd)
        penalty = float((((parameters - usual()) / prior_sd)[known] ** 2).sum())
        _, volume = np.linalg.slogdet(self.information(form, parameters, prior_sd))
        return -0.5 * (loss + penalty + float(volume)) - float(np.log(prior_sd[known]).sum())

    def linear(self, form: CurveForm, parameters: Array) -> Linear:
        """Return the problem near some parameters as a linear one, in which trials cost next to nothing."""
        residuals, jacobian = self.residuals(form, parameters), self.jacobian(form, parameters)
        weighted = jacobian * self.weight(residuals)[:, None]
        loss = robust_loss(residuals, ROBUST_SCALE)
        return Linear(parameters, loss, weighted.T @ jacobian, weighted.T @ residuals)

    def local_noise(self, form: CurveForm, parameters: Array) -> float:
        """Return the scatter between neighbours in depth, in standard errors; a wrong form does not add to it."""
        residuals = self.residuals(form, parameters)[np.argsort(self.depth_mm)]
        return max(float(np.median(np.abs(np.diff(residuals)))) / (0.6745 * math.sqrt(2.0)), 1e-3)

    def chi2(self, form: CurveForm, parameters: Array) -> float:
        """Return residuals over their expected scatter, mean square."""
        residuals = self.residuals(form, parameters)
        weight = self.weight(residuals)
        return float((weight * residuals**2).sum() / max(weight.sum() - len(parameters), 1.0))

    def scatter(self, form: CurveForm, parameters: Array) -> float:
        """Return the rms of the residuals as parts of the blur."""
        part = self.blur_px / form.blur_px(parameters, self.depth_mm, self.view) - 1.0
        return math.sqrt(float(np.average(part**2, weights=self.weight(self.residuals(form, parameters)))))


@dataclass(frozen=True)
class Linear:
    """A least squares problem near some parameters: loss + 2 gradient·d + d' information d for a change d.

    Attributes:
        parameters: (PARAMETERS,) where.
        loss: the samples' there.
        information: (PARAMETERS, PARAMETERS) of the samples.
        gradient: (PARAMETERS,) half of the loss's.
    """

    parameters: Array
    loss: float
    information: Array
    gradient: Array

    def best(self, prior_sd: Array) -> tuple[Array, float]:
        """Return the best parameters and the logarithm of the evidence under other priors."""
        known = np.isfinite(prior_sd)
        away = np.where(known, self.parameters - usual(), 0.0)
        whole = self.information + np.diag(1.0 / prior_sd**2)
        change = -solved(whole, self.gradient + away / prior_sd**2)
        loss = self.loss + 2.0 * float(self.gradient @ change) + float(change @ self.information @ change)
        penalty = float((((away + change) / prior_sd)[known] ** 2).sum())
        evidence = -0.5 * (loss + penalty + float(np.linalg.slogdet(whole)[1])) - float(
            np.log(prior_sd[known]).sum()
        )
        return self.parameters + change, evidence


def _smooth_sd(samples: EdgeSamples) -> Array:
    """Standard errors as a power of the blur: single ones are too noisy to weigh by."""
    log_blur = np.log(samples.blur_px)
    log_sd = np.log(np.maximum(samples.blur_sd_px, 1e-5))
    slope, constant = np.polyfit(log_blur, log_sd, 1)
    smooth: Array = np.exp(constant + slope * log_blur)
    return smooth


def unequal_sides_mm(
    problem: Problem, form: CurveForm, parameters: Array, covariance: Array, folded: bool
) -> float:
    """Return how far unequal judgement of blur in front of and behind focus may move the offset (one sigma)."""
    unequal = EQUAL_WINGS if folded else EQUAL_SIDES
    if problem.scale.photo_blur_px(np.exp(parameters[LOG_FLOOR])) < SHARPER_THAN_REAL_PX:
        unequal = EQUAL_SHARPENED
    clean_mm = unequal * _sides_influence(problem, form, parameters, covariance)
    # Whatever freedom the curve has, such scatter can be mistaken for it.
    return math.hypot(clean_mm, HIDDEN_SHARE * _hidden_scatter(problem) * form.bend_mm)


def depth_influence(problem: Problem, form: CurveForm, parameters: Array, covariance: Array) -> Array:
    """Return (n,) derivatives of the offset by the depth of each sample."""
    step = DEPTH_STEP * form.bend_mm
    moved = form.blur_px(parameters, problem.depth_mm + step, problem.view)
    rise = (moved - form.blur_px(parameters, problem.depth_mm, problem.view)) / step / problem.sd_px
    weighted = (
        problem.jacobian(form, parameters)[:, FORMULA]
        * problem.weight(problem.residuals(form, parameters))[:, None]
    )
    return np.asarray(-(weighted @ covariance[0]) * rise)


def scatter_between_tiles(problem: Problem, form: CurveForm, parameters: Array, covariance: Array) -> float:
    """Return the offset's variance if all pieces of a tile share an error (sandwich estimator by clusters)."""
    residuals = problem.residuals(form, parameters)
    pull = problem.jacobian(form, parameters)[:, FORMULA] * (problem.weight(residuals) * residuals)[:, None]
    by_tile = np.zeros((int(problem.tile.max()) + 1, EXPONENT + 1))
    np.add.at(by_tile, problem.tile, pull)
    return float(((by_tile @ covariance[0]) ** 2).sum())


def _sides_influence(problem: Problem, form: CurveForm, parameters: Array, covariance: Array) -> float:
    """Return by how much the offset moves, in mm, for a blur judged larger by all of it behind focus."""
    side = np.sign(form.defocus_mm(parameters, problem.depth_mm, problem.view)) / 2
    more = problem.weight(problem.residuals(form, parameters)) * side * problem.blur_px / problem.sd_px
    return float(covariance[0] @ (problem.jacobian(form, parameters).T @ more))


def _hidden_scatter(problem: Problem) -> float:
    """Return the scatter that is neither noise nor part of the curve, as a part of the blur."""
    variance = problem.sd_px**2 - (OWN_NOISE * problem.own_sd_px) ** 2
    return math.sqrt(max(float(np.median(variance / problem.blur_px**2)), 0.0))
