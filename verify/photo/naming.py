"""What a file's name tells: photo, RAW file or video, and which files are of one exposure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

DRAWING_ENDING = ".annotated.png"
"""Of the names of our own pictures of measurements."""
# fmt: off
_PICTURE_ENDINGS = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".tif", ".tiff",
    ".heic", ".heif", ".hif", ".avif", ".webp", ".jxl", ".jp2",
)
"""What cameras and phones write, and what photos are exported as. JPEG XL and JPEG 2000 are not read: a file of
these names is told of, so that none is overlooked."""
_RAW_ENDINGS = (
    ".3fr", ".ari", ".arw", ".bay", ".cap", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".eip", ".erf", ".fff",
    ".gpr", ".iiq", ".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".ori", ".pef", ".raf", ".raw",
    ".rw2", ".rwl", ".rwz", ".sr2", ".srf", ".srw", ".x3f",
)
"""Nearly all are of cameras that LibRaw reads; of the others the reader says so."""
_VIDEO_ENDINGS = (
    ".3gp", ".avi", ".braw", ".crm", ".insv", ".lrv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mts", ".mxf",
    ".nev", ".r3d",
)
# fmt: on


def is_raw(path: str | Path) -> bool:
    """Whether a file has the name of a RAW file."""
    return Path(path).suffix.lower() in _RAW_ENDINGS


def is_photo(path: str | Path) -> bool:
    """Whether a file has the name of a photo, no drawing of one; not all of these kinds can be measured."""
    if Path(path).name.lower().endswith(DRAWING_ENDING):
        return False
    return is_raw(path) or Path(path).suffix.lower() in _PICTURE_ENDINGS


def other_kinds(endings: Counter[str]) -> list[str]:
    """Return what files that are no photos are, as in "3 videos (.mov)" and "2 other files (.db, .txt)".

    Args:
        endings: how many files there are of each ending, in small letters.
    """
    videos = {ending: count for ending, count in endings.items() if ending in _VIDEO_ENDINGS}
    others = {ending: count for ending, count in endings.items() if ending not in _VIDEO_ENDINGS}
    return [
        f"{sum(found.values())} {one if sum(found.values()) == 1 else more} ({_shown(found)})"
        for found, one, more in ((videos, "video", "videos"), (others, "other file", "other files"))
        if found
    ]


def no_photos(folder: str, kinds: Sequence[str]) -> str:
    """Return what to say of a folder without photos.

    Args:
        folder: its name, safe to print.
        kinds: what it holds instead, from `other_kinds`, safe to print.
    """
    instead = f", only {' and '.join(kinds)}" if kinds else ""
    return (
        f"{folder} holds no photo{instead}. Give photos as the camera wrote them: RAW, JPEG, HEIC, AVIF, WebP, "
        "PNG or TIFF."
    )


_ENDINGS_SHOWN = 4


def _shown(endings: dict[str, int]) -> str:
    names = sorted(endings, key=lambda ending: (-endings[ending], ending))
    more = ", ..." if len(names) > _ENDINGS_SHOWN else ""
    return ", ".join(name or "no ending" for name in names[:_ENDINGS_SHOWN]) + more


def same_exposure(paths: Iterable[str | Path]) -> list[tuple[Path, ...]]:
    """Group files of one exposure, as cameras write them for RAW+JPEG: one name in one folder, different endings.

    A RAW file makes its group: pictures of different kinds with one name but no RAW file count each for itself.

    Returns:
        Groups in the order of their first files; within a group the RAW file, which is to be measured, comes first.
    """
    groups: dict[tuple[Path, str], list[Path]] = {}
    for path in map(Path, paths):
        groups.setdefault((path.parent, path.stem.lower()), []).append(path)
    exposures: list[tuple[Path, ...]] = []
    for group in groups.values():
        if any(map(is_raw, group)):
            exposures.append(tuple(sorted(group, key=lambda path: not is_raw(path))))
        else:
            exposures.extend((path,) for path in group)
    return exposures
