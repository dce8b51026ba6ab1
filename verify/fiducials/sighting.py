"""Which chart the photo shows, and where its fiducials are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart, build_chart
from backfocus.verify.fiducials.by_hand import sheet_between
from backfocus.verify.fiducials.doubts.absence import why_no_chart
from backfocus.verify.fiducials.doubts.completeness import completeness_findings
from backfocus.verify.fiducials.doubts.exposure import refuse_dark_sheet
from backfocus.verify.fiducials.markers.detecting import REDUCED_SIDE_PX, SeenMarker, looks
from backfocus.verify.fiducials.markers.refining import PlacedMarkers, place_markers
from backfocus.verify.fiducials.planar import Array
from backfocus.verify.fiducials.qr import read_qr
from backfocus.verify.fiducials.reduced import reduced
from backfocus.verify.fiducials.sheets.sheet import Sheet
from backfocus.verify.fiducials.sheets.telling_apart import tell_sheets_apart
from backfocus.verify.findings import Finding, refusal
from backfocus.verify.photo.reading import Photo

ENOUGH_MARKERS = 3
"""Twelve corners that agree; all others are looked for where these say."""
QR_DISPLACEMENT = 0.3
"""Of the code's side. It is found within 0.05 of where the markers put it; a code pasted on is not."""

ReadFrom = Literal["qr", "markers", "user"]


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
    sheets, others = _sheets(photo)
    if hints.corners_px is not None:
        sheet = sheet_between(photo, np.reshape(hints.corners_px, (4, 2)).astype(np.float64), hints.paper, sheets)
    elif not sheets:
        raise why_no_chart(photo, others)
    else:
        sheet = _chosen(photo, sheets, hints.chart_id)
    small = reduced(photo, REDUCED_SIDE_PX)
    refuse_dark_sheet(small, sheet)
    placed = place_markers(photo, sheet)
    named = _witness(photo, sheet, placed)
    if named is not None and hints.chart_id not in (None, named.id):
        raise refusal("other-chart", f"The chart in the photo is {named.id}, not {hints.chart_id}.")
    findings = completeness_findings(small, sheet, placed, others)
    return _sighting(sheet, placed, named, hints.scale, findings)


def _sheets(photo: Photo) -> tuple[list[Sheet], list[SeenMarker]]:
    """Return the sheets that the quickest sufficient look shows, and the charts' markers that lie on none."""
    best: list[Sheet] = []
    others: list[SeenMarker] = []
    for seen in looks(photo):
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
    raise refusal("two-charts", f"{len(sheets)} charts in the photo: {'; '.join(charts)}.")


def _id_on(photo: Photo, sheet: Sheet) -> str | None:
    seen = read_qr(photo, sheet.page_map.pixels(sheet.chart.qr.corners_page_mm))
    return seen.chart.id if seen else None


def _witness(photo: Photo, sheet: Sheet, placed: PlacedMarkers) -> Chart | None:
    """Return the chart that the QR code names, which must be the one that the markers show.

    Raises:
        Refusal: the code is that of another chart, or is not where the chart has it.
    """
    expected = placed.page_map.pixels(sheet.chart.qr.corners_page_mm)
    seen = read_qr(photo, expected)
    if seen is None:
        return None
    design, paper = sheet.chart.design, sheet.chart.paper
    if (seen.chart.design, seen.chart.paper) != (design, paper):
        raise refusal(
            "qr-contradicts-markers",
            f"The markers are those of a {design} chart for {paper}, "
            f"the QR code says {seen.chart.design} for {seen.chart.paper}.",
        )
    side = float(np.linalg.norm(expected - np.roll(expected, 1, axis=0), axis=1).mean())
    if np.linalg.norm(seen.corners_px - expected, axis=1).max() > QR_DISPLACEMENT * side:
        raise refusal("qr-contradicts-markers", "The QR code is not where the markers say that it should be.")
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
