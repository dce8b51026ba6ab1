"""Light, movement and development against theory that is written out here."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from virtual_scene import CHART, CLEAR, FACING, HALF_BLACK, MARK, PERFECT, SMALL, edge_profile, linear, spread

from backfocus.verify.simulate import (
    Development,
    Exposure,
    Lens,
    Sensor,
    Shadow,
    SheetPose,
    SheetRaster,
    VirtualShot,
    shoot,
)

WHITE = SheetRaster(np.zeros((100, 100), np.uint8), CHART.page_mm)
NEAR = SheetPose(0, 0, 0, 400)
EDGE = ((MARK[0], MARK[1] - 30), (MARK[0], MARK[1] + 30))


def edge_variance(motion_px: float, motion_deg: float) -> float:
    exposure = Exposure(noise_fraction=0.0, motion_px=motion_px, motion_deg=motion_deg)
    shot = shoot(HALF_BLACK, CHART, SheetPose(0, 0, 3), Lens(85, 8, **CLEAR), SMALL, exposure)
    return spread(*edge_profile(shot, EDGE, 14), 14) ** 2


def white_sheet(shadow: Shadow) -> VirtualShot:
    return shoot(WHITE, CHART, NEAR, Lens(85, 4, **CLEAR), SMALL, Exposure(noise_fraction=0.0, shadow=shadow))


class TestMotion:
    @pytest.mark.parametrize(("motion_px", "motion_deg"), [(1.0, 0.0), (5.0, 0.0), (8.0, 50.0), (8.0, -50.0)])
    def test_an_edge_spreads_by_the_way_across_it(self, motion_px, motion_deg):
        """An even way of the length w has the variance w²/12. The edge leans by 3° clockwise."""
        across = motion_px * math.cos(math.radians(motion_deg - 3.0))
        assert edge_variance(motion_px, motion_deg) - edge_variance(0.0, 0.0) == pytest.approx(
            across**2 / 12, rel=0.02, abs=0.01
        )

    def test_an_edge_along_the_movement_stays_sharp(self):
        assert edge_variance(8.0, 93.0) == pytest.approx(edge_variance(0.0, 0.0), abs=0.02)

    def test_nothing_is_displaced(self):
        exposure = Exposure(noise_fraction=0.0, motion_px=7.3, motion_deg=30)
        moved = shoot(HALF_BLACK, CHART, SheetPose(0, 0, 3), Lens(85, 8, **CLEAR), SMALL, exposure)
        d, light = edge_profile(moved, EDGE, 12)
        dark, bright = light[d > 11].mean(), light[d < -11].mean()
        assert light[np.abs(d) < 10].mean() == pytest.approx((dark + bright) / 2, abs=0.002)


class TestShadow:
    def test_the_stated_part_of_the_light_is_missing_on_the_dark_side(self):
        light = linear(white_sheet(Shadow(darkness=0.6, towards_deg=0, at=0.1, width=0.05)))
        assert light[200, 300] == pytest.approx(0.7, rel=1e-3)
        assert light[200, 400] == pytest.approx(0.7 * 0.4, rel=1e-3)
        assert light[200, 359:361].mean() == pytest.approx(0.7 * 0.7, rel=0.01)
        assert light[200, 340] > light[200, 350] > light[200, 370]

    def test_it_darkens_in_the_stated_direction(self):
        down, up = (linear(white_sheet(Shadow(0.5, towards_deg=turn))) for turn in (90, -90))
        assert down[50, 300] == pytest.approx(2 * down[350, 300], rel=1e-3)
        assert up[350, 300] == pytest.approx(2 * up[50, 300], rel=1e-3)
        assert down[50, 200] == pytest.approx(down[50, 400], rel=1e-3)


class TestMosaic:
    SENSOR = replace(SMALL, mosaic=True)

    def shot(self, sensor: Sensor, **exposure: Any) -> VirtualShot:
        return shoot(
            HALF_BLACK, CHART, SheetPose(0, 0, 20), Lens(85, 8, **CLEAR), sensor, Exposure(**exposure), seed=5
        )

    def test_colours_are_those_of_the_light(self):
        light = linear(self.shot(self.SENSOR, noise_fraction=0.0, tint=(1.0, 0.8, 0.5)))[170:230, 320:340]
        assert light.mean(axis=(0, 1)) == pytest.approx([0.7, 0.56, 0.35], rel=0.003)
        assert light.std(axis=(0, 1)).max() < 0.001

    def test_noise_differs_between_colours_and_not_between_neighbours(self):
        """Interpolated red and blue share most of their noise with their neighbours."""
        light = linear(self.shot(self.SENSOR, noise_fraction=0.02))[170:230, 320:340]
        light -= light.mean(axis=(0, 1))
        red, green, blue = np.moveaxis(light, 2, 0)
        assert abs((red * blue).mean()) < 0.2 * red.std() * blue.std()
        assert (red[:, 1:] * red[:, :-1]).mean() > 0.3 * red.var()
        assert green.std() == pytest.approx(0.8 * 0.014, rel=0.25)

    def test_edges_stay_where_they_are(self):
        plain, mosaic = (self.shot(sensor, noise_fraction=0.0) for sensor in (SMALL, self.SENSOR))
        difference = linear(mosaic)[..., 1] - linear(plain)
        near = np.s_[150:250, 280:320]
        assert abs(difference[near].mean()) < 0.001
        assert np.abs(difference[near]).max() > 0.01


class TestDevelopment:
    def test_noise_reduction_smooths_paper_and_keeps_edges(self):
        noisy = Exposure(noise_fraction=0.05)
        plain, smooth = (
            shoot(HALF_BLACK, CHART, FACING, Lens(85, 8, **CLEAR), SMALL, noisy, Development(noise_reduction=level))
            for level in (0.0, 0.06)
        )
        paper = np.s_[160:240, 310:340]
        assert smooth.codes[paper].std() < 0.5 * plain.codes[paper].std()
        steepest = [np.abs(np.diff(linear(shot)[160:240].mean(axis=0))).max() for shot in (plain, smooth)]
        assert steepest[1] > 0.9 * steepest[0]

    def test_strong_sharpening_stays_in_range_and_rings_on_both_sides(self):
        strong = Development(sharpening_amount=1.5, sharpening_radius_px=1.5)
        row = shoot(HALF_BLACK, CHART, FACING, Lens(85, 8, **CLEAR), SMALL, PERFECT, strong).codes[200].astype(int)
        assert row[299:310].max() > row[335] + 20
        assert row[290:301].min() < row[265] - 20
