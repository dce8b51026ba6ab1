"""The second page of the PDF: how to set the chart up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..chart import Chart, Label, Point
from ..parts import LINE_SPACING
from . import drawings, folding
from .canvas import PageCanvas, paragraph
from .folding import FoldGauge, Stand

# The words of the second page that all designs share: numbered steps, and the table of distances.

MARGIN, GUTTER = 9.0, 8.0
TEXT, SMALLEST_TEXT_MM = 3.2, 2.4
"""Font size wished for in the layout, and the smallest that may get printed as long as there is room for it."""
SHRINKING = 0.97
FOCAL_LENGTHS_MM = (35, 50, 85, 135, 200)
NEAREST, FARTHEST = 25, 50
"""Distances over the focal length: the usual advice for checking autofocus."""


@dataclass(frozen=True)
class Block:
    """Words that belong together, and the lowest of their baselines."""

    labels: list[Label]

    @property
    def bottom(self) -> float:
        """The lowest baseline, mm from the page's top."""
        return max(label.at_page_mm[1] for label in self.labels)


def title(font_mm: float, text: str, at: Point, size: float) -> Label:
    """Return a bold line, `size` times as large as the words below it."""
    return Label(text, at, size * font_mm, bold=True)


def numbered(texts: Sequence[str], at: Point, width_mm: float, font_mm: float) -> Block:
    """Return steps, numbered, in two columns; `at` is the first baseline of the left one."""
    left, top = at
    column, indent, half = (width_mm - GUTTER) / 2, 1.8 * font_mm, (len(texts) + 1) // 2
    labels: list[Label] = []
    for first, start in ((0, left), (half, left + column + GUTTER)):
        baseline = top
        for number, text in enumerate(texts[first : first + half], first + 1):
            lines = paragraph(text, (start + indent, baseline), column - indent, font_mm)
            labels += [title(font_mm, str(number), (start, baseline), 1.0), *lines]
            baseline = lines[-1].at_page_mm[1] + (LINE_SPACING + 0.5) * font_mm
    return Block(labels)


def distance_table(at: Point, right_mm: float, quiet_multiple: int, font_mm: float) -> Block:
    """Return the table of distances in metres, between its top-left corner and a right-hand border."""
    left, top = at
    multiples = sorted({NEAREST, min(quiet_multiple, FARTHEST), FARTHEST})
    head_end = left + 2.3 * font_mm
    column = min((right_mm - head_end) / len(multiples), 5.0 * font_mm)
    rows = [("lens", [f"{multiple} \N{MULTIPLICATION SIGN}" for multiple in multiples])]
    rows += [(f"{length}", [_metres(length * multiple) for multiple in multiples]) for length in FOCAL_LENGTHS_MM]
    labels = [title(font_mm, "Distance in metres", (left, top), 1.15)]
    for row, texts in enumerate(rows):
        baseline = top + (1.8 + row * LINE_SPACING) * font_mm
        for index, text in enumerate((texts[0], *texts[1])):
            labels.append(Label(text, (head_end + index * column, baseline), font_mm, "end", bold=row == 0))
    return Block(labels)


def quiet_distance(chart: Chart) -> int:
    """Return up to how many focal lengths an AF area of usual size sees nothing but the mark."""
    return int(chart.widest_distance_over_focal_length)


def _metres(distance_mm: float) -> str:
    metres = distance_mm / 1000
    return f"{metres:.2f}" if metres < 10 else f"{metres:.1f}"


# A second page in the largest type that fits it.


@dataclass(frozen=True)
class Layout(ABC):
    """A page as it is laid out for one font size, in lengths that are drawn larger by `scale`.

    At the top are the heading and below it the drawings, at the right what the viewfinder shows.
    """

    chart: Chart
    scale: float
    font: float

    @abstractmethod
    def draw(self, page: PageCanvas) -> None:
        """Draw the page."""

    @property
    @abstractmethod
    def fits(self) -> bool:
        """Whether nothing overlaps."""

    @property
    @abstractmethod
    def heading(self) -> str:
        """What the page is about."""

    @property
    def width(self) -> float:
        """Width of the page."""
        return self.chart.page_mm[0] / self.scale

    @property
    def height(self) -> float:
        """Height of the page."""
        return self.chart.page_mm[1] / self.scale

    @property
    def drawings_top(self) -> float:
        """Where the drawings begin, from the page's top."""
        return MARGIN + 3.2 * self.font

    @property
    def finder_left(self) -> float:
        """Where the view through the finder begins, from the page's left."""
        return self.width - MARGIN - drawings.FINDER_WIDTH

    @property
    def titles(self) -> Block:
        """The heading, and the words below the view through the finder."""
        below = self.drawings_top + drawings.FINDER_HEIGHT + 1.5 * self.font
        middle = self.finder_left + drawings.FINDER_WIDTH / 2
        return Block(
            [
                title(self.font, self.heading, (MARGIN, MARGIN + 1.4 * self.font), 1.8),
                Label("What the viewfinder shows", (middle, below), self.font, "middle"),
            ]
        )


def draw_fitted(canvas: Any, chart: Chart, layout: type[Layout], smallest_page: Point) -> None:
    """Draw a page on a reportlab canvas, laid out for the smallest page and drawn larger or smaller as a whole."""
    scale = min(chart.page_mm[0] / smallest_page[0], chart.page_mm[1] / smallest_page[1])
    font = max(TEXT, SMALLEST_TEXT_MM / scale)
    page = layout(chart, scale, font)
    while not page.fits:
        font *= SHRINKING
        page = layout(chart, scale, font)
    page.draw(PageCanvas(canvas, chart.page_mm[1], scale))


# What to do with a chart, step by step.


def leaning_steps(chart: Chart) -> list[str]:
    """Return the steps for a sheet that leans back."""
    return [
        _print_step(chart, ""),
        "Cut out the stand below and glue it to the sheet, so that the far edge leans back "
        f"{chart.angle_deg:g}° from upright.",
        "Put the camera on a tripod, level with the AF mark and straight in front of it: the left and "
        "right border of the sheet look alike.",
        _distance_step(chart),
        _exposure_step(),
        _shooting_step(),
    ]


def fold_steps(chart: Chart) -> list[str]:
    """Return the steps for a folded sheet."""
    return [
        _print_step(chart, "on stiff paper"),
        "Score both fold lines along a ruler, from edge to edge of the sheet.",
        "Dashed line: fold the left wing towards you. Line of dashes and dots: fold the right wing away from you.",
        "Stand the sheet on the gauge below and turn the wings to its lines. A few degrees more or less do no "
        "harm: the photo tells them. Take this page away again.",
        "Put the camera on a tripod, straight in front of the middle panel, level with the AF mark, both wings in "
        "the picture.",
        _distance_step(chart),
        _exposure_step(),
        _self_test_step(),
        _shooting_step(),
    ]


def wall_steps(chart: Chart) -> list[str]:
    """Return the steps for an upright sheet."""
    return [
        _print_step(chart, ""),
        "Fix the sheet flat to a wall or to an upright board. Where it bulges, it has another depth.",
        "Put the camera on a tripod, straight in front of the AF mark: opposite borders of the sheet look parallel "
        "and equally long.",
        _distance_step(chart),
        _exposure_step(),
        _self_test_step(),
        _shooting_step(),
        "Do the same for every AF setting that you compare, with nothing else changed.",
    ]


def _print_step(chart: Chart, paper: str) -> str:
    how = f" {paper}" if paper else ""
    return (
        f"Print both pages{how} at 100 %, never fitted to the page. Both check bars on page 1 must measure "
        f"{chart.check_bars[0].length_mm:g} mm."
    )


def _distance_step(chart: Chart) -> str:
    return (
        f"Go {NEAREST} to {FARTHEST} times the focal length away. Up to {quiet_distance(chart)} times, an AF "
        "area of usual size sees only the mark; from farther away choose a small one."
    )


def _exposure_step() -> str:
    return (
        "Open the aperture fully. Put one AF area on the mark. Low ISO, good even light, stabiliser off, "
        "self-timer."
    )


def _self_test_step() -> str:
    return (
        "Does autofocus keep to the mark? Hide the mark under white paper and try: autofocus must give up. If it "
        "finds something, choose a smaller AF area or go closer."
    )


def _shooting_step() -> str:
    return (
        "Before every shot turn the focus well away by hand, then let autofocus find the mark and take the "
        "picture. Take five or more."
    )


# The second page for a chart that leans: how to set it up, and the stand to cut out.

SMALLEST_PAGE = NARROWEST, SHORTEST = 210.0, 279.4
"""The page is laid out for the width of A4 and the height of Letter, and drawn larger or smaller as a whole."""
COLUMN_EMS = 12.5
"""Narrowest column for words, over the font size: holds the table of distances."""


def draw_leaning_page(canvas: Any, chart: Chart) -> None:
    """Draw the page on a reportlab canvas."""
    draw_fitted(canvas, chart, _LeaningPage, SMALLEST_PAGE)


class _LeaningPage(Layout):
    """The page for one font size: from top to bottom title, drawings and steps, and the stand at the foot.

    Words about the stand and the table of distances stand beside the stand, or above a stand that is too wide.
    """

    def draw(self, page: PageCanvas) -> None:
        side = (MARGIN, self.drawings_top)
        drawings.draw_side_view(
            page, side, self.chart.angle_deg, f"{NEAREST} to {FARTHEST} focal lengths", self.font
        )
        drawings.draw_finder_view(page, (self.finder_left, self.drawings_top), self.chart)
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
    def heading(self) -> str:
        return "How to set it up"

    @cached_property
    def stand(self) -> Stand:
        return Stand(self.height, self.chart.angle_deg)

    @cached_property
    def steps(self) -> Block:
        """The steps, numbered, in two columns."""
        top = (
            self.drawings_top
            + max(drawings.SIDE_HEIGHT, drawings.FINDER_HEIGHT + 1.5 * self.font)
            + 2.4 * self.font
        )
        return numbered(leaning_steps(self.chart), (MARGIN, top), self.width - 2 * MARGIN, self.font)

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
    def stand_words(self) -> Block:
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
        return Block([title(self.font, "The stand", (left, top), 1.15), *lines])

    @cached_property
    def distances(self) -> Block:
        """The table of distances, in metres, below the words about the stand or in the right half."""
        if self.words_beside:
            left, right, top = self.beside_left, self.width - MARGIN, self.stand_words.bottom + 3.0 * self.font
        else:
            left, right, top = self.width / 2 + GUTTER / 2, self.width - MARGIN, self.steps.bottom + 3.0 * self.font
        return distance_table((left, top), right, quiet_distance(self.chart), self.font)


# The second page for charts whose AF mark faces the camera; like their first page, it lies across.

UPRIGHT_SMALLEST_PAGE = UPRIGHT_NARROWEST, UPRIGHT_SHORTEST = 279.4, 210.0
"""The page is laid out for the width of Letter and the height of A4, and drawn larger or smaller as a whole."""
DRAWINGS_HEIGHT = 50.0
TABLE_EMS = 16.0
"""Width of the table of distances over the font size."""


def draw_upright_page(canvas: Any, chart: Chart) -> None:
    """Draw the page on a reportlab canvas."""
    draw_fitted(canvas, chart, _UprightPage, UPRIGHT_SMALLEST_PAGE)


class _UprightPage(Layout):
    """The page for one font size: title, drawings, steps, and at the foot the fold gauge and the distances."""

    def draw(self, page: PageCanvas) -> None:
        distance = f"{NEAREST} to {FARTHEST} focal lengths"
        top = self.drawings_top
        if self.folded:
            folding.draw_fold_drawings(page, (MARGIN, top), self.font)
            left = MARGIN + folding.WIDTH + GUTTER / 2
            drawings.draw_top_view(page, (left, top), self.chart.angle_deg, distance, self.font)
            self.gauge.draw(page, (MARGIN, self.gauge_top), self.font)
        else:
            drawings.draw_wall_view(page, (MARGIN, top), distance, self.font)
        drawings.draw_finder_view(page, (self.finder_left, top), self.chart)
        for block in (self.titles, self.steps, self.foot_words, self.distances):
            for label in block.labels:
                page.label(label)

    @property
    def fits(self) -> bool:
        return self.steps.bottom + 2.2 * self.font <= self.foot_top

    @property
    def folded(self) -> bool:
        return len(self.chart.panels) > 1

    @property
    def heading(self) -> str:
        return "How to fold it and set it up" if self.folded else "How to set it up"

    @cached_property
    def gauge(self) -> FoldGauge:
        return FoldGauge.of(self.chart, self.scale)

    @cached_property
    def steps(self) -> Block:
        texts = fold_steps(self.chart) if self.folded else wall_steps(self.chart)
        top = self.drawings_top + DRAWINGS_HEIGHT + 3.0 * self.font
        return numbered(texts, (MARGIN, top), self.width - 2 * MARGIN, self.font)

    @property
    def foot_top(self) -> float:
        """Top of all that is at the foot of the page."""
        return min(self.foot_words_top, self.table_top, self.gauge_top)

    @property
    def table_top(self) -> float:
        return self.height - MARGIN - 11.0 * self.font

    @property
    def gauge_top(self) -> float:
        return self.height - MARGIN - (self.gauge.height_mm if self.folded else 0.0)

    @property
    def table_left(self) -> float:
        return self.width - MARGIN - TABLE_EMS * self.font

    @cached_property
    def foot_words(self) -> Block:
        """What the gauge is for, above its middle line; without one, what else the sheet is good for."""
        if self.folded:
            heading = "The fold gauge"
            text = (
                "Stand the lower edge of the folded sheet on the thick line: folds on the cross lines, wings along "
                f"the slanted ones. They show {self.chart.angle_deg:g}°."
            )
            width = self.gauge.above_mm[0] - GUTTER
        else:
            heading = "Farther away"
            text = (
                "With long lenses, or where the room is long, print the chart on larger paper; the quiet zone "
                "around the mark grows with it."
            )
            width = self.table_left - GUTTER - MARGIN
        top = self.foot_words_top + self.font
        lines = paragraph(text, (MARGIN, top + 1.8 * self.font), width, self.font)
        return Block([title(self.font, heading, (MARGIN, top), 1.15), *lines])

    @property
    def foot_words_top(self) -> float:
        """Beside the table, or so high above the gauge's middle line that a heading and two lines have room."""
        return self.gauge_top + self.gauge.above_mm[1] - 7.0 * self.font if self.folded else self.table_top

    @cached_property
    def distances(self) -> Block:
        at = (self.table_left, self.table_top + self.font)
        return distance_table(at, self.width - MARGIN, quiet_distance(self.chart), self.font)


def draw_setup_page(canvas: Any, chart: Chart) -> None:
    """Draw the page on a reportlab canvas."""
    draw = draw_upright_page if chart.mark_tilt_deg == 0.0 else draw_leaning_page
    draw(canvas, chart)
