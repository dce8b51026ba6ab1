"""`backfocus watch` as a tethered photographer meets it: photos are measured when they have arrived."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from photo_folders import SAMPLES

from backfocus.cli import cli
from backfocus.verify.scoring import Row, read_results, watch
from backfocus.verify.scoring.columns import row_of
from backfocus.verify.scoring.tables import write_results
from backfocus.verify.scoring.watch import Watch

BACK, FRONT = SAMPLES / "back-focus.jpg", SAMPLES / "front-focus.jpg"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tethered"
    folder.mkdir()
    return folder


def arrivals(folder: Path, table: Path, count: int, arrive: Callable[[], None], *, poll: bool = False) -> list[Row]:
    """The rows of some photos that arrive once the folder is watched."""
    rows: list[Row] = []
    with Watch(folder, table, poll=poll) as watch:
        coming = watch.rows(seconds=120)
        # Long enough for the system to have begun watching.
        writer = threading.Timer(1.0, arrive)
        writer.start()
        for row in coming:
            rows.append(row)
            if len(rows) == count:
                break
        coming.close()
        writer.join()
    return rows


@pytest.mark.parametrize("poll", [False, True])
def test_a_photo_is_measured_when_it_arrives(folder: Path, tmp_path: Path, poll: bool) -> None:
    table = tmp_path / "results.csv"
    shutil.copy(FRONT, folder / "before.jpg")
    rows = arrivals(folder, table, 1, lambda: shutil.copy(BACK, folder / "IMG_1.JPG") and None, poll=poll)
    assert [(row["path"], row["verdict"]) for row in rows] == [("IMG_1.JPG", "back-focus")]
    assert list(read_results(table)) == rows


def test_a_photo_is_not_measured_before_it_is_complete(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The pause between the two halves of the file is longer than a file must rest, as on a slow card.
    monkeypatch.setattr(watch, "SETTLED_S", 0.3)
    content = BACK.read_bytes()

    def write_slowly() -> None:
        with (folder / "slow.jpg").open("wb") as file:
            for start in range(0, len(content), len(content) // 3):
                file.write(content[start : start + len(content) // 3])
                file.flush()
                time.sleep(1.5)

    rows = arrivals(folder, tmp_path / "results.csv", 1, write_slowly)
    assert [(row["path"], row["status"], row["size_bytes"]) for row in rows] == [
        ("slow.jpg", "measured", len(content))
    ]


def test_what_stays_unreadable_is_a_row_in_the_end(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "PATIENCE_S", 1.0)
    rows = arrivals(folder, tmp_path / "results.csv", 1, lambda: (folder / "x.jpg").write_text("none") and None)
    assert [row["status"] for row in rows] == ["unreadable"]


def test_files_renamed_into_place_and_whole_folders_count_hidden_ones_do_not(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    shutil.copy(FRONT, tmp_path / "card" / "DSC_1.JPG")

    def move() -> None:
        shutil.copy(BACK, folder / ".IMG_2.JPG")
        shutil.copy(BACK, folder / "notes.txt")
        (folder / ".IMG_2.JPG").rename(folder / "IMG_2.JPG")
        (tmp_path / "card").rename(folder / "100NIKON")

    rows = arrivals(folder, tmp_path / "results.csv", 2, move)
    assert {row["path"] for row in rows} == {"IMG_2.JPG", "100NIKON/DSC_1.JPG"}


def test_a_photo_that_is_only_touched_is_no_news_a_changed_one_is(folder: Path, tmp_path: Path) -> None:
    photo = folder / "1.jpg"
    shutil.copy(BACK, photo)
    with Watch(folder, tmp_path / "results.csv", existing=True) as watch:
        coming = watch.rows(seconds=120)
        assert next(coming)["verdict"] == "back-focus"
        os.utime(photo)
        change = threading.Timer(3.0, shutil.copy, (FRONT, photo))
        change.start()
        assert next(coming)["verdict"] == "front-focus"
        change.join()
        coming.close()
    assert [row["verdict"] for row in read_results(tmp_path / "results.csv")] == ["front-focus"]


def test_a_changed_photo_counts_once_in_the_mean(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows(_: Watch, __: float | None) -> Iterator[Row]:
        for offset_mm in (2.0, 4.0):
            cells = {"path": "1.jpg", "status": "measured", "trustworthy": True, "chart_id": "K7Q2XZ9"}
            ends = {"offset_ci95_low_mm": offset_mm - 1, "offset_ci95_high_mm": offset_mm + 1}
            yield row_of({**cells, **ends, "offset_mm": offset_mm})

    monkeypatch.setattr(Watch, "rows", rows)
    result = watch_existing(folder, "-o", tmp_path / "results.csv")
    assert "K7Q2XZ9: mean +4.00 mm, 1 photo" in result.stdout.splitlines()[1]
    assert "1 photo: 1 measured" in result.stdout


def test_the_table_of_another_folder_is_not_written_into(folder: Path, tmp_path: Path) -> None:
    write_results(tmp_path / "results.csv", [row_of({"path": "A.jpg", "status": "measured", "size_bytes": 1})])
    (folder / "A.jpg").write_text("another one")
    result = watch_existing(folder, "-o", tmp_path / "results.csv")
    assert result.exit_code == 2
    assert "is of photos that are not here" in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_a_name_that_is_no_utf8_does_not_end_it(folder: Path, tmp_path: Path) -> None:
    odd = os.fsencode(folder) + b"/B\xe4r.jpg"
    shutil.copy(FRONT, folder / "before.jpg")
    rows = arrivals(folder, tmp_path / "results.csv", 1, lambda: shutil.copy(os.fsencode(BACK), odd) and None)
    assert [(row["path"], row["status"]) for row in rows] == [("B\\udce4r.jpg", "measured")]


def watch_existing(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["watch", "--existing", "--for", "120", *map(str, arguments)])


def test_each_photo_is_a_line_with_the_running_mean_of_its_chart(folder: Path, tmp_path: Path) -> None:
    shutil.copy(BACK, folder / "1.jpg")
    # A copy of the same content would not count again.
    (folder / "2.jpg").write_bytes(BACK.read_bytes() + b"\0")
    table = tmp_path / "results.jsonl"
    result = watch_existing(folder, "-o", table, "--count", 2)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()[:2]
    one = r"[12]\.jpg: back-focus \+1\d\.\d\d mm \(\+1\d\.\d\d to \+1\d\.\d\d\); [A-Z0-9]{7}: mean \+1\d\.\d\d mm, "
    assert re.fullmatch(one + "1 photo", lines[0])
    assert re.fullmatch(one + r"scatter 0\.00 mm, 2 photos", lines[1])
    assert result.stdout.splitlines()[2] == "2 photos: 2 measured, 2 of them trustworthy."
    shutil.copy(FRONT, folder / "3.jpg")
    again = watch_existing(folder, "-o", table, "--count", 1)
    assert again.stdout.startswith("3.jpg: front-focus")
    assert [row["path"] for row in read_results(table)] == ["1.jpg", "2.jpg", "3.jpg"]


def test_ctrl_c_ends_it_with_the_summary_and_exit_code_0(folder: Path, tmp_path: Path) -> None:
    shutil.copy(BACK, folder / "1.jpg")
    table = tmp_path / "results.csv"
    # A shell that started the tests in the background has them ignore Ctrl-C.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from backfocus.cli import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code, "watch", str(folder), "-o", str(table), "--existing"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    said, complaints = process.communicate(timeout=60)
    assert process.returncode == 0, complaints
    assert first.startswith("1.jpg: back-focus")
    assert said.startswith("1 photo: 1 measured")
    assert "Traceback" not in complaints
    assert [row["path"] for row in read_results(table)] == ["1.jpg"]
    assert not list(tmp_path.glob("*.unfinished"))


def test_a_time_without_photos_ends_without_fault(folder: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["watch", str(folder), "-o", str(tmp_path / "results.csv"), "--for", "0"])
    assert result.exit_code == 0
    assert result.stdout == "No photo came.\n"
