"""Files that are made to harm whoever opens them, for `hostile_uploads.py`; each small to send."""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image

SAMPLE = Path(__file__).parents[2] / "printed_samples" / "back-focus.jpg"
ZEROS = 1_000_000_000


def _zeros(size: int) -> bytes:
    """Return zeros as a stream of deflate, made in pieces."""
    packer = zlib.compressobj(9)
    piece = bytes(10_000_000)
    return b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png(width: int, height: int, packed: bytes, *others: bytes) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(others) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _tiff(width: int, height: int, compression: int, packed: bytes, following: int = 0) -> bytes:
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, compression), (262, 3, 1), (273, 4, 8)]
    tags += [(277, 3, 1), (278, 4, height), (279, 4, len(packed))]
    place = 8 + len(packed) + len(packed) % 2
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    head = struct.pack("<2sHI", b"II", 42, place) + packed + bytes(len(packed) % 2)
    return head + struct.pack("<H", len(tags)) + entries + struct.pack("<I", following and place)


def _large_jpeg() -> bytes:
    made = BytesIO()
    Image.new("L", (20_000, 15_000), 128).save(made, "JPEG", quality=50)
    return made.getvalue()


def _jpeg_that_says(width: int, height: int) -> bytes:
    content = bytearray(SAMPLE.read_bytes())
    at = next(content.find(marker) for marker in (b"\xff\xc0", b"\xff\xc2") if content.find(marker) > 0)
    content[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def _zip() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("IMG_0001.JPG", bytes(100_000_000))
    return made.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "PNG of 900 MP in 3 MB": lambda: _png(30_000, 30_000, _zeros(2_700_000_000)),
    "PNG with a profile of a gigabyte": lambda: _png(
        100, 100, zlib.compress(bytes(30_100)), _chunk(b"iCCP", b"x\0\0" + _zeros(ZEROS))
    ),
    "PNG with a text of a gigabyte": lambda: _png(
        100, 100, zlib.compress(bytes(30_100)), _chunk(b"zTXt", b"x\0\0" + _zeros(ZEROS))
    ),
    "TIFF of 900 MP, deflated": lambda: _tiff(30_000, 30_000, 8, _zeros(900_000_000)),
    "TIFF whose pages are a circle": lambda: _tiff(100, 100, 1, bytes(10_000), following=1),
    "JPEG, 300 MP": _large_jpeg,
    "JPEG that says 65,000 x 65,000": lambda: _jpeg_that_says(65_000, 65_000),
    "JPEG, the first half": lambda: SAMPLE.read_bytes()[: SAMPLE.stat().st_size // 2],
    "PDF": lambda: b"%PDF-1.7\n" + bytes(100_000),
    "ZIP of 100 MB of zeros": _zip,
    "GIF that is a script": lambda: b"GIF89a/*" + bytes(1000) + b"*/=1;alert(1)//",
    "gzip of a gigabyte": lambda: gzip.compress(_zeros(ZEROS)),
}
"""By what they are."""
