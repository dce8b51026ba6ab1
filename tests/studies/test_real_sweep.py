"""The study of a real sweep, on pictures made up by code."""

from __future__ import annotations

import cv2
import formula_photo as formula
import numpy as np
import pytest
import real_sweep

from backfocus.verify.photo.reading import Photo

SHIFT = 4


def bars(blur_px: float) -> Photo:
    """Slanted black bars on grey paper, blurred; with noise."""
    picture = np.full((640, 900), 0.7, np.float32)
    for row in range(3):
        for column in range(4):
            middle = np.array([130 + 210 * column, 120 + 200 * row])
            lean = np.radians(5.0 + 2 * column + 3 * row)
            along, across = np.array([-np.sin(lean), np.cos(lean)]), np.array([np.cos(lean), np.sin(lean)])
            corners = [middle + a * 70 * along + b * 40 * across for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
            fixed = np.rint(np.array(corners) * 2**SHIFT).astype(np.int32)
            cv2.fillConvexPoly(picture, fixed, 0.05, lineType=cv2.LINE_AA, shift=SHIFT)
    light = cv2.GaussianBlur(picture, (0, 0), blur_px)
    light += np.random.default_rng(1).normal(0, 0.003, light.shape).astype(np.float32)
    photo = formula.photo()
    codes = np.rint(np.clip(light, 0, 1) * 65535).astype(np.uint16)
    return Photo("bars.png", codes, np.linspace(0, 1, 65536, dtype=np.float32), photo.camera)


@pytest.mark.parametrize("blur_px", [1.0, 2.0])
def test_edges_are_found_and_their_blur_measured_both_ways(blur_px: float) -> None:
    photo = bars(blur_px)
    lines = real_sweep.find_lines(photo)
    assert 24 <= len(lines.length_px) <= 48
    seen = real_sweep.measure(photo, lines)
    assert np.exp(np.nanmedian(seen.line_log_blur)) == pytest.approx(blur_px, rel=0.03)
    assert np.nanmedian(seen.by_contrast) == pytest.approx(blur_px, rel=0.08)


def test_dark_is_on_the_left_of_a_line() -> None:
    photo = bars(1.0)
    lines = real_sweep.find_lines(photo)
    right = np.rint(lines.middle_px + 8 * np.stack([-lines.tangent[:, 1], lines.tangent[:, 0]], axis=1)).astype(int)
    assert (photo.light_of_code[photo.codes[right[:, 1], right[:, 0]]] > 0.5).all()


def test_report_tells_the_setting_of_least_blur() -> None:
    sweep = {at: bars(float(np.hypot(0.8, 0.1 * (at - 4)))) for at in (-16, -8, 0, 8, 16)}
    text = real_sweep.report(sweep)
    [row] = [line for line in text.splitlines() if line.startswith("| width |")]
    assert float(row.split("|")[2].split()[0]) == pytest.approx(4.0, abs=0.5)
