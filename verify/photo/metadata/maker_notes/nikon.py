"""Nikon's note: ten bytes, then a TIFF structure with a header and a byte order of its own.

Places and codes are those of ExifTool's Nikon.pm.
"""

from __future__ import annotations

import struct

from backfocus.verify.photo.metadata.maker_notes.autofocus import (
    CENTER,
    SWITCHED_OFF,
    AfMethod,
    AfSetting,
    AutofocusNote,
    believable,
    point_at,
)
from backfocus.verify.photo.metadata.maker_notes.nikon_lens import focus_distance_m
from backfocus.verify.photo.metadata.tag_table import BrokenTable, TagTable

_HEADER, _HEADER_BYTES = b"Nikon\0", 10
_AF_INFO_2, _AF_TUNE = 0x00B7, 0x00B9
_MOST_STEPS = 20.0
# Where the primary AF point stands, and what it is called when it is the central one, by the block's version.
_PRIMARY_POINT = {b"0100": (7, 1), b"0101": (0x44, 1), b"0301": (0x38, 1), b"0300": (7, 246)}
# Where four words stand in live view: size of the picture, and place of the AF area in it from the top left.
_LIVE_VIEW_AREA = {b"0100": 0x10, b"0101": 0x46}


def read(exif: TagTable, start: int, model: str) -> AutofocusNote:
    """Return what the note that starts there says."""
    if exif.read(start, len(_HEADER)) != _HEADER:
        raise ValueError("not a note of Nikon's digital cameras")
    note = TagTable(exif.file, exif.header + start + _HEADER_BYTES)
    setting = believable(_setting(note), _MOST_STEPS)
    af_info = _content(note, _AF_INFO_2)
    return AutofocusNote(
        setting.in_force,
        setting.on,
        setting.wide,
        setting.tele,
        focus_distance_m(note, model),
        af_method=_method(af_info),
        af_point=_point(af_info, note.order),
    )


def _content(note: TagTable, tag: int) -> bytes:
    try:
        return note.content(tag)
    except BrokenTable:
        return b""


def _setting(note: TagTable) -> AfSetting:
    block = _content(note, _AF_TUNE)
    if len(block) < 4:
        return AfSetting()
    # Mode (0 off, 3 with two values for a zoom), number of the saved lens, value, and value at the long end.
    mode, _, steps, steps_at_long_end = struct.unpack("BBbb", block[:4])
    if mode == 0:
        return SWITCHED_OFF
    if mode in (1, 2):
        return AfSetting(float(steps), True)
    if mode == 3:
        # Between the ends, what is in force is not written, unless they agree.
        in_force = float(steps) if steps == steps_at_long_end else None
        return AfSetting(in_force, True, float(steps), float(steps_at_long_end))
    return AfSetting()


def _method(af_info: bytes) -> AfMethod | None:
    # Version, contrast AF (0 off, 1 on, on Z bodies 2 hybrid), area mode, phase AF (0 off, else the AF module).
    if len(af_info) < 8 or af_info[:2] not in (b"01", b"03"):
        return None
    contrast, phase = af_info[4], af_info[6]
    if contrast == 1:
        return "contrast/live view"
    return "phase" if contrast == 0 and phase else None


def _point(af_info: bytes, order: str) -> str | None:
    version = af_info[:4]
    if _method(af_info) == "phase" and version in _PRIMARY_POINT:
        place, central = _PRIMARY_POINT[version]
        point = af_info[place] if place < len(af_info) else 0
        return None if point == 0 else CENTER if point == central else f"point {point}"
    place = _LIVE_VIEW_AREA.get(version, len(af_info))
    if _method(af_info) == "contrast/live view" and len(af_info) >= place + 8:
        width, height, x, y = struct.unpack_from(order + "4H", af_info, place)
        if 0 < x < width and 0 < y < height:
            return point_at(x / width - 0.5, 0.5 - y / height)
    return None
