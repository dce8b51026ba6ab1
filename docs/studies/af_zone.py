"""What an AF area sees beside the AF mark, and how strong that is against the mark.

python docs/studies/af_zone.py [--weak 0.70 --strong 0.45] [--paper a4] [--angle 45] > docs/studies/results/af_zone.md

Autofocus follows contrast. A square of a given side on the sensor sees that side times (distance over focal length
less 1) of the sheet; a leaning sheet looks shorter, so that it sees more of it upwards. Counted is length of edges
within it times their contrast squared, as phase detection and contrast detection both weigh light squared, for edges
that stand and for those that lie apart, as sensors see either. The share is that of the tiles over that of the mark.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from itertools import pairwise

from backfocus.targets import PAPERS, Chart, build_chart
from backfocus.targets.chart import Point
from backfocus.targets.tiles import STRONG_INK, WEAK_INK

DRAWN_MM, REAL_MM = 1.0, 2.0
"""Side of an AF area on the sensor as the finder draws it, and as it may really be."""
AREAS_MM = (DRAWN_MM, 1.5, REAL_MM)
DISTANCES = (20.0, 25.0, 30.0, 36.0)
"""In focal lengths."""
WEAK_INKS = (0.0, 0.45, 0.60, 0.70, 0.80)

WeighedEdge = tuple[Point, Point, float]


def shares(chart: Chart, distance: float, area_mm: float, inks: dict[float, float]) -> dict[bool, float]:
    """Return the tiles' weighed length over the mark's, for edges that stand (True) and that lie (False).

    Args:
        chart: the chart, one leaning or upright panel.
        distance: to the mark, in focal lengths.
        area_mm: side of the square on the sensor.
        inks: other light of the ink over paper, by the designed one.
    """
    half = area_mm * (distance - 1.0) / 2.0
    sizes = half, half / math.cos(math.radians(chart.mark_tilt_deg))
    tiles = [(e.from_page_mm, e.to_page_mm, (1.0 - inks.get(e.ink, e.ink)) ** 2) for e in chart.edges]
    mark = list(mark_edges(chart))
    return {
        steep: weighed_length(chart, tiles, sizes, steep) / weighed_length(chart, mark, sizes, steep)
        for steep in (True, False)
    }


def mark_edges(chart: Chart) -> Iterator[WeighedEdge]:
    """Yield the sides of the black shapes within the quiet zone."""
    for polygon in chart.polygons:
        points = polygon.points_page_mm
        if polygon.ink == 0.0 and all(is_in_quiet_zone(chart, point) for point in points):
            yield from ((start, end, 1.0) for start, end in pairwise((*points, points[0])))


def is_in_quiet_zone(chart: Chart, point: Point) -> bool:
    return all(
        abs(value - mark) < size / 2
        for value, mark, size in zip(point, chart.af_mark_page_mm, chart.quiet_zone_mm, strict=True)
    )


def weighed_length(chart: Chart, edges: list[WeighedEdge], sizes: Point, steep: bool) -> float:
    """Return the sum of weight times length within (±half width, ±half height) of the mark, of one direction."""
    total = 0.0
    for start, end, weight in edges:
        across, along = abs(end[0] - start[0]), abs(end[1] - start[1])
        if (along > across) == steep:
            total += weight * math.hypot(across, along) * part_within(chart, start, end, sizes)
    return total


def part_within(chart: Chart, start: Point, end: Point, sizes: Point) -> float:
    """Return the part of a line that lies within (±half width, ±half height) of the mark."""
    low, high = 0.0, 1.0
    for a, b, mark, size in zip(start, end, chart.af_mark_page_mm, sizes, strict=True):
        if a == b:
            if abs(a - mark) > size:
                return 0.0
            continue
        ends = sorted(((mark - size - a) / (b - a), (mark + size - a) / (b - a)))
        low, high = max(low, ends[0]), min(high, ends[1])
    return max(0.0, high - low)


def table(chart: Chart, weak: float, strong: float) -> list[str]:
    """Return the shares for a pair of inks, a row a distance."""
    inks = {WEAK_INK: weak, STRONG_INK: strong}
    lines = ["| focal lengths | " + " | ".join(f"square of {area:g} mm" for area in AREAS_MM) + " |"]
    lines.append("|---" * (len(AREAS_MM) + 1) + "|")
    for distance in DISTANCES:
        cells = (shares(chart, distance, area, inks) for area in AREAS_MM)
        told = (f"{cell[True]:.0%} / {cell[False]:.0%}" for cell in cells)
        lines.append(f"| {distance:g} | " + " | ".join(told) + " |")
    return lines


def choice(chart: Chart, strong: float) -> list[str]:
    """Return the shares of several weak inks, a row an ink."""
    places = [(distance, area) for distance in (DISTANCES[1], DISTANCES[-1]) for area in (DRAWN_MM, REAL_MM)]
    head = (f"{area:g} mm at {distance:g} focal lengths" for distance, area in places)
    lines = ["| ink near the mark | " + " | ".join(head) + " |", "|---" * (len(places) + 1) + "|"]
    for weak in WEAK_INKS:
        cells = (shares(chart, distance, area, {WEAK_INK: weak, STRONG_INK: strong}) for distance, area in places)
        told = (f"{cell[True]:.0%} / {cell[False]:.0%}" for cell in cells)
        lines.append(f"| {weak:.2f} | " + " | ".join(told) + " |")
    return lines


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="What an AF area sees beside the AF mark.")
    parser.add_argument("--weak", type=float, default=WEAK_INK, help="ink near the mark, over paper")
    parser.add_argument("--strong", type=float, default=STRONG_INK, help="ink farther out, over paper")
    parser.add_argument("--paper", choices=PAPERS, default="a4")
    parser.add_argument("--angle", type=float, default=45.0)
    told = parser.parse_args()
    chart = build_chart("flat", told.paper, angle_deg=told.angle)
    lines = [
        "## What autofocus sees beside the mark",
        "",
        f"Flat sheet, {told.paper.title()}, leaning by {told.angle:g}°, ink {told.weak:.2f} of paper's light near the "
        f"mark and {told.strong:.2f} farther out. Length of the tiles' edges times",
        "contrast² within an AF square on the sensor, over that of the mark: edges that stand / edges that lie. "
        "`python docs/studies/af_zone.py`",
        "",
        *table(chart, told.weak, told.strong),
        "",
        "The same for other inks near the mark (black would be 0):",
        "",
        *choice(chart, told.strong),
    ]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
