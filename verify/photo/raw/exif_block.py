"""The EXIF data of a RAW file as a TIFF block, wherever the maker keeps them."""

from __future__ import annotations

import io
import struct
from typing import BinaryIO

from backfocus.verify.photo.metadata.tag_table import BrokenTable
from backfocus.verify.photo.raw.cr3 import joined_tables
from backfocus.verify.photo.raw.recognising import ORF_STARTS, RAF_START, RW2_START, TIFF_STARTS, is_cr3

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
