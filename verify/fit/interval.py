"""The 95 % interval of the offset: a budget of all that can be wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..edges.samples import EdgeSamples
from ..geometry import Pose
from .focus import FocusCurve

Array = npt.NDArray[np.float64]

TWO_SIDED_95 = 1.96
BOUNDED_95 = 1.65
"""Half width at 95 % over the standard deviation of an error that has bounds, 0.95 sqrt(3) of an even distribution:
what the form of the curve does is no noise. With 1.96 here 97.3 % of 591 intervals held the truth."""
PRINT_SCALE = 0.01
"""Half width at 95 % of a print that was not measured: 25 mm printed as 24.8, or half a percent between the axes,
are common."""
UNCHECKED_PRINT = 0.055
"""The same where neither the paper's outline nor check-print tells the size. An assumption, not a count: page 2
asks for 100 %; if one print in ten is 'fitted' after all, evenly from 2 to 9 % off, one in twenty is farther off
than this. It widens the interval in proportion to the offset, so that no sign changes, and small offsets hardly."""
SOFTER_INK_MM = 0.03
"""What ink may have beyond the softness that the curve takes it to have, as the root of the difference of squares:
0.035 mm in all. Ink spreads by 20 to 50 µm on plain paper."""
LEAST_LEAN = math.radians(5.0)
STEP = 0.1
"""Of a standard error, for derivatives."""
SHARP_PX = 0.7
"""Least blur of sharp lenses and sensors; what a photo has above it may be the print's, up to a bad printer's."""
SOFTEST_PRINT_MM = 0.12
SOFT_PRINT_SHARE = 0.3
"""Half width at 95 %, of the shift by such a print: prints lie between it and an ordinary one."""


@dataclass(frozen=True)
class OffsetInterval:
    """Half widths at 95 %, in mm: of the parts, and of the whole.

    Attributes:
        fit_mm: scatter of the blur samples about the curve.
        pose_mm: uncertainty of where the sheet is, and how it leans, bends or is folded.
        print_mm: scale of the print, which the offset is proportional to, and softness of its edges.
        model_mm: not knowing the exact form of the blur curve, nor that it is the same on both sides.
        total_mm: root of the sum of squares.
    """

    fit_mm: float
    pose_mm: float
    print_mm: float
    model_mm: float

    @property
    def total_mm(self) -> float:
        """Root of the sum of squares."""
        return float(np.sqrt(sum(part**2 for part in self.budget().values())))

    def budget(self) -> dict[str, float]:
        """Return the parts by name."""
        return {"fit": self.fit_mm, "pose": self.pose_mm, "print": self.print_mm, "model": self.model_mm}


def offset_interval(
    samples: EdgeSamples, pose: Pose, curve: FocusCurve, print_scale: float, off_axis_px: float
) -> OffsetInterval:
    """Return the budget of the offset's interval.

    Args:
        samples: the edges that the curve was fitted to.
        pose: of the sheet.
        curve: the focus curve.
        print_scale: half width at 95 % of the print's size.
        off_axis_px: how far the lens's axis may be from the picture's middle.
    """
    return OffsetInterval(
        fit_mm=TWO_SIDED_95 * curve.offset_sd_mm,
        pose_mm=math.hypot(
            TWO_SIDED_95 * _pose_sd(samples, pose, curve), _off_axis_mm(pose, curve.offset_mm, off_axis_px)
        ),
        print_mm=math.hypot(
            print_scale * curve.offset_mm,
            soft_print_mm(pose.focal_px, pose.distance_mm, curve.floor_px, curve.slope_px_per_mm),
        ),
        model_mm=BOUNDED_95 * curve.model_sd_mm,
    )


def _off_axis_mm(pose: Pose, offset_mm: float, off_axis_px: float) -> float:
    """Return the largest error from measuring along an axis that is not the lens's, as in a picture that was cut.

    Seen from the wrong axis the sheet leans by another angle, and the offset is its length times the sine of that.
    """
    lean = math.radians(pose.tilt_deg) if not pose.folds else math.pi / 4
    return abs(offset_mm) * off_axis_px / pose.focal_px / math.tan(max(lean, LEAST_LEAN))


def soft_print_mm(focal_px: float, distance_mm: float, floor_px: float, slope_px_per_mm: float) -> float:
    """Return the half width at 95 % of the shift of least blur by soft ink.

    It looks larger and so more blurred towards the camera.

    Args:
        focal_px: F, distance of the picture from the lens.
        distance_mm: Z, of the AF mark.
        floor_px: blur in focus.
        slope_px_per_mm: k, its growth with depth far from focus.

    The sum of squares ink² (F/Z)² + k² (Z - Zf)² is least at Zf + ink² F² / (Z³ k²) to first order.
    """
    px_per_mm = focal_px / distance_mm
    unexplained_px2 = min(max(floor_px**2 - SHARP_PX**2, 0.0), (SOFTEST_PRINT_MM * px_per_mm) ** 2)
    ink_px2 = max((SOFTER_INK_MM * px_per_mm) ** 2, SOFT_PRINT_SHARE * unexplained_px2)
    return float(ink_px2 / (distance_mm * slope_px_per_mm**2))


def _pose_sd(samples: EdgeSamples, pose: Pose, curve: FocusCurve) -> float:
    """Standard error of the offset from that of the pose, which moves the depths of all samples."""
    sd = np.sqrt(np.maximum(np.diag(pose.covariance), 0.0))
    depth = _depth(samples, pose)
    gradient = np.zeros(len(sd))
    for index in np.flatnonzero(sd):
        step = np.zeros(len(sd))
        step[index] = STEP * sd[index]
        gradient[index] = curve.depth_influence @ (_depth(samples, pose.changed(step)) - depth) / step[index]
    return math.sqrt(max(float(gradient @ pose.covariance @ gradient), 0.0))


def _depth(samples: EdgeSamples, pose: Pose) -> Array:
    """Return the depths (n,) from the AF mark that a pose gives to the places in the photo."""
    return pose.depth_mm(samples.placed_by(pose).sheet_mm) - pose.distance_mm
