"""Tiles: cells of two bars each, steep in one and level in the next.

So edges of both directions stand at every depth, near the AF mark too.

Their ink is grey, and weakest near the mark: autofocus keeps to the mark, and tone curves bend weak edges little.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from .chart import Edge, Point, Polygon
from .sheet import Box, SheetFrame

ROW = 10.0 * math.sqrt(2.0)
"""Height of a cell: 10 mm of depth at 45°."""
COLUMNS = (0.0, 11.0, 22.0, 33.0, 44.0, 55.0)
"""Middles of the cells to either side of the mark. Columns from 10 mm only, without the one above and below the
mark, cost half as much again at f/2 (median error 3.2 against 2.1 % of the depth of field); columns at 60 and 85 mm
add nothing (docs/studies/results/contrast.md)."""
WEAK_INK, STRONG_INK = 0.70, 0.45
"""Light of the ink over that of paper, near the mark and farther out. 0.45 instead of 0.70 farther out brings the
median at f/4 and slower from 0.65 to 0.4 % of the depth of field."""
TILE_SLANT = math.tan(math.radians(5.0))
"""Keeps edges off the pixel grid, as is usual for slanted edges (ISO 12233)."""
STEEP_EDGES, STEEP_HALF, STEEP_CLEAR = (-4.2, -1.4, 1.4, 4.2), 5.4, 2.3
LEVEL_EDGES, LEVEL_HALF, LEVEL_CLEAR = (-5.4, -1.8, 1.8, 5.4), 4.0, 3.0
"""Where a tile's edges are, half their length, and the plain ink and paper beside them up to the next cell. Windows
of 1.7 and 2.35 mm were too narrow for f/1.4 and f/2; without as much white outside of a tile contrast scattered by
13 %."""


@dataclass(frozen=True)
class TileField:
    """The tiles of one panel, in its sheet frame.

    Steep tiles face level ones across the mark, and change places from row to row. Two of a kind meet between the
    middle column and the one to its left.

    Attributes:
        frame: frame of the panel.
        panel: name of the panel.
        unit: size of the tiles.
        rows: numbers of the first and the last row; row n has its middle at n times `ROW`.
        keep_out: boxes that tiles must stay out of, with the white around them.
        quiet: where the ink is weak: around the mark, as far as an AF area sees.
        columns: distances of the columns from the middle, mm at unit 1.
    """

    frame: SheetFrame
    panel: str
    unit: float
    rows: tuple[int, int]
    keep_out: Sequence[Box]
    quiet: Box
    columns: Sequence[float] = COLUMNS

    def polygons(self) -> list[Polygon]:
        """Return the bars, two a tile."""
        return [polygon for tile in self.tiles for polygon in tile.polygons()]

    def edges(self) -> list[Edge]:
        """Return the long sides of the bars, four a tile."""
        return [edge for number, tile in enumerate(self.tiles) for edge in tile.edges(number)]

    def steep_beside(self, tile: Tile, side: int) -> Tile | None:
        """Return the steep tile in the next cell to the right (+1) or left (-1) in a row, if there is one."""
        others = [other for other in self._rows[tile.y] if (other.x - tile.x) * side > 0.0]
        nearest = min(others, key=lambda other: abs(other.x - tile.x), default=None)
        return nearest if nearest is not None and nearest.steep else None

    @cached_property
    def _rows(self) -> dict[float, list[Tile]]:
        rows: dict[float, list[Tile]] = {}
        for tile in self.tiles:
            rows.setdefault(tile.y, []).append(tile)
        return rows

    @cached_property
    def tiles(self) -> list[Tile]:
        """The tiles that are free, row by row from below, in each from the middle outwards."""
        return [tile for tile in self._cells() if not any(tile.box.overlaps(box) for box in self.keep_out)]

    def _cells(self) -> Iterator[Tile]:
        first, last = self.rows
        for row in range(first, last + 1):
            for column, distance in enumerate(self.columns):
                for right in (False, True) if distance else (True,):
                    steep = (row + column + right) % 2 == 0
                    lean = TILE_SLANT if (row // 2 + column) % 2 == 0 else -TILE_SLANT
                    yield Tile(self, distance if right else -distance, row * ROW, steep, lean)


@dataclass(frozen=True)
class Tile:
    """Two bars side by side around (x, y), mm at unit 1; `lean` is sideways over along a bar."""

    field: TileField
    x: float
    y: float
    steep: bool
    lean: float

    @property
    def ink(self) -> float:
        """Light of the ink over that of paper."""
        x, y, quiet = self.x * self.field.unit, self.y * self.field.unit, self.field.quiet
        weak = quiet.left < x < quiet.right and quiet.bottom < y < quiet.top
        return WEAK_INK if weak else STRONG_INK

    @property
    def box(self) -> Box:
        """The upright box around the tile, mm at full size."""
        corners = [self._point(across, along) for across in self._places for along in (-self._half, self._half)]
        (xs, ys) = zip(*corners, strict=True)
        return Box(min(xs), min(ys), max(xs), max(ys))

    def polygons(self) -> list[Polygon]:
        """Return its bars."""
        half, ink = self._half, self.ink
        return [
            Polygon(tuple(self._page(*corner) for corner in ((a, -half), (b, -half), (b, half), (a, half))), ink)
            for a, b in zip(self._places[::2], self._places[1::2], strict=True)
        ]

    def edges(self, number: int) -> list[Edge]:
        """Return the long sides of its bars, the ink on their left; `number` is the tile's."""
        edges = []
        for index, across in enumerate(self._places):
            ends = [self._page(across, -self._half), self._page(across, self._half)]
            # Ink follows every other side. Upwards, the left has smaller x; to the right, the left has larger y.
            start, end = ends if (index % 2 == 0) != self.steep else ends[::-1]
            edges.append(Edge(self.field.panel, start, end, "left", self._clear(index), number, self.ink))
        return edges

    def _clear(self, index: int) -> float:
        """Width of plain ink and paper beside an edge, as printed; two steep tiles side by side are closer."""
        clear = STEEP_CLEAR if self.steep else LEVEL_CLEAR
        side = {0: -1, len(STEEP_EDGES) - 1: 1}.get(index)
        other = self.field.steep_beside(self, side) if self.steep and side else None
        if other is not None:
            ends_closer = abs(other.lean - self.lean) * STEEP_HALF
            white = abs(other.x - self.x) - 2 * STEEP_EDGES[-1] - ends_closer
            clear = min(clear, white * math.cos(math.atan(TILE_SLANT)))
        return round(clear * self.field.unit * self.field.frame.scale, 6)

    @property
    def _places(self) -> tuple[float, ...]:
        return STEEP_EDGES if self.steep else LEVEL_EDGES

    @property
    def _half(self) -> float:
        return STEEP_HALF if self.steep else LEVEL_HALF

    def _point(self, across: float, along: float) -> Point:
        unit, sideways = self.field.unit, across + self.lean * along
        if self.steep:
            return unit * (self.x + sideways), unit * (self.y + along)
        return unit * (self.x + along), unit * (self.y + sideways)

    def _page(self, across: float, along: float) -> Point:
        return self.field.frame.page(*self._point(across, along))
