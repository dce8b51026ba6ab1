"""HEIC, AVIF and WebP pictures: the same photo gives the same focus, turned once; hostile ones are refused."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.ExifTags import Base
from small_photos import COLUMNS, ROWS, scene

from backfocus.targets.errors import UnreadablePhotoError
from backfocus.verify import measure
from backfocus.verify.photo.boxes import picture_properties, transfer_of
from backfocus.verify.photo.reading import Photo, read_colours, read_photo
from backfocus.verify.photo.tone import hlg_curve, pq_curve
from backfocus.verify.simulate import Sensor, SheetPose, VirtualShot

OFFSET_MM = 5.0
QUICKLY = {"preset": "ultrafast"}
SRGB, PQ, HLG = 13, 16, 18
KINDS = ("heic", "avif", "webp")
Light = NDArray[np.float64]


@pytest.fixture(scope="module")
def shot(take: Callable[..., VirtualShot]) -> VirtualShot:
    """Of 2 MP."""
    return take(OFFSET_MM, pose=SheetPose(45.0, 1.0, -1.0, 1300.0), sensor=Sensor(pixels=(1800, 1200)))


@pytest.fixture(scope="module")
def exif(shot: VirtualShot, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    with Image.open(shot.save(tmp_path_factory.mktemp("exif") / "photo.jpg")) as picture:
        block: bytes = picture.info["exif"]
    return block


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    if kind == "heic":
        pillow_heif.register_heif_opener()
        picture.save(buffer, "HEIF", quality=95, enc_params=QUICKLY, **options)
    else:
        picture.save(buffer, kind.upper(), quality=95, **options)
    return buffer.getvalue()


def deep_heic(light: Light, transfer: int, code_of_light: Callable[[Light], Light], exif: bytes = b"") -> bytes:
    """A grey picture of 10 bits, in colour as cameras write it."""
    codes = np.dstack([np.rint(code_of_light(light) * 65535).astype(np.uint16)] * 3)
    picture = pillow_heif.from_bytes("RGB;16", (codes.shape[1], codes.shape[0]), codes.tobytes())
    buffer = io.BytesIO()
    picture.save(
        buffer,
        quality=95,
        enc_params=QUICKLY,
        exif=exif or None,
        color_primaries=9,
        transfer_characteristics=transfer,
        matrix_coefficients=9,
        full_range_flag=1,
    )
    return buffer.getvalue()


def inverse(curve: Callable[[Light], Light]) -> Callable[[Light], Light]:
    codes = np.linspace(0.0, 1.0, 20_001)
    return lambda light: np.interp(light, curve(codes), codes)


def small() -> Image.Image:
    return Image.fromarray(scene()).convert("RGB")


def turned_exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[Base.Make], tags[Base.Orientation] = "Apple", orientation
    return tags.tobytes()


def outcome(path: Path) -> Photo | UnreadablePhotoError:
    try:
        return read_photo(path)
    except UnreadablePhotoError as refused:
        return refused


@pytest.mark.parametrize("kind", KINDS)
def test_one_photo_gives_one_focus_in_every_kind(shot: VirtualShot, exif: bytes, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"photo.{kind}"
    path.write_bytes(encoded(Image.fromarray(shot.codes).convert("RGB"), kind, exif=exif))
    measured = measure(path)
    assert measured.offset_mm == pytest.approx(OFFSET_MM, abs=0.1)
    assert measured.trustworthy
    assert (measured.camera.model, measured.camera.f_number) == ("NIKON D850", 1.4)


@pytest.mark.parametrize(("transfer", "curve"), [(HLG, hlg_curve), (PQ, pq_curve)], ids=["HLG", "PQ"])
def test_ten_bits_of_high_dynamic_range_give_the_same_focus(
    shot: VirtualShot,
    exif: bytes,
    tmp_path: Path,
    transfer: int,
    curve: Callable[[Light], Light],
) -> None:
    code = shot.codes16 / 65535.0
    light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    # In PQ light is absolute: paper of 600 cd/m².
    path = tmp_path / "photo.hif"
    path.write_bytes(deep_heic(light * (0.06 if transfer == PQ else 1.0), transfer, inverse(curve), exif))
    measured = measure(path)
    assert measured.offset_mm == pytest.approx(OFFSET_MM, abs=0.1)
    assert measured.trustworthy


def test_ten_bits_are_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "deep.hif"
    ramp = np.tile(np.linspace(0.0, 1.0, 512), (64, 1))
    path.write_bytes(deep_heic(ramp, SRGB, lambda light: light))
    photo = read_photo(path)
    assert photo.codes.dtype == np.uint16
    assert len(np.unique(photo.codes[32])) > 400
    assert photo.codes.max() == 65535


def test_white_of_a_picture_in_pq_is_its_own(tmp_path: Path) -> None:
    path = tmp_path / "pq.hif"
    patches = np.repeat(np.array([[0.001, 0.01, 0.02]]), 64, axis=1).repeat(64, axis=0)
    path.write_bytes(deep_heic(patches, PQ, inverse(pq_curve)))
    photo = read_photo(path)
    dark, middle, bright = (float(np.median(photo.light(slice(20, 40), slice(x, x + 30)))) for x in (16, 80, 144))
    assert bright / middle == pytest.approx(2.0, rel=0.03)
    assert middle / dark == pytest.approx(10.0, rel=0.1)
    assert 0.7 < bright <= 1.0


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_turned_once(tmp_path: Path, kind: str, orientation: int) -> None:
    path = tmp_path / f"turned.{kind}"
    turns = {1: 0, 3: 2, 6: 1, 8: 3}[orientation]
    lying = Image.fromarray(np.ascontiguousarray(np.rot90(scene(), turns))).convert("RGB")
    # HEIC and AVIF files say it twice, by a box of their own and in the EXIF data, as phones' do.
    path.write_bytes(encoded(lying, kind, exif=turned_exif(orientation)))
    assert (b"irot" in path.read_bytes()) == (kind != "webp" and orientation != 1)
    photo = read_photo(path)
    assert photo.codes.shape == (ROWS, COLUMNS)
    assert np.abs(photo.codes.astype(int) - scene()).mean() < 4
    assert photo.camera.make == "Apple"


@pytest.mark.parametrize("kind", KINDS)
def test_colours_and_profiles_are_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"colours.{kind}"
    red = Image.merge("RGB", [Image.fromarray(scene()), *[Image.new("L", (COLUMNS, ROWS), 20)] * 2])
    path.write_bytes(encoded(red, kind))
    photo = read_photo(path, plane="red")
    assert photo.has_jpeg_colours
    assert photo.codes.mean() > 3 * read_photo(path, plane="green").codes.mean()
    halves = read_colours(path, photo)
    assert halves is not None and halves.shape == (ROWS // 2, COLUMNS // 2, 3)
    assert halves[..., 0].mean() > 3 * halves[..., 2].mean()


def test_gain_map_and_thumbnail_are_not_taken_for_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "several.heic"
    pictures = pillow_heif.HeifFile()
    pictures.add_from_pillow(Image.new("L", (32, 32), 200))
    pictures.add_from_pillow(small())
    pictures.save(path, quality=90, primary_index=1)
    assert read_photo(path).codes.shape == (ROWS, COLUMNS)


def test_transfer_is_that_of_the_main_picture() -> None:
    def box(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(content), name) + content

    gain, main = (box(b"colr", b"nclx" + struct.pack(">HHHB", 9, transfer, 9, 128)) for transfer in (8, PQ))
    links = b"\0\0\0\0" + struct.pack(">I", 2) + b"\0\1\1\1" + b"\0\2\1\2"
    properties = box(b"iprp", box(b"ipco", gain + main) + box(b"ipma", links))
    whole = box(b"ftyp", b"avif\0\0\0\0") + box(b"meta", b"\0\0\0\0" + box(b"pitm", b"\0\0\0\0\0\2") + properties)
    assert transfer_of(picture_properties(whole)) == PQ
    for end in range(0, len(whole), 7):
        assert transfer_of(picture_properties(whole[:end])) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.1, 0.3, 0.7, 0.97])
def test_truncated_files_are_refused(tmp_path: Path, kind: str, part: float) -> None:
    path = tmp_path / f"cut.{kind}"
    whole = encoded(small(), kind)
    path.write_bytes(whole[: int(len(whole) * part)])
    refused = outcome(path)
    assert isinstance(refused, UnreadablePhotoError) and "damaged or incomplete" in refused.message


@pytest.mark.parametrize("kind", KINDS)
def test_size_limit_holds_before_decoding(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"photo.{kind}"
    path.write_bytes(encoded(small(), kind))
    with pytest.raises(UnreadablePhotoError, match=r"90 x 60 pixels is more than 0\.001 megapixels"):
        read_photo(path, max_megapixels=0.001)


@pytest.mark.parametrize(
    ("kind", "size", "why"),
    [
        ("avif", (16_000, 16_000), "200 megapixels"),
        ("avif", (30_000, 30_000), "damaged"),
        ("heic", (30_000, 30_000), "damaged"),
    ],
)
def test_sizes_that_the_header_invents_are_refused(
    tmp_path: Path, kind: str, size: tuple[int, int], why: str
) -> None:
    path = tmp_path / f"bomb.{kind}"
    whole = bytearray(encoded(small(), kind))
    place = whole.index(b"ispe") + 8
    whole[place : place + 8] = struct.pack(">II", *size)
    path.write_bytes(whole)
    refused = outcome(path)
    assert isinstance(refused, UnreadablePhotoError) and why in refused.message


def test_larger_picture_than_the_header_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hidden.heic"
    whole = bytearray(encoded(Image.new("L", (4000, 3000)), "heic"))
    place = whole.index(b"ispe") + 8
    whole[place : place + 8] = struct.pack(">II", 40, 30)
    path.write_bytes(whole)
    refused = outcome(path)
    assert isinstance(refused, UnreadablePhotoError) and "damaged" in refused.message


def test_webp_of_a_size_that_no_photo_has_is_refused_before_its_decoder_takes_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.webp"
    canvas = struct.pack("<I", 16_382)[:3]
    path.write_bytes(b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + canvas + canvas + bytes(40))
    refused = outcome(path)
    assert isinstance(refused, UnreadablePhotoError) and "16383 x 16383 pixels" in refused.message


@pytest.mark.parametrize("kind", ["avif", "webp"])
def test_animations_are_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"moving.{kind}"
    path.write_bytes(encoded(small(), kind, save_all=True, append_images=[small().rotate(180)]))
    refused = outcome(path)
    assert isinstance(refused, UnreadablePhotoError) and "an animation of 2 pictures" in refused.message


@pytest.mark.parametrize("kind", KINDS)
def test_spoilt_files_are_read_or_refused_and_print_nothing(
    tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(3)
    path = tmp_path / f"spoilt.{kind}"
    whole = encoded(small(), kind)
    outcomes = set()
    for _ in range(60):
        spoilt = bytearray(whole)
        for place in rng.integers(12, len(whole), 4):
            spoilt[place] = rng.integers(256)
        path.write_bytes(spoilt)
        outcomes.add(type(outcome(path)))
    assert UnreadablePhotoError in outcomes
    assert capfd.readouterr() == ("", "")


def test_the_first_picture_of_several_in_a_jpeg_is_the_photo(tmp_path: Path) -> None:
    """As in MPO files of two views, and in JPEG files with a preview or a gain map behind the picture."""
    path = tmp_path / "views.mpo"
    small().save(path, "MPO", save_all=True, append_images=[small().rotate(180)], quality=95)
    photo = read_photo(path)
    assert np.abs(photo.codes.astype(int) - scene()).mean() < 4
