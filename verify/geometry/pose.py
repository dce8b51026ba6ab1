"""Pose of the sheet: extrinsics, focal length in pixels and one radial distortion term, from marker corners.

A planar sheet seen at an angle gives tilt from its foreshortening and distance from its perspective, so that no
metadata is needed; the focal length in the metadata, where there is one, only steadies the solution. The principal
point is taken at the middle of the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.verify.findings import refusal
from backfocus.verify.geometry.frames import sheet_from_page
from backfocus.verify.geometry.sighting import Sighting

Array = npt.NDArray[np.float64]

FOCAL_GUESSES = (0.8, 2.0, 5.0, 12.0)
"""Focal length over the picture's long side: a phone's wide angle to a 400 mm lens on full frame."""
FOCAL_PRIOR_SD = 0.05
"""Relative; nominal focal lengths are rounded, and lenses that focus inside are up to 5 % shorter up close."""
DISTORTION_PRIOR_SD = 0.03
"""Of the half diagonal, at the corner of the picture: 3 % is a strong distortion for the lenses meant here."""
CORNER_FLOOR_PX = 0.03
"""What line fits reach on noise-free pictures; keeps sharp corners from outvoting all others."""
ROBUST_SCALE = 3.0
"""In standard errors; beyond it a corner pulls linearly, no longer quadratically."""
MAX_RESIDUAL_PX = 2.0
"""Of corners, rms. Good photos have 0.05 to 0.2; a sheet that sags by 5 mm has 2."""
AMBIGUITY_COST = 9.0
"""Least difference of the costs (in squared standard errors) of a sheet leaning back or forward: 3 sigma."""
DIFFERENT_LEAN_DEG = 5.0


@dataclass(frozen=True)
class Pose:
    """Where camera and sheet are. `camera` is OpenCV's frame (x right, y down, z forward), `sheet` DESIGN's.

    Attributes:
        rotation: (3, 3) R_camera_sheet.
        translation_mm: (3,) the AF mark in the camera frame.
        focal_px: focal length (lens to sensor) in pixels.
        distortion: displacement at the picture's corner over the half diagonal; positive pushes outwards.
        image_size: width and height in pixels.
        covariance: (8, 8) of rotation vector (rad, applied from the left), translation (mm), ln(focal), distortion.
        residual_px: rms distance of the corners from where the pose puts them.
        focal_known: whether the focal length in the metadata was used.
    """

    rotation: Array
    translation_mm: Array
    focal_px: float
    distortion: float
    image_size: tuple[int, int]
    covariance: Array
    residual_px: float
    focal_known: bool

    def camera_points(self, sheet_mm: Array) -> Array:
        """Return (..., 3) points of the sheet frame in the camera frame, mm."""
        points: Array = sheet_mm @ self.rotation.T + self.translation_mm
        return points

    def depth_mm(self, sheet_mm: Array) -> Array:
        """Return the depth (...,) of sheet points along the optical axis, from the lens, mm."""
        depth: Array = sheet_mm @ self.rotation[2] + self.translation_mm[2]
        return depth

    def project(self, sheet_mm: Array) -> Array:
        """Return (..., 2) pixels of sheet points (..., 3)."""
        return _project(self.camera_points(sheet_mm), self.focal_px, self.distortion, self.image_size)

    @property
    def tilt_deg(self) -> float:
        """Angle between the sheet's normal and the optical axis, degrees."""
        return math.degrees(math.acos(min(1.0, abs(float(self.rotation[2, 2])))))

    @property
    def distance_mm(self) -> float:
        """Depth of the AF mark along the optical axis, from the lens (front principal plane)."""
        return float(self.translation_mm[2])


def solve_pose(sighting: Sighting, image_size: tuple[int, int], focal_px: float | None) -> Pose:
    """Solve the pose.

    Args:
        sighting: the marker corners.
        image_size: width and height of the photo in pixels.
        focal_px: focal length from metadata, in pixels, or None.

    Raises:
        Refusal: the corners fit no flat sheet, or the way it leans cannot be told.
    """
    sheet = sheet_from_page(sighting.chart, sighting.corners_page_mm.reshape(-1, 2))
    pixels = sighting.corners_px.reshape(-1, 2)
    sd = np.hypot(np.repeat(sighting.corner_sd_px, 4), CORNER_FLOOR_PX)
    problem = _Problem(sheet, pixels, sd, image_size, focal_px)
    guesses = (focal_px,) if focal_px else [guess * max(image_size) for guess in FOCAL_GUESSES]
    solutions = [
        problem.solve(rotation, translation, focal)
        for focal in guesses
        for rotation, translation in problem.planar_poses(focal)
    ]
    solutions = sorted((s for s in solutions if s.translation_mm[2] > 0), key=lambda s: s.cost)
    if not solutions:
        raise refusal("pose-poor")
    best = solutions[0]
    _refuse_ambiguous(best, solutions)
    if best.residual_px > MAX_RESIDUAL_PX:
        raise refusal("pose-poor", f"The markers are {best.residual_px:.1f} px (rms) off the best flat sheet.")
    return problem.pose(best)


@dataclass(frozen=True)
class _Solution:
    rotation: Array
    translation_mm: Array
    focal_px: float
    distortion: float
    cost: float
    residual_px: float
    jacobian: Array


class _Problem:
    """The least squares problem of one sheet."""

    def __init__(
        self, sheet: Array, pixels: Array, sd: Array, image_size: tuple[int, int], focal_px: float | None
    ) -> None:
        self.sheet, self.pixels, self.sd = sheet, pixels, sd
        self.image_size, self.focal_prior = image_size, focal_px

    def planar_poses(self, focal: float) -> list[tuple[Array, Array]]:
        """Return both poses (rotation, translation) that a plane has for a focal length."""
        import cv2

        width, height = self.image_size
        camera = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1.0]])
        _, rotations, translations, _ = cv2.solvePnPGeneric(
            self.sheet, self.pixels, camera, np.zeros(4), flags=cv2.SOLVEPNP_IPPE
        )
        return [
            (np.asarray(cv2.Rodrigues(r)[0], dtype=np.float64), np.asarray(t, dtype=np.float64).ravel())
            for r, t in zip(rotations, translations, strict=True)
        ]

    def solve(self, rotation: Array, translation: Array, focal: float) -> _Solution:
        """Refine one pose by robust least squares over all parameters."""
        from scipy.optimize import least_squares

        scale = np.concatenate([np.full(3, 1e-3), np.full(3, 1e-3 * abs(translation[2])), [1e-2, 1e-2]])

        def unpack(parameters: Array) -> tuple[Array, Array, float, float]:
            p = parameters * scale
            turned = _rotation(p[:3]) @ rotation
            return turned, translation + p[3:6], focal * math.exp(min(max(p[6], -3.0), 3.0)), float(p[7])

        def residuals(parameters: Array) -> Array:
            turned, moved, f, k = unpack(parameters)
            projected = _project(self.sheet @ turned.T + moved, f, k, self.image_size)
            misfit = ((projected - self.pixels) / self.sd[:, None]).ravel()
            prior = [k / DISTORTION_PRIOR_SD]
            if self.focal_prior:
                prior.append(math.log(f / self.focal_prior) / FOCAL_PRIOR_SD)
            return np.concatenate([misfit, prior])

        fit = least_squares(
            residuals, np.zeros(8), loss="soft_l1", f_scale=ROBUST_SCALE, max_nfev=60, x_scale="jac"
        )
        turned, moved, f, k = unpack(fit.x)
        projected = _project(self.sheet @ turned.T + moved, f, k, self.image_size)
        distance = np.linalg.norm(projected - self.pixels, axis=1)
        jacobian = fit.jac / scale
        return _Solution(turned, moved, f, k, 2 * float(fit.cost), float(np.sqrt((distance**2).mean())), jacobian)

    def pose(self, solution: _Solution) -> Pose:
        """Return the solution with its covariance, widened where the residuals are larger than their errors."""
        freedom = max(2 * len(self.sheet) - 8, 1)
        information = solution.jacobian.T @ solution.jacobian
        covariance = np.linalg.pinv(information, hermitian=True) * max(1.0, solution.cost / freedom)
        return Pose(
            rotation=solution.rotation,
            translation_mm=solution.translation_mm,
            focal_px=solution.focal_px,
            distortion=solution.distortion,
            image_size=self.image_size,
            covariance=covariance,
            residual_px=solution.residual_px,
            focal_known=self.focal_prior is not None,
        )


def _refuse_ambiguous(best: _Solution, solutions: list[_Solution]) -> None:
    normal = best.rotation[:, 2]
    for other in solutions[1:]:
        angle = math.degrees(math.acos(min(1.0, abs(float(normal @ other.rotation[:, 2])))))
        if angle > DIFFERENT_LEAN_DEG and other.cost - best.cost < AMBIGUITY_COST:
            raise refusal("lean-ambiguous")


def _rotation(vector: Array) -> Array:
    import cv2

    return np.asarray(cv2.Rodrigues(vector)[0], dtype=np.float64)


def _project(camera_mm: Array, focal_px: float, distortion: float, image_size: tuple[int, int]) -> Array:
    """Pinhole with x_d = x (1 + k r²), r over the half diagonal (first term of Brown's model)."""
    width, height = image_size
    ideal = focal_px * camera_mm[..., :2] / camera_mm[..., 2:]
    half_diagonal = math.hypot(width, height) / 2
    radius2 = (ideal**2).sum(axis=-1, keepdims=True) / half_diagonal**2
    pixels: Array = ideal * (1 + distortion * radius2) + np.array([(width - 1) / 2, (height - 1) / 2])
    return pixels
