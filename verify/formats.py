"""Numbers, tables and names as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from backfocus.targets.errors import printable as printable

# Settings as cameras show them.


def dialled(setting: float) -> str:
    """Return a setting with its sign; zero has none."""
    return f"{setting:+g}" if setting else "0"


# Numbers as they stand in JSON files.

DIGITS = 4


def rounded(value: Any) -> Any:
    """Return numbers rounded, also those in tuples, lists and dicts; null for what is not finite."""
    if isinstance(value, float):
        return round(value, DIGITS) if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    return value


# Columns of text.


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table: the first column to the left, the others to the right."""
    lines = [head, *([printable(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
