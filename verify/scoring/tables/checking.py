"""From what a file holds to rows: known columns, right kinds, the right schema."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from backfocus.verify.scoring.columns import ROW_SCHEMA, Row, row_of


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
