"""Ways to spoil a photo's file, each drawn from a seeded generator: what damage, lies and malice look like."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

Rng = np.random.Generator
EXTREME_SIZES = (0, 1, 2, 15, 16, 255, 4096, 30_000, 65_500, 65_535, 65_536, 100_000, 2**31 - 1, 2**31, 2**32 - 1)
EXIF_TAGS = (0x010F, 0x0110, 0x0112, 0x8769, 0x8825, 0x829A, 0x829D, 0x8827, 0x9000, 0x9205, 0x920A, 0x927C)
EXIF_TAGS += (0xA002, 0xA003, 0xA005, 0xA20E, 0xA20F, 0xA210, 0xA405, 0xA432, 0xA434, 0x0201, 0x0202, 0x1234)
TEXTS = (b"", b"NIKON", b"\x1b]0;owned\x07\x1b[2J", b"%s%n%x", b"\xff\xfe\x00A", "写真 é".encode(), b"A" * 70_000)
JPEG_PARTS_WITHOUT_LENGTH = (0xD8, 0xD9, 0x01, *range(0xD0, 0xD8))


def truncated(data: bytes, rng: Rng) -> bytes:
    return data[: int(rng.integers(0, len(data)))]


def bits_flipped(data: bytes, rng: Rng) -> bytes:
    return _flipped(data, rng, 0, len(data))


def head_flipped(data: bytes, rng: Rng) -> bytes:
    return _flipped(data, rng, 0, min(len(data), 1500))


def _flipped(data: bytes, rng: Rng, start: int, stop: int) -> bytes:
    changed = bytearray(data)
    for place in rng.integers(start, stop, int(2 ** rng.uniform(0, 7))):
        changed[place] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def blocks_swapped(data: bytes, rng: Rng) -> bytes:
    a, b, c, d = sorted(int(place) for place in rng.integers(0, len(data), 4))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def block_lost(data: bytes, rng: Rng) -> bytes:
    start, size = int(rng.integers(len(data))), int(2 ** rng.uniform(0, 14))
    return data[:start] + data[start + size :]


def block_inserted(data: bytes, rng: Rng) -> bytes:
    start, size = int(rng.integers(len(data))), int(2 ** rng.uniform(0, 14))
    filling = rng.bytes(size) if rng.random() < 0.5 else bytes([int(rng.choice((0, 255)))]) * size
    return data[:start] + filling + data[start:]


def sector_zeroed(data: bytes, rng: Rng) -> bytes:
    """Lose whole sectors, as damaged memory cards do."""
    changed = bytearray(data)
    for sector in rng.integers(0, len(data) // 512 + 1, int(rng.integers(1, 20))):
        part = slice(int(sector) * 512, min(int(sector) * 512 + 512, len(data)))
        changed[part] = bytes(len(changed[part]))
    return bytes(changed)


def sizes_lied(data: bytes, rng: Rng) -> bytes:
    """Write other dimensions into the header, checksum and all."""
    width, height = (int(rng.choice(EXTREME_SIZES)) for _ in range(2))
    if data.startswith(b"\xff\xd8"):
        start = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
        return data[: start + 5] + struct.pack(">HH", height % 65_536, width % 65_536) + data[start + 9 :]
    if data.startswith(b"\x89PNG"):
        header = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
        return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]
    return _tiff_entries(data, rng, {256: width, 257: height})


def parts_shuffled(data: bytes, rng: Rng) -> bytes:
    """Drop, double, swap or spoil the parts of a JPEG, the chunks of a PNG or the tags of a TIFF file."""
    if data.startswith(b"\xff\xd8"):
        return b"".join(_shuffled(_jpeg_parts(data), rng))
    if data.startswith(b"\x89PNG"):
        chunks = _shuffled(_png_chunks(data), rng)
        return data[:8] + b"".join(_png_chunk(chunk[:4], chunk[4:]) for chunk in chunks)
    return _tiff_entries(data, rng, {})


def _shuffled(parts: list[bytes], rng: Rng) -> list[bytes]:
    for _ in range(int(rng.integers(1, 4))):
        first, second = (int(place) for place in rng.integers(0, len(parts), 2))
        match int(rng.integers(5)):
            case 0:
                parts[first] = b""
            case 1:
                parts.insert(second, parts[first])
            case 2:
                parts[first], parts[second] = parts[second], parts[first]
            case 3 if parts[first]:
                parts[first] = _flipped(parts[first], rng, 0, min(64, len(parts[first])))
            case _:
                parts[first] += rng.bytes(int(rng.integers(1, 100)))
    return parts


def _jpeg_parts(data: bytes) -> list[bytes]:
    parts, place = [], 0
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        size = 2 if marker in JPEG_PARTS_WITHOUT_LENGTH else 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if marker == 0xDA:
            break
        parts.append(data[place : place + size])
        place += size
    return [*parts, data[place:]]


def _png_chunks(data: bytes) -> list[bytes]:
    chunks, place = [], 8
    while place + 12 <= len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        chunks.append(data[place + 4 : place + 8 + size])
        place += 12 + size
    return chunks


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _tiff_entries(data: bytes, rng: Rng, wanted: dict[int, int]) -> bytes:
    """Change `wanted` tags of a TIFF file's first table, or some at random."""
    order = "<" if data.startswith(b"II") else ">"
    changed = bytearray(data)
    (table,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, table)
    entries = {
        struct.unpack_from(order + "H", data, table + 2 + 12 * i)[0]: table + 2 + 12 * i for i in range(count)
    }
    values = wanted or {int(tag): int(rng.choice(EXTREME_SIZES)) for tag in rng.choice(list(entries), 2)}
    for tag, value in values.items():
        struct.pack_into(order + "I", changed, entries[tag] + 8, value)
        struct.pack_into(order + "H", changed, entries[tag] + 2, 4)
        if not wanted and rng.random() < 0.3:
            struct.pack_into(order + "I", changed, entries[tag] + 4, int(rng.choice(EXTREME_SIZES)))
    return bytes(changed)


def bomb_packed(data: bytes, rng: Rng) -> bytes:
    """Hide up to a hundred megabytes of zeros in the picture, the profile or a text of a PNG file."""
    if not data.startswith(b"\x89PNG"):
        return exif_lied(data, rng)
    zeros = zlib.compress(bytes(int(rng.integers(20_000_000, 100_000_000))), 1)
    chunks = _png_chunks(data)
    kind, head = ((b"IDAT", b""), (b"iCCP", b"x\0\0"), (b"zTXt", b"x\0\0"), (b"iTXt", b"x\0\1\0\0\0"))[
        rng.integers(4)
    ]
    chunks.insert(1, kind + head + zeros)
    return data[:8] + b"".join(_png_chunk(chunk[:4], chunk[4:]) for chunk in chunks)


def exif_lied(data: bytes, rng: Rng) -> bytes:
    """Give the photo EXIF data that lie, are broken, or are huge."""
    block = _exif_tables(rng)
    if rng.random() < 0.3:
        block = _flipped(block, rng, 0, len(block))
    if data.startswith(b"\x89PNG"):
        chunks = [chunk for chunk in _png_chunks(data) if not chunk.startswith(b"eXIf")]
        chunks.insert(1, b"eXIf" + block)
        return data[:8] + b"".join(_png_chunk(chunk[:4], chunk[4:]) for chunk in chunks)
    if data.startswith(b"\xff\xd8"):
        exif = [b"\xff\xe1" + struct.pack(">H", min(len(block) + 8, 65_535)) + b"Exif\0\0" + block]
        parts = [part for part in _jpeg_parts(data) if not part.startswith(b"\xff\xe1")]
        return b"".join([parts[0], *exif * (1 if rng.random() < 0.9 else 60), *parts[1:]])
    return parts_shuffled(data, rng)


def _exif_tables(rng: Rng) -> bytes:
    """Return tables of random tags, types, counts and values; some point at each other, or in circles."""
    starts = [8, 600, 1200]
    block = bytearray(b"II*\0" + struct.pack("<I", 8) + bytes(2200)) + bytearray(rng.choice(TEXTS))
    for start in starts:
        count = int(rng.integers(1, 40))
        struct.pack_into("<H", block, start, count)
        for number in range(count):
            tag, kind = int(rng.choice(EXIF_TAGS)), int(rng.integers(0, 14))
            value = int(rng.choice([*starts, 1800, 2208, 1, 6, 70_000, 2**31, 2**32 - 1]))
            amount = int(rng.choice([0, 1, 1, 1, 2, 20, 70_000, 2**32 - 1]))
            struct.pack_into("<HHII", block, start + 2 + 12 * number, tag, kind, amount, value)
        struct.pack_into("<I", block, start + 2 + 12 * count, int(rng.choice([0, *starts])))
    numbers = rng.choice([0, 1, 2, 50, 85, 1400, 2**31, 2**32 - 1], 50)
    struct.pack_into("<50I", block, 1800, *(int(number) for number in numbers))
    return bytes(block)


def exif_false(data: bytes, rng: Rng) -> bytes:
    """Give a JPEG well-formed EXIF data that are not true: lens, aperture, sensor, orientation, names."""
    if not data.startswith(b"\xff\xd8"):
        return bits_flipped(data, rng)
    tags = Image.Exif()
    tags[0x010F] = str(rng.choice(["Canon", "NIKON CORPORATION", "SONY", "Acme\x1b[31m", "\u202eevil", ""]))
    tags[0x0110] = str(rng.choice(["Canon EOS R5", "NIKON D850", "x" * 5000, "\x9b2J", "DSC\r\n\t"]))
    tags[0x0112] = int(rng.integers(0, 12))
    exposure = tags.get_ifd(0x8769)
    exposure[0x829D] = _ratio(rng.choice([0.0, 0.7, 1.4, 8.0, 64.0, 1e6]))
    exposure[0x920A] = _ratio(rng.choice([0.0, 1.0, 4.2, 50.0, 85.0, 800.0, 1e7]))
    exposure[0xA405] = int(rng.choice([0, 1, 28, 85, 1200, 65_535]))
    exposure[0xA20E] = _ratio(rng.choice([0.0, 1e-4, 300.0, 3333.3, 1e6]))
    exposure[0xA210] = int(rng.choice([0, 2, 3, 9]))
    exposure[0xA434] = str(rng.choice(["50mm", "\x1b]8;;http://x\x07", "\x00\x07"]))
    buffer = io.BytesIO()
    Image.open(io.BytesIO(data)).save(buffer, "JPEG", quality="keep", exif=tags)
    return buffer.getvalue()


def _ratio(value: float) -> IFDRational:
    return IFDRational(min(round(value * 1000), 2**32 - 1), 1000)


Mutation = Callable[[bytes, Rng], bytes]
MUTATIONS: dict[str, Mutation] = {
    "cut short": truncated,
    "bits flipped": bits_flipped,
    "bits flipped in the header": head_flipped,
    "blocks swapped": blocks_swapped,
    "block lost": block_lost,
    "block inserted": block_inserted,
    "sectors zeroed": sector_zeroed,
    "sizes that lie": sizes_lied,
    "parts dropped, doubled, swapped, spoilt": parts_shuffled,
    "decompression bomb": bomb_packed,
    "EXIF broken, huge, in circles": exif_lied,
    "EXIF well-formed but false": exif_false,
}
