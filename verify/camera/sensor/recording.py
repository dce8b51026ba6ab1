"""From the light on the sensor to codes: one picture without colour, or three."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backfocus.verify.camera.scene import Development, Exposure, Sensor
from backfocus.verify.camera.sensor.development import Codes, Picture, add_noise, develop, quantised
from backfocus.verify.camera.sensor.mosaic import demosaic, through_mosaic

NO_TINT = (1.0, 1.0, 1.0)


@dataclass(frozen=True, eq=False)
class Recording:
    """What the sensor saw and what was made of it.

    Attributes:
        codes: the developed picture, (height, width) or (height, width, 3).
        sensor: (height, width) linear 16-bit levels before development: one plane without colour or behind the
            mosaic, or three of red, green and blue.
    """

    codes: Codes
    sensor: tuple[Codes, ...]


def record(
    planes: list[Picture], sensor: Sensor, exposure: Exposure, development: Development, rng: np.random.Generator
) -> Recording:
    """Return the recorded and the developed picture.

    Args:
        planes: linear light of red, green and blue, or of all colours alike. Those alike get the same noise, unless
            they go through a mosaic.
        sensor, exposure, development: what is done to it.
        rng: of the noise.
    """
    black = np.float32(sensor.black_level)
    if sensor.mosaic:
        raw = add_noise(through_mosaic(_tinted(planes, exposure)), exposure, rng) + black
        colours = tuple(quantised(plane) for plane in demosaic(raw))
        return Recording(_coloured(colours, development), (quantised(raw),))
    noisy = [add_noise(plane, exposure, rng) + black for plane in planes]
    if len(noisy) == 1 and exposure.tint is None:
        level = quantised(noisy[0])
        return Recording(develop(level, development), (level,))
    colours = tuple(quantised(plane) for plane in _tinted(noisy, exposure))
    return Recording(_coloured(colours, development), colours)


def _coloured(colours: tuple[Codes, ...], development: Development) -> Codes:
    return np.stack([develop(colour, development) for colour in colours], axis=-1)


def _tinted(planes: list[Picture], exposure: Exposure) -> list[Picture]:
    """Return red, green and blue."""
    colours = planes if len(planes) == 3 else planes * 3
    return [plane * np.float32(gain) for plane, gain in zip(colours, exposure.tint or NO_TINT, strict=True)]
