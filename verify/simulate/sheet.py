"""The printed sheet as pixels, and as a surface in space that rays meet: flat, bent, folded; the desk behind it.

Camera frame: origin in the middle of the entrance pupil, x right, y down, z along the optical axis, mm.
Page frame: along the width of the page, along its height, out of its back.
A bent sheet is a cylinder: paper does not stretch, page lengths are lengths along the arc. A folded one has flat
panels that hang on each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from backfocus.targets.chart import Panel

POINTS_PER_MM = 72.0 / 25.4
LARGEST_SIDE_PX = 32766
"""OpenCV addresses pixels with 16 bits when it warps."""
Array = npt.NDArray[np.float64]
AWAY = (-1.0e4, -1.0e4, 1.0)
"""Homogeneous page point for rays that miss the sheet: no page is there."""
SAME_PLACE_MM = 1e-3
CURVATURE_STEPS = 8
"""Each leaves a hundredth of the error, for a sag of a tenth of the length."""
SEAM_MM = 1e-6
"""Panels are wider by this, so that no ray slips through between them."""
Picture = npt.NDArray[np.float32]
REDUCTION = 4
"""Drawn this much smaller: the desk is out of focus anyway."""
THINGS = 8


@dataclass(frozen=True, eq=False)
class SheetRaster:
    """A printed sheet.

    Attributes:
        ink: (rows, columns) uint8, 0 = bare paper, 255 = full ink. It covers the page exactly.
        page_mm: page width and height.
    """

    ink: npt.NDArray[np.uint8]
    page_mm: tuple[float, float]

    def __post_init__(self) -> None:
        if max(self.ink.shape) > LARGEST_SIDE_PX:
            raise ValueError(f"a raster of {self.ink.shape} pixels is too large: rasterise with fewer dpi")

    @property
    def page_to_raster(self) -> npt.NDArray[np.float64]:
        """3 by 3 matrix from page mm to raster pixels."""
        sx, sy = self.ink.shape[1] / self.page_mm[0], self.ink.shape[0] / self.page_mm[1]
        return np.array([[sx, 0.0, -0.5], [0.0, sy, -0.5], [0.0, 0.0, 1.0]])


def rasterise_pdf(pdf: str | Path | bytes, page: int = 0, dpi: float = 600.0) -> SheetRaster:
    """Return a page of a PDF as it would be printed.

    600 dpi adds 0.02 mm of blur to an edge, about 0.2 px in a 24 MP photo of the whole sheet.
    """
    import pypdfium2

    document = pypdfium2.PdfDocument(str(pdf) if isinstance(pdf, Path) else pdf)
    try:
        sheet = document[page]
        width_pt, height_pt = sheet.get_size()
        grey = sheet.render(scale=dpi / 72.0, grayscale=True).to_numpy()
        ink = cv2.bitwise_not(grey.reshape(grey.shape[:2]))
        return SheetRaster(np.asarray(ink, dtype=np.uint8), (width_pt / POINTS_PER_MM, height_pt / POINTS_PER_MM))
    finally:
        document.close()


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


@dataclass(frozen=True, eq=False)
class PlacedPanel:
    """One panel of a folded sheet, in space.

    Attributes:
        name: that of the chart's panel.
        plane: the page as if all of it lay in the plane of this panel.
        outline_page_mm: (n, 2) corners of the panel; it is convex.
        sides: (n, 3) lines of its sides: each times (x, y, 1) is the distance from it in mm, inside positive.
    """

    name: str
    plane: FlatSheet
    outline_page_mm: Array
    sides: Array

    @property
    def depths_mm(self) -> tuple[float, float]:
        """Depth of the nearest and of the farthest point."""
        depth = self.plane.points(self.outline_page_mm)[:, 2]
        return float(depth.min()), float(depth.max())

    def inside_mm(self, page_mm: Array) -> Array:
        """Return how far (n, 2) page points are from the nearest side, outside negative."""
        return np.asarray((page_mm @ self.sides[:, :2].T + self.sides[:, 2]).min(axis=1))

    def in_front_mm(self, pupil_mm: Array) -> Array:
        """Return how far (..., 2) places in the pupil are in front of the panel's plane; behind it is its back."""
        return np.asarray(self.plane.page_to_camera[:, 2] @ self.plane.normal - pupil_mm @ self.plane.normal[:2])


@dataclass(frozen=True, eq=False)
class FoldedSheet:
    """A sheet with folds.

    Attributes:
        panels: the first is the one that `SheetPose` places.
        fold_deg: actual fold angles by the panel's name, towards the reader positive.
    """

    panels: tuple[PlacedPanel, ...]
    fold_deg: Mapping[str, float]

    @property
    def tilt_deg(self) -> float:
        """Angle between the normal of the first panel and the optical axis."""
        return self.panels[0].plane.tilt_deg

    def points(self, page_mm: npt.ArrayLike) -> Array:
        """Return the (n, 3) camera frame points in mm of (n, 2) points of the page.

        A point beyond all panels lies in the plane of the one that it is nearest to.
        """
        page = np.asarray(page_mm, dtype=np.float64).reshape(-1, 2)
        nearest = np.argmax([panel.inside_mm(page) for panel in self.panels], axis=0)
        every = np.stack([panel.plane.points(page) for panel in self.panels])
        return np.asarray(every[nearest, np.arange(len(page))])

    def hit(self, start_mm: Array, slope: Array) -> Array:
        """Return (..., 3) homogeneous page points where rays first meet the sheet, see `Sheet`.

        The back of the paper hides what is behind it and shows no page.
        """
        seen = np.broadcast_to(np.array(AWAY), (*np.broadcast_shapes(start_mm.shape, slope.shape)[:-1], 3))
        nearest = np.zeros(seen.shape[:-1])
        for panel in self.panels:
            page = panel.plane.hit(start_mm, slope)
            per_depth = page[..., 2]
            inside = np.all(page @ panel.sides.T >= -SEAM_MM * per_depth[..., None], axis=-1)
            front = panel.in_front_mm(start_mm) > 0.0
            here = inside & (per_depth > nearest)
            nearest = np.where(here, per_depth, nearest)
            seen = np.where(here[..., None], np.where(front[..., None], page, AWAY), seen)
        return np.asarray(seen)


def fold(flat: FlatSheet, panels: Sequence[Panel], fold_deg: Mapping[str, float]) -> FoldedSheet:
    """Return the sheet folded.

    Args:
        flat: the sheet as if all of it lay in the plane of its first panel.
        panels: of the chart; each hangs on one before it.
        fold_deg: angles by the panel's name; the others are folded as the chart says.

    Raises:
        ValueError: there is no such panel, or it has no fold.
    """
    for name in fold_deg.keys() - {panel.name for panel in panels[1:]}:
        known = ", ".join(panel.name for panel in panels[1:])
        raise ValueError(f"no panel {name!r} can be folded: take {known or 'a chart with folds'}")
    angles = {panel.name: fold_deg.get(panel.name, panel.fold_deg) for panel in panels[1:]}
    placed: list[PlacedPanel] = []
    for panel in panels:
        plane = flat if panel.hinge_page_mm is None else _turned(panel, placed, angles[panel.name])
        outline = np.array(panel.outline_page_mm, dtype=np.float64)
        placed.append(PlacedPanel(panel.name, plane, outline, _sides(outline)))
    return FoldedSheet(tuple(placed), angles)


def _turned(panel: Panel, placed: list[PlacedPanel], angle_deg: float) -> FlatSheet:
    """Return the plane that a panel hangs on, turned about the hinge so that the panel comes towards the reader."""
    hinge = np.array(panel.hinge_page_mm, dtype=np.float64)
    held_by = max(placed, key=lambda other: other.inside_mm(hinge.mean(axis=0, keepdims=True))[0]).plane
    start, end = held_by.points(hinge)
    axis = (end - start) / np.linalg.norm(end - start)
    middle = held_by.points(np.mean(panel.outline_page_mm, axis=0))[0]
    towards_reader = float(np.cross(axis, middle - start) @ -held_by.normal)
    turn = _about(axis, math.copysign(math.radians(angle_deg), angle_deg * towards_reader))
    page_to_camera = turn @ held_by.page_to_camera
    page_to_camera[:, 2] += start - turn @ start
    return FlatSheet(page_to_camera, turn @ held_by.normal)


def _about(axis: Array, angle: float) -> Array:
    """Return the rotation about a unit vector, anticlockwise when it points to the eye (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + math.sin(angle) * cross + (1.0 - math.cos(angle)) * cross @ cross)


def _sides(outline: Array) -> Array:
    """Return the lines of a convex outline's sides, see `PlacedPanel`."""
    along = np.roll(outline, -1, axis=0) - outline
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / np.linalg.norm(along, axis=1, keepdims=True)
    lines = np.column_stack([normal, -(normal * outline).sum(axis=1)])
    inwards = np.sign(lines @ [*outline.mean(axis=0), 1.0])
    return np.asarray(lines * inwards[:, None])


def desk(picture_px: tuple[int, int], rng: np.random.Generator) -> Picture:
    """Return the reflectance of a desk, shape (height, width), values 0.05 to 0.9."""
    width, height = (max(2, -(-side // REDUCTION)) for side in picture_px)
    shade = 0.25 + 0.06 * _clouds((width, height), 5, rng) + 0.03 * _clouds((width, height), 40, rng)
    for _ in range(THINGS):
        _lay_down_thing(shade, rng)
    small = cv2.GaussianBlur(np.clip(shade, 0.05, 0.9), (0, 0), 2.0)
    return np.asarray(cv2.resize(small, picture_px, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _clouds(size: tuple[int, int], cells: int, rng: np.random.Generator) -> Picture:
    """Smooth random texture of the given size."""
    coarse = rng.standard_normal((cells, cells), dtype=np.float32)
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _lay_down_thing(shade: Picture, rng: np.random.Generator) -> None:
    """Draw a turned rectangle or an ellipse of random grey somewhere."""
    height, width = shade.shape
    centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
    axes = (int(rng.uniform(0.02, 0.15) * width), int(rng.uniform(0.02, 0.15) * height))
    angle, grey = float(rng.uniform(0, 180)), float(rng.uniform(0.06, 0.7))
    if rng.random() < 0.5:
        cv2.ellipse(shade, centre, axes, angle, 0, 360, grey, cv2.FILLED)
    else:
        corners = cv2.boxPoints((centre, (2 * axes[0], 2 * axes[1]), angle))
        cv2.fillPoly(shade, [np.rint(corners).astype(np.int32)], grey)
