"""From the light on the sensor to codes: one picture without colour, or three."""

from __future__ import annotations

import numpy as np

from backfocus.verify.camera.scene import Development, Exposure, Sensor
from backfocus.verify.camera.sensor.development import Codes, Picture, add_noise, develop
from backfocus.verify.camera.sensor.mosaic import demosaic, through_mosaic

NO_TINT = (1.0, 1.0, 1.0)


def record(
    planes: list[Picture], sensor: Sensor, exposure: Exposure, development: Development, rng: np.random.Generator
) -> Codes:
    """Return the developed picture, (height, width) or (height, width, 3).

    Args:
        planes: linear light of red, green and blue, or of all colours alike. Those alike get the same noise, unless
            they go through a mosaic.
        sensor, exposure, development: what is done to it.
        rng: of the noise.
    """
    if sensor.mosaic:
        raw = add_noise(through_mosaic(_tinted(planes, exposure)), exposure, rng)
        colours = demosaic(raw + np.float32(sensor.black_level))
    else:
        noisy = [add_noise(plane, exposure, rng) + np.float32(sensor.black_level) for plane in planes]
        if len(noisy) == 1 and exposure.tint is None:
            return develop(noisy[0], development)
        colours = _tinted(noisy, exposure)
    return np.stack([develop(colour, development) for colour in colours], axis=-1)


def _tinted(planes: list[Picture], exposure: Exposure) -> list[Picture]:
    """Return red, green and blue."""
    colours = planes if len(planes) == 3 else planes * 3
    return [plane * np.float32(gain) for plane, gain in zip(colours, exposure.tint or NO_TINT, strict=True)]
