"""The AF fine-tune setting that was in force is read from Canon's and Nikon's notes, or not at all."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backfocus.verify import measure
from backfocus.verify.camera import VirtualShot
from backfocus.verify.photo.metadata.maker_notes.reading import read_maker_note

EXIF_START, NOTE_START = 100, 200


def tiff(note: bytes, order: str = "<") -> bytes:
    """EXIF data whose only content is a maker note, which starts at NOTE_START."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    first = struct.pack(order + "HHHIII", 1, 0x8769, 4, 1, EXIF_START, 0)
    exif = struct.pack(order + "HHHIII", 1, 0x927C, 7, len(note), NOTE_START, 0)
    return (head + first).ljust(EXIF_START, b"\0") + exif.ljust(NOTE_START - EXIF_START, b"\0") + note


def canon_note(mode: int, value: int, divisor: int = 10, order: str = "<") -> bytes:
    """A table with 0x4013, whose 11 words follow it; offsets count from the start of the EXIF data."""
    words = struct.pack(order + "11i", 44, mode, value, divisor, 0, value, divisor, value, divisor, 0, 0)
    return struct.pack(order + "HHHIII", 1, 0x4013, 9, 11, NOTE_START + 18, 0) + words


def nikon_note(mode: int, value: int, at_long_end: int = 0, order: str = ">") -> bytes:
    """A TIFF file within the note, in its own byte order, with 0x00b9."""
    table = struct.pack(order + "HHHI", 1, 0x00B9, 7, 4) + struct.pack("BBbb", mode, 255, value, at_long_end)
    header = (b"MM\0*" if order == ">" else b"II*\0") + struct.pack(order + "I", 8)
    return b"Nikon\0\x02\x11\0\0" + header + table + bytes(4)


def read(note: bytes, make: str, order: str = "<", model: str = "") -> float | None:
    found = read_maker_note(io.BytesIO(tiff(note, order)), make, model)
    return None if found is None else found.af_setting


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("mode", "value", "setting"), [(1, 200, 20.0), (2, -30, -3.0), (2, 5, 0.5), (0, 200, 0.0), (3, 0, None)]
)
def test_canon(order: str, mode: int, value: int, setting: float | None) -> None:
    assert read(canon_note(mode, value, order=order), "Canon", order) == setting


# exiv2's D7000 sample holds -2, which its own readers deliver as 254; the D7200's holds +3.
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("mode", "value", "at_long_end", "setting"),
    [(1, -2, 0, -2.0), (2, 3, 0, 3.0), (0, 7, 0, 0.0), (3, 4, 4, 4.0), (3, 4, -4, None), (9, 4, 4, None)],
)
def test_nikon(order: str, mode: int, value: int, at_long_end: int, setting: float | None) -> None:
    assert read(nikon_note(mode, value, at_long_end, order), "NIKON CORPORATION") == setting


@pytest.mark.parametrize(
    ("note", "make"),
    [
        (canon_note(1, 20), "SONY"),
        (canon_note(1, 20), ""),
        (canon_note(1, 20, divisor=0), "Canon"),
        (canon_note(1, 20_000), "Canon"),
        (canon_note(1, 20)[:30], "Canon"),
        (b"", "Canon"),
        (b"Nikon\0\x02\x11\0\0XX\0*" + bytes(40), "NIKON"),
        (bytes(100), "NIKON"),
    ],
)
def test_what_cannot_be_read_is_unknown(note: bytes, make: str) -> None:
    assert read(note, make) is None
    assert read_maker_note(io.BytesIO(b""), make, None) is None


@pytest.mark.parametrize(("note", "make"), [(canon_note(1, 20), "Canon"), (nikon_note(1, 4), "NIKON")])
def test_mutilated_notes_never_raise(note: bytes, make: str) -> None:
    rng = np.random.default_rng(3)
    whole, outcomes = tiff(note), set()
    for _ in range(1000):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole), 4):
            damaged[place] = rng.integers(256)
        found = read_maker_note(io.BytesIO(damaged), make, None)
        outcomes.add(type(found and found.af_setting))
    assert outcomes == {float, type(None)}


def test_the_suggestion_starts_from_the_setting_in_the_photo(
    take: Callable[..., VirtualShot], tmp_path: Path
) -> None:
    shot = take(8.0).save(tmp_path / "plain.jpg")
    photo = tmp_path / "photo.jpg"
    with Image.open(shot) as picture:
        tags = picture.getexif()
        tags.get_ifd(0x8769)[0x927C] = nikon_note(1, 3)
        picture.save(photo, quality="keep", exif=tags)
    plain, noted = measure(shot).suggestion, measure(photo).suggestion
    assert measure(photo).camera.af_setting == 3.0
    assert plain is not None and plain.setting is not None
    assert noted is not None
    assert noted.setting == plain.setting + 3
    assert "from +3" in noted.text
    assert "from -1" in (measure(photo, setting=-1).suggestion or noted).text
