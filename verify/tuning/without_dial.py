"""What helps with a focus error where the camera has nothing to dial: another aperture, or a dock for the lens."""

from __future__ import annotations

from backfocus.verify.focus.optics import circle_of_confusion_mm, magnification
from backfocus.verify.photo.metadata.camera_info import CameraInfo
from backfocus.verify.tuning.makers import Maker, dock_of

_F_NUMBERS = (
    *(1.0, 1.1, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.5, 2.8, 3.2, 3.5, 4.0, 4.5, 5.0, 5.6, 6.3, 7.1),
    *(8.0, 9.0, 10.0, 11.0, 13.0, 14.0, 16.0, 18.0, 20.0, 22.0),
)
"""As cameras name them, in thirds of a stop; f/22 is the narrowest that most lenses have."""
_USUAL_SHAPE = (3, 2)
"""Of a picture; one of 4:3 has a circle of confusion larger by 4 %, a ninth of a stop."""


def covering_f_number(
    focal_length_mm: float, distance_mm: float, defocus: float, sensor_width_mm: float
) -> float | None:
    """Return the widest aperture at which the depth of field covers a focus error; None if not even f/22 does.

    The blur disc of a defocus dv is |dv| / (N (1 + m)) wide on the sensor; the circle of confusion is
    the widest that will do.

    Args:
        focal_length_mm: f.
        distance_mm: u, of the AF mark, beyond f.
        defocus: focus error at the sensor in µm, of either sign.
        sensor_width_mm: its long side.
    """
    circle = circle_of_confusion_mm(sensor_width_mm, _USUAL_SHAPE)
    needed = abs(defocus) / 1000.0 / (circle * (1.0 + magnification(focal_length_mm, distance_mm)))
    return next((number for number in _F_NUMBERS if number >= needed), None)


def help_without_dial(camera: CameraInfo, distance_mm: float | None, error_um: float | None, direction: str) -> str:
    """Return sentences on aperture and dock, as far as camera and lens are known; may be empty.

    Args:
        camera: focal length, sensor width, aperture and lens are used.
        distance_mm: of the AF mark.
        error_um: focus error at the sensor, positive is back focus; None if unknown.
        direction: which way focus should move, in words.
    """
    return " ".join(filter(None, [_aperture(camera, distance_mm, error_um), _dock(camera.lens, direction)]))


def turn_towards(maker: Maker, direction: str) -> str | None:
    """Return "plus" or "minus", whichever moves focus in a direction; None where the sign is unknown."""
    if maker.sign is None:
        return None
    return "plus" if (direction == "closer to the camera") == (maker.sign < 0) else "minus"


def _aperture(camera: CameraInfo, distance_mm: float | None, error_um: float | None) -> str:
    if error_um is None or distance_mm is None or camera.focal_length_mm is None or camera.sensor_width_mm is None:
        return ""
    number = covering_f_number(camera.focal_length_mm, distance_mm, error_um, camera.sensor_width_mm)
    if number is None:
        return "Not even at f/22 does the depth of field cover the error."
    if camera.f_number is not None and number <= camera.f_number:
        return f"At the shot's f/{camera.f_number:g} the error is still within the depth of field."
    return f"From f/{number:g} on, the depth of field covers the error."


def _dock(lens: str | None, direction: str) -> str:
    dock = dock_of(lens)
    if dock is None:
        return ""
    opening = f"If the lens works with the {dock.name}, it can be corrected there"
    towards = turn_towards(dock, direction)
    if towards is None:
        return f"{opening}; which way plus moves focus is not known for it."
    return f"{opening}: {towards} should move focus {direction} (few reports say so; check with a new shot)."
