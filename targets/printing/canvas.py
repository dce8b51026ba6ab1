"""A chart drawn on a page of a PDF, in millimetres from the page's top-left corner, y down."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import qrcode
import reportlab
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_ALPHA_NUM, QRData
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ..chart import Chart, CheckBar, Label, Point, Quad
from ..ids import QR_VERSION, marker_cells
from ..sheet import LINE_SPACING

CHECK_BAR_LINE, CHECK_BAR_TICK = 0.003, 0.02
"""Width of the line and height of the ticks over the bar's length: 0.3 mm and 2 mm for 100 mm."""
POINTS_PER_MM = 72.0 / 25.4
REGULAR, BOLD = "Vera", "VeraBd"
"""Bitstream Vera: its licence permits embedding, and its files come with reportlab."""
IGNORABLE = frozenset("\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff") | frozenset(
    chr(code)
    for span in ((0x180B, 0x180F), (0x202A, 0x202E), (0x2066, 0x2069), (0xFE00, 0xFE0F))
    for code in range(span[0], span[1] + 1)
)
"""Characters that are seen only in what they do to others (Unicode: Default_Ignorable_Code_Point)."""

GridPoint = tuple[int, int]


def new_pdf(buffer: io.BytesIO, page_mm: Point, title: str, subject: str) -> Any:
    """Return a reportlab canvas for a PDF with page boxes equal to the paper, fonts embedded, printed unscaled."""
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


def draw_chart_page(page: PageCanvas, chart: Chart) -> None:
    """Draw all the ink of a chart."""
    for marker in chart.markers:
        page.fill(cell_outlines(marker_cells(marker.id), marker.corners_page_mm))
    page.fill(cell_outlines(qr_cells(chart.qr.text), chart.qr.corners_page_mm))
    for polygon in chart.polygons:
        page.fill([polygon.points_page_mm], polygon.ink)
    for stroke in chart.strokes:
        page.line((stroke.from_page_mm, stroke.to_page_mm), stroke.width_mm)
    for bar in chart.check_bars:
        _draw_check_bar(page, bar)
    for label in chart.labels:
        page.label(label)


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

    def box(self, at: Point, size: Point, grey: float = 0.0) -> None:
        """Fill an upright rectangle with its top-left corner at `at`."""
        (x, y), (width, height) = at, size
        self.fill([((x, y), (x + width, y), (x + width, y + height), (x, y + height))], grey)

    def line(
        self,
        points: Sequence[Point],
        width_mm: float,
        grey: float = 0.0,
        dash_mm: Sequence[float] = (),
        closed: bool = False,
    ) -> None:
        """Draw a line through points; an open one ends exactly at the first and last of them."""
        path = self._canvas.beginPath()
        self._follow(path, points)
        if closed:
            path.close()
        self._canvas.setStrokeGray(grey)
        self._canvas.setLineWidth(width_mm * self._points)
        self._canvas.setDash([length * self._points for length in dash_mm])
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
    lines = simpleSplit(text, REGULAR, font_mm, width_mm)
    return [
        Label(line, (at[0], at[1] + index * LINE_SPACING * font_mm), font_mm) for index, line in enumerate(lines)
    ]


@cache
def register_fonts() -> None:
    """Make the two fonts known to reportlab; they are embedded in every PDF that uses them."""
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))


def text_width(text: str, font_mm: float, bold: bool = False) -> float:
    """Return the width of a line of text in the printed font, mm."""
    register_fonts()
    return float(pdfmetrics.stringWidth(text, BOLD if bold else REGULAR, font_mm))


def qr_cells(text: str) -> npt.NDArray[np.bool_]:
    """Return the modules of a QR code (version 2, level M) as booleans, row 0 at the top, True where there is ink.

    Args:
        text: at most 38 characters of the QR alphanumeric set.
    """
    code = qrcode.QRCode(version=QR_VERSION, error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(QRData(text, mode=MODE_ALPHA_NUM), optimize=0)
    code.make(fit=False)
    return np.array(code.get_matrix(), dtype=np.bool_)


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


def _draw_check_bar(page: PageCanvas, bar: CheckBar) -> None:
    """Draw a line with a tick at each end; the outer sides of the ticks are exactly the ends of the bar."""
    (x0, y0), (x1, y1) = bar.from_page_mm, bar.to_page_mm
    length = math.hypot(x1 - x0, y1 - y0)
    along = ((x1 - x0) / length, (y1 - y0) / length)

    def at(distance: float, sideways: float) -> Point:
        return (x0 + along[0] * distance - along[1] * sideways, y0 + along[1] * distance + along[0] * sideways)

    line, tick = CHECK_BAR_LINE * length, CHECK_BAR_TICK * length / 2
    half = line / 2
    side = [(0.0, tick), (line, tick), (line, half), (length - line, half), (length - line, tick), (length, tick)]
    other_side = [(distance, -sideways) for distance, sideways in reversed(side)]
    page.fill([[at(*point) for point in side + other_side]])
