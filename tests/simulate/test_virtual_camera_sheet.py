"""Prints as printers leave them, and sheets that do not lie flat."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from scipy.optimize import curve_fit
from virtual_scene import (
    CHART,
    CLEAR,
    FACING,
    HALF_BLACK,
    MARK,
    PERFECT,
    SMALL,
    draw,
    edge_profile,
    gaussian_edge,
    linear,
)

from backfocus.verify.simulate import Lens, Print, Sensor, SheetPose, SheetRaster, Truth, shoot
from backfocus.verify.simulate.painting import as_printed

CROSSES = draw(*((x - 10, y - 10, x, y + 10) for x in (20, 190) for y in (40, 270)))
"""Boxes with the middle of their right side at four places."""
TINY = Sensor(pixels=(60, 40))
BAR = draw((100, 50, 110, 250))
RNG = np.random.default_rng(1)
PX_PER_MM = BAR.ink.shape[1] / CHART.page_mm[0]


def half_level_mm(sheet: SheetRaster, row: int) -> list[float]:
    """Where a row of the raster crosses half ink."""
    ink = sheet.ink[row].astype(float) - 127.5
    at = np.flatnonzero((ink[:-1] < 0) != (ink[1:] < 0))
    return [(x + ink[x] / (ink[x] - ink[x + 1]) + 0.5) / PX_PER_MM for x in at]


class TestInk:
    @pytest.mark.parametrize("gain_mm", [0.02, 0.1, 0.2, -0.1])
    def test_gain_moves_both_borders_outwards(self, gain_mm):
        left, right = half_level_mm(as_printed(BAR, Print(gain_mm=gain_mm), RNG), 3500)
        assert left == pytest.approx(100 - gain_mm, abs=0.005)
        assert right == pytest.approx(110 + gain_mm, abs=0.005)

    def test_grey_areas_grow_as_black_ones_do_and_stay_grey(self):
        grey = SheetRaster(BAR.ink // 255 * 140 + draw((20, 50, 30, 250)).ink, CHART.page_mm)
        gained = as_printed(grey, Print(gain_mm=0.1), RNG)
        halfway = SheetRaster(np.minimum(gained.ink, 140) // 140 * 255, CHART.page_mm)
        assert half_level_mm(halfway, 3500) == pytest.approx([19.9, 30.1, 99.9, 110.1], abs=1.1 / PX_PER_MM)
        assert set(np.unique(gained.ink[3500, 2400:2550])) == {140}

    def test_gain_is_the_same_in_every_direction(self):
        y, x = np.indices((1200, 1200)) - 599.5
        disc = SheetRaster(np.where(np.hypot(x, y) < 400, 255, 0).astype(np.uint8), (1200 / PX_PER_MM,) * 2)
        wider = as_printed(disc, Print(gain_mm=0.2), RNG).ink > 127
        radius = np.hypot(x, y)
        assert radius[wider].max() - 400 == pytest.approx(0.2 * PX_PER_MM, abs=1.0)
        assert radius[~wider].min() - 400 == pytest.approx(0.2 * PX_PER_MM, abs=1.0)

    def test_ragged_borders_wander_as_far_as_stated_along_a_grain_and_stay_where_they_are_on_the_whole(self):
        sheet = as_printed(BAR, Print(raggedness_mm=0.03, grain_mm=0.3), np.random.default_rng(4))
        left = np.array([half_level_mm(sheet, row)[0] for row in range(1400, 5600)])
        assert left.mean() == pytest.approx(100.0, abs=0.004)
        assert left.std() == pytest.approx(0.03, rel=0.15)
        grain, far = (round(mm * PX_PER_MM) for mm in (0.1, 0.9))
        assert np.corrcoef(left[grain:], left[:-grain])[0, 1] > 0.7
        assert abs(np.corrcoef(left[far:], left[:-far])[0, 1]) < 0.3

    def test_softness_is_the_width_of_a_border(self):
        ink = as_printed(BAR, Print(softness_mm=0.2), RNG).ink[3500].astype(float)
        spread = np.diff(ink[: ink.size // 2])
        x = np.arange(spread.size)
        mean = (spread * x).sum() / spread.sum()
        sigma = np.sqrt((spread * (x - mean) ** 2).sum() / spread.sum())
        assert sigma / PX_PER_MM == pytest.approx(0.2, rel=0.05)

    def test_specks_are_as_many_and_as_large_as_stated(self):
        dirty = as_printed(BAR, Print(specks=40, speck_mm=2.0), np.random.default_rng(3)).ink[:, : 90 * 23] > 0
        count, _, boxes, _ = cv2.connectedComponentsWithStats(dirty.astype(np.uint8))
        assert 8 < count < 25
        assert boxes[1:, 2:4].max() / PX_PER_MM == pytest.approx(2.0, abs=0.6)

    def test_a_photo_shows_the_print(self):
        sharp, soft = (
            np.abs(
                np.diff(
                    linear(
                        shoot(HALF_BLACK, CHART, FACING, Lens(85, 8, **CLEAR), SMALL, PERFECT, printing=printing)
                    )[200]
                )
            ).max()
            for printing in (None, Print(softness_mm=1.0))
        )
        assert soft < 0.8 * sharp


class TestBentSheet:
    FLAT_ON = SheetPose(0, 0, 0, 600, sag_mm=5.0, bent_along="height")

    def truth(self, **changes: Any) -> Truth:
        return shoot(HALF_BLACK, CHART, replace(self.FLAT_ON, **changes), Lens(50, 8), TINY).truth

    @pytest.mark.parametrize("sag_mm", [5.0, -5.0])
    def test_the_middle_stands_out_by_the_sag(self, sag_mm):
        depth = self.truth(sag_mm=sag_mm).depth_mm([(105, 0), MARK, (105, 297), (0, 148.5), (210, 148.5)])
        assert depth == pytest.approx([sag_mm, 0, sag_mm, 0, 0], abs=1e-9)

    def test_bent_along_the_width_its_sides_bend_away(self):
        depth = self.truth(bent_along="width").depth_mm([(105, 0), (105, 297), (0, 148.5), (210, 148.5)])
        assert depth == pytest.approx([0, 0, 5, 5], abs=1e-9)

    @pytest.mark.parametrize("tilt_deg", [0.0, 45.0])
    def test_paper_does_not_stretch(self, tilt_deg):
        page = np.column_stack([np.full(1000, 60.0), np.linspace(0, 297, 1000)])
        points = self.truth(tilt_deg=tilt_deg).sheet.points(page)
        steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
        assert steps == pytest.approx(297 / 999, rel=1e-6)
        assert np.linalg.norm(points[-1] - points[0]) < 297 - 0.2

    @pytest.mark.parametrize(
        "pose", [SheetPose(45), SheetPose(-50, 10, 90), SheetPose(30, -5, 20, 600, (0.05, -0.03))]
    )
    @pytest.mark.parametrize(("bent_along", "sag_mm"), [("width", 6.0), ("height", 6.0), ("width", -10.0)])
    def test_ink_is_where_the_truth_says(self, pose, bent_along, sag_mm):
        """Rays that meet the sheet and points of the sheet are reckoned apart.

        Hollow by 10 mm the sheet has its centre of curvature, 551 mm in front of it, nearer than the camera.
        """
        pose = replace(pose, af_mark_distance_mm=600, sag_mm=sag_mm, bent_along=bent_along)
        shot = shoot(CROSSES, CHART, pose, Lens(50, 16, distortion_percent=-3), SMALL, PERFECT)
        flat = shoot(CROSSES, CHART, replace(pose, sag_mm=0.0), Lens(50, 16, distortion_percent=-3), SMALL, PERFECT)
        moved = 0.0
        for x, y in ((20, 40), (190, 40), (20, 270), (190, 270)):
            ends = np.array([(x, y + 3), (x, y - 3)])
            d, light = edge_profile(shot, ends, 6)
            (_, _, at, _), _ = curve_fit(gaussian_edge, d, light, (0.0, 0.7, 0, 0.7))
            assert at == pytest.approx(0.0, abs=0.04)
            moved = max(moved, np.abs(shot.truth.page_to_pixel(ends) - flat.truth.page_to_pixel(ends)).max())
        assert moved > 1.0

    def test_a_slight_bend_is_almost_a_flat_sheet(self):
        pose = SheetPose(40, 5, 3)
        flat, slight = (
            shoot(BAR, CHART, replace(pose, sag_mm=sag_mm), Lens(85, 2), SMALL, PERFECT).codes.astype(int)
            for sag_mm in (0.0, 1e-4)
        )
        assert np.abs(flat - slight).max() <= 2

    def test_the_truth_stays_at_the_af_mark(self):
        truth = self.truth(tilt_deg=45, af_mark_at=(0.1, 0.2), sag_mm=8)
        assert truth.depth_mm([MARK]) == pytest.approx(0.0, abs=1e-9)
        assert truth.page_to_pixel([MARK])[0] == pytest.approx(truth.af_mark_px)

    def test_a_sheet_cannot_sag_by_more_than_a_tenth(self):
        with pytest.raises(ValueError, match=r"cannot sag by 30 mm: give at most 29.7 mm"):
            self.truth(sag_mm=30.0)
