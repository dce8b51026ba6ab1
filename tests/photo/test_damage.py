"""Pictures that a broken copy has spoilt are told from whole ones, on textures made by formula."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from backfocus.verify.findings import Refusal
from backfocus.verify.photo.damage import find_damage, refuse_damaged

Picture = npt.NDArray[np.uint8]
OUTLINE = np.array([[40.0, 40.0], [560.0, 40.0], [560.0, 360.0], [40.0, 360.0]])


@pytest.fixture
def bars() -> Picture:
    """Leaning bars, softened over two pixels, with the noise of a dim photo."""
    y, x = np.mgrid[:400, :600].astype(float)
    wave = np.sin(2 * np.pi * (x + 0.2 * y + 0.0007 * x**2) / 47.0) + np.sin(2 * np.pi * (y - 0.1 * x) / 90.0)
    light = 120.0 + 80.0 * np.tanh(4.0 * wave)
    return np.clip(light + np.random.default_rng(1).normal(0, 3.0, light.shape), 0, 255).astype(np.uint8)


def displaced(picture: Picture) -> Picture:
    return np.vstack([picture[:180], np.roll(picture[180:], 20, axis=1)])


def displaced_strip(picture: Picture) -> Picture:
    return np.vstack([picture[:180], np.roll(picture[180:210], -9, axis=1), picture[210:]])


def half_lost(picture: Picture) -> Picture:
    return np.vstack([picture[:200], np.full_like(picture[200:], 128)])


def strip_lost(picture: Picture) -> Picture:
    return np.vstack([picture[:200], np.zeros_like(picture[200:216]), picture[216:]])


def line_repeated(picture: Picture) -> Picture:
    return np.vstack([picture[:200], np.repeat(picture[200:201], 200, axis=0)])


def strip_repeated(picture: Picture) -> Picture:
    return np.vstack([picture[:208], picture[192:208], picture[224:]])


def lighter(picture: Picture) -> Picture:
    return np.vstack([picture[:200], np.clip(picture[200:].astype(int) + 30, 0, 255).astype(np.uint8)])


SPOIL = (displaced, displaced_strip, half_lost, strip_lost, line_repeated, strip_repeated, lighter)


@pytest.mark.parametrize("spoil", SPOIL, ids=lambda spoil: spoil.__name__)
@pytest.mark.parametrize("is_turned", [False, True])
def test_damage_is_found_along_rows_and_along_columns(
    bars: Picture, spoil: Callable[[Picture], Picture], is_turned: bool
) -> None:
    picture = spoil(bars)
    found = find_damage(picture.T.copy() if is_turned else picture, OUTLINE[:, ::-1] if is_turned else OUTLINE)
    assert found is not None
    assert ("column" if is_turned else "row") in found


@pytest.mark.parametrize(("level", "is_lost"), [(235, False), (200, True)])
def test_paper_between_two_panels_is_as_light_as_what_is_beside_it(
    bars: Picture, level: int, is_lost: bool
) -> None:
    """Of a scan without noise; rows that were lost are grey."""
    between = np.abs(np.arange(400) - 200.0)[:, None]
    fading = np.clip((between - 10.0) / 20.0, 0.0, 1.0)
    picture = (235.0 + fading * (bars - 235.0)).astype(np.uint8)
    picture[192:209] = level
    assert (find_damage(picture, OUTLINE) is not None) == is_lost


def test_the_refusal_says_where(bars: Picture) -> None:
    with pytest.raises(Refusal) as refusal:
        refuse_damaged(half_lost(bars), OUTLINE)
    assert refusal.value.finding.code == "picture-damaged"
    assert "rows 200 to" in refusal.value.finding.message


@pytest.mark.parametrize("quality", [20, 50, 92])
def test_a_whole_picture_is_not_damaged_however_it_was_compressed(bars: Picture, quality: int) -> None:
    file = io.BytesIO()
    Image.fromarray(bars).save(file, "JPEG", quality=quality)
    assert find_damage(np.asarray(Image.open(file)), OUTLINE) is None
    assert find_damage(bars) is None


def test_flicker_and_doubled_pixels_are_no_damage(bars: Picture) -> None:
    flicker = 1.0 + 0.2 * np.sin(2 * np.pi * np.arange(400) / 60.0)[:, None]
    assert find_damage(np.clip(bars * flicker, 0, 255).astype(np.uint8), OUTLINE) is None
    for times in (3, 12):
        enlarged = np.kron(bars[:100, :150], np.ones((times, times), np.uint8))
        assert find_damage(enlarged, OUTLINE[[0, 0, 0, 0]] + [[0, 0], [9, 0], [9, 9], [0, 9]]) is None
        assert find_damage(enlarged) is None


def test_a_frame_around_the_sheet_is_no_damage(bars: Picture) -> None:
    framed = bars.copy()
    framed[:30], framed[370:], framed[:, :30] = 0, 0, 0
    assert find_damage(framed, OUTLINE) is None
    assert find_damage(framed) is None


def test_paper_that_is_blown_out_is_not_lost(bars: Picture) -> None:
    ramp = np.clip(np.abs(np.arange(400) - 215.0) - 15.0, 0.0, 20.0)[:, None] / 20.0
    white = (255 - ramp * (255 - bars)).astype(np.uint8)
    assert find_damage(white, OUTLINE) is None
    white[200:230] = 255
    assert find_damage(np.where(ramp == 0.0, 255, bars).astype(np.uint8), OUTLINE) == "rows 200 to 230 are lost"
