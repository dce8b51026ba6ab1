"""A table keeps what it has: rows of other photos, links, other people's files; and is never half believed."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from photo_folders import NO_PHOTO, unreadable_photos

from backfocus.targets.errors import TableError
from backfocus.verify.lists import harmless, plain
from backfocus.verify.scoring import Row, read_results, score
from backfocus.verify.scoring.columns import row_of
from backfocus.verify.scoring.ledger import Ledger, time_text
from backfocus.verify.scoring.tables import write_results
from backfocus.verify.scoring.tally import Tally, summary_text, tally_of

Run = Callable[..., Result]


def a_row(**cells: object) -> Row:
    return row_of({"path": "IMG_1.jpg", "status": "measured", "trustworthy": True, "offset_mm": 3.0} | cells)


def test_a_card_that_uses_the_same_names_again_does_not_replace_the_first_ones_rows(
    run: Run, tmp_path: Path
) -> None:
    first, second = unreadable_photos(tmp_path / "first", 2), unreadable_photos(tmp_path / "second", 3)
    for file in second.iterdir():
        file.write_text(NO_PHOTO + " of the second card")
    (second / "nowhere.jpg").symlink_to("missing")
    table = tmp_path / "results.csv"
    score(first, table)
    before = table.read_bytes()
    result = run(second, "-o", table)
    assert result.exit_code == 2
    assert "results.csv is of other photos" in result.stderr
    assert table.read_bytes() == before
    assert score(second, table, again="all").photos == 4


def test_a_linked_table_stays_a_link(tmp_path: Path) -> None:
    folder = unreadable_photos(tmp_path / "photos", 1)
    (tmp_path / "archive").mkdir()
    (tmp_path / "results.csv").symlink_to(tmp_path / "archive" / "real.csv")
    score(folder, tmp_path / "results.csv")
    assert (tmp_path / "results.csv").is_symlink()
    assert len(list(read_results(tmp_path / "archive" / "real.csv"))) == 1


def test_a_file_beside_the_table_is_not_used_for_writing(tmp_path: Path) -> None:
    (tmp_path / "results.csv.part").write_text("my own notes")
    write_results(tmp_path / "results.csv", [a_row()])
    assert (tmp_path / "results.csv.part").read_text() == "my own notes"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["results.csv", "results.csv.part"]


def test_a_table_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        write_results(tmp_path / "results.csv", [{"path": "only"}])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_table_of_another_program_is_refused_even_without_rows(tmp_path: Path, ending: str) -> None:
    table = tmp_path / f"results{ending}"
    if ending == ".csv":
        table.write_text("a,b,c\n")
    else:
        import pyarrow as pa
        from pyarrow.parquet import write_table

        write_table(pa.table({"a": []}), table)
    before = table.read_bytes()
    with pytest.raises(TableError, match="its columns are others"):
        score(unreadable_photos(tmp_path / "photos", 1), table)
    assert table.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_no_table(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "results.csv")
    with pytest.raises(TableError, match="no regular file"):
        score(unreadable_photos(tmp_path / "photos", 1), tmp_path / "results.csv")


@pytest.mark.parametrize(
    "line",
    [
        json.dumps(a_row() | {"offset_mm": float("nan")}),
        json.dumps(a_row() | {"offset_mm": float("inf")}),
        json.dumps(a_row() | {"offset_mm": 1e308}),
        json.dumps(a_row() | {"size_bytes": 10**30}),
        json.dumps(a_row() | {"size_bytes": 1.5}),
        '{"a":' * 100_000,
    ],
)
def test_numbers_that_are_none_and_endless_lines_are_damage(tmp_path: Path, line: str) -> None:
    (tmp_path / "results.jsonl").write_text(line + "\n")
    with pytest.raises(TableError, match="is damaged"):
        score(unreadable_photos(tmp_path / "photos", 1), tmp_path / "results.jsonl")


def test_what_other_programs_make_of_a_table_is_read(tmp_path: Path) -> None:
    cells = a_row(suggested_setting=-4)
    (tmp_path / "results.jsonl").write_text(json.dumps(cells | {"suggested_setting": -4.0}) + "\n\n")
    assert list(read_results(tmp_path / "results.jsonl")) == [cells]


def test_a_ledger_of_another_version_stays_what_it_is(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "results.csv.unfinished") as base:
        base.execute("PRAGMA user_version = 2")
        base.execute("CREATE TABLE photo (path, other)")
    base.close()
    for _ in range(2):
        with pytest.raises(TableError, match="of another version"):
            Ledger(tmp_path / "results.csv")


DAMAGED_ROWS = ("no JSON", "[1]", '"text"', "{}", '{"a":' * 100_000, json.dumps(a_row() | {"offset_mm": "far"}))


@pytest.mark.parametrize("row", DAMAGED_ROWS)
def test_a_ledger_whose_rows_are_none_is_damaged_and_stays(run: Run, tmp_path: Path, row: str) -> None:
    table = tmp_path / "results.csv"
    ledger = Ledger(table)
    ledger.record(a_row())
    ledger.close()
    with sqlite3.connect(ledger.file) as base:
        base.execute("UPDATE photo SET row = ?", (row,))
    base.close()
    result = run(unreadable_photos(tmp_path / "photos", 1), "-o", table)
    assert result.exit_code == 2
    assert result.stderr.endswith("is damaged; delete it, and what it held is measured again.\n")
    assert ledger.file.exists() and not table.exists()


def test_a_ledger_with_other_columns_is_damaged(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "results.csv.unfinished") as base:
        base.execute("PRAGMA user_version = 1")
        base.execute("CREATE TABLE photo (path, other)")
    base.close()
    with pytest.raises(TableError, match="is damaged; delete it"):
        Ledger(tmp_path / "results.csv")


def test_a_link_to_itself_does_not_stop_the_run(tmp_path: Path) -> None:
    folder = unreadable_photos(tmp_path / "photos", 1)
    for name in ("loop.jpg", "loop"):
        (folder / name).symlink_to(name)
    tally = score(folder, tmp_path / "results.csv")
    assert tally.statuses == {"unreadable": 2}


def test_a_time_that_no_calendar_has_does_not_stop_the_run() -> None:
    assert time_text(10**21) == "9999-12-31T23:59:59.999999Z"


def test_pruning_keeps_rows_of_a_folder_that_cannot_be_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = unreadable_photos(tmp_path / "photos", 2)
    unreadable_photos(folder / "locked", 1)
    score(folder, tmp_path / "results.csv")
    (folder / "001.jpg").unlink()
    listing = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)
    score(folder, tmp_path / "results.csv", prune=True)
    assert [row["path"] for row in read_results(tmp_path / "results.csv")] == [
        "000.jpg",
        "locked",
        "locked/000.jpg",
    ]


@pytest.mark.parametrize(
    "text", ["a;=1+1.jpg", "x; -6 to -3", "a;'=1", 'a;"=1"', "';=1", "a;b", "a\t@x", "a;;=1;=2"]
)
def test_no_formula_begins_behind_a_semicolon(text: str) -> None:
    """Where commas are decimal signs, spreadsheets take semicolons for the borders of cells."""
    cells = harmless(text).split(";")
    assert not [cell for cell in cells if cell.lstrip(' "').startswith(("=", "+", "-", "@"))]
    assert plain(harmless(text)) == text


def test_a_terminal_is_not_commanded_by_names() -> None:
    text = summary_text(tally_of([a_row(chart_id="K7Q2\x1b[2JXZ", participant="Evil\x1b]0;owned\x07")]))
    assert text.replace("\n", "").isprintable()
    assert "Evil\\x1b" in text


def test_misspelt_options_and_conditions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="no such option: job"):
        score(tmp_path, tmp_path / "results.csv", job=3)  # type: ignore[call-arg]
    for conditions in (["unredable"], "unreadable"):
        with pytest.raises(ValueError, match="unreadable, failed"):
            Tally().exit_code(conditions)


def test_sums_by_chart_count_copies_and_the_jpeg_of_a_raw_file_once() -> None:
    rows = [
        a_row(path="a/IMG_1.JPG", blake2b="1", offset_mm=3.0),
        a_row(path="a/IMG_1.NEF", blake2b="2", offset_mm=3.1),
        a_row(path="b/copy.jpg", blake2b="1", offset_mm=3.0),
        a_row(path="b/IMG_1.JPG", blake2b="3", offset_mm=5.0),
        a_row(path="b/IMG_1.tif", blake2b="4", offset_mm=5.0),
    ]
    tally = tally_of(rows)
    assert (tally.photos, tally.repeated) == (5, 2)
    assert (tally.charts[None].photos, tally.charts[None].offsets.n) == (3, 3)
    assert "2 files show what another does (a copy, or RAW and JPEG)" in summary_text(tally)


def test_the_jpeg_of_a_raw_file_that_was_refused_counts() -> None:
    refused = a_row(path="IMG_1.CR3", blake2b="1", status="refused", trustworthy=False, offset_mm=None)
    tally = tally_of([refused, a_row(path="IMG_1.JPG", blake2b="2")])
    assert (tally.repeated, tally.charts[None].offsets.n) == (0, 1)
