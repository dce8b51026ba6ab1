"""check-print: what the printer made of a chart, by a scan or a ruler, and kept for later measurements."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner, Result

from backfocus.cli import cli
from backfocus.targets import Chart, build_chart
from backfocus.targets.designs import BUILDERS
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify import measuring
from backfocus.verify.camera import ExifNames, Lens, Print, Sensor, SheetPose, SheetRaster, rasterise_pdf, shoot
from backfocus.verify.camera.scanner import PrintedPage, Scanner, save_scan, scan
from backfocus.verify.data_folder import VARIABLE
from backfocus.verify.fiducials.sighting import Sighting, find_chart
from backfocus.verify.findings import Refusal
from backfocus.verify.photo.reading import read_photo
from backfocus.verify.prints.as_printed import as_printed, sighting_as_printed
from backfocus.verify.prints.calibration import PrintCalibration, calibration_of, keep, kept_path
from backfocus.verify.prints.page_map import fit_page_map
from backfocus.verify.prints.ruler import bar_lengths_mm, check_readings
from backfocus.verify.prints.scan import ScanHints, check_scan

Run = Callable[..., Result]
MakeScan = Callable[..., Path]
SCALE_LIMIT, SKEW_LIMIT_DEG = 0.001, 0.05
FITTED = PrintedPage(0.962, 0.9647, 0.12, Print(softness_mm=0.03, gain_mm=0.03))


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def run() -> Run:
    return lambda *arguments: CliRunner().invoke(cli, ["check-print", *(str(argument) for argument in arguments)])


@pytest.fixture(scope="module")
def small_sheet() -> SheetRaster:
    """The A4 chart at 60 % of its size, whose scans have a third of the pixels."""
    return rasterise_pdf(pdf_bytes(build_chart(scale=0.6)))


@pytest.fixture
def make_scan(small_sheet: SheetRaster, tmp_path: Path) -> MakeScan:
    def make(
        page: PrintedPage = FITTED, name: str = "scan.png", stated_dpi: float | None = 300.0, **scanner: Any
    ) -> Path:
        codes = scan(small_sheet, page, Scanner(**scanner), seed=3)
        return save_scan(tmp_path / name, codes, stated_dpi)

    return make


@pytest.fixture(scope="module")
def fitted_scan(sheet: SheetRaster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A4 shrunk to 96 %, stretched by 0.3 % and skewed by 0.12°, laid on the glass 2° askew."""
    codes = scan(sheet, FITTED, Scanner(rotation_deg=2.0), seed=3)
    return save_scan(tmp_path_factory.mktemp("scans") / "fitted.png", codes, 300.0)


@pytest.fixture
def calibration(chart: Chart) -> PrintCalibration:
    return PrintCalibration(chart.id, 0.962, 0.9647, math.radians(0.12), 1e-3, 2e-3, 5e-4, "scan", "2025-03-01")


def codes_of(path: Path) -> list[str]:
    return [found.code for found in check_scan(path).findings]


@pytest.mark.parametrize(
    ("page", "scanner"),
    [
        (PrintedPage(1.0, 1.0, 0.0), {"rotation_deg": 0.0, "blur_mm": 0.0}),
        (PrintedPage(0.941, 0.945, -0.3, Print(0.05, 0.05)), {"rotation_deg": -4.0, "noise": 0.02}),
        (PrintedPage(1.004, 0.997, 0.2, Print(0.02, -0.02)), {"rotation_deg": 181.0, "blur_mm": 0.05}),
        (PrintedPage(0.97, 0.97, 0.05), {"rotation_deg": 91.0, "name": "scan.jpg"}),
    ],
)
def test_scale_and_skew_are_found(make_scan: MakeScan, page: PrintedPage, scanner: dict[str, Any]) -> None:
    found = check_scan(make_scan(page, **scanner)).calibration
    assert found is not None
    assert found.scale_x == pytest.approx(page.scale_x, rel=SCALE_LIMIT)
    assert found.scale_y == pytest.approx(page.scale_y, rel=SCALE_LIMIT)
    assert math.degrees(found.skew_rad) == pytest.approx(page.skew_deg, abs=SKEW_LIMIT_DEG)


def test_600_dpi_stated_by_the_file_are_taken(make_scan: MakeScan) -> None:
    check = check_scan(make_scan(PrintedPage(0.962), stated_dpi=600.0, dpi=600.0, rotation_deg=1.0))
    assert check.dpi == pytest.approx((600.0, 600.0), abs=0.01)
    assert check.calibration is not None
    assert check.calibration.scale_x == pytest.approx(0.962, rel=SCALE_LIMIT)


def test_blur_and_ink_gain_are_found(make_scan: MakeScan) -> None:
    softness_mm, optics_mm = 0.08, 0.03
    page = PrintedPage(ink=Print(softness_mm=softness_mm, gain_mm=0.05))
    check = check_scan(make_scan(page, rotation_deg=3.0, blur_mm=optics_mm))
    assert check.edges is not None and check.page_map is not None
    assert check.edges.blur_mm == pytest.approx(math.hypot(softness_mm, optics_mm), abs=0.006)
    assert check.page_map.ink_gain_mm == pytest.approx(0.05, abs=0.006)


def test_ink_gain_does_not_pass_for_scale() -> None:
    centres = np.array([[30.0, 30.0], [180.0, 30.0], [105.0, 150.0], [30.0, 260.0], [180.0, 260.0]])
    square = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    found = fit_page_map(centres[:, None] + 15.0 * square, centres[:, None] + 15.3 * square)
    assert found.scale_x == pytest.approx(1.0, abs=1e-9)
    assert found.ink_gain_mm == pytest.approx(0.3, abs=1e-9)


def test_standard_errors_are_those_of_repeated_fits() -> None:
    rng = np.random.default_rng(5)
    centres = rng.uniform(30.0, 200.0, (8, 2))
    page = centres[:, None] + 12.0 * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    turned = page @ np.array([[0.8, 0.6], [-0.6, 0.8]])
    fits = [fit_page_map(page, turned + rng.normal(0.0, 0.05, page.shape)) for _ in range(400)]
    for value, stated in (
        ("scale_x", "scale_x_sd"),
        ("scale_y", "scale_y_sd"),
        ("skew_rad", "skew_sd_rad"),
        ("ink_gain_mm", "ink_gain_sd_mm"),
    ):
        scatter = np.std([getattr(fit, value) for fit in fits])
        assert np.mean([getattr(fit, stated) for fit in fits]) == pytest.approx(scatter, rel=0.12), value


def test_a_sheet_fitted_to_the_page_is_named(fitted_scan: Path) -> None:
    assert codes_of(fitted_scan) == ["fit-to-page"]


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


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (PrintedPage(1.02, 1.02), "print-scale-off"),
        (PrintedPage(1.004, 0.996), "print-stretched"),
        (PrintedPage(skew_deg=0.5), "print-skewed"),
        (PrintedPage(ink=Print(softness_mm=0.15)), "print-soft"),
    ],
)
def test_every_fault_of_a_print_has_its_finding(make_scan: MakeScan, page: PrintedPage, code: str) -> None:
    assert codes_of(make_scan(page, stated_dpi=200.0, dpi=200.0)) == [code]


def test_a_good_print_has_no_finding(make_scan: MakeScan) -> None:
    page = PrintedPage(1.002, 0.999, 0.05, Print(0.03, 0.02))
    assert codes_of(make_scan(page, stated_dpi=200.0, dpi=200.0, rotation_deg=1.0)) == []


def test_a_part_of_the_sheet_is_enough(fitted_scan: Path, tmp_path: Path) -> None:
    picture = cv2.imread(str(fitted_scan), cv2.IMREAD_GRAYSCALE)
    part = save_scan(tmp_path / "part.png", np.asarray(picture, np.uint8)[: int(picture.shape[0] * 0.45)], 300.0)
    check = check_scan(part)
    assert check.calibration is not None and check.page_map is not None and check.page_map.markers < 8
    assert check.calibration.scale_x == pytest.approx(0.962, rel=SCALE_LIMIT)


def test_a_photo_with_a_lens_is_refused(back_focused_photo: Path) -> None:
    check = check_scan(back_focused_photo, ScanHints(dpi=300))
    assert (check.status, check.findings[0].code) == ("refused", "not-a-scan")
    assert "D850" in check.findings[0].message


def warped(path: Path, bend: Callable[[Any, Any], Any], to: Path) -> Path:
    """Write a scan whose pixels are looked up in other places: x and y, from -1 to 1, to shifts in pixels."""
    picture = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)
    rows, columns = picture.shape
    x, y = np.meshgrid(np.linspace(-1, 1, columns), np.linspace(-1, 1, rows))
    dx, dy = bend(x, y)
    at = [(x + 1) * (columns - 1) / 2 + dx, (y + 1) * (rows - 1) / 2 + dy]
    moved = cv2.remap(picture, at[0].astype(np.float32), at[1].astype(np.float32), cv2.INTER_LINEAR)
    return save_scan(to, np.asarray(moved, np.uint8), 300.0)


def test_perspective_is_refused_as_a_photo(fitted_scan: Path, tmp_path: Path) -> None:
    path = warped(fitted_scan, lambda x, y: (25 * x * y, 25 * y * y), tmp_path / "photo.png")
    check = check_scan(path)
    assert (check.status, check.findings[0].code) == ("refused", "not-a-scan")
    assert "Perspective" in check.findings[0].message


def test_a_sheet_that_slipped_is_refused(fitted_scan: Path, tmp_path: Path) -> None:
    path = warped(fitted_scan, lambda x, y: (0 * x, 25 * np.sin(4 * y)), tmp_path / "slipped.png")
    check = check_scan(path)
    assert (check.status, check.findings[0].code) == ("refused", "not-a-scan")
    assert "slipped" in check.findings[0].message


def test_a_scanner_that_is_uneven_by_a_third_of_a_millimetre_is_good_enough(
    fitted_scan: Path, tmp_path: Path
) -> None:
    path = warped(fitted_scan, lambda x, y: (0 * x, 4 * y * y), tmp_path / "uneven.png")
    check = check_scan(path)
    assert check.calibration is not None
    assert check.calibration.scale_y == pytest.approx(0.9647, rel=SCALE_LIMIT)


@pytest.mark.parametrize("dpi", [None, 72.0])
def test_without_a_resolution_there_is_no_scale(
    fitted_scan: Path, tmp_path: Path, dpi: float | None, run: Run
) -> None:
    picture = np.asarray(cv2.imread(str(fitted_scan), cv2.IMREAD_GRAYSCALE), np.uint8)
    path = save_scan(tmp_path / "scan.tif", picture, dpi)
    assert codes_of(path) == ["scan-resolution-unknown"]
    assert run(path).exit_code == 3
    assert run(path, "--dpi", "300").exit_code == 0


def test_a_wrong_resolution_is_noticed(fitted_scan: Path) -> None:
    check = check_scan(fitted_scan, ScanHints(dpi=600))
    assert [found.code for found in check.findings] == ["scan-resolution-wrong"]
    assert check.status == "refused"


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
        lambda _: "[]",
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


def test_the_chart_as_printed_is_where_the_scan_has_it(
    fitted_scan: Path, chart: Chart, calibration: PrintCalibration
) -> None:
    printed = as_printed(chart, calibration)
    sighting = find_chart(read_photo(fitted_scan))
    by_id = {marker.id: marker.corners_page_mm for marker in printed.markers}
    described = np.array([by_id[marker_id] for marker_id in sighting.marker_ids])
    found = fit_page_map(described, sighting.corners_px * 25.4 / 300.0)
    assert (found.scale_x, found.scale_y) == pytest.approx((1.0, 1.0), abs=2e-4)
    assert math.degrees(found.skew_rad) == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("design", BUILDERS)
def test_every_design_has_the_bars_that_the_ruler_is_held_against(design: str) -> None:
    assert bar_lengths_mm(build_chart(design)) == (100.0, 100.0)


def test_an_unfolded_card_can_be_scanned(tmp_path: Path) -> None:
    card = build_chart("zfold")
    codes = scan(
        rasterise_pdf(pdf_bytes(card), dpi=300), PrintedPage(0.97, 0.972, 0.1), Scanner(rotation_deg=179.0)
    )
    check = check_scan(save_scan(tmp_path / "card.png", codes, 300.0))
    assert check.calibration is not None and check.chart_id == card.id
    assert check.calibration.scale_x == pytest.approx(0.97, rel=SCALE_LIMIT)
    assert math.degrees(check.calibration.skew_rad) == pytest.approx(0.1, abs=SKEW_LIMIT_DEG)


def test_everything_on_the_page_moves_with_the_print(chart: Chart, calibration: PrintCalibration) -> None:
    half = as_printed(chart, dataclasses.replace(calibration, scale_x=0.8, scale_y=0.8, skew_rad=0.0))
    mark = np.asarray(chart.af_mark_page_mm)

    def shrunk(points: Any) -> npt.NDArray[np.float64]:
        return np.asarray((np.asarray(points) - mark) * 0.8 + mark)

    assert half.af_mark_page_mm == chart.af_mark_page_mm
    assert half.page_mm == chart.page_mm
    for before, after in (
        (chart.qr.corners_page_mm, half.qr.corners_page_mm),
        (chart.edges[0].from_page_mm, half.edges[0].from_page_mm),
        (chart.markers[3].corners_page_mm, half.markers[3].corners_page_mm),
        (chart.panels[0].outline_page_mm, half.panels[0].outline_page_mm),
        (chart.polygons[0].points_page_mm, half.polygons[0].points_page_mm),
        (chart.labels[0].at_page_mm, half.labels[0].at_page_mm),
    ):
        np.testing.assert_allclose(np.asarray(after), shrunk(before), atol=1e-9)
    assert half.edges[0].clear_mm == pytest.approx(0.8 * chart.edges[0].clear_mm)


def test_a_perfect_print_changes_nothing(chart: Chart, calibration: PrintCalibration) -> None:
    perfect = dataclasses.replace(calibration, scale_x=1.0, scale_y=1.0, skew_rad=0.0)
    printed = as_printed(chart, perfect)
    np.testing.assert_allclose(
        [edge.from_page_mm for edge in printed.edges], [edge.from_page_mm for edge in chart.edges], atol=1e-9
    )


def test_a_sighting_says_that_it_is_calibrated(back_focused_photo: Path, calibration: PrintCalibration) -> None:
    sighting: Sighting = find_chart(read_photo(back_focused_photo))
    printed = sighting_as_printed(sighting, calibration)
    assert [found.code for found in printed.findings] == ["print-calibrated"]
    extent = np.ptp(printed.corners_page_mm[..., 1]) / np.ptp(sighting.corners_page_mm[..., 1])
    assert extent == pytest.approx(calibration.scale_y, rel=1e-4)


def test_a_shrunk_print_is_measured_as_well_as_a_true_one(
    sheet: SheetRaster,
    chart: Chart,
    calibration: PrintCalibration,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    width, height, offset_mm = 0.95, 0.957, 20.0
    smaller = SheetRaster(sheet.ink, (chart.page_mm[0] * width, chart.page_mm[1] * height))
    mark = (chart.af_mark_page_mm[0] * width, chart.af_mark_page_mm[1] * height)
    described = dataclasses.replace(chart, page_mm=smaller.page_mm, af_mark_page_mm=mark)
    shot = shoot(
        smaller,
        described,
        pose=SheetPose(tilt_deg=45.0, yaw_deg=1.0, af_mark_distance_mm=1500.0),
        offset_mm=offset_mm,
        lens=Lens(85.0, 1.4),
        sensor=Sensor(pixels=(3000, 2000)),
        names=ExifNames("NIKON CORPORATION", "NIKON D850", "85mm f/1.4"),
        seed=1,
    )
    photo = shot.save(tmp_path / "photo.jpg")
    untold = measuring.measure(photo).offset_mm
    kept = dataclasses.replace(calibration, scale_x=width, scale_y=height, skew_rad=0.0)
    monkeypatch.setattr(
        measuring, "find_chart", lambda *arguments: sighting_as_printed(find_chart(*arguments), kept)
    )
    told = measuring.measure(photo).offset_mm
    assert untold is not None and abs(untold - offset_mm) > 0.6
    assert told is not None and abs(told - offset_mm) < 0.15
