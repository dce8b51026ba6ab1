"""The numbers of a series: focus errors by setting, their mean and scatter, and shots that stand apart.

Focus errors are counted at the sensor, in µm, since a step of the setting moves focus there by the same amount at
any distance. Where focal length or distance are unknown they are counted in mm at the sheet instead.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..lens import defocus_um, offset_of_defocus_mm, sharpness_lost_at
from .shots import Shot

Array = npt.NDArray[np.float64]
Interval = tuple[float, float]
OUTLIER_RISK = 0.005
"""How often a shot counts as an outlier by chance, per look at a series. With 0.02 the intervals held the truth in
93.5 % of simulated series, with this in 94.4 %; misses by many steps are found all the same."""
MOST_OUTLIERS = 0.25
"""Of all shots; where more stand apart they are the lens's way of focusing."""
LEAST_FREEDOM = 3
"""Degrees of freedom below which nothing can be said to stand apart."""


@dataclass(frozen=True)
class Scale:
    """What a focus error is counted in; without focal length or distance in mm, else in µm at the sensor."""

    focal_length_mm: float | None
    distance_mm: float | None
    depth_of_field_mm: tuple[float, float] | None
    in_focus_mm: tuple[float, float] | None = None

    @property
    def at_sensor(self) -> bool:
        """Whether errors are counted in µm at the sensor."""
        return self.focal_length_mm is not None and self.distance_mm is not None

    def error(self, offset_mm: float) -> float:
        """Return the focus error of an offset."""
        if self.focal_length_mm is None or self.distance_mm is None:
            return offset_mm
        return defocus_um(self.focal_length_mm, self.distance_mm, offset_mm)

    def mm(self, error: float) -> float:
        """Return the offset of a focus error, the inverse of `error`."""
        if self.focal_length_mm is None or self.distance_mm is None:
            return error
        return offset_of_defocus_mm(self.focal_length_mm, self.distance_mm, error)

    def um(self, error: float) -> float | None:
        """Return a focus error at the sensor; None where it is unknown."""
        return error if self.at_sensor else None

    def slope_mm(self, error: float) -> float:
        """Return how many mm one unit more is, near a focus error."""
        return self.mm(error + 0.5) - self.mm(error - 0.5) if self.at_sensor else 1.0

    def in_depth_of_field(self, error: float) -> float | None:
        """Return the offset over the whole depth of field, as for a single photo."""
        if self.depth_of_field_mm is None or not math.isfinite(sum(self.depth_of_field_mm)):
            return None
        return self.mm(error) / sum(self.depth_of_field_mm)

    def sharpness_lost(self, error: float) -> float | None:
        """Return the part of MTF50 that a focus error costs at the AF mark; None where no photo tells."""
        if self.in_focus_mm is None:
            return None
        front, behind = self.in_focus_mm
        limit_mm = behind if error > 0.0 else -front
        if math.isinf(limit_mm):
            return 0.0
        return sharpness_lost_at(error, self.error(limit_mm))

    @property
    def depth(self) -> float | None:
        """The focus error at the near end of the depth of field: half of the depth of focus."""
        if self.depth_of_field_mm is None:
            return None
        return abs(self.error(-self.depth_of_field_mm[0]))


@dataclass(frozen=True)
class Sample:
    """The shots of a series as numbers; arrays are (n,).

    Attributes:
        error: focus errors, positive for back focus, from the zero of the reference shots.
        setting: AF fine-tune settings.
        approach: +0.5 from near, -0.5 from far, 0 unknown.
        sd: standard uncertainty of one measurement, without the scatter of autofocus.
        shared_sd: uncertainty that all shots have in common.
    """

    names: tuple[str, ...]
    error: Array
    setting: Array
    approach: Array
    sd: float
    shared_sd: float

    def take(self, which: npt.NDArray[np.bool_]) -> Sample:
        """Return the chosen shots."""
        return replace(
            self,
            names=tuple(name for name, chosen in zip(self.names, which, strict=True) if chosen),
            error=self.error[which],
            setting=self.setting[which],
            approach=self.approach[which],
        )

    @property
    def settings(self) -> list[float]:
        """The settings that occur, in order."""
        return sorted(set(self.setting.tolist()))

    @property
    def has_approaches(self) -> bool:
        """Whether shots from near and from far can be compared: two of each at least, and both at one setting."""
        near, far = self.approach > 0, self.approach < 0
        return bool(near.sum() >= 2 and far.sum() >= 2 and set(self.setting[near]) & set(self.setting[far]))

    def columns_by_setting(self) -> Array:
        """Return the design of "a mean for each setting, and a difference between approaches"."""
        columns = [(self.setting == setting).astype(float) for setting in self.settings]
        return np.stack([*columns, *self._approach_column()], axis=1)

    def columns_of_line(self) -> Array:
        """Return the design of "a straight line over the setting, and a difference between approaches"."""
        return np.stack([np.ones(len(self.error)), self.setting, *self._approach_column()], axis=1)

    def _approach_column(self) -> list[Array]:
        return [self.approach] if self.has_approaches else []


@dataclass(frozen=True)
class Zero:
    """The focus error that counts as none, from reference shots, with its standard error; in mm at the sheet."""

    offset_mm: float = 0.0
    sd_mm: float = 0.0
    n: int = 0


def scale_of(shots: Sequence[Shot]) -> Scale:
    """Return the scale that shots of one focal length, aperture and distance have in common."""
    distances = [shot.distance_mm for shot in shots if shot.distance_mm is not None]
    fields = [shot.depth_of_field_mm for shot in shots if shot.depth_of_field_mm is not None]
    ranges = sorted(shot.in_focus_mm for shot in shots if shot.in_focus_mm is not None)
    focal_length = shots[0].camera.focal_length_mm
    known = focal_length is not None and all(
        shot.defocus_um is not None for shot in shots if shot.offset_mm is not None
    )
    return Scale(
        focal_length if known else None,
        statistics.median(distances) if distances and known else None,
        fields[len(fields) // 2] if fields else None,
        ranges[len(ranges) // 2] if ranges else None,
    )


def sample_of(shots: Sequence[Shot], scale: Scale, zero: Zero, missing_setting: float = 0.0) -> Sample:
    """Return the numbers of the shots whose offset is known; an unknown setting counts as `missing_setting`."""
    known = [shot for shot in shots if shot.offset_mm is not None]
    no_error = scale.error(zero.offset_mm)
    unit_per_mm = 1.0 / scale.slope_mm(0.0)
    return Sample(
        names=tuple(shot.photo for shot in known),
        error=np.array([_error(shot, scale) - no_error for shot in known]),
        setting=np.array([missing_setting if shot.setting is None else shot.setting for shot in known]),
        approach=np.array([{"near": 0.5, "far": -0.5, None: 0.0}[shot.approach] for shot in known]),
        sd=unit_per_mm * statistics.median([shot.offset_sd_mm for shot in known] or [0.0]),
        shared_sd=unit_per_mm * _shared_sd_mm(known, zero),
    )


def _error(shot: Shot, scale: Scale) -> float:
    assert shot.offset_mm is not None
    # Each shot by its own distance, as the camera may have been moved a little between them.
    at_sensor = shot.defocus_um if scale.at_sensor else None
    return shot.offset_mm if at_sensor is None else at_sensor


def _shared_sd_mm(shots: Sequence[Shot], zero: Zero) -> float:
    if zero.n:
        # What shots and reference have in common, the sheet and its pose, cancels.
        return zero.sd_mm
    return statistics.median([shot.shared_sd_mm for shot in shots] or [0.0])


def settings_of(sample: Sample) -> list[tuple[float, Sample]]:
    """Return the sample's parts by setting, in the order of settings."""
    return [(setting, sample.take(np.equal(sample.setting, setting))) for setting in sample.settings]


def belonging(sample: Sample) -> npt.NDArray[np.bool_]:
    """Return which shots belong to their setting's group; the others stand apart from it by more than chance.

    By externally studentised residuals (N. R. Draper, H. Smith, Applied Regression Analysis, 3rd ed., 8.4), taken
    several at a time as in B. Rosner, Percentage points for a generalized ESD many-outlier procedure, Technometrics
    25 (1983) 165-172.
    """
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


def welch_half_width(one: tuple[float, float], other: tuple[float, float]) -> float | None:
    """Return half of the 95 % interval of a difference of two means (B. L. Welch, Biometrika 34, 1947).

    Args:
        one, other: variance of each mean and its degrees of freedom; without any, the interval is unknown.
    """
    if min(one[1], other[1]) < 1:
        return None
    total = one[0] + other[0]
    if total == 0.0:
        return 0.0
    return t_quantile(total**2 / (one[0] ** 2 / one[1] + other[0] ** 2 / other[1])) * math.sqrt(total)
