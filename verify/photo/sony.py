"""Sony's note: a table of tags. Some blocks are enciphered byte by byte: c = b³ mod 249, from 249 on c = b.

Places and codes are those of ExifTool's Sony.pm; checked on exiv2's sample files.
"""

from __future__ import annotations

from dataclasses import replace

from .note import CENTER, PHASE, SWITCHED_OFF, AfSetting, MakerNote, area_at, described, f_number, serial
from .tiff import TagTable

_HEADER, _HEADER_BYTES = b"SONY", 12
"""SONY DSC or SONY CAM, filled up with zeros. ARW files of some bodies have none."""
_CAMERA_INFO, _AF_INFO = 0x0010, 0x940E
_LENS, _LENS_NUMBERS, _SERIAL_NUMBER, _OTHER_SERIAL = (0xB027, "I"), (0xB02A, "8B"), 0x2031, 0x9050
_NO_LENS = (0, 0xFFFF, 0xFFFFFFFF)
"""65535 are all lenses for the E mount and all that tell nothing."""
# fmt: off
_NEWER = (
    "ILCA-99M2", "ILCE-6100", "ILCE-6300", "ILCE-6400", "ILCE-6500", "ILCE-6600", "ILCE-7C", "ILCE-7M3", "ILCE-7M4",
    "ILCE-7RM2", "ILCE-7RM3", "ILCE-7RM4", "ILCE-7RM5", "ILCE-7SM2", "ILCE-7SM3", "ILCE-9", "ZV-E10",
)
# fmt: on
_A_MOUNT = ("SLT-", "HV", "ILCA-")
_FOCUS_LOCATION = (0x2027, "4H")
_PLAIN = bytes.maketrans(bytes(i**3 % 249 if i < 249 else i for i in range(256)), bytes(range(256)))
_DSLR_WITH_SETTING = ("DSLR-A850", "DSLR-A900")
_SLT_WITH_SETTING = ("SLT-A77", "SLT-A99", "HV")
"""Other SLT bodies have no setting. The Hasselblad HV is an A99."""
_CENTRAL_SENSORS = {1: (6, 10), 2: (12, 17), 3: (33, 54, 94)}
"""Numbers of the central sensors, by type: 15, 19 and 79 points."""
_NO_SENSOR = 255
_LA_EA_ADAPTER = b"\x02"
"""An LA-EA2 or LA-EA4 did the focusing, whose setting is not known to be written anywhere."""


def read_sony(exif: TagTable, start: int, model: str) -> MakerNote:
    """Return what the note says that starts there in the EXIF data."""
    table = start + (_HEADER_BYTES if exif.read(start, len(_HEADER)) == _HEADER else 0)
    note = TagTable(exif.file, exif.header, table, exif.order)
    (lens,) = note.numbers(*_LENS) or (0,)
    name, widest = _lens(note.numbers(*_LENS_NUMBERS))
    return replace(
        _autofocus(note, model),
        lens=name,
        lens_id=None if lens in _NO_LENS else str(lens),
        widest_f_number=widest,
        body_serial=_body_serial(note, model),
    )


def _autofocus(note: TagTable, model: str) -> MakerNote:
    if model.startswith(_DSLR_WITH_SETTING):
        return _of_dslr(note.content(_CAMERA_INFO))
    block = note.content(_AF_INFO).translate(_PLAIN)
    if model.startswith("ILCA-"):
        return _of_block(block, 3, focus_mode=0x05, sensor=0x37, setting=0x50)
    if model.startswith(("SLT-", "HV")):
        kind = block[2] if len(block) > 2 else 0
        setting = 0x17D if model.startswith(_SLT_WITH_SETTING) else None
        return _of_block(block, kind, focus_mode=0x0B, sensor=0x07, setting=setting)
    location = note.numbers(*_FOCUS_LOCATION)
    return MakerNote(
        af_method=PHASE if block[1:2] == _LA_EA_ADAPTER else None,
        af_point=area_at(*location) if location else None,
    )


def _lens(numbers: tuple[int, ...]) -> tuple[str | None, float | None]:
    """Return what a lens is called by its numbers, and its widest f-number if that is the same at both ends."""
    # In decimal digits, two a byte: flags, shortest, longest, f-number wide open at both times 10, flags; the
    # second of a pair is zero where it is the same.
    digits = "".join(f"{byte:02x}" for byte in numbers)
    # An f-number of 11 is written as b0.
    if len(digits) != 16 or not digits[2:10].isdecimal():
        return None, None
    widest, at_longest = (int(digits[place], 16) + int(digits[place + 1], 16) / 10 for place in (10, 12))
    shortest, at_longest = int(digits[2:6]), at_longest or widest
    name = described(shortest, int(digits[6:10]) or shortest, widest, at_longest)
    return name, f_number(widest) if name and widest == at_longest else None


def _body_serial(note: TagTable, model: str) -> str | None:
    plain = serial(note.text(_SERIAL_NUMBER))
    if plain is not None:
        return plain
    # The number is not the one on the body, but each body has its own.
    place, size = (0x88, 6) if model.startswith(_NEWER) else (0xF0, 5) if model.startswith(_A_MOUNT) else (0x7C, 4)
    number = note.content(_OTHER_SERIAL).translate(_PLAIN)[place : place + size]
    return number.hex() if len(number) == size and any(number) and any(byte != 0xFF for byte in number) else None


def _of_dslr(info: bytes) -> MakerNote:
    if len(info) <= 0x131:
        return MakerNote()
    setting = AfSetting(float(info[0x130] - 20), True) if info[0x131] & 0x80 else SWITCHED_OFF
    # Modes are manual, AF-S, AF-C, AF-A, DMF. These bodies have no live view.
    method = PHASE if info[0x14] in (1, 2, 3, 4) else None
    chosen = info[0x15]
    point = None if not 0 < chosen <= 11 else CENTER if chosen == 1 else f"point {chosen}"
    return MakerNote(*setting, af_method=method, af_point=point)


def _of_block(block: bytes, kind: int, *, focus_mode: int, sensor: int, setting: int | None) -> MakerNote:
    """Return what a deciphered block of an SLT or ILCA body says; the places of its fields differ."""
    # The second and third byte are 1 and the type of the AF module; zeros with lenses without autofocus.
    if len(block) <= max(focus_mode, sensor, setting or 0) or block[1] != 1 or block[2] != kind or kind == 0:
        return MakerNote()
    # Zero, too, when the adjustment is off.
    steps = None if setting is None else float(int.from_bytes(block[setting : setting + 1], signed=True))
    # Manual is 0; AF-S, AF-C, AF-A, DMF, AF-D. All of it is done by the AF module, in live view too.
    method = PHASE if block[focus_mode] in (2, 3, 4, 6, 7) else None
    number = block[sensor]
    central = number in _CENTRAL_SENSORS.get(kind, ())
    point = None if number == _NO_SENSOR else CENTER if central else f"sensor {number}"
    return MakerNote(steps, af_method=method, af_point=point)
