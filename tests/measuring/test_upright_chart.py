"""The upright chart: blur at the AF mark by direction and side, on simulated photos."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from backfocus.cli import cli
from backfocus.targets import build_chart
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify import measure
from backfocus.verify.simulate import (
    ExifNames,
    Exposure,
    Lens,
    Sensor,
    SheetPose,
    VirtualShot,
    rasterise_pdf,
    shoot,
)

Take = Callable[..., VirtualShot]
UPRIGHT = SheetPose(tilt_deg=0.0, af_mark_distance_mm=2200.0)


@pytest.fixture(scope="module")
def take_upright() -> Take:
    """A function that takes a simulated shot of the A4 wall chart; keywords are those of `shoot`."""
    chart = build_chart("wall")
    sheet = rasterise_pdf(pdf_bytes(chart))

    def take(pose: SheetPose = UPRIGHT, offset_mm: float = 0.0, **changes: object) -> VirtualShot:
        arguments = {"seed": 3, "names": ExifNames("NIKON CORPORATION", "NIKON D850"), **changes}
        sensor = Sensor(pixels=(3000, 2000))
        return shoot(sheet, chart, pose, Lens(85.0, 1.8), sensor, offset_mm=offset_mm, **arguments)  # type: ignore[arg-type]

    return take


def test_an_upright_chart_gives_blur_and_no_offset(take_upright: Take, tmp_path: Path) -> None:
    path = str(take_upright().save(tmp_path / "wall.jpg"))
    result = CliRunner().invoke(cli, ["measure", "--json", path])
    said = json.loads(result.stdout)
    assert result.exit_code == 0
    assert said["status"] == "sharpness" and said["trustworthy"]
    assert said["offset_mm"] is None
    assert said["blur_at_mark_px"] == said["sharpness"]["at_mark_px"] == pytest.approx(0.7, abs=0.15)


def test_blur_at_the_mark_grows_with_focus_error_on_both_sides(take_upright: Take, tmp_path: Path) -> None:
    blur = {
        offset: measure(take_upright(offset_mm=offset).save(tmp_path / "wall.jpg")).blur_at_mark_px or 0.0
        for offset in (-60.0, -30.0, 0.0, 30.0, 60.0)
    }
    assert blur[-60.0] > blur[-30.0] > blur[0.0] < blur[30.0] < blur[60.0]


def test_motion_to_the_side_blurs_upright_edges(take_upright: Take, tmp_path: Path) -> None:
    moved = take_upright(exposure=Exposure(motion_px=4.0, motion_deg=0.0))
    sharpness = measure(moved.save(tmp_path / "moved.jpg")).sharpness
    assert sharpness is not None
    assert sharpness.upright_px > 1.3 * sharpness.level_px


def test_a_sheet_turned_away_is_sharp_on_one_side(take_upright: Take, tmp_path: Path) -> None:
    turned = SheetPose(tilt_deg=0.0, yaw_deg=8.0, af_mark_distance_mm=2200.0)
    measurement = measure(take_upright(turned, offset_mm=-15.0).save(tmp_path / "turned.jpg"))
    assert measurement.sharpness is not None
    # Its left side is closer, and so is focus.
    assert measurement.sharpness.left_px < 0.8 * measurement.sharpness.right_px
    assert "card-askew" in {found.code for found in measurement.findings}
