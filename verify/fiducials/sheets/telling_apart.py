"""Markers that lie on one sheet, told apart from those of other sheets and from false ones.

Two prints of one chart have the same ids, so that ids alone do not tell; that all markers of a sheet are mapped
from page to photo by one homography does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np

from backfocus.targets import Chart, ChartError, build_chart
from backfocus.targets.markers import CELLS, chart_of_marker
from backfocus.verify.fiducials.markers.detecting import SeenMarker
from backfocus.verify.fiducials.planar import Array, fit_homography, is_in_front, map_points
from backfocus.verify.fiducials.sheets.sheet import Sheet
from backfocus.verify.fiducials.sheets.wings import with_wings

MOST_MARKERS = 24
"""Of one chart's ids that are looked at, the largest first; a wall of markers must not take for ever."""
MOST_SHEETS = 8
PAIR_TOLERANCE_CELLS = 0.4
"""How far two markers may lie off the homography that fits them both; corners as detected are off by up to 0.15
cells. Markers of two sheets side by side are off by more than a cell."""
SHEET_TOLERANCE = 0.015
"""Of the sheet's diagonal in the picture: lens distortion of 3 % and a bent sheet stay within it."""
BESIDE = 0.05
"""Of the diagonal: a marker so near is one of the sheet's own that is placed badly; those of a sheet that touches
it are 0.07 away."""


def tell_sheets_apart(seen: Sequence[SeenMarker]) -> tuple[list[Sheet], list[SeenMarker]]:
    """Return the sheets that the markers show, most markers first, and the charts' markers that lie on none."""
    sheets: list[Sheet] = []
    rest = [marker for marker in seen if chart_of_marker(marker.id) is not None]
    for design, paper in sorted({chart_of_marker(marker.id) or ("", "") for marker in rest}):
        chart = nominal_chart(design, paper)
        while len(sheets) < MOST_SHEETS and chart and (sheet := _largest_sheet(chart, rest)):
            rest = [marker for marker in rest if marker not in sheet.members]
            if not any(_is_same_sheet(sheet, other) for other in sheets):
                sheets.append(sheet)
    sheets.sort(key=lambda sheet: -len(sheet.members))
    return sheets, [
        marker
        for marker in rest
        if not any(sheet.contains(marker.corners_px.mean(axis=0), BESIDE) for sheet in sheets)
    ]


@lru_cache(maxsize=32)
def nominal_chart(design: str, paper: str) -> Chart | None:
    """Return a design's chart at scale 1, or None when this program makes no such chart."""
    try:
        return build_chart(design, paper)
    except ChartError:
        return None


def _largest_sheet(chart: Chart, seen: Sequence[SeenMarker]) -> Sheet | None:
    """Return the sheet that most markers of the AF mark's panel agree on; None when no two of them agree."""
    first = chart.panels[0].name
    by_id = {
        marker.id: np.asarray(marker.corners_page_mm, dtype=np.float64)
        for marker in chart.markers
        if marker.panel == first
    }
    own = sorted((m for m in seen if m.id in by_id), key=lambda m: -m.side_px)[:MOST_MARKERS]
    page = np.array([by_id[marker.id] for marker in own]).reshape(-1, 4, 2)
    pixels = np.array([marker.corners_px for marker in own]).reshape(-1, 4, 2)
    best: list[int] = []
    for pair in _pairs(own, page):
        homography = fit_homography(page[pair], pixels[pair])
        if homography is None or not _fits_closely(homography, page[pair], pixels[pair]):
            continue
        members = _agreeing(chart, homography, own, page, pixels)
        best = members if len(members) > len(best) else best
        if len(best) == len({marker.id for marker in own}):
            break
    if len(best) < 2:
        return None
    homography = fit_homography(page[best], pixels[best])
    if homography is None:
        return None
    return with_wings(chart, tuple(own[index] for index in best), homography, seen)


def _pairs(own: Sequence[SeenMarker], page: Array) -> Iterator[list[int]]:
    """Yield pairs of different markers, those farthest apart on the page first: they fix the sheet best."""
    middle = page.mean(axis=1)
    pairs = [[i, j] for i, j in combinations(range(len(own)), 2) if own[i].id != own[j].id]
    yield from sorted(pairs, key=lambda pair: -float(np.linalg.norm(middle[pair[0]] - middle[pair[1]])))


def _fits_closely(homography: Array, page: Array, pixels: Array) -> bool:
    cell_px = np.linalg.norm(pixels - np.roll(pixels, 1, axis=1), axis=2).mean(axis=1) / CELLS
    off = np.linalg.norm(map_points(homography, page) - pixels, axis=2).max(axis=1)
    return bool((off < PAIR_TOLERANCE_CELLS * cell_px).all())


def _agreeing(chart: Chart, homography: Array, own: Sequence[SeenMarker], page: Array, pixels: Array) -> list[int]:
    """Return the markers that lie where the homography puts them, of each id the nearest."""
    corners = np.asarray(chart.panels[0].outline_page_mm, dtype=np.float64)
    if not is_in_front(homography, corners):
        return []
    outline = map_points(homography, corners)
    off = np.linalg.norm(map_points(homography, page) - pixels, axis=2).max(axis=1)
    tolerance = SHEET_TOLERANCE * float(np.linalg.norm(outline[2] - outline[0]))
    nearest: dict[int, int] = {}
    for index in np.argsort(off):
        if off[index] < tolerance:
            nearest.setdefault(own[index].id, int(index))
    return sorted(nearest.values())


def _is_same_sheet(sheet: Sheet, other: Sheet) -> bool:
    """Whether these are markers of one sheet that is bent: no id twice, and each lies on the other."""
    ids, others = ({marker.id for marker in one.members} for one in (sheet, other))
    return (
        sheet.chart is other.chart
        and not ids & others
        and other.contains(sheet.middle_px)
        and sheet.contains(other.middle_px)
    )
