"""Tables on disk: CSV, JSON lines or Parquet, by the ending of the file's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
        TableError: there is no such format, or a library for it is missing.
    """
    if path.suffix.lower() not in _FORMATS:
        raise TableError(f"{path.name}: the table's name must end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}.")
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
    except (KeyError, TypeError, ValueError) as error:
        raise TableError(f"{path.name} is no table of backfocus score, or is damaged ({error}).") from None


def write_results(path: Path, rows: Iterable[Row]) -> None:
    """Write a table, all or nothing: a reader sees the old one or the new one."""
    check_format(path)
    part = path.with_name(path.name + ".part")
    _FORMATS[path.suffix.lower()].write(part, rows)
    part.replace(path)
