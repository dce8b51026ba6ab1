"""Bands of light across the picture, as of lamps that flicker while the shutter runs over the sensor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .samples import EdgeSamples

Array = npt.NDArray[np.float64]

FEW = 100
"""Pieces; fewer do not show a wave."""
SHORTEST_PX = 16.0
"""Period: a piece is about as long, and evens out shorter ones."""
WAVES = 3.0
"""At least, over the sheet: fewer may be a shadow."""
STEPS = 3
"""Frequencies tried for each wave that the sheet would hold more."""


@dataclass(frozen=True)
class Bands:
    """The strongest wave of light along the picture.

    Attributes:
        depth: light between the darkest and the brightest place of the wave, over the mean.
        share: of the paper's unevenness that it explains.
        period_px: from one bright band to the next.
    """

    depth: float
    share: float
    period_px: float


def light_bands(samples: EdgeSamples) -> Bands:
    """Return the strongest wave of the paper's light along rows or columns; of no depth where nothing shows it."""
    if len(samples.edge) < FEW:
        return Bands(0.0, 0.0, np.inf)
    x, y = (samples.found_px - samples.found_px.mean(axis=0)).T / np.ptp(samples.found_px, axis=0).max()
    even = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    light = np.log(np.maximum(samples.strips.fits.bright, 1e-6))
    uneven = light - even @ np.linalg.lstsq(even, light, rcond=None)[0]
    uneven = np.clip(uneven, *np.percentile(uneven, (2, 98)))
    return max((_strongest(uneven, along) for along in samples.found_px.T), key=lambda bands: bands.share)


def _strongest(uneven: Array, place_px: Array) -> Bands:
    length = float(np.ptp(place_px))
    cycles = np.arange(WAVES, max(length / SHORTEST_PX, WAVES) + 1e-9, 1.0 / STEPS) / length
    waves = np.exp(-2j * np.pi * cycles[:, None] * place_px)
    amplitude = 2.0 * np.abs(waves @ uneven) / len(uneven)
    best = int(np.argmax(amplitude))
    share = float(amplitude[best] ** 2 / 2.0 / max(float(np.var(uneven)), 1e-12))
    return Bands(2.0 * float(amplitude[best]), min(share, 1.0), 1.0 / float(cycles[best]))
