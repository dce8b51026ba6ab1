"""The pose of the camera to every panel of a sheet that may be bent and folded; page frame and sheet frame."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart

Array = npt.NDArray[np.float64]

RIGID = 8
"""Parameters of a flat sheet: rotation vector, translation, ln(focal length), distortion."""
PARAMETERS = 11
"""With those of its bending; those of the folds follow."""
FOLD_PARAMETERS = 3
"""Of a fold: angle, place and skew; in a row of parameters all angles come first, then places, then skews."""


@dataclass(frozen=True)
class Pose:
    """Where camera and sheet are. `camera` is OpenCV's frame (x right, y down, z forward), `sheet` DESIGN's.

    The principal point is the middle of the picture.

    Attributes:
        rotation: (3, 3) R_camera_sheet.
        translation_mm: (3,) the AF mark in the camera frame.
        focal_px: focal length (lens to sensor) in pixels.
        distortion: displacement at the picture's corner over the half diagonal; positive pushes outwards.
        bending_per_mm: (3,) a, b, c of the paper's height a x² + b x y + c y² towards the reader, mm.
        folds: of the sheet, k of them, as it stands; none for a flat one.
        image_size: width and height in pixels.
        covariance: (11 + 3 k, 11 + 3 k) of the parameters of `changed`.
        residual_px: rms distance of corners or edges from where the pose puts them, weighted by their errors.
    """

    rotation: Array
    translation_mm: Array
    focal_px: float
    distortion: float
    bending_per_mm: Array
    folds: tuple[Fold, ...]
    image_size: tuple[int, int]
    covariance: Array
    residual_px: float

    def camera_points(self, sheet_mm: Array) -> Array:
        """Return (..., 3) points of the sheet frame in the camera frame, mm."""
        points: Array = self.folded(sheet_mm) @ self.rotation.T + self.translation_mm
        return points

    def folded(self, sheet_mm: Array) -> Array:
        """Return where points (..., 3) of the flat paper are once it is bent and folded, in the sheet frame."""
        beyond = self._beyond_mm(sheet_mm)
        folded = np.asarray(sheet_mm + sum(fold.moved(mm) for fold, mm in zip(self.folds, beyond, strict=True)))
        folded[..., 2] += self._height_mm(sheet_mm, beyond)
        return folded

    def depth_mm(self, sheet_mm: Array) -> Array:
        """Return the depth (...,) of sheet points along the optical axis, from the lens, mm."""
        depth: Array = self.folded(sheet_mm) @ self.rotation[2] + self.translation_mm[2]
        return depth

    def height_mm(self, sheet_mm: Array) -> Array:
        """Return the height (...,) of the bent paper over the plane that touches it at the AF mark, mm.

        Folds stiffen the paper: only the panel with the AF mark is bent, and wings are as high as their fold.
        """
        return self._height_mm(sheet_mm, self._beyond_mm(sheet_mm))

    def _beyond_mm(self, sheet_mm: Array) -> list[Array]:
        return [fold.beyond_mm(sheet_mm) for fold in self.folds]

    def _height_mm(self, sheet_mm: Array, beyond_mm: list[Array]) -> Array:
        x, y = sheet_mm[..., 0], sheet_mm[..., 1]
        for fold, beyond in zip(self.folds, beyond_mm, strict=True):
            x, y = x - beyond * fold.outwards[0], y - beyond * fold.outwards[1]
        a, b, c = self.bending_per_mm.tolist()
        return np.asarray(x * (a * x + b * y) + c * y**2)

    def project(self, sheet_mm: Array) -> Array:
        """Return (..., 2) pixels of sheet points (..., 3).

        Pinhole with x_d = x (1 + k r²), r over the half diagonal (the first term of Brown's model).
        """
        camera_mm = self.camera_points(sheet_mm)
        width, height = self.image_size
        ideal = self.focal_px * camera_mm[..., :2] / camera_mm[..., 2:]
        radius2 = (ideal**2).sum(axis=-1, keepdims=True) / (math.hypot(width, height) / 2) ** 2
        pixels: Array = ideal * (1 + self.distortion * radius2) + np.array([(width - 1) / 2, (height - 1) / 2])
        return pixels

    def changed(self, parameters: Array) -> Pose:
        """Return the pose with a change added.

        Args:
            parameters: (11 + 3 k,) rotation vector (rad, applied from the left), translation (mm),
                ln(focal length), distortion, bending (1/mm), of the folds the angles (rad), how far they are off
                their lines (mm), and their skews (rad).
        """
        import cv2

        turn = np.asarray(cv2.Rodrigues(parameters[:3])[0], dtype=np.float64)
        return replace(
            self,
            rotation=turn @ self.rotation,
            translation_mm=self.translation_mm + parameters[3:6],
            focal_px=self.focal_px * math.exp(min(max(float(parameters[6]), -3.0), 3.0)),
            distortion=self.distortion + float(parameters[7]),
            bending_per_mm=self.bending_per_mm + parameters[RIGID:PARAMETERS],
            folds=tuple(
                fold.changed(*change)
                for fold, change in zip(
                    self.folds, parameters[PARAMETERS:].reshape(FOLD_PARAMETERS, -1).T.tolist(), strict=True
                )
            ),
        )

    @property
    def tilt_deg(self) -> float:
        """Angle between the optical axis and the normal of the sheet, or of its panel with the AF mark, degrees."""
        return math.degrees(math.acos(min(1.0, abs(float(self.rotation[2, 2])))))

    @property
    def distance_mm(self) -> float:
        """Depth of the AF mark along the optical axis, from the lens (front principal plane)."""
        return float(self.translation_mm[2])


@dataclass(frozen=True)
class Fold:
    """A fold of the sheet: its line on the unfolded paper, and the angle at which the paper beyond it stands.

    Attributes:
        panel: name of the panel beyond the line.
        at_mm: (2,) middle of the printed line in the sheet frame.
        printed_outwards: (2,) unit vector at right angles to the printed line, away from the AF mark's panel.
        angle_rad: by which the panel is turned out of the plane of the AF mark; positive towards the reader.
        off_line_mm: how far outwards the paper was folded beside the middle of the printed line.
        skew_rad: angle between fold and printed line; `printed_outwards` turned by it, anticlockwise as printed,
            is at right angles to the fold.
    """

    panel: str
    at_mm: Array
    printed_outwards: Array
    angle_rad: float
    off_line_mm: float = 0.0
    skew_rad: float = 0.0

    @cached_property
    def outwards(self) -> Array:
        """(2,) unit vector at right angles to the fold, away from the panel with the AF mark."""
        c, s = math.cos(self.skew_rad), math.sin(self.skew_rad)
        x, y = self.printed_outwards
        return np.array([c * x - s * y, s * x + c * y])

    def beyond_mm(self, sheet_mm: Array) -> Array:
        """Return how far points (..., 3) lie beyond the fold, 0 for those that do not."""
        middle = self.at_mm + self.off_line_mm * self.printed_outwards
        distance: Array = np.maximum((sheet_mm[..., :2] - middle) @ self.outwards, 0.0)
        return distance

    def displacement(self, sheet_mm: Array) -> Array:
        """Return by what (..., 3) folding moves points of the unfolded sheet."""
        return self.moved(self.beyond_mm(sheet_mm))

    def moved(self, beyond_mm: Array) -> Array:
        """Return by what (..., 3) folding moves points of the unfolded sheet so far beyond the fold."""
        x, y = self.outwards * (math.cos(self.angle_rad) - 1.0)
        return np.asarray(beyond_mm[..., None] * np.array([x, y, math.sin(self.angle_rad)]))

    def changed(self, angle_rad: float, off_line_mm: float, skew_rad: float) -> Fold:
        """Return the fold with a change added."""
        return replace(
            self,
            angle_rad=self.angle_rad + angle_rad,
            off_line_mm=self.off_line_mm + off_line_mm,
            skew_rad=self.skew_rad + skew_rad,
        )


def folds_of(chart: Chart) -> tuple[Fold, ...]:
    """Return the folds of a chart at their nominal angles; panels hang on the one with the AF mark."""
    return tuple(
        _fold(chart, panel.name, panel.hinge_page_mm, panel.outline_page_mm, math.radians(panel.fold_deg))
        for panel in chart.panels
        if panel.hinge_page_mm is not None
    )


def parameter_count(folds: tuple[Fold, ...]) -> int:
    """Return how many parameters a pose with these folds has."""
    return PARAMETERS + FOLD_PARAMETERS * len(folds)


def panel_index(chart: Chart, page_mm: Array) -> npt.NDArray[np.intp]:
    """Return on which of the chart's panels points (..., 2) of the page lie, as (...) indices."""
    sheet = sheet_from_page(chart, page_mm.reshape(-1, 2))
    index = np.zeros(len(sheet), dtype=np.intp)
    for number, fold in enumerate(folds_of(chart), start=1):
        index[fold.beyond_mm(sheet) > 0] = number
    return index.reshape(page_mm.shape[:-1])


def _fold(
    chart: Chart,
    name: str,
    hinge_page_mm: tuple[tuple[float, float], tuple[float, float]],
    outline_page_mm: tuple[tuple[float, float], ...],
    angle_rad: float,
) -> Fold:
    start, end = sheet_from_page(chart, hinge_page_mm)[:, :2]
    along = (end - start) / np.linalg.norm(end - start)
    outwards = np.array([-along[1], along[0]])
    middle = sheet_from_page(chart, outline_page_mm)[:, :2].mean(axis=0)
    away = outwards if (middle - start) @ outwards > 0 else -outwards
    return Fold(name, (start + end) / 2, away, angle_rad)


def sheet_from_page(chart: Chart, points_page_mm: Iterable[tuple[float, float]]) -> Array:
    """Return (n, 3) points of an unfolded chart in the sheet frame: mm, origin at the AF mark, x right, y up."""
    page = np.asarray(list(points_page_mm), dtype=np.float64).reshape(-1, 2)
    x = page[:, 0] - chart.af_mark_page_mm[0]
    y = chart.af_mark_page_mm[1] - page[:, 1]
    return np.stack([x, y, np.zeros_like(x)], axis=1)
