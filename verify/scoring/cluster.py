"""A crew on a Dask cluster: every thread of a Dask worker measures by a process of its own, as on one machine."""

from __future__ import annotations

import importlib.util
import logging
import math
import stat
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from backfocus.targets.errors import ClusterError

from .workers import TASKS_A_WORKER, Answer, Crew, Task, Workers, answer_of

if TYPE_CHECKING:
    from distributed import Client

CONNECT_S = 30.0
"""For the scheduler to answer, and for a first worker to be there."""
RECOUNT_S = 10.0
"""Workers come and go; on many clusters they start one after the other."""
LARGEST_SENT_BYTES = 1_000_000_000
"""What the reader of photos refuses anyway."""
MOST_ON_THE_WAY_BYTES = 100_000_000
"""Of photos that are sent and not yet measured. Without it, 32 photos of 20 MB took 390 MB of memory here."""
_SETTINGS = {
    # A photo sent in a task outlives the worker that had it; Dask warns of tasks over 10 MB.
    "distributed.admin.large-graph-warning-threshold": "10 GB",
    # Dask remembers the last 1000 messages below 1 MB: with photos of that size the memory grew up to a gigabyte.
    "distributed.admin.low-level-log-length": 1,
}
_TALKATIVE = ("distributed", "distributed.client", "tornado.application")
"""Loggers of tracebacks about every lost worker and every interruption, into the progress on standard error. What
of it matters is a row or a `ClusterError`."""


@dataclass(frozen=True)
class Cluster:
    """Where to measure.

    Attributes:
        scheduler: its address, as in tcp://10.0.0.1:8786.
        send: "paths" of files that the workers see under the same names, or the files' "bytes".
    """

    scheduler: str
    send: Literal["paths", "bytes"] = "paths"


@contextmanager
def cluster_crew(cluster: Cluster, timeout_s: float) -> Iterator[Crew]:
    """Return a crew on a Dask cluster; a task whose worker is lost goes to another one.

    Raises:
        ClusterError: Dask is not installed, or there is no scheduler, or no worker, or not this program.
    """
    if importlib.util.find_spec("distributed") is None:
        raise ClusterError("A cluster needs Dask: pip install 'backfocus[cluster]'.")
    import dask
    from distributed import Client

    dask.config.set(_SETTINGS)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(cluster.scheduler, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError):
        raise ClusterError(f"No Dask scheduler answers at {cluster.scheduler}; check the address.") from None
    try:
        _wait_for_a_worker(client, cluster.scheduler)
        _check_installed(client)
        room = _Room(client)
        executor = client.get_executor(pure=False)

        def submit(task: Task) -> Future[Answer]:
            sent = _with_content(task) if cluster.send == "bytes" else task
            if sent is None:
                return _answered(answer_of(Path(task.file), task.known_hash, version("backfocus")))
            future: Future[Answer] = executor.submit(_measure, sent, timeout_s)
            room.take(future, len(sent.content or b""))
            return future

        yield Crew(submit, room.has_room, _answer)
        # Everything is measured by now; a worker lost at this moment must not spoil it.
        client.run(_stop_idle, on_error="ignore")
    finally:
        client.close()


def _wait_for_a_worker(client: Client, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError:
        raise ClusterError(f"The scheduler at {scheduler} has no workers; start some: dask worker.") from None


def _check_installed(client: Client) -> None:
    """Refuse a cluster without this program: its workers die of the first photo, and Dask waits for others."""

    def installed() -> str | None:
        # A local function goes there by value; all else is imported there.
        from importlib import metadata

        try:
            return metadata.version("backfocus")
        except metadata.PackageNotFoundError:
            return None

    here = version("backfocus")
    found = {"The scheduler": client.run_on_scheduler(installed)}
    found |= {f"Worker {name}": there for name, there in client.run(installed, on_error="ignore").items()}
    for place, there in found.items():
        if there != here:
            has = f"has backfocus {there}" if there else "lacks backfocus"
            raise ClusterError(f"{place} {has}; install {here} there, as it is here.")


class _Room:
    """How much more may be handed out: photos by the threads of the cluster, and bytes."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._threads = 0
        self._counted = -math.inf
        self._bytes: dict[Future[Answer], int] = {}

    def take(self, future: Future[Answer], size_bytes: int) -> None:
        """Count a photo that is sent, until its future is done."""
        self._bytes[future] = size_bytes

    def has_room(self, out: int) -> bool:
        """Return whether to hand out one more, while so many are out."""
        for future in [future for future in self._bytes if future.done()]:
            del self._bytes[future]
        has_threads = out < TASKS_A_WORKER * self._count_threads()
        return not out or (has_threads and sum(self._bytes.values()) < MOST_ON_THE_WAY_BYTES)

    def _count_threads(self) -> int:
        if time.monotonic() - self._counted > RECOUNT_S:
            # If the scheduler is lost, the futures tell.
            with suppress(OSError):
                self._threads = sum(self._client.nthreads().values())
            self._counted = time.monotonic()
        return self._threads


def _with_content(task: Task) -> Task | None:
    """Return the task with the photo's content; None for what is no photo, whose answer needs no worker."""
    file = Path(task.file)
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size <= LARGEST_SENT_BYTES:
            return None
        return replace(task, content=file.read_bytes())
    except OSError:
        return None


def _answer(future: Future[Answer]) -> Answer:
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        return {
            "status": "crashed",
            "trustworthy": False,
            "error": f"Lost with several workers of the cluster, one after the other ({type(error).__name__}).",
            "version": version("backfocus"),
        }
    except CancelledError:
        raise ClusterError("The scheduler was lost; what is measured is kept. Run the command again.") from None
    except Exception as error:
        # No photo's fault: its answer would say so.
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise ClusterError(f"The cluster cannot measure; what is measured is kept. {reason}") from None


def _answered(answer: Answer) -> Future[Answer]:
    future: Future[Answer] = Future()
    future.set_result(answer)
    return future


_workers = Workers()


def _measure(task: Task, timeout_s: float) -> Answer:
    """Measure a photo; runs in a thread of a Dask worker."""
    return _workers.measure(task, timeout_s)


def _stop_idle() -> None:
    """End measuring processes of a Dask worker, but not those that another user's run keeps busy."""
    _workers.stop_idle()
