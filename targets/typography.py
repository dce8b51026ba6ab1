"""Measures of the type that charts and pages are set in, over the font size."""

from __future__ import annotations

LINE_SPACING = 1.45
CAPITALS = 0.73
"""Height of capitals and figures: half of it below a point, the baseline centres them there (Bitstream Vera)."""
