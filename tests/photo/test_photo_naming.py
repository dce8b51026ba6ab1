"""A photo's name tells RAW from pictures, and which files are of one exposure."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from backfocus.verify.photo.naming import is_photo, is_raw, no_photos, other_kinds, same_exposure


@pytest.mark.parametrize("name", ["a.CR2", "a.cr3", "a.NEF", "a.arw", "a.pef", "a.orf", "a.RW2", "a.raf", "a.dng"])
def test_raw_files_are_photos(name: str) -> None:
    assert is_raw(name) and is_photo(name)


@pytest.mark.parametrize(
    "name", ["a.jpg", "a.JPEG", "a.png", "a.TIF", "a.tiff", "a.HEIC", "a.hif", "a.avif", "a.webp", "a.MPO", "a.jxl"]
)
def test_pictures_are_photos(name: str) -> None:
    assert is_photo(name) and not is_raw(name)


@pytest.mark.parametrize("name", ["a.xmp", "a.txt", "cr2", ".dng", "Thumbs.db", "a.MOV", "desktop.ini", "a"])
def test_other_files_are_not(name: str) -> None:
    assert not is_photo(name)


def test_what_is_no_photo_is_told_by_its_kind() -> None:
    assert other_kinds(Counter({".mov": 3, ".db": 1, "": 1})) == [
        "3 videos (.mov)",
        "2 other files (no ending, .db)",
    ]
    assert other_kinds(Counter({".mp4": 1})) == ["1 video (.mp4)"]
    assert other_kinds(Counter()) == []
    assert no_photos("x/", ["3 videos (.mov)"]).startswith("x/ holds no photo, only 3 videos (.mov). Give photos")


def test_raw_and_jpeg_of_one_shot_are_one_exposure() -> None:
    paths = ["x/IMG_1.JPG", "x/IMG_2.JPG", "x/IMG_1.CR2", "y/IMG_1.JPG", "x/img_2.nef", "x/IMG_3.CR2"]
    assert same_exposure(paths) == [
        (Path("x/IMG_1.CR2"), Path("x/IMG_1.JPG")),
        (Path("x/img_2.nef"), Path("x/IMG_2.JPG")),
        (Path("y/IMG_1.JPG"),),
        (Path("x/IMG_3.CR2"),),
    ]


def test_pictures_of_one_name_without_a_raw_file_count_each() -> None:
    assert same_exposure(["1.jpg", "1.tif", "2.jpg"]) == [(Path("1.jpg"),), (Path("1.tif"),), (Path("2.jpg"),)]
    assert same_exposure([]) == []
