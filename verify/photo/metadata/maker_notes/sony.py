"""Sony's note: a table of tags, some of whose blocks are enciphered.

Places and codes are those of ExifTool's Sony.pm.
"""

from __future__ import annotations

from backfocus.verify.photo.metadata.maker_notes.autofocus import (
    CENTER,
    SWITCHED_OFF,
    AfMethod,
    AfSetting,
    AutofocusNote,
    believable,
    point_at,
)
from backfocus.verify.photo.metadata.tag_table import BrokenTable, TagTable

_HEADER, _HEADER_BYTES = b"SONY", 12
"""SONY DSC or SONY CAM, filled up with zeros. ARW files of some bodies have none."""
_CAMERA_INFO, _FOCUS_LOCATION, _AF_INFO = 0x0010, 0x2027, 0x940E
_MOST_STEPS = 20.0

_CUBES = bytes(i**3 % 249 if i < 249 else i for i in range(256))
_PLAIN = bytes(_CUBES.index(code) for code in range(256))
"""Plain byte of every code byte: the cipher is c = b³ mod 249, from 249 on c = b."""

_DSLR_WITH_SETTING = ("DSLR-A850", "DSLR-A900")
_SLT_WITH_SETTING = ("SLT-A77", "SLT-A99", "HV")
"""Other SLT bodies have no setting. The Hasselblad HV is an A99."""
_CENTRAL_SENSORS = {1: (6, 10), 2: (12, 17), 3: (33, 54, 94)}
"""Numbers of the central sensors, by type: 15, 19 and 79 points."""
_NO_SENSOR = 255


def read(exif: TagTable, start: int, model: str) -> AutofocusNote:
    """Return what the note that starts there says."""
    table = start + (_HEADER_BYTES if exif.read(start, len(_HEADER)) == _HEADER else 0)
    note = TagTable(exif.file, exif.header, table, exif.order)
    if model.startswith(_DSLR_WITH_SETTING):
        return _of_dslr(_content(note, _CAMERA_INFO))
    block = _content(note, _AF_INFO).translate(_PLAIN)
    if model.startswith("ILCA-"):
        return _of_block(block, 3, focus_mode=0x05, sensor=0x37, setting=0x50)
    if model.startswith(("SLT-", "HV")):
        kind = block[2] if block[2:3] else 0
        has_setting = model.startswith(_SLT_WITH_SETTING)
        return _of_block(block, kind, focus_mode=0x0B, sensor=0x07, setting=0x17D if has_setting else None)
    return AutofocusNote(af_method="phase" if _has_adapter(block) else None, af_point=_focus_location(note))


def _of_dslr(info: bytes) -> AutofocusNote:
    if len(info) <= 0x131:
        return AutofocusNote()
    setting = AfSetting(float(info[0x130] - 20), True) if info[0x131] & 0x80 else SWITCHED_OFF
    setting = believable(setting, _MOST_STEPS)
    # Modes are manual, AF-S, AF-C, AF-A, DMF. These bodies have no live view.
    method: AfMethod | None = "phase" if info[0x14] in (1, 2, 3, 4) else None
    chosen = info[0x15]
    point = None if not 0 < chosen <= 11 else CENTER if chosen == 1 else f"point {chosen}"
    return AutofocusNote(setting.in_force, setting.on, af_method=method, af_point=point)


def _of_block(block: bytes, kind: int, *, focus_mode: int, sensor: int, setting: int | None) -> AutofocusNote:
    """Return what a deciphered block of an SLT or ILCA body says; the places of its fields differ."""
    # The second and third byte are 1 and the type of the AF module; zeros with lenses without autofocus.
    if len(block) <= max(focus_mode, sensor, setting or 0) or block[1] != 1 or block[2] != kind or kind == 0:
        return AutofocusNote()
    # Zero, too, when the adjustment is off.
    steps = None if setting is None else float(int.from_bytes(block[setting : setting + 1], signed=True))
    value = believable(AfSetting(steps), _MOST_STEPS).in_force
    # Manual is 0; AF-S, AF-C, AF-A, DMF, AF-D. All of it is done by the AF module, in live view too.
    method: AfMethod | None = "phase" if block[focus_mode] in (2, 3, 4, 6, 7) else None
    return AutofocusNote(value, af_method=method, af_point=_sensor_name(kind, block[sensor]))


def _sensor_name(kind: int, sensor: int) -> str | None:
    if sensor == _NO_SENSOR:
        return None
    return CENTER if sensor in _CENTRAL_SENSORS.get(kind, ()) else f"sensor {sensor}"


def _has_adapter(block: bytes) -> bool:
    """Whether an LA-EA2 or LA-EA4 did the focusing, whose setting is not known to be written anywhere."""
    return block[1:2] == b"\x02"


def _focus_location(note: TagTable) -> str | None:
    try:
        width, height, x, y = note.numbers(_FOCUS_LOCATION, "H")
    except BrokenTable:
        return None
    if not (0 < x < width and 0 < y < height):
        return None
    return point_at(x / width - 0.5, 0.5 - y / height)


def _content(note: TagTable, tag: int) -> bytes:
    try:
        return note.content(tag)
    except BrokenTable:
        return b""
