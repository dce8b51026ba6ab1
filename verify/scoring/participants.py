"""Names that go with charts: a CSV with the columns id and name, as it was handed out with the charts."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from backfocus.verify.scoring.tables.csv_table import plain
from backfocus.verify.scoring.tables.errors import TableError

_MAX_BYTES = 10_000_000


def read_participants(path: Path) -> dict[str, str]:
    """Return names by chart id, in capital letters.

    Raises:
        TableError: the file cannot be read, or has no columns id and name.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise TableError(f"{path.name}: over 10 MB is no list of names.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TableError(f"Cannot read {path.name}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise TableError(f"{path.name} is not in UTF-8; save it as 'CSV UTF-8'.") from None
    first = text.partition("\n")[0]
    # Spreadsheets separate by what the user's country does.
    delimiter = max(",;\t", key=first.count)
    lines = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = {(name or "").strip().lower(): name for name in lines.fieldnames or ()}
    if not {"id", "name"} <= columns.keys():
        raise TableError(f"{path.name} must begin with a line that names its columns: id,name.")
    pairs = ((line[columns["id"]] or "", line[columns["name"]] or "") for line in lines)
    return {chart_id.strip().upper(): plain(name.strip()) for chart_id, name in pairs if chart_id.strip()}
