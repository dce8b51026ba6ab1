"""What a file of results holds: a photo, a series or a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from backfocus.targets.errors import RecordError, TableError, UserError, printable

from ..measurement import MEASUREMENT_SCHEMA
from ..photo.opening import is_photo
from ..scoring.columns import Row, cells_of_measurement, row_of
from ..scoring.tables import read_results
from ..tuning.saved import SERIES_SCHEMA, SavedTune, read_series


@dataclass(frozen=True)
class PhotoFile:
    """A photo to be measured."""

    path: Path


@dataclass(frozen=True)
class ResultTable:
    """Rows, which may be read once."""

    rows: Iterable[Row]


def load_results(path: Path) -> PhotoFile | SavedTune | ResultTable:
    """Return what a file holds: by its name for photos and tables, by its schema for JSON.

    Raises:
        UserError: it holds no results, or cannot be read.
    """
    # What comes through a pipe is gone after its schema has been read, and an open pipe blocks for ever.
    if path.exists() and not path.is_file():
        raise UserError(
            f"{printable(path)} is no regular file and can be read only once; write it to a file first."
        )
    ending = path.suffix.lower()
    if is_photo(path):
        return PhotoFile(path)
    try:
        if ending in (".csv", ".parquet"):
            return ResultTable(_rows(path))
        schema = _schema(path)
        if schema == SERIES_SCHEMA:
            return read_series(path)
        if schema == MEASUREMENT_SCHEMA:
            return ResultTable(_measurements(path))
        if ending == ".jsonl":
            return ResultTable(_rows(path))
    except RecordError as error:
        raise UserError(str(error)) from None
    raise UserError(
        f"{printable(path.name)} holds no results. Give a photo, a table of backfocus score, a series that "
        "backfocus tune --save wrote, or what backfocus measure --json printed."
    )


def _rows(path: Path) -> Iterator[Row]:
    try:
        yield from read_results(path)
    except TableError as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise _cannot_read(path, error) from None


def _schema(path: Path) -> object:
    """Return the schema of a file of JSON or JSON lines."""
    for line in _objects(path):
        return line.get("schema")
    return None


def _measurements(path: Path) -> Iterator[Row]:
    name = printable(path.name)
    for number, measured in enumerate(_objects(path), 1):
        try:
            yield row_of({"path": measured["photo"], **cells_of_measurement(measured)})
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            raise UserError(f"{name}: measurement {number} is damaged.") from None


def _objects(path: Path) -> Iterator[dict[str, object]]:
    """Return the JSON objects of a file, which has one, or one a line."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            first = file.readline()
            whole = first if _is_whole(first) else first + file.read()
            for text in (whole, *file):
                found = json.loads(text) if text.strip() else None
                if isinstance(found, dict):
                    yield found
    except OSError as error:
        raise _cannot_read(path, error) from None
    except (ValueError, RecursionError):
        raise UserError(f"{printable(path.name)} is neither JSON nor JSON lines.") from None


def _is_whole(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _cannot_read(path: Path, error: OSError) -> UserError:
    name = printable(path.name)
    if error.strerror:
        return UserError(f"Cannot read {name}: {error.strerror}.")
    # What is wrong inside of a Parquet file is an OSError that no system has given.
    why = printable(" ".join(str(error).split())).rstrip(".")
    return UserError(f"{name} is damaged ({why}); write it again with backfocus score.")
