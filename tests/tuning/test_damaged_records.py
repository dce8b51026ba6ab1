"""Saved series that another hand wrote: a damaged one is named and costs nothing but itself."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from series_shots import at_settings, shots

from backfocus.cli import cli
from backfocus.targets.errors import RecordError
from backfocus.verify.tuning.records import keep_record
from backfocus.verify.tuning.saved import SavedTune, bytes_of, read_series, save_series, saved
from backfocus.verify.tuning.shots import LeftOut
from backfocus.verify.tuning.tune import tune

NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "series-1.json"


def a_series() -> SavedTune:
    return saved(tune(at_settings(-6.0), [LeftOut("x.jpg", "No chart found.", "Fill the frame.")]), NOON)


def one_series(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data["lenses"][0]["series"][0]
    return found


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


DAMAGE: dict[str, Callable[[dict[str, Any]], object]] = {
    "a setting that is a word": lambda data: one_series(data)["groups"][0].update(setting="x"),
    "an f-number that is a word": lambda data: one_series(data).update(f_number="abc"),
    "a mean of 400 digits": lambda data: one_series(data)["groups"][0].update(mean_mm=10**400),
    "a mean that is not finite": lambda data: one_series(data)["groups"][0].update(mean_mm=float("nan")),
    "shots that are true": lambda data: one_series(data)["groups"][0].update(n=True),
    "an advice of a kind that is none": lambda data: one_series(data)["advice"].update(kind={}),
    "no advice field": lambda data: one_series(data).pop("advice"),
    "an interval of three ends": lambda data: one_series(data)["groups"][0].update(mean_ci95_mm=[1, 2, 3]),
    "lenses that are a text": lambda data: data.update(lenses="none"),
    "a date without a time zone": lambda data: data.update(date="2026-01-01T10:00:00"),
    "a date that is none": lambda data: data.update(date="yesterday"),
    "a date at the end of the calendar": lambda data: data.update(date="9999-12-31T23:59:59-12:00"),
}


@pytest.fixture(autouse=True)
def data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("BACKFOCUS_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.mark.parametrize("kind", DAMAGE)
def test_history_names_a_damaged_record_and_lists_the_others(kind: str, data_folder: Path, tmp_path: Path) -> None:
    keep_record(saved(tune(shots(2.0)), NOON))
    data = json.loads(bytes_of(a_series()))
    DAMAGE[kind](data)
    damaged = data_folder / "series" / "damaged.json"
    damaged.write_text(json.dumps(data), encoding="utf-8")
    listed = CliRunner().invoke(cli, ["history"])
    assert listed.exit_code == 0
    assert "last checked on 2026-03-01" in listed.stdout
    assert "damaged.json: the saved series is damaged." in listed.stderr
    reported = CliRunner().invoke(cli, ["report", str(damaged), "-o", str(tmp_path / "page.html")])
    assert reported.exit_code == 2
    assert "damaged.json: the saved series is damaged." in reported.stderr


@pytest.mark.parametrize("depth", [300, 100_000])
def test_nesting_without_an_end_is_damage(depth: int, tmp_path: Path) -> None:
    text = bytes_of(a_series()).decode().replace('"left_out": [', f'"left_out": [{nested(depth)}, ', 1)
    (tmp_path / "deep.json").write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=r"deep\.json"):
        read_series(tmp_path / "deep.json")


def test_what_a_record_says_does_not_command_the_terminal(data_folder: Path) -> None:
    data = json.loads(bytes_of(a_series()))
    data["lenses"][0]["body"] = "\x1b]0;owned\x07\x1b[2J\nEVIL\u202e"
    save_series(data_folder / "series" / "a.json", a_series())
    (data_folder / "series" / "b.json").write_text(json.dumps(data), encoding="utf-8")
    said = CliRunner().invoke(cli, ["history"]).stdout
    assert "\\x1b]0;owned\\x07\\x1b[2J\\nEVIL\\u202e, 85mm" in said
    assert all(character.isprintable() or character == "\n" for character in said)


def test_fields_that_a_newer_program_adds_are_passed_over(tmp_path: Path) -> None:
    data = json.loads(bytes_of(a_series())) | {"weather": "fine"}
    (tmp_path / "newer.json").write_text(json.dumps(data), encoding="utf-8")
    assert read_series(tmp_path / "newer.json").lenses[0].body == "NIKON D850"


def test_a_file_of_an_older_program_without_comparisons_is_read(tmp_path: Path) -> None:
    data = json.loads(bytes_of(a_series()))
    del data["comparisons"]
    (tmp_path / "older.json").write_text(json.dumps(data), encoding="utf-8")
    assert read_series(tmp_path / "older.json").comparisons == ()


def test_a_saved_file_is_as_its_schema_says(tmp_path: Path) -> None:
    save_series(tmp_path / "series.json", a_series())
    written = json.loads((tmp_path / "series.json").read_text(encoding="utf-8"))
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(written)


def test_a_file_in_place_of_the_data_folder_costs_the_record_only(
    data_folder: Path, back_focused_photo: Path
) -> None:
    data_folder.write_text("no folder")
    result = CliRunner().invoke(cli, ["tune", str(back_focused_photo), "--json"])
    assert json.loads(result.stdout)["photos"] == 1
    assert "No record is kept." in result.stderr
    assert result.exit_code == 0
