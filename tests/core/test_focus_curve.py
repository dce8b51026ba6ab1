"""The focus curve and its interval, from blur that follows the lens's law, with noise."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from by_formula import FLOOR_PX, FOCAL_PX, blur_law, leaning, printed_edges

from backfocus.targets import Chart
from backfocus.verify.edges.samples import EdgeSamples
from backfocus.verify.findings import Refusal
from backfocus.verify.fit.curve import LOG_FLOOR, LOG_SLOPE, OFFSET
from backfocus.verify.fit.focus import FocusCurve, _deviating, _formula, fit_focus_curve
from backfocus.verify.fit.interval import offset_interval, soft_print_mm
from backfocus.verify.fit.motion import MOTION_PAIRS, motion_terms
from backfocus.verify.fit.problem import Problem
from backfocus.verify.fit.search import search_focus
from backfocus.verify.geometry import Pose

Array = npt.NDArray[np.float64]
POSE = leaning()
TRIALS = 30


def curve_of(samples: EdgeSamples, pose: Pose = POSE) -> FocusCurve:
    return fit_focus_curve(samples, pose)


def depth_of(samples: EdgeSamples) -> Array:
    return POSE.depth_mm(samples.sheet_mm) - POSE.distance_mm


def with_ink(samples: EdgeSamples, ink_mm: float) -> EdgeSamples:
    """The same edges, printed soft."""
    ink_px = ink_mm * FOCAL_PX / (POSE.distance_mm + depth_of(samples))
    return replace(samples, blur_px=np.hypot(samples.blur_px, ink_px))


@pytest.mark.parametrize("offset_mm", [-40.0, -8.0, 0.0, 12.0, 45.0])
def test_the_offset_comes_back_with_its_sign(chart: Chart, rng: np.random.Generator, offset_mm: float) -> None:
    curve = curve_of(with_ink(printed_edges(chart, POSE, rng, offset_mm, 0.002), 0.02))
    assert curve.offset_mm == pytest.approx(offset_mm, abs=0.1)
    assert curve.floor_px == pytest.approx(FLOOR_PX, rel=0.02)
    assert curve.slope_px_per_mm == pytest.approx(FLOOR_PX / 15.0, rel=0.03)
    assert curve.exponent == pytest.approx(2.0, abs=0.05)
    assert curve.shake_px < 0.5


def test_ninety_five_of_a_hundred_intervals_hold_the_truth(chart: Chart) -> None:
    """Of the parts that noise makes; those for what no photo tells (print, form of the curve) only widen it."""
    held, off, told = 0, [], []
    for seed in range(TRIALS):
        rng = np.random.default_rng(seed)
        offset_mm = float(rng.uniform(-25.0, 25.0))
        curve = curve_of(with_ink(printed_edges(chart, POSE, rng, offset_mm, 0.05), 0.02))
        half = math.hypot(1.96 * curve.offset_sd_mm, 1.65 * curve.model_sd_mm)
        off.append(curve.offset_mm - offset_mm)
        told.append(curve.offset_sd_mm)
        held += abs(off[-1]) < half
    assert held >= 0.86 * TRIALS
    assert np.mean(off) == pytest.approx(0.0, abs=4 * np.std(off) / math.sqrt(TRIALS))
    assert np.std(off) == pytest.approx(np.mean(told), rel=0.35)


def test_wrong_pieces_hardly_move_it(chart: Chart, rng: np.random.Generator) -> None:
    samples = printed_edges(chart, POSE, rng, 8.0, 0.02)
    wrong = (np.arange(len(samples.edge)) % 20 == 0) & (depth_of(samples) > 0)
    curve = curve_of(replace(samples, blur_px=np.where(wrong, 2.5 * samples.blur_px, samples.blur_px)))
    assert curve.offset_mm == pytest.approx(8.0, abs=0.5)
    assert curve.weight[wrong].mean() < 0.25
    assert curve.weight[~wrong].mean() > 0.8


def test_pieces_of_a_tile_that_err_together_widen_the_interval(chart: Chart, rng: np.random.Generator) -> None:
    samples = printed_edges(chart, POSE, rng, 8.0, 0.01)
    of_tile = 0.04 * rng.normal(size=int(samples.tile.max()) + 1)[samples.tile]
    together = curve_of(replace(samples, blur_px=samples.blur_px * (1.0 + of_tile)))
    alone = curve_of(replace(samples, blur_px=samples.blur_px * (1.0 + rng.permutation(of_tile))))
    assert together.offset_sd_mm > 1.5 * alone.offset_sd_mm


def moved(samples: EdgeSamples, numbers: Array) -> EdgeSamples:
    """The same edges, with the camera moved: six numbers of the motions' covariance, px²."""
    middle, half_diagonal = np.array([2999.5, 1999.5]), math.hypot(6000, 4000) / 2
    terms = motion_terms((samples.found_px - middle) / half_diagonal, samples.across)
    return replace(samples, blur_px=np.sqrt(samples.blur_px**2 + terms @ numbers))


def test_a_shift_is_told_from_defocus(chart: Chart, rng: np.random.Generator) -> None:
    """A motion of 5 px at 30° adds 25/12 px² across it and nothing along it."""
    cosine, sine = math.cos(math.radians(30.0)), math.sin(math.radians(30.0))
    numbers = 25.0 / 12.0 * np.array([cosine**2, sine**2, 0.0, cosine * sine, 0.0, 0.0])
    curve = curve_of(moved(printed_edges(chart, POSE, rng, 8.0, 0.01), numbers))
    assert curve.offset_mm == pytest.approx(8.0, abs=0.5)
    assert curve.shake_px == pytest.approx(5.0, abs=0.7)
    assert curve.motion.determined


@pytest.mark.parametrize("pivot", [(0.0, 0.9), (0.7, 0.5), (-0.1, 0.1)])
def test_a_turn_of_the_camera_is_told_from_defocus(
    chart: Chart, rng: np.random.Generator, pivot: tuple[float, float]
) -> None:
    """0.2° about a point, in half diagonals from the middle; the V over depth alone would be 20 mm and more off."""
    shifts = np.array([pivot[1], -pivot[0], 1.0])
    turn2 = (math.radians(0.2) * math.hypot(3000, 2000)) ** 2 / 12.0
    numbers = turn2 * np.array([shifts[i] * shifts[j] for i, j in MOTION_PAIRS])
    curve = curve_of(moved(printed_edges(chart, POSE, rng, 8.0, 0.02), numbers))
    half = math.hypot(1.96 * curve.offset_sd_mm, 1.65 * curve.model_sd_mm)
    assert abs(curve.offset_mm - 8.0) < min(half, 1.5)
    assert curve.motion.offset_sd_mm > 0.0
    assert half > 1.65 * curve.motion.form_mm > 0.0


def test_edges_of_one_direction_do_not_determine_a_motion(chart: Chart, rng: np.random.Generator) -> None:
    samples = printed_edges(chart, POSE, rng, 8.0, 0.01)
    steep = np.abs(samples.across[:, 0]) > np.abs(samples.across[:, 1])
    assert curve_of(samples).motion.determined
    assert not curve_of(samples.take(steep)).motion.determined


def test_planes_of_both_directions_are_told_apart(chart: Chart, rng: np.random.Generator) -> None:
    """Steep edges are sharpest at 12, level ones at 4 mm: 8 between them, with 8 of astigmatism."""
    samples = printed_edges(chart, POSE, rng, 0.0, 0.01)
    steep = np.abs(samples.across[:, 0]) > np.abs(samples.across[:, 1])
    blur = np.where(steep, blur_law(POSE, depth_of(samples), 12.0), blur_law(POSE, depth_of(samples), 4.0))
    curve = curve_of(replace(samples, blur_px=blur * (1 + 0.01 * rng.normal(size=len(blur)))))
    assert curve.offset_mm == pytest.approx(8.0, abs=0.5)
    assert curve.astigmatism_mm == pytest.approx(8.0, abs=max(0.6, 3 * curve.astigmatism_sd_mm))
    assert curve.lens_odds > 10.0


def test_a_curved_field_is_led_back_to_the_mark(chart: Chart, rng: np.random.Generator) -> None:
    """Focus 5 mm farther 20 mm from the axis along the spread, 2 mm nearer across it."""
    samples = printed_edges(chart, POSE, rng, 0.0, 0.01)
    place = (samples.found_px - np.array([2999.5, 1999.5])) * POSE.distance_mm / FOCAL_PX
    normal = samples.across
    along, across = (place * normal).sum(axis=1), place[:, 1] * normal[:, 0] - place[:, 0] * normal[:, 1]
    shift = 5.0 * (along / 20.0) ** 2 - 2.0 * (across / 20.0) ** 2
    blur = blur_law(POSE, depth_of(samples) - shift, 6.0) * (1 + 0.01 * rng.normal(size=len(shift)))
    curve = curve_of(replace(samples, blur_px=blur))
    assert curve.offset_mm == pytest.approx(6.0, abs=0.6)
    assert curve.curvature_mm == pytest.approx((5.0, -2.0), abs=0.5)
    assert curve.lens_odds > 10.0


def test_an_ideal_lens_has_the_odds_against_errors(chart: Chart) -> None:
    odds = [curve_of(printed_edges(chart, POSE, np.random.default_rng(i), 9.0, 0.03)).lens_odds for i in range(6)]
    assert max(odds) <= 0.0


def test_a_plane_of_focus_that_is_turned_is_led_back_to_the_mark(chart: Chart, rng: np.random.Generator) -> None:
    samples = printed_edges(chart, POSE, rng, 0.0, 0.005)
    half_diagonal = math.hypot(*POSE.image_size) / 2
    turned_mm = 40.0 * (samples.found_px - POSE.project(np.zeros(3)))[:, 0] / half_diagonal
    blur = blur_law(POSE, depth_of(samples) - turned_mm, 6.0) * (1 + 0.005 * rng.normal(size=len(turned_mm)))
    curve = curve_of(replace(samples, blur_px=blur))
    assert curve.offset_mm == pytest.approx(6.0, abs=0.5)
    assert abs(curve.tilt_mm) == pytest.approx(40.0, rel=0.25)


def test_light_that_narrows_edges_is_not_taken_for_focus(chart: Chart, rng: np.random.Generator) -> None:
    """Three times as bright on one end, with edges narrower by light^-0.05, as a contrast curve has it."""
    samples = printed_edges(chart, POSE, rng, 6.0, 0.01)
    light = np.exp(depth_of(samples) / np.ptp(depth_of(samples)) * math.log(3.0))
    fits = replace(samples.strips.fits, bright=0.3 * light)
    lit = replace(samples, blur_px=samples.blur_px * light**-0.05, strips=replace(samples.strips, fits=fits))
    unaware = replace(samples, blur_px=lit.blur_px)
    assert abs(curve_of(lit).offset_mm - 6.0) < 0.6 * abs(curve_of(unaware).offset_mm - 6.0)


def test_the_start_of_the_fit_finds_focus_beyond_the_sheet_too() -> None:
    depth = np.linspace(-80.0, 80.0, 400)
    for offset_mm in (-110.0, -30.0, 0.0, 60.0, 120.0):
        blur = blur_law(POSE, depth, offset_mm)
        start = search_focus(depth, blur, 0.02 * blur, POSE.distance_mm)
        assert start[OFFSET] == pytest.approx(offset_mm, abs=2.5)
        assert math.exp(start[LOG_SLOPE]) == pytest.approx(FLOOR_PX / 15.0, rel=0.1)
        if abs(offset_mm) < 70.0:
            assert math.exp(start[LOG_FLOOR]) == pytest.approx(FLOOR_PX, rel=0.25)


def test_a_wild_piece_does_not_decide_where_the_fit_starts() -> None:
    depth = np.linspace(-80.0, 80.0, 400)
    blur = blur_law(POSE, depth, 20.0)
    sd = 0.02 * blur
    blur[::40] *= 4.0
    assert search_focus(depth, blur, sd, POSE.distance_mm)[OFFSET] == pytest.approx(20.0, abs=5.0)


@pytest.mark.parametrize("noise", [0.0002, 0.0005])
def test_no_photo_is_taken_to_follow_the_formula_closer_than_clean_ones_do(chart: Chart, noise: float) -> None:
    samples = with_ink(printed_edges(chart, POSE, np.random.default_rng(1), 8.0, noise), 0.02)
    problem = Problem(samples, POSE)
    assert _deviating(problem, _formula(problem))[1].even == pytest.approx(0.003)


def test_too_few_pieces_are_refused(chart: Chart, rng: np.random.Generator) -> None:
    samples = printed_edges(chart, POSE, rng)
    with pytest.raises(Refusal) as refusal:
        curve_of(samples.take(np.arange(len(samples.edge)) < 30))
    assert refusal.value.finding.code == "too-few-edges"


def test_an_error_of_the_pose_counts_by_what_it_does_to_the_offset(chart: Chart, rng: np.random.Generator) -> None:
    """Refitted with the sheet leaning by a twentieth of a degree more, against the derivative in the budget."""
    samples = printed_edges(chart, POSE, rng, 8.0)
    curve = curve_of(samples)
    # Half a millimetre of depth for all samples alike is half a millimetre of offset.
    assert curve.depth_influence.sum() == pytest.approx(1.0, abs=0.05)
    step = np.zeros(len(POSE.covariance))
    step[0] = math.radians(0.05)
    leaning_more = POSE.changed(step)
    moved_mm = curve_of(samples.placed_by(leaning_more), leaning_more).offset_mm - curve.offset_mm
    budget = offset_interval(samples, replace(POSE, covariance=np.diag(step**2)), curve, 0.0, 0.0)
    assert budget.pose_mm == pytest.approx(1.96 * abs(moved_mm), rel=0.2)
    assert budget.fit_mm == pytest.approx(1.96 * curve.offset_sd_mm)
    assert budget.model_mm == pytest.approx(1.65 * curve.model_sd_mm)
    assert budget.total_mm == pytest.approx(math.hypot(*budget.budget().values()))


def test_the_prints_scale_errs_in_proportion_to_the_offset(chart: Chart, rng: np.random.Generator) -> None:
    samples = printed_edges(chart, POSE, rng, 40.0)
    curve = curve_of(samples)
    known, unknown = (offset_interval(samples, POSE, curve, scale, 0.0).print_mm for scale in (0.0, 0.01))
    assert math.sqrt(unknown**2 - known**2) == pytest.approx(0.4, rel=0.02)


def test_an_axis_that_is_not_the_lenss_errs_in_proportion_to_the_offset(
    chart: Chart, rng: np.random.Generator
) -> None:
    samples = printed_edges(chart, POSE, rng, 40.0)
    curve = curve_of(samples)
    off_axis = offset_interval(samples, POSE, curve, 0.0, 500.0).pose_mm
    lean = math.radians(POSE.tilt_deg)
    assert off_axis == pytest.approx(abs(curve.offset_mm) * 500.0 / FOCAL_PX / math.tan(lean), rel=0.01)


def test_a_sheet_that_hardly_leans_is_taken_to_lean_by_five_degrees(chart: Chart, rng: np.random.Generator) -> None:
    curve = curve_of(printed_edges(chart, POSE, rng, 40.0))
    flat = leaning(1.0)
    off_axis = offset_interval(printed_edges(chart, flat, rng), flat, curve, 0.0, 500.0).pose_mm
    assert off_axis == pytest.approx(
        abs(curve.offset_mm) * 500.0 / FOCAL_PX / math.tan(math.radians(5.0)), rel=0.01
    )


def test_soft_ink_moves_focus_by_the_formula() -> None:
    """The minimum of ink² (F/Z)² + k² (Z - Zf)², found on a grid; 0.03 mm of ink, a sharp lens."""
    distance_mm, slope = 500.0, 0.05
    z = distance_mm + np.linspace(-5.0, 20.0, 250_001)
    blur2 = (0.03 * FOCAL_PX / z) ** 2 + slope**2 * (z - distance_mm) ** 2
    shift_mm = z[blur2.argmin()] - distance_mm
    assert soft_print_mm(FOCAL_PX, distance_mm, 0.6, slope) == pytest.approx(shift_mm, rel=0.05)


def test_a_soft_photo_may_be_a_soft_print_up_to_a_bad_printers() -> None:
    px_per_mm = FOCAL_PX / 1500.0
    sharp, soft, softer, softest = (soft_print_mm(FOCAL_PX, 1500.0, floor, 0.05) for floor in (0.7, 1.0, 3.0, 9.0))
    assert sharp < soft < softer == softest
    assert sharp == pytest.approx((0.03 * px_per_mm) ** 2 / (1500.0 * 0.05**2))
    assert softest == pytest.approx(0.3 * (0.12 * px_per_mm) ** 2 / (1500.0 * 0.05**2))
    assert soft == pytest.approx(0.3 * (1.0 - 0.7**2) / (1500.0 * 0.05**2))
