"""The photo with what was measured drawn on it, and the blur curve beside it."""

from __future__ import annotations

from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..detect.find_chart import Sighting
from ..geometry import Pose
from ..measure import Analysis
from ..photo.opening import DRAWN_BY
from .overlay import lines_at_depth, outlines, sheet_cut_out
from .plots import FOCUS, MARK, STYLE, draw_blur_curve, saved
from .text import headline, measurement_text

Array = npt.NDArray[np.float64]

LONGEST_PX = 1600
"""Of the photo in the drawing: enough for a screen."""
MARKER = "#009e73"
"""Green that colour-blind people tell from the colours of mark and focus (Okabe and Ito)."""


@mpl.rc_context(STYLE)
def annotated_png(analysis: Analysis) -> bytes:
    """Return a PNG picture of the analysis; a photo that was refused shows as far as it was understood."""
    figure = Figure(figsize=(15, 8), dpi=100)
    left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
    _draw_photo(left, analysis)
    _draw_curve(right, analysis)
    m = analysis.measurement
    figure.suptitle("\n".join([*([m.answer.dial] if m.answer else []), f"{m.photo}: {headline(m)}"]), fontsize=12)
    return saved(figure, "png", metadata={"Software": DRAWN_BY})


def annotated_photo(analysis: Analysis, longest_px: int) -> bytes:
    """Return the photo with what was measured drawn on it, without the curve, as a small JPEG picture."""
    figure = Figure(figsize=(longest_px / 100, 0.67 * longest_px / 100), dpi=100, layout="tight")
    _draw_photo(figure.subplots(), analysis)
    return saved(figure, "jpeg", bbox_inches="tight", pad_inches=0.02, pil_kwargs={"quality": 80})


def _draw_photo(axes: Axes, analysis: Analysis) -> None:
    codes = analysis.photo.codes
    small, (left, top, right, bottom) = sheet_cut_out(analysis, LONGEST_PX)
    brightest = 65535 if codes.dtype == np.uint16 else 255
    extent = (left - 0.5, right - 0.5, bottom - 0.5, top - 0.5)
    axes.imshow(small, cmap="gray", vmin=0, vmax=brightest, extent=extent)
    axes.set_axis_off()
    if analysis.sighting is None:
        return
    for quad in analysis.sighting.corners_px:
        axes.plot(*np.vstack([quad, quad[:1]]).T, color=MARKER, linewidth=1.5)
    if analysis.pose is not None:
        _draw_lines(axes, analysis, analysis.sighting, analysis.pose)
    axes.set_xlim(extent[0], extent[1])
    axes.set_ylim(extent[2], extent[3])


def _draw_lines(axes: Axes, analysis: Analysis, sighting: Sighting, pose: Pose) -> None:
    """Draw the AF mark's depth, and that of sharpest focus with its interval, as lines on the sheet."""
    panels = outlines(sighting)
    if sighting.chart.mark_tilt_deg == 0:
        mark = pose.project(np.zeros((1, 3)))
        axes.plot(*mark.T, color=MARK, marker="+", markersize=14, markeredgewidth=1.6)
        _name(axes, mark + np.array([0.0, 0.02 * analysis.photo.codes.shape[0]]), "AF mark", MARK, "left")
    else:
        for zero in lines_at_depth(pose, panels, 0.0):
            axes.plot(*zero.T, color=MARK, linewidth=1.6)
            _name(axes, zero, "AF mark", MARK, "left")
    measurement = analysis.measurement
    if measurement.offset_mm is None or measurement.offset_ci95_mm is None:
        return
    low, high = (lines_at_depth(pose, panels, depth) for depth in measurement.offset_ci95_mm)
    for focus in lines_at_depth(pose, panels, measurement.offset_mm):
        axes.plot(*focus.T, color=FOCUS, linewidth=1.6, linestyle="--")
        _name(axes, focus, f"sharpest {measurement.offset_mm:+.1f} mm", FOCUS, "right")
    for one, other in zip(low, high, strict=False):
        axes.fill(*np.vstack([one, other[::-1]]).T, color=FOCUS, alpha=0.3, linewidth=0)


def _name(axes: Axes, line: Array, text: str, colour: str, side: Literal["left", "right"]) -> None:
    """Write at one end of a line; the two lines use different ends, so that their names never overlap."""
    x, y = line[np.argmin(line[:, 0]) if side == "left" else np.argmax(line[:, 0])]
    box: dict[str, Any] = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.5}
    axes.text(x, y, text, color=colour, fontsize=9, va="center", ha=side, bbox=box)


def _draw_curve(axes: Axes, analysis: Analysis) -> None:
    if draw_blur_curve(axes, analysis):
        axes.legend(loc="upper center", frameon=True, framealpha=1.0, facecolor="white")
        return
    said = measurement_text(analysis.measurement)
    axes.text(0.0, 0.5, said, va="center", wrap=True, transform=axes.transAxes)
    axes.set_axis_off()
