"""One worker: a measuring process on this machine, watched for crashes and for the time it takes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading

from backfocus.verify.scoring.workers.task import Task

START_S = 300.0
"""To load its libraries: a second, but a minute on a machine with a slow disk and much to do."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_NOT_INHERITED = "MALLOC_TRIM_THRESHOLD_"
"""Dask sets it for its workers, so that they hand memory back at once. Measuring 12 photos then takes 5.9 s of
processor time instead of 3.8 s, for 1.8 million page faults instead of 30 thousand."""
_PROGRAM = "from backfocus.verify.scoring.workers.process import main; main()"


class WorkerError(Exception):
    """The measuring process does not start."""


class Worker:
    """Measures one photo at a time; whatever becomes of its process, the next photo finds a new one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._is_over_time = False
        self._is_closed = False

    def measure(self, task: Task, timeout_s: float) -> dict[str, object]:
        """Return the cells of a photo, or `{"unchanged": True}`; never raises because of the photo.

        Raises:
            WorkerError: the measuring process does not start.
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
            raise WorkerError("The worker is closed.")
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
            raise WorkerError("The measuring process does not start; backfocus measure, with one photo, tells why.")

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
