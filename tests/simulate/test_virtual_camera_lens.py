"""What real lenses add, against theory that is written out here."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import curve_fit
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

from backfocus.verify.simulate import Lens, Sensor, SheetPose, VirtualShot, shoot

SENSOR = Sensor(pixels=(600, 400), filter_sigma_px=0.0)
PITCH_MM = 0.06
EDGE = ((MARK[0], MARK[1] - 30), (MARK[0], MARK[1] + 30))


def take(offset_mm: float = 0.0, **lens: Any) -> VirtualShot:
    """A straight edge, nearly upright, through 200 mm f/2 at 1500 mm: the sensor is 230.8 mm behind the lens."""
    lens = {"aberration_um": 0.0, "vignetting_stops": 0.0} | lens
    return shoot(
        HALF_BLACK, CHART, SheetPose(0, 0, 3), Lens(200, 2.0, **lens), SENSOR, PERFECT, offset_mm=offset_mm
    )


def rms_radius_px(offset_mm: float, spherical_um: float) -> float:
    """Along one axis, for rays that are evenly spread over the aperture and meet the axis where theory says."""
    sensor_mm = 200 * (1500 + offset_mm) / (1300 + offset_mm)
    r = np.sqrt((np.arange(10000) + 0.5) / 10000)
    image_mm = 200 * 1500 / 1300
    defocus_mm = image_mm - sensor_mm + spherical_um / 1000 * (r**2 - 2 / 3)
    landing_px = 50 * r * defocus_mm / image_mm / PITCH_MM
    return math.sqrt((landing_px**2).mean() / 2)


def gaussian_width(shot: VirtualShot) -> float:
    d, light = edge_profile(shot, EDGE, 20)
    (_, _, _, width), _ = curve_fit(gaussian_edge, d, light, (0.1, 0.7, 0, 1))
    return abs(width)


class TestSphericalAberration:
    @pytest.mark.parametrize("spherical_um", [-800.0, 1200.0])
    @pytest.mark.parametrize("offset_mm", [-60.0, 0.0, 40.0])
    def test_the_spot_has_the_rms_radius_of_third_order_theory(self, spherical_um, offset_mm):
        shot = take(offset_mm, spherical_um=spherical_um)
        reach = 18 + abs(spherical_um) / 500
        d, light = edge_profile(shot, EDGE, reach)
        assert spread(d, light, reach) == pytest.approx(rms_radius_px(offset_mm, spherical_um), rel=0.02, abs=0.03)

    def test_the_spot_is_smallest_at_the_truth(self):
        radii = [rms_radius_px(offset_mm, 1200.0) for offset_mm in (-2.0, 0.0, 2.0)]
        assert radii[1] == min(radii)

    def test_blur_has_another_shape_in_front_of_focus_than_behind(self):
        """Undercorrected lenses are known for what is behind focus to have a bright core and soft rims."""
        under, perfect, over = (
            gaussian_width(take(-30, spherical_um=um)) / gaussian_width(take(30, spherical_um=um))
            for um in (-1000.0, 0.0, 1000.0)
        )
        assert under < 0.9 * perfect
        assert over > 1.1 * perfect


def edge_near(shot: VirtualShot, middle_mm: tuple[float, float], upright: bool, reach_px: float = 16) -> float:
    """Spread of an edge of a bar, 12 mm of it around the given page point."""
    x, y = middle_mm
    ends = ((x, y + 6), (x, y - 6)) if upright else ((x - 6, y), (x + 6, y))
    return spread(*edge_profile(shot, ends, reach_px), reach_px)


class TestFieldCurvature:
    """400 mm away, 85 mm f/2: the corner, 21.6 mm off the axis, sees 79 mm beside the AF mark."""

    POSE = SheetPose(0, 0, 3, 400)

    def blur_px(self, middle_mm: tuple[float, float], **changes: Any) -> float:
        sheet = draw((0, 0, middle_mm[0], 297))
        lens = Lens(85, 2.0, aberration_um=0.0, vignetting_stops=0.0, field_curvature_um=2000.0)
        shot = shoot(sheet, CHART, **({"pose": self.POSE} | changes), lens=lens, sensor=SENSOR, exposure=PERFECT)
        return edge_near(shot, middle_mm, upright=True)

    @pytest.mark.parametrize("right_mm", [0.0, 40.0])
    def test_focus_leaves_the_sheet_as_the_radius_squared(self, right_mm):
        sensor_mm = 85 * 400 / 315
        radius = right_mm * sensor_mm / 400 / math.hypot(18, 12)
        diameter_px = 2.0 * radius**2 / sensor_mm * 85 / 2 / PITCH_MM
        assert self.blur_px((105 + right_mm, 148.5)) == pytest.approx(diameter_px / 4, rel=0.03, abs=0.16)

    def test_focus_is_true_at_an_af_mark_off_the_axis(self):
        off_axis = replace(self.POSE, af_mark_at=(0.3, 0.2))
        assert self.blur_px((105.0, 148.5), pose=off_axis) < 0.2

    def test_a_positive_curvature_focuses_the_corner_farther_away(self):
        nearer, farther = (
            self.blur_px((145.0, 148.5), pose=replace(self.POSE, af_mark_distance_mm=400 + turn), offset_mm=-turn)
            for turn in (-6, 6)
        )
        assert farther < nearer


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
