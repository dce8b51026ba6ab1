"""Pentax's note: a header by generation, then a table of tags. Places and codes are those of ExifTool's Pentax.pm.

All that is wanted is short enough to stand within its entry, so that it does not matter where offsets count from.
"""

from __future__ import annotations

import struct

from backfocus.verify.photo.metadata.maker_notes.autofocus import (
    CENTER,
    AfMethod,
    AfSetting,
    AutofocusNote,
    believable,
)
from backfocus.verify.photo.metadata.tag_table import ORDERS, BrokenTable, TagTable

_FOCUS_MODE, _AF_POINT_SELECTED, _AF_ADJUSTMENT = 0x000D, 0x000E, 0x0072
_HEADERS = (b"AOC\0", b"PENTAX \0", b"SAMSUNG\0", b"RICOH\0")
"""The byte order follows as II or MM, or blank."""
_RELEASE_PRIORITY = 0x100
_METHODS: dict[int, AfMethod] = {
    16: "phase",
    17: "phase",
    18: "phase",
    32: "contrast/live view",
    33: "contrast/live view",
}
_FIXED_CENTER, _NAMED_MODES = 0xFFFE, 0xFFFB
_MOST_STEPS = 10.0
# Bodies with other numbers of points, whose layout is not known here.
_UNKNOWN_LAYOUT = ("PENTAX KP", "PENTAX K-3 Mark III")


def read(exif: TagTable, start: int, model: str) -> AutofocusNote:
    """Return what the note that starts there says."""
    note = _table(exif, start)
    # With the function off, the camera writes zero.
    steps = _number(note, _AF_ADJUSTMENT, "h")
    setting = believable(AfSetting(None if steps is None else float(steps)), _MOST_STEPS)
    mode = _number(note, _FOCUS_MODE, "H")
    return AutofocusNote(
        af_setting=setting.in_force,
        af_method=None if mode is None else _METHODS.get(mode & ~_RELEASE_PRIORITY),
        af_point=_point(_number(note, _AF_POINT_SELECTED, "H"), model),
    )


def _table(exif: TagTable, start: int) -> TagTable:
    beginning = exif.read(start, 12)
    header = next(header for header in (*_HEADERS, b"") if beginning.startswith(header))
    if not header:
        raise ValueError("not a note of Pentax's")
    table = start + len(header) + 2
    mark = beginning[len(header) : len(header) + 2]
    return TagTable(exif.file, exif.header, table, ORDERS.get(mark) or _likely_order(exif.read(table, 2)))


def _likely_order(count: bytes) -> str:
    """Return the byte order in which a table has fewer entries: tables have a hundred, not thousands."""
    return min("<>", key=lambda order: struct.unpack(order + "H", count))


def _number(note: TagTable, tag: int, kind: str) -> int | None:
    try:
        return note.numbers(tag, kind)[0]
    except BrokenTable:
        return None


def _point(number: int | None, model: str) -> str | None:
    if number == _FIXED_CENTER:
        return CENTER
    if number is None or number == 0 or number >= _NAMED_MODES:
        return None
    return CENTER if number == _central_point(model) else f"point {number}"


def _central_point(model: str) -> int | None:
    if model.startswith(_UNKNOWN_LAYOUT):
        return None
    # 33, 27 and 11 points.
    return 17 if "K-1" in model.split() else 14 if "K-3" in model.split() else 6
