"""An installed ExifTool reads what this program cannot; it is asked for nothing else, and trusted with little."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from note_bytes import canon_note
from PIL import Image

from backfocus.verify.photo import exiftool
from backfocus.verify.photo.exiftool import exiftool_note
from backfocus.verify.photo.reading import read_photo

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """A function that puts an `exiftool` on the path, which notes its arguments and prints what it is given."""

    def put(output: str, code: int = 0, wait_s: float = 0.0) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir()
        asked = tmp_path / "asked"
        (folder / "output").write_text(output)
        script = folder / "exiftool"
        script.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" > "{asked}"\nsleep {wait_s}\ncat "{folder}/output"\nexit {code}\n'
        )
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        return asked

    return put


def answer(**tags: object) -> str:
    return json.dumps([{"SourceFile": "photo.orf"} | {f"Olympus:{name}": value for name, value in tags.items()}])


@pytest.mark.parametrize(
    ("tags", "in_force", "on"),
    [
        ({"AFFineTune": 1, "AFFineTuneAdj": "5 5 5"}, 5.0, True),
        ({"AFFineTune": 0, "AFFineTuneAdj": "5 5 5"}, 0.0, False),
        ({"AFFineTune": 1, "AFFineTuneAdj": "5 0 -3"}, None, None),
        ({"AFMicroAdjMode": 2, "AFMicroAdjValue": -4}, -4.0, True),
        ({"AFMicroAdjMode": 3, "AFMicroAdjValue": 0}, None, None),
        ({"AFMicroAdj": -7}, -7.0, None),
        ({"AFAdjustment": 3}, 3.0, None),
        ({"AFFineTune": 1, "AFFineTuneAdj": 250}, None, None),
        ({"AFFineTune": 1, "AFFineTuneAdj": "nan"}, None, None),
        ({}, None, None),
    ],
)
def test_setting(install: Install, tags: dict[str, object], in_force: float | None, on: bool | None) -> None:
    install(answer(**tags))
    note = exiftool_note(Path("photo.orf"))
    assert note is not None
    assert (note.af_setting, note.af_setting_on) == (in_force, on)


def test_zoom_with_two_settings(install: Install) -> None:
    install(answer(AFFineTune=3, AFFineTuneAdj=-6, AFFineTuneAdjTele=2, FocusDistance=1.5, ContrastDetectAF=1))
    note = exiftool_note(Path("photo.nef"))
    assert note is not None
    assert (note.af_setting, note.af_setting_wide, note.af_setting_tele) == (None, -6.0, 2.0)
    assert (note.focus_distance_m, note.af_method) == (1.5, "contrast/live view")


@pytest.mark.parametrize("output", ["", "[]", "{}", "[1]", "[{}, {}]", "Unknown file type", "[" * 100_000])
def test_nonsense_is_no_answer(install: Install, output: str) -> None:
    install(output)
    assert exiftool_note(Path("photo.orf")) is None


def test_file_name_cannot_become_an_option(install: Install) -> None:
    asked = install(answer())
    exiftool_note(Path("-delete_original!"))
    *options, path = asked.read_text().splitlines()
    assert options[:3] == ["-j", "-n", "-G1"]
    assert path.startswith("/") and path.endswith("/-delete_original!")


def test_it_is_not_waited_for_long(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install(answer(AFMicroAdj=1), wait_s=5)
    monkeypatch.setattr(exiftool, "_TIMEOUT_S", 0.2)
    assert exiftool_note(Path("photo.arw")) is None


def test_without_it_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert exiftool_note(Path("photo.orf")) is None


def photo_of(make: str, note: bytes | None, path: Path) -> Path:
    exif = Image.Exif()
    exif[0x010F] = make
    if note is not None:
        exif[0x8769] = {0x927C: note}
    Image.new("L", (64, 48), 90).save(path, exif=exif)
    return path


@pytest.mark.parametrize(
    ("make", "note", "is_asked"),
    [
        ("OLYMPUS CORPORATION", b"OLYMPUS\0II\3\0" + bytes(40), True),
        ("OLYMPUS CORPORATION", None, False),
        ("NIKON CORPORATION", b"not a note of Nikon's", True),
        ("Canon", canon_note(1, 30), False),
        ("FUJIFILM", b"FUJIFILM" + bytes(40), False),
    ],
)
def test_it_is_asked_only_about_notes_that_cannot_be_read_here(
    install: Install, tmp_path: Path, make: str, note: bytes | None, is_asked: bool
) -> None:
    asked = install(answer(AFFineTune=1, AFFineTuneAdj="-2 -2 -2"))
    camera = read_photo(photo_of(make, note, tmp_path / "photo.jpg")).camera
    assert asked.exists() == is_asked
    assert (camera.af_setting == -2.0) == is_asked
