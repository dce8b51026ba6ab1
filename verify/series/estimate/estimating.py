"""Which way to the setting the shots allow: two settings or more, one, or a sweep of blur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backfocus.verify.series.estimate.dial import Dial
from backfocus.verify.series.estimate.from_blur import LEAST_SETTINGS, setting_from_blur
from backfocus.verify.series.estimate.from_slope import setting_from_slope
from backfocus.verify.series.estimate.from_step import setting_from_step
from backfocus.verify.series.estimate.setting import Estimated
from backfocus.verify.series.shots.shot import Shot
from backfocus.verify.series.statistics.groups import settings_of
from backfocus.verify.series.statistics.sample import Sample


def estimate_setting(sample: Sample, shots: Sequence[Shot], dial: Dial) -> Estimated:
    """Estimate the setting at which the error is zero.

    Args:
        sample: the shots whose offset is known and that belong.
        shots: all of them, also those of which only the blur at the AF mark is known.
    """
    if _is_sweep(sample, shots):
        return replace(setting_from_blur(shots), is_sweep=True)
    if len(sample.settings) >= 2:
        found = setting_from_slope(sample, dial)
        if found.estimate is not None or found.findings:
            return found
    groups = [part for _, part in settings_of(sample)]
    if not groups:
        return Estimated(None)
    return setting_from_step(max(groups, key=lambda part: len(part.error)), dial)


def _is_sweep(sample: Sample, shots: Sequence[Shot]) -> bool:
    """Whether most offsets are unknown, while the blur is known at enough settings."""
    settings = {shot.setting for shot in shots if shot.blur_at_mark is not None and shot.setting is not None}
    return len(settings) >= LEAST_SETTINGS and 2 * len(sample.error) < len(shots)
