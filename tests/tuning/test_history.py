"""`backfocus history`: the record of every lens."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from series_shots import CANON, D850, at_settings, shots

from backfocus.cli import cli
from backfocus.targets.errors import RecordError
from backfocus.verify.tuning.records import keep_record, kept_records
from backfocus.verify.tuning.saved import bytes_of, read_series, saved
from backfocus.verify.tuning.shots import Shot
from backfocus.verify.tuning.tune import tune


@pytest.fixture(autouse=True)
def data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("BACKFOCUS_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def keep(found: list[Shot], day: int) -> Path:
    return keep_record(saved(tune(found), datetime.datetime(2026, 3, day, 12, tzinfo=datetime.UTC)))


def history(*words: str) -> Result:
    return CliRunner().invoke(cli, ["history", *words])


def test_without_records_it_says_where_they_would_be(data_folder: Path) -> None:
    result = history()
    assert (result.exit_code, result.stdout) == (0, "")
    assert str(data_folder) in result.stderr


def test_lenses_are_listed_with_their_dates_the_latest_first() -> None:
    keep(at_settings(-6.0), 1)
    keep(shots(2.0, setting=-6.0), 9)
    keep(shots(20.0, camera=CANON), 5)
    lines = history().stdout.splitlines()
    assert lines[0] == "NIKON D850, 85mm f/1.4: last checked on 2026-03-09"
    assert [line.split()[0] for line in lines[2:4]] == ["2026-03-09", "2026-03-01"]
    assert lines[3].endswith("dial -6")
    assert lines[5] == "Canon EOS 5D Mark IV, EF85mm f/1.8 USM: last checked on 2026-03-05"


def test_words_choose_lenses() -> None:
    keep(shots(2.0), 1)
    keep(shots(20.0, camera=CANON), 5)
    assert "D850" not in history("canon", "85mm").stdout
    assert "No record has these words" in history("leica").stderr


def test_each_check_is_a_line_of_json() -> None:
    keep(at_settings(-6.0), 1)
    [line] = history("--json").stdout.splitlines()
    check = json.loads(line)
    assert (check["body"], check["n"], check["advised_setting"]) == (D850.model, 16, -6)
    assert check["date"].startswith("2026-03-01")


def test_a_damaged_record_is_named_and_the_others_are_listed(data_folder: Path) -> None:
    keep(shots(2.0), 1)
    (data_folder / "series" / "damaged.json").write_text('{"schema": "backfocus/series/1", "date": 3')
    result = history()
    assert "D850" in result.stdout
    assert "damaged.json" in result.stderr


def test_results_of_the_same_second_do_not_replace_each_other() -> None:
    assert keep(shots(2.0), 1) != keep(shots(3.0), 1)
    assert len(kept_records()[0]) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no json", "is no series saved by"),
        (b"[1, 2]", "is no series saved by"),
        (b'{"schema": "backfocus/measurement/1"}', "is no series saved by"),
        (b'{"schema": "backfocus/series/2"}', "was written by another version"),
        (b'{"schema": "backfocus/series/1", "date": "2026-03-01", "lenses": [{}]}', "is damaged"),
        (b'{"schema": "backfocus/series/1", "lenses": []}', "is damaged"),
        (b"\xff\xff", "is no series saved by"),
    ],
)
def test_a_file_that_is_no_series_says_so(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "file.json").write_bytes(content)
    with pytest.raises(RecordError, match=said):
        read_series(tmp_path / "file.json")


def test_a_record_reads_back_as_it_was_written(tmp_path: Path) -> None:
    series = saved(tune(at_settings(-6.0)), datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC))
    (tmp_path / "file.json").write_bytes(bytes_of(series))
    assert bytes_of(read_series(tmp_path / "file.json")) == bytes_of(series)
