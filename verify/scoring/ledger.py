"""The ledger of an unfinished table: every row is safe on disk, one transaction each, before it is reported.

A database beside the table while a run lasts, and afterwards if it was killed. It also sorts, so that neither the
list of photos nor their rows need be in memory; and it is locked, so that two runs cannot write one table.

Below it, the tree: the photos in a folder and in all folders within it, and their names in a table.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import sqlite3
import stat
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Literal

from backfocus.targets.errors import TableError, printable

from ..photo.naming import is_photo
from .columns import Row
from .tables import checked

Again = Literal["failed", "outdated", "all"]
"""What is measured again, although the file has not changed."""

ENDING = ".unfinished"
_FORMAT = 1
_DAMAGED = "{file} is damaged; delete it, and what it held is measured again."
_PAGE = 200
_TABLE = """
CREATE TABLE IF NOT EXISTS photo (
    path TEXT PRIMARY KEY, size_bytes INTEGER, modified TEXT, is_here INTEGER, due TEXT, row TEXT
) WITHOUT ROWID
"""
_LIST = """
INSERT INTO photo VALUES (:path, :size, :modified, 1, 'whatever it holds', NULL)
ON CONFLICT (path) DO UPDATE SET is_here = 1, size_bytes = :size, modified = :modified, due = CASE
    WHEN row IS NULL
        OR :all
        OR :outdated AND json_extract(row, '$.version') IS NOT :version
        OR :failed AND json_extract(row, '$.status') IN ('unreadable', 'crashed', 'timed-out')
    THEN 'whatever it holds'
    WHEN json_extract(row, '$.size_bytes') IS NOT :size OR json_extract(row, '$.modified') IS NOT :modified
    THEN 'if its content has changed'
END
"""


@dataclass(frozen=True)
class Inventory:
    """What is to be done.

    Attributes:
        here: photos in the folder.
        due: those to measure, because they are new or changed or were asked for again.
        outdated: those that are kept although another version of the program measured them.
        gone: rows of photos that are no longer there.
        in_common: rows of photos that are there with the size on record.
        on_record: all rows.
    """

    here: int
    due: int
    outdated: int
    gone: int
    in_common: int
    on_record: int

    @property
    def is_of_other_photos(self) -> bool:
        """Whether the table is of another folder: memory cards use the same names again."""
        return bool(self.on_record and not self.in_common)


@dataclass(frozen=True)
class Due:
    """A photo to measure; with a known hash, only if its content has another one."""

    path: str
    known_hash: str | None


class Ledger:
    """Rows by path, on disk. Used by one thread."""

    def __init__(self, table: Path) -> None:
        """Open the ledger of a table, or begin one.

        Raises:
            TableError: another run writes this table, or the file cannot be used.
        """
        self.file = table.with_name(table.name + ENDING)
        self._has_news = self.file.exists()
        try:
            self._base = sqlite3.connect(self.file, timeout=0.0, isolation_level=None)
            self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._base.execute("BEGIN EXCLUSIVE")
            found = self._base.execute("PRAGMA user_version").fetchone()[0]
            if found in (0, _FORMAT):
                self._base.execute(_TABLE)
                self._base.execute(f"PRAGMA user_version = {_FORMAT}")
            self._base.execute("COMMIT")
        except sqlite3.Error as error:
            raise TableError(self._why(error)) from None
        if found not in (0, _FORMAT):
            self.close()
            raise TableError(f"{self.file} is of another version of backfocus; finish with that, or delete it.")
        try:
            for row in self.rows():
                checked(row)
        except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.close()
            raise TableError(_DAMAGED.format(file=self.file)) from None

    def _why(self, error: sqlite3.Error) -> str:
        if "locked" in str(error):
            return f"Another run of backfocus writes this table ({self.file}); wait, or choose another --out."
        if "not a database" in str(error) or "malformed" in str(error):
            return _DAMAGED.format(file=self.file)
        return f"Cannot write {self.file}: {error}. Choose a folder that you may write to."

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing.

        Raises:
            TableError: the disk is full, or the like.
        """
        try:
            self._base.execute("BEGIN")
            try:
                yield
            except BaseException:
                self._base.execute("ROLLBACK")
                raise
            self._base.execute("COMMIT")
        except sqlite3.Error as error:
            raise TableError(self._why(error)) from None

    def take_over(self, rows: Iterable[Row]) -> None:
        """Take the rows of an existing table; those of an interrupted run, which are newer, stay."""
        with self._transaction():
            self._base.executemany(
                "INSERT INTO photo VALUES (?, ?, ?, 0, NULL, ?) ON CONFLICT (path) DO NOTHING",
                ((row["path"], row["size_bytes"], row["modified"], json.dumps(row)) for row in rows),
            )

    def list_photos(self, photos: Iterable[Listed], again: Set[Again], version: str) -> Inventory:
        """Note which photos there are, and find out which are to be measured."""
        asked = {"all": "all" in again, "outdated": "outdated" in again, "failed": "failed" in again}
        with self._transaction():
            self._base.execute("UPDATE photo SET is_here = 0, due = NULL")
            for photo in photos:
                values = {"path": photo.path, "size": photo.size_bytes, "modified": photo.modified}
                self._base.execute(_LIST, {**values, **asked, "version": version})
        return Inventory(
            here=self._count("is_here"),
            due=self._count("due IS NOT NULL"),
            outdated=self._count("is_here AND due IS NULL AND json_extract(row, '$.version') IS NOT ?", version),
            gone=self._count("NOT is_here AND row IS NOT NULL"),
            in_common=self._count(
                "is_here AND row IS NOT NULL AND json_extract(row, '$.size_bytes') IS size_bytes"
            ),
            on_record=self._count("row IS NOT NULL"),
        )

    def _count(self, condition: str, *values: str) -> int:
        count: int = self._base.execute(f"SELECT count(*) FROM photo WHERE {condition}", values).fetchone()[0]
        return count

    def due(self) -> Iterator[Due]:
        """Return the photos to measure; rows may be recorded meanwhile."""
        query = f"""
            SELECT path, CASE due WHEN 'if its content has changed' THEN json_extract(row, '$.blake2b') END
            FROM photo WHERE due IS NOT NULL AND path > ? ORDER BY path LIMIT {_PAGE}
        """
        page = self._base.execute(query, ("",)).fetchall()
        while page:
            yield from (Due(*each) for each in page)
            page = self._base.execute(query, (page[-1][0],)).fetchall()

    def is_current(self, photo: Listed) -> bool:
        """Whether there is a row of this very photo, of the same size and time."""
        row = self.row(photo.path)
        return row is not None and (row["size_bytes"], row["modified"]) == (photo.size_bytes, photo.modified)

    def listed(self, path: str) -> Listed:
        """Return a photo as it was listed."""
        found = self._base.execute("SELECT size_bytes, modified FROM photo WHERE path = ?", (path,)).fetchone()
        return Listed(path, *found)

    def row(self, path: str) -> Row | None:
        """Return the row of a photo."""
        found = self._base.execute("SELECT row FROM photo WHERE path = ?", (path,)).fetchone()
        return None if found is None or found[0] is None else _row(found[0])

    def record(self, row: Row) -> None:
        """Keep a row; when this returns, it is safe.

        Raises:
            TableError: the disk is full, or the like.
        """
        values = (row["path"], row["size_bytes"], row["modified"], json.dumps(row))
        try:
            self._base.execute("INSERT OR REPLACE INTO photo VALUES (?, ?, ?, 1, NULL, ?)", values)
        except sqlite3.Error as error:
            raise TableError(self._why(error)) from None
        self._has_news = True

    def forget_gone(self) -> None:
        """Drop the rows of photos that are no longer there, but not of those in a folder that cannot be listed."""
        self._base.execute(
            """
            DELETE FROM photo WHERE NOT is_here AND NOT EXISTS (
                SELECT 1 FROM photo AS folder
                WHERE folder.is_here AND folder.size_bytes IS NULL
                AND substr(photo.path, 1, length(folder.path) + 1) = folder.path || '/'
            )
            """
        )

    def rows(self, *, only_here: bool = False) -> Iterator[Row]:
        """Return all rows, or those of photos that are there, by path."""
        condition = "row IS NOT NULL" + (" AND is_here" if only_here else "")
        for (text,) in self._base.execute(f"SELECT row FROM photo WHERE {condition} ORDER BY path"):
            yield _row(text)

    def close(self) -> None:
        """Close the file, and leave it for the next run if it holds what no table does."""
        self._base.close()
        if not self._has_news:
            self.file.unlink(missing_ok=True)

    def discard(self) -> None:
        """Close and delete the file: the table has it all."""
        self._has_news = False
        self.close()


def _row(text: str) -> Row:
    row: Row = json.loads(text)
    return row


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
    """How many files and folders were passed over, and why.

    Attributes:
        hidden: their names begin with a dot.
        others: files that do not have a photo's name, by the ending of it, in small letters.
        loops: folders that were searched already.
    """

    hidden: int = 0
    others: Counter[str] = field(default_factory=Counter)
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
                    self.skipped.others[PurePath(entry.name).suffix.lower()] += 1


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
