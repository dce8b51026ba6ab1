"""What is known about the camera and lens that took a photo."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class CameraInfo:
    """Camera, lens and exposure; None where unknown.

    Attributes:
        sensor_width_mm: length of the sensor's long side.
        f_number: aperture of the shot.
        widest_f_number: widest aperture of the lens at this focal length.
        af_setting: AF fine-tune setting in force, in the camera's own steps.
    """

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    focal_length_mm: float | None = None
    f_number: float | None = None
    widest_f_number: float | None = None
    sensor_width_mm: float | None = None
    af_setting: float | None = None

    def to_dict(self) -> dict[str, str | float | None]:
        """Return the fields as they stand in the JSON."""
        return asdict(self)
