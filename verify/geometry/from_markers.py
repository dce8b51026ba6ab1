"""The pose from marker corners.

A planar sheet seen at an angle gives tilt from its foreshortening and distance from its perspective, so that no
metadata is needed; the focal length in the metadata, where there is one, only steadies the solution.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from backfocus.targets import Chart
from backfocus.verify.fiducials.sighting import Sighting
from backfocus.verify.findings import refusal
from backfocus.verify.geometry.fitting import fit_pose
from backfocus.verify.geometry.folds import Fold, folds_of
from backfocus.verify.geometry.frames import sheet_from_page
from backfocus.verify.geometry.pose import PARAMETERS, Array, Pose

FOCAL_GUESSES = (0.8, 2.0, 5.0, 12.0)
"""Focal length over the picture's long side: a phone's wide angle to a 400 mm lens on full frame."""
CORNER_FLOOR_PX = 0.03
"""What line fits reach on noise-free pictures; keeps sharp corners from outvoting all others."""
AMBIGUITY_COST = 9.0
"""Least difference of the costs (in squared standard errors) of a sheet leaning back or forward: 3 sigma."""
HOPELESS = 4.0
"""Times farther off the corners than the better way to lean, and than a pixel; no fit makes up for it."""
DIFFERENT_LEAN_DEG = 5.0


def solve_pose(sighting: Sighting, image_size: tuple[int, int], focal_px: float | None) -> Pose:
    """Solve the pose.

    Args:
        sighting: the marker corners.
        image_size: width and height of the photo in pixels.
        focal_px: focal length from metadata, in pixels, or None.

    Raises:
        Refusal: no sheet in front of the camera fits, or the way it leans cannot be told, which an upright one need
            not tell.
    """
    sheet = sheet_from_page(sighting.chart, sighting.corners_page_mm.reshape(-1, 2))
    pixels = sighting.corners_px.reshape(-1, 2)
    sd = np.hypot(np.repeat(sighting.corner_sd_px, 4), CORNER_FLOOR_PX)

    def misfit(pose: Pose, _: Array) -> Array:
        return np.asarray(((pose.project(sheet) - pixels) / sd[:, None]).ravel())

    solutions = sorted(
        (
            fit_pose(start, misfit, focal_px)
            for guess in ([focal_px] if focal_px else [part * max(image_size) for part in FOCAL_GUESSES])
            for start in _first_poses(sighting.chart, sheet, pixels, guess, image_size)
        ),
        key=lambda solution: solution.cost,
    )
    solutions = [solution for solution in solutions if solution.pose.distance_mm > 0]
    if not solutions:
        raise refusal("pose-poor")
    best, cost = solutions[0].pose, solutions[0].cost
    rivals = [other for other in solutions[1:] if other.cost - cost < AMBIGUITY_COST]
    if sighting.chart.has_depth and any(_leans_otherwise(best, rival.pose) for rival in rivals):
        raise refusal("lean-ambiguous")
    distance2 = ((best.project(sheet) - pixels) ** 2).sum(axis=1)
    return replace(best, residual_px=float(np.sqrt(np.average(distance2, weights=1 / sd**2))))


def _first_poses(
    chart: Chart, sheet: Array, pixels: Array, focal: float, image_size: tuple[int, int]
) -> Iterator[Pose]:
    """Yield the poses to start from for a focal length: both that a plane has, or one for each way to fold."""
    folds = folds_of(chart)
    if not folds:
        yield from _pnp_poses(sheet, pixels, focal, image_size, ())
        return
    for way in (1.0, -1.0):
        folded = tuple(replace(fold, angle_rad=way * fold.angle_rad) for fold in folds)
        yield from _pnp_poses(sheet, pixels, focal, image_size, folded)


def _pnp_poses(
    sheet: Array, pixels: Array, focal: float, image_size: tuple[int, int], folds: tuple[Fold, ...]
) -> Iterator[Pose]:
    """Yield the poses of a plane (Collins and Bartoli's IPPE) or a folded sheet (Terzakis and Lourakis' SQPnP)."""
    import cv2

    width, height = image_size
    camera = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1.0]])
    points = np.asarray(sheet + sum(fold.displacement(sheet) for fold in folds))
    method = cv2.SOLVEPNP_SQPNP if folds else cv2.SOLVEPNP_IPPE
    _, rotations, translations, off_px = cv2.solvePnPGeneric(points, pixels, camera, np.zeros(4), flags=method)
    for rotation, translation, off in zip(rotations, translations, off_px, strict=True):
        if float(off.item()) > HOPELESS * max(float(off_px[0].item()), 1.0):
            return
        yield Pose(
            rotation=np.asarray(cv2.Rodrigues(rotation)[0], dtype=np.float64),
            translation_mm=np.asarray(translation, dtype=np.float64).ravel(),
            focal_px=focal,
            distortion=0.0,
            bending_per_mm=np.zeros(3),
            folds=folds,
            image_size=image_size,
            covariance=np.zeros((PARAMETERS + len(folds), PARAMETERS + len(folds))),
            residual_px=0.0,
        )


def _leans_otherwise(one: Pose, other: Pose) -> bool:
    if any(fold.angle_rad * wing.angle_rad < 0 for fold, wing in zip(one.folds, other.folds, strict=True)):
        return True
    cosine = min(1.0, abs(float(one.rotation[:, 2] @ other.rotation[:, 2])))
    return math.degrees(math.acos(cosine)) > DIFFERENT_LEAN_DEG
