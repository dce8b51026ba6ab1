"""What a test is planned with: lens, sensor, distance, scatter; and what sensors are called."""

from __future__ import annotations

import math
from dataclasses import dataclass

from backfocus.verify.focus.optics import circle_of_confusion_mm, image_distance_mm, magnification

SENSORS_MM = {
    "full-frame": (36.0, 24.0),
    "aps-c": (23.6, 15.7),
    "aps-c-canon": (22.3, 14.9),
    "micro-four-thirds": (17.3, 13.0),
    "1-inch": (13.2, 8.8),
}
"""Long and short side."""
USUAL_SCATTER_STEPS = 2.0
"""Standard deviation of autofocus. Cameras take 7 to 13 steps for in focus (DotTune runs,
fredmiranda.com/forum/topic/1187247/5): stopping anywhere within would make 2 to 3.8; good lenses repeat within 1
(thewanderinglensman.com/2013/07)."""
NEAREST = 4.0
"""In focal lengths: nearer than a third of life size the thin lens is no guide, and no sheet fits."""
_SHAPE_OF_OTHERS = 1.5
"""Long over short side of a sensor given by its width alone."""


@dataclass(frozen=True)
class Setup:
    """A photo to be taken.

    Attributes:
        focal_length_mm: f.
        f_number: N, the lens's widest aperture, at which the photo is taken.
        sensor_mm: long and short side.
        distance_mm: from the lens (its front principal plane) to the AF mark.
        pixels: along the sensor's long side.
    """

    focal_length_mm: float
    f_number: float
    sensor_mm: tuple[float, float]
    distance_mm: float
    pixels: int

    @property
    def pitch_mm(self) -> float:
        """Distance between pixels."""
        return self.sensor_mm[0] / self.pixels

    @property
    def magnification(self) -> float:
        """Size on the sensor over size at the AF mark."""
        return magnification(self.focal_length_mm, self.distance_mm)

    @property
    def focal_px(self) -> float:
        """Distance from the lens to the sensor when focused on the AF mark, in pixels."""
        return image_distance_mm(self.focal_length_mm, self.distance_mm) / self.pitch_mm

    @property
    def circle_mm(self) -> float:
        """Circle of confusion."""
        width, height = self.sensor_mm
        return circle_of_confusion_mm(width, (self.pixels, round(self.pixels * height / width)))


def sensor_of_width(width_mm: float) -> tuple[float, float]:
    """Return long and short side of a sensor known by its width alone, taken as 3:2."""
    return width_mm, width_mm / _SHAPE_OF_OTHERS


def pixels_of(megapixels: float, sensor_mm: tuple[float, float]) -> int:
    """Return the pixels along the long side."""
    return round(math.sqrt(megapixels * 1e6 * sensor_mm[0] / sensor_mm[1]))
