"""Canon's note: a table of tags whose offsets count from the header of the EXIF data. Blocks begin with their size.

Places and codes are those of ExifTool's Canon.pm; checked on exiv2's sample files of a dozen bodies.
"""

from __future__ import annotations

from collections.abc import Sequence

from .note import (
    LIVE_VIEW,
    PHASE,
    SWITCHED_OFF,
    AfMethod,
    AfSetting,
    MakerNote,
    described,
    f_number,
    lens_name,
    point_at,
    serial,
)
from .tiff import TagTable

_FOCUS_MODE, _FOCAL_LENGTHS = (0x0001, "H", 2 * 7), (0x0001, "2H", 2 * 23)
_AUTOFOCUS_MODES = (0, 1, 2)
"""One shot, AI servo, AI focus."""
_LIVE_VIEW = (0x0093, "H", 2 * 19)
_METHODS: dict[int, AfMethod] = {0: PHASE, 1: LIVE_VIEW}
_DISTANCES = ((0x0093, "2H", 2 * 20), (0x0004, "2H", 2 * 19))
"""Far and near end of a bracket in cm."""
_INFINITE_CM = 65_535
_ADJUSTMENT, _ADJUSTMENT_OF_ENDS = (0x4013, "3i", 4 * 1), (0x4013, "4i", 4 * 5)
_AF_INFO = 0x0026
_LENS = (0x0001, "H", 2 * 22)
_FOCAL_UNITS_AND_WIDEST = (0x0001, "Hh", 2 * 25)
"""How many units a mm has, and the widest aperture at this focal length in units of 1/32 of a stop."""
_NO_LENS = (0, 0xFFFF)
_RF_LENS, _WHICH_RF_LENS = 61_182, (0x0093, "H", 2 * 61)
"""All lenses for the R mount have one number; which of them stands elsewhere."""
_BODY_SERIAL, _LENS_MODEL, _LENS_SERIAL = (0x000C, "I"), 0x0095, (0x4019, "5s")
_D30 = "EOS D30"


def read_canon(exif: TagTable, start: int, model: str) -> MakerNote:
    """Return what the note says that starts there in the EXIF data."""
    note = TagTable(exif.file, exif.header, start, exif.order)
    return MakerNote(
        *_setting(note),
        focus_distance_m=_distance_m(note),
        af_method=_method(note),
        af_point=_point(note),
        lens=lens_name(note.text(_LENS_MODEL)) or _described_lens(note),
        lens_id=_lens_id(note),
        widest_f_number=_widest(note),
        body_serial=_body_serial(note, model),
        lens_serial=_lens_serial(note),
    )


def _setting(note: TagTable) -> AfSetting:
    # Mode (0 off, 1 all lenses, 2 by lens; bodies without the function write 3), the value in force as a fraction,
    # one unknown, and the registered values of the wide and the long end as fractions (seen in files of a 6D and a
    # 70D). Registered values stay there when the function is off. Old versions of DPP cut them off.
    mode, steps, divisor = note.numbers(*_ADJUSTMENT) or (None, 0, 0)
    if mode == 0:
        return SWITCHED_OFF
    if mode not in (1, 2) or divisor == 0:
        return AfSetting()
    wide, wide_divisor, tele, tele_divisor = note.numbers(*_ADJUSTMENT_OF_ENDS) or (0, 0, 0, 0)
    longest, shortest = note.numbers(*_FOCAL_LENGTHS) or (0, 0)
    is_prime = longest == shortest > 0
    if mode == 2 and wide_divisor and tele_divisor and not is_prime:
        return AfSetting(steps / divisor, True, wide / wide_divisor, tele / tele_divisor)
    return AfSetting(steps / divisor, True)


def _distance_m(note: TagTable) -> float | None:
    """Return the middle of the bracket that lenses report, coarsely."""
    for place in _DISTANCES:
        far_cm, near_cm = note.numbers(*place) or (0, 0)
        if 0 < near_cm <= far_cm < _INFINITE_CM:
            return (near_cm + far_cm) / 200
    return None


def _method(note: TagTable) -> AfMethod | None:
    focus_mode, live_view = note.numbers(*_FOCUS_MODE), note.numbers(*_LIVE_VIEW)
    by_hand = focus_mode and focus_mode[0] not in _AUTOFOCUS_MODES
    return None if by_hand or not live_view else _METHODS.get(live_view[0])


def _point(note: TagTable) -> str | None:
    """Return the one AF point that was in focus or, of several, the one that was chosen."""
    # Words: size, mode, points, valid points, picture size, size of the AF frame, then for every point width,
    # height, x and y from the centre (y up), then a bit for every point in focus, and one for every point chosen.
    points, width, height = note.numbers(_AF_INFO, "4xH6x2H") or (0, 0, 0)
    if not (0 < points <= 2000 and width and height):
        return None
    start, words_of_bits = 2 * (8 + 4 * points), (points + 15) // 16
    for first in (start, start + 2 * words_of_bits):
        marked = _bits(note.numbers(_AF_INFO, f"{words_of_bits}H", first))
        if len(marked) == 1 and marked[0] < points:
            x, y = (note.numbers(_AF_INFO, "h", 2 * (8 + n * points + marked[0]))[0] for n in (2, 3))
            return point_at(x / width, y / height)
    return None


def _bits(words: Sequence[int]) -> list[int]:
    return [16 * place + bit for place, word in enumerate(words) for bit in range(16) if word >> bit & 1]


def _lens_id(note: TagTable) -> str | None:
    (lens,) = note.numbers(*_LENS) or (0,)
    if lens != _RF_LENS:
        return None if lens in _NO_LENS else str(lens)
    (which,) = note.numbers(*_WHICH_RF_LENS) or (0,)
    return f"{lens} {which}" if which else str(lens)


def _widest(note: TagTable) -> float | None:
    _, stops = note.numbers(*_FOCAL_UNITS_AND_WIDEST) or (0, 0)
    # Thirds of a stop are written as 12 and 20 of 32.
    part = {0x0C: 32 / 3, 0x14: 64 / 3}.get(stops & 0x1F, stops & 0x1F)
    return f_number(2.0 ** (((stops & ~0x1F) + part) / 64.0)) if stops > 0 else None


def _described_lens(note: TagTable) -> str | None:
    longest, shortest = note.numbers(*_FOCAL_LENGTHS) or (0, 0)
    units, _ = note.numbers(*_FOCAL_UNITS_AND_WIDEST) or (0, 0)
    if not units:
        return None
    # Of a zoom the widest aperture is known at the focal length of the shot only.
    widest = (_widest(note) or 0.0) if longest == shortest else 0.0
    return described(shortest / units, longest / units, widest, widest)


def _body_serial(note: TagTable, model: str) -> str | None:
    (number,) = note.numbers(*_BODY_SERIAL) or (0,)
    # As it stands on the body. Newer ones have longer numbers, which only EXIF's own tag holds.
    text = f"{number >> 16:04x}{number & 0xFFFF:05d}" if model.endswith(_D30) else f"{number:010d}"
    return serial(text)


def _lens_serial(note: TagTable) -> str | None:
    (number,) = note.numbers(*_LENS_SERIAL) or (b"",)
    return serial(bytes(number).hex())
