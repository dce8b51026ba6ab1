"""The focus curve fitted to the blur of all edges: the depth where it is least, and its standard errors.

How far to trust the plain formula of a lens is learned from each photo: the size of the deviations from it is
estimated together with the deviations (empirical Bayes). A photo that follows the formula uses it; one that does
not leans on the symmetry of the blur about focus, or, where even that fails, on the samples near focus, and gets a
wider interval.
"""

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
)
from .problem import Problem, depth_influence, scatter_between_edges, unequal_sides_mm
from .robust import inverse

Array = npt.NDArray[np.float64]

HANDICAP = 3.0
"""Natural logarithm of the odds against each further lens error, before the photo is looked at: 20 to 1."""
CONTESTED, CONTESTED_SHARE = ("curved", "odd"), 0.6
"""Lens errors with which sharpest has no single meaning, or which few samples decide: 0.6 makes the half width that
by which they moved the offset. Without it 35 % of the intervals held the truth under spherical aberration."""
ROUNDS = 4
"""Of expectation maximisation."""


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
        weight=problem.weight(problem.residuals(form, parameters)),
        depth_influence=depth_influence(problem, form, parameters, formula_alone),
        chi2=chi2,
        scatter=problem.scatter(form, parameters),
    )
