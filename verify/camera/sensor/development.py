"""From recorded light to codes: noise, tone, noise reduction, sharpening."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.scene import Development, Exposure

Picture = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint16]
FULL = 65535
SMOOTHING_SIGMA_PX = 1.5
SMOOTHING_SIDE_PX = 7


def add_noise(picture: Picture, exposure: Exposure, rng: np.random.Generator) -> Picture:
    """Return the picture with shot and read noise, white and without colour."""
    if exposure.noise_fraction == 0.0:
        return picture
    white = exposure.paper_white
    variance = (exposure.noise_fraction * white) ** 2
    per_light = np.float32(variance * (1.0 - exposure.read_noise_share) / white)
    read = np.float32(variance * exposure.read_noise_share)
    sigma: Picture = np.sqrt(np.maximum(picture, 0.0) * per_light + read)
    noise = rng.standard_normal(picture.shape, dtype=np.float32)
    return picture + sigma * noise


def quantised(linear: Picture) -> Codes:
    """Return the 16-bit linear levels of a picture, clipped at full scale."""
    return np.rint(np.clip(linear, 0.0, 1.0) * FULL).astype(np.uint16)


def develop(levels: Codes, development: Development) -> Codes:
    """Return 16-bit codes of linear levels: sRGB, contrast curve, then noise reduction, unsharp mask."""
    coded = tone_curve(development.s_curve)[levels]
    if development.noise_reduction:
        coded = _smoothed(coded, development.noise_reduction)
    if development.sharpening_amount:
        mask = np.asarray(cv2.GaussianBlur(coded, (0, 0), development.sharpening_radius_px), np.float32)
        coded = coded + np.float32(development.sharpening_amount) * (coded - mask)
    return np.rint(np.clip(coded, 0.0, 1.0) * FULL).astype(np.uint16)


def _smoothed(coded: Picture, level: float) -> Picture:
    """Return the picture with small differences smoothed and large ones kept: a bilateral filter."""
    return np.asarray(cv2.bilateralFilter(coded, SMOOTHING_SIDE_PX, level, SMOOTHING_SIGMA_PX), np.float32)


def tone_curve(s_curve: float) -> Picture:
    """Return the coded value, 0 to 1, of every 16-bit linear value: sRGB (IEC 61966-2-1) and a contrast curve."""
    linear = np.linspace(0.0, 1.0, FULL + 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    steep = coded * coded * (3.0 - 2.0 * coded)
    return ((1.0 - s_curve) * coded + s_curve * steep).astype(np.float32)
