"""Tables as CSV: UTF-8, commas, one line of names; empty is unknown, and no cell is a formula."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from backfocus.verify.scoring.columns import COLUMNS, KIND_OF, Cell, Row
from backfocus.verify.scoring.tables.checking import check_names, checked

_FORMULA_STARTS = (*"=+-@\t\r\n", *(chr(ord(sign) + 0xFEE0) for sign in "=+-@"))
"""What spreadsheets take for the start of a formula, also in the wide letters of East Asia
(owasp.org/www-community/attacks/CSV_Injection)."""
_SPLIT = re.compile(rf"([;\t])(?=[ '\"]*[{re.escape(''.join(_FORMULA_STARTS))}])")
_JOINED = re.compile(rf"([;\t])'(?=[ '\"]*[{re.escape(''.join(_FORMULA_STARTS))}])")
"""Where a spreadsheet that takes semicolons or tabs for the borders of cells would see a formula begin."""
_BOOLEANS = {"true": True, "false": False}


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow([column.name for column in COLUMNS])
        for row in rows:
            lines.writerow([_text(row[column.name]) for column in COLUMNS])


def read(path: Path) -> Iterator[Row]:
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
                yield checked({name: _cell(name, text) for name, text in cells.items() if name in KIND_OF})
        except csv.Error as error:
            raise ValueError(str(error)) from None


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with an apostrophe before it where needed.

    Texts that begin with an apostrophe get another one, so that reading takes off exactly what writing put on.
    """
    text = _SPLIT.sub(r"\1'", text)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) or text.startswith("'") else text


def plain(text: str) -> str:
    """Return a text as it was before `harmless`; one that begins with an apostrophe of its own stays as it is."""
    bare = _bare(text)
    return bare if harmless(bare) == text else text


def _bare(text: str) -> str:
    """Return a text that was made harmless as it was before."""
    return _JOINED.sub(r"\1", text.removeprefix("'"))


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
        return _BOOLEANS[text.lower()]
    return _bare(text) if KIND_OF[name] == "text" else text
