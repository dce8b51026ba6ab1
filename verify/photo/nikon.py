"""Nikon's note: ten bytes, then a TIFF structure with a header and a byte order of its own.

Places and codes are those of ExifTool's Nikon.pm; checked on exiv2's sample files of a dozen bodies.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from .note import (
    CENTER,
    LIVE_VIEW,
    PHASE,
    SWITCHED_OFF,
    AfMethod,
    AfSetting,
    MakerNote,
    area_at,
    described,
    f_number,
    serial,
)
from .tiff import TagTable

_HEADER, _HEADER_BYTES = b"Nikon\0", 10
_TUNE = (0x00B9, "Bxbb")
_AF_INFO = 0x00B7
_PRIMARY_POINT = {b"0100": (7, 1), b"0101": (0x44, 1), b"0301": (0x38, 1), b"0300": (7, 246)}
"""Where the primary AF point stands, and what it is called when it is the central one, by the block's version."""
_LIVE_VIEW_AREA = {b"0100": 0x10, b"0101": 0x46}
"""Where four words stand in live view: size of the picture, and place of the AF area in it from the top left."""
_SERIAL_NUMBER, _LENS_DATA, _SHOT_COUNT = 0x001D, 0x0098, 0x00A7
_LENS_KIND, _LENS_NUMBERS = (0x0083, "B"), 0x0084
"""What the lens has, bit by bit; shortest and longest focal length, and the widest f-number at each."""
_OF_CPU_LENS = {b"0100": (6, None), b"0101": (0x0B, 0x12), b"0204": (0x0C, 0x13)}
_OF_CPU_LENS |= dict.fromkeys((b"0201", b"0202", b"0203"), _OF_CPU_LENS[b"0101"])
"""Where the seven bytes stand that the lens's own chip tells, and the widest aperture at this focal length."""
_OF_CPU_LENS_ON_Z, _OF_Z_LENS, _OF_Z_APERTURE = (0x0D, 0x14), 0x30, 0x36
_CPU_BYTES, _CHIP = 7, 6
_MAKERS_BY_CHIP = {0x4B: "Sigma", 0x1C: "Sigma", 0xDF: "Tamron"}
"""The last of the seven. Of ExifTool's 609 lenses those with 0x4B are Sigma's in 92 of 93 cases, with 0x1C in 50 of
51, and Tamron's with 0xDF in 31 of 32."""
_DISTANCE = {b"0101": 9, b"0201": 9, b"0202": 9, b"0203": 9, b"0204": 10}
_Z_BODY = "NIKON Z"
_Z_VERSION, _DISTANCE_ON_Z, _DISTANCE_OF_Z_LENSES = b"08", 0x0B, 0x4F


def read_nikon(exif: TagTable, start: int, model: str) -> MakerNote | None:
    """Return what the note says that starts there in the EXIF data; None if it is none of Nikon's."""
    if exif.read(start, len(_HEADER)) != _HEADER:
        return None
    note = TagTable(exif.file, exif.header + start + _HEADER_BYTES)
    if not note:
        return None
    method = _method(note, model)
    data = _plain_lens_data(note, model)
    lens = _lens(note, data)
    return MakerNote(
        *_setting(note),
        focus_distance_m=_distance_m(data),
        af_method=method,
        af_point=_point(note, method),
        lens=lens.name,
        lens_id=lens.id,
        widest_f_number=lens.widest,
        body_serial=serial(_serial_number(note)),
    )


def _setting(note: TagTable) -> AfSetting:
    # Mode (0 off, 3 with two values for a zoom), number of the saved lens, value, and value at the long end.
    mode, steps, steps_at_long_end = note.numbers(*_TUNE) or (None, 0, 0)
    if mode == 0:
        return SWITCHED_OFF
    if mode in (1, 2):
        return AfSetting(float(steps), True)
    if mode == 3:
        # Between the ends, what is in force is not written, unless they agree.
        in_force = float(steps) if steps == steps_at_long_end else None
        return AfSetting(in_force, True, float(steps), float(steps_at_long_end))
    return AfSetting()


def _method(note: TagTable, model: str) -> AfMethod | None:
    # Version, contrast AF (0 off, 1 on, 2 hybrid), area mode, phase AF (0 off, else the AF module).
    version, contrast, phase = note.numbers(_AF_INFO, "2s2xBxBx") or (b"", 0, 0)
    if version not in (b"01", b"03"):
        return None
    # Z bodies have no other way; a DSLR with phase detection on its sensor (D780) has it in live view.
    if contrast == 1 or (contrast == 2 and not model.startswith(_Z_BODY)):
        return LIVE_VIEW
    return PHASE if contrast == 0 and phase else None


def _point(note: TagTable, method: AfMethod | None) -> str | None:
    version = note.content(_AF_INFO)[:4]
    if method == PHASE and version in _PRIMARY_POINT:
        place, central = _PRIMARY_POINT[version]
        (point,) = note.numbers(_AF_INFO, "B", place) or (0,)
        return None if point == 0 else CENTER if point == central else f"point {point}"
    if method == LIVE_VIEW and version in _LIVE_VIEW_AREA:
        return area_at(*(note.numbers(_AF_INFO, "4H", _LIVE_VIEW_AREA[version]) or (0, 0, 0, 0)))
    return None


def _distance_m(data: bytes) -> float | None:
    """Return the focus distance that the lens reported, in steps of 6 %; None where it reported none."""
    version = data[:4]
    place = _DISTANCE.get(version, len(data))
    if version.startswith(_Z_VERSION):
        place = _DISTANCE_ON_Z if _has_cpu_lens_on_z(data) else _DISTANCE_OF_Z_LENSES
    # Zero stands for infinity, and for nothing.
    return 0.01 * 10 ** (data[place] / 40) if place < len(data) and data[place] else None


class _Lens(NamedTuple):
    """Its id as ExifTool writes it, its widest aperture at this focal length, and what to call it."""

    id: str | None = None
    widest: float | None = None
    name: str | None = None


def _lens(note: TagTable, data: bytes) -> _Lens:
    version = data[:4]
    (kind,) = note.numbers(*_LENS_KIND) or (0,)
    places = _OF_CPU_LENS.get(version)
    if version.startswith(_Z_VERSION):
        if not _has_cpu_lens_on_z(data):
            return _z_lens(note, data, kind)
        places = _OF_CPU_LENS_ON_Z
    told = data[places[0] : places[0] + _CPU_BYTES] if places else b""
    if len(told) < _CPU_BYTES or not any(told[1:]):
        return _Lens(name=_described(note, kind))
    aperture = data[places[1]] if places and places[1] is not None and places[1] < len(data) else 0
    maker = _MAKERS_BY_CHIP.get(told[_CHIP])
    name = _described(note, kind)
    return _Lens(
        id=" ".join(f"{byte:02X}" for byte in (*told, kind)),
        widest=f_number(2.0 ** (aperture / 24.0)) if aperture else None,
        name=f"{maker} {name}" if maker and name else name,
    )


def _has_cpu_lens_on_z(data: bytes) -> bool:
    """Whether a Z body has a lens for the F mount; the older part of the block is empty with the others."""
    return any(data[4:0x14])


def _z_lens(note: TagTable, data: bytes, kind: int) -> _Lens:
    if len(data) < _OF_Z_APERTURE + 2 or not any(data[_OF_Z_LENS:_OF_Z_APERTURE]):
        return _Lens(name=_described(note, kind))
    (number,), (aperture,) = (struct.unpack_from("<H", data, place) for place in (_OF_Z_LENS, _OF_Z_APERTURE))
    widest = f_number(2.0 ** (aperture / 384.0 - 1.0)) if aperture else None
    return _Lens(f"Z {number}" if number else None, widest, _described(note, kind))


def _described(note: TagTable, kind: int) -> str | None:
    numbers = note.values(_LENS_NUMBERS)
    letter = "E" if kind & 0x40 else "G" if kind & 0x04 else "D" if kind & 0x02 else ""
    words = " ".join(filter(None, (letter, "VR" if kind & 0x08 else "")))
    return described(*numbers, words) if len(numbers) == 4 else None


def _serial_number(note: TagTable) -> str:
    return note.content(_SERIAL_NUMBER)[:20].rstrip(b"\0 ").decode("ascii", "replace").strip()


# The cipher as found by Dave Coffin, Joseph Heled and Phil Harvey (ExifTool, Nikon.pm): keys are the body's serial
# number and the number of its shots, which the note holds in the clear.
_FIRST_ENCRYPTED = 4
_KEY_WITHOUT_NUMBER, _OTHER_KEY_WITHOUT_NUMBER = {"NIKON D50": 0x22}, 0x60
_SERIAL_KEYS = bytes.fromhex(
    "c1bf6d0d59c5139d83616b4fc77f3d3d5359e3c7e92f95a7951fdf7f2b29c70ddf07ef71893d133d3b13fb0d89c1651fb30d6b29"
    "e3fbefa36b477f9535a7474fc7f1599535112961f13db32b0d4389c19d9d8965f1e9dfbf3d7f5397e5e995171d3d8bfbc7e367a7"
    "07f171a753b52989e52ba71729e94fc5656d6bef0d89492fb34353651d49a3138959ef6bef651d0b5913e34f9db329432b071d95"
    "595947fbe5e961472f357f177fef7f959571d3a30b71a3ad0b3bb5fba3bf4f831dade92f7165a3e507353d0db5e9e5473b9def35"
    "a3bfb3df53d397534971073561712f432f11df1797fb953b7f6bd325bfadc7c5c5b58bef2fd3076b25499525496d71c7"
)
_COUNT_KEYS = bytes.fromhex(
    "a7bcc9ad91df85e5d478d517467c294c4d03e925681186b3bdf76f6122a226342abe1e4614689d4418c240f47e5f1bad0b94b667"
    "b40be1ea959c66dce75d6c05dad5df7aeff6db1f824cc06847a1bdee3950564adddfa5f8c6daca90ca01429d8b0c7343750594de"
    "24b38034e52cdc9b3fca3345d0db5ff552c321dae222726b3ed05ba8878c065d0fdd091993d0b9fc8b0f8460331c9b45f1f0a394"
    "3a1277334d4478283c9efd655716946bfb59d0c82236dbd2639843a1048786f7a626bbd6594dbf6a2eaa2befe678b64ee02fdc7c"
    "be5719327e2ad0b8ba29003c527da8493b2deb2549faa3aa39a7c5a7501136fbc6674af5a512657eb0dfaf4eb3617f2f"
)


def _plain_lens_data(note: TagTable, model: str) -> bytes:
    data = note.content(_LENS_DATA)
    if data[:2] == b"01":
        return data
    number = _serial_number(note)
    key = int(number) if number.isdecimal() else _KEY_WITHOUT_NUMBER.get(model, _OTHER_KEY_WITHOUT_NUMBER)
    count = note.numbers(_SHOT_COUNT, "I")
    return data[:_FIRST_ENCRYPTED] + decrypted(data[_FIRST_ENCRYPTED:], key, count[0]) if count else b""


def decrypted(data: bytes, serial: int, count: int) -> bytes:
    """Return the plain bytes of a block in Nikon's note; the same again encrypts."""
    step = _SERIAL_KEYS[serial & 0xFF]
    mask = _COUNT_KEYS[(count ^ count >> 8 ^ count >> 16 ^ count >> 24) & 0xFF]
    plain = bytearray()
    for place, code in enumerate(data):
        mask = (mask + step * (0x60 + place)) & 0xFF
        plain.append(code ^ mask)
    return bytes(plain)
