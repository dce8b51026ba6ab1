"""From the light behind the lens to codes: fall of light, noise, tone, sharpening."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.scene import Development, Exposure, Lens

Picture = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint16]
FULL = 65535


def fall_of_light(picture: Picture, lens: Lens, exposure: Exposure) -> Picture:
    """Return the picture with vignetting and an uneven light.

    cos⁴θ = 1 / (1 + tan²θ)², so the vignetting is 1 / (1 + c r²)² with c from the loss at the corner, r = 1.
    """
    height, width = picture.shape
    x, y = np.linspace(-0.5, 0.5, width), np.linspace(-0.5, 0.5, height)
    diagonal2 = (width**2 + height**2) / 4.0
    strength = 2.0 ** (lens.vignetting_stops / 2.0) - 1.0
    r2_x = (strength * (x * width) ** 2 / diagonal2).astype(np.float32)
    r2_y = (strength * (y * height) ** 2 / diagonal2).astype(np.float32)
    light_x = (exposure.light_gradient[0] * x).astype(np.float32)
    light_y = (exposure.light_gradient[1] * y).astype(np.float32)
    return np.asarray(
        picture * (1.0 + light_x + light_y[:, None]) / (1.0 + r2_x + r2_y[:, None]) ** 2, dtype=np.float32
    )


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


def develop(linear: Picture, development: Development) -> Codes:
    """Return 16-bit codes of a linear picture: sRGB, contrast curve, unsharp mask on the coded values."""
    levels = np.rint(np.clip(linear, 0.0, 1.0) * FULL).astype(np.uint16)
    coded = tone_curve(development.s_curve)[levels]
    if development.sharpening_amount:
        mask = np.asarray(cv2.GaussianBlur(coded, (0, 0), development.sharpening_radius_px), np.float32)
        coded = coded + np.float32(development.sharpening_amount) * (coded - mask)
    return np.rint(np.clip(coded, 0.0, 1.0) * FULL).astype(np.uint16)


def tone_curve(s_curve: float) -> Picture:
    """Return the coded value, 0 to 1, of every 16-bit linear value: sRGB (IEC 61966-2-1) and a contrast curve."""
    linear = np.linspace(0.0, 1.0, FULL + 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    steep = coded * coded * (3.0 - 2.0 * coded)
    return ((1.0 - s_curve) * coded + s_curve * steep).astype(np.float32)
