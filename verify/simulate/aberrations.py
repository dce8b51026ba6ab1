"""Third- and fifth-order aberrations as ray errors, and the plane of most contrast that they leave.

The wave that leaves the lens runs ahead of the sphere that it should be by W = Σ W_klm h^k r^l cos^m φ: h is the
height in the picture, 1 at its corner; r the height in the pupil, 1 at its rim; φ the angle between the two (H. H.
Hopkins, Wave Theory of Aberrations, 1950). A ray meets the sensor 2 N ∂W/∂r beside its place, N the working
f-number (W. T. Welford, Aberrations of Optical Systems, 1986, chapter 7).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, fields

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
FINE_LP_MM, COARSE_LP_MM = 30.0, 10.0
"""On full frame: the plane with most contrast at the first is the truth. A lens has no single plane of focus where
that of the second is elsewhere."""
FULL_FRAME_DIAGONAL_MM = 43.267
MOST_CYCLES_PX = 0.3
"""Finer detail is lost between pixels: where 30 lp/mm are that fine, the truth is the plane of this frequency."""
RINGS, SPOKES = 48, 64
"""Rays through the pupil."""
SEARCHED, CLOSER, ROUNDS = 241, 25, 3
"""Planes that are tried, and tried again between the neighbours of the best."""


@dataclass(frozen=True)
class Aberrations:
    """Coefficients W_klm in µm of path at the rim of the pupil and, where k is not 0, at the corner of the picture.

    All of the third order and all of the fifth, but for distortion, which the lens has apart. Positive: light is
    focused nearer to the lens, so that what is sharp in front of it is nearer, too. Positive coma flares towards
    the picture's middle.

    Attributes:
        w040_um, w060_um: spherical aberration; positive w040 = undercorrected, as simple lenses are. Along the axis
            the rim focuses 16 N² w040 + 24 N² w060 nearer than the pupil's middle.
        w131_um, w151_um: coma. Third order: 6 N w131 from the place of the pupil's middle to the end of the flare.
        w222_um, w422_um: astigmatism: edges around the picture's middle are sharp 8 N² w222 nearer at its corner
            than edges that point to it.
        w220_um, w420_um: field curvature of edges that point to the middle: 8 N² w220 at the corner.
        w240_um, w242_um: oblique spherical aberration: spherical aberration that grows with the field, and its
            part for one direction only, which is astigmatism of the rim.
        w331_um, w333_um: coma that grows as the cube of the field, and elliptical coma.
    """

    w040_um: float = 0.0
    w060_um: float = 0.0
    w131_um: float = 0.0
    w151_um: float = 0.0
    w220_um: float = 0.0
    w222_um: float = 0.0
    w240_um: float = 0.0
    w242_um: float = 0.0
    w331_um: float = 0.0
    w333_um: float = 0.0
    w420_um: float = 0.0
    w422_um: float = 0.0

    @property
    def terms(self) -> list[tuple[int, int, int, float]]:
        """k, l, m and W_klm of those that are not nothing."""
        powers = ([int(digit) for digit in each.name[1:4]] for each in fields(self))
        return [(k, order, m, value) for (k, order, m), value in zip(powers, astuple(self), strict=True) if value]

    @property
    def are_everywhere_alike(self) -> bool:
        """Whether there is nothing but spherical aberration, if that."""
        return all(k == 0 for k, *_ in self.terms)

    def slope_um(self, pupil: Array, field: Array) -> Array:
        """Return the gradient of W over the pupil, µm a pupil radius, shape (..., 2).

        With vectors, W_klm h^k r^l cos^m φ is W_klm (h·h)^((k - m) / 2) (r·r)^((l - m) / 2) (h·r)^m.

        Args:
            pupil: (..., 2) points of the unit disc.
            field: (..., 2) points of the picture, 1 = corner, upside down as it is on the sensor.
        """
        r2, h2 = ((each**2).sum(axis=-1, keepdims=True) for each in (pupil, field))
        both = (pupil * field).sum(axis=-1, keepdims=True)
        slope = np.zeros(np.broadcast_shapes(pupil.shape, field.shape))
        for k, order, m, value in self.terms:
            of_pupil = (order - m) // 2
            radial = 2 * of_pupil * r2 ** max(of_pupil - 1, 0) * both**m * pupil
            along = m * r2**of_pupil * both ** max(m - 1, 0) * field
            slope += value * h2 ** ((k - m) // 2) * (radial + along)
        return slope


def sharpest(rays: Array, errors_px: Array, per_defocus_px: float, cycles_px: float) -> float:
    """Return the defocus at which contrast is greatest: middle of the planes of upright and of level edges.

    Contrast is the mean of exp(2πi f x) over the rays, x what a ray is beside its place. Where the two planes are
    nearer to each other than contrast is high, theirs is also the plane of the highest mean of both directions.

    Args:
        rays: (n, 2) points of the pupil, 1 = rim.
        errors_px: (n, 2) where they meet the sensor at defocus 0.
        per_defocus_px: how much farther outwards a ray through the rim meets it at defocus 1; negative = inwards.
        cycles_px: the frequency.
    """
    reach = 2.0 * float(np.abs(errors_px).max() / abs(per_defocus_px))

    def contrast_along(axis: int) -> Callable[[Array], Array]:
        def contrast(defocus: Array) -> Array:
            beside = errors_px[:, axis] + per_defocus_px * defocus[:, None] * rays[:, axis]
            return np.asarray(np.abs(np.exp(2j * np.pi * cycles_px * beside).mean(axis=1)))

        return contrast

    return sum(_highest(contrast_along(axis), reach) for axis in (0, 1)) / 2.0


def pupil_rays() -> Array:
    """Return points that are spread evenly over the unit disc."""
    radius = np.sqrt((np.arange(RINGS) + 0.5) / RINGS)[:, None]
    angle = 2.0 * np.pi * (np.arange(SPOKES) + 0.5) / SPOKES
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1).reshape(-1, 2)


def cycles_px(lp_mm: float, picture_px: tuple[int, int]) -> float:
    """Return a frequency of full frame scaled by the sensor's diagonal, in cycles a pixel.

    Args:
        lp_mm: line pairs a mm of full frame.
        picture_px: pixels of its sides.
    """
    return min(lp_mm * FULL_FRAME_DIAGONAL_MM / float(np.hypot(*picture_px)), MOST_CYCLES_PX)


def _highest(values: Callable[[Array], Array], reach: float) -> float:
    """Return where a function is highest between -reach and reach."""
    tried = np.linspace(-reach, reach, SEARCHED)
    for _ in range(ROUNDS):
        best, step = tried[np.argmax(values(tried))], tried[1] - tried[0]
        tried = np.linspace(best - step, best + step, CLOSER)
    return float(tried[np.argmax(values(tried))])
