"""One page of a PDF, drawn on in the page frame: mm from the top-left corner, y down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backfocus.targets.chart import Label, Point

POINTS_PER_MM = 72.0 / 25.4
REGULAR, BOLD = "Vera", "VeraBd"
"""Bitstream Vera: its licence permits embedding, and its files come with reportlab."""


def register_fonts() -> None:
    """Make the two fonts known to reportlab; they are embedded in every PDF that uses them."""
    import reportlab
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(reportlab.__file__).parent / "fonts"
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))


class PageCanvas:
    """Draws in millimetres on the current page of a reportlab canvas."""

    def __init__(self, canvas: Any, height_mm: float) -> None:
        self._canvas = canvas
        self._height_mm = height_mm

    def fill(self, outlines: Sequence[Sequence[Point]], grey: float = 0.0) -> None:
        """Fill closed outlines as one shape; `grey` is 0 for black and 1 for white."""
        path = self._canvas.beginPath()
        for outline in outlines:
            path.moveTo(*self._place(outline[0]))
            for point in outline[1:]:
                path.lineTo(*self._place(point))
            path.close()
        self._canvas.setFillGray(grey)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def line(self, points: Sequence[Point], width_mm: float, grey: float = 0.0, dash_mm: float = 0.0) -> None:
        """Draw an open line through points; it ends exactly at the first and last of them."""
        path = self._canvas.beginPath()
        path.moveTo(*self._place(points[0]))
        for point in points[1:]:
            path.lineTo(*self._place(point))
        self._canvas.setStrokeGray(grey)
        self._canvas.setLineWidth(width_mm * POINTS_PER_MM)
        self._canvas.setDash([dash_mm * POINTS_PER_MM] if dash_mm else [])
        self._canvas.drawPath(path, stroke=1, fill=0)

    def label(self, label: Label) -> None:
        """Write a line of text."""
        self._canvas.saveState()
        self._canvas.setFillGray(0.0)
        self._canvas.setFont(BOLD if label.bold else REGULAR, label.height_mm * POINTS_PER_MM)
        self._canvas.translate(*self._place(label.at_page_mm))
        self._canvas.rotate(label.turn_deg)
        draw = {
            "start": self._canvas.drawString,
            "middle": self._canvas.drawCentredString,
            "end": self._canvas.drawRightString,
        }[label.anchor]
        draw(0.0, 0.0, label.text)
        self._canvas.restoreState()

    def _place(self, point: Point) -> Point:
        return (point[0] * POINTS_PER_MM, (self._height_mm - point[1]) * POINTS_PER_MM)
