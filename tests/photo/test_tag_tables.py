"""Tags are read from every kind of TIFF structure; what is cut off, garbled or crafted is simply not there."""

from __future__ import annotations

import io
import math
import struct
import time

import pytest
from note_bytes import LONGS, RATIONAL, SHORTS, SIGNED_LONGS, TEXT, UNDEFINED, Entry, table

from backfocus.verify.photo.tiff import TagTable, exif_data

SIGNED_RATIONAL, DOUBLE = 10, 12
ORIENTATION, X, Y = 0x0112, 0x011A, 0x011B
MAKE = 0x010F


def structure(entries: list[Entry], order: str = "<") -> bytes:
    return (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8) + table(entries, order, 8)


def tags(content: bytes) -> TagTable:
    return TagTable(io.BytesIO(content))


@pytest.mark.parametrize("order", ["<", ">"])
def test_numbers_are_read_in_either_byte_order_within_the_entry_and_outside(order: str) -> None:
    found = tags(
        structure(
            [
                (ORIENTATION, SHORTS, struct.pack(order + "H", 6)),
                (X, RATIONAL, struct.pack(order + "4I", 85, 1, 14, 10)),
                (Y, SIGNED_LONGS, struct.pack(order + "3i", -3, 10, 2**31 - 1)),
            ],
            order,
        )
    )
    assert found.values(ORIENTATION) == (6,)
    assert found.values(X) == (85.0, 1.4)
    assert found.values(Y) == found.numbers(Y, "3i") == (-3, 10, 2**31 - 1)
    assert found.numbers(Y, "i", 4) == (10,)
    assert found.numbers(Y, "2i", 8) == ()


def test_fraction_over_zero_is_no_number() -> None:
    found = tags(structure([(X, RATIONAL, struct.pack("<4I", 1, 0, 3, 2))]))
    first, second = found.values(X)
    assert math.isnan(first) and second == 1.5


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"Canon\0 left over", "Canon"),
        ("Müller".encode(), "Müller"),
        ("Müller".encode("latin-1"), "Müller"),
        (b"", ""),
    ],
)
def test_text_ends_at_its_mark_and_may_be_utf_8_or_latin(content: bytes, text: str) -> None:
    found = tags(structure([(MAKE, TEXT, content)]))
    assert found.text(MAKE) == text
    assert found.values(MAKE) == ()


def test_text_is_no_number_and_a_number_no_text() -> None:
    found = tags(structure([(MAKE, SHORTS, b"\1\0"), (X, TEXT, b"85"), (Y, UNDEFINED, b"85")]))
    assert (found.text(MAKE), found.values(X), found.values(Y), found.text(Y)) == ("", (), (), "")


def test_missing_tag_is_empty_in_every_form() -> None:
    found = tags(structure([(MAKE, TEXT, b"Canon\0")]))
    assert (found.content(X), found.numbers(X, "H"), found.values(X), found.text(X)) == (b"", (), (), "")
    assert found.place_of(X) is None
    assert not found.table_in(X)


def test_first_of_two_entries_of_one_tag_counts() -> None:
    assert tags(structure([(MAKE, TEXT, b"one\0"), (MAKE, TEXT, b"two\0")])).text(MAKE) == "one"


def test_structure_cut_off_anywhere_tells_what_is_whole_and_never_raises() -> None:
    whole = structure([(ORIENTATION, SHORTS, b"\6\0"), (X, RATIONAL, struct.pack("<2I", 85, 1))])
    found = [(tags(whole[:end]).values(ORIENTATION), tags(whole[:end]).values(X)) for end in range(len(whole) + 1)]
    assert found[0] == ((), ())
    assert found[-1] == ((6,), (85.0,))
    assert ((6,), ()) in found


@pytest.mark.parametrize(
    "content", [b"", b"II", b"Wrong bytes", b"II*\0\xff\xff\xff\xff", b"II+\0\x08\0\0\0" + bytes(90)]
)
def test_what_is_no_structure_has_no_tags(content: bytes) -> None:
    data = exif_data(io.BytesIO(content))
    assert not data.first and not data.exif
    assert data.note_start is None


def test_unknown_type_of_tag_is_not_read() -> None:
    row = struct.pack("<HHHII", 1, MAKE, 99, 1, 5)
    assert tags(b"II*\0\x08\0\0\0" + row).content(MAKE) == b""


def test_tables_that_lead_into_each_other_are_read_once() -> None:
    pointers = struct.pack("<HHHIIHHII", 2, 0x8769, 4, 1, 8, 0xA005, 4, 1, 8)
    data = exif_data(io.BytesIO(b"II*\0\x08\0\0\0" + pointers))
    assert data.exif.place_of(0xA005) == data.first.place_of(0xA005) is not None


def test_content_that_claims_four_gigabytes_is_read_up_to_a_limit() -> None:
    row = struct.pack("<HHHII", 1, X, DOUBLE, 2**29, 0)
    began = time.perf_counter()
    found = tags(b"II*\0\x08\0\0\0" + row + bytes(1_000_000))
    assert len(found.content(X)) == 65_536
    assert len(found.values(X)) == 8192
    assert time.perf_counter() - began < 1.0


def test_rationals_with_a_sign_keep_it() -> None:
    assert tags(structure([(X, SIGNED_LONGS, struct.pack("<2i", -1, 2))])).values(X) == (-1, 2)
    row = struct.pack("<HHHII", 1, X, SIGNED_RATIONAL, 1, 26) + bytes(4) + struct.pack("<2i", -1, 2)
    assert tags(b"II*\0\x08\0\0\0" + row).values(X) == (-0.5,)


def test_endless_count_of_entries_is_read_up_to_a_limit() -> None:
    rows = struct.pack("<HHII", X, LONGS, 1, 7) * 65_535 + struct.pack("<HHII", Y, LONGS, 1, 7)
    found = tags(b"II*\0\x08\0\0\0" + struct.pack("<H", 65_535) + rows)
    assert found.values(X) == (7,)
    assert found.values(Y) == ()
