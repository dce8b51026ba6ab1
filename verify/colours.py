"""The offset of red, green and blue light: the lens's longitudinal colour.

The sheet is where the grey photo has it; only blur and focus are found anew in each colour.
"""

from __future__ import annotations

from pathlib import Path

from backfocus.targets import Chart
from backfocus.verify.edges.printed import measure_edges
from backfocus.verify.findings import Refusal
from backfocus.verify.focus.plane import find_focus_plane
from backfocus.verify.geometry.pose import Pose
from backfocus.verify.measurement import Colour, ColourOffset
from backfocus.verify.photo.reading import read_photo
from backfocus.verify.reckoning import refuse_doubtful, sheet_bound

COLOURS: tuple[Colour, ...] = ("red", "green", "blue")


def measure_colours(path: str | Path, chart: Chart, pose: Pose) -> dict[Colour, ColourOffset]:
    """Return the offset of each colour; None where its blur cannot be measured, or is least beyond the sheet.

    Args:
        path: the photo, which is read again, a colour at a time.
        chart: the chart in it.
        pose: from the grey photo.
    """
    return {colour: _measure_colour(path, colour, chart, pose) for colour in COLOURS}


def _measure_colour(path: str | Path, colour: Colour, chart: Chart, pose: Pose) -> ColourOffset:
    photo = read_photo(path, plane=colour)
    try:
        plane = find_focus_plane(measure_edges(photo, chart, pose), pose)
        refuse_doubtful(pose, plane.samples, plane.curve, plane.interval)
    except Refusal:
        return ColourOffset(None, None)
    if sheet_bound(plane.curve) is not None:
        return ColourOffset(None, None)
    offset, half = plane.curve.offset_mm, plane.interval.total_mm
    return ColourOffset(offset, (offset - half, offset + half))
