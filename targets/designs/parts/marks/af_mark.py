"""The mark that autofocus is aimed at."""

from __future__ import annotations

from backfocus.targets.chart import Polygon
from backfocus.targets.designs.parts.sheet_frame import Box, SheetFrame

BLOCKS = ((0.0, 4.0), (5.5, 8.5), (9.5, 11.5), (12.3, 13.3))
"""From the middle outwards: upright edges of many spacings, so that AF finds some that suit it at any distance."""
HALF_HEIGHT, HALF_LINE = 4.0, 0.5
"""The mark spans few millimetres of depth; the white line through it is depth zero."""


def af_mark(frame: SheetFrame, unit: float) -> tuple[Polygon, ...]:
    """Return the mark: a coarse block in the middle, finer ones outwards, all split by a white line at depth zero.

    Args:
        frame: frame of the panel; the mark is at its origin.
        unit: size of the mark, 1 for a mark of 26.6 mm by 8 mm at full size.
    """
    halves = [(-BLOCKS[0][1], BLOCKS[0][1]), *BLOCKS[1:], *((-right, -left) for left, right in BLOCKS[1:])]
    rows = ((HALF_LINE, HALF_HEIGHT), (-HALF_HEIGHT, -HALF_LINE))
    return tuple(
        Polygon(frame.corners(Box(left * unit, bottom * unit, right * unit, top * unit)))
        for left, right in sorted(halves)
        for bottom, top in rows
    )
