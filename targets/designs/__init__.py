"""The chart designs, and how to get the chart of a given design, paper, scale, angle and id."""

from __future__ import annotations

import hashlib

from backfocus.targets.chart import Chart
from backfocus.targets.designs.flat import DEFAULT_ANGLE_DEG, flat_chart
from backfocus.targets.papers import PAPERS
from backfocus.targets.qrtext import ID_ALPHABET, ID_LENGTH, QrText

BUILDERS = {"flat": flat_chart}
SCALE_RANGE = (0.6, 4.0)
"""Smaller, the margin falls below the 5 mm that printers need; larger, the page leaves every printer."""
ANGLE_RANGE_DEG = (20.0, 70.0)
"""Outside, either the depth range or the width of the sheet in the photo becomes too small."""


class ChartError(ValueError):
    """No such chart can be made; the message says what can be."""


def build_chart(
    design: str = "flat",
    paper: str = "a4",
    scale: float = 1.0,
    angle_deg: float = DEFAULT_ANGLE_DEG,
    chart_id: str | None = None,
) -> Chart:
    """Return the chart; the same arguments always give the same chart.

    Args:
        design: name of the design, "flat".
        paper: name of a paper in `PAPERS`.
        scale: printed size over the design's nominal size; the page grows with it.
        angle_deg: tilt that the depth numbers are printed for.
        chart_id: seven capital letters and digits; None for one that follows from the other arguments.

    Raises:
        ChartError: an argument is outside of what can be made.
    """
    if design not in BUILDERS:
        raise ChartError(f"no design {design!r}; there are: {', '.join(BUILDERS)}")
    if paper not in PAPERS:
        raise ChartError(f"no paper {paper!r}; there are: {', '.join(PAPERS)}")
    scale, angle_deg = round(scale, 3), round(angle_deg, 1)
    if not SCALE_RANGE[0] <= scale <= SCALE_RANGE[1]:
        raise ChartError(f"scale {scale:g} is outside of {SCALE_RANGE[0]:g} to {SCALE_RANGE[1]:g}")
    if not ANGLE_RANGE_DEG[0] <= angle_deg <= ANGLE_RANGE_DEG[1]:
        low, high = ANGLE_RANGE_DEG
        raise ChartError(f"angle {angle_deg:g}° is outside of {low:g}° to {high:g}°")
    if chart_id is None:
        chart_id = _default_id(design, paper, scale, angle_deg)
    if len(chart_id) != ID_LENGTH or not set(chart_id) <= set(ID_ALPHABET):
        raise ChartError(f"chart id {chart_id!r} must be {ID_LENGTH} of {ID_ALPHABET}")
    return BUILDERS[design](PAPERS[paper], scale, angle_deg, chart_id)


def chart_from_qr(text: QrText) -> Chart:
    """Return the chart that a QR text names.

    Raises:
        ChartError: the text is well formed but this program makes no such chart.
    """
    return build_chart(text.design, text.paper, text.scale, text.angle_deg, text.id)


def _default_id(design: str, paper: str, scale: float, angle_deg: float) -> str:
    digest = hashlib.sha256(f"{design}/{paper}/{scale:.3f}/{angle_deg:.1f}".encode()).digest()
    return "".join(ID_ALPHABET[byte % len(ID_ALPHABET)] for byte in digest[:ID_LENGTH])
