"""The least squares fit behind both ways to a pose."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from backfocus.verify.geometry.pose import PARAMETERS, RIGID, Array, Pose
from backfocus.verify.robust import fit_robust

FOCAL_PRIOR_SD = 0.05
"""Relative; nominal focal lengths are rounded, and lenses that focus inside are up to 5 % shorter up close."""
DISTORTION_PRIOR_SD = 0.03
"""Of the half diagonal, at the corner of the picture: 3 % is a strong distortion for the lenses meant here."""
BENDING_PRIOR_MM = 2.0
"""Height over the touching plane at the end of the sheet; paper that is only leaned against something sags so."""
ROBUST_SCALE = 3.0
"""In standard errors; beyond it a point pulls linearly, no longer quadratically."""
DIFFERENCE = 1e-3
"""Step of the derivatives: a microradian, a millionth of the distance, 1e-5 of the focal length."""


def fit_pose(
    start: Pose,
    misfit: Callable[[Pose], Array],
    focal_px: float | None,
    half_sheet_mm: float | None = None,
    correlated: float = 1.0,
) -> tuple[Pose, float]:
    """Fit all parameters of a pose by robust least squares.

    Args:
        start: where to start.
        misfit: residuals of a pose over their standard errors.
        focal_px: focal length from metadata in pixels, or None.
        half_sheet_mm: half of the sheet's length, if the sheet may be bent; None for a flat one.
        correlated: how many residuals share one error; widens the covariance.

    Returns:
        The pose, with its covariance widened where residuals are larger than their errors, and the cost: the sum of
        squares of the residuals, robustly counted.
    """
    free = RIGID if half_sheet_mm is None else PARAMETERS
    bend = BENDING_PRIOR_MM / (half_sheet_mm or 1.0) ** 2
    scale = np.concatenate(
        [np.full(3, 1e-3), np.full(3, 1e-3 * abs(start.translation_mm[2])), [1e-2, 1e-2], np.full(3, 0.1 * bend)]
    )

    def pose_of(parameters: Array) -> Pose:
        return start.changed(np.concatenate([parameters, np.zeros(PARAMETERS - free)]) * scale)

    def residuals(parameters: Array) -> Array:
        pose = pose_of(parameters)
        prior = [pose.distortion / DISTORTION_PRIOR_SD, *(pose.bending_per_mm / bend)]
        if focal_px:
            prior.append(math.log(pose.focal_px / focal_px) / FOCAL_PRIOR_SD)
        return np.concatenate([misfit(pose), prior])

    def jacobian(parameters: Array) -> Array:
        here = residuals(parameters)
        steps = DIFFERENCE * np.eye(free)
        return np.stack([(residuals(parameters + step) - here) / DIFFERENCE for step in steps], axis=1)

    fit = fit_robust(residuals, jacobian, np.zeros(free), ROBUST_SCALE)
    freedom = max(len(fit.misfit) - free, 1)
    spread = max(1.0, fit.cost / freedom) * correlated
    covariance = np.zeros((PARAMETERS, PARAMETERS))
    information = fit.information / np.outer(scale[:free], scale[:free])
    covariance[:free, :free] = np.linalg.pinv(information, hermitian=True) * spread
    return replace(pose_of(fit.parameters), covariance=covariance), fit.cost
