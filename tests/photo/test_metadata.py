"""What a file says about its camera is used where it can be believed, and never breaks the reading."""

from __future__ import annotations

import io
import struct
import time
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from backfocus.verify.photo.metadata import CameraInfo, Metadata, read_metadata

MAKE, MODEL, ORIENTATION, EXIF = 0x010F, 0x0110, 0x0112, 0x8769
F_NUMBER, MAX_APERTURE, FOCAL_LENGTH, EQUIVALENT = 0x829D, 0x9205, 0x920A, 0xA405
WIDTH, HEIGHT, PLANE_RESOLUTION, PLANE_UNIT = 0xA002, 0xA003, 0xA20E, 0xA210
LENS_SPECIFICATION, LENS_MODEL = 0xA432, 0xA434
SUBJECT_DISTANCE = 0x9206
SIZE = (6000, 4000)


def exif_block(make: str | None = None, model: str | None = None, **details: Any) -> bytes:
    """A TIFF block as cameras write it; `details` are the tags of the EXIF directory, by the names above."""
    exif = Image.Exif()
    if make is not None:
        exif[MAKE] = make
    if model is not None:
        exif[MODEL] = model
    exif[EXIF] = {globals()[name]: value for name, value in details.items()}
    return exif.tobytes().removeprefix(b"Exif\0\0")


def read(block: bytes, size: tuple[int, int] = SIZE, given: CameraInfo | None = None) -> Metadata:
    return read_metadata(io.BytesIO(block), size, given)


def ratio(value: float) -> IFDRational:
    return IFDRational(round(value * 1000), 1000)


def test_camera_and_lens_are_read() -> None:
    block = exif_block(
        "NIKON CORPORATION",
        "NIKON D850",
        F_NUMBER=ratio(2.0),
        FOCAL_LENGTH=ratio(85),
        MAX_APERTURE=ratio(1.0),
        EQUIVALENT=85,
        LENS_MODEL="85.0 mm f/1.4",
    )
    camera = read(block).camera
    assert (camera.make, camera.model, camera.lens) == ("NIKON CORPORATION", "NIKON D850", "85.0 mm f/1.4")
    assert (camera.focal_length_mm, camera.f_number) == (85.0, 2.0)
    # APEX 1.0 is 2^(1/2) (EXIF 2.32, annex C).
    assert camera.widest_f_number == pytest.approx(1.414, abs=0.001)
    assert camera.sensor_width_mm == pytest.approx(36.0, abs=0.2)
    assert camera.af_setting is None


@pytest.mark.parametrize(("unit", "per_mm"), [(2, 25.4), (3, 10.0), (4, 1.0), (5, 0.001)])
def test_sensor_width_comes_from_the_pixel_pitch(unit: int, per_mm: float) -> None:
    # 6000 pixels on 22.3 mm, as Canon writes it, in each of the units.
    block = exif_block(
        "Canon",
        "Canon EOS 80D",
        PLANE_RESOLUTION=ratio(6000 / 22.3 * per_mm),
        PLANE_UNIT=unit,
        WIDTH=6000,
        HEIGHT=4000,
    )
    assert read(block).camera.sensor_width_mm == pytest.approx(22.3, rel=0.01)


def test_portrait_picture_has_the_same_sensor() -> None:
    block = exif_block("Canon", "Canon EOS 80D", PLANE_RESOLUTION=ratio(6000 / 22.3), PLANE_UNIT=4)
    assert read(block, (4000, 6000)).camera.sensor_width_mm == pytest.approx(22.3, rel=0.01)


@pytest.mark.parametrize(
    ("make", "model", "width_mm"),
    [
        ("NIKON CORPORATION", "NIKON D850", 35.9),
        ("Canon", "Canon EOS 90D", 22.3),
        ("SONY", "SLT-A77V", 23.5),
        ("RICOH IMAGING COMPANY, LTD.", "PENTAX K-1", 35.9),
        ("PENTAX", "PENTAX K-5", 23.7),
    ],
)
def test_sensor_width_is_known_for_cameras_without_pixel_pitch(make: str, model: str, width_mm: float) -> None:
    assert read(exif_block(make, model)).camera.sensor_width_mm == pytest.approx(width_mm, rel=0.015)


def test_unknown_camera_has_no_sensor_width() -> None:
    assert read(exif_block("NIKON CORPORATION", "NIKON D8500")).camera.sensor_width_mm is None


def test_equivalent_focal_length_gives_the_sensor_of_unknown_cameras() -> None:
    camera = read(exif_block("Acme", "One", FOCAL_LENGTH=ratio(50), EQUIVALENT=75)).camera
    assert camera.sensor_width_mm == pytest.approx(24.0, rel=0.01)


def test_equivalent_focal_length_reveals_a_body_that_crops() -> None:
    # A D850 in its DX format uses 23.5 mm of its sensor.
    block = exif_block("NIKON CORPORATION", "NIKON D850", FOCAL_LENGTH=ratio(50), EQUIVALENT=76)
    assert read(block).camera.sensor_width_mm == pytest.approx(23.7, rel=0.02)


def test_impossible_pixel_pitch_is_not_believed() -> None:
    block = exif_block("Acme", "One", PLANE_RESOLUTION=ratio(72.0), PLANE_UNIT=2)
    assert read(block).camera.sensor_width_mm is None


@pytest.mark.parametrize(
    "values",
    [
        {"FOCAL_LENGTH": IFDRational(0, 1), "F_NUMBER": IFDRational(0, 1)},
        {"FOCAL_LENGTH": IFDRational(1, 0), "F_NUMBER": IFDRational(0, 0)},
        {"FOCAL_LENGTH": ratio(9000), "F_NUMBER": ratio(0.1)},
        {"FOCAL_LENGTH": "fifty", "F_NUMBER": "wide open"},
        {"EQUIVALENT": 0},
    ],
)
def test_impossible_values_are_left_out(values: dict[str, Any]) -> None:
    camera = read(exif_block("Acme", "One", **values)).camera
    assert (camera.focal_length_mm, camera.f_number, camera.sensor_width_mm) == (None, None, None)


def test_prime_lens_tells_its_widest_aperture_by_its_specification() -> None:
    block = exif_block("Canon", "Canon EOS 6D", LENS_SPECIFICATION=(ratio(50), ratio(50), ratio(1.8), ratio(1.8)))
    assert read(block).camera.widest_f_number == pytest.approx(1.8)


def test_zoom_of_varying_aperture_does_not() -> None:
    block = exif_block("Canon", "Canon EOS 6D", LENS_SPECIFICATION=(ratio(70), ratio(300), ratio(4), ratio(5.6)))
    assert read(block).camera.widest_f_number is None


def test_widest_aperture_is_never_narrower_than_the_shot() -> None:
    block = exif_block("Acme", "One", F_NUMBER=ratio(1.8), MAX_APERTURE=ratio(3.0))
    assert read(block).camera.widest_f_number == pytest.approx(1.8)


def test_user_knows_better_than_the_file() -> None:
    block = exif_block("Canon", "Canon EOS 90D", F_NUMBER=ratio(2.8), FOCAL_LENGTH=ratio(50), EQUIVALENT=80)
    given = CameraInfo(make="Nikon", model="Nikon D850", focal_length_mm=85.0, f_number=1.4)
    camera = read(block, given=given).camera
    assert (camera.make, camera.model, camera.focal_length_mm, camera.f_number) == (
        "Nikon",
        "Nikon D850",
        85.0,
        1.4,
    )
    assert camera.sensor_width_mm == pytest.approx(35.9, rel=0.01)


def test_given_sensor_width_is_taken_as_it_is() -> None:
    block = exif_block("Canon", "Canon EOS 90D")
    assert read(block, given=CameraInfo(sensor_width_mm=30.0)).camera.sensor_width_mm == 30.0


@pytest.mark.parametrize(
    ("distance", "distance_m"),
    [(IFDRational(15, 10), 1.5), (IFDRational(0, 1), None), (IFDRational(2**32 - 1, 1), None)],
)
def test_subject_distance_is_told_where_it_is_written(distance: IFDRational, distance_m: float | None) -> None:
    assert read(exif_block("Acme", "One", SUBJECT_DISTANCE=distance)).camera.focus_distance_m == distance_m


@pytest.mark.parametrize("model", ["Canon EOS 5", "EOS-1D X Mark IX", "Canon EOS 90", "NIKON D85", "DC-G9", "One"])
def test_sensor_of_a_model_that_only_resembles_a_known_one_stays_unknown(model: str) -> None:
    make = {"C": "Canon", "E": "Canon", "N": "NIKON CORPORATION", "D": "Acme", "O": "Acme"}[model[0]]
    assert read(exif_block(make, model)).camera.sensor_width_mm is None


def test_scaled_picture_is_remarked_on() -> None:
    block = exif_block("Acme", "One", WIDTH=6000, HEIGHT=4000)
    assert read(block, (6000, 4000)).findings == ()
    assert read(block, (4000, 6000)).findings == ()
    (remark,) = read(block, (3000, 2000)).findings
    assert remark.code == "photo-resized"
    assert "3000 x 2000" in remark.message


def test_text_from_the_file_cannot_command_the_terminal() -> None:
    camera = read(exif_block("Ac\x1b[2Jme\n", "x" * 5000)).camera
    assert camera.make == "Ac[2Jme"
    assert camera.model == "x" * 80


def test_no_metadata_is_no_error() -> None:
    assert read(b"") == Metadata(CameraInfo(), 1, False, ())
    assert read(b"Wrong bytes") == Metadata(CameraInfo(), 1, False, ())


def test_mutilated_metadata_never_raise() -> None:
    whole = exif_block(
        "Canon",
        "Canon EOS 90D",
        F_NUMBER=ratio(2.8),
        FOCAL_LENGTH=ratio(50),
        LENS_MODEL="EF50mm f/1.4 USM",
        LENS_SPECIFICATION=(ratio(50), ratio(50), ratio(1.4), ratio(1.4)),
    )
    rng = np.random.default_rng(11)
    models = set()
    for _ in range(400):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole), rng.integers(1, 12)):
            damaged[place] = rng.integers(256)
        metadata = read(bytes(damaged), given=CameraInfo(sensor_width_mm=36.0))
        assert 1 <= metadata.orientation <= 8
        models.add(metadata.camera.model)
    assert {"Canon EOS 90D", None} < models


def test_endless_metadata_are_given_up() -> None:
    # Every directory holds 65 535 entries that read the same long text, and leads to the next directory.
    entry = struct.pack("<HHII", 0x010E, 2, 60_000, 8)
    block = b"II*\0\x08\0\0\0" + struct.pack("<H", 65_535) + entry * 65_535 + struct.pack("<I", 10)
    start = time.perf_counter()
    assert read(block).camera == CameraInfo()
    assert time.perf_counter() - start < 5.0
