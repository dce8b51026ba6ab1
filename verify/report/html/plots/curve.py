"""The blur curve of one photo."""

from __future__ import annotations

import numpy as np

from backfocus.verify.measuring import Analysis
from backfocus.verify.report.html.contents import Figure, place_words
from backfocus.verify.report.html.plots.axes import Axes

MOST_PIECES = 700
"""Shown, evenly chosen: more would only make the page larger."""


def blur_curve(analysis: Analysis) -> Figure | None:
    """Return blur against depth with the fitted curve and the interval; None where none was fitted."""
    samples, curve, pose = analysis.samples, analysis.curve, analysis.pose
    if samples is None or curve is None or pose is None:
        return None
    measurement = analysis.measurement
    depth = pose.depth_mm(samples.sheet_mm) - curve.mark_mm
    shown = np.unique(np.linspace(0, len(depth) - 1, min(len(depth), MOST_PIECES)).astype(int))
    top = 1.15 * float(np.percentile(samples.blur_px, 99.5))
    axes = Axes(
        (float(depth.min()), float(depth.max())),
        (0.0, top),
        "depth from the AF mark, mm (minus: closer to the camera, plus: farther away)",
        "blur, pixels of the photo",
    )
    axes.frame()
    inside = shown[samples.blur_px[shown] <= top]
    axes.mark(depth[inside].tolist(), samples.blur_px[inside].tolist(), "dot", "faint")
    along = np.linspace(*axes.x, 160)
    axes.line(along.tolist(), np.asarray(curve.blur_px(along), float).tolist(), "fit")
    axes.upright(0.0, "zero")
    offset, interval = measurement.offset_mm, measurement.offset_ci95_mm
    is_behind = offset is not None and offset > 0
    axes.note("AF mark", 0.0, 0.93 * top, "end" if is_behind else "start", "zero")
    summary = "Blur of the printed edges against their depth, with the fitted curve."
    if offset is not None and interval is not None:
        axes.band(interval, axes.y, "interval")
        axes.upright(offset, "focus")
        label = f"sharpest {offset:+.1f} mm ({interval[0]:+.1f} to {interval[1]:+.1f})"
        axes.note(label, offset, 0.86 * top, "start" if is_behind else "end", "focus")
        summary += (
            f" It is lowest {place_words(offset)}; the shaded strip is the 95 % interval, "
            f"{interval[0]:+.2f} to {interval[1]:+.2f} mm."
        )
    return Figure(axes.svg(summary), f"{summary} Every dot is a piece of a printed edge.")
