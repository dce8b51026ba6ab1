"""One measured photo of a series."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from backfocus.verify.findings import Finding
from backfocus.verify.focus.optics import defocus_um
from backfocus.verify.measurement import Interval, Measurement
from backfocus.verify.measuring import Analysis
from backfocus.verify.photo.metadata.camera_info import CameraInfo

Approach = Literal["near", "far"]
"""Where the lens was focused before autofocus ran: on something nearer or farther than the chart."""

NORMAL_95 = 1.96
_ZOOM_RANGE = re.compile(r"(\d+(?:\.\d+)?) ?- ?(\d+(?:\.\d+)?) ?mm", re.IGNORECASE)
"""In a lens's name. Canon interpolates between a zoom's two values (reference: EOS 1D X and 5D III)."""
_SHARED_PARTS = ("pose", "print", "model")
"""Parts of a photo's interval that all photos of an unmoved sheet have in common."""


@dataclass(frozen=True)
class Shot:
    """What one photo says.

    Attributes:
        setting: AF fine-tune setting in force, in the camera's steps.
        approach: which side the lens was focused on before.
        offset_mm: plane of sharpest focus minus AF mark, positive is back focus; None where it lies beyond the
            sheet or cannot be told, while the blur is known.
        offset_sd_mm: standard uncertainty of the measurement, without the scatter of autofocus.
        shared_sd_mm: the part of it that all photos of an unmoved sheet have in common.
        distance_mm: of the AF mark from the lens's front principal plane.
        depth_of_field_mm: in front of and behind the AF mark.
        blur_at_mark: standard deviation of the blur at the AF mark, as a part of the picture's long side.
    """

    photo: str
    camera: CameraInfo
    setting: float | None
    approach: Approach | None
    offset_mm: float | None
    offset_sd_mm: float = 0.0
    shared_sd_mm: float = 0.0
    distance_mm: float | None = None
    depth_of_field_mm: Interval | None = None
    blur_at_mark: float | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def defocus_um(self) -> float | None:
        """The focus error at the sensor, positive for back focus; None without focal length or distance."""
        focal_length, distance = self.camera.focal_length_mm, self.distance_mm
        if self.offset_mm is None or focal_length is None or distance is None:
            return None
        # Nothing nearer than the focal length can be sharp; such numbers come from wrong metadata.
        if distance + min(0.0, self.offset_mm) <= focal_length:
            return None
        return defocus_um(focal_length, distance, self.offset_mm)


def shot_of(analysis: Analysis, setting: float | None, approach: Approach | None) -> Shot | None:
    """Return what a photo says for a series; None if neither a trustworthy offset nor the blur at the AF mark."""
    measurement = analysis.measurement
    usable = measurement.status == "measured" and measurement.trustworthy
    blur = None if usable and measurement.offset_mm is None else _blur_at_mark(analysis)
    if not usable and blur is None:
        return None
    return Shot(
        photo=measurement.photo,
        camera=measurement.camera,
        setting=setting_in_force(measurement.camera) if setting is None else setting,
        approach=approach,
        offset_mm=measurement.offset_mm if usable else None,
        offset_sd_mm=_half_width(measurement) / NORMAL_95 if usable else 0.0,
        shared_sd_mm=_shared_half_width(measurement) / NORMAL_95 if usable else 0.0,
        distance_mm=measurement.distance_mm,
        depth_of_field_mm=measurement.depth_of_field_mm,
        blur_at_mark=blur,
        findings=measurement.findings,
    )


def setting_in_force(camera: CameraInfo) -> float | None:
    """Return the AF fine-tune setting in force, between a zoom's wide and tele values by its focal length."""
    wide, tele, focal_length = camera.af_setting_wide, camera.af_setting_tele, camera.focal_length_mm
    if camera.af_setting is not None or wide is None or tele is None:
        return camera.af_setting
    ends = _ZOOM_RANGE.search(camera.lens or "")
    if wide == tele or ends is None or focal_length is None:
        return wide if wide == tele else None
    shortest, longest = float(ends[1]), float(ends[2])
    if not shortest < longest:
        return None
    part = min(max((focal_length - shortest) / (longest - shortest), 0.0), 1.0)
    return wide + part * (tele - wide)


def _half_width(measurement: Measurement) -> float:
    interval = measurement.offset_ci95_mm
    return 0.0 if interval is None else (interval[1] - interval[0]) / 2.0


def _shared_half_width(measurement: Measurement) -> float:
    budget = measurement.interval_budget_mm or {}
    return math.hypot(*(budget.get(name, 0.0) for name in _SHARED_PARTS))


def _blur_at_mark(analysis: Analysis) -> float | None:
    """Return the blur at depth zero by the curve; without a curve, that of the edges nearest to the AF mark."""
    if analysis.pose is None or analysis.samples is None:
        return None
    long_side = max(analysis.photo.codes.shape)
    if analysis.curve is not None:
        return float(analysis.curve.blur_px(np.zeros(1)).item() / long_side)
    distance = np.hypot(*analysis.samples.sheet_mm.T)
    if not len(distance):
        return None
    nearest = distance <= np.quantile(distance, 0.1)
    return float(np.median(analysis.samples.blur_px[nearest]) / long_side)
