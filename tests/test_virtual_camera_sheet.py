"""Prints as printers leave them."""

from __future__ import annotations

import numpy as np
import pytest
from virtual_scene import CHART, CLEAR, FACING, HALF_BLACK, PERFECT, SMALL, draw, linear

from backfocus.verify.camera import Lens, Print, SheetRaster, shoot
from backfocus.verify.camera.sheet.ink import as_printed

BAR = draw((100, 50, 110, 250))
PX_PER_MM = BAR.ink.shape[1] / CHART.page_mm[0]


def half_level_mm(sheet: SheetRaster, row: int) -> list[float]:
    """Where a row of the raster crosses half ink."""
    ink = sheet.ink[row].astype(float) - 127.5
    at = np.flatnonzero((ink[:-1] < 0) != (ink[1:] < 0))
    return [(x + ink[x] / (ink[x] - ink[x + 1]) + 0.5) / PX_PER_MM for x in at]


class TestInk:
    @pytest.mark.parametrize("gain_mm", [0.02, 0.1, 0.2, -0.1])
    def test_gain_moves_both_borders_outwards(self, gain_mm):
        left, right = half_level_mm(as_printed(BAR, Print(gain_mm=gain_mm)), 3500)
        assert left == pytest.approx(100 - gain_mm, abs=0.005)
        assert right == pytest.approx(110 + gain_mm, abs=0.005)

    def test_gain_is_the_same_in_every_direction(self):
        y, x = np.indices((1200, 1200)) - 599.5
        disc = SheetRaster(np.where(np.hypot(x, y) < 400, 255, 0).astype(np.uint8), (1200 / PX_PER_MM,) * 2)
        wider = as_printed(disc, Print(gain_mm=0.2)).ink > 127
        radius = np.hypot(x, y)
        assert radius[wider].max() - 400 == pytest.approx(0.2 * PX_PER_MM, abs=1.0)
        assert radius[~wider].min() - 400 == pytest.approx(0.2 * PX_PER_MM, abs=1.0)

    def test_softness_is_the_width_of_a_border(self):
        ink = as_printed(BAR, Print(softness_mm=0.2)).ink[3500].astype(float)
        spread = np.diff(ink[: ink.size // 2])
        x = np.arange(spread.size)
        mean = (spread * x).sum() / spread.sum()
        sigma = np.sqrt((spread * (x - mean) ** 2).sum() / spread.sum())
        assert sigma / PX_PER_MM == pytest.approx(0.2, rel=0.05)

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
