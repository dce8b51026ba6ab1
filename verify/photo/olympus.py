"""The note of Olympus and OM System: a table of tags with tables within, whose offsets count from the note's start.

Places and codes are those of ExifTool's Olympus.pm; checked on one exiv2 sample, of an E-M5 Mark III.
"""

from __future__ import annotations

import re

from .note import LIVE_VIEW, PHASE, SWITCHED_OFF, AfMethod, AfSetting, MakerNote, f_number, lens_name, serial
from .tiff import TagTable

_HEADERS = {b"OLYMPUS\0": 8, b"OM SYSTEM\0\0\0": 12}
"""Where the byte order stands; two bytes of version follow it, then the table."""
_OLD_HEADER, _OLD_HEADER_BYTES = b"OLYMP\0", 8
_EQUIPMENT, _CAMERA_SETTINGS = 0x2010, 0x2020
_BODY_SERIAL, _OTHER_BODY_SERIAL, _LENS, _LENS_SERIAL, _LENS_MODEL = 0x0101, 0x0102, (0x0201, "6B"), 0x0202, 0x0203
_WIDEST = (0x020A, "H")
"""At this focal length, in APEX units times 256."""
_FOCUS_MODE, _TUNE, _TUNE_VALUES = (0x0301, "HH"), (0x0306, "B"), (0x0307, "3h")
_BY_HAND, _BY_PICTURE, _BY_AF_MODULE = 1 << 4, 1 << 6, 1 << 8
_DSLR = re.compile(r"E-\d")
"""E-1 to E-620. Later bodies (E-M1, E-P5, OM-1) have no mirror: all that they focus is by the picture."""


def read_olympus(exif: TagTable, start: int, model: str) -> MakerNote | None:
    """Return what the note says that starts there in the EXIF data; None if it is none of Olympus's."""
    note = _table(exif, start)
    if not note:
        return None
    equipment, settings = note.table_in(_EQUIPMENT), note.table_in(_CAMERA_SETTINGS)
    (apex,) = equipment.numbers(*_WIDEST) or (0,)
    maker, _, lens, which, _, _ = equipment.numbers(*_LENS) or (0, 0, 0, 0, 0, 0)
    serials = (serial(equipment.text(tag)) for tag in (_BODY_SERIAL, _OTHER_BODY_SERIAL))
    return MakerNote(
        *_setting(settings),
        af_method=_method(settings, model),
        lens=lens_name(equipment.text(_LENS_MODEL)),
        lens_id=f"{maker:x} {lens:02x} {which:02x}" if maker or lens or which else None,
        widest_f_number=f_number(2.0 ** (apex / 512.0)) if apex else None,
        body_serial=next(filter(None, serials), None),
        lens_serial=serial(equipment.text(_LENS_SERIAL)),
    )


def _table(exif: TagTable, start: int) -> TagTable:
    beginning = exif.read(start, 16)
    place = next((place for header, place in _HEADERS.items() if beginning.startswith(header)), None)
    if place is not None:
        order = ">" if beginning[place : place + 2] == b"MM" else "<"
        return TagTable(exif.file, exif.header + start, place + 4, order)
    table = start + _OLD_HEADER_BYTES if beginning.startswith(_OLD_HEADER) else 0
    return TagTable(exif.file, exif.header, table, exif.order)


def _setting(settings: TagTable) -> AfSetting:
    (on,) = settings.numbers(*_TUNE) or (None,)
    if on == 0:
        return SWITCHED_OFF
    values = set(settings.numbers(*_TUNE_VALUES))
    # What the three values mean is not known; they are believed where they are the same.
    return AfSetting(float(values.pop()), True) if on == 1 and len(values) == 1 else AfSetting()


def _method(settings: TagTable, model: str) -> AfMethod | None:
    _, ways = settings.numbers(*_FOCUS_MODE) or (0, 0)
    if not _DSLR.match(model) or ways & _BY_HAND:
        return None
    return PHASE if ways & _BY_AF_MODULE else LIVE_VIEW if ways & _BY_PICTURE else None
