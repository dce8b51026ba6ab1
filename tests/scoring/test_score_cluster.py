"""`backfocus score --scheduler` on a real Dask cluster: a scheduler and two workers on this machine."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from photo_folders import SAMPLES, steady

from backfocus.cli import cli
from backfocus.targets.errors import ClusterError
from backfocus.verify import pool
from backfocus.verify.scoring import Row, Scoring, cluster, score
from backfocus.verify.scoring.cluster import Cluster
from backfocus.verify.scoring.crew import Answer, Crew, Task, as_they_come

DASK = (sys.executable, "-W", "ignore", "-m", "dask")


def started(*arguments: str) -> subprocess.Popen[bytes]:
    """A part of a cluster, with whatever it starts in one group, so that all of it can be killed at once."""
    return subprocess.Popen(
        [*DASK, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def worker(address: str, *options: str) -> subprocess.Popen[bytes]:
    usual = ("--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--memory-limit", "0")
    return started("worker", address, *usual, *options)


def kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all tests run at once, workers take long to start."""
    monkeypatch.setattr(cluster, "CONNECT_S", 300.0)


@contextmanager
def running_scheduler() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = started("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    try:
        until = time.monotonic() + 300
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"tcp://127.0.0.1:{port}", process
    finally:
        kill(process)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with running_scheduler() as (address, _):
        yield address


@pytest.fixture
def workers(scheduler: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    processes = [worker(scheduler) for _ in range(2)]
    yield processes
    for process in processes:
        kill(process)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    shutil.copy(SAMPLES / "back-focus.jpg", folder)
    shutil.copy(SAMPLES / "front-focus.jpg", folder)
    for number in range(12):
        (folder / f"none {number:02}.jpg").write_text(f"not a photo {number}")
    (folder / "empty.jpg").touch()
    (folder / "nowhere.jpg").symlink_to("missing")
    return folder


@pytest.fixture(scope="module")
def local_rows(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    table = tmp_path_factory.mktemp("local") / "local.jsonl"
    score(photos, table)
    return steady(table)


def test_a_lost_scheduler_ends_the_run_and_keeps_its_rows(photos: Path, tmp_path: Path) -> None:
    table = tmp_path / "results.jsonl"
    seen = []
    with running_scheduler() as (address, process):
        one = worker(address)
        with (
            pytest.raises(ClusterError, match="what is measured is kept"),
            Scoring(photos, table, cluster=Cluster(address)) as scoring,
        ):
            for row in scoring.rows():
                seen.append(row["path"])
                if len(seen) == 2:
                    kill(process)
        kill(one)
    with Scoring(photos, table) as scoring:
        assert scoring.inventory.due == 16 - len(seen)


@pytest.mark.parametrize(
    ("answer", "told"),
    [("raise PackageNotFoundError", "lacks backfocus"), ("return '0.0.9'", "has backfocus 0.0.9")],
)
def test_a_worker_without_this_program_is_told_before_it_dies_of_a_photo(
    scheduler: str, photos: Path, tmp_path: Path, answer: str, told: str
) -> None:
    (tmp_path / "other.py").write_text(
        f"import importlib.metadata\nfrom importlib.metadata import *\n"
        f"def version(name): {answer}\nimportlib.metadata.version = version\n"
    )
    one = worker(scheduler, "--preload", str(tmp_path / "other.py"))
    try:
        with pytest.raises(ClusterError, match=f"Worker tcp://.* {told}"):
            score(photos, tmp_path / "results.csv", cluster=Cluster(scheduler))
    finally:
        kill(one)


BLIND = """
import pathlib
def blind(path, *arguments, opening=pathlib.Path.open, **options):
    if path.suffix == ".jpg":
        raise FileNotFoundError(2, "No such file or directory", str(path))
    return opening(path, *arguments, **options)
pathlib.Path.open = blind
"""


@pytest.fixture
def blind_worker(scheduler: str, tmp_path: Path) -> Iterator[None]:
    """A worker without the storage that the photos are on."""
    (tmp_path / "blind.py").write_text(BLIND)
    one = worker(scheduler, "--preload", str(tmp_path / "blind.py"))
    yield
    kill(one)


@pytest.mark.usefixtures("blind_worker")
def test_photos_that_no_worker_sees_end_the_run_in_one_line_and_are_no_rows(
    scheduler: str, photos: Path, tmp_path: Path
) -> None:
    arguments = ["score", str(photos), "-o", str(tmp_path / "results.jsonl"), "--scheduler", scheduler]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    told = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(told) == 1 and "does not see" in told[0] and "--send bytes" in told[0]
    with Scoring(photos, tmp_path / "results.jsonl") as scoring:
        assert scoring.inventory.due >= 14, "but for what nobody can read, nothing is measured"


@pytest.mark.usefixtures("blind_worker")
def test_a_photo_that_one_worker_does_not_see_goes_to_another(
    scheduler: str, photos: Path, local_rows: list[Row], tmp_path: Path
) -> None:
    one = worker(scheduler)
    try:
        with cluster.cluster_crew(Cluster(scheduler), 60.0) as crew:
            until = time.monotonic() + 300
            while not crew.has_room(3) and time.monotonic() < until:
                time.sleep(0.1)
        score(photos, tmp_path / "results.jsonl", cluster=Cluster(scheduler))
    finally:
        kill(one)
    assert steady(tmp_path / "results.jsonl") == local_rows


def test_a_fault_of_the_cluster_is_told_in_one_line(
    scheduler: str, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that never got the libraries, an interpreter of another kind: no photo is to blame."""

    def faulty(_: Task, __: float) -> Answer:
        raise RuntimeError("no such\n library")

    monkeypatch.setattr(cluster, "_measure", faulty)
    one = worker(scheduler)
    try:
        result = CliRunner().invoke(
            cli, ["score", str(photos), "-o", str(tmp_path / "results.csv"), "--scheduler", scheduler]
        )
    finally:
        kill(one)
    assert result.exit_code == 2
    assert "cannot measure; what is measured is kept. RuntimeError: no such library" in result.stderr


@pytest.mark.usefixtures("workers")
def test_a_cluster_gives_the_same_table(
    scheduler: str, photos: Path, local_rows: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Room for one photo at a time.
    monkeypatch.setattr(cluster, "MOST_ON_THE_WAY_BYTES", 1)
    for send in ("paths", "bytes"):
        table = tmp_path / f"{send}.csv"
        arguments = ["score", str(photos), "-o", str(table), "--scheduler", scheduler, "--send", send]
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 2, result.output
        assert result.stdout.startswith("16 photos: 2 measured, 2 of them trustworthy; 14 unreadable.")
        assert steady(table) == local_rows


def test_a_killed_worker_costs_nothing_but_time(
    scheduler: str, workers: list[subprocess.Popen[bytes]], photos: Path, local_rows: list[Row], tmp_path: Path
) -> None:
    table = tmp_path / "results.jsonl"
    seen = []
    with Scoring(photos, table, cluster=Cluster(scheduler, "bytes")) as scoring:
        for row in scoring.rows():
            seen.append(row["path"])
            if len(seen) == 2:
                kill(workers[0])
    assert len(seen) == len(set(seen)) == 16
    assert steady(table) == local_rows


def test_workers_that_come_later_are_used(
    scheduler: str, workers: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "RECOUNT_S", 0.0)
    kill(workers[0])
    with cluster.cluster_crew(Cluster(scheduler), 60.0) as crew:
        until = time.monotonic() + 300
        while crew.has_room(2) and time.monotonic() < until:
            time.sleep(0.1)
        assert not crew.has_room(2)
        workers[0] = worker(scheduler)
        while not crew.has_room(3) and time.monotonic() < until:
            time.sleep(0.1)
        assert crew.has_room(3)


def test_no_more_is_handed_out_than_there_is_room_for() -> None:
    futures: list[Future[Answer]] = []
    most = 0

    def unfinished() -> int:
        return sum(not future.done() for future in futures)

    def slowly() -> Answer:
        time.sleep(0.005)
        return {}

    def submit(_: Task) -> Future[Answer]:
        nonlocal most
        futures.append(executor.submit(slowly))
        most = max(most, unfinished())
        return futures[-1]

    with ThreadPoolExecutor(10) as executor:
        crew = Crew(submit, has_room=lambda _: unfinished() < 3)
        tasks = [Task(str(number), "") for number in range(20)]
        came = [task for task, _ in as_they_come(crew, tasks)]
    assert sorted(task.path for task in came) == sorted(task.path for task in tasks)
    assert most == 3


def test_what_dask_sets_for_its_workers_does_not_slow_the_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "65536")
    monkeypatch.setenv("OTHER_THRESHOLD_", "1")
    with pool.Pool(1) as processes:
        assert processes.call(os.getenv, "MALLOC_TRIM_THRESHOLD_") is None
        assert processes.call(os.getenv, "OTHER_THRESHOLD_") == "1"


def test_a_measuring_process_that_does_not_start_is_told_in_one_line(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_PROGRAM", "raise SystemExit(1)")
    result = CliRunner().invoke(cli, ["score", str(photos), "-o", str(tmp_path / "results.csv")])
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(
        "Error: The measuring process does not start; backfocus measure"
    )


def test_no_scheduler_is_told_in_one_line(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    arguments = ["score", str(photos), "-o", str(tmp_path / "results.csv"), "--scheduler", "tcp://127.0.0.1:9"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in result.stderr
    assert "Traceback" not in result.output
    assert not list(tmp_path.iterdir())


def test_a_cluster_without_workers_is_told_in_one_line(
    scheduler: str, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 5.0)
    arguments = ["score", str(photos), "-o", str(tmp_path / "results.csv"), "--scheduler", scheduler]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert "has no workers" in result.stderr
