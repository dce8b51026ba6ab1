"""How the picture has the samples: what blur depends on besides depth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.verify.edges.printed import EdgeSamples
from backfocus.verify.focus.model.light import log_light
from backfocus.verify.geometry.pose import Pose

Array = npt.NDArray[np.float64]

OFF_CENTRE = 0.35
"""Distance of the samples' middle from the AF mark over their rms distance: 0.1 for whole sheets, 0.8 for half."""


@dataclass(frozen=True)
class View:
    """How the picture has n samples.

    Attributes:
        field: (n, 2) squared distance from the picture's middle less the AF mark's, and distance from the AF mark
            across the sheet's lean, both over the half diagonal.
        log_light: (n,) logarithm of the light on the paper, less its mean.
        direction: (n, 2) cos 2a and sin 2a, a the direction across the edge.
    """

    field: Array
    log_light: Array
    direction: Array

    @staticmethod
    def at_mark(count: int) -> View:
        """Return that of `count` places at the AF mark, in mean light, for the blur of all directions."""
        return View(np.zeros((count, 2)), np.zeros(count), np.zeros((count, 2)))


def view_of(samples: EdgeSamples, depth: Array, pose: Pose) -> View:
    """Return how the picture has samples that lie at depths (n,)."""
    pixels = samples.found_px
    width, height = pose.image_size
    middle, half_diagonal = np.array([(width - 1) / 2, (height - 1) / 2]), math.hypot(width, height) / 2
    mark = pose.project(np.zeros(3))
    squared = (((pixels - middle) ** 2).sum(axis=1) - ((mark - middle) ** 2).sum()) / half_diagonal**2
    # Across the lean: at right angles to where depth grows fastest in the picture.
    x, y = np.linalg.lstsq(pixels - pixels.mean(axis=0), depth - depth.mean(), rcond=None)[0]
    across = (pixels - mark) @ np.array([-y, x]) / max(math.hypot(x, y), 1e-12) / half_diagonal
    cosine, sine = samples.across.T
    return View(
        field=np.stack([squared, across], axis=1),
        log_light=log_light(samples),
        direction=np.stack([cosine**2 - sine**2, 2 * cosine * sine], axis=1),
    )


def surrounds_mark(pixels: Array, pose: Pose) -> bool:
    """Tell whether samples (n, 2) surround the AF mark; a half sheet's tilt error looks like a curved field."""
    places = pixels - pose.project(np.zeros((1, 3)))
    return float(np.linalg.norm(places.mean(axis=0))) < OFF_CENTRE * math.sqrt(
        float((places**2).sum(axis=1).mean())
    )
