"""Tables as JSON lines: one object a photo, texts as they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from backfocus.verify.scoring.columns import Row
from backfocus.verify.scoring.tables.checking import checked


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write a table."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")


def read(path: Path) -> Iterator[Row]:
    """Return the rows of a table.

    Raises:
        ValueError: it is no such table.
    """
    with path.open(encoding="utf-8") as file:
        for line in file:
            if not line.strip():
                continue
            cells = json.loads(line)
            if not isinstance(cells, dict):
                raise ValueError("a line is no object")
            yield checked(cells)
