"""The setting at which the focus error is zero."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from backfocus.verify.findings import Finding

Basis = Literal["own step", "maker step", "least blur"]


@dataclass(frozen=True)
class SettingEstimate:
    """The setting at which the focus error is zero, before anybody rounds it.

    Attributes:
        crossing: in steps of the camera; the dial takes the next whole one.
        ci95: interval that holds the true crossing in 95 of 100 series.
        basis: whether the step was measured, looked up, or not needed as blur tells the setting.
        slope: change of the focus error by one step up, in units of the series; positive if plus moves focus away.
        slope_ci95: its interval.
        scatter_steps: standard deviation of single shots, in steps; None where a blur sweep cannot tell.
    """

    crossing: float
    ci95: tuple[float, float]
    basis: Basis
    slope: float | None
    slope_ci95: tuple[float, float] | None
    scatter_steps: float | None

    @property
    def setting(self) -> int:
        """The whole setting next to the crossing, which may be beyond the camera's range."""
        return round(self.crossing)

    @property
    def half_width(self) -> float:
        """Half of the interval's width, in steps."""
        return (self.ci95[1] - self.ci95[0]) / 2.0


@dataclass(frozen=True)
class Estimated:
    """An estimate with what was noticed on the way; `estimate` is None if the shots cannot tell a setting.

    `is_sweep` says that blur was looked at instead of offsets.
    """

    estimate: SettingEstimate | None
    findings: tuple[Finding, ...] = ()
    is_sweep: bool = False


def zero_of_line(
    line: npt.NDArray[np.float64], covariance: npt.NDArray[np.float64], shared_variance: float, t: float
) -> tuple[float, tuple[float, float]] | None:
    """Return where a + b x is zero, with its interval; None if the slope may be zero and there is no bounded one.

    All x whose a + b x differs from zero by less than t standard errors: E. C. Fieller, Some problems in interval
    estimation, J. R. Stat. Soc. B 16 (1954) 175-185.

    Args:
        line: a and b.
        covariance: (2, 2) of a and b.
        shared_variance: of an error that shifts the whole line.
        t: quantile of Student's distribution.
    """
    a, b = line
    square = b**2 - t**2 * covariance[1, 1]
    if square <= 0.0:
        return None
    half_linear = a * b - t**2 * covariance[0, 1]
    constant = a**2 - t**2 * (covariance[0, 0] + shared_variance)
    root = math.sqrt(max(half_linear**2 - square * constant, 0.0))
    return -a / b, ((-half_linear - root) / square, (-half_linear + root) / square)
