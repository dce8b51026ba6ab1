"""Photos of a few thousand pixels, as the bytes of their files."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ROWS, COLUMNS = 60, 90


def scene() -> NDArray[np.uint8]:
    """A picture without symmetry, smooth enough for JPEG: bright top-left corner, dark bar at the left."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    picture = 60 + 90 * np.exp(-((x / 30.0) ** 2 + (y / 15.0) ** 2)) + x
    picture[:, :6] = 20
    return np.clip(picture, 0, 255).astype(np.uint8)


def jpeg_bytes(**options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(scene()).convert("RGB").save(buffer, "JPEG", quality=95, **options)
    return buffer.getvalue()


def png_bytes(width: int, height: int, bits: int, kind: int, zeros: int = 10_000) -> bytes:
    """A PNG that claims a size and holds so many packed zeros; kind 0 is grey, 2 colour, 6 colour with opacity."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    chunks = [header, b"IDAT" + zlib.compress(bytes(zeros)), b"IEND"]
    framed = [struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)
