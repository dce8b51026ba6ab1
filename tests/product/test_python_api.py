"""The Python that the documentation shows runs, and prints what it says; what is public is named, and whole."""

from __future__ import annotations

import ast
import datetime
import doctest
import importlib
import shutil
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from series_shots import D850, at_settings
from test_structure import modules

from backfocus.targets import build_chart
from backfocus.verify import CameraInfo, analyse
from backfocus.verify.cameras import find_makers, makers
from backfocus.verify.prints import check_readings
from backfocus.verify.report import measurement_text, page_html, report_of_photo
from backfocus.verify.tuning import SENSORS_MM, Setup, make_plan, saved, tune

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "printed_samples"
PAGE = ROOT / "docs" / "python-api.md"
PACKAGES = sorted(
    f"backfocus.{name}"
    for name, file in modules().items()
    if file.name == "__init__.py" and name not in ("cli", "web")
)


def examples() -> list[ast.stmt]:
    """What the page's examples say, as statements."""
    shown = doctest.DocTestParser().get_examples(PAGE.read_text(encoding="utf-8"))
    return [statement for example in shown for statement in ast.parse(example.source).body]


def test_the_examples_of_the_python_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKFOCUS_DATA", str(tmp_path / "data"))
    (tmp_path / "photos").mkdir()
    for name in ("back-focus.jpg", "front-focus.jpg"):
        shutil.copy(SAMPLES / name, tmp_path)
        shutil.copy(SAMPLES / name, tmp_path / "photos")
    (tmp_path / "photos" / "broken.jpg").write_text("not a photo")
    monkeypatch.chdir(tmp_path)
    done = doctest.testfile(str(PAGE), module_relative=False)
    assert done.attempted > 90
    assert done.failed == 0


def test_examples_need_only_what_is_public() -> None:
    found = [
        (statement.module, alias.name)
        for statement in examples()
        if isinstance(statement, ast.ImportFrom) and str(statement.module).startswith("backfocus")
        for alias in statement.names
    ]
    assert len(found) > 30
    for module, name in found:
        assert module in PACKAGES, f"{module} is no package"
        assert name in importlib.import_module(str(module)).__all__, f"{module}.{name}"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_what_is_public_and_has_it(package: str) -> None:
    found = importlib.import_module(package)
    assert len(set(found.__all__)) == len(found.__all__)
    for name in found.__all__:
        it = getattr(found, name)
        assert not isinstance(it, ModuleType), f"{package}.{name}"
        if isinstance(it, type | FunctionType):
            assert it.__doc__, f"{package}.{name}"


@pytest.mark.parametrize("package", [name for name in PACKAGES if importlib.import_module(name).__all__])
def test_every_public_package_is_on_the_page(package: str) -> None:
    assert package.split(".")[-1] in PAGE.read_text(encoding="utf-8")


def test_every_result_can_be_hashed_and_is_frozen() -> None:
    chart = build_chart()
    analysis = analyse(SAMPLES / "back-focus.jpg")
    result = tune(at_settings(-6.0))
    plan = make_plan(Setup(85.0, 1.4, SENSORS_MM["full-frame"], 2550.0, 6000), find_makers("Nikon D850")[0])
    results = [
        analysis,
        analysis.measurement,
        result,
        saved(result, datetime.datetime.now(tz=datetime.UTC)),
        plan,
        chart,
        D850,
        CameraInfo(),
        check_readings((99.0, 99.0), chart.id, chart),
        *makers(),
        *at_settings(3.0),
    ]
    for it in results:
        assert isinstance(hash(it), int)
        check_frozen(it)


def check_frozen(it: Any) -> None:
    """It and all that it is made of cannot be changed, so that a hash stays true."""
    if is_dataclass(it) and not isinstance(it, type):
        assert it.__dataclass_params__.frozen, type(it)  # type: ignore[attr-defined]
        if it.__dataclass_params__.eq:  # type: ignore[attr-defined]
            for part in fields(it):
                check_frozen(getattr(it, part.name))
    elif isinstance(it, tuple):
        for part in it:
            check_frozen(part)
    else:
        assert not isinstance(it, list | dict | set), it


def test_text_and_page_of_one_photo_begin_with_its_answer() -> None:
    analysis = analyse(SAMPLES / "front-focus.jpg")
    answer = analysis.measurement.answer
    assert answer is not None
    assert measurement_text(analysis.measurement).startswith(answer.dial)
    assert answer.dial in page_html(report_of_photo(analysis))
