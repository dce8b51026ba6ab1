"""Tables of tags in a TIFF structure (TIFF 6.0, section 2), read one by one.

ExifRead would read makers' notes byte by byte, up to 64 kB of them, and takes the file's byte order for Nikon's.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

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
