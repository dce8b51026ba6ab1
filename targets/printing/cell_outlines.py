"""Outlines of a pattern of square cells, so that markers and QR codes are filled as whole shapes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backfocus.targets.chart import Point, Quad

GridPoint = tuple[int, int]


def cell_outlines(cells: npt.NDArray[np.bool_], corners: Quad) -> list[list[Point]]:
    """Return closed outlines that, filled together, paint exactly the dark cells.

    Cells that touch share no outline, so that no renderer leaves a hairline between them. Dark lies on the same
    hand all along, so both fill rules paint the same.

    Args:
        cells: (rows, columns), row 0 at the top, True where there is ink.
        corners: where the corners of the pattern lie, in the order of `Marker`; a parallelogram.
    """
    rows, columns = cells.shape
    (x0, y0), (x1, y1), _, (x3, y3) = corners

    def place(point: GridPoint) -> Point:
        across, down = point[0] / columns, point[1] / rows
        return (x0 + (x1 - x0) * across + (x3 - x0) * down, y0 + (y1 - y0) * across + (y3 - y0) * down)

    return [[place(point) for point in loop] for loop in _loops(_boundary(cells))]


def _boundary(cells: npt.NDArray[np.bool_]) -> set[tuple[GridPoint, GridPoint]]:
    """Return the sides, as steps (from, to), that part a dark cell from a light one; the dark is on the right."""
    steps: set[tuple[GridPoint, GridPoint]] = set()
    for row, column in np.argwhere(cells).tolist():
        ring = ((column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1))
        for start, end in zip(ring, ring[1:] + ring[:1], strict=True):
            if (end, start) in steps:
                steps.remove((end, start))
            else:
                steps.add((start, end))
    return steps


def _loops(steps: set[tuple[GridPoint, GridPoint]]) -> list[list[GridPoint]]:
    """Join steps into closed loops, leaving out points on straight stretches; the order is always the same."""
    following: dict[GridPoint, list[GridPoint]] = {}
    for start, end in sorted(steps):
        following.setdefault(start, []).append(end)
    loops = []
    while following:
        loop = [min(following)]
        while loop[0] != loop[-1] or len(loop) == 1:
            choices = following[loop[-1]]
            loop.append(choices.pop())
            if not choices:
                del following[loop[-2]]
        loops.append(_without_straight_points(loop[:-1]))
    return loops


def _without_straight_points(loop: list[GridPoint]) -> list[GridPoint]:
    before, after = loop[-1:] + loop[:-1], loop[1:] + loop[:1]
    return [
        point
        for earlier, point, later in zip(before, loop, after, strict=True)
        if not (earlier[0] == point[0] == later[0] or earlier[1] == point[1] == later[1])
    ]
