"""`--channels`: the offset of red, green and blue light, each for itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from backfocus.cli import cli
from backfocus.verify import Measurement, measure
from backfocus.verify.lens import offset_of_defocus_mm
from backfocus.verify.photo.reading import read_photo
from backfocus.verify.simulate import Lens, VirtualShot

GREEN_MM = 3.0
RED_UM, BLUE_UM = 15.0, -12.0
"""How much farther from the lens red and blue focus: a fast lens without apochromatic correction."""
RED_MM, BLUE_MM = (GREEN_MM + offset_of_defocus_mm(85.0, 1500.0 + GREEN_MM, um) for um in (RED_UM, BLUE_UM))


@pytest.fixture(scope="session")
def colourful(take: Callable[..., VirtualShot]) -> VirtualShot:
    return take(GREEN_MM, lens=Lens(85.0, 1.4, longitudinal_colour_um=(RED_UM, BLUE_UM)))


def offsets(measurement: Measurement) -> dict[str, float]:
    assert measurement.channels_mm is not None
    return {colour: found.offset_mm for colour, found in measurement.channels_mm.items() if found.offset_mm}


def interval(measurement: Measurement, colour: str) -> tuple[float, float]:
    found = {} if measurement.channels_mm is None else {str(k): v for k, v in measurement.channels_mm.items()}
    return found[colour].offset_ci95_mm or (0.0, 0.0)


def test_each_colour_has_its_own_offset(colourful: VirtualShot, tmp_path: Path) -> None:
    measurement = measure(colourful.save(tmp_path / "photo.tif", bits=16), channels=True)
    assert offsets(measurement) == pytest.approx({"red": RED_MM, "green": GREEN_MM, "blue": BLUE_MM}, abs=0.25)


def test_each_colour_has_an_interval(colourful: VirtualShot, tmp_path: Path) -> None:
    measurement = measure(colourful.save(tmp_path / "photo.tif"), channels=True)
    for colour, truth in (("red", RED_MM), ("green", GREEN_MM), ("blue", BLUE_MM)):
        low, high = interval(measurement, colour)
        assert low <= truth <= high
        assert high - low < 1.0


def test_colours_of_a_jpeg_are_said_to_be_drawn_together(colourful: VirtualShot, tmp_path: Path) -> None:
    measurement = measure(colourful.save(tmp_path / "photo.jpg"), channels=True)
    assert "jpeg-colours" in {found.code for found in measurement.findings}
    for colour, truth in (("red", RED_MM), ("green", GREEN_MM), ("blue", BLUE_MM)):
        low, high = interval(measurement, colour)
        assert low <= truth <= high
    found = offsets(measurement)
    assert found["blue"] < found["green"] < found["red"]


def test_colours_are_measured_only_when_asked_for(back_focused_photo: Path) -> None:
    assert measure(back_focused_photo).to_dict()["channels_mm"] is None


def test_colours_of_a_grey_photo_agree(back_focused_photo: Path) -> None:
    measurement = measure(back_focused_photo, channels=True)
    assert list(offsets(measurement).values()) == pytest.approx([measurement.offset_mm] * 3, abs=0.05)


def test_channels_on_the_command_line(colourful: VirtualShot, tmp_path: Path) -> None:
    photo = str(colourful.save(tmp_path / "photo.jpg"))
    said = json.loads(CliRunner().invoke(cli, ["measure", "--json", "--channels", photo]).stdout)["channels_mm"]
    assert list(said) == ["red", "green", "blue"]
    assert said["red"]["offset_ci95_mm"][0] < said["red"]["offset_mm"] < said["red"]["offset_ci95_mm"][1]
    text = CliRunner().invoke(cli, ["measure", "--channels", photo]).stdout
    assert f"Colours: red {said['red']['offset_mm']:+.2f}, green" in text


@pytest.mark.parametrize("name", ["p.png", "p.tif", "deep.png", "deep.tif", "cut-out.png"])
def test_planes_are_the_colours_of_the_file(tmp_path: Path, name: str) -> None:
    import cv2

    depth = np.uint16 if "deep" in name else np.uint8
    colours = np.random.default_rng(3).integers(0, 256, (40, 60, 3)).astype(depth)
    if "deep" in name:
        cv2.imwrite(str(tmp_path / name), colours[:, :, ::-1])
    else:
        picture = Image.fromarray(colours)
        (picture.convert("RGBA") if "cut-out" in name else picture).save(tmp_path / name)
    for index, plane in enumerate(("red", "green", "blue")):
        assert np.array_equal(read_photo(tmp_path / name, plane=plane).codes, colours[:, :, index])  # type: ignore[arg-type]
