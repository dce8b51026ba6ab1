"""What advice depends on."""

from __future__ import annotations

from dataclasses import dataclass

from backfocus.verify.photo.metadata.camera_info import CameraInfo
from backfocus.verify.series.estimate.dial import Dial
from backfocus.verify.series.estimate.setting import SettingEstimate
from backfocus.verify.series.statistics.groups import GroupStatistics, Mean
from backfocus.verify.series.statistics.sample import Scale


@dataclass(frozen=True)
class Situation:
    """All that advice depends on.

    Attributes:
        group: the shots at the setting with the least error; `mean` is theirs. None in a sweep of blur alone.
        least_setting: of those tried, the least in size.
        estimate: None if no setting can be told.
        without_effect: settings were tried and made no difference.
        n, parameters: shots in the series, and numbers that were fitted to them; `n_apart` more were left out.
        common_cause: what most shots have against them, with its remedy, or None.
    """

    camera: CameraInfo
    dial: Dial
    scale: Scale
    group: GroupStatistics | None
    mean: Mean | None
    least_setting: float
    estimate: SettingEstimate | None
    without_effect: bool
    n: int
    n_apart: int
    parameters: int
    common_cause: str | None


@dataclass(frozen=True)
class Number:
    """The setting as the dial takes it.

    Attributes:
        setting: whole, within the camera's range.
        range: lowest and highest plausible one.
        current: the setting of the shots that are counted from; 0 in a sweep of blur.
        change: `setting` minus `current`.
        direction: which way the change moves focus, in words; None if unknown or no change.
        half_width: of the interval, in steps, as far as more shots can narrow it.
        more_shots: for ± 1 step; 0 if enough, None if unknown.
    """

    setting: int
    range: tuple[int, int]
    current: int
    change: int
    direction: str | None
    half_width: float
    more_shots: int | None
