"""Those who measure: a photo to the cells of its row, by processes of this machine or of a cluster."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from backfocus.targets.errors import UnreadablePhotoError, printable

from ..measure import measure
from ..measurement import folder_of, photo_answer
from ..pool import LostError, Pool, done_first
from ..storage import content_hash
from .columns import cells_of_measurement

Answer = dict[str, object]
"""Cells of a photo's row, or `{"unchanged": True}`."""
TASKS_A_WORKER = 2
"""One that is measured, and one that waits, so that no worker has to."""


@dataclass(frozen=True)
class Task:
    """One photo to measure.

    Attributes:
        path: its name in the table.
        file: where it is, as the worker sees it.
        known_hash: of the content that was measured before; the same content is not measured again.
        content: the file itself, for a worker that cannot see it; then `file` only names it.
        with_serials: whether its row tells the serial numbers of body and lens.
    """

    path: str
    file: str
    known_hash: str | None = None
    content: bytes | None = None
    with_serials: bool = False

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


@dataclass(frozen=True)
class Crew:
    """Those who measure.

    Attributes:
        submit: hands a task out and returns at once.
        has_room: whether to hand out one more, while so many are out; always if none is.
        answer: what came of a task that is done.
    """

    submit: Callable[[Task], Future[Answer]]
    has_room: Callable[[int], bool]
    answer: Callable[[Future[Answer]], Answer] = Future.result


@contextmanager
def local_crew(jobs: int, timeout_s: float) -> Iterator[Crew]:
    """Return a crew of as many processes on this machine."""
    with Pool(jobs) as pool:
        yield Crew(
            submit=lambda task: pool.submit_in_thread(measured_by, pool, task, timeout_s),
            has_room=lambda out: out < jobs * TASKS_A_WORKER,
        )


def as_they_come(crew: Crew, tasks: Iterable[Task]) -> Iterator[tuple[Task, Answer]]:
    """Return tasks with their answers in the order of completion.

    Tasks are drawn, and answers kept, only as far as the crew has room: memory does not grow with the photos.
    """
    coming = iter(tasks)
    running: dict[Future[Answer], Task] = {}
    finished: list[tuple[Task, Future[Answer]]] = []
    while True:
        while crew.has_room(len(running)) and (task := next(coming, None)) is not None:
            running[crew.submit(task)] = task
        # Only now, so that no worker waits for what is done with the answers.
        for task, future in finished:
            yield task, crew.answer(future)
        if not running:
            return
        finished = [(running.pop(future), future) for future in done_first(running)]


def measured_by(pool: Pool, task: Task, timeout_s: float) -> Answer:
    """Have a photo measured by a process of a pool; a process that it costs is its answer.

    Raises:
        UserError: no process starts.
    """
    try:
        with task.at_hand() as file:
            return pool.call(
                answer_of, file, task.known_hash, task.with_serials, folder_of(task.file), timeout_s=timeout_s
            )
    except LostError as lost:
        return {
            "status": "timed-out" if lost.is_over_time else "crashed",
            "trustworthy": False,
            "error": lost.reason,
            "version": version("backfocus"),
        }


def answer_of(file: Path, known_hash: str | None, with_serials: bool = False, folder: str | None = None) -> Answer:
    """Measure a photo in this process, unless its content has the known hash; never raises because of the photo.

    Args:
        file: the photo, perhaps a copy of it.
        known_hash: of the content that was measured before.
        with_serials: whether the row tells the serial numbers of body and lens.
        folder: where the photo itself lies, as it is typed in a shell; that of the file if not given.
    """
    start = time.perf_counter()
    if known_hash is not None and content_hash(file) == known_hash:
        return {"unchanged": True}
    cells = _cells(file, with_serials, folder or folder_of(file))
    return {
        **cells,
        "blake2b": cells.get("blake2b") or content_hash(file),
        "duration_s": round(time.perf_counter() - start, 4),
        "version": version("backfocus"),
    }


def _cells(file: Path, with_serials: bool, folder: str) -> Answer:
    if file.is_dir():
        error = "A folder that cannot be listed. Check its permissions."
        return {"status": "unreadable", "trustworthy": False, "error": error}
    try:
        measured = measure(file)
        named = replace(measured, answer=photo_answer(measured, folder))
        return cells_of_measurement(named.to_dict(with_serials=with_serials))
    except UnreadablePhotoError as unread:
        reason = unread.message.removeprefix(f"{printable(file.name)}: ")
        error = f"{reason[:1].upper()}{reason[1:]} {unread.remedy}"
        return {"status": "unreadable", "trustworthy": False, "error": error}
    except Exception as fault:
        # A mistake of the program, but the other photos must not pay for it.
        text = f"A fault of the program, please report it: {type(fault).__name__}: {fault}"
        return {"status": "crashed", "trustworthy": False, "error": text}


def all_cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
