"""The report of a file of results: a photo, a series that `tune --save` wrote, or a table of many people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from backfocus.targets.errors import UserError, printable

from ..measure import analyse
from ..measurement import MEASUREMENT_SCHEMA
from ..photo.naming import is_photo
from ..scoring.columns import Row, cells_of_measurement, row_of
from ..scoring.tables import read_results
from ..tuning.saved import SERIES_SCHEMA, read_series
from .html import Progress, Report, pictures_of, report_of_photo
from .series_page import report_of_series
from .table_page import report_of_rows


def report_of_file(path: Path, photos: Path, most_pictures: int, progress: Progress) -> Report:
    """Return what a file says.

    Args:
        path: a photo, a table of `score`, a series of `tune --save`, or what `measure --json` printed.
        photos: folder of the photos that a series or a table names.
        most_pictures: photos that are shown of a series or table at most.
        progress: called with the name of each of them before it is measured.

    Raises:
        UserError: the file holds no results, or cannot be read.
    """
    # What comes through a pipe is gone after its schema has been read, and an open pipe blocks for ever.
    if path.exists() and not path.is_file():
        raise UserError(
            f"{printable(path)} is no regular file and can be read only once; write it to a file first."
        )
    if is_photo(path):
        return report_of_photo(analyse(path))
    pictures = partial(pictures_of, folder=photos, most=most_pictures, progress=progress)
    name, ending = printable(path.name), path.suffix.lower()
    try:
        schema = None if ending in (".csv", ".parquet") else _schema(path)
        if schema == SERIES_SCHEMA:
            return report_of_series(read_series(path), pictures)
        if schema == MEASUREMENT_SCHEMA:
            return report_of_rows(_measurements(path), name, pictures)
        if ending in (".csv", ".parquet", ".jsonl"):
            return report_of_rows(read_results(path), name, pictures)
    except OSError as error:
        raise UserError(f"Cannot read {name}: {error.strerror or 'it is damaged'}.") from None
    raise UserError(
        f"{name} holds no results. Give a photo, a table of backfocus score, a series that "
        "backfocus tune --save wrote, or what backfocus measure --json printed."
    )


def _schema(path: Path) -> object:
    """Return the schema of a file of JSON or JSON lines."""
    return next(_objects(path), {}).get("schema")


def _measurements(path: Path) -> Iterator[Row]:
    for number, measured in enumerate(_objects(path), 1):
        try:
            yield row_of({"path": measured["photo"], **cells_of_measurement(measured)})
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            raise UserError(f"{printable(path.name)}: measurement {number} is damaged.") from None


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
    except (ValueError, RecursionError):
        raise UserError(f"{printable(path.name)} is neither JSON nor JSON lines.") from None


def _is_whole(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
