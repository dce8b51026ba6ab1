"""One setting only: the maker's step turns the mean focus error into a setting."""

from __future__ import annotations

import math

from backfocus.verify.series.estimate.dial import Dial
from backfocus.verify.series.estimate.setting import Estimated, SettingEstimate
from backfocus.verify.series.statistics.groups import mean_of
from backfocus.verify.series.statistics.sample import Sample


def setting_from_step(sample: Sample, dial: Dial) -> Estimated:
    """Estimate the setting from the mean of one group; the interval holds what mean and step allow together.

    The setting is n - s dv / q, with s = +1 where plus moves focus away, dv the mean focus error and q the step.
    """
    if dial.sign is None or dial.step is None or not len(sample.error):
        return Estimated(None)
    mean = mean_of(sample)
    if mean.ci95 is None:
        return Estimated(None)
    low, likely, high = dial.step
    current = float(sample.setting[0])
    ends = [current - dial.sign * end / size for end in mean.ci95 for size in (low, high)]
    estimate = SettingEstimate(
        crossing=current - dial.sign * mean.value / likely,
        ci95=(min(ends), max(ends)),
        basis="maker step",
        slope=dial.sign * likely,
        slope_ci95=(min(dial.sign * low, dial.sign * high), max(dial.sign * low, dial.sign * high)),
        scatter_steps=math.sqrt(mean.variance) / likely,
    )
    return Estimated(estimate)
