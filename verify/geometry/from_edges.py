"""The pose from all printed edges: where each piece lies across itself, together with the marker corners.

A thousand pieces of edges, slanted both ways, fix the pose better than a few corners, of which the blurred ones are
worth little. They also show how the paper is bent.
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
MAX_RESIDUAL_PX = 1.0
"""Of edges, rms. Good photos have 0.05 to 0.15."""


def refine_pose(pose: Pose, sighting: Sighting, samples: EdgeSamples, focal_px: float | None) -> Pose:
    """Return the pose that fits edges and corners best.

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
    corners = sheet_from_page(sighting.chart, sighting.corners_page_mm.reshape(-1, 2))
    corners_px = sighting.corners_px.reshape(-1, 2)
    corners_sd = np.hypot(np.repeat(sighting.corner_sd_px, 4), CORNER_FLOOR_PX)
    edges_sd = np.sqrt(samples.found_sd_px**2 + EDGE_FLOOR_PX**2 + (BLUR_SHARE * samples.blur_px) ** 2)

    def distance(pose: Pose) -> Array:
        off = pose.project(samples.sheet_mm) - samples.found_px
        return np.asarray((off * samples.across).sum(axis=1))

    def misfit(pose: Pose) -> Array:
        at_corners = (pose.project(corners) - corners_px) / corners_sd[:, None]
        return np.concatenate([distance(pose) / edges_sd, at_corners.ravel()])

    pieces_an_edge = len(samples.edge) / max(len(np.unique(samples.edge)), 1)
    half_sheet_mm = float(np.abs(corners).max())
    refined, _ = fit_pose(pose, misfit, focal_px, half_sheet_mm, correlated=pieces_an_edge)
    residual = float(np.sqrt(np.average(distance(refined) ** 2, weights=1 / edges_sd**2)))
    if residual > MAX_RESIDUAL_PX:
        raise refusal("pose-poor", f"The printed edges are {residual:.1f} px (rms) off the best sheet.")
    return replace(refined, residual_px=residual)
