"""A sheet that was folded badly: beside its printed lines, or with a middle that bulges between the folds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from backfocus.targets.chart import Panel, Point

Array = npt.NDArray[np.float64]

STRIPS = 12
"""To either side of the middle, in place of an arc: a bulge of 2 mm over 44 mm turns each by 0.8°."""


def misfolded(
    panels: Sequence[Panel],
    off_mm: Mapping[str, tuple[float, float]],
    bulge_mm: float,
    fold_deg: Mapping[str, float],
) -> tuple[tuple[Panel, ...], dict[str, float]]:
    """Return panels as they were really folded, and their fold angles by name, for `fold`.

    Args:
        panels: of the chart, whose wings all hang on the first.
        off_mm: by a wing's name, how far outwards its fold is off the printed line at the line's two ends.
        bulge_mm: how far the middle of the first panel stands out over the line between two folds.
        fold_deg: angles of the wings by their names, to the plane that touches the middle of the first panel.

    Raises:
        ValueError: there is no such wing.
    """
    unknown = off_mm.keys() - {panel.name for panel in panels[1:]}
    if unknown:
        raise ValueError(f"no panel {min(unknown)!r} has a fold")
    first, *wings = panels
    for index, wing in enumerate(wings):
        first, wings[index] = _fold_moved(first, wing, off_mm.get(wing.name, (0.0, 0.0)))
    angles = {wing.name: fold_deg.get(wing.name, wing.fold_deg) for wing in wings}
    if not bulge_mm:
        return (first, *wings), angles
    strips, turned_deg = _strips(first, bulge_mm)
    for wing in wings:
        side = 1 if _mean(wing.outline_page_mm)[0] > _mean(first.outline_page_mm)[0] else -1
        angles[wing.name] -= turned_deg * STRIPS
        last = strips[f"{first.name} {side * STRIPS}"]
        *_, lower, upper = last.outline_page_mm
        wings[wings.index(wing)] = replace(wing, hinge_page_mm=(upper, lower))
    angles |= {name: turned_deg for name, strip in strips.items() if strip.hinge_page_mm}
    return (*strips.values(), *wings), angles


def _fold_moved(first: Panel, wing: Panel, off_mm: tuple[float, float]) -> tuple[Panel, Panel]:
    """Return both panels with the fold between them moved outwards, by so much at either end."""
    assert wing.hinge_page_mm is not None
    hinge = np.array(wing.hinge_page_mm)
    along = (hinge[1] - hinge[0]) / np.linalg.norm(hinge[1] - hinge[0])
    outwards = np.array([-along[1], along[0]])
    if (_mean(wing.outline_page_mm) - hinge[0]) @ outwards < 0:
        outwards = -outwards
    moved = hinge + np.outer(off_mm, outwards)
    return (
        replace(first, outline_page_mm=_with_corners(first.outline_page_mm, hinge, moved)),
        replace(
            wing,
            outline_page_mm=_with_corners(wing.outline_page_mm, hinge, moved),
            hinge_page_mm=(_point(moved[0]), _point(moved[1])),
        ),
    )


def _with_corners(outline: Sequence[Point], old: Array, new: Array) -> tuple[Point, ...]:
    """Return an outline with those of its corners moved that are among the old ones."""
    moved = []
    for corner in outline:
        distance = np.linalg.norm(old - corner, axis=1)
        nearest = int(np.argmin(distance))
        moved.append(_point(new[nearest]) if distance[nearest] < 1e-6 else corner)
    return tuple(moved)


def _strips(first: Panel, bulge_mm: float) -> tuple[dict[str, Panel], float]:
    """Return upright strips of a panel, the middle one first, and the angle between neighbours, degrees.

    A bow of length L and height h turns by 8 h / L over its length, half of it to either side.
    """
    left, right, top, bottom = _sides(first)
    count = 2 * STRIPS + 1
    turned_deg = -math.degrees(8.0 * bulge_mm / float(np.mean(right - left)) / count)

    def line(index: int) -> tuple[Point, Point]:
        part = index / count
        upper, lower = top[0] + part * (top[1] - top[0]), bottom[0] + part * (bottom[1] - bottom[0])
        return _point(upper), _point(lower)

    def panels() -> Iterator[Panel]:
        (a, b), (c, d) = line(STRIPS), line(STRIPS + 1)
        yield Panel(first.name, (a, c, d, b))
        for side in (1, -1):
            for step in range(1, STRIPS + 1):
                inner = line(STRIPS + step if side > 0 else STRIPS + 1 - step)
                outer = line(STRIPS + step + 1 if side > 0 else STRIPS - step)
                yield Panel(f"{first.name} {side * step}", (*inner, *outer[::-1]), inner)

    return {panel.name: panel for panel in panels()}, turned_deg


def _sides(panel: Panel) -> tuple[Array, Array, Array, Array]:
    """Return x of the left and of the right corners, and the upper and the lower pair of corners from the left."""
    corners = np.array(sorted(panel.outline_page_mm, key=lambda point: point[1]))
    top, bottom = (np.array(sorted(pair.tolist())) for pair in (corners[:2], corners[2:]))
    return np.array([top[0, 0], bottom[0, 0]]), np.array([top[1, 0], bottom[1, 0]]), top, bottom


def _mean(outline: Sequence[Point]) -> Array:
    return np.asarray(np.mean(outline, axis=0), dtype=np.float64)


def _point(xy: Array) -> Point:
    return float(xy[0]), float(xy[1])
