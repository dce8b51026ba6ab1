"""What the printer made of a chart is found on a scan of it; what is no scan of a flat sheet is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from scanned_sheets import FITTED, SCALE_LIMIT, SKEW_LIMIT_DEG

from backfocus.targets import build_chart
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify.prints.page_map import fit_page_map
from backfocus.verify.prints.scan import ScanHints, check_scan
from backfocus.verify.simulate import Print, SheetRaster, rasterise_pdf
from backfocus.verify.simulate.scanner import PrintedPage, Scanner, save_scan, scan

MakeScan = Callable[..., Path]
pytestmark = pytest.mark.usefixtures("own_data")


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


def test_margins_as_flat_as_lost_rows_are_no_damage(make_scan: MakeScan) -> None:
    """White paper between white glass, without noise and compressed."""
    assert check_scan(make_scan(PrintedPage(), noise=0.0, rotation_deg=-1.0, name="scan.jpg")).status == "measured"


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
    path = warped(fitted_scan, lambda x, y: (0 * x, 15 * np.sin(4 * y)), tmp_path / "slipped.png")
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


def test_a_wrong_resolution_is_noticed(fitted_scan: Path) -> None:
    check = check_scan(fitted_scan, ScanHints(dpi=600))
    assert [found.code for found in check.findings] == ["scan-resolution-wrong"]
    assert check.status == "refused"


def test_an_unfolded_card_can_be_scanned(tmp_path: Path) -> None:
    card = build_chart("zfold")
    codes = scan(
        rasterise_pdf(pdf_bytes(card), dpi=300), PrintedPage(0.97, 0.972, 0.1), Scanner(rotation_deg=179.0)
    )
    check = check_scan(save_scan(tmp_path / "card.png", codes, 300.0))
    assert check.calibration is not None and check.chart_id == card.id
    assert check.calibration.scale_x == pytest.approx(0.97, rel=SCALE_LIMIT)
    assert math.degrees(check.calibration.skew_rad) == pytest.approx(0.1, abs=SKEW_LIMIT_DEG)
