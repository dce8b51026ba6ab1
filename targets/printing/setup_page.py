"""The second page of the PDF: how to set the chart up, as one flow of words and drawings above a foot.

The page is laid out for the smallest paper of its direction and drawn larger or smaller as a whole. At the foot is
what is used by hand: the stand to cut out or the fold gauge, with the distances beside it where there is room.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from reportlab.lib.enums import TA_CENTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, KeepInFrame, Paragraph, Spacer, Table, TableStyle

from ..chart import Chart, Point
from ..sheet import LINE_SPACING
from .canvas import BOLD, POINTS_PER_MM, REGULAR, PageCanvas, register_fonts
from .drawings import (
    FARTHEST,
    FINDER_SIZE,
    NEAREST,
    SIDE_SIZE,
    TOP_SIZE,
    draw_finder_view,
    draw_side_view,
    draw_top_view,
    draw_wall_view,
    farthest,
)
from .folding import FOLDS_SIZE, FoldGauge, Stand, draw_folding

SMALLEST_PAPER = (210.0, 279.4)
"""The width of A4 and the height of Letter."""
MARGIN, GUTTER = 9.0, 8.0
TEXT, SMALLEST_TEXT_MM = 3.2, 2.4
"""Font size wished for in the layout, and the smallest that may get printed as long as there is room for it."""
BESIDE_EMS = 12.5
"""Narrowest column for words beside the stand, over the font size: holds the table of distances."""
TABLE_EMS = 16.0
"""Width of the table of distances at the foot, over the font size."""
FOCAL_LENGTHS_MM = (35, 50, 85, 135, 200)
F_NUMBERS, MIDDLE_F_NUMBER = (2.8, 4.0, 5.6), 4.0
"""Apertures whose largest distance is told, and the one that has its column in the table."""

Draw = Callable[[PageCanvas, Chart, float], None]


def draw_setup_page(canvas: Any, chart: Chart) -> None:
    """Draw the page on a reportlab canvas."""
    register_fonts()
    _SetupPage(chart).draw(canvas)


def steps(chart: Chart) -> list[str]:
    """Return what to do with a chart, step by step."""
    folded, leaning = len(chart.panels) > 1, chart.mark_tilt_deg > 0.0
    paper = " on stiff paper" if folded else ""
    told = [
        f"Print both pages{paper} at 100 %, never fitted to the page. Both check bars on page 1 must measure "
        f"{chart.check_bars[0].length_mm:g} mm."
    ]
    if folded:
        told += [
            "Score both fold lines along a ruler, from edge to edge of the sheet.",
            "Dashed line: fold the left wing towards you. Line of dashes and dots: fold the right wing away from "
            "you.",
            "Stand the sheet on the gauge below and turn the wings to its lines. A few degrees more or less do no "
            "harm: the photo tells them. Take this page away again.",
            "Put the camera on a tripod, straight in front of the middle panel, level with the AF mark, both wings "
            "in the picture.",
        ]
    elif leaning:
        told += [
            "Cut out the stand below and glue it to the sheet, so that the far edge leans back "
            f"{chart.angle_deg:g}° from upright.",
            "Put the camera on a tripod, level with the AF mark and straight in front of it: the left and right "
            "border of the sheet look alike.",
        ]
    else:
        told += [
            "Fix the sheet flat to a wall or to an upright board. Where it bulges, it has another depth.",
            "Put the camera on a tripod, straight in front of the AF mark: opposite borders of the sheet look "
            "parallel and equally long.",
        ]
    told += [
        _distances(chart),
        "Open the aperture fully. Put one AF area on the mark. Low ISO, good even light, stabiliser off, "
        "self-timer.",
    ]
    if not chart.has_depth:
        told.append(
            "Does autofocus keep to the mark? Hide the mark under white paper and try: autofocus must give up. If "
            "it finds something, choose a smaller AF area or go closer."
        )
    told.append(
        "Before every shot turn the focus well away by hand, then let autofocus find the mark and take the "
        "picture. Take five or more."
    )
    if not leaning and not folded:
        told.append("Do the same for every AF setting that you compare, with nothing else changed.")
    return told


def _distances(chart: Chart) -> str:
    """Return how far away to go; where the aperture closes, blur shows over a larger depth than the sheet has."""
    if not chart.has_depth:
        return (
            f"Go {NEAREST} to {FARTHEST} times the focal length away. Up to {_quiet_distance(chart)} times, an AF "
            "area of usual size sees only the mark; from farther away choose a small one."
        )
    most = farthest(chart)
    closed = [(number, farthest(chart, number)) for number in F_NUMBERS]
    told = [f"{times} times at f/{number:g}" for number, times in closed if times < most]
    but = f", but at most {', '.join(told)}: the sheet has not the depth for more" if told else ""
    return f"Go {f'{NEAREST} to {most}' if most > NEAREST else NEAREST} times the focal length away{but}."


def _quiet_distance(chart: Chart) -> int:
    """Return up to how many focal lengths an AF area of usual size sees nothing but the quiet zone."""
    return int(chart.widest_distance_over_focal_length)


def _metres(distance_mm: float) -> str:
    metres = distance_mm / 1000
    return f"{metres:.2f}" if metres < 10 else f"{metres:.1f}"


class _Drawing(Flowable):  # type: ignore[misc]
    """A drawing in a field of its own, as a flowable of platypus."""

    def __init__(self, page: _SetupPage, size_mm: Point, draw: Draw) -> None:
        super().__init__()
        self.page, self.size_mm, self._draw = page, size_mm, draw
        self.width, self.height = (side * page.mm for side in size_mm)

    def draw(self) -> None:
        scale = self.page.scale
        field = PageCanvas(self.canv, self.size_mm[1] * scale, scale)
        self._draw(field, self.page.chart, self.page.font / self.page.mm)


class _SetupPage:
    """The page for one chart; lengths are in points as printed, `mm` is a millimetre of the layout."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        width, height = chart.page_mm
        smallest = SMALLEST_PAPER if width < height else SMALLEST_PAPER[::-1]
        self.scale = min(width / smallest[0], height / smallest[1])
        self.mm = POINTS_PER_MM * self.scale
        self.font = max(TEXT * self.mm, SMALLEST_TEXT_MM * POINTS_PER_MM)
        self.margin, self.gutter = MARGIN * self.mm, GUTTER * self.mm
        self.width = width * POINTS_PER_MM - 2 * self.margin
        self.height = height * POINTS_PER_MM - 2 * self.margin

    def draw(self, canvas: Any) -> None:
        """Draw what is at the foot, and the flow above it, smaller if it must."""
        folded, leaning = len(self.chart.panels) > 1, self.chart.mark_tilt_deg > 0.0
        flow = [self.title("How to fold it and set it up" if folded else "How to set it up", 1.8), self.views()]
        flow += [self.space(), self.columns(self.numbered_steps())]
        foot = self.gauge_foot() if folded else self.stand_foot(flow) if leaning else self.wall_foot()
        _, foot_height = foot.wrapOn(canvas, self.width, self.height)
        foot.drawOn(canvas, self.margin, self.margin)
        above = KeepInFrame(self.width, self.height - foot_height - self.font, flow, mode="shrink")
        _, height = above.wrapOn(canvas, self.width, self.height)
        above.drawOn(canvas, self.margin, self.margin + self.height - height)

    def views(self) -> Table:
        """Return the drawings of the set-up, at the right what the viewfinder shows."""
        finder = [self.drawing(FINDER_SIZE, draw_finder_view), self.caption("What the viewfinder shows")]
        fields: list[tuple[Point, Draw]] = [(SIDE_SIZE, draw_wall_view)]
        if len(self.chart.panels) > 1:
            fields = [(FOLDS_SIZE, draw_folding), (TOP_SIZE, draw_top_view)]
        elif self.chart.mark_tilt_deg > 0.0:
            fields = [(SIDE_SIZE, draw_side_view)]
        row, widths = [], []
        for field in fields:
            row += [self.drawing(*field), ""]
            widths += [field[0][0] * self.mm, self.gutter / 2]
        widths[-1] = self.width - sum(widths[:-1]) - FINDER_SIZE[0] * self.mm
        return self.table([[*row, finder]], [*widths, FINDER_SIZE[0] * self.mm])

    def numbered_steps(self) -> tuple[list[Paragraph], list[Paragraph]]:
        style = self.style(leftIndent=1.8 * self.font, bulletFontName=BOLD, bulletFontSize=self.font)
        told = [Paragraph(text, style, bulletText=f"{number}") for number, text in enumerate(steps(self.chart), 1)]
        half = (len(told) + 1) // 2
        return told[:half], told[half:]

    def stand_foot(self, flow: list[Flowable]) -> Flowable:
        """Return the stand with its words and the distances at the right, or add these to the flow above it."""
        cutout = Stand(self.chart.page_mm[1] / self.scale, self.chart.angle_deg)
        stand = self.drawing(cutout.size_mm, cutout.draw)
        words = [
            self.title("The stand", 1.15),
            self.paragraph(
                "Glue this page to thin card. Cut along the full lines and fold along the broken ones. Glue the "
                "tabs to the back of the sheet, a hand apart, from its near edge upwards."
            ),
        ]
        beside = self.width - stand.width - 0.75 * self.gutter
        if beside < BESIDE_EMS * self.font:
            flow += [self.space(), self.columns((words, self.distances(TABLE_EMS * self.font)))]
            return stand
        row = [stand, "", [*words, self.space(), *self.distances(beside)]]
        return self.table([row], [stand.width, 0.75 * self.gutter, beside])

    def gauge_foot(self) -> Flowable:
        folds = [panel.hinge_page_mm[0][0] for panel in self.chart.panels if panel.hinge_page_mm is not None]
        gauge = FoldGauge((max(folds) - min(folds)) / self.scale, self.chart.angle_deg, self.font / self.mm)
        return self.beside_distances([self.drawing(gauge.size_mm, gauge.draw)], "BOTTOM")

    def wall_foot(self) -> Flowable:
        words = (
            "With long lenses, or where the room is long, print the chart on larger paper; the quiet zone around "
            "the mark grows with it."
        )
        return self.beside_distances([self.title("Farther away", 1.15), self.paragraph(words)], "TOP")

    def beside_distances(self, left: list[Flowable], align: str) -> Table:
        width = TABLE_EMS * self.font
        widths = [self.width - width - self.gutter, self.gutter, width]
        return self.table([[left, "", self.distances(width)]], widths, align)

    def distances(self, width: float) -> list[Flowable]:
        """Return the table of distances in metres."""
        last = min(_quiet_distance(self.chart), FARTHEST)
        multiples = sorted({NEAREST, last, FARTHEST})
        if self.chart.has_depth:
            multiples = sorted({NEAREST, farthest(self.chart, MIDDLE_F_NUMBER), farthest(self.chart)})
        rows = [["lens", *(f"{multiple} \N{MULTIPLICATION SIGN}" for multiple in multiples)]]
        rows += [[f"{length}", *(_metres(length * times) for times in multiples)] for length in FOCAL_LENGTHS_MM]
        first = 2.3 * self.font
        column = min((width - first) / len(multiples), 5.0 * self.font)
        table = self.table(rows, [first, *[column] * len(multiples)], extra=[("ALIGN", (0, 0), (-1, -1), "RIGHT")])
        return [self.title("Distance in metres", 1.15), table]

    def columns(self, cells: Sequence[Sequence[Flowable]]) -> Table:
        column = (self.width - self.gutter) / 2
        return self.table([[list(cells[0]), "", list(cells[1])]], [column, self.gutter, column])

    def table(
        self, rows: list[list[Any]], widths: list[float], align: str = "TOP", extra: Sequence[Any] = ()
    ) -> Table:
        everything = ((0, 0), (-1, -1))
        style = [
            ("VALIGN", *everything, align),
            ("FONT", *everything, REGULAR, self.font, LINE_SPACING * self.font),
            ("FONT", (0, 0), (-1, 0), BOLD, self.font, LINE_SPACING * self.font),
            *((f"{side}PADDING", *everything, 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")),
        ]
        return Table(rows, widths, style=TableStyle([*style, *extra]), hAlign="LEFT")

    def drawing(self, size_mm: Point, draw: Draw) -> _Drawing:
        return _Drawing(self, size_mm, draw)

    def title(self, text: str, size: float) -> Paragraph:
        return Paragraph(text, self.style(fontName=BOLD, fontSize=size * self.font, leading=size * 1.6 * self.font))

    def paragraph(self, text: str) -> Paragraph:
        return Paragraph(text, self.style())

    def caption(self, text: str) -> Paragraph:
        return Paragraph(text, self.style(alignment=TA_CENTER, spaceBefore=0.4 * self.font))

    def space(self) -> Spacer:
        return Spacer(0, self.font)

    def style(self, **changes: Any) -> ParagraphStyle:
        usual = {"fontName": REGULAR, "fontSize": self.font, "leading": LINE_SPACING * self.font}
        return ParagraphStyle("", **{**usual, "spaceAfter": 0.5 * self.font, **changes})
