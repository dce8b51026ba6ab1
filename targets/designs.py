"""The chart designs, and how to get the chart of a given design, paper, scale, angle and id."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from .chart import Chart
from .errors import ChartError
from .flat import FlatSheet
from .ids import ID_ALPHABET, ID_LENGTH, MARKER_IDS, PAPERS, Paper, QrText, id_from_digest, is_chart_id
from .sheet import Sheet
from .wall import WallSheet
from .zfold import ZfoldSheet


@dataclass(frozen=True)
class Design:
    """A family of charts: what lays one out for paper, scale, angle and id, and for which angles."""

    sheet: Callable[[Paper, float, float, str], Sheet]
    angle_range_deg: tuple[float, float]
    default_angle_deg: float


BUILDERS = {
    # Outside, either the depth range or the width of the sheet in the photo becomes too small.
    "flat": Design(FlatSheet, (20.0, 70.0), 45.0),
    # The same for a wing; steeper than 65°, it also hides behind itself when the camera stands a little aside.
    "zfold": Design(ZfoldSheet, (25.0, 65.0), 45.0),
    "wall": Design(WallSheet, (0.0, 0.0), 0.0),
}
SCALE_RANGE = (0.6, 4.0)
"""Smaller, the margin falls below the 5 mm that printers need; larger, the page leaves every printer."""


def build_chart(
    design: str = "flat",
    paper: str = "a4",
    scale: float = 1.0,
    angle_deg: float | None = None,
    chart_id: str | None = None,
) -> Chart:
    """Return the chart; the same arguments always give the same chart.

    Args:
        design: name of the design: "flat", "zfold" or "wall".
        paper: name of a paper in `PAPERS`.
        scale: printed size over the design's nominal size; the page grows with it.
        angle_deg: tilt or fold that the depth numbers are printed for; None for the design's usual one.
        chart_id: seven capital letters and digits; None for one that follows from the other arguments.

    Raises:
        ChartError: an argument is outside of what can be made.
    """
    if design not in BUILDERS:
        raise ChartError(f"no design {design!r}; there are: {', '.join(BUILDERS)}.")
    papers = [paper for of, paper in MARKER_IDS if of == design]
    if paper not in papers:
        raise ChartError(f"no paper {paper!r}; there are: {', '.join(papers)}.")
    kind = BUILDERS[design]
    angle_deg = kind.default_angle_deg if angle_deg is None else angle_deg
    scale, angle_deg = round(scale, 3), round(angle_deg, 1)
    if not SCALE_RANGE[0] <= scale <= SCALE_RANGE[1]:
        raise ChartError(f"scale {scale:g} is outside of {SCALE_RANGE[0]:g} to {SCALE_RANGE[1]:g}.")
    low, high = kind.angle_range_deg
    if not low <= angle_deg <= high:
        told = f"{low:g}° to {high:g}°" if low < high else f"{low:g}°, the only one there is"
        raise ChartError(f"angle {angle_deg:g}° is outside of {told} for {design}.")
    if chart_id is None:
        chart_id = _default_id(design, paper, scale, angle_deg)
    if not is_chart_id(chart_id):
        raise ChartError(f"chart id {chart_id!r} must be {ID_LENGTH} of {ID_ALPHABET}.")
    return kind.sheet(PAPERS[paper], scale, angle_deg, chart_id).chart()


def chart_from_qr(text: QrText) -> Chart:
    """Return the chart that a QR text names.

    Raises:
        ChartError: the text is well formed but this program makes no such chart.
    """
    return build_chart(text.design, text.paper, text.scale, text.angle_deg, text.id)


def _default_id(design: str, paper: str, scale: float, angle_deg: float) -> str:
    digest = hashlib.sha256(f"{design}/{paper}/{scale:.3f}/{angle_deg:.1f}".encode()).digest()
    return id_from_digest(digest)
