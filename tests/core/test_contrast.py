"""Contrast along edges in pictures painted by formula: how much there is, where, and how certain."""

from __future__ import annotations

import math
from dataclasses import replace

import formula_photo
import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import ndtr

from backfocus.targets import Chart, build_chart
from backfocus.targets.chart import Edge
from backfocus.verify.edges.contrast import COARSE, FINE, EdgeContrast, measure_contrast
from backfocus.verify.geometry import Pose
from backfocus.verify.photo.reading import Photo

Array = npt.NDArray[np.float64]

CODES = 65535
PIXELS = 500
PX_PER_MM = 10.0
SLANT = math.tan(math.radians(5.0))
BARS_MM = tuple((middle + low, middle + low + 3.0) for middle in (-11.0, 0.0, 11.0) for low in (-4.0, 1.0))
"""Across the picture, two a tile; they run through all of it."""
HALF_LENGTH_MM = 8.0
CLEAR_MM = 2.0
INK, NOISE = 0.5, 0.01
BLUR_PX = 0.8


def chart(*, lying: bool) -> Chart:
    """Bars that run along the depth, or across it."""
    edges = []
    for bar, (low, high) in enumerate(BARS_MM):
        for across, ink_after in ((low, True), (high, False)):
            ends = [(across + SLANT * along, along) for along in (-HALF_LENGTH_MM, HALF_LENGTH_MM)]
            # On the page y runs down: on the way down the left has the larger x, on the way right the smaller y.
            side = "left" if ink_after != lying else "right"
            start, end = ((MARK[0] + x, MARK[1] + y) for x, y in (e[::-1] if lying else e for e in ends))
            edges.append(Edge("sheet", start, end, side, CLEAR_MM, bar // 2, INK))
    return replace(build_chart(), edges=tuple(edges))


MARK = build_chart().af_mark_page_mm


def pose() -> Pose:
    facing = np.diag([1.0, -1.0, -1.0])
    return formula_photo.pose(
        rotation=facing, focal_px=PX_PER_MM * formula_photo.MARK_MM, image_size=(PIXELS, PIXELS)
    )


def painted(blur_px: float, *, lying: bool = False, noise: float = 0.0, shift_px: float = 0.0) -> Photo:
    """Bars blurred by a Gaussian, on white."""
    place = np.arange(PIXELS) - (PIXELS - 1) / 2
    across = place[None, :] - SLANT * place[:, None] - shift_px
    cosine = math.cos(math.atan(SLANT))
    light = np.full((PIXELS, PIXELS), 0.8)
    for low, high in BARS_MM:
        rising, falling = (ndtr((across - PX_PER_MM * at) * cosine / blur_px) for at in (low, high))
        light -= 0.8 * (1 - INK) * (rising - falling)
    light += noise * np.random.default_rng(3).standard_normal(light.shape)
    codes = np.rint(CODES * np.clip(light, 0, 1)).astype(np.uint16)
    linear = np.linspace(0, 1, CODES + 1, dtype=np.float32)
    return replace(formula_photo.photo(), codes=codes.T.copy() if lying else codes, light_of_code=linear)


def measured(photo: Photo, *, lying: bool = False) -> EdgeContrast:
    return measure_contrast(photo, chart(lying=lying), pose())


def gaussian(cycles: Array, blur_px: float) -> Array:
    return np.asarray(np.exp(-2 * (np.pi * cycles * blur_px) ** 2))


@pytest.mark.parametrize("lying", [False, True])
def test_contrast_is_the_modulation_transfer_of_the_blur_at_every_frequency(lying: bool) -> None:
    found = measured(painted(BLUR_PX, lying=lying), lying=lying)
    expected = gaussian(found.cycles, BLUR_PX)[:, None]
    assert np.abs(found.value - expected).max() < 0.01
    assert np.abs(found.narrow - expected[FINE]).max() < 0.04


def test_edges_that_run_along_the_depth_are_told_from_those_across_it() -> None:
    assert measured(painted(BLUR_PX)).along_depth.all()
    assert not measured(painted(BLUR_PX, lying=True), lying=True).along_depth.any()


def test_edges_along_the_depth_are_measured_nearer_and_farther_apart() -> None:
    found = measured(painted(BLUR_PX))
    assert len(found.depth_mm) == len(BARS_MM), "both halves of three tiles"
    assert sorted(np.unique(np.round(found.field_mm[:, 1]))) == [-4.0, 4.0]


def test_the_middles_of_both_columns_beside_the_mark_are_in_one_group() -> None:
    found = measured(painted(BLUR_PX))
    left, right = found.field_mm[:, 0] < -5, found.field_mm[:, 0] > 5
    assert set(found.group[left]) == set(found.group[right]) != set(found.group[~left & ~right])


def test_an_edge_beside_its_place_has_the_same_contrast() -> None:
    found = measured(painted(BLUR_PX, shift_px=1.0))
    assert np.abs(found.value[FINE] - gaussian(found.cycles[FINE], BLUR_PX)).max() < 0.01


def test_edges_farther_from_their_place_are_left_out() -> None:
    assert len(measured(painted(BLUR_PX, shift_px=2.0)).depth_mm) == 0


def test_a_sheet_without_ink_has_no_places() -> None:
    photo = painted(BLUR_PX)
    assert len(measured(replace(photo, codes=np.full_like(photo.codes, CODES // 2))).depth_mm) == 0


def test_noise_is_told_and_taken_off() -> None:
    found = measured(painted(BLUR_PX, noise=NOISE))
    off = found.value - gaussian(found.cycles, BLUR_PX)[:, None]
    assert 0.4 < np.sqrt((off[FINE] ** 2).mean()) / found.sd[FINE].mean() < 2.5
    assert found.sd[COARSE].mean() < 0.5 * found.sd[FINE].mean()
    assert found.narrow_sd.mean() < found.sd[FINE].mean()
