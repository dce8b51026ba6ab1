"""What the user says about shots: AF fine-tune setting and approach, by a photo's name or in a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from backfocus.targets.errors import ListError, printable

from ..lists import PhotoNames, read_table

Approach = Literal["near", "far"]
"""Where the lens was focused before autofocus ran: on something nearer or farther than the chart."""
_SIGNED = r"[+\-\u2212]\d{1,3}(?:\.\d)?"
_SETTING = re.compile(
    rf"(?:(?:^|(?<=[\W_]))(?:afma|aft|af|ma|setting)(?:[ _=]?({_SIGNED}|0)|(\d{{1,2}}(?:\.\d)?))"
    rf"|(?:^|(?<=[_ ]))({_SIGNED})"
    r"|^(0))(?=[_ .\-]|$)",
    re.IGNORECASE,
)
"""A number with its sign as a word of its own, or a number right after a word for the setting: a date or a count of
the camera has neither. Zero needs no sign at the start, as in 0_001.jpg, or after the word."""
_APPROACH = re.compile(r"(?<![a-z])(near|close|far|infinity|inf)(?![a-z])", re.IGNORECASE)
_APPROACHES: dict[str, Approach] = {
    "near": "near",
    "close": "near",
    "far": "far",
    "infinity": "far",
    "inf": "far",
}
MAX_STEPS = 100.0
"""As far as firmware extensions reach."""


@dataclass(frozen=True)
class Label:
    """Setting and approach of one shot; None where nothing was said."""

    setting: float | None = None
    approach: Approach | None = None


def label_of(path: Path, table: Mapping[Path, Label]) -> Label:
    """Return what the table says about a photo, and where it says nothing, what the name says."""
    said, named = table.get(path, Label()), label_of_name(path.name)
    return Label(
        named.setting if said.setting is None else said.setting,
        said.approach or named.approach,
    )


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


def read_labels(path: Path, photos: Iterable[Path]) -> dict[Path, Label]:
    """Return the labels of a list with the columns photo, setting, approach, by the photos that it names.

    Raises:
        ListError: no such list, a value in it that cannot be used, or a line that names none of the photos.
    """
    names = PhotoNames(photos)
    labels: dict[Path, Label] = {}
    for number, cells in read_table(path, "photo", one_of=("setting", "approach")):
        if not cells["photo"]:
            continue
        where = f"{printable(path.name)}, line {number}"
        label = Label(_setting(cells["setting"], where), _approach(cells["approach"], where))
        try:
            labels |= dict.fromkeys(names.find(cells["photo"]), label)
        except ListError as error:
            raise ListError(f"{where}: {error}") from None
    return labels


def _setting(cell: str, where: str) -> float | None:
    if not cell:
        return None
    try:
        value = float(cell.replace(",", ".").replace("\u2212", "-"))
    except ValueError:
        value = float("nan")
    if not abs(value) <= MAX_STEPS:
        raise ListError(f"{where}: {printable(cell)!r} is no setting from -100 to 100.")
    return value


def _approach(cell: str, where: str) -> Approach | None:
    if not cell:
        return None
    if cell.lower() not in _APPROACHES:
        raise ListError(f"{where}: {printable(cell)!r} is neither near nor far.")
    return _APPROACHES[cell.lower()]
