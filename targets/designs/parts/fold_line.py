"""Fold lines, marked in the usual way: a valley is dashed, a mountain is dashes and dots in turn."""

from __future__ import annotations

from typing import Literal

from backfocus.targets.chart import Stroke
from backfocus.targets.designs.parts.sheet_frame import SheetFrame

Fold = Literal["valley", "mountain"]

PATTERNS: dict[Fold, tuple[float, ...]] = {"valley": (3.0, 1.5), "mountain": (4.0, 1.2, 0.4, 1.2)}
"""Lengths of ink and gap in turn, mm at full size and unit 1."""
WIDTH = 0.25
"""Thin beside the 3 mm that markers and edges keep from a fold, wide enough to lay a ruler along."""


def fold_line(frame: SheetFrame, fold: Fold, x: float, bottom: float, top: float, unit: float) -> list[Stroke]:
    """Return the dashes of an upright fold line at `x`, with its middle exactly on the fold.

    Args:
        frame: frame of the page.
        fold: "valley" if the crease lies deep when looked at from the printed side.
        x, bottom, top: where the line runs, mm at full size.
        unit: size of the pattern.
    """
    strokes = []
    start, index, pattern = bottom, 0, PATTERNS[fold]
    while start < top:
        end = start + pattern[index % len(pattern)] * unit
        if index % 2 == 0:
            ends = (frame.page(x, start), frame.page(x, min(end, top)))
            strokes.append(Stroke(*ends, WIDTH * unit * frame.scale))
        start, index = end, index + 1
    return strokes
