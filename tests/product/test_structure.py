"""The house itself: imports run down only, without circles, and a file is read in one sitting."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("targets", "verify", "web", "cli")
FLOORS = (
    ("targets",),
    ("verify.findings", "verify.formats", "verify.lens", "verify.storage", "verify.threads"),
    ("verify.photo",),
    ("verify.lists",),
    ("verify.geometry", "verify.cameras", "verify.simulate"),
    ("verify.edges",),
    ("verify.detect",),
    ("verify.fit", "verify.prints"),
    ("verify.checks", "verify.seen", "verify.sharpness"),
    ("verify.answer",),
    ("verify.measurement",),
    ("verify.measure",),
    ("verify",),
    ("verify.tuning", "verify.scoring", "verify.simulate.study", "verify.simulate.validate"),
    ("verify.report",),
    ("web",),
    ("cli",),
)
"""Ground first. A module may import from its own floor and from those below it."""
MOST_LINES = 450
HEAVY = (
    "matplotlib",
    "rawpy",
    "reportlab",
    "pypdfium2",
    "rich",
    "jinja2",
    "pydantic",
    "starlette",
    "uvicorn",
    "distributed",
    "pyarrow",
)
"""Libraries that measuring a JPEG has no use for."""


def modules() -> dict[str, Path]:
    """Every module of the product, by its dotted name under `backfocus`."""
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    return {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files
    }


def imported(name: str, file: Path, known: dict[str, Path]) -> set[str]:
    """The modules of the product that a module imports anywhere, in functions too."""
    package = name.split(".") if file.name == "__init__.py" else name.split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level:
            parts = package[: len(package) - node.level + 1] + (node.module or "").split(".")
            source = ".".join(part for part in parts if part)
        elif (node.module or "").startswith("backfocus."):
            source = str(node.module).removeprefix("backfocus.")
        else:
            continue
        for alias in node.names:
            module = f"{source}.{alias.name}" if f"{source}.{alias.name}" in known else source
            found.add(module)
    return (found & known.keys()) - {name}


def arrows() -> dict[str, set[str]]:
    known = modules()
    return {name: imported(name, file, known) for name, file in known.items()}


def floor(name: str) -> int:
    """The floor whose entry names the module, or the room it is in, most closely."""
    rooms = [
        (len(room), level)
        for level, names in enumerate(FLOORS)
        for room in names
        if f"{name}.".startswith(f"{room}.")
    ]
    return max(rooms)[1]


def test_imports_make_no_circle() -> None:
    assert list(TopologicalSorter(arrows()).static_order())


def test_no_import_runs_back_up() -> None:
    up = [
        f"{name} -> {other}" for name, others in arrows().items() for other in others if floor(other) > floor(name)
    ]
    assert up == []


def test_imports_within_a_package_are_relative() -> None:
    absolute = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for name, file in modules().items()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"backfocus.{name.split('.')[0]}")
    ]
    assert absolute == []


def test_every_file_is_read_in_one_sitting() -> None:
    files = [*modules().values(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").rglob("*.py")]
    long = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES} == {}


@pytest.mark.parametrize(
    ("program", "unused"),
    [
        ("import backfocus.cli", ("numpy", "cv2", "scipy", "PIL", *HEAVY)),
        ("from backfocus.verify import measure; measure('printed_samples/back-focus.jpg')", HEAVY),
    ],
    ids=["help", "measure"],
)
def test_nothing_is_loaded_that_is_not_used(program: str, unused: tuple[str, ...]) -> None:
    told = f"import sys; {program}; print(*sorted(set(sys.modules) & {set(unused)!r}))"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
