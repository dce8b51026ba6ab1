"""Measures that all designs share, mm at full size."""

from __future__ import annotations

from backfocus.targets.papers import Paper

MARGIN = 9.0
"""At the smallest scale, 0.6, it is still over the 5 mm that home printers cannot print on."""
QR_MODULE = 1.0
CHECK_BAR, CHECK_BAR_HALF_HEIGHT = 100.0, 1.0
"""Length, and half the height of its ticks."""
TEXT, SMALLEST_TEXT_MM = 2.6, 2.4
"""Font size at full size, and the smallest that may get printed: it is read at arm's length."""


def unit(paper: Paper) -> float:
    """Return the design's unit, by which features grow on larger papers: 1 for A4 and Letter."""
    return min(paper.width_mm / 210.0, paper.height_mm / 279.4)


def font_size(paper: Paper, scale: float) -> float:
    """Return the font size that is large enough when printed at a scale."""
    return max(TEXT * unit(paper), SMALLEST_TEXT_MM / scale)
