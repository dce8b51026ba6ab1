"""What names and tables say about shots, and which files are one exposure."""

from __future__ import annotations

from pathlib import Path

import pytest

from backfocus.targets.errors import ListError, UserError
from backfocus.verify.tuning.labels import Label, label_of, label_of_name, read_labels
from backfocus.verify.tuning.shots import exposures_in


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("+5_001.jpg", Label(5.0)),
        ("-10_far_2.NEF", Label(-10.0, "far")),
        ("AF-10_near_3.jpg", Label(-10.0, "near")),
        ("afma5_001.CR2", Label(5.0)),
        ("AF_0_inf.jpg", Label(0.0, "far")),
        ("0_001.jpg", Label(0.0)),
        ("85mm_+7_near.jpg", Label(7.0, "near")),
        ("85mm +7 close.jpg", Label(7.0, "near")),
        ("\u22123_far_1.jpg", Label(-3.0, "far")),
        ("IMG_0001.jpg", Label()),
        ("DSC-0005.jpg", Label()),
        ("2026-01-05_001.jpg", Label()),
        ("100-0005.jpg", Label()),
        ("AF_85_1.4.jpg", Label()),
        ("nearly_faraway.jpg", Label()),
        ("+500_001.jpg", Label()),
    ],
)
def test_names_tell_setting_and_approach(name: str, label: Label) -> None:
    assert label_of_name(name) == label


def test_a_table_tells_them_too_and_goes_before_the_name(tmp_path: Path) -> None:
    table = tmp_path / "shots.csv"
    table.write_text("Photo,Setting,Approach\nsub/+5_001.jpg,-3,near\n+6_002.jpg,,FAR\n", encoding="utf-8-sig")
    first, second, third = (Path("photos", name) for name in ("+5_001.jpg", "+6_002.jpg", "+7_003.jpg"))
    labels = read_labels(table, [first, second, third])
    assert label_of(first, labels) == Label(-3.0, "near")
    assert label_of(second, labels) == Label(6.0, "far")
    assert label_of(third, labels) == Label(7.0)


def test_a_table_may_have_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    (tmp_path / "shots.csv").write_text("photo;setting\na.jpg;2,5\n", encoding="utf-8")
    assert read_labels(tmp_path / "shots.csv", [Path("a.jpg")]) == {Path("a.jpg"): Label(2.5)}


def test_a_line_about_no_photo_is_a_mistake_that_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "shots.csv").write_text("photo,setting\nIMG_1.JPG,0\nIMG_22.JPG,10\n", encoding="utf-8")
    with pytest.raises(ListError, match=r"line 3: IMG_22\.JPG is none of the photos; the nearest is IMG_2\.JPG"):
        read_labels(tmp_path / "shots.csv", [Path("IMG_1.JPG"), Path("IMG_2.JPG"), Path("DSC_3.JPG")])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,value\na.jpg,1\n", "first line must name the columns"),
        ("", "first line must name the columns"),
        ("photo,setting\na.jpg,ten\n", "line 2: 'ten' is no setting"),
        ("photo,setting\na.jpg,nan\n", "line 2: 'nan' is no setting"),
        ("photo,setting\na.jpg,1\nb.jpg,900\n", "line 3: '900' is no setting"),
        ("photo,approach\na.jpg,left\n", "line 2: 'left' is neither near nor far"),
    ],
)
def test_a_table_that_cannot_be_used_says_where(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "shots.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ListError, match=said):
        read_labels(tmp_path / "shots.csv", [Path("a.jpg"), Path("b.jpg")])


def test_a_table_that_is_no_text_says_so(tmp_path: Path) -> None:
    (tmp_path / "shots.csv").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF")
    with pytest.raises(ListError, match="is no text"):
        read_labels(tmp_path / "shots.csv", [])
    with pytest.raises(ListError, match=r"Cannot read gone\.csv"):
        read_labels(tmp_path / "gone.csv", [])


def test_raw_and_jpeg_of_one_exposure_count_once_with_the_raw_first(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.NEF", "b.jpg", "notes.txt", "._b.jpg"):
        (tmp_path / name).write_bytes(b"x")
    assert [tuple(path.name for path in files) for files in exposures_in([tmp_path])] == [
        ("a.NEF", "a.jpg"),
        ("b.jpg",),
    ]


def test_a_photo_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    assert len(exposures_in([tmp_path, tmp_path / "a.jpg"])) == 1


def test_a_whole_archive_is_no_series(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backfocus.verify.tuning.shots.MOST_PHOTOS", 2)
    with pytest.raises(UserError, match="3 photos are no series"):
        exposures_in([tmp_path / name for name in ("a.jpg", "b.jpg", "c.jpg")])
