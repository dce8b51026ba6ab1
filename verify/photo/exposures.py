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
from functools import cached_property
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
class Capture:
    """What a file says of when and by what it was taken.

    Attributes:
        name: of the file, with its folder where that is known.
        body: make and model, in small letters.
        time: to the second; None where the file does not tell.
        part: of the second; None where the file does not tell, 0 where the camera may write nothing else.
        tail: hash of the end of its pixels as they are coded.
        pixels: hash of all of them; empty where it was not asked for.
    """

    name: str
    body: tuple[str, str]
    serial: str | None
    time: str | None
    part: float | None
    tail: str
    pixels: str = ""

    @cached_property
    def stem(self) -> str:
        """The file's name without folder and ending, in small letters."""
        return Path(self.name).stem.casefold()

    @cached_property
    def plain_stem(self) -> str:
        """The same without the mark of a copy."""
        return _plain(self.stem)

    @cached_property
    def ending(self) -> str:
        """The name's ending, in small letters."""
        return Path(self.name).suffix.lower()

    @cached_property
    def is_raw(self) -> bool:
        """Whether it is called as RAW files are."""
        return is_raw(self.name)


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
    found = [(path, capture) for group in groups for path in group if (capture := capture_of(path)) is not None]
    group_of = {path: number for number, group in enumerate(groups) for path in group}
    pairs = [
        (group_of[found[one][0]], group_of[found[other][0]])
        for one, other in _pairs([capture for _, capture in found])
        if _has_same_pixels(found[one], found[other]) or _is_same_shot(found[one][1], found[other][1])
    ]
    joined = [[path for number in numbers for path in groups[number]] for numbers in _joined(len(groups), pairs)]
    return [tuple(sorted(files, key=measured_first)) for files in joined]


def same_captures(captures: Sequence[Capture]) -> list[tuple[int, ...]]:
    """Group by exposure what was kept of files that are gone, whose folders nobody knows; see `exposures`.

    RAW and picture of one name are one exposure where nothing contradicts, as in one folder.

    Args:
        captures: of `capture_of` with `whole`.

    Returns:
        Groups of places in `captures`, each in order, the one whose file comes first first.
    """
    pairs = [
        (one, other)
        for one, other in _pairs(captures)
        if captures[one].pixels == captures[other].pixels != ""
        or _is_same_shot(captures[one], captures[other])
        or _are_raw_and_picture(captures[one], captures[other])
    ]
    return [tuple(places) for places in _joined(len(captures), pairs)]


def capture_of(path: Path, name: str | None = None, *, whole: bool = False) -> Capture | None:
    """Return what a file says of itself; None for one that cannot be read.

    Args:
        path: of the file.
        name: what its owner calls it, where that is not the path.
        whole: look at all pixels, for files that will be gone when they are compared.
    """
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
    pixels = coded_picture(content)
    return Capture(
        name=str(path) if name is None else name,
        body=((camera.make or "").casefold(), (camera.model or "").casefold()),
        serial=camera.body_serial,
        time=time if _TIME.fullmatch(time) and time != _UNSET else None,
        part=float(f"0.{part}") if part.isascii() and part.isdigit() else None,
        tail=_hash(pixels[-_TAIL_BYTES:]),
        pixels=_hash(pixels) if whole else "",
    )


def measured_first(path: str | Path) -> tuple[int, bool]:
    """Return what files of one exposure are sorted by: the least is to be measured."""
    path = Path(path)
    kind = 0 if is_raw(path) else 1 if path.suffix.lower() in _PHONE_ORIGINALS else 2
    return kind, _plain(path.stem.casefold()) != path.stem.casefold()


def _joined(count: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Return the numbers below `count` in groups that pairs make, in the order of their first ones."""
    leader = list(range(count))

    def first_of(number: int) -> int:
        while leader[number] != number:
            number = leader[number]
        return number

    for pair in pairs:
        one, other = sorted(map(first_of, pair))
        leader[other] = one
    joined: dict[int, list[int]] = {}
    for number in range(count):
        joined.setdefault(first_of(number), []).append(number)
    return list(joined.values())


def _plain(stem: str) -> str:
    return _COPY.sub("", stem)


def _pairs(captures: Sequence[Capture]) -> list[tuple[int, int]]:
    """Return the places of pairs that may be one exposure: with one end of the pixels, one second, or one name."""
    alike: dict[object, list[int]] = {}
    for place, capture in enumerate(captures):
        alike.setdefault(capture.tail, []).append(place)
        alike.setdefault(capture.stem, []).append(place)
        if capture.time is not None:
            alike.setdefault((capture.time, capture.body), []).append(place)
    return list(dict.fromkeys(pair for found in alike.values() for pair in combinations(found, 2)))


def _has_same_pixels(one: tuple[Path, Capture], other: tuple[Path, Capture]) -> bool:
    if one[1].tail != other[1].tail:
        return False
    try:
        first, second = (coded_picture(path.read_bytes()) for path, _ in (one, other))
    except OSError:
        return False
    return first == second


def _is_same_shot(one: Capture, other: Capture) -> bool:
    if one.time is None or one.time != other.time or one.body != other.body or not any(one.body):
        return False
    if _contradict(one, other):
        return False
    one_camera = one.serial is not None and other.serial is not None
    # A camera that keeps no parts may write zeros.
    one_moment = bool(one.part) and bool(other.part)
    if one.stem == other.stem:
        return one_moment or (one_camera and one.ending != other.ending)
    return one_moment and one_camera and (one.plain_stem == other.plain_stem or one.is_raw != other.is_raw)


def _are_raw_and_picture(one: Capture, other: Capture) -> bool:
    """Whether two files are called as cameras call RAW and picture of one exposure, and none says otherwise."""
    if one.stem != other.stem or one.is_raw == other.is_raw:
        return False
    models = [capture.body if any(capture.body) else None for capture in (one, other)]
    return not (_contradict(one, other) or _differ(one.time, other.time) or _differ(*models))


def _contradict(one: Capture, other: Capture) -> bool:
    return _differ(one.serial, other.serial) or _differ(one.part, other.part)


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=32).hexdigest()
