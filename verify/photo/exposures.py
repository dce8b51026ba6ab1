"""Files of one exposure, told by what is in them: copies, imports under another name, RAW and JPEG in two folders.

Two exposures must never be taken for one, so that all of these are kept apart: two cameras fired at once, a burst
within one second of a camera that keeps no parts of seconds, files that a program numbered anew.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from backfocus.targets.errors import UnreadablePhotoError, printable

from .metadata import CameraInfo, read_metadata
from .naming import is_raw, same_exposure
from .opening import coded_picture, opened_file, picture_in
from .reading import exif_block
from .tiff import exif_data, holds_raw

_TIME_ORIGINAL, _PART_OF_SECOND = 0x9003, 0x9291
"""DateTimeOriginal and SubSecTimeOriginal, EXIF 2.32, section 4.6.5."""
_TIME = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")
_UNSET = "0000:00:00 00:00:00"
_COPY = re.compile(r"( ?\(\d+\)| - (copy|kopie|copie|copia)( \(\d+\))?|[ _-](copy|kopie)( ?\d+)?)$")
"""What Windows, macOS and browsers put behind the name of a second copy, in small letters."""
_TAIL_BYTES = 65_536
"""By which copies are looked for before files are compared whole."""
_MAX_MEGAPIXELS = 200.0
_PHONE_ORIGINALS = (".heic", ".heif", ".hif")


@dataclass(frozen=True)
class _Capture:
    """What a file says of when and by what it was taken.

    Attributes:
        body: make and model, in small letters.
        time: to the second; None where the file does not tell.
        part: of the second; None where the file does not tell, 0 where the camera may write nothing else.
        tail: hash of the end of its pixels as they are coded.
    """

    path: Path
    body: tuple[str, str]
    serial: str | None
    time: str | None
    part: float | None
    tail: bytes

    @property
    def stem(self) -> str:
        return self.path.stem.casefold()


def exposures(paths: Iterable[str | Path]) -> list[tuple[Path, ...]]:
    """Group files by exposure: by their names, see `naming.same_exposure`, and by what is in them.

    Files count as one exposure that have the same pixels as they are coded, whatever their metadata; or the same
    second, make and model, and nothing that contradicts, and besides
    - the same name, but for folder and ending, and the same part of the second, or one camera's serial number and
      different kinds of file, or
    - names that differ only by the mark of a copy, or one is RAW and one is not, and both the same part of the
      second and the same serial number.

    Returns:
        Groups in the order of their first files; within a group the one to measure comes first: RAW, then a phone's
        own format, then the file without the mark of a copy.
    """
    groups = same_exposure(paths)
    captures = [captured for group in groups for path in group if (captured := _capture(path)) is not None]
    group_of = {path: number for number, group in enumerate(groups) for path in group}
    leader = list(range(len(groups)))
    for one, other in _pairs(captures):
        first, second = sorted((_leader(leader, group_of[one.path]), _leader(leader, group_of[other.path])))
        if first != second and (_has_same_pixels(one, other) or _is_same_shot(one, other)):
            leader[second] = first
    merged: dict[int, list[Path]] = {}
    for number, group in enumerate(groups):
        merged.setdefault(_leader(leader, number), []).extend(group)
    return [tuple(sorted(group, key=_rank)) for group in merged.values()]


def _leader(leader: list[int], number: int) -> int:
    while leader[number] != number:
        number = leader[number]
    return number


def _rank(path: Path) -> tuple[int, bool]:
    kind = 0 if is_raw(path) else 1 if path.suffix.lower() in _PHONE_ORIGINALS else 2
    return kind, _plain(path.stem.casefold()) != path.stem.casefold()


def _plain(stem: str) -> str:
    return _COPY.sub("", stem)


def _pairs(captures: Sequence[_Capture]) -> list[tuple[_Capture, _Capture]]:
    """Return the pairs that may be one exposure: with one end of the pixels, or one second."""
    alike: dict[object, list[_Capture]] = {}
    for capture in captures:
        alike.setdefault(capture.tail, []).append(capture)
        if capture.time is not None:
            alike.setdefault((capture.time, capture.body), []).append(capture)
    return [pair for found in alike.values() for pair in combinations(found, 2)]


def _capture(path: Path) -> _Capture | None:
    """Return what a file says of itself; None for one that cannot be read."""
    try:
        with opened_file(path, printable(path.name)) as file:
            content = file.read()
            if holds_raw(file, path):
                tags, size = io.BytesIO(content), (3, 2)
            else:
                picture = picture_in(file, printable(path.name), _MAX_MEGAPIXELS)
                tags, size = io.BytesIO(exif_block(picture).read()), picture.size
            # With a width of the sensor given, none is looked up.
            camera = read_metadata(tags, size, CameraInfo(sensor_width_mm=36.0)).camera
            exif = exif_data(tags).exif
            time, part = exif.text(_TIME_ORIGINAL).strip(), exif.text(_PART_OF_SECOND).strip()
    except UnreadablePhotoError:
        return None
    return _Capture(
        path=path,
        body=((camera.make or "").casefold(), (camera.model or "").casefold()),
        serial=camera.body_serial,
        time=time if _TIME.fullmatch(time) and time != _UNSET else None,
        part=float(f"0.{part}") if part.isascii() and part.isdigit() else None,
        tail=hashlib.blake2b(coded_picture(content)[-_TAIL_BYTES:]).digest(),
    )


def _has_same_pixels(one: _Capture, other: _Capture) -> bool:
    if one.tail != other.tail:
        return False
    try:
        first, second = (coded_picture(capture.path.read_bytes()) for capture in (one, other))
    except OSError:
        return False
    return first == second


def _is_same_shot(one: _Capture, other: _Capture) -> bool:
    if one.time is None or one.time != other.time or one.body != other.body or not any(one.body):
        return False
    if _differ(one.serial, other.serial) or _differ(one.part, other.part):
        return False
    one_camera = one.serial is not None and other.serial is not None
    # A camera that keeps no parts may write zeros.
    one_moment = bool(one.part) and bool(other.part)
    other_kind = one.path.suffix.lower() != other.path.suffix.lower()
    if one.stem == other.stem:
        return one_moment or (one_camera and other_kind)
    is_copy = _plain(one.stem) == _plain(other.stem)
    return one_moment and one_camera and (is_copy or is_raw(one.path) != is_raw(other.path))


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other
