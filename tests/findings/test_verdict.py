"""What counts as in focus: one rule, whatever the metadata tell, for a photo and for a series."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import formula_photo as formula
import numpy as np
import pytest

from backfocus.verify.lens import SHARP, Verdict, focus_verdict, in_focus_range_mm
from backfocus.verify.measure import _measured
from backfocus.verify.measurement import Measurement
from backfocus.verify.photo.metadata import CameraInfo

ROOT = Path(__file__).resolve().parents[2]
HALF_WIDTH_MM = 1.0
REACH_MM = formula.FLOOR_PX / formula.SLOPE_PX_PER_MM * math.sqrt((1.0 - SHARP) ** -2 - 1.0)
"""Defocus at which blur² = floor² + slope² s² is that of the sharpest plane over 1 - SHARP."""


def measured(
    offset_mm: float, half_width_mm: float = HALF_WIDTH_MM, camera: CameraInfo | None = None
) -> Measurement:
    photo = formula.photo()
    plane = formula.plane(offset_mm, half_width_mm)
    return _measured(
        photo if camera is None else replace(photo, camera=camera), formula.sighting(), formula.pose(), plane, None
    )


def test_the_pages_for_users_say_what_in_focus_means() -> None:
    """95 % of the sharpness: stored verdicts and words in three places rest on it."""
    kept = f"{1.0 - SHARP:.0%}".replace("%", " %")
    assert kept == "95 %"
    for page in ("README.md", "docs/tuning.md", "CHANGELOG.md"):
        assert kept in (ROOT / page).read_text(encoding="utf-8"), page


def test_the_mark_keeps_all_but_a_twentieth_of_the_contrast_within_the_range() -> None:
    front, behind = in_focus_range_mm(formula.curve().blur_px, 0.0, formula.MARK_MM)
    assert (front, behind) == pytest.approx((REACH_MM, REACH_MM), rel=0.01)
    least, at_front, at_behind = formula.curve().blur_px(np.array([0.0, front, -behind]))
    assert least / at_front == pytest.approx(1.0 - SHARP, abs=0.0005)
    assert least / at_behind == pytest.approx(1.0 - SHARP, abs=0.0005)


@pytest.mark.parametrize(
    ("offset_mm", "verdict"),
    [
        (0.0, "in-focus"),
        (REACH_MM - 1.1 * HALF_WIDTH_MM - 0.3, "in-focus"),
        (REACH_MM - 0.5 * HALF_WIDTH_MM, None),
        (REACH_MM + 0.5, "back-focus"),
        (-REACH_MM + 1.1 * HALF_WIDTH_MM + 0.3, "in-focus"),
        (-REACH_MM + 0.5 * HALF_WIDTH_MM, None),
        (-REACH_MM - 0.5, "front-focus"),
    ],
)
@pytest.mark.parametrize("camera", [formula.CAMERA, CameraInfo()], ids=["with metadata", "without"])
def test_the_verdict_is_the_same_with_and_without_metadata(
    offset_mm: float, verdict: Verdict | None, camera: CameraInfo
) -> None:
    assert measured(offset_mm, camera=camera).verdict == verdict


def test_an_interval_that_holds_both_sides_tells_none() -> None:
    assert measured(10.0, half_width_mm=12.0).verdict is None


def test_the_json_tells_what_the_verdict_rests_on() -> None:
    result = measured(20.0).to_dict()
    assert result["verdict"] == "back-focus"
    assert result["blur_at_focus_px"] == pytest.approx(formula.FLOOR_PX, abs=0.001)
    assert result["blur_at_focus_px"] / result["blur_at_mark_px"] < 1.0 - SHARP
    # A mm of depth counts less the farther away it is: with the square of the distance.
    reach_mm = REACH_MM * ((formula.MARK_MM + 20.0) / formula.MARK_MM) ** 2
    assert result["in_focus_mm"] == pytest.approx([reach_mm, reach_mm], rel=0.01)


@pytest.mark.parametrize(
    ("bounds", "verdict"),
    [((60.0, math.inf), "back-focus"), ((-math.inf, -60.0), "front-focus"), ((-20.0, math.inf), None)],
)
def test_a_bound_tells_a_side_only_if_the_mark_lies_on_the_other(
    bounds: tuple[float, float], verdict: Verdict | None
) -> None:
    assert focus_verdict(100.0 if bounds[1] > 0 else -100.0, bounds, (8.0, 8.0)) == verdict


def test_a_lens_without_blur_to_lose_is_in_focus_everywhere() -> None:
    assert in_focus_range_mm(np.ones_like, 0.0, formula.MARK_MM) == (math.inf, math.inf)
    assert focus_verdict(50.0, (40.0, 60.0), (math.inf, math.inf)) == "in-focus"
