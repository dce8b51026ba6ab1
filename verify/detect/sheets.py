"""Which markers are one sheet, told apart from those of other sheets and from false ones; its QR code.

Two prints of one chart have the same ids, so that ids alone do not tell; that all markers of a sheet are mapped
from page to photo by one homography does. The wings of a folded sheet are found from their own markers and from the
fold that joins them to the middle.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart, build_chart, chart_from_qr, parse_qr_text
from backfocus.targets.errors import ChartError, QrTextError, UnknownFormatVersionError
from backfocus.targets.ids import CELLS, QrText, chart_of_marker

from ..findings import Findings
from ..geometry import folds_of, panel_index, sheet_from_page
from ..photo.reading import Photo
from .markers import Array, SeenMarker, fit_homography, is_in_front, map_points, reduced

ALONE = 3
"""Markers of a wing that fix it well enough without the fold."""
HINGE_POINTS = 5
"""Of the fold, that a wing's homography is fitted to besides its markers."""
HINGE_TOLERANCE, WING_TOLERANCE = 0.03, 0.02
"""Of the hinge's length: markers of a wing whose homography leaves the fold, or themselves, by more are those of
another sheet. A fold 5 mm beside its line leaves it by 0.008; a wing of a sheet beside it by 0.1 and more."""
MOST_MARKERS = 24
"""Of one chart's ids that are looked at, the largest first; a wall of markers must not take for ever."""
MOST_SHEETS = 8
"""In one photo, for the same reason."""
PAIR_TOLERANCE_CELLS = 0.4
"""How far two markers may lie off the homography that fits them both; corners as detected are off by up to 0.15
cells. Markers of two sheets side by side are off by more than a cell."""
SHEET_TOLERANCE = 0.015
"""Of the sheet's diagonal in the picture: lens distortion of 3 % and a bent sheet stay within it."""
BESIDE = 0.05
"""Of the diagonal: a marker so near is one of the sheet's own that is placed badly; those of a sheet that touches
it are 0.07 away."""
QR_MARGIN = 0.35
"""Of the code's side; its quiet zone is 4 of 25 modules."""
QR_SIDE_PX = 800
"""33 modules with margin at 10 px and more; larger is slower and no more readable."""
PHOTO_SIDE_PX = 1600
"""Of the whole photo, searched for a code anywhere; a code a tenth as wide has 6 px a module."""
SMALLEST_QR_PX = 25
"""A pixel a module."""


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


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet in the photo.

    Attributes:
        chart: the chart at scale 1.
        members: its markers as detected, each id once.
        page_map: from page mm to pixels of the photo, good to 1.5 % of the sheet.
    """

    chart: Chart
    members: tuple[SeenMarker, ...]
    page_map: PageMap

    @property
    def outline_px(self) -> Array:
        """(4, 2) corners of the page in the photo: top left, top right, bottom right, bottom left as printed."""
        width, height = self.chart.page_mm
        return self.page_map.pixels([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])

    @property
    def markers_px(self) -> Array:
        """(n, 2) all corners of the chart's markers in the photo, also of those that were not detected."""
        return self.page_map.pixels([corner for marker in self.chart.markers for corner in marker.corners_page_mm])

    @property
    def middle_px(self) -> Array:
        """(2,) the AF mark in the photo."""
        return self.page_map.pixels(self.chart.af_mark_page_mm)

    def contains(self, point_px: Array, margin: float = 0.0) -> bool:
        """Whether a point of the photo lies on the sheet, or within `margin` of its diagonal beside it."""
        import cv2

        x, y = (float(value) for value in point_px)
        outline = self.outline_px.astype(np.float32)
        inwards_px = cv2.pointPolygonTest(outline, (x, y), True)
        return bool(inwards_px >= -margin * np.linalg.norm(outline[2] - outline[0]))


@dataclass(frozen=True, eq=False)
class PageMap:
    """Maps page mm of a chart at scale 1 to pixels of the photo.

    Attributes:
        chart: the chart.
        homographies: a (3, 3) matrix for each of its panels.
    """

    chart: Chart
    homographies: tuple[Array, ...]

    def pixels(self, page_mm: Sequence[object] | Array) -> Array:
        """Return (..., 2) pixels of points (..., 2) of the page."""
        page = np.asarray(page_mm, dtype=np.float64)
        if len(self.homographies) == 1:
            return map_points(self.homographies[0], page)
        panel = panel_index(self.chart, page)
        pixels = np.empty_like(page)
        for index, homography in enumerate(self.homographies):
            pixels[panel == index] = map_points(homography, page[panel == index])
        return pixels

    def with_panel(self, index: int, homography: Array) -> PageMap:
        """Return the map with another homography of one panel."""
        some = list(self.homographies)
        some[index] = homography
        return PageMap(self.chart, tuple(some))


def marker_panels(chart: Chart) -> list[int]:
    """Return the index of the panel of each of the chart's markers."""
    names = [panel.name for panel in chart.panels]
    return [names.index(marker.panel) for marker in chart.markers]


def with_wings(
    chart: Chart, members: tuple[SeenMarker, ...], homography: Array, seen: Sequence[SeenMarker]
) -> Sheet:
    """Return the whole sheet, from the panel with the AF mark and all markers that were seen.

    Args:
        chart: the chart at scale 1.
        members: markers of the panel with the AF mark.
        homography: of that panel.
        seen: all detected markers.
    """
    homographies = [homography]
    for panel, fold in zip(chart.panels[1:], folds_of(chart), strict=True):
        assert panel.hinge_page_mm is not None
        start, end = np.asarray(panel.hinge_page_mm, dtype=np.float64)
        hinge = start + np.linspace(0.0, 1.0, HINGE_POINTS)[:, None] * (end - start)
        own = _largest_of_each(chart, panel.name, seen)
        found = _wing(chart, own, hinge, map_points(homography, hinge))
        members = members if found is None else (*members, *own)
        homographies.append(_as_printed(chart, homography, fold.outwards, fold.at_mm, fold.angle_rad))
        if found is not None:
            homographies[-1] = found
    return Sheet(chart, members, PageMap(chart, tuple(homographies)))


def _largest_of_each(chart: Chart, panel: str, seen: Sequence[SeenMarker]) -> list[SeenMarker]:
    """Return a panel's markers among those that were seen, of each id the largest."""
    ids = {marker.id for marker in chart.markers if marker.panel == panel}
    largest: dict[int, SeenMarker] = {}
    for marker in sorted(seen, key=lambda marker: -marker.side_px):
        if marker.id in ids:
            largest.setdefault(marker.id, marker)
    return list(largest.values())


def _wing(chart: Chart, own: Sequence[SeenMarker], hinge: Array, hinge_px: Array) -> Array | None:
    """Return the homography of a wing from its markers and its hinge; None if they do not belong together."""
    if not own:
        return None
    by_id = {marker.id: np.asarray(marker.corners_page_mm, dtype=np.float64) for marker in chart.markers}
    page = np.concatenate([hinge, *(by_id[marker.id] for marker in own)])
    pixels = np.concatenate([hinge_px, *(marker.corners_px for marker in own)])
    # The fold need not be on its line: it only helps where too few markers are seen to do without.
    first = 0 if len(own) < ALONE else len(hinge)
    homography = fit_homography(page[first:], pixels[first:])
    if homography is None:
        return None
    off = np.linalg.norm(map_points(homography, page) - pixels, axis=1) / np.linalg.norm(hinge_px[-1] - hinge_px[0])
    fits = off[: len(hinge)].max() < HINGE_TOLERANCE and off[len(hinge) :].max() < WING_TOLERANCE
    return homography if fits else None


def _as_printed(chart: Chart, homography: Array, outwards: Array, at_mm: Array, angle_rad: float) -> Array:
    """Return about where a wing without any seen marker is: foreshortened by the fold as from far away."""
    corners = np.asarray(chart.panels[0].outline_page_mm, dtype=np.float64)
    beyond = (sheet_from_page(chart, corners)[:, :2] - at_mm) @ outwards
    page_outwards = outwards * (1.0, -1.0)
    seen_at = corners + (beyond * (math.cos(angle_rad) - 1.0))[:, None] * page_outwards
    foreshortened = fit_homography(corners, seen_at)
    assert foreshortened is not None
    return homography @ foreshortened


@dataclass(frozen=True, eq=False)
class SeenQr:
    """A chart's QR code in the photo: the chart it names, and its corners (4, 2) in the order of the chart's."""

    chart: Chart
    corners_px: Array


def read_qr(photo: Photo, expected_px: Array) -> SeenQr | None:
    """Read a chart's QR code.

    Args:
        photo: the photo.
        expected_px: (4, 2) corners of the code, or of what it lies in.

    Returns:
        The first code that names a chart this program makes; None when there is none.

    Raises:
        Refusal: a code names a chart of another format version.
    """
    if not np.isfinite(expected_px).all():
        return None
    low, high = expected_px.min(axis=0), expected_px.max(axis=0)
    margin = QR_MARGIN * (high - low)
    size = np.array(photo.codes.shape[::-1])
    left, top = np.clip(np.floor(low - margin), 0, size).astype(int)
    right, bottom = np.clip(np.ceil(high + margin), 0, size).astype(int)
    part = photo.codes[top:bottom, left:right]
    if min(part.shape) < SMALLEST_QR_PX:
        return None
    for text, corners_px in _codes(replace(photo, codes=part), QR_SIDE_PX):
        chart = _named_chart(text)
        if chart is not None:
            return SeenQr(chart, corners_px + np.array([left, top]))
    return None


def read_any_qr(photo: Photo) -> Chart | None:
    """Return the chart that a QR code anywhere in the photo names, read at reduced size.

    Raises:
        Refusal: a code names a chart of another format version.
    """
    charts = (_named_chart(text) for text, _ in _codes(photo, PHOTO_SIDE_PX))
    return next((chart for chart in charts if chart is not None), None)


def _named_chart(text: str) -> Chart | None:
    try:
        return _built(parse_qr_text(text))
    except UnknownFormatVersionError as error:
        kind = Findings.PRINT_AGAIN if error.earlier else Findings.UNKNOWN_FORMAT
        raise kind.refusal(f"The sheet says: {error}.") from None
    except (QrTextError, ChartError):
        return None


@lru_cache(maxsize=32)
def _built(text: QrText) -> Chart:
    return chart_from_qr(text)


def _codes(photo: Photo, longest_px: int) -> Iterator[tuple[str, Array]]:
    """Yield text and corners of all QR codes, the evenly lit rendering only where the plain one shows none."""
    import zxingcpp

    small = reduced(photo, longest_px)
    for render in (small.light, small.even_light):
        image: npt.NDArray[np.uint8] = render()
        codes = zxingcpp.read_barcodes(image, formats=zxingcpp.barcode_formats_from_str("QRCode"))
        for code in codes:
            place = code.position
            corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
            yield code.text, small.in_photo([(corner.x, corner.y) for corner in corners])
        if codes:
            return
