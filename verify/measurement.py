"""The result of measuring one photo, as it is handed to text, JSON and picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backfocus.verify.findings import Finding
from backfocus.verify.photo.camera_info import CameraInfo
from backfocus.verify.tuning.suggestion import Suggestion

MEASUREMENT_SCHEMA = "backfocus/measurement/1"
Interval = tuple[float, float]


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
class Measurement:
    """What one photo says about focus; see DESIGN for the words. Unknown is None.

    Attributes:
        status: "measured", "out-of-range" (then only `offset_bound_mm` is given) or "refused".
        offset_mm: plane of sharpest focus minus AF mark along the optical axis; positive is back focus.
        offset_ci95_mm: interval that holds the true offset in 95 of 100 photos.
        offset_bound_mm: (at least, at most) for a focus outside of the sheet; one of them is None.
        interval_budget_mm: half widths of the parts of the interval, by name, at 95 %.
        defocus_um: image-side focus error at the sensor; positive is back focus.
        depth_of_field_mm: in front of and behind the AF mark, both positive.
        offset_in_dof: offset over the whole depth of field.
        blur_at_mark_px: fitted blur at depth zero, standard deviation in pixels of the photo.
    """

    photo: str
    status: Literal["measured", "out-of-range", "refused"]
    trustworthy: bool
    chart: ChartRead | None
    offset_mm: float | None
    offset_ci95_mm: Interval | None
    offset_bound_mm: tuple[float | None, float | None] | None
    interval_budget_mm: dict[str, float] | None
    verdict: Literal["in-focus", "front-focus", "back-focus"] | None
    tilt_deg: float | None
    distance_mm: float | None
    defocus_um: float | None
    depth_of_field_mm: Interval | None
    offset_in_dof: float | None
    blur_at_mark_px: float | None
    camera: CameraInfo
    suggestion: Suggestion | None
    findings: tuple[Finding, ...]
