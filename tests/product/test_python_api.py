"""The Python that the documentation shows runs, and prints what it says."""

from __future__ import annotations

import doctest
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "printed_samples"


def test_the_examples_of_the_python_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "photos").mkdir()
    for name in ("back-focus.jpg", "front-focus.jpg"):
        shutil.copy(SAMPLES / name, tmp_path)
        shutil.copy(SAMPLES / name, tmp_path / "photos")
    (tmp_path / "photos" / "broken.jpg").write_text("not a photo")
    monkeypatch.chdir(tmp_path)
    done = doctest.testfile(str(ROOT / "docs" / "python-api.md"), module_relative=False)
    assert done.attempted > 25
    assert done.failed == 0


def test_what_is_promised_is_there() -> None:
    import backfocus.targets
    import backfocus.verify
    import backfocus.verify.scoring

    for package in (backfocus.targets, backfocus.verify, backfocus.verify.scoring):
        for name in package.__all__:
            assert getattr(package, name).__doc__ is not None, name
