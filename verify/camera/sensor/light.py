"""How the light falls off: vignetting, uneven light, a shadow edge."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.scene import Exposure, Lens, Shadow

Picture = npt.NDArray[np.float32]


def fall_of_light(picture: Picture, lens: Lens, exposure: Exposure) -> Picture:
    """Return the picture with vignetting, an uneven light and a shadow.

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
    lit = picture * (1.0 + light_x + light_y[:, None]) / (1.0 + r2_x + r2_y[:, None]) ** 2
    if exposure.shadow:
        lit = lit * _shadow(exposure.shadow, width, height)
    return np.asarray(lit, dtype=np.float32)


def _shadow(shadow: Shadow, width: int, height: int) -> Picture:
    """Return the part of the light that is left; it fades as the cubic smooth step."""
    angle = math.radians(shadow.towards_deg)
    across = (np.arange(width) - (width - 1) / 2) * math.cos(angle) / width
    down = (np.arange(height) - (height - 1) / 2) * math.sin(angle) / width
    place = (across[None, :] + down[:, None] - shadow.at).astype(np.float32)
    t = np.clip(place / np.float32(max(shadow.width, 1.0 / width)) + np.float32(0.5), 0.0, 1.0)
    return np.asarray(1.0 - shadow.darkness * t * t * (3.0 - 2.0 * t), dtype=np.float32)
