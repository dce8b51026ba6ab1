"""What `tune` is given: photos, folders, tables and lines of measurements, mixed; damaged lines are told."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from backfocus.cli import cli
from backfocus.targets.errors import TableError, UserError
from backfocus.verify import CameraInfo, measure
from backfocus.verify.lens import offset_of_defocus_mm
from backfocus.verify.measurement import Measurement
from backfocus.verify.scoring.columns import Row, cells_of_measurement, row_of
from backfocus.verify.scoring.tables import read_results, write_results
from backfocus.verify.simulate import Sensor, VirtualShot
from backfocus.verify.tuning import given as given_module
from backfocus.verify.tuning.given import gather_given, given_in
from backfocus.verify.tuning.tune import tune

ENDINGS = (".csv", ".jsonl", ".parquet")


@pytest.fixture(scope="module")
def folder(take: Callable[..., VirtualShot], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shot at each of two settings, and a file that is no photo."""
    path = tmp_path_factory.mktemp("series")
    for setting in (0, 10):
        offset = offset_of_defocus_mm(85.0, 1500.0, 5.0 * (setting - 6.0))
        take(offset, sensor=Sensor(pixels=(1800, 1200))).save(path / f"{setting:+d}_near_1.jpg")
    (path / "note.jpg").write_text("no photo")
    return path


@pytest.fixture(scope="module")
def lines(folder: Path) -> list[dict[str, Any]]:
    """What `measure --json` prints of them."""
    result = CliRunner().invoke(cli, ["measure", "--json", *map(str, sorted(folder.iterdir()))])
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def printed(lines: list[dict[str, Any]], tmp_path: Path) -> Path:
    return written(tmp_path / "all.jsonl", lines)


def written(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def rows(lines: list[dict[str, Any]]) -> list[Row]:
    return [row_of({"path": line["photo"], **cells_of_measurement(line)}) for line in lines]


def run(*words: str | Path, given: str = "") -> Result:
    return CliRunner().invoke(cli, ["tune", "--no-record", *map(str, words)], input=given)


def said(result: Result) -> dict[str, Any]:
    """What tune says, but for the date, commands with file names, and how a file could not be read."""
    assert not isinstance(result.exception, Exception), result.output
    data: dict[str, Any] = json.loads(result.stdout)
    [lens] = data["lenses"]
    [series] = lens["series"]
    return {
        "photos": data["photos"],
        "dial": data["answer"]["dial"],
        "shots": [(shot["photo"], shot["setting"], shot["approach"]) for shot in series["shots"]],
        "offsets": [round(shot["offset_mm"], 3) for shot in series["shots"]],
        "groups": [(group["setting"], group["n"]) for group in series["groups"]],
        "left_out": [photo["photo"] for photo in data["left_out"]],
    }


@pytest.fixture
def never_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Measurement:
        raise AssertionError("a photo is measured")

    monkeypatch.setattr("backfocus.verify.tuning.shots._measured", refuse)


@pytest.fixture(scope="module")
def by_photos(folder: Path) -> dict[str, Any]:
    return said(run(folder, "--json", "--processes", "1"))


@pytest.mark.usefixtures("never_measured")
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_table_says_what_its_photos_say(
    ending: str, lines: list[dict[str, Any]], by_photos: dict[str, Any], tmp_path: Path
) -> None:
    write_results(tmp_path / f"results{ending}", rows(lines))
    assert said(run(tmp_path / f"results{ending}", "--json")) == by_photos


@pytest.mark.usefixtures("never_measured")
def test_lines_of_measurements_say_it_also_from_standard_input(printed: Path, by_photos: dict[str, Any]) -> None:
    assert said(run(printed, "--json")) == by_photos
    assert said(run("-", "--json", given=printed.read_text(encoding="utf-8"))) == by_photos


@pytest.mark.usefixtures("never_measured")
def test_lines_are_known_whatever_the_name_of_their_file(printed: Path, by_photos: dict[str, Any]) -> None:
    assert said(run(printed.rename(printed.with_name("log.txt")), "--json")) == by_photos


@pytest.mark.usefixtures("never_measured")
def test_one_measurement_over_several_lines_is_read(lines: list[dict[str, Any]], tmp_path: Path) -> None:
    whole = tmp_path / "measurement.json"
    whole.write_text(json.dumps(lines[0], indent=2), encoding="utf-8")
    assert len(given_in([whole]).known) == 1


def test_photos_that_are_given_too_count_once_and_are_not_measured_again(
    folder: Path, lines: list[dict[str, Any]], tmp_path: Path, by_photos: dict[str, Any]
) -> None:
    table, printed = tmp_path / "results.csv", written(tmp_path / "all.jsonl", lines)
    write_results(table, rows(lines))
    given = given_in([folder, table, printed])
    # What could not be read before is tried again.
    assert [[path.name for path in files] for files in given.exposures] == [["note.jpg"]]
    assert said(run(folder, table, printed, "--json")) == by_photos


def test_a_photo_that_is_new_is_measured_beside_those_that_were(
    folder: Path, lines: list[dict[str, Any]], tmp_path: Path, by_photos: dict[str, Any]
) -> None:
    known = written(tmp_path / "some.jsonl", [line for line in lines if line["photo"].startswith("+0")])
    given = given_in([known, folder])
    assert sorted(path.name for files in given.exposures for path in files) == ["+10_near_1.jpg", "note.jpg"]
    assert said(run(known, folder, "--json")) == by_photos


def test_the_name_that_a_photo_has_now_tells_its_setting(
    folder: Path, lines: list[dict[str, Any]], tmp_path: Path
) -> None:
    renamed = tmp_path / "renamed"
    renamed.mkdir()
    shutil.copy(folder / "+10_near_1.jpg", renamed / "-5_far_1.jpg")
    gathered = gather_given(given_in([renamed, written(tmp_path / "all.jsonl", lines)]))
    assert [(shot.photo, shot.setting) for shot in gathered.shots] == [
        ("+0_near_1.jpg", 0.0),
        ("+10_near_1.jpg", -5.0),
    ]


def test_a_list_names_photos_in_results(printed: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("photo,setting\n+0_near_1.jpg,3\n", encoding="utf-8")
    shots = gather_given(given_in([printed]), labels).shots
    assert [shot.setting for shot in shots] == [3.0, 10.0]


def test_raw_and_jpeg_of_one_name_are_one_exposure(lines: list[dict[str, Any]], tmp_path: Path) -> None:
    pair = [lines[0] | {"photo": name, "blake2b": name} for name in ("a.jpg", "a.NEF")]
    [known] = given_in([written(tmp_path / "all.jsonl", pair)]).known
    assert (known.row["path"], known.copies) == ("a.NEF", ("a.jpg",))
    [unread, jpeg] = [pair[1] | {"status": "unreadable", "photo": "a.NEF"}, pair[0]]
    [known] = given_in([written(tmp_path / "all.jsonl", [unread, jpeg])]).known
    assert known.row["path"] == "a.jpg"


def test_copies_in_a_table_count_once_and_are_named(lines: list[dict[str, Any]], tmp_path: Path) -> None:
    path = written(tmp_path / "all.jsonl", [lines[0], lines[0] | {"photo": "copy of it.jpg"}, lines[1]])
    [shot, _] = gather_given(given_in([path])).shots
    assert (shot.photo, shot.copies) == (lines[0]["photo"], ("copy of it.jpg",))


def test_a_terminal_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    with pytest.raises(TableError, match="is a terminal"):
        given_in(["-"])


def test_blur_of_refused_photos_comes_along_for_a_sweep(folder: Path) -> None:
    measured = measure(folder / "+0_near_1.jpg")
    beyond = replace(measured, status="out-of-range", trustworthy=False, offset_mm=None)
    [row] = rows([beyond.to_dict()])
    gathered = gather_given(given_module.Given((), (given_module.Known(row),)))
    assert [shot.offset_mm for shot in gathered.shots] == [None]
    assert gathered.shots[0].blur_at_mark == pytest.approx((measured.blur_at_mark_px or 0.0) / 1800, rel=1e-3)


def test_serial_numbers_come_along_only_where_they_were_asked_for(
    lines: list[dict[str, Any]], tmp_path: Path
) -> None:
    bare = run(written(tmp_path / "bare.jsonl", lines))
    assert "tells no serial numbers" in bare.stderr
    two = [
        line | {"camera": line["camera"] | {"body_serial": serial}, "blake2b": serial}
        for line in lines
        if line["status"] == "measured"
        for serial in ("1001", "1002")
    ]
    result = run(written(tmp_path / "two.jsonl", two), "--json")
    assert "tells no serial numbers" not in result.stderr
    assert len(json.loads(result.stdout)["lenses"]) == 2
    assert "1001" not in result.stdout


def test_what_is_told_of_the_camera_after_measuring_is_refused(printed: Path) -> None:
    result = run(printed, "--aperture", "2")
    assert result.exit_code == 2 and "tell it to backfocus measure" in result.stderr
    with pytest.raises(UserError):
        gather_given(given_in([printed]), camera=CameraInfo(f_number=2.0))


def test_the_next_command_names_a_folder_for_new_photos(printed: Path) -> None:
    following = json.loads(run(printed, "--json").stdout)["answer"]["next"]
    assert f"backfocus tune FOLDER {printed}" in following or "backfocus tune" not in following


ROW = '{"schema": "backfocus/score/1", "path": "a", "status": "measured", "trustworthy": true, "offset_mm": '
BROKEN = {
    "no JSON": "{",
    "no object": "[1, 2]",
    "of something else": '{"schema": "backfocus/plan/1"}',
    "no photo": '{"schema": "backfocus/measurement/1", "status": "measured"}',
    "no row": '{"schema": "backfocus/score/1", "path": "a.jpg"}',
    "nested beyond reason": "[" * 100_000,
    "a number beyond reason": ROW + "1e99}",
    "a long number": ROW + "9" * 9999 + "}",
    "no number": ROW + '"1 mm"}',
    "not a number": ROW + "NaN}",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_damaged_line_is_told_by_its_number(kind: str, lines: list[dict[str, Any]], tmp_path: Path) -> None:
    path = written(tmp_path / "all.jsonl", lines[:2])
    path.write_text(path.read_text(encoding="utf-8") + "\n" + BROKEN[kind] + "\n", encoding="utf-8")
    result = run(path)
    assert result.exit_code == 2
    assert "all.jsonl, line 4: " in result.stderr
    assert len(result.stderr) < 600 and "Traceback" not in result.output


def test_a_damaged_row_is_told_by_its_place(lines: list[dict[str, Any]], tmp_path: Path) -> None:
    table = tmp_path / "results.csv"
    write_results(table, rows(lines))
    text = table.read_text(encoding="utf-8-sig").splitlines()
    table.write_text("\n".join([*text[:2], text[2].replace(",true,", ",perhaps,", 1), *text[3:]]), encoding="utf-8")
    result = run(table)
    assert result.exit_code == 2 and "line 3: trustworthy: 'perhaps' is neither true nor false" in result.stderr


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("results.csv", b"", "holds no results"),
        ("results.csv", b"photo;verdict\n", "is no table"),
        ("results.jsonl", b"\xff\xfe\x00", "neither JSON nor JSON lines"),
        ("results.jsonl", b"\n\n", "holds no results"),
        ("results.parquet", b"PAR1", "is no table"),
        ("gone.csv", None, "No such file"),
        ("series.json", b'{"schema": "backfocus/series/1"}', "Compare with it by --before"),
    ],
)
def test_files_that_are_no_results_are_told(name: str, content: bytes | None, reason: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    result = run(tmp_path / name)
    assert result.exit_code == 2 and reason in result.stderr, result.stderr


def test_what_is_far_too_large_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given_module, "MAX_BYTES", 1000)
    for name in ("all.jsonl", "all.csv"):
        (tmp_path / name).write_bytes(bytes(2000))
        with pytest.raises(TableError, match="no results of a series"):
            given_in([tmp_path / name])


def test_too_many_photos_are_refused(
    lines: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given_module, "MOST_PHOTOS", 1)
    with pytest.raises(UserError, match="no series of one lens"):
        given_in([written(tmp_path / "all.jsonl", lines)])


TEXTS = ("x", "\x1b[31m", "a" * 9999, "\u202e", "\ud800")
HOSTILE = (None, True, -1, 0, 1e11, -1e11, 1e-12, [], {}, [None], {"x": 1}, *TEXTS)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_stands_in_a_line_no_traceback_follows(
    seed: int, lines: list[dict[str, Any]], tmp_path: Path
) -> None:
    """Values of every kind in every field: a result, or one line that says what is wrong."""
    chance = random.Random(seed)
    found = [json.loads(json.dumps(line)) for line in lines for _ in range(3)]
    for number, line in enumerate(found):
        line["blake2b"] = str(number)
        for _ in range(chance.randrange(1, 4)):
            place: Any = line
            while isinstance(place, dict):
                key = chance.choice(list(place) or ["x"])
                if isinstance(place.get(key), dict) and chance.random() < 0.8:
                    place = place[key]
                    continue
                place[key] = chance.choice(HOSTILE)
                break
    result = run(written(tmp_path / "all.jsonl", found))
    assert result.exit_code in (0, 2, 3), result.exception
    assert "\x1b[31m" not in result.output


@pytest.mark.parametrize("seed", range(40))
def test_whatever_stands_in_a_row_no_traceback_follows(seed: int, lines: list[dict[str, Any]]) -> None:
    chance = random.Random(seed)
    numbers = (None, -1.0, 0.0, 1e-12, 1e12, -1e12, 7.0)
    shots = []
    for number, row in enumerate([dict(row) for row in rows(lines[:2]) for _ in range(4)]):
        for name in chance.sample([name for name, cell in row.items() if isinstance(cell, float)], 3):
            row[name] = chance.choice(numbers)
        known = given_module.Known(row_of(row | {"path": f"+{number % 2}_{number}.jpg"}))
        shots += gather_given(given_module.Given((), (known,))).shots
    assert tune(shots).photos == len(shots)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_table_with_flipped_bytes_is_read_or_told(
    ending: str, lines: list[dict[str, Any]], tmp_path: Path
) -> None:
    table, chance = tmp_path / f"results{ending}", random.Random(1)
    write_results(table, rows(lines))
    whole = table.read_bytes()
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(3):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        table.write_bytes(broken[: chance.choice([len(broken), chance.randrange(len(broken))])])
        try:
            assert list(read_results(table)) is not None
            given_in([table])
        except UserError as told:
            assert table.name in str(told)
