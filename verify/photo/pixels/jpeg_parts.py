"""The parts of a JPEG file, walked without decoding, to know crafted files before they cost hours."""

from __future__ import annotations

import re
from collections.abc import Iterator

_START_OF_SCAN, _END_OF_IMAGE, _PROGRESSIVE, _APP1 = 0xDA, 0xD9, 0xC2, 0xE1
# ITU-T T.81, B.1.1.2: within coded data, 0xFF is followed by a zero, or by a restart marker D0 to D7.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")

# Cameras write one block of EXIF data, of 64 kB at most. Pillow appends one block to the next, at a cost that grows
# with the square of their number: 1500 blocks took 52 s.
_MAX_EXIF_BLOCKS = 50
# Progressive JPEGs have about 10 scans. Each costs a pass over the whole picture.
_MAX_SCANS = 64
# Ordinary files have some dozens; a depth map in extended XMP adds one for each 64 kB.
_MAX_PARTS = 5000


def why_costly(data: bytes) -> str | None:
    """Return what makes a JPEG file far costlier to read than its size tells, or None for an ordinary one."""
    exif_blocks = scans = 0
    for count, (marker, start) in enumerate(_parts(data)):
        exif_blocks += marker == _APP1 and data[start : start + 4] == b"Exif"
        scans += marker == _START_OF_SCAN
        if exif_blocks > _MAX_EXIF_BLOCKS:
            return f"more than {_MAX_EXIF_BLOCKS} blocks of metadata"
        if scans > _MAX_SCANS:
            return f"more than {_MAX_SCANS} scans"
        if count > _MAX_PARTS:
            return f"more than {_MAX_PARTS} parts"
    return None


def _parts(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield marker and place of the content of every part of the first picture, as far as it must be known."""
    is_progressive = False
    place = 2
    while found := _NEXT_MARKER.search(data, place):
        marker = data[found.start() + 1]
        start = found.end() + 2
        yield marker, start
        is_progressive |= marker == _PROGRESSIVE
        # Only progressive pictures may have more than one scan for each colour; the others need not be searched.
        if marker == _END_OF_IMAGE or (marker == _START_OF_SCAN and not is_progressive):
            return
        place = found.end() + max(int.from_bytes(data[found.end() : start], "big"), 2)
