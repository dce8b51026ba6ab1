"""The second page of the PDF: the protocol for this chart, as one flow of words and drawings above a foot.

The page is laid out for the smallest paper of its direction and drawn larger or smaller as a whole. At the foot is
what is used by hand: the stand to cut out or the fold gauge, with the distances beside it where there is room. All
words have one of three sizes, and all gaps one of three widths.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, KeepInFrame, Paragraph, Spacer, Table, TableStyle

from ..chart import Chart, Point
from ..protocol import IN_FEET, SLOW, Step, distances, feet, metres, others, slow_distances, steps
from ..sheet import LINE_SPACING
from .canvas import BOLD, POINTS_PER_MM, REGULAR, PageCanvas, register_fonts
from .drawings import (
    FINDER_SIZE,
    SIDE_SIZE,
    TOP_SIZE,
    WALL_SIZE,
    draw_finder_view,
    draw_side_view,
    draw_top_view,
    draw_wall_view,
)
from .folding import FOLDS_SIZE, HEADING, FoldGauge, Stand, draw_folding

SMALLEST_PAPER = (210.0, 279.4)
"""The width of A4 and the height of Letter."""
MARGIN = 9.0
TEXT, SMALLEST_TEXT_MM = 2.9, 2.4
"""Font size wished for in the layout, and the smallest that may get printed as long as there is room for it."""
TITLE = HEADING**3
"""Over the font size; headings are `HEADING` times as large as words, three steps of it make the title."""
SMALL, MEDIUM, LARGE = 0.5, 1.0, 2.0
"""Gaps over the font size: between steps, between a heading and what it stands over, and between parts."""
LENS_EMS, CELL_EMS, NARROWEST_CELL_EMS, UNIT_EMS, NOTES_EMS = 2.7, 3.4, 2.9, 11.0, 15.0
"""Widths over the font size: of the table's columns, least ones of the others, of the heading over it, of notes."""
ALIKE = 1.05
"""Largest distances that differ by less share a column, which tells the smaller one."""
FOCAL_LENGTHS_MM = (35, 50, 85, 135, 200)
TITLE_TEXT, OF_A_PACK = "How to use this chart", "for every chart of this pack"

LEAST_LEFT = 2
"""What small sheets leave out: 1 the drawings of the set-up, 2 also the second unit and what other cameras need."""
NO_BREAK = "\N{NO-BREAK SPACE}"

Draw = Callable[[PageCanvas, Chart, float], None]


def draw_setup_page(canvas: Any, chart: Chart, in_pack: bool = False, for_all: bool = False) -> None:
    """Draw the page on a reportlab canvas.

    Args:
        canvas: where to draw.
        chart: the chart of page 1.
        in_pack: whether a workshop gives the chart out; there is room for a name in `name_strip_mm` then.
        for_all: whether the page is for all charts of a pack, so that it names none of them.
    """
    register_fonts()
    _SetupPage(chart, in_pack, for_all).draw(canvas)


def name_strip_mm(chart: Chart) -> tuple[float, float, float, float]:
    """Return the strip at the right below the chart's id: left, top, right, bottom, mm from the page's top left."""
    page = _SetupPage(chart)
    edge, font = page.margin / POINTS_PER_MM, page.font / POINTS_PER_MM
    top = edge + LINE_SPACING * font
    return (0.45 * chart.page_mm[0], top, chart.page_mm[0] - edge, top + LINE_SPACING * font)


def farthest_columns(chart: Chart) -> list[tuple[float, int]]:
    """Return f-numbers and the largest distance for each in focal lengths; of like ones the slowest counts."""
    columns: list[tuple[float, int]] = []
    bound = dict(slow_distances(chart))
    for f_number in SLOW:
        farthest = bound.get(f_number, distances(chart)[1])
        if farthest is None:
            continue
        if columns and columns[-1][1] < ALIKE * farthest:
            columns.pop()
        columns.append((f_number, farthest))
    return columns


def _in_bold(found: re.Match[str]) -> str:
    """Return a word or a command in bold, on one line."""
    return f'<font name="{BOLD}">{found[1].replace(" ", NO_BREAK)}</font>'


class _Drawing(Flowable):  # type: ignore[misc]
    """A drawing in a field of its own, as a flowable of platypus."""

    def __init__(self, page: _SetupPage, size_mm: Point, draw: Draw) -> None:
        super().__init__()
        self.page, self.size_mm, self._draw = page, size_mm, draw
        self.width, self.height = (side * page.mm for side in size_mm)

    def draw(self) -> None:
        scale = self.page.scale
        field = PageCanvas(self.canv, self.size_mm[1] * scale, scale)
        self._draw(field, self.page.chart, self.page.font_mm)


class _SetupPage:
    """The page for one chart; lengths are in points as printed, `mm` is a millimetre of the layout."""

    def __init__(self, chart: Chart, in_pack: bool = False, for_all: bool = False) -> None:
        self.chart, self.in_pack, self.for_all = chart, in_pack, for_all
        width, height = chart.page_mm
        self.lies_across = width > height
        smallest = SMALLEST_PAPER[::-1] if self.lies_across else SMALLEST_PAPER
        self.scale = min(width / smallest[0], height / smallest[1])
        self.mm = POINTS_PER_MM * self.scale
        self.font = max(TEXT * self.mm, SMALLEST_TEXT_MM * POINTS_PER_MM)
        self.font_mm = self.font / self.mm
        self.margin, self.gutter = MARGIN * self.mm, LARGE * self.font
        self.width = width * POINTS_PER_MM - 2 * self.margin
        self.height = height * POINTS_PER_MM - 2 * self.margin
        self.leaves_out = 0
        self.is_folded, self.is_leaning = len(chart.panels) > 1, chart.mark_tilt_deg > 0.0

    def draw(self, canvas: Any) -> None:
        """Draw the flow and the foot below it: as much as there is room for, smaller as the last resort."""
        # A point wider, as a table that is too wide by a rounding error would be shrunk.
        width = self.width + 1.0
        for self.leaves_out in range(LEAST_LEFT + 1):
            flow, foot = self.parts()
            _, foot_height = foot.wrapOn(canvas, self.width, self.height)
            room = self.height - foot_height - LARGE * self.font
            _, needed = KeepInFrame(width, 10 * self.height, flow).wrapOn(canvas, width, 10 * self.height)
            if needed <= room:
                break
        above = KeepInFrame(width, room, self.parts()[0], mode="shrink")
        _, height = above.wrapOn(canvas, width, self.height)
        top = self.margin + self.height - height
        above.drawOn(canvas, self.margin, top)
        foot.drawOn(canvas, self.margin, top - LARGE * self.font - foot_height)

    def parts(self) -> tuple[list[Flowable], Flowable]:
        """Return the flow and the foot."""
        flow: list[Flowable] = [self.head(), self.space(MEDIUM)]
        if self.leaves_out < 1:
            flow += [self.views(), self.space(LARGE)]
        numbered = self.told(steps(self.chart, self.in_pack), numbered=True)
        if self.is_leaning:
            foot, more = self.stand_foot()
            return [*flow, self.columns(numbered, 2), *more], foot
        if self.is_folded:
            return [*flow, self.columns([*numbered, *self.notes()], 3)], self.gauge_foot()
        return [*flow, self.columns(numbered, 3)], self.wall_foot()

    def notes(self) -> list[Paragraph]:
        """Return what differs for other cameras."""
        return self.told(others()) if self.leaves_out < LEAST_LEFT else []

    def head(self) -> Table:
        """Return the title, at the right which chart it is, with room for a name below."""
        chart = self.chart
        scale = "" if chart.scale == 1.0 else f" \N{MULTIPLICATION SIGN} {chart.scale:g}"
        angle = "" if not chart.angle_deg else f" · {chart.angle_deg:g}°"
        told = OF_A_PACK if self.for_all else f"{chart.design} {chart.paper.title()}{scale}{angle} · {chart.id}"
        title = Paragraph(
            TITLE_TEXT, self.style(fontName=BOLD, fontSize=TITLE * self.font, leading=2.9 * self.font)
        )
        sheet = Paragraph(told, self.style(alignment=TA_RIGHT))
        return self.table([[title, sheet]], [0.5 * self.width, 0.5 * self.width])

    def views(self) -> Table:
        """Return the drawings of the set-up, at the right what the viewfinder shows."""
        caption = Paragraph(
            "What the viewfinder shows", self.style(alignment=TA_CENTER, spaceBefore=SMALL * self.font)
        )
        finder = [self.drawing(FINDER_SIZE, draw_finder_view), caption]
        fields: list[tuple[Point, Draw]] = [(WALL_SIZE, draw_wall_view)]
        if self.is_folded:
            fields = [(FOLDS_SIZE, draw_folding), (TOP_SIZE, draw_top_view)]
        elif self.is_leaning:
            fields = [(SIDE_SIZE, draw_side_view)]
        drawn = [size[0] * self.mm for size, _ in fields] + [FINDER_SIZE[0] * self.mm]
        gap = (self.width - sum(drawn)) / len(fields)
        row, widths = [], []
        for field, width in zip(fields, drawn, strict=False):
            row += [self.drawing(*field), ""]
            widths += [width, gap]
        return self.table([[*row, finder]], [*widths, drawn[-1]])

    def told(self, told: Sequence[Step], numbered: bool = False) -> list[Paragraph]:
        """Return steps as paragraphs: a bold word, then what to do, commands in bold."""
        indent = 2.1 * self.font if numbered else 0.0
        style = self.style(
            leftIndent=indent, bulletFontName=BOLD, bulletFontSize=self.font, spaceAfter=SMALL * self.font
        )
        return [
            Paragraph(
                re.sub(r"`([^`]+)`", _in_bold, f"`{step.word}:` {step.text}"),
                style,
                bulletText=f"{number}" if numbered else None,
            )
            for number, step in enumerate(told, 1)
        ]

    def stand_foot(self) -> tuple[Flowable, list[Flowable]]:
        """Return the stand with the distances at the right, and what has no room there and goes above it."""
        cutout = Stand(self.chart.page_mm[1] / self.scale, self.chart.angle_deg)
        stand = self.drawing(cutout.size_mm, cutout.draw)
        notes, words = self.notes(), list[Flowable]()
        if not cutout.words(self.font_mm):
            words = [self.heading(cutout.heading), self.paragraph(cutout.told), self.space(MEDIUM)]
        gap = self.gutter
        if self.width - stand.width - gap < self.unit_width(NARROWEST_CELL_EMS):
            gap = MEDIUM * self.font
        beside = self.width - stand.width - gap
        if beside < self.unit_width(NARROWEST_CELL_EMS):
            width, tables = self.unit_width(), self.units(self.unit_width())
            rest = self.width - len(tables) * (width + self.gutter)
            if rest < NOTES_EMS * self.font:
                rest, tables = self.width - width - self.gutter, [self.stacked(width)]
            row = [part for table in tables for part in (table, "")]
            widths = [*[width, self.gutter] * len(tables), rest]
            return stand, [self.space(LARGE), self.table([[*row, [*words, *notes]]], widths)]
        row = [stand, "", [*words, *self.stacked(beside), *notes]]
        return self.table([row], [stand.width, gap, beside]), []

    def gauge_foot(self) -> Flowable:
        """Return the gauge and, at the right, the distances."""
        folds = [panel.hinge_page_mm[0][0] for panel in self.chart.panels if panel.hinge_page_mm is not None]
        gauge = FoldGauge((max(folds) - min(folds)) / self.scale, self.chart.angle_deg, self.font_mm)
        width, units = self.unit_width(), self.units(self.unit_width())
        row: list[Any] = [[self.heading("The fold gauge"), self.drawing(gauge.size_mm, gauge.draw)]]
        for unit in units:
            row += ["", unit]
        left = self.width - len(units) * (width + self.gutter)
        return self.table([row], [left, *[self.gutter, width] * len(units)])

    def wall_foot(self) -> Flowable:
        """Return the distances and, at the right, what differs for other cameras."""
        width = (self.width - 2 * self.gutter) / 3
        cells = [*self.units(self.unit_width()), self.notes()]
        row = [part for cell in cells for part in (cell, "")][:-1]
        return self.table([row], [width, *[self.gutter, width] * (len(cells) - 1)])

    def unit_width(self, cell_ems: float = CELL_EMS) -> float:
        """Return the width of the table in one unit."""
        return max(UNIT_EMS, LENS_EMS + cell_ems * (1 + len(farthest_columns(self.chart)))) * self.font

    def units(self, width: float) -> list[list[Flowable]]:
        """Return the tables in metres and in feet, the chart's own unit first, and alone on small sheets."""
        told = [("Distance (m)", metres), ("Distance (ft)", feet)]
        if self.chart.paper in IN_FEET:
            told.reverse()
        kept = told if self.leaves_out < LEAST_LEFT else told[:1]
        return [[self.heading(heading), self.distances(unit, width)] for heading, unit in kept]

    def stacked(self, width: float) -> list[Flowable]:
        """Return the tables one below the other, with a gap below each."""
        return [part for table in self.units(width) for part in (*table, self.space(MEDIUM))]

    def distances(self, told: Callable[[float], str], width: float) -> Table:
        """Return the table of distances in a unit, a row a lens, the largest by widest aperture."""
        (nearest, _), farthest = distances(self.chart), farthest_columns(self.chart)
        times = "\N{MULTIPLICATION SIGN}"
        ends = [f"{most}{times}" for _, most in farthest]
        if len(farthest) > 1:
            ends = [f"f/{f_number:g}" for f_number, _ in farthest]
        rows = [
            ["lens", "from", "up to, at" if len(farthest) > 1 else "up to", *[""] * (len(farthest) - 1)],
            ["mm", f"{nearest}{times}", *ends],
        ]
        rows += [
            [f"{length}", told(length * nearest), *(told(length * most) for _, most in farthest)]
            for length in FOCAL_LENGTHS_MM
        ]
        extra = [
            ("ALIGN", (0, 0), (-1, -1), "RIGHT"),
            ("FONT", (0, 1), (-1, 1), BOLD, self.font, LINE_SPACING * self.font),
            ("SPAN", (2, 0), (-1, 0)),
            ("ALIGN", (2, 0), (-1, 0), "CENTER" if len(farthest) > 1 else "RIGHT"),
        ]
        cells = 1 + len(farthest)
        lens = LENS_EMS * self.font
        return self.table(rows, [lens, *[(width - lens) / cells] * cells], extra=extra)

    def columns(self, told: Sequence[Paragraph], count: int) -> Table:
        """Return paragraphs in columns of a width, broken where the tallest column is lowest."""
        width = (self.width - (count - 1) * self.gutter) / count
        heights = [text.wrap(width, self.height)[1] + SMALL * self.font for text in told]
        _, ends = min(
            (max(sum(heights[a:b]) for a, b in zip((0, *ends), (*ends, len(told)), strict=True)), ends)
            for ends in combinations(range(1, len(told)), count - 1)
        )
        row: list[Any] = []
        for start, end in zip((0, *ends), (*ends, len(told)), strict=True):
            row += [list(told[start:end]), ""]
        return self.table([row[:-1]], [*[width, self.gutter] * (count - 1), width])

    def table(self, rows: list[list[Any]], widths: list[float], extra: Sequence[Any] = ()) -> Table:
        everything = ((0, 0), (-1, -1))
        style = [
            ("VALIGN", *everything, "TOP"),
            ("FONT", *everything, REGULAR, self.font, LINE_SPACING * self.font),
            ("FONT", (0, 0), (-1, 0), BOLD, self.font, LINE_SPACING * self.font),
            *((f"{side}PADDING", *everything, 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")),
        ]
        return Table(rows, widths, style=TableStyle([*style, *extra]), hAlign="LEFT")

    def drawing(self, size_mm: Point, draw: Draw) -> _Drawing:
        return _Drawing(self, size_mm, draw)

    def paragraph(self, text: str) -> Paragraph:
        return Paragraph(text, self.style())

    def heading(self, text: str) -> Paragraph:
        size = HEADING * self.font
        style = self.style(fontName=BOLD, fontSize=size, leading=LINE_SPACING * size, spaceAfter=SMALL * self.font)
        return Paragraph(text, style)

    def space(self, ems: float) -> Spacer:
        return Spacer(0, ems * self.font)

    def style(self, **changes: Any) -> ParagraphStyle:
        usual = {"fontName": REGULAR, "fontSize": self.font, "leading": LINE_SPACING * self.font}
        return ParagraphStyle("", **{**usual, **changes})
