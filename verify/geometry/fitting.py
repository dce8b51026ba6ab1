"""The least squares fit behind both ways to a pose."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from backfocus.verify.geometry.pose import PARAMETERS, Array, Pose

FOCAL_PRIOR_SD = 0.05
"""Relative; nominal focal lengths are rounded, and lenses that focus inside are up to 5 % shorter up close."""
DISTORTION_PRIOR_SD = 0.03
"""Of the half diagonal, at the corner of the picture: 3 % is a strong distortion for the lenses meant here."""
ROBUST_SCALE = 3.0
"""In standard errors; beyond it a point pulls linearly, no longer quadratically."""


def fit_pose(
    start: Pose, misfit: Callable[[Pose], Array], focal_px: float | None, correlated: float = 1.0
) -> tuple[Pose, float]:
    """Fit all parameters of a pose by robust least squares.

    Args:
        start: where to start.
        misfit: residuals of a pose over their standard errors.
        focal_px: focal length from metadata in pixels, or None.
        correlated: how many residuals share one error; widens the covariance.

    Returns:
        The pose, with its covariance widened where residuals are larger than their errors, and the cost: the sum of
        squares of the residuals, robustly counted.
    """
    from scipy.optimize import least_squares

    scale = np.concatenate(
        [np.full(3, 1e-3), np.full(3, 1e-3 * abs(start.translation_mm[2])), [1e-2, 1e-2]], dtype=np.float64
    )

    def residuals(parameters: Array) -> Array:
        pose = start.changed(parameters * scale)
        prior = [pose.distortion / DISTORTION_PRIOR_SD]
        if focal_px:
            prior.append(math.log(pose.focal_px / focal_px) / FOCAL_PRIOR_SD)
        return np.concatenate([misfit(pose), prior])

    fit = least_squares(
        residuals, np.zeros(PARAMETERS), loss="soft_l1", f_scale=ROBUST_SCALE, max_nfev=60, x_scale="jac"
    )
    jacobian = np.asarray(fit.jac, dtype=np.float64) / scale
    cost = 2 * float(fit.cost)
    freedom = max(len(jacobian) - PARAMETERS, 1)
    spread = max(1.0, cost / freedom) * correlated
    covariance = np.asarray(np.linalg.pinv(jacobian.T @ jacobian, hermitian=True) * spread, dtype=np.float64)
    return replace(start.changed(fit.x * scale), covariance=covariance), cost
