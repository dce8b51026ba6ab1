"""Tables of results: CSV, JSON Lines, or Parquet by the extra backfocus[parquet], by the ending of their name."""

from __future__ import annotations

import csv
import importlib.util
import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TextIO

from backfocus.targets.errors import TableError

from ..lists import harmless, without_guard
from ..storage import whole_file
from .columns import COLUMNS, KIND_OF, ROW_SCHEMA, Cell, Row, row_of

ENDINGS = (".csv", ".jsonl", ".parquet")
_BOOLEANS = {"true": True, "false": False}
_DAMAGED = (KeyError, TypeError, ValueError, RecursionError, OverflowError, NotImplementedError)
"""What reading raises where the file is at fault."""
_ROWS_AT_ONCE = 1000
"""Of a Parquet file: rows in memory."""


def check_format(path: Path) -> None:
    """Check that a table of this name could be written.

    Raises:
        TableError: there is no such format, or a library for it is missing, or the name is of no regular file.
    """
    if path.suffix.lower() not in ENDINGS:
        raise TableError(f"{path.name}: the table's name must end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}.")
    if path.exists() and not path.is_file():
        raise TableError(f"{path.name} is no regular file; choose another name for the table.")
    if path.suffix.lower() == ".parquet":
        check_library()


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
        yield from _READERS[path.suffix.lower()](path)
    except _DAMAGED as error:
        raise TableError(f"{path.name} is no table of backfocus score, or is damaged ({error}).") from None


def write_results(path: Path, rows: Iterable[Row]) -> None:
    """Write a table, all or nothing: a reader sees the old one or the new one.

    Raises:
        TableError: as `check_format`.
        OutputError: it cannot be written.
    """
    check_format(path)
    with whole_file(path) as part:
        _WRITERS[path.suffix.lower()](part, rows)


def check_names(names: Collection[str]) -> None:
    """Check that a table with these columns is one of rows, even if it has none.

    Raises:
        ValueError: it is of something else.
    """
    if not {"path", "schema"} <= set(names):
        raise ValueError("its columns are others")


def checked(cells: Mapping[str, object]) -> Row:
    """Return the row that the cells of a file make.

    Raises:
        ValueError: they are of something else, or of another version.
    """
    if cells.get("schema") != ROW_SCHEMA:
        raise ValueError(f"its schema is {cells.get('schema')}, not {ROW_SCHEMA}")
    if not isinstance(cells.get("path"), str) or cells.get("status") is None:
        raise ValueError("a row has no path or status")
    return row_of(cells)


def write_csv(path: Path, rows: Iterable[Row]) -> None:
    """Write a table: UTF-8, commas, one line of names; empty is unknown, and no cell is a formula."""
    # Excel takes a file without this mark for Western European, and every "±" for two letters.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        write_csv_lines(file, rows)


def write_csv_lines(file: TextIO, rows: Iterable[Row]) -> None:
    """Write the lines of a table, names first."""
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow([column.name for column in COLUMNS])
    for row in rows:
        lines.writerow([_text(row[column.name]) for column in COLUMNS])


def read_csv(path: Path) -> Iterator[Row]:
    """Return the rows of a table.

    Raises:
        ValueError: it is no such table.
    """
    # A text of EXIF may be longer than the 128 kB that the module allows.
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            lines = csv.DictReader(file, strict=True)
            if lines.fieldnames is not None:
                check_names(lines.fieldnames)
            for cells in lines:
                with _named(f"line {lines.line_num}"):
                    row = checked({name: _cell(name, text) for name, text in cells.items() if name in KIND_OF})
                yield row
        except csv.Error as error:
            raise ValueError(f"line {lines.line_num}: {error}") from None


@contextmanager
def _named(place: str) -> Iterator[None]:
    """Say of a mistake where in the file it is."""
    try:
        yield
    except _DAMAGED as error:
        raise ValueError(f"{place}: {error}") from None


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return harmless(cell) if isinstance(cell, str) else repr(cell)


def _cell(name: str, text: str | None) -> object:
    if not text:
        return None
    if KIND_OF[name] == "boolean":
        # Spreadsheets write TRUE.
        if text.lower() not in _BOOLEANS:
            raise ValueError(f"{name}: {text!r} is neither true nor false")
        return _BOOLEANS[text.lower()]
    return without_guard(text) if KIND_OF[name] == "text" else text


def write_json_lines(path: Path, rows: Iterable[Row]) -> None:
    """Write a table."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")


def read_json_lines(path: Path) -> Iterator[Row]:
    """Return the rows of a table.

    Raises:
        ValueError: it is no such table.
    """
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            with _named(f"line {number}"):
                cells = json.loads(line)
                if not isinstance(cells, dict):
                    raise ValueError("it is no object")
                row = checked(cells)
            yield row


def check_library() -> None:
    """Check that pyarrow is installed.

    Raises:
        TableError: it is not.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise TableError("Parquet needs pyarrow: pip install 'backfocus[parquet]'; or write a .csv or .jsonl.")


def write_parquet(path: Path, rows: Iterable[Row]) -> None:
    """Write a table."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    kinds = {"text": pa.string(), "number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_()}
    schema = pa.schema([(column.name, kinds[column.kind]) for column in COLUMNS], {"schema": ROW_SCHEMA})
    with ParquetWriter(path, schema) as writer:
        coming = iter(rows)
        while some := list(islice(coming, _ROWS_AT_ONCE)):
            writer.write_batch(pa.RecordBatch.from_pylist(some, schema))


def read_parquet(path: Path) -> Iterator[Row]:
    """Return the rows of a table.

    Raises:
        ValueError: it is no such table.
    """
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    number = 0
    try:
        with ParquetFile(path) as file:
            check_names(file.schema_arrow.names)
            for batch in file.iter_batches(_ROWS_AT_ONCE):
                for cells in batch.to_pylist():
                    number += 1
                    with _named(f"row {number}"):
                        row = checked(cells)
                    yield row
    except (ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.strerror:
            raise
        why = " ".join(str(error).split()).rstrip(".")
        raise ValueError(f"after row {number}: {why}") from None


_READERS = {".csv": read_csv, ".jsonl": read_json_lines, ".parquet": read_parquet}
_WRITERS = {".csv": write_csv, ".jsonl": write_json_lines, ".parquet": write_parquet}
