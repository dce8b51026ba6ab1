"""The mark that autofocus is aimed at on a panel that faces the camera.

All of it has one depth, so it may be as high as it is wide: AF sensors of either direction find the same detail.
"""

from __future__ import annotations

from backfocus.targets.chart import Polygon
from backfocus.targets.designs.parts.sheet_frame import Box, SheetFrame

BLOCK = 2.4
"""Half width of the block in the middle."""
RINGS = ((3.6, 4.9), (5.6, 6.5))
"""Square rings around it, from inner to outer half width. No two widths of ink or paper are alike: where a pattern
repeats itself, phase detection may lock on its neighbour. At 25 focal lengths the finest, 0.7 mm, is 30 µm on the
sensor, and at 50 focal lengths the whole mark is still 270 µm."""
SLIT = 0.35
"""Along the diagonals, on either side: slanted detail for slanted AF sensors."""
HALF_HEIGHT = RINGS[-1][1]


def upright_af_mark(frame: SheetFrame, unit: float) -> tuple[Polygon, ...]:
    """Return the mark: a block and two square rings, open at the corners; alike after every quarter turn.

    Args:
        frame: frame of the panel; the mark is at its origin.
        unit: size of the mark, 1 for a mark of 13 mm by 13 mm at full size.
    """
    block = BLOCK * unit
    bars = [_bar(frame, turn, inner * unit, outer * unit, unit) for inner, outer in RINGS for turn in range(4)]
    return (Polygon(frame.corners(Box(-block, -block, block, block))), *bars)


def _bar(frame: SheetFrame, quarter_turns: int, inner: float, outer: float, unit: float) -> Polygon:
    """Return one side of a ring, mitred at both ends."""
    slit = SLIT * unit
    points = [(slit - inner, inner), (inner - slit, inner), (outer - slit, outer), (slit - outer, outer)]
    for _ in range(quarter_turns):
        points = [(-y, x) for x, y in points]
    return Polygon(tuple(frame.page(x, y) for x, y in points))
