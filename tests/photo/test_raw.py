"""RAW files are measured in linear light, from the sensor's own pixels, with the camera's metadata."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from note_bytes import LONGS, RATIONAL, SIGNED_LONGS, TEXT, Entry, nikon_note, table
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from backfocus.targets.errors import UnreadablePhotoError
from backfocus.verify import Measurement, measure
from backfocus.verify.lens import offset_of_defocus_mm
from backfocus.verify.photo.metadata import read_metadata
from backfocus.verify.photo.reading import read_photo
from backfocus.verify.simulate import Exposure, Lens, Sensor, SheetPose, VirtualShot
from backfocus.verify.simulate.sensor import dng as write_dng
from backfocus.verify.simulate.shoot import exif_tags

LIMIT_MM, LIMIT_OF_DOF = 0.1, 0.004
TWELVE_MEGAPIXELS = (4240, 2832)
TAKE = Callable[..., VirtualShot]
MAKE, MODEL, EXIF, FOCAL_LENGTH, NOTE = 0x010F, 0x0110, 0x8769, 0x920A, 0x927C
F_NUMBER, SUB_TABLES = 0x829D, 330


@pytest.fixture(scope="module")
def small(take: TAKE) -> VirtualShot:
    """A shot of 1 MP that can be measured, of a sensor with colour filters."""
    return take(5.0, pose=SheetPose(45.0, 1.0, -1.0, 1300.0), sensor=Sensor(pixels=(1200, 800), mosaic=True))


@pytest.fixture
def dng(small: VirtualShot, tmp_path: Path) -> Path:
    return small.save(tmp_path / "photo.dng")


def within_limits(measurement: Measurement, truth_mm: float) -> bool:
    assert measurement.offset_mm is not None and measurement.depth_of_field_mm is not None, measurement.findings
    limit_mm = max(LIMIT_MM, LIMIT_OF_DOF * sum(measurement.depth_of_field_mm))
    return abs(measurement.offset_mm - truth_mm) <= limit_mm


@pytest.mark.parametrize(
    ("offset_mm", "lens", "distance_mm", "orientation", "mosaic"),
    [
        (8.0, Lens(85.0, 1.4), 2200.0, 1, True),
        (-12.0, Lens(85.0, 1.8), 2500.0, 6, True),
        (0.0, Lens(50.0, 1.8), 1500.0, 1, True),
        (15.0, Lens(50.0, 2.8), 1400.0, 8, True),
        (-6.0, Lens(135.0, 2.0), 3500.0, 3, True),
        (5.0, Lens(85.0, 1.4), 2200.0, 1, False),
    ],
)
def test_raw_file_is_measured_within_the_limits_of_its_jpeg(
    take: TAKE, tmp_path: Path, offset_mm: float, lens: Lens, distance_mm: float, orientation: int, mosaic: bool
) -> None:
    sensor = Sensor(pixels=TWELVE_MEGAPIXELS, orientation=orientation, mosaic=mosaic)  # type: ignore[arg-type]
    shot = take(offset_mm, pose=SheetPose(45.0, 1.0, -1.0, distance_mm), lens=lens, sensor=sensor)
    raw, jpeg = (measure(shot.save(tmp_path / name)) for name in ("photo.dng", "photo.jpg"))
    assert raw.camera == jpeg.camera
    assert within_limits(jpeg, offset_mm)
    assert within_limits(raw, offset_mm)


def test_codes_are_linear_light(take: TAKE, tmp_path: Path) -> None:
    shot = take(0.0, sensor=Sensor(pixels=(1200, 800)), exposure=Exposure(noise_fraction=0.0))
    photo = read_photo(shot.save(tmp_path / "photo.dng"))
    assert photo.codes.dtype == np.uint16
    light = photo.light(slice(None), slice(None))
    assert np.abs(light - shot.linear16[0] / 65535).max() < 1e-3
    assert photo.light_of_code[32768] == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("mosaic", [True, False])
def test_raw_file_comes_upright_with_its_colours(
    take: TAKE, tmp_path: Path, orientation: int, mosaic: bool
) -> None:
    sensor = Sensor(pixels=(600, 400), orientation=orientation, mosaic=mosaic)  # type: ignore[arg-type]
    shot = take(0.0, sensor=sensor, exposure=Exposure(tint=(0.5, 1.0, 0.8), noise_fraction=0.0))
    path = shot.save(tmp_path / "photo.dng")
    means = {}
    for colour in ("red", "green", "blue"):
        codes = read_photo(path, plane=colour).codes  # type: ignore[arg-type]
        picture = shot.codes16[:, :, ("red", "green", "blue").index(colour)]
        assert codes.shape == picture.shape
        assert np.corrcoef(codes.ravel(), picture.ravel())[0, 1] > 0.95
        means[colour] = float(codes.mean())
    assert means["red"] / means["green"] == pytest.approx(0.5, abs=0.03)
    assert means["blue"] / means["green"] == pytest.approx(0.8, abs=0.03)


def test_each_colour_of_a_raw_file_has_its_own_offset(take: TAKE, tmp_path: Path) -> None:
    lens = Lens(85.0, 1.4, longitudinal_colour_um=(15.0, -12.0))
    shot = take(3.0, lens=lens, sensor=Sensor(pixels=(3000, 2000), mosaic=True))
    measurement = measure(shot.save(tmp_path / "photo.dng"), channels=True)
    assert measurement.channels_mm is not None
    found = {str(colour): each.offset_mm for colour, each in measurement.channels_mm.items()}
    red_mm, blue_mm = (3.0 + offset_of_defocus_mm(85.0, 1503.0, um) for um in (15.0, -12.0))
    assert found == pytest.approx({"red": red_mm, "green": 3.0, "blue": blue_mm}, abs=0.25)
    assert "jpeg-colours" not in {each.code for each in measurement.findings}


def refusal_of(path: Path, **arguments: float) -> UnreadablePhotoError:
    with pytest.raises(UnreadablePhotoError) as caught:
        read_photo(path, **arguments)  # type: ignore[arg-type]
    assert "\n" not in caught.value.message
    return caught.value


@pytest.mark.parametrize("part", [0.001, 0.1, 0.5, 0.99])
def test_raw_file_that_is_cut_off_is_refused_in_one_line(
    dng: Path, part: float, capfd: pytest.CaptureFixture[str]
) -> None:
    content = dng.read_bytes()
    dng.write_bytes(content[: int(len(content) * part)])
    assert "photo.dng" in refusal_of(dng).message
    assert capfd.readouterr() == ("", "")


def test_large_raw_file_is_refused_before_it_is_decoded(dng: Path) -> None:
    assert "megapixels" in refusal_of(dng, max_megapixels=0.9).message


@pytest.mark.parametrize(
    "start",
    [b"II*\0", b"MM\0*", b"IIRO", b"IIU\0", b"FUJIFILMCCD-RAW ", b"FOVb", b"\0MRM", b"\0\0\0\x18ftypcrx "],
)
def test_what_only_begins_like_a_raw_file_is_refused(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "photo.nef"
    path.write_bytes(start + np.random.default_rng(1).bytes(5000))
    assert "RAW" in refusal_of(path).message or "damaged" in refusal_of(path).message


def test_damaged_raw_file_is_measured_refused_or_unreadable(dng: Path) -> None:
    rng = np.random.default_rng(5)
    content = dng.read_bytes()
    outcomes = set()
    for _ in range(25):
        damaged = bytearray(content)
        for place in rng.integers(0, 1500, 3):
            damaged[place] = rng.integers(256)
        dng.write_bytes(damaged)
        try:
            outcomes.add(read_photo(dng).codes.dtype == np.uint16)
        except UnreadablePhotoError:
            outcomes.add(False)
    assert outcomes == {True, False}


@pytest.mark.parametrize("ending", [".nef", ".arw", ".pef", ".dng", ".tif"])
def test_preview_in_a_raw_file_is_never_measured(small: VirtualShot, tmp_path: Path, ending: str) -> None:
    """A TIFF file whose only readable picture is the reduced one, sharp and with a chart."""
    path = small.save(tmp_path / f"photo{ending}.tif")
    with Image.open(path) as picture:
        picture.save(tmp_path / f"photo{ending}", format="TIFF", tiffinfo={254: 1, MAKE: "NIKON CORPORATION"})
    assert "RAW" in refusal_of(tmp_path / f"photo{ending}").message


def with_preview(raw: VirtualShot, preview: VirtualShot) -> bytes:
    """A RAW file as NEF and most DNG are: a reduced picture first, the sensor's values in a table below it."""
    tags = exif_tags(raw)
    rows = np.ascontiguousarray(preview.codes[:, :, 0])
    first = ImageFileDirectory_v2()
    for tag, value in tags.items():
        first[tag] = value
    first[EXIF] = dict(tags.get_ifd(EXIF))
    size = {256: rows.shape[1], 257: rows.shape[0], 278: rows.shape[0], 279: rows.nbytes}
    for tag, value in ({254: 1, 258: 8, 259: 1, 262: 1, 273: 0, 277: 1, SUB_TABLES: 1 << 20} | size).items():
        first.tagtype[tag] = 4
        first[tag] = value
    whole = write_dng(raw.linear16, True, 0, tags)
    below = ImageFileDirectory_v2(whole[:8])
    file = io.BytesIO(whole)
    file.seek(below.next)
    below.load(file)
    dict(below)  # decodes all tags, so that they can be written again
    values = whole[below[273][0] :]
    below[273] = 0
    del below[EXIF]
    for tag in (50706, 50707, 50708, 50721, 50728, 50778):
        first.tagtype[tag] = below.tagtype[tag]
        first[tag] = below[tag]
    start = len(first.tobytes(8)) + 8 + rows.nbytes
    first[SUB_TABLES] = start
    return b"II*\0\x08\0\0\0" + first.tobytes(8) + rows.tobytes() + below.tobytes(start) + values


def test_sensor_values_are_measured_and_not_the_preview_before_them(
    take: TAKE, small: VirtualShot, tmp_path: Path
) -> None:
    preview = take(-20.0, pose=SheetPose(45.0, 1.0, -1.0, 1300.0), sensor=Sensor(pixels=(960, 640), mosaic=True))
    path = tmp_path / "photo.dng"
    path.write_bytes(with_preview(small, preview))
    with Image.open(path) as shown:
        assert shown.size == (960, 640), "what a viewer that knows no RAW would show"
    measured = measure(path)
    assert read_photo(path).codes.shape == (800, 1200)
    assert measured.offset_mm == pytest.approx(5.0, abs=1.0)
    assert measured.camera.focal_length_mm == 85.0


def test_picture_with_the_name_of_a_raw_file_is_read_as_what_it_is(small: VirtualShot, tmp_path: Path) -> None:
    jpeg = small.save(tmp_path / "photo.jpg")
    named = jpeg.rename(tmp_path / "photo.dng")
    assert read_photo(named).codes.dtype == np.uint8


def block(make: str) -> bytes:
    """A TIFF block as cameras write it."""
    exif: dict[int, object] = {FOCAL_LENGTH: 85, F_NUMBER: 2}
    tags = Image.Exif()
    tags.endian = "<"
    tags[MAKE], tags[MODEL], tags[EXIF] = make, "ONE", exif
    return tags.tobytes().removeprefix(b"Exif\0\0")


def camera_of(content: bytes) -> tuple[str | None, float | None, float | None]:
    camera = read_metadata(io.BytesIO(content), (6000, 4000)).camera
    return camera.make, camera.focal_length_mm, camera.f_number


@pytest.mark.parametrize("start", [b"IIRO", b"IIRS", b"IIU\0"])
def test_metadata_behind_a_makers_own_number_in_place_of_tiffs(start: bytes) -> None:
    content = block("OLYMPUS CORPORATION")
    assert content.startswith(b"II*\0")
    assert camera_of(start + content[4:]) == ("OLYMPUS CORPORATION", 85.0, 2.0)


def test_metadata_of_fujifilms_raw_file_are_those_of_its_embedded_jpeg() -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[MAKE], exif[EXIF] = "FUJIFILM", {FOCAL_LENGTH: 85, F_NUMBER: 2}
    Image.new("L", (16, 16)).save(file, "JPEG", exif=exif)
    # Cameras write no JFIF header before the EXIF data; Pillow's is 18 bytes long, after the first marker.
    jpeg = b"\xff\xd8" + file.getvalue()[20:]
    head = b"FUJIFILMCCD-RAW 0201FF383501".ljust(84, b"\0") + struct.pack(">II", 200, len(jpeg))
    assert camera_of(head.ljust(200, b"\0") + jpeg) == ("FUJIFILM", 85.0, 2.0)
    assert camera_of(head) == (None, None, None)


def box(name: bytes, content: bytes, *, is_long: bool = False) -> bytes:
    if is_long:
        return struct.pack(">I4sQ", 1, name, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), name) + content


def lone_table(entries: list[Entry]) -> bytes:
    return b"II*\0\x08\0\0\0" + table(entries, "<", 8)


@pytest.mark.parametrize("is_long", [False, True])
def test_metadata_of_canons_cr3_are_joined_from_its_boxes(is_long: bool) -> None:
    first = lone_table([(MAKE, TEXT, b"Canon\0"), (MODEL, TEXT, b"Canon EOS R6\0"), (0x0100, LONGS, b"\1\2\0\0")])
    focal_length = struct.pack("<II", 85, 1)
    second = lone_table([(FOCAL_LENGTH, RATIONAL, focal_length), (0xA434, TEXT, b"EF85mm f/1.4L IS USM\0")])
    words = struct.pack("<11i", 44, 2, -30, 10, 0, -30, 10, 50, 10, 0, 0)
    third = lone_table([(0x4013, SIGNED_LONGS, words)])
    canon = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    parts = box(b"CNCV", b"CanonCR3") + box(b"CMT1", first) + box(b"CMT2", second) + box(b"CMT3", third)
    moov = box(b"moov", box(b"uuid", bytes(16)) + box(b"uuid", canon + parts, is_long=is_long))
    content = box(b"ftyp", b"crx \0\0\0\1crx isom") + moov + box(b"mdat", bytes(50))
    camera = read_metadata(io.BytesIO(content), (5472, 3648)).camera
    assert (camera.make, camera.model, camera.lens) == ("Canon", "Canon EOS R6", "EF85mm f/1.4L IS USM")
    assert camera.focal_length_mm == 85.0
    assert (camera.af_setting, camera.af_setting_wide, camera.af_setting_tele) == (-3.0, -3.0, 5.0)
    for cut in (20, 60, 120, 300):
        assert read_metadata(io.BytesIO(content[:cut]), (5472, 3648)).camera.af_setting is None


def test_setting_is_read_from_a_raw_file(small: VirtualShot, tmp_path: Path) -> None:
    tags = exif_tags(small)
    tags[MAKE] = "NIKON CORPORATION"
    tags.get_ifd(EXIF)[NOTE] = nikon_note(1, -7)
    path = tmp_path / "photo.nef"
    path.write_bytes(write_dng(small.linear16, True, 0, tags))
    measured = measure(path)
    assert measured.camera.af_setting == -7.0
    assert measured.suggestion is not None and "from -7" in measured.suggestion.text


def test_written_file_is_a_valid_dng(dng: Path) -> None:
    tags = ImageFileDirectory_v2(dng.read_bytes()[:8])
    with dng.open("rb") as file:
        file.seek(tags.next)
        tags.load(file)
    assert tags[50706] == bytes((1, 4, 0, 0))
    assert (tags[262], tags[33421], tags[33422]) == (32803, (2, 2), bytes((0, 1, 1, 2)))
    assert (tags[50714], tags[50717], len(tags[50721]), tags[50728]) == (512, 16383, 9, (1.0, 1.0, 1.0))
    assert tags[254] == 0
