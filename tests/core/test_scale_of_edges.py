"""Edges sharper than optics can make them are measured in a smoothed picture."""

from __future__ import annotations

from dataclasses import replace

import cv2
import formula_photo as formula
import numpy as np
import pytest

from backfocus.verify.edges.fit import measure_strips
from backfocus.verify.edges.profiles import Segments
from backfocus.verify.edges.scale import FEW_PIECES, NOISY, SMOOTHING_PX, Scale, scale_for, smoothed
from backfocus.verify.photo.reading import Photo


def blurs(sharpest: float, count: int = 400) -> np.ndarray:
    return np.linspace(sharpest, 4.0, count)


def test_edges_too_sharp_and_noisy_are_smoothed() -> None:
    blur = blurs(0.3)
    scale = scale_for(blur, 1.1 * NOISY * blur)
    assert scale.smoothing_px == SMOOTHING_PX
    assert scale.sharpest_px == pytest.approx(0.3, abs=0.25)


@pytest.mark.parametrize(("sharpest", "noise"), [(0.3, 0.9 * NOISY), (0.6, 2 * NOISY)])
def test_photos_as_cameras_take_them_are_not(sharpest: float, noise: float) -> None:
    blur = blurs(sharpest, 4000)
    assert scale_for(blur, noise * blur).smoothing_px == 0.0


def test_a_handful_of_pieces_tells_nothing() -> None:
    few = np.full(FEW_PIECES - 1, 0.3)
    assert scale_for(few, 0.2 * few) == Scale()


def test_blur_is_told_as_the_photo_has_it() -> None:
    assert Scale(0.8, 0.3).photo_blur_px(np.hypot([1.0, 2.0], 0.8)) == pytest.approx([1.0, 2.0])
    assert Scale(0.8, 0.3).photo_blur_px(np.array([0.7])) == pytest.approx([0.3])
    assert Scale().photo_blur_px(np.array([0.7])) == pytest.approx([0.7])


def slanted_edge(sharpening: float, noise: float) -> tuple[Photo, Segments, np.ndarray]:
    """An upright edge of 0.6 px blur in twelve pieces."""
    y, x = np.mgrid[:400, :120].astype(np.float32)
    fine = cv2.GaussianBlur(np.clip(x - 60 - 0.1 * (y - 200) + 0.5, 0, 1) * 0.6 + 0.2, (0, 0), 0.6)
    light = fine + np.random.default_rng(3).normal(0, noise, fine.shape).astype(np.float32)
    light = np.clip(light + sharpening * (light - cv2.GaussianBlur(light, (0, 0), 1.0)), 0, 1)
    photo = replace(
        formula.photo(),
        codes=np.rint(light * 65535).astype(np.uint16),
        light_of_code=np.linspace(0, 1, 65536, dtype=np.float32),
    )
    tangent = np.array([-0.1, -1.0]) / np.hypot(0.1, 1.0)
    middle = np.linspace(30, 370, 24)
    centre = np.stack([60 + 0.1 * (middle - 200), middle], axis=1)
    # Dark is on the left of an edge that runs up in the picture.
    return (
        photo,
        Segments(centre, np.tile(tangent, (24, 1)), np.full(24, 7.0), np.full(24, 20.0)),
        np.full(24, 20.0),
    )


def test_smoothing_adds_its_variance_and_takes_scatter_of_sharpened_edges() -> None:
    photo, segments, clear_px = slanted_edge(0.0, 0.0)
    plain, again = (
        measure_strips(each, segments, clear_px, 2.6).fits.blur_px
        for each in (photo, smoothed(photo, Scale(0.8, 0.4), segments))
    )
    assert np.median(again) == pytest.approx(np.hypot(np.median(plain), 0.8), rel=0.02)
    photo, segments, clear_px = slanted_edge(1.5, 0.01)
    plain, again = (
        measure_strips(each, segments, clear_px, 2.6).fits.blur_px
        for each in (photo, smoothed(photo, Scale(0.8, 0.4), segments))
    )
    assert np.median(plain) < 0.5
    assert again.std() / again.mean() < 0.5 * plain.std() / plain.mean()
