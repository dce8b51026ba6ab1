"""What tells a real lens from an ideal one: its lateral colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from backfocus.verify import analyse
from backfocus.verify.edges import colours
from backfocus.verify.edges.colours import Difference, lateral_colours, lens_has_colours
from backfocus.verify.fit.plane import IDEAL_ODDS
from backfocus.verify.photo.reading import read_colours
from backfocus.verify.simulate import Lens, Sensor, VirtualShot

Take = Callable[..., VirtualShot]
MOSAIC = Sensor(pixels=(3000, 2000), mosaic=True)
LATERAL_PERCENT = (0.1, -0.08)
"""Red is larger than green, blue smaller, as through many a lens."""


@pytest.fixture(scope="module", params=[1, 6], ids=["landscape", "portrait"])
def real(request: pytest.FixtureRequest, take: Take, tmp_path_factory: pytest.TempPathFactory) -> Path:
    sensor = replace(MOSAIC, orientation=request.param)
    lens = Lens(85.0, 1.4, lateral_colour_percent=LATERAL_PERCENT)
    return take(8.0, sensor=sensor, lens=lens).save(tmp_path_factory.mktemp("real") / "photo.png")


def lateral_px(photo: Path) -> list[float]:
    seen = analyse(photo)
    assert seen.samples is not None
    halved = read_colours(photo, seen.photo)
    assert halved is not None
    assert halved.shape[:2] == tuple((side + 1) // 2 for side in seen.photo.codes.shape)
    return [each.px for each in lateral_colours(halved, seen.photo, seen.samples)]


def test_lateral_colour_is_measured_as_it_is(real: Path) -> None:
    assert lateral_px(real) == pytest.approx([10.0 * percent for percent in LATERAL_PERCENT], abs=0.15)


def test_jpeg_keeps_enough_of_it(real: Path, tmp_path: Path) -> None:
    """A third at this quality, of such narrow fringes; 0.06 px are enough."""
    with Image.open(real) as picture:
        picture.save(tmp_path / "photo.jpg", quality=88, exif=picture.getexif())
    red, blue = lateral_px(tmp_path / "photo.jpg")
    assert red > 0.15
    assert blue < -0.15


def test_a_lens_with_lateral_colour_is_measured_by_contrast(real: Path) -> None:
    assert analyse(real).measurement.sharpest_by == "contrast"


def test_a_lens_without_is_measured_by_width(take: Take, tmp_path: Path) -> None:
    photo = take(8.0, sensor=MOSAIC).save(tmp_path / "photo.jpg")
    seen = analyse(photo)
    assert seen.samples is not None
    assert lens_has_colours(read_colours(photo, seen.photo), seen.photo, seen.samples) is False
    assert seen.measurement.sharpest_by == "width"


def test_a_picture_without_colours_tells_nothing(back_focused_photo: Path) -> None:
    seen = analyse(back_focused_photo)
    assert seen.samples is not None
    assert read_colours(back_focused_photo, seen.photo) is None
    assert lens_has_colours(None, seen.photo, seen.samples) is None


@pytest.mark.parametrize(
    ("px", "sd_px", "told"),
    [
        (0.061, 0.01, True),
        (0.059, 0.001, False),
        (0.16, 0.03, True),
        (0.14, 0.03, None),
        (0.01, 0.039, False),
        (0.01, 0.041, None),
        (0.0, np.inf, None),
    ],
)
def test_what_is_enough_to_tell(
    monkeypatch: pytest.MonkeyPatch, px: float, sd_px: float, told: bool | None
) -> None:
    """0.06 px and five standard errors show colours; 0.09 px with two of them, on either side, show that there are
    none."""
    monkeypatch.setattr(colours, "lateral_colours", lambda *_: (Difference(0.0, 0.001), Difference(-px, sd_px)))
    anything: SimpleNamespace = SimpleNamespace()
    assert lens_has_colours(np.zeros((1, 1, 3), np.uint8), anything, anything) is told  # type: ignore[arg-type]


def test_without_colours_more_must_speak_against_an_ideal_lens() -> None:
    assert IDEAL_ODDS[False] > IDEAL_ODDS[None]
