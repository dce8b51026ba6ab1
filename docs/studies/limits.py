"""Which limits of the measuring path does no test notice? Each is moved by a third, up and down, one at a time.

python docs/studies/limits.py [WORD...] [--processes N]

A limit is a numeric constant of a module in `PATH`, or a limit of a finding in the registry. Tests that fail by
themselves stop the script; so does anything but a failing test, as a limit that merely breaks the script is not
noticed. Where the tests in `PATH` still pass with a limit moved, the test of a drawn photo in `PHOTOS` is run, where
there is one; where that passes too, the limit survives. A survivor has its reason in `REASONS`; exit code 1 if one
has none. The list is written to `LIST`. With words, only limits whose names contain one of them are moved, and the
list is kept for the others, if there is one of as many limits.

All survivors of the fits leave every number of the scenes in tests/support/golden_scenes.py as it is stored, to a
ten-thousandth: offsets of 8 mm to 0.001 mm, blur to 0.0001 px; those of finding a sheet, to a thousandth.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

from backfocus.verify.findings import KINDS

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "docs/studies/results/limits.md"
CORE, FINDINGS, GOLDEN = "tests/core", "tests/findings", "tests/core/test_golden.py"
FIDUCIALS = "tests/measuring/test_fiducials.py"
REGISTRY = f"{FINDINGS}/test_registry.py"
EDGES = (f"{GOLDEN}::test_edges_have_the_stored_blur_and_place", f"{CORE}/test_edges.py")
POSE = (f"{GOLDEN}::test_poses_are_the_stored_ones", f"{CORE}/test_pose.py")
CURVE = (
    f"{GOLDEN}::test_curves_and_intervals_are_the_stored_ones",
    f"{CORE}/test_focus_curve.py",
    "tests/focus/test_focus_form.py",
)
SCALE = (f"{CORE}/test_scale_of_edges.py", *EDGES)
RIDGE = (f"{CORE}/test_contrast.py", f"{CORE}/test_ridge.py", CURVE[0])
PAPER = ("tests/prints/test_paper.py",)
SHEETS = (
    f"{CORE}/test_sheets.py",
    f"{GOLDEN}::test_sheets_are_found_where_they_were",
    f"{FINDINGS}/test_limits.py",
)
CHECKS = (f"{FINDINGS}/test_measures.py", f"{FINDINGS}/test_limits.py", f"{FINDINGS}/test_verdict.py")
QUICK = "not ninety_five and not loads_nothing"
"""Leaves out the slowest test of the curve, and those that start a Python of their own, which no limit moves."""
PATH = {
    "edges.profiles": EDGES,
    "edges.fit": EDGES,
    "edges.samples": EDGES,
    "geometry": POSE,
    "fit.pose": POSE,
    "edges.scale": SCALE,
    "edges.tails": SCALE,
    "edges.contrast": RIDGE,
    "fit.robust": (*POSE[:1], *CURVE),
    "fit.motion": CURVE,
    "fit.curve": CURVE,
    "fit.problem": CURVE,
    "fit.freedom": CURVE,
    "fit.search": CURVE,
    "fit.focus": CURVE,
    "fit.ridge_fit": RIDGE,
    "fit.ridge": RIDGE,
    "fit.plane": RIDGE,
    "fit.interval": (*CURVE, f"{FINDINGS}/test_measures.py"),
    "lens": ("tests/focus/test_optics.py", f"{FINDINGS}/test_verdict.py"),
    "detect.markers": SHEETS,
    "detect.sheets": SHEETS,
    "detect.find_chart": SHEETS,
    "detect.by_hand": SHEETS,
    "detect.why_not_found": SHEETS,
    "detect.outline": PAPER,
    "checks": CHECKS,
    "measure": CHECKS,
    "photo.pixels": ("tests/photo/test_photo_reading.py",),
    "photo.reading": ("tests/photo/test_photo_reading.py",),
}
"""Modules of `backfocus.verify`, and the tests that are to hold their limits, those that are quick to fail first."""
CURVE_PLACES = (
    *(
        "OFFSET",
        "LOG_FLOOR",
        "LOG_SLOPE",
        "EXPONENT",
        "ASTIGMATISM",
        "ALONG",
        "ACROSS",
        "TILT",
        "LIGHT",
        "STRENGTH",
    ),
    *("TURN", "HEAD", "PARAMETERS"),
)
BY_A_THIRD = (4 / 3, 2 / 3)
NO_LIMITS = {
    **dict.fromkeys((f"fit.curve.{name}" for name in CURVE_PLACES), "place"),
    "fit.search.TURN": "place",
    **dict.fromkeys(("edges.contrast.FINE", "edges.contrast.COARSE"), "place"),
    **dict.fromkeys(("geometry.RIGID", "geometry.PARAMETERS", "geometry.FOLD_PARAMETERS"), "place"),
    **dict.fromkeys(("detect.markers.GRID",), "sum"),
}
"""Numbers that are no limits: places in a list of parameters, and sums of others."""

PHOTOS: dict[str, str] = {}
"""Tests that draw a photo, for limits that no quick test notices."""
STEP = "a step, a table or a count of the arithmetic: all stored numbers stay"
START = "where a fit starts: all stored numbers stay"
GROUPS = "how much is worked on at once, each piece or row by itself"
REASONS: dict[str, str] = {
    **dict.fromkeys(
        (
            "edges.fit.ITERATIONS",
            "edges.fit.STILL",
            "edges.fit.QUADRATURE",
            "edges.fit.NORMAL_RANGE",
            "edges.fit.NORMAL_STEPS",
            "fit.pose.DIFFERENCE",
            "fit.curve.DIFFERENCE_MM",
            "fit.freedom.NONE",
            "fit.interval.STEP",
            "detect.by_hand.ITERATIONS",
        ),
        STEP,
    ),
    **dict.fromkeys((*(f"fit.pose.FOCAL_GUESSES[{guess}]" for guess in range(3)), "fit.freedom.EVEN_START"), START),
    **dict.fromkeys(
        (
            "edges.profiles.ROWS_ALIKE",
            "edges.profiles.COLUMNS_ALIKE",
            "edges.profiles.SAMPLES_AT_ONCE",
            "photo.pixels._ROWS_AT_ONCE",
        ),
        GROUPS,
    ),
}
"""Why a limit may survive."""

PASSED, FAILED, BROKEN = range(3)


@dataclass(frozen=True)
class NamedLimit:
    """A constant of a module, an item of it if it is a tuple, or a limit of a finding."""

    name: str
    tests: tuple[str, ...]
    module: str
    constant: str
    item: int | None = None

    @property
    def value(self) -> float:
        """The limit as it is."""
        if self.module == "findings":
            return KINDS[self.constant].limits[self.item or 0].value
        value = getattr(_module(self.module), self.constant)
        return float(value if self.item is None else value[self.item])

    def move(self, factor: float) -> None:
        """Set the limit to `factor` times its value wherever it is known: by its name, or as a usual argument."""
        moved: float = self.value * factor
        if self.module == "findings":
            object.__setattr__(KINDS[self.constant].limits[self.item or 0], "value", moved)
            return
        own = _module(self.module)
        old = getattr(own, self.constant)
        if isinstance(old if self.item is None else old[self.item], int):
            moved = round(moved) if round(moved) != self.value else self.value + (1 if factor > 1 else -1)
        whole = moved if self.item is None else (*old[: self.item], moved, *old[self.item + 1 :])
        for module in [module for name, module in sys.modules.items() if name.startswith("backfocus.verify")]:
            if vars(module).get(self.constant) is old and (
                module is own or self.constant not in _constants(module)
            ):
                setattr(module, self.constant, whole)
        for function in vars(own).values():
            if isinstance(function, FunctionType) and function.__defaults__ and isinstance(old, float):
                function.__defaults__ = tuple(whole if each is old else each for each in function.__defaults__)
        assert self.value != float(old if self.item is None else old[self.item])


def limits() -> Iterator[NamedLimit]:
    """All named limits of the measuring path."""
    for name, tests in PATH.items():
        module = _module(name)
        for constant in _constants(module):
            value = getattr(module, constant)
            if f"{name}.{constant}" in NO_LIMITS:
                continue
            if isinstance(value, (int, float)) and not isinstance(value, bool) and value:
                yield NamedLimit(f"{name}.{constant}", tests, name, constant)
            elif isinstance(value, tuple) and all(isinstance(each, (int, float)) for each in value):
                for item in range(len(value)):
                    yield NamedLimit(f"{name}.{constant}[{item}]", tests, name, constant, item)
    for code, kind in KINDS.items():
        for item, limit in enumerate(kind.limits):
            yield NamedLimit(f"findings.{code}[{item}] ({limit.unit})", (REGISTRY,), "findings", code, item)


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"backfocus.verify.{name}")


def _constants(module: ModuleType) -> list[str]:
    """The names in capitals that the module itself gives a value."""
    if not module.__file__:
        return []
    found = []
    for statement in ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body:
        for target in statement.targets if isinstance(statement, ast.Assign) else ():
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            found += [each.id for each in names if isinstance(each, ast.Name) and each.id.isupper()]
    return found


def _run(*arguments: str) -> int:
    """How tests end, with nothing printed; to be called in a process of its own."""
    options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-k", QUICK]
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        ended = pytest.main([*options, *arguments])
    return {pytest.ExitCode.OK: PASSED, pytest.ExitCode.TESTS_FAILED: FAILED}.get(pytest.ExitCode(ended), BROKEN)


def _in_a_fork(tests: tuple[str, ...], limit: NamedLimit | None = None, factor: float = 1.0) -> int:
    """How tests end with a limit moved, or with none; what breaks this script itself is told apart."""
    child = os.fork()
    if child == 0:
        ended = BROKEN
        try:
            if limit is not None:
                limit.move(factor)
            ended = _run(*tests)
        finally:
            os._exit(ended)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@dataclass(frozen=True)
class Outcome:
    """What came of moving a limit: who noticed, by direction; None for nobody. `broken` if tests could not run."""

    limit: NamedLimit
    noticed: dict[float, str | None]
    broken: bool = False

    @property
    def survives(self) -> str:
        """The directions in which nobody notices."""
        return " and ".join(f"x {factor:.2f}" for factor, by in self.noticed.items() if by is None)


def _move(limit: NamedLimit) -> Outcome:
    noticed: dict[float, str | None] = {}
    for factor in BY_A_THIRD:
        ended = _in_a_fork(limit.tests, limit, factor)
        noticed[factor] = "a unit test" if ended == FAILED else None
        if ended == PASSED and limit.name in PHOTOS:
            ended = _in_a_fork((PHOTOS[limit.name],), limit, factor)
            noticed[factor] = PHOTOS[limit.name] if ended == FAILED else None
        if ended not in (PASSED, FAILED):
            return Outcome(limit, noticed, broken=True)
    return Outcome(limit, noticed)


def _check_unmoved(chosen: list[NamedLimit]) -> None:
    for tests in dict.fromkeys(limit.tests for limit in chosen):
        if _in_a_fork(tests) != PASSED:
            sys.exit(f"with nothing moved, these tests do not pass: {' '.join(tests)}")
    for test in dict.fromkeys(PHOTOS[limit.name] for limit in chosen if limit.name in PHOTOS):
        if _in_a_fork((test,)) != PASSED:
            sys.exit(f"with nothing moved, this test does not pass: {test}")


def report(outcomes: list[Outcome]) -> str:
    """Return the list as Markdown: how many were moved and noticed, and the survivors by reason."""
    survivors = [one for one in outcomes if one.survives]
    photos = [one for one in outcomes if not one.survives and set(one.noticed.values()) != {"a unit test"}]
    lines = [
        "# Limits that no test notices",
        "",
        "Written by `docs/studies/limits.py`: every named limit of the measuring path is moved by a third, up and",
        "down, one at a time.",
        "",
        f"{len(outcomes)} limits moved, {len(outcomes) - len(survivors)} noticed both ways"
        f" ({len(photos)} of them only by a test that draws a photo), {len(survivors)} not, or one way only. Where a",
        "reason says that all stored numbers stay, those of tests/support/golden_scenes.py are meant.",
        "",
        "| room | moved | noticed |",
        "|---|---|---|",
    ]
    for room in dict.fromkeys(one.limit.module for one in outcomes):
        own = [one for one in outcomes if one.limit.module == room]
        lines.append(f"| {room} | {len(own)} | {sum(not one.survives for one in own)} |")
    lines += ["", "## Noticed by a photo", "", "| limit | test |", "|---|---|"] if photos else []
    lines += [f"| {one.limit.name} = {one.limit.value:g} | {PHOTOS[one.limit.name]} |" for one in photos]
    lines += ["", "## Survivors", "", "| limit | moved | reason |", "|---|---|---|"]
    lines += [
        f"| {one.limit.name} = {one.limit.value:g} | {one.survives} | {REASONS.get(one.limit.name, '**none**')} |"
        for one in sorted(survivors, key=lambda one: REASONS.get(one.limit.name, ""))
    ]
    return "\n".join(lines) + "\n"


def listed() -> list[Outcome]:
    """What the list says of each limit; nothing if there is none, or one of other limits."""
    text = LIST.read_text(encoding="utf-8") if LIST.exists() else ""
    every = list(limits())
    if f"\n{len(every)} limits moved" not in text:
        return []
    rows = dict(_survivor_rows(text))
    return [
        Outcome(
            limit,
            {
                factor: None
                if f"x {factor:.2f}" in rows.get(limit.name, "")
                else PHOTOS.get(limit.name, "a unit test")
                for factor in BY_A_THIRD
            },
        )
        for limit in every
    ]


def _survivor_rows(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("## Survivors")[-1].splitlines():
        cells = line.strip("| ").split(" | ")
        if len(cells) == 3 and " = " in cells[0]:
            yield cells[0].rsplit(" = ", 1)[0], cells[1]


def main() -> None:
    """Move all limits, print survivors without a reason as they are found, and write the list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    given = parser.parse_args()
    os.chdir(ROOT)
    started = time.monotonic()
    chosen = [one for one in limits() if not given.words or any(word in one.name for word in given.words)]
    # Loaded here, the tests need not be loaded again in each process.
    _run("--collect-only", *sorted({test for limit in chosen for test in limit.tests}))
    _check_unmoved(chosen)
    outcomes = []
    with multiprocessing.get_context("fork").Pool(given.processes, maxtasksperchild=1) as pool:
        for outcome in pool.imap(_move, chosen):
            if outcome.broken:
                sys.exit(f"{outcome.limit.name}: tests could not be run with it moved")
            outcomes.append(outcome)
            if outcome.survives and outcome.limit.name not in REASONS:
                print(
                    f"{outcome.limit.name} = {outcome.limit.value:g}: no test notices {outcome.survives}",
                    flush=True,
                )
    for one in outcomes:
        if not one.survives and one.limit.name in REASONS:
            print(f"{one.limit.name}: a test notices it now; its reason may go")
    moved = {one.limit.name: one for one in outcomes}
    whole = [moved.get(one.limit.name, one) for one in listed()] if given.words else outcomes
    if whole:
        LIST.write_text(report(whole), encoding="utf-8")
    unknown = sum(bool(one.survives) and one.limit.name not in REASONS for one in outcomes)
    known = sum(bool(one.survives) for one in outcomes) - unknown
    print(
        f"{len(outcomes)} limits moved in {time.monotonic() - started:.0f} s: {unknown} survivors without a reason, "
        f"{known} with one"
    )
    sys.exit(bool(unknown))


if __name__ == "__main__":
    main()
