"""Whether the shots of a series make two humps, as those of two lenses or two bodies do."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

import numpy as np

from ..findings import Findings
from .statistics import Array, Sample, Scale, near_minus_far, settings_of

LEAST_SHOTS = 8
"""At one setting. Of fewer, any two halves look apart."""
_LEAST_SHARE, _LEAST_IN_HUMP = 0.25, 3
"""Of the shots in the smaller hump: fewer are misses of autofocus, told as such. With a fifth, skewed series of 14
shots count as two humps in 2.2 %."""
FEW_SHOTS = 30.0
"""Over the number of shots: by how many standard deviations halves of few shots look farther apart by chance."""


@dataclass(frozen=True)
class Humps:
    """Two humps at one setting.

    Attributes:
        near_error, far_error: means of the two, in units of the series.
        near, far: names of the shots.
        apart: standard deviations within a hump between the means, less `FEW_SHOTS` over the number of shots; of
            several settings the median, of two the lesser: what is mixed is so at all of them, misses are not.
    """

    near_error: float
    far_error: float
    near: tuple[str, ...]
    far: tuple[str, ...]
    apart: float


def two_humps(sample: Sample, scale: Scale) -> Humps | None:
    """Return the humps that the shots make, at the setting with most of them; None if they make one.

    Args:
        sample: all shots of a series, those that stand apart too.
        scale: two humps that half of the depth of focus holds are of no concern: it is what can be seen.
    """
    bias = near_minus_far(sample)
    parts = [part for _, part in settings_of(sample) if len(part.error) >= LEAST_SHOTS]
    found = [_split(part, 0.0 if bias is None else bias[0]) for part in parts]
    if not found:
        return None
    apart = statistics.median_low([humps.apart for humps in found])
    widest = max(found, key=lambda humps: len(humps.near) + len(humps.far))
    least = scale.depth or 0.0
    if Findings.TWO_HUMPS.crossed(apart) is None or widest.far_error - widest.near_error <= least:
        return None
    return Humps(widest.near_error, widest.far_error, widest.near, widest.far, apart)


def _split(part: Sample, near_minus_far_error: float) -> Humps:
    """Return the two parts of least scatter about their own means (Otsu's method on single values)."""
    error = part.error - near_minus_far_error * part.approach
    order = np.argsort(error, kind="stable")
    ordered, n = error[order], len(error)
    least = max(_LEAST_IN_HUMP, int(np.ceil(_LEAST_SHARE * n)))
    squares = [_scatter(ordered[:size]) + _scatter(ordered[size:]) for size in range(least, n - least + 1)]
    size = least + int(np.argmin(squares))
    near, far = ordered[:size], ordered[size:]
    # What one measurement is unsure by, at least: shots that agree to the last digit make no humps.
    sd = max(float(np.sqrt(min(squares) / (n - 2))), part.sd, 1e-9)
    names = [part.names[place] for place in order]
    apart = float(far.mean() - near.mean()) / sd - FEW_SHOTS / n
    return Humps(float(near.mean()), float(far.mean()), tuple(names[:size]), tuple(names[size:]), apart)


def _scatter(values: Array) -> float:
    return float(np.sum((values - values.mean()) ** 2))
