"""From edges to the plane of sharpest focus: a first fit gives the lens's own blur, which shapes the edges."""

from __future__ import annotations

from dataclasses import dataclass

from backfocus.verify.edges.printed import EdgeSamples, with_floor
from backfocus.verify.focus.curve import FocusCurve, fit_focus_curve, lens_blur_px
from backfocus.verify.focus.interval import PRINT_SCALE, OffsetInterval, offset_interval
from backfocus.verify.geometry.pose import Pose


@dataclass(frozen=True)
class FocusPlane:
    """Where the lens focused: the curve and its interval, and the samples that they were fitted to."""

    samples: EdgeSamples
    curve: FocusCurve
    interval: OffsetInterval


def find_focus_plane(
    samples: EdgeSamples, pose: Pose, print_scale: float = PRINT_SCALE, off_axis_px: float = 0.0
) -> FocusPlane:
    """Fit the focus curve to edges, first as blurred by a Gaussian, then as by a disc and the lens itself.

    Args:
        samples: the edges.
        pose: of the sheet.
        print_scale: how far off the print's size may be, as a half width at 95 %.
        off_axis_px: how far the lens's axis may be from the picture's middle.

    Raises:
        Refusal: too few samples.
    """
    shaped = with_floor(samples, lens_blur_px(samples, pose))
    curve = fit_focus_curve(shaped, pose)
    return FocusPlane(shaped, curve, offset_interval(shaped, pose, curve, print_scale, off_axis_px))
