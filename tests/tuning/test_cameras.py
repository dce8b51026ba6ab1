"""`backfocus cameras`: makers and models, with sources; unknown stays unknown."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from backfocus.cli import cli, plan
from backfocus.verify.cameras.makers import makers


@pytest.fixture(autouse=True)
def wide_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell on one line."""
    monkeypatch.setattr(plan, "WIDTH_WITHOUT_TERMINAL", 2000)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["cameras", *arguments])


def shown(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0
    return result.output


def row(output: str, first: str) -> str:
    """The first line of the row that begins so."""
    return next(line for line in output.splitlines() if line.strip().startswith(first))


def test_all_makers_are_shown() -> None:
    output = run().output
    for maker in makers():
        assert maker.name in output
        assert maker.range is None or f"{maker.range[0]:+d} to {maker.range[1]:+d}" in row(output, maker.name)
    assert "farther from the" in row(output, "Canon")
    assert "closer to the" in row(output, "Pentax")


def test_unknown_sign_and_step_stay_unknown_on_screen() -> None:
    output = run().output
    for name in ("Panasonic", "Tamron", "Samyang"):
        assert row(output, name).count("not known") >= 2
    assert "not known" in row(output, "Pentax")


@pytest.mark.parametrize("name", ["canon", "Canon", "CANON EOS-1D X"])
def test_facts_stand_beside_grade_and_source(name: str) -> None:
    output = run(name).output
    assert "farther from the camera, so back focus needs minus" in output
    assert " M* " in row(output, "Plus moves")
    assert "white paper" in row(output, "Plus moves")


def test_pentax_is_the_odd_one_out() -> None:
    assert "closer to the camera, so back focus needs plus" in shown("pentax")


def test_model_without_the_setting_is_told_what_helps() -> None:
    told = row(shown("x-t3"), "X-T3")
    assert "Nothing to dial: no such setting is known on Fujifilm" in told
    assert "aperture" in told


def test_olympus_is_told_by_two_owners() -> None:
    assert "farther from the camera, so back focus needs minus; confidence medium" in shown("E-M1 Mark II")


def test_a_body_on_record_has_its_sensor() -> None:
    told = shown("5D4")
    assert "Has AF Microadjustment" in row(told, "EOS 5D Mark IV")
    assert "36 mm wide, 6720 x 4480 pixels" in row(told, "Sensor")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("iphone 15", "Nothing to dial: a phone has no such setting"),
        ("a7iv", "only for A-mount lenses on an LA-EA2 or LA-EA4 adapter"),
        ("gopro hero 11", "Most have a fixed focus"),
        ("MC-11", "E- and L-mount bodies offer nothing to dial"),
        ("FTZ", "focused on the sensor itself"),
        ("LA-EA4", "have a mirror and a focus sensor of their own"),
        ("EF-EOS R", "EOS R and M bodies have no AF Microadjustment"),
    ],
)
def test_what_has_nothing_to_dial_is_told_what_helps(name: str, words: str) -> None:
    assert words in shown(name)


def test_a_model_like_one_on_record_is_asked_after() -> None:
    assert "On record with a name like it: D850" in row(shown("D851"), "D851")


def test_model_in_doubt_is_said_to_be() -> None:
    assert "Not on record" in shown("NIKON D2X")
    assert "Has AF fine-tune. It keeps a wide and a tele value" in shown("d6")


def test_json_holds_every_fact() -> None:
    everything = json.loads(shown("--json"))
    assert everything["schema"] == "backfocus/cameras/1"
    assert len(everything["makers"]) == len(makers())
    (nikon,) = json.loads(run("D850", "--json").output)["makers"]
    assert (nikon["body"]["width_mm"], nikon["body"]["long_px"]) == (35.9, 8256)
    assert (nikon["name"], nikon["model"], nikon["model_offers_it"]) == ("Nikon", "D850", "yes")
    assert nikon["sign_evidence"]["source"]


@pytest.mark.parametrize(("name", "near"), [("Nikn", "Nikon"), ("E-N1 Mark II", "E-M1 Mark II")])
def test_unknown_name_is_a_users_mistake_with_near_names(name: str, near: str) -> None:
    result = run(name)
    assert result.exit_code == 2
    assert f"{name!r} is on record. Did you mean" in result.output
    assert near in result.output


def test_name_like_no_other_points_to_the_whole_list() -> None:
    result = run("qqqqqq")
    assert result.exit_code == 2
    assert "backfocus cameras" in result.output
