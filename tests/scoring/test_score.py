"""`backfocus score` as a user meets it: a folder to a table, resumed, and no photo stops it."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backfocus.cli import cli
from backfocus.verify import measure
from backfocus.verify.scoring import COLUMNS, Row, file_of, read_results, score
from backfocus.verify.scoring.columns import NOT_IN_ROWS

Run = Callable[..., Result]
VARYING = {column.name for column in COLUMNS if column.may_vary}
NO_PHOTO = "not a photo"
SAMPLES = Path(__file__).parents[2] / "printed_samples"


@pytest.fixture
def run() -> Run:
    return lambda *arguments: CliRunner().invoke(cli, ["score", *map(str, arguments)])


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with photos in folders, a damaged one, one that is none, hidden files, others, and a loop."""
    folder = tmp_path_factory.mktemp("workshop")
    (folder / "Åsa").mkdir()
    shutil.copy(SAMPLES / "back-focus.jpg", folder / "Åsa" / "=1+1.jpg")
    shutil.copy(SAMPLES / "front-focus.jpg", folder / "front.JPG")
    (folder / "short.jpg").write_bytes((SAMPLES / "back-focus.jpg").read_bytes()[:100_000])
    (folder / "tab\t\\.jpg").write_text(NO_PHOTO)
    (folder / "._front.JPG").write_text("what macOS writes")
    (folder / "notes.txt").write_text("mine")
    (folder / "Åsa" / "loop").symlink_to(folder)
    (folder / "nowhere.jpg").symlink_to("missing")
    return folder


@pytest.fixture(scope="module")
def scored(workshop: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The table of the workshop, and what the command said."""
    table = tmp_path_factory.mktemp("table") / "results.csv"
    return table, CliRunner().invoke(cli, ["score", str(workshop), "-o", str(table), "--jobs", "2"])


def steady(rows: Iterator[Row]) -> list[Row]:
    """Rows without what differs from run to run."""
    return [{name: cell for name, cell in row.items() if name not in VARYING} for row in rows]


def unreadable_photos(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:03}.jpg").write_text(f"{NO_PHOTO} {number}")
    return folder


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
    assert "5 photos, 5 to measure; skipped: 1 hidden, 1 no photos, 1 searched already." in result.stderr
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
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        cells = [line["path"] for line in csv.DictReader(file)]
    assert len(cells) == 7
    assert all(cell.startswith("'") for cell in cells)
    raw = [json.loads(line)["path"] for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert "=cmd.jpg" in raw
    assert steady(read_results(tmp_path / "a.csv")) == steady(read_results(tmp_path / "a.jsonl"))


def test_negative_numbers_stay_numbers_in_a_csv(scored: tuple[Path, Result]) -> None:
    with scored[0].open(encoding="utf-8", newline="") as file:
        offsets = [line["offset_mm"] for line in csv.DictReader(file) if line["path"] == "front.JPG"]
    assert float(offsets[0]) == pytest.approx(-14.0, abs=0.5)


def test_formats_hold_the_same(scored: tuple[Path, Result], tmp_path: Path) -> None:
    from backfocus.verify.scoring.tables import write_results

    for name in ("copy.jsonl", "copy.parquet", "copy.csv"):
        write_results(tmp_path / name, read_results(scored[0]))
        assert list(read_results(tmp_path / name)) == list(read_results(scored[0])), name
    assert not list(tmp_path.glob("*.part"))


def test_a_second_run_measures_only_what_changed(
    workshop: Path, scored: tuple[Path, Result], tmp_path: Path
) -> None:
    folder, table = tmp_path / "photos", tmp_path / "results.csv"
    shutil.copytree(workshop, folder, symlinks=True)
    (folder / "Åsa" / "loop").unlink()
    shutil.copy(scored[0], table)
    before = {str(row["path"]): row for row in read_results(table)}
    os.utime(folder / "front.JPG", (1e9, 1e9))
    (folder / "short.jpg").write_text("shorter")
    (folder / "new.jpg").write_text(NO_PHOTO)
    looked_at: list[Row] = []
    tally = score(folder, table, jobs=1, done=looked_at.append)
    after = {str(row["path"]): row for row in read_results(table)}
    assert tally.photos == 6
    assert {"front.JPG", "short.jpg", "new.jpg"} == {str(row["path"]) for row in looked_at}
    assert after["Åsa/=1+1.jpg"] == before["Åsa/=1+1.jpg"]
    assert after["front.JPG"]["duration_s"] == before["front.JPG"]["duration_s"], "same content: not measured"
    assert after["front.JPG"]["modified"] == "2001-09-09T01:46:40.000000000Z"
    assert after["short.jpg"]["blake2b"] != before["short.jpg"]["blake2b"]


SCORE = """
import sys
from backfocus.verify.scoring import score
score(sys.argv[1], sys.argv[2], jobs=1, done=lambda row: print(row["path"], flush=True))
"""


def test_a_killed_run_loses_no_row_that_it_reported(workshop: Path, tmp_path: Path) -> None:
    folder = unreadable_photos(tmp_path / "photos", 40)
    shutil.copy(workshop / "front.JPG", folder / "000.jpg")
    command = [sys.executable, "-c", SCORE, str(folder)]
    reported: list[str] = []
    for lines in (1, 13):
        with subprocess.Popen([*command, tmp_path / "killed.csv"], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            reported += [process.stdout.readline().strip() for _ in range(lines)]
            process.send_signal(signal.SIGKILL)
            # What it wrote before the signal arrived was reported, too.
            reported += process.stdout.read().split()
        assert not (tmp_path / "killed.csv").exists()
    last = subprocess.run([*command, tmp_path / "killed.csv"], stdout=subprocess.PIPE, text=True, check=True)
    assert not set(reported) & set(last.stdout.split()), "measured a second time"
    assert len(reported) == len(set(reported))
    score(folder, tmp_path / "unbroken.csv", jobs=2)
    assert steady(read_results(tmp_path / "killed.csv")) == steady(read_results(tmp_path / "unbroken.csv"))
    assert not list(tmp_path.glob("*.unfinished"))


TROUBLE = """
import os, signal, time
import backfocus.verify.measuring as measuring
reading = measuring.read_photo
def read_photo(path, *arguments, **options):
    name = os.path.basename(path)
    if name == "hangs.jpg":
        time.sleep(1000)
    if name == "crashes.jpg":
        os.kill(os.getpid(), signal.SIGSEGV)
    if name == "fault.jpg":
        raise KeyError("a mistake of ours")
    return reading(path, *arguments, **options)
measuring.read_photo = read_photo
"""


@pytest.fixture
def trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Photos of some names crash or hang the process that reads them."""
    (tmp_path / "sitecustomize.py").write_text(TROUBLE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.usefixtures("trouble")
def test_a_photo_that_crashes_is_a_row(workshop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, table = unreadable_photos(tmp_path / "photos", 3), tmp_path / "results.jsonl"
    for name in ("crashes.jpg", "fault.jpg", "z.jpg"):
        shutil.copy(workshop / "front.JPG", folder / name)
    tally = score(folder, table, jobs=2)
    rows = {str(row["path"]): row for row in read_results(table)}
    assert tally.statuses == {"unreadable": 3, "crashed": 2, "measured": 1}
    assert rows["crashes.jpg"]["error"] == "The measuring process ended by SIGSEGV."
    assert "KeyError: 'a mistake of ours'" in str(rows["fault.jpg"]["error"])
    assert tally.exit_code() == 2
    monkeypatch.delenv("PYTHONPATH")
    assert score(folder, table, jobs=1, again=["failed"]).statuses == {"unreadable": 3, "measured": 3}


@pytest.mark.usefixtures("trouble")
def test_a_photo_that_hangs_is_a_row(tmp_path: Path) -> None:
    folder = unreadable_photos(tmp_path / "photos", 0)
    (folder / "hangs.jpg").write_text(NO_PHOTO)
    tally = score(folder, tmp_path / "results.jsonl", timeout_s=1.0)
    assert tally.statuses == {"timed-out": 1}
    assert [row["error"] for row in read_results(tmp_path / "results.jsonl")] == ["Not measured within 1 s."]


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
    assert "id,name" in result.stderr


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


def test_a_table_of_other_photos_is_not_mixed_with_these(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "results.csv"
    assert run(unreadable_photos(tmp_path / "one", 3), "-o", table).exit_code == 2
    before = table.read_bytes()
    other = unreadable_photos(tmp_path / "two", 0)
    (other / "000.jpg").write_text("longer than those of the first folder")
    result = run(other, "-o", table)
    assert "is of other photos" in result.stderr
    assert table.read_bytes() == before


def test_rows_of_deleted_photos_stay_until_pruned(run: Run, tmp_path: Path) -> None:
    folder, table = unreadable_photos(tmp_path / "photos", 3), tmp_path / "results.csv"
    run(folder, "-o", table)
    (folder / "001.jpg").unlink()
    result = run(folder, "-o", table)
    assert "1 rows are of photos no longer there; --prune drops them." in result.stderr
    assert result.stdout.startswith("2 photos:")
    assert len(list(read_results(table))) == 3
    run(folder, "-o", table, "--prune")
    assert [row["path"] for row in read_results(table)] == ["000.jpg", "002.jpg"]


def test_rows_of_another_version_are_kept_and_told_of(run: Run, tmp_path: Path) -> None:
    from backfocus.verify.scoring.tables import write_results

    folder, table = unreadable_photos(tmp_path / "photos", 2), tmp_path / "results.csv"
    run(folder, "-o", table)
    write_results(table, [row | {"version": "0.0.1"} for row in list(read_results(table))])
    result = run(folder, "-o", table)
    assert "2 rows are of another version of backfocus and kept; --again outdated renews them." in result.stderr
    assert {row["version"] for row in read_results(table)} == {"0.0.1"}
    run(folder, "-o", table, "--again", "outdated")
    assert "0.0.1" not in {row["version"] for row in read_results(table)}


def test_two_runs_do_not_write_one_table(run: Run, tmp_path: Path) -> None:
    from backfocus.verify.scoring import Scoring

    folder, table = unreadable_photos(tmp_path / "photos", 1), tmp_path / "results.csv"
    with Scoring(folder, table):
        result = run(folder, "-o", table)
    assert result.exit_code == 2
    assert "Another run of backfocus writes this table" in result.stderr


@pytest.mark.usefixtures("trouble")
def test_interrupted_it_writes_what_it_has(tmp_path: Path) -> None:
    folder, table = unreadable_photos(tmp_path / "photos", 2), tmp_path / "results.csv"
    (folder / "hangs.jpg").write_text(NO_PHOTO)
    code = (
        # A shell that started the tests in the background has them ignore Ctrl-C.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import backfocus.cli.folders.score as s; told = s._tell\n"
        "def tell(*arguments): told(*arguments); print(flush=True)\n"
        "s._tell = tell\n"
        "from backfocus.cli import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, "score", str(folder), "-o", str(table), "--jobs", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for _ in range(2):
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "run the same command again" in said
    assert [row["path"] for row in read_results(table)] == ["000.jpg", "001.jpg"]
    assert not list(tmp_path.glob("*.unfinished"))
