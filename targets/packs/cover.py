"""The cover sheet of a pack: what it is, what to do with it, and who has which chart."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backfocus.targets.chart import Chart, Label
from backfocus.targets.packs.errors import PackError
from backfocus.targets.packs.letters.drawing import draw_lettering, spoken_as
from backfocus.targets.packs.letters.lettering import Lettering
from backfocus.targets.printing.page_canvas import POINTS_PER_MM, PageCanvas, paragraph
from backfocus.targets.typography import LINE_SPACING

MARGIN, GUTTER = 15.0, 8.0
TITLE_MM, SMALLEST_TITLE_MM = 8.0, 3.5
TEXT_MM, ROW_MM, HEAD_MM = 3.4, 6.2, 6.0
COLUMN_MM = 82.0
"""At least; as many columns as fit."""
NAME_LEFT_MM, ID_LEFT_MM = 35.0, 11.0
LOGO_MM = (50.0, 22.0)
"""Room for the logo, width and height."""

Row = tuple[int, str, Lettering]


@dataclass(frozen=True)
class Cover:
    """What is on the cover sheet; `title_text` is the title as plain text."""

    title_text: str
    title: Lettering
    rows: tuple[Row, ...]
    logo: bytes | None
    setup_each: bool


def draw_cover(canvas: Any, cover: Cover, chart: Chart) -> None:
    """Draw the cover sheet, and further ones where the list is long."""
    page = PageCanvas(canvas, chart.page_mm[1])
    canvas.bookmarkPage("cover")
    canvas.addOutlineEntry("Cover sheet", "cover")
    top = _draw_head(canvas, page, cover, chart)
    rows = list(cover.rows)
    while rows:
        rows = _draw_rows(canvas, page, chart, rows, top)
        canvas.showPage()
        top = MARGIN


def _draw_head(canvas: Any, page: PageCanvas, cover: Cover, chart: Chart) -> float:
    """Draw title, logo and advice; return where the list begins."""
    width, height = chart.page_mm
    if cover.logo is not None:
        _draw_logo(canvas, cover.logo, width - MARGIN, height - MARGIN)
    room = width - 2 * MARGIN - (LOGO_MM[0] + GUTTER if cover.logo is not None else 0.0)
    size = min(TITLE_MM, room / max(cover.title.width, 1.0))
    if size < SMALLEST_TITLE_MM:
        raise PackError("The title is too long for one line of the cover sheet; shorten it.")
    with spoken_as(canvas, cover.title_text):
        draw_lettering(canvas, height, cover.title, (MARGIN, MARGIN + TITLE_MM), size)
    about = f"{len(cover.rows)} charts, design {chart.design}, paper {chart.paper.title()}"
    page.label(Label(about, (MARGIN, MARGIN + TITLE_MM + 8.0), 4.0, bold=True))
    baseline = MARGIN + TITLE_MM + 16.0
    for text in _advice(cover, chart):
        lines = paragraph(text, (MARGIN, baseline), room, TEXT_MM)
        for label in lines:
            page.label(label)
        baseline = lines[-1].at_page_mm[1] + (LINE_SPACING + 0.4) * TEXT_MM
    return baseline + 2.0


def _advice(cover: Cover, chart: Chart) -> Sequence[str]:
    setup = "The page after every chart tells" if cover.setup_each else "The next page tells"
    stand = ""
    if chart.design == "flat" and not cover.setup_each:
        stand = " It also has the stand to cut out: print it once for every chart."
    return (
        f"Print all pages one-sided at 100 %, never fitted to the page. Check one: its bars must measure "
        f"{chart.check_bars[0].length_mm:g} mm.",
        f"{setup} how to set a chart up.{stand}",
        "Every chart has an id of its own, in print and in its QR code, so photos need no names: collect them in "
        "one folder and run  backfocus score FOLDER --names IDS.csv  with the list that came with this pack.",
    )


def _draw_logo(canvas: Any, logo: bytes, right: float, upper: float) -> None:
    """Draw the logo as large as fits, its top-right corner at `right` and `upper` (mm from the page's bottom)."""
    from reportlab.lib.utils import ImageReader

    picture = ImageReader(io.BytesIO(logo))
    width, height = picture.getSize()
    scale = min(LOGO_MM[0] / width, LOGO_MM[1] / height) * POINTS_PER_MM
    canvas.drawImage(
        picture,
        right * POINTS_PER_MM - width * scale,
        upper * POINTS_PER_MM - height * scale,
        width * scale,
        height * scale,
        mask="auto",
    )


def _draw_rows(canvas: Any, page: PageCanvas, chart: Chart, rows: list[Row], top: float) -> list[Row]:
    """Draw as much of the list as has room in columns below `top`; return the rest."""
    width, height = chart.page_mm
    columns = max(1, int((width - 2 * MARGIN + GUTTER) / (COLUMN_MM + GUTTER)))
    column = (width - 2 * MARGIN + GUTTER) / columns - GUTTER
    room = int((height - MARGIN - top - HEAD_MM) / ROW_MM)
    each = min(room, -(-len(rows) // columns))
    for index in range(min(columns, -(-len(rows) // each))):
        left = MARGIN + index * (column + GUTTER)
        for text, offset in (("No.", 0.0), ("Chart id", ID_LEFT_MM), ("Name", NAME_LEFT_MM)):
            page.label(Label(text, (left + offset, top + TEXT_MM), TEXT_MM, bold=True))
        page.line(((left, top + HEAD_MM - 1.0), (left + column, top + HEAD_MM - 1.0)), 0.25)
        for line, row in enumerate(rows[index * each : (index + 1) * each]):
            baseline = top + HEAD_MM + (line + 0.7) * ROW_MM
            _draw_row(canvas, page, chart, row, (left, baseline), column - NAME_LEFT_MM)
            page.line(((left, baseline + 0.28 * ROW_MM), (left + column, baseline + 0.28 * ROW_MM)), 0.1, grey=0.7)
    return rows[columns * each :]


def _draw_row(canvas: Any, page: PageCanvas, chart: Chart, row: Row, at: tuple[float, float], room: float) -> None:
    number, chart_id, name = row
    left, baseline = at
    page.label(Label(str(number), (left, baseline), TEXT_MM))
    page.label(Label(chart_id, (left + ID_LEFT_MM, baseline), TEXT_MM))
    size = min(TEXT_MM, room / max(name.width, 1.0))
    draw_lettering(canvas, chart.page_mm[1], name, (left + NAME_LEFT_MM, baseline), size)
