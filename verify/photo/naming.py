"""What the names of photo files tell: RAW or not, and which files are of one exposure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff")
# fmt: off
RAW_ENDINGS = (
    ".3fr", ".ari", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf",
    ".fff", ".iiq", ".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf",
    ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f",
)
# fmt: on
"""Of cameras that LibRaw reads."""


def is_raw(path: str | Path) -> bool:
    """Whether a file has the name of a RAW file."""
    return Path(path).suffix.lower() in RAW_ENDINGS


def is_photo(path: str | Path) -> bool:
    """Whether a file has the name of a photo that can be measured: a JPEG, PNG, TIFF or RAW file."""
    return is_raw(path) or Path(path).suffix.lower() in PICTURE_ENDINGS


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
