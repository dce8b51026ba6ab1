"""The thin lens: distances, magnification, depth of field, focus error at the sensor; and what counts as in focus.

All distances run from the lens's front principal plane along the optical axis. The formulae are those of
https://www.dofmaster.com/equations.html, in exact form. The gap between the two principal planes and the pupil
magnification are neglected, since no photo tells them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt

Verdict = Literal["in-focus", "front-focus", "back-focus"]
Array = npt.NDArray[np.float64]

SHARP, SLIGHTLY_OFF = 0.05, 0.1
"""Part of the sharpness (MTF50) of the sharpest plane that the AF mark may lose and be in focus; and from which on
it is off, not slightly off. Measurements of MTF50 for AF work are said to repeat within the first."""
_SEARCHED = np.geomspace(1e-5, 0.5, 400)
"""Of the distance: where the limits of what is in focus are looked for."""
# Zeiss's d/1500: at a print seen as a whole, blur of a 1500th of the picture's diagonal is not noticed.
FULL_FRAME_DIAGONAL_MM = math.hypot(36.0, 24.0)
CIRCLES_PER_DIAGONAL = 1500.0


def circle_of_confusion_mm(sensor_width_mm: float, image_size: tuple[int, int]) -> float:
    """Return the largest blur disc on the sensor that still counts as sharp: sensor diagonal / 1500.

    Args:
        sensor_width_mm: long side of the sensor, as far as it made the picture.
        image_size: of the picture in pixels, either way round.
    """
    return sensor_diagonal_mm(sensor_width_mm, image_size) / CIRCLES_PER_DIAGONAL


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


def blur_slope_px_per_mm(aperture_mm: float, focal_px: float, distance_mm: float) -> float:
    """Return the rise of blur, as standard deviation of an edge, for each mm of defocus at an object distance.

    An evenly lit disc of diameter D spreads an edge by D / 4. With s = (1/Zf - 1/Z) Zm² as in the focus curve,
    D = aperture · focal_px · |s| / Zm², exactly.

    Args:
        aperture_mm: diameter of the entrance pupil, focal length over f-number.
        focal_px: distance from lens to sensor in pixels.
        distance_mm: of the AF mark from the lens, Zm.
    """
    return aperture_mm * focal_px / (4.0 * distance_mm**2)


def mtf50_cycles_px(blur_px: float) -> float:
    """Return the frequency at which half of the contrast is left, in cycles a pixel: sqrt(2 ln 2) / (2 pi blur).

    Args:
        blur_px: standard deviation of the edge spread, taken for a Gaussian.
    """
    return math.sqrt(2.0 * math.log(2.0)) / (2.0 * math.pi * blur_px)


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


def in_focus_range_mm(
    blur_px: Callable[[Array], Array], sharpest_mm: float, distance_mm: float
) -> tuple[float, float]:
    """Return by how much the sharpest plane may miss the AF mark in front and behind, both positive, or infinite.

    So far the mark keeps all but SHARP of the contrast: MTF50 is proportional to 1 / blur for a shape of blur.

    Args:
        blur_px: the focus curve: blur (n,) at depths (n,) from the AF mark.
        sharpest_mm: the depth at which it is least.
        distance_mm: of the AF mark.
    """
    away = _SEARCHED * distance_mm
    most_px = float(blur_px(np.array([sharpest_mm]))[0]) / (1.0 - SHARP)

    def reach(side: float) -> float:
        blur = blur_px(sharpest_mm + side * away)
        beyond = np.flatnonzero(blur > most_px)
        if not len(beyond):
            return math.inf
        last = slice(max(beyond[0] - 1, 0), beyond[0] + 1)
        return float(np.interp(most_px, blur[last], away[last]))

    # The curve as it is behind the sharpest plane tells of a mark behind it, which is front focus.
    return reach(1.0), reach(-1.0)


def sharpness_lost(blur_at_mark_px: float, blur_at_focus_px: float) -> float:
    """Return the part of the sharpest plane's MTF50 that the AF mark lacks, 0 to 1."""
    return max(1.0 - blur_at_focus_px / blur_at_mark_px, 0.0)


def sharpness_lost_at(error: float, reach: float) -> float:
    """Return the part of MTF50 that a focus error costs, 0 to 1, where blur² grows with the square of the error.

    Args:
        error: of either sign.
        reach: the error at which SHARP of it is lost, in the same unit; infinite where none is lost.
    """
    return 1.0 - 1.0 / math.sqrt(1.0 + ((1.0 - SHARP) ** -2 - 1.0) * (error / reach) ** 2)


def focus_verdict(
    offset_mm: float, ci95_mm: tuple[float, float], in_focus_mm: tuple[float, float]
) -> Verdict | None:
    """Return whether the AF mark is in focus, or on which side the lens missed it; for a photo or a series.

    It is in focus if it keeps its contrast wherever in the interval the sharpest plane lies. It is missed if the
    interval leaves no doubt on which side, and the mark has lost its contrast at the offset. Else nothing is said.

    Args:
        offset_mm: sharpest plane minus AF mark.
        ci95_mm: its interval, or its bounds, one of which is infinite.
        in_focus_mm: what counts as in focus, see `in_focus_range_mm`.
    """
    (low, high), (front, behind) = ci95_mm, in_focus_mm
    if -front <= low and high <= behind:
        return "in-focus"
    if low > 0.0 and offset_mm > behind:
        return "back-focus"
    if high < 0.0 and offset_mm < -front:
        return "front-focus"
    return None


def _check_beyond_focus(focal_length_mm: float, distance_mm: float) -> None:
    if not 0.0 < focal_length_mm < distance_mm:
        raise ValueError("the object must be farther away than the focal length")
