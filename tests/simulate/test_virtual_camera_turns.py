"""A camera that turns during the exposure, against theory that is written out here."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from virtual_scene import CHART, CLEAR, HALF_BLACK, MARK, SMALL, edge_profile, spread

from backfocus.targets import Chart
from backfocus.verify.simulate import Exposure, Lens, SheetPose, Turn, VirtualShot, shoot

EDGE = ((MARK[0], MARK[1] - 30), (MARK[0], MARK[1] + 30))
FOCAL_PX = 85.0 * 1500 / (1500 - 85) / 0.06
STRAIGHT, BENT = Lens(85, 8, **CLEAR), Lens(85, 8, distortion_percent=0.01, **CLEAR)
LEAN_DEG = 3.0


def take(turn: Turn | None, lens: Lens = STRAIGHT, chart: Chart = CHART) -> VirtualShot:
    """A straight edge through the picture's middle, leaning by 3°, of a sheet that faces the camera."""
    exposure = Exposure(noise_fraction=0.0, turn=turn)
    return shoot(HALF_BLACK, chart, SheetPose(0, 0, LEAN_DEG), lens, SMALL, exposure)


def variance(turn: Turn | None, lens: Lens = STRAIGHT, chart: Chart = CHART, reach_px: float = 18) -> float:
    return spread(*edge_profile(take(turn, lens, chart), EDGE, reach_px), reach_px) ** 2


def folded_beside(chart: Chart) -> Chart:
    """The same chart with another panel far from the edge, so that its sheet counts as folded."""
    sheet = chart.panels[0]
    right = MARK[0] + 60
    height = chart.page_mm[1]
    middle = replace(sheet, outline_page_mm=((0, 0), (right, 0), (right, height), (0, height)))
    wing = replace(
        sheet,
        name="wing",
        outline_page_mm=((right, 0), (chart.page_mm[0], 0), (chart.page_mm[0], height), (right, height)),
        hinge_page_mm=((right, 0), (right, height)),
        fold_deg=20.0,
    )
    return replace(chart, panels=(middle, wing))


class TestATurnDuringTheExposure:
    @pytest.mark.parametrize(
        ("lens", "chart"),
        [(STRAIGHT, CHART), (BENT, CHART), (STRAIGHT, folded_beside(CHART))],
        ids=["flat", "lens that bends lines", "folded"],
    )
    def test_yaw_moves_the_whole_picture(self, lens, chart):
        way = FOCAL_PX * math.radians(0.3) * math.cos(math.radians(LEAN_DEG))
        added = variance(Turn(yaw_deg=0.3), lens, chart) - variance(None, lens, chart)
        assert added == pytest.approx(way**2 / 12, rel=0.02)

    def test_pitch_moves_it_the_other_way(self):
        way = FOCAL_PX * math.radians(0.5) * math.sin(math.radians(LEAN_DEG))
        assert variance(Turn(pitch_deg=0.5)) - variance(None) == pytest.approx(way**2 / 12, abs=0.01)

    @pytest.mark.parametrize("roll_deg", [0.5, -0.2])
    def test_roll_blurs_in_proportion_to_the_distance_from_its_pivot(self, roll_deg):
        """Two picture heights, 800 px, from the edge's middle; along it the edge reaches 28 px to either side."""
        way2 = (800**2 + 28.3**2 / 3) * math.radians(roll_deg) ** 2 * math.cos(math.radians(LEAN_DEG)) ** 2
        added = variance(Turn(roll_deg=roll_deg, pivot=(0.0, -2.0))) - variance(None)
        assert added == pytest.approx(way2 / 12, rel=0.02)

    def test_roll_leaves_its_pivot_sharp(self):
        assert variance(Turn(roll_deg=0.5)) == pytest.approx(variance(None), abs=0.02)

    @pytest.mark.parametrize("at", [0.5, 0.2])
    def test_an_abrupt_turn_makes_two_pictures(self, at):
        """With an eighth of the time between them."""
        path = np.clip((np.linspace(0, 1, 9999) - at) * 8 + 0.5, 0, 1)
        way = FOCAL_PX * math.radians(0.3) * math.cos(math.radians(LEAN_DEG))
        added = variance(Turn(yaw_deg=0.3, abrupt=1.0, abrupt_at=at)) - variance(None)
        assert added == pytest.approx(path.var() * way**2, rel=0.02)

    @pytest.mark.parametrize("turn", [Turn(yaw_deg=0.4, abrupt=0.6, abrupt_at=0.2), Turn(0.5, (-1, 2), 0.1, 0.1)])
    def test_on_the_whole_nothing_is_displaced(self, turn):
        d, light = edge_profile(take(turn), EDGE, 18)
        dark, bright = light[d > 16].mean(), light[d < -16].mean()
        assert light[np.abs(d) < 16].mean() == pytest.approx((dark + bright) / 2, abs=0.003)

    def test_nothing_true_of_the_shot_changes(self):
        still, turned = take(None).truth, take(Turn(0.5, (0.1, 0.1), 0.1, 0.1)).truth
        assert turned.offset_mm == still.offset_mm
        assert turned.page_to_pixel(EDGE) == pytest.approx(still.page_to_pixel(EDGE))

    def test_the_picture_moves_as_stated(self):
        """What a pixel sees at the end, lay where it came from at the mean."""
        at_end = np.ones(1)
        centre = np.array([*take(None).truth.projection.centre_px, 1.0])
        for turn, way in ((Turn(yaw_deg=0.2), (-1, 0)), (Turn(pitch_deg=0.2), (0, -1))):
            seen = take(turn).truth.projection.turned_at(at_end)[0] @ centre
            px = FOCAL_PX * math.radians(0.1)
            assert seen[:2] / seen[2] - centre[:2] == pytest.approx(np.multiply(way, px), rel=0.01, abs=1e-6)
        right_of_it = centre + np.array([100, 0, 0])
        seen = take(Turn(roll_deg=1.0)).truth.projection.turned_at(at_end)[0] @ right_of_it
        assert seen[1] - centre[1] == pytest.approx(-100 * math.radians(0.5), rel=0.01)
