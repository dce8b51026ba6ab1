"""Photos as they arrive in a folder: measured when they are complete, and kept in the same table as by `score`."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from backfocus.targets.errors import TableError

from ..photo.naming import is_photo
from .columns import Row, row_of
from .crew import Answer, Crew, Task, local_crew
from .ledger import Ledger, Listed, PhotoTree, listed
from .run import TIMEOUT_S
from .tables import check_format, read_results, write_results

if TYPE_CHECKING:
    from watchfiles import Change

SETTLED_S = 0.5
"""Without a change of size or time: a card copy writes many times a second."""
PATIENCE_S = 10.0
"""For a file that does not change and cannot be read: a slow copy may pause, a damaged file stays damaged."""
TICK_S = 0.2


@dataclass(frozen=True)
class _Arrival:
    """A file that is being written, as it was last seen to change, and when; `next_try` is when to look again."""

    found: Listed
    changed: float
    next_try: float


class Watch:
    """Watches a folder and the folders within it, in a `with` block; leaving it writes the table."""

    def __init__(
        self,
        folder: str | Path,
        table: str | Path,
        *,
        existing: bool = False,
        poll: bool = False,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Open the table.

        Args:
            folder: to watch.
            table: as for `score`; its rows are kept.
            existing: also measure the photos that are there and have no row.
            poll: look for files instead of being told, as network drives need.
            timeout_s: after which a photo is given up.

        Raises:
            TableError, TableError, OSError: as for `Scoring`; the table is also of another folder if none of its
                photos is there.
        """
        self._folder, self._table = Path(folder).absolute(), Path(table)
        self._existing, self._poll, self._timeout_s = existing, poll, timeout_s
        check_format(self._table)
        self._ledger = Ledger(self._table)
        try:
            if self._table.exists():
                self._ledger.take_over(read_results(self._table))
            photos = PhotoTree(self._folder).photos()
            if self._ledger.list_photos(photos, frozenset(), version("backfocus")).is_of_other_photos:
                raise TableError(f"{self._table.name} is of photos that are not here; choose another --out.")
        except BaseException:
            self._ledger.close()
            raise
        self._arrivals: dict[Path, _Arrival] = {}
        self._running: dict[Future[Answer], Path] = {}

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            write_results(self._table, self._ledger.rows())
            self._ledger.discard()
        finally:
            self._ledger.close()

    def rows(self, seconds: float | None = None) -> Generator[Row, None, None]:
        """Return the row of every photo that arrives or changes, until the time is up, or for ever."""
        end = None if seconds is None else time.monotonic() + seconds
        with local_crew(1, self._timeout_s) as crew:
            if self._existing:
                self._notice(PhotoTree(self._folder).files())
            for files in self._arriving():
                self._notice(files)
                self._hand_out(crew)
                yield from self._finished()
                if end is not None and time.monotonic() > end:
                    return

    def _arriving(self) -> Iterator[Iterable[Path]]:
        """Return what has changed since the last time, again and again."""
        from watchfiles import watch

        began = time.time()
        while True:
            changes = watch(
                self._folder,
                watch_filter=None,
                step=int(1000 * TICK_S / 2),
                debounce=int(1000 * TICK_S),
                rust_timeout=int(1000 * TICK_S),
                yield_on_timeout=True,
                force_polling=self._poll or None,
                ignore_permission_denied=True,
            )
            try:
                yield from map(self._photos_of, changes)
                return
            except RuntimeError:
                # The library cannot tell a name that is no UTF-8: what has come since the beginning is looked for.
                yield (file for file in PhotoTree(self._folder).files() if _changed(file) >= began)
                time.sleep(TICK_S)

    def _photos_of(self, changes: Iterable[tuple[Change, str]]) -> Iterator[Path]:
        """Return the photos among changed files, and those in new folders: one may be moved here with all in it."""
        for change, name in changes:
            path = Path(name)
            if any(part.startswith(".") for part in path.relative_to(self._folder).parts):
                continue
            if path.is_dir():
                if change.name == "added":
                    yield from PhotoTree(path).files()
            elif is_photo(path):
                yield path

    def _notice(self, files: Iterable[Path]) -> None:
        now = time.monotonic()
        for file in files:
            if file not in self._arrivals:
                self._arrivals[file] = _Arrival(listed(file, self._folder), now, now + SETTLED_S)

    def _hand_out(self, crew: Crew) -> None:
        """Give what has settled to the crew; a file that has changed has more time."""
        now = time.monotonic()
        for file, arrival in list(self._arrivals.items()):
            if now < arrival.next_try or file in self._running.values() or not crew.has_room(len(self._running)):
                continue
            found = listed(file, self._folder)
            if found.modified is None or self._ledger.is_current(found):
                del self._arrivals[file]
            elif found != arrival.found:
                self._arrivals[file] = _Arrival(found, now, now + SETTLED_S)
            else:
                known = self._ledger.row(found.path)
                known_hash = str(known["blake2b"]) if known and known["blake2b"] else None
                self._running[crew.submit(Task(found.path, os.fspath(file), known_hash))] = file

    def _finished(self) -> Iterator[Row]:
        done, _ = wait(self._running, timeout=0)
        for future in done:
            file = self._running.pop(future)
            arrival = self._arrivals[file]
            answer, now = future.result(), time.monotonic()
            is_unfinished = answer.get("status") == "unreadable" and now - arrival.changed < PATIENCE_S
            if is_unfinished or listed(file, self._folder) != arrival.found:
                self._arrivals[file] = replace(arrival, next_try=now + SETTLED_S)
                continue
            del self._arrivals[file]
            found = arrival.found
            is_news = "unchanged" not in answer
            cells = answer if is_news else self._ledger.row(found.path) or {}
            row = row_of({**cells, "path": found.path, "size_bytes": found.size_bytes, "modified": found.modified})
            self._ledger.record(row)
            if is_news:
                yield row


def _changed(file: Path) -> float:
    """Return when a file was last changed or moved; never for one that has gone."""
    try:
        return file.stat().st_ctime
    except OSError:
        return -math.inf
