"""Mean and scatter of the shots at one setting."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from backfocus.verify.series.rounding import rounded
from backfocus.verify.series.statistics.regression import fit, t_quantile
from backfocus.verify.series.statistics.sample import Sample, Scale

Interval = tuple[float, float]


@dataclass(frozen=True)
class Mean:
    """The mean focus error of one group, near and far approaches counting alike, in units of the series.

    Attributes:
        variance: of single shots.
        se: standard error of the mean, with what all shots have in common.
        ci95: interval of the mean; None for a single shot, whose scatter is unknown.
        near_minus_far: how much farther away focus lies after an approach from near, with its interval; None where
            approaches are not known.
    """

    value: float
    variance: float
    freedom: int
    se: float
    ci95: Interval | None
    near_minus_far: float | None
    near_minus_far_ci95: Interval | None


def mean_of(sample: Sample) -> Mean:
    """Return mean and scatter of shots at one setting, at least one."""
    found = fit(sample.columns_by_setting(), sample.error)
    value = float(found.coefficients[0])
    random = math.sqrt(found.variance * found.unscaled[0, 0])
    t = t_quantile(found.freedom)
    se = math.hypot(random, sample.shared_sd)
    half = math.hypot(t * random, 1.96 * sample.shared_sd) if found.freedom > 0 else math.inf
    bias = near_minus_far(sample)
    return Mean(
        value,
        found.variance,
        found.freedom,
        se,
        (value - half, value + half) if math.isfinite(half) else None,
        None if bias is None else bias[0],
        None if bias is None else bias[1],
    )


@dataclass(frozen=True)
class GroupStatistics:
    """What the shots at one setting say, in every unit; None where unknown. Positive is back focus.

    Attributes:
        setting: None if neither the photos nor the user told it.
        n: shots used; n_near and n_far of them by approach.
        left_out: names of the shots that stood apart.
        mean_*, sd_*, se_*: mean, standard deviation of single shots, standard error of the mean; in mm at the
            sheet, µm at the sensor, parts of the whole depth of field, and steps of the camera.
        near_minus_far_*: how much farther away focus lies after an approach from near.
    """

    setting: float | None
    n: int
    n_near: int
    n_far: int
    left_out: tuple[str, ...]
    mean_mm: float
    mean_ci95_mm: Interval | None
    sd_mm: float | None
    se_mm: float | None
    mean_um: float | None
    mean_ci95_um: Interval | None
    sd_um: float | None
    se_um: float | None
    mean_in_dof: float | None
    sd_in_dof: float | None
    mean_steps: float | None
    sd_steps: float | None
    near_minus_far_mm: float | None
    near_minus_far_um: float | None
    near_minus_far_ci95_um: Interval | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as they stand in the JSON."""
        data: dict[str, Any] = rounded(asdict(self))
        return data


def group_statistics(
    sample: Sample, left_out: tuple[str, ...], setting: float | None, scale: Scale, step: float | None
) -> GroupStatistics:
    """Return the statistics of the shots at one setting, at least one.

    Args:
        step: size of one step of the setting in units of the series, as a positive number.
    """
    mean = mean_of(sample)
    several = mean.freedom > 0
    sd = math.sqrt(mean.variance) if several else None
    slope = scale.slope_mm(mean.value)
    at_sensor = scale.at_sensor
    field = scale.in_depth_of_field(1.0)
    difference = mean.near_minus_far
    return GroupStatistics(
        setting=setting,
        n=len(sample.error),
        n_near=int((sample.approach > 0).sum()),
        n_far=int((sample.approach < 0).sum()),
        left_out=left_out,
        mean_mm=scale.mm(mean.value),
        mean_ci95_mm=None if mean.ci95 is None else (scale.mm(mean.ci95[0]), scale.mm(mean.ci95[1])),
        sd_mm=None if sd is None else slope * sd,
        se_mm=slope * mean.se if several else None,
        mean_um=mean.value if at_sensor else None,
        mean_ci95_um=mean.ci95 if at_sensor else None,
        sd_um=sd if at_sensor else None,
        se_um=mean.se if at_sensor and several else None,
        mean_in_dof=scale.in_depth_of_field(mean.value),
        sd_in_dof=None if sd is None or field is None else sd * field,
        mean_steps=mean.value / step if step else None,
        sd_steps=sd / step if step and sd is not None else None,
        near_minus_far_mm=None if difference is None else slope * difference,
        near_minus_far_um=difference if at_sensor else None,
        near_minus_far_ci95_um=mean.near_minus_far_ci95 if at_sensor else None,
    )


def near_minus_far(sample: Sample) -> tuple[float, Interval] | None:
    """Return how much farther away focus lies after an approach from near, over all settings, with its interval."""
    if not sample.has_approaches:
        return None
    found = fit(sample.columns_by_setting(), sample.error)
    if found.freedom < 1:
        return None
    difference = float(found.coefficients[-1])
    reach = t_quantile(found.freedom) * math.sqrt(found.variance * found.unscaled[-1, -1])
    return difference, (difference - reach, difference + reach)


def settings_of(sample: Sample) -> list[tuple[float, Sample]]:
    """Return the sample's parts by setting, in the order of settings."""
    return [(setting, sample.take(np.equal(sample.setting, setting))) for setting in sample.settings]
