"""`backfocus plan`: sheet, distance and expected precision, held against known answers and simulated shots."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner, Result
from plan_check import Case, plan_of, ratio, shots_of

from backfocus.cli import cli
from backfocus.targets import build_chart, chart_from_qr, parse_qr_text
from backfocus.targets.protocol import ALL_SHOTS, OTHER_SETTING, SETTING, SHOOT_BOTH, SHOTS, TUNE, distances
from backfocus.verify.cameras.names import find_makers
from backfocus.verify.formats import as_json
from backfocus.verify.simulate.study import take_and_measure
from backfocus.verify.tuning.plan import Plan, make_plan, plan_text, setting_half_width
from backfocus.verify.tuning.precision import (
    FITS,
    SENSORS_MM,
    ExpectedInterval,
    Setup,
    expected_interval,
    floor_px,
    pixels_of,
    sensor_of_width,
    set_up_mm,
    slope_px_per_mm,
)

FULL_FRAME = SENSORS_MM["full-frame"]


def plan(
    focal: float = 85.0,
    f_number: float = 1.4,
    distance: float = 2550.0,
    sensor: tuple[float, float] = FULL_FRAME,
    camera: str | None = "Nikon D850",
    paper: str | None = None,
    scatter: float = 2.0,
) -> Plan:
    setup = Setup(focal, f_number, sensor, distance, pixels_of(24.0, sensor))
    return make_plan(setup, find_makers(camera)[0] if camera else None, paper, scatter)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["plan", *arguments])


@pytest.mark.parametrize(
    "case",
    [
        Case(85.0, 1.4, megapixels=6.0),
        Case(50.0, 2.8, camera="Canon EOS 5D Mark IV", megapixels=6.0),
        Case(50.0, 2.8, camera="Canon EOS 5D Mark IV", megapixels=12.0, design="zfold"),
    ],
    ids=lambda case: f"{case.design}, {case.focal_length_mm:g} mm f/{case.f_number:g}",
)
def test_expected_interval_is_that_of_a_simulated_shot(case: Case) -> None:
    planned = plan_of(case)
    (shot,) = shots_of(planned, seed=5, count=1)
    result = take_and_measure(shot)
    assert result.measurement.status == "measured"
    assert 1 / 1.5 <= ratio(planned, [result]) <= 1.5


def test_a_folded_card_is_planned_as_it_stands() -> None:
    chart = build_chart("zfold")
    mark = set_up_mm(chart, [chart.af_mark_page_mm])
    assert mark == pytest.approx(np.zeros((1, 3)), abs=1e-9)
    [hinge, *_] = [panel.hinge_page_mm for panel in chart.panels if panel.fold_deg > 0 and panel.hinge_page_mm]
    beyond = (hinge[0][0] - 40.0, chart.af_mark_page_mm[1])
    on_hinge, on_wing = set_up_mm(chart, [(hinge[0][0], beyond[1]), beyond])
    # Of 40 mm of a wing that comes forward by 45°, as many point to the camera as to the side.
    assert on_wing - on_hinge == pytest.approx([-40.0 * math.sqrt(0.5), 0.0, -40.0 * math.sqrt(0.5)])
    said = json.loads(run("--lens", "85", "--aperture", "1.8", "--design", "zfold", "--json").stdout)
    assert (said["chart"]["design"], said["chart"]["paper"]) == ("zfold", "a4")
    assert said["chart"]["command"] == "backfocus chart zfold --paper a4"
    near, far = said["depth_range_mm"]
    assert near == pytest.approx(-far, abs=1.0) and 70.0 < far < 100.0
    assert "Fold the wings" in run("--lens", "85", "--aperture", "1.8", "--design", "zfold").stdout


def test_a_sheet_that_leans_is_placed_by_sine_and_cosine() -> None:
    chart = build_chart("flat")
    x, y = chart.af_mark_page_mm
    [place] = set_up_mm(chart, [(x + 10.0, y - 100.0)])
    assert place == pytest.approx([10.0, 100.0 * math.sqrt(0.5), 100.0 * math.sqrt(0.5)])


def test_an_upright_chart_is_not_planned() -> None:
    assert run("--lens", "85", "--aperture", "1.8", "--design", "wall").exit_code == 2


def test_blur_is_that_of_similar_triangles() -> None:
    setup = Setup(85.0, 1.4, FULL_FRAME, 2550.0, 6000)
    focused, behind = (85.0 * u / (u - 85.0) for u in (2550.0, 2560.0))
    disc_px = 85.0 / 1.4 * (focused - behind) / behind / 0.006
    # The spread across an edge of a disc has a standard deviation of a quarter of its diameter.
    assert slope_px_per_mm(setup) * 10.0 == pytest.approx(disc_px / 4, rel=0.01)
    assert floor_px(setup) == pytest.approx(0.75, abs=0.02)


def test_wider_nearer_and_with_more_pixels_is_more_precise() -> None:
    chart = build_chart()

    def expected(f_number: float, distance: float, pixels: int) -> ExpectedInterval:
        interval = expected_interval(chart, Setup(85.0, f_number, FULL_FRAME, distance, pixels))
        assert interval is not None
        return interval

    usual = expected(1.8, 2550.0, 6000)
    wider, narrower = expected(1.4, 2550.0, 6000), expected(2.8, 2550.0, 6000)
    nearer, farther = expected(1.8, 2000.0, 6000), expected(1.8, 3000.0, 6000)
    assert wider.half_width_mm < usual.half_width_mm < narrower.half_width_mm
    assert nearer.half_width_mm < usual.half_width_mm < farther.half_width_mm
    assert expected(1.8, 2550.0, 8000).bound_mm < usual.bound_mm < expected(1.8, 2550.0, 4000).bound_mm


def test_printers_scale_adds_a_hundredth_of_the_offset() -> None:
    setup = Setup(85.0, 1.4, FULL_FRAME, 2550.0, 6000)
    in_focus, off = (expected_interval(build_chart(), setup, offset) for offset in (0.0, 20.0))
    assert in_focus is not None
    assert off is not None
    assert off.print_mm == pytest.approx(math.hypot(in_focus.print_mm, 0.2))
    assert off.half_width_mm > in_focus.half_width_mm


def test_sheet_that_cannot_tell_focus_is_said_to() -> None:
    hopeless = plan(24.0, 11.0, 3000.0)
    assert any("Blur hardly changes" in doubt for doubt in hopeless.sheet.doubts)
    assert hopeless.sheet.interval is None or hopeless.sheet.interval.half_width_mm > 5.0


@pytest.mark.parametrize(("focal_lengths", "paper"), [(25, "a4"), (36, "a4"), (45, "a3")])
def test_farther_away_a_larger_quiet_zone_is_needed(focal_lengths: float, paper: str) -> None:
    sheet = plan(distance=85.0 * focal_lengths).sheet
    assert (sheet.chart.paper, sheet.chart.scale, sheet.doubts) == (paper, 1.0, ())
    assert sheet.chart.widest_distance_over_focal_length >= focal_lengths


@pytest.mark.parametrize("f_number", [1.4, 4.0, 5.6])
def test_a_sheet_is_planned_only_for_distances_that_its_second_page_names(f_number: float) -> None:
    for focal_lengths in (25, 30, 34):
        sheet = plan(f_number=f_number, distance=85.0 * focal_lengths).sheet
        assert not sheet.doubts
        assert focal_lengths <= distances(sheet.chart, f_number)[1]


def test_one_paper_is_enlarged_if_it_must_be() -> None:
    sheet = plan(distance=85.0 * 45, paper="letter").sheet
    assert sheet.chart.paper == "letter"
    assert sheet.chart.scale == pytest.approx(math.sqrt(2), abs=0.001)


def test_sheet_fits_into_the_picture_and_is_said_to_where_it_does_not() -> None:
    assert plan(25.0, 1.2, 750.0, SENSORS_MM["micro-four-thirds"]).sheet.fills < FITS
    near = plan(100.0, 2.8, 600.0).sheet
    assert near.fills > FITS
    assert any("does not fit" in doubt for doubt in near.doubts)


def test_sheet_in_the_picture_is_as_large_as_the_thin_lens_makes_it() -> None:
    sheet = plan(85.0, 1.4, 2550.0).sheet
    near_edge = 2550.0 - 148.5 * math.sin(math.radians(45.0))
    image = 85.0 * 2550.0 / (2550.0 - 85.0)
    assert sheet.camera == "upright"
    assert sheet.fills == pytest.approx(210.0 * image / near_edge / 24.0, rel=1e-6)


# One step at 25 f, q (u/f - 1)²: 2.9 mm on the D3 (5 µm), 1.7 mm on the D7000 (3 µm; M. Oelund,
# dpreview.com/forums/post/37558269), 3.0 mm on a full-frame Canon at f/1.4 and 6.0 mm at f/2.8 (white paper).
@pytest.mark.parametrize(
    ("camera", "sensor", "f_number", "step_mm"),
    [
        ("Nikon D3", FULL_FRAME, 1.4, 2.9),
        ("Nikon D7000", SENSORS_MM["aps-c"], 2.8, 1.7),
        ("Canon EOS 5D Mark III", FULL_FRAME, 1.4, 3.0),
        ("Canon EOS 5D Mark III", FULL_FRAME, 2.8, 6.0),
    ],
)
def test_step_in_depth(camera: str, sensor: tuple[float, float], f_number: float, step_mm: float) -> None:
    step = plan(85.0, f_number, 25 * 85.0, sensor, camera).step
    assert step is not None
    assert step.mm == pytest.approx(step_mm, abs=0.05)
    assert step.mm_low <= step.mm <= step.mm_high


@pytest.mark.parametrize("camera", ["pentax", "om-1", "tamron", "EOS R5", "x-t3", None])
def test_unknown_step_stays_unknown(camera: str | None) -> None:
    planned = plan(camera=camera)
    assert planned.step is None
    assert "AF steps to either side" not in plan_text(planned)


def test_body_without_the_setting_is_told_so() -> None:
    planned = plan(camera="EOS R5")
    assert (planned.shots, planned.settings, planned.setting_half_width_steps) == (SHOTS, (), None)
    assert any(note.startswith("There is nothing to dial") for note in planned.notes)


def test_model_in_doubt_is_said_to_be() -> None:
    assert any("D2X has AF fine-tune is not on record" in note for note in plan(camera="Nikon D2X").notes)


def test_both_groups_of_shots_tell_a_setting_at_one_of_theirs_as_well_as_is_said() -> None:
    """Crossings of lines through two means, drawn at random; the scatter is told by the shots themselves."""
    rng, sd = np.random.default_rng(3), 2.0
    here, there = (rng.normal(-setting, sd, (20000, SHOTS)) for setting in (SETTING, OTHER_SETTING))
    crossings = here.mean(axis=1) * OTHER_SETTING / (here.mean(axis=1) - there.mean(axis=1))
    assert np.mean(np.abs(crossings) <= setting_half_width(sd)) == pytest.approx(0.964, abs=0.01)
    pooled = np.sqrt((here.var(axis=1, ddof=1) + there.var(axis=1, ddof=1)) / 2)
    held = np.abs(crossings) <= setting_half_width(1.0) * pooled
    assert np.mean(held) == pytest.approx(0.95, abs=0.01)
    assert setting_half_width(2.0) == pytest.approx(1.52, abs=0.01)


def test_measuring_adds_to_scatter() -> None:
    fast, slow = plan(), plan(28.0, 8.0, 840.0, SENSORS_MM["aps-c"], "Nikon D7000")
    assert slow.step is not None
    assert slow.sheet.interval is not None
    measuring = slow.sheet.interval.half_width_mm / 1.96 / slow.step.mm
    assert slow.sd_steps == pytest.approx(math.hypot(2.0, measuring))
    assert 2.0 < fast.sd_steps < slow.sd_steps
    assert plan(camera="pentax").sd_steps == 2.0


def test_command_prints_the_planned_sheet() -> None:
    planned = plan(300.0, 2.0, 18000.0)
    assert planned.print_command == "backfocus chart flat --paper a3 --scale 1.414"
    qr = parse_qr_text(planned.sheet.chart.qr.text)
    assert chart_from_qr(qr) == planned.sheet.chart


def test_plan_as_it_stands_in_the_json() -> None:
    shown = json.loads(run("--lens", "85", "--aperture", "1.4", "--camera", "D850", "--json").output)
    assert shown["schema"] == "backfocus/plan/1"
    assert shown["distance_mm"] == 2550.0
    assert shown["chart"]["command"] == "backfocus chart flat --paper a4"
    assert 0 < shown["half_width_mm"] < 0.2
    assert (shown["camera"], shown["camera_offers_setting"], shown["scatter_steps"]) == ("Nikon D850", "yes", 2.0)
    assert shown["step"]["grade"] == "T"
    assert (shown["shots"], shown["settings"]) == (ALL_SHOTS, [SETTING, OTHER_SETTING])
    assert shown["setting_half_width_steps"] == pytest.approx(setting_half_width(shown["sd_steps"]), abs=0.01)


@pytest.mark.parametrize("distance", ["2550", "2550mm", "255 cm", "2.55m", "2.55 M"])
def test_distance_in_any_unit(distance: str) -> None:
    shown = json.loads(run("--lens", "85", "--aperture", "1.4", "--distance", distance, "--json").output)
    assert shown["distance_mm"] == 2550.0


@pytest.mark.parametrize(("sensor", "sides"), [*SENSORS_MM.items(), ("23.5", sensor_of_width(23.5))])
def test_sensor_by_name_or_width(sensor: str, sides: tuple[float, float]) -> None:
    shown = json.loads(run("--lens", "50", "--aperture", "2", "--sensor", sensor, "--json").output)
    assert shown["sensor_mm"] == as_json(sides, "sensor_mm")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--distance", "2.5"), "For 2.5 metres write 2.5m"),
        (("--distance", "far"), "is no distance"),
        (("--sensor", "big"), "nor a width"),
        (("--camera", "Nikn"), "Did you mean Nikon"),
        (("--scatter", "-1"), "--scatter"),
    ],
)
def test_mistake_is_told_with_its_remedy(arguments: tuple[str, str], message: str) -> None:
    result = run("--lens", "85", "--aperture", "1.4", *arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "width_mm", "pixels"),
    [
        (("--camera", "d7000"), 23.6, 4928),
        (("--camera", "d7000", "--sensor", "full-frame"), 36.0, 4928),
        (("--camera", "E-M1X", "--megapixels", "80"), 17.3, 10328),
        (("--camera", "nikon"), 36.0, 6000),
        ((), 36.0, 6000),
    ],
)
def test_sensor_and_pixels_are_those_of_the_camera_named(
    arguments: tuple[str, ...], width_mm: float, pixels: int
) -> None:
    planned = json.loads(run("--lens", "85", "--aperture", "1.4", *arguments, "--json").output)
    assert planned["sensor_mm"][0] == pytest.approx(width_mm)
    assert planned["pixels"] == pixels


def test_an_adapter_is_no_camera() -> None:
    result = run("--lens", "85", "--aperture", "1.4", "--camera", "FTZ")
    assert result.exit_code == 2
    assert "is an adapter; name the camera" in result.output


def test_text_tells_what_to_print_and_where_to_stand() -> None:
    text = plan_text(plan())
    assert "backfocus chart flat --paper a4" in text
    assert "2.55 m (8.4 ft) from lens to AF mark" in text
    assert "at f/1.4 this sheet is good for 25 to 36 focal lengths" in text
    assert f"{SHOOT_BOTH}, through the viewfinder" in text
    assert TUNE in text
    assert "20 AF steps to either side" in text
    assert "single shots scatter by 2 steps" in text
