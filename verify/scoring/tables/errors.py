"""What can be wrong with a table."""

from __future__ import annotations


class TableError(Exception):
    """The table cannot be read or written; the text says why."""
