"""One page of a PDF, drawn on in millimetres from the top-left corner, y down."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backfocus.targets.chart import Label, Point
from backfocus.targets.typography import LINE_SPACING

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


def new_pdf(buffer: io.BytesIO, page_mm: Point, title: str, subject: str) -> Any:
    """Return a reportlab canvas for a PDF with page boxes equal to the paper, fonts embedded, printed unscaled."""
    from reportlab.pdfgen.canvas import Canvas

    register_fonts()
    width, height = page_mm
    canvas = Canvas(
        buffer,
        pagesize=(width * POINTS_PER_MM, height * POINTS_PER_MM),
        pageCompression=1,
        invariant=1,
        initialFontName=REGULAR,
        lang="en",
    )
    canvas.setTitle(title)
    canvas.setAuthor("backfocus")
    canvas.setSubject(subject)
    canvas.setCreator("backfocus")
    canvas.setViewerPreference("PrintScaling", "None")
    return canvas


class PageCanvas:
    """Draws on the current page of a reportlab canvas.

    Args:
        canvas: the reportlab canvas.
        height_mm: height of the page as printed.
        scale: by how much everything is drawn larger than the lengths given.
    """

    def __init__(self, canvas: Any, height_mm: float, scale: float = 1.0) -> None:
        self._canvas = canvas
        self._height_mm = height_mm
        self._points = POINTS_PER_MM * scale

    def fill(self, outlines: Sequence[Sequence[Point]], grey: float = 0.0) -> None:
        """Fill closed outlines as one shape; `grey` is 0 for black and 1 for white."""
        path = self._canvas.beginPath()
        for outline in outlines:
            self._follow(path, outline)
            path.close()
        self._canvas.setFillGray(grey)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def line(
        self,
        points: Sequence[Point],
        width_mm: float,
        grey: float = 0.0,
        dash_mm: float = 0.0,
        closed: bool = False,
    ) -> None:
        """Draw a line through points; an open one ends exactly at the first and last of them."""
        path = self._canvas.beginPath()
        self._follow(path, points)
        if closed:
            path.close()
        self._canvas.setStrokeGray(grey)
        self._canvas.setLineWidth(width_mm * self._points)
        self._canvas.setDash([dash_mm * self._points] if dash_mm else [])
        self._canvas.drawPath(path, stroke=1, fill=0)

    def label(self, label: Label) -> None:
        """Write a line of text."""
        self._canvas.saveState()
        self._canvas.setFillGray(0.0)
        self._canvas.setFont(BOLD if label.bold else REGULAR, label.height_mm * self._points)
        self._canvas.translate(*self._place(label.at_page_mm))
        self._canvas.rotate(label.turn_deg)
        draw = {
            "start": self._canvas.drawString,
            "middle": self._canvas.drawCentredString,
            "end": self._canvas.drawRightString,
        }[label.anchor]
        draw(0.0, 0.0, label.text)
        self._canvas.restoreState()

    def _follow(self, path: Any, points: Sequence[Point]) -> None:
        path.moveTo(*self._place(points[0]))
        for point in points[1:]:
            path.lineTo(*self._place(point))

    def _place(self, point: Point) -> Point:
        return (point[0] * self._points, self._height_mm * POINTS_PER_MM - point[1] * self._points)


def arc(centre: Point, radius_mm: float, from_deg: float, to_deg: float) -> list[Point]:
    """Return points along an arc; angles count anticlockwise from the right, as seen on the page."""
    turns = [math.radians(from_deg + (to_deg - from_deg) * index / 24) for index in range(25)]
    return [(centre[0] + radius_mm * math.cos(turn), centre[1] - radius_mm * math.sin(turn)) for turn in turns]


def paragraph(text: str, at: Point, width_mm: float, font_mm: float) -> list[Label]:
    """Return text broken into lines of at most `width_mm`, the first baseline at `at`."""
    from reportlab.lib.utils import simpleSplit

    lines = simpleSplit(text, REGULAR, font_mm, width_mm)
    return [
        Label(line, (at[0], at[1] + index * LINE_SPACING * font_mm), font_mm) for index, line in enumerate(lines)
    ]
