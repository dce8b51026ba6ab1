"""What to dial: every maker's own sign, step and range, always with the direction in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backfocus.verify.cameras.dial import Suggestion, suggest
from backfocus.verify.cameras.makers import maker_of, makers
from backfocus.verify.formats import as_json
from backfocus.verify.lens import defocus_um, offset_of_defocus_mm
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.photo.note import PHASE

CANON = CameraInfo("Canon", "Canon EOS 5D Mark IV", None, 85.0, 1.4, 1.4, 36.0)
CANON_APS_C = CameraInfo("Canon", "Canon EOS 80D", None, 85.0, 1.4, 1.4, 22.3)
NIKON = CameraInfo("NIKON CORPORATION", "NIKON D850", None, 85.0, 1.4, 1.4, 35.9)
NIKON_APS_C = CameraInfo("NIKON CORPORATION", "NIKON D7000", None, 85.0, 1.4, 1.4, 23.6)
SONY = CameraInfo("SONY", "SLT-A99V", None, 85.0, 1.4, 1.4, 35.8)
PENTAX = CameraInfo("RICOH IMAGING COMPANY, LTD.", "PENTAX K-1", None, 85.0, 1.4, 1.4, 35.9)
DISTANCE_MM = 1500.0


def suggestion_for(
    offset_mm: float,
    camera: CameraInfo,
    setting: float | None = 0.0,
    half: float = 0.1,
    in_focus: bool = False,
) -> Suggestion:
    interval = (offset_mm - half, offset_mm + half)
    return suggest(offset_mm, interval, DISTANCE_MM, camera, setting, in_focus=in_focus)


# Canon: minus in front of, plus behind the point of focus (EOS-1D Mark III white paper, copied in
# bobatkins.com/smf/index.php?topic=997.msg3744). Nikon: + farther, corrects front focus (Thom Hogan, Complete
# Guide to the D300, p. 404). Sony: a back-focusing 100/2.8 needed -3 (foto-video-erlangen.de, A77).
@pytest.mark.parametrize("camera", [CANON, CANON_APS_C, NIKON, NIKON_APS_C, SONY])
def test_back_focus_is_cured_by_minus_on_canon_nikon_and_sony(camera: CameraInfo) -> None:
    back, front = suggestion_for(+8.0, camera), suggestion_for(-8.0, camera)
    assert back.change is not None
    assert front.change is not None
    assert back.change < 0 < front.change
    assert back.direction == "closer to the camera"
    assert front.direction == "farther from the camera"
    assert "This moves focus closer to the camera, by about" in back.text
    assert "This moves focus farther from the camera, by about" in front.text


# Pentax: back focus needs plus (a K-1 owner who went by the manual: assist-men.biz/photo). The step is not known.
def test_back_focus_is_cured_by_plus_on_pentax_without_a_number() -> None:
    back, front = suggestion_for(+8.0, PENTAX), suggestion_for(-8.0, PENTAX)
    assert (back.setting, back.change, back.range) == (None, None, None)
    assert back.direction == "closer to the camera"
    assert "towards plus" in back.text
    assert "towards minus" in front.text
    assert "not known for Pentax" in back.text


# Canon: 1/8 of the one-sided depth of focus at the widest aperture (white paper; canonwatch.com, DLC article), with
# Canon's circle of confusion of 0.030 mm (full frame) and 0.019 mm (APS-C). Nikon: 5 µm on the D3, 3 µm on the
# D7000 (M. Oelund, dpreview.com/forums/post/37558269).
@pytest.mark.parametrize(
    ("camera", "step_um"),
    [(CANON, 30 * 1.4 / 8), (CANON_APS_C, 19 * 1.4 / 8), (NIKON, 5.0), (NIKON_APS_C, 3.0), (SONY, 4 * 1.4)],
)
def test_change_is_focus_error_over_step(camera: CameraInfo, step_um: float) -> None:
    assert suggestion_for(8.0, camera).change == -round(defocus_um(85.0, DISTANCE_MM, 8.0) / step_um)


@settings(deadline=None, derandomize=True)
@given(st.sampled_from([CANON, CANON_APS_C, NIKON, NIKON_APS_C, SONY]), st.floats(-30, 30), st.integers(-5, 5))
def test_dialling_leaves_less_than_half_a_step_and_leaving_less_than_one(
    camera: CameraInfo, offset_mm: float, setting: int
) -> None:
    maker = maker_of(camera.make, camera.model)
    assert maker is not None
    step = maker.step_for(camera.sensor_width_mm)
    assert step is not None
    assert maker.sign == 1
    suggested = suggestion_for(offset_mm, camera, setting, half=0.0)
    assume(suggested.setting is not None)
    assume(abs(suggested.setting or 0) < 20)
    # Step size and sign applied the other way round: what the camera will do with the new setting.
    step_um = step.um * (1.4 if step.per_f_number else 1.0)
    left_um = defocus_um(85.0, DISTANCE_MM, offset_mm) + (suggested.change or 0) * step_um
    assert abs(left_um) <= step_um * (0.501 if suggested.kind == "dial" else 1.001)
    assert abs(offset_of_defocus_mm(85.0, DISTANCE_MM, left_um)) <= abs(offset_mm) + 1e-6


def test_canon_step_follows_the_widest_aperture_not_the_shots() -> None:
    stopped_down = CameraInfo("Canon", "Canon EOS 5D Mark IV", None, 85.0, 2.8, 1.4, 36.0)
    assert suggestion_for(8.0, stopped_down).change == suggestion_for(8.0, CANON).change
    slow_lens = CameraInfo("Canon", "Canon EOS 5D Mark IV", None, 85.0, 2.8, 2.8, 36.0)
    assert abs(suggestion_for(8.0, slow_lens).change or 0) < abs(suggestion_for(8.0, CANON).change or 0)


def test_unknown_widest_aperture_is_said() -> None:
    camera = CameraInfo("Canon", "Canon EOS 5D Mark IV", None, 85.0, 1.8, None, 36.0)
    assert "taken to be the shot's f/1.8" in suggestion_for(8.0, camera).text


def test_range_covers_interval_and_step() -> None:
    narrow, wide = suggestion_for(8.0, NIKON, half=0.1), suggestion_for(8.0, NIKON, half=4.0)
    error_um = defocus_um(85.0, DISTANCE_MM, 8.0)
    assert narrow.range == (-round(error_um / 3.0), -round(error_um / 5.0))
    assert wide.range is not None
    assert narrow.range is not None
    assert wide.range[0] < narrow.range[0]
    assert wide.range[1] > narrow.range[1]


def test_range_holds_the_setting() -> None:
    for offset in (-40.0, -3.0, 2.0, 12.0, 60.0):
        for camera in (CANON, CANON_APS_C, NIKON, SONY):
            suggested = suggestion_for(offset, camera, 2.0)
            assert suggested.range is not None
            assert suggested.setting is not None
            assert suggested.range[0] <= suggested.setting <= suggested.range[1]


def test_change_is_counted_from_the_setting_in_force() -> None:
    from_zero, from_four = suggestion_for(8.0, NIKON, 0.0), suggestion_for(8.0, NIKON, 4.0)
    assert from_four.change == from_zero.change
    assert from_four.setting == (from_zero.setting or 0) + 4
    assert "(from +4;" in from_four.text


def test_unknown_setting_is_taken_as_zero_and_said() -> None:
    suggested = suggestion_for(8.0, NIKON, None)
    assert suggested.setting == suggested.change
    assert "from 0, as the photo does not tell the present setting" in suggested.text


def test_setting_stays_within_the_cameras_range() -> None:
    far_off = suggestion_for(80.0, CANON)
    assert far_off.setting == -20
    assert far_off.range == (-20, -20)
    assert "The range ends there" in far_off.text
    assert "serviced" in far_off.text


def test_setting_near_the_end_of_the_range_is_a_case_for_service() -> None:
    near_end = suggestion_for(8.0, NIKON, -11.0)
    assert near_end.setting is not None
    assert -20 < near_end.setting < -15
    assert "serviced" in near_end.text
    assert "serviced" not in suggestion_for(8.0, NIKON).text


@pytest.mark.parametrize("camera", [CANON, PENTAX, CameraInfo()])
def test_offset_that_may_be_zero_is_left_alone(camera: CameraInfo) -> None:
    suggested = suggestion_for(0.5, camera, 3.0, half=1.0)
    assert (suggested.change, suggested.setting) == (0, 3)
    assert "Leave the setting as it is" in suggested.text


def test_less_than_a_step_is_left_alone() -> None:
    suggested = suggestion_for(0.8, CANON, 3.0, half=0.05)
    assert (suggested.kind, suggested.change, suggested.setting) == ("leave", 0, 3)
    assert suggested.headline == "Leave AF Microadjustment at +3."
    assert "less than a step" in suggested.text


@pytest.mark.parametrize("camera", [CANON, NIKON, SONY, PENTAX, CameraInfo()])
def test_what_is_in_focus_needs_no_change(camera: CameraInfo) -> None:
    for offset_mm in (0.05, 2.0, -3.0):
        text = suggestion_for(offset_mm, camera, in_focus=True).text
        assert text.startswith("Nothing needs changing: ")
        assert "shot" not in text


def test_what_is_in_focus_may_be_centred_exactly() -> None:
    suggested = suggestion_for(3.0, NIKON, in_focus=True)
    assert (suggested.setting, suggested.direction) == (-2, "closer to the camera")
    assert suggested.text.endswith(
        "To centre it exactly, set AF fine-tune to -2 (from 0), which moves focus closer to the camera."
    )


@settings(deadline=None, derandomize=True)
@given(st.sampled_from([CANON, NIKON, SONY, PENTAX, CameraInfo()]), st.floats(-60, 60), st.booleans())
def test_suggestions_are_a_few_sentences(camera: CameraInfo, offset_mm: float, in_focus: bool) -> None:
    text = suggestion_for(offset_mm, camera, None, in_focus=in_focus).text
    assert text.endswith(".")
    assert text.replace("Adj. ", "").count(". ") <= 3


@pytest.mark.parametrize(
    ("make", "model", "reason"),
    [
        ("Canon", "Canon EOS R5", "mirrorless"),
        ("Canon", "Canon EOS RP", "mirrorless"),
        ("Canon", "Canon EOS M50", "mirrorless"),
        ("Canon", "Canon EOS REBEL T7i", "this body does not offer"),
        ("Canon", "Canon EOS 350D DIGITAL", "this body does not offer"),
        ("Canon", "Canon EOS 60D", "this body does not offer"),
        ("NIKON CORPORATION", "NIKON D3500", "this body does not offer"),
        ("NIKON CORPORATION", "NIKON D90", "this body does not offer"),
        ("SONY", "ILCE-7M3", "LA-EA2 or LA-EA4"),
        ("FUJIFILM", "X-T3", "no such setting is known"),
        ("OLYMPUS CORPORATION", "E-M1MarkII", "how much one step moves focus is not known"),
        ("Apple", "iPhone 15", "a phone has no such setting"),
        ("Panasonic", "DC-G9", "Which way plus moves focus is not known"),
        ("Acme", "One", "Nothing is known about Acme"),
        (None, None, "does not name its camera"),
    ],
)
def test_no_number_without_knowledge_but_the_reason(make: str | None, model: str | None, reason: str) -> None:
    suggested = suggestion_for(8.0, CameraInfo(make, model, None, 85.0, 1.4, 1.4, 36.0))
    assert (suggested.setting, suggested.change, suggested.range, suggested.basis) == (None, None, None, None)
    assert suggested.direction == "closer to the camera"
    assert "focus should move closer to the camera" in suggested.text
    assert reason in suggested.text


def test_sony_with_an_adapter_that_focuses_itself_has_something_to_dial() -> None:
    on_e_mount = CameraInfo("SONY", "ILCE-7M3", None, 85.0, 1.4, 1.4, 35.6)
    assert suggestion_for(8.0, on_e_mount).change is None
    on_adapter = suggestion_for(8.0, replace(on_e_mount, af_method=PHASE))
    assert on_adapter.change is not None and on_adapter.change < 0
    assert "Whether the ILCE-7M3 has AF Micro Adj. is not on record here" in on_adapter.text
    on_canon = replace(on_e_mount, make="Canon", model="Canon EOS R5", af_method=PHASE)
    assert "There is nothing to dial" in suggestion_for(8.0, on_canon).text


def test_unknown_sign_can_be_found_out() -> None:
    assert "at 0 and 8 at +10" in suggestion_for(8.0, CameraInfo("Acme", "One")).text


@pytest.mark.parametrize(
    ("make", "model"),
    [
        ("Canon", f"Canon EOS {name}")
        for name in ("50D", "70D", "80D", "90D", "6D", "7D Mark II", "5D Mark III", "5DS R")
    ]
    + [("Canon", "Canon EOS-1D X Mark II")]
    + [("NIKON CORPORATION", f"NIKON {name}") for name in ("D3", "D5", "D500", "D700", "D7500", "D810", "Z 6")],
)
def test_bodies_that_have_the_menu_get_a_number(make: str, model: str) -> None:
    assert suggestion_for(8.0, CameraInfo(make, model, None, 85.0, 1.4, 1.4, 22.3)).change is not None


@pytest.mark.parametrize(("make", "model"), [("Canon", "Canon EOS R5"), ("FUJIFILM", "X-T3"), ("SONY", "ILCE-7M3")])
def test_a_body_without_the_menu_is_told_what_helps_instead(make: str, model: str) -> None:
    text = suggestion_for(8.0, CameraInfo(make, model, None, 85.0, 1.4, 1.4, 36.0)).text
    assert "There is nothing to dial" in text
    assert "focus at the aperture you shoot with" in text
    assert "serviced" in text


@pytest.mark.parametrize(
    ("distance_mm", "focal_mm"), [(None, 85.0), (1500.0, None), (60.0, 85.0), (float("inf"), 85.0)]
)
def test_without_a_distance_the_direction_is_still_said(distance_mm: float | None, focal_mm: float | None) -> None:
    camera = CameraInfo("NIKON CORPORATION", "NIKON D850", None, focal_mm, 1.4, 1.4, 35.9)
    suggested = suggest(8.0, (7.9, 8.1), distance_mm, camera, None)
    assert suggested.change is None
    assert "Turn AF fine-tune towards minus" in suggested.text
    assert "--focal-length" in suggested.text


def test_text_says_what_was_found_what_to_dial_and_where_it_moves() -> None:
    assert suggestion_for(8.0, NIKON).text.startswith(
        "Back focus of 8.0 mm: set AF fine-tune to -6 (from 0; plausible: -10 to -6). "
        "This moves focus closer to the camera, by about 1.4 mm a step."
    )


def test_suggestion_as_it_stands_in_the_json() -> None:
    suggested = suggestion_for(8.0, NIKON, None)
    assert as_json(suggested) == {
        "setting": -6,
        "change": -6,
        "range": [-10, -6],
        "direction": "closer to the camera",
        "basis": "Nikon: 5 µm as measured on D3 and D3s, 3 µm on D7000; other bodies are taken as between",
        "text": suggested.text,
        "kind": "dial",
        "headline": "Set AF fine-tune to -6.",
        "helps": None,
    }


def test_every_fact_about_a_maker_has_evidence_and_source() -> None:
    for maker in makers():
        facts = [maker.range_evidence, maker.sign_evidence, *(step.evidence for step in maker.steps)]
        facts += [body.evidence for body in maker.bodies_without]
        assert all(fact.source and fact.grade in {"M", "M*", "RE", "T", "R", "X", "none"} for fact in facts)
        assert (maker.sign is None) == (maker.sign_evidence.grade == "none")
        assert all(0 < step.um_low <= step.um <= step.um_high for step in maker.steps)
        assert maker.steps == () or (maker.sign is not None and maker.range is not None)


def test_the_step_is_that_of_the_body_whatever_the_picture_shows() -> None:
    """A DX crop of a full-frame body gave -13 for -8."""
    cropped = replace(NIKON, sensor_width_mm=23.5, format_width_mm=35.9)
    assert suggestion_for(8.0, cropped).setting == suggestion_for(8.0, NIKON).setting
    assert suggestion_for(8.0, NIKON_APS_C).setting != suggestion_for(8.0, NIKON).setting


def test_where_the_focal_length_is_in_doubt_there_is_a_direction_and_the_reason_but_no_number() -> None:
    found = suggest(8.0, (7.9, 8.1), DISTANCE_MM, NIKON, doubt="No number, as it is cut.")
    assert (found.setting, found.change, found.range) == (None, None, None)
    assert found.direction == "closer to the camera"
    assert found.text.endswith("closer to the camera. No number, as it is cut.")
