"""Shake as what it is: the spread of three small motions of the camera while it exposes.

A shift of the picture to the right and one downwards, and a turn about the picture's middle, move an edge across
itself by v · m, m the motions, v = (nx, ny, ny x - nx y) for an edge at x, y with the unit normal nx, ny. Their
spread S, a covariance of six numbers, adds the variance v' S v to that of the edge. A turn blurs in proportion to
the distance from its pivot, a V over depth as defocus makes it, but steep edges have theirs over the height in
the picture and level ones over its width: edges of both directions at all depths tell it from defocus.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

MOTION_PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
"""Which entries of S the six numbers are: variances of shift right, shift down and turn, and their covariances."""


TURNS = 2.0
"""Standard errors from which on the variance of a turn is not nothing."""


def motion_terms(place: Array, normal: Array) -> Array:
    """Return (n, 6) the variance of an edge's spread for one unit of each number of S.

    Args:
        place: (n, 2) of the edges, right and down from the picture's middle, over its half diagonal.
        normal: (n, 2) unit vectors across the edges.
    """
    (x, y), (nx, ny) = place.T, normal.T
    moved = np.stack([nx, ny, ny * x - nx * y], axis=1)
    return np.stack([moved[:, i] * moved[:, j] * (1.0 if i == j else 2.0) for i, j in MOTION_PAIRS], axis=1)


def covariance_of(numbers: Array) -> Array:
    """Return S (3, 3) from its six numbers."""
    spread = np.zeros((3, 3))
    for (i, j), number in zip(MOTION_PAIRS, numbers, strict=True):
        spread[i, j] = spread[j, i] = number
    return spread


@dataclass(frozen=True)
class Motion:
    """How the camera moved during the exposure.

    A shift alike in all directions is the same as a softer lens: as much of it as can be is left to the lens.

    Attributes:
        covariance: (3, 3) S in px², of shift right, shift down and turn; the turn as the displacement at half of
            the picture's diagonal from its middle.
        sd: (6,) standard errors of its numbers, in the order of `MOTION_PAIRS`.
        blur_px: what it adds to the standard deviation of the blur at the AF mark, in its strongest direction.
        ends_px: the same at the nearest and farthest samples.
        pivot_px: the still point of a movement that turns, in the photo.
        form_mm: standard error of the offset from the unknown path of the movement.
        offset_sd_mm: that, and from not knowing the six numbers.
        determined: whether that is small against the depth in which defocus equals the blur in focus.
        may_be_the_lens: whether errors of a lens may look like it.
    """

    covariance: Array
    sd: Array
    blur_px: float
    ends_px: tuple[float, float]
    pivot_px: tuple[float, float] | None
    form_mm: float = 0.0
    offset_sd_mm: float = 0.0
    determined: bool = True
    may_be_the_lens: bool = False

    @property
    def length_px(self) -> float:
        """Length of an even movement that blurs as much as this does where it is strongest."""
        return math.sqrt(12.0) * max(self.blur_px, *self.ends_px)


def motion_of(numbers: Array, sd: Array, mark: Array, ends: Array, picture: tuple[Array, float]) -> Motion:
    """Return the motion of a fit.

    Args:
        numbers, sd: (6,) of S, and their standard errors.
        mark, ends: (2,) and (2, 2) places of the AF mark and the nearest and farthest samples, in pixels.
        picture: its middle and half diagonal, in pixels.
    """
    (middle, half_diagonal), spread = picture, covariance_of(numbers)
    places = (np.vstack([mark, ends]) - middle) / half_diagonal
    least, most = np.array([np.linalg.eigvalsh(_at(spread, place)) for place in places]).T
    blur = np.sqrt(np.maximum(most - least.min(), 0.0))
    spread = spread - float(least.min()) * np.diag([1.0, 1.0, 0.0])
    pivot: tuple[float, float] | None = None
    turn = float(spread[2, 2])
    if turn > TURNS * sd[2]:
        # The displacement at x, y is (-y t + a, x t + b) for a turn t with shifts a, b that go with it.
        x, y = -spread[1, 2] / turn, spread[0, 2] / turn
        pivot = float(middle[0] + half_diagonal * x), float(middle[1] + half_diagonal * y)
    return Motion(
        covariance=spread,
        sd=sd,
        blur_px=float(blur[0]),
        ends_px=(float(blur[1]), float(blur[2])),
        pivot_px=pivot,
    )


def _at(spread: Array, place: Array) -> Array:
    """Return the covariance (2, 2) of the displacement at a place, x and y over the half diagonal."""
    x, y = place
    moves = np.array([[1.0, 0.0, -y], [0.0, 1.0, x]])
    return np.asarray(moves @ spread @ moves.T)
