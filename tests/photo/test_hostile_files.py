"""Damaged, hostile and odd files, through the whole of measuring: an answer or a clear refusal, quick and quiet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import fuzz
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from small_photos import png_bytes

from backfocus.cli import cli
from backfocus.targets.errors import UnreadablePhotoError
from backfocus.verify import measure
from backfocus.verify.report.text import measurement_text
from backfocus.verify.simulate import Sensor, SheetPose, VirtualShot

OFFSET_MM = 5.0
FUZZ_SLICE = 60
WATCHDOG_S = 10.0
ODD_NAME = "a\x1b[2Jb\nc é 写真.jpg"
ODD_NAME_PRINTED = r"a\x1b[2Jb\nc é 写真.jpg"


@pytest.fixture(scope="module")
def small(take: Callable[..., VirtualShot]) -> VirtualShot:
    """A shot of 2 MP that can be measured: with 1 MP the widths of 320 edges cannot tell an ideal lens."""
    return take(OFFSET_MM, pose=SheetPose(45.0, 1.0, -1.0, 1300.0), sensor=Sensor(pixels=(1800, 1200)))


@pytest.fixture
def jpeg(small: VirtualShot, tmp_path: Path) -> Path:
    return small.save(tmp_path / "photo.jpg")


def ratio(value: float) -> IFDRational:
    return IFDRational(round(value * 1000), 1000)


@pytest.fixture(scope="module")
def bases() -> fuzz.Bases:
    return fuzz.make_bases()


@pytest.mark.parametrize("start", range(0, FUZZ_SLICE, 10))
def test_spoilt_files_are_answered_or_refused(
    bases: fuzz.Bases, start: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A slice of docs/studies/fuzz.py, which runs ten thousand of them."""
    for number in range(start, start + 10):
        kind, ending, data = fuzz.spoilt(bases, number)
        path = tmp_path / f"{number}.{ending}"
        path.write_bytes(data)
        began = time.monotonic()
        outcome, said = fuzz.outcome_of(path)
        assert outcome != "fault", f"{number}, {kind}: {said}"
        assert time.monotonic() - began < WATCHDOG_S, f"{number}, {kind}"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("mode", ["CMYK", "RGB", "L"])
@pytest.mark.parametrize("progressive", [False, True])
def test_every_kind_of_jpeg_is_measured(jpeg: Path, tmp_path: Path, mode: str, progressive: bool) -> None:
    path = tmp_path / "again.jpg"
    Image.open(jpeg).convert(mode).save(path, quality=95, progressive=progressive)
    assert measure(path).offset_mm == pytest.approx(OFFSET_MM, abs=0.4)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "I;16"])
@pytest.mark.parametrize("ending", ["png", "tif"])
def test_every_kind_of_pixel_is_measured(jpeg: Path, tmp_path: Path, mode: str, ending: str) -> None:
    path = tmp_path / f"again.{ending}"
    picture = Image.open(jpeg)
    if mode == "I;16":
        cv2.imwrite(str(path), np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    else:
        (picture.quantize(128) if mode == "P" else picture.convert(mode)).save(path)
    assert measure(path).offset_mm == pytest.approx(OFFSET_MM, abs=0.4)


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_black_and_white_pixels_are_no_wrong_number(jpeg: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"again.{ending}"
    Image.open(jpeg).convert("1", dither=Image.Dither.NONE).save(path)
    measurement = measure(path)
    if measurement.trustworthy:
        assert measurement.offset_ci95_mm is not None
        assert measurement.offset_ci95_mm[0] <= OFFSET_MM <= measurement.offset_ci95_mm[1]
    else:
        assert measurement.findings[-1].remedy


def test_exif_that_lies_does_not_move_the_offset(jpeg: Path, tmp_path: Path) -> None:
    path = tmp_path / "lies.jpg"
    for focal_mm, per_cm in ((20.0, 333.3), (800.0, 333.3), (85.0, 33.3), (85.0, 3333.0)):
        exif = Image.Exif()
        exif[0x8769] = {0x829D: ratio(1.4), 0x920A: ratio(focal_mm), 0xA20E: ratio(per_cm), 0xA210: 3}
        Image.open(jpeg).save(path, quality="keep", exif=exif)
        measurement = measure(path)
        if measurement.trustworthy:
            assert measurement.offset_mm == pytest.approx(OFFSET_MM, abs=0.4), focal_mm


def test_broken_exif_is_as_good_as_none(jpeg: Path, tmp_path: Path) -> None:
    path = tmp_path / "broken.jpg"
    whole = jpeg.read_bytes()
    place = whole.index(b"Exif\0\0") + 6
    path.write_bytes(whole[:place] + b"\xff" * 60 + whole[place + 60 :])
    measurement = measure(path)
    assert measurement.offset_mm == pytest.approx(OFFSET_MM, abs=0.4)
    assert measurement.camera.focal_length_mm is None


def test_huge_exif_is_read_past(jpeg: Path, tmp_path: Path) -> None:
    path = tmp_path / "huge.jpg"
    exif = Image.Exif()
    exif[0x010F] = "Canon"
    exif[0x8769] = {0x927C: bytes(60_000), 0x920A: ratio(85.0)}
    Image.open(jpeg).save(path, quality="keep", exif=exif)
    began = time.monotonic()
    measurement = measure(path)
    assert time.monotonic() - began < WATCHDOG_S
    assert measurement.offset_mm == pytest.approx(OFFSET_MM, abs=0.4)
    assert measurement.camera.focal_length_mm == 85.0


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (14_000, 14_000)])
def test_decompression_bombs_are_refused_unopened(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_bytes(width, height, bits=16, kind=6, zeros=10_000_000))
    began = time.monotonic()
    with pytest.raises(UnreadablePhotoError) as refused:
        measure(path)
    assert time.monotonic() - began < 1.0
    assert refused.value.remedy


def test_texts_of_the_file_cannot_command_the_terminal(jpeg: Path, tmp_path: Path) -> None:
    path = tmp_path / "names.jpg"
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Can\x1b]0;owned\x07on", "\x1b[2J\x9b31mEOS\r\n\u202e"
    exif[0x8769] = {0xA434: "50mm\x1b[8m\x00\x08"}
    Image.open(jpeg).save(path, quality="keep", exif=exif)
    measurement = measure(path)
    said = measurement_text(measurement) + "".join(json.loads(json.dumps(measurement.to_dict()))["camera"]["lens"])
    assert "EOS" in said
    assert all(line.isprintable() for line in said.splitlines())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_odd_names_are_measured_and_shown_escaped(jpeg: Path, tmp_path: Path) -> None:
    photo = jpeg.rename(tmp_path / ODD_NAME)
    result = CliRunner().invoke(cli, ["measure", str(photo), "--annotate", str(tmp_path / "drawn")])
    assert result.exit_code == 0, result.output
    assert f"\n{ODD_NAME_PRINTED}\n" in result.stdout
    assert "\x1b" not in result.stdout + result.stderr
    assert result.stderr.count("\n") == 1
    assert [path.name for path in (tmp_path / "drawn").iterdir()] == [ODD_NAME[:-4] + ".annotated.png"]
    again = CliRunner().invoke(cli, ["measure", str(photo), "--annotate", str(photo)])
    assert again.exit_code == 2
    assert "\x1b" not in again.stdout + again.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_odd_names_need_not_fit_the_terminals_alphabet(jpeg: Path, tmp_path: Path, encoding: str) -> None:
    jpeg.rename(tmp_path / ODD_NAME)
    (tmp_path / "latin-\udce9.jpg").symlink_to(ODD_NAME)
    command = [sys.executable, "-c", "from backfocus.cli import main; main()", "measure", "--json"]
    done = subprocess.run(
        [*map(os.fsencode, command), os.fsencode(ODD_NAME), b"latin-\xe9.jpg"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["photo"] == ODD_NAME_PRINTED
    assert second["photo"] == r"latin-\udce9.jpg"
