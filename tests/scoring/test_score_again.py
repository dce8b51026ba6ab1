"""No photo stops `backfocus score`, nor does an interruption: what is measured stays, and a later run goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from photo_folders import NO_PHOTO, steady, unreadable_photos

from backfocus.verify.scoring import Row, Scoring, read_results, score
from backfocus.verify.scoring.tables import write_results

Run = Callable[..., Result]

SCORE = """
import sys
from backfocus.verify.scoring import score
score(sys.argv[1], sys.argv[2], jobs=1, done=lambda row: print(row["path"], flush=True))
"""

TROUBLE = """
import os, signal, time
import importlib
measuring = importlib.import_module("backfocus.verify.measure")
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
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)


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
    assert steady(tmp_path / "killed.csv") == steady(tmp_path / "unbroken.csv")
    assert not list(tmp_path.glob("*.unfinished"))


@pytest.mark.usefixtures("trouble")
def test_interrupted_it_writes_what_it_has(tmp_path: Path) -> None:
    folder, table = unreadable_photos(tmp_path / "photos", 2), tmp_path / "results.csv"
    (folder / "hangs.jpg").write_text(NO_PHOTO)
    code = (
        # A shell that started the tests in the background has them ignore Ctrl-C.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import backfocus.cli.folder as s; told = s._tell\n"
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


def test_two_runs_do_not_write_one_table(run: Run, tmp_path: Path) -> None:
    folder, table = unreadable_photos(tmp_path / "photos", 1), tmp_path / "results.csv"
    with Scoring(folder, table):
        result = run(folder, "-o", table)
    assert result.exit_code == 2
    assert "Another run of backfocus writes this table" in result.stderr


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
    folder, table = unreadable_photos(tmp_path / "photos", 2), tmp_path / "results.csv"
    run(folder, "-o", table)
    write_results(table, [row | {"version": "0.0.1"} for row in list(read_results(table))])
    result = run(folder, "-o", table)
    assert "2 rows are of another version of backfocus and kept; --again outdated renews them." in result.stderr
    assert {row["version"] for row in read_results(table)} == {"0.0.1"}
    run(folder, "-o", table, "--again", "outdated")
    assert "0.0.1" not in {row["version"] for row in read_results(table)}


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
    monkeypatch.undo()
    assert score(folder, table, jobs=1, again=["failed"]).statuses == {"unreadable": 3, "measured": 3}


@pytest.mark.usefixtures("trouble")
def test_a_photo_that_hangs_is_a_row(tmp_path: Path) -> None:
    folder = unreadable_photos(tmp_path / "photos", 0)
    (folder / "hangs.jpg").write_text(NO_PHOTO)
    tally = score(folder, tmp_path / "results.jsonl", timeout_s=1.0)
    assert tally.statuses == {"timed-out": 1}
    assert [row["error"] for row in read_results(tmp_path / "results.jsonl")] == ["Not measured within 1 s."]
