"""Blur that is none of the lens's: a shaken camera, soft ink, and contrast curves in uneven light."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from backfocus.verify import Measurement, measure
from backfocus.verify.fit.focus import fit_focus_curve
from backfocus.verify.measure import Analysis, analyse
from backfocus.verify.simulate import CAMERAS, Development, Exposure, Lens, Sensor, SheetPose, VirtualShot

Take = Callable[..., VirtualShot]


def holds(measurement: Measurement, truth: float) -> bool:
    assert measurement.offset_ci95_mm is not None, measurement.findings
    low, high = measurement.offset_ci95_mm
    return low <= truth <= high


def by_width(steps: Analysis) -> float:
    """The plane of least blur, whether or not contrast had the last word."""
    assert steps.samples is not None
    assert steps.pose is not None
    return fit_focus_curve(steps.samples, steps.pose).offset_mm


@pytest.mark.parametrize(("tilt", "f_number", "direction"), [(45.0, 2.8, 45.0), (55.0, 2.0, 266.0)])
def test_shake_does_not_move_the_offset(
    take: Take, tmp_path: Path, tilt: float, f_number: float, direction: float
) -> None:
    """Taken for a turned plane of focus it moved the offset by 18 mm in the first of these."""
    shot = take(
        8.0,
        pose=SheetPose(tilt, 1.0, 2.0, 1700.0),
        lens=Lens(50.0, f_number),
        sensor=Sensor(),
        exposure=Exposure(motion_px=5.0, motion_deg=direction),
    )
    measurement = measure(shot.save(tmp_path / "shaken.jpg"))
    assert measurement.offset_mm == pytest.approx(8.0, abs=1.0)
    assert holds(measurement, 8.0)
    # Motion along the depth leaves hardly any level edge to see it by.
    assert measurement.trustworthy == (direction == 45.0)


def test_shake_is_named_with_its_length(take: Take, tmp_path: Path) -> None:
    shaken = analyse(take(8.0, exposure=Exposure(motion_px=6.0, motion_deg=45.0)).save(tmp_path / "shaken.jpg"))
    still = analyse(take(8.0).save(tmp_path / "still.jpg"))
    assert shaken.curve is not None
    assert still.curve is not None
    assert shaken.curve.shake_px == pytest.approx(6.0, abs=0.7)
    assert still.curve.shake_px < 1.0
    assert "motion-blur" in [found.code for found in shaken.measurement.findings]
    assert "motion-blur" not in [found.code for found in still.measurement.findings]


def test_the_prints_own_softness_is_not_taken_for_back_focus(take: Take, tmp_path: Path) -> None:
    """It would be 0.3 mm here: soft edges look larger, and so more blurred, on the near part of the sheet."""
    phone = CAMERAS["phone-12"]
    offsets = []
    for seed in range(3):
        shot = take(
            0.0,
            pose=SheetPose(45.0, 0.0, 0.0, 500.0),
            lens=phone.lens,
            sensor=phone.sensor,
            names=phone.names,
            exposure=Exposure(noise_fraction=0.003),
            seed=seed,
        )
        offsets.append(by_width(analyse(shot.save(tmp_path / "phone.jpg"))))
    # Their standard error by noise is 0.14 mm.
    assert np.mean(offsets) == pytest.approx(0.0, abs=0.15)


@pytest.mark.parametrize("growing", [-0.6, 0.6])
def test_uneven_light_and_a_contrast_curve_are_not_taken_for_focus(
    take: Take, tmp_path: Path, growing: float
) -> None:
    """They were 1.1 mm: bright edges come out narrower than dim ones."""
    shot = take(
        8.0,
        pose=SheetPose(45.0, 1.0, 2.0, 1700.0),
        lens=Lens(50.0, 4.0),
        exposure=Exposure(noise_fraction=0.003, light_gradient=(0.0, growing)),
        development=Development(s_curve=0.5),
    )
    steps = analyse(shot.save(tmp_path / "uneven.jpg"))
    assert by_width(steps) == pytest.approx(8.0, abs=0.8)
    assert holds(steps.measurement, 8.0)
