"""The command line as a user meets it: results, exit codes, and one clear line for every mistake."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from backfocus.cli import COMMANDS, cli

Run = Callable[..., Result]
SAMPLE = Path(__file__).parents[2] / "printed_samples" / "back-focus.jpg"


@pytest.fixture
def run() -> Run:
    return lambda *arguments: CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    loaded = cli.get_command(click.Context(cli), command)
    assert loaded is not None and loaded.get_short_help_str(1000) == COMMANDS[command][1], "as in the list"
    assert "Example: backfocus" in result.output


def test_help_loads_no_slow_library() -> None:
    code = (
        "import sys; from backfocus.cli import cli\n"
        "try: cli(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('backfocus.targets', 'cv2', 'numpy', 'scipy', 'reportlab', 'PIL') if m in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.strip().endswith("[]")


def test_measuring_needs_no_plotting_or_pdf_library(back_focused_photo: Path) -> None:
    code = (
        "import sys; from backfocus.verify import measure\n"
        f"measure({str(back_focused_photo)!r})\n"
        "print([m for m in ('reportlab', 'matplotlib', 'pypdfium2', 'rawpy', 'qrcode') if m in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.strip().endswith("[]")


def test_measure_loads_nothing_of_series_or_tables(back_focused_photo: Path) -> None:
    code = (
        "import sys; from backfocus.cli import cli\n"
        f"try: cli(['measure', {str(back_focused_photo)!r}])\n"
        "except SystemExit: pass\n"
        "packages = ('backfocus.verify.tuning', 'backfocus.verify.scoring')\n"
        "print([m for m in (*packages, 'matplotlib', 'multiprocessing', 'pydantic') if m in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.strip().endswith("[]")


def test_measure_says_direction_in_words(run: Run, back_focused_photo: Path) -> None:
    result = run("measure", back_focused_photo)
    assert result.exit_code == 0
    assert "Back focus" in result.output
    assert "behind the AF mark" in result.output
    assert "closer to the camera" in result.output


def test_measure_json_is_one_object_a_line_and_photo(
    run: Run, back_focused_photo: Path, front_focused_photo: Path
) -> None:
    result = run("measure", "--json", back_focused_photo, front_focused_photo)
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert first["schema"] == "backfocus/measurement/1"
    assert first["offset_mm"] > 0 > second["offset_mm"]
    assert first["status"] == "measured"
    assert first["suggestion"]["direction"] == "closer to the camera"
    assert second["suggestion"]["direction"] == "farther from the camera"


def test_annotate_draws_and_keeps_what_is_there(run: Run, back_focused_photo: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn" / "back focus.annotated.png"
    assert run("measure", back_focused_photo, "--annotate", tmp_path / "drawn").exit_code == 0
    assert drawn.read_bytes().startswith(b"\x89PNG")
    drawn.write_bytes(b"mine")
    result = run("measure", back_focused_photo, "--annotate", tmp_path / "drawn")
    assert result.exit_code == 2
    assert "--force" in result.output
    assert drawn.read_bytes() == b"mine"


def test_mistakes_give_one_line_and_a_remedy(run: Run, tmp_path: Path, back_focused_photo: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("not a photo")
    (tmp_path / "short.jpg").write_bytes(back_focused_photo.read_bytes()[:100_000])
    (tmp_path / "folder.jpg").mkdir()
    for name in ("empty.jpg", "text.jpg", "short.jpg", "folder.jpg", "missing.jpg"):
        result = run("measure", tmp_path / name)
        assert result.exit_code == 2, name
        assert isinstance(result.exception, SystemExit), name
        assert result.stderr.startswith("Error: "), name
        assert result.stderr.count("\n") == 1, name
        assert result.stdout == "", name


def test_one_bad_file_does_not_stop_the_others(run: Run, tmp_path: Path, back_focused_photo: Path) -> None:
    result = run("measure", tmp_path / "missing.jpg", back_focused_photo)
    assert result.exit_code == 2
    assert "Back focus" in result.stdout


def test_chart_writes_a_pdf_and_its_geometry(run: Run, tmp_path: Path) -> None:
    pdf, geometry = tmp_path / "chart.pdf", tmp_path / "chart.json"
    result = run("chart", "flat", "--paper", "letter", "-o", pdf, "--geometry", geometry)
    assert result.exit_code == 0
    assert pdf.read_bytes().startswith(b"%PDF")
    described = json.loads(geometry.read_text())
    assert described["schema"] == "backfocus/chart/1"
    assert described["page_mm"] == [215.9, 279.4]


def test_chart_to_standard_output(run: Run) -> None:
    assert run("chart", "flat", "-o", "-").stdout_bytes.startswith(b"%PDF")


def test_chart_overwrites_only_when_told(run: Run, tmp_path: Path) -> None:
    pdf = tmp_path / "chart.pdf"
    pdf.write_text("mine")
    assert run("chart", "-o", pdf).exit_code == 2
    assert pdf.read_text() == "mine"
    assert run("chart", "-o", pdf, "--force").exit_code == 0
    assert pdf.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("arguments", [("--scale", "9"), ("--angle", "5"), ("--id", "lower")])
def test_charts_that_cannot_be_made_say_what_can(run: Run, tmp_path: Path, arguments: tuple[str, str]) -> None:
    result = run("chart", *arguments, "-o", tmp_path / "chart.pdf")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert not (tmp_path / "chart.pdf").exists()


def test_the_demo_measures_what_it_simulated(run: Run, tmp_path: Path) -> None:
    result = run("demo", "-o", tmp_path / "demo", "--offset", "-12")
    assert result.exit_code == 0, result.output
    measured = json.loads((tmp_path / "demo" / "measurement.json").read_text())
    assert measured["offset_mm"] == pytest.approx(-12.0, abs=0.5)
    assert "in front of the AF mark" in result.output
    assert {path.name for path in (tmp_path / "demo").iterdir()} == {
        "chart.pdf",
        "photo.jpg",
        "measurement.json",
        "annotated.png",
    }


@pytest.mark.parametrize("name", ["", "x" * 300])
def test_a_name_that_no_file_can_have_is_one_line(run: Run, name: str) -> None:
    for arguments in (["chart", "flat", "-o", name], ["report", str(SAMPLE), "-o", name]):
        result = run(*arguments)
        assert result.exit_code == 2
        assert result.stderr.startswith("Error: ")
        assert result.stderr.count("\n") == 1
