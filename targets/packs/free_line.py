"""Where a chart has room for a line of words: a strip of plain paper that nothing else needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backfocus.targets.chart import Chart, Label, Point
from backfocus.targets.markers import CELLS
from backfocus.targets.printing.page_canvas import BOLD, REGULAR, register_fonts
from backfocus.targets.qrtext import QR_MODULES, QR_QUIET_MODULES

PAGE_BORDER_MM = 6.0
"""Printers need 5 mm."""
CLEARANCE_MM = 1.0
"""Between the strip and other ink."""
HEIGHTS_MM, NARROWEST_MM, WIDEST_MM = (7.0, 6.0, 5.0, 4.4, 4.0, 3.6), 50.0, 130.0
"""Of the strip: the highest one with room for a name is taken."""
STEP_MM = 0.4


@dataclass(frozen=True)
class Strip:
    """An upright rectangle on the page, mm from the page's top-left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Height, mm."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """Width, mm."""
        return self.right - self.left


def free_line(chart: Chart) -> Strip:
    """Return the strip for a line of words: the highest one that is wide enough, as wide as can be.

    It keeps clear of the page's border, of all ink, of the plain paper that markers, QR code and measured edges
    need, and of the quiet zone around the AF mark.
    """
    register_fonts()
    taken = list(_taken(chart))
    for height in HEIGHTS_MM:
        strip = _widest(chart, taken, height)
        if strip is not None and strip.width >= NARROWEST_MM:
            spare = max(0.0, strip.width - WIDEST_MM) / 2
            return Strip(strip.left + spare, strip.top, strip.right - spare, strip.bottom)
    raise ValueError(f"no room for a name on {chart.design} {chart.paper}")


def _widest(chart: Chart, taken: list[Strip], height: float) -> Strip | None:
    """Return the widest free strip of a height; of equally wide ones, the middle one."""
    width_mm, height_mm = chart.page_mm
    found: list[Strip] = []
    steps = int((height_mm - 2 * PAGE_BORDER_MM - height) / STEP_MM)
    for index in range(max(0, steps) + 1):
        top = PAGE_BORDER_MM + index * STEP_MM
        hindering = sorted((box.left, box.right) for box in taken if box.top < top + height and box.bottom > top)
        left, widest = PAGE_BORDER_MM, (0.0, 0.0)
        for start, end in [*hindering, (width_mm - PAGE_BORDER_MM, width_mm)]:
            widest = max(widest, (min(start, width_mm - PAGE_BORDER_MM) - left, left))
            left = max(left, end)
        found.append(Strip(widest[1], top, widest[1] + widest[0], top + height))
    most = max((strip.width for strip in found), default=0.0)
    best = [strip for strip in found if strip.width > most - 0.01]
    return best[len(best) // 2] if best and most > 0 else None


def _taken(chart: Chart) -> Iterator[Strip]:
    """Return boxes around all that needs its place."""
    clear = CLEARANCE_MM
    for marker in chart.markers:
        corners = marker.corners_page_mm
        yield _around(corners, math.dist(corners[0], corners[1]) / CELLS)
    qr = chart.qr.corners_page_mm
    yield _around(qr, math.dist(qr[0], qr[1]) / QR_MODULES * QR_QUIET_MODULES)
    for edge in chart.edges:
        yield _around((edge.from_page_mm, edge.to_page_mm), edge.clear_mm)
    for polygon in chart.polygons:
        yield _around(polygon.points_page_mm, clear)
    for stroke in chart.strokes:
        yield _around((stroke.from_page_mm, stroke.to_page_mm), clear + stroke.width_mm / 2)
    for bar in chart.check_bars:
        yield _around((bar.from_page_mm, bar.to_page_mm), clear + 0.02 * bar.length_mm)
    for panel in chart.panels:
        if panel.hinge_page_mm is not None:
            yield _around(panel.hinge_page_mm, 2 * clear)
    for label in chart.labels:
        yield _around(_corners(label), clear)
    x, y = chart.af_mark_page_mm
    half_width, half_height = chart.quiet_zone_mm[0] / 2, chart.quiet_zone_mm[1] / 2
    yield Strip(x - half_width, y - half_height, x + half_width, y + half_height)


def _around(points: Iterable[Point], margin: float) -> Strip:
    xs, ys = zip(*points, strict=True)
    return Strip(min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin)


def _corners(label: Label) -> list[Point]:
    """Return the corners of a label's box."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    width = stringWidth(label.text, BOLD if label.bold else REGULAR, label.height_mm)
    left = {"start": 0.0, "middle": -width / 2, "end": -width}[label.anchor]
    turn = math.radians(label.turn_deg)
    along, up = (math.cos(turn), -math.sin(turn)), (-math.sin(turn), -math.cos(turn))
    x, y = label.at_page_mm
    return [
        (x + a * along[0] + u * up[0], y + a * along[1] + u * up[1])
        for a in (left, left + width)
        for u in (-0.25 * label.height_mm, 0.95 * label.height_mm)
    ]
