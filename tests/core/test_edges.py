"""Profiles and edge spread functions, from edges that a formula draws: where they lie and how blurred they are."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
from by_formula import leaning, one_edge_square_on
from scipy.special import ndtr

from backfocus.targets import Chart
from backfocus.verify.edges.fit import edge_shape, fit_edge_spread, measure_strips
from backfocus.verify.edges.profiles import BINS, Profiles, Segments, sample_profiles
from backfocus.verify.edges.samples import PIECE_MM, measure_edges, with_floor
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.photo.reading import Photo

Array = npt.NDArray[np.float64]

DARK, BRIGHT = 0.05, 0.65
WINDOW_PX = 10.0
LINEAR = np.linspace(0.0, 1.0, 65_536, dtype=np.float32)


def disc_and_gaussian(x: Array, blur_px: float, floor_px: float) -> Array:
    """Return the edge spread at x (px): the projection of a disc in 4001 strips, each blurred by a Gaussian."""
    radius = 2.0 * math.sqrt(max(blur_px**2 - floor_px**2, 0.0))
    u = np.linspace(-1.0, 1.0, 4001)
    strip = np.sqrt(np.maximum(1.0 - u**2, 0.0))
    return np.asarray(ndtr((x[:, None] - radius * u) / floor_px) @ (strip / strip.sum()))


def profiles(level: Array, rng: np.random.Generator | None = None, noise: float = 0.0) -> Profiles:
    """Return profiles (n, BINS) of dark to bright as the level goes from 0 to 1, ten pixels a bin."""
    level = np.atleast_2d(level)
    light = DARK + (BRIGHT - DARK) * level
    if rng is not None:
        light = light + noise * rng.normal(size=light.shape) / math.sqrt(10.0)
    return Profiles(np.tile(BINS_AT, (len(level), 1)), light, np.full(level.shape, 10.0))


BINS_AT = ((np.arange(BINS) + 0.5) / BINS * 2.0 - 1.0) * WINDOW_PX
HALF = np.array([WINDOW_PX])


@pytest.mark.parametrize("floor_px", [0.7, 1.0, 1.9])
def test_the_tabled_shape_is_a_disc_on_a_gaussian(floor_px: float) -> None:
    t = np.linspace(-5.0, 5.0, 101)
    value, slope, per_log_blur = edge_shape(t[None], np.array([2.0]), floor_px)
    assert value[0] == pytest.approx(disc_and_gaussian(2.0 * t, 2.0, floor_px), abs=2e-4)
    step = 1e-3
    ahead, behind = (disc_and_gaussian(2.0 * (t + sign * step), 2.0, floor_px) for sign in (1, -1))
    assert slope[0] == pytest.approx((ahead - behind) / (2 * step), abs=3e-3)
    wider, narrower = (disc_and_gaussian(2.0 * t, 2.0 * math.exp(sign * step), floor_px) for sign in (1, -1))
    assert per_log_blur[0] == pytest.approx((wider - narrower) / (2 * step), abs=5e-3)


@pytest.mark.parametrize("blur_px", [0.5, 1.0, 2.2])
@pytest.mark.parametrize("shift_px", [-1.3, 0.0, 0.8])
def test_a_gaussian_edge_comes_back(blur_px: float, shift_px: float) -> None:
    fit = fit_edge_spread(profiles(ndtr((BINS_AT - shift_px) / blur_px)), HALF)
    assert fit.ok.all()
    assert fit.blur_px[0] == pytest.approx(blur_px, rel=1e-3)
    assert fit.shift_px[0] == pytest.approx(shift_px, abs=1e-3)
    assert (fit.dark[0], fit.bright[0]) == pytest.approx((DARK, BRIGHT), abs=1e-3)
    assert fit.residual[0] < 1e-3


@pytest.mark.parametrize("blur_px", [0.8, 1.6, 2.4])
def test_a_defocused_edge_comes_back_and_seems_wider_to_a_gaussian_alone(blur_px: float) -> None:
    seen = profiles(disc_and_gaussian(BINS_AT, blur_px, 0.7))
    assert fit_edge_spread(seen, HALF, floor_px=0.7).blur_px[0] == pytest.approx(blur_px, rel=5e-3)
    if blur_px > 1.0:
        assert fit_edge_spread(seen, HALF).blur_px[0] > 1.03 * blur_px


def test_noise_scatters_blur_and_place_by_their_standard_errors(rng: np.random.Generator) -> None:
    fits = fit_edge_spread(profiles(np.tile(ndtr(BINS_AT / 1.5), (400, 1)), rng, 0.02), np.full(400, WINDOW_PX))
    assert fits.ok.all()
    assert fits.blur_px.mean() == pytest.approx(1.5, abs=4 * fits.blur_px.std() / 20)
    assert fits.blur_px.std() == pytest.approx(fits.blur_sd_px.mean(), rel=0.15)
    assert fits.shift_px.std() == pytest.approx(fits.shift_sd_px.mean(), rel=0.15)
    assert fits.residual.mean() == pytest.approx(0.02 / math.sqrt(10.0) / (BRIGHT - DARK), rel=0.1)


def test_contrast_and_level_do_not_matter_down_to_four_codes_of_grey() -> None:
    clean = profiles(ndtr(BINS_AT / 1.2))
    for contrast, ok in ((0.9, True), (0.024, True), (0.017, False)):
        light = 0.01 + contrast * (clean.light - DARK) / (BRIGHT - DARK)
        fit = fit_edge_spread(replace(clean, light=light), HALF)
        assert fit.blur_px[0] == pytest.approx(1.2, rel=1e-3)
        assert fit.ok[0] == ok


def test_sharpening_shows_in_the_residual_and_narrows_the_blur() -> None:
    """An unsharp mask of 2 px, half as strong: what overshoots cannot be fitted."""
    soft = ndtr(BINS_AT / 1.2)
    sharpened = soft + 0.5 * (soft - ndtr(BINS_AT / math.hypot(1.2, 2.0)))
    plain, sharp = (fit_edge_spread(profiles(level), HALF) for level in (soft, sharpened))
    assert sharp.blur_px[0] < 0.95 * plain.blur_px[0]
    assert sharp.residual[0] > 20 * plain.residual[0]


@pytest.mark.parametrize(("second", "ok"), [(0.33, True), (0.42, False)])
def test_a_profile_with_another_edge_in_it_is_no_edge(second: float, ok: bool) -> None:
    level = ndtr(BINS_AT / 1.0) - second * ndtr((BINS_AT - 5.0) / 1.0)
    assert fit_edge_spread(profiles(level), HALF).ok[0] == ok


@pytest.mark.parametrize(("filled", "ok"), [(8, True), (6, False)])
def test_a_profile_with_few_bins_filled_is_not_fitted(filled: int, ok: bool) -> None:
    seen = profiles(ndtr(BINS_AT / 2.0))
    chosen = np.zeros(BINS)
    chosen[np.linspace(3, BINS - 4, filled).astype(int)] = 4.0
    assert fit_edge_spread(replace(seen, pixels=chosen[None]), HALF).ok[0] == ok


@pytest.mark.parametrize(("blur_px", "shift_px", "ok"), [(4.0, 0.0, True), (5.4, 0.0, False), (1.0, 5.0, True)])
def test_an_edge_that_fills_the_window_is_left_out(blur_px: float, shift_px: float, ok: bool) -> None:
    assert fit_edge_spread(profiles(ndtr((BINS_AT - shift_px) / blur_px)), HALF).ok[0] == ok
    assert not fit_edge_spread(profiles(ndtr((BINS_AT - 7.0) / 1.0)), HALF).ok[0]


def test_nothing_is_sharper_than_a_pixel() -> None:
    assert fit_edge_spread(profiles((BINS_AT > 0.1).astype(float)), HALF).blur_px[0] == pytest.approx(0.25)


def drawn(
    blur_px: float, slant_deg: float, shape: tuple[int, int] = (120, 160), neighbour_px: float = 0.0
) -> Photo:
    """A straight edge through the middle, dark on the left; perhaps dark again `neighbour_px` to its right."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    across = (x - 80.0) * math.cos(math.radians(slant_deg)) + (y - 60.0) * math.sin(math.radians(slant_deg))
    level = ndtr(across / blur_px)
    if neighbour_px:
        level = level - ndtr((across - neighbour_px) / blur_px)
    codes = np.rint((DARK + (BRIGHT - DARK) * level) * 65_535).astype(np.uint16)
    return Photo("drawn", codes, LINEAR, CameraInfo())


def middle_piece(slant_deg: float, off_px: float = 0.0, window_px: float = 12.0) -> Segments:
    """The piece through the middle, moved off it towards the bright side."""
    slant = math.radians(slant_deg)
    normal = np.array([math.cos(slant), math.sin(slant)])
    return Segments(
        centre_px=np.array([[80.0, 60.0]]) + off_px * normal,
        tangent=np.array([[normal[1], -normal[0]]]),
        half_length_px=np.array([10.0]),
        half_window_px=np.array([window_px]),
    )


@pytest.mark.parametrize("slant_deg", [5.0, 40.0, 85.0, 140.0, 265.0])
def test_a_profile_has_the_light_of_the_edge_at_each_distance(slant_deg: float) -> None:
    seen = sample_profiles(drawn(1.5, slant_deg), middle_piece(slant_deg))
    filled = seen.pixels[0] > 0
    assert filled.mean() > 0.9
    # All of 20 x 24, but for two corners of a piece that slants.
    assert 0.75 * 20 * 24 < seen.pixels.sum() < 1.1 * 20 * 24
    wanted = DARK + (BRIGHT - DARK) * ndtr(seen.distance_px[0] / 1.5)
    assert seen.light[0][filled] == pytest.approx(wanted[filled], abs=4e-3)


def test_a_quick_look_takes_fewer_rows_and_pixels_beyond_the_picture_none() -> None:
    photo, piece = drawn(1.5, 5.0), middle_piece(5.0)
    whole, quick = (sample_profiles(photo, piece, every).pixels.sum() for every in (1, 2))
    assert quick == pytest.approx(whole / 2, rel=0.1)
    beyond = replace(piece, centre_px=np.array([[80.0, -30.0]]))
    assert sample_profiles(photo, beyond).pixels.sum() == 0
    half_out = replace(piece, centre_px=np.array([[80.0, 0.0]]))
    assert sample_profiles(photo, half_out).pixels.sum() == pytest.approx(whole / 2, rel=0.15)


@pytest.mark.parametrize("blur_px", [0.8, 2.0, 3.0])
def test_two_looks_find_an_edge_that_is_not_where_it_should_be(blur_px: float) -> None:
    strips = measure_strips(drawn(blur_px, 8.0), middle_piece(8.0, off_px=2.5), np.array([24.0]), 2.6)
    assert strips.shift_px[0] == pytest.approx(-2.5, abs=0.03)
    assert strips.fits.blur_px[0] == pytest.approx(blur_px, rel=0.02)
    # Wide enough for the levels on both sides, no wider.
    assert strips.half_window_px[0] == pytest.approx(4.5 * blur_px + 1.5, rel=0.08)


def test_the_window_ends_where_the_neighbouring_edges_blur_begins() -> None:
    """A bar of 14 px, blurred by 2.2: the window leaves twice the blur and half a pixel to the neighbour."""
    photo = drawn(2.2, 8.0, neighbour_px=14.0)
    strips = measure_strips(photo, middle_piece(8.0), np.array([14.0]), 2.6)
    assert strips.half_window_px[0] == pytest.approx(14.0 - 2.0 * 2.2 - 0.5, abs=0.5)
    assert strips.fits.blur_px[0] == pytest.approx(2.2, rel=0.04)
    assert len(measure_strips(photo, middle_piece(8.0), np.array([14.0]), 5.5).which) == 0


def test_printed_edges_are_looked_for_all_over_the_sheet(chart: Chart) -> None:
    """On a black picture nothing is found; places are offered every 2.5 mm or so, and none is cut off."""
    photo = Photo("black", np.zeros((4000, 6000), np.uint16), LINEAR, CameraInfo())
    samples = measure_edges(photo, chart, leaning())
    length_mm = sum(math.dist(edge.from_page_mm, edge.to_page_mm) - 4.0 for edge in chart.edges)
    assert length_mm / PIECE_MM * 0.8 < samples.offered < length_mm / PIECE_MM * 1.6
    assert len(samples.edge) == 0


@pytest.mark.parametrize("dark_side", ["left", "right"])
def test_printed_edges_drawn_by_formula_are_found_with_place_and_blur(
    chart: Chart, dark_side: Literal["left", "right"]
) -> None:
    """A chart of one edge that is nearly upright, seen square on at 14 px a mm, blurred by a disc."""
    slope = 0.05
    one, pose = one_edge_square_on(chart, (1500, 1000), slope, dark_side, clear_mm=2.0)
    y, x = np.mgrid[:1000, :1500]
    across = (x - 749.5 - slope * (y - 499.5)) / math.hypot(1.0, slope)
    at = np.linspace(-40.0, 40.0, 801)
    level = np.interp(across, at, disc_and_gaussian(at, 2.0, 0.7))
    # The edge runs down the page: its left is the picture's right.
    light = DARK + (BRIGHT - DARK) * (level if dark_side == "right" else 1.0 - level)
    photo = Photo("drawn", np.rint(light * 65_535).astype(np.uint16), LINEAR, CameraInfo())
    found = measure_edges(photo, one, pose)
    # Pieces of 14 px, as that is less than 2.5 mm, less 2 mm at each end.
    assert found.offered == 36
    assert len(found.edge) == found.offered
    off = ((pose.project(found.sheet_mm) - found.found_px) * found.across).sum(axis=1)
    assert np.abs(off).max() < 0.05
    assert with_floor(found, 0.7).blur_px == pytest.approx(2.0, rel=0.02)
    # From four times as far 14 px are 4 mm, of too many depths: pieces are 2.5 mm long.
    far = replace(pose, translation_mm=np.array([0.0, 0.0, 1000.0]))
    assert measure_edges(photo, one, far).offered == 14
