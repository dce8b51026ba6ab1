"""A sweep: the setting of least blur at the AF mark, where the plane of focus itself cannot be seen.

Blur grows with defocus as blur² = b0² + k² (n - n0)², a parabola over the setting n. The scatter of autofocus adds
to b0² only, and so does not move n0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from backfocus.verify.findings import finding
from backfocus.verify.series.dialled import dialled
from backfocus.verify.series.estimate.setting import Estimated, SettingEstimate, zero_of_line
from backfocus.verify.series.shots.shot import Shot
from backfocus.verify.series.statistics.regression import fit, t_quantile

LEAST_SETTINGS = 3
"""A parabola through fewer is not determined; with five its minimum is known to a few steps."""
ROUNDS = 4


def setting_from_blur(shots: Sequence[Shot]) -> Estimated:
    """Estimate the setting of least blur from shots at three settings or more; their offsets are not used."""
    known = [shot for shot in shots if shot.blur_at_mark is not None and shot.setting is not None]
    setting = np.array([shot.setting for shot in known], dtype=float)
    if len(set(setting.tolist())) < LEAST_SETTINGS:
        return Estimated(None)
    square = np.array([shot.blur_at_mark for shot in known], dtype=float) ** 2
    middle = float(setting.mean())
    columns = np.stack([np.ones(len(known)), setting - middle, (setting - middle) ** 2], axis=1)
    # Blur scatters in proportion to itself, so its square is weighted by what the curve says.
    expected = square
    for _ in range(ROUNDS):
        found = fit(columns / expected[:, None], square / expected)
        expected = np.maximum(columns @ found.coefficients, 0.25 * float(np.median(square)))
    t = t_quantile(found.freedom)
    # The slope of the parabola is zero at its minimum: a line over the setting again.
    slope_of = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 2.0]])
    line, covariance = slope_of @ found.coefficients, found.variance * slope_of @ found.unscaled @ slope_of.T
    least = zero_of_line(line, covariance, 0.0, t) if math.isfinite(t) and line[1] > 0.0 else None
    if least is None:
        return Estimated(None, (finding("no-least-blur", _seen(setting)),))
    crossing, (low, high) = least
    estimate = SettingEstimate(middle + crossing, (middle + low, middle + high), "least blur", None, None, None)
    if not setting.min() <= estimate.crossing <= setting.max():
        return Estimated(None, (finding("no-least-blur", _seen(setting)),))
    return Estimated(estimate)


def _seen(setting: np.typing.NDArray[np.float64]) -> str:
    return (
        f"From {dialled(setting.min())} to {dialled(setting.max())} the blur at the AF mark has no clear minimum."
    )
