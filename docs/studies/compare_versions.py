"""Two versions of backfocus on the same photos, series, plans, charts and scans: where do their results differ?

python compare_versions.py draw FOLDER                 once, where backfocus can be imported
python compare_versions.py compare FOLDER OLD NEW      as often as wanted

OLD and NEW are `backfocus` executables, as of two virtual environments; only their command line is used. What OLD
says is kept in FOLDER/results/old and taken from there the next time; --again asks it anew. Numbers are equal if
they differ by up to a millionth, or by half of the last digit that both versions print of that field; all else must
be the same. Exit code 1 if anything differs. --ignore FIELD leaves out a field and what is in it, as `findings` or
`camera.lens`; --only WORD does only runs with that in their name, as `chart`.

Drawing takes three minutes on one core, each version after that one minute. compare_inputs.py says what is drawn.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2

INPUTS = "../../.."
"""The folder of the inputs, seen from that of a run."""
PHOTOS_A_RUN, SHOWN_A_FIELD, SHOWN_LENGTH, DPI = 8, 8, 200, 100
ALWAYS_IGNORED = ["date"]
CAMERAS = ("Nikon D850", "Canon EOS 5D Mark IV", "pentax", "ILCE-7RM4", "no such camera")
PLANS = (
    "--lens 85 --aperture 1.4",
    "--lens 85 --aperture 1.4 --camera nikon+d850 --paper a4",
    "--lens 85 --aperture 1.8 --camera canon+eos+5d+mark+iv --paper letter --megapixels 30",
    "--lens 50 --aperture 1.8 --camera pentax+k-1 --scatter 1.5",
    "--lens 35 --aperture 1.4 --sensor aps-c --camera nikon+d7200 --paper a3",
    "--lens 24 --aperture 2.8 --sensor aps-c-canon --paper tabloid --distance 80cm",
    "--lens 135 --aperture 2 --camera sony+slt-a99v --distance 4m",
    "--lens 200 --aperture 2.8 --camera nikon+d850 --scatter 3 --paper a3",
    "--lens 300 --aperture 4 --camera sony+ilce-7rm4 --megapixels 61",
    "--lens 25 --aperture 1.2 --sensor micro-four-thirds --camera olympus",
    "--lens 9 --aperture 1.8 --sensor 1-inch --distance 0.5m",
    "--lens 85 --aperture 5.6 --sensor 44 --camera nikon+d850 --distance 1.2m",
    "--lens 85 --aperture 1.4 --distance 2",
)
"""With + for a blank within a name."""


@dataclass(frozen=True)
class Run:
    """A run of backfocus, in a folder of its own."""

    name: str
    arguments: tuple[str, ...]


def runs(folder: Path) -> Iterator[Run]:
    """All runs; their names begin with the command."""
    photos = [f"{INPUTS}/photos/{photo.name}" for photo in sorted((folder / "photos").glob("*.jpg"))]
    for number, chunk in enumerate(photos[at : at + PHOTOS_A_RUN] for at in range(0, len(photos), PHOTOS_A_RUN)):
        yield Run(f"measure {number:02}", ("measure", "--json", *chunk))
    coloured = [photo for photo in photos if re.search(r"colour|/(zfold|wall|back-focus)\.", photo)]
    yield Run("measure channels", ("measure", "--json", "--channels", *coloured))
    tune = ("tune", "--json", "--no-record", "--processes", "1")
    nikon, canon = f"{INPUTS}/tune_nikon", f"{INPUTS}/tune_canon"
    for name, given in {"nikon": (nikon,), "canon": (canon,), "both": (nikon, canon)}.items():
        yield Run(f"tune {name}", (*tune, *given))
    for number, plan in enumerate(PLANS):
        yield Run(f"plan {number:02}", ("plan", "--json", *(word.replace("+", " ") for word in plan.split())))
    for design, paper in itertools.product(("flat", "zfold", "wall"), ("a4", "letter", "a3", "tabloid")):
        written = ("-o", "chart.pdf", "--geometry", "geometry.json")
        yield Run(f"chart {design}-{paper}", ("chart", design, "--paper", paper, *written))
    for path in sorted((folder / "scans").iterdir()):
        yield Run(f"check-print {path.name}", ("check-print", "--json", f"{INPUTS}/scans/{path.name}"))
    yield Run("check-print photo", ("check-print", "--json", f"{INPUTS}/photos/zfold.jpg", "--dpi", "300"))
    ruler = ("--printed-mm", "99.2x100.1", "--chart-id", "K7Q2XZ9")
    yield Run("check-print ruler", ("check-print", "--json", *ruler))
    yield Run("cameras all", ("cameras", "--json"))
    yield from (Run(f"cameras {camera}", ("cameras", "--json", camera)) for camera in CAMERAS)


def make(run: Run, executable: Path, at: Path) -> None:
    """Run it in the folder `at`, and write down there what came of it."""
    shutil.rmtree(at, ignore_errors=True)
    (at / "data").mkdir(parents=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["BACKFOCUS_DATA"] = str(at / "data")
    started = time.monotonic()
    done = subprocess.run([executable, *run.arguments], cwd=at, env=environment, capture_output=True, text=True)
    said = {"arguments": run.arguments, "exit": done.returncode, "stderr": done.stderr, "stdout": done.stdout}
    (at / "run.json").write_text(json.dumps(said, indent=1))
    print(f"{at.parent.name}: {run.name}, {time.monotonic() - started:.1f} s", file=sys.stderr)


def is_made(run: Run, at: Path) -> bool:
    made = at / "run.json"
    return made.exists() and json.loads(made.read_text())["arguments"] == list(run.arguments)


def results(run: Run, at: Path) -> Iterator[tuple[str, Any]]:
    """What a run said and wrote, by names that begin with that of the command."""
    said = json.loads((at / "run.json").read_text())
    yield f"{run.name}, run", {"exit": said["exit"], "stderr": said["stderr"].splitlines()}
    for number, value in enumerate(values(said["stdout"])):
        is_photo = isinstance(value, dict) and "photo" in value
        yield (f"{run.name}, {Path(value['photo']).name}" if is_photo else f"{run.name}, {number}"), value
    if (at / "geometry.json").exists():
        yield f"{run.name}, geometry", next(values((at / "geometry.json").read_text()))
    if (at / "chart.pdf").exists():
        yield f"{run.name}, PDF", [page_of(page) for page in pypdfium2.PdfDocument(at / "chart.pdf")]


def values(text: str) -> Iterator[Any]:
    """The JSON values in a text, with fractions as they are printed; from where there is none, the text."""
    decoder = json.JSONDecoder(parse_float=Decimal)
    while text := text.lstrip():
        try:
            value, end = decoder.raw_decode(text)
        except ValueError:
            value, end = text, len(text)
        yield value
        text = text[end:]


def page_of(page: Any) -> dict[str, Any]:
    return {
        "size_pt": [Decimal(f"{length:.3f}") for length in page.get_size()],
        "text": page.get_textpage().get_text_range().splitlines(),
        "picture": page.render(scale=DPI / 72, rev_byteorder=True).to_numpy()[..., :3],
    }


def shortened(value: object) -> str:
    text = str(value)
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}..."


def report(found: list[Difference], results: int) -> None:
    shown: Counter[str] = Counter()
    for each in found:
        shown[each.field] += 1
        if shown[each.field] <= SHOWN_A_FIELD:
            print(f"{each.result}: {each.path or 'all'}: {shortened(each.old)} -> {shortened(each.new)}")
    print(f"\n{len(found) or 'No'} difference{'s' * (len(found) != 1)} in {results} results" + ":" * bool(found))
    for field, count in shown.most_common():
        print(f"{count:6} {field}")


def packages(executable: Path) -> set[str]:
    """What is installed beside an executable; nothing if there is no Python beside it."""
    python = executable.with_name("python")
    if not python.exists():
        return set()
    listing = "import importlib.metadata as m\nfor each in m.distributions(): print(each.name, each.version)"
    return set(subprocess.run([python, "-c", listing], capture_output=True, text=True).stdout.splitlines())


def compare(folder: Path, old: Path, new: Path, *, only: str, again: bool, ignored: list[str]) -> bool:
    """Run what is not there yet, report, and return whether anything differs."""
    kept = folder.absolute() / "results"
    by = kept / "old" / "executable.txt"
    if again or (by.exists() and by.read_text() != str(old)):
        shutil.rmtree(kept / "old", ignore_errors=True)
    shutil.rmtree(kept / "new", ignore_errors=True)
    of_old: dict[str, Any] = {}
    of_new: dict[str, Any] = {}
    for run in (run for run in runs(folder) if only in run.name):
        places = [kept / version / re.sub(r"[^\w.-]+", "-", run.name) for version in ("old", "new")]
        if not is_made(run, places[0]):
            make(run, old, places[0])
            by.write_text(str(old))
        make(run, new, places[1])
        of_old |= results(run, places[0])
        of_new |= results(run, places[1])
    found = list(Comparison(of_old, of_new, [*ALWAYS_IGNORED, *ignored]).differences())
    report(found, len(of_old))
    beside_old, beside_new = packages(old), packages(new)
    if beside_old and beside_new and beside_old != beside_new:
        print(f"\nPackages of one only: {', '.join(sorted(beside_old ^ beside_new))}")
    return bool(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    phases = parser.add_subparsers(dest="phase", required=True)
    drawing, comparing = phases.add_parser("draw"), phases.add_parser("compare")
    drawing.add_argument("folder", type=Path, metavar="FOLDER")
    drawing.add_argument("--samples", type=Path, default=Path("printed_samples"), help="folder of photos to copy")
    comparing.add_argument("folder", type=Path, metavar="FOLDER")
    comparing.add_argument("old", type=Path, metavar="OLD")
    comparing.add_argument("new", type=Path, metavar="NEW")
    comparing.add_argument("--ignore", action="append", default=[], metavar="FIELD")
    comparing.add_argument("--only", default="", metavar="WORD")
    comparing.add_argument("--again", action="store_true")
    told = parser.parse_args()
    if told.phase == "draw":
        from compare_inputs import draw

        shutil.rmtree(told.folder / "results", ignore_errors=True)
        draw(told.folder, told.samples)
        return
    old, new = told.old.absolute(), told.new.absolute()
    if missing := [str(path) for path in (old, new) if not path.is_file()]:
        parser.error(f"no such executable: {', '.join(missing)}")
    sys.exit(compare(told.folder, old, new, only=told.only, again=told.again, ignored=told.ignore))


RELATIVE, ABSOLUTE, GREY_LEVELS = 1e-6, 1e-12, 2
"""What numbers and grey levels may differ by; the absolute one is for what would be zero but for rounding."""
MISSING = "(nothing)"


@dataclass(frozen=True)
class Difference:
    """What differs: in which result, and where in it."""

    result: str
    path: str
    old: object
    new: object

    @property
    def field(self) -> str:
        """The same for all results of a command and all places in a list."""
        return field_of(self.result, self.path)


def field_of(result: str, path: str) -> str:
    inside = re.sub(r"\[\d+\]", "[]", path)
    return f"{result.split()[0]}: {inside}"


class Comparison:
    """Finds the differences between the results of two versions, by name."""

    def __init__(self, old: dict[str, Any], new: dict[str, Any], ignored: list[str]) -> None:
        self.old, self.new, self.ignored = old, new, ignored
        decimals, decimals_new = _decimals(old), _decimals(new)
        self.half_digit = {
            field: 0.501 * 10.0 ** -min(decimals[field], decimals_new[field])
            for field in decimals.keys() & decimals_new.keys()
        }

    def differences(self) -> Iterator[Difference]:
        for name in dict.fromkeys((*self.old, *self.new)):
            yield from self._between(name, "", self.old.get(name, MISSING), self.new.get(name, MISSING))

    def _between(self, name: str, path: str, old: Any, new: Any) -> Iterator[Difference]:
        if isinstance(old, dict) and isinstance(new, dict):
            for key in dict.fromkeys((*old, *new)):
                inner = f"{path}.{key}" if path else key
                if not self._is_ignored(inner):
                    yield from self._between(name, inner, old.get(key, MISSING), new.get(key, MISSING))
        elif isinstance(old, list) and isinstance(new, list):
            for place, pair in enumerate(itertools.zip_longest(old, new, fillvalue=MISSING)):
                yield from self._between(name, f"{path}[{place}]", *pair)
        elif isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
            if said := _unlike(old, new):
                yield Difference(name, path, "picture", said)
        elif not self._is_same(field_of(name, path), old, new):
            yield Difference(name, path, old, new)

    def _is_ignored(self, path: str) -> bool:
        field = re.sub(r"\[\d+\]", "", path)
        return any(f".{field}".endswith(f".{ignored}") for ignored in self.ignored)

    def _is_same(self, field: str, old: Any, new: Any) -> bool:
        if not (_is_number(old) and _is_number(new)):
            return type(old) is type(new) and bool(old == new)
        off, larger = abs(float(old) - float(new)), max(abs(float(old)), abs(float(new)))
        return off <= max(ABSOLUTE, RELATIVE * larger, self.half_digit.get(field, 0.0)) or str(old) == str(new)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _unlike(old: npt.NDArray[np.uint8], new: npt.NDArray[np.uint8]) -> str | None:
    """How far a picture differs from another, or None."""
    if old.shape != new.shape:
        return f"another size, {new.shape[1]} x {new.shape[0]} pixels"
    off = np.abs(old.astype(np.int16) - new).max(axis=2)
    return f"{(off > GREY_LEVELS).sum()} pixels off, by up to {off.max()}" if off.max() > GREY_LEVELS else None


def _decimals(results: dict[str, Any]) -> dict[str, int]:
    """The most decimals of each field: a zero at the end is not printed."""
    most: dict[str, int] = {}
    for name, result in results.items():
        for path, value in _leaves("", result):
            if _is_number(value):
                exponent = Decimal(value).as_tuple().exponent
                field = field_of(name, path)
                most[field] = max(most.get(field, 0), -exponent if isinstance(exponent, int) else 0)
    return most


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}" if path else key, inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(f"{path}[{place}]", inner)
    else:
        yield path, value


if __name__ == "__main__":
    main()
