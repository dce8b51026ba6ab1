"""Simulated photos that the tests share: one small camera, one sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backfocus.targets import Chart, build_chart
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify.simulate import (
    ExifNames,
    Lens,
    Sensor,
    SheetPose,
    SheetRaster,
    VirtualShot,
    rasterise_pdf,
    shoot,
)

SMALL_SENSOR = Sensor(pixels=(3000, 2000))
"""6 MP on full frame: a shot takes a second."""
STANDARD_POSE = SheetPose(tilt_deg=45.0, yaw_deg=1.0, roll_deg=-1.0, af_mark_distance_mm=1500.0)


@pytest.fixture(scope="session", autouse=True)
def _data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the program keeps for its user must neither change the tests nor be changed by them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKFOCUS_DATA", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def chart() -> Chart:
    return build_chart()


@pytest.fixture(scope="session")
def sheet(chart: Chart) -> SheetRaster:
    return rasterise_pdf(pdf_bytes(chart))


@pytest.fixture(scope="session")
def take(chart: Chart, sheet: SheetRaster) -> Callable[..., VirtualShot]:
    """A function that takes a simulated shot of the A4 chart; keywords are those of `shoot`."""

    def take_shot(offset_mm: float = 0.0, **changes: Any) -> VirtualShot:
        arguments: dict[str, Any] = {
            "pose": STANDARD_POSE,
            "lens": Lens(85.0, 1.4),
            "sensor": SMALL_SENSOR,
            "names": ExifNames("NIKON CORPORATION", "NIKON D850", "85mm f/1.4"),
            "seed": 1,
            "raster": sheet,
            "chart": chart,
        }
        return shoot(offset_mm=offset_mm, **(arguments | changes))

    return take_shot


@pytest.fixture(scope="session")
def back_focused_photo(take: Callable[..., VirtualShot], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JPEG whose lens focused 8 mm behind the AF mark, with the metadata of a Nikon D850."""
    return take(8.0).save(tmp_path_factory.mktemp("photos") / "back focus.jpg")


@pytest.fixture(scope="session")
def front_focused_photo(take: Callable[..., VirtualShot], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a focus 12 mm in front of the AF mark."""
    return take(-12.0).save(tmp_path_factory.mktemp("photos") / "front focus.jpg")
