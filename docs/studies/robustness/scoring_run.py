"""Thousands of photos: rate, memory, kills, broken files and a cluster, for docs/studies/results/scoring.md.

python docs/studies/robustness/scoring_run.py [--photos 2000] [--keep FOLDER] [--part NAME ...]

Some dozen different simulated photos of 12 to 24 MP are linked under many names, one in ten of them broken. 2000 take
half an hour on two cores; nothing else should run beside it. What a part finds is told and kept as soon as it is
done: with --keep, --part runs parts alone, and the page is made from all that are kept.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scoring_photos import BROKEN_PART, link, simulate
from scoring_process import Run, cluster, kill, run
from simulated import stamp

from backfocus.verify.scoring import COLUMNS, read_results

RESULT = Path(__file__).parents[1] / "results" / "scoring.md"
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
`python docs/studies/robustness/scoring_run.py --photos {count}`
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


if __name__ == "__main__":
    main()
