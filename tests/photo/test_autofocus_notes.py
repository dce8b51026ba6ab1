"""What focused, where in the picture and how far away, is read from makers' notes where they tell."""

from __future__ import annotations

import io
import struct

import pytest
from note_bytes import (
    LONGS,
    SHORTS,
    TEXT,
    UNDEFINED,
    Entry,
    canon_note,
    enciphered,
    nikon_note,
    pentax_note,
    sony_af_block,
    sony_note,
    tiff,
    words,
)

from backfocus.verify.formats import as_json
from backfocus.verify.photo.makernotes import read_maker_note
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.photo.nikon import decrypted
from backfocus.verify.photo.note import MakerNote
from backfocus.verify.photo.tiff import exif_data

PHASE, LIVE = "phase", "contrast/live view"
LIVE_VIEW, FOCUS_MODE = 19, 7


def read(note: bytes, make: str, model: str = "", order: str = "<") -> MakerNote:
    found = read_maker_note(exif_data(io.BytesIO(tiff(note, order))), make, model)
    assert found is not None
    return found


def canon(*blocks: tuple[int, dict[int, int]]) -> MakerNote:
    others = tuple((tag, SHORTS, words(values, 60, "<")) for tag, values in blocks)
    return read(canon_note(1, 0, others=others), "Canon")


@pytest.mark.parametrize(
    ("live_view", "mode", "method"), [(0, 0, PHASE), (0, 1, PHASE), (1, 0, LIVE), (0, 3, None), (1, 6, None)]
)
def test_canon_tells_live_view_from_the_finder(live_view: int, mode: int, method: str | None) -> None:
    assert canon((0x0093, {LIVE_VIEW: live_view}), (0x0001, {FOCUS_MODE: mode})).af_method == method


@pytest.mark.parametrize(
    ("far_cm", "near_cm", "distance_m"), [(160, 140, 1.5), (0, 0, None), (-1, 500, None), (100, 200, None)]
)
def test_canon_focus_distance_is_the_middle_of_its_bracket(
    far_cm: int, near_cm: int, distance_m: float | None
) -> None:
    assert canon((0x0093, {20: far_cm, 21: near_cm})).focus_distance_m == distance_m
    assert canon((0x0004, {19: far_cm, 20: near_cm})).focus_distance_m == distance_m


def test_canon_note_without_live_view_information_tells_no_method() -> None:
    assert canon((0x0001, {FOCUS_MODE: 0})).af_method is None


def canon_points(in_focus: list[int], selected: list[int]) -> MakerNote:
    """Nine points in a row, a tenth of the picture apart; number 4 is in the middle."""
    values = {1: 2, 2: 9, 3: 9, 4: 6000, 5: 4000, 6: 6000, 7: 4000}
    values |= {8 + 2 * 9 + n: 600 * (n - 4) for n in range(9)}
    values |= {8 + 4 * 9: sum(1 << n for n in in_focus), 9 + 4 * 9: sum(1 << n for n in selected)}
    return canon((0x0026, values))


def test_canon_af_point_is_the_one_in_focus_or_else_the_one_chosen() -> None:
    assert canon_points([4], [4]).af_point == "center"
    assert canon_points([6], [6]).af_point == "x +0.20 y +0.00"
    assert canon_points([3, 4, 5], [4]).af_point == "center"
    assert canon_points([3, 4, 5], [2, 3, 4, 5]).af_point is None


def af_info(version: bytes, contrast: int, phase: int, **values: int) -> Entry:
    block = bytearray(100)
    block[:4] = version
    block[4], block[6] = contrast, phase
    for place, value in values.items():
        block[int(place[1:])] = value
    return 0x00B7, UNDEFINED, bytes(block)


@pytest.mark.parametrize(
    ("entry", "method", "point"),
    [
        (af_info(b"0100", 0, 1, p7=1), PHASE, "center"),
        (af_info(b"0100", 0, 7, p7=12), PHASE, "point 12"),
        (af_info(b"0101", 0, 7, p68=1), PHASE, "center"),
        (af_info(b"0300", 0, 8, p7=246), PHASE, "center"),
        (af_info(b"0100", 0, 0), None, None),
        (af_info(b"0300", 2, 0), LIVE, None),
        (af_info(b"9900", 1, 1), None, None),
    ],
)
def test_nikon_method_and_point(entry: Entry, method: str | None, point: str | None) -> None:
    found = read(nikon_note(1, 0, others=(entry,)), "NIKON CORPORATION", "NIKON D850")
    assert (found.af_method, found.af_point) == (method, point)


def test_nikon_live_view_area_is_told_by_its_place() -> None:
    tag, kind, block = af_info(b"0101", 1, 0)
    for x, point in ((3000, "center"), (4500, "x +0.25 y +0.00")):
        area = struct.pack(">4H", 6000, 4000, x, 2000)
        placed = block[:0x46] + area + block[0x4E:]
        found = read(nikon_note(1, 0, others=((tag, kind, placed),)), "NIKON CORPORATION")
        assert (found.af_method, found.af_point) == (LIVE, point)


def test_nikon_cipher_is_its_own_inverse_and_depends_on_both_keys() -> None:
    plain = bytes(range(40))
    code = decrypted(plain, 3_001_234, 56_789)
    assert decrypted(code, 3_001_234, 56_789) == plain
    assert len({code, decrypted(plain, 3_001_235, 56_789), decrypted(plain, 3_001_234, 56_788)}) == 3


def test_nikon_cipher_begins_as_its_tables_say() -> None:
    # Serial number 0 and count 0 take the first numbers of both tables, 0xc1 and 0xa7:
    # 0xa7 + 0xc1 * 0x60 = 0x07 (mod 256), then 0x07 + 0xc1 * 0x61 = 0x28.
    assert decrypted(bytes(2), 0, 0) == bytes((0x07, 0x28))


@pytest.mark.parametrize(
    ("version", "place", "is_encrypted"), [(b"0101", 9, False), (b"0203", 9, True), (b"0204", 10, True)]
)
def test_nikon_focus_distance(version: bytes, place: int, is_encrypted: bool) -> None:
    data = bytearray(33)
    data[place] = 87
    body = decrypted(bytes(data[4:]), 3_001_234, 56_789) if is_encrypted else bytes(data[4:])
    others = (
        (0x001D, TEXT, b"3001234\0"),
        (0x0098, UNDEFINED, version + body),
        (0x00A7, LONGS, struct.pack(">I", 56_789)),
    )
    # 0.01 m * 10^(87/40)
    assert read(nikon_note(1, 0, others=others), "NIKON").focus_distance_m == pytest.approx(1.4962, abs=1e-3)
    assert read(nikon_note(1, 0, others=others[1:2]), "NIKON").focus_distance_m == (
        None if is_encrypted else pytest.approx(1.4962, abs=1e-3)
    )


@pytest.mark.parametrize(
    ("mode", "method"), [(16, PHASE), (17, PHASE), (272, PHASE), (32, LIVE), (288, LIVE), (3, None), (0, None)]
)
def test_pentax_focus_mode(mode: int, method: str | None) -> None:
    assert read(pentax_note(0, focus_mode=mode), "PENTAX", "PENTAX K-5").af_method == method


@pytest.mark.parametrize(
    ("model", "number", "point"),
    [
        ("PENTAX K-1", 17, "center"),
        ("PENTAX K-1 Mark II", 17, "center"),
        ("PENTAX K-3 II", 14, "center"),
        ("PENTAX K-5", 6, "center"),
        ("PENTAX K-5", 0xFFFE, "center"),
        ("PENTAX K-5", 2, "point 2"),
        ("PENTAX K-3 Mark III", 14, "point 14"),
        ("PENTAX K-5", 0xFFFF, None),
    ],
)
def test_pentax_af_point(model: str, number: int, point: str | None) -> None:
    assert read(pentax_note(0, af_point=number), "PENTAX", model).af_point == point


def sony(model: str, start: bytes, values: dict[int, int], entries: tuple[Entry, ...] = ()) -> MakerNote:
    block = sony_af_block(start)
    for place, value in values.items():
        block[place] = value
    note = sony_note([(0x940E, UNDEFINED, enciphered(bytes(block))), *entries])
    return read(note, "SONY", model)


def test_sony_method_and_point() -> None:
    slt = sony("SLT-A99V", b"\0\1\2\0", {0x0B: 2, 0x07: 12})
    assert (slt.af_method, slt.af_point) == (PHASE, "center")
    ilca = sony("ILCA-77M2", b"\1\1\3\0", {0x05: 3, 0x37: 7})
    assert (ilca.af_method, ilca.af_point) == (PHASE, "sensor 7")
    by_hand = sony("SLT-A99V", b"\0\1\2\0", {0x0B: 0, 0x07: 255})
    assert (by_hand.af_method, by_hand.af_point) == (None, None)


def test_sony_e_mount_with_an_adapter_has_phase_detection_but_no_known_setting() -> None:
    location = (0x2027, SHORTS, struct.pack("<4H", 6000, 4000, 3000, 2000))
    adapted = sony("ILCE-7M2", b"\0\2\0\0", {0x50: 5, 0x17D: 5}, (location,))
    assert (adapted.af_method, adapted.af_setting, adapted.af_point) == (PHASE, None, "center")
    assert sony("ILCE-7M2", b"\1\0\0\0", {}).af_method is None


def test_every_field_stands_in_the_json_and_is_null_where_unknown() -> None:
    fields = as_json(CameraInfo())
    assert set(fields) >= {
        "af_setting",
        "af_setting_on",
        "af_setting_wide",
        "af_setting_tele",
        "focus_distance_m",
        "af_method",
        "af_point",
    }
    assert set(fields.values()) == {None}
