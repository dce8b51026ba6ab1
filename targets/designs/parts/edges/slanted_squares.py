"""Black squares, slightly turned, wherever a panel is free: each has edges of both directions at one place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from backfocus.targets.chart import Edge, Polygon
from backfocus.targets.designs.parts.sheet_frame import Box, SheetFrame

SIDE, PITCH = 13.0, 20.0
"""An edge is long enough for a few pieces between its ends, and a page of any size holds over 40. Larger ones have
less length of edges on each paper, smaller ones lose more of theirs at the ends."""
TURN_DEG = 5.0
"""Keeps edges off the pixel grid when the camera is upright, as is usual for slanted edges (ISO 12233); neighbours
turn opposite ways, so that a camera that is not upright has half of them along the grid at most."""


@dataclass(frozen=True)
class SlantedSquares:
    """A grid of squares around the AF mark, in the sheet frame of a panel.

    Attributes:
        frame: frame of the panel.
        panel: name of the panel.
        unit: size of the squares; their side is `SIDE` times it.
        half_width, half_height: of the area that squares may cover, mm at full size.
        ink: boxes of everything else that is printed; white between neighbours is also kept to these.
        blank: a box that squares stay out of, and that holds no ink near its border.
    """

    frame: SheetFrame
    panel: str
    unit: float
    half_width: float
    half_height: float
    ink: Sequence[Box]
    blank: Box

    def polygons(self) -> list[Polygon]:
        """Return the squares, row by row from the top left."""
        return [Polygon(tuple(self.frame.page(*corner) for corner in corners)) for corners in self._squares]

    def edges(self) -> list[Edge]:
        """Return the four sides of every square, clockwise as printed, so that the ink is on the right."""
        clear = round(self._white * self.frame.scale, 6)
        return [
            Edge(self.panel, self.frame.page(*start), self.frame.page(*end), "right", clear)
            for corners in self._squares
            for start, end in pairwise((*corners, corners[0]))
        ]

    @cached_property
    def _squares(self) -> list[list[tuple[float, float]]]:
        """Corners of the squares that stand clear of everything else."""
        pitch = PITCH * self.unit
        columns, rows = (int((half / pitch) + 0.5) for half in (self.half_width, self.half_height))
        return [
            self._corners(column * pitch, row * pitch, 1 if (row + column) % 2 == 0 else -1)
            for row in range(rows, -rows - 1, -1)
            for column in range(-columns, columns + 1)
            if self._is_free(column * pitch, row * pitch)
        ]

    @property
    def _size(self) -> float:
        """Width of the upright box around a square."""
        turn = math.radians(TURN_DEG)
        return SIDE * self.unit * (math.cos(turn) + math.sin(turn))

    @property
    def _white(self) -> float:
        """Width of the white between neighbours, and so all around every square."""
        return PITCH * self.unit - self._size

    def _is_free(self, x: float, y: float) -> bool:
        box = Box.around(x, y, self._size, self._size)
        inside = box.right <= self.half_width and box.left >= -self.half_width
        inside = inside and box.top <= self.half_height and box.bottom >= -self.half_height
        alone = not any(box.grown(self._white).overlaps(other) for other in self.ink)
        return inside and alone and not box.overlaps(self.blank)

    def _corners(self, x: float, y: float, hand: int) -> list[tuple[float, float]]:
        """Return the corners of a square around (x, y), clockwise as printed from the upper left."""
        half, turn = SIDE / 2 * self.unit, hand * math.radians(TURN_DEG)
        c, s = half * math.cos(turn), half * math.sin(turn)
        return [(x + a * c - b * s, y + a * s + b * c) for a, b in ((-1, 1), (1, 1), (1, -1), (-1, -1))]
