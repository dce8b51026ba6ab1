"""HEIC, AVIF and WebP pictures, as phones write them: opened up to their headers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from backfocus.targets.errors import UnreadablePhotoError

from .boxes import picture_properties, transfer_of, unpacked

if TYPE_CHECKING:
    from PIL import ImageFile

CHROMA = "chroma"
"""Key of a picture's info: 444, 422 or 420, how it thins its colours; pillow-heif's word for all three kinds."""
TRANSFER = "transfer"
"""Key of a picture's info: its transfer characteristics, see `tone.tone_curve`."""
_THINNED = {(0, 0): 444, (1, 0): 422, (1, 1): 420}
"""By av1C's two bits for across and down (AV1 Codec ISO Media File Format Binding, section 2.3.3)."""
_LOSSY = b"VP8 "


def heif_header(file: BinaryIO) -> ImageFile.ImageFile:
    """Return the main picture of a HEIC, HIF or HEIF file.

    libheif turns and mirrors it as the file says, and the orientation in its EXIF data is set to upright, so that
    it is not turned twice. Thumbnails, depth and gain maps are left alone; libheif refuses a picture that is
    larger than the file's header says.
    """
    from pillow_heif import HeifImageFile, options

    options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False
    # One photo is one thread's work, as everywhere here.
    options.DECODE_THREADS = 1
    picture: ImageFile.ImageFile = HeifImageFile(file)  # type: ignore[no-untyped-call]
    profile = picture.info.get("nclx_profile") or {}
    picture.info[TRANSFER] = profile.get("transfer_characteristics")
    return picture


def avif_header(file: BinaryIO, name: str) -> ImageFile.ImageFile:
    """Return an AVIF picture. Of more than 8 bits 8 are read; Pillow puts its turn into the EXIF orientation.

    Raises:
        UnreadablePhotoError: this Pillow was built without AVIF.
    """
    from PIL import AvifImagePlugin

    if not AvifImagePlugin.SUPPORTED:
        raise UnreadablePhotoError(
            f"{name}: an AVIF file, which this computer's Pillow cannot read.",
            "Install Pillow from PyPI, or give the photo as JPEG.",
        )
    properties = picture_properties(file.read())
    file.seek(0)
    picture = AvifImagePlugin.AvifImageFile(file)
    picture.info[TRANSFER] = transfer_of(properties)
    thinned = next((box[2] >> 2 & 3 for kind, box in properties if kind == b"av1C" and len(box) > 2), 3)
    picture.info[CHROMA] = _THINNED.get((thinned >> 1, thinned & 1), 420)
    return picture


def webp_header(file: BinaryIO, check: Callable[[tuple[int, int]], None]) -> ImageFile.ImageFile:
    """Return a WebP picture.

    Args:
        check: called with its width and height before its decoder is made; raises if they are too large.
    """
    from PIL.WebPImagePlugin import WebPImageFile

    start = file.read(30)
    file.seek(0)
    size = _webp_size(start)
    if size is None:
        raise OSError("no size")
    check(size)
    picture = WebPImageFile(file)
    picture.info[CHROMA] = 420 if start[12:16] != b"VP8L" else 444
    return picture


def _webp_size(start: bytes) -> tuple[int, int] | None:
    """Return width and height by a WebP file's first chunk (RFC 9649, sections 2.5 to 2.7)."""
    kind = start[12:16]
    if kind == _LOSSY and len(start) >= 30:
        width, height = unpacked("<HH", start, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and len(start) >= 25:
        (bits,) = unpacked("<I", start, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X" and len(start) >= 30:
        return int.from_bytes(start[24:27], "little") + 1, int.from_bytes(start[27:30], "little") + 1
    return None


def deep_heif(content: bytes) -> NDArray[np.uint16]:
    """Return the (rows, columns, 3 or 4) blue, green, red pixels of a HEIF picture of over 8 bits, as 16 bits."""
    from pillow_heif import open_heif

    heif = open_heif(content, convert_hdr_to_8bit=False, bgr_mode=True)
    bits = int(heif.info["bit_depth"])
    pixels: NDArray[np.uint16] = np.asarray(heif)
    if pixels.dtype != np.uint16 or pixels.ndim != 3:
        raise OSError("damaged")
    # Their lowest bits are zero: white would not be white.
    return np.asarray(pixels | (pixels >> bits), dtype=np.uint16)
