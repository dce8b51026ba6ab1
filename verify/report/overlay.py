"""What is drawn on a photo, as numbers: the sheet cut out, the lines of AF mark and of sharpest focus on it.

The annotated picture draws them with Matplotlib; the web page lays them over the photo, and takes them off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ..detect.find_chart import Sighting
from ..geometry import Pose, sheet_from_page
from ..measure import Analysis

Array = npt.NDArray[np.float64]
Points = tuple[tuple[float, float], ...]

MARGIN = 0.12
"""Of the sheet's size in the picture, shown around it."""
LEAST_DEPTH = 0.15
"""Of a panel's size: a panel that stands up, but a few degrees askew, has 0.1."""
QUALITY = 85
"""Of the JPEG, at which edges keep their blur for the eye."""
SCREEN_GAMMA = 2.2
"""Of sRGB, as one number (IEC 61966-2-1)."""


@dataclass(frozen=True)
class SheetPicture:
    """The sheet cut out of its photo, as a JPEG, and lines for it in pixels of this picture.

    Attributes:
        mark: lines at the depth of the AF mark, one a panel.
        focus: lines in the plane of sharpest focus.
        band: outlines of what its interval covers.
    """

    jpeg: bytes
    width: int
    height: int
    markers: tuple[Points, ...] = ()
    mark: tuple[Points, ...] = ()
    focus: tuple[Points, ...] = ()
    band: tuple[Points, ...] = ()


def sheet_picture(analysis: Analysis, longest_px: int) -> SheetPicture:
    """Return the sheet in a photo, at most so many pixels long; of a photo without a chart all of it."""
    small, window = sheet_cut_out(analysis, longest_px)
    return _drawn(analysis, small, window)


def mark_picture(analysis: Analysis, width_px: int, height_px: int) -> SheetPicture | None:
    """Return what is around the AF mark, pixel by pixel, so far as the photo has it; None without a chart."""
    if analysis.pose is None:
        return None
    codes = analysis.photo.codes
    rows, columns = codes.shape
    x, y = np.round(analysis.pose.project(np.zeros((1, 3)))[0]).astype(int)
    if not (0 <= x < columns and 0 <= y < rows):
        return None
    left, top = max(0, int(x) - width_px // 2), max(0, int(y) - height_px // 2)
    right, bottom = min(columns, int(x) + width_px // 2), min(rows, int(y) + height_px // 2)
    return _drawn(analysis, codes[top:bottom, left:right], (left, top, right, bottom))


def _drawn(analysis: Analysis, part: npt.NDArray[Any], window: tuple[int, int, int, int]) -> SheetPicture:
    """Return a part of a photo, perhaps made smaller, with lines; the window is left, top, right, bottom in it."""
    left, top, right, bottom = window
    if part.dtype == np.uint16:
        # Screens want the square root of light, more or less, which is what 8 bits hold already.
        part = (255.0 * analysis.photo.light_of_code ** (1 / SCREEN_GAMMA)).astype(np.uint8)[part]
    encoded, jpeg = cv2.imencode(".jpg", part, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    assert encoded
    rows, columns = part.shape
    shift, factor = np.array([left, top]), np.array([columns / (right - left), rows / (bottom - top)])

    def here(points: Array) -> Points:
        # Pixel (0, 0) is the centre of a pixel; lines of a picture count from its corner.
        return tuple((float(x), float(y)) for x, y in np.round((points + 0.5 - shift) * factor, 1))

    if analysis.sighting is None:
        return SheetPicture(jpeg.tobytes(), columns, rows)
    markers = tuple(here(quad) for quad in analysis.sighting.corners_px)
    pose, measurement = analysis.pose, analysis.measurement
    if pose is None:
        return SheetPicture(jpeg.tobytes(), columns, rows, markers)
    panels = outlines(analysis.sighting)
    mark = tuple(map(here, lines_at_depth(pose, panels, 0.0)))
    if measurement.offset_mm is None or measurement.offset_ci95_mm is None:
        return SheetPicture(jpeg.tobytes(), columns, rows, markers, mark)
    low, high = (lines_at_depth(pose, panels, depth) for depth in measurement.offset_ci95_mm)
    focus = tuple(map(here, lines_at_depth(pose, panels, measurement.offset_mm)))
    band = tuple(here(np.vstack([one, other[::-1]])) for one, other in zip(low, high, strict=False))
    return SheetPicture(jpeg.tobytes(), columns, rows, markers, mark, focus, band)


def sheet_cut_out(analysis: Analysis, longest_px: int) -> tuple[npt.NDArray[Any], tuple[int, int, int, int]]:
    """Return the code values around the sheet, made smaller if need be; left, top, right, bottom in the photo."""
    codes = analysis.photo.codes
    rows, columns = codes.shape
    left, top, right, bottom = 0, 0, columns, rows
    if analysis.sighting is not None and analysis.pose is not None:
        left, top, right, bottom = _surroundings(analysis.sighting, analysis.pose, columns, rows)
    part = codes[top:bottom, left:right]
    factor = min(1.0, longest_px / max(part.shape))
    size = (max(1, round(part.shape[1] * factor)), max(1, round(part.shape[0] * factor)))
    return cv2.resize(np.ascontiguousarray(part), size, interpolation=cv2.INTER_AREA), (left, top, right, bottom)


def outlines(sighting: Sighting) -> list[Array]:
    """Return the outline of every panel in the sheet frame, mm."""
    return [sheet_from_page(sighting.chart, panel.outline_page_mm) for panel in sighting.chart.panels]


def lines_at_depth(pose: Pose, panels: Sequence[Array], depth_mm: float) -> list[Array]:
    """Return (k, 2) pixels of the line at a depth from the AF mark, on each panel that has one."""
    lines = (_line_at_depth(pose, outline, depth_mm) for outline in panels if not _faces_camera(pose, outline))
    return [line for line in lines if line is not None]


def _faces_camera(pose: Pose, outline: Array) -> bool:
    """Whether a panel has hardly any depth, so that a line of equal depth on it says nothing."""
    middle = outline.mean(axis=0)
    inside = middle + 0.99 * (outline - middle)
    return float(np.ptp(pose.depth_mm(inside))) < LEAST_DEPTH * float(np.ptp(outline[:, :2]))


def _line_at_depth(pose: Pose, outline: Array, depth_mm: float) -> Array | None:
    """Return (k, 2) pixels of the line on a panel at a depth from the AF mark, or None if it misses the panel."""
    depth = pose.depth_mm(outline) - pose.distance_mm - depth_mm
    crossings = []
    for index in range(len(outline)):
        other = (index + 1) % len(outline)
        if depth[index] * depth[other] < 0:
            part = depth[index] / (depth[index] - depth[other])
            crossings.append(outline[index] + part * (outline[other] - outline[index]))
    if len(crossings) < 2:
        return None
    along = np.linspace(0.0, 1.0, 20)[:, None]
    return pose.project(crossings[0] + along * (crossings[1] - crossings[0]))


def _surroundings(sighting: Sighting, pose: Pose, columns: int, rows: int) -> tuple[int, int, int, int]:
    outline = pose.project(np.concatenate(outlines(sighting)))
    low, high = outline.min(axis=0), outline.max(axis=0)
    margin = MARGIN * (high - low)
    left, top = np.clip(low - margin, 0, None).astype(int)
    right, bottom = np.ceil(high + margin).astype(int)
    return int(left), int(top), min(int(right), columns), min(int(bottom), rows)
