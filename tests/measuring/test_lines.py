"""`measure --json`: a line for every file, also for one that is no photo, and for a photo on standard input."""

from __future__ import annotations

import io
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from backfocus.cli import cli
from backfocus.targets.errors import UnreadablePhotoError
from backfocus.verify import Measurement, measure
from backfocus.verify.photo import opening
from backfocus.verify.storage import content_hash


def run(*words: str | Path, given: bytes = b"") -> Result:
    return CliRunner().invoke(cli, ["measure", *map(str, words)], input=given)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_file_has_a_line_in_its_order(back_focused_photo: Path, tmp_path: Path) -> None:
    (tmp_path / "note.jpg").write_text("no photo")
    result = run("--json", tmp_path / "gone.jpg", back_focused_photo, tmp_path / "note.jpg")
    gone, measured, note = lines(result)
    assert result.exit_code == 2
    assert [found["status"] for found in (gone, measured, note)] == ["unreadable", "measured", "unreadable"]
    assert gone.keys() == measured.keys() == note.keys()
    (why,) = note["findings"]
    assert (note["photo"], why["code"], why["severity"]) == ("note.jpg", "unreadable", "critical")
    assert why["message"].startswith("This is no photo") and why["remedy"]
    assert (note["answer"]["why"], note["answer"]["next"]) == (why["message"], why["remedy"])
    assert note["blake2b"] == content_hash(tmp_path / "note.jpg") and gone["blake2b"] is None


def test_in_words_a_file_that_is_no_photo_is_told_on_standard_error_only(tmp_path: Path) -> None:
    result = run(tmp_path / "gone.jpg")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "gone.jpg: there is no such file" in result.stderr


def test_a_photo_is_read_from_standard_input(back_focused_photo: Path) -> None:
    whole = {path.name for path in Path(tempfile.gettempdir()).glob("backfocus-*")}
    (told,) = lines(run("--json", "-", given=back_focused_photo.read_bytes()))
    (by_name,) = lines(run("--json", back_focused_photo))
    assert told["photo"] == "-"
    assert {**told, "photo": by_name["photo"], "answer": None} == {**by_name, "answer": None}
    assert told["answer"]["next"].endswith("backfocus tune FOLDER")
    assert {path.name for path in Path(tempfile.gettempdir()).glob("backfocus-*")} == whole


def test_standard_input_is_drawn_on_under_a_name_of_its_own(back_focused_photo: Path, tmp_path: Path) -> None:
    result = run("-", "--annotate", tmp_path, given=back_focused_photo.read_bytes())
    assert result.exit_code == 0, result.output
    assert [path.name for path in tmp_path.iterdir()] == ["standard-input.annotated.png"]


@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        (["-"], b"", "standard input is empty"),
        (["-"], b"no photo", "this is no photo"),
        (["-", "-"], b"", "give it once"),
    ],
)
def test_mistakes_with_standard_input_are_told(words: list[str], given: bytes, said: str) -> None:
    result = run(*words, given=given)
    assert result.exit_code == 2
    assert said in result.stderr and "Traceback" not in result.output


class Terminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_not_waited_for() -> None:
    with pytest.raises(UnreadablePhotoError, match="is a terminal"), opening.spooled(Terminal(), "-"):
        pass


def test_what_is_too_large_is_not_copied_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_MAX_FILE_BYTES", 1000)
    stream = io.BytesIO(bytes(10_000_000))
    with pytest.raises(UnreadablePhotoError, match="over 1 GB"), opening.spooled(stream, "-"):
        pass
    assert stream.tell() < 10_000_000


def test_the_copy_of_standard_input_is_private_and_goes() -> None:
    with opening.spooled(io.BytesIO(b"photo"), "-") as copy:
        assert copy.read_bytes() == b"photo"
        assert copy.parent.stat().st_mode & 0o077 == 0
    assert not copy.parent.exists()


def test_a_setting_that_was_told_stands_in_the_result(back_focused_photo: Path) -> None:
    (told,) = lines(run("--json", back_focused_photo, "--setting", "3"))
    assert told["camera"]["af_setting"] == 3.0


def test_a_measurement_can_be_hashed_whatever_it_holds(back_focused_photo: Path) -> None:
    coloured = measure(back_focused_photo, channels=True)
    again = replace(coloured, interval_budget_mm=dict(coloured.interval_budget_mm or {}))
    assert isinstance(coloured, Measurement)
    assert {coloured, again} == {coloured}
    assert coloured.interval_budget_mm == dict(again.interval_budget_mm or {})
