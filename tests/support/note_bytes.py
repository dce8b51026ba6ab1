"""EXIF data with makers' notes, built byte by byte as ExifTool's tables describe them."""

from __future__ import annotations

import struct

EXIF_START, NOTE_START = 100, 200
SHORTS, LONGS, RATIONAL, SIGNED_LONGS, UNDEFINED, TEXT, SIGNED_SHORTS = 3, 4, 5, 9, 7, 2, 8
_BYTES = {SHORTS: 2, LONGS: 4, RATIONAL: 8, SIGNED_LONGS: 4, UNDEFINED: 1, TEXT: 1, SIGNED_SHORTS: 2}
Entry = tuple[int, int, bytes]
"""Tag, type, content."""


def tiff(note: bytes, order: str = "<") -> bytes:
    """EXIF data whose only content is a maker note, which starts at NOTE_START."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    first = struct.pack(order + "HHHIII", 1, 0x8769, 4, 1, EXIF_START, 0)
    exif = struct.pack(order + "HHHIII", 1, 0x927C, 7, len(note), NOTE_START, 0)
    return (head + first).ljust(EXIF_START, b"\0") + exif.ljust(NOTE_START - EXIF_START, b"\0") + note


def table(entries: list[Entry], order: str, start: int) -> bytes:
    """A table of tags that starts so many bytes behind what its offsets count from; contents follow it."""
    place = start + 2 + 12 * len(entries) + 4
    rows, contents = b"", b""
    for tag, kind, content in sorted(entries):
        value = content.ljust(4, b"\0") if len(content) <= 4 else struct.pack(order + "I", place + len(contents))
        rows += struct.pack(order + "HHI", tag, kind, len(content) // _BYTES[kind]) + value
        contents += content if len(content) > 4 else b""
    return struct.pack(order + "H", len(entries)) + rows + bytes(4) + contents


def words(values: dict[int, int], count: int, order: str) -> bytes:
    """A block of Canon's: so many 16-bit words, of which the first is the size in bytes."""
    filled = [2 * count] + [values.get(place, 0) for place in range(1, count)]
    return struct.pack(f"{order}{count}h", *filled)


def canon_adjustment(mode: int, value: int, divisor: int, wide: int, tele: int, order: str) -> Entry:
    """Canon's 0x4013: 11 words of 32 bits."""
    block = (44, mode, value, divisor, 0, wide, divisor, tele, divisor, 0, 0)
    return 0x4013, SIGNED_LONGS, struct.pack(order + "11i", *block)


def canon_note(
    mode: int = 1,
    value: int = 0,
    divisor: int = 10,
    *,
    wide: int = 0,
    tele: int = 0,
    order: str = "<",
    others: tuple[Entry, ...] = (),
) -> bytes:
    """A table, whose offsets count from the start of the EXIF data."""
    return table([canon_adjustment(mode, value, divisor, wide, tele, order), *others], order, NOTE_START)


def nikon_note(
    mode: int, value: int, at_long_end: int = 0, *, order: str = ">", others: tuple[Entry, ...] = ()
) -> bytes:
    """A TIFF file within the note, in its own byte order, with 0x00b9."""
    tune = (0x00B9, UNDEFINED, struct.pack("BBbb", mode, 255, value, at_long_end))
    header = (b"MM\0*" if order == ">" else b"II*\0") + struct.pack(order + "I", 8)
    return b"Nikon\0\x02\x11\0\0" + header + table([tune, *others], order, 8)


def pentax_note(value: int | None, *, header: bytes = b"AOC\0MM", order: str = ">", **numbers: int) -> bytes:
    """A table behind a header; `focus_mode` and `af_point` go in as they are."""
    entries: list[Entry] = []
    if value is not None:
        entries.append((0x0072, SIGNED_SHORTS, struct.pack(order + "h", value)))
    for name, tag in (("focus_mode", 0x000D), ("af_point", 0x000E)):
        if name in numbers:
            entries.append((tag, SHORTS, struct.pack(order + "H", numbers[name])))
    return header + table(entries, order, NOTE_START + len(header))


def sony_note(entries: list[Entry], *, header: bytes = b"SONY DSC \0\0\0", order: str = "<") -> bytes:
    """A table, behind a header in JPEG files; offsets count from the start of the EXIF data."""
    return header + table(entries, order, NOTE_START + len(header))


def enciphered(plain: bytes) -> bytes:
    """Sony's cipher."""
    return bytes(b**3 % 249 if b < 249 else b for b in plain)


def sony_af_block(start: bytes) -> bytearray:
    """The plain bytes of 0x940e, whose second and third byte tell the AF module."""
    return bytearray(start.ljust(0x200, b"\0"))


def olympus_note(equipment: list[Entry], settings: list[Entry], *, header: bytes = b"OLYMPUS\0II\3\0") -> bytes:
    """A table with two tables within; offsets count from the note's start."""
    order = ">" if b"MM" in header else "<"
    start = len(header)
    first = start + 2 + 2 * 12 + 4
    inner = table(equipment, order, first)
    rows = [
        (0x2010, LONGS, struct.pack(order + "I", first)),
        (0x2020, LONGS, struct.pack(order + "I", first + len(inner))),
    ]
    return header + table(rows, order, start) + inner + table(settings, order, first + len(inner))


def converted_dng(note: bytes, order: str = ">", place: int = NOTE_START) -> bytes:
    """A DNG file of Adobe's converter: the note as it was, and where it stood in the camera's own file."""
    mark = b"MM" if order == ">" else b"II"
    private = b"Adobe\0MakN" + struct.pack(">I", len(note) + 6) + mark + struct.pack(">I", place) + note
    return b"MM\0*\0\0\0\x08" + table([(0xC634, UNDEFINED, private)], ">", 8)
