"""The words of the second page that all designs share: numbered steps, and the table of distances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backfocus.targets.chart import Chart, Label, Point
from backfocus.targets.printing.page_canvas import paragraph
from backfocus.targets.typography import LINE_SPACING

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
