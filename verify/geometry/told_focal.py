"""The focal length that the metadata tell, against the one that the sheet's perspective tells."""

from __future__ import annotations

import math

from backfocus.verify.geometry.pose import Pose

LONGER, SHORTER = 1.1, 0.82
"""Seen over told. Nominal focal lengths are rounded by up to 5 %; lenses that focus inside are shorter up close. A
picture of which a program has kept a part seems to be taken by a longer lens. Of 120 simulated photos all have 0.99
to 1.02."""


def is_contradicted(pose: Pose, told_px: float | None) -> bool:
    """Whether the metadata are wrong, as after a crop; they are then of no use for the geometry.

    Args:
        pose: of the sheet; its focal length leans on the told one, which gives way only to strong perspective.
        told_px: focal length (lens to sensor) in pixels by the metadata; None if they do not tell.
    """
    return told_px is not None and not SHORTER < pose.focal_px / told_px < LONGER


def off_axis_px(pose: Pose, told_px: float | None) -> float:
    """Return how far the lens's axis may be from the middle of a picture that seems cut; 0 if it seems whole."""
    seen = pose.focal_px / told_px if told_px else 1.0
    return (seen - 1.0) * math.hypot(*pose.image_size) / 2 if seen > LONGER else 0.0
