"""Which body, which lens, and how wide it opens, is read from makers' notes where EXIF's own tags do not tell."""

from __future__ import annotations

import io
import struct

import pytest
from note_bytes import (
    LONGS,
    RATIONAL,
    SHORTS,
    SIGNED_SHORTS,
    TEXT,
    UNDEFINED,
    Entry,
    canon_note,
    converted_dng,
    enciphered,
    nikon_note,
    olympus_note,
    pentax_note,
    sony_note,
    table,
    tiff,
    words,
)

from backfocus.verify.photo.makernotes import read_maker_note
from backfocus.verify.photo.metadata import CameraInfo, read_metadata
from backfocus.verify.photo.nikon import decrypted
from backfocus.verify.photo.note import MakerNote, described, lens_name, serial
from backfocus.verify.photo.tiff import exif_data

NIKON, RICOH, OLYMPUS = "NIKON CORPORATION", "RICOH IMAGING COMPANY, LTD.", "OLYMPUS CORPORATION"
LIVE = "contrast/live view"


def read(note: bytes, make: str, model: str = "", order: str = "<") -> MakerNote:
    found = read_maker_note(exif_data(io.BytesIO(tiff(note, order))), make, model)
    assert found is not None
    return found


def canon(settings: dict[int, int], *others: Entry, model: str = "Canon EOS 5D Mark III") -> MakerNote:
    return read(canon_note(1, 0, others=((0x0001, SHORTS, words(settings, 60, "<")), *others)), "Canon", model)


@pytest.mark.parametrize(
    ("stops", "widest"), [(0x60, 2.828), (0x20, 1.414), (0x2C, 1.587), (0x34, 1.782), (0xE0, 11.31), (0, None)]
)
def test_canon_widest_aperture(stops: int, widest: float | None) -> None:
    # As in exiv2's samples: 0x34 of a Sigma 18-35/1.8, 0xe0 of a 100-400 behind a doubler.
    found = canon({26: stops}).widest_f_number
    assert found is None if widest is None else found == pytest.approx(widest, rel=1e-3)


def test_canon_lens_and_serial_numbers() -> None:
    found = canon(
        {22: 368, 23: 35, 24: 35, 25: 1, 26: 0x20},
        (0x000C, LONGS, struct.pack("<I", 420_300_123)),
        (0x0095, TEXT, b"35mm F1.4 DG HSM | Art 012\0"),
        (0x4019, UNDEFINED, b"\x02\x30\0\x11\x22" + bytes(25)),
    )
    assert (found.lens, found.lens_id) == ("35mm F1.4 DG HSM | Art 012", "368")
    assert (found.body_serial, found.lens_serial) == ("0420300123", "0230001122")


def test_canon_lens_without_a_name_is_called_by_its_numbers() -> None:
    assert canon({22: 150, 23: 35, 24: 18, 25: 1, 26: 0x34}).lens == "18-35mm"
    assert canon({22: 155, 23: 85, 24: 85, 25: 1, 26: 0x34}).lens == "85mm f/1.8"
    assert canon({}, (0x000C, LONGS, bytes(4)), (0x4019, UNDEFINED, bytes(30))) == MakerNote(0.0, True)


def test_all_rf_lenses_have_one_number_and_another_beside_it() -> None:
    which = (0x0093, SHORTS, words({61: 266}, 70, "<"))
    assert canon({22: 61_182 - 65_536}, which).lens_id == "61182 266"


def nikon(
    version: bytes, told: bytes, widest: int, place: int, kind: int, numbers: tuple[int, ...], model: str = "D850"
) -> MakerNote:
    """`told` are the seven bytes of the lens's chip; `widest` stands behind them, at `place` in the block."""
    data = bytearray(80)
    start = place - 7
    data[start : start + 7], data[place] = told, widest
    plain = bytes(data[4:])
    block = version + (plain if version == b"0101" else decrypted(plain, 3_001_234, 56_789))
    others = (
        (0x001D, TEXT, b"3001234\0"),
        (0x0083, UNDEFINED, bytes([kind])),
        (0x0084, RATIONAL, struct.pack(">8I", *(part for number in numbers for part in (number, 10)))),
        (0x0098, UNDEFINED, block),
        (0x00A7, LONGS, struct.pack(">I", 56_789)),
    )
    return read(nikon_note(0, 0, others=others), NIKON, f"NIKON {model}")


@pytest.mark.parametrize(
    ("version", "place"), [(b"0101", 0x12), (b"0201", 0x12), (b"0203", 0x12), (b"0204", 0x13), (b"0801", 0x14)]
)
def test_nikon_lens_by_its_chip(version: bytes, place: int) -> None:
    # As in exiv2's sample of a D850 with a Sigma 85/1.4 Art.
    found = nikon(version, bytes.fromhex("c85462620c0c4b"), 12, place, 0x46, (850, 850, 14, 14))
    assert (found.lens, found.lens_id) == ("Sigma 85mm f/1.4 E", "C8 54 62 62 0C 0C 4B 46")
    assert found.widest_f_number == pytest.approx(1.414, rel=1e-3)
    assert found.body_serial == "3001234"


def test_nikon_lens_of_a_maker_that_its_chip_does_not_tell() -> None:
    found = nikon(b"0204", bytes.fromhex("9e402d6a2c3ca0"), 44, 0x13, 0x0E, (180, 1050, 35, 56))
    assert (found.lens, found.lens_id) == ("18-105mm f/3.5-5.6 G VR", "9E 40 2D 6A 2C 3C A0 0E")
    assert found.widest_f_number == pytest.approx(3.564, rel=1e-3)
    assert nikon(b"0204", bytes(7), 0, 0x13, 0, (0, 0, 0, 0)).lens is None


def test_lens_for_the_z_mount() -> None:
    data = bytearray(80)
    data[0x30:0x32], data[0x36:0x38] = struct.pack("<H", 38), struct.pack("<H", 480)
    others = (
        (0x001D, TEXT, b"3001234\0"),
        (0x0098, UNDEFINED, b"0802" + decrypted(bytes(data[4:]), 3_001_234, 56_789)),
        (0x00A7, LONGS, struct.pack(">I", 56_789)),
    )
    found = read(nikon_note(0, 0, others=others), NIKON, "NIKON Z 9")
    assert (found.lens_id, found.widest_f_number) == ("Z 38", pytest.approx(1.189, rel=1e-3))


@pytest.mark.parametrize(("model", "method"), [("NIKON D780", LIVE), ("NIKON Z 6", None)])
def test_hybrid_autofocus_is_live_view_on_bodies_with_a_mirror(model: str, method: str | None) -> None:
    hybrid = (0x00B7, UNDEFINED, b"0300\2" + bytes(60))
    assert read(nikon_note(1, 0, others=(hybrid,)), NIKON, model).af_method == method


def pentax(true_order: str, stated: bytes, size: int = 128) -> MakerNote:
    """A note in one byte order whose header states one, as programs leave it that save a photo in another order."""
    data = bytearray(size)
    data[15 + 14] = 49 | 0x80
    entries: list[Entry] = [
        (0x000D, SHORTS, struct.pack(true_order + "H", 18)),
        (0x003F, UNDEFINED, bytes((8, 196, 0, 0))),
        (0x0072, SIGNED_SHORTS, struct.pack(true_order + "h", -7)),
        (0x0207, UNDEFINED, bytes(data)),
        (0x0229, TEXT, b"6385520\0"),
    ]
    note = b"AOC\0" + stated + table(entries, true_order, 206)
    return read(note, RICOH, "PENTAX K-70", ">")


@pytest.mark.parametrize("true_order", ["<", ">"])
@pytest.mark.parametrize("stated", [b"MM", b"II", b"  "])
def test_pentax_note_whose_header_states_a_false_byte_order(true_order: str, stated: bytes) -> None:
    found = pentax(true_order, stated)
    assert (found.af_setting, found.af_method) == (-7.0, "phase")
    assert (found.lens_id, found.body_serial) == ("8 196", "6385520")
    assert found.widest_f_number == pytest.approx(2.828, rel=1e-3)


def test_pentax_body_that_leaves_its_number_blank_has_another() -> None:
    info = (0x0215, LONGS, struct.pack(">5I", 77_970, 2012_06_01, 1, 1, 7_045_420))
    note = b"AOC\0MM" + table([info, (0x0229, TEXT, b"       \0")], ">", 206)
    assert read(note, RICOH, "PENTAX K-5", ">").body_serial == "7045420"


def sony(spec: str, model: str = "SLT-A99V", lens: int = 48) -> MakerNote:
    other = bytearray(0x100)
    other[0xF0:0xF5] = bytes.fromhex("5600ff01a6")
    entries: list[Entry] = [
        (0x9050, UNDEFINED, enciphered(bytes(other))),
        (0xB027, LONGS, struct.pack("<I", lens)),
        (0xB02A, UNDEFINED, bytes.fromhex(spec)),
    ]
    return read(sony_note(entries), "SONY", model)


@pytest.mark.parametrize(
    ("spec", "name", "widest"),
    [
        ("0800850085140002", "85mm f/1.4", 1.4),
        ("0800240070280005", "24-70mm f/2.8", 2.8),
        ("0000700300455603", "70-300mm f/4.5-5.6", None),
        ("0000000000000000", None, None),
        ("ffffffffffffffff", None, None),
    ],
)
def test_sony_lens(spec: str, name: str | None, widest: float | None) -> None:
    found = sony(spec)
    assert (found.lens, found.lens_id, found.widest_f_number) == (name, "48", widest)
    assert found.body_serial == "5600ff01a6"


def test_all_sony_lenses_for_the_e_mount_have_one_number() -> None:
    assert sony("0800850085140002", "ILCE-7M3", 65_535).lens_id is None


def olympus(on: int, values: tuple[int, int, int], ways: int, header: bytes, model: str) -> MakerNote:
    order = ">" if b"MM" in header else "<"
    equipment: list[Entry] = [
        (0x0101, TEXT, b"BHP242330\0"),
        (0x0201, UNDEFINED, bytes((0, 0, 0x29, 0x10, 0, 0))),
        (0x0202, TEXT, b"AC1230045\0"),
        (0x0203, TEXT, b"OLYMPUS M.17mm F1.2\0"),
        (0x020A, SHORTS, struct.pack(order + "H", 183)),
    ]
    settings: list[Entry] = [
        (0x0301, SHORTS, struct.pack(order + "2H", 0, ways)),
        (0x0306, UNDEFINED, bytes([on])),
        (0x0307, SIGNED_SHORTS, struct.pack(order + "3h", *values)),
    ]
    return read(olympus_note(equipment, settings, header=header), OLYMPUS, model)


HEADERS = [b"OLYMPUS\0II\3\0", b"OLYMPUS\0MM\3\0", b"OM SYSTEM\0\0\0II\4\0"]


@pytest.mark.parametrize("header", HEADERS)
def test_olympus(header: bytes) -> None:
    found = olympus(1, (-5, -5, -5), 1 << 6 | 1, header, "E-M1MarkII")
    assert (found.af_setting, found.af_setting_on, found.af_method) == (-5.0, True, None)
    assert (found.lens, found.lens_id) == ("OLYMPUS M.17mm F1.2", "0 29 10")
    assert (found.body_serial, found.lens_serial) == ("BHP242330", "AC1230045")
    assert found.widest_f_number == pytest.approx(1.281, rel=1e-3)


@pytest.mark.parametrize(
    ("on", "values", "in_force", "is_on"),
    [
        (0, (4, 4, 4), 0.0, False),
        (1, (4, 0, -4), None, None),
        (1, (0, 0, 0), 0.0, True),
        (7, (4, 4, 4), None, None),
    ],
)
def test_olympus_setting(on: int, values: tuple[int, int, int], in_force: float | None, is_on: bool | None) -> None:
    found = olympus(on, values, 0, HEADERS[0], "E-5")
    assert (found.af_setting, found.af_setting_on) == (in_force, is_on)


@pytest.mark.parametrize(
    ("ways", "method"), [(1 << 8 | 1, "phase"), (1 << 6 | 1, LIVE), (1 << 8 | 1 << 4, None), (0, None)]
)
def test_olympus_dslr_tells_the_finder_from_live_view(ways: int, method: str | None) -> None:
    assert olympus(0, (0, 0, 0), ways, HEADERS[0], "E-620").af_method == method


@pytest.mark.parametrize(
    ("note", "make", "order"),
    [
        (nikon_note(1, -3), NIKON, "<"),
        (canon_note(1, -30), "Canon", "<"),
        (pentax_note(-3, header=b"PENTAX \0MM"), RICOH, ">"),
    ],
    ids=["Nikon", "Canon", "Pentax"],
)
def test_note_that_a_converter_has_moved_into_a_dng(note: bytes, make: str, order: str) -> None:
    found = read_maker_note(exif_data(io.BytesIO(converted_dng(note, order))), make, "")
    assert found is not None and found.af_setting == -3.0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("EF85mm f/1.8 USM", "EF85mm f/1.8 USM"),
        ("XF", None),
        ("Helios", "Helios"),
        ("----", None),
        ("n/a", None),
        ("0.0 mm f/0.0", None),
        ("DT 0mm F0 SAM", None),
        ("", None),
        ("18-35mm\x1b[2J", "18-35mm[2J"),
    ],
)
def test_what_cameras_write_where_they_know_no_lens_is_no_name(text: str, name: str | None) -> None:
    assert lens_name(text) == name


def test_numbers_of_nothing() -> None:
    assert (serial("0000000000"), serial("   "), serial(" 012 \0x")) == (None, None, "012")
    assert described(0, 0, 1.4, 1.4) is None
    assert described(float("nan"), 70, 1.4, 1.4) is None
    assert described(50, 50, float("nan"), 0) == "50mm"


def camera(own: list[Entry], note: bytes = b"") -> CameraInfo:
    """What is known of a photo with these tags of EXIF's own and a note of Canon's."""
    exif = b"II*\0\x08\0\0\0"
    head = table([(0x010F, TEXT, b"Canon\0"), (0x8769, LONGS, struct.pack("<I", 60))], "<", 8)
    data = (exif + head).ljust(60, b"\0")
    entries = [*own, *([(0x927C, UNDEFINED, note)] if note else [])]
    return read_metadata(io.BytesIO(data + table(entries, "<", 60)), (6000, 4000)).camera


def test_exif_tells_lens_and_numbers_where_there_is_no_note() -> None:
    spec = struct.pack("<8I", 18, 1, 105, 1, 35, 10, 56, 10)
    found = camera([(0xA431, TEXT, b"093022004357\0"), (0xA432, RATIONAL, spec), (0xA435, TEXT, b"0000000000\0")])
    assert (found.lens, found.body_serial, found.lens_serial) == ("18-105mm f/3.5-5.6", "093022004357", None)
    assert camera([(0xA432, RATIONAL, spec), (0xA434, TEXT, b"----\0")]).lens == "18-105mm f/3.5-5.6"


@pytest.mark.parametrize(
    ("shot_at", "widest"),
    [(14, 1.414), (56, 1.414), (13, 1.414), (10, 1.0)],
    ids=["open", "stopped", "near", "wider"],
)
def test_the_note_is_believed_but_not_against_a_shot_that_was_wider_open(shot_at: int, widest: float) -> None:
    place = 60 + 2 + 3 * 12 + 4 + 16
    settings = words({26: 0x20}, 60, "<")
    note = table([(0x0001, SHORTS, settings)], "<", place)
    apex = (0x9205, RATIONAL, struct.pack("<2I", 30, 10))
    found = camera([(0x829D, RATIONAL, struct.pack("<2I", shot_at, 10)), apex], note)
    assert found.widest_f_number == pytest.approx(widest, rel=1e-3)
