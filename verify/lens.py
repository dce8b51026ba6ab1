"""The thin lens: distances, magnification, depth of field, and focus error at the sensor.

All distances run from the lens's front principal plane along the optical axis. The formulae are those of
https://www.dofmaster.com/equations.html, in exact form. The gap between the two principal planes and the pupil
magnification are neglected, since no photo tells them.
"""

from __future__ import annotations

import math

# Zeiss's d/1500: at a print seen as a whole, blur of a 1500th of the picture's diagonal is not noticed.
_CIRCLES_PER_DIAGONAL = 1500.0


def circle_of_confusion_mm(sensor_width_mm: float, image_size: tuple[int, int]) -> float:
    """Return the largest blur disc on the sensor that still counts as sharp: sensor diagonal / 1500.

    Args:
        sensor_width_mm: long side of the sensor, as far as it made the picture.
        image_size: of the picture in pixels, either way round.
    """
    return sensor_diagonal_mm(sensor_width_mm, image_size) / _CIRCLES_PER_DIAGONAL


def sensor_diagonal_mm(sensor_width_mm: float, image_size: tuple[int, int]) -> float:
    """Return the diagonal of a sensor with the picture's aspect ratio; arguments as in circle_of_confusion_mm."""
    return sensor_width_mm * math.hypot(1.0, min(image_size) / max(image_size))


def image_distance_mm(focal_length_mm: float, distance_mm: float) -> float:
    """Return v = f u / (u - f), where an object at distance u > f is imaged, behind the rear principal plane."""
    _check_beyond_focus(focal_length_mm, distance_mm)
    return focal_length_mm * distance_mm / (distance_mm - focal_length_mm)


def object_distance_mm(focal_length_mm: float, image_mm: float) -> float:
    """Return u = f v / (v - f), the distance that is sharp at image distance v; infinite for v <= f."""
    if image_mm <= focal_length_mm:
        return math.inf
    return focal_length_mm * image_mm / (image_mm - focal_length_mm)


def magnification(focal_length_mm: float, distance_mm: float) -> float:
    """Return m = f / (u - f), size on the sensor over size at distance u > f."""
    _check_beyond_focus(focal_length_mm, distance_mm)
    return focal_length_mm / (distance_mm - focal_length_mm)


def distance_from_sensor_mm(focal_length_mm: float, distance_mm: float) -> float:
    """Return what a tape measures from the sensor mark to the object: u + v."""
    return distance_mm + image_distance_mm(focal_length_mm, distance_mm)


def distance_of_tape_mm(focal_length_mm: float, from_sensor_mm: float) -> float:
    """Return u = (D + sqrt(D² - 4 f D)) / 2 for a tape reading D >= 4 f from the sensor mark to the object."""
    if from_sensor_mm < 4.0 * focal_length_mm:
        raise ValueError("an object nearer than four focal lengths cannot be sharp on the sensor")
    root = math.sqrt(from_sensor_mm**2 - 4.0 * focal_length_mm * from_sensor_mm)
    return (from_sensor_mm + root) / 2.0


def defocus_um(focal_length_mm: float, distance_mm: float, offset_mm: float) -> float:
    """Return the image-side focus error dv = v(u) - v(u + offset) in µm; positive is back focus, like the offset.

    It is how much farther the lens must be from the sensor to be sharp at the AF mark.

    Args:
        focal_length_mm: f.
        distance_mm: u, of the AF mark.
        offset_mm: plane of sharpest focus minus AF mark.
    """
    focused = image_distance_mm(focal_length_mm, distance_mm + offset_mm)
    return 1000.0 * (image_distance_mm(focal_length_mm, distance_mm) - focused)


def offset_of_defocus_mm(focal_length_mm: float, distance_mm: float, defocus: float) -> float:
    """Return the offset in mm of a defocus in µm, the inverse of defocus_um; infinite beyond infinity."""
    image_mm = image_distance_mm(focal_length_mm, distance_mm) - defocus / 1000.0
    return object_distance_mm(focal_length_mm, image_mm) - distance_mm


def depth_of_field_mm(
    focal_length_mm: float, f_number: float, distance_mm: float, circle_mm: float
) -> tuple[float, float]:
    """Return the depth that is sharp in front of and behind the AF mark, both positive; behind may be infinite.

    With the hyperfocal distance H = f² / (N c) + f: near limit u (H - f) / (H + u - 2 f), far limit
    u (H - f) / (H - u), for a lens focused at u.

    Args:
        focal_length_mm: f.
        f_number: N, aperture of the shot.
        distance_mm: u, of the AF mark.
        circle_mm: c, circle of confusion.
    """
    _check_beyond_focus(focal_length_mm, distance_mm)
    hyperfocal = focal_length_mm**2 / (f_number * circle_mm) + focal_length_mm
    near = distance_mm * (hyperfocal - focal_length_mm) / (hyperfocal + distance_mm - 2.0 * focal_length_mm)
    if distance_mm >= hyperfocal:
        return distance_mm - near, math.inf
    far = distance_mm * (hyperfocal - focal_length_mm) / (hyperfocal - distance_mm)
    return distance_mm - near, far - distance_mm


def _check_beyond_focus(focal_length_mm: float, distance_mm: float) -> None:
    if not 0.0 < focal_length_mm < distance_mm:
        raise ValueError("the object must be farther away than the focal length")
