"""Photos that were measured before: a row of a table, or the JSON of a measurement, as a shot of a series."""

from __future__ import annotations

import math
from pathlib import PurePath
from typing import Any, get_args

from ..findings import KINDS, Finding
from ..photo.metadata import CameraInfo
from ..photo.note import AfMethod
from ..photo.sensor import Completeness
from ..scoring.columns import COLUMNS, Row
from .labels import label_of_name
from .shots import NORMAL_95, LeftOut, Shot, setting_in_force

_CAMERA = {
    column.name: column.source.removeprefix("camera.")
    for column in COLUMNS
    if column.source is not None and column.source.startswith("camera.")
}
"""Fields of `CameraInfo` by the columns that hold them."""
_SHARED = ("interval_pose_mm", "interval_print_mm", "interval_model_mm")
"""Parts of a photo's interval that all photos of an unmoved sheet have in common."""
_SIZES = frozenset({"focal_length_mm", "f_number", "widest_f_number", "sensor_width_mm", "format_width_mm"})
_WORDS = {"picture": get_args(Completeness), "af_method": get_args(AfMethod)}
"""Fields that hold one of a few words."""
_AGAIN = "Measure it again, with backfocus measure, for the cause."


def shot_of_row(row: Row) -> Shot | LeftOut:
    """Return what a measured photo says for a series; why not, where it tells no offset to rely on.

    Setting and approach are those that the photo's name tells, as in +5_001.jpg; else the camera's setting. Rows
    come from files that anybody may have edited: sizes that cannot be are unknown.

    Args:
        row: a row of `backfocus score`, or of the JSON of a measurement by `cells_of_measurement`.
    """
    photo, findings = str(row["path"]), _findings(row)
    offset, low, high = (_number(row[name]) for name in ("offset_mm", "offset_ci95_low_mm", "offset_ci95_high_mm"))
    if row["status"] != "measured" or not row["trustworthy"] or offset is None:
        return _left_out(photo, row, findings)
    said, camera = label_of_name(PurePath(photo).name), _camera(row)
    half = 0.0 if low is None or high is None else abs(high - low) / 2.0
    return Shot(
        photo=photo,
        camera=camera,
        setting=setting_in_force(camera) if said.setting is None else said.setting,
        approach=said.approach,
        offset_mm=offset,
        offset_sd_mm=half / NORMAL_95,
        shared_sd_mm=math.hypot(*(_number(row[name]) or 0.0 for name in _SHARED)) / NORMAL_95,
        distance_mm=_size(row["distance_mm"]),
        depth_of_field_mm=_reach(row["depth_of_field_front_mm"], row["depth_of_field_behind_mm"]),
        in_focus_mm=_reach(row["in_focus_front_mm"], row["in_focus_behind_mm"]),
        findings=findings,
    )


def _left_out(photo: str, row: Row, findings: tuple[Finding, ...]) -> LeftOut:
    if row["error"] is not None:
        return LeftOut(photo, str(row["error"]), "See that the file is whole.", is_unreadable=True)
    critical = [found for found in findings if found.severity == "critical"]
    if critical:
        return LeftOut(photo, critical[-1].message, critical[-1].remedy)
    if row["status"] == "sharpness":
        return LeftOut(photo, "An upright chart tells no side.", "Take photos of a flat or zfold chart.")
    return LeftOut(photo, str(row["finding_messages"] or "Not measured."), _AGAIN)


def _findings(row: Row) -> tuple[Finding, ...]:
    """Return the findings of a row; codes of other versions are left out."""
    codes = str(row["findings"] or "").split("; ")
    messages = str(row["finding_messages"] or "").split(" | ")
    told = messages if len(messages) == len(codes) else [""] * len(codes)
    return tuple(
        KINDS[code].finding(message or None) for code, message in zip(codes, told, strict=True) if code in KINDS
    )


def _camera(row: Row) -> CameraInfo:
    known: dict[str, Any] = {name: row[column] for column, name in _CAMERA.items()}
    known |= {name: _size(known[name]) for name in _SIZES}
    known |= {name: known[name] if known[name] in words else None for name, words in _WORDS.items()}
    return CameraInfo(**known)


def _reach(front: object, behind: object) -> tuple[float, float] | None:
    """Return how far something reaches in front and behind, where an empty cell is infinite; None if unknown."""
    near = _size(front)
    return None if near is None else (near, _size(behind) or math.inf)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _size(value: object) -> float | None:
    """Return a number over zero; None for any other."""
    number = _number(value)
    return number if number is not None and number > 0.0 else None
