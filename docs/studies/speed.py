"""How long measuring takes, beside the time to decode the same JPEG, and how much memory.

python docs/studies/speed.py [-o docs/studies/results/speed.md] [--photos FOLDER]

Times are medians of five, processor time first: other work on the machine does not lengthen it. The photos take a
few minutes to simulate; with --photos they are kept for the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
from simulated import stamp

from backfocus.targets import build_chart
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify import measure
from backfocus.verify.simulate import (
    Development,
    ExifNames,
    Exposure,
    Lens,
    Sensor,
    SheetPose,
    rasterise_pdf,
    shoot,
)

SIZES = {12: (4256, 2832), 24: (6000, 4000), 45: (8256, 5504), 61: (9504, 6336)}
"""Megapixels to pixels."""
QUALITY = 95
"""Makes files about as large as those of cameras, whose decoding takes as long."""
REPEATS = 5
HEAD = """## Speed

{stamp} {cpu} processors. Simulated JPEGs in colour, quality {quality}, 85 mm f/1.4, the A4
sheet 2.55 m away; medians of {repeats}. "Decode" is OpenCV's, to colours as any program reads a photo, and to grey,
which is all that measuring needs. "Measure" is one call in Python, reading included; "process" is a whole
`backfocus measure`, from start to exit. Processor time, and by the clock in brackets: the machine may have had
other work. `python docs/studies/speed.py`

| photo | file | decode | decode to grey | measure | over decode | process | memory of the process |
|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Seconds:
    """Processor time and time by the clock."""

    cpu: float
    clock: float

    def __str__(self) -> str:
        return f"{self.cpu:.2f} s ({self.clock:.2f})"


def photo(folder: Path, megapixels: int) -> Path:
    """Return a simulated photo, from the folder if it is there."""
    path = folder / f"bench-{megapixels}.jpg"
    if not path.exists():
        chart = build_chart()
        shot = shoot(
            rasterise_pdf(pdf_bytes(chart)),
            chart,
            SheetPose(44.0, 1.5, -1.0, 2550.0),
            Lens(85.0, 1.4),
            Sensor(pixels=SIZES[megapixels]),
            Exposure(noise_fraction=0.015, tint=(0.95, 1.0, 0.8)),
            Development(jpeg_quality=QUALITY),
            offset_mm=8.0,
            names=ExifNames("NIKON CORPORATION", "NIKON D850", "85mm f/1.4"),
        )
        shot.save(path)
    return path


def timed(work: Callable[[], object]) -> Seconds:
    """Return the median times of some runs, after one to warm up."""
    work()
    times = []
    for _ in range(REPEATS):
        cpu, clock = time.process_time(), time.perf_counter()
        work()
        times.append((time.process_time() - cpu, time.perf_counter() - clock))
    return Seconds(*(statistics.median(each) for each in zip(*times, strict=True)))


LAUNCHER = """
import json, os, subprocess, sys, time
clock = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
child.returncode = os.waitstatus_to_exitcode(status)
cpu = usage.ru_utime + usage.ru_stime
print(json.dumps([child.returncode, cpu, time.perf_counter() - clock, usage.ru_maxrss]))
"""
"""A process of its own, since a child of this large one would count its parent's memory until it has started."""


def process(path: Path) -> tuple[Seconds, float]:
    """Return the median times of a whole `backfocus measure`, and its largest memory in MB."""
    command = [sys.executable, "-c", "from backfocus.cli import main; main()", "measure", str(path)]
    times, memory = [], []
    for _ in range(REPEATS + 1):
        said = subprocess.run([sys.executable, "-c", LAUNCHER, *command], capture_output=True, check=True).stdout
        exit_code, cpu, clock, most = json.loads(said)
        if exit_code != 0:
            raise SystemExit(f"{path} was not measured: exit code {exit_code}")
        times.append((cpu, clock))
        # In kB on Linux, in bytes on macOS.
        memory.append(most / (1e6 if sys.platform == "darwin" else 1e3))
    return Seconds(*(statistics.median(each) for each in zip(*times[1:], strict=True))), max(memory)


def row(path: Path, megapixels: int) -> str:
    decode = timed(lambda: cv2.imread(str(path), cv2.IMREAD_COLOR))
    grey = timed(lambda: cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
    measured = timed(lambda: measure(path))
    whole, memory = process(path)
    return (
        f"| {megapixels} MP | {path.stat().st_size / 1e6:.1f} MB | {decode} | {grey} | {measured} "
        f"| {measured.cpu / decode.cpu:.1f} | {whole} | {memory:.0f} MB |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, help="write a section of docs/accuracy.md")
    parser.add_argument("--photos", type=Path, help="folder that keeps the simulated photos")
    parser.add_argument("--megapixels", type=int, nargs="+", choices=list(SIZES), default=list(SIZES))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.photos or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        lines = [HEAD.format(stamp=stamp(), cpu=os.cpu_count(), repeats=REPEATS, quality=QUALITY)]
        print(lines[0].split("\n\n")[-1])
        for megapixels in arguments.megapixels:
            lines.append(row(photo(folder, megapixels), megapixels))
            print(lines[-1], flush=True)
    if arguments.output:
        arguments.output.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
