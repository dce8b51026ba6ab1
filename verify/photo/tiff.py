"""Tags of TIFF structures: EXIF blocks, maker notes, RAW files."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .opening import is_raw

# Tables of tags in a TIFF structure (TIFF 6.0, section 2), read one by one.
#
# ExifRead would read makers' notes byte by byte, up to 64 kB of them, and takes the file's byte order for Nikon's.

EXIF_TABLE, MAKER_NOTE, DNG_PRIVATE_DATA = 0x8769, 0x927C, 0xC634
ORDERS = {b"II": "<", b"MM": ">"}
_ENTRY_BYTES = 12
BYTES_OF_TYPE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
# Cameras write some hundred entries into a table; a crafted one may have 65 535.
_MAX_ENTRIES = 1000
# The longest block that is looked into, Sony's, is used up to 384 bytes.
_MAX_CONTENT = 65_536

BrokenTable = (LookupError, ValueError, ArithmeticError, OSError, struct.error)
"""What reading raises on a table that is cut off, garbled, or without the tag."""


class TagTable:
    """A table of tags; offsets in it count from the structure's header.

    Args:
        file: holds the structure.
        header: where the structure starts in the file.
        table: where the table starts, from the header; None for the first one, that the header points to.
        order: "<" or ">"; None for the one that the header states.
    """

    def __init__(self, file: BinaryIO, header: int = 0, table: int | None = None, order: str | None = None) -> None:
        self.file, self.header = file, header
        self.order = ORDERS[self.read(0, 2)] if order is None else order
        self.table = self.unpack("I", 4)[0] if table is None else table

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes, counted from the header."""
        self.file.seek(self.header + offset)
        return self.file.read(size)

    def unpack(self, form: str, offset: int) -> tuple[int, ...]:
        """Return numbers, counted from the header, in the table's byte order."""
        form = self.order + form
        return struct.unpack(form, self.read(offset, struct.calcsize(form)))

    def place_of(self, tag: int) -> tuple[int, int]:
        """Return offset and number of bytes of a tag's content."""
        entry = self._entry(tag)
        kind, count = self.unpack("HI", entry + 2)
        size = BYTES_OF_TYPE[kind] * count
        return (entry + 8 if size <= 4 else self.unpack("I", entry + 8)[0]), size

    def content(self, tag: int) -> bytes:
        """Return a tag's content, of very long ones the beginning."""
        offset, size = self.place_of(tag)
        return self.read(offset, min(size, _MAX_CONTENT))

    def numbers(self, tag: int, kind: str) -> tuple[int, ...]:
        """Return a tag's content as numbers of one kind, in `struct`'s letters."""
        content = self.content(tag)
        return struct.unpack(f"{self.order}{len(content) // struct.calcsize('=' + kind)}{kind}", content)

    def table_in(self, tag: int) -> TagTable:
        """Return the table that a tag points to."""
        return TagTable(self.file, self.header, self.numbers(tag, "I")[0], self.order)

    def _entry(self, tag: int) -> int:
        (count,) = self.unpack("H", self.table)
        tags = self.read(self.table + 2, _ENTRY_BYTES * min(count, _MAX_ENTRIES))
        wanted = struct.pack(self.order + "H", tag)
        for place in range(0, len(tags), _ENTRY_BYTES):
            if tags[place : place + 2] == wanted:
                return self.table + 2 + place
        raise KeyError(tag)


# The EXIF data of a RAW file as a TIFF block, wherever the maker keeps them.

# Fujifilm, RAF: place and size of the embedded JPEG, whose EXIF data are those of the photo.
_RAF_JPEG = 84
_JPEG_WITH_EXIF = b"\xff\xd8\xff\xe1"
_EXIF_HEADER = b"Exif\0\0"


def exif_block(content: bytes) -> BinaryIO:
    """Return a TIFF block with the EXIF data of a RAW file, empty where there is none that can be found.

    Args:
        content: the whole file.
    """
    if content.startswith(TIFF_STARTS):
        return io.BytesIO(content)
    # Olympus and Panasonic write TIFF files with a number of their own in place of 42.
    if content.startswith((*ORF_STARTS, RW2_START)):
        return io.BytesIO((b"MM\0*" if content.startswith(b"MM") else b"II*\0") + content[4:])
    try:
        if content.startswith(RAF_START):
            return io.BytesIO(_of_embedded_jpeg(content))
        if is_cr3(content):
            return io.BytesIO(joined_tables(content))
    except BrokenTable:
        pass
    return io.BytesIO()


def _of_embedded_jpeg(content: bytes) -> bytes:
    (place,) = struct.unpack_from(">I", content, _RAF_JPEG)
    if content[place : place + 4] != _JPEG_WITH_EXIF:
        raise ValueError("no EXIF data at the start of the embedded JPEG")
    (size,) = struct.unpack_from(">H", content, place + 4)
    return content[place + 6 : place + 4 + size].removeprefix(_EXIF_HEADER)


# Canon's CR3: EXIF data in three TIFF blocks, in boxes of an ISO base media file (ISO/IEC 14496-12).
#
# Boxes as documented by Laurent Clevy (github.com/lclevy/canon_cr3): moov / uuid / CMT1 with the first table, CMT2
# with the EXIF table, CMT3 with the maker's note.

_CANON_UUID = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_BLOCKS = (b"CMT1", b"CMT2", b"CMT3")
_CR3_ENTRY_BYTES = 12
_MAX_BOXES = 1000
_LONG, _UNDEFINED = 4, 7

Entry = tuple[int, int, int, bytes]
"""Tag, type, count, and the four bytes that hold the content or its place."""


def joined_tables(content: bytes) -> bytes:
    """Return one TIFF block in which the first table leads to the EXIF table, and that to the maker's note.

    Raises:
        LookupError, ValueError, struct.error: the boxes are not there, or broken.
    """
    moov = next(_boxes(content, b"moov"))
    canon = next(box for box in _boxes(moov, b"uuid") if box.startswith(_CANON_UUID))[len(_CANON_UUID) :]
    first, exif, note = (next(_boxes(canon, name)) for name in _BLOCKS)
    order = ORDERS[first[:2]]
    if not (exif[:2] == note[:2] == first[:2]):
        raise ValueError("blocks of different byte orders")
    # The blocks one after the other, then their tables again, with offsets that count from the first one's header.
    joined = bytearray(first + exif + note)
    note_place = _append(joined, _entries(note, order, len(first) + len(exif)), order)
    exif_entries = _entries(exif, order, len(first))
    pointer = struct.pack(order + "I", note_place)
    exif_place = _append(joined, [*exif_entries, (MAKER_NOTE, _UNDEFINED, len(note), pointer)], order)
    pointer = struct.pack(order + "I", exif_place)
    first_place = _append(joined, [*_entries(first, order, 0), (EXIF_TABLE, _LONG, 1, pointer)], order)
    joined[4:8] = struct.pack(order + "I", first_place)
    return bytes(joined)


def _boxes(content: bytes, name: bytes) -> Iterator[bytes]:
    """Yield the contents of the boxes of a name, and at last raise."""
    place = 0
    for _ in range(_MAX_BOXES):
        size, found = struct.unpack_from(">I4s", content, place)
        header = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, place + 8)
            header = 16
        if size < header or (place + size > len(content) and found == name):
            break
        if found == name:
            yield content[place + header : place + size]
        place += size
    raise LookupError(name)


def _entries(block: bytes, order: str, shift: int) -> list[Entry]:
    """Return the entries of a block's first table, with offsets moved by `shift`."""
    (start,) = struct.unpack_from(order + "I", block, 4)
    (count,) = struct.unpack_from(order + "H", block, start)
    moved = []
    for number in range(count):
        tag, kind, length, value = struct.unpack_from(order + "HHI4s", block, start + 2 + _CR3_ENTRY_BYTES * number)
        if BYTES_OF_TYPE.get(kind, 1) * length > 4:
            value = struct.pack(order + "I", struct.unpack(order + "I", value)[0] + shift)
        moved.append((tag, kind, length, value))
    return moved


def _append(block: bytearray, entries: list[Entry], order: str) -> int:
    """Write a table at the end of a block and return its place."""
    block += bytes(len(block) % 2)
    place = len(block)
    ordered = {entry[0]: entry for entry in entries}
    block += struct.pack(order + "H", len(ordered))
    for tag in sorted(ordered):
        block += struct.pack(order + "HHI4s", *ordered[tag])
    block += bytes(4)
    return place


# Telling RAW files from pictures: by content, and by name where the content could be either.

TIFF_STARTS = (b"II*\0", b"MM\0*")
ORF_STARTS = (b"IIRO", b"IIRS", b"MMOR")
RW2_START = b"IIU\0"
RAF_START = b"FUJIFILMCCD-RAW"
_OTHER_STARTS = (b"FOVb", b"II\x1a\0\0\0HEAPCCDR", b"\0MRM")
"""Sigma's X3F, Canon's CRW, Minolta's MRW."""
_CR2_MARK = b"CR"
_NEW_SUBFILE_TYPE, _PHOTOMETRIC, _DNG_VERSION = 254, 262, 50706
_REDUCED_RESOLUTION = 1
_SENSOR_VALUES = (32803, 34892)
"""Behind colour filters, or linear (DNG 1.4, PhotometricInterpretation)."""


def is_cr3(start: bytes) -> bool:
    """Whether a file that starts so is Canon's RAW file in an ISO base media file."""
    return start[4:12] == b"ftypcrx "


def holds_raw(file: BinaryIO, path: Path) -> bool:
    """Whether a file is a RAW file. It is left at its start.

    Many RAW files are TIFF files whose first picture is a small preview, which must never be taken for the photo.
    """
    file.seek(0)
    start = file.read(16)
    file.seek(0)
    if start.startswith((*ORF_STARTS, RW2_START, RAF_START, *_OTHER_STARTS)) or is_cr3(start):
        return True
    if not start.startswith(TIFF_STARTS):
        return False
    if start[8:10] == _CR2_MARK or is_raw(path):
        return True
    found = _says_raw(file)
    file.seek(0)
    return found


def _says_raw(file: BinaryIO) -> bool:
    try:
        table = TagTable(file)
    except BrokenTable:
        return False
    return (
        bool(_value(table, _NEW_SUBFILE_TYPE) & _REDUCED_RESOLUTION)
        or _value(table, _PHOTOMETRIC) in _SENSOR_VALUES
        or _value(table, _DNG_VERSION) != 0
    )


def _value(table: TagTable, tag: int) -> int:
    try:
        return int.from_bytes(table.content(tag)[:4], "little" if table.order == "<" else "big")
    except BrokenTable:
        return 0
