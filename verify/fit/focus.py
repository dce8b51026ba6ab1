"""One physical model through all edges: the plane of focus."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..edges.samples import EdgeSamples, refuse_few
from ..findings import Findings
from ..geometry import Pose
from .curve import (
    BEGINNING,
    CURVATURE,
    EVEN,
    EVEN_LEAST,
    EXPONENT,
    LENS_ERRORS,
    LIGHT,
    LOG_FLOOR,
    LOG_SLOPE,
    OFFSET,
    PARAMETERS,
    SHAKE,
    TILT,
    CurveForm,
    Freedom,
    View,
    search_focus,
    surrounds_mark,
    usual,
    view_of,
)
from .robust import fit_robust, inverse

# The least squares problem of one photo: the curve's form and parameters against the blur of its edges.

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


# What may move the offset of a fitted curve, and how far.

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


def unequal_sides_mm(
    problem: Problem, form: CurveForm, parameters: Array, covariance: Array, folded: bool
) -> float:
    """Return how far unequal judgement of blur in front of and behind focus may move the offset (one sigma)."""
    unequal = EQUAL_WINGS if folded else EQUAL_SIDES
    if math.exp(float(parameters[LOG_FLOOR])) < SHARPER_THAN_REAL_PX:
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
        problem.jacobian(form, parameters)[:, :CURVATURE]
        * problem.weight(problem.misfit(form, parameters))[:, None]
    )
    return np.asarray(-(weighted @ covariance[0]) * rise)


def scatter_between_edges(problem: Problem, form: CurveForm, parameters: Array, covariance: Array) -> float:
    """Return the offset's variance if the pieces of an edge share an error (sandwich estimator by clusters)."""
    misfit = problem.misfit(form, parameters)
    pull = problem.jacobian(form, parameters)[:, :CURVATURE] * (problem.weight(misfit) * misfit)[:, None]
    by_edge = np.zeros((int(problem.edge.max()) + 1, CURVATURE))
    np.add.at(by_edge, problem.edge, pull)
    return float(((by_edge @ covariance[0]) ** 2).sum())


def _sides_influence(problem: Problem, form: CurveForm, parameters: Array, covariance: Array) -> float:
    """Return by how much the offset moves, in mm, for a blur judged larger by all of it behind focus."""
    side = np.sign(form.defocus_mm(parameters, problem.depth_mm, problem.view)) / 2
    more = problem.weight(problem.misfit(form, parameters)) * side * problem.blur_px / problem.sd_px
    return float(covariance[0] @ (problem.jacobian(form, parameters).T @ more))


def _hidden_scatter(problem: Problem) -> float:
    """Return the scatter that is neither noise nor part of the curve, as a part of the blur."""
    variance = problem.sd_px**2 - (OWN_NOISE * problem.own_sd_px) ** 2
    return math.sqrt(max(float(np.median(variance / problem.blur_px**2)), 0.0))


# The focus curve: blur against depth, and the depth where it is least.
#
# How far to trust the plain formula of a lens is learned from each photo: the size of the deviations from it is
# estimated together with the deviations (empirical Bayes). A photo that follows the formula uses it; one that does
# not leans on the symmetry of the blur about focus, or, where even that fails, on the samples near focus, and gets
# a
# wider interval.

HANDICAP = 3.0
"""Natural logarithm of the odds against each further lens error, before the photo is looked at: 20 to 1."""
CONTESTED, CONTESTED_SHARE = ("curved", "odd"), 0.6
"""Lens errors with which sharpest has no single meaning, or which few samples decide: 0.6 makes the half width that
by which they moved the offset. Without it 35 % of the intervals held the truth under spherical aberration."""
ROUNDS = 4


@dataclass(frozen=True)
class FocusCurve:
    """The fitted curve.

    Attributes:
        offset_mm: depth of least blur minus depth of the AF mark; positive is back focus.
        offset_sd_mm: its standard error from the scatter of the samples.
        model_sd_mm: its standard error from not knowing the curve's form.
        mark_mm: depth of the AF mark.
        form, parameters: the curve.
        depth_range_mm: least and largest depth of the samples, from the AF mark.
        weight: (n,) weight of each sample after robust down-weighting, 0 to 1.
        depth_influence: (n,) by how much a sample's depth moves the offset, mm for a mm.
        chi2: residuals over their expected scatter, mean square.
        scatter: of the samples about the curve, rms, as a part of the blur.
    """

    offset_mm: float
    offset_sd_mm: float
    model_sd_mm: float
    mark_mm: float
    form: CurveForm
    parameters: Array
    depth_range_mm: tuple[float, float]
    weight: Array
    depth_influence: Array
    chi2: float
    scatter: float

    @property
    def floor_px(self) -> float:
        """Blur at best focus by the formula."""
        return math.exp(float(self.parameters[LOG_FLOOR]))

    @property
    def slope_px_per_mm(self) -> float:
        """Growth of blur with depth, at the AF mark's depth, far from focus."""
        return math.exp(float(self.parameters[LOG_SLOPE]))

    @property
    def tilt_mm(self) -> float:
        """How much farther focus is at the picture's corner than at the AF mark, across the sheet's lean."""
        return float(self.parameters[TILT])

    @property
    def shake_px(self) -> float:
        """How far the picture moved during the exposure; an even motion of length L has a variance of L²/12."""
        return math.sqrt(24.0 * math.hypot(*self.parameters[SHAKE]))

    @property
    def exponent(self) -> float:
        """The formula's p."""
        return float(self.parameters[EXPONENT])

    def blur_px(self, depth_from_mark_mm: Array) -> Array:
        """Return the curve's blur at depths measured from the AF mark, as far from the picture's middle as it."""
        return self.form.blur_px(self.parameters, depth_from_mark_mm, View.at_mark(len(depth_from_mark_mm)))


@dataclass(frozen=True)
class _Fitted:
    """A curve that fits.

    Attributes:
        form, parameters: the curve.
        prior_sd: (PARAMETERS,) what it was free to do.
        doubt_mm2: variance of the offset between it and its rivals.
    """

    form: CurveForm
    parameters: Array
    prior_sd: Array
    doubt_mm2: float = 0.0


def lens_blur_px(samples: EdgeSamples, pose: Pose) -> float:
    """Return the blur in focus, by the plain formula; errors as for `fit_focus_curve`."""
    return math.exp(float(_formula(Problem(_enough(samples), pose)).parameters[LOG_FLOOR]))


def fit_focus_curve(samples: EdgeSamples, pose: Pose) -> FocusCurve:
    """Fit the curve to all samples.

    Raises:
        Refusal: too few samples.
    """
    problem = Problem(_enough(samples), pose)
    fitted, freedom = _deviating(problem, _formula(problem))
    if surrounds_mark(samples.found_px, pose):
        fitted = _with_lens_errors(problem, fitted, freedom)
    return _summary(problem, fitted, folded=bool(pose.folds))


def _enough(samples: EdgeSamples) -> EdgeSamples:
    refuse_few(samples, Findings.TOO_FEW_EDGES.limits[0])
    return samples


def _formula(problem: Problem) -> _Fitted:
    """Return the plain formula as fitted from nothing."""
    start = search_focus(problem.depth_mm, problem.blur_px, problem.sd_px, problem.mark_mm)
    parameters = np.concatenate([start, np.zeros(PARAMETERS - len(start))])
    form = problem.form(parameters)
    prior_sd = problem.prior_sd(form, parameters, Freedom())
    return _Fitted(form, problem.solve(form, parameters, prior_sd), prior_sd)


def _deviating(problem: Problem, formula: _Fitted) -> tuple[_Fitted, Freedom]:
    """Return the curve with its even deviations, and how large they are; the samples get their real errors."""
    parameters = formula.parameters
    form, freedom = problem.form(parameters), BEGINNING
    for _ in range(ROUNDS):
        problem.sd_px = problem.sd_px * problem.local_noise(form, parameters)
        prior_sd = problem.prior_sd(form, parameters, freedom)
        parameters = problem.solve(form, parameters, prior_sd)
        # Expectation maximisation for the variance of the even deviations.
        variance = np.diag(inverse(problem.information(form, parameters, prior_sd)))
        even = math.sqrt(float(np.mean((parameters**2 + variance)[EVEN])))
        freedom = replace(freedom, even=max(even, EVEN_LEAST))
    problem.sd_px = problem.sd_px * math.sqrt(max(problem.chi2(form, parameters), 1.0))
    return _Fitted(form, parameters, problem.prior_sd(form, parameters, freedom)), freedom


def _with_lens_errors(problem: Problem, plain: _Fitted, freedom: Freedom) -> _Fitted:
    """Return the curve with as large lens errors as the photo speaks for."""
    chosen, form = plain, plain.form
    best = problem.evidence(form, plain.parameters, plain.prior_sd)
    rivals = [(best, float(plain.parameters[OFFSET]))]
    contested_mm2 = 0.0
    for name, size in LENS_ERRORS:
        freer = replace(freedom, **{name: size})
        prior_sd = problem.prior_sd(form, plain.parameters, freer)
        found = problem.solve(form, chosen.parameters, prior_sd)
        evidence = problem.evidence(form, found, prior_sd) - HANDICAP
        rivals.append((evidence, float(found[OFFSET])))
        if evidence > best:
            if name in CONTESTED:
                contested_mm2 += (CONTESTED_SHARE * float(found[OFFSET] - chosen.parameters[OFFSET])) ** 2
            best, chosen, freedom = evidence, _Fitted(form, found, prior_sd), freer
    return replace(chosen, doubt_mm2=contested_mm2 + _doubt(rivals, best, float(chosen.parameters[OFFSET])))


def _doubt(rivals: list[tuple[float, float]], best: float, offset_mm: float) -> float:
    """Return the variance of the offset between rival curves, each with its evidence, about the chosen one."""
    odds = [(math.exp(min(evidence - best, 0.0)), rival) for evidence, rival in rivals]
    return sum(odd * (rival - offset_mm) ** 2 for odd, rival in odds) / sum(odd for odd, _ in odds)


def _summary(problem: Problem, fitted: _Fitted, folded: bool) -> FocusCurve:
    form, parameters = fitted.form, fitted.parameters
    chi2 = problem.chi2(form, parameters)
    information = problem.information(form, parameters, fitted.prior_sd)
    whole, formula_alone = inverse(information), inverse(information[:CURVATURE, :CURVATURE])
    scatter = (
        max(chi2, 1.0) * formula_alone[0, 0],
        scatter_between_edges(problem, form, parameters, formula_alone),
    )
    form_unknown = max(float(whole[0, 0] - formula_alone[0, 0]), 0.0)
    unequal_mm = unequal_sides_mm(problem, form, parameters, whole, folded)
    return FocusCurve(
        offset_mm=float(parameters[OFFSET]),
        offset_sd_mm=float(np.sqrt(max(scatter))),
        model_sd_mm=math.sqrt(form_unknown + fitted.doubt_mm2 + unequal_mm**2),
        mark_mm=problem.mark_mm,
        form=form,
        parameters=parameters,
        depth_range_mm=(float(problem.depth_mm.min()), float(problem.depth_mm.max())),
        weight=problem.weight(problem.misfit(form, parameters)),
        depth_influence=depth_influence(problem, form, parameters, formula_alone),
        chi2=chi2,
        scatter=problem.scatter(form, parameters),
    )
