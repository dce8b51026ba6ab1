"""Pentax's note: a header by generation, then a table of tags.

Places and codes are those of ExifTool's Pentax.pm. Setting, point and lens are short enough to stand within their
entries, so that it does not matter where offsets count from; the rest is believed only if it looks right.
"""

from __future__ import annotations

from .note import CENTER, LIVE_VIEW, PHASE, AfMethod, MakerNote, f_number, serial
from .tiff import TagTable

_HEADERS = (b"AOC\0", b"PENTAX \0", b"SAMSUNG\0", b"RICOH\0")
"""The byte order follows as II or MM, or blank."""
_FOCUS_MODE, _POINT, _ADJUSTMENT = (0x000D, "H"), (0x000E, "H"), (0x0072, "h")
_LENS, _LENS_INFO, _SERIAL_NUMBER, _CAMERA_INFO = (0x003F, "2B"), 0x0207, 0x0229, (0x0215, "5I")
_OF_NOTE = (b"PENTAX \0", b"SAMSUNG\0", b"RICOH\0")
"""Headers with which offsets count from the note's start; else from the header of the EXIF data."""
_OLD_BODIES = ("*ist", "GX-1")
_LENS_DATA_BY_SIZE = {90: 13, 91: 12, 80: 15, 128: 15}
"""Where what the lens tells starts in the block, by the block's size in bytes."""
_OLD_LENS_DATA, _OTHER_LENS_DATA = 3, 4
_WIDEST, _WIDEST_IF_91 = 14, 15
"""Within what the lens tells: the widest aperture at this focal length."""
_GR_BYTES = 168
"""Of the block in compacts without lens data."""
_MADE = range(2000_00_00, 2100_00_00)
"""A date as a number, which stands before the serial number."""
_RELEASE_PRIORITY = 0x100
_METHODS: dict[int, AfMethod] = {16: PHASE, 17: PHASE, 18: PHASE, 32: LIVE_VIEW, 33: LIVE_VIEW}
_FIXED_CENTER, _NAMED_MODES = 0xFFFE, 0xFFFB
_CENTRAL_POINT = {"K-1": 17, "K-3": 14}
"""Of 33 and 27 points, by a word of the model's name."""
_OTHER_CENTRAL_POINT = 6
"""Of 11 points."""
_UNKNOWN_LAYOUT = ("PENTAX KP", "PENTAX K-3 Mark III")
"""Bodies with other numbers of points."""


def read_pentax(exif: TagTable, start: int, model: str) -> MakerNote | None:
    """Return what the note says that starts there in the EXIF data; None if it is none of Pentax's."""
    beginning = exif.read(start, 12)
    header = next((header for header in _HEADERS if beginning.startswith(header)), None)
    if header is None:
        return None
    table = start + len(header) + 2
    stated = {b"II": "<", b"MM": ">"}.get(beginning[len(header) :][:2], "<")
    order = _likely_order(exif.read(table, 2), stated)
    own = start if header in _OF_NOTE else 0
    note = TagTable(exif.file, exif.header + own, table - own, order)
    # With the function off, the camera writes zero.
    (steps,) = note.numbers(*_ADJUSTMENT) or (None,)
    (mode,) = note.numbers(*_FOCUS_MODE) or (0,)
    (point,) = note.numbers(*_POINT) or (0,)
    return MakerNote(
        af_setting=None if steps is None else float(steps),
        af_method=_METHODS.get(mode & ~_RELEASE_PRIORITY),
        af_point=_point(point, model),
        lens_id=_lens_id(note),
        widest_f_number=_widest(note, model),
        body_serial=_serial(note),
    )


def _likely_order(count: bytes, stated: str) -> str:
    """Return the byte order in which a table has fewer entries, which are a hundred, not thousands.

    Programs that save a photo anew in another byte order leave the one that the header states.
    """
    orders = ("<", ">") if stated == "<" else (">", "<")
    return min(orders, key=lambda order: int.from_bytes(count, "little" if order == "<" else "big"))


def _lens_id(note: TagTable) -> str | None:
    series, number = note.numbers(*_LENS) or (0, 0)
    # Without a lens that tells, both are zero; 1 and 2 are lenses without or with a contact that told nothing.
    return f"{series & 0x0F} {number}" if series & 0x0F > 2 else None


def _widest(note: TagTable, model: str) -> float | None:
    block = note.content(_LENS_INFO)
    if len(block) == _GR_BYTES:
        return None
    is_old = any(word in model for word in _OLD_BODIES)
    start = _OLD_LENS_DATA if is_old else _LENS_DATA_BY_SIZE.get(len(block), _OTHER_LENS_DATA)
    place = start + (_WIDEST_IF_91 if len(block) == 91 else _WIDEST)
    if place >= len(block):
        return None
    # In 1/16 of a stop, from 1 on, which is "unknown".
    stops = block[place] & 0x7F
    return f_number(2.0 ** ((stops - 1) / 32.0)) if stops > 1 else None


def _serial(note: TagTable) -> str | None:
    told = serial(note.text(_SERIAL_NUMBER))
    if told is not None and told.isalnum():
        return told
    _, made, _, _, number = note.numbers(*_CAMERA_INFO) or (0, 0, 0, 0, 0)
    return str(number) if number and made in _MADE else None


def _point(number: int, model: str) -> str | None:
    if number == _FIXED_CENTER:
        return CENTER
    if number == 0 or number >= _NAMED_MODES:
        return None
    if model.startswith(_UNKNOWN_LAYOUT):
        return f"point {number}"
    words = model.split()
    central = next((n for word, n in _CENTRAL_POINT.items() if word in words), _OTHER_CENTRAL_POINT)
    return CENTER if number == central else f"point {number}"
