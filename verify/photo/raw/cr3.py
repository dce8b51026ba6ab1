"""Canon's CR3: EXIF data in three TIFF blocks, in boxes of an ISO base media file (ISO/IEC 14496-12).

Boxes as documented by Laurent Clevy (github.com/lclevy/canon_cr3): moov / uuid / CMT1 with the first table, CMT2
with the EXIF table, CMT3 with the maker's note.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from backfocus.verify.photo.metadata.tag_table import BYTES_OF_TYPE, EXIF_TABLE, MAKER_NOTE, ORDERS

_CANON_UUID = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_BLOCKS = (b"CMT1", b"CMT2", b"CMT3")
_ENTRY_BYTES = 12
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
        tag, kind, length, value = struct.unpack_from(order + "HHI4s", block, start + 2 + _ENTRY_BYTES * number)
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
