"""A sheet bent as a cylinder. Paper does not stretch: page lengths are lengths along the arc."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.sheet.surface import AWAY, FlatSheet

Array = npt.NDArray[np.float64]
CURVATURE_STEPS = 8
"""Each leaves a hundredth of the error, for a sag of a tenth of the length."""


@dataclass(frozen=True, eq=False)
class BentSheet:
    """A sheet bent as a cylinder.

    Attributes:
        tangent: the plane that touches the middle of the sheet, with page points measured in it from there.
        per_mm: curvature; positive = the borders bend away from the camera.
        along: the bent coordinate of the page, 0 = width, 1 = height.
        middle_mm: that coordinate of the middle.
    """

    tangent: FlatSheet
    per_mm: float
    along: int
    middle_mm: float

    @property
    def tilt_deg(self) -> float:
        """Angle between the normal of the sheet's middle and the optical axis."""
        return self.tangent.tilt_deg

    def points(self, page_mm: npt.ArrayLike) -> Array:
        """Return the (n, 3) camera frame points in mm of (n, 2) points of the page."""
        page = np.array(page_mm, dtype=np.float64).reshape(-1, 2)
        turned = self.per_mm * (page[:, self.along] - self.middle_mm)
        page[:, self.along] = self.middle_mm + np.sin(turned) / self.per_mm
        behind = (1.0 - np.cos(turned)) / self.per_mm
        return self.tangent.points(page) + behind[:, None] * self.tangent.normal

    def hit(self, start_mm: Array, slope: Array) -> Array:
        """Return (..., 3) homogeneous page points where rays meet the sheet, see `Sheet`.

        A ray (X, N) + t (dX, dN), N out of the back, meets the circle c (X² + N²) = 2 N. Of the two places the one
        counts that is the plane's for c = 0; each of its two formulas is exact where the other loses digits.
        """
        start, direction = self.tangent.in_page_frame(start_mm, slope)
        x, n = start[..., self.along] - self.middle_mm, start[..., 2]
        dx, dn = direction[..., self.along], direction[..., 2]
        a = self.per_mm * (dx**2 + dn**2)
        b = self.per_mm * (x * dx + n * dn) - dn
        c = self.per_mm * (x**2 + n**2) - 2.0 * n
        square = b**2 - a * c
        root = np.sqrt(np.maximum(square, 0.0))
        front = b < 0.0
        per_depth = np.where(front, root - b, -a) / np.where(front, c, root + b)

        seen = (square >= 0.0) & (per_depth > 0.0)
        t = 1.0 / np.where(seen, per_depth, 1.0)
        turned = np.arctan2(self.per_mm * (x + t * dx), 1.0 - self.per_mm * (n + t * dn))
        page = start[..., :2] + t[..., None] * direction[..., :2]
        page[..., self.along] = self.middle_mm + turned / self.per_mm
        homogeneous = np.concatenate([page * per_depth[..., None], per_depth[..., None]], axis=-1)
        return np.where(seen[..., None], homogeneous, AWAY)


def bend(
    flat: FlatSheet,
    sag_mm: float,
    bent_along: Literal["width", "height"],
    page_mm: tuple[float, float],
    fixed_mm: tuple[float, float],
) -> BentSheet:
    """Return the sheet bent, with the page point `fixed_mm` where it is on the flat sheet.

    Raises:
        ValueError: the page is too short for that sag.
    """
    along = 0 if bent_along == "width" else 1
    length = page_mm[along]
    if abs(sag_mm) > length / 10:
        raise ValueError(f"a sheet of {length:g} mm cannot sag by {sag_mm:g} mm: give at most {length / 10:g} mm")
    bent = BentSheet(flat, _curvature(sag_mm, length), along, length / 2)
    moved = bent.points(fixed_mm)[0] - flat.points(fixed_mm)[0]
    page_to_camera = flat.page_to_camera.copy()
    page_to_camera[:, 2] -= moved
    return replace(bent, tangent=FlatSheet(page_to_camera, flat.normal))


def _curvature(sag_mm: float, length_mm: float) -> float:
    """Return the curvature c of an arc of the given length whose middle is (1 - cos(c length / 2)) / c high."""
    curvature = 8.0 * sag_mm / length_mm**2
    for _ in range(CURVATURE_STEPS):
        curvature *= sag_mm * curvature / (1.0 - math.cos(curvature * length_mm / 2))
    return curvature
