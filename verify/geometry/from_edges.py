"""The pose from all printed edges: where each piece lies across itself, together with the marker corners.

A thousand pieces of edges, slanted both ways, fix the pose better than a few corners, of which the blurred ones are
worth little. They also show how the paper is bent, how far the ink has spread, and which are none of the chart's.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backfocus.verify.edges.printed import EdgeSamples
from backfocus.verify.fiducials.sighting import Sighting
from backfocus.verify.findings import refusal
from backfocus.verify.geometry.fitting import fit_pose
from backfocus.verify.geometry.frames import sheet_from_page
from backfocus.verify.geometry.pose import Array, Pose

EDGE_FLOOR_PX = 0.03
"""What the best pieces of noise-free pictures reach."""
BLUR_SHARE = 0.02
"""Error of an edge's place over its blur: the growth of the blur along the sheet makes profiles unequal."""
CORNER_FLOOR_PX = 0.05
INK_GAIN_SD_MM = 0.05
"""Ink spreads over the borders of what is printed by up to 0.1 mm."""
LIGHT_GAIN_SD = 0.3
"""Of the blur: how far bright paper grows over blurred ink where the light is clipped, or its curve misjudged."""
OUTLIER = 6.0
"""Times the usual distance from the best sheet: borders of things that lie on it, taken for printed edges."""
OUTLIER_ROUNDS = 3
MIN_KEPT = 0.6
"""Of the pieces: with more than that lying elsewhere, it is not the chart that was seen."""
MAX_RESIDUAL_PX = 1.0
"""Of edges, rms. Good photos have 0.05 to 0.15."""


def refine_pose(
    pose: Pose, sighting: Sighting, samples: EdgeSamples, focal_px: float | None
) -> tuple[Pose, EdgeSamples]:
    """Return the pose that fits edges and corners best, and the edges that lie where it has them.

    Args:
        pose: the pose from markers.
        sighting: the marker corners.
        samples: the printed edges as found.
        focal_px: focal length from metadata, in pixels, or None.

    Raises:
        Refusal: there are no edges, or they fit no sheet, not even a bent one.
    """
    if len(samples.edge) == 0:
        raise refusal("too-few-edges", "No printed edge could be measured.")
    kept = samples
    for _ in range(OUTLIER_ROUNDS):
        pose, off_sheet = _fit(pose, sighting, kept, focal_px)
        usual = float(np.median(np.abs(off_sheet))) / 0.6745
        good = np.abs(off_sheet) < OUTLIER * max(usual, 1.0)
        if good.all():
            break
        kept = kept.take(good)
    if pose.residual_px > MAX_RESIDUAL_PX or len(kept.edge) < MIN_KEPT * len(samples.edge):
        raise refusal("pose-poor", f"The printed edges are {pose.residual_px:.1f} px (rms) off the best sheet.")
    return pose, kept.placed_by(pose)


def _fit(pose: Pose, sighting: Sighting, samples: EdgeSamples, focal_px: float | None) -> tuple[Pose, Array]:
    """Return the best pose, and the distance of each edge from it over its standard error."""
    corners = sheet_from_page(sighting.chart, sighting.corners_page_mm.reshape(-1, 2))
    corners_px = sighting.corners_px.reshape(-1, 2)
    corners_sd = np.hypot(np.repeat(sighting.corner_sd_px, 4), CORNER_FLOOR_PX)
    edges_sd = np.sqrt(samples.found_sd_px**2 + EDGE_FLOOR_PX**2 + (BLUR_SHARE * samples.blur_px) ** 2)
    outwards = _outwards(corners)
    px_per_mm = _across_px_per_mm(samples, pose)

    def distance(pose: Pose, gains: Array) -> Array:
        off = pose.project(samples.sheet_mm) - samples.found_px
        return np.asarray((off * samples.across).sum(axis=1) + gains[0] * px_per_mm - gains[1] * samples.blur_px)

    def misfit(pose: Pose, gains: Array) -> Array:
        at_corners = (pose.project(corners + gains[0] * outwards) - corners_px) / corners_sd[:, None]
        return np.concatenate([distance(pose, gains) / edges_sd, at_corners.ravel()])

    fit = fit_pose(
        pose,
        misfit,
        focal_px,
        half_sheet_mm=float(np.abs(corners).max()),
        nuisance_sd=(INK_GAIN_SD_MM, LIGHT_GAIN_SD),
        correlated=len(samples.edge) / max(len(np.unique(samples.edge)), 1),
    )
    off_px = distance(fit.pose, fit.nuisance)
    residual_px = float(np.sqrt(np.average(off_px**2, weights=1 / edges_sd**2)))
    return replace(fit.pose, residual_px=residual_px), off_px / edges_sd


def _outwards(corners: Array) -> Array:
    """Return where the corners (4 a marker) of swollen markers move, in mm for each mm of ink gain."""
    markers = corners.reshape(-1, 4, 3)
    return np.asarray(np.sign(markers - markers.mean(axis=1, keepdims=True)).reshape(-1, 3))


def _across_px_per_mm(samples: EdgeSamples, pose: Pose) -> Array:
    """Return how far a printed edge moves in the picture, across itself, for a mm on the sheet."""
    x, y, z = samples.along.T
    step = pose.project(samples.sheet_mm + np.stack([-y, x, z], axis=1)) - pose.project(samples.sheet_mm)
    return np.asarray(np.abs((step * samples.across).sum(axis=1)))
