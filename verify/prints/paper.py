"""The paper as a ruler: which known paper, and which scale of the print, explain the outline of the sheet.

One photo shows the outline only against the markers. A sheet that is twice as large and twice as far away looks the
same, so a paper must be known by its shape, and the scale must be one that people print at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from backfocus.targets import Chart
from backfocus.targets.ids import PAPERS, Paper

from ..detect.outline import Outline

KNOWN_PAPERS = (
    *PAPERS.values(),
    Paper("a5", "A5", 148.0, 210.0),
    Paper("b4", "B4", 257.0, 364.0),
    Paper("legal", "LG", 215.9, 355.6),
)
"""What charts are made for, and what else lies in printers (B4 is that of Japan)."""
SAME_SHAPE = 0.005
"""Between the scales by width and by height. Printers have up to half a percent. A sheet glued onto a larger card
with an even border has as much with a border of 1.8 mm on A4, and more with wider ones."""
EXACT = 0.006
"""Off 100 %: cheap printers and a pixel of outline; from here to the least that fitting does, a narrow border that
cannot be told from a scale is more likely, and nothing is said."""
LEAST_MARGIN_MM, WIDEST_MARGIN_MM = 2.1, 10.0
"""Left free when a page is fitted to its paper: inkjets 3 mm, lasers 4.2 mm, dialogs to 6.35 mm; 90 % on A4
leaves 10. 2.1 mm make 98 % on A4: below that the border of `SAME_SHAPE` begins."""
BORDERLESS = (1.02, 1.06)
"""By how much drivers enlarge a page so that no white rim stays."""
UNEVEN_SHORT_MM, UNEVEN_LONG_MM = 5.0, 11.0
"""Between opposite margins across the paper and along it: older inkjets leave 12.7 mm at the end and 3 at the top.
Two sheets that lie on each other, a little displaced, have all of the margin on one side."""
SHIFTED_MM = 6.0
"""Of an exact print on its paper: by feeding."""
PAPER_CUT = 0.0025
"""Half width at 95 % of the size of paper: sheets are cut to within 0.5 mm on A4 (ISO 216 allows 2)."""
LINES_95 = 0.003
"""Half width at 95 % of the outline's lines on photos, mostly from blur and bent paper."""


@dataclass(frozen=True)
class PaperScale:
    """What the paper tells of the print.

    Attributes:
        scale: printed size over designed size.
        half_width_95: of its interval, as a share of it.
        paper: name of the paper that the chart is on.
        words: how it comes to be, for a sentence such as "printed at 94 %, ...".
    """

    scale: float
    half_width_95: float
    paper: str
    words: str


def paper_scale(chart: Chart, outline: Outline) -> PaperScale | None:
    """Return the print's scale by the outline of its paper; None where no known paper explains it.

    Where the paper was cut, or is hidden, along one direction, the other still says so if it is that of the chart's
    own paper at its full size; nothing else, as there are too many papers for one number.

    Args:
        chart: the chart as designed.
        outline: in its page's mm.
    """
    # The chart's own paper comes first, then exact prints.
    found = sorted(_explanations(chart, outline), key=lambda each: (each.paper != chart.paper, abs(each.scale - 1)))
    return found[0] if found else _by_two_sides(chart, outline)


def _by_two_sides(chart: Chart, outline: Outline) -> PaperScale | None:
    own, seen = _as_the_page(PAPERS[chart.paper], chart), _sizes(outline)
    scales = [full / part for full, part in zip(own, seen, strict=True) if part is not None]
    exact = [scale for scale in scales if abs(scale - 1.0) <= EXACT]
    if len(exact) != 1 or min(scales) < 1.0 - EXACT:
        return None
    return PaperScale(exact[0], math.hypot(PAPER_CUT, LINES_95, SAME_SHAPE), chart.paper, "at its full size")


def _explanations(chart: Chart, outline: Outline) -> Iterator[PaperScale]:
    width, height = _sizes(outline)
    if width is None or height is None:
        return
    for paper in KNOWN_PAPERS:
        paper_width, paper_height = _as_the_page(paper, chart)
        by_width, by_height = paper_width / width, paper_height / height
        if abs(math.log(by_width / by_height)) > SAME_SHAPE:
            continue
        scale = math.sqrt(by_width * by_height)
        words = _how(chart, outline, paper, scale)
        if words is not None:
            yield PaperScale(scale, math.hypot(PAPER_CUT, LINES_95), paper.name, words)


def _how(chart: Chart, outline: Outline, paper: Paper, scale: float) -> str | None:
    """Return how a chart is printed at a scale on a paper, in words; None where nobody prints so."""
    margins = _margins_mm(chart, outline, scale)
    is_own = paper.name == chart.paper
    (left, right), (top, bottom) = margins
    if abs(scale - 1.0) <= EXACT:
        is_shifted = is_own and max(abs(left - right), abs(top - bottom)) > 2 * SHIFTED_MM
        return None if is_shifted else f"at its full size on {paper.name.title()}"
    wide, high = chart.page_mm
    fit = min(size / page for size, page in zip(_as_the_page(paper, chart), (wide, high), strict=True))
    across, along = (left - right, top - bottom) if wide < high else (top - bottom, left - right)
    if scale > BORDERLESS[1] or (not is_own and _is_alike(paper, PAPERS[chart.paper])):
        return None
    if abs(across) > UNEVEN_SHORT_MM or abs(along) > UNEVEN_LONG_MM:
        return None
    if is_own and BORDERLESS[0] <= scale / fit <= BORDERLESS[1]:
        return "enlarged, as by borderless printing"
    least = min((left + right) / 2, (top + bottom) / 2)
    if not LEAST_MARGIN_MM <= least <= WIDEST_MARGIN_MM or min(left, right, top, bottom) < 0:
        return None
    also = ", or on A4 at 0.71 times that, which looks the same" if paper.name == chart.paper == "a3" else ""
    return f"as by 'fit to page' on {paper.name.title()}{also}"


def _is_alike(paper: Paper, own: Paper) -> bool:
    """Whether papers have the same shape, as all A and B papers: fitted to one looks as fitted to the other."""
    return abs(math.log(paper.width_mm * own.height_mm / (paper.height_mm * own.width_mm))) < SAME_SHAPE


def _sizes(outline: Outline) -> tuple[float | None, float | None]:
    """Return width and height between the sides, each None where one of its sides is not known."""
    left, right, top, bottom = outline.left, outline.right, outline.top, outline.bottom
    return (
        right.at_mm - left.at_mm if left and right else None,
        bottom.at_mm - top.at_mm if top and bottom else None,
    )


def _margins_mm(chart: Chart, outline: Outline, scale: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the paper left beside the printed page: left and right, top and bottom; mm on the paper."""
    left, right, top, bottom = outline.left, outline.right, outline.top, outline.bottom
    assert left and right and top and bottom
    width, height = chart.page_mm
    beside = (-left.at_mm * scale, (right.at_mm - width) * scale)
    return beside, (-top.at_mm * scale, (bottom.at_mm - height) * scale)


def _as_the_page(paper: Paper, chart: Chart) -> tuple[float, float]:
    """Return width and height of a paper turned as the chart's page is."""
    is_wide = chart.page_mm[0] > chart.page_mm[1]
    return (paper.height_mm, paper.width_mm) if is_wide else (paper.width_mm, paper.height_mm)
