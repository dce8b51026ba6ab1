"""The photos in a folder and in all folders within it, and their names in a table."""

from __future__ import annotations

import datetime
import os
import re
import stat
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from backfocus.targets.errors import printable

from ..photo.opening import is_photo


@dataclass(frozen=True)
class Listed:
    """A photo file as it was found.

    Attributes:
        path: its name in the table, see `path_text`.
        size_bytes: None for what is no regular file.
        modified: None for a link into nowhere.
    """

    path: str
    size_bytes: int | None
    modified: str | None


@dataclass
class Skipped:
    """How many files and folders were passed over, and why."""

    hidden: int = 0
    others: int = 0
    loops: int = 0


@dataclass
class PhotoTree:
    """A folder to walk through; what was skipped is counted as the walk goes.

    Links to folders are followed after all real folders, each real folder once, so that loops end and no photo
    counts twice.
    """

    folder: Path
    skipped: Skipped = field(default_factory=Skipped)

    def photos(self) -> Iterator[Listed]:
        """Return the photos as the table names them."""
        return (listed(file, self.folder) for file in self.files())

    def files(self) -> Iterator[Path]:
        """Return the photos; folders that cannot be listed come as if they were photos, so that none is lost."""
        seen: set[tuple[int, int]] = set()
        folders = deque([self.folder])
        links: deque[Path] = deque()
        while folders or links:
            folder = folders.popleft() if folders else links.popleft()
            try:
                identity = _identity(folder)
                if identity in seen:
                    self.skipped.loops += 1
                    continue
                seen.add(identity)
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError:
                yield folder
                continue
            for entry in entries:
                if entry.name.startswith("."):
                    self.skipped.hidden += 1
                elif _is_folder(entry):
                    (links if entry.is_symlink() else folders).append(Path(entry.path))
                elif is_photo(entry.name):
                    yield Path(entry.path)
                else:
                    self.skipped.others += 1


def listed(file: Path, folder: Path) -> Listed:
    """Return a photo of a folder with its size and time of change."""
    try:
        status = file.stat()
    except OSError:
        return Listed(path_text(file, folder), None, None)
    size = status.st_size if stat.S_ISREG(status.st_mode) else None
    return Listed(path_text(file, folder), size, time_text(status.st_mtime_ns))


def path_text(file: PurePath, folder: PurePath) -> str:
    """Return a file's name in the table: relative, with /, printable, and such that `file_of` finds it again."""
    relative = file.relative_to(folder).as_posix()
    return printable(relative.replace("\\", "\\\\"))


def file_of(path: str, folder: str | Path) -> Path:
    """Return the file that a row's `path` tells of, in the folder that was scored."""
    escape = re.compile(r"\\(?:\\|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|[abfnrtv])")
    plain = escape.sub(lambda found: found[0].encode("ascii").decode("unicode_escape"), path)
    return Path(folder) / plain


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        # A link that leads to itself, or to where nobody may look: opening it will tell.
        return False


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def time_text(nanoseconds: int) -> str:
    """Return a time, of so many nanoseconds after 1970, as the table has it; the last possible if it is later."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    try:
        whole = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    except OverflowError:
        # A clock or a program set a time that no calendar has.
        return datetime.datetime.max.isoformat() + "Z"
    return f"{whole.isoformat()}.{rest:09d}Z"
