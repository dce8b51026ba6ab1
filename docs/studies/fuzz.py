"""Measures thousands of spoilt photos and QR texts, in processes of their own, under a watchdog.

python docs/studies/fuzz.py                      all 10 000, about 20 minutes on two cores
python docs/studies/fuzz.py --only 4711 -o x.jpg writes one of the files, to look at it

What must not happen: a crash, a hang over 10 s, an exception other than UnreadablePhotoError, output of libraries
on the terminal, texts with control characters, JSON that is none.
"""

from __future__ import annotations

import argparse
import binascii
import io
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

import numpy as np
from mutations import MUTATIONS, Rng
from PIL import Image
from simulated import stamp

from backfocus.targets import Chart, build_chart
from backfocus.targets.errors import UnreadablePhotoError
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify import Measurement, measure
from backfocus.verify.report.text import measurement_text
from backfocus.verify.simulate import ExifNames, Lens, Sensor, SheetPose, VirtualShot, rasterise_pdf, shoot

SEED = 20261123
FILES = 10_000
LIMIT_S = 10.0
"""Of processor time for one file; by the clock a busy machine would count as hanging."""
WATCHDOG_S = 60.0
"""By the clock, for a process that only waits; it has to import everything first."""
TRUTH_MM = 5.0
QR_SHARE = 0.1
"""Of the files: undamaged photos whose QR code says something else."""
TWICE = 0.2
"""Of the files: spoilt in two ways, one after the other."""
QR_TEXTS = "other QR texts"
WRONG_FIELDS = (
    ("BF0", "BF2", "BF99", "BF1 "),
    ("WALL", "ZFOLD", "FLATT"),
    ("A3", "LT", "ZZ", ""),
    ("S0.000", "S9.999", "S0.500", "S1.0000"),
    ("A00.0", "A99.9", "A60.0", "A-5.0"),
    ("OILOILO", "0000000", ""),
)
KINDS = (*MUTATIONS, QR_TEXTS)
OUTCOMES = ("measured", "out-of-range", "refused", "unreadable", "fault")
RESULT = Path(__file__).parent / "results" / "fuzz.md"


@dataclass(frozen=True)
class Bases:
    """The photos to spoil, and a larger shot to give other QR codes to."""

    files: tuple[tuple[str, bytes], ...]
    large: VirtualShot
    chart: Chart


def make_bases() -> Bases:
    """Take one small shot that can be measured and write it in every kind of file."""
    chart = build_chart()
    sheet = rasterise_pdf(pdf_bytes(chart))
    shot, large = (
        shoot(
            sheet,
            chart,
            SheetPose(45.0, 1.0, -1.0, 1100.0),
            Lens(85.0, 1.4),
            Sensor(pixels=pixels),
            offset_mm=TRUTH_MM,
            names=ExifNames("NIKON CORPORATION", "NIKON D850", "85mm f/1.4"),
        )
        for pixels in ((1200, 800), (1800, 1200))
    )
    with tempfile.TemporaryDirectory() as folder:
        kinds = (("jpg", 8), ("png", 8), ("png", 16), ("tif", 8), ("tif", 16))
        files = [(kind, shot.save(Path(folder) / f"base.{kind}", bits=bits).read_bytes()) for kind, bits in kinds]
    picture = Image.open(io.BytesIO(files[0][1]))
    colours = picture.convert("RGB")
    files += [
        ("jpg", _saved(picture, "JPEG", progressive=True, quality=90)),
        ("jpg", _saved(colours.convert("CMYK"), "JPEG", quality=90)),
        ("png", _saved(colours.quantize(64), "PNG")),
        ("png", _saved(colours.convert("RGBA"), "PNG")),
        ("tif", _saved(colours, "TIFF", compression="tiff_lzw")),
        ("tif", _saved(colours.convert("L"), "TIFF", compression="tiff_adobe_deflate")),
        ("tif", _saved(colours, "TIFF", compression="jpeg")),
        ("tif", _saved(colours.convert("1"), "TIFF", compression="group4")),
    ]
    return Bases(tuple(files), large, chart)


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def spoilt(bases: Bases, number: int) -> tuple[str, str, bytes]:
    """Return what was done, the file's ending, and the file; the same number gives the same file."""
    rng = np.random.default_rng((SEED, number))
    if rng.random() < QR_SHARE:
        return QR_TEXTS, "jpg", _with_qr(bases, _qr_text(bases.chart.qr.text, rng))
    ending, data = bases.files[rng.integers(len(bases.files))]
    names = [str(name) for name in rng.choice(list(MUTATIONS), 2 if rng.random() < TWICE else 1)]
    with warnings.catch_warnings():
        # What is heard of a library must come from measuring, not from here.
        warnings.simplefilter("ignore")
        for name in names:
            try:
                data = MUTATIONS[name](data, rng)
            # What has been spoilt once may be too broken to be spoilt in a knowing way again.
            except Exception:
                data = data[: len(data) // 2]
    return names[0], ending, data


def _qr_text(text: str, rng: Rng) -> bytes:
    """Return another QR text: damaged, of fields out of range with a right check sum, or nothing of the kind."""
    letters = list(text)
    match int(rng.integers(4)):
        case 0:
            for place in rng.integers(0, len(letters), int(rng.integers(1, 6))):
                letters[place] = chr(int(rng.integers(32, 127)))
            return "".join(letters).encode()
        case 1:
            fields = text.split("/")[:-1]
            field = int(rng.integers(len(fields)))
            fields[field] = str(rng.choice(WRONG_FIELDS[field]))
            body = "/".join(fields)
            return f"{body}/{binascii.crc_hqx(body.encode(), 0):04X}".encode()
        case 2:
            return rng.bytes(int(rng.integers(1, 60)))
        case _:
            texts = (
                "http://x.example/",
                "\x1b[2J\x07",
                "BF1/" + "A" * 60,
                "%s%n",
                "BF1\n",
                "写真",
                "BF٣/FLAT",
                "\x00",
            )
            return str(rng.choice(texts)).encode()


def _with_qr(bases: Bases, text: bytes) -> bytes:
    """Return the shot as a JPEG with another QR code laid over its own."""
    import cv2
    import qrcode

    code = qrcode.QRCode(border=0)
    code.add_data(text)
    modules = np.array(code.get_matrix(), dtype=np.uint8)
    picture = np.where(modules, 45, 215).astype(np.uint8).repeat(8, 0).repeat(8, 1)
    side = len(picture)
    corners = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    target = bases.large.truth.page_to_pixel(bases.chart.qr.corners_page_mm).astype(np.float32)
    codes = bases.large.codes
    to_photo = cv2.getPerspectiveTransform(corners, target)
    size = (codes.shape[1], codes.shape[0])
    laid = cv2.warpPerspective(picture, to_photo, size, flags=cv2.INTER_AREA)
    covered = cv2.warpPerspective(np.ones_like(picture), to_photo, size, flags=cv2.INTER_NEAREST)
    with_code = np.where(covered, laid, codes)
    return _saved(Image.fromarray(with_code), "JPEG", quality=92)


def outcome_of(path: Path) -> tuple[str, str]:
    """Measure a file and return one of OUTCOMES and what was said, or for a fault what was wrong."""
    try:
        measurement = measure(path)
    except UnreadablePhotoError as error:
        said = error.message + error.remedy
        return ("unreadable", error.message) if said.isprintable() else ("fault", f"unprintable: {said!r}")
    except Exception as error:
        return "fault", f"{type(error).__name__}: {error}"
    text = measurement_text(measurement)
    if not all(line.isprintable() for line in text.split("\n")):
        return "fault", f"unprintable: {text!r}"
    try:
        json.dumps(measurement.to_dict(), allow_nan=False)
    except ValueError as error:
        return "fault", f"JSON: {error}"
    if _is_silently_wrong(measurement):
        return measurement.status, "silently wrong"
    return measurement.status, "trustworthy" if measurement.trustworthy else measurement.findings[-1].code


def _is_silently_wrong(measurement: Measurement) -> bool:
    """Whether a trustworthy offset is off by over three half widths and 1 % of the depth of field (19 mm here)."""
    if measurement.offset_mm is None or measurement.offset_ci95_mm is None or not measurement.trustworthy:
        return False
    low, high = measurement.offset_ci95_mm
    return abs(measurement.offset_mm - TRUTH_MM) > max(1.5 * (high - low), 0.19)


def _work(pipe: Connection, bases: Bases, folder: Path) -> None:
    """Measure the files whose numbers come in, and answer (number, kind, outcome, detail, seconds)."""
    printed = folder / f"printed-{os.getpid()}"
    with printed.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    seen = 0
    while (number := pipe.recv()) is not None:
        kind, ending, data = spoilt(bases, number)
        path = folder / f"{number}.{ending}"
        path.write_bytes(data)
        start = time.process_time()
        outcome, detail = outcome_of(path)
        seconds = time.process_time() - start
        if seconds > LIMIT_S:
            outcome, detail = "fault", f"{seconds:.0f} s"
        path.unlink()
        sys.stdout.flush()
        sys.stderr.flush()
        if printed.stat().st_size > seen:
            outcome, detail = "fault", f"printed {printed.read_bytes()[seen : seen + 300]!r}"
            seen = printed.stat().st_size
        pipe.send((number, kind, outcome, detail, seconds))


class Worker:
    """A process that measures, one file at a time."""

    def __init__(self, bases: Bases, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, bases, folder), daemon=True)
        self.process.start()
        theirs.close()
        self.number, self.since = -1, time.monotonic()

    def give(self, number: int) -> None:
        self.number, self.since = number, time.monotonic()
        self.pipe.send(number)

    @property
    def is_overdue(self) -> bool:
        """Whether the file at hand takes too long."""
        return time.monotonic() - self.since > WATCHDOG_S


Answer = tuple[int, str, str, str, float]


def run(bases: Bases, numbers: Iterator[int], processes: int) -> Iterator[Answer]:
    """Measure all files; a process that crashes or hangs is replaced, and its file counted as a fault."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workers = []
        for number in numbers:
            if len(workers) < processes:
                workers.append(Worker(bases, folder))
                workers[-1].give(number)
                continue
            worker, answer = _next_answer(workers)
            yield answer if answer else _lost(bases, worker)
            if answer is None:
                workers.remove(worker)
                workers.append(worker := Worker(bases, folder))
            worker.give(number)
        while workers:
            worker, answer = _next_answer(workers)
            yield answer if answer else _lost(bases, worker)
            workers.remove(worker)
            worker.process.kill()


def _next_answer(workers: list[Worker]) -> tuple[Worker, Answer | None]:
    """Wait for a worker to answer; no answer stands for one that crashed or was killed for hanging."""
    by_pipe = {worker.pipe: worker for worker in workers}
    while True:
        for pipe in wait(list(by_pipe), timeout=0.5):
            worker = by_pipe[pipe]  # type: ignore[index]
            try:
                answer: Answer = worker.pipe.recv()
            except EOFError:
                worker.process.join()
                return worker, None
            return worker, answer
        for worker in workers:
            if worker.is_overdue:
                worker.process.kill()
                worker.process.join()
                return worker, None


def _lost(bases: Bases, worker: Worker) -> Answer:
    code = worker.process.exitcode or 0
    kind, _, _ = spoilt(bases, worker.number)
    how = "hang" if code == -signal.SIGKILL else f"crash, exit code {code}"
    return worker.number, kind, "fault", how, time.monotonic() - worker.since


HEAD = """## Damaged and hostile files

{stamp} {files} files, seeded: one small photo (1200 x 800 pixels, offset 5 mm) in
13 kinds of JPEG, PNG and TIFF files, each spoilt in one way, a fifth of them in two; and photos whose QR code says
something else. A fault would be a crash, a file that takes over {limit:.0f} s, an exception other than the one for unreadable
files, anything printed by a library, a text with control characters, or JSON that is none. Silently wrong: offset
trustworthy, but off by more than three half widths of its interval and 1 % of the depth of field.
`python docs/studies/fuzz.py`

| what was done | files | measured | out of range | refused | unreadable | faults | silently wrong | slowest |
|---|---|---|---|---|---|---|---|---|"""


def page(answers: list[Answer]) -> str:
    """Return the results as a section of docs/accuracy.md."""
    lines = [HEAD.format(stamp=stamp(), files=len(answers), limit=LIMIT_S)]
    by_kind: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_kind[answer[1]].append(answer)
    for kind, rows in [*((kind, by_kind[kind]) for kind in KINDS if by_kind[kind]), ("**all**", answers)]:
        counts = Counter(outcome for _, _, outcome, _, _ in rows)
        wrong = sum(detail == "silently wrong" for *_, detail, _ in rows)
        cells = [
            len(rows),
            *(counts[outcome] for outcome in OUTCOMES),
            wrong,
            f"{max(row[4] for row in rows):.1f} s",
        ]
        lines.append(f"| {kind} | " + " | ".join(str(cell) for cell in cells) + " |")
    faults = [
        f"\nFault: file {n} ({kind}): {detail}" for n, kind, outcome, detail, _ in answers if outcome == "fault"
    ]
    return "\n".join([*lines, *faults]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, help="write the file of this number and say what comes of it")
    parser.add_argument("-o", "--output", type=Path, default=Path("spoilt.jpg"))
    arguments = parser.parse_args()
    bases = make_bases()
    if arguments.only is not None:
        kind, _, data = spoilt(bases, arguments.only)
        arguments.output.write_bytes(data)
        print(kind, *outcome_of(arguments.output), sep=": ")
        return
    start = time.monotonic()
    answers = []
    for answer in run(bases, iter(range(arguments.files)), arguments.processes):
        answers.append(answer)
        number, kind, outcome, detail, seconds = answer
        if outcome == "fault" or detail == "silently wrong":
            print(f"{number} {kind}: {outcome}: {detail} ({seconds:.1f} s)", flush=True)
        if len(answers) % 500 == 0:
            print(f"{len(answers)} files, {len(answers) / (time.monotonic() - start):.0f} a second", flush=True)
    answers.sort()
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(page(answers))


if __name__ == "__main__":
    main()
