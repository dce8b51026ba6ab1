"""Tables on disk: CSV, JSON lines or Parquet, by the ending of the file's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

from backfocus.verify.scoring.columns import Row
from backfocus.verify.scoring.tables import csv_table, json_lines, parquet
from backfocus.verify.scoring.tables.errors import TableError

__all__ = ["ENDINGS", "TableError", "check_format", "read_results", "write_results"]

_FORMATS = {".csv": csv_table, ".jsonl": json_lines, ".parquet": parquet}
ENDINGS = tuple(_FORMATS)


def check_format(path: Path) -> None:
    """Check that a table of this name could be written.

    Raises:
        TableError: there is no such format, or a library for it is missing, or the name is of no regular file.
    """
    if path.suffix.lower() not in _FORMATS:
        raise TableError(f"{path.name}: the table's name must end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}.")
    if path.exists() and not path.is_file():
        raise TableError(f"{path.name} is no regular file; choose another name for the table.")
    if path.suffix.lower() == ".parquet":
        parquet.check_library()


def read_results(path: str | Path) -> Iterator[Row]:
    """Return the rows of a table, one at a time, whatever its format.

    Columns that an older version did not write are None, those of a newer one are left out.

    Raises:
        TableError: the file cannot be read, or holds no such table.
        OSError: there is no such file.
    """
    path = Path(path)
    check_format(path)
    try:
        yield from _FORMATS[path.suffix.lower()].read(path)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise TableError(f"{path.name} is no table of backfocus score, or is damaged ({error}).") from None


def write_results(path: Path, rows: Iterable[Row]) -> None:
    """Write a table, all or nothing: a reader sees the old one or the new one."""
    check_format(path)
    # A link stays one; what it leads to is replaced.
    place = path.resolve()
    part = _unused_name(place)
    try:
        _FORMATS[path.suffix.lower()].write(part, rows)
        part.replace(place)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _unused_name(place: Path) -> Path:
    """Return a name beside the table that no file has."""
    names = (place.with_name(f"{place.name}{number or ''}.part") for number in count())
    return next(name for name in names if not name.exists())
