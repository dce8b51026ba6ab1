"""Processes that call functions, with time limits; when one is lost, it is known over which call.

Pebble's pool was tried in its place: it names crashes and keeps time limits as well, but its processes start only
from a script with a `__main__` guard, which `score` in the Python API does not ask for ("All workers expired"), and
not within a Dask worker ("daemonic processes are not allowed to have children").
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from importlib import import_module
from typing import Any, Self, TypeVar

from backfocus.targets.errors import UserError

Result = TypeVar("Result")

START_S = 300.0
"""To load its libraries: a second, but a minute on a machine with a slow disk and much to do."""
WAKE_S = 0.5
"""After which somebody who waits looks up: a Ctrl-C just before an endless wait is noticed only after that."""
_NOT_INHERITED = "MALLOC_TRIM_THRESHOLD_"
"""Dask sets it for its workers, so that they hand memory back at once. Measuring 12 photos then takes 5.9 s of
processor time instead of 3.8 s, for 1.8 million page faults instead of 30 thousand."""
_PROGRAM = "from backfocus.verify.pool import answer_calls; answer_calls()"


class LostError(Exception):
    """The process ended before it had an answer; the text says why."""

    def __init__(self, reason: str, is_over_time: bool = False) -> None:
        super().__init__(reason, is_over_time)
        self.reason, self.is_over_time = reason, is_over_time


class Pool:
    """Processes of this machine for the calls of several threads, in a `with` block; leaving it ends them all.

    Every call takes a free process or a new one; whatever becomes of it, the next call finds another.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._threads = ThreadPoolExecutor(jobs)
        self._lock = threading.Lock()
        self._all: list[_Process] = []
        self._free: list[_Process] = []
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether the block was left, so that a call is lost for no fault of its own."""
        return self._is_closed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for process in self._all:
                process.kill()
        self._threads.shutdown(wait=True)
        self.stop_idle()

    def submit(
        self, function: Callable[..., Result], *arguments: object, timeout_s: float | None = None
    ) -> Future[Result]:
        """Have a function called, and return at once; see `call`."""
        return self._threads.submit(self.call, function, *arguments, timeout_s=timeout_s)

    def submit_in_thread(self, function: Callable[..., Result], *arguments: object) -> Future[Result]:
        """Have a function called by a thread of this process, one of `jobs`; it may call what this pool offers."""
        return self._threads.submit(function, *arguments)

    def call(self, function: Callable[..., Result], *arguments: object, timeout_s: float | None = None) -> Result:
        """Call a function of a module in a process, and return or raise what it does.

        Raises:
            LostError: the process crashed, or took longer than `timeout_s`, and is no more.
            UserError: no process starts.
        """
        with self._lock:
            if self._is_closed:
                raise LostError("The pool is closed.")
            if not self._free:
                self._all.append(_Process())
                self._free.append(self._all[-1])
            process = self._free.pop()
        try:
            result: Result = process.call(function, arguments, timeout_s)
            return result
        finally:
            with self._lock:
                self._free.append(process)

    def stop_idle(self) -> None:
        """End the processes that have no call now."""
        with self._lock:
            for process in self._free:
                process.stop()


def done_first(futures: Collection[Future[Result]]) -> Collection[Future[Result]]:
    """Wait for the first of some futures, and return those that are done."""
    done: Collection[Future[Result]] = ()
    while not done:
        done, _ = wait(futures, timeout=WAKE_S, return_when=FIRST_COMPLETED)
    return done


def as_done(futures: Collection[Future[Result]]) -> Iterator[Future[Result]]:
    """Return futures as they are done."""
    running = set(futures)
    while running:
        done = done_first(running)
        running -= set(done)
        yield from done


class _Process:
    """One process, used by one thread at a time, and ended by any."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._is_over_time = False
        self._is_closed = False

    def call(self, function: Callable[..., Any], arguments: tuple[object, ...], timeout_s: float | None) -> Any:
        """Call a function, see `Pool.call`."""
        self._start(function.__module__)
        answer = self._ask((function, arguments), timeout_s)
        if answer is None:
            raise self._loss(timeout_s)
        is_result, result = answer
        if not is_result:
            raise result
        return result

    def kill(self) -> None:
        """End the process at once, from any thread; it is not started again."""
        self._is_closed = True
        process = self._process
        if process is not None:
            process.kill()

    def stop(self) -> None:
        """End the process and free what it holds; not while another thread calls."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _start(self, module: str) -> None:
        """Start the process unless it runs; loading its libraries does not count as the first call's time."""
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        self._process = subprocess.Popen(
            # -P: a file named numpy.py among the photos must not be taken for the library.
            [sys.executable, "-P", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name != _NOT_INHERITED},
        )
        if self._is_closed:
            # By another thread, which may have seen no process to end.
            self._process.kill()
        answer = self._ask((_load, (module,)), START_S)
        if answer is None or not answer[0]:
            self.stop()
            raise UserError("The measuring process does not start; backfocus measure, with one photo, tells why.")

    def _ask(self, request: tuple[object, ...], timeout_s: float | None) -> tuple[bool, Any] | None:
        """Return the process's next answer; None if it died or ran out of time."""
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        self._is_over_time = False

        def give_up() -> None:
            self._is_over_time = True
            process.kill()

        # Killing it ends the read below, on every system; a pipe cannot be read with a timeout on all of them.
        timer = threading.Timer(threading.TIMEOUT_MAX if timeout_s is None else timeout_s, give_up)
        timer.start()
        try:
            process.stdin.write(pickle.dumps(request))
            process.stdin.flush()
            answer: tuple[bool, Any] = pickle.load(process.stdout)
        except (OSError, ValueError, EOFError, pickle.UnpicklingError):
            return None
        finally:
            timer.cancel()
            timer.join()
        return None if self._is_over_time else answer

    def _loss(self, timeout_s: float | None) -> LostError:
        process, was_over_time = self._process, self._is_over_time
        code = 0 if process is None else process.wait()
        self.stop()
        if was_over_time:
            return LostError(f"Not measured within {timeout_s:g} s.", is_over_time=True)
        return LostError(_cause(code))


def _cause(code: int) -> str:
    """Return why a process ended by itself."""
    if code >= 0:
        return f"The measuring process ended with exit code {code}."
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = " Perhaps there was not enough memory: measure fewer at once." if name == "SIGKILL" else ""
    return f"The measuring process ended by {name}.{hint}"


def answer_calls() -> None:
    """Answer calls in a process of a pool until the pipe closes, which it also does when the parent is killed."""
    # Ctrl-C reaches the whole group of processes; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries print now and then; the pipe must hold nothing but answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            function, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        answers.write(_answer(function, arguments))
        answers.flush()


def _load(module: str) -> None:
    import_module(module)


def _answer(function: Callable[..., object], arguments: tuple[object, ...]) -> bytes:
    try:
        return pickle.dumps((True, function(*arguments)))
    except Exception as error:
        told = error
    try:
        answer = pickle.dumps((False, told))
        pickle.loads(answer)
    except Exception:
        # An error that does not survive the way keeps its words.
        return pickle.dumps((False, RuntimeError(f"{type(told).__name__}: {told}")))
    return answer
