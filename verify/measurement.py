"""The result of measuring one photo, as it is handed to text, JSON and picture."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from .cameras.dial import Suggestion
from .checks import Sharpness
from .findings import Finding
from .photo.metadata import CameraInfo

MEASUREMENT_SCHEMA = "backfocus/measurement/1"
Interval = tuple[float, float]
Colour = Literal["red", "green", "blue"]


@dataclass(frozen=True)
class ChartRead:
    """Which chart the photo shows; `read_from` is "qr", or "markers" when the QR could not be read.

    `angle_deg` and `id` are None when only the markers were read.
    """

    design: str
    paper: str
    scale: float
    angle_deg: float | None
    id: str | None
    read_from: Literal["qr", "markers", "user"]


@dataclass(frozen=True)
class ColourOffset:
    """The offset that one colour has, with its 95 % interval; None where it cannot be measured."""

    offset_mm: float | None
    offset_ci95_mm: Interval | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as they stand in the JSON."""
        return {"offset_mm": _rounded(self.offset_mm), "offset_ci95_mm": _rounded_all(self.offset_ci95_mm)}


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What one photo says about focus; see DESIGN for the words. Unknown is None.

    Attributes:
        status: "measured", "out-of-range" (then only `offset_bound_mm` is given), "sharpness" (of an upright chart:
            only blur is given) or "refused".
        offset_mm: plane of sharpest focus minus AF mark along the optical axis; positive is back focus.
        offset_ci95_mm: interval that holds the true offset in 95 of 100 photos.
        offset_bound_mm: (at least, at most) for a focus outside of the sheet; one of them is None.
        interval_budget_mm: half widths of the parts of the interval, by name, at 95 %.
        tilt_deg: of the sheet, or of the panel with the AF mark.
        fold_deg: how far each wing of a folded sheet is turned, by name; positive = towards the camera.
        defocus_um: image-side focus error at the sensor; positive is back focus.
        depth_of_field_mm: in front of and behind the AF mark, both positive; behind may be infinite (null in JSON).
        offset_in_dof: offset over the whole depth of field.
        blur_at_mark_px: fitted blur at depth zero, standard deviation in pixels of the photo.
        sharpness: of an upright chart, which has no depth to measure an offset by (status "sharpness").
        channels_mm: the offset in red, green and blue light, where asked for.
    """

    photo: str
    status: Literal["measured", "out-of-range", "sharpness", "refused"]
    trustworthy: bool
    chart: ChartRead | None = None
    offset_mm: float | None = None
    offset_ci95_mm: Interval | None = None
    offset_bound_mm: tuple[float | None, float | None] | None = None
    interval_budget_mm: dict[str, float] | None = None
    verdict: Literal["in-focus", "front-focus", "back-focus"] | None = None
    tilt_deg: float | None = None
    fold_deg: dict[str, float] | None = None
    distance_mm: float | None = None
    defocus_um: float | None = None
    depth_of_field_mm: Interval | None = None
    offset_in_dof: float | None = None
    blur_at_mark_px: float | None = None
    sharpness: Sharpness | None = None
    channels_mm: dict[Colour, ColourOffset] | None = None
    camera: CameraInfo
    suggestion: Suggestion | None = None
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the measurement as it stands in the JSON: every field, unknown ones null."""
        return {
            "schema": MEASUREMENT_SCHEMA,
            "photo": self.photo,
            "status": self.status,
            "trustworthy": self.trustworthy,
            "chart": asdict(self.chart) if self.chart else None,
            "offset_mm": _rounded(self.offset_mm),
            "offset_ci95_mm": _rounded_all(self.offset_ci95_mm),
            "offset_bound_mm": _rounded_all(self.offset_bound_mm),
            "interval_budget_mm": None
            if self.interval_budget_mm is None
            else {name: _rounded(part) for name, part in self.interval_budget_mm.items()},
            "verdict": self.verdict,
            "tilt_deg": _rounded(self.tilt_deg),
            "fold_deg": None
            if self.fold_deg is None
            else {name: _rounded(angle) for name, angle in self.fold_deg.items()},
            "distance_mm": _rounded(self.distance_mm, 1),
            "defocus_um": _rounded(self.defocus_um, 2),
            "depth_of_field_mm": _rounded_all(self.depth_of_field_mm),
            "offset_in_dof": _rounded(self.offset_in_dof, 4),
            "blur_at_mark_px": _rounded(self.blur_at_mark_px),
            "sharpness": self.sharpness.to_dict() if self.sharpness else None,
            "channels_mm": None
            if self.channels_mm is None
            else {colour: found.to_dict() for colour, found in self.channels_mm.items()},
            "camera": self.camera.to_dict(),
            "suggestion": self.suggestion.to_dict() if self.suggestion else None,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits)


def _rounded_all(values: tuple[float | None, ...] | None) -> list[float | None] | None:
    return None if values is None else [_rounded(value) for value in values]
