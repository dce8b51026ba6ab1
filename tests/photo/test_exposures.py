"""Files of one exposure are told by what is in them; two exposures are never taken for one."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base
from small_photos import scene

from backfocus.verify.photo.exposures import capture_of, exposures, same_captures

TIME = "2026:05:01 12:00:00"


def exif(
    part: str | None = "37", serial: str | None = "1234567", time: str | None = TIME, model: str = "Canon EOS R5"
) -> bytes:
    tags = Image.Exif()
    tags[Base.Make], tags[Base.Model] = "Canon", model
    inner = tags.get_ifd(IFD.Exif)
    said = {Base.DateTimeOriginal: time, Base.SubsecTimeOriginal: part, Base.BodySerialNumber: serial}
    inner.update({tag: value for tag, value in said.items() if value is not None})
    return tags.tobytes()


def photo(path: Path, block: bytes, seed: int = 0, quality: int = 95) -> Path:
    """A JPEG, HEIC or TIFF file; another seed is another exposure, another quality another export of one."""
    path.parent.mkdir(exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 8, scene().shape, np.uint8)
    picture = Image.fromarray(scene() // 2 + noise).convert("RGB")
    kind = {".jpg": "JPEG", ".heic": "HEIF"}.get(path.suffix, "TIFF")
    pillow_heif.register_heif_opener()
    buffer = io.BytesIO()
    picture.save(buffer, kind, exif=block, **({} if kind == "TIFF" else {"quality": quality}))
    path.write_bytes(buffer.getvalue())
    return path


def counts(*paths: Path) -> list[int]:
    return [len(group) for group in exposures(paths)]


def test_copies_of_a_file_are_one_exposure_whatever_their_names(tmp_path: Path) -> None:
    first = photo(tmp_path / "IMG_1.jpg", exif(part=None, serial=None, time=None))
    copies = [tmp_path / "IMG_1 (1).jpg", tmp_path / "holiday.jpg"]
    for copy in copies:
        copy.write_bytes(first.read_bytes())
    other = photo(tmp_path / "IMG_2.jpg", exif(part=None, serial=None, time=None), seed=1)
    assert exposures([copies[0], other, first, copies[1]]) == [(first, copies[1], copies[0]), (other,)]


def test_the_same_pixels_with_other_metadata_are_one_exposure(tmp_path: Path) -> None:
    one = photo(tmp_path / "IMG_1.jpg", exif())
    imported = photo(tmp_path / "2026-05-01.jpg", exif(model="Canon EOS R5 of somebody", time=None))
    assert counts(one, imported) == [2]


@pytest.mark.parametrize("serial", ["1234567", None])
def test_one_name_and_one_moment_in_two_folders_are_one_exposure(tmp_path: Path, serial: str | None) -> None:
    one = photo(tmp_path / "jpg" / "IMG_1.jpg", exif(serial=serial))
    export = photo(tmp_path / "exports" / "IMG_1.jpg", exif(serial=serial), quality=70)
    phone = photo(tmp_path / "jpg" / "IMG_1.heic", exif(serial=serial))
    assert exposures([one, export, phone]) == [(phone, one, export)]


def test_exports_under_the_name_of_a_copy_need_moment_and_camera(tmp_path: Path) -> None:
    one = photo(tmp_path / "IMG_1.jpg", exif())
    assert counts(one, photo(tmp_path / "IMG_1 (1).jpg", exif(), quality=70)) == [2]
    assert counts(one, photo(tmp_path / "IMG_1 (2).jpg", exif(serial=None), quality=70)) == [1, 1]


def test_raw_and_picture_under_two_names_need_moment_and_camera(tmp_path: Path) -> None:
    raw = photo(tmp_path / "IMG_1.nef", exif())
    assert exposures([photo(tmp_path / "export.jpg", exif()), raw]) == [(raw, tmp_path / "export.jpg")]
    assert counts(raw, photo(tmp_path / "later.jpg", exif(part="38"))) == [1, 1]
    assert counts(raw, photo(tmp_path / "unknown.jpg", exif(part=None))) == [1, 1]


@pytest.mark.parametrize("serials", [("1234567", "7654321"), (None, None), ("1234567", None)])
def test_two_cameras_fired_at_once_are_two_exposures(
    tmp_path: Path, serials: tuple[str | None, str | None]
) -> None:
    left = photo(tmp_path / "IMG_1.jpg", exif(serial=serials[0]))
    right = photo(tmp_path / "IMG_9.jpg", exif(serial=serials[1]), seed=1)
    assert counts(left, right) == [1, 1]


def test_two_cameras_that_count_alike_are_told_apart_by_serial_or_model(tmp_path: Path) -> None:
    left = photo(tmp_path / "left" / "IMG_1.jpg", exif())
    assert counts(left, photo(tmp_path / "right" / "IMG_1.jpg", exif(serial="7654321"), seed=1)) == [1, 1]
    assert counts(left, photo(tmp_path / "third" / "IMG_1.jpg", exif(model="Canon EOS R6"), seed=2)) == [1, 1]


@pytest.mark.parametrize("part", [None, "00", "37"])
def test_a_burst_is_as_many_exposures_as_it_has(tmp_path: Path, part: str | None) -> None:
    burst = [photo(tmp_path / f"IMG_{n}.jpg", exif(part=part), seed=n) for n in range(4)]
    assert counts(*burst) == [1, 1, 1, 1]


@pytest.mark.parametrize("part", [None, "00"])
def test_a_burst_that_was_numbered_anew_stays_a_burst(tmp_path: Path, part: str | None) -> None:
    burst = [photo(tmp_path / f"chart ({n}).jpg", exif(part=part), seed=n) for n in range(4)]
    burst += [photo(tmp_path / "far" / f"chart ({n}).jpg", exif(part=part), seed=9 + n) for n in range(2)]
    assert counts(*burst) == [1] * 6


def test_files_that_cannot_be_read_count_each(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_text("no photo")
    assert counts(tmp_path / "a.jpg", tmp_path / "b.jpg", tmp_path / "gone.jpg") == [1, 1, 1]
    assert exposures([]) == []


def kept(*paths: Path) -> list[int]:
    """How many of each exposure there are, by what was kept of the files under their names alone."""
    captures = [capture_of(path, path.name, whole=True) for path in paths]
    return [len(group) for group in same_captures([capture for capture in captures if capture is not None])]


def test_files_that_are_gone_are_told_by_what_was_kept_of_them(tmp_path: Path) -> None:
    one = photo(tmp_path / "IMG_1.jpg", exif())
    copy = tmp_path / "holiday.jpg"
    copy.write_bytes(one.read_bytes() + b"behind the picture")
    imported = photo(tmp_path / "2026-05-01.jpg", exif(time=None))
    export = photo(tmp_path / "IMG_1 (1).jpg", exif(), quality=70)
    other = photo(tmp_path / "IMG_2.jpg", exif(part="38"), seed=1)
    assert kept(one, imported, other, export) == [3, 1]
    assert kept(one, copy) == [1, 1]


@pytest.mark.parametrize(
    ("of_raw", "of_picture", "counted"),
    [
        ({"part": None, "serial": None, "time": None}, {"part": None, "serial": None, "time": None}, [2]),
        ({}, {"time": None}, [2]),
        ({}, {"serial": "7654321"}, [1, 1]),
        ({}, {"time": "2026:05:01 12:00:01"}, [1, 1]),
        ({}, {"model": "Canon EOS R6"}, [1, 1]),
    ],
)
def test_raw_and_picture_of_one_name_are_one_unless_they_say_otherwise(
    tmp_path: Path, of_raw: dict[str, str], of_picture: dict[str, str], counted: list[int]
) -> None:
    raw = photo(tmp_path / "IMG_1.nef", exif(**of_raw))
    assert kept(raw, photo(tmp_path / "other" / "IMG_1.jpg", exif(**of_picture), seed=1)) == counted
