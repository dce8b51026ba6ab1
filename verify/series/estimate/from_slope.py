"""Two settings or more: this camera's own step and sign, and the setting where the error crosses zero."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.verify.findings import Finding, finding
from backfocus.verify.series.dialled import dialled
from backfocus.verify.series.estimate.dial import Dial
from backfocus.verify.series.estimate.setting import Estimated, SettingEstimate, zero_of_line
from backfocus.verify.series.statistics.regression import fit, t_quantile
from backfocus.verify.series.statistics.sample import Sample

CONTRADICTION = 2.0
"""In standard uncertainties of the difference between the camera's step and the maker's."""


@dataclass(frozen=True)
class _Line:
    """Focus error a + b n over the setting n, with the covariance of a and b."""

    line: npt.NDArray[np.float64]
    covariance: npt.NDArray[np.float64]

    @property
    def slope(self) -> float:
        return float(self.line[1])

    @property
    def slope_sd(self) -> float:
        return math.sqrt(self.covariance[1, 1])

    def with_expected(self, slope: float, sd: float) -> _Line:
        """Return the line with what was known of its slope before (Bayes, both normal)."""
        known = np.linalg.inv(self.covariance)
        precision = known + np.diag([0.0, sd**-2])
        line = np.linalg.solve(precision, known @ self.line + [0.0, slope / sd**2])
        return _Line(line, np.linalg.inv(precision))


def setting_from_slope(sample: Sample, dial: Dial) -> Estimated:
    """Estimate the setting from shots at two settings or more; the maker's step serves as a weak expectation.

    Where the camera's own slope contradicts the maker's, only its own counts.
    """
    found = fit(sample.columns_of_line(), sample.error)
    if found.freedom < 1:
        return Estimated(None)
    # Shots that agree to the last digit still carry the noise of their measurement.
    own_sd = math.sqrt(max(sample.sd**2 - sample.shared_sd**2, 1e-6 * float(np.ptp(sample.error)) ** 2, 1e-12))
    variance = max(found.variance, own_sd**2)
    own = _Line(found.coefficients[:2], variance * found.unscaled[:2, :2])
    t = t_quantile(found.freedom)
    is_clear = abs(own.slope) > t * own.slope_sd
    expected = dial.expected_slope
    if not is_clear and (expected is None or _contradicts(own, expected)):
        return Estimated(None, (_without_effect(sample),))
    findings: tuple[Finding, ...] = ()
    line = own
    if expected is not None:
        if not _contradicts(own, expected):
            line = own.with_expected(*expected)
        else:
            findings = (_contradiction(own, expected, dial),)
    crossing = zero_of_line(line.line, line.covariance, sample.shared_sd**2, t)
    if crossing is None:
        return Estimated(None, findings)
    around = t * line.slope_sd
    estimate = SettingEstimate(
        crossing=float(crossing[0]),
        ci95=(float(crossing[1][0]), float(crossing[1][1])),
        basis="own step" if is_clear else "maker step",
        slope=line.slope,
        slope_ci95=(line.slope - around, line.slope + around),
        scatter_steps=math.sqrt(variance) / abs(line.slope),
    )
    return Estimated(estimate, findings)


def _contradicts(own: _Line, expected: tuple[float, float]) -> bool:
    slope, sd = expected
    return abs(own.slope - slope) > CONTRADICTION * math.hypot(own.slope_sd, sd)


def _without_effect(sample: Sample) -> Finding:
    low, high = dialled(sample.settings[0]), dialled(sample.settings[-1])
    message = f"Focus is the same at {low} and at {high}, as far as the scatter can tell."
    return finding("setting-without-effect", message)


def _contradiction(own: _Line, expected: tuple[float, float], dial: Dial) -> Finding:
    unit = "µm a step"
    if own.slope * expected[0] < 0.0:
        moved = "farther from" if own.slope > 0 else "closer to"
        name = dial.maker.name if dial.maker else "the maker"
        return finding(
            "sign-contradicts-maker",
            f"Plus moves focus {moved} the camera here, the opposite of what is known for {name}.",
        )
    return finding(
        "step-contradicts-maker",
        f"This camera moves focus by {abs(own.slope):.1f} {unit}, not by the {abs(expected[0]):.1f} that its "
        "maker's figures give.",
    )
