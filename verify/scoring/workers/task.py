"""What a worker is asked to measure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory


@dataclass(frozen=True)
class Task:
    """One photo.

    Attributes:
        path: its name in the table.
        file: where it is, as the worker sees it.
        known_hash: of the content that was measured before; the same content is not measured again.
        content: the file itself, for a worker that cannot see it; then `file` only names it.
    """

    path: str
    file: str
    known_hash: str | None = None
    content: bytes | None = None

    @contextmanager
    def at_hand(self) -> Iterator[Path]:
        """Return a file that this machine can open, while it is needed."""
        if self.content is None:
            yield Path(self.file)
            return
        with TemporaryDirectory(prefix="backfocus-") as folder:
            # Under its own name, which the texts of errors quote.
            copy = Path(folder) / Path(self.file).name
            copy.write_bytes(self.content)
            yield copy
