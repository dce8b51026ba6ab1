"""Which sheet to print: the smallest that suits lens, distance and picture."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from backfocus.targets import Chart, build_chart
from backfocus.verify.geometry.frames import sheet_from_page
from backfocus.verify.observations import NARROW_SIDE, SMALL_BAR_PX
from backfocus.verify.planning.precision import (
    ExpectedInterval,
    expected_interval,
    floor_px,
    measurable_pieces,
    slope_px_per_mm,
)
from backfocus.verify.planning.setup import Setup

DESIGN = "flat"
SCALES = (1.0, 2**0.5, 2.0, 8**0.5, 0.5**0.5)
"""Of a paper, by which it becomes the next of the A series: full size first, then larger, then a smaller one."""
FITS = 0.95
"""Of the picture's height and width: some room to aim."""
NEEDED_STEPS = 5
"""Of focus error to be seen on the sheet: more is told as at least so much, and one change brings it in range."""


@dataclass(frozen=True)
class PlannedSheet:
    """A sheet as the planned photo has it.

    Attributes:
        camera: held "upright" or "across", whichever leaves more room.
        fills: the sheet's height or width over the picture's, whichever is larger.
        interval: what to expect of one shot; None where the sheet cannot tell focus.
        depth_range_mm: nearest and farthest printed edge, from the AF mark, positive away from the camera.
        doubts: what does not suit, in sentences; empty for a sheet that does.
    """

    chart: Chart
    camera: Literal["upright", "across"]
    fills: float
    interval: ExpectedInterval | None
    depth_range_mm: tuple[float, float]
    doubts: tuple[str, ...]


def choose_sheet(setup: Setup, step_mm: float | None, paper: str | None = None) -> PlannedSheet:
    """Return the first sheet that suits, full-size ones before others; else the first with the fewest doubts.

    Args:
        setup: lens, sensor and distance.
        step_mm: how far an AF step moves focus; None if unknown.
        paper: the only paper to use; None for A4 and A3.
    """
    sizes = [(name, scale) for scale in SCALES for name in ([paper] if paper else ["a4", "a3"])]
    sheets = []
    for name, scale in sizes:
        sheets.append(_planned(build_chart(DESIGN, name, scale), setup, step_mm))
        if not sheets[-1].doubts:
            return sheets[-1]
    return min(sheets, key=lambda sheet: len(sheet.doubts))


def _planned(chart: Chart, setup: Setup, step_mm: float | None) -> PlannedSheet:
    camera, fills = _picture(chart, setup)
    doubts = [*_size_doubts(chart, setup, fills), *_depth_doubts(chart, setup, step_mm)]
    return PlannedSheet(
        chart, camera, fills, expected_interval(chart, setup), _depth_range_mm(chart), tuple(doubts)
    )


def _size_doubts(chart: Chart, setup: Setup, fills: float) -> Iterator[str]:
    """Yield what is wrong with the sheet's size in the picture."""
    ratio, farthest = setup.distance_mm / setup.focal_length_mm, chart.widest_distance_over_focal_length
    if ratio > farthest:
        yield (
            f"At {ratio:.0f} focal lengths autofocus may see more than the AF mark; the sheet is good up to "
            f"{farthest:.0f}. Stand nearer or print larger."
        )
    if fills > FITS:
        yield "The sheet does not fit into the picture. Stand farther away or print smaller."
    pieces = measurable_pieces(chart, setup)
    bar_px = float(np.median(pieces.clear_px)) if len(pieces.clear_px) else 0.0
    if bar_px < SMALL_BAR_PX:
        yield f"The bars will be only {bar_px:.0f} px wide in the picture. Stand nearer or print larger."


def _depth_doubts(chart: Chart, setup: Setup, step_mm: float | None) -> Iterator[str]:
    """Yield what is wrong with the sheet's depth."""
    near, far = _depth_range_mm(chart)
    side = min(-near, far)
    if side < NARROW_SIDE * floor_px(setup) / slope_px_per_mm(setup):
        yield "Blur hardly changes over the sheet. Stand nearer, print larger or open the aperture."
    if step_mm is not None and side < NEEDED_STEPS * step_mm:
        yield (
            f"The sheet's depth covers {side / step_mm:.1f} AF steps to either side; a larger error is told as at "
            "least so much."
        )


def _picture(chart: Chart, setup: Setup) -> tuple[Literal["upright", "across"], float]:
    """Return how to hold the camera, and the sheet's size over the picture's, with the AF mark in its middle."""
    tilt = math.radians(chart.angle_deg)
    image_mm = setup.focal_px * setup.pitch_mm
    across = up = 0.0
    for x, y, _ in sheet_from_page(chart, chart.panels[0].outline_page_mm):
        depth = max(setup.distance_mm + y * math.sin(tilt), setup.focal_length_mm)
        across = max(across, 2 * abs(x) * image_mm / depth)
        up = max(up, 2 * abs(y) * math.cos(tilt) * image_mm / depth)
    long, short = setup.sensor_mm
    fills = {"across": max(across / long, up / short), "upright": max(across / short, up / long)}
    return ("across", fills["across"]) if fills["across"] <= fills["upright"] else ("upright", fills["upright"])


def _depth_range_mm(chart: Chart) -> tuple[float, float]:
    ends = sheet_from_page(chart, (end for edge in chart.edges for end in (edge.from_page_mm, edge.to_page_mm)))
    depth = ends[:, 1] * math.sin(math.radians(chart.angle_deg))
    return float(depth.min()), float(depth.max())
