"""What real lenses add, against theory that is written out here."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import curve_fit
from scipy.special import j0
from virtual_scene import (
    CHART,
    FACING,
    HALF_BLACK,
    MARK,
    PERFECT,
    SMALL,
    draw,
    edge_profile,
    gaussian_edge,
    linear,
    look,
    spread,
)

from backfocus.verify.simulate import Aberrations, Lens, Sensor, SheetPose, VirtualShot, shoot
from backfocus.verify.simulate.projection import project

Array = npt.NDArray[np.float64]
SENSOR = Sensor(pixels=(600, 400), filter_sigma_px=0.0)
PITCH_MM = 0.06
CYCLES_PX = 0.3
"""Of the detail whose plane is the truth on pixels as large as these."""
EDGE = ((MARK[0], MARK[1] - 30), (MARK[0], MARK[1] + 30))
IMAGE_MM = 200 * 1500 / 1300
N = IMAGE_MM / 100
"""Working f-number of 200 mm f/2 at 1500 mm."""


def take(offset_mm: float = 0.0, aberrations: Aberrations | None = None) -> VirtualShot:
    """A straight edge, nearly upright, through 200 mm f/2 at 1500 mm: the sensor is 230.8 mm behind the lens."""
    lens = Lens(200, 2.0, aberration_um=0.0, vignetting_stops=0.0, aberrations=aberrations or Aberrations())
    return shoot(HALF_BLACK, CHART, SheetPose(0, 0, 3), lens, SENSOR, PERFECT, offset_mm=offset_mm)


def landing_px(r: Array, beyond_mm: float, w040_um: float, w060_um: float) -> Array:
    """Where rays of the pupil's radius r meet the sensor, which is so far beyond their focus near the axis."""
    sphere_um = -2 * N * (4 * w040_um * r**3 + 6 * w060_um * r**5)
    return (sphere_um / 1000 - beyond_mm * r / (2 * N)) / PITCH_MM


def sharpest_beyond_mm(w040_um: float, w060_um: float = 0.0) -> float:
    """Where contrast is greatest: that of a zone of the pupil is a Bessel function."""
    r = np.sqrt((np.arange(3000) + 0.5) / 3000)
    beyond_mm = np.linspace(-8, 8, 3201)
    contrast = [abs(j0(2 * math.pi * CYCLES_PX * landing_px(r, mm, w040_um, w060_um)).mean()) for mm in beyond_mm]
    return float(beyond_mm[int(np.argmax(contrast))])


def rms_radius_px(offset_mm: float, w040_um: float) -> float:
    """Along one axis, for rays that are evenly spread over the aperture and meet the sensor where theory says."""
    sensor_mm = 200 * (1500 + offset_mm) / (1300 + offset_mm)
    r = np.sqrt((np.arange(10000) + 0.5) / 10000)
    beyond_mm = (sensor_mm - IMAGE_MM) * IMAGE_MM / sensor_mm + sharpest_beyond_mm(w040_um)
    return math.sqrt((landing_px(r, beyond_mm, w040_um, 0.0) ** 2).mean() / 2)


def contrast_px(shot: VirtualShot) -> float:
    """Contrast of the edge at the frequency of the truth."""
    d, light = edge_profile(shot, EDGE, 20)
    bins = np.linspace(-20, 20, 161)
    profile, _ = np.histogram(d, bins, weights=light)
    counts, _ = np.histogram(d, bins)
    step = np.diff(profile / counts)
    return float(abs((step * np.exp(2j * math.pi * CYCLES_PX * bins[1:-1])).sum() / abs(step.sum())))


def gaussian_width(shot: VirtualShot) -> float:
    d, light = edge_profile(shot, EDGE, 20)
    (_, _, _, width), _ = curve_fit(gaussian_edge, d, light, (0.1, 0.7, 0, 1))
    return abs(width)


class TestSphericalAberration:
    @pytest.mark.parametrize("w040_um", [9.0, -14.0])
    @pytest.mark.parametrize("offset_mm", [-60.0, 0.0, 40.0])
    def test_the_spot_has_the_rms_radius_of_third_order_theory(self, w040_um, offset_mm):
        shot = take(offset_mm, Aberrations(w040_um=w040_um))
        d, light = edge_profile(shot, EDGE, 24)
        assert spread(d, light, 24) == pytest.approx(rms_radius_px(offset_mm, w040_um), rel=0.02, abs=0.03)

    def test_contrast_is_greatest_at_the_truth(self):
        nearer, true, farther = (contrast_px(take(mm, Aberrations(w040_um=14.0))) for mm in (-4.0, 0.0, 4.0))
        assert true > max(nearer, farther)

    @pytest.mark.parametrize(("w040_um", "w060_um"), [(6.0, 0.0), (0.0, 6.0), (-6.0, 9.0)])
    def test_both_orders_move_the_plane_as_their_rays_say(self, w040_um, w060_um):
        """One of 1/distance in front of the lens is one of the squared distance behind it."""
        projection = take(0.0, Aberrations(w040_um=w040_um, w060_um=w060_um)).truth.projection
        expected = -sharpest_beyond_mm(w040_um, w060_um) / IMAGE_MM**2
        assert projection.aberrated_per_mm == pytest.approx(expected, abs=0.01 / IMAGE_MM**2)

    def test_coarse_detail_is_sharpest_nearer_to_the_focus_of_the_least_spot(self):
        """Two thirds of the way to the rim's, which positive aberration has nearer to the camera."""
        offset_mm = project(
            Lens(85, 1.4, aberrations=Aberrations(w040_um=4.0)), Sensor(), 1500.0, (0.0, 0.0)
        ).coarse_offset_mm
        assert offset_mm < -1.5

    def test_blur_has_another_shape_in_front_of_focus_than_behind(self):
        """Undercorrected lenses are known for what is behind focus to have a bright core and soft rims."""
        under, perfect, over = (
            gaussian_width(take(-30, Aberrations(w040_um=um))) / gaussian_width(take(30, Aberrations(w040_um=um)))
            for um in (9.0, 0.0, -9.0)
        )
        assert under < 0.9 * perfect
        assert over > 1.1 * perfect


def edge_near(shot: VirtualShot, middle_mm: tuple[float, float], upright: bool, reach_px: float = 16) -> float:
    """Spread of an edge of a bar, 12 mm of it around the given page point."""
    x, y = middle_mm
    ends = ((x, y + 6), (x, y - 6)) if upright else ((x - 6, y), (x + 6, y))
    return spread(*edge_profile(shot, ends, reach_px), reach_px)


class TestTheField:
    """400 mm away, 85 mm f/2: the corner, 21.6 mm off the axis, sees 80 mm beside the AF mark."""

    POSE = SheetPose(0, 0, 3, 400)
    BESIDE = (145.0, 148.5)
    SENSOR_MM = 85 * 400 / 315
    N = SENSOR_MM / 42.5
    RADIUS = 40 * SENSOR_MM / 400 / math.hypot(18, 12)
    """Of the place 40 mm beside the mark."""

    def blur_px(self, aberrations: Aberrations, upright: bool, beside: bool = True, **changes: Any) -> float:
        x, y = self.BESIDE if beside else (105.0, 148.5)
        sheet = draw((0, 0, x, 297)) if upright else draw((0, y, 210, 297))
        lens = Lens(85, 2.0, aberration_um=0.0, vignetting_stops=0.0, aberrations=aberrations)
        shot = shoot(sheet, CHART, **({"pose": self.POSE} | changes), lens=lens, sensor=SENSOR, exposure=PERFECT)
        return edge_near(shot, (x, y), upright)

    def disc_px(self, defocus_mm: float) -> float:
        """Standard deviation of the edge of a disc."""
        return abs(defocus_mm) / self.N / PITCH_MM / 4

    @pytest.mark.parametrize("upright", [True, False])
    def test_curvature_moves_focus_as_the_radius_squared(self, upright):
        um = -40.0
        expected = self.disc_px(8 * self.N**2 * um / 1000 * self.RADIUS**2)
        assert self.blur_px(Aberrations(w220_um=um), upright) == pytest.approx(expected, rel=0.03, abs=0.16)
        assert self.blur_px(Aberrations(w220_um=um), upright, beside=False) < 0.2

    def test_astigmatism_parts_the_directions_by_the_stated_distance(self):
        """Beside the middle upright edges are those around it; edges that point to it stay sharp."""
        um = -40.0
        expected = self.disc_px(8 * self.N**2 * um / 1000 * self.RADIUS**2)
        assert self.blur_px(Aberrations(w222_um=um), True) == pytest.approx(expected, rel=0.03, abs=0.16)
        assert self.blur_px(Aberrations(w222_um=um), False) < 0.3

    def test_coma_spreads_light_as_its_figure_says(self):
        """Rays land 2 N W h r² (2 + cos 2a, sin 2a) beside: variances of 1/2 and 1/6."""
        um = 60.0
        for upright, variance in ((True, 1 / 2), (False, 1 / 6)):
            expected = 2 * self.N * um * self.RADIUS / 1000 / PITCH_MM * math.sqrt(variance)
            assert self.blur_px(Aberrations(w131_um=um), upright) == pytest.approx(expected, rel=0.05)

    def test_coma_moves_no_plane_of_focus(self):
        lens = Lens(85, 2.0, aberrations=Aberrations(w131_um=3.0, w151_um=-4.0, w333_um=2.0))
        for at in ((0.0, 0.0), (0.3, 0.2)):
            focused = project(lens, SENSOR, 400.0, at)
            assert focused.aberrated_per_mm == pytest.approx(0.0, abs=1e-9)

    def test_focus_is_true_at_an_af_mark_off_the_axis(self):
        off_axis = replace(self.POSE, af_mark_at=(0.3, 0.2))
        assert self.blur_px(Aberrations(w220_um=-40.0), True, beside=False, pose=off_axis) < 0.2

    def test_negative_curvature_focuses_the_corner_farther_away(self):
        nearer, farther = (
            self.blur_px(
                Aberrations(w220_um=-40.0),
                True,
                pose=replace(self.POSE, af_mark_distance_mm=400 + turn),
                offset_mm=-turn,
            )
            for turn in (-6, 6)
        )
        assert farther < nearer

    def test_rays_that_differ_over_the_field_meet_the_sheet_one_by_one_and_make_the_same_picture(self):
        aberrations = Aberrations(w040_um=9.0)
        together, one_by_one = take(20.0, aberrations), take(20.0, replace(aberrations, w131_um=1e-9))
        assert linear(one_by_one) == pytest.approx(linear(together), abs=0.01)

    def test_a_narrower_pupil_off_the_axis_has_less_spherical_aberration(self):
        """Outwards, as the cube of the width; and all of it in the middle."""
        lens = Lens(85, 2.0, cat_eye=0.6, aberrations=Aberrations(w040_um=5.0))
        projection = project(lens, SENSOR, 400.0, (0.0, 0.0))
        px = np.array([projection.centre_px, np.add(projection.centre_px, (0.5 * projection.corner_px, 0.0))])
        rim = projection.pupil_mm(np.array([[1.0, 0.0]]), px) / projection.pupil_radius_mm
        middle, beside = projection.aberration_px(rim, px)[0, :, 0]
        assert beside / middle == pytest.approx((1 - 0.6 * 0.25) ** 3)


class TestVeil:
    def test_a_share_of_the_light_falls_as_far_as_stated(self):
        """Two standard deviations beside an edge 2.3 % of the share are left."""
        sigma_px = 5.0
        lens = Lens(200, 8, vignetting_stops=0.0, veil_share=0.1, veil_um=1000 * PITCH_MM * sigma_px)
        d, light = edge_profile(shoot(HALF_BLACK, CHART, SheetPose(0, 0, 3), lens, SENSOR, PERFECT), EDGE, 30)
        dark, bright = light[d < -25].mean(), light[d > 25].mean()
        dark, bright = min(dark, bright), max(dark, bright)
        beside = [light[np.abs(d - side * 2 * sigma_px) < 0.5].mean() for side in (-1, 1)]
        assert (min(beside) - dark) / (bright - dark) == pytest.approx(0.1 * 0.0228, rel=0.1)
        assert (bright - max(beside)) / (bright - dark) == pytest.approx(0.1 * 0.0228, rel=0.1)


class TestCatEye:
    def test_blur_off_the_axis_is_narrower_outwards_and_not_around(self):
        """At 40 mm beside the centre of the picture; a narrower aperture has a narrower blur in proportion."""
        beside = (145.0, 148.5)
        radius = 40 * 85 / 315 / math.hypot(18, 12)
        widths = {}
        for upright in (True, False):
            sheet = draw((0, 0, 145, 297)) if upright else draw((0, 148.5, 210, 297))
            for cat_eye in (0.0, 0.6):
                lens = Lens(85, 2.0, aberration_um=0.0, vignetting_stops=0.0, cat_eye=cat_eye)
                pose = SheetPose(0, 0, 3, 400)
                shot = shoot(sheet, CHART, pose, lens, SENSOR, PERFECT, offset_mm=30)
                widths[upright, cat_eye] = edge_near(shot, beside, upright, 24)
        assert widths[True, 0.6] / widths[True, 0.0] == pytest.approx(1 - 0.6 * radius**2, abs=0.015)
        assert widths[False, 0.6] / widths[False, 0.0] == pytest.approx(1.0, abs=0.015)


class TestColour:
    def test_red_and_blue_are_sharpest_at_their_own_offsets(self):
        """A focus 100 µm farther from the lens is one of an object that is 4.2 mm farther."""
        shot = shoot(
            HALF_BLACK,
            CHART,
            SheetPose(45, 0, 3),
            Lens(200, 2.0, longitudinal_colour_um=(200.0, -100.0)),
            SENSOR,
            PERFECT,
            offset_mm=5.0,
        )
        sensor_mm = 200 * 1505 / 1305
        for colour, farther_mm in enumerate((0.2, 0.0, -0.1)):
            image_mm = sensor_mm - farther_mm
            offset_mm = 200 * image_mm / (image_mm - 200) - 1500
            assert shot.truth.colour_offsets_mm[colour] == pytest.approx(offset_mm, rel=0.01)
            assert sharpest_mm(shot, colour) == pytest.approx(offset_mm, abs=0.8)
        assert shot.truth.offset_mm == 5.0

    def test_red_and_blue_pictures_differ_in_size(self):
        bars = draw((0, 0, 20, 297), (190, 0, 210, 297))
        lens = Lens(50, 8, lateral_colour_percent=(0.5, -0.3), vignetting_stops=0.0)
        shot = shoot(bars, CHART, SheetPose(af_mark_distance_mm=600, tilt_deg=0), lens, SMALL, PERFECT)
        light = linear(shot)
        expected_px = 170 * 50 * 600 / 550 / 600 / PITCH_MM
        for colour, size in enumerate((1.005, 1.0, 0.997)):
            row = light[200, :, colour] - 0.37
            left, right = np.flatnonzero((row[:-1] < 0) != (row[1:] < 0))[[-2, -1]]
            ends = [x + row[x] / (row[x] - row[x + 1]) for x in (left, right)]
            assert ends[1] - ends[0] == pytest.approx(expected_px * size, abs=0.1)

    def test_a_lens_without_colour_makes_a_picture_without_colour(self):
        assert shoot(HALF_BLACK, CHART, FACING, Lens(), SENSOR).codes.shape == (400, 600)


def sharpest_mm(shot: VirtualShot, colour: int) -> float:
    """Depth behind the AF mark where a line across the edge is steepest."""
    along_mm = np.linspace(-75, 75, 101)
    across = np.linspace(-15, 15, 121)
    light = linear(shot)[..., colour]
    places = shot.truth.page_to_pixel(np.column_stack([np.full(101, MARK[0]), MARK[1] - along_mm]))
    direction = np.array([-(places[-1] - places[0])[1], (places[-1] - places[0])[0]])
    direction /= np.linalg.norm(direction)
    steepness = np.abs(np.diff(look(light, places[:, None] + across[None, :, None] * direction), axis=1)).max(
        axis=1
    )
    near = steepness > 0.6 * steepness.max()
    bend, slope, _ = np.polyfit(along_mm[near], steepness[near] ** -2.0, 2)
    return float(-slope / (2 * bend) * math.sin(math.radians(45)))
