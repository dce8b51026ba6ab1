"""Pictures that a program has cut: the lens's axis is no longer in their middle, and nobody knows where it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base

from backfocus.verify import CameraInfo, Measurement, measure
from backfocus.verify.simulate import Lens, Sensor, SheetPose, VirtualShot
from backfocus.verify.simulate.study import Edit, edited

Take = Callable[..., VirtualShot]


def half_width_mm(measurement: Measurement) -> float:
    assert measurement.offset_ci95_mm is not None, measurement.findings
    low, high = measurement.offset_ci95_mm
    return (high - low) / 2


def test_a_cut_picture_says_so_and_its_interval_holds_the_truth(take: Take, tmp_path: Path) -> None:
    shot = take(20.0)
    whole = measure(shot.save(tmp_path / "whole.jpg"))
    cut = measure(edited(shot, Edit(crop=(0.0, 0.0, 1.0, 0.8))).save(tmp_path / "cut.jpg"))
    assert "photo-resized" in [found.code for found in cut.findings]
    assert cut.offset_mm is not None
    assert abs(cut.offset_mm - 20.0) < half_width_mm(cut)
    assert half_width_mm(cut) > 1.5 * half_width_mm(whole)


def codes_of(measurement: Measurement) -> list[str]:
    return [found.code for found in measurement.findings]


def test_without_metadata_proportions_that_no_camera_has_tell_of_a_cut(take: Take, tmp_path: Path) -> None:
    """Such a photo was off by six half widths, and nothing said so."""
    shot = take(20.0, lens=Lens(50.0, 1.8), pose=SheetPose(40.0, 1.0, 0.0, 1300.0))
    cut = measure(edited(shot, Edit(crop=(0.1, 0.2, 0.8, 1.0))).save(tmp_path / "cut.jpg", exif=False))
    assert "photo-resized" in codes_of(cut)
    assert cut.offset_mm is not None
    assert abs(cut.offset_mm - 20.0) < half_width_mm(cut)


def test_perspective_tells_of_a_cut_where_metadata_and_proportions_do_not(take: Take, tmp_path: Path) -> None:
    whole = take(20.0).save(tmp_path / "whole.jpg")
    with Image.open(whole) as picture:
        exif = picture.getexif()
        details = exif.get_ifd(IFD.Exif)
        for tag in (Base.FocalPlaneXResolution, Base.FocalPlaneYResolution, Base.FocalPlaneResolutionUnit):
            details.pop(tag, None)
        part = picture.crop((450, 100, 2700, 1600))
        details[Base.ExifImageWidth], details[Base.ExifImageHeight] = part.size
        part.save(tmp_path / "part.jpg", quality=95, exif=exif)
    cut = measure(tmp_path / "part.jpg")
    assert "perspective-contradicts" in codes_of(cut)
    assert "photo-resized" not in codes_of(cut)
    assert cut.offset_mm is not None
    assert abs(cut.offset_mm - 20.0) < half_width_mm(cut)
    assert half_width_mm(cut) > 1.5 * half_width_mm(measure(whole))


def test_a_wrong_sensor_width_is_noticed_and_moves_no_offset(take: Take, tmp_path: Path) -> None:
    photo = take(20.0).save(tmp_path / "whole.jpg")
    right, wrong = measure(photo), measure(photo, camera=CameraInfo(sensor_width_mm=23.5))
    assert "perspective-contradicts" not in codes_of(right)
    assert "perspective-contradicts" in codes_of(wrong)
    assert wrong.offset_mm == pytest.approx(right.offset_mm, abs=0.05)


def test_a_portrait_is_not_taken_for_a_cut_picture(take: Take, tmp_path: Path) -> None:
    shot = take(20.0, sensor=Sensor(pixels=(3000, 2000), orientation=6))
    assert half_width_mm(measure(shot.save(tmp_path / "portrait.jpg"))) < 0.3
