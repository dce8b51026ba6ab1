"""The least squares fit behind both ways to a pose."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from backfocus.verify.geometry.pose import PARAMETERS, RIGID, Array, Pose
from backfocus.verify.robust import fit_robust, inverse

FOCAL_PRIOR_SD = 0.05
"""Relative; nominal focal lengths are rounded, and lenses that focus inside are up to 5 % shorter up close."""
DISTORTION_PRIOR_SD = 0.03
"""Of the half diagonal, at the corner of the picture: 3 % is a strong distortion for the lenses meant here."""
BENDING_PRIOR_MM = 2.0
"""Height over the touching plane at the end of the sheet; paper that is only leaned against something sags so."""
FOLD_PRIOR_SD = 0.5
"""Radians about where the fit starts: holds the fold of a wing that cannot be seen, and nothing else."""
ROBUST_SCALE = 3.0
"""In standard errors; beyond it a point pulls linearly, no longer quadratically."""
DIFFERENCE = 1e-3
"""Step of the derivatives: a microradian, a millionth of the distance, 1e-5 of the focal length."""


@dataclass(frozen=True)
class PoseFit:
    """The pose that fits best, with its covariance widened where residuals are larger than their errors.

    Attributes:
        pose: the pose.
        nuisance: (k,) the other parameters.
        cost: sum of squares of the residuals, robustly counted.
    """

    pose: Pose
    nuisance: Array
    cost: float


def fit_pose(
    start: Pose,
    misfit: Callable[[Pose, Array], Array],
    focal_px: float | None,
    half_sheet_mm: float | None = None,
    nuisance_sd: tuple[float, ...] = (),
    correlated: float = 1.0,
) -> PoseFit:
    """Fit all parameters of a pose by robust least squares.

    Args:
        start: where to start.
        misfit: residuals of a pose and the nuisance parameters, over their standard errors.
        focal_px: focal length from metadata in pixels, or None.
        half_sheet_mm: half of the sheet's length, if the sheet may be bent; None for a flat one.
        nuisance_sd: what is expected of the k nuisance parameters, as standard deviations about zero.
        correlated: how many residuals share one error; widens the covariance.
    """
    folds = len(start.folds)
    bends = half_sheet_mm is not None and not folds
    free = [*range(PARAMETERS if bends else RIGID), *range(PARAMETERS, PARAMETERS + folds)]
    bend = BENDING_PRIOR_MM / (half_sheet_mm or 1.0) ** 2
    rigid_scale = [np.full(3, 1e-3), np.full(3, 1e-3 * abs(start.translation_mm[2])), [1e-2, 1e-2]]
    pose_scale = np.concatenate([*rigid_scale, np.full(3, 0.1 * bend), np.full(folds, 1e-2)])[free]
    scale = np.concatenate([pose_scale, np.array(nuisance_sd)])

    def pose_of(parameters: Array) -> Pose:
        change = np.zeros(PARAMETERS + folds)
        change[free] = parameters[: len(free)] * pose_scale
        return start.changed(change)

    def residuals(parameters: Array) -> Array:
        pose, nuisance = pose_of(parameters), parameters[len(free) :]
        prior = [pose.distortion / DISTORTION_PRIOR_SD, *(pose.bending_per_mm / bend), *nuisance]
        prior += [
            (now.angle_rad - then.angle_rad) / FOLD_PRIOR_SD
            for now, then in zip(pose.folds, start.folds, strict=True)
        ]
        if focal_px:
            prior.append(math.log(pose.focal_px / focal_px) / FOCAL_PRIOR_SD)
        return np.concatenate([misfit(pose, nuisance * scale[len(free) :]), prior])

    def jacobian(parameters: Array) -> Array:
        here = residuals(parameters)
        steps = DIFFERENCE * np.eye(len(scale))
        return np.stack([(residuals(parameters + step) - here) / DIFFERENCE for step in steps], axis=1)

    fit = fit_robust(residuals, jacobian, np.zeros(len(scale)), ROBUST_SCALE)
    freedom = max(len(fit.misfit) - len(scale), 1)
    spread = max(1.0, fit.cost / freedom) * correlated
    covariance = np.zeros((PARAMETERS + folds, PARAMETERS + folds))
    every = inverse(fit.information / np.outer(scale, scale)) * spread
    covariance[np.ix_(free, free)] = every[: len(free), : len(free)]
    pose = replace(pose_of(fit.parameters), covariance=covariance)
    return PoseFit(pose, fit.parameters[len(free) :] * scale[len(free) :], fit.cost)
