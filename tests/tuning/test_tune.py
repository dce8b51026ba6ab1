"""`backfocus tune`, the whole way with simulated photos of a body that counts 5 µm a step and wants +6."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result

from backfocus.cli import cli
from backfocus.verify.lens import offset_of_defocus_mm
from backfocus.verify.simulate import ExifNames, Sensor, VirtualShot

STEP_UM, TRUTH = 5.0, 6.0
SMALLEST = Sensor(pixels=(2400, 1600))
CANON_BODY = ExifNames("Canon", "Canon EOS R5", "RF85mm F1.2")


@pytest.fixture(scope="module")
def folder(take: Callable[..., VirtualShot], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shots at each of two settings, one of another body, one without a chart, and a file that is no photo."""
    path = tmp_path_factory.mktemp("series")
    for setting in (0, 10):
        for number, scatter in enumerate((-0.2, 0.2)):
            offset = offset_of_defocus_mm(85.0, 1500.0, STEP_UM * (setting - TRUTH + scatter))
            shot = take(offset, sensor=SMALLEST, seed=number)
            shot.save(path / f"{setting:+d}_{'near' if number % 2 else 'far'}_{number}.jpg")
    take(20.0, sensor=SMALLEST, names=CANON_BODY).save(path / "canon.jpg")
    cv2.imwrite(str(path / "no chart.jpg"), np.full((400, 600), 200, np.uint8))
    (path / "not a photo.jpg").write_text("text")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in arguments])


@pytest.fixture(scope="module")
def saved(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path, Path]:
    """The result of tune on the folder, its file, and the user's data folder."""
    place = tmp_path_factory.mktemp("saved")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKFOCUS_DATA", str(place / "data"))
        result = run("tune", folder, "--json", "--save", place / "first.json", "--processes", "1")
    return result, place / "first.json", place / "data"


@pytest.fixture
def answer(saved: tuple[Result, Path, Path]) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(saved[0].stdout)
    return data


@pytest.fixture(autouse=True)
def data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing of these tests gets into the user's own records."""
    monkeypatch.setenv("BACKFOCUS_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_a_folder_tells_the_setting_the_step_and_the_sign(answer: dict[str, Any]) -> None:
    assert answer["schema"] == "backfocus/series/1"
    [nikon] = [lens for lens in answer["lenses"] if lens["body"] == "NIKON D850"]
    estimate = nikon["series"][0]["estimate"]
    assert estimate["setting"] == TRUTH
    assert estimate["ci95"][0] < TRUTH < estimate["ci95"][1]
    assert estimate["step_um"] == pytest.approx(STEP_UM, abs=0.6)
    assert estimate["plus_moves_focus"] == "farther"
    assert [group["n"] for group in nikon["series"][0]["groups"]] == [2, 2]


def test_every_body_gets_an_answer_and_what_cannot_be_used_a_reason(answer: dict[str, Any]) -> None:
    assert answer["photos"] == 7
    assert {lens["body"] for lens in answer["lenses"]} == {"NIKON D850", "Canon EOS R5"}
    left_out = {photo["photo"]: photo for photo in answer["left_out"]}
    assert set(left_out) == {"no chart.jpg", "not a photo.jpg"}
    assert left_out["not a photo.jpg"]["remedy"]


def test_an_unreadable_file_sets_the_exit_code(saved: tuple[Result, Path, Path]) -> None:
    assert saved[0].exit_code == 2


def test_the_saved_file_is_what_was_printed(saved: tuple[Result, Path, Path], answer: dict[str, Any]) -> None:
    data = json.loads(saved[1].read_text(encoding="utf-8"))
    assert data == answer


def test_the_result_is_kept_for_history(saved: tuple[Result, Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKFOCUS_DATA", str(saved[2]))
    text = run("history", "d850").stdout
    assert "NIKON D850, 85mm f/1.4: last checked on 20" in text
    assert "+6" in text


def test_no_record_keeps_nothing(folder: Path, data_folder: Path) -> None:
    result = run("tune", folder / "canon.jpg", "--no-record")
    assert result.exit_code == 0
    assert not data_folder.exists()
    assert result.stdout.startswith("There is nothing to dial on the Canon EOS R5.\n")


def test_a_saved_file_is_not_overwritten_unasked(folder: Path, tmp_path: Path) -> None:
    there = tmp_path / "mine.json"
    there.write_text("mine")
    result = run("tune", folder / "canon.jpg", "--save", there)
    assert result.exit_code == 2
    assert "--force" in result.stderr
    assert there.read_text() == "mine"
    assert run("tune", folder / "canon.jpg", "--save", there, "--force").exit_code == 0
    assert json.loads(there.read_text(encoding="utf-8"))["schema"] == "backfocus/series/1"


def test_after_dialling_the_difference_is_told(folder: Path, saved: tuple[Result, Path, Path]) -> None:
    photos = sorted(folder.glob("+10*.jpg"))
    result = run("tune", *photos, "--before", saved[1], "--processes", "2")
    assert result.exit_code == 0
    assert "Compared with before: NIKON D850, 85mm f/1.4" in result.stdout
    assert "Before at 0:" in result.stdout


def test_a_table_tells_settings_that_names_do_not(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("photo,setting,approach\ncanon.jpg,4,near\n", encoding="utf-8")
    result = run("tune", folder / "canon.jpg", "--labels", table, "--json")
    group = json.loads(result.stdout)["lenses"][0]["series"][0]["groups"][0]
    assert (group["setting"], group["n_near"]) == (4.0, 1)


def test_reference_shots_are_zero(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "live.jpg").write_bytes((folder / "+0_far_0.jpg").read_bytes())
    result = run("tune", folder / "+0_far_0.jpg", "--reference", tmp_path, "--json")
    series = json.loads(result.stdout)["lenses"][0]["series"][0]
    assert series["reference"]["n"] == 1
    assert series["groups"][0]["mean_mm"] == pytest.approx(0.0, abs=1e-3)


def test_only_the_result_is_on_standard_output(saved: tuple[Result, Path, Path]) -> None:
    assert saved[0].stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "there is no such file"),
        (["EMPTY"], "holds no photo"),
        (["FULL", "--labels", "nowhere.csv"], "Cannot read nowhere.csv"),
        (["EMPTY", "--before", "nowhere.json"], "Cannot read nowhere.json"),
        ([], "Missing argument"),
    ],
)
def test_mistakes_get_one_line_and_exit_code_2(arguments: list[str], said: str, tmp_path: Path) -> None:
    folders = {word: tmp_path / word for word in ("EMPTY", "FULL")}
    for folder in folders.values():
        folder.mkdir()
    (folders["FULL"] / "a.jpg").touch()
    result = run("tune", *(folders.get(word, word) for word in arguments))
    assert result.exit_code == 2
    assert said.lower() in (result.stderr + result.stdout).lower()
    assert "Traceback" not in result.stderr


def test_a_folder_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    result = run("tune", tmp_path / "nosuch")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == f"Error: There is no such file or folder: {tmp_path / 'nosuch'}."
