"""From a photo to an offset, on simulated photos with known truth."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from backfocus.verify import CameraInfo, Measurement, measure
from backfocus.verify.simulate import Development, Exposure, Lens, Sensor, SheetPose, VirtualShot

Take = Callable[..., VirtualShot]


def error_mm(measurement: Measurement, truth: float) -> float:
    assert measurement.offset_mm is not None, measurement.findings
    return abs(measurement.offset_mm - truth)


def codes(measurement: Measurement) -> set[str]:
    return {found.code for found in measurement.findings}


def test_back_focus_is_positive(back_focused_photo: Path) -> None:
    measurement = measure(back_focused_photo)
    assert error_mm(measurement, 8.0) < 0.15
    assert measurement.verdict == "back-focus"
    assert measurement.trustworthy


def test_front_focus_is_negative(front_focused_photo: Path) -> None:
    measurement = measure(front_focused_photo)
    assert error_mm(measurement, -12.0) < 0.15
    assert measurement.verdict == "front-focus"


def test_the_interval_holds_the_truth(back_focused_photo: Path, front_focused_photo: Path) -> None:
    for photo, truth in ((back_focused_photo, 8.0), (front_focused_photo, -12.0)):
        interval = measure(photo).offset_ci95_mm
        assert interval is not None
        assert interval[0] <= truth <= interval[1]
        assert interval[1] - interval[0] < 0.5


def test_geometry_is_recovered(back_focused_photo: Path) -> None:
    measurement = measure(back_focused_photo)
    assert measurement.tilt_deg == pytest.approx(45.0, abs=0.05)
    assert measurement.distance_mm == pytest.approx(1500.0, rel=0.01)


def test_the_chart_is_read_from_its_qr_code(back_focused_photo: Path) -> None:
    read = measure(back_focused_photo).chart
    assert read is not None
    assert (read.design, read.paper, read.scale, read.read_from) == ("flat", "a4", 1.0, "qr")


@pytest.mark.parametrize("orientation", [1, 6, 8])
@pytest.mark.parametrize(
    ("tilt", "yaw", "roll"),
    [
        (45.0, 0.0, 0.0),
        (-40.0, 2.0, 0.0),
        (45.0, 0.0, 90.0),
        (45.0, 1.0, 180.0),
        (-45.0, 0.0, 270.0),
        (2.0, 42.0, 0.0),
    ],
    ids=["back", "forward", "left", "upside-down", "right", "sideways"],
)
def test_any_orientation_of_sheet_and_camera(
    take: Take, tmp_path: Path, tilt: float, yaw: float, roll: float, orientation: int
) -> None:
    shot = take(
        10.0,
        pose=SheetPose(tilt, yaw, roll, 1700.0),
        sensor=Sensor(pixels=(3000, 2000), orientation=orientation),  # type: ignore[arg-type]
    )
    measurement = measure(shot.save(tmp_path / "photo.jpg"))
    assert error_mm(measurement, 10.0) < 0.25
    assert measurement.tilt_deg == pytest.approx(shot.truth.tilt_deg, abs=0.1)


def test_a_photo_without_metadata_is_still_measured(take: Take, tmp_path: Path) -> None:
    measurement = measure(take(8.0).save(tmp_path / "bare.png", exif=False))
    assert error_mm(measurement, 8.0) < 0.2
    assert measurement.distance_mm == pytest.approx(1500.0, rel=0.05)
    assert measurement.depth_of_field_mm is None
    assert "distance-unknown" in codes(measurement)


def test_what_the_user_says_replaces_missing_metadata(take: Take, tmp_path: Path) -> None:
    photo = take(8.0).save(tmp_path / "bare.png", exif=False)
    known = CameraInfo(
        make="Canon", model="Canon EOS 5D Mark II", focal_length_mm=85, f_number=1.4, sensor_width_mm=36
    )
    measurement = measure(photo, camera=known, setting=2)
    assert measurement.depth_of_field_mm == pytest.approx((11.8, 12.0), abs=0.4)
    assert measurement.suggestion is not None
    assert measurement.suggestion.change is not None
    assert measurement.suggestion.change < 0
    assert measurement.suggestion.direction == "closer to the camera"


@pytest.mark.parametrize(("name", "bits"), [("p.png", 16), ("p.tif", 16), ("p.tif", 8)])
def test_deeper_and_lossless_files_give_the_same(take: Take, tmp_path: Path, name: str, bits: int) -> None:
    assert error_mm(measure(take(8.0).save(tmp_path / name, bits=bits)), 8.0) < 0.15


def test_uneven_light_and_strong_noise(take: Take, tmp_path: Path) -> None:
    shot = take(-5.0, exposure=Exposure(light_gradient=(0.5, -0.4), noise_fraction=0.04))
    assert error_mm(measure(shot.save(tmp_path / "photo.jpg")), -5.0) < 0.4


def test_focus_beyond_the_sheet_gives_side_and_bound(take: Take, tmp_path: Path) -> None:
    for truth, verdict in ((110.0, "back-focus"), (-110.0, "front-focus")):
        shot = take(truth, pose=SheetPose(45.0, 1.0, -1.0, 2000.0), lens=Lens(50.0, 4.0), sensor=Sensor())
        measurement = measure(shot.save(tmp_path / f"{truth}.jpg"))
        assert measurement.status == "out-of-range"
        assert not measurement.trustworthy
        assert measurement.offset_mm is None
        assert measurement.verdict == verdict
        least, most = measurement.offset_bound_mm or (None, None)
        assert (least is not None and 50 < least <= truth) or (most is not None and truth <= most < -50)


def test_a_sheet_that_faces_the_camera_is_refused(take: Take, tmp_path: Path) -> None:
    measurement = measure(take(5.0, pose=SheetPose(3.0, 1.0, 0.0, 1500.0)).save(tmp_path / "flat-on.jpg"))
    assert measurement.status == "refused"
    assert codes(measurement) & {"too-flat-on", "lean-ambiguous", "no-minimum"}


def test_a_small_aperture_is_refused_or_has_a_wide_interval(take: Take, tmp_path: Path) -> None:
    measurement = measure(take(5.0, lens=Lens(35.0, 16.0)).save(tmp_path / "stopped-down.jpg"))
    if measurement.status == "measured":
        low, high = measurement.offset_ci95_mm or (0.0, 0.0)
        assert low <= 5.0 <= high
        assert high - low > 3.0
    else:
        assert measurement.status == "refused"


def test_a_photo_without_a_chart_is_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    picture = Image.fromarray(rng.integers(0, 255, (60, 90, 3), dtype=np.uint8)).resize(
        (1800, 1200), Image.Resampling.NEAREST
    )
    picture.save(tmp_path / "cat.jpg")
    measurement = measure(tmp_path / "cat.jpg")
    assert measurement.status == "refused"
    assert codes(measurement) == {"no-chart"}
    assert all(found.remedy for found in measurement.findings)


def test_a_contrast_curve_of_the_camera_does_not_move_focus(take: Take, tmp_path: Path) -> None:
    shot = take(8.0, development=Development(s_curve=0.6))
    assert error_mm(measure(shot.save(tmp_path / "photo.jpg")), 8.0) < 0.2


@pytest.mark.parametrize(("sag_mm", "along"), [(4.0, "height"), (-4.0, "height"), (4.0, "width")])
def test_a_bent_sheet_is_followed(
    take: Take, tmp_path: Path, sag_mm: float, along: Literal["width", "height"]
) -> None:
    pose = SheetPose(45.0, 1.0, -1.0, 1500.0, sag_mm=sag_mm, bent_along=along)
    measurement = measure(take(8.0, pose=pose).save(tmp_path / "bent.jpg"))
    assert error_mm(measurement, 8.0) < 0.1
    assert "sheet-bent" in codes(measurement)


def test_a_copy_of_another_size_is_noticed_by_the_lens_distance(back_focused_photo: Path) -> None:
    assert "scale-doubtful" in codes(measure(back_focused_photo, camera=CameraInfo(focus_distance_m=0.7)))
    assert "scale-doubtful" not in codes(measure(back_focused_photo, camera=CameraInfo(focus_distance_m=1.4)))
