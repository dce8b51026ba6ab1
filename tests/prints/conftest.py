"""A printed sheet as its scan shows it and as it is kept, for the tests of prints."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from scanned_sheets import FITTED

from backfocus.targets import Chart
from backfocus.verify.prints.calibration import PrintCalibration
from backfocus.verify.simulate import SheetRaster
from backfocus.verify.simulate.scanner import Scanner, save_scan, scan
from backfocus.verify.storage import VARIABLE


@pytest.fixture
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder of the test's own."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "data"))


@pytest.fixture(scope="session")
def fitted_scan(sheet: SheetRaster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A4 shrunk to 96 %, stretched by 0.3 % and skewed by 0.12°, laid on the glass 2° askew."""
    codes = scan(sheet, FITTED, Scanner(rotation_deg=2.0), seed=3)
    return save_scan(tmp_path_factory.mktemp("scans") / "fitted.png", codes, 300.0)


@pytest.fixture
def calibration(chart: Chart) -> PrintCalibration:
    return PrintCalibration(chart.id, 0.962, 0.9647, math.radians(0.12), 1e-3, 2e-3, 5e-4, "scan", "2025-03-01")
