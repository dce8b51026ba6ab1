"""What the user says about shots: AF fine-tune setting and approach, by a photo's name or in a table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backfocus.verify.photo.opening import printable_name
from backfocus.verify.series.shots.shot import Approach

# A number with its sign as a word of its own, or a number right after a word for the setting: a date or a camera's
# own count has neither. Zero needs no sign at the start, as in 0_001.jpg, or after the word.
_SIGNED = r"[+\-\u2212]\d{1,3}(?:\.\d)?"
_SETTING = re.compile(
    rf"(?:(?:^|(?<=[\W_]))(?:afma|aft|af|ma|setting)(?:[ _=]?({_SIGNED}|0)|(\d{{1,2}}(?:\.\d)?))"
    rf"|(?:^|(?<=[_ ]))({_SIGNED})"
    r"|^(0))(?=[_ .\-]|$)",
    re.IGNORECASE,
)
_APPROACH = re.compile(r"(?<![a-z])(near|close|far|infinity|inf)(?![a-z])", re.IGNORECASE)
_APPROACHES: dict[str, Approach] = {
    "near": "near",
    "close": "near",
    "far": "far",
    "infinity": "far",
    "inf": "far",
}
# Firmware extensions reach 100.
MAX_STEPS = 100.0
_MAX_BYTES = 10_000_000


@dataclass(frozen=True)
class Label:
    """Setting and approach of one shot; None where nothing was said."""

    setting: float | None = None
    approach: Approach | None = None


class LabelError(Exception):
    """A table that cannot be used; the text says where and why."""


def label_of_name(name: str) -> Label:
    """Return what a photo's name says: +5_001.jpg, AF-10_near_3.jpg, 0_far.NEF."""
    stem = Path(name).stem
    found = _SETTING.search(stem)
    setting = None
    if found is not None:
        setting = float(next(group for group in found.groups() if group is not None).replace("\u2212", "-"))
    approach = _APPROACH.search(stem)
    return Label(
        None if setting is None or abs(setting) > MAX_STEPS else setting,
        _APPROACHES[approach[1].lower()] if approach else None,
    )


def label_of(name: str, table: Mapping[str, Label]) -> Label:
    """Return what the table says about a photo, and where it says nothing, what the name says."""
    said, named = table.get(name, Label()), label_of_name(name)
    return Label(
        named.setting if said.setting is None else said.setting,
        said.approach or named.approach,
    )


def read_labels(path: Path) -> dict[str, Label]:
    """Return the labels of a CSV table with the columns photo, setting, approach, by the photo's file name.

    Raises:
        LabelError: no such table, or a value in it that cannot be used.
    """
    name = printable_name(path.name)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise LabelError(f"{name}: over 10 MB is no table of shots.")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise LabelError(f"{name} is no text; save the table as CSV in UTF-8.") from None
    except OSError as error:
        raise LabelError(f"Cannot read {name}: {error.strerror}.") from None
    dialect: type[csv.Dialect] = csv.excel
    if ";" in text.partition("\n")[0]:
        dialect = _Semicolons
    rows = csv.DictReader(io.StringIO(text), dialect=dialect)
    columns = {(column or "").strip().lower(): column for column in rows.fieldnames or ()}
    if "photo" not in columns or not {"setting", "approach"} & set(columns):
        raise LabelError(f"{name}: the first line must name the columns photo, setting, approach.")
    labels: dict[str, Label] = {}
    try:
        for row in rows:
            cells = {key: (row.get(column) or "").strip() for key, column in columns.items()}
            if cells["photo"]:
                where = f"{name}, line {rows.line_num}"
                labels[Path(cells["photo"].replace("\\", "/")).name] = Label(
                    _setting(cells.get("setting", ""), where), _approach(cells.get("approach", ""), where)
                )
    except csv.Error as error:
        raise LabelError(f"{name}, line {rows.line_num}: {error}.") from None
    return labels


class _Semicolons(csv.excel):
    """As spreadsheets write it where the comma is the decimal mark."""

    delimiter = ";"


def _setting(cell: str, where: str) -> float | None:
    if not cell:
        return None
    try:
        value = float(cell.replace(",", ".").replace("\u2212", "-"))
    except ValueError:
        value = float("nan")
    if not abs(value) <= MAX_STEPS:
        raise LabelError(f"{where}: {printable_name(cell)!r} is no setting from -100 to 100.")
    return value


def _approach(cell: str, where: str) -> Approach | None:
    if not cell:
        return None
    if cell.lower() not in _APPROACHES:
        raise LabelError(f"{where}: {printable_name(cell)!r} is neither near nor far.")
    return _APPROACHES[cell.lower()]
