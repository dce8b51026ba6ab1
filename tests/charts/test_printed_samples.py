"""The samples in printed_samples/ are those that the code makes today."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from backfocus.verify import measure

FOLDER = Path(__file__).parents[2] / "printed_samples"
REMAKE = "out of date: run python printed_samples/remake.py"


def _remake() -> ModuleType:
    spec = importlib.util.spec_from_file_location("remake", FOLDER / "remake.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


remake = _remake()


def _pages(pdf: bytes) -> list[np.ndarray]:
    return [page.render(scale=1.0, grayscale=True).to_numpy() for page in pypdfium2.PdfDocument(pdf)]


@pytest.mark.parametrize(("name", "chart"), list(remake.charts()))
def test_printed_charts_are_those_of_today(name: str, chart: object) -> None:
    printed = _pages((FOLDER / f"{name}.pdf").read_bytes())
    today = _pages(remake.pdf_bytes(chart))
    assert len(printed) == len(today) == 2
    for old, new in zip(printed, today, strict=True):
        assert np.array_equal(old, new), REMAKE


@pytest.mark.parametrize("name", list(remake.PHOTOS))
def test_sample_photos_are_those_of_today(name: str) -> None:
    with Image.open(FOLDER / f"{name}.jpg") as picture:
        old = np.asarray(picture.convert("L"), dtype=float)
    new = remake.simulated_photo(name).codes
    new = new.mean(axis=2) if new.ndim == 3 else new
    # JPEG of quality 90 costs 1.2 codes on these photos; another chart or pose costs tens.
    assert np.abs(old - new).mean() < 2.5, REMAKE


SAMPLES = [name for name in remake.PHOTOS if (FOLDER / f"{name}.json").exists()]


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_measurements_are_those_of_today(name: str) -> None:
    told = json.loads((FOLDER / f"{name}.json").read_text())
    today = measure(FOLDER / f"{name}.jpg").to_dict()
    assert today["status"] == told["status"]
    assert today["blur_at_mark_px"] == pytest.approx(told["blur_at_mark_px"], abs=0.02), REMAKE
    if today["status"] == "sharpness":
        return
    assert today["offset_mm"] == pytest.approx(told["offset_mm"], abs=0.02), REMAKE
    assert today["offset_ci95_mm"] == pytest.approx(told["offset_ci95_mm"], abs=0.02), REMAKE
    assert today["suggestion"] == told["suggestion"], REMAKE
    assert {key: type(value) for key, value in today.items()} == {key: type(value) for key, value in told.items()}
    truth = remake.PHOTOS[name].offset_mm
    assert today["offset_ci95_mm"][0] <= truth <= today["offset_ci95_mm"][1]
