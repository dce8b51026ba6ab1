"""A flat sheet in space, and rays that meet it.

Camera frame: origin in the middle of the entrance pupil, x right, y down, z along the optical axis, mm.
Page frame: along the width of the page, along its height, out of its back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

AWAY = (-1.0e4, -1.0e4, 1.0)
"""Homogeneous page point for rays that miss the sheet: no page is there."""
SAME_PLACE_MM = 1e-3


class Sheet(Protocol):
    """A sheet somewhere in front of the camera."""

    @property
    def tilt_deg(self) -> float:
        """Angle between the normal of the sheet's middle and the optical axis."""

    def points(self, page_mm: npt.ArrayLike) -> Array:
        """Return the (n, 3) camera frame points in mm of (n, 2) points of the page."""

    def hit(self, start_mm: Array, slope: Array) -> Array:
        """Return where rays meet the sheet.

        Args:
            start_mm: (..., 2) where rays leave the plane of the pupil.
            slope: (..., 2) their change of x and y with depth.

        Returns:
            (..., 3) homogeneous page points in mm, scaled to 1/depth; not positive where a ray leads away.
        """


def hidden(sheet: Sheet, page_mm: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return (n,) whether the sheet itself stands between the middle of the pupil and page points."""
    page = np.asarray(page_mm, dtype=np.float64).reshape(-1, 2)
    points = sheet.points(page)
    seen = sheet.hit(np.zeros(2), points[:, :2] / points[:, 2:])
    return np.asarray(np.linalg.norm(seen[:, :2] / seen[:, 2:] - page, axis=1) > SAME_PLACE_MM)


@dataclass(frozen=True, eq=False)
class FlatSheet:
    """A plane sheet.

    Attributes:
        page_to_camera: 3 by 3 matrix; times (x, y, 1) in page mm it gives the point in the camera frame.
        normal: unit vector out of the back of the sheet, in the camera frame.
    """

    page_to_camera: Array
    normal: Array

    def points(self, page_mm: npt.ArrayLike) -> Array:
        """Return the (n, 3) camera frame points in mm of (n, 2) points of the page."""
        page = np.asarray(page_mm, dtype=np.float64).reshape(-1, 2)
        return np.column_stack([page, np.ones(len(page))]) @ self.page_to_camera.T

    @property
    def tilt_deg(self) -> float:
        """Angle between the sheet's normal and the optical axis."""
        return math.degrees(math.acos(abs(self.normal[2])))

    def hit(self, start_mm: Array, slope: Array) -> Array:
        """Return (..., 3) homogeneous page points where rays meet the sheet, see `Sheet`."""
        start, direction = self.in_page_frame(start_mm, slope)
        per_depth = -direction[..., 2:] / start[..., 2:]
        return np.concatenate([start[..., :2] * per_depth + direction[..., :2], per_depth], axis=-1)

    def in_page_frame(self, start_mm: Array, slope: Array) -> tuple[Array, Array]:
        """Return start and direction, 1 mm deep, of rays in the page frame, each (..., 3)."""
        axes = np.column_stack([self.page_to_camera[:, :2], self.normal])
        return start_mm @ axes[:2] - self.page_to_camera[:, 2] @ axes, slope @ axes[:2] + axes[2]
