"""Lists of participants: read as spreadsheets and editors write them, written so that spreadsheets are safe."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backfocus.cli.files import UserError, printable_path

if TYPE_CHECKING:
    from backfocus.targets.packs.pack import Participant

MOST_BYTES = 10_000_000
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class Listed:
    """A line of a list of names; `chart_id` is empty where the list has none."""

    name: str
    chart_id: str = ""


def read_names(path: Path) -> list[Listed]:
    """Return the people in a list, in its order.

    The list is a CSV whose first line names a column "name" and perhaps one "id", or has one name a line. A list
    that `backfocus pack` wrote gives the same charts again.

    Raises:
        UserError: it cannot be read, or is something else.
    """
    lines = [line for line in _cells(path) if any(line)]
    if not lines:
        raise UserError(f"{printable_path(path)} is empty; it needs one name a line.")
    head = [cell.casefold() for cell in lines[0]]
    if "name" in head:
        at, id_at = head.index("name"), head.index("id") if "id" in head else None
        return [Listed(_cell(line, at), "" if id_at is None else _cell(line, id_at).upper()) for line in lines[1:]]
    if all(len(line) == 1 for line in lines):
        return [Listed(line[0]) for line in lines]
    raise UserError(
        f"{printable_path(path)} has several columns and none is called name; put 'name' above the right one."
    )


def ids_csv(participants: tuple[Participant, ...]) -> bytes:
    """Return the list of who has which chart: number, id, name.

    It begins with a byte order mark, without which spreadsheets take names for Western European ones.
    """
    from backfocus.verify.scoring.tables.csv_table import harmless

    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(["number", "id", "name"])
    lines.writerows([one.number, harmless(one.chart_id), harmless(one.name)] for one in participants)
    return text.getvalue().encode("utf-8-sig")


def _cells(path: Path) -> list[list[str]]:
    from backfocus.verify.scoring.participants import csv_lines
    from backfocus.verify.scoring.tables.errors import TableError

    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{printable_path(path)}: over 10 MB is no list of names.")
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"Cannot read {printable_path(path)}: {error.strerror}.") from None
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise UserError(f"{printable_path(path)} is not in UTF-8; save it as 'CSV UTF-8'.") from None
    try:
        return [[_tidy(cell) for cell in line] for line in csv_lines(text, printable_path(path))]
    except TableError as error:
        raise UserError(str(error)) from None


def _cell(line: list[str], at: int) -> str:
    return line[at] if at < len(line) else ""


def _tidy(cell: str) -> str:
    """Return a cell in one line, without the apostrophe that keeps a spreadsheet from running it."""
    from backfocus.verify.scoring.tables.csv_table import plain

    return plain(" ".join(cell.split()))
