"""Nikon's maker notes."""

from __future__ import annotations

import struct

from .makernotes import CENTER, SWITCHED_OFF, AfMethod, AfSetting, AutofocusNote, believable, point_at
from .tiff import BrokenTable, TagTable

# The focus distance in Nikon's lens data, which most bodies encrypt.
#
# Cipher as found by Dave Coffin, Joseph Heled and Phil Harvey (ExifTool, Nikon.pm): keys are the body's serial
# number
# and the number of its shots, which the note holds in the clear.

_SERIAL_NUMBER, _LENS_DATA, _SHOT_COUNT = 0x001D, 0x0098, 0x00A7
_FIRST_ENCRYPTED = 4
_PLACE_BY_VERSION = {b"0101": 9, b"0201": 9, b"0202": 9, b"0203": 9, b"0204": 10}
_PLACE_ON_Z_BODIES, _PLACE_OF_Z_LENSES = 0x0B, 0x4F
_KEY_WITHOUT_NUMBER = {"NIKON D50": 0x22}
_OTHER_KEY_WITHOUT_NUMBER = 0x60

_SERIAL_KEYS = bytes.fromhex(
    "c1bf6d0d59c5139d83616b4fc77f3d3d5359e3c7e92f95a7951fdf7f2b29c70ddf07ef71893d133d3b13fb0d89c1651f"
    "b30d6b29e3fbefa36b477f9535a7474fc7f1599535112961f13db32b0d4389c19d9d8965f1e9dfbf3d7f5397e5e99517"
    "1d3d8bfbc7e367a707f171a753b52989e52ba71729e94fc5656d6bef0d89492fb34353651d49a3138959ef6bef651d0b"
    "5913e34f9db329432b071d95595947fbe5e961472f357f177fef7f959571d3a30b71a3ad0b3bb5fba3bf4f831dade92f"
    "7165a3e507353d0db5e9e5473b9def35a3bfb3df53d397534971073561712f432f11df1797fb953b7f6bd325bfadc7c5"
    "c5b58bef2fd3076b25499525496d71c7"
)
_COUNT_KEYS = bytes.fromhex(
    "a7bcc9ad91df85e5d478d517467c294c4d03e925681186b3bdf76f6122a226342abe1e4614689d4418c240f47e5f1bad"
    "0b94b667b40be1ea959c66dce75d6c05dad5df7aeff6db1f824cc06847a1bdee3950564adddfa5f8c6daca90ca01429d"
    "8b0c7343750594de24b38034e52cdc9b3fca3345d0db5ff552c321dae222726b3ed05ba8878c065d0fdd091993d0b9fc"
    "8b0f8460331c9b45f1f0a3943a1277334d4478283c9efd655716946bfb59d0c82236dbd2639843a1048786f7a626bbd6"
    "594dbf6a2eaa2befe678b64ee02fdc7cbe5719327e2ad0b8ba29003c527da8493b2deb2549faa3aa39a7c5a7501136fb"
    "c6674af5a512657eb0dfaf4eb3617f2f"
)


def focus_distance_m(note: TagTable, model: str) -> float | None:
    """Return the focus distance that the lens reported, in steps of 6 %; None where it reported none."""
    try:
        return _distance_m(_plain_lens_data(note, model))
    except BrokenTable:
        return None


def _distance_m(data: bytes) -> float | None:
    version = data[:4]
    if version[:2] == b"08":
        # The older part of the block is empty with lenses made for the Z mount.
        has_older_part = any(data[4:0x14])
        code = data[_PLACE_ON_Z_BODIES if has_older_part else _PLACE_OF_Z_LENSES]
    else:
        code = data[_PLACE_BY_VERSION[version]]
    # Zero stands for infinity, and for nothing.
    return 0.01 * 10 ** (code / 40) if code else None


def _plain_lens_data(note: TagTable, model: str) -> bytes:
    data = note.content(_LENS_DATA)
    if data[:2] == b"01":
        return data
    serial = note.content(_SERIAL_NUMBER).rstrip(b"\0 ").decode("ascii", "replace").strip()
    key = int(serial) if serial.isdecimal() else _KEY_WITHOUT_NUMBER.get(model, _OTHER_KEY_WITHOUT_NUMBER)
    (count,) = note.numbers(_SHOT_COUNT, "I")
    return data[:_FIRST_ENCRYPTED] + decrypted(data[_FIRST_ENCRYPTED:], key, count)


def decrypted(data: bytes, serial: int, count: int) -> bytes:
    """Return the plain bytes; the same again encrypts."""
    step = _SERIAL_KEYS[serial & 0xFF]
    mask = _COUNT_KEYS[(count ^ count >> 8 ^ count >> 16 ^ count >> 24) & 0xFF]
    plain = bytearray()
    for place, code in enumerate(data):
        mask = (mask + step * (0x60 + place)) & 0xFF
        plain.append(code ^ mask)
    return bytes(plain)


# Nikon's note: ten bytes, then a TIFF structure with a header and a byte order of its own.
#
# Places and codes are those of ExifTool's Nikon.pm.

_HEADER, _HEADER_BYTES = b"Nikon\0", 10
_AF_INFO_2, _AF_TUNE = 0x00B7, 0x00B9
_MOST_STEPS = 20.0
# Where the primary AF point stands, and what it is called when it is the central one, by the block's version.
_PRIMARY_POINT = {b"0100": (7, 1), b"0101": (0x44, 1), b"0301": (0x38, 1), b"0300": (7, 246)}
# Where four words stand in live view: size of the picture, and place of the AF area in it from the top left.
_LIVE_VIEW_AREA = {b"0100": 0x10, b"0101": 0x46}


def read_nikon(exif: TagTable, start: int, model: str) -> AutofocusNote:
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
