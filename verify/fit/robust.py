"""Robust least squares for a handful of parameters and thousands of residuals.

Levenberg's and Marquardt's method on the normal equations, with the loss 2 c² (sqrt(1 + (r/c)²) - 1): quadratic for
small residuals, linear beyond c. A general library solves the same problem by singular value decompositions of the
whole jacobian, which took 15 s a photo where this takes 0.05 s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

MAX_STEPS = 60
ENOUGH = 1e-6
"""Relative fall of the cost that is not worth another step."""


@dataclass(frozen=True)
class RobustFit:
    """The solution.

    Attributes:
        parameters: (k,) the best parameters.
        misfit: (n,) residuals there, over their standard errors.
        weight: (n,) robust weights, 0 to 1.
        information: (k, k) jacobian^T weight jacobian.
        cost: the loss, summed.
    """

    parameters: Array
    misfit: Array
    weight: Array
    information: Array
    cost: float


def fit_robust(
    misfit: Callable[[Array], Array],
    jacobian: Callable[[Array], Array],
    start: Array,
    scale: float,
    bounds: tuple[Array, Array] | None = None,
) -> RobustFit:
    """Minimise the robust loss of `misfit`.

    Args:
        misfit: (k,) parameters to (n,) residuals over their standard errors.
        jacobian: (k,) parameters to (n, k) derivatives.
        start: (k,) where to start.
        scale: c of the loss, in standard errors.
        bounds: lowest and highest parameters; steps are cut off there.
    """
    low, high = bounds if bounds is not None else (np.full_like(start, -np.inf), np.full_like(start, np.inf))
    here = np.clip(start, low, high)
    residual = misfit(here)
    cost, damping = _cost(residual, scale), 1e-3
    for _ in range(MAX_STEPS):
        slopes = jacobian(here)
        weighted = slopes * _weight(residual, scale)[:, None]
        information, gradient = weighted.T @ slopes, weighted.T @ residual
        fallen = 0.0
        while damping < 1e8:
            damped = information + np.diag(damping * np.diag(information) + 1e-300)
            # In units of their own standard errors: tight priors would else push loose parameters below rounding.
            size = np.sqrt(np.diag(damped))
            step = np.linalg.lstsq(damped / np.outer(size, size), gradient / size, rcond=None)[0] / size
            there = np.clip(here - step, low, high)
            residual_there = misfit(there)
            cost_there = _cost(residual_there, scale)
            if cost_there <= cost:
                fallen = cost - cost_there
                here, residual, cost, damping = there, residual_there, cost_there, max(damping * 0.2, 1e-9)
                break
            damping *= 8.0
        if fallen <= ENOUGH * cost:
            break
    weight = _weight(residual, scale)
    slopes = jacobian(here)
    return RobustFit(here, residual, weight, (slopes * weight[:, None]).T @ slopes, cost)


def inverse(information: Array) -> Array:
    """Return the covariance (k, k) of an information matrix, whose parameters may differ much in size."""
    size = np.sqrt(np.maximum(np.diag(information), 1e-300))
    return np.asarray(np.linalg.pinv(information / np.outer(size, size), hermitian=True) / np.outer(size, size))


def _weight(misfit: Array, scale: float) -> Array:
    return np.asarray(1.0 / np.sqrt(1.0 + (misfit / scale) ** 2))


def _cost(misfit: Array, scale: float) -> float:
    cost = 2.0 * scale**2 * float((np.sqrt(1.0 + (misfit / scale) ** 2) - 1.0).sum())
    return cost if np.isfinite(cost) else float("inf")
