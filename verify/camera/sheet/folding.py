"""A sheet with folds: flat panels that hang on each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.targets.chart import Panel
from backfocus.verify.camera.sheet.surface import AWAY, FlatSheet

Array = npt.NDArray[np.float64]

SEAM_MM = 1e-6
"""Panels are wider by this, so that no ray slips through between them."""


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
