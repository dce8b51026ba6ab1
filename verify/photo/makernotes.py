"""Which maker's note a photo has, and what it tells: AF setting, live view, AF point, distance, lens and body."""

from __future__ import annotations

import struct
from collections.abc import Callable

from .canon import read_canon
from .nikon import read_nikon
from .note import MakerNote
from .olympus import read_olympus
from .pentax import read_pentax
from .sony import read_sony
from .tiff import ExifData, TagTable

_Reader = Callable[[TagTable, int, str], MakerNote | None]
"""From the structure that holds a note, the note's start in it, and the camera's model."""
_MAINLY_PHONES = "samsung"
_READERS: dict[str, tuple[_Reader, float]] = {
    # Menus end at 20; Magic Lantern's add-on reaches 100.
    "canon": (read_canon, 100.0),
    "nikon": (read_nikon, 20.0),
    "sony": (read_sony, 20.0),
    "hasselblad": (read_sony, 20.0),
    "pentax": (read_pentax, 10.0),
    "ricoh": (read_pentax, 10.0),
    # Its DSLRs were Pentax's. Its phones have notes of their own, and no setting.
    _MAINLY_PHONES: (read_pentax, 10.0),
    "olympus": (read_olympus, 20.0),
    "om": (read_olympus, 20.0),
}
"""What reads the note, and the most steps that cameras have, by the maker's word in the EXIF make."""
_ADOBE, _ADOBE_HEAD = b"Adobe\0MakN", 10
"""Size, byte order and original place follow."""


def make_word(name: str | None) -> str:
    """Return the word that tells the maker in an EXIF make, in small letters: the first; empty without one."""
    return next(iter((name or "").lower().split()), "")


def read_maker_note(exif: ExifData, make: str | None, model: str | None) -> MakerNote | None:
    """Return what the maker's note says; None without one that can be read.

    Args:
        exif: of the photo.
        make, model: of the camera, as they stand in the EXIF data.
    """
    reader, most_steps = _READERS.get(make_word(make), (None, 0.0))
    if reader is None or exif.note_start is None:
        return None
    structure, start = unwrapped(exif.note_in, exif.note_start)
    note = reader(structure, start, model or "")
    return None if note is None else note.believed(most_steps)


def unwrapped(structure: TagTable, start: int) -> tuple[TagTable, int]:
    """Return the structure whose header the offsets of a note count from, and the note's start from there.

    Adobe's DNG converter keeps a note as it was, with its byte order and its place in the camera's own file (DNG
    1.4, DNGPrivateData; names and sizes as in ExifTool's DNG.pm).
    """
    head = structure.read(start, len(_ADOBE) + _ADOBE_HEAD)
    if not head.startswith(_ADOBE):
        return structure, start
    _, order, original_place = struct.unpack(">I2sI", head[-_ADOBE_HEAD:].ljust(_ADOBE_HEAD))
    place = structure.header + start + len(head)
    return TagTable(structure.file, place - original_place, 0, ">" if order == b"MM" else "<"), original_place


def may_hold_setting(make: str | None) -> bool:
    """Whether cameras of a maker write their setting into the note, be it one that is not read here."""
    return make_word(make) in _READERS.keys() - {_MAINLY_PHONES}
