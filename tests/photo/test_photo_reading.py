"""A photo comes in as it was taken: its own pixels, upright, in linear light."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational
from small_photos import COLUMNS, ROWS, jpeg_bytes, scene

from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.photo.reading import Photo, read_photo

ORIENTATION, INTEROPERABILITY = 0x0112, 0xA005


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


def test_nothing_needs_to_be_written_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg_bytes())

    def forbid() -> None:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr("tempfile.TemporaryFile", forbid)
    assert read_photo(path).codes.shape == (ROWS, COLUMNS)


@pytest.mark.parametrize(
    ("ending", "own"), [("jpg", "JpegImagePlugin"), ("png", "PngImagePlugin"), ("tif", "Tiff")]
)
def test_reading_a_picture_loads_nothing_that_other_kinds_of_files_need(
    tmp_path: Path, ending: str, own: str
) -> None:
    path = tmp_path / f"photo.{ending}"
    Image.fromarray(scene()).save(path)
    program = "import sys; from backfocus.verify.photo.reading import read_photo; read_photo(sys.argv[1])"
    program += "; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    others = {"rawpy", "lensfunpy", "PIL.PngImagePlugin", "PIL.JpegImagePlugin", "PIL.MpoImagePlugin"}
    others |= {"backfocus.verify.photo.raw", "backfocus.verify.photo.exiftool"}
    assert {name for name in loaded & others if own not in name} == set()
    assert "cv2" in loaded


def test_a_lens_that_is_focused_on_a_chart_stands_a_35th_farther_from_the_sensor_than_at_infinity() -> None:
    codes = np.zeros((4000, 6000), np.uint8)
    photo = Photo("photo", codes, np.zeros(256, np.float32), CameraInfo(focal_length_mm=70.0, sensor_width_mm=36.0))
    assert photo.exif_focal_px == pytest.approx(72.0 * 6000 / 36)
