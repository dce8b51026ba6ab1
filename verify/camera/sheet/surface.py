"""Where the points of the sheet are in space.

Camera frame: origin in the middle of the entrance pupil, x right, y down, z along the optical axis, mm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.scene import SheetPose

Array = npt.NDArray[np.float64]


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


def place_sheet(pose: SheetPose, af_mark_page_mm: tuple[float, float], af_mark_camera_mm: Array) -> FlatSheet:
    """Return the sheet turned as `pose` says, with its AF mark at the given point of the camera frame."""
    turn = _about_z(pose.roll_deg) @ _about_y(pose.yaw_deg) @ _about_x(pose.tilt_deg)
    right, down, back = turn.T
    origin = af_mark_camera_mm - af_mark_page_mm[0] * right - af_mark_page_mm[1] * down
    return FlatSheet(np.column_stack([right, down, origin]), back)


def _about_x(angle_deg: float) -> Array:
    """Takes what is above (-y) away from the camera (+z)."""
    c, s = _cos_sin(angle_deg)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])


def _about_y(angle_deg: float) -> Array:
    """Takes what is right (+x) away from the camera (+z)."""
    c, s = _cos_sin(angle_deg)
    return np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])


def _about_z(angle_deg: float) -> Array:
    """Takes what is right (+x) down (+y): clockwise as seen from the camera."""
    c, s = _cos_sin(angle_deg)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _cos_sin(angle_deg: float) -> tuple[float, float]:
    return math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
