"""Camera knowledge: the data file's form, the sign of every maker, and bodies that have nothing to dial."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from backfocus.verify.cameras.dial import Suggestion, covering_f_number, suggest
from backfocus.verify.cameras.makers import dock_of, evidence_grades, maker_of, makers
from backfocus.verify.lens import circle_of_confusion_mm, defocus_um
from backfocus.verify.measure import measure
from backfocus.verify.measurement import Measurement
from backfocus.verify.photo.bodies import Body, BodyKind, bodies
from backfocus.verify.photo.metadata import CameraInfo

DISTANCE_MM = 1500.0
Text = Annotated[str, Field(min_length=2)]
Sentence = Annotated[str, Field(pattern=r"^[A-Z].*\.$")]
Grade = Literal["M", "M*", "RE", "T", "R", "X", "none"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class EvidenceEntry(Strict):
    grade: Grade
    source: Text


class StepEntry(Strict):
    sensor_width_from_mm: Annotated[float, Field(ge=0)]
    um: float
    um_low: Annotated[float, Field(gt=0)]
    um_high: float
    per_f_number: bool
    basis: Text
    evidence: EvidenceEntry

    @model_validator(mode="after")
    def size_is_between_its_bounds(self) -> StepEntry:
        assert self.um_low <= self.um <= self.um_high
        return self


class BodyWithoutEntry(Strict):
    names: Text
    kind: BodyKind | Literal["phone", "drone", "action"]
    model_pattern: str
    reason: Text
    instead: Sentence | None = None
    evidence: EvidenceEntry


class RemarkEntry(Strict):
    text: Sentence
    evidence: EvidenceEntry


NOTHING = EvidenceEntry(grade="none", source="no statement found")


class MakerEntry(Strict):
    name: Text
    kind: Literal["camera", "class", "dock", "adapter"]
    exif_make_words: list[Annotated[str, Field(pattern="^[a-z0-9-]+$")]] = []
    lens_words: list[Annotated[str, Field(pattern="^[a-z]+$")]] = []
    lens_pattern: Text | None = None
    not_lens_pattern: Text | None = None
    lens_ids: dict[Text, list[Text]] = {}
    lens_evidence: EvidenceEntry = NOTHING
    model_family: str | None = None
    menu: Text | None = None
    menu_path: Text | None = None
    menu_evidence: EvidenceEntry = NOTHING
    range: Annotated[list[int], Field(min_length=2, max_length=2)] | None = None
    granularity: Literal[1] | None = None
    range_evidence: EvidenceEntry = NOTHING
    entries: Text | None = None
    wide_and_tele_models: list[Text] = []
    entries_evidence: EvidenceEntry = NOTHING
    plus_moves_focus: Literal["farther", "closer"] | None = None
    sign_confidence: Literal["high", "medium-high", "medium", "low"] | None = None
    sign_evidence: EvidenceEntry = NOTHING
    steps: list[StepEntry] = []
    step_evidence: EvidenceEntry = NOTHING
    bodies_without: list[BodyWithoutEntry] = []
    remarks: list[RemarkEntry] = []

    @model_validator(mode="after")
    def every_fact_has_evidence_and_nothing_else_has(self) -> MakerEntry:
        for fact, evidence in (
            (self.menu, self.menu_evidence),
            (self.menu_path, self.menu_evidence),
            (self.range, self.range_evidence),
            (self.granularity, self.range_evidence),
            (self.entries, self.entries_evidence),
            (self.plus_moves_focus, self.sign_evidence),
            (self.sign_confidence, self.sign_evidence),
            (self.steps or None, self.step_evidence),
            (self.lens_ids or None, self.lens_evidence),
        ):
            assert (fact is None) == (evidence.grade == "none"), (self.name, fact)
        return self

    @model_validator(mode="after")
    def numbers_need_sign_and_range(self) -> MakerEntry:
        assert not self.steps or (self.plus_moves_focus is not None and self.range is not None)
        widths = [step.sensor_width_from_mm for step in self.steps]
        assert widths == sorted(widths, reverse=True)
        assert not widths or widths[-1] == 0.0
        assert self.range is None or self.range[0] == -self.range[1] < 0
        return self


class MakersFile(Strict):
    schema_: Annotated[Literal["backfocus/makers/3"], Field(alias="schema")]
    evidence_grades: dict[Grade, Text]
    instead: dict[BodyKind | Literal["phone", "drone", "action"], Sentence]
    makers: Annotated[list[MakerEntry], Field(min_length=1)]


def data_file() -> dict[str, Any]:
    text = files("backfocus.verify.cameras").joinpath("makers.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def test_data_file_keeps_to_its_schema() -> None:
    checked = TypeAdapter(MakersFile).validate_python(data_file())
    assert set(checked.evidence_grades) == {"M", "M*", "RE", "T", "R", "X", "none"}
    assert [maker.name for maker in checked.makers] == [maker.name for maker in makers()]


def test_every_maker_of_the_reference_is_there() -> None:
    assert [maker.name for maker in makers()] == [
        *("Canon", "Nikon", "Sony", "Pentax", "Olympus / OM System", "Panasonic", "Fujifilm", "Leica"),
        *("Sigma", "Hasselblad", "Samsung"),
        *("Phones", "Drones", "Action cameras", "Cinema cameras", "Compact cameras"),
        *("Sigma USB Dock", "Tamron TAP-in", "Samyang Lens Station"),
        *("Sony LA-EA", "Nikon FTZ", "Canon EF-EOS R", "Sigma MC-11, MC-21"),
    ]


def test_patterns_are_regular_expressions_and_spare_the_models_that_have_the_menu() -> None:
    for maker in makers():
        assert re.compile(maker.model_family or "")
        assert not maker.exif_make_words or maker.bodies_with or maker.bodies_without
        assert all(maker.offers(model) == "yes" for model in (*maker.models, *maker.wide_and_tele_models))


@pytest.mark.parametrize("body", bodies(), ids=lambda body: body.model)
def test_every_body_on_record_is_judged_by_its_own_entry(body: Body) -> None:
    maker = maker_of(body.make, body.model)
    assert maker is not None
    expected = {"yes": "yes", "no": "no", "adapter": "no", "unknown": "unknown"}[body.af_setting]
    assert [maker.offers(name) for name in body.names] == [expected] * len(body.names)
    without = maker.without(body.model)
    if without is not None:
        assert (without.kind, without.evidence.source) == (body.kind, body.source)


def suggestion_for(offset_mm: float, camera: CameraInfo, setting: float = 0.0) -> Suggestion:
    return suggest(offset_mm, (offset_mm - 0.1, offset_mm + 0.1), DISTANCE_MM, camera, setting)


def body(make: str, model: str, width_mm: float = 36.0, lens: str | None = None) -> CameraInfo:
    return CameraInfo(make, model, lens, 85.0, 1.4, 1.4, width_mm)


@pytest.fixture(scope="module")
def back_focus(back_focused_photo: Path) -> Measurement:
    """What a simulated lens that focuses 8 mm behind the AF mark gives."""
    return measure(back_focused_photo)


@pytest.fixture(scope="module")
def front_focus(front_focused_photo: Path) -> Measurement:
    """The same of one that focuses 12 mm in front of it."""
    return measure(front_focused_photo)


def suggestion_of(measurement: Measurement, camera: CameraInfo) -> Suggestion:
    """What to dial on a camera whose lens gave this measurement."""
    assert measurement.offset_mm is not None
    assert measurement.offset_ci95_mm is not None
    return suggest(measurement.offset_mm, measurement.offset_ci95_mm, measurement.distance_mm, camera, 0.0)


# What cures back focus, maker by maker, as the source beside it says. The number of the change is another test's.
@pytest.mark.parametrize(
    ("camera", "cure"),
    [
        # Plus is behind, minus in front of the point of focus: EOS-1D Mark III white paper, copied in
        # bobatkins.com/smf/index.php?topic=997.msg3744. About 30 mm of back focus cured with -12 (7D + 55-250):
        # eichimu.hatenadiary.org/entry/20131013/1381662863.
        pytest.param(body("Canon", "Canon EOS 5D Mark III"), "minus", id="Canon"),
        pytest.param(body("Canon", "Canon EOS 7D", 22.3), "minus", id="Canon APS-C"),
        # "+ farther, corrects front focus": Thom Hogan, Complete Guide to the D300, p. 404. A back-focusing 70-200
        # needed about -20 at 200 mm (D7000): dpreview.com/forums/post/57731382.
        pytest.param(body("NIKON CORPORATION", "NIKON D300", 23.6), "minus", id="Nikon DSLR"),
        # -2 makes the lens focus slightly nearer (Z 8):
        # photoartfromscience.com/single-post/autofocus-fine-tune-with-nikon-z-cameras-useless.
        pytest.param(body("NIKON CORPORATION", "NIKON Z 8"), "minus", id="Nikon Z"),
        # A back-focusing 100/2.8 macro needed -3 (A77): foto-video-erlangen.de/2015/03/03; a back-focusing 50/1.4
        # needed -8 (A77): visualsciencelab.blogspot.com/2012_07_14_archive.html.
        pytest.param(body("SONY", "SLT-A77V", 23.5), "minus", id="Sony A-mount"),
        # Back focus needs plus, the reverse of Canon and Nikon (a K-1 owner who went by the manual):
        # assist-men.biz/photo.
        pytest.param(body("RICOH IMAGING COMPANY, LTD.", "PENTAX K-1"), "plus", id="Pentax"),
        # An E-620 with back focus is turned towards minus: dslr-forum.de p=6112533. E-M1 and E-M1 II with a
        # 300/2.8, 5 x 10 shots, back focus, needed up to -20: e-group.uk.net thread 52082.
        pytest.param(body("OLYMPUS CORPORATION", "E-M1MarkII", 17.3), "minus", id="Olympus"),
        # Front focus removed with +3 and +5: klausheymach.de/frontfokus-flaschen-sigma-35-1-4-art-endlich-scharf.
        pytest.param(
            body("Canon", "Canon EOS R5", lens="35mm F1.4 DG HSM | Sigma Art 012"), "minus", id="Sigma dock"
        ),
    ],
)
def test_back_focus_is_cured_by_moving_focus_closer(
    camera: CameraInfo, cure: str, back_focus: Measurement, front_focus: Measurement
) -> None:
    back, front = suggestion_of(back_focus, camera), suggestion_of(front_focus, camera)
    assert back.direction == "closer to the camera"
    assert re.search(r"focus (should move )?closer to the camera", back.text)
    assert "farther" not in back.text
    assert front.direction == "farther from the camera"
    assert re.search(r"focus (should move )?farther from the camera", front.text)
    if back.change is not None:
        assert front.change is not None
        assert (back.change > 0, front.change > 0) == ((True, False) if cure == "plus" else (False, True))
        assert f"to {back.setting:+d} (" in back.text
    else:
        other = {"plus": "minus", "minus": "plus"}[cure]
        assert re.search(rf"(towards|:) {cure}\b", back.text)
        assert re.search(rf"(towards|:) {other}\b", front.text)


def test_every_maker_with_a_known_sign_is_among_the_tests_above() -> None:
    assert [(maker.name, maker.sign) for maker in makers() if maker.sign is not None] == [
        *(
            ("Canon", 1),
            ("Nikon", 1),
            ("Sony", 1),
            ("Pentax", -1),
            ("Olympus / OM System", 1),
            ("Sigma USB Dock", 1),
        )
    ]


@pytest.mark.parametrize(
    ("make", "model"),
    [
        ("Panasonic", "DC-G9"),
        *(("FUJIFILM", "X-T3"), ("LEICA CAMERA AG", "LEICA SL2"), ("Acme", "One")),
    ],
)
def test_unknown_sign_stays_unknown(make: str, model: str) -> None:
    suggested = suggestion_for(8.0, body(make, model))
    assert (suggested.setting, suggested.change) == (None, None)
    assert not re.search(r"towards (plus|minus)", suggested.text)


@pytest.mark.parametrize(
    ("lens", "dock"),
    [
        *((f"{name}", "Sigma USB Dock") for name in ("35mm F1.4 DG HSM | Art 012", "18-35mm F1.8 DC HSM | A")),
        *(
            (name, "Sigma USB Dock")
            for name in ("150-600mm F5-6.3 DG OS HSM | Contemporary 015", "SIGMA 50mm F1.4 DG")
        ),
        *(
            (name, "Tamron TAP-in")
            for name in ("SP 15-30mm F/2.8 Di VC USD A012", "TAMRON SP 35mm F/1.4 Di USD F045")
        ),
        *((name, "Tamron TAP-in") for name in ("18-400mm F/3.5-6.3 Di II VC HLD B028",)),
        *(
            (name, None)
            for name in ("EF85mm f/1.4L IS USM", "AF DC-Nikkor 105mm f/2D", "LEICA DG SUMMILUX 25/F1.4")
        ),
        *((name, None) for name in ("HD PENTAX-DA 11-18mm F2.8 ED DC AW", "DT 18-55mm F3.5-5.6 SAM", "----", None)),
        # Made for mirrorless bodies only, or older than the dock.
        *((name, None) for name in ("SIGMA 56mm F1.4 DC DN | C 018", "35mm F1.4 DG DN | Art 021")),
        *((name, None) for name in ("28-75mm F/2.8 Di III RXD A036", "TAMRON 28-75mm F2.8 Di III")),
        *((name, None) for name in ("Sigma 180mm F3.5 EX DG HSM MACRO", "180mm F3.5 EX DG HSM")),
    ],
)
def test_dock_is_told_by_the_lens_with_or_without_its_makers_name(lens: str | None, dock: str | None) -> None:
    found = dock_of(lens)
    assert (None if found is None else found.name) == dock


@pytest.mark.parametrize(
    ("make", "lens_id", "dock"),
    [
        ("Canon", "368", "Sigma USB Dock"),
        ("RICOH IMAGING COMPANY, LTD.", "8 31", "Sigma USB Dock"),
        ("Canon", "117", "Tamron TAP-in"),
        # Canon's own EF 14 mm has it, too.
        ("Canon", "150", None),
        ("NIKON CORPORATION", "368", None),
        ("Canon", None, None),
    ],
)
def test_dock_is_told_by_the_number_of_the_lens_where_it_has_no_name(
    make: str, lens_id: str | None, dock: str | None
) -> None:
    found = dock_of(None, make, lens_id)
    assert (None if found is None else found.name) == dock


def test_a_lens_that_needs_more_than_the_range_is_sent_to_its_dock() -> None:
    canon = body("Canon", "Canon EOS 5D Mark IV", lens="35mm F1.4 DG HSM | Art 012")
    assert "Sigma USB Dock, it can be corrected there: minus should" in suggestion_for(80.0, canon).text
    assert "plus should move focus farther" in suggestion_for(-80.0, canon).text
    assert "Dock" not in suggestion_for(8.0, canon).text


@pytest.mark.parametrize(
    ("make", "model", "words"),
    [
        ("Apple", "iPhone 15 Pro", "a phone has no such setting. It focuses on the sensor itself: tap on the mark"),
        ("Google", "Pixel 8", "a phone"),
        ("samsung", "SM-G991B", "a phone"),
        ("Sony", "XQ-CT54", "a phone"),
        ("Xiaomi", "2201123G", "a phone"),
        ("DJI", "FC3582", "a drone"),
        ("Hasselblad", "L2D-20c", "a drone"),
        ("GoPro", "HERO11 Black", "an action camera has no such setting. Most have a fixed focus"),
        ("RICOH", "RICOH THETA V", "an action camera"),
        ("SONY", "ZV-E1", "E-mount bodies"),
        ("SONY", "ILME-FX3", "E-mount bodies"),
        ("SONY", "DSC-RX100M7", "a lens of its own"),
        ("Canon", "Canon PowerShot G7 X", "a lens of its own"),
        ("FUJIFILM", "X100VI", "a lens of its own"),
        ("RICOH IMAGING COMPANY, LTD.", "RICOH GR III", "a lens of its own"),
        ("LEICA CAMERA AG", "LEICA M11", "an M body has no autofocus. Have rangefinder and lens adjusted together"),
        ("SIGMA", "SIGMA fp", "Sigma's fp and BF"),
        ("Blackmagic Design", "Pocket Cinema Camera 6K", "a cinema camera"),
    ],
)
def test_what_has_no_dial_is_told_what_helps_by_its_class(make: str, model: str, words: str) -> None:
    suggested = suggestion_for(20.0, body(make, model, 23.5))
    assert suggested.change is None
    assert f"There is nothing to dial: {words}" in suggested.text or words in suggested.text
    assert "+10" not in suggested.text
    assert not re.search(r"phone|drone|action", words) or "From f/" not in suggested.text


def test_an_unknown_camera_with_a_small_sensor_is_taken_for_a_compact_or_phone() -> None:
    small = suggestion_for(8.0, body("Acme", "One", 7.6))
    assert "sensor 7.6 mm wide this is a compact" in small.text
    assert (small.kind, small.headline) == ("no-setting", "There is nothing to dial on the One.")
    assert "at 0 and 8 at +10" in suggestion_for(8.0, body("Acme", "One", 17.3)).text


@pytest.mark.parametrize("lens", ["TAMRON SP 35mm F/1.8 Di VC USD", "Samyang AF 85mm F1.4"])
def test_dock_with_unknown_sign_is_named_without_a_direction(lens: str) -> None:
    text = suggestion_for(8.0, body("Canon", "Canon EOS R5", lens=lens)).text
    dock = dock_of(lens)
    assert dock is not None
    assert f"works with the {dock.name}" in text
    assert "which way plus moves focus is not known" in text


@pytest.mark.parametrize(
    ("make", "model"),
    [
        *(("NIKON CORPORATION", f"NIKON {name}") for name in ("D3100", "D3500", "D5200", "D5600", "D40", "D90")),
        *(("Canon", f"Canon EOS {name}") for name in ("R", "RP", "R6", "M6", "REBEL T7i", "750D", "2000D", "77D")),
        *(("FUJIFILM", "GFX100S"), ("LEICA CAMERA AG", "LEICA M10"), ("PENTAX", "PENTAX K-x"), ("SONY", "NEX-6")),
    ],
)
def test_body_without_the_menu_gets_no_step_but_what_helps(make: str, model: str) -> None:
    camera = body(make, model)
    maker = maker_of(make, model)
    assert maker is not None
    assert maker.offers(model) == "no"
    suggested = suggestion_for(20.0, camera)
    assert (suggested.setting, suggested.change, suggested.range, suggested.basis) == (None, None, None, None)
    assert "There is nothing to dial" in suggested.text
    assert re.search(r"live view|aperture you shoot with", suggested.text)
    assert "service" in suggested.text
    assert "From f/2.5 on, the depth of field covers the error." in suggested.text


def test_covering_aperture_blurs_the_mark_by_one_circle_of_confusion() -> None:
    # The disc as similar triangles have it: the cone of width f / N meets at v(u), the sensor is at v(u + e).
    focal, offset, width = 85.0, 20.0, 36.0
    error_um = defocus_um(focal, DISTANCE_MM, offset)
    number = covering_f_number(focal, DISTANCE_MM, error_um, width)
    assert number == 2.5
    image_mm = focal * DISTANCE_MM / (DISTANCE_MM - focal)
    discs = [focal / n * error_um / 1000 / image_mm for n in (2.2, 2.5)]
    assert discs[1] <= circle_of_confusion_mm(width, (6000, 4000)) < discs[0]


def test_error_within_the_depth_of_field_is_said_to_be() -> None:
    text = suggestion_for(8.0, body("FUJIFILM", "GFX100S", 43.8)).text
    assert "At the shot's f/1.4 the error is still within the depth of field." in text


def test_no_aperture_covers_a_gross_error() -> None:
    assert covering_f_number(85.0, DISTANCE_MM, 2000.0, 36.0) is None
    assert "Not even at f/22" in suggestion_for(150.0, body("FUJIFILM", "X-T3", 23.5)).text


def test_model_in_doubt_gets_its_number_and_the_doubt() -> None:
    suggested = suggestion_for(8.0, body("NIKON CORPORATION", "NIKON D2X", 23.7))
    assert suggested.change is not None
    assert "Whether the NIKON D2X has AF fine-tune is not on record" in suggested.text
    assert "not on record" not in suggestion_for(8.0, body("NIKON CORPORATION", "NIKON D850")).text


def test_sign_by_one_report_is_to_be_checked() -> None:
    assert "turn back if it got worse" in suggestion_for(8.0, body("PENTAX", "PENTAX K-3", 23.5)).text


def test_two_values_for_a_zoom_are_known_where_they_are_on_record() -> None:
    canon, nikon = maker_of("Canon", None), maker_of("NIKON", None)
    assert canon is not None
    assert nikon is not None
    assert canon.keeps_wide_and_tele("Canon EOS 5D Mark III")
    assert nikon.keeps_wide_and_tele("NIKON D6")
    assert not canon.keeps_wide_and_tele("Canon EOS 50D")
    assert not nikon.keeps_wide_and_tele("NIKON D300")


def test_every_grade_is_explained() -> None:
    assert set(evidence_grades()) == {"M", "M*", "RE", "T", "R", "X", "none"}
