"""A folder of photos to a table: queue, resume, end."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import AbstractContextManager
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict, Unpack

from backfocus.targets.errors import TableError

from .cluster import Cluster, cluster_crew
from .columns import Row, row_of
from .crew import Answer, Crew, Task, all_cores, as_they_come, local_crew
from .ledger import Again, Due, Inventory, Ledger, Listed, PhotoTree, Skipped, file_of
from .tables import check_format, read_results, write_results
from .tally import Tally

TIMEOUT_S = 120.0
"""A photo of 61 MP takes 3 s; this leaves room for RAW files, a slow machine and a slow disk."""


class Options(TypedDict, total=False):
    """What may be said about a run over a folder; all of it may be left out.

    Keys:
        jobs: photos at once on this machine; None for all cores.
        timeout_s: after which a photo is given up.
        again: which unchanged photos to measure again, one or several.
        prune: drop the rows of photos that are no longer there.
        participants: names by chart id.
        cluster: measures instead of this machine.
        serials: tell the serial numbers of body and lens, of photos that are measured now.
    """

    jobs: int | None
    timeout_s: float
    again: Again | Collection[Again]
    prune: bool
    participants: Mapping[str, str] | None
    cluster: Cluster | None
    serials: bool


class Scoring:
    """One run over a folder, to be used in a `with` block; leaving it writes the table, however far the run came.

    Attributes:
        inventory: what there is to do.
        skipped: what in the folder was passed over.
        tally: filled when the table is written.
    """

    def __init__(self, folder: str | Path, table: str | Path, **options: Unpack[Options]) -> None:
        """Take stock of the folder.

        Args:
            folder: searched with all folders within it.
            table: .csv, .jsonl or .parquet; rows that it has of unchanged photos are kept.
            options: see `Options`.

        Raises:
            TableError: the table is of another kind, or of another folder.
            TableError: another run writes it.
            OSError: the folder or the table cannot be read.
            TypeError: there is no such option.
        """
        if unknown := options.keys() - Options.__annotations__.keys():
            raise TypeError(f"no such option: {', '.join(sorted(unknown))}")
        self._folder, self._table = Path(folder).absolute(), Path(table)
        self._jobs = options.get("jobs") or all_cores()
        self._timeout_s = options.get("timeout_s", TIMEOUT_S)
        self._cluster = options.get("cluster")
        self._participants = options.get("participants") or {}
        self._with_serials = options.get("serials", False)
        self.tally = Tally()
        check_format(self._table)
        with os.scandir(self._folder):
            # Raises if the folder cannot be listed, before anything is written.
            pass
        self._ledger = Ledger(self._table)
        try:
            again = options.get("again", ())
            self.inventory, self.skipped = self._take_stock(frozenset([again] if isinstance(again, str) else again))
            if options.get("prune"):
                self._ledger.forget_gone()
        except BaseException:
            self._ledger.close()
            raise

    def _take_stock(self, again: frozenset[Again]) -> tuple[Inventory, Skipped]:
        if self._table.exists():
            self._ledger.take_over(read_results(self._table))
        tree = PhotoTree(self._folder)
        inventory = self._ledger.list_photos(tree.photos(), again, version("backfocus"))
        if inventory.here and inventory.is_of_other_photos and "all" not in again:
            raise TableError(
                f"{self._table.name} is of other photos, as none here has the size on record; choose another "
                "--out, or --again all if all of them were changed."
            )
        return inventory, tree.skipped

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None or not issubclass(kind, Exception):
                self._write_table()
                self._ledger.discard()
        finally:
            # After an error, what is measured stays in the ledger.
            self._ledger.close()

    def rows(self) -> Generator[Row, None, None]:
        """Measure what is due; every row is safe on disk when it is returned.

        Raises:
            ClusterError: there is no cluster, or it was lost, or it cannot measure.
            UserError: this machine cannot start a measuring process.
        """
        with self._crew() as crew:
            for task, answer in as_they_come(crew, map(self._task, self._ledger.due())):
                row = self._row(self._ledger.listed(task.path), answer)
                self._ledger.record(row)
                yield row

    def _crew(self) -> AbstractContextManager[Crew]:
        if self._cluster is not None:
            return cluster_crew(self._cluster, self._timeout_s)
        return local_crew(max(1, min(self._jobs, self.inventory.due)), self._timeout_s)

    def _task(self, due: Due) -> Task:
        file = os.fspath(file_of(due.path, self._folder))
        return Task(due.path, file, due.known_hash, with_serials=self._with_serials)

    def _row(self, photo: Listed, answer: Answer) -> Row:
        found = {"path": photo.path, "size_bytes": photo.size_bytes, "modified": photo.modified}
        if "unchanged" in answer:
            return row_of({**(self._ledger.row(photo.path) or {}), **found})
        return row_of({**answer, **found})

    def _write_table(self) -> None:
        write_results(self._table, map(self._named, self._ledger.rows()))
        for row in self._ledger.rows(only_here=True):
            self.tally.add(self._named(row))

    def _named(self, row: Row) -> Row:
        name = self._participants.get(str(row["chart_id"]))
        return row if name is None else row | {"participant": name}


def score(
    folder: str | Path,
    table: str | Path,
    *,
    done: Callable[[Row], object] = lambda _: None,
    **options: Unpack[Options],
) -> Tally:
    """Measure the photos in a folder that are new or changed, write the table, and return what it comes to.

    Args as for `Scoring`; `done` is called with every row as it comes. Interrupted, it can be called again: no row
    is lost that `done` was called with.
    """
    with Scoring(folder, table, **options) as scoring:
        for row in scoring.rows():
            done(row)
    return scoring.tally
