"""Where a sheet's markers really are: every marker refined in the photo's own pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.targets.markers import CELLS
from backfocus.verify.fiducials.markers.corners import refine_corners
from backfocus.verify.fiducials.planar import Array, fit_homography, found_matrix, map_points
from backfocus.verify.fiducials.sheets.page_map import PageMap, marker_panels
from backfocus.verify.fiducials.sheets.sheet import Sheet
from backfocus.verify.findings import refusal
from backfocus.verify.photo.reading import Photo

Chosen = npt.NDArray[np.bool_]

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
        raise refusal("too-few-markers", f"Only {int(known.sum())} of {len(page)} markers can be placed.")
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
