"""What is known about the camera and lens that took a photo."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from backfocus.verify.photo.metadata.maker_notes.autofocus import AfMethod


@dataclass(frozen=True)
class CameraInfo:
    """Camera, lens and exposure; None where unknown.

    Attributes:
        sensor_width_mm: length of the sensor's long side.
        f_number: aperture of the shot.
        widest_f_number: widest aperture of the lens at this focal length.
        af_setting: AF fine-tune setting in force, in the camera's own steps; 0 when the function is off.
        af_setting_on: whether the function is on, where the camera says so.
        af_setting_wide, af_setting_tele: settings in force at the two ends of a zoom, where the body has two. What
            is stored there while the function is off is left out.
        focus_distance_m: as the lens reports it, in coarse steps: no measure of the real distance.
        af_method: what focused: the AF module ("phase"), or live view ("contrast/live view").
        af_point: "center", or the maker's number or place of another AF point.
    """

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    focal_length_mm: float | None = None
    f_number: float | None = None
    widest_f_number: float | None = None
    sensor_width_mm: float | None = None
    af_setting: float | None = None
    af_setting_on: bool | None = None
    af_setting_wide: float | None = None
    af_setting_tele: float | None = None
    focus_distance_m: float | None = None
    af_method: AfMethod | None = None
    af_point: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as they stand in the JSON."""
        return asdict(self)
