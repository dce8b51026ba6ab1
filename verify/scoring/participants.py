"""Names that go with charts: a CSV with the columns id and name, as it was handed out with the charts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from backfocus.verify.scoring.tables.csv_table import plain
from backfocus.verify.scoring.tables.errors import TableError

_MAX_BYTES = 10_000_000


def read_participants(path: Path) -> dict[str, str]:
    """Return names by chart id, in capital letters.

    Raises:
        TableError: the file cannot be read, is no CSV, or has no columns id and name.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise TableError(f"{path.name}: over 10 MB is no list of names.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TableError(f"Cannot read {path.name}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise TableError(f"{path.name} is not in UTF-8; save it as 'CSV UTF-8'.") from None
    lines = csv_lines(text, path.name)
    head = [cell.strip().lower() for cell in next(lines, [])]
    if not {"id", "name"} <= set(head):
        raise TableError(f"{path.name} must begin with a line that names its columns: id,name.")
    id_at, name_at = head.index("id"), head.index("name")
    pairs = [(_cell(line, id_at).upper(), plain(_cell(line, name_at))) for line in lines]
    return {chart_id: name for chart_id, name in pairs if chart_id}


def csv_lines(text: str, name: str) -> Iterator[list[str]]:
    """Return the cells of every line of a list; `name` is the list's, for the message.

    Raises:
        TableError: a quotation mark is not closed, which would make one cell of many lines, or a cell is too long.
    """
    first = text.partition("\n")[0]
    # Spreadsheets separate by what the user's country does.
    delimiter = max(";\t,", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in lines:
            yield cells
            begins = lines.line_num + 1
    except csv.Error as error:
        raise TableError(
            f"{name} cannot be read from line {begins} on ({error}): look there for a quotation mark that is not "
            "closed, or a cell that is far too long."
        ) from None


def _cell(line: list[str], at: int) -> str:
    return line[at].strip() if at < len(line) else ""
