"""The wings of a folded sheet: found from their own markers and from the fold that joins them to the middle."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from backfocus.targets import Chart
from backfocus.verify.fiducials.markers.detecting import SeenMarker
from backfocus.verify.fiducials.planar import Array, fit_homography, map_points
from backfocus.verify.fiducials.sheets.page_map import PageMap
from backfocus.verify.fiducials.sheets.sheet import Sheet
from backfocus.verify.geometry.folds import folds_of
from backfocus.verify.geometry.frames import sheet_from_page

HINGE_POINTS = 5
HINGE_TOLERANCE = 0.02
"""Of the hinge's length: markers of a wing whose homography leaves the fold by more are those of another sheet."""


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
    homography = fit_homography(page, pixels)
    if homography is None:
        return None
    off = np.linalg.norm(map_points(homography, page) - pixels, axis=1).max()
    return homography if off < HINGE_TOLERANCE * np.linalg.norm(hinge_px[-1] - hinge_px[0]) else None


def _as_printed(chart: Chart, homography: Array, outwards: Array, at_mm: Array, angle_rad: float) -> Array:
    """Return about where a wing without any seen marker is: foreshortened by the fold as from far away."""
    corners = np.asarray(chart.panels[0].outline_page_mm, dtype=np.float64)
    beyond = (sheet_from_page(chart, corners)[:, :2] - at_mm) @ outwards
    page_outwards = outwards * (1.0, -1.0)
    seen_at = corners + (beyond * (math.cos(angle_rad) - 1.0))[:, None] * page_outwards
    foreshortened = fit_homography(corners, seen_at)
    assert foreshortened is not None
    return homography @ foreshortened
