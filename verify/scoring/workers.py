"""Worker processes: a photo each, with time limits."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from backfocus.targets.errors import UnreadablePhotoError, UserError, printable

from ..measure import measure
from .columns import cells_of_measurement

# What a worker is asked to measure.


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


# One worker: a measuring process on this machine, watched for crashes and for the time it takes.

START_S = 300.0
"""To load its libraries: a second, but a minute on a machine with a slow disk and much to do."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_NOT_INHERITED = "MALLOC_TRIM_THRESHOLD_"
"""Dask sets it for its workers, so that they hand memory back at once. Measuring 12 photos then takes 5.9 s of
processor time instead of 3.8 s, for 1.8 million page faults instead of 30 thousand."""
_PROGRAM = "from backfocus.verify.scoring.workers import main; main()"


class Worker:
    """Measures one photo at a time; whatever becomes of its process, the next photo finds a new one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._is_over_time = False
        self._is_closed = False

    def measure(self, task: Task, timeout_s: float) -> dict[str, object]:
        """Return the cells of a photo, or `{"unchanged": True}`; never raises because of the photo.

        Raises:
            UserError: the measuring process does not start.
        """
        with task.at_hand() as file:
            self._start()
            request = json.dumps({"file": str(file), "known_hash": task.known_hash})
            answer = self._ask(request, timeout_s)
            if answer.endswith("\n") and not self._is_over_time:
                cells: dict[str, object] = json.loads(answer)
                return cells
            return self._loss(timeout_s)

    def close(self) -> None:
        """End the process at once, from any thread; it is not started again."""
        self._is_closed = True
        process = self._process
        if process is not None:
            process.kill()

    def stop(self) -> None:
        """End the process and free what it holds; not while another thread measures."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        if self._is_closed:
            raise UserError("The worker is closed.")
        self._process = subprocess.Popen(
            # -P: a file named numpy.py among the photos must not be taken for the library.
            [sys.executable, "-P", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            encoding="ascii",
        )
        if self._ask(None, START_S) != "ready\n":
            self.stop()
            raise UserError("The measuring process does not start; backfocus measure, with one photo, tells why.")

    def _ask(self, request: str | None, timeout_s: float) -> str:
        """Return the process's next line; one that has no end if the process died or ran out of time."""
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        self._is_over_time = False

        def give_up() -> None:
            self._is_over_time = True
            process.kill()

        # Killing it ends the read below, on every system; a pipe cannot be read with a timeout on all of them.
        timer = threading.Timer(timeout_s, give_up)
        timer.start()
        try:
            if request is not None:
                process.stdin.write(request + "\n")
                process.stdin.flush()
            return process.stdout.readline()
        except (OSError, ValueError):
            return ""
        finally:
            timer.cancel()
            timer.join()

    def _loss(self, timeout_s: float) -> dict[str, object]:
        from importlib.metadata import version

        process = self._process
        code = 0 if process is None else process.wait()
        was_over_time = self._is_over_time
        self.stop()
        return {
            "status": "timed-out" if was_over_time else "crashed",
            "trustworthy": False,
            "error": f"Not measured within {timeout_s:g} s." if was_over_time else _cause(code),
            "version": version("backfocus"),
        }


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != _NOT_INHERITED}
    return inherited | _ONE_THREAD


def _cause(code: int) -> str:
    """Return why a process ended by itself."""
    if code >= 0:
        return f"The measuring process ended with exit code {code}."
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = " Perhaps there was not enough memory: fewer --jobs." if name == "SIGKILL" else ""
    return f"The measuring process ended by {name}.{hint}"


# The process that measures: requests come in by a pipe, one JSON line a photo, and cells go out the same way.
#
# A process of its own for every worker: a decoder that crashes or hangs on a photo takes nobody with it, and the
# photo to blame is known.

_PIECE = 1 << 20


def main() -> None:
    """Answer requests until the pipe closes, which it also does when the parent is killed."""
    import cv2

    # Ctrl-C reaches the whole group of processes; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries print now and then; the pipe must hold nothing but answers.
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    # As many processes as cores: with threads of their own they would only be in each other's way.
    cv2.setNumThreads(1)
    program = version("backfocus")
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        answer = answer_of(Path(request["file"]), request["known_hash"], program)
        print(json.dumps(answer), file=answers, flush=True)


def answer_of(file: Path, known_hash: str | None, program: str) -> dict[str, object]:
    """Return the cells of a photo, or `{"unchanged": True}` if its content has the known hash."""
    start = time.perf_counter()
    content = _hash(file)
    if content is not None and content == known_hash:
        return {"unchanged": True}
    return {
        **_cells(file),
        "blake2b": content,
        "duration_s": round(time.perf_counter() - start, 4),
        "version": program,
    }


def _cells(file: Path) -> dict[str, object]:
    if file.is_dir():
        error = "A folder that cannot be listed. Check its permissions."
        return {"status": "unreadable", "trustworthy": False, "error": error}
    try:
        return cells_of_measurement(measure(file).to_dict())
    except UnreadablePhotoError as unread:
        reason = unread.message.removeprefix(f"{printable(file.name)}: ")
        error = f"{reason[:1].upper()}{reason[1:]} {unread.remedy}"
        return {"status": "unreadable", "trustworthy": False, "error": error}
    except Exception as fault:
        # A mistake of the program, but the other photos must not pay for it.
        text = f"A fault of the program, please report it: {type(fault).__name__}: {fault}"
        return {"status": "crashed", "trustworthy": False, "error": text}


def _hash(file: Path) -> str | None:
    """Return the hash of a regular file; None for what cannot be read."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        # A pipe would block for ever.
        if not stat.S_ISREG(file.stat().st_mode):
            return None
        with file.open("rb") as opened:
            while piece := opened.read(_PIECE):
                digest.update(piece)
    except (OSError, ValueError):
        return None
    return digest.hexdigest()


# Several workers at once, and results as they come.
#
# Not joblib's process pool: that ends as a whole with the first process that dies, without telling which photo it
# was, and so could not turn a crash or a hang into a row.

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
