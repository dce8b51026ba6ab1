"""The AF fine-tune setting that was in force, from the notes that Canon and Nikon leave in a photo.

Places and codes are those of ExifTool (Canon.pm, Nikon.pm), checked on exiv2's sample files of a dozen bodies.
ExifRead would read the notes byte by byte, up to 64 kB of them, and takes the file's byte order for Nikon's own.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

_EXIF_TABLE, _MAKER_NOTE = 0x8769, 0x927C
_CANON_AF_ADJUSTMENT, _NIKON_AF_TUNE = 0x4013, 0x00B9
_ENTRY_BYTES = 12
# Cameras write some hundred entries into a table; a crafted one may have 65 535.
_MAX_ENTRIES = 1000
_NIKON_HEADER_BYTES = 10
# Firmware extensions reach 100; what is beyond is a broken file.
_MAX_STEPS = 100


def af_setting(exif: BinaryIO, make: str | None) -> float | None:
    """Return the AF fine-tune setting in force, in the camera's steps; None where the photo does not tell.

    Args:
        exif: a TIFF file, or the TIFF block of EXIF data taken out of another file; may be empty or broken.
        make: the camera's maker.
    """
    word = (make or "").lower().split()[:1]
    try:
        table = _Tiff(exif, 0).table_in(_EXIF_TABLE)
        start = table.place_of(_MAKER_NOTE)
        setting = {"canon": _canon, "nikon": _nikon}[word[0]](table, start)
    except (LookupError, ValueError, ArithmeticError, OSError, struct.error):
        return None
    return setting if setting is not None and abs(setting) <= _MAX_STEPS else None


class _Tiff:
    """A table of tags within a TIFF structure, whose offsets count from its header."""

    def __init__(self, file: BinaryIO, header: int, table: int | None = None) -> None:
        self.file, self.header = file, header
        self.order = {b"II": "<", b"MM": ">"}[self.read(0, 2)]
        self.table = self.unpack("I", 4)[0] if table is None else table

    def read(self, offset: int, size: int) -> bytes:
        self.file.seek(self.header + offset)
        return self.file.read(size)

    def unpack(self, form: str, offset: int) -> tuple[int, ...]:
        form = self.order + form
        return struct.unpack(form, self.read(offset, struct.calcsize(form)))

    def entry(self, tag: int) -> int:
        """Return the offset of a tag's entry."""
        (count,) = self.unpack("H", self.table)
        tags = self.read(self.table + 2, _ENTRY_BYTES * min(count, _MAX_ENTRIES))
        wanted = struct.pack(self.order + "H", tag)
        for place in range(0, len(tags), _ENTRY_BYTES):
            if tags[place : place + 2] == wanted:
                return self.table + 2 + place
        raise KeyError(tag)

    def place_of(self, tag: int) -> int:
        """Return the offset of a tag's content, for one that does not fit into its entry."""
        return self.unpack("I", self.entry(tag) + 8)[0]

    def table_in(self, tag: int) -> _Tiff:
        """Return the table that a tag points to."""
        return _Tiff(self.file, self.header, self.place_of(tag))


def _canon(exif: _Tiff, start: int) -> float | None:
    # Words of the block: its size, mode (0 off, 1 all lenses, 2 by lens; bodies without the function write 3), and
    # the value in force as a fraction.
    place = _Tiff(exif.file, exif.header, start).place_of(_CANON_AF_ADJUSTMENT)
    _, mode, steps, divisor = exif.unpack("4i", place)
    if mode not in (1, 2):
        return 0.0 if mode == 0 else None
    return steps / divisor


def _nikon(exif: _Tiff, start: int) -> float | None:
    if not exif.read(start, 6).startswith(b"Nikon\0"):
        return None
    note = _Tiff(exif.file, exif.header + start + _NIKON_HEADER_BYTES, None)
    # Mode (0 off, 3 with two values for a zoom), number of the saved lens, value, and value at the long end.
    mode, _, steps, steps_at_long_end = note.unpack("BBbb", note.entry(_NIKON_AF_TUNE) + 8)
    if mode == 0:
        return 0.0
    if mode == 3 and steps != steps_at_long_end:
        return None
    return float(steps) if mode in (1, 2, 3) else None
