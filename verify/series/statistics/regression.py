"""Least squares for the few shots of a series, and the shots that do not belong.

Outliers: externally studentised residuals (N. R. Draper, H. Smith, Applied Regression Analysis, 3rd ed.,
8.4), taken several at a time as in B. Rosner, Percentage points for a generalized ESD many-outlier procedure,
Technometrics 25 (1983) 165-172.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.verify.series.statistics.sample import Sample

Array = npt.NDArray[np.float64]

OUTLIER_RISK = 0.005
"""How often a shot counts as an outlier by chance, per look at a series. With 0.02 the intervals held the truth in
93.5 % of simulated series, with this in 94.4 %; misses by many steps are found all the same."""
MOST_OUTLIERS = 0.25
"""Of all shots; where more stand apart they are the lens's way of focusing."""
LEAST_FREEDOM = 3
"""Degrees of freedom below which nothing can be said to stand apart."""


@dataclass(frozen=True)
class Fit:
    """A least-squares fit.

    Attributes:
        coefficients: (k,).
        unscaled: (k, k) covariance of the coefficients over `variance`.
        variance: of the scatter about the fit.
        freedom: its degrees of freedom.
    """

    coefficients: Array
    unscaled: Array
    variance: float
    freedom: int
    residuals: Array
    leverage: Array


def fit(columns: Array, values: Array) -> Fit:
    """Fit values (n,) by columns (n, k); columns that the shots cannot tell apart share their effect."""
    unscaled = np.linalg.pinv(columns.T @ columns).astype(np.float64)
    coefficients = unscaled @ columns.T @ values
    residuals = values - columns @ coefficients
    freedom = len(values) - int(np.linalg.matrix_rank(columns))
    variance = float(residuals @ residuals) / freedom if freedom > 0 else 0.0
    leverage = np.einsum("ij,jk,ik->i", columns, unscaled, columns)
    return Fit(coefficients, unscaled, variance, freedom, residuals, leverage)


def t_quantile(freedom: float, risk: float = 0.05) -> float:
    """Return Student's t that is exceeded to either side with the given risk; infinite without freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 1.0 - risk / 2.0)) if freedom > 0 else float("inf")


def belonging(sample: Sample) -> npt.NDArray[np.bool_]:
    """Return which shots belong to their setting's group; the others stand apart from it by more than chance."""
    kept = np.ones(len(sample.error), dtype=bool)
    removed: list[int] = []
    standing_apart = 0
    for _ in range(int(MOST_OUTLIERS * len(kept))):
        found = _farthest(sample.take(kept), sample.sd)
        if found is None:
            break
        place, chance = found
        removed.append(int(np.flatnonzero(kept)[place]))
        if chance * kept.sum() < OUTLIER_RISK:
            # Also those before it, which it had been hiding.
            standing_apart = len(removed)
        kept[removed[-1]] = False
    belongs = np.ones(len(sample.error), dtype=bool)
    belongs[removed[:standing_apart]] = False
    return belongs


def _farthest(sample: Sample, sd: float) -> tuple[int, float] | None:
    """Return the shot that stands apart most, and how likely one would by chance stand apart so far."""
    from scipy.special import stdtr

    found = fit(sample.columns_by_setting(), sample.error)
    if found.freedom - 1 < LEAST_FREEDOM:
        return None
    free = np.maximum(1.0 - found.leverage, 1e-9)
    alone = found.leverage > 1.0 - 1e-6
    without = (found.freedom * found.variance - found.residuals**2 / free) / (found.freedom - 1)
    # Shots that all agree to the last digit do not make a tiny difference an outlier.
    spread = np.sqrt(np.maximum(without, max(sd, 1e-6) ** 2) * free)
    studentised = np.where(alone, 0.0, np.abs(found.residuals) / spread)
    place = int(np.argmax(studentised))
    return place, 2.0 * float(stdtr(found.freedom - 1, -studentised[place]))
