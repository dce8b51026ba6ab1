"""AF setting, live view, AF point and focus distance from makers' notes.

Places and codes are those of ExifTool's Canon.pm, Nikon.pm, Pentax.pm and Sony.pm; checked on exiv2's sample files
of a dozen bodies. A place is (tag, numbers in `struct`'s letters, offset in the tag's content).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from .tiff import ExifData, TagTable

AfMethod = Literal["phase", "contrast/live view"]
CENTER = "center"
_PHASE: AfMethod = "phase"
_LIVE_VIEW: AfMethod = "contrast/live view"


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

    def believed(self, most_steps: float) -> AutofocusNote:
        """Return it without the setting where that is beyond what the maker's cameras can have."""
        values = (self.af_setting, self.af_setting_wide, self.af_setting_tele)
        if all(value is None or abs(value) <= most_steps for value in values):
            return self
        return replace(self, **AfSetting()._asdict())


class AfSetting(NamedTuple):
    """An AF fine-tune setting: the first fields of `AutofocusNote`."""

    af_setting: float | None = None
    af_setting_on: bool | None = None
    af_setting_wide: float | None = None
    af_setting_tele: float | None = None


SWITCHED_OFF = AfSetting(0.0, False)


def make_word(name: str | None) -> str:
    """Return the word that tells the maker in an EXIF make, in small letters: the first; empty without one."""
    return next(iter((name or "").lower().split()), "")


def read_maker_note(exif: ExifData, make: str | None, model: str | None) -> AutofocusNote | None:
    """Return what the maker's note says about autofocus; None without one that can be read.

    Args:
        exif: of the photo.
        make, model: of the camera, as they stand in the EXIF data.
    """
    reader, most_steps = _READERS.get(make_word(make), (None, 0.0))
    if reader is None or exif.note_start is None:
        return None
    note = reader(exif.note_in, exif.note_start, model or "")
    return None if note is None else note.believed(most_steps)


def may_hold_setting(make: str | None) -> bool:
    """Whether cameras of a maker write their setting into the note, be it one that is not read here."""
    return make_word(make) in (*_READERS, *_ONLY_FOR_EXIFTOOL)


def _point_at(x: float, y: float) -> str:
    """Return the name of an AF point by its place from the picture's centre, in its width and height, y up."""
    # The neighbours of the central point are some 5 % of the picture away.
    return CENTER if abs(x) < 0.02 and abs(y) < 0.03 else f"x {x:+.2f} y {y:+.2f}"


def _area_at(width: int, height: int, x: int, y: int) -> str | None:
    """Return the name of an AF area by its place from the picture's top left corner, in pixels."""
    return _point_at(x / width - 0.5, 0.5 - y / height) if 0 < x < width and 0 < y < height else None


# Canon: a table of tags whose offsets count from the header of the EXIF data. Blocks begin with their size.

_CANON_FOCUS_MODE, _CANON_FOCAL_LENGTHS = (0x0001, "H", 2 * 7), (0x0001, "2H", 2 * 23)
_CANON_AUTOFOCUS_MODES = (0, 1, 2)
"""One shot, AI servo, AI focus."""
_CANON_LIVE_VIEW = (0x0093, "H", 2 * 19)
_CANON_METHODS: dict[int, AfMethod] = {0: _PHASE, 1: _LIVE_VIEW}
_CANON_DISTANCES = ((0x0093, "2H", 2 * 20), (0x0004, "2H", 2 * 19))
"""Far and near end of a bracket in cm."""
_INFINITE_CM = 65_535
_CANON_ADJUSTMENT, _CANON_ADJUSTMENT_OF_ENDS = (0x4013, "3i", 4 * 1), (0x4013, "4i", 4 * 5)
_CANON_AF_INFO = 0x0026


def _read_canon(exif: TagTable, start: int, _model: str) -> AutofocusNote:
    note = TagTable(exif.file, exif.header, start, exif.order)
    return AutofocusNote(*_canon_setting(note), _canon_distance_m(note), _canon_method(note), _canon_point(note))


def _canon_setting(note: TagTable) -> AfSetting:
    # Mode (0 off, 1 all lenses, 2 by lens; bodies without the function write 3), the value in force as a fraction,
    # one unknown, and the registered values of the wide and the long end as fractions (seen in files of a 6D and a
    # 70D). Registered values stay there when the function is off. Old versions of DPP cut them off.
    mode, steps, divisor = note.numbers(*_CANON_ADJUSTMENT) or (None, 0, 0)
    if mode == 0:
        return SWITCHED_OFF
    if mode not in (1, 2) or divisor == 0:
        return AfSetting()
    wide, wide_divisor, tele, tele_divisor = note.numbers(*_CANON_ADJUSTMENT_OF_ENDS) or (0, 0, 0, 0)
    longest, shortest = note.numbers(*_CANON_FOCAL_LENGTHS) or (0, 0)
    is_prime = longest == shortest > 0
    if mode == 2 and wide_divisor and tele_divisor and not is_prime:
        return AfSetting(steps / divisor, True, wide / wide_divisor, tele / tele_divisor)
    return AfSetting(steps / divisor, True)


def _canon_distance_m(note: TagTable) -> float | None:
    """Return the middle of the bracket that lenses report, coarsely."""
    for place in _CANON_DISTANCES:
        far_cm, near_cm = note.numbers(*place) or (0, 0)
        if 0 < near_cm <= far_cm < _INFINITE_CM:
            return (near_cm + far_cm) / 200
    return None


def _canon_method(note: TagTable) -> AfMethod | None:
    focus_mode, live_view = note.numbers(*_CANON_FOCUS_MODE), note.numbers(*_CANON_LIVE_VIEW)
    by_hand = focus_mode and focus_mode[0] not in _CANON_AUTOFOCUS_MODES
    return None if by_hand or not live_view else _CANON_METHODS.get(live_view[0])


def _canon_point(note: TagTable) -> str | None:
    """Return the one AF point that was in focus or, of several, the one that was chosen."""
    # Words: size, mode, points, valid points, picture size, size of the AF frame, then for every point width,
    # height, x and y from the centre (y up), then a bit for every point in focus, and one for every point chosen.
    points, width, height = note.numbers(_CANON_AF_INFO, "4xH6x2H") or (0, 0, 0)
    if not (0 < points <= 2000 and width and height):
        return None
    start, words_of_bits = 2 * (8 + 4 * points), (points + 15) // 16
    for first in (start, start + 2 * words_of_bits):
        marked = _bits(note.numbers(_CANON_AF_INFO, f"{words_of_bits}H", first))
        if len(marked) == 1 and marked[0] < points:
            x, y = (note.numbers(_CANON_AF_INFO, "h", 2 * (8 + n * points + marked[0]))[0] for n in (2, 3))
            return _point_at(x / width, y / height)
    return None


def _bits(words: Sequence[int]) -> list[int]:
    return [16 * place + bit for place, word in enumerate(words) for bit in range(16) if word >> bit & 1]


# Nikon: ten bytes, then a TIFF structure with a header and a byte order of its own.

_NIKON_HEADER, _NIKON_HEADER_BYTES = b"Nikon\0", 10
_NIKON_TUNE = (0x00B9, "Bxbb")
_NIKON_AF_INFO = 0x00B7
_NIKON_PRIMARY_POINT = {b"0100": (7, 1), b"0101": (0x44, 1), b"0301": (0x38, 1), b"0300": (7, 246)}
"""Where the primary AF point stands, and what it is called when it is the central one, by the block's version."""
_NIKON_LIVE_VIEW_AREA = {b"0100": 0x10, b"0101": 0x46}
"""Where four words stand in live view: size of the picture, and place of the AF area in it from the top left."""
_NIKON_SERIAL_NUMBER, _NIKON_LENS_DATA, _NIKON_SHOT_COUNT = 0x001D, 0x0098, 0x00A7
_NIKON_DISTANCE = {b"0101": 9, b"0201": 9, b"0202": 9, b"0203": 9, b"0204": 10}
_NIKON_Z_VERSION, _NIKON_DISTANCE_ON_Z, _NIKON_DISTANCE_OF_Z_LENSES = b"08", 0x0B, 0x4F


def _read_nikon(exif: TagTable, start: int, model: str) -> AutofocusNote | None:
    if exif.read(start, len(_NIKON_HEADER)) != _NIKON_HEADER:
        return None
    note = TagTable(exif.file, exif.header + start + _NIKON_HEADER_BYTES)
    if not note:
        return None
    method = _nikon_method(note)
    return AutofocusNote(*_nikon_setting(note), _nikon_distance_m(note, model), method, _nikon_point(note, method))


def _nikon_setting(note: TagTable) -> AfSetting:
    # Mode (0 off, 3 with two values for a zoom), number of the saved lens, value, and value at the long end.
    mode, steps, steps_at_long_end = note.numbers(*_NIKON_TUNE) or (None, 0, 0)
    if mode == 0:
        return SWITCHED_OFF
    if mode in (1, 2):
        return AfSetting(float(steps), True)
    if mode == 3:
        # Between the ends, what is in force is not written, unless they agree.
        in_force = float(steps) if steps == steps_at_long_end else None
        return AfSetting(in_force, True, float(steps), float(steps_at_long_end))
    return AfSetting()


def _nikon_method(note: TagTable) -> AfMethod | None:
    # Version, contrast AF (0 off, 1 on, on Z bodies 2 hybrid), area mode, phase AF (0 off, else the AF module).
    version, contrast, phase = note.numbers(_NIKON_AF_INFO, "2s2xBxBx") or (b"", 0, 0)
    if version not in (b"01", b"03"):
        return None
    if contrast == 1:
        return _LIVE_VIEW
    return _PHASE if contrast == 0 and phase else None


def _nikon_point(note: TagTable, method: AfMethod | None) -> str | None:
    version = note.content(_NIKON_AF_INFO)[:4]
    if method == _PHASE and version in _NIKON_PRIMARY_POINT:
        place, central = _NIKON_PRIMARY_POINT[version]
        (point,) = note.numbers(_NIKON_AF_INFO, "B", place) or (0,)
        return None if point == 0 else CENTER if point == central else f"point {point}"
    if method == _LIVE_VIEW and version in _NIKON_LIVE_VIEW_AREA:
        return _area_at(*(note.numbers(_NIKON_AF_INFO, "4H", _NIKON_LIVE_VIEW_AREA[version]) or (0, 0, 0, 0)))
    return None


def _nikon_distance_m(note: TagTable, model: str) -> float | None:
    """Return the focus distance that the lens reported, in steps of 6 %; None where it reported none."""
    data = _plain_lens_data(note, model)
    version = data[:4]
    place = _NIKON_DISTANCE.get(version, len(data))
    if version.startswith(_NIKON_Z_VERSION):
        # The older part of the block is empty with lenses made for the Z mount.
        place = _NIKON_DISTANCE_ON_Z if any(data[4:0x14]) else _NIKON_DISTANCE_OF_Z_LENSES
    # Zero stands for infinity, and for nothing.
    return 0.01 * 10 ** (data[place] / 40) if place < len(data) and data[place] else None


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
    data = note.content(_NIKON_LENS_DATA)
    if data[:2] == b"01":
        return data
    serial = note.content(_NIKON_SERIAL_NUMBER).rstrip(b"\0 ").decode("ascii", "replace").strip()
    key = int(serial) if serial.isdecimal() else _KEY_WITHOUT_NUMBER.get(model, _OTHER_KEY_WITHOUT_NUMBER)
    count = note.numbers(_NIKON_SHOT_COUNT, "I")
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


# Pentax: a header by generation, then a table of tags. All that is wanted is short enough to stand within its
# entry, so that it does not matter where offsets count from.

_PENTAX_HEADERS = (b"AOC\0", b"PENTAX \0", b"SAMSUNG\0", b"RICOH\0")
"""The byte order follows as II or MM, or blank."""
_PENTAX_FOCUS_MODE, _PENTAX_POINT, _PENTAX_ADJUSTMENT = (0x000D, "H"), (0x000E, "H"), (0x0072, "h")
_RELEASE_PRIORITY = 0x100
_PENTAX_METHODS: dict[int, AfMethod] = {16: _PHASE, 17: _PHASE, 18: _PHASE, 32: _LIVE_VIEW, 33: _LIVE_VIEW}
_PENTAX_FIXED_CENTER, _PENTAX_NAMED_MODES = 0xFFFE, 0xFFFB
_PENTAX_CENTRAL_POINT = {"K-1": 17, "K-3": 14}
"""Of 33 and 27 points, by a word of the model's name."""
_PENTAX_OTHER_CENTRAL_POINT = 6
"""Of 11 points."""
_PENTAX_UNKNOWN_LAYOUT = ("PENTAX KP", "PENTAX K-3 Mark III")
"""Bodies with other numbers of points."""


def _read_pentax(exif: TagTable, start: int, model: str) -> AutofocusNote | None:
    beginning = exif.read(start, 12)
    header = next((header for header in _PENTAX_HEADERS if beginning.startswith(header)), None)
    if header is None:
        return None
    table = start + len(header) + 2
    order = {b"II": "<", b"MM": ">"}.get(beginning[len(header) :][:2]) or _likely_order(exif.read(table, 2))
    note = TagTable(exif.file, exif.header, table, order)
    # With the function off, the camera writes zero.
    (steps,) = note.numbers(*_PENTAX_ADJUSTMENT) or (None,)
    (mode,) = note.numbers(*_PENTAX_FOCUS_MODE) or (0,)
    (point,) = note.numbers(*_PENTAX_POINT) or (0,)
    return AutofocusNote(
        af_setting=None if steps is None else float(steps),
        af_method=_PENTAX_METHODS.get(mode & ~_RELEASE_PRIORITY),
        af_point=_pentax_point(point, model),
    )


def _likely_order(count: bytes) -> str:
    """Return the byte order in which a table has fewer entries: tables have a hundred, not thousands."""
    return min("<>", key=lambda order: int.from_bytes(count, "little" if order == "<" else "big"))


def _pentax_point(number: int, model: str) -> str | None:
    if number == _PENTAX_FIXED_CENTER:
        return CENTER
    if number == 0 or number >= _PENTAX_NAMED_MODES:
        return None
    if model.startswith(_PENTAX_UNKNOWN_LAYOUT):
        return f"point {number}"
    words = model.split()
    central = next((n for word, n in _PENTAX_CENTRAL_POINT.items() if word in words), _PENTAX_OTHER_CENTRAL_POINT)
    return CENTER if number == central else f"point {number}"


# Sony: a table of tags, some of whose blocks are enciphered byte by byte: c = b³ mod 249, from 249 on c = b.

_SONY_HEADER, _SONY_HEADER_BYTES = b"SONY", 12
"""SONY DSC or SONY CAM, filled up with zeros. ARW files of some bodies have none."""
_SONY_CAMERA_INFO, _SONY_AF_INFO = 0x0010, 0x940E
_SONY_FOCUS_LOCATION = (0x2027, "4H")
_SONY_PLAIN = bytes.maketrans(bytes(i**3 % 249 if i < 249 else i for i in range(256)), bytes(range(256)))
_DSLR_WITH_SETTING = ("DSLR-A850", "DSLR-A900")
_SLT_WITH_SETTING = ("SLT-A77", "SLT-A99", "HV")
"""Other SLT bodies have no setting. The Hasselblad HV is an A99."""
_CENTRAL_SENSORS = {1: (6, 10), 2: (12, 17), 3: (33, 54, 94)}
"""Numbers of the central sensors, by type: 15, 19 and 79 points."""
_NO_SENSOR = 255
_LA_EA_ADAPTER = b"\x02"
"""An LA-EA2 or LA-EA4 did the focusing, whose setting is not known to be written anywhere."""


def _read_sony(exif: TagTable, start: int, model: str) -> AutofocusNote:
    table = start + (_SONY_HEADER_BYTES if exif.read(start, len(_SONY_HEADER)) == _SONY_HEADER else 0)
    note = TagTable(exif.file, exif.header, table, exif.order)
    if model.startswith(_DSLR_WITH_SETTING):
        return _of_dslr(note.content(_SONY_CAMERA_INFO))
    block = note.content(_SONY_AF_INFO).translate(_SONY_PLAIN)
    if model.startswith("ILCA-"):
        return _of_sony_block(block, 3, focus_mode=0x05, sensor=0x37, setting=0x50)
    if model.startswith(("SLT-", "HV")):
        kind = block[2] if len(block) > 2 else 0
        setting = 0x17D if model.startswith(_SLT_WITH_SETTING) else None
        return _of_sony_block(block, kind, focus_mode=0x0B, sensor=0x07, setting=setting)
    location = note.numbers(*_SONY_FOCUS_LOCATION)
    return AutofocusNote(
        af_method=_PHASE if block[1:2] == _LA_EA_ADAPTER else None,
        af_point=_area_at(*location) if location else None,
    )


def _of_dslr(info: bytes) -> AutofocusNote:
    if len(info) <= 0x131:
        return AutofocusNote()
    setting = AfSetting(float(info[0x130] - 20), True) if info[0x131] & 0x80 else SWITCHED_OFF
    # Modes are manual, AF-S, AF-C, AF-A, DMF. These bodies have no live view.
    method = _PHASE if info[0x14] in (1, 2, 3, 4) else None
    chosen = info[0x15]
    point = None if not 0 < chosen <= 11 else CENTER if chosen == 1 else f"point {chosen}"
    return AutofocusNote(*setting, af_method=method, af_point=point)


def _of_sony_block(block: bytes, kind: int, *, focus_mode: int, sensor: int, setting: int | None) -> AutofocusNote:
    """Return what a deciphered block of an SLT or ILCA body says; the places of its fields differ."""
    # The second and third byte are 1 and the type of the AF module; zeros with lenses without autofocus.
    if len(block) <= max(focus_mode, sensor, setting or 0) or block[1] != 1 or block[2] != kind or kind == 0:
        return AutofocusNote()
    # Zero, too, when the adjustment is off.
    steps = None if setting is None else float(int.from_bytes(block[setting : setting + 1], signed=True))
    # Manual is 0; AF-S, AF-C, AF-A, DMF, AF-D. All of it is done by the AF module, in live view too.
    method = _PHASE if block[focus_mode] in (2, 3, 4, 6, 7) else None
    number = block[sensor]
    central = number in _CENTRAL_SENSORS.get(kind, ())
    point = None if number == _NO_SENSOR else CENTER if central else f"sensor {number}"
    return AutofocusNote(steps, af_method=method, af_point=point)


_Reader = Callable[[TagTable, int, str], AutofocusNote | None]
"""From the structure that holds a note, the note's start in it, and the camera's model."""
_READERS: dict[str, tuple[_Reader, float]] = {
    # Menus end at 20; Magic Lantern's add-on reaches 100.
    "canon": (_read_canon, 100.0),
    "nikon": (_read_nikon, 20.0),
    "sony": (_read_sony, 20.0),
    "hasselblad": (_read_sony, 20.0),
    "pentax": (_read_pentax, 10.0),
    "ricoh": (_read_pentax, 10.0),
}
"""What reads the note, and the most steps that cameras have, by the maker's word in the EXIF make."""
_ONLY_FOR_EXIFTOOL = ("olympus", "om")
"""Makers whose cameras have a setting in notes that are not read here."""
