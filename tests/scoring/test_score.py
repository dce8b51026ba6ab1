"""`backfocus score` as a user meets it: a folder to a table that says what `measure` says, and a summary."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from photo_folders import NO_PHOTO, steady, unreadable_photos

from backfocus.verify import measure
from backfocus.verify.scoring import COLUMNS, crew, file_of, read_results
from backfocus.verify.scoring.columns import NOT_IN_ROWS
from backfocus.verify.scoring.tables import write_results

Run = Callable[..., Result]


def test_every_photo_is_a_row_in_order(scored: tuple[Path, Result]) -> None:
    paths = [row["path"] for row in read_results(scored[0])]
    assert paths == ["front.JPG", "nowhere.jpg", "short.jpg", "tab\\t\\\\.jpg", "Åsa/=1+1.jpg"]


def test_a_row_says_what_measure_says(scored: tuple[Path, Result], workshop: Path) -> None:
    row = {str(row["path"]): row for row in read_results(scored[0])}["front.JPG"]
    measured = measure(workshop / "front.JPG").to_dict()
    assert row["offset_mm"] == measured["offset_mm"]
    assert [row["offset_ci95_low_mm"], row["offset_ci95_high_mm"]] == measured["offset_ci95_mm"]
    assert row["verdict"] == "front-focus"
    assert row["chart_id"] == measured["chart"]["id"]
    assert row["camera_model"] == "NIKON D850"
    assert row["suggested_setting"] == measured["suggestion"]["setting"]


def test_every_field_of_measure_has_its_column(workshop: Path) -> None:
    sources = {str(column.source).removesuffix(".0").removesuffix(".1") for column in COLUMNS}
    sources |= {source.partition(".")[0] for source in sources if source.startswith(("fold_deg", "sharpness"))}

    def leaves(data: dict[str, object], prefix: str = "") -> Iterator[str]:
        for name, value in data.items():
            if isinstance(value, dict):
                yield from leaves(value, f"{prefix}{name}.")
            else:
                yield prefix + name

    measured = measure(workshop / "front.JPG").to_dict()
    missing = {leaf for leaf in leaves(measured) if leaf.split(".")[0] not in NOT_IN_ROWS} - sources
    assert not missing, "add a column to verify/scoring/columns.py"


def test_serial_numbers_stand_in_a_row_only_where_they_are_asked_for(
    workshop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = measure(workshop / "front.JPG")
    numbered = replace(measured, camera=replace(measured.camera, body_serial="1001", lens_serial="77"))
    monkeypatch.setattr(crew, "measure", lambda _: numbered)

    def serials(*asked: bool) -> tuple[object, object]:
        cells = crew.answer_of(workshop / "front.JPG", None, *asked)
        return cells["body_serial"], cells["lens_serial"]

    assert serials() == (None, None)
    assert serials(True) == ("1001", "77")


def test_a_bad_file_is_a_row_and_not_the_end(scored: tuple[Path, Result]) -> None:
    table, result = scored
    rows = {str(row["path"]): row for row in read_results(table)}
    assert {path for path, row in rows.items() if row["status"] == "unreadable"} == {
        "short.jpg",
        "tab\\t\\\\.jpg",
        "nowhere.jpg",
    }
    assert str(rows["short.jpg"]["error"]).startswith("The file is damaged or incomplete. Copy it")
    assert rows["nowhere.jpg"]["blake2b"] is None
    assert result.exit_code == 2
    assert "short.jpg: unreadable. The file is damaged" in result.stderr


def test_the_summary_is_all_that_is_on_standard_output(scored: tuple[Path, Result]) -> None:
    table, result = scored
    said = result.stdout.splitlines()
    assert said[0] == "5 photos: 2 measured, 2 of them trustworthy; 3 unreadable."
    assert re.sub(r"\s+", " ", said[1]) == "chart name photos back focus in focus front focus mean offset scatter"
    assert said[-1].split()[:3] == ["not", "read", "3"]
    assert "5 photos, 5 to measure; skipped: 1 hidden, 1 searched already, 1 other file (.txt)." in result.stderr
    assert str(table) in result.stderr


def test_a_path_in_the_table_leads_to_the_file(scored: tuple[Path, Result], workshop: Path) -> None:
    for row in read_results(scored[0]):
        assert file_of(str(row["path"]), workshop).exists() != (row["path"] == "nowhere.jpg")


def test_no_cell_of_a_csv_can_run_in_a_spreadsheet(run: Run, tmp_path: Path) -> None:
    folder = unreadable_photos(tmp_path / "photos", 0)
    for name in ("=cmd", "+1", "-1", "@SUM(A1)", "'quoted", "\uff1d1", " =1"):
        (folder / f"{name}.jpg").write_text(NO_PHOTO)
    assert run(folder, "-o", tmp_path / "a.csv").exit_code == 2
    assert run(folder, "-o", tmp_path / "a.jsonl").exit_code == 2
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [line["path"] for line in csv.DictReader(file)]
    assert len(cells) == 7
    assert all(cell.startswith("'") for cell in cells)
    raw = [json.loads(line)["path"] for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert "=cmd.jpg" in raw
    assert steady(tmp_path / "a.csv") == steady(tmp_path / "a.jsonl")


def test_our_own_sentences_reach_the_table_as_they_are(scored: tuple[Path, Result]) -> None:
    with scored[0].open(encoding="utf-8-sig", newline="") as file:
        texts = [line["suggestion_text"] for line in csv.DictReader(file) if line["status"] == "measured"]
    assert [text for text in texts if "plausible: " in text] == texts
    assert "'" not in "".join(texts)


def test_a_spreadsheet_knows_a_csv_for_unicode(scored: tuple[Path, Result]) -> None:
    assert scored[0].read_bytes().startswith(b"\xef\xbb\xbfpath,")


def test_negative_numbers_stay_numbers_in_a_csv(scored: tuple[Path, Result]) -> None:
    with scored[0].open(encoding="utf-8-sig", newline="") as file:
        offsets = [line["offset_mm"] for line in csv.DictReader(file) if line["path"] == "front.JPG"]
    assert float(offsets[0]) == pytest.approx(-14.0, abs=0.5)


def test_formats_hold_the_same(scored: tuple[Path, Result], tmp_path: Path) -> None:
    for name in ("copy.jsonl", "copy.parquet", "copy.csv"):
        write_results(tmp_path / name, read_results(scored[0]))
        assert list(read_results(tmp_path / name)) == list(read_results(scored[0])), name
    assert not list(tmp_path.glob("*.part"))


def test_names_join_the_charts(run: Run, scored: tuple[Path, Result], workshop: Path, tmp_path: Path) -> None:
    table = tmp_path / "results.csv"
    shutil.copy(scored[0], table)
    chart_id = next(str(row["chart_id"]) for row in read_results(table) if row["chart_id"])
    names = tmp_path / "names.csv"
    names.write_text(f"\ufeffid;name\n{chart_id.lower()};Łucja 山田\n", encoding="utf-8")
    result = run(workshop, "-o", table, "--names", names)
    assert "Łucja 山田" in result.stdout
    assert {row["participant"] for row in read_results(table) if row["chart_id"] == chart_id} == {"Łucja 山田"}
    names.write_text("Anna,Berta\n")
    result = run(workshop, "-o", table, "--names", names)
    assert result.exit_code == 2
    assert "columns id, name" in result.stderr


@pytest.mark.parametrize(
    ("fail_on", "exit_code"),
    [
        ("none", 0),
        ("unreadable", 2),
        ("out-of-focus", 3),
        ("refused,untrustworthy", 0),
        ("out-of-focus,unreadable", 2),
    ],
)
def test_pipelines_choose_what_fails(
    run: Run, scored: tuple[Path, Result], workshop: Path, tmp_path: Path, fail_on: str, exit_code: int
) -> None:
    shutil.copy(scored[0], tmp_path / "results.csv")
    assert run(workshop, "-o", tmp_path / "results.csv", "--fail-on", fail_on).exit_code == exit_code


def test_mistakes_give_one_line_and_leave_no_file(run: Run, tmp_path: Path) -> None:
    folder = unreadable_photos(tmp_path / "photos", 1)
    (tmp_path / "empty").mkdir()
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n")
    (tmp_path / "mine.jsonl").write_text("[1]\n")
    (tmp_path / "mine.parquet").write_bytes(b"PAR1")
    before = sorted(tmp_path.iterdir())
    for arguments in (
        (folder, "-o", tmp_path / "results.xlsx"),
        (folder, "-o", tmp_path / "missing" / "results.csv"),
        (folder, "-o", tmp_path / "mine.csv"),
        (folder, "-o", tmp_path / "mine.jsonl"),
        (folder, "-o", tmp_path / "mine.parquet"),
        (folder, "-o", tmp_path / "a.csv", "--fail-on", "everything"),
        (tmp_path / "empty", "-o", tmp_path / "a.csv"),
        (tmp_path / "nowhere", "-o", tmp_path / "a.csv"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2, arguments
        assert isinstance(result.exception, SystemExit), arguments
        assert result.stderr.splitlines()[-1].startswith("Error: "), arguments
        assert result.stdout == ""
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "mine.csv").read_text() == "a,b\n1,2\n"
