"""What may move the offset of a fitted curve, and how far."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from backfocus.verify.focus.model.form import CURVATURE, LOG_FLOOR, CurveForm
from backfocus.verify.focus.model.problem import Problem

Array = npt.NDArray[np.float64]

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
