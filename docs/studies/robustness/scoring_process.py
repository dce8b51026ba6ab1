"""`backfocus score` as a process that is watched, and perhaps killed; and a Dask cluster to run it on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from distributed import Client

COMMAND = (sys.executable, "-c", "from backfocus.cli import main; main()", "score")
LOOK_S = 0.2
THREADS_S = 5.0
"""Looking at all processes of the machine is work, which must not slow the run down."""


@dataclass(frozen=True)
class Run:
    """One run of the command.

    Attributes:
        memory_mb: of the parent process, the peak in each quarter of the run.
        processor_s: time that the parent itself used.
        threads: the most that any of its measuring processes had.
    """

    seconds: float
    exit_code: int
    memory_mb: tuple[float, ...]
    processor_s: float
    threads: int


def run(folder: Path, table: Path, *options: str, kill_after_s: float | None = None) -> Run:
    """Score a folder in a process of its own, killed by SIGKILL after a while if so wished."""
    start = time.monotonic()
    process = subprocess.Popen(
        [*COMMAND, str(folder), "-o", str(table), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    if kill_after_s is not None:
        threading.Timer(kill_after_s, process.send_signal, (signal.SIGKILL,)).start()
    parent, memory, processor_s, threads, next_threads = psutil.Process(process.pid), [0.0], 0.0, 0, 0.0
    while process.poll() is None:
        try:
            memory.append(parent.memory_info().rss / 1e6)
            processor_s = sum(parent.cpu_times()[:2])
            if time.monotonic() > next_threads:
                next_threads = time.monotonic() + THREADS_S
                threads = max([threads, *(child.num_threads() for child in parent.children())])
        except psutil.NoSuchProcess:
            pass
        time.sleep(LOOK_S)
    quarter = -(-len(memory) // 4)
    peaks = tuple(max(memory[begin : begin + quarter]) for begin in range(0, len(memory), quarter))
    return Run(time.monotonic() - start, process.returncode, peaks, processor_s, threads)


@contextmanager
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a scheduler and two workers of one thread each on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    here = ("--host", "127.0.0.1", "--no-dashboard")
    parts = [
        ("scheduler", *here, "--port", str(port)),
        *[("worker", address, *here, "--nthreads", "1")] * 2,
    ]
    processes = [
        # A session of its own, so that a worker is killed with all that it started.
        subprocess.Popen(
            [sys.executable, "-m", "dask", *part],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for part in parts
    ]
    try:
        with Client(address, timeout=120, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        yield address, processes[1:]
    finally:
        for process in processes:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a part of the cluster, with all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
