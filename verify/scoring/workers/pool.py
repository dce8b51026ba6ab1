"""Several workers at once, and results as they come.

Not joblib's process pool: that ends as a whole with the first process that dies, without telling which photo it
was, and so could not turn a crash or a hang into a row.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass

from backfocus.verify.scoring.workers.task import Task
from backfocus.verify.scoring.workers.worker import Worker

Answer = dict[str, object]

TASKS_A_WORKER = 2
"""One that is measured, and one that waits, so that no worker has to."""
WAKE_S = 0.5
"""After which somebody who waits looks up."""


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


class Workers:
    """Workers for the threads of one process: every thread that measures takes a free one, or a new one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Worker] = []
        self._free: list[Worker] = []

    def measure(self, task: Task, timeout_s: float) -> Answer:
        """Measure a photo, as `Worker.measure` does."""
        with self._lock:
            if not self._free:
                self._all.append(Worker())
                self._free.append(self._all[-1])
            worker = self._free.pop()
        try:
            return worker.measure(task, timeout_s)
        finally:
            with self._lock:
                self._free.append(worker)

    def close(self) -> None:
        """End all processes, also those that are measuring."""
        with self._lock:
            for worker in self._all:
                worker.close()

    def stop_idle(self) -> None:
        """End the processes that do not measure now."""
        with self._lock:
            for worker in self._free:
                worker.stop()


@contextmanager
def local_crew(jobs: int, timeout_s: float) -> Iterator[Crew]:
    """Return a crew on this machine: threads that do nothing but wait, each for a process of its own."""
    workers = Workers()
    executor = ThreadPoolExecutor(jobs)
    try:
        yield Crew(
            submit=lambda task: executor.submit(workers.measure, task, timeout_s),
            has_room=lambda out: out < jobs * TASKS_A_WORKER,
        )
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        workers.close()
        executor.shutdown(wait=True)
        workers.stop_idle()


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
        finished = [(running.pop(future), future) for future in _wait_for_one(running)]


def _wait_for_one(running: Collection[Future[Answer]]) -> Collection[Future[Answer]]:
    done: Collection[Future[Answer]] = ()
    while not done:
        # With an end: a Ctrl-C just before an endless wait is not noticed until that is over.
        done, _ = wait(running, timeout=WAKE_S, return_when=FIRST_COMPLETED)
    return done


def all_cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
