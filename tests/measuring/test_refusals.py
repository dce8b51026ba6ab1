"""Photos that must not be measured: each is refused with one finding that says why and what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner
from PIL import Image

from backfocus.cli import cli
from backfocus.targets import Chart, build_chart
from backfocus.targets.ids import QrText
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify.findings import KINDS
from backfocus.verify.simulate import Lens, Sensor, SheetPose, SheetRaster, VirtualShot, rasterise_pdf, shoot

Picture = npt.NDArray[np.uint8]
Take = Callable[..., VirtualShot]
Measure = Callable[..., dict[str, Any]]

A4_CORNERS = ((0.0, 0.0), (210.0, 0.0), (210.0, 297.0), (0.0, 297.0))
LEFT, RIGHT = -0.24, 0.24
"""Where two sheets stand side by side, as parts of the picture's width."""


@pytest.fixture(scope="module")
def shot(take: Take) -> VirtualShot:
    """Focused 8 mm behind the AF mark."""
    return take(8.0)


@pytest.fixture(scope="module")
def spoilt(shot: VirtualShot) -> Picture:
    """The same with a strip of paper across every marker."""
    picture = shot.codes.copy()
    for corners in shot.truth.marker_corners_px.values():
        ends = corners.mean(axis=0) + 1.3 * (corners[[0, 2]] - corners.mean(axis=0))
        start, end = np.rint(ends).astype(int).tolist()
        cv2.line(picture, start, end, 200, 9)
    return picture


@pytest.fixture
def measured(tmp_path: Path) -> Measure:
    """A function that measures a picture with the command line; returns the JSON with its exit code."""

    def measure(picture: Picture, *options: str) -> dict[str, Any]:
        path = tmp_path / "photo.png"
        Image.fromarray(picture).save(path)
        result = CliRunner().invoke(cli, ["measure", "--json", str(path), *options])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return {**json.loads(result.stdout), "exit_code": result.exit_code}

    return measure


@pytest.fixture
def refused(measured: Measure) -> Callable[..., dict[str, str]]:
    """A function that returns the one finding of a photo that is refused."""

    def measure(picture: Picture, *options: str) -> dict[str, str]:
        result = measured(picture, *options)
        assert (result["status"], result["exit_code"]) == ("refused", 3), result["findings"]
        assert result["offset_mm"] is None and not result["trustworthy"]
        (finding,) = result["findings"]
        assert finding["message"] and finding["remedy"] and KINDS[finding["code"]].cause
        return dict(finding)

    return measure


def photo_of(chart: Chart) -> Picture:
    lens, sensor = Lens(85.0, 1.4), Sensor(pixels=(2400, 1600))
    return shoot(rasterise_pdf(pdf_bytes(chart)), chart, SheetPose(), lens, sensor, seed=1).codes


def corners_option(shot: VirtualShot, error_px: float = 0.0) -> list[float]:
    corners = shot.truth.page_to_pixel(A4_CORNERS)
    return list((corners + np.random.default_rng(3).normal(size=(4, 2)) * error_px).ravel())


def as_text(numbers: list[float]) -> str:
    return ",".join(f"{number:.1f}" for number in numbers)


def test_black_and_blown_out_photos(shot: VirtualShot, refused: Measure) -> None:
    assert refused(np.zeros_like(shot.codes))["code"] == "too-dark"
    assert refused(np.full_like(shot.codes, 255))["code"] == "blown-out"


def test_a_chart_that_is_found_but_too_dark_to_measure(shot: VirtualShot, refused: Measure) -> None:
    assert refused((shot.codes * 0.12).astype(np.uint8))["code"] == "too-dark"


def test_a_photo_in_which_nothing_is_sharp(shot: VirtualShot, refused: Measure) -> None:
    finding = refused(np.asarray(cv2.GaussianBlur(shot.codes, (0, 0), 25.0), dtype=np.uint8))
    assert finding["code"] == "too-blurred"
    assert "px" in finding["message"]


def test_a_sharp_photo_of_something_else(refused: Measure) -> None:
    squares = np.random.default_rng(1).integers(0, 255, (40, 60), dtype=np.uint8)
    assert refused(np.kron(squares, np.ones((30, 30), np.uint8)))["code"] == "no-chart"


@pytest.mark.parametrize("axis", [0, 1])
def test_mirrored_photos(shot: VirtualShot, refused: Measure, axis: int) -> None:
    assert refused(np.flip(shot.codes, axis).copy())["code"] == "mirrored"


def test_a_newer_format_version_in_the_qr_code(chart: Chart, refused: Measure) -> None:
    newer = replace(chart, qr=replace(chart.qr, text="BF3/" + chart.qr.text.removeprefix("BF2/")))
    finding = refused(photo_of(newer))
    assert finding["code"] == "unknown-format"
    assert "version 3" in finding["message"]


def test_a_sheet_of_an_earlier_layout(chart: Chart, refused: Measure) -> None:
    """Layout 1 had the same ids, four of its eight markers where they are now, and the code elsewhere."""
    qr = replace(
        chart.qr,
        text="BF1/" + chart.qr.text.removeprefix("BF2/"),
        corners_page_mm=tuple((x + 27.5, y) for x, y in chart.qr.corners_page_mm),
    )
    earlier = replace(chart, markers=chart.markers[:4], edges=(), polygons=chart.polygons[-10:], qr=qr)
    finding = refused(photo_of(earlier))
    assert finding["code"] == "print-again"
    assert "again" in finding["remedy"]


def test_markers_of_a_design_that_this_version_does_not_make(chart: Chart, refused: Measure) -> None:
    later = replace(
        chart,
        markers=tuple(replace(marker, id=marker.id + 166) for marker in chart.markers),
        qr=replace(chart.qr, text=QrText("wall", "a4", 1.0, 45.0, "K7Q2XZ9").encode()),
    )
    assert refused(photo_of(later))["code"] == "unknown-format"


def test_a_qr_code_of_another_chart_than_the_markers(chart: Chart, refused: Measure) -> None:
    pasted = replace(chart, qr=replace(chart.qr, text=build_chart(paper="letter").qr.text))
    finding = refused(photo_of(pasted))
    assert finding["code"] == "qr-contradicts-markers"
    assert "a4" in finding["message"] and "letter" in finding["message"]


def test_a_qr_code_that_is_pasted_on_the_wrong_way_round(chart: Chart, shot: VirtualShot, refused: Measure) -> None:
    corners = shot.truth.page_to_pixel(chart.qr.corners_page_mm)
    (left, top), (right, bottom) = (
        np.floor(corners.min(axis=0)).astype(int),
        np.ceil(corners.max(axis=0)).astype(int),
    )
    picture = shot.codes.copy()
    picture[top:bottom, left:right] = picture[top:bottom, left:right][::-1, ::-1].copy()
    assert refused(picture)["code"] == "qr-contradicts-markers"


@pytest.fixture(scope="module")
def side_by_side(take: Take) -> Callable[[Chart], Picture]:
    """A function that takes a photo of the A4 chart (left, focus 8 mm behind it) and another (right, -12 mm)."""
    standing = {at: SheetPose(45.0, 1.0, -1.0, 1500.0, (at, 0.0)) for at in (LEFT, RIGHT)}
    left = take(8.0, pose=standing[LEFT]).codes

    def photo(other: Chart) -> Picture:
        raster: SheetRaster = rasterise_pdf(pdf_bytes(other))
        sensor = Sensor(pixels=(left.shape[1], left.shape[0]))
        right = shoot(raster, other, standing[RIGHT], Lens(85.0, 1.4), sensor, offset_mm=-12.0, seed=1).codes
        half = left.shape[1] // 2
        return np.hstack([left[:, :half], right[:, half:]])

    return photo


def test_two_charts_are_measured_only_when_one_is_chosen(
    chart: Chart, side_by_side: Callable[[Chart], Picture], refused: Measure, measured: Measure
) -> None:
    picture = side_by_side(build_chart(paper="letter", chart_id="K7Q2XZ9"))
    finding = refused(picture)
    assert finding["code"] == "two-charts"
    assert chart.id in finding["message"] and "K7Q2XZ9" in finding["message"]
    assert measured(picture, "--chart-id", chart.id)["offset_mm"] == pytest.approx(8.0, abs=0.3)
    assert measured(picture, "--chart-id", "k7q2xz9")["offset_mm"] == pytest.approx(-12.0, abs=0.3)
    assert refused(picture, "--chart-id", "AAAAAAA")["code"] == "two-charts"


def test_two_prints_of_one_chart_are_never_mixed(
    chart: Chart, side_by_side: Callable[[Chart], Picture], refused: Measure, measured: Measure
) -> None:
    picture = side_by_side(chart)
    assert refused(picture)["code"] == "two-charts"
    assert refused(picture, "--chart-id", chart.id)["code"] == "two-charts"
    for at, offset_mm in ((LEFT, 8.0), (RIGHT, -12.0)):
        middle = np.array([(0.5 + at) * picture.shape[1], picture.shape[0] / 2])
        corners = middle + np.array([[-510, -490], [475, -490], [570, 560], [-560, 575]])
        result = measured(picture, "--corners", as_text(list(corners.ravel())))
        assert result["offset_mm"] == pytest.approx(offset_mm, abs=0.3), result["findings"]


def test_a_second_chart_that_is_cut_off_by_the_border(
    chart: Chart, side_by_side: Callable[[Chart], Picture], refused: Measure
) -> None:
    # 5 : 4, as cameras have it; other proportions would be a finding of their own.
    picture = side_by_side(chart)[136:1864, :2160]
    assert refused(picture.copy())["code"] == "two-charts"


def test_one_marker_of_another_chart_is_named(shot: VirtualShot, measured: Measure) -> None:
    corners = shot.truth.marker_corners_px[0]
    (left, top), (right, bottom) = corners.min(axis=0).astype(int) - 25, corners.max(axis=0).astype(int) + 25
    picture = shot.codes.copy()
    picture[60 : 60 + bottom - top, 60 : 60 + right - left] = picture[top:bottom, left:right]
    result = measured(picture)
    assert "part-of-another-chart" in [finding["code"] for finding in result["findings"]]
    assert result["offset_mm"] == pytest.approx(8.0, abs=0.3)


def test_another_chart_than_the_one_asked_for(shot: VirtualShot, refused: Measure) -> None:
    assert refused(shot.codes, "--chart-id", "K7Q2XZ9")["code"] == "other-chart"


@pytest.mark.parametrize("grey", [40, 120, 200])
def test_a_sheet_that_is_mostly_covered_is_not_trusted(shot: VirtualShot, measured: Measure, grey: int) -> None:
    cover = shot.truth.page_to_pixel([(-5.0, 100.0), (215.0, 100.0), (215.0, 305.0), (-5.0, 305.0)])
    picture = shot.codes.copy()
    cv2.fillConvexPoly(picture, np.rint(cover).astype(np.int32), grey)
    result = measured(picture)
    assert "half-covered" in [finding["code"] for finding in result["findings"]]
    assert result["exit_code"] == 3 and not result["trustworthy"]


def test_a_sheet_is_found_by_its_corners_when_its_markers_are_spoilt(
    shot: VirtualShot, spoilt: Picture, refused: Measure, measured: Measure
) -> None:
    assert "--corners" in refused(spoilt)["remedy"]
    result = measured(spoilt, "--corners", as_text(corners_option(shot, error_px=6.0)))
    assert result["offset_mm"] == pytest.approx(8.0, abs=0.3)
    assert result["chart"]["read_from"] == "qr"


def test_the_paper_of_a_sheet_found_by_its_corners_is_recognised_without_its_qr_code(
    chart: Chart, shot: VirtualShot, spoilt: Picture, refused: Measure, measured: Measure
) -> None:
    picture = spoilt.copy()
    cv2.fillConvexPoly(picture, np.rint(shot.truth.page_to_pixel(chart.qr.corners_page_mm)).astype(np.int32), 200)
    corners = as_text(corners_option(shot, error_px=3.0))
    chart_read = measured(picture, "--corners", corners)["chart"]
    assert (chart_read["paper"], chart_read["read_from"]) == ("a4", "markers")
    assert refused(picture, "--corners", corners, "--paper", "a3")["code"] == "corners-doubtful"


def test_corners_in_the_wrong_order_or_place(shot: VirtualShot, spoilt: Picture, refused: Measure) -> None:
    corners = corners_option(shot)
    for wrong in (
        corners[4:] + corners[:4],
        [number + 150.0 for number in corners],
        [number + 20_000.0 for number in corners],
        [0.0, 0.0, 9.0, 0.0, 9.0, 9.0, 0.0, 9.0],
    ):
        assert refused(spoilt, "--corners", as_text(wrong))["code"] == "corners-doubtful"


@pytest.mark.parametrize(
    "options",
    [
        ("--corners", "1,2,3"),
        ("--corners", "0,0,9,0,9,9,0,nan"),
        ("--corners", "0,0,0,9,9,9,9,0"),
        ("--corners", "0,0,9,9,9,0,0,9"),
        ("--corners", "0,0,9,0,9,9,0,9", "another.jpg"),
        ("--paper", "a4"),
        ("--chart-id", "K7Q2XZ"),
        ("--scale", "0.2"),
    ],
)
def test_options_that_make_no_sense_are_refused_at_once(options: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, ["measure", "photo.jpg", *options])
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert "another.jpg" not in result.stderr
