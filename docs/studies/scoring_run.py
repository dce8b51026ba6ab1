"""Thousands of photos: rate, memory, kills, broken files and a cluster, for docs/studies/results/scoring.md.

python docs/studies/scoring_run.py [--photos 2000] [--keep FOLDER] [--part NAME ...]

Some dozen different simulated photos of 12 to 24 MP are linked under many names, one in ten of them broken. 2000 take
half an hour on two cores; nothing else should run beside it. What a part finds is told and kept as soon as it is
done: with --keep, --part runs parts alone, and the page is made from all that are kept.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from distributed import Client
from simulated import stamp

from backfocus.targets import build_chart
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify.scoring import COLUMNS, read_results
from backfocus.verify.simulate import ExifNames, Lens, Sensor, SheetPose, rasterise_pdf, shoot

RESULT = Path(__file__).parent / "results" / "scoring.md"
STEADY = [column.name for column in COLUMNS if not column.may_vary]
TURNS = 3
KILLS = 5
KILLED_PART = (0.02, 0.18)
"""Of the unbroken run's time, until each kill: the fifth still comes before the end."""
WORKER_KILLED_PART = 0.4
HEAD = """## Folders of photos: rate, memory, kills and a cluster

{cores} processors. {different} different simulated photos of 12, 18 and 24 MP, linked under many names, some {broken:.0%} of the files broken
(empty, no photo, or cut off). Two tables are the same if all columns are but `modified` and `duration_s`. Times are those of the
whole command, its start included; the rows of fewer photos are compared with the first of the unbroken run.
`python docs/studies/scoring_run.py --photos {count}`
"""

Rows = list[tuple[object, ...]]


@dataclass(frozen=True)
class Study:
    """What all parts share: the photos, and a folder for what is linked and found."""

    photos: list[Path]
    room: Path
    count: int

    @property
    def unbroken(self) -> Path:
        """The table that all others are compared with."""
        return self.room / "unbroken.csv"

    def some(self, most: int) -> tuple[Path, int]:
        """Return a folder of so many links, or of all."""
        count = min(most, self.count)
        folder = self.room / f"links-{count}"
        if not folder.exists():
            link(self.photos, folder, count)
        return folder, count

    def is_same(self, table: Path, count: int) -> str:
        """Say whether a table has the first rows of the unbroken run."""
        return "yes" if steady(table) == steady(self.unbroken)[:count] else "**no**"

    def expected_s(self, count: int) -> float:
        """Return how long so many photos take on two cores, from the sum of what each took in the unbroken run."""
        return sum(float(str(row["duration_s"])) for row in list(read_results(self.unbroken))[:count]) / 2


def steady(table: Path) -> Rows:
    return [tuple(row[name] for name in STEADY) for row in read_results(table)]


def unbroken(study: Study) -> str:
    """All photos on two cores."""
    folder, count = study.some(study.count)
    broken = sum(not file.is_symlink() for file in folder.rglob("*.JPG"))
    found = run(folder, study.unbroken, "--jobs", "2")
    statuses = Counter(row[STEADY.index("status")] for row in steady(study.unbroken))
    told = ", ".join(f"{number} {status}" for status, number in sorted(statuses.items(), key=str))
    return f"""### All of them

{count} photos on two cores: {found.seconds:.0f} s, {count / found.seconds:.2f} photos a second. Memory of the parent, its peak in each quarter of the
run: {quarters(found)}; its processor time {found.processor_s:.1f} s. A measuring process had {found.threads} thread. Exit code {found.exit_code}.

Of {count} files, {broken} are broken: {told}. All broken files reported: {yes(statuses["unreadable"] == broken)}; none lost:
{yes(statuses.total() == count)}."""


def rate(study: Study) -> str:
    """The first photos on one core and on two, in turns: the speed of a rented machine changes within minutes."""
    folder, count = study.some(500)
    rows, ratios, same = [], [], True
    for turn in range(1, TURNS + 1):
        seconds = []
        for jobs in ("1", "2"):
            table = study.room / f"rate-{turn}-{jobs}.csv"
            seconds.append(run(folder, table, "--jobs", jobs).seconds)
            same = same and steady(table) == steady(study.unbroken)[:count]
        ratios.append(seconds[0] / seconds[1])
        rows.append(
            f"| {turn} | {seconds[0]:.0f} s | {seconds[1]:.0f} s "
            f"| {count / seconds[0]:.2f} | {count / seconds[1]:.2f} | {ratios[-1]:.2f} |"
        )
    lines = "\n".join(rows)
    return f"""### One core and two

The first {count} photos with `--jobs 1` and `--jobs 2` in turns. `--jobs N` is N measuring processes, each kept to one thread; nothing
else was pinned. A ratio over two is the machine's own speed, which changed between the two runs.

| turn | one core | two cores | photos a second | photos a second | ratio |
|---|---|---|---|---|---|
{lines}

The rate on two cores is **{statistics.median(ratios):.2f}** times that on one (the middle one of {TURNS}). Same table each time: {yes(same)}."""


def killed(study: Study) -> str:
    """Killed again and again, then run to the end."""
    folder, count = study.some(study.count)
    chance, table = random.Random(2), study.room / "killed.csv"
    moments = [chance.uniform(*KILLED_PART) * study.expected_s(count) for _ in range(KILLS)]
    codes = [run(folder, table, "--jobs", "2", kill_after_s=moment).exit_code for moment in moments]
    last = run(folder, table, "--jobs", "2")
    return f"""### Killed and resumed

{count} photos, two processes; killed by SIGKILL after {", ".join(f"{moment:.0f}" for moment in moments)} s (exit codes {", ".join(map(str, codes))}), then run to the end in
{last.seconds:.0f} s, exit code {last.exit_code}; {sum(moments) + last.seconds:.0f} s in all. Same table as unbroken: {study.is_same(table, count)}."""


def worker_lost(study: Study) -> str:
    """A Dask cluster, one of whose two workers is killed."""
    folder, count = study.some(500)
    table, moment = study.room / "cluster.csv", WORKER_KILLED_PART * study.expected_s(count)
    with cluster() as (address, workers):
        timer = threading.Timer(moment, kill, (workers[0],))
        timer.start()
        found = run(folder, table, "--scheduler", address)
        timer.cancel()
        was_killed = workers[0].poll() is not None
    expected = study.expected_s(count) + (study.expected_s(count) - moment)
    return f"""### A cluster that loses a worker

{count} photos, a Dask scheduler and two workers of one thread on this machine, paths sent; one worker killed after {moment:.0f} s
({"it was" if was_killed else "**the run was over before**"}): {found.seconds:.0f} s, where {expected:.0f} s are expected of what is left; exit code {found.exit_code}. Same table as local:
{study.is_same(table, count)}."""


def sent(study: Study) -> str:
    """A Dask cluster that is sent the photos."""
    folder, count = study.some(200)
    table = study.room / "sent.csv"
    with cluster() as (address, _):
        found = run(folder, table, "--scheduler", address, "--send", "bytes")
    return f"""### Photos sent to the cluster

{count} photos, the same cluster with both workers, `--send bytes`: {found.seconds:.0f} s, where {study.expected_s(count):.0f} s are expected; memory of the parent by quarters
{quarters(found)}; exit code {found.exit_code}. Same table as local: {study.is_same(table, count)}."""


PARTS: dict[str, Callable[[Study], str]] = {
    "unbroken": unbroken,
    "rate": rate,
    "killed": killed,
    "worker-lost": worker_lost,
    "sent": sent,
}


def page(study: Study) -> str:
    head = HEAD.format(cores=os.cpu_count(), different=len(study.photos), broken=BROKEN_PART, count=study.count)
    kept = [file for name in PARTS if (file := study.room / f"{name}.md").exists()]
    return "\n".join([head, *(file.read_text(encoding="utf-8") for file in kept)])


def quarters(found: Run) -> str:
    return ", ".join(f"{peak:.0f}" for peak in found.memory_mb) + " MB"


def yes(is_so: bool) -> str:
    return "yes" if is_so else "**no**"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--different", type=int, default=24)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keeps photos, tables and what parts found")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this one; all need that of 'unbroken'")
    parser.add_argument("-o", "--output", type=Path, default=RESULT)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        room = (arguments.keep or Path(temporary)).absolute()
        study = Study(simulate(room / "simulated", arguments.different), room, arguments.photos)
        for name in arguments.part or PARTS:
            for table in room.glob("*.csv*"):
                # A run that goes on with an old table measures nothing.
                if name == "unbroken" or table != study.unbroken:
                    table.unlink()
            text = f"{PARTS[name](study)}\n\n{stamp()}\n"
            (room / f"{name}.md").write_text(text, encoding="utf-8")
            print(text, file=sys.stderr, flush=True)
            arguments.output.write_text(page(study), encoding="utf-8")
    print(arguments.output.read_text(encoding="utf-8"))


SIZES = ((4256, 2832), (5184, 3456), (6000, 4000))
"""12, 18 and 24 MP."""
LENSES = ((85.0, 1.4), (50.0, 1.8), (135.0, 2.0), (35.0, 1.4))
CHARTS = 6
BROKEN_PART = 0.1


def simulate(folder: Path, different: int) -> list[Path]:
    """Photos of different sizes, lenses, charts and offsets; those that are there already stay."""
    folder.mkdir(parents=True, exist_ok=True)
    photos = [folder / f"{number:03}.jpg" for number in range(different)]
    if all(photo.exists() for photo in photos):
        return photos
    charts = [build_chart(chart_id=f"{number}AB7K2M") for number in range(2, 2 + CHARTS)]
    sheets = [rasterise_pdf(pdf_bytes(chart)) for chart in charts]
    for number, photo in enumerate(photos):
        if photo.exists():
            continue
        chance = random.Random(number)
        focal_length, f_number = LENSES[number % len(LENSES)]
        pose = SheetPose(45.0, chance.uniform(-2, 2), chance.uniform(-2, 2), 30 * focal_length)
        shoot(
            sheets[number % CHARTS],
            charts[number % CHARTS],
            pose,
            Lens(focal_length, f_number),
            Sensor(pixels=SIZES[number % len(SIZES)]),
            offset_mm=chance.uniform(-8, 8),
            names=ExifNames("NIKON CORPORATION", "NIKON D850", f"{focal_length:g}mm f/{f_number:g}"),
            seed=number,
        ).save(photo)
    return photos


def link(photos: list[Path], folder: Path, count: int) -> int:
    """Link the photos under many names in folders of a hundred; return how many files were broken instead.

    The first of many are the same as fewer, so that tables of both can be compared.
    """
    chance, broken = random.Random(1), 0
    for number in range(count):
        file = folder / f"{number // 100:03}" / f"DSC_{number:05}.JPG"
        file.parent.mkdir(parents=True, exist_ok=True)
        photo = photos[number % len(photos)]
        if chance.random() < BROKEN_PART:
            broken += 1
            kinds = (b"", b"not a photo", photo.read_bytes()[: chance.randrange(1000, 200_000)])
            file.write_bytes(kinds[broken % len(kinds)])
        else:
            file.symlink_to(photo)
    return broken


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


if __name__ == "__main__":
    main()
