"""The second page of the PDF: how to set the chart up, and the stand to cut out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backfocus.targets.chart import Chart, Label, Point
from backfocus.targets.printing import finder_view, side_view
from backfocus.targets.printing.page_canvas import LINE_SPACING, PageCanvas, paragraph
from backfocus.targets.printing.stand import Stand

NARROWEST, SHORTEST = 210.0, 279.4
"""The page is laid out for the width of A4 and the height of Letter, and drawn larger or smaller as a whole."""
MARGIN, GUTTER = 9.0, 8.0
TEXT, SMALLEST_TEXT_MM = 3.2, 2.4
"""Font size wished for in the layout, and the smallest that may get printed as long as there is room for it."""
SHRINKING = 0.97
COLUMN_EMS = 12.5
"""Narrowest column for words, over the font size: holds the table of distances."""
FOCAL_LENGTHS_MM = (35, 50, 85, 135, 200)
NEAREST, FARTHEST = 25, 50
"""Distances over the focal length: the usual advice for checking autofocus."""


def draw_setup_page(canvas: Any, chart: Chart) -> None:
    """Draw the page on a reportlab canvas."""
    scale = min(chart.page_mm[0] / NARROWEST, chart.page_mm[1] / SHORTEST)
    font = max(TEXT, SMALLEST_TEXT_MM / scale)
    layout = _Layout(chart, scale, font)
    while not layout.fits:
        font *= SHRINKING
        layout = _Layout(chart, scale, font)
    layout.draw(PageCanvas(canvas, chart.page_mm[1], scale))


@dataclass(frozen=True)
class _Block:
    """Words that belong together, and the lowest of their baselines."""

    labels: list[Label]

    @property
    def bottom(self) -> float:
        return max(label.at_page_mm[1] for label in self.labels)


@dataclass(frozen=True)
class _Layout:
    """The page for one font size: from top to bottom title, drawings and steps, and the stand at the foot.

    Words about the stand and the table of distances stand beside the stand, or above a stand that is too wide.
    """

    chart: Chart
    scale: float
    font: float

    def draw(self, page: PageCanvas) -> None:
        side = (MARGIN, self.drawings_top)
        side_view.draw_side_view(
            page, side, self.chart.angle_deg, f"{NEAREST} to {FARTHEST} focal lengths", self.font
        )
        finder_view.draw_finder_view(page, (self.finder_left, self.drawings_top), self.chart)
        self.stand.draw(page, (MARGIN, self.height - MARGIN), self.font)
        for block in (self.titles, self.steps, self.stand_words, self.distances):
            for label in block.labels:
                page.label(label)

    @property
    def fits(self) -> bool:
        space = 1.2 * self.font
        stand_top = self.height - MARGIN - self.stand.size_mm[1]
        if self.words_beside:
            return self.steps.bottom + space <= stand_top and self.distances.bottom <= self.height - MARGIN
        return max(self.stand_words.bottom, self.distances.bottom) + space <= stand_top

    @property
    def width(self) -> float:
        return self.chart.page_mm[0] / self.scale

    @property
    def height(self) -> float:
        return self.chart.page_mm[1] / self.scale

    @cached_property
    def stand(self) -> Stand:
        return Stand(self.height, self.chart.angle_deg)

    @property
    def drawings_top(self) -> float:
        return MARGIN + 3.2 * self.font

    @property
    def finder_left(self) -> float:
        return self.width - MARGIN - finder_view.WIDTH

    @property
    def titles(self) -> _Block:
        caption = (
            self.finder_left + finder_view.WIDTH / 2,
            self.drawings_top + finder_view.HEIGHT + 1.5 * self.font,
        )
        return _Block(
            [
                self.title("How to set it up", (MARGIN, MARGIN + 1.4 * self.font), 1.8),
                Label("What the viewfinder shows", caption, self.font, "middle"),
            ]
        )

    @cached_property
    def steps(self) -> _Block:
        """The steps, numbered, in two columns."""
        texts = self.step_texts()
        column = (self.width - 2 * MARGIN - GUTTER) / 2
        indent, half = 1.8 * self.font, (len(texts) + 1) // 2
        top = self.drawings_top + max(side_view.HEIGHT, finder_view.HEIGHT + 1.5 * self.font) + 2.4 * self.font
        labels: list[Label] = []
        for first, left in ((0, MARGIN), (half, MARGIN + column + GUTTER)):
            baseline = top
            for number, text in enumerate(texts[first : first + half], first + 1):
                lines = paragraph(text, (left + indent, baseline), column - indent, self.font)
                labels += [self.title(str(number), (left, baseline), 1.0), *lines]
                baseline = lines[-1].at_page_mm[1] + (LINE_SPACING + 0.5) * self.font
        return _Block(labels)

    def step_texts(self) -> list[str]:
        chart = self.chart
        return [
            "Print both pages at 100 %, never fitted to the page. Both check bars on page 1 must measure "
            f"{chart.check_bars[0].length_mm:g} mm.",
            "Cut out the stand below and glue it to the sheet, so that the far edge leans back "
            f"{chart.angle_deg:g}° from upright.",
            "Put the camera on a tripod, level with the AF mark and straight in front of it: the left and "
            "right border of the sheet look alike.",
            f"Go {NEAREST} to {FARTHEST} times the focal length away. Up to {self.quiet_distance} times, an AF "
            "area of usual size sees only the mark; from farther away choose a small one.",
            "Open the aperture fully. Put one AF area on the mark. Low ISO, good even light, stabiliser off, "
            "self-timer.",
            "Before every shot turn the focus well away by hand, then let autofocus find the mark and take the "
            "picture. Take five or more.",
        ]

    @property
    def words_beside(self) -> bool:
        return self.beside_width >= COLUMN_EMS * self.font

    @property
    def beside_left(self) -> float:
        return MARGIN + self.stand.size_mm[0] + 0.75 * GUTTER

    @property
    def beside_width(self) -> float:
        return self.width - MARGIN - self.beside_left

    @cached_property
    def stand_words(self) -> _Block:
        if self.words_beside:
            left, width = self.beside_left, self.beside_width
            top = self.height - MARGIN - self.stand.size_mm[1] + self.font
        else:
            left, width = MARGIN, self.width / 2 - MARGIN - GUTTER / 2
            top = self.steps.bottom + 3.0 * self.font
        text = (
            "Glue this page to thin card. Cut along the full lines and fold along the broken ones. Glue the "
            "tabs to the back of the sheet, a hand apart, from its near edge upwards."
        )
        lines = paragraph(text, (left, top + 1.8 * self.font), width, self.font)
        return _Block([self.title("The stand", (left, top), 1.15), *lines])

    @cached_property
    def distances(self) -> _Block:
        """The table of distances, in metres, below the words about the stand or in the right half."""
        if self.words_beside:
            left, right, top = self.beside_left, self.width - MARGIN, self.stand_words.bottom + 3.0 * self.font
        else:
            left, right, top = self.width / 2 + GUTTER / 2, self.width - MARGIN, self.steps.bottom + 3.0 * self.font
        multiples = sorted({NEAREST, min(self.quiet_distance, FARTHEST), FARTHEST})
        head_end = left + 2.3 * self.font
        column = min((right - head_end) / len(multiples), 5.0 * self.font)
        rows = [("lens", [f"{multiple} \N{MULTIPLICATION SIGN}" for multiple in multiples])]
        rows += [
            (f"{length}", [_metres(length * multiple) for multiple in multiples]) for length in FOCAL_LENGTHS_MM
        ]
        labels = [self.title("Distance in metres", (left, top), 1.15)]
        for row, texts in enumerate(rows):
            baseline = top + (1.8 + row * LINE_SPACING) * self.font
            for index, text in enumerate((texts[0], *texts[1])):
                place = (head_end + index * column, baseline)
                labels.append(Label(text, place, self.font, "end", bold=row == 0))
        return _Block(labels)

    @property
    def quiet_distance(self) -> int:
        return int(self.chart.widest_distance_over_focal_length)

    def title(self, text: str, at: Point, size: float) -> Label:
        return Label(text, at, size * self.font, bold=True)


def _metres(distance_mm: float) -> str:
    metres = distance_mm / 1000
    return f"{metres:.2f}" if metres < 10 else f"{metres:.1f}"
