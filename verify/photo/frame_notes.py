"""Which part of the sensor a camera used, and at what size, as makers' notes tell it.

Programs that cut or scale a picture rewrite its size in the EXIF data and leave the note. Places and codes are
those of ExifTool's Canon.pm, Nikon.pm and FujiFilm.pm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .makernotes import make_word, unwrapped
from .tiff import ExifData, TagTable

Size = tuple[float, float]
"""Width and height in pixels."""


@dataclass(frozen=True)
class FrameNote:
    """What a maker's note says of the frame; None where it does not tell.

    Attributes:
        size: of the picture that the camera wrote, in pixels.
        part: length of the sensor's long side that was used, over the whole; 1 without a crop mode.
    """

    size: Size | None = None
    part: float | None = None


def read_frame_note(exif: ExifData, make: str | None) -> FrameNote:
    """Return what the maker's note of a photo says of the frame, empty without one that tells it."""
    reader = _READERS.get(make_word(make))
    if reader is None or exif.note_start is None:
        return FrameNote()
    return reader(*unwrapped(exif.note_in, exif.note_start))


_CANON_ASPECT = 0x009A
_CANON_PARTS = {12: 1 / 1.25, 13: 1 / 1.6}
"""APS-H and APS-C crop on full frame; other codes (0: 3:2, 1: 1:1, 2: 4:3, 7: 16:9) trim the picture only."""


def _canon(exif: TagTable, start: int) -> FrameNote:
    note = TagTable(exif.file, exif.header, start, exif.order)
    aspect, width, height = note.numbers(_CANON_ASPECT, "3I") or (0, 0, 0)
    return FrameNote(_size(width, height), _CANON_PARTS.get(aspect))


_NIKON_HEADER, _NIKON_HEADER_BYTES = b"Nikon\0", 10
_NIKON_BOUNDARY, _NIKON_CROP = 0x0016, 0x001B


def _nikon(exif: TagTable, start: int) -> FrameNote:
    if exif.read(start, len(_NIKON_HEADER)) != _NIKON_HEADER:
        return FrameNote()
    note = TagTable(exif.file, exif.header + start + _NIKON_HEADER_BYTES)
    # Mode, then width and height of the sensor and of the part of it that was used, in pixels.
    _, whole_width, whole_height, width, height = note.numbers(_NIKON_CROP, "5H") or (0, 0, 0, 0, 0)
    is_part = 0 < width <= whole_width and 0 < height <= whole_height
    left, top, right, bottom = note.numbers(_NIKON_BOUNDARY, "4H") or (0, 0, 0, 0)
    size = _size(right, bottom) if left == top == 0 else None
    return FrameNote(size, max(width, height) / max(whole_width, whole_height) if is_part else None)


_FUJIFILM_CROP = 0x104D
_FUJIFILM_PARTS = {2: 1 / 1.25, 4: 1 / 1.25}
"""Sports finder mode, and the crop of the electronic shutter."""


def _fujifilm(exif: TagTable, start: int) -> FrameNote:
    # The table stands where a little-endian number behind the name says, all offsets count from the note.
    place = int.from_bytes(exif.read(start + 8, 4), "little")
    note = TagTable(exif.file, exif.header + start, place, "<")
    (mode,) = note.numbers(_FUJIFILM_CROP, "H") or (0,)
    return FrameNote(part=_FUJIFILM_PARTS.get(mode))


def _size(width: int, height: int) -> Size | None:
    return (float(width), float(height)) if min(width, height) >= _LEAST_PX else None


_LEAST_PX = 16
_READERS: dict[str, Callable[[TagTable, int], FrameNote]] = {
    "canon": _canon,
    "nikon": _nikon,
    "fujifilm": _fujifilm,
}
