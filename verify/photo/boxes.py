"""Boxes of ISO base media files (ISO/IEC 14496-12), and what those of a HEIF file say of its picture.

Nothing here raises on a file that is cut off, garbled or crafted: what cannot be read is not there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

_MAX_BOXES = 1000
_FULL_BOX = 4
"""Bytes of version and flags before the content of a full box."""


def boxes(content: bytes, name: bytes) -> Iterator[bytes]:
    """Yield the contents of the whole boxes of a name."""
    for found, box in _all_boxes(content):
        if found == name:
            yield box


def picture_properties(content: bytes) -> list[tuple[bytes, bytes]]:
    """Return names and contents of the properties of a HEIF or AVIF file's main picture.

    Format: ISO/IEC 23008-12, section 9.3 (`iprp`), and 14496-12, section 8.11.4 (`pitm`). Those of a picture in
    tiles are its own, not its tiles'.
    """
    meta = next(boxes(content, b"meta"), b"")[_FULL_BOX:]
    item = next(boxes(meta, b"pitm"), b"")
    wanted = (unpacked(">I" if item[:1] == b"\1" else ">H", item, _FULL_BOX) or (None,))[0]
    properties = next(boxes(meta, b"iprp"), b"")
    listed = list(_all_boxes(next(boxes(properties, b"ipco"), b"")))
    places = [place for box in boxes(properties, b"ipma") for place in _associated(box, wanted)]
    return [listed[place - 1] for place in places if 0 < place <= len(listed)]


def transfer_of(properties: list[tuple[bytes, bytes]]) -> int | None:
    """Return the transfer characteristics (ISO/IEC 23091-2) that a picture states; None where it states none."""
    for name, content in properties:
        if name == b"colr" and content[:4] == b"nclx":
            return int((unpacked(">H", content, 6) or (2,))[0])
    return None


def _all_boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    for _ in range(_MAX_BOXES):
        size, found = unpacked(">I4s", content, place) or (0, b"")
        header = 8
        if size == 1:
            (size,) = unpacked(">Q", content, place + 8) or (0,)
            header = 16
        elif size == 0 and found:
            size = len(content) - place
        if size < header or place + size > len(content):
            return
        yield found, content[place + header : place + size]
        place += size


def _associated(box: bytes, item: int | None) -> Iterator[int]:
    """Yield the numbers, from 1, of an item's properties (`ipma`)."""
    version, is_long = box[:1], bool(box[3:4] and box[3] & 1)
    form = ">H" if version == b"\0" else ">I"
    (entries,) = unpacked(">I", box, _FULL_BOX) or (0,)
    place = _FULL_BOX + 4
    for _ in range(min(entries, _MAX_BOXES)):
        found = unpacked(form, box, place)
        place += struct.calcsize(form)
        count = box[place] if place < len(box) else 0
        places = unpacked(f">{count}{'H' if is_long else 'B'}", box, place + 1)
        if found and found[0] == item:
            yield from (number & (0x7FFF if is_long else 0x7F) for number in places)
        place += 1 + count * (2 if is_long else 1)


def unpacked(form: str, content: bytes, place: int = 0) -> tuple[Any, ...]:
    """Return the values at a place in bytes; none where the bytes end before them."""
    return struct.unpack_from(form, content, place) if len(content) >= place + struct.calcsize(form) else ()
