"""Things that cover the sheet, and glare."""

from __future__ import annotations

import numpy as np
import pytest
from virtual_scene import CHART, CLEAR, FACING, HALF_BLACK, PERFECT, SMALL, linear

from backfocus.verify.simulate import CAMERAS, Cover, Glare, Lens, SheetPose, VirtualShot, hand, shoot

SQUARE = Cover(((60, 100), (150, 100), (150, 190), (60, 190)), reflectance=0.425)


def take(*in_front: Cover | Glare, pose: SheetPose = FACING, offset_mm: float = 0.0) -> VirtualShot:
    lens = Lens(85, 4, **CLEAR)
    return shoot(HALF_BLACK, CHART, pose, lens, SMALL, PERFECT, in_front=in_front, offset_mm=offset_mm)


def at(shot: VirtualShot, *page_mm: tuple[float, float]) -> list[float]:
    light = linear(shot)
    return [float(light[round(y), round(x)]) for x, y in shot.truth.page_to_pixel(page_mm)]


class TestCover:
    @pytest.mark.parametrize("pose", [FACING, SheetPose(50, 10, 30)])
    def test_it_hides_what_is_below_and_nothing_else(self, pose):
        under, over = (65, 105), (145, 185)
        shot = take(SQUARE, pose=pose)
        assert at(shot, under, over) == pytest.approx([0.35, 0.35], rel=0.01)
        beside = [(50, 105), (160, 185)]
        assert at(shot, *beside) == pytest.approx(at(take(pose=pose), *beside), rel=0.01)

    def test_it_is_blurred_as_the_sheet_is(self):
        sharp, blurred = (
            np.abs(np.diff(linear(take(SQUARE, offset_mm=offset_mm))[200, 340:400])).max() for offset_mm in (0, 400)
        )
        assert blurred < 0.6 * sharp

    def test_it_may_reach_over_the_border_of_the_sheet(self):
        wide = Cover(((150, 100), (260, 100), (260, 190), (150, 190)), reflectance=0.425)
        assert at(take(wide), (240, 145)) == pytest.approx([0.35], rel=0.01)

    @pytest.mark.parametrize(("turned_deg", "wrist"), [(0, (105, 270)), (90, (-15, 150)), (180, (105, 30))])
    def test_a_hand_comes_from_the_stated_side(self, turned_deg, wrist):
        palm = (105, 150)
        assert at(take(hand(palm, turned_deg)), palm, wrist) == pytest.approx([0.288, 0.288], rel=0.01)

    def test_the_last_thing_is_on_top(self):
        black = Cover(SQUARE.outline_page_mm, reflectance=0.0)
        assert at(take(SQUARE, black), (100, 150)) == [0.0]


class TestGlare:
    def test_it_blows_out_the_sheet_and_fades(self):
        light = at(take(Glare((120, 150), radius_mm=10, strength=3)), (120, 150), (135, 150), (170, 150))
        assert light == pytest.approx([1.0, 1.0, 0.7], rel=0.01)

    def test_ink_brightens_as_much_as_paper(self):
        plain, shining = (
            at(take(*glare), (90, 150), (120, 150)) for glare in ([], [Glare((105, 150), 60, strength=0.2)])
        )
        added = np.subtract(shining, plain)
        assert added == pytest.approx(0.2 * 0.7 * np.exp(-((15 / 60) ** 2) / 2), rel=0.02)


class TestPresets:
    @pytest.mark.parametrize("name", list(CAMERAS))
    def test_a_preset_has_the_megapixels_of_its_name_and_sees_the_whole_sheet(self, name):
        camera = CAMERAS[name]
        long, short = camera.sensor.pixels
        assert long * short / 1e6 == pytest.approx(float(name.rpartition("-")[2]), rel=0.02)
        seen_mm = camera.sensor.width_mm / camera.lens.focal_length_mm * camera.distance_mm
        assert seen_mm * short / long > 297 * np.cos(np.pi / 4)
