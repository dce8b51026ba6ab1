"""The result of a series, as it is handed to text, JSON and records."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..findings import Finding
from ..formats import rounded
from ..photo.metadata import CameraInfo
from .advice import Advice, Compromise
from .grouping import FocusShift
from .setting import Dial, SettingEstimate
from .shots import LeftOut, Shot
from .statistics import GroupStatistics, Mean, Scale, Zero

SERIES_SCHEMA = "backfocus/series/1"


@dataclass(frozen=True)
class SweepPoint:
    """Median blur at the AF mark at one setting, as a part of the picture's long side."""

    setting: float
    n: int
    blur_at_mark: float


@dataclass(frozen=True)
class SeriesResult:
    """One focal length, aperture and distance.

    Attributes:
        shots: those that it rests on, in the order in which they came; also those that stood apart.
        groups: by setting; empty in a sweep of which only the blur is known. `means` are theirs, in `scale`.
        sweep: blur by setting, where that and not the offsets told the setting; else empty.
        unused: photos whose offset could not be told and whose blur was of no use.
        estimate: the setting at which the error is zero; None if that cannot be told.
        advice: None for an aperture that is not the widest of the series: autofocus works wide open.
    """

    camera: CameraInfo
    distance_mm: float | None
    scale: Scale
    dial: Dial
    zero: Zero
    shots: tuple[Shot, ...]
    groups: tuple[GroupStatistics, ...]
    means: tuple[Mean, ...]
    sweep: tuple[SweepPoint, ...]
    unused: tuple[LeftOut, ...]
    estimate: SettingEstimate | None
    advice: Advice | None
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as they stand in the JSON."""
        return {
            "focal_length_mm": rounded(self.camera.focal_length_mm),
            "f_number": rounded(self.camera.f_number),
            "distance_mm": rounded(self.distance_mm),
            "depth_of_field_mm": rounded(self.scale.depth_of_field_mm),
            "reference": None
            if not self.zero.n
            else {
                "n": self.zero.n,
                "offset_mm": rounded(self.zero.offset_mm),
                "se_mm": rounded(self.zero.sd_mm),
            },
            "shots": [_shot(shot) for shot in self.shots],
            "groups": [group.to_dict() for group in self.groups],
            "sweep": [asdict(point) for point in self.sweep],
            "estimate": None if self.estimate is None else _estimate(self.estimate, self.scale),
            "advice": None if self.advice is None else self.advice.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
        }


@dataclass(frozen=True)
class LensResult:
    """One body with one lens.

    Attributes:
        compromise: for several focal lengths or distances, else None.
        focus_shift: for several apertures, else empty.
    """

    body: str | None
    lens: str | None
    series: tuple[SeriesResult, ...]
    compromise: Compromise | None
    focus_shift: tuple[FocusShift, ...]
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as they stand in the JSON."""
        return {
            "body": self.body,
            "lens": self.lens,
            "series": [series.to_dict() for series in self.series],
            "compromise": None if self.compromise is None else self.compromise.to_dict(),
            "focus_shift": [shift.to_dict() for shift in self.focus_shift],
            "findings": [finding.to_dict() for finding in self.findings],
        }


@dataclass(frozen=True)
class TuneResult:
    """All that a folder of photos says.

    Attributes:
        advice: to check the set-up, where most photos could not be used; else None.
        photos: how many there were, an exposure saved twice counted once.
    """

    advice: Advice | None
    lenses: tuple[LensResult, ...]
    left_out: tuple[LeftOut, ...]
    photos: int

    def to_dict(self) -> dict[str, Any]:
        """Return the result as it stands in the JSON, but for the date: every field, unknown ones null."""
        return {
            "schema": SERIES_SCHEMA,
            "photos": self.photos,
            "advice": None if self.advice is None else self.advice.to_dict(),
            "lenses": [lens.to_dict() for lens in self.lenses],
            "left_out": [photo.to_dict() for photo in self.left_out],
        }


def _shot(shot: Shot) -> dict[str, Any]:
    return {
        "photo": shot.photo,
        "setting": shot.setting,
        "approach": shot.approach,
        "offset_mm": rounded(shot.offset_mm),
    }


def _estimate(estimate: SettingEstimate, scale: Scale) -> dict[str, Any]:
    slope = estimate.slope
    return {
        "setting": estimate.setting,
        "crossing": rounded(estimate.crossing),
        "ci95": rounded(estimate.ci95),
        "basis": estimate.basis,
        "step_um": None if slope is None or not scale.at_sensor else rounded(slope),
        "step_ci95_um": rounded(estimate.slope_ci95) if scale.at_sensor else None,
        "step_mm": None if slope is None else rounded(scale.slope_mm(0.0) * slope),
        "plus_moves_focus": None if slope is None else "farther" if slope > 0 else "closer",
        "scatter_steps": rounded(estimate.scatter_steps),
    }
