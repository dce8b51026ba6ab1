"""Thousands of photos: rate, memory, kills, broken files and a cluster, for docs/studies/results/scoring.md.

python docs/studies/robustness/scoring_run.py [--photos 2000] [--different 24]

Some dozen different simulated photos of 12 to 24 MP are linked under many names, one in ten of them broken. With fewer
photos it takes a few minutes, with 2000 more than an hour on two cores; nothing else should run beside it.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from backfocus.targets import build_chart
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify.camera import ExifNames, Lens, Sensor, SheetPose, rasterise_pdf, shoot
from backfocus.verify.scoring import COLUMNS, read_results
from backfocus.verify.study.stamp import stamp

RESULT = Path(__file__).parents[1] / "results" / "scoring.md"
SIZES = ((4256, 2832), (5184, 3456), (6000, 4000))
"""12, 18 and 24 MP."""
LENSES = ((85.0, 1.4), (50.0, 1.8), (135.0, 2.0), (35.0, 1.4))
CHARTS = 6
BROKEN_PART = 0.1
KILLS = 5
STEADY = [column.name for column in COLUMNS if not column.may_vary]
COMMAND = (sys.executable, "-c", "from backfocus.cli import main; main()", "score")


def simulate(folder: Path, different: int) -> list[Path]:
    """Photos of different sizes, lenses, charts and offsets; those that are there already stay."""
    folder.mkdir(parents=True, exist_ok=True)
    charts = [build_chart(chart_id=f"{number}AB7K2M") for number in range(2, 2 + CHARTS)]
    sheets = [rasterise_pdf(pdf_bytes(chart)) for chart in charts]
    photos = []
    for number in range(different):
        photos.append(folder / f"{number:03}.jpg")
        if not photos[-1].exists():
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
            ).save(photos[-1])
    return photos


def link(photos: list[Path], folder: Path, count: int) -> int:
    """Link the photos under many names in folders of a hundred; return how many files were broken instead."""
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


@dataclass(frozen=True)
class Run:
    """One run of the command: time, exit code, and memory of the parent process in MB, by quarter of the run."""

    seconds: float
    exit_code: int
    memory_mb: tuple[float, ...]


def run(folder: Path, table: Path, *options: str, kill_after_s: float | None = None) -> Run:
    start = time.monotonic()
    process = subprocess.Popen(
        [*COMMAND, str(folder), "-o", str(table), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    if kill_after_s is not None:
        timer = threading.Timer(kill_after_s, process.send_signal, (signal.SIGKILL,))
        timer.start()
    parent, memory = psutil.Process(process.pid), []
    while process.poll() is None:
        memory.append(resident_mb(parent))
        time.sleep(0.1)
    quarter = max(1, len(memory) // 4)
    peaks = tuple(
        max(memory[begin : begin + quarter]) for begin in range(0, 4 * quarter, quarter) if memory[begin:]
    )
    return Run(time.monotonic() - start, process.returncode, peaks)


def resident_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 1e6
    except psutil.NoSuchProcess:
        return 0.0


def steady(table: Path) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in STEADY) for row in read_results(table)]


@contextmanager
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    dask = (sys.executable, "-m", "dask")
    here = ("--host", "127.0.0.1", "--no-dashboard")
    parts = [
        (*dask, "scheduler", *here, "--port", str(port)),
        *[(*dask, "worker", address, *here, "--nthreads", "1")] * 2,
    ]
    processes = [
        subprocess.Popen(part, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        for part in parts
    ]
    try:
        time.sleep(10)
        yield address, processes[1:]
    finally:
        for process in processes:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def study(photos: list[Path], room: Path, count: int) -> Iterator[str]:
    """Run everything, and return the lines of the page."""
    folder = room / "photos"
    broken = link(photos, folder, count)
    yield f"# {count} photos\n\n{stamp()} {os.cpu_count()} processors. {len(photos)} different simulated photos of 12, 18 and 24 MP, linked under {count} names; {broken} of the files are broken (empty, no photo, or cut off). `python docs/studies/robustness/scoring_run.py --photos {count}`\n"
    # The system's file cache must not favour the later run.
    run(folder, room / "warm.csv", kill_after_s=20)
    one = run(folder, room / "one.csv", "--jobs", "1")
    two = run(folder, room / "two.csv", "--jobs", "2")
    rows = steady(room / "two.csv")
    statuses = Counter(row[STEADY.index("status")] for row in rows)
    yield "| | one process | two processes |\n|---|---|---|"
    yield f"| time | {one.seconds:.0f} s | {two.seconds:.0f} s |"
    yield f"| photos a second | {count / one.seconds:.2f} | {count / two.seconds:.2f} |"
    yield f"| memory of the parent, peak in each quarter of the run, MB | {quarters(one)} | {quarters(two)} |"
    yield f"| exit code | {one.exit_code} | {two.exit_code} |"
    yield f"\nTwo processes are {one.seconds / two.seconds:.2f} times as fast as one. Same table: {yes(steady(room / 'one.csv') == rows)}."
    yield f"\nRows: {len(rows)}; {', '.join(f'{number} {status}' for status, number in sorted(statuses.items()))}. All broken files reported: {yes(statuses['unreadable'] == broken)}."
    yield from killed(folder, room, two, rows)
    yield from clustered(folder, room, two, rows)


def killed(folder: Path, room: Path, unbroken: Run, rows: list[tuple[object, ...]]) -> Iterator[str]:
    chance = random.Random(2)
    table = room / "killed.csv"
    moments = [chance.uniform(0.05, 0.3) * unbroken.seconds for _ in range(KILLS)]
    codes = [run(folder, table, "--jobs", "2", kill_after_s=moment).exit_code for moment in moments]
    last = run(folder, table, "--jobs", "2")
    yield f"\nKilled by SIGKILL after {', '.join(f'{moment:.0f}' for moment in moments)} s (exit codes {', '.join(map(str, codes))}), then run to the end in {last.seconds:.0f} s. Same table as unbroken: {yes(steady(table) == rows)}."


def clustered(folder: Path, room: Path, unbroken: Run, rows: list[tuple[object, ...]]) -> Iterator[str]:
    with cluster() as (address, workers):
        timer = threading.Timer(0.4 * unbroken.seconds, kill, (workers[0],))
        timer.start()
        found = run(folder, room / "cluster.csv", "--scheduler", address, "--send", "bytes")
        timer.cancel()
        lost = workers[0].poll() is not None
    yield f"\nDask, two workers, photos sent as bytes, one worker killed after {0.4 * unbroken.seconds:.0f} s ({'it was' if lost else 'the run was over before'}): {found.seconds:.0f} s, exit code {found.exit_code}, memory of the parent {quarters(found)} MB. Same table as local: {yes(steady(room / 'cluster.csv') == rows)}."


def quarters(found: Run) -> str:
    return ", ".join(f"{peak:.0f}" for peak in found.memory_mb)


def yes(is_so: bool) -> str:
    return "yes" if is_so else "**no**"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--different", type=int, default=24)
    parser.add_argument("--simulated", type=Path, help="folder that keeps the simulated photos")
    parser.add_argument("-o", "--output", type=Path, default=RESULT)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        photos = simulate((arguments.simulated or Path(temporary) / "simulated").absolute(), arguments.different)
        lines = []
        for line in study(photos, Path(temporary), arguments.photos):
            lines.append(line)
            print(line, flush=True)
    arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
