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
BIN_PX = 4.0
"""Light is binned so finely along a direction; the shortest wave loses a tenth."""
WAVES = 3.0
"""At least, over the sheet: fewer may be a shadow."""
STEPS = 3
"""Frequencies tried for each wave that the sheet would hold more."""


@dataclass(frozen=True)
class Bands:
    """The strongest wave of light along the picture.

    Attributes:
        depth: light that the darkest place of the wave lacks, over that of the brightest.
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
    """Return the strongest wave along one direction, by a Fourier transform of the light in fine bins."""
    bins = np.floor((place_px - place_px.min()) / BIN_PX).astype(np.intp)
    light = np.bincount(bins, uneven)
    padded = STEPS * len(light)
    amplitude = 2.0 * np.abs(np.fft.rfft(light, padded)) / len(uneven)
    first, last = round(WAVES * STEPS), int(padded * BIN_PX / SHORTEST_PX)
    if last <= first:
        return Bands(0.0, 0.0, np.inf)
    best = first + int(np.argmax(amplitude[first:last]))
    share = float(amplitude[best] ** 2 / 2.0 / max(float(np.var(uneven)), 1e-12))
    # The amplitude is that of the logarithm.
    return Bands(1.0 - float(np.exp(-2.0 * amplitude[best])), min(share, 1.0), padded * BIN_PX / best)
