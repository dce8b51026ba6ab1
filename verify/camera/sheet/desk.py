"""The desk behind the sheet: soft texture and a few things lying around."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.float32]
REDUCTION = 4
"""Drawn this much smaller: the desk is out of focus anyway."""
THINGS = 8


def desk(picture_px: tuple[int, int], rng: np.random.Generator) -> Picture:
    """Return the reflectance of a desk, shape (height, width), values 0.05 to 0.9."""
    width, height = (max(2, -(-side // REDUCTION)) for side in picture_px)
    shade = 0.25 + 0.06 * _clouds((width, height), 5, rng) + 0.03 * _clouds((width, height), 40, rng)
    for _ in range(THINGS):
        _lay_down_thing(shade, rng)
    small = cv2.GaussianBlur(np.clip(shade, 0.05, 0.9), (0, 0), 2.0)
    return np.asarray(cv2.resize(small, picture_px, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _clouds(size: tuple[int, int], cells: int, rng: np.random.Generator) -> Picture:
    """Smooth random texture of the given size."""
    coarse = rng.standard_normal((cells, cells), dtype=np.float32)
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _lay_down_thing(shade: Picture, rng: np.random.Generator) -> None:
    """Draw a turned rectangle or an ellipse of random grey somewhere."""
    height, width = shade.shape
    centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
    axes = (int(rng.uniform(0.02, 0.15) * width), int(rng.uniform(0.02, 0.15) * height))
    angle, grey = float(rng.uniform(0, 180)), float(rng.uniform(0.06, 0.7))
    if rng.random() < 0.5:
        cv2.ellipse(shade, centre, axes, angle, 0, 360, grey, cv2.FILLED)
    else:
        corners = cv2.boxPoints((centre, (2 * axes[0], 2 * axes[1]), angle))
        cv2.fillPoly(shade, [np.rint(corners).astype(np.int32)], grey)
