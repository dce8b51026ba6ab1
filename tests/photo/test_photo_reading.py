"""A photo comes in as it was taken: its own pixels, upright, in linear light. What is no photo is refused."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational

from backfocus.verify.photo.reading import Photo, UnreadablePhotoError, read_photo

ORIENTATION, INTEROPERABILITY = 0x0112, 0xA005
ROWS, COLUMNS = 60, 90


def scene() -> NDArray[np.uint8]:
    """A picture without symmetry, smooth enough for JPEG: bright top-left corner, dark bar at the left."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    picture = 60 + 90 * np.exp(-((x / 30.0) ** 2 + (y / 15.0) ** 2)) + x
    picture[:, :6] = 20
    return np.clip(picture, 0, 255).astype(np.uint8)


def as_stored(upright: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """What a camera stores for an orientation, by Pillow's own words: the inverse of what a viewer must do."""
    inverse = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = Image.fromarray(upright)
    return np.asarray(image.transpose(inverse[orientation]) if orientation in inverse else image)


def deep_scene() -> NDArray[np.uint16]:
    return scene().astype(np.uint16) * 200 + np.arange(COLUMNS, dtype=np.uint16)


def jpeg_bytes(**options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(scene()).convert("RGB").save(buffer, "JPEG", quality=95, **options)
    return buffer.getvalue()


def refusal_of(path: Path, **options: float) -> UnreadablePhotoError:
    with pytest.raises(UnreadablePhotoError) as caught:
        read_photo(path, **options)
    assert "\n" not in caught.value.message
    assert caught.value.remedy.endswith(".")
    return caught.value


def test_grey_jpeg_keeps_every_code_value(tmp_path: Path) -> None:
    path = tmp_path / "grey.jpg"
    Image.fromarray(scene()).save(path, quality=100)
    decoded = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert np.array_equal(read_photo(path).codes, decoded)


@pytest.mark.parametrize("extension", ["png", "tif"])
def test_lossless_files_keep_every_code_value(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"photo.{extension}"
    Image.fromarray(scene()).convert("RGB").save(path)
    photo = read_photo(path)
    assert photo.codes.dtype == np.uint8
    assert np.array_equal(photo.codes, scene())


@pytest.mark.parametrize("extension", ["png", "tif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_16_bits_stay_16_bits(tmp_path: Path, extension: str, channels: int) -> None:
    path = tmp_path / f"deep.{extension}"
    pixels = np.dstack([deep_scene()] * channels)
    if channels == 4:
        pixels[..., 3] = 65535
    cv2.imwrite(str(path), pixels)
    photo = read_photo(path)
    assert photo.codes.dtype == np.uint16
    assert photo.light_of_code.shape == (65536,)
    assert np.abs(photo.codes.astype(int) - deep_scene()).max() <= 1


@pytest.mark.parametrize(
    ("mode", "extension"),
    [(mode, extension) for mode in ("1", "L", "LA", "P", "RGB", "RGBA") for extension in ("png", "tif")]
    + [("CMYK", "tif")],
)
def test_every_usual_kind_of_pixel_is_read(tmp_path: Path, mode: str, extension: str) -> None:
    path = tmp_path / f"photo.{extension}"
    black_and_white = np.where(scene() > 100, 255, 0).astype(np.uint8)
    image = Image.fromarray(black_and_white).convert("RGB")
    (image.quantize(2) if mode == "P" else image.convert(mode)).save(path)
    assert np.abs(read_photo(path).codes.astype(int) - black_and_white).max() <= 1


@pytest.mark.parametrize("options", [{"progressive": True}, {"subsampling": 0}, {"keep_rgb": True}])
def test_jpeg_variants_show_the_same_picture(tmp_path: Path, options: dict[str, object]) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg_bytes(**options))
    assert np.abs(read_photo(path).codes.astype(int) - scene())[:, 16:].max() <= 8


def test_cmyk_jpeg_is_not_inverted(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    Image.fromarray(scene()).convert("CMYK").save(path, quality=95)
    assert np.abs(read_photo(path).codes.astype(int) - scene())[:, 16:].max() <= 8


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("extension", ["jpg", "png", "tif"])
def test_every_orientation_comes_out_upright(tmp_path: Path, orientation: int, extension: str) -> None:
    path = tmp_path / f"photo.{extension}"
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    Image.fromarray(as_stored(scene(), orientation)).save(path, exif=exif)
    codes = read_photo(path).codes
    assert codes.shape == (ROWS, COLUMNS)
    assert codes.flags.c_contiguous
    assert np.abs(codes.astype(int) - scene()).mean() < 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_16_bit_colour_tiff_comes_out_upright(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "deep.tif"
    stored = as_stored(scene(), orientation)
    cv2.imwrite(str(path), np.dstack([stored.astype(np.uint16) * 257] * 3), [cv2.IMWRITE_TIFF_COMPRESSION, 1])
    path.write_bytes(with_tiff_orientation(path.read_bytes(), orientation))
    codes = read_photo(path).codes
    assert codes.shape == (ROWS, COLUMNS)
    assert np.abs(codes // 257 - scene().astype(int)).max() <= 1


def with_tiff_orientation(tiff: bytes, orientation: int) -> bytes:
    """Give a little-endian TIFF an orientation tag, in a new tag table at its end."""
    (start,) = struct.unpack_from("<I", tiff, 4)
    (count,) = struct.unpack_from("<H", tiff, start)
    entries = [tiff[start + 2 + 12 * i : start + 14 + 12 * i] for i in range(count)]
    entries = [e for e in entries if struct.unpack_from("<H", e)[0] != ORIENTATION]
    entries.append(struct.pack("<HHII", ORIENTATION, 3, 1, orientation))
    entries.sort(key=lambda e: struct.unpack_from("<H", e)[0])
    table = struct.pack("<H", len(entries)) + b"".join(entries) + b"\0\0\0\0"
    return tiff[:4] + struct.pack("<I", len(tiff)) + tiff[8:] + table


def test_transparent_parts_are_shown_on_white(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    pixels = np.zeros((ROWS, COLUMNS, 4), np.uint8)
    pixels[:, : COLUMNS // 2, 3] = 255
    Image.fromarray(pixels).save(path)
    codes = read_photo(path).codes
    assert (codes[:, : COLUMNS // 2] == 0).all()
    assert (codes[:, COLUMNS // 2 :] == 255).all()


def test_light_is_linear(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(np.full((ROWS, COLUMNS), 188, np.uint8)).save(path)
    # sRGB 188 is half of the light of 255, to a part in two hundred (IEC 61966-2-1).
    assert read_photo(path).light(slice(0, 3), slice(0, 3)) == pytest.approx(np.full((3, 3), 0.5), abs=0.005)


def gamma_profile(gamma: float) -> bytes:
    """The parts of an ICC profile that hold its tone curve."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    return bytes(128) + struct.pack(">I4sII", 1, b"gTRC", 144, len(curve)) + curve


def parametric_profile(kind: int, parameters: list[float]) -> bytes:
    curve = b"para\0\0\0\0" + struct.pack(">HH", kind, 0)
    curve += b"".join(struct.pack(">i", round(value * 65536)) for value in parameters)
    return bytes(128) + struct.pack(">I4sII", 1, b"gTRC", 144, len(curve)) + curve


SRGB_AS_PARAMETERS = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]


@pytest.mark.parametrize(
    ("profile", "light_of_128"),
    [
        (ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), 0.2159),
        (gamma_profile(563 / 256), (128 / 255) ** (563 / 256)),
        (gamma_profile(1.0), 128 / 255),
        (gamma_profile(1.8), (128 / 255) ** 1.8),
        (parametric_profile(0, [2.2]), (128 / 255) ** 2.2),
        (parametric_profile(3, SRGB_AS_PARAMETERS), 0.2159),
        (b"not a profile", 0.2159),
        (gamma_profile(0.0), 0.2159),
        (parametric_profile(3, [-2.4, 0.0, 0.0, -1.0, 0.5]), 0.2159),
    ],
)
def test_tone_curve_follows_the_colour_profile(tmp_path: Path, profile: bytes, light_of_128: float) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg_bytes(icc_profile=profile))
    assert read_photo(path).light_of_code[128] == pytest.approx(light_of_128, abs=0.002)


def test_adobe_rgb_without_a_profile_is_known_by_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "_MG_0001.JPG"
    exif = Image.Exif()
    exif[0x8769] = {0x829D: IFDRational(14, 10), INTEROPERABILITY: {1: "R03"}}
    path.write_bytes(jpeg_bytes(exif=exif))
    assert read_photo(path).light_of_code[128] == pytest.approx((128 / 255) ** (563 / 256), abs=1e-4)


def test_light_covers_black_to_white(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg_bytes())
    table = read_photo(path).light_of_code
    assert (table[0], table[-1]) == (0.0, 1.0)
    assert (np.diff(table) > 0).all()


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
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"\0\0\0\x18ftypcrx ", "RAW"),
        (b"II*\0\x10\0\0\0CR\x02\0", "RAW"),
        (b"FUJIFILMCCD-RAW 0201", "RAW"),
        (b"GIF89a", "neither JPEG, PNG nor TIFF"),
        (b"RIFF\0\0\0\0WEBP", "neither JPEG, PNG nor TIFF"),
    ],
)
def test_other_formats_are_named_with_what_to_do(tmp_path: Path, start: bytes, kind: str) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(start + bytes(100))
    refused = refusal_of(path)
    assert kind in refused.message
    assert "JPEG" in refused.remedy


@pytest.mark.parametrize("tags", [{254: 1}, {50706: b"\1\4\0\0"}])
def test_thumbnail_of_a_raw_file_is_not_taken_for_the_photo(tmp_path: Path, tags: dict[int, object]) -> None:
    path = tmp_path / "DSC_0001.NEF"
    Image.fromarray(scene()).save(path, "TIFF", tiffinfo=tags)
    assert "RAW" in refusal_of(path).message


def test_bomb_is_refused_before_decoding(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(100_000, 100_000, bits=8, kind=2))
    assert "100000 x 100000 pixels is more than 200 megapixels" in refusal_of(path).message


def test_what_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    path.write_bytes(png_header(14_000, 14_000, bits=16, kind=6))
    assert "14000 x 14000 pixels of 8 bytes need too much memory" in refusal_of(path).message


def test_a_ribbon_is_no_photo(tmp_path: Path) -> None:
    path = tmp_path / "ribbon.png"
    path.write_bytes(png_header(100_000, 20, bits=8, kind=0))
    assert "no photo" in refusal_of(path).message


def png_header(width: int, height: int, bits: int, kind: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    chunks = [header, b"IDAT" + zlib.compress(bytes(10_000)), b"IEND"]
    framed = [struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


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


def test_nothing_needs_to_be_written_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg_bytes())

    def forbid() -> None:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr("tempfile.TemporaryFile", forbid)
    assert read_photo(path).codes.shape == (ROWS, COLUMNS)


def outcome(path: Path) -> type:
    try:
        return type(read_photo(path))
    except UnreadablePhotoError as refused:
        return type(refused)
