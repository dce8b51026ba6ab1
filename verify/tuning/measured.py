"""Photos that were measured before: a row of a table, or the JSON of a measurement, as a shot of a series.

They come from anywhere: another version wrote them, somebody edited them. What cannot be is unknown, and what is no
result at all is told with its line.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, get_args

from backfocus.targets.errors import TableError, printable

from ..findings import KINDS, Finding
from ..measurement import MEASUREMENT_SCHEMA
from ..photo.metadata import CameraInfo
from ..photo.note import AfMethod
from ..photo.sensor import Completeness
from ..scoring.columns import COLUMNS, ROW_SCHEMA, STATUSES, Row, cells_of_measurement, row_of
from ..scoring.tables import checked
from .labels import MAX_STEPS, Label, label_of_name
from .saved import SERIES_SCHEMA
from .shots import NORMAL_95, LeftOut, Shot, setting_in_force

_CAMERA = {
    column.name: column.source.removeprefix("camera.")
    for column in COLUMNS
    if column.source is not None and column.source.startswith("camera.")
}
"""Fields of `CameraInfo` by the columns that hold them."""
_SHARED = ("interval_pose_mm", "interval_print_mm", "interval_model_mm")
"""Parts of a photo's interval that all photos of an unmoved sheet have in common."""
_SIZES = {
    "focal_length_mm": (1.0, 5000.0),
    "f_number": (0.5, 64.0),
    "widest_f_number": (0.5, 64.0),
    "sensor_width_mm": (1.0, 100.0),
    "format_width_mm": (1.0, 100.0),
    "focus_distance_m": (0.01, 10_000.0),
    **dict.fromkeys(("af_setting", "af_setting_wide", "af_setting_tele"), (-MAX_STEPS, MAX_STEPS)),
}
"""What there can be, as in a photo's own metadata."""
_DISTANCES_MM = (10.0, 1e7)
_MOST_MM = 1e6
"""Of an offset or its uncertainty: 1 km."""
_REACHES_MM = (1e-3, 1e9)
_BLURS = (1e-6, 1.0)
"""As a part of the picture's long side."""
_MOST_TEXT = 200
_WORDS = {"picture": get_args(Completeness), "af_method": get_args(AfMethod)}
"""Fields that hold one of a few words."""
_DAMAGED = (ValueError, RecursionError, OverflowError)
_REPAIR = "Repair that line or take it out, or measure the photo again."
_AGAIN = "Measure it again, with backfocus measure, for the cause."


def read_lines(content: bytes, name: str) -> Iterator[Row]:
    """Return the rows that JSON tells: lines of `measure --json` or of a table, mixed, or one object.

    Args:
        content: of the file.
        name: of the file, safe to print.

    Raises:
        TableError: it is no such JSON, or something cannot be; the text names the line.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TableError(f"{name} is neither JSON nor JSON lines.") from None
    for number, line in _parts(text):
        try:
            found = json.loads(line)
            if isinstance(found, dict) and found.get("schema") == SERIES_SCHEMA:
                raise TableError(f"{name} is a series that tune --save wrote.", "Compare with it by --before.")
            yield _row(found)
        except _DAMAGED as error:
            why = f"no JSON ({error.msg})" if isinstance(error, json.JSONDecodeError) else error
            raise TableError(f"{name}, line {number}: {printable(str(why))[:_MOST_TEXT]}.", _REPAIR) from None


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Return the lines that hold something, numbered; a text that is one object, over several lines, whole."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) > 1 and lines[0][1].strip() == "{":
        yield lines[0][0], text
    else:
        yield from lines


def _row(found: object) -> Row:
    """Return the row that an object makes.

    Raises:
        ValueError: it is of something else, or damaged.
    """
    if not isinstance(found, dict):
        raise ValueError("no result of backfocus measure or score")
    schema = found.get("schema")
    if schema == ROW_SCHEMA:
        return checked(found)
    if schema != MEASUREMENT_SCHEMA:
        raise ValueError(f"its schema is {schema}, which is no result of backfocus measure or score")
    if not isinstance(found.get("photo"), str) or found.get("status") not in STATUSES:
        raise ValueError("no photo or status")
    try:
        return row_of({"path": found["photo"], **cells_of_measurement(found)})
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ValueError(f"the measurement is damaged ({type(error).__name__}: {error})") from None


def shot_of_row(row: Row, said: Label | None = None) -> Shot | LeftOut:
    """Return what a measured photo says for a series; why not, where it tells neither offset nor blur.

    Rows come from files that anybody may have edited: sizes that cannot be are unknown.

    Args:
        row: a row of `backfocus score`, or of the JSON of a measurement by `cells_of_measurement`.
        said: setting and approach; None for those that the photo's name tells, as in +5_001.jpg. Without a setting
            that of the camera counts.
    """
    photo, findings = printable(str(row["path"])), _findings(row)
    offset, low, high = (_number(row[name]) for name in ("offset_mm", "offset_ci95_low_mm", "offset_ci95_high_mm"))
    blur = _blur(row)
    if row["status"] != "measured" or not row["trustworthy"] or offset is None or abs(offset) > _MOST_MM:
        offset = low = high = None
    if offset is None and blur is None:
        return _left_out(photo, row, findings)
    said, camera = said or label_of_name(PurePath(photo).name), _camera(row)
    half = 0.0 if low is None or high is None else min(abs(high - low) / 2.0, _MOST_MM)
    shared = 0.0 if offset is None else math.hypot(*(_number(row[name]) or 0.0 for name in _SHARED))
    return Shot(
        photo=photo,
        camera=camera,
        setting=setting_in_force(camera) if said.setting is None else said.setting,
        approach=said.approach,
        offset_mm=offset,
        offset_sd_mm=half / NORMAL_95,
        shared_sd_mm=min(shared, _MOST_MM) / NORMAL_95,
        distance_mm=_within(row["distance_mm"], _DISTANCES_MM),
        depth_of_field_mm=_reach(row["depth_of_field_front_mm"], row["depth_of_field_behind_mm"]),
        in_focus_mm=_reach(row["in_focus_front_mm"], row["in_focus_behind_mm"]),
        blur_at_mark=blur,
        findings=findings,
    )


def _blur(row: Row) -> float | None:
    blur = _size(row["blur_at_mark_px"])
    sides = [_size(row[name]) for name in ("picture_width_px", "picture_height_px")]
    long_px = max((side for side in sides if side is not None), default=None)
    return None if blur is None or long_px is None else _within(blur / long_px, _BLURS)


def _left_out(photo: str, row: Row, findings: tuple[Finding, ...]) -> LeftOut:
    if row["error"] is not None:
        return LeftOut(photo, printable(str(row["error"])), "See that the file is whole.", is_unreadable=True)
    critical = [found for found in findings if found.severity == "critical"]
    if critical:
        return LeftOut(photo, critical[-1].message, critical[-1].remedy)
    if row["status"] == "sharpness":
        return LeftOut(photo, "An upright chart tells no side.", "Take photos of a flat or zfold chart.")
    return LeftOut(photo, printable(str(row["finding_messages"] or "Not measured.")), _AGAIN)


def _findings(row: Row) -> tuple[Finding, ...]:
    """Return the findings of a row; codes of other versions are left out."""
    codes = str(row["findings"] or "").split("; ")
    messages = str(row["finding_messages"] or "").split(" | ")
    told = messages if len(messages) == len(codes) else [""] * len(codes)
    return tuple(
        KINDS[code].finding(printable(message) or None)
        for code, message in zip(codes, told, strict=True)
        if code in KINDS
    )


def _camera(row: Row) -> CameraInfo:
    known: dict[str, Any] = {name: row[column] for column, name in _CAMERA.items()}
    known |= {name: _within(known[name], ends) for name, ends in _SIZES.items()}
    known |= {name: _text(found) for name, found in known.items() if isinstance(found, str)}
    known |= {name: known[name] if known[name] in words else None for name, words in _WORDS.items()}
    return CameraInfo(**known)


def _reach(front: object, behind: object) -> tuple[float, float] | None:
    """Return how far something reaches in front and behind, where an empty cell is infinite; None if unknown."""
    near, far = _within(front, _REACHES_MM), _within(behind, _REACHES_MM)
    if near is None or (far is None and behind is not None):
        return None
    return near, math.inf if far is None else far


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _size(value: object) -> float | None:
    """Return a number over zero; None for any other."""
    number = _number(value)
    return number if number is not None and number > 0.0 else None


def _within(value: object, ends: tuple[float, float]) -> float | None:
    """Return a number within its believable range; None for any other."""
    number = _number(value)
    return number if number is not None and ends[0] <= number <= ends[1] else None


def _text(text: str) -> str | None:
    # As of a photo's own metadata: a terminal should not obey what a file says.
    return "".join(c for c in text[:_MOST_TEXT] if c.isprintable()).strip()[:80] or None
