"""The chart as it is on paper: where everything went, and a photo of it measured by that."""

from __future__ import annotations

import dataclasses
import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from backfocus.targets import Chart
from backfocus.verify import measure
from backfocus.verify.detect.find_chart import Sighting, find_chart
from backfocus.verify.photo.reading import read_photo
from backfocus.verify.prints.calibration import PrintCalibration, as_printed, sighting_as_printed
from backfocus.verify.prints.page_map import fit_page_map
from backfocus.verify.simulate import ExifNames, Lens, Sensor, SheetPose, SheetRaster, shoot

pytestmark = pytest.mark.usefixtures("own_data")


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
    width, height, offset_mm = 0.95, 0.957, 14.0
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
    untold = measure(photo).offset_mm
    kept = dataclasses.replace(calibration, scale_x=width, scale_y=height, skew_rad=0.0)
    monkeypatch.setattr(
        importlib.import_module("backfocus.verify.measure"),
        "find_chart",
        lambda *arguments: sighting_as_printed(find_chart(*arguments), kept),
    )
    told = measure(photo).offset_mm
    assert untold is not None and abs(untold - offset_mm) > 0.4
    assert told is not None and abs(told - offset_mm) < 0.15
