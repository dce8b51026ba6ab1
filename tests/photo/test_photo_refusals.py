"""What is no photo, or is damaged or hostile, is refused with cause and remedy; what only looks odd is not."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from small_photos import COLUMNS, ROWS, jpeg_bytes, png_bytes, scene

from backfocus.targets.errors import UnreadablePhotoError
from backfocus.verify.photo.naming import is_photo
from backfocus.verify.photo.reading import Photo, read_photo


def refusal_of(path: Path, **options: float) -> UnreadablePhotoError:
    with pytest.raises(UnreadablePhotoError) as caught:
        read_photo(path, **options)
    assert "\n" not in caught.value.message
    assert caught.value.remedy.endswith(".")
    return caught.value


def outcome(path: Path) -> type:
    try:
        return type(read_photo(path))
    except UnreadablePhotoError as refused:
        return type(refused)


@pytest.mark.parametrize("removed", [1, 2, 300, 0.5, 0.9])
def test_truncated_jpeg_is_refused(tmp_path: Path, removed: float) -> None:
    path = tmp_path / "cut.jpg"
    whole = jpeg_bytes()
    path.write_bytes(whole[: -int(removed) if removed >= 1 else int(len(whole) * (1 - removed))])
    assert "damaged or incomplete" in refusal_of(path).message


@pytest.mark.parametrize("extension", ["png", "tif"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_truncated_png_and_tiff_are_refused(tmp_path: Path, extension: str, dtype: type[np.uint8]) -> None:
    path = tmp_path / f"cut.{extension}"
    cv2.imwrite(str(path), np.dstack([scene().astype(dtype)] * 3))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "damaged or incomplete" in refusal_of(path).message


def test_a_drawing_of_a_measured_photo_is_no_photo() -> None:
    drawing = Path(__file__).resolve().parents[2] / "printed_samples" / "zfold.annotated.png"
    assert refusal_of(drawing).message == "zfold.annotated.png: this is a drawing that backfocus made of a photo."
    assert not is_photo(drawing)


def test_missing_empty_and_unreal_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "notes.jpg").write_text("Dear diary")
    assert "no such file" in refusal_of(tmp_path / "gone.jpg").message
    assert "empty" in refusal_of(tmp_path / "empty.jpg").message
    assert "no photo, whatever its name" in refusal_of(tmp_path / "notes.jpg").message
    assert "folder" in refusal_of(tmp_path).message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "not a regular file" in refusal_of(tmp_path / "pipe.jpg").message


def test_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(jpeg_bytes())

    def forbid(*_: object, **__: object) -> None:
        raise PermissionError

    # A real file without permission would be read by a test that runs as root.
    monkeypatch.setattr(Path, "open", forbid)
    assert "permission" in refusal_of(path).message


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\0\0\0\x18ftypcrx ", "RAW"),
        (b"II*\0\x10\0\0\0CR\x02\0", "RAW"),
        (b"FUJIFILMCCD-RAW 0201", "RAW"),
        (b"GIF89a", "a GIF picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL file"),
        (b"\xff\x0a", "a JPEG XL file"),
        (b"\0\0\0\x0cjP  ", "a JPEG 2000 file"),
        (b"8BPS", "a Photoshop file"),
        (b"what is it", "no photo, whatever its name: no JPEG, HEIC, AVIF, WebP, PNG, TIFF or RAW file"),
    ],
)
def test_other_formats_are_named_with_what_to_do(tmp_path: Path, start: bytes, kind: str) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(start + bytes(100))
    refused = refusal_of(path)
    assert kind in refused.message
    assert "JPEG" in refused.remedy


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\0\0\0\x14ftypqt  \0\0\2\0qt  ", "QuickTime"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "QuickTime"),
        (b"\0\0\0\x1cftypisom\0\0\2\0isommp41", "MP4"),
        (b"\0\0\0\x14ftypXAVC\0\0\0\0XAVC", "MP4"),
        (b"RIFF\0\0\0\0AVI LIST", "AVI"),
        (b"G" + bytes(187) + b"G", "AVCHD"),
        (b"\x1a\x45\xdf\xa3", "Matroska"),
    ],
)
def test_videos_are_named_as_videos(tmp_path: Path, start: bytes, kind: str) -> None:
    path = tmp_path / "IMG_1.HEIC"
    path.write_bytes(start + bytes(100))
    refused = refusal_of(path)
    assert "this is a video" in refused.message and kind in refused.message
    assert "still photo" in refused.remedy


@pytest.mark.parametrize(("compression", "named"), [(52546, "JPEG XL"), (9, "VC-5")])
def test_raw_file_that_is_compressed_in_a_way_not_read_is_named_as_that(
    tmp_path: Path, compression: int, named: str
) -> None:
    path = tmp_path / "L1000001.DNG"
    first = struct.pack("<HHHII", 2, 50706, 1, 4, 0x0701) + struct.pack("<HHII", 330, 4, 1, 38) + bytes(4)
    sensor = struct.pack("<HHHII", 1, 259, 3, 1, compression) + bytes(4)
    path.write_bytes(b"II*\0\x08\0\0\0" + first + sensor)
    refused = refusal_of(path)
    assert f"a RAW file compressed as {named}" in refused.message
    assert "Export it as TIFF" in refused.remedy


@pytest.mark.parametrize("tags", [{254: 1}, {50706: b"\1\4\0\0"}])
def test_thumbnail_of_a_raw_file_is_not_taken_for_the_photo(tmp_path: Path, tags: dict[int, object]) -> None:
    path = tmp_path / "DSC_0001.NEF"
    Image.fromarray(scene()).save(path, "TIFF", tiffinfo=tags)
    assert "RAW" in refusal_of(path).message


@pytest.mark.parametrize(
    ("width", "height", "bits", "kind", "why"),
    [
        (100_000, 100_000, 8, 2, "100000 x 100000 pixels is more than 200 megapixels"),
        (14_000, 14_000, 16, 6, "14000 x 14000 pixels of 8 bytes need too much memory"),
        (100_000, 20, 8, 0, "no photo"),
    ],
    ids=["bomb", "gigabytes", "ribbon"],
)
def test_sizes_that_no_photo_has_are_refused_before_decoding(
    tmp_path: Path, width: int, height: int, bits: int, kind: int, why: str
) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(png_bytes(width, height, bits=bits, kind=kind))
    assert why in refusal_of(path).message


def test_damage_that_decoders_hide_is_found(tmp_path: Path) -> None:
    path = tmp_path / "damaged.jpg"
    whole = jpeg_bytes()
    start = whole.index(b"\xff\xda") + 14
    rng = np.random.default_rng(7)
    found = 0
    for _ in range(40):
        lost = int(rng.integers(start, len(whole) - 300))
        path.write_bytes(whole[:lost] + whole[lost + 200 :])
        found += outcome(path) is UnreadablePhotoError
    assert found > 30


@pytest.mark.parametrize("padding", [b"\0", b"\xff\xff", bytes(16)])
def test_padding_at_the_end_is_no_damage(tmp_path: Path, padding: bytes) -> None:
    path = tmp_path / "padded.jpg"
    whole = jpeg_bytes()
    path.write_bytes(whole[:-2] + padding + whole[-2:])
    assert read_photo(path).codes.shape == (ROWS, COLUMNS)


def test_size_limit_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg_bytes())
    assert "more than 0.001 megapixels" in refusal_of(path, max_megapixels=0.001).message


def test_jpeg_of_countless_scans_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scans.jpg"
    whole = jpeg_bytes(progressive=True)
    last = whole.rindex(b"\xff\xda")
    path.write_bytes(whole[:-2] + whole[last:-2] * 200 + whole[-2:])
    assert "more than 64 scans" in refusal_of(path).message


def test_jpeg_of_countless_metadata_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "metadata.jpg"
    whole = jpeg_bytes()
    block = b"\xff\xe1" + struct.pack(">H", 65_535) + b"Exif\0\0II*\0" + bytes(65_523)
    path.write_bytes(whole[:2] + block * 100 + whole[2:])
    assert "more than 50 blocks of metadata" in refusal_of(path).message


def test_jpeg_of_countless_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "parts.jpg"
    whole = jpeg_bytes()
    path.write_bytes(whole[:2] + b"\xff\xe5\0\2" * 10_000 + whole[2:])
    assert "more than 5000 parts" in refusal_of(path).message


@pytest.mark.parametrize("progressive", [False, True])
def test_video_behind_the_picture_is_no_part_of_it(tmp_path: Path, progressive: bool) -> None:
    path = tmp_path / "motion.jpg"
    video = np.random.default_rng(2).integers(0, 256, 2_000_000, np.uint8).tobytes() + b"\xff\xda" * 500
    path.write_bytes(jpeg_bytes(progressive=progressive) + video)
    assert read_photo(path).codes.shape == (ROWS, COLUMNS)


def test_floating_point_is_refused_rather_than_guessed(tmp_path: Path) -> None:
    path = tmp_path / "float.tif"
    Image.fromarray(scene().astype(np.float32)).save(path)
    assert "cannot be read" in refusal_of(path).message


def test_file_name_cannot_command_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2Jb\nc é 写真.jpg"
    path.write_bytes(jpeg_bytes())
    assert read_photo(path).name == r"a\x1b[2Jb\nc é 写真.jpg"
    path.write_bytes(b"nothing")
    assert r"a\x1b[2Jb\nc é 写真.jpg" in refusal_of(path).message


def test_damaged_files_print_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(5)
    outcomes = set()
    for name, dtype in (
        ("deep.png", np.uint16),
        ("deep.tif", np.uint16),
        ("plain.tif", np.uint8),
        ("p.jpg", np.uint8),
    ):
        path = tmp_path / name
        cv2.imwrite(str(path), np.dstack([scene().astype(dtype)] * 3))
        whole = path.read_bytes()
        for _ in range(40):
            damaged = bytearray(whole)
            for place in rng.integers(8, len(whole), 6):
                damaged[place] = rng.integers(256)
            path.write_bytes(damaged)
            outcomes.add(outcome(path))
    assert outcomes == {Photo, UnreadablePhotoError}
    assert capfd.readouterr() == ("", "")
