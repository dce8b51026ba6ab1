"""Pictures that a program has cut: the lens's axis is no longer in their middle, and nobody knows where it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from backfocus.verify import Measurement, measure
from backfocus.verify.camera import Sensor, VirtualShot
from backfocus.verify.study.editing import Edit, edited

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


def test_a_portrait_is_not_taken_for_a_cut_picture(take: Take, tmp_path: Path) -> None:
    shot = take(20.0, sensor=Sensor(pixels=(3000, 2000), orientation=6))
    assert half_width_mm(measure(shot.save(tmp_path / "portrait.jpg"))) < 0.3
