"""Canon's note: a table of tags whose offsets count from the header of the EXIF data.

Places and codes are those of ExifTool's Canon.pm. Blocks of words begin with their size in bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from backfocus.verify.photo.metadata.maker_notes.autofocus import (
    SWITCHED_OFF,
    AfMethod,
    AfSetting,
    AutofocusNote,
    believable,
    point_at,
)
from backfocus.verify.photo.metadata.tag_table import BrokenTable, TagTable

_CAMERA_SETTINGS, _SHOT_INFO, _AF_INFO_2, _FILE_INFO, _AF_ADJUSTMENT = 0x0001, 0x0004, 0x0026, 0x0093, 0x4013
_FOCUS_MODE, _LONGEST_FOCAL, _SHORTEST_FOCAL = 7, 23, 24
_DISTANCES_IN_SHOT_INFO, _LIVE_VIEW, _DISTANCES_IN_FILE_INFO = 19, 19, 20
_AUTOFOCUS_MODES = (0, 1, 2)
"""One shot, AI servo, AI focus."""
_METHODS: dict[int, AfMethod] = {0: "phase", 1: "contrast/live view"}
"""By whether live view was on."""
_INFINITE_CM = 65_535
_MOST_STEPS = 100.0
"""Menus end at 20; Magic Lantern's add-on reaches 100."""


def read(exif: TagTable, start: int, _model: str) -> AutofocusNote:
    """Return what the note that starts there says."""
    note = TagTable(exif.file, exif.header, start, exif.order)
    setting = believable(_setting(note), _MOST_STEPS)
    return AutofocusNote(
        setting.in_force,
        setting.on,
        setting.wide,
        setting.tele,
        focus_distance_m=_focus_distance_m(note),
        af_method=_method(note),
        af_point=_point(note),
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
    words = _words(note, _AF_ADJUSTMENT, "i")
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
    by_hand = len(settings) > _FOCUS_MODE and settings[_FOCUS_MODE] not in _AUTOFOCUS_MODES
    if by_hand or len(file_info) <= _LIVE_VIEW:
        return None
    return _METHODS.get(file_info[_LIVE_VIEW])


def _point(note: TagTable) -> str | None:
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
