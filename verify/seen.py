"""Which width of the sensor a picture shows: the sheet's perspective decides among what the metadata leave open.

Perspective tells the focal length in pixels to 0.2 % (85 mm at 2.2 m). Over the nominal one in mm it is the width
of a pixel on the sensor, as far as the nominal one can be believed: to some per cent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .findings import Finding, Findings
from .fit.pose import FOCAL_PRIOR_SD
from .geometry import Pose
from .photo.reading import Photo
from .photo.sensor import SAME_WIDTH, Reading

_FOCAL = 6
"""Place of the logarithm of the focal length among the parameters of a pose."""
SURE_SD = 0.02
"""Of the focal length by perspective: less sharp, what metadata tell still shows in it, and twice in the dial."""
OPEN = 4.0
"""How much worse another reading may be and stay open, in squared standard deviations: two of them."""
HIDDEN = 3.0
"""Standard errors of what perspective tells by itself, up to which another reading may be the right one."""
_BY_PROGRAM = ("cut", "resized")


@dataclass(frozen=True)
class Judged:
    """A reading with how the sheet is seen by it: by a lens that many times as long as the nominal one."""

    reading: Reading
    times: float

    @property
    def cost(self) -> float:
        """How ill it fits, in squared standard deviations; what witnesses say for it counts as much each."""
        return (math.log(self.times) / FOCAL_PRIOR_SD) ** 2 - self.reading.votes


def settle(photo: Photo, pose: Pose) -> Photo:
    """Return the photo with the width of sensor that fits the pose best, and what is to be said of it.

    Nothing changes where the focal length is unknown, or where no reading fits: that is a contradiction.
    """
    if photo.camera.focal_length_mm is None or not photo.readings:
        return photo
    judged = [
        Judged(reading, _times(pose, reading.width_mm, photo.camera.focal_length_mm)) for reading in photo.readings
    ]
    fitting = [each for each in judged if Findings.PERSPECTIVE_CONTRADICTS.crossed(each.times) is None]
    if not fitting:
        return photo
    best = min(fitting, key=lambda each: each.cost)
    rivals = [
        each
        for each in fitting
        if each.cost - best.cost < OPEN and abs(each.reading.width_mm / best.reading.width_mm - 1.0) > SAME_WIDTH
    ]
    reading, is_weak = best.reading, focal_sd(pose) > SURE_SD
    if is_weak:
        rivals += [each for each in judged if each not in rivals and _is_hidden(each.reading, reading, pose)]
    camera = replace(photo.camera, sensor_width_mm=reading.width_mm, picture=reading.completeness)
    missing_px = _missing_px(photo, pose, reading)
    findings = (*photo.findings, *_of_the_reading(photo, reading), *_of_rivals(reading, rivals))
    if reading.completeness == "whole" and not rivals:
        findings += _of_the_outvoted(photo, reading)
    is_doubtful = bool(rivals) and is_weak
    return replace(photo, camera=camera, off_axis_px=missing_px, findings=findings, is_size_doubtful=is_doubtful)


def _is_hidden(other: Reading, chosen: Reading, pose: Pose) -> bool:
    """Whether another reading may be right, though the pose, which leans on the chosen one, says no."""
    apart = abs(math.log(other.width_mm / chosen.width_mm))
    told2 = 1.0 / focal_sd(pose) ** 2 - 1.0 / FOCAL_PRIOR_SD**2
    return other.votes >= 1.0 and apart > SAME_WIDTH and apart * math.sqrt(max(told2, 0.0)) < HIDDEN


def why_no_dial(photo: Photo, findings: Iterable[Finding]) -> str | None:
    """Return why focal length or sensor are too uncertain for a number to dial; None where they are not."""
    if any(found.code == Findings.PERSPECTIVE_CONTRADICTS.code for found in findings):
        return (
            "No number, as the sheet is seen by another focal length than the metadata tell: measure the file as "
            "it comes from the camera, or give the true --focal-length and --sensor-width."
        )
    if photo.camera.picture == "cut":
        # Corners of 80 and 85 % of the picture gave seven dials that were off by two steps.
        return (
            "No number, as a program has cut the picture and the lens's axis may be anywhere in it: measure the "
            "file as it comes from the camera."
        )
    if photo.is_size_doubtful:
        return (
            "No number, as nothing tells whether the picture was scaled or cut: measure the file as it comes from "
            "the camera."
        )
    return None


def focal_sd(pose: Pose) -> float:
    """Return the relative standard error of the focal length by a pose."""
    return math.sqrt(max(float(pose.covariance[_FOCAL, _FOCAL]), 0.0))


def _times(pose: Pose, width_mm: float, focal_length_mm: float) -> float:
    """Return the focal length that the sheet is seen by, over the nominal one, at a width of the picture."""
    from_lens_mm = pose.focal_px * width_mm / max(pose.image_size)
    # What perspective tells is the distance from lens to sensor, v = f (1 + v / u).
    return from_lens_mm / (1.0 + from_lens_mm / pose.distance_mm) / focal_length_mm


def _missing_px(photo: Photo, pose: Pose, reading: Reading) -> float:
    """Return how far the lens's axis may be from the picture's middle, by what a program has cut off."""
    if reading.completeness == "resized":
        return 0.0
    if reading.completeness != "cut" or photo.off_axis_px or photo.camera.format_width_mm is None:
        return photo.off_axis_px
    missing = photo.camera.format_width_mm / reading.width_mm - 1.0
    return max(missing, 0.0) * math.hypot(*pose.image_size) / 2


def _of_the_reading(photo: Photo, reading: Reading) -> tuple[Finding, ...]:
    format_mm = photo.camera.format_width_mm
    if reading.completeness == "digital zoom":
        return (Findings.DIGITAL_ZOOM.finding(f"Digital zoom: it shows {reading.width_mm:.1f} mm of the sensor."),)
    is_said = any(found.code == Findings.PHOTO_RESIZED.code for found in photo.findings)
    if reading.completeness not in _BY_PROGRAM or is_said or format_mm is None:
        return ()
    message = (
        f"A program has kept a part of the picture: it shows {reading.width_mm:.1f} mm of the sensor's "
        f"{format_mm:.1f} mm, as the sheet's perspective tells."
    )
    return (Findings.PHOTO_RESIZED.finding(message),)


def _of_the_outvoted(photo: Photo, reading: Reading) -> tuple[Finding, ...]:
    """Return what is to be said of a width that the file states, where the perspective shows another."""
    others = [
        each.width_mm
        for each in photo.readings
        if each.votes >= 1.0 and each.completeness == "cut" and each.width_mm < reading.width_mm
    ]
    if not others or any(found.code == Findings.PHOTO_RESIZED.code for found in photo.findings):
        return ()
    message = (
        f"By the pixel pitch in the file the picture shows {others[0]:.1f} mm of the sensor, by the sheet's "
        f"perspective {reading.width_mm:.1f} mm, which is used: the pitch is wrong, or a program has scaled it."
    )
    return (Findings.PITCH_OUTVOTED.finding(message),)


def _of_rivals(reading: Reading, rivals: list[Judged]) -> tuple[Finding, ...]:
    if not rivals:
        return ()
    others = " or ".join(f"{each.reading.width_mm:.1f} mm ({each.reading.completeness})" for each in rivals)
    message = f"It shows {reading.width_mm:.1f} mm of the sensor ({reading.completeness}), but perhaps {others}."
    return (Findings.SENSOR_WIDTH_OPEN.finding(message),)
