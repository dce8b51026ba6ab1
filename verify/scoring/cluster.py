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

from backfocus.targets.errors import ClusterError, printable

from ..pool import Pool
from .crew import TASKS_A_WORKER, Answer, Crew, Task, answer_of, measured_by

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
        crew = _ClusterCrew(client, cluster, timeout_s)
        yield Crew(crew.submit, crew.has_room, crew.answer)
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


class _ClusterCrew:
    """What is out on the cluster, who does not see our files, and how much more may be handed out."""

    def __init__(self, client: Client, cluster: Cluster, timeout_s: float) -> None:
        self._client, self._sends_bytes, self._timeout_s = client, cluster.send == "bytes", timeout_s
        self._out: dict[Future[Answer], Task] = {}
        self._blind: set[str] = set()
        self._executor = client.get_executor(pure=False)
        self._threads = 0
        self._counted = -math.inf

    def submit(self, task: Task) -> Future[Answer]:
        """Hand a task out; what cannot be read here is no task for a worker, and answered at once."""
        sent = _readable(task, self._sends_bytes)
        if sent is None:
            answered: Future[Answer] = Future()
            answered.set_result(answer_of(Path(task.file), task.known_hash, task.with_serials))
            return answered
        future: Future[Answer] = self._executor.submit(_measure, sent, self._timeout_s)
        self._out[future] = sent
        return future

    def has_room(self, out: int) -> bool:
        """Return whether to hand out one more, while so many are out: by the cluster's threads, and by bytes."""
        on_the_way = sum(len(task.content or b"") for future, task in self._out.items() if not future.done())
        has_threads = out < TASKS_A_WORKER * self._count_threads()
        return not out or (has_threads and on_the_way < MOST_ON_THE_WAY_BYTES)

    def answer(self, future: Future[Answer]) -> Answer:
        """Return what came of a task; one whose worker did not see the file is given to another worker.

        Raises:
            ClusterError: the cluster was lost, or cannot measure, or no worker sees the file.
        """
        from distributed import KilledWorker

        task = self._out.pop(future, None)
        try:
            return future.result()
        except UnseenError as unseen:
            assert task is not None
            self._leave_out(unseen.worker, task)
            return self.answer(self.submit(task))
        except KilledWorker as error:
            return {
                "status": "crashed",
                "trustworthy": False,
                "error": f"Lost with several workers of the cluster, one after the other ({type(error).__name__}).",
                "version": version("backfocus"),
            }
        except CancelledError:
            raise ClusterError("The scheduler was lost; what is measured is kept. Run the command again.") from None
        except ClusterError:
            raise
        except Exception as error:
            # No photo's fault: its answer would say so.
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise ClusterError(f"The cluster cannot measure; what is measured is kept. {reason}") from None

    def _leave_out(self, worker: str, task: Task) -> None:
        """Give a worker that does not see our files no more of them."""
        self._blind.add(worker)
        seeing = sorted(self._client.nthreads().keys() - self._blind)
        if not seeing:
            raise ClusterError(
                f"Worker {worker} does not see {printable(task.file)}, which is here; what is measured is kept.",
                "Give the workers the same storage under the same paths, or take --send bytes.",
            )
        self._executor = self._client.get_executor(pure=False, workers=seeing)
        self._counted = -math.inf

    def _count_threads(self) -> int:
        if time.monotonic() - self._counted > RECOUNT_S:
            # If the scheduler is lost, the futures tell.
            with suppress(OSError):
                threads = self._client.nthreads()
                self._threads = sum(count for worker, count in threads.items() if worker not in self._blind)
            self._counted = time.monotonic()
        return self._threads


class UnseenError(Exception):
    """A worker cannot read a file that the machine that sent it can."""

    def __init__(self, worker: str) -> None:
        super().__init__(worker)
        self.worker = worker


def _readable(task: Task, with_content: bool) -> Task | None:
    """Return a task for a worker, with the photo's content if that is sent; None for what cannot be read here."""
    file = Path(task.file)
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size <= LARGEST_SENT_BYTES:
            return None
        if with_content:
            return replace(task, content=file.read_bytes())
        with file.open("rb"):
            return task
    except OSError:
        return None


_pool = Pool(1)
"""Of a Dask worker: its threads call it themselves, each for a process of its own."""


def _measure(task: Task, timeout_s: float) -> Answer:
    """Measure a photo; runs in a thread of a Dask worker."""
    if task.content is None:
        try:
            with Path(task.file).open("rb"):
                pass
        except OSError:
            from distributed import get_worker

            raise UnseenError(get_worker().address) from None
    return measured_by(_pool, task, timeout_s)


def _stop_idle() -> None:
    """End measuring processes of a Dask worker, but not those that another user's run keeps busy."""
    _pool.stop_idle()
