"""A sheet whose corners the user has marked by hand, aligned to what is printed on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.targets import PAPERS, Chart
from backfocus.targets.ids import marker_cells

from ..findings import Findings
from ..photo.reading import Photo
from .markers import (
    REDUCED_SIDE_PX,
    Array,
    Picture,
    ReducedPhoto,
    SeenMarker,
    fit_homography,
    likeness,
    map_points,
    reduced,
)
from .sheets import PageMap, Sheet, nominal_chart, read_qr

DESIGN = "flat"
MARKING_ERROR = 0.08
"""Of the sheet's diagonal: how far the corners of a sheet that its markers show may be from the marked ones. Those
only choose it; sheets side by side are 0.5 apart."""
PAGE_SIDE_PX = 600
"""Long side of the page as it is compared with the print: half a millimetre of A4 a pixel."""
SMOOTHINGS_PX = (9, 5)
"""Of page and print before they are compared, wide first, so that corners marked 1 % of the page off will do."""
ITERATIONS = 60
BEST_MARKERS = 4
SAME_LIKENESS = 0.1
"""A difference that says nothing: markers that are covered look alike both ways."""


@dataclass(frozen=True, eq=False)
class _Guess:
    """One chart aligned to what lies between the corners; not `is_upright` if its markers fit better turned."""

    sheet: Sheet
    correlation: float
    likeness: float
    is_upright: bool


def sheet_between(photo: Photo, corners_px: Array, paper: str | None, found: Sequence[Sheet]) -> Sheet:
    """Return the sheet whose page corners were marked.

    Args:
        photo: the photo.
        corners_px: (4, 2) the page's corners: top left, top right, bottom right, bottom left as printed.
        paper: which paper, where neither QR code nor markers can tell; None if unknown.
        found: sheets that were found by their markers; one that lies between the corners is taken.

    Raises:
        Refusal: no chart lies there, or another one.
    """
    diagonal = float(np.linalg.norm(corners_px[2] - corners_px[0]))
    for sheet in found:
        if np.linalg.norm(sheet.outline_px - corners_px, axis=1).max() < MARKING_ERROR * diagonal:
            return sheet
    small = reduced(photo, REDUCED_SIDE_PX)
    qr = read_qr(photo, corners_px)
    if qr is not None:
        paper = qr.chart.paper
    papers = PAPERS if qr is None else (paper,)
    charts = [chart for name in papers if (chart := nominal_chart(DESIGN, name)) is not None]
    guesses = [guess for chart in charts if (guess := _guess(small, chart, corners_px)) is not None]
    good_correlation, good_likeness = Findings.CORNERS_DOUBTFUL.limits
    best = max(guesses, key=lambda guess: guess.likeness, default=None)
    if best is not None and best.likeness > good_likeness.value and best.correlation > good_correlation.value:
        if paper not in (None, best.sheet.chart.paper):
            raise Findings.CORNERS_DOUBTFUL.refusal(
                f"The markers between the corners are those of {best.sheet.chart.paper}, not of {paper}.",
            )
        return best.sheet
    told = next((guess for guess in guesses if guess.sheet.chart.paper == paper), None)
    if told is not None and told.correlation > good_correlation.value and told.is_upright:
        return told.sheet
    closest = told or best
    if closest is not None:
        for value, limit in ((closest.correlation, good_correlation), (closest.likeness, good_likeness)):
            if limit.is_crossed(value):
                raise Findings.CORNERS_DOUBTFUL.refusal(value=value, limit=limit)
    raise Findings.CORNERS_DOUBTFUL.refusal()


def _guess(small: ReducedPhoto, chart: Chart, corners_px: Array) -> _Guess | None:
    """Align a chart, by maximising the correlation of page and print (Evangelidis and Psarakis' ECC)."""
    import cv2

    start = fit_homography(np.asarray(chart.panels[0].outline_page_mm, dtype=np.float64), corners_px)
    if start is None:
        return None
    per_mm = PAGE_SIDE_PX / max(chart.page_mm)
    grid = np.diag([per_mm, per_mm, 1.0])
    printed = _printed(chart, per_mm)
    grid_to_small = _photo_to_small(small) @ start @ np.linalg.inv(grid)
    light = small.even_light()
    page, inside = (
        cv2.warpPerspective(picture, grid_to_small, printed.shape[::-1], flags=how | cv2.WARP_INVERSE_MAP)
        for picture, how in ((light, cv2.INTER_LINEAR), (np.full_like(light, 255), cv2.INTER_NEAREST))
    )
    move, correlation = np.eye(3, dtype=np.float32), 0.0
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, ITERATIONS, 1e-5)
    for smoothing in SMOOTHINGS_PX:
        try:
            correlation, move = cv2.findTransformECC(  # type: ignore[assignment]
                printed, page, move, cv2.MOTION_HOMOGRAPHY, stop, inside, smoothing
            )
        except cv2.error:  # how OpenCV says that the two have nothing in common
            return None
    return _judged(small, chart, start @ np.linalg.inv(grid) @ move.astype(np.float64) @ grid, correlation)


def _judged(small: ReducedPhoto, chart: Chart, page_to_px: Array, correlation: float) -> _Guess:
    ids = [marker.id for marker in chart.markers]
    quads = map_points(page_to_px, np.array([marker.corners_page_mm for marker in chart.markers], dtype=np.float64))
    turned = np.asarray(chart.page_mm) - np.array([marker.corners_page_mm for marker in chart.markers])
    upright, upside_down = (
        float(np.sort(likeness(small, some, ids))[-BEST_MARKERS:].mean())
        for some in (quads, map_points(page_to_px, turned))
    )
    members = tuple(SeenMarker(name, quad) for name, quad in zip(ids, quads, strict=True))
    return _Guess(
        Sheet(chart, members, PageMap(chart, (page_to_px,))),
        correlation,
        upright,
        upright > upside_down - SAME_LIKENESS,
    )


def _photo_to_small(small: ReducedPhoto) -> Array:
    origin = small.from_photo([0.0, 0.0])
    return np.array([[1 / small.factor, 0, origin[0]], [0, 1 / small.factor, origin[1]], [0, 0, 1]])


def _printed(chart: Chart, per_mm: float) -> Picture:
    """Return the page at `per_mm` pixels a mm: bars, AF mark and markers in black, the QR code in grey."""
    import cv2

    fraction_bits = 4

    def fill(points_mm: npt.ArrayLike, grey: int) -> None:
        points = np.rint((np.asarray(points_mm) * per_mm - 0.5) * 2**fraction_bits).astype(np.int32)
        cv2.fillPoly(picture, [points], grey, cv2.LINE_AA, fraction_bits)

    width, height = (round(side * per_mm) for side in chart.page_mm)
    picture = np.full((height, width), 255, dtype=np.uint8)
    for polygon in chart.polygons:
        fill(polygon.points_page_mm, 0)
    for marker in chart.markers:
        cells = marker_cells(marker.id)
        top_left, bottom_right = np.asarray(marker.corners_page_mm[0]), np.asarray(marker.corners_page_mm[2])
        cell = (bottom_right - top_left) / len(cells)
        for row, column in np.argwhere(cells):
            x, y = top_left + cell * (column, row)
            fill([(x, y), (x + cell[0], y), (x + cell[0], y + cell[1]), (x, y + cell[1])], 0)
    fill(chart.qr.corners_page_mm, 128)
    return picture
