"""`backfocus check-print`: scan or ruler on the command line, and what is kept for later measurements."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from scanned_sheets import SCALE_LIMIT

from backfocus.cli import cli
from backfocus.targets import Chart, build_chart
from backfocus.targets.designs import BUILDERS
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify.findings import Refusal
from backfocus.verify.prints.calibration import PrintCalibration, calibration_of, keep, kept_path
from backfocus.verify.prints.scan import bar_lengths_mm, check_readings, check_scan
from backfocus.verify.simulate.scanner import save_scan

Run = Callable[..., Result]
pytestmark = pytest.mark.usefixtures("own_data")


@pytest.fixture
def run() -> Run:
    return lambda *arguments: CliRunner().invoke(cli, ["check-print", *(str(argument) for argument in arguments)])


def test_a_ruler_gives_scale_with_its_own_doubt(run: Run) -> None:
    result = run("--printed-mm", "99.2x100.1", "--chart-id", "k7q2xz9", "--json")
    found = json.loads(result.output)
    assert result.exit_code == 0
    assert (found["scale_x"], found["scale_y"], found["chart"]) == (0.992, 1.001, None)
    assert 0.003 < found["scale_half_width"] < 0.006


def test_a_ruler_reads_the_chart_from_its_pdf(run: Run, chart: Chart, tmp_path: Path) -> None:
    half = build_chart(scale=0.8, chart_id="K7Q2XZ9")
    pdf = tmp_path / "half.pdf"
    pdf.write_bytes(pdf_bytes(half))
    assert json.loads(run("--printed-mm", "80x80", pdf, "--json").output)["scale_x"] == 1.0
    assert run("--printed-mm", "80x80", pdf, "--chart-id", chart.id).exit_code == 2


@pytest.mark.parametrize(
    ("design", "paper", "scale", "onto"),
    [
        ("flat", "a4", 0.935, "A4 or Letter"),
        ("flat", "letter", 0.94, "Letter or A4"),
        ("flat", "a3", 0.69, "A4"),
        ("zfold", "letter", 0.975, "Letter"),
    ],
)
def test_the_paper_that_a_page_was_fitted_to_is_named(design: str, paper: str, scale: float, onto: str) -> None:
    chart = build_chart(design, paper)
    check = check_readings((100 * scale, 100 * scale), chart.id, chart)
    assert [found.code for found in check.findings] == ["fit-to-page"]
    assert check.findings[0].message.endswith(f"margins of {onto}.")


@pytest.mark.parametrize("design", BUILDERS)
def test_every_design_has_the_bars_that_the_ruler_is_held_against(design: str) -> None:
    assert bar_lengths_mm(build_chart(design)) == (100.0, 100.0)


@pytest.mark.parametrize("dpi", [None, 72.0])
def test_without_a_resolution_there_is_no_scale(
    fitted_scan: Path, tmp_path: Path, dpi: float | None, run: Run
) -> None:
    picture = np.asarray(cv2.imread(str(fitted_scan), cv2.IMREAD_GRAYSCALE), np.uint8)
    path = save_scan(tmp_path / "scan.tif", picture, dpi)
    assert [found.code for found in check_scan(path).findings] == ["scan-resolution-unknown"]
    assert run(path).exit_code == 3
    assert run(path, "--dpi", "300").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--printed-mm", "99x100"),
        ("--printed-mm", "99", "--chart-id", "K7Q2XZ9"),
        ("--printed-mm", "99x99", "--chart-id", "K7Q2XZ9", "--dpi", "300"),
        ("--printed-mm", "3.9x4", "--chart-id", "K7Q2XZ9"),
        ("--printed-mm", "1..2x4", "--chart-id", "K7Q2XZ9"),
        ("--printed-mm", "99x100", __file__),
        ("--printed-mm", "99x100", "missing.pdf"),
        ("missing.png",),
        (__file__,),
        ("--chart-id", "../../x", "--printed-mm", "99x100"),
    ],
)
def test_a_mistake_gets_one_clear_line(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.output.strip().splitlines()[-1].startswith("Error: ")


def test_what_was_kept_is_found_by_the_chart_id(run: Run, fitted_scan: Path, chart: Chart) -> None:
    assert calibration_of(chart.id) is None
    assert run(fitted_scan, "--keep").exit_code == 0
    kept = calibration_of(chart.id)
    assert kept is not None and kept == dataclasses.replace(kept, source="scan")
    assert kept.scale_x == pytest.approx(0.962, rel=SCALE_LIMIT)
    assert 0.001 < kept.scale_half_width < 0.003


def test_nothing_kept_is_replaced_unasked(run: Run, calibration: PrintCalibration) -> None:
    keep(calibration)
    arguments = ("--printed-mm", "99x99", "--chart-id", calibration.chart_id, "--keep")
    assert run(*arguments).exit_code == 2
    assert calibration_of(calibration.chart_id) == calibration
    assert run(*arguments, "--force").exit_code == 0
    assert calibration_of(calibration.chart_id) != calibration


def test_a_refused_scan_is_not_kept(run: Run, back_focused_photo: Path, chart: Chart) -> None:
    assert run(back_focused_photo, "--keep", "--dpi", "300").exit_code == 3
    assert calibration_of(chart.id) is None


def test_keeping_leaves_nothing_else_behind(calibration: PrintCalibration) -> None:
    path = keep(calibration)
    keep(calibration)
    assert [each.name for each in path.parent.iterdir()] == [f"{calibration.chart_id}.json"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("0.962", '"a"'),
        lambda text: text.replace("0.962", "NaN"),
        lambda text: text.replace("0.962", "96.2"),
        lambda text: text.replace("calibration/1", "calibration/2"),
        lambda text: text.replace('"source": "scan"', '"source": "guess"'),
        lambda text: text.replace('"date"', '"when"'),
        lambda text: text.replace('"scale_x_sd": ', '"scale_x_sd": 1' + 400 * "0"),
        lambda _: "[]",
        lambda _: 100_000 * "[",
        lambda _: "\udcff",
    ],
)
def test_a_damaged_file_is_refused_not_ignored(calibration: PrintCalibration, change: Callable[[str], str]) -> None:
    path = keep(calibration)
    path.write_bytes(change(path.read_text()).encode(errors="surrogateescape"))
    with pytest.raises(Refusal) as refused:
        calibration_of(calibration.chart_id)
    assert refused.value.finding.code == "calibration-unreadable"


def test_a_chart_id_is_no_path() -> None:
    with pytest.raises(ValueError, match="no chart id"):
        kept_path("../../etc")
