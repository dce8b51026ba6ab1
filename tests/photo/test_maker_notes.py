"""The AF fine-tune setting that was in force is read from five makers' notes, or not at all."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from note_bytes import (
    SHORTS,
    SIGNED_SHORTS,
    TEXT,
    UNDEFINED,
    canon_adjustment,
    canon_note,
    enciphered,
    nikon_note,
    olympus_note,
    pentax_note,
    sony_af_block,
    sony_note,
    table,
    tiff,
    words,
)
from PIL import Image

from backfocus.verify import measure
from backfocus.verify.photo.makernotes import read_maker_note
from backfocus.verify.photo.note import MakerNote
from backfocus.verify.photo.tiff import exif_data
from backfocus.verify.simulate import VirtualShot

K_1, A77, A99, A77_II, A900 = "PENTAX K-1", "SLT-A77V", "SLT-A99V", "ILCA-77M2", "DSLR-A900"
NIKON = "NIKON CORPORATION"
OLYMPUS_NOTE = olympus_note(
    [(0x0203, TEXT, b"OLYMPUS 50mm F2.0 Macro\0")],
    [(0x0306, UNDEFINED, b"\1"), (0x0307, SIGNED_SHORTS, struct.pack("<3h", 4, 4, 4))],
)


def read(note: bytes, make: str, order: str = "<", model: str = "") -> MakerNote | None:
    return read_maker_note(exif_data(io.BytesIO(tiff(note, order))), make, model)


def setting(note: bytes, make: str, order: str = "<", model: str = "") -> float | None:
    found = read(note, make, order, model)
    return None if found is None else found.af_setting


def ends(found: MakerNote | None) -> tuple[float | None, float | None, bool | None]:
    assert found is not None
    return found.af_setting_wide, found.af_setting_tele, found.af_setting_on


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("mode", "value", "in_force"), [(1, 200, 20.0), (2, -30, -3.0), (2, 5, 0.5), (0, 200, 0.0), (3, 0, None)]
)
def test_canon(order: str, mode: int, value: int, in_force: float | None) -> None:
    assert setting(canon_note(mode, value, order=order), "Canon", order) == in_force


@pytest.mark.parametrize("order", ["<", ">"])
def test_canon_has_a_wide_and_a_tele_value_for_a_zoom(order: str) -> None:
    # As in exiv2's sample of a 70D with a Sigma 18-35, but with different values.
    found = read(canon_note(2, -40, wide=-70, tele=20, order=order), "Canon", order)
    assert found is not None and found.af_setting == -4.0
    assert ends(found) == (-7.0, 2.0, True)


def test_what_canon_keeps_while_the_function_is_off_is_not_in_force() -> None:
    # As in exiv2's sample of a 6D: off, with +1 and +3 on record.
    found = read(canon_note(0, 0, wide=10, tele=30), "Canon")
    assert found is not None and found.af_setting == 0.0
    assert ends(found) == (None, None, False)


def test_canon_has_one_value_for_a_prime() -> None:
    focal_lengths = (0x0001, SHORTS, words({23: 85, 24: 85}, 30, "<"))
    found = read(canon_note(2, 40, wide=40, tele=0, others=(focal_lengths,)), "Canon")
    assert ends(found) == (None, None, True)


def test_canon_block_that_dpp_has_cut_off_still_tells_the_setting() -> None:
    tag, kind, block = canon_adjustment(2, -50, 10, -50, -50, "<")
    found = read(table([(tag, kind, block[:20])], "<", 200), "Canon")
    assert found is not None and found.af_setting == -5.0
    assert ends(found) == (None, None, True)


# exiv2's D7000 sample holds -2, which its own readers deliver as 254; the D7200's holds +3.
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("mode", "value", "at_long_end", "in_force"),
    [(1, -2, 0, -2.0), (2, 3, 0, 3.0), (0, 7, 0, 0.0), (3, 4, 4, 4.0), (3, 4, -4, None), (9, 4, 4, None)],
)
def test_nikon(order: str, mode: int, value: int, at_long_end: int, in_force: float | None) -> None:
    assert setting(nikon_note(mode, value, at_long_end, order=order), NIKON) == in_force


@pytest.mark.parametrize(
    ("mode", "wide_tele_on"), [(3, (-6.0, 11.0, True)), (1, (None, None, True)), (0, (None, None, False))]
)
def test_nikon_has_a_wide_and_a_tele_value_for_a_zoom(
    mode: int, wide_tele_on: tuple[float | None, float | None, bool]
) -> None:
    assert ends(read(nikon_note(mode, -6, 11), NIKON)) == wide_tele_on


@pytest.mark.parametrize(
    ("header", "order"),
    [
        (b"AOC\0MM", ">"),
        (b"AOC\0II", "<"),
        (b"AOC\0  ", ">"),
        (b"AOC\0\0\0", "<"),
        (b"PENTAX \0MM", ">"),
        (b"PENTAX \0II", "<"),
        (b"RICOH\0II", "<"),
    ],
)
@pytest.mark.parametrize("value", [-10, -1, 0, 7])
def test_pentax(header: bytes, order: str, value: int) -> None:
    note = pentax_note(value, header=header, order=order, focus_mode=16)
    assert setting(note, "RICOH IMAGING COMPANY, LTD.", ">", K_1) == value
    assert setting(note, "PENTAX", "<", "PENTAX K-5") == value


def test_pentax_note_in_its_own_dng_files_is_found() -> None:
    note = pentax_note(-4, header=b"PENTAX \0MM")
    private = (0xC634, UNDEFINED, note)
    exif = b"MM\0*\0\0\0\x08" + table([private], ">", 8)
    found = read_maker_note(exif_data(io.BytesIO(exif)), "PENTAX", "PENTAX K-7")
    assert found is not None and found.af_setting == -4.0


def sony_block(model: str, steps: int, start: bytes | None = None) -> bytes:
    starts = {A77: b"\2\1\2\0", A99: b"\0\1\2\0", A77_II: b"\1\1\3\0"}
    block = sony_af_block(starts[model] if start is None else start)
    place = 0x50 if model == A77_II else 0x17D
    block[place : place + 1] = struct.pack("b", steps)
    return sony_note([(0x940E, UNDEFINED, enciphered(bytes(block)))])


@pytest.mark.parametrize("model", [A77, A99, A77_II])
@pytest.mark.parametrize("steps", [-20, -3, 0, 4, 20])
def test_sony_with_an_enciphered_block(model: str, steps: int) -> None:
    assert setting(sony_block(model, steps), "SONY", model=model) == steps


def test_sony_byte_values_are_those_of_the_cipher() -> None:
    # c = b³ mod 249: 2 is written as 8, 5 as 125, 20 as 32, -3 (253) as it is.
    block = bytearray(enciphered(bytes(sony_af_block(b"\2\1\2\0"))))
    assert block[:4] == b"\x08\x01\x08\x00"
    for code, steps in ((8, 2), (125, 5), (32, 20), (253, -3)):
        block[0x17D] = code
        assert setting(sony_note([(0x940E, UNDEFINED, bytes(block))]), "SONY", model=A77) == steps


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("header", [b"SONY DSC \0\0\0", b""])
@pytest.mark.parametrize(
    ("stored", "mode", "in_force", "on"), [(24, 0x83, 4.0, True), (13, 0x80, -7.0, True), (24, 0x03, 0.0, False)]
)
def test_sony_dslr(order: str, header: bytes, stored: int, mode: int, in_force: float, on: bool) -> None:
    info = bytearray(5506)
    info[0x130:0x132] = stored, mode
    note = sony_note([(0x0010, UNDEFINED, bytes(info))], header=header, order=order)
    found = read(note, "SONY", order, A900)
    assert found is not None
    assert (found.af_setting, found.af_setting_on) == (in_force, on)


@pytest.mark.parametrize(
    ("note", "model"),
    [
        (sony_block(A77, 4), "SLT-A57"),
        (sony_block(A77, 4), "ILCE-7M3"),
        (sony_block(A77, 4), A77_II),
        (sony_block(A77, 4, start=b"\0\0\0\0"), A77),
        (sony_block(A77, 4, start=b"\7\7\7\7"), A77),
        (sony_block(A77, 77), A77),
        (sony_block(A77_II, 4)[:100], A77_II),
        (sony_note([(0x0010, UNDEFINED, bytes(200))]), A900),
    ],
)
def test_sony_without_the_setting_or_garbled_is_unknown(note: bytes, model: str) -> None:
    assert setting(note, "SONY", model=model) is None


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
        (nikon_note(1, 90), "NIKON"),
        (bytes(100), "PENTAX"),
        (pentax_note(300), "PENTAX"),
        (pentax_note(None, focus_mode=16), "PENTAX"),
    ],
)
def test_what_cannot_be_read_is_unknown(note: bytes, make: str) -> None:
    assert setting(note, make) is None
    assert read_maker_note(exif_data(io.BytesIO(b"")), make, None) is None


@pytest.mark.parametrize(
    ("note", "make", "model"),
    [
        (canon_note(1, 20), "Canon", ""),
        (nikon_note(1, 4), "NIKON", ""),
        (pentax_note(4, focus_mode=16, af_point=6), "PENTAX", K_1),
        (sony_block(A77, 4), "SONY", A77),
        (OLYMPUS_NOTE, "OLYMPUS CORPORATION", "E-5"),
    ],
)
def test_mutilated_notes_never_raise(note: bytes, make: str, model: str) -> None:
    rng = np.random.default_rng(3)
    whole, outcomes = tiff(note), set()
    for _ in range(500):
        damaged = bytearray(whole)
        for place in rng.integers(0, min(len(whole), 260), 4):
            damaged[place] = rng.integers(256)
        found = read_maker_note(exif_data(io.BytesIO(damaged)), make, model)
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
