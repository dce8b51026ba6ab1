"""AF setting, live view, AF point and focus distance from maker notes."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .tiff import ORDERS, BrokenTable, TagTable

# What a maker's note says about autofocus.

AfMethod = Literal["phase", "contrast/live view"]
CENTER = "center"


@dataclass(frozen=True)
class AutofocusNote:
    """What was found, None where the note does not tell. The fields are those of `CameraInfo`."""

    af_setting: float | None = None
    af_setting_on: bool | None = None
    af_setting_wide: float | None = None
    af_setting_tele: float | None = None
    focus_distance_m: float | None = None
    af_method: AfMethod | None = None
    af_point: str | None = None


@dataclass(frozen=True)
class AfSetting:
    """An AF fine-tune setting; the fields are those of `AutofocusNote` without `af_setting`."""

    in_force: float | None = None
    on: bool | None = None
    wide: float | None = None
    tele: float | None = None


SWITCHED_OFF = AfSetting(0.0, False)


def believable(setting: AfSetting, most: float) -> AfSetting:
    """Return the setting, or nothing where a value is beyond what the maker's cameras can have."""
    values = (setting.in_force, setting.wide, setting.tele)
    return setting if all(value is None or abs(value) <= most for value in values) else AfSetting()


def point_at(x: float, y: float) -> str:
    """Return the name of an AF point by its place from the picture's centre, in its width and height, y up."""
    # The neighbours of the central point are some 5 % of the picture away.
    if abs(x) < 0.02 and abs(y) < 0.03:
        return CENTER
    return f"x {x:+.2f} y {y:+.2f}"


# Canon's note: a table of tags whose offsets count from the header of the EXIF data.
#
# Places and codes are those of ExifTool's Canon.pm. Blocks of words begin with their size in bytes.

_CAMERA_SETTINGS, _SHOT_INFO, _AF_INFO_2, _FILE_INFO, _CANON_AF_ADJUSTMENT = 0x0001, 0x0004, 0x0026, 0x0093, 0x4013
_CANON_FOCUS_MODE, _LONGEST_FOCAL, _SHORTEST_FOCAL = 7, 23, 24
_DISTANCES_IN_SHOT_INFO, _LIVE_VIEW, _DISTANCES_IN_FILE_INFO = 19, 19, 20
_AUTOFOCUS_MODES = (0, 1, 2)
"""One shot, AI servo, AI focus."""
_CANON_METHODS: dict[int, AfMethod] = {0: "phase", 1: "contrast/live view"}
"""By whether live view was on."""
_INFINITE_CM = 65_535
_CANON_MOST_STEPS = 100.0
"""Menus end at 20; Magic Lantern's add-on reaches 100."""


def read_canon(exif: TagTable, start: int, _model: str) -> AutofocusNote:
    """Return what the note that starts there says."""
    note = TagTable(exif.file, exif.header, start, exif.order)
    setting = believable(_setting(note), _CANON_MOST_STEPS)
    return AutofocusNote(
        setting.in_force,
        setting.on,
        setting.wide,
        setting.tele,
        focus_distance_m=_focus_distance_m(note),
        af_method=_method(note),
        af_point=_canon_point(note),
    )


def _words(note: TagTable, tag: int, kind: str = "H") -> Sequence[int]:
    try:
        return note.numbers(tag, kind)
    except BrokenTable:
        return ()


def _setting(note: TagTable) -> AfSetting:
    # Words of the block: its size, mode (0 off, 1 all lenses, 2 by lens; bodies without the function write 3), the
    # value in force as a fraction, one unknown, and the registered values of the wide and the long end as fractions
    # (seen in files of a 6D and a 70D). Registered values stay there when the function is off. Old versions of DPP
    # cut the block off after five words.
    words = _words(note, _CANON_AF_ADJUSTMENT, "i")
    if len(words) < 4:
        return AfSetting()
    mode, steps, divisor = words[1:4]
    if mode == 0:
        return SWITCHED_OFF
    if mode not in (1, 2) or divisor == 0:
        return AfSetting()
    wide = tele = None
    if mode == 2 and len(words) >= 9 and words[6] and words[8] and not _is_prime(note):
        wide, tele = words[5] / words[6], words[7] / words[8]
    return AfSetting(steps / divisor, True, wide, tele)


def _is_prime(note: TagTable) -> bool:
    words = _words(note, _CAMERA_SETTINGS)
    return len(words) > _SHORTEST_FOCAL and words[_LONGEST_FOCAL] == words[_SHORTEST_FOCAL] > 0


def _focus_distance_m(note: TagTable) -> float | None:
    """Return the middle of the bracket that lenses report, coarsely."""
    for tag, place in ((_FILE_INFO, _DISTANCES_IN_FILE_INFO), (_SHOT_INFO, _DISTANCES_IN_SHOT_INFO)):
        far_cm, near_cm = (*_words(note, tag)[place : place + 2], 0, 0)[:2]
        if 0 < near_cm <= far_cm < _INFINITE_CM:
            return (near_cm + far_cm) / 200
    return None


def _method(note: TagTable) -> AfMethod | None:
    settings, file_info = _words(note, _CAMERA_SETTINGS), _words(note, _FILE_INFO)
    by_hand = len(settings) > _CANON_FOCUS_MODE and settings[_CANON_FOCUS_MODE] not in _AUTOFOCUS_MODES
    if by_hand or len(file_info) <= _LIVE_VIEW:
        return None
    return _CANON_METHODS.get(file_info[_LIVE_VIEW])


def _canon_point(note: TagTable) -> str | None:
    """Return the one AF point that was in focus or, of several, the one that was chosen."""
    # Words: size, mode, points, valid points, picture size, size of the AF frame, then for every point width,
    # height, x and y from the centre (y up), then a bit for every point in focus, and one for every point chosen.
    words = _words(note, _AF_INFO_2)
    if len(words) < 8:
        return None
    points, (width, height) = words[2], words[6:8]
    bits = (points + 15) // 16
    start = 8 + 4 * points
    if not (0 < points <= 2000 and width and height and len(words) >= start + bits):
        return None
    for first in (start, start + bits):
        marked = _marked(words[first : first + bits])
        if len(marked) == 1 and marked[0] < points:
            x, y = (_signed(words[8 + part * points + marked[0]]) for part in (2, 3))
            return point_at(x / width, y / height)
    return None


def _marked(words: Sequence[int]) -> list[int]:
    return [16 * place + bit for place, word in enumerate(words) for bit in range(16) if word >> bit & 1]


def _signed(word: int) -> int:
    return word - 65_536 if word >= 32_768 else word


# Pentax's note: a header by generation, then a table of tags. Places and codes are those of ExifTool's Pentax.pm.
#
# All that is wanted is short enough to stand within its entry, so that it does not matter where offsets count from.

_PENTAX_FOCUS_MODE, _AF_POINT_SELECTED, _PENTAX_AF_ADJUSTMENT = 0x000D, 0x000E, 0x0072
_HEADERS = (b"AOC\0", b"PENTAX \0", b"SAMSUNG\0", b"RICOH\0")
"""The byte order follows as II or MM, or blank."""
_RELEASE_PRIORITY = 0x100
_PENTAX_METHODS: dict[int, AfMethod] = {
    16: "phase",
    17: "phase",
    18: "phase",
    32: "contrast/live view",
    33: "contrast/live view",
}
_FIXED_CENTER, _NAMED_MODES = 0xFFFE, 0xFFFB
_PENTAX_MOST_STEPS = 10.0
# Bodies with other numbers of points, whose layout is not known here.
_UNKNOWN_LAYOUT = ("PENTAX KP", "PENTAX K-3 Mark III")


def read_pentax(exif: TagTable, start: int, model: str) -> AutofocusNote:
    """Return what the note that starts there says."""
    note = _table(exif, start)
    # With the function off, the camera writes zero.
    steps = _number(note, _PENTAX_AF_ADJUSTMENT, "h")
    setting = believable(AfSetting(None if steps is None else float(steps)), _PENTAX_MOST_STEPS)
    mode = _number(note, _PENTAX_FOCUS_MODE, "H")
    return AutofocusNote(
        af_setting=setting.in_force,
        af_method=None if mode is None else _PENTAX_METHODS.get(mode & ~_RELEASE_PRIORITY),
        af_point=_pentax_point(_number(note, _AF_POINT_SELECTED, "H"), model),
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


def _pentax_point(number: int | None, model: str) -> str | None:
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


# Sony's note: a table of tags, some of whose blocks are enciphered.
#
# Places and codes are those of ExifTool's Sony.pm.

_HEADER, _HEADER_BYTES = b"SONY", 12
"""SONY DSC or SONY CAM, filled up with zeros. ARW files of some bodies have none."""
_CAMERA_INFO, _FOCUS_LOCATION, _AF_INFO = 0x0010, 0x2027, 0x940E
_SONY_MOST_STEPS = 20.0

_CUBES = bytes(i**3 % 249 if i < 249 else i for i in range(256))
_PLAIN = bytes(_CUBES.index(code) for code in range(256))
"""Plain byte of every code byte: the cipher is c = b³ mod 249, from 249 on c = b."""

_DSLR_WITH_SETTING = ("DSLR-A850", "DSLR-A900")
_SLT_WITH_SETTING = ("SLT-A77", "SLT-A99", "HV")
"""Other SLT bodies have no setting. The Hasselblad HV is an A99."""
_CENTRAL_SENSORS = {1: (6, 10), 2: (12, 17), 3: (33, 54, 94)}
"""Numbers of the central sensors, by type: 15, 19 and 79 points."""
_NO_SENSOR = 255


def read_sony(exif: TagTable, start: int, model: str) -> AutofocusNote:
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
    setting = believable(setting, _SONY_MOST_STEPS)
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
    value = believable(AfSetting(steps), _SONY_MOST_STEPS).in_force
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
