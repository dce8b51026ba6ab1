"""The machine contract: real outputs are as docs/schemas/ says, and nothing in them goes unmentioned."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from schemas import FOLDER, PAGE, TABLE, column_table, schema_texts
from series_shots import CANON, D850, at_settings, row_of_shot, shots

from backfocus.cli import cli
from backfocus.verify.scoring.tables import write_results
from backfocus.verify.tuning.saved import read_series
from backfocus.verify.tuning.shots import Shot
from backfocus.web.contract import OUTPUTS

SAMPLES = Path(__file__).parents[2] / "printed_samples"


def said(*arguments: object) -> Any:
    """The first JSON object on standard output, whatever the exit code."""
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert not isinstance(result.exception, Exception), result.output
    return json.JSONDecoder().raw_decode(result.stdout)[0]


def check(output: Any) -> None:
    """The output is as its schema says, and has no field that the schema does not name."""
    _, name, version = output["schema"].split("/")
    schema = json.loads((FOLDER / f"{name}-{version}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    errors = [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(closed(schema)).iter_errors(output)
    ]
    assert not errors, "\n".join(errors)


def closed(schema: Any) -> Any:
    """The same schema, which refuses other fields than those it names."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(part) for name, part in schema.items()}
    return inner | ({"additionalProperties": False} if "properties" in schema else {})


def test_the_schemas_are_those_that_the_program_makes() -> None:
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    assert on_disk == schema_texts(), "python docs/studies/schemas.py"


def test_the_table_of_columns_is_that_of_the_program() -> None:
    found = TABLE.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    assert found[0] == column_table(), "python docs/studies/schemas.py"


def test_every_output_has_a_schema() -> None:
    assert {*OUTPUTS, "score"} == {path.name.removesuffix("-1.json") for path in FOLDER.glob("*.json")}


@pytest.mark.parametrize("photo", ["back-focus.jpg", "zfold.jpg", "wall.jpg", "flat-a4.png"])
def test_measurements(photo: str) -> None:
    check(said("measure", "--json", SAMPLES / photo))


def test_a_measurement_of_colours_and_beyond_the_sheet() -> None:
    from dataclasses import replace

    from backfocus.verify import measure

    measured = measure(SAMPLES / "back-focus.jpg", channels=True)
    check(json.loads(json.dumps(measured.to_dict())))
    beyond = replace(measured, status="out-of-range", offset_mm=None, offset_bound_mm=(60.0, None))
    check(json.loads(json.dumps(beyond.to_dict())))
    endless = replace(measured, depth_of_field_mm=(900.0, float("inf")))
    check(json.loads(json.dumps(endless.to_dict())))


@pytest.mark.parametrize("design", ["flat", "zfold", "wall"])
def test_charts(design: str, tmp_path: Path) -> None:
    geometry = tmp_path / "chart.json"
    CliRunner().invoke(cli, ["chart", design, "-o", str(tmp_path / "c.pdf"), "--geometry", str(geometry)])
    check(json.loads(geometry.read_text(encoding="utf-8")))


def test_rows_of_a_table(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    shutil.copy(SAMPLES / "back-focus.jpg", folder)
    (folder / "none.jpg").write_text("not a photo")
    CliRunner().invoke(cli, ["score", str(folder), "-o", str(tmp_path / "results.jsonl")])
    lines = (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    for line in lines:
        check(json.loads(line))


@pytest.mark.parametrize("arguments", [(), ("Nikon D850",), ("Pentax",), ("Sony A7",)])
def test_cameras(arguments: tuple[str, ...]) -> None:
    check(said("cameras", *arguments, "--json"))


@pytest.mark.parametrize(
    "arguments", [(), ("--design", "zfold"), ("--camera", "Nikon D850"), ("--distance", "9m", "--aperture", "11")]
)
def test_plans(arguments: tuple[str, ...]) -> None:
    check(said("plan", "--lens", "35", "--aperture", "1.4", *arguments, "--json"))


def test_checked_prints() -> None:
    check(said("check-print", SAMPLES / "flat-a4.pdf", "--printed-mm", "100x99", "--json"))
    check(said("check-print", SAMPLES / "flat-a4.png", "--dpi", "150", "--json"))
    check(said("check-print", SAMPLES / "zfold.jpg", "--dpi", "150", "--json"))


def test_kept_calibrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKFOCUS_DATA", str(tmp_path))
    said("check-print", SAMPLES / "flat-a4.pdf", "--printed-mm", "100x99", "--keep", "--json")
    (kept,) = (tmp_path / "prints").iterdir()
    check(json.loads(kept.read_text(encoding="utf-8")))


def test_series(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKFOCUS_DATA", str(tmp_path / "data"))
    for name, photo in (("a_af+0_1", "back-focus"), ("b_af+5_1", "front-focus"), ("c", "wall")):
        shutil.copy(SAMPLES / f"{photo}.jpg", tmp_path / f"{name}.jpg")
    save = tmp_path / "saved.json"
    check(said("tune", tmp_path, "--json", "--save", save))
    check(json.loads(save.read_text(encoding="utf-8")))
    check(said("history", "--json"))
    assert read_series(save).photos == 3


ZOOM = replace(D850, lens="24-70mm f/2.8", f_number=2.8, widest_f_number=2.8)
SERIES: dict[str, list[Shot]] = {
    "a dial": at_settings(-6.0),
    "nothing to dial": at_settings(0.2),
    "a zoom": [
        *at_settings(4.0, camera=replace(ZOOM, focal_length_mm=24.0), distance_mm=720.0, step_um=12.0),
        *at_settings(-4.0, camera=replace(ZOOM, focal_length_mm=70.0), distance_mm=2100.0),
    ],
    "apertures": [*shots(0.0), *shots(30.0, camera=replace(D850, f_number=2.8), name="stopped")],
    "two bodies": [*at_settings(5.0), *at_settings(-5.0, camera=CANON, step_um=6.0)],
    "a sweep": [
        replace(shot, offset_mm=None, blur_at_mark=1e-3 * (1.0 + ((shot.setting or 0.0) - 5.0) ** 2 / 200.0))
        for shot in at_settings(5.0, (-20.0, -10.0, 0.0, 10.0, 20.0))
    ],
    "one shot": shots(10.0)[:1],
}


@pytest.mark.parametrize("kind", SERIES)
def test_what_tune_saves_of_every_kind_of_series(kind: str, tmp_path: Path) -> None:
    table, first, second = tmp_path / "results.jsonl", tmp_path / "first.json", tmp_path / "second.json"
    write_results(table, map(row_of_shot, SERIES[kind]))
    printed = said("tune", table, "--json", "--no-record", "--save", first)
    saved = json.loads(first.read_text(encoding="utf-8"))
    check(saved)
    assert printed == saved
    assert saved["answer"]["dial"]
    assert all(lens["answer"] for lens in saved["lenses"])
    assert read_series(first).photos == len(SERIES[kind])
    # Blur alone tells no zero.
    reference = () if kind == "a sweep" else ("--reference", table)
    again = said("tune", table, "--json", "--no-record", "--before", first, *reference, "--save", second)
    check(again)
    check(json.loads(second.read_text(encoding="utf-8")))


def test_a_line_of_a_file_that_is_no_photo(tmp_path: Path) -> None:
    check(said("measure", "--json", tmp_path / "gone.jpg"))
