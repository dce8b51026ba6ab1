"""A folder as a workshop leaves it, its table, and the command that makes it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from photo_folders import NO_PHOTO, SAMPLES

from backfocus.cli import cli


@pytest.fixture
def run() -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(cli, ["score", *map(str, arguments)])


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with photos in folders, a damaged one, one that is none, hidden files, others, and a loop."""
    folder = tmp_path_factory.mktemp("workshop")
    (folder / "Åsa").mkdir()
    shutil.copy(SAMPLES / "back-focus.jpg", folder / "Åsa" / "=1+1.jpg")
    shutil.copy(SAMPLES / "front-focus.jpg", folder / "front.JPG")
    (folder / "short.jpg").write_bytes((SAMPLES / "back-focus.jpg").read_bytes()[:100_000])
    (folder / "tab\t\\.jpg").write_text(NO_PHOTO)
    (folder / "._front.JPG").write_text("what macOS writes")
    (folder / "notes.txt").write_text("mine")
    (folder / "Åsa" / "loop").symlink_to(folder)
    (folder / "nowhere.jpg").symlink_to("missing")
    return folder


@pytest.fixture(scope="session")
def scored(workshop: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The table of the workshop, and what the command said."""
    table = tmp_path_factory.mktemp("table") / "results.csv"
    return table, CliRunner().invoke(cli, ["score", str(workshop), "-o", str(table), "--jobs", "2"])
