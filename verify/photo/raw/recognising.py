"""Telling RAW files from pictures: by content, and by name where the content could be either."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from backfocus.verify.photo.metadata.tag_table import BrokenTable, TagTable
from backfocus.verify.photo.naming import is_raw

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
