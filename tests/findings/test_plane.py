"""Which plane counts, by width or by contrast; what is said where a lens has no single one."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from typing import Any

import formula_photo as formula
import numpy as np
import pytest

from backfocus.verify import checks
from backfocus.verify.findings import Findings, Refusal
from backfocus.verify.fit.focus import FocusCurve
from backfocus.verify.fit.interval import OffsetInterval, offset_interval
from backfocus.verify.fit.plane import (
    AGREEING,
    FARTHEST_DOF,
    IDEAL_ODDS,
    MOVED,
    MOVED_WIDE,
    FocusPlane,
    find_focus_plane,
)
from backfocus.verify.fit.ridge import Ridge
from backfocus.verify.lens import Verdict, mtf50_cycles_px
from backfocus.verify.measure import _measured
from backfocus.verify.measurement import Measurement
from backfocus.verify.photo.metadata import CameraInfo

PLANE = sys.modules["backfocus.verify.fit.plane"]
HALF_MM = 1.0
SEVERAL = {"ratio": 0.4}
"""What the ridge of a lens without a single plane has."""


def by_contrast(offset_mm: float, half_width_mm: float = HALF_MM, **ridge: Any) -> FocusPlane:
    return replace(
        formula.plane(offset_mm, half_width_mm), basis="contrast", ridge=formula.ridge(offset_mm, **ridge)
    )


def measured(plane: FocusPlane) -> Measurement:
    return _measured(formula.photo(), formula.sighting(), formula.pose(), plane, None)


def test_widths_that_speak_for_an_ideal_lens_know_one_plane_whatever_contrast_says() -> None:
    blurred = replace(formula.plane(8.0), ridge=formula.ridge(8.0, peak=0.1, ratio=0.3, coarse_mm=-60.0))
    assert blurred.has_one_plane
    assert blurred.ci95_mm == pytest.approx((7.0, 9.0))


@pytest.mark.parametrize(
    ("ridge", "is_single"),
    [
        ({}, True),
        ({"coarse_mm": -20.0}, True),
        ({"ratio": None, "coarse_mm": None}, True),
        ({"ratio": 0.4}, False),
        ({"peak": 0.15}, False),
        ({"peak": 0.15, "ratio": None, "coarse_mm": None}, False),
    ],
)
def test_a_lens_has_one_plane_where_fine_detail_keeps_enough_contrast_in_its_own(
    ridge: dict[str, Any], is_single: bool
) -> None:
    plane = by_contrast(8.0, **ridge)
    assert plane.has_one_plane == is_single
    said = [found.code for found in checks.of_the_planes(plane)]
    assert said == ([] if is_single else ["no-single-plane"])


@pytest.mark.parametrize(
    ("ridge", "ends"),
    [
        ({"coarse_mm": -20.0}, (7.0, 9.0)),
        (SEVERAL | {"coarse_mm": -20.0}, (-20.0, 9.0)),
        (SEVERAL | {"coarse_mm": 40.0}, (7.0, 40.0)),
        (SEVERAL | {"coarse_mm": 8.5}, (7.0, 9.0)),
        ({"peak": 0.1, "ratio": None, "coarse_mm": None}, (7.0, 9.0)),
    ],
    ids=["one plane", "coarse in front", "coarse behind", "coarse inside", "no coarse plane"],
)
def test_without_a_single_plane_the_interval_reaches_to_that_for_coarse_detail(
    ridge: dict[str, Any], ends: tuple[float, float]
) -> None:
    plane = by_contrast(8.0, **ridge)
    assert plane.ci95_mm == pytest.approx(ends)
    assert measured(plane).offset_ci95_mm == pytest.approx(ends)


@pytest.mark.parametrize(
    ("offset_mm", "ridge", "verdict"),
    [
        (0.0, {}, "in-focus"),
        (0.0, SEVERAL, None),
        (0.0, {"peak": 0.1, "ratio": None, "coarse_mm": None}, None),
        (40.0, SEVERAL | {"coarse_mm": -30.0}, None),
        (-40.0, SEVERAL | {"coarse_mm": 2.0}, None),
        (40.0, SEVERAL | {"coarse_mm": 90.0}, "back-focus"),
        (-40.0, SEVERAL | {"coarse_mm": -90.0}, "front-focus"),
    ],
)
def test_a_lens_without_a_single_plane_is_nowhere_in_focus_but_may_miss_the_mark_with_both(
    offset_mm: float, ridge: dict[str, Any], verdict: Verdict | None
) -> None:
    found = measured(by_contrast(offset_mm, **ridge))
    assert found.verdict == verdict
    assert ("no-single-plane" in {each.code for each in found.findings}) == (ridge != {})
    assert found.trustworthy


def test_both_planes_are_told_by_contrast_and_only_one_by_width() -> None:
    two = measured(by_contrast(8.0, ratio=0.4, coarse_mm=-20.0)).to_dict()
    assert (two["sharpest_by"], two["offset_mm"], two["coarse_offset_mm"]) == ("contrast", 8.0, -20.0)
    said = next(found["message"] for found in two["findings"] if found["code"] == "no-single-plane")
    assert "+8.0 mm" in said and "-20.0 mm" in said
    one = measured(replace(formula.plane(8.0), ridge=formula.ridge(8.0, coarse_mm=-20.0))).to_dict()
    assert (one["sharpest_by"], one["coarse_offset_mm"]) == ("width", None)


@pytest.mark.parametrize(("coarse_mm", "is_told"), [(-172.0, True), (-60.0, False), (172.0, False), (None, False)])
def test_no_side_is_told_of_focus_beyond_the_sheet_where_fine_and_coarse_disagree(
    coarse_mm: float | None, is_told: bool
) -> None:
    """At +201 mm nothing was sharp on a sheet, and a ridge of noise said "closer"."""
    plane = by_contrast(-160.0, coarse_mm=coarse_mm, **SEVERAL | {"peak": 0.11})
    if is_told:
        assert measured(plane).offset_bound_mm == (None, pytest.approx(-90.0))
    else:
        with pytest.raises(Refusal, match="does not tell where focus is"):
            measured(plane)


def test_no_side_is_told_of_focus_beyond_the_sheet_by_a_photo_that_cannot_be_trusted() -> None:
    critical = Findings.CLIPPED_THROUGHOUT.finding()
    checks.refuse_doubtful_end(formula.plane(8.0), [critical])
    checks.refuse_doubtful_end(formula.plane(150.0), [])
    with pytest.raises(Refusal, match="does not tell where focus is"):
        checks.refuse_doubtful_end(formula.plane(150.0), [critical])


def test_half_of_the_contrast_is_that_of_the_ridge_or_else_of_the_blur_in_the_plane() -> None:
    seen = measured(by_contrast(0.0, mtf50_cycles=0.2))
    columns, sensor_mm = formula.IMAGE_SIZE[0], formula.CAMERA.sensor_width_mm or 0.0
    assert seen.mtf50_cycles_px == 0.2
    assert seen.mtf50_lp_mm == pytest.approx(0.2 * columns / sensor_mm)
    for plane in (formula.plane(), by_contrast(0.0, mtf50_cycles=None)):
        blur_px = measured(plane).blur_at_focus_px
        assert blur_px is not None
        assert measured(plane).mtf50_cycles_px == pytest.approx(mtf50_cycles_px(blur_px))


def test_scatter_of_widths_refuses_only_what_was_found_by_width() -> None:
    scattered = formula.curve(8.0, scatter=0.3)
    with pytest.raises(Refusal) as refusal:
        measured(replace(formula.plane(8.0), curve=scattered))
    assert refusal.value.finding.code == "poor-fit"
    assert measured(replace(by_contrast(8.0), curve=scattered)).offset_mm == 8.0


WIDTH_MM, WIDTH_HALF_MM = 5.0, 0.392
"""Where widths have their least, with a standard error of 0.2 mm."""


@pytest.fixture
def find(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that finds the plane of given evidence and ridge; camera data may be given."""

    def found(
        lens_odds: float,
        ridge: Ridge | None,
        camera: CameraInfo | None = None,
        *,
        shake_px: float = 0.0,
        has_colours: bool | None = None,
    ) -> FocusPlane:
        curve = replace(formula.curve(WIDTH_MM, shake_px=shake_px), lens_odds=lens_odds)
        curve = replace(curve, motion=replace(curve.motion, form_mm=1.0 if shake_px else 0.0))
        budget = OffsetInterval(WIDTH_HALF_MM, 0.0, 0.0, 0.0)
        for name, value in {
            "fit_focus_curve": curve,
            "lens_blur_px": formula.FLOOR_PX,
            "with_floor": formula.samples(),
            "measure_contrast": None,
            "find_ridge": ridge,
            "offset_interval": budget,
        }.items():
            monkeypatch.setattr(PLANE, name, lambda *_, value=value, **__: value)
        photo = formula.photo() if camera is None else replace(formula.photo(), camera=camera)
        chart, samples, pose = formula.sighting().chart, formula.samples(), formula.pose()
        return find_focus_plane(photo, chart, samples, pose, has_colours=has_colours)

    return found


def test_without_a_ridge_the_least_width_counts_whatever_speaks_against_the_lens(find: Any) -> None:
    plane = find(20.0, None)
    assert (plane.basis, plane.curve.offset_mm, plane.ridge) == ("width", WIDTH_MM, None)


NEAR_MM = AGREEING[None] * math.hypot(0.3, 0.4, 0.2)
"""How far the planes may lie apart: noise and spread of contrast, and the error of width."""


@pytest.mark.parametrize(
    ("lens_odds", "ridge", "basis"),
    [
        (IDEAL_ODDS[None] - 0.01, formula.ridge(WIDTH_MM), "width"),
        (IDEAL_ODDS[None] + 0.01, formula.ridge(WIDTH_MM), "contrast"),
        (-9.0, formula.ridge(WIDTH_MM + NEAR_MM - 0.01), "width"),
        (-9.0, formula.ridge(WIDTH_MM + NEAR_MM + 0.01), "contrast"),
        (-9.0, formula.ridge(WIDTH_MM - NEAR_MM + 0.01), "width"),
        (-9.0, formula.ridge(WIDTH_MM - NEAR_MM - 0.01), "contrast"),
        (-9.0, formula.ridge(WIDTH_MM + 3.0, colour_mm=3.0), "width"),
        (-9.0, formula.ridge(WIDTH_MM, colour_mm=3.0), "contrast"),
    ],
)
def test_width_counts_where_it_speaks_for_an_ideal_lens_and_contrast_agrees(
    find: Any, lens_odds: float, ridge: Ridge, basis: str
) -> None:
    plane = find(lens_odds, ridge)
    assert plane.basis == basis
    assert plane.curve.offset_mm == (WIDTH_MM if basis == "width" else ridge.offset_mm)
    assert plane.ridge == ridge


@pytest.mark.parametrize(
    ("shake_px", "has_colours", "basis"),
    [(4.0, False, "width"), (0.0, False, "contrast"), (4.0, None, "contrast"), (4.0, True, "contrast")],
)
def test_a_moved_camera_is_no_lens_with_errors_where_the_lens_is_seen_to_have_no_colours(
    find: Any, shake_px: float, has_colours: bool | None, basis: str
) -> None:
    assert find(300.0, formula.ridge(WIDTH_MM), shake_px=shake_px, has_colours=has_colours).basis == basis


def test_planes_of_a_moved_camera_that_contradict_each_other_are_both_possible(find: Any) -> None:
    near, far = WIDTH_MM + 1.5, WIDTH_MM + 30.0
    agreeing, apart = (
        find(-9.0, formula.ridge(at), shake_px=4.0, has_colours=False).interval.total_mm for at in (near, far)
    )
    assert agreeing == pytest.approx(WIDTH_HALF_MM)
    assert apart >= far - WIDTH_MM


def test_contrast_farther_from_least_width_than_a_lens_makes_it_is_doubted_after_motion(find: Any) -> None:
    dof_mm = sum(measured(formula.plane(WIDTH_MM)).depth_of_field_mm or ())
    for of_dof, is_doubted in ((FARTHEST_DOF - 0.05, False), (FARTHEST_DOF + 0.05, True)):
        ridge = formula.ridge(WIDTH_MM + of_dof * dof_mm)
        moved = find(300.0, ridge, shake_px=4.0, has_colours=True)
        assert (moved.interval.total_mm > of_dof * dof_mm) == is_doubted
        assert find(300.0, ridge, has_colours=True).interval.total_mm < of_dof * dof_mm


@pytest.mark.parametrize(
    ("of_floor", "f_number", "has_colours", "is_told"),
    [
        (MOVED + 0.01, 2.8, True, True),
        (MOVED - 0.01, 2.8, True, False),
        (MOVED - 0.01, 2.8, None, False),
        (MOVED - 0.01, 2.8, False, True),
        (MOVED_WIDE + 0.01, 1.4, True, True),
        (MOVED_WIDE - 0.01, 1.4, True, False),
    ],
)
def test_motion_is_told_where_a_lens_with_errors_cannot_look_like_it(
    find: Any, of_floor: float, f_number: float, has_colours: bool | None, is_told: bool
) -> None:
    camera = replace(formula.CAMERA, f_number=f_number)
    shake_px = of_floor * math.sqrt(12.0) * formula.FLOOR_PX
    plane = find(9.0, formula.ridge(WIDTH_MM), camera, shake_px=shake_px, has_colours=has_colours)
    assert shake_px > Findings.MOTION_BLUR.limit.value
    assert ("motion-blur" in {found.code for found in measured(plane).findings}) == is_told


def test_by_contrast_the_curve_is_least_in_the_plane_of_most_contrast(find: Any) -> None:
    curve: FocusCurve = find(9.0, formula.ridge(12.0)).curve
    depth = np.linspace(-100.0, 100.0, 2001)
    assert depth[np.argmin(curve.blur_px(depth))] == pytest.approx(12.0, abs=0.1)
    assert curve.floor_px == pytest.approx(formula.FLOOR_PX)


def test_by_contrast_the_interval_holds_noise_and_all_else_that_contrast_may_miss(find: Any) -> None:
    seen = formula.ridge(
        12.0, noise_mm=0.3, top_mm=0.1, spread_mm=0.4, field_mm=0.5, colour_sd_mm=0.2, astigmatism_sd_mm=0.7
    )
    plane = find(9.0, seen)
    assert plane.interval.fit_mm == pytest.approx(1.96 * 0.3)
    assert plane.interval.model_mm == pytest.approx(1.96 * math.hypot(0.1, 0.4, 0.5, 0.2))
    assert plane.astigmatism_half_mm == pytest.approx(1.96 * 0.7)


def test_by_contrast_the_print_counts_by_the_offset_from_contrast(find: Any, monkeypatch: Any) -> None:
    asked = []

    def budget(*of: Any) -> OffsetInterval:
        asked.append(of[2].offset_mm)
        return offset_interval(*of)

    plane = find(9.0, formula.ridge(60.0))
    monkeypatch.setattr(PLANE, "offset_interval", budget)
    plane = find_focus_plane(
        formula.photo(), formula.sighting().chart, formula.samples(), formula.pose(), print_scale=0.055
    )
    assert asked == [WIDTH_MM, 60.0]
    assert plane.interval.print_mm == pytest.approx(0.055 * 60.0, rel=0.01)


def test_what_metadata_do_not_tell_of_the_lens_the_rise_of_blur_does(find: Any, monkeypatch: Any) -> None:
    """Contrast weighs errors of the field by the aperture and the depth of field."""
    views = []
    find(9.0, None)
    monkeypatch.setattr(PLANE, "find_ridge", lambda _, view, **__: views.append(view))
    chart, samples, pose = formula.sighting().chart, formula.samples(), formula.pose()
    for camera in (formula.CAMERA, CameraInfo()):
        photo = replace(formula.photo(), camera=camera)
        assert find_focus_plane(photo, chart, samples, pose).basis == "width"
    told, seen = views
    assert told.f_number == pytest.approx(formula.F_NUMBER)
    assert seen.f_number == pytest.approx(told.f_number, rel=0.05)
    assert seen.depth_of_field_mm == pytest.approx(told.depth_of_field_mm, rel=0.05)
    assert seen.focal_length_mm == pytest.approx(told.focal_length_mm, rel=0.05)
