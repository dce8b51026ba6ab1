"""Pictures that a program has put together say so in their metadata."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from backfocus.verify.photo.metadata import read_metadata

EXIF_TABLE = 0x8769


def codes(tags: dict[int, object], exif: dict[int, object], xmp: bytes = b"") -> list[str]:
    block = Image.Exif()
    for tag, value in tags.items():
        block[tag] = value
    block.get_ifd(EXIF_TABLE).update(exif)
    data = block.tobytes().removeprefix(b"Exif\0\0")
    return [finding.code for finding in read_metadata(io.BytesIO(data), (6000, 4000), xmp=xmp).findings]


@pytest.mark.parametrize("value", [2, 3])
def test_a_composite_image(value: int) -> None:
    assert codes({}, {0xA460: value}) == ["picture-composite"]


@pytest.mark.parametrize(
    ("tags", "exif"),
    [
        ({}, {0xA460: 0}),
        ({}, {0xA460: 1}),
        ({0x010F: "Canon"}, {0xA401: 8}),
        ({0x010F: "Apple"}, {0xA401: 4}),
        ({}, {0xA406: 2}),
    ],
    ids=["unknown", "no composite", "rendered otherwise", "original", "portrait programme"],
)
def test_plain_pictures(tags: dict[int, object], exif: dict[int, object]) -> None:
    assert codes(tags, exif) == []


@pytest.mark.parametrize("value", [7, 8])
def test_portrait_mode_of_apple(value: int) -> None:
    assert codes({0x010F: "Apple"}, {0xA401: value, 0xA460: 2}) == ["blur-by-program"]


@pytest.mark.parametrize("value", [2, 3])
def test_hdr_of_apple(value: int) -> None:
    assert codes({0x010F: "Apple"}, {0xA401: value}) == ["picture-composite"]


@pytest.mark.parametrize("program", ["Helicon Focus 8.2", "Zerene Stacker T2023"])
def test_stacking_programs(program: str) -> None:
    assert codes({0x0131: program}, {}) == ["blur-by-program"]


def test_portrait_mode_of_google() -> None:
    assert codes({}, {}, b"specialtype.SpecialType-PORTRAIT") == ["blur-by-program"]
    assert codes({}, {}, b'GDepth:Format="RangeInverse"') == []
