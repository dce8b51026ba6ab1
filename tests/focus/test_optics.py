"""The thin lens, checked against worked examples and against its own inverse."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backfocus.verify import lens

focal_lengths = st.floats(14.0, 600.0)
distances_over_focal_length = st.floats(5.0, 200.0)


def test_circle_of_confusion_of_full_frame_is_29_micrometres() -> None:
    # The table of the usual circles has 0.029 mm for d/1500 of 36 x 24 mm.
    assert lens.circle_of_confusion_mm(36.0, (6000, 4000)) == pytest.approx(0.0288, abs=0.0001)
    assert lens.circle_of_confusion_mm(36.0, (4000, 6000)) == lens.circle_of_confusion_mm(36.0, (6000, 4000))


def test_object_at_two_focal_lengths_is_imaged_at_life_size() -> None:
    assert lens.image_distance_mm(50.0, 100.0) == pytest.approx(100.0)
    assert lens.magnification(50.0, 100.0) == pytest.approx(1.0)


@settings(deadline=None, derandomize=True)
@given(focal_lengths, distances_over_focal_length)
def test_lens_equation_holds(f: float, ratio: float) -> None:
    u = f * ratio
    v = lens.image_distance_mm(f, u)
    assert 1 / u + 1 / v == pytest.approx(1 / f)
    assert lens.magnification(f, u) == pytest.approx(v / u)
    assert lens.object_distance_mm(f, v) == pytest.approx(u, rel=1e-6)


@settings(deadline=None, derandomize=True)
@given(focal_lengths, distances_over_focal_length)
def test_tape_measure_is_converted_both_ways(f: float, ratio: float) -> None:
    u = f * ratio
    assert lens.distance_of_tape_mm(f, lens.distance_from_sensor_mm(f, u)) == pytest.approx(u, rel=1e-6)


def test_back_focus_is_positive_at_the_sensor_too() -> None:
    # A lens focused behind the mark stands too close to the sensor: it must be extended.
    assert lens.defocus_um(85.0, 1500.0, +8.0) > 0
    assert lens.defocus_um(85.0, 1500.0, -8.0) < 0
    assert lens.defocus_um(85.0, 1500.0, 0.0) == 0


def test_defocus_is_offset_times_longitudinal_magnification() -> None:
    m = lens.magnification(85.0, 25 * 85.0)
    assert lens.defocus_um(85.0, 25 * 85.0, 0.1) == pytest.approx(1000 * 0.1 * m**2, rel=1e-3)


@settings(deadline=None, derandomize=True)
@given(focal_lengths, distances_over_focal_length, st.floats(-0.05, 0.05))
def test_offset_comes_back_from_defocus(f: float, ratio: float, part: float) -> None:
    u = f * ratio
    offset = part * u
    back = lens.offset_of_defocus_mm(f, u, lens.defocus_um(f, u, offset))
    assert back == pytest.approx(offset, rel=1e-5, abs=1e-6 * u)


def test_twenty_canon_steps_move_focus_as_worked_out() -> None:
    # 85 mm f/1.8 at 25 f with c = 0.030 mm: +20 steps are +80.8 mm and -20 are -74.9 mm.
    step_um = 1000 * 0.030 * 1.8 / 8
    assert lens.offset_of_defocus_mm(85.0, 25 * 85.0, +20 * step_um) == pytest.approx(80.8, abs=0.05)
    assert lens.offset_of_defocus_mm(85.0, 25 * 85.0, -20 * step_um) == pytest.approx(-74.9, abs=0.05)


def test_focus_beyond_infinity_is_infinitely_far() -> None:
    assert math.isinf(lens.offset_of_defocus_mm(50.0, 100_000.0, 1000.0))


def test_depth_of_field_limits_are_where_the_blur_disc_is_the_circle() -> None:
    f, n, u, c = 85.0, 1.4, 1500.0, 0.0288
    in_front, behind = lens.depth_of_field_mm(f, n, u, c)
    v = lens.image_distance_mm(f, u)
    for limit in (u - in_front, u + behind):
        w = lens.image_distance_mm(f, limit)
        # A point imaged at w leaves a disc of (f/N)·|w - v|/w on the sensor at v.
        assert f / n * abs(w - v) / w == pytest.approx(c, rel=1e-6)
    # N c (1 + m) / m², the approximation for both sides, is 11.9 mm here.
    assert (in_front, behind) == pytest.approx((11.9, 11.9), abs=0.15)


def test_depth_of_field_reaches_infinity_at_the_hyperfocal_distance() -> None:
    hyperfocal = 50.0**2 / (8 * 0.03) + 50
    in_front, behind = lens.depth_of_field_mm(50.0, 8.0, hyperfocal, 0.03)
    assert math.isinf(behind)
    assert in_front == pytest.approx(hyperfocal / 2, rel=0.01)


@pytest.mark.parametrize("distance_mm", [0.0, 50.0, -100.0, math.nan])
def test_object_within_the_focal_length_is_an_error(distance_mm: float) -> None:
    with pytest.raises(ValueError, match="farther away than the focal length"):
        lens.image_distance_mm(50.0, distance_mm)
    with pytest.raises(ValueError, match="four focal lengths"):
        lens.distance_of_tape_mm(50.0, 199.0)
