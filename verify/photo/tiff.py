"""Tags of TIFF structures: EXIF data wherever a camera keeps them, makers' notes, RAW files.

Nothing here raises on a table that is cut off, garbled or crafted: what cannot be read is not there.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .boxes import boxes, unpacked
from .naming import is_raw

_ORDERS = {b"II": "<", b"MM": ">"}
_ENTRY_BYTES = 12
# fmt: off
_FORM_OF_TYPE = {
    1: "B", 2: "s", 3: "H", 4: "I", 5: "II", 6: "b", 7: "s", 8: "h", 9: "i", 10: "ii", 11: "f", 12: "d", 13: "I",
}
# fmt: on
"""In `struct`'s letters; rationals are pairs."""
_TEXT, _RATIONALS, _UNDEFINED = 2, (5, 10), 7
# Cameras write some hundred entries into a table; a crafted one may have 65 535.
_MAX_ENTRIES = 1000
# The longest block that is looked into, Sony's, is used up to 384 bytes.
_MAX_CONTENT = 65_536

_EXIF_TABLE, _MAKER_NOTE, _DNG_PRIVATE_DATA = 0x8769, 0x927C, 0xC634


class TagTable:
    """A table of tags (TIFF 6.0, section 2); offsets in it count from the structure's header.

    Args:
        file: holds the structure.
        header: where the structure starts in the file.
        start: where the table starts, from the header; None for the first one, that the header points to.
        order: "<" or ">"; None for the one that the header states.
    """

    def __init__(self, file: BinaryIO, header: int = 0, start: int | None = None, order: str | None = None) -> None:
        self.file, self.header = file, header
        stated = order or _ORDERS.get(self.read(0, 2))
        self.order = stated or "<"
        self._entries: dict[int, tuple[int, int, int]] = {}
        if start is None:
            (start,) = self._unpack("I", 4) or (0,)
        self.start = start
        if stated is not None and start > 0:
            self._read_entries()

    def __bool__(self) -> bool:
        return bool(self._entries)

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes, counted from the header, as many as there are; none before the file's start."""
        if self.header + offset < 0:
            return b""
        self.file.seek(self.header + offset)
        return self.file.read(size)

    def place_of(self, tag: int) -> int | None:
        """Return the offset of a tag's content; None without the tag."""
        return self._entries[tag][1] if tag in self._entries else None

    def content(self, tag: int) -> bytes:
        """Return a tag's content, of very long ones the beginning; empty without the tag."""
        _, offset, size = self._entries.get(tag, (0, 0, 0))
        return self.read(offset, min(size, _MAX_CONTENT))

    def numbers(self, tag: int, form: str, place: int = 0) -> tuple[int, ...]:
        """Return numbers at a place in a tag's content, in `struct`'s letters; none where it ends before them."""
        return unpacked(self.order + form, self.content(tag), place)

    def values(self, tag: int) -> tuple[float, ...]:
        """Return a tag's numbers as its type says, rationals divided, NaN for n/0; none for other types."""
        kind = self._entries.get(tag, (_UNDEFINED, 0, 0))[0]
        if kind in (_TEXT, _UNDEFINED):
            return ()
        content = self.content(tag)
        form = _FORM_OF_TYPE[kind]
        numbers = self.numbers(tag, form * (len(content) // struct.calcsize("=" + form)))
        if kind not in _RATIONALS:
            return numbers
        return tuple(n / d if d else float("nan") for n, d in zip(numbers[::2], numbers[1::2], strict=True))

    def text(self, tag: int) -> str:
        """Return a tag's text up to its end mark; empty for what holds no text."""
        kind = self._entries.get(tag, (_UNDEFINED, 0, 0))[0]
        text = self.content(tag).partition(b"\0")[0] if kind == _TEXT else b""
        try:
            return text.decode("utf-8")
        except UnicodeDecodeError:
            return text.decode("latin-1")

    def table_in(self, tag: int) -> TagTable:
        """Return the table that a tag points to, or that is its content; an empty one without the tag."""
        kind, place, size = self._entries.get(tag, (_UNDEFINED, 0, 0))
        (start,) = (place,) if kind == _UNDEFINED and size > 4 else self.numbers(tag, "I") or (0,)
        return TagTable(self.file, self.header, start, self.order)

    def _unpack(self, form: str, offset: int) -> tuple[int, ...]:
        return unpacked(self.order + form, self.read(offset, struct.calcsize("=" + form)))

    def _read_entries(self) -> None:
        (count,) = self._unpack("H", self.start) or (0,)
        rows = self.read(self.start + 2, _ENTRY_BYTES * min(count, _MAX_ENTRIES))
        rows = rows[: len(rows) // _ENTRY_BYTES * _ENTRY_BYTES]
        for row, (tag, kind, length, offset) in enumerate(struct.iter_unpack(self.order + "HHII", rows)):
            if kind not in _FORM_OF_TYPE:
                continue
            size = struct.calcsize("=" + _FORM_OF_TYPE[kind]) * length
            # Up to four bytes stand in the entry itself.
            place = self.start + 2 + _ENTRY_BYTES * row + 8 if size <= 4 else offset
            self._entries.setdefault(tag, (kind, place, size))


@dataclass(frozen=True)
class ExifData:
    """The tables of a photo's EXIF data, empty where there are none.

    Attributes:
        first: camera and picture.
        exif: lens and exposure.
        note_in: the structure that holds the maker's note, and whose header the note's offsets may count from.
        note_start: where the note starts in it, from the header; None where there is none.
    """

    first: TagTable
    exif: TagTable
    note_in: TagTable
    note_start: int | None


def exif_data(file: BinaryIO) -> ExifData:
    """Return the EXIF data of a TIFF or RAW file, or of the TIFF block that a JPEG or PNG file holds."""
    file.seek(0)
    start = file.read(16)
    file.seek(0)
    if is_cr3(start):
        return _of_cr3(file.read())
    if start.startswith(_RAF_START):
        return _of_structure(io.BytesIO(_block_in_raf(file.read())))
    # Olympus and Panasonic write TIFF files with a number of their own in place of 42.
    known = start.startswith((*_TIFF_STARTS, *_ORF_STARTS, _RW2_START))
    return _of_structure(file if known else io.BytesIO())


def _of_structure(file: BinaryIO) -> ExifData:
    first = TagTable(file)
    exif = first.table_in(_EXIF_TABLE)
    note = exif.place_of(_MAKER_NOTE)
    # Pentax's own DNG files have the note elsewhere.
    return ExifData(first, exif, first, first.place_of(_DNG_PRIVATE_DATA) if note is None else note)


# Fujifilm's RAF: place and size of the embedded JPEG, whose EXIF data are those of the photo.
_RAF_JPEG = 84
_JPEG_WITH_EXIF = b"\xff\xd8\xff\xe1"
_EXIF_HEADER = b"Exif\0\0"


def _block_in_raf(content: bytes) -> bytes:
    (place,) = unpacked(">I", content, _RAF_JPEG) or (len(content),)
    if content[place : place + 4] != _JPEG_WITH_EXIF:
        return b""
    (size,) = unpacked(">H", content, place + 4) or (0,)
    return content[place + 6 : place + 4 + size].removeprefix(_EXIF_HEADER)


# Canon's CR3: three TIFF blocks, in boxes of an ISO base media file (ISO/IEC 14496-12), as documented by Laurent
# Clevy (github.com/lclevy/canon_cr3): moov / uuid / CMT1 with the first table, CMT2 with the EXIF table, CMT3 with
# the maker's note.
_CANON_UUID = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_BLOCKS = (b"CMT1", b"CMT2", b"CMT3")


def _of_cr3(content: bytes) -> ExifData:
    moov = next(boxes(content, b"moov"), b"")
    canon = next((box for box in boxes(moov, b"uuid") if box.startswith(_CANON_UUID)), b"")[len(_CANON_UUID) :]
    first, exif, note = (TagTable(io.BytesIO(next(boxes(canon, name), b""))) for name in _BLOCKS)
    return ExifData(first, exif, note, note.start if note else None)


_TIFF_STARTS = (b"II*\0", b"MM\0*")
_ORF_STARTS = (b"IIRO", b"IIRS", b"MMOR")
_RW2_START = b"IIU\0"
_RAF_START = b"FUJIFILMCCD-RAW"
_OTHER_RAW_STARTS = (b"FOVb", b"II\x1a\0\0\0HEAPCCDR", b"\0MRM")
"""Sigma's X3F, Canon's CRW, Minolta's MRW."""
_CR2_MARK = b"CR"
_COMPRESSION, _SUB_TABLES = 259, 330
_MOST_SUB_TABLES = 20
"""A RAW file has the sensor's values, previews and masks in tables of their own: a handful."""
_NEW_SUBFILE_TYPE, _PHOTOMETRIC, _DNG_VERSION = 254, 262, 50706
_REDUCED_RESOLUTION = 1
_SENSOR_VALUES = (32803, 34892)
"""Behind colour filters, or linear (DNG 1.4, PhotometricInterpretation)."""


def compressions(file: BinaryIO) -> set[int]:
    """Return how the pictures in a TIFF file are compressed (TIFF 6.0, tag Compression); none of another kind."""
    first = TagTable(file)
    if first.read(0, 4) not in _TIFF_STARTS:
        return set()
    places = first.numbers(_SUB_TABLES, "I" * min(len(first.content(_SUB_TABLES)) // 4, _MOST_SUB_TABLES))
    tables = [first, *(TagTable(file, 0, place, first.order) for place in places)]
    return {int(value) for table in tables for value in table.values(_COMPRESSION)[:1]}


def is_cr3(start: bytes) -> bool:
    """Whether a file that starts so is Canon's RAW file in an ISO base media file."""
    return start[4:12] == b"ftypcrx "


def holds_raw(file: BinaryIO, path: Path) -> bool:
    """Whether a file is a RAW file, by its content and, where that could be either, by its name.

    Many RAW files are TIFF files whose first picture is a small preview, which must never be taken for the photo.
    The file is left at its start.
    """
    file.seek(0)
    start = file.read(16)
    file.seek(0)
    if start.startswith((*_ORF_STARTS, _RW2_START, _RAF_START, *_OTHER_RAW_STARTS)) or is_cr3(start):
        return True
    if not start.startswith(_TIFF_STARTS):
        return False
    if start[8:10] == _CR2_MARK or is_raw(path):
        return True
    table = TagTable(file)
    file.seek(0)
    subfile_type, photometric, version = (
        int.from_bytes(table.content(tag)[:4], "little" if table.order == "<" else "big")
        for tag in (_NEW_SUBFILE_TYPE, _PHOTOMETRIC, _DNG_VERSION)
    )
    return bool(subfile_type & _REDUCED_RESOLUTION) or photometric in _SENSOR_VALUES or version != 0
