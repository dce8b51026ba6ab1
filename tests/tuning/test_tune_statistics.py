"""What a series of shots says, in numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
import tuning_series
from series_shots import CANON, D850, NIKON_STEP_UM, SCATTER_SD, at_settings, codes, only, shots

from backfocus.verify.findings import Findings
from backfocus.verify.lens import offset_of_defocus_mm
from backfocus.verify.tuning.result import FocusShift
from backfocus.verify.tuning.setting import setting_from_blur
from backfocus.verify.tuning.shots import Shot, setting_in_force
from backfocus.verify.tuning.tune import tune


def test_a_group_tells_mean_scatter_and_standard_error_in_every_unit() -> None:
    group = only(shots(20.0, sd_um=3.0)).groups[0]
    assert group.n == 8
    assert group.mean_um == pytest.approx(20.0, abs=1e-6)
    assert group.mean_mm == pytest.approx(offset_of_defocus_mm(85.0, 1500.0, 20.0))
    assert group.sd_um == pytest.approx(3.0 * SCATTER_SD, abs=0.01)
    assert group.se_um == pytest.approx(group.sd_um / 8**0.5)
    assert group.sd_mm == pytest.approx(group.sd_um * 0.2771, rel=0.02)  # mm a µm: (u / f - 1)² / 1000
    assert group.mean_steps == pytest.approx(20.0 / NIKON_STEP_UM)
    assert group.mean_in_dof == pytest.approx(group.mean_mm / 23.6, rel=0.01)  # 11.7 + 11.9 mm


def test_a_shot_that_stands_apart_is_listed_and_does_not_count() -> None:
    series = only([*shots(20.0), *shots(140.0, scatter=[0.0], name="missed")])
    assert series.groups[0].left_out == ("missed_+0_0.jpg",)
    assert series.groups[0].mean_um == pytest.approx(20.0, abs=1e-6)
    [finding] = [found for found in series.findings if found.code == "outliers-left-out"]
    assert "missed_+0_0.jpg" in finding.message


def test_ordinary_scatter_has_no_outliers() -> None:
    assert only(shots(20.0)).groups[0].left_out == ()


def test_shots_that_agree_to_the_last_digit_are_no_reason_to_leave_one_out_that_differs_by_nothing() -> None:
    assert only(shots(20.0, scatter=[0, 0, 0, 0, 0, 0, 0, 1e-3])).groups[0].left_out == ()


def test_near_and_far_approaches_are_told_apart_and_count_alike() -> None:
    unequal = shots(20.0, backlash_um=12.0, sd_um=1.0)[:7]  # four from far, three from near
    series = only(unequal)
    assert series.groups[0].n_far == 4
    assert series.groups[0].near_minus_far_um == pytest.approx(12.0, abs=1.5)
    assert series.groups[0].mean_um == pytest.approx(20.0, abs=0.5)
    assert "near-far-bias" in codes(series)


def test_no_backlash_no_remark() -> None:
    assert "near-far-bias" not in codes(only(shots(20.0, backlash_um=0.0)))


@pytest.mark.parametrize("step_um", [4.0, -7.0])
def test_two_settings_tell_the_cameras_own_step_sign_and_zero(step_um: float) -> None:
    unknown = replace(D850, make="nobody", model="unknown")
    estimate = only(at_settings(-3.4, step_um=step_um, camera=unknown)).estimate
    assert estimate is not None
    assert estimate.basis == "own step"
    assert estimate.slope == pytest.approx(step_um, rel=1e-3)
    assert estimate.crossing == pytest.approx(-3.4, abs=0.01)
    assert estimate.setting == -3
    assert estimate.ci95[0] < -3.4 < estimate.ci95[1]


def test_the_interval_widens_with_scatter_and_beyond_the_settings_tried() -> None:
    between, beyond = (only(at_settings(crossing)).estimate for crossing in (5.0, -8.0))
    scattered = only(at_settings(5.0, sd_um=6.0)).estimate
    assert between is not None and beyond is not None and scattered is not None
    assert beyond.half_width > 1.5 * between.half_width
    assert scattered.half_width == pytest.approx(3.0 * between.half_width, rel=0.1)


def test_one_setting_uses_the_makers_step_and_its_doubt() -> None:
    estimate = only(shots(30.0, setting=2.0)).estimate
    assert estimate is not None
    assert estimate.basis == "maker step"
    assert estimate.crossing == pytest.approx(2.0 - 30.0 / NIKON_STEP_UM)
    assert estimate.ci95[0] < 2.0 - 30.0 / 3.0  # a step of 3 µm is possible
    assert estimate.ci95[1] > 2.0 - 30.0 / 5.0


def test_a_step_unlike_the_makers_is_measured_and_said() -> None:
    series = only(at_settings(4.0, step_um=10.0))
    assert series.estimate is not None
    assert series.estimate.slope == pytest.approx(10.0, rel=0.01)
    assert "step-contradicts-maker" in codes(series)


def test_a_sign_unlike_the_makers_is_measured_and_said() -> None:
    series = only(at_settings(4.0, step_um=-5.0))
    assert series.estimate is not None
    assert series.estimate.slope == pytest.approx(-5.0, rel=0.01)
    assert "sign-contradicts-maker" in codes(series)


def test_a_usual_step_is_no_contradiction() -> None:
    assert not codes(only(at_settings(4.0, step_um=4.5))) & {"step-contradicts-maker", "sign-contradicts-maker"}


def test_a_setting_without_effect_is_found() -> None:
    series = only([*shots(20.0, 0.0), *shots(20.5, 10.0)])
    assert series.estimate is None
    assert "setting-without-effect" in codes(series)
    assert series.advice is not None and series.advice.kind == "check-setup"


def test_the_mean_of_reference_shots_is_zero() -> None:
    live_view = [replace(shot, setting=None) for shot in shots(12.0, sd_um=0.5)[:3]]
    series = only(shots(20.0), reference=live_view)
    assert series.zero.n == 3
    assert series.groups[0].mean_um == pytest.approx(8.0, abs=0.5)


def test_a_reference_at_another_focal_length_does_not_serve() -> None:
    other = shots(12.0, camera=replace(D850, focal_length_mm=50.0), distance_mm=1000.0)
    series = only(shots(20.0), reference=other)
    assert series.zero.n == 0
    assert "reference-missing" in codes(series)


def test_shots_in_live_view_do_not_count_beside_those_through_the_finder() -> None:
    finder = [replace(shot, camera=replace(shot.camera, af_method="phase")) for shot in shots(20.0)]
    live = [replace(s, camera=replace(s.camera, af_method="contrast/live view")) for s in shots(0.0, name="live")]
    series = only([*finder, *live])
    assert series.groups[0].mean_um == pytest.approx(20.0, abs=1e-6)
    assert "live-view-left-out" in codes(series)


def test_bodies_lenses_focal_lengths_apertures_and_distances_are_kept_apart() -> None:
    wide, stopped = (replace(D850, lens="24-70mm", focal_length_mm=24.0), replace(D850, f_number=2.8))
    result = tune(
        [
            *shots(1.0),
            *shots(2.0, camera=CANON),
            *shots(3.0, camera=wide),
            *shots(4.0, camera=stopped),
            *shots(5.0, distance_mm=3000.0),
        ]
    )
    seen = {
        (s.camera.model, s.camera.lens, s.camera.f_number, s.distance_mm) for x in result.lenses for s in x.series
    }
    assert len(seen) == 5
    assert len(result.lenses) == 3


def blurred(setting: float, blur: float) -> Shot:
    return Shot(f"{setting:+g}.jpg", replace(D850, af_setting=setting), setting, None, None, blur_at_mark=blur)


def test_a_sweep_of_blur_alone_tells_the_setting_of_least_blur() -> None:
    wobble = (1.0, 1.03, 0.98, 1.01, 0.97, 1.02)
    sweep = [
        blurred(setting, (0.6**2 + (0.1 * (setting - 4.0)) ** 2) ** 0.5 * wobble[(place + turn) % 6])
        for turn in range(3)
        for place, setting in enumerate((-20, -10, 0, 10, 20))
    ]
    series = only(sweep)
    assert series.estimate is not None
    assert series.estimate.basis == "least blur"
    assert series.estimate.crossing == pytest.approx(4.0, abs=1.0)
    assert series.estimate.ci95[0] < 4.0 < series.estimate.ci95[1]
    assert series.advice is not None
    assert series.advice.setting == round(series.estimate.crossing)
    assert series.advice.direction == "farther from the camera"


def test_a_sweep_that_only_falls_names_no_setting() -> None:
    series = only([blurred(setting, 3.0 - 0.05 * setting) for setting in (-20, -10, 0, 10, 20)])
    assert series.estimate is None
    assert "no-least-blur" in codes(series)
    assert series.advice is not None
    assert series.advice.kind == "check-setup"
    assert "From -20 to +20 the blur at the AF mark has no clear minimum" in series.advice.text


def by_parabola(settings: Iterable[float], least: float, errors: Iterable[float]) -> list[Shot]:
    return [
        blurred(setting, (0.9 + 0.012 * (setting - least + error) ** 2) ** 0.5)
        for setting, error in zip(settings, errors, strict=True)
    ]


def test_four_blurs_on_one_parabola_still_leave_the_scatter_of_autofocus() -> None:
    estimate = setting_from_blur(by_parabola((-15, -5, 5, 15), 2.0, [0.0] * 4)).estimate
    assert estimate is not None
    assert estimate.crossing == pytest.approx(2.0, abs=0.01)
    assert 3.0 < estimate.half_width < 12.0


def test_more_shots_narrow_a_sweep_and_scatter_widens_it() -> None:
    settings = [-20, -12, -4, 4, 12, 20] * 4
    few, many, wild = (
        setting_from_blur(by_parabola(chosen, 1.0, errors)).estimate
        for chosen, errors in (
            (settings[:6], [0.0] * 6),
            (settings, [0.0] * 24),
            (settings, [6.0, -6.0, -6.0, 6.0] * 6),
        )
    )
    assert few is not None and many is not None and wild is not None
    assert many.half_width < 0.5 * few.half_width
    assert wild.half_width > 1.5 * many.half_width


@pytest.mark.parametrize("scatter", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("settings", [(-15, -5, 5, 15), (-20, -12, -4, 4, 12, 20)])
def test_intervals_of_short_sweeps_hold_the_truth(settings: tuple[int, ...], scatter: float) -> None:
    random = np.random.default_rng(5)
    held = []
    for _ in range(150):
        least = random.uniform(-8.0, 8.0)
        found = setting_from_blur(by_parabola(settings, least, random.normal(0.0, scatter, len(settings))))
        if found.estimate is not None:
            held.append(found.estimate.ci95[0] <= least <= found.estimate.ci95[1])
    assert len(held) > 100
    assert np.mean(held) >= 0.93


def test_a_sweep_of_three_settings_is_told_how_many_are_needed() -> None:
    series = only(by_parabola((-10, 0, 10), 2.0, [0.0] * 3))
    assert series.estimate is None
    assert "Blur is known at 3 settings; 4 are needed." in [found.message for found in series.findings]


def test_the_interval_of_a_sweep_ends_where_the_dial_ends() -> None:
    sweep = by_parabola((-20, -12, -4, 4, 12, 20), 16.0, [0.0] * 6)
    free, ended = (setting_from_blur(sweep, dial).estimate for dial in ((-100, 100), (-20, 20)))
    assert free is not None and ended is not None
    assert free.ci95[1] > 20.0
    assert ended.ci95 == (free.ci95[0], 20.0)


def test_a_shot_beyond_the_sheet_is_listed_with_its_reason_and_does_not_count() -> None:
    beyond = replace(shots(0.0)[0], photo="beyond.jpg", offset_mm=None, blur_at_mark=0.01)
    beyond = replace(beyond, findings=(Findings.OUT_OF_RANGE.finding("Sharpest farther away than +60 mm."),))
    result = tune([*shots(20.0), beyond])
    assert result.lenses[0].series[0].groups[0].n == 8
    assert [(photo.photo, photo.reason) for photo in result.left_out] == [
        ("beyond.jpg", "Sharpest farther away than +60 mm.")
    ]
    assert result.answer.kind != "check-setup"


def zoom(focal_length: float, crossing: float, distance_mm: float) -> list[Shot]:
    camera = replace(D850, lens="24-70mm f/2.8", focal_length_mm=focal_length, f_number=2.8, widest_f_number=2.8)
    return at_settings(crossing, camera=camera, distance_mm=distance_mm)


def test_a_zoom_gets_values_for_both_ends_and_a_compromise_with_what_it_leaves() -> None:
    [lens] = tune([*zoom(24.0, 6.0, 800.0), *zoom(70.0, -4.0, 1800.0)]).lenses
    assert lens.compromise is not None
    assert (lens.compromise.wide, lens.compromise.tele) == (6, -4)
    assert lens.compromise.setting == 1
    at_wide, at_tele = lens.compromise.places
    assert at_wide.left_um == pytest.approx(-25.0, abs=1.0)  # 5 steps too low: closer to the camera
    assert at_tele.left_um == pytest.approx(25.0, abs=1.0)


def test_two_distances_make_a_grid() -> None:
    [lens] = tune([*at_settings(2.0, distance_mm=1500.0), *at_settings(6.0, distance_mm=4000.0)]).lenses
    assert lens.compromise is not None
    assert [place.own_setting for place in lens.compromise.places] == [2, 6]
    assert lens.compromise.setting == 4
    assert lens.compromise.wide is None


def test_an_aperture_series_shows_the_focus_shift() -> None:
    apertures = ((1.4, 0.0), (2.0, 14.0), (2.8, 30.0))
    [lens] = tune([s for n, um in apertures for s in shots(um, camera=replace(D850, f_number=n))]).lenses
    assert [shift.f_number for shift in lens.focus_shift] == [1.4, 2.0, 2.8]
    last: FocusShift = lens.focus_shift[-1]
    assert last.shift_um == pytest.approx(30.0, abs=1e-6)
    assert last.significant
    assert "farther from" in lens.findings[0].message
    assert [series.advice is not None for series in lens.series] == [True, False, False]


def test_between_a_zooms_two_values_the_setting_follows_the_focal_length() -> None:
    camera = replace(D850, lens="EF24-70mm f/2.8L", focal_length_mm=47.0, af_setting_wide=-4.0, af_setting_tele=6.0)
    assert setting_in_force(camera) == pytest.approx(1.0)
    assert setting_in_force(replace(camera, lens=None)) is None


def test_without_focal_length_all_is_counted_in_mm() -> None:
    bare = replace(D850, focal_length_mm=None)
    found = [replace(shot, camera=bare, distance_mm=1500.0) for shot in at_settings(3.0)]
    series = only(found)
    assert series.groups[0].mean_um is None
    assert series.estimate is not None
    assert series.estimate.crossing == pytest.approx(3.0, abs=0.2)


@pytest.mark.parametrize(("scatter", "least"), [((0.5, 2.0), 0.95), ((2.0, 2.0), 0.88)])
def test_simulated_bodies_get_the_setting_within_a_step(scatter: tuple[float, float], least: float) -> None:
    """A slice of docs/studies/tuning_series.py."""
    found = tuning_series.outcomes(120, 7, scatter)
    assert tuning_series.share([outcome.within_one for outcome in found]) >= least
    assert tuning_series.share([outcome.covered for outcome in found]) >= 0.90
    assert all(outcome.right_sign for outcome in found)


def test_simulated_lenses_with_a_scatter_of_over_three_steps_are_called_inconsistent() -> None:
    bad, good = (tuning_series.outcomes(80, 7, scatter) for scatter in ((3.5, 4.0), (0.5, 1.5)))
    assert tuning_series.share([outcome.inconsistent for outcome in bad]) >= 0.85
    assert tuning_series.share([outcome.inconsistent for outcome in good]) <= 0.08


def test_following_the_first_line_costs_less_than_leaving_it_and_never_asks_for_more_than_sixteen_shots() -> None:
    found = tuning_series.usual_outcomes(100, 11, both=True)
    assert np.mean([outcome.cost for outcome in found]) < 0.03
    assert np.mean([outcome.cost_of_leaving for outcome in found]) > 0.15
    worse = [outcome.cost > outcome.cost_of_leaving + 0.01 for outcome in found]
    assert tuning_series.share(worse) <= 0.05
    assert all((outcome.found.advice.more_shots or 0) <= 16 for outcome in found if outcome.found.advice)


def test_a_shot_that_is_far_less_surely_measured_is_listed_and_does_not_count() -> None:
    sure = at_settings(-6.0)
    first = sure[0]
    unsure = replace(first, photo="unsure.jpg", offset_mm=(first.offset_mm or 0.0) + 9.0, offset_sd_mm=4.0)
    series = only([*sure, unsure])
    assert [photo.photo for photo in series.unused] == ["unsure.jpg"]
    assert "± 7.8 mm" in series.unused[0].reason
    assert series.groups == only(sure).groups
    # Where all are as unsure, they are all there is.
    assert not only([replace(shot, offset_sd_mm=4.0) for shot in sure]).unused


def test_the_halves_of_a_series_are_told_as_a_measure_of_stability() -> None:
    series = only(at_settings(-6.0))
    assert series.halves is not None
    assert all(abs(half + 6) <= 1 for half in series.halves)
    assert only(at_settings(-6.0, scatter=(-1.0, 0.0, 1.0))).halves is None


def test_approaches_that_go_with_the_setting_do_not_pass_for_backlash() -> None:
    near, far = (
        [replace(shot, approach=approach) for shot in shots(5.0 * setting, setting)]
        for setting, approach in ((0.0, "near"), (10.0, "far"))
    )
    estimate = only([*near, *far]).estimate
    assert estimate is not None
    assert estimate.slope == pytest.approx(5.0, rel=0.01)


def test_a_shot_whose_setting_is_not_known_does_not_count_beside_others() -> None:
    lost = replace(shots(20.0)[0], photo="lost.jpg", setting=None)
    result = tune([*at_settings(3.0), lost])
    assert [photo.photo for photo in result.left_out] == ["lost.jpg"]
    assert sum(group.n for group in result.lenses[0].series[0].groups) == 16
