"""How the picture has the samples: what blur depends on besides depth."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from backfocus.verify.edges.printed import EdgeSamples
from backfocus.verify.focus.model.light import log_light
from backfocus.verify.geometry.pose import Pose

Array = npt.NDArray[np.float64]

OFF_CENTRE = 0.35
"""Distance of the samples' middle from the AF mark over their rms distance: 0.1 for whole sheets, 0.8 for half."""


def view_of(samples: EdgeSamples, depth: Array, pose: Pose) -> Array:
    """Return (n, 5) how the picture has the samples, as `CurveForm` takes it."""
    pixels = samples.found_px
    width, height = pose.image_size
    middle, half_diagonal = np.array([(width - 1) / 2, (height - 1) / 2]), math.hypot(width, height) / 2
    mark = pose.project(np.zeros(3))
    squared = (((pixels - middle) ** 2).sum(axis=1) - ((mark - middle) ** 2).sum()) / half_diagonal**2
    # Across the lean: at right angles to where depth grows fastest in the picture.
    x, y = np.linalg.lstsq(pixels - pixels.mean(axis=0), depth - depth.mean(), rcond=None)[0]
    across = (pixels - mark) @ np.array([-y, x]) / max(math.hypot(x, y), 1e-12) / half_diagonal
    cosine, sine = samples.across.T
    light = log_light(samples)
    return np.stack([squared, across, light, cosine**2 - sine**2, 2 * cosine * sine], axis=1)


def surrounds_mark(pixels: Array, pose: Pose) -> bool:
    """Tell whether samples (n, 2) surround the AF mark; a half sheet's tilt error looks like a curved field."""
    places = pixels - pose.project(np.zeros((1, 3)))
    return float(np.linalg.norm(places.mean(axis=0))) < OFF_CENTRE * math.sqrt(
        float((places**2).sum(axis=1).mean())
    )
