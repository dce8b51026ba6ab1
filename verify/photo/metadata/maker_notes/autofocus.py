"""What a maker's note says about autofocus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AfMethod = Literal["phase", "contrast/live view"]
CENTER = "center"


@dataclass(frozen=True)
class AutofocusNote:
    """What was found, None where the note does not tell. The fields are those of `CameraInfo`."""

    af_setting: float | None = None
    af_setting_on: bool | None = None
    af_setting_wide: float | None = None
    af_setting_tele: float | None = None
    focus_distance_m: float | None = None
    af_method: AfMethod | None = None
    af_point: str | None = None


@dataclass(frozen=True)
class AfSetting:
    """An AF fine-tune setting; the fields are those of `AutofocusNote` without `af_setting`."""

    in_force: float | None = None
    on: bool | None = None
    wide: float | None = None
    tele: float | None = None


SWITCHED_OFF = AfSetting(0.0, False)


def believable(setting: AfSetting, most: float) -> AfSetting:
    """Return the setting, or nothing where a value is beyond what the maker's cameras can have."""
    values = (setting.in_force, setting.wide, setting.tele)
    return setting if all(value is None or abs(value) <= most for value in values) else AfSetting()


def point_at(x: float, y: float) -> str:
    """Return the name of an AF point by its place from the picture's centre, in its width and height, y up."""
    # The neighbours of the central point are some 5 % of the picture away.
    if abs(x) < 0.02 and abs(y) < 0.03:
        return CENTER
    return f"x {x:+.2f} y {y:+.2f}"
