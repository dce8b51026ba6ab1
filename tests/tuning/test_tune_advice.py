"""What a series advises, and in which words."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from series_shots import CANON, D850, SCATTER, at_settings, codes, only, shots

from backfocus.verify.findings import Findings
from backfocus.verify.lens import defocus_um, sharpness_lost_at
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.report.text import tune_text
from backfocus.verify.tuning.advice import MOST_SHOTS, Advice, is_better
from backfocus.verify.tuning.records import compare
from backfocus.verify.tuning.saved import saved
from backfocus.verify.tuning.setting import SettingEstimate
from backfocus.verify.tuning.shots import LeftOut, Shot
from backfocus.verify.tuning.tune import tune
from backfocus.verify.tuning.wording import Source

NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)

SONY = CameraInfo("SONY", "SLT-A99V", "50mm F1.4", 50.0, 1.4, 1.4, 35.8)
PENTAX = CameraInfo("PENTAX", "PENTAX K-1", "FA 50mm F1.4", 50.0, 1.4, 1.4, 35.9)
R5 = CameraInfo("Canon", "Canon EOS R5", "RF85mm F1.2", 85.0, 1.4, 1.2, 36.0)


def advice(found: list[Shot], **changes: object) -> Advice:
    series = only(found, **changes)
    assert series.advice is not None
    return series.advice


# Where the sign comes from: makers.json, with sources. Pentax's step is not known.
@pytest.mark.parametrize(("camera", "sign"), [(CANON, 1), (D850, 1), (SONY, 1), (PENTAX, -1)])
@pytest.mark.parametrize("error_um", [50.0, -50.0])
def test_back_focus_gets_a_change_that_moves_focus_closer(camera: CameraInfo, sign: int, error_um: float) -> None:
    found = advice(shots(error_um, camera=camera, distance_mm=1000.0))
    way = "closer to the camera" if error_um > 0 else "farther from the camera"
    assert found.direction == way
    assert way in found.text
    if camera is PENTAX:
        assert f"towards {'plus' if error_um > 0 else 'minus'}" in found.text
    else:
        assert found.change is not None
        assert found.change * sign * error_um < 0


@pytest.mark.parametrize("sign", [1, -1])
def test_two_settings_give_the_direction_for_any_camera(sign: int) -> None:
    unknown = replace(D850, make="nobody", model="unknown")
    found = advice(at_settings(-6.0, step_um=5.0 * sign, camera=unknown))
    assert found.setting == -6
    assert found.direction == ("closer to the camera" if sign > 0 else "farther from the camera")


def test_an_error_to_be_dialled_away_names_menu_setting_and_what_is_plausible() -> None:
    found = advice(at_settings(-6.0))
    assert found.kind == "dial"
    assert found.range is not None
    assert found.range[0] <= -6 <= found.range[1]
    assert "Set AF fine-tune to -6" in found.text
    assert "closer to the camera" in found.text


def test_the_first_line_is_the_setting_the_second_why_the_third_a_command() -> None:
    series = only(at_settings(-6.0), source=Source("photos/", "85mm.json"))
    assert series.advice is not None and series.advice.answer is not None
    dial, why, then = series.advice.answer.lines
    assert dial == "Set AF fine-tune to -6."
    assert why.startswith("Back focus of ")
    assert "at 0 (mean of 8)" in why
    assert "sharper" in why
    assert then.endswith("backfocus tune NEW-FOLDER --before 85mm.json")


def test_what_it_is_worth_is_the_sharpness_that_the_photos_show() -> None:
    found = advice(at_settings(-6.0, sd_um=1.0))
    reach_mm = shots(0.0)[0].in_focus_mm
    assert reach_mm is not None and found.sharper is not None
    reach_um = defocus_um(85.0, 1500.0, reach_mm[1])
    lost = sharpness_lost_at(30.0, reach_um)
    assert found.sharper == pytest.approx(1.0 / (1.0 - lost) - 1.0, rel=0.02)


def test_the_trial_setting_is_not_the_state_that_is_spoken_of() -> None:
    """A lens that front-focuses at 0 is said to, whatever was tried."""
    found = advice(at_settings(8.0, (0.0, 10.0)))
    assert (found.kind, found.setting, found.change) == ("dial", 8, 8)
    assert found.answer is not None
    assert found.answer.why.startswith("Front focus of ")
    assert " at 0 " in found.answer.why


def test_a_setting_that_the_camera_was_left_at_is_begun_with() -> None:
    found = advice(at_settings(-8.0, (-7.0, 3.0)))
    assert (found.kind, found.change) == ("leave", -1)
    assert found.answer is not None
    assert found.answer.dial == "Leave AF fine-tune at -7."


def test_a_step_of_the_maker_s_is_said_to_be_his() -> None:
    assert "The step is the maker's" in advice(shots(50.0, sd_um=1.0)).text
    assert "The step is the maker's" not in advice(at_settings(-10.0, (0.0, -10.0), sd_um=1.0)).text


def test_an_error_within_its_own_standard_error_is_left_alone() -> None:
    found = advice(shots(1.0, sd_um=3.0))
    assert (found.kind, found.setting, found.change) == ("leave", 0, 0)
    assert "what you focus on is sharp" in found.text


def test_an_error_that_costs_no_sharpness_is_left_alone() -> None:
    found = advice(shots(9.0, sd_um=1.0))
    assert found.kind == "leave"
    assert "what you focus on is sharp" in found.text
    assert found.setting == -2  # what would centre it


def test_less_than_a_step_is_left_alone_whatever_it_costs() -> None:
    wide_step = replace(CANON, f_number=1.8, widest_f_number=5.6)  # a step of 21 µm
    found = advice(shots(19.0, sd_um=1.0, camera=wide_step))
    assert found.kind == "leave"
    assert "loses" in found.text


@pytest.mark.parametrize(("half", "better"), [(2.9, True), (3.1, False)])
def test_better_with_95_percent_is_the_zero_beyond_the_middle(half: float, better: bool) -> None:
    estimate = SettingEstimate(-5.0, (-5.0 - half, -5.0 + half), "own step", 5.0, None, 1.0)
    mirrored = SettingEstimate(5.0, (5.0 - half, 5.0 + half), "own step", 5.0, None, 1.0)
    assert is_better(estimate, -5, 0) is is_better(mirrored, 5, 0) is better


def test_one_shot_is_too_few() -> None:
    found = advice(shots(50.0)[:1])
    assert (found.kind, found.more_shots) == ("more-shots", 7)
    assert "One shot cannot tell AF scatter from a steady error" in found.text
    assert found.text.startswith("Best guess: set AF fine-tune to -9 (one shot).")


def test_where_nothing_is_sure_eight_more_shots_are_asked_for_and_never_more_than_sixteen() -> None:
    found = advice(at_settings(-3.0, scatter=(-1.0, 0.3, 1.0, -0.3), sd_um=11.0))
    assert (found.kind, found.more_shots) == ("more-shots", 8)
    assert "Take 8 more shots" in found.text
    assert "16 shots tell the setting within" in found.text
    many = at_settings(-3.0, scatter=SCATTER * 2, sd_um=40.0)
    assert len(many) > MOST_SHOTS
    assert advice(many).kind != "more-shots"


def test_scatter_of_many_steps_is_called_inconsistent_with_what_to_try() -> None:
    series = only(at_settings(-2.0, sd_um=30.0))
    assert series.advice is not None
    assert series.advice.kind == "inconsistent"
    for word in ("contacts", "battery", "light", "AF point", "firmware"):
        assert word in series.advice.text
    assert "inconsistent-af" in codes(series)


def test_scatter_of_many_steps_that_no_picture_shows_is_none_to_worry_about() -> None:
    slow = replace(D850, f_number=8.0, widest_f_number=8.0)  # ± 230 µm of depth of focus
    assert advice(at_settings(-3.0, sd_um=20.0, camera=slow)).kind != "inconsistent"


def test_two_shots_far_apart_are_not_called_sharp_for_their_mean() -> None:
    found = advice([*shots(30.0)[:1], *shots(-30.0)[:1]])
    assert found.kind == "more-shots"
    assert "is not known yet" in found.text
    assert "is sharp." not in found.text


def test_missed_shots_are_said_and_do_not_hide_the_setting() -> None:
    missed = shots(150.0, scatter=(0.0, 4.0, -3.0), name="missed")
    series = only([*at_settings(-3.0, sd_um=1.0), *missed])
    assert series.advice is not None
    assert (series.advice.kind, series.advice.setting) == ("dial", -3)
    assert "inconsistent-af" in codes(series)


@pytest.mark.parametrize(("crossing", "setting"), [(17.0, 17), (-28.0, -20)])
def test_beyond_three_quarters_of_the_range_is_for_the_workshop(crossing: float, setting: int) -> None:
    series = only(at_settings(crossing, (0.0, 10.0 if crossing > 0 else -10.0), sd_um=1.0))
    assert series.advice is not None
    assert (series.advice.kind, series.advice.setting) == ("service", setting)
    assert "workshop" in series.advice.text
    assert "beyond-range" in codes(series)


def test_a_body_without_the_setting_gets_the_f_number_that_covers_the_error() -> None:
    found = advice(shots(60.0, camera=R5))
    assert (found.kind, found.setting, found.f_number) == ("no-setting", None, 2.0)
    assert "From f/2 on" in found.text


def test_an_unknown_sign_asks_for_a_second_setting() -> None:
    unknown = replace(D850, make="nobody", model="unknown")
    found = advice(shots(50.0, camera=unknown))
    assert (found.kind, found.setting) == ("more-shots", None)
    assert "at +10 as well" in found.text
    assert "closer to the camera" in found.text


def test_a_body_that_is_not_on_record_is_told_to_look_in_its_menu() -> None:
    found = advice(shots(50.0, camera=replace(D850, model="NIKON D9999")))
    assert "look in its menu" in found.text


LEANING = tuple(LeftOut(f"{number}.jpg", "The sheet leans by only 3°.", "Lean the sheet.") for number in range(9))


def test_photos_that_all_fail_name_the_cause_in_the_set_up() -> None:
    result = tune([], LEANING)
    assert result.answer.lines == ("Nothing to dial yet.", "The sheet leans by only 3°.", "Lean the sheet.")
    assert tune_text(result).splitlines()[:3] == list(result.answer.lines)


def test_photos_that_mostly_fail_still_give_an_answer_for_the_others() -> None:
    assert tune(shots(50.0), LEANING).answer.kind == "dial"


def test_the_text_begins_with_the_answer_and_tells_table_and_what_was_left_out() -> None:
    result = tune(at_settings(-6.0), [LeftOut("x.jpg", "No chart found.", "Fill the frame.")])
    lines = tune_text(result).splitlines()
    assert lines[0] == "Set AF fine-tune to -6."
    assert "NIKON D850, 85mm f/1.4" in lines
    assert any("sd steps" in line for line in lines)
    assert "  x.jpg: No chart found. Fill the frame." in lines
    assert max(map(len, lines)) <= 100


def test_several_lenses_have_an_answer_each() -> None:
    result = tune([*at_settings(-6.0), *at_settings(4.0, camera=CANON)])
    assert result.answer.kind == "several"
    text = tune_text(result)
    assert "Set AF fine-tune to -6." in text
    assert "Set AF Microadjustment to +4." in text


def test_dialling_that_helped_is_said_with_an_interval() -> None:
    before = saved(tune(shots(30.0)), NOON)
    [comparison] = compare(before, tune(shots(2.0, setting=-6.0)))
    assert comparison.verdict == "better"
    assert comparison.smaller_by_mm == pytest.approx(7.8, abs=0.2)
    assert comparison.smaller_ci95_mm is not None
    assert 0 < comparison.smaller_ci95_mm[0] < comparison.smaller_by_mm < comparison.smaller_ci95_mm[1]
    assert "more than chance" in tune_text(tune(shots(2.0, setting=-6.0)), [comparison])


def test_dialling_the_wrong_way_made_it_worse() -> None:
    [comparison] = compare(saved(tune(shots(10.0)), NOON), tune(shots(30.0, setting=4.0)))
    assert comparison.verdict == "worse"


def test_a_difference_within_the_scatter_is_none() -> None:
    [comparison] = compare(saved(tune(shots(10.0, sd_um=8.0)), NOON), tune(shots(7.0, setting=-1.0, sd_um=8.0)))
    assert (comparison.verdict, comparison.significant) == ("no difference", False)


def test_another_lens_is_not_compared() -> None:
    assert compare(saved(tune(shots(10.0)), NOON), tune(shots(10.0, camera=CANON))) == ()


def test_files_of_one_exposure_are_told_and_count_once() -> None:
    found = shots(10.0)
    found[0] = replace(found[0], copies=("IMG_1.JPG", "IMG_1 (1).JPG"))
    series = only(found)
    [told] = [finding for finding in series.findings if finding.code == "same-exposure"]
    assert told.message.startswith(f"3 files are of one exposure, and count so: {found[0].photo} (IMG_1.JPG, ")
    assert series.groups[0].n == len(found)
    assert "same-exposure" not in codes(only(shots(10.0)))


def test_shots_that_show_another_focal_length_get_no_number_by_a_step() -> None:
    """The step in mm is reckoned with the focal length; two settings still tell the camera's own."""
    found = Findings.PERSPECTIVE_CONTRADICTS.if_crossed(1.5)
    cut = [replace(shot, findings=found) for shot in shots(50.0)]
    told = advice(cut)
    assert told.change is None
    assert "how much a step moves it is not known here" in told.text
    assert advice([*cut[:4], *shots(50.0)[4:]]).change is not None
    assert advice(shots(50.0, camera=replace(D850, picture="cut"))).change is None


def test_a_crop_mode_leaves_the_step_as_it_is() -> None:
    whole = replace(D850, format_width_mm=35.9)
    cropped = replace(whole, sensor_width_mm=23.5)
    assert advice(shots(50.0, camera=cropped)).change == advice(shots(50.0, camera=whole)).change
