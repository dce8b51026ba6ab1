"""The chart in a photo, as a Sighting: every marker refined in the photo's own pixels, the QR code as a witness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart, build_chart
from backfocus.targets.ids import CELLS

from ..findings import Finding, Findings
from ..photo.damage import refuse_damaged
from ..photo.reading import Photo
from .by_hand import sheet_between
from .markers import (
    REDUCED_SIDE_PX,
    Array,
    ReducedPhoto,
    SeenMarker,
    fit_homography,
    found_matrix,
    likeness,
    looks,
    map_points,
    reduced,
    refine_corners,
)
from .sheets import PageMap, Sheet, marker_panels, read_qr, tell_sheets_apart
from .why_not_found import genuine, refuse_dark_sheet, why_no_chart

Chosen = npt.NDArray[np.bool_]
ReadFrom = Literal["qr", "markers", "user"]

MIN_MARKERS = 3
"""With two blurred ones a sheet that leans back was taken for one that leans forward, which turns the sign."""
ROUGH_SD_CELLS = 0.12
"""Error of a corner as the detector gives it, in cells of the marker: measured 0.05 to 0.15 for blurred markers."""
ENOUGH_FOR_A_PLANE = 3
"""Twelve corners: with two markers a mistaken one goes unnoticed."""
MAX_DISAGREEMENT = 0.01
"""Of the sheet's size in the picture: 3 % lens distortion bends the sheet by less; a false marker is far out."""
ROUNDS = 2
"""The second starts from corners that are good to a tenth of a pixel."""
SEEN_LIKENESS = 0.25
"""Anything else in a marker's place is below in 93 of 100 cases; markers blurred by up to three cells are above."""
SURE_MARKERS = 3
"""With three that agree it is known well enough where the others are, to say that they are not there."""
ENOUGH_MARKERS = 5
"""Twenty corners; all others are looked for where these say. Three and four were too few on one photo of a small
sheet, of whose 14 markers two could then be placed; five were enough there, and nothing else was tried."""
MOST_MARKERS = 0.5
"""Of a chart's; flat sheets of layout 1 have four of them where the 14 of layout 2 are."""
QR_DISPLACEMENT = 0.3
"""Of the code's side. It is found within 0.05 of where the markers put it; a code pasted on is not."""


@dataclass(frozen=True)
class ChartHints:
    """What the user says about the chart; None where the photo should tell.

    Attributes:
        scale: printed over nominal size, used where the QR code cannot be read.
        chart_id: which of several charts to measure, by the id in its QR code.
        corners_px: (4, 2) the page's corners in the upright photo, top left first, clockwise as printed.
        paper: name of the paper, for a sheet marked by its corners whose markers cannot be made out.
    """

    scale: float | None = None
    chart_id: str | None = None
    corners_px: Sequence[tuple[float, float]] | None = None
    paper: str | None = None


@dataclass(frozen=True)
class Sighting:
    """The chart in the photo and its marker corners: refined, or as detected where a marker is too blurred.

    Attributes:
        chart: the chart; when `read_from` is "markers", its scale, angle and id are the standard ones.
        read_from: "qr", or "markers" when the QR code could not be read, or "user" for a scale given by the user.
        marker_ids: (n,) ids of the markers.
        corners_page_mm: (n, 4, 2) their corners on the page.
        corners_px: (n, 4, 2) their corners in the photo.
        corner_sd_px: (n,) standard error of the corners.
        refined: (n,) whether the corners are those of lines fitted to the sides.
        findings: what looking for the chart brought up.
    """

    chart: Chart
    read_from: ReadFrom
    marker_ids: npt.NDArray[np.int_]
    corners_page_mm: Array
    corners_px: Array
    corner_sd_px: Array
    refined: npt.NDArray[np.bool_]
    findings: tuple[Finding, ...] = ()


def find_chart(photo: Photo, hints: ChartHints | None = None) -> Sighting:
    """Find the chart.

    The size of the print is what the QR code says; a photo of a screen, or of a print that was scaled after all,
    looks the same as a nearer or farther sheet, so that this cannot be noticed here.

    Raises:
        Refusal: no chart, several, too few markers, an unknown format, or QR and markers that disagree.
        ValueError: the hints are not what they should be, for example three corners.
    """
    hints = hints or ChartHints()
    small = reduced(photo, REDUCED_SIDE_PX)
    sheets, others = _sheets(photo, small)
    if hints.corners_px is not None:
        sheet = sheet_between(photo, np.reshape(hints.corners_px, (4, 2)).astype(np.float64), hints.paper, sheets)
    elif not sheets:
        refuse_damaged(photo.codes)
        raise why_no_chart(photo, others)
    else:
        sheet = _chosen(photo, sheets, hints.chart_id)
    # Without the margins: the white ones of a clean scan are as flat as lost rows.
    refuse_damaged(photo.codes, sheet.markers_px)
    refuse_dark_sheet(small, sheet)
    placed = place_markers(photo, sheet)
    named = _witness(photo, sheet, placed)
    if named is not None and hints.chart_id not in (None, named.id):
        raise Findings.OTHER_CHART.refusal(f"The chart in the photo is {named.id}, not {hints.chart_id}.")
    findings = completeness_findings(small, sheet, placed, others)
    return _sighting(sheet, placed, named, hints.scale, findings)


def _sheets(photo: Photo, small: ReducedPhoto) -> tuple[list[Sheet], list[SeenMarker]]:
    """Return the sheets that the quickest sufficient look shows, and the charts' markers that lie on none."""
    best: list[Sheet] = []
    others: list[SeenMarker] = []
    for seen in looks(photo, small):
        sheets, rest = tell_sheets_apart(seen)
        if _most(sheets) > _most(best) or (not best and len(rest) > len(others)):
            best, others = sheets, rest
        if _most(best) >= ENOUGH_MARKERS:
            break
    return best, others


def _most(sheets: Sequence[Sheet]) -> int:
    return len(sheets[0].members) if sheets else 0


def _chosen(photo: Photo, sheets: Sequence[Sheet], chart_id: str | None) -> Sheet:
    """Return the only sheet, or the one with the wanted id."""
    if len(sheets) == 1:
        return sheets[0]
    ids = [_id_on(photo, sheet) for sheet in sheets]
    wanted = [sheet for sheet, found in zip(sheets, ids, strict=True) if chart_id is not None and found == chart_id]
    if len(wanted) == 1:
        return wanted[0]
    charts = [
        f"{sheet.chart.design} {sheet.chart.paper} {found or 'with an unreadable id'} "
        f"at ({sheet.middle_px[0]:.0f}, {sheet.middle_px[1]:.0f}) px"
        for sheet, found in zip(sheets, ids, strict=True)
    ]
    raise Findings.TWO_CHARTS.refusal(f"{len(sheets)} charts in the photo: {'; '.join(charts)}.")


def _id_on(photo: Photo, sheet: Sheet) -> str | None:
    seen = read_qr(photo, sheet.page_map.pixels(sheet.chart.qr.corners_page_mm))
    return seen.chart.id if seen else None


def _witness(photo: Photo, sheet: Sheet, placed: PlacedMarkers) -> Chart | None:
    """Return the chart that the QR code names, which must be the one that the markers show.

    Raises:
        Refusal: the code is that of another chart or format version, or is not where the chart has it.
    """
    expected = placed.page_map.pixels(sheet.chart.qr.corners_page_mm)
    seen = read_qr(photo, expected)
    if seen is None:
        if placed.known.mean() < MOST_MARKERS:
            # Sheets of layout 1 have some markers where these have them, and the code nearer to the mark.
            between = (*sheet.chart.qr.corners_page_mm, sheet.chart.af_mark_page_mm)
            read_qr(photo, placed.page_map.pixels(between))
        return None
    design, paper = sheet.chart.design, sheet.chart.paper
    if (seen.chart.design, seen.chart.paper) != (design, paper):
        raise Findings.QR_CONTRADICTS_MARKERS.refusal(
            f"The markers are those of a {design} chart for {paper}, "
            f"the QR code says {seen.chart.design} for {seen.chart.paper}.",
        )
    side = float(np.linalg.norm(expected - np.roll(expected, 1, axis=0), axis=1).mean())
    if np.linalg.norm(seen.corners_px - expected, axis=1).max() > QR_DISPLACEMENT * side:
        raise Findings.QR_CONTRADICTS_MARKERS.refusal("The QR code is not where the markers say that it should be.")
    return seen.chart


def _sighting(
    sheet: Sheet, placed: PlacedMarkers, named: Chart | None, scale: float | None, findings: tuple[Finding, ...]
) -> Sighting:
    chart = named or (build_chart(sheet.chart.design, sheet.chart.paper, scale) if scale else sheet.chart)
    known = placed.known
    return Sighting(
        chart=chart,
        read_from="qr" if named else "user" if scale else "markers",
        marker_ids=np.array([marker.id for marker in sheet.chart.markers])[known],
        corners_page_mm=placed.page_mm[known] * chart.scale,
        corners_px=placed.corners_px[known],
        corner_sd_px=placed.sd_px[known],
        refined=placed.refined[known],
        findings=findings,
    )


@dataclass(frozen=True, eq=False)
class PlacedMarkers:
    """All markers of a chart, in its order; arrays have length n.

    Attributes:
        page_mm: (n, 4, 2) corners on the page at scale 1.
        corners_px: (n, 4, 2) corners in the photo.
        sd_px: standard error of the corners.
        known: whether the marker has a place; the others hold nothing of use.
        refined: whether its corners are those of lines fitted to its sides, not those of the detector.
        page_map: from the page to the photo, as the refined markers have it.
    """

    page_mm: Array
    corners_px: Array
    sd_px: Array
    known: npt.NDArray[np.bool_]
    refined: npt.NDArray[np.bool_]
    page_map: PageMap


def place_markers(photo: Photo, sheet: Sheet) -> PlacedMarkers:
    """Refine every marker from where the sheet's homography expects it, then again from the better homography.

    Raises:
        Refusal: fewer than three markers have a place.
    """
    page = np.array([marker.corners_page_mm for marker in sheet.chart.markers], dtype=np.float64)
    panels = np.array(marker_panels(sheet.chart))
    page_map = sheet.page_map
    for _ in range(ROUNDS):
        corners = refine_corners(photo, page_map.pixels(page))
        refined = corners.ok & _agreeing(page, corners.corners_px, corners.ok, panels)
        page_map = _better(page_map, page, corners.corners_px, refined, panels)
    seen = {marker.id: marker.corners_px for marker in sheet.members}
    pixels = np.array([seen.get(marker.id, np.full((4, 2), np.nan)) for marker in sheet.chart.markers])
    cell_px = np.linalg.norm(pixels - np.roll(pixels, 1, axis=1), axis=2).mean(axis=1) / CELLS
    known = np.isfinite(cell_px) & _agreeing(page, pixels, np.isfinite(cell_px), panels)
    pixels[refined], known = corners.corners_px[refined], known | refined
    if known.sum() < MIN_MARKERS:
        raise Findings.TOO_FEW_MARKERS.refusal(f"Only {int(known.sum())} of {len(page)} markers can be placed.")
    sd = np.where(refined, corners.sd_px, ROUGH_SD_CELLS * cell_px)
    return PlacedMarkers(page, pixels, sd, known, refined, page_map)


def _better(
    page_map: PageMap, page: Array, pixels: Array, refined: Chosen, panels: npt.NDArray[np.int_]
) -> PageMap:
    """Return the map with new homographies of those panels that have enough refined markers."""
    for panel in range(len(page_map.homographies)):
        chosen = refined & (panels == panel)
        homography = fit_homography(page[chosen], pixels[chosen]) if chosen.sum() >= ENOUGH_FOR_A_PLANE else None
        page_map = page_map if homography is None else page_map.with_panel(panel, homography)
    return page_map


def _agreeing(page: Array, corners_px: Array, ok: Chosen, panels: npt.NDArray[np.int_]) -> Chosen:
    """Whether each marker lies where one homography of most markers of its panel puts it."""
    agree = np.zeros_like(ok)
    for panel in np.unique(panels):
        own = panels == panel
        agree[own] = _on_one_plane(page[own], corners_px[own], ok[own])
    return agree


def _on_one_plane(page: Array, corners_px: Array, ok: Chosen) -> Chosen:
    import cv2

    if ok.sum() < ENOUGH_FOR_A_PLANE:
        return ok
    found = corners_px[ok].reshape(-1, 2)
    tolerance = MAX_DISAGREEMENT * float(np.linalg.norm(np.ptp(found, axis=0)))
    homography = found_matrix(cv2.findHomography(page[ok].reshape(-1, 2), found, cv2.RANSAC, tolerance)[0])
    if homography is None:
        return np.zeros_like(ok)
    distance = np.linalg.norm(map_points(homography, page) - np.nan_to_num(corners_px), axis=2)
    agree: Chosen = distance.max(axis=1) < tolerance
    return agree


def completeness_findings(
    small: ReducedPhoto, sheet: Sheet, placed: PlacedMarkers, others: Sequence[SeenMarker]
) -> tuple[Finding, ...]:
    """Return what is amiss: most of the sheet hidden, or markers of another chart (`others` lie on no sheet)."""
    found = []
    quads = placed.page_map.pixels(placed.page_mm)
    seen = (likeness(small, quads, [marker.id for marker in sheet.chart.markers]) > SEEN_LIKENESS) | placed.refined
    part = float(seen.mean())
    if Findings.HALF_COVERED.crossed(part) and placed.known.sum() >= SURE_MARKERS:
        found.append(
            Findings.HALF_COVERED.finding(
                f"Only {int(seen.sum())} of the sheet's {len(seen)} markers can be seen.", part
            )
        )
    if genuine(small, others):
        found.append(Findings.PART_OF_ANOTHER_CHART.finding())
    return tuple(found)
