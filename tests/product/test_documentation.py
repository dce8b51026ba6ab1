"""The documentation says what the program does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from backfocus.cli import cli

ROOT = Path(__file__).parents[2]


def test_the_findings_page_is_that_of_the_registry() -> None:
    command = [sys.executable, str(ROOT / "docs" / "studies" / "findings_page.py")]
    made = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    assert (ROOT / "docs" / "findings.md").read_text(encoding="utf-8") == made, (
        "python docs/studies/findings_page.py > docs/findings.md"
    )


def test_the_readme_shows_what_measure_really_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "printed_samples")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"\$ backfocus measure back-focus.jpg[^\n]*\n(.*?)```", readme, re.DOTALL)
    assert block is not None
    said = CliRunner().invoke(cli, ["measure", "back-focus.jpg"]).stdout
    assert block[1] == said


def test_every_file_that_the_documentation_links_to_exists() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
