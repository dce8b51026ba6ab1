"""The sheet put where its pose says."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart
from backfocus.verify.camera.scene import SheetPose
from backfocus.verify.camera.sheet.bending import bend
from backfocus.verify.camera.sheet.folding import fold
from backfocus.verify.camera.sheet.surface import FlatSheet, Sheet

Array = npt.NDArray[np.float64]


def place_sheet(pose: SheetPose, chart: Chart, af_mark_camera_mm: Array) -> Sheet:
    """Return the sheet turned, folded and bent as `pose` says, with its AF mark at a point of the camera frame.

    Raises:
        ValueError: the sheet cannot be bent or folded like that.
    """
    turn = _about_z(pose.roll_deg) @ _about_y(pose.yaw_deg) @ _about_x(pose.tilt_deg)
    right, down, back = turn.T
    mark = chart.af_mark_page_mm
    origin = af_mark_camera_mm - mark[0] * right - mark[1] * down
    flat = FlatSheet(np.column_stack([right, down, origin]), back)
    if len(chart.panels) > 1 or pose.fold_deg:
        if pose.sag_mm:
            raise ValueError("a folded sheet cannot be bent as well: give sag_mm=0")
        return fold(flat, chart.panels, pose.fold_deg or {})
    if pose.sag_mm == 0.0:
        return flat
    return bend(flat, pose.sag_mm, pose.bent_along, chart.page_mm, mark)


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
