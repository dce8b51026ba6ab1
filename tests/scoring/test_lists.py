"""Lists that people write are read whatever program saved them, and every line finds its photos or says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from backfocus.targets.errors import ListError
from backfocus.verify.lists import PhotoNames, read_list, read_table

NAMES = [("id", "name"), ("K7Q2XZ9", "Zoë"), ("AAAAAA1", "Müller, Jörg")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_list_is_read_whatever_saved_it(
    tmp_path: Path, encoding: str, separator: str, told: bool, line_end: str
) -> None:
    lines = [f"sep={separator}"] if told else []
    lines += [separator.join(f'"{cell}"' for cell in cells) for cells in NAMES]
    (tmp_path / "names.csv").write_text(line_end.join(lines) + line_end, encoding=encoding, newline="")
    found = read_list(tmp_path / "names.csv")
    assert [line.cells for line in found] == NAMES
    assert [line.number for line in found] == ([2, 3, 4] if told else [1, 2, 3])


def test_a_separator_that_is_told_counts_more_than_what_the_head_has(tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text("sep=|\nid|name, title\nK7Q2XZ9|Ada, Countess\n")
    assert read_list(tmp_path / "names.csv")[1].cells == ("K7Q2XZ9", "Ada, Countess")


def test_columns_are_found_whatever_their_case_and_order(tmp_path: Path) -> None:
    (tmp_path / "shots.csv").write_text("Note,SETTING, Photo\nx,+5,a.jpg\n,,\n,-5\n")
    assert read_table(tmp_path / "shots.csv", "photo", one_of=("setting", "approach")) == [
        (2, {"photo": "a.jpg", "setting": "+5", "approach": ""}),
        (4, {"photo": "", "setting": "-5", "approach": ""}),
    ]


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0\x00\x10JFIF", b"\xff\xfea", b"\x89PNG\r\n\x1a\n\x00"])
def test_what_is_no_text_is_told_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "names.csv").write_bytes(content)
    with pytest.raises(ListError, match=r"names\.csv is no text"):
        read_list(tmp_path / "names.csv")


PHOTOS = [Path("near/IMG_1.JPG"), Path("far/IMG_1.JPG"), Path("far/img_2.jpg"), Path("far/IMG_2.NEF")]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("near/IMG_1.JPG", PHOTOS[:1]),
        (r"C:\photos\Near\img_1.jpg", PHOTOS[:1]),
        ("IMG_1.JPG", PHOTOS[:2]),
        ("img_1.jpg", PHOTOS[:2]),
        ("Img_1", PHOTOS[:2]),
        ("far/img_1", PHOTOS[1:2]),
        ("IMG_2.JPG", PHOTOS[2:3]),
        ("img_2", PHOTOS[2:]),
        ("elsewhere/IMG_2.NEF", PHOTOS[3:]),
    ],
)
def test_a_photo_is_found_by_path_or_name_in_any_case_without_ending(said: str, meant: list[Path]) -> None:
    assert PhotoNames(PHOTOS).find(said) == meant


def test_an_umlaut_is_one_letter_however_it_is_written() -> None:
    assert PhotoNames([Path("Mu\u0308ller.jpg")]).find("M\u00fcller.jpg") == [Path("Mu\u0308ller.jpg")]


@pytest.mark.parametrize(
    ("said", "nearest"), [("IMG_11.JPG", "IMG_1.JPG"), ("img2.nef", "IMG_2.NEF"), ("", "the nearest")]
)
def test_what_names_no_photo_is_told_with_the_nearest(said: str, nearest: str) -> None:
    with pytest.raises(ListError, match=f"is none of the photos; .*{nearest}"):
        PhotoNames(PHOTOS).find(said)
    with pytest.raises(ListError, match=r"is none of the photos\.$"):
        PhotoNames([]).find(said)
