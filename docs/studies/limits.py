"""Which limits of the measuring path does no unit test hold? Each is moved by a third, up and down, one at a time.

python docs/studies/limits.py [WORD...] [--processes N]

A limit is a numeric constant of a module in `PATH`, or a limit of a finding in the registry. Where the unit tests in
`TESTS` still pass with it moved, it is listed as a survivor. Each survivor that is known has its reason in `REASONS`;
exit code 1 if there is another one. With words, only limits whose names contain one of them.
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
from types import ModuleType

import pytest

from backfocus.verify.findings import KINDS

ROOT = Path(__file__).resolve().parents[2]
CORE, FINDINGS, FIDUCIALS = "tests/core", "tests/findings", "tests/measuring/test_fiducials.py"
DOCUMENTATION = "tests/product/test_documentation.py"
"""docs/findings.md states each finding's limit as a number; `FINDINGS` shows that it is where the finding begins."""
QUICK = "not fiducials and not ninety_five or told_apart or false_marker or one_marker or behind or least_blur"
"""Leaves out the tests of `FIDUCIALS` that need a simulated photo, and the slowest of the curve's."""
PATH = {
    "edges.profiles": [f"{CORE}/test_edges.py"],
    "edges.fit": [f"{CORE}/test_edges.py"],
    "edges.samples": [f"{CORE}/test_edges.py"],
    "fit.pose": [f"{CORE}/test_pose.py"],
    "fit.robust": [f"{CORE}/test_pose.py", f"{CORE}/test_focus_curve.py"],
    "fit.curve": ["tests/focus/test_focus_form.py", f"{CORE}/test_focus_curve.py"],
    "fit.problem": [f"{CORE}/test_focus_curve.py"],
    "fit.focus": [f"{CORE}/test_focus_curve.py"],
    "fit.interval": [f"{CORE}/test_focus_curve.py"],
    "lens": ["tests/focus/test_optics.py", f"{FINDINGS}/test_verdict.py"],
    "detect.markers": [FIDUCIALS],
    "detect.sheets": [FIDUCIALS],
    "detect.find_chart": [FIDUCIALS],
    "detect.why_not_found": [FIDUCIALS, FINDINGS],
    "checks": [FINDINGS],
    "measure": [FINDINGS],
}
"""Modules of `backfocus.verify`, and the tests that are to hold their limits."""
BY_A_THIRD = (4 / 3, 2 / 3)

STEP = "the result must not depend on it: a step, a table or a bound of the arithmetic"
PICTURE = "needs a picture; left to the simulated photos of tests/measuring, which this script does not take"
REASONS = {
    **dict.fromkeys(
        (
            "edges.profiles.BINS",
            "edges.profiles.ROWS_ALIKE",
            "edges.profiles.COLUMNS_ALIKE",
            "edges.profiles.SAMPLES_AT_ONCE",
            "edges.fit.RHO_STEPS",
            "edges.fit.T_RANGE",
            "edges.fit.T_STEPS",
            "edges.fit.QUADRATURE",
            "edges.fit.NORMAL_RANGE",
            "edges.fit.NORMAL_STEPS",
            "edges.fit.ITERATIONS",
            "edges.fit.STILL",
            "edges.fit.FIRST_EVERY",
            "fit.pose.DIFFERENCE",
            "fit.pose.OUTLIER_ROUNDS",
            "fit.robust.MAX_STEPS",
            "fit.robust.ENOUGH",
            "fit.curve.DIFFERENCE_MM",
            "fit.curve.NONE",
            "fit.curve.GRID",
            "fit.problem.DEPTH_STEP",
            "fit.interval.STEP",
        ),
        STEP,
    ),
    "edges.fit.FIRST_WINDOW": "of the first look only; the second finds the same edge",
    **{f"fit.pose.FOCAL_GUESSES[{guess}]": "where fits start; they end in the same pose" for guess in range(4)},
    "fit.pose.HOPELESS": "saves the fit of a start that ends worse",
    **dict.fromkeys(
        ("fit.pose.CORNER_FLOOR_PX", "fit.pose.EDGE_FLOOR_PX"),
        "of pictures without noise: smaller than all other errors of a photo, and of these tests",
    ),
    **dict.fromkeys(
        (
            "edges.samples.MIN_WINDOW_BLURS",
            "detect.markers.SURROUNDINGS",
            "detect.markers.MEAN_LEVEL",
            "detect.markers.DARKNESS",
        ),
        PICTURE,
    ),
    "fit.interval.PRINT_SCALE": "handed on by `measure`, which needs a photo; that it counts in proportion is tested",
}
"""Why a limit may survive."""


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

    def move(self, factor: float) -> float:
        """Set the limit to `factor` times its value, wherever it is known, and return that."""
        moved: float = self.value * factor
        if self.module == "findings":
            object.__setattr__(KINDS[self.constant].limits[self.item or 0], "value", moved)
            return moved
        whole = old = getattr(_module(self.module), self.constant)
        if isinstance(old if self.item is None else old[self.item], int):
            moved = round(moved) if round(moved) != self.value else self.value + (1 if factor > 1 else -1)
        whole = moved if self.item is None else (*old[: self.item], moved, *old[self.item + 1 :])
        for module in [module for name, module in sys.modules.items() if name.startswith("backfocus.verify")]:
            if vars(module).get(self.constant) is old:
                setattr(module, self.constant, whole)
        return moved


def limits() -> Iterator[NamedLimit]:
    """All named limits of the measuring path."""
    for name, tests in PATH.items():
        module = _module(name)
        for constant in _constants(module):
            value = getattr(module, constant)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and value:
                yield NamedLimit(f"{name}.{constant}", tuple(tests), name, constant)
            elif isinstance(value, tuple) and all(isinstance(each, (int, float)) for each in value):
                for item in range(len(value)):
                    yield NamedLimit(f"{name}.{constant}[{item}]", tuple(tests), name, constant, item)
    for code, kind in KINDS.items():
        for item, limit in enumerate(kind.limits):
            yield NamedLimit(f"findings.{code}[{item}] ({limit.unit})", (DOCUMENTATION,), "findings", code, item)


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"backfocus.verify.{name}")


def _constants(module: ModuleType) -> Iterator[str]:
    """The names in capitals that the module itself gives a value."""
    assert module.__file__ is not None
    for statement in ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body:
        for target in statement.targets if isinstance(statement, ast.Assign) else ():
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            yield from (each.id for each in names if isinstance(each, ast.Name) and each.id.isupper())


def survives(limit: NamedLimit, factor: float) -> bool:
    """Whether all tests pass with the limit moved; to be called in a process of its own."""
    try:
        limit.move(factor)
        return _passes(*limit.tests)
    except Exception:
        return False


def _passes(*arguments: str) -> bool:
    options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-k", QUICK]
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        return pytest.main([*options, *arguments]) == pytest.ExitCode.OK


def _survivors(limit: NamedLimit) -> list[str]:
    return [f"x {factor:.2f}" for factor in BY_A_THIRD if _in_a_fork(limit, factor)]


def _in_a_fork(limit: NamedLimit, factor: float) -> bool:
    child = os.fork()
    if child == 0:
        os._exit(int(survives(limit, factor)))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def main() -> None:
    """Print survivors without a reason, and how many have one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    given = parser.parse_args()
    os.chdir(ROOT)
    started = time.monotonic()
    chosen = [one for one in limits() if not given.words or any(word in one.name for word in given.words)]
    # Loaded here, the tests need not be loaded again in each process.
    _passes("--collect-only", *sorted({test for limit in chosen for test in limit.tests}))
    found: dict[NamedLimit, list[str]] = {}
    with multiprocessing.get_context("fork").Pool(given.processes, maxtasksperchild=1) as pool:
        for limit, moved in zip(chosen, pool.imap(_survivors, chosen), strict=True):
            found |= {limit: moved} if moved else {}
            if moved and limit.name not in REASONS:
                print(f"{limit.name} = {limit.value:g}: no test notices {' and '.join(moved)}", flush=True)
    unknown = [limit for limit in found if limit.name not in REASONS]
    stale = sorted(limit.name for limit in chosen if limit.name in REASONS and limit not in found)
    for name in stale:
        print(f"{name}: a test notices it now; its reason may go")
    print(
        f"{len(chosen)} limits moved in {time.monotonic() - started:.0f} s: {len(unknown)} survivors without a reason, "
        f"{len(found) - len(unknown)} with one"
    )
    sys.exit(bool(unknown))


if __name__ == "__main__":
    main()
