"""Lettering and pictures on a page of a PDF, placed in millimetres from the page's top-left corner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from backfocus.targets.chart import Point
from backfocus.targets.packs.letters.lettering import Lettering
from backfocus.targets.printing.page_canvas import POINTS_PER_MM

NON_ZERO = 1
"""Reportlab's name for the fill rule of fonts, whose outlines may overlap."""


def draw_lettering(canvas: Any, page_height_mm: float, lettering: Lettering, at: Point, size_mm: float) -> None:
    """Fill the letters; `at` is the start of the baseline, `size_mm` the font size."""
    from fontTools.pens.reportLabPen import ReportLabPen
    from fontTools.pens.transformPen import TransformPen

    class PathPen(ReportLabPen):  # type: ignore[misc]
        """Draws on a path of a PDF page; such a one has another word for closing."""

        def _closePath(self) -> None:  # noqa: N802
            self.path.close()

    path = canvas.beginPath()
    size = size_mm * POINTS_PER_MM
    x, y = at[0] * POINTS_PER_MM, (page_height_mm - at[1]) * POINTS_PER_MM
    lettering.draw(TransformPen(PathPen(None, path), (size, 0.0, 0.0, size, x, y)))
    canvas.setFillGray(0.0)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=NON_ZERO)


@contextmanager
def spoken_as(canvas: Any, text: str) -> Iterator[None]:
    """Let all that is drawn inside be found, copied and read aloud as this text (PDF 32000-1, 14.9.4)."""
    hexadecimal = (b"\xfe\xff" + text.encode("utf-16-be", "replace")).hex().upper()
    canvas.addLiteral(f"/Span <</ActualText <{hexadecimal}>>> BDC")
    yield
    canvas.addLiteral("EMC")
