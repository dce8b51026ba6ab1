"""The offset of red, green and blue light: the lens's longitudinal colour.

The sheet is where the grey photo has it; only blur and focus are found anew in each colour.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from backfocus.targets import Chart
from backfocus.verify.edges.printed import measure_edges
from backfocus.verify.findings import Refusal, finding
from backfocus.verify.focus.plane import FocusPlane, find_focus_plane
from backfocus.verify.geometry.pose import Pose
from backfocus.verify.measurement import Colour, ColourOffset, Measurement
from backfocus.verify.photo.reading import Photo, read_photo
from backfocus.verify.reckoning import refuse_doubtful, sheet_bound

COLOURS: tuple[Colour, ...] = ("red", "green", "blue")
JPEG_SHRINKS = 6.0
"""How much may be missing, over the largest difference to grey that is left of any colour in a JPEG: up to 4.6 at
quality 90. Coarse colour over fine grey bends the blur curve differently on both sides of focus."""


def with_colours(measurement: Measurement, path: str | Path, chart: Chart, pose: Pose) -> Measurement:
    """Return a measurement with the offset of each colour; None where it has no measurable blur on the sheet.

    Args:
        measurement: of the grey photo.
        path: the photo, which is read again, a colour at a time.
        chart: the chart in it.
        pose: from the grey photo.
    """
    assert measurement.offset_mm is not None
    planes: dict[Colour, FocusPlane | None] = {}
    for colour in COLOURS:
        photo = read_photo(path, plane=colour)
        planes[colour] = _focus_plane(photo, chart, pose)
    left = [abs(plane.curve.offset_mm - measurement.offset_mm) for plane in planes.values() if plane is not None]
    missing_mm = JPEG_SHRINKS * max(left, default=0.0) if photo.has_jpeg_colours else 0.0
    channels = {colour: _colour_offset(plane, missing_mm) for colour, plane in planes.items()}
    findings = (finding("jpeg-colours"),) if photo.has_jpeg_colours else ()
    return replace(measurement, channels_mm=channels, findings=(*measurement.findings, *findings))


def _focus_plane(photo: Photo, chart: Chart, pose: Pose) -> FocusPlane | None:
    try:
        plane = find_focus_plane(measure_edges(photo, chart, pose), pose)
        refuse_doubtful(pose, plane.curve, plane.interval)
    except Refusal:
        return None
    return plane if sheet_bound(plane.curve) is None else None


def _colour_offset(plane: FocusPlane | None, missing_mm: float) -> ColourOffset:
    if plane is None:
        return ColourOffset(None, None)
    offset = plane.curve.offset_mm
    half = math.hypot(plane.interval.total_mm, missing_mm)
    return ColourOffset(offset, (offset - half, offset + half))
