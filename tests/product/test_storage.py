"""A file is written whole or not at all; a disk, folder or data folder that fails costs no more than itself."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from photo_folders import SAMPLES

from backfocus.cli import cli
from backfocus.targets.errors import OutputError
from backfocus.verify.prints import calibration
from backfocus.verify.scoring import score
from backfocus.verify.storage import whole_file, write_whole

MUCH = b"x" * 3_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only the system's administrator can mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def check_old_file_is_whole(folder: Path) -> None:
    assert (folder / "old.bin").read_bytes() == b"old"
    assert [file.name for file in folder.iterdir()] == ["old.bin"]


def test_a_full_disk_leaves_the_old_file_whole_and_says_so(small_disk: Path) -> None:
    write_whole(small_disk / "old.bin", b"old")
    with pytest.raises(OutputError, match=r"old\.bin: no space left"):
        write_whole(small_disk / "old.bin", MUCH)
    check_old_file_is_whole(small_disk)


@pytest.mark.parametrize("fails", ["write_bytes", "replace"])
def test_a_disk_that_fills_up_at_any_step_does_so_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    write_whole(tmp_path / "old.bin", b"old")
    monkeypatch.setattr(Path, fails, full)
    with pytest.raises(OutputError, match="no space left"):
        write_whole(tmp_path / "old.bin", b"new")
    check_old_file_is_whole(tmp_path)


def test_a_chart_for_a_full_disk_is_one_line_and_no_half_file(small_disk: Path) -> None:
    (small_disk / "filling").write_bytes(b"x" * 2_080_000)
    result = CliRunner().invoke(cli, ["chart", "flat", "-o", str(small_disk / "chart.pdf")])
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: Cannot write ") and "no space left" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert [file.name for file in small_disk.iterdir()] == ["filling"]


def test_a_table_for_a_full_disk_keeps_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.jpg").write_text("no photo")
    table = tmp_path / "results.csv"
    score(photos, table)
    before = table.read_bytes()
    (photos / "b.jpg").write_text("no photo either")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(OutputError, match=r"results\.csv: no space left"):
            score(photos, table)
    assert table.read_bytes() == before
    assert score(photos, table).photos == 2, "what was measured is in the ledger"


def test_an_error_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    write_whole(tmp_path / "old.bin", "old")
    with pytest.raises(KeyError), whole_file(tmp_path / "old.bin") as part:
        part.write_bytes(b"half")
        raise KeyError
    check_old_file_is_whole(tmp_path)


def test_a_folder_that_nobody_may_write_to_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("the system's administrator may write everywhere")
    with pytest.raises(OutputError, match="Choose a folder that you may write to"):
        write_whole(tmp_path / "new.bin", b"new")


def test_a_folder_on_a_disk_that_is_read_only_is_told(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(OutputError, match=r"Read-only file system\. Choose a folder that you may write to"):
        write_whole(small_disk / "new.bin", b"new")


def test_a_link_stays_one_and_rights_stay(tmp_path: Path) -> None:
    write_whole(tmp_path / "real.bin", b"old")
    (tmp_path / "real.bin").chmod(0o640)
    (tmp_path / "link.bin").symlink_to("real.bin")
    write_whole(tmp_path / "link.bin", b"new")
    assert (tmp_path / "link.bin").is_symlink()
    assert (tmp_path / "real.bin").read_bytes() == b"new"
    assert (tmp_path / "real.bin").stat().st_mode & 0o777 == 0o640


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Run a command whose data folder is a file."""
    (tmp_path / "taken").write_text("mine")
    monkeypatch.setenv("BACKFOCUS_DATA", str(tmp_path / "taken"))

    def run(*arguments: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(cli, arguments)
        assert (tmp_path / "taken").read_text() == "mine"
        return result.exit_code, result.stdout, result.stderr

    return run


def test_a_data_folder_that_is_a_file_costs_the_record_not_the_measurement(
    run: Callable[..., tuple[int, str, str]],
) -> None:
    photo = str(SAMPLES / "back-focus.jpg")
    assert run("measure", photo)[0] == 0
    code, out, err = run("tune", photo, "--processes", "1")
    assert code == 0 and "back" in out.lower()
    assert "No record is kept. Cannot write" in err and "BACKFOCUS_DATA" in err
    assert run("history")[0] == 0
    assert calibration.calibration_of("K7Q2XZ9") is None


def test_a_calibration_that_cannot_be_kept_is_told_with_what_to_do(
    run: Callable[..., tuple[int, str, str]],
) -> None:
    code, _, err = run("check-print", "--printed-mm", "100x100", "--chart-id", "K7Q2XZ9", "--keep")
    assert code == 2 and err.startswith("Error: Cannot write ") and "BACKFOCUS_DATA" in err
