"""From edges to the plane of sharpest focus: by their width through an ideal lens, else by their contrast.

The width of an edge is measured ten times as precisely as its contrast at 30 lp/mm. Through a lens without errors
both are best in one plane, and the curve of widths says whether a lens has errors: edges of the two directions then
focus apart, off the axis elsewhere than on it, and blur grows otherwise in front of focus than behind. Where it
finds any, or the two planes contradict each other, the plane of most contrast counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from backfocus.targets import Chart

from ..edges.contrast import measure_contrast
from ..edges.samples import EdgeSamples, with_floor
from ..findings import Findings
from ..geometry import Pose
from ..lens import CIRCLES_PER_DIAGONAL, FULL_FRAME_DIAGONAL_MM, blur_slope_px_per_mm
from ..photo.metadata import CameraInfo
from ..photo.reading import Photo
from .curve import OFFSET
from .focus import FocusCurve, fit_focus_curve, lens_blur_px
from .interval import PRINT_SCALE, TWO_SIDED_95, OffsetInterval, offset_interval
from .ridge import Ridge, find_ridge
from .ridge_fit import View

BOUND_MARGIN = 0.05
"""Of the depth that was seen: in the last bit the curve's rise is not seen, so that the bound stays inside."""
IDEAL_ODDS = {False: 3.0, None: 1.5}
"""Most evidence for errors of the lens, in ln, where it is seen to have no colours and where that cannot be seen.
Of 216 traced photos 23 have less than the latter: were they grey, they would be taken for ideal; of 220 ideal ones
10 have more, and 3 more than the former."""
AGREEING = {False: 3.0, None: 2.0}
"""Most distance of the two planes, in standard errors."""
MOVED, MOVED_WIDE, WIDE = 1.2, 2.0, 1.8
"""Blur by motion over the lens's own, the second up to that f-number. Less may be errors of a lens: in still photos
through traced lenses it is up to 0.92 at f/2 and slower (168), up to 1.7 at f/1.4 and f/1.5 (48)."""
FARTHEST_DOF = 0.8
"""Of the depth of field, that the plane of least blur may lie from that of most contrast: up to 0.71 in 168 still
photos through traced lenses at f/2 and slower; where moved copies had more, 0.9 to 1.2, contrast was wrong."""


@dataclass(frozen=True)
class FocusPlane:
    """Where the lens focused.

    Attributes:
        samples: the edges that the curve was fitted to.
        curve: blur over depth; by contrast, moved to have its least in the plane of most contrast.
        interval: half widths at 95 % of the offset.
        basis: what the plane was found by.
        astigmatism_mm: plane of edges along the depth direction less that of edges across it.
        astigmatism_half_mm: its half width at 95 %.
        ridge: what contrast says; None where it has no ridge over depth.
        has_errors: whether the photo speaks for a lens whose plane of least blur is not that of most contrast.
    """

    samples: EdgeSamples
    curve: FocusCurve
    interval: OffsetInterval
    basis: Literal["width", "contrast"]
    astigmatism_mm: float
    astigmatism_half_mm: float
    ridge: Ridge | None = None
    has_errors: bool = False

    @property
    def has_one_plane(self) -> bool:
        """Whether fine and coarse detail are sharpest in one plane."""
        if self.basis == "width" or self.ridge is None:
            return True
        least_peak, least_ratio = Findings.NO_SINGLE_PLANE.limits
        ratio = self.ridge.ratio
        return not (least_peak.is_crossed(self.ridge.peak) or (ratio is not None and least_ratio.is_crossed(ratio)))

    def coarse_is_within(self, bound: tuple[float | None, float | None]) -> bool:
        """Whether the plane for coarse detail is at least and at most so far; False where there is none."""
        least, most = bound
        coarse = None if self.ridge is None else self.ridge.coarse_mm
        if coarse is None:
            return False
        return (least is None or coarse >= least) and (most is None or coarse <= most)

    @property
    def ci95_mm(self) -> tuple[float, float]:
        """Interval of the offset; through a lens without a single plane it reaches to that for coarse detail."""
        offset, half = self.curve.offset_mm, self.interval.total_mm
        low, high = offset - half, offset + half
        if self.has_one_plane or self.ridge is None or self.ridge.coarse_mm is None:
            return low, high
        return min(low, self.ridge.coarse_mm), max(high, self.ridge.coarse_mm)


def sheet_bound(curve: FocusCurve) -> tuple[float | None, float | None] | None:
    """Return (at least, at most) for a focus outside of the depths that were measured, else None."""
    low, high = curve.depth_range_mm
    margin = BOUND_MARGIN * (high - low)
    if curve.offset_mm > high:
        return (high - margin, None)
    if curve.offset_mm < low:
        return (None, low + margin)
    return None


def find_focus_plane(
    photo: Photo,
    chart: Chart,
    samples: EdgeSamples,
    pose: Pose,
    print_scale: float = PRINT_SCALE,
    off_axis_px: float = 0.0,
    *,
    has_colours: bool | None = None,
    is_one_colour: bool = False,
) -> FocusPlane:
    """Fit blur and contrast over depth.

    The first fit of the blur gives the lens's own, which shapes the edges.

    Args:
        photo, chart, pose: where the edges are, and their pixels.
        samples: the edges' widths.
        print_scale: how far off the print's size may be, as a half width at 95 %.
        off_axis_px: how far the lens's axis may be from the picture's middle.
        has_colours: whether the lens has lateral colour, and so errors; None where that cannot be seen.
        is_one_colour: whether the pixels are those of one colour, whose plane no lost colours lead astray.

    Raises:
        Refusal: too few samples.
    """
    shaped = with_floor(samples, lens_blur_px(samples, pose))
    curve = fit_focus_curve(shaped, pose)
    by_width = FocusPlane(
        samples=shaped,
        curve=curve,
        interval=offset_interval(shaped, pose, curve, print_scale, off_axis_px),
        basis="width",
        astigmatism_mm=curve.astigmatism_mm,
        astigmatism_half_mm=TWO_SIDED_95 * curve.astigmatism_sd_mm,
    )
    view = _view(photo, pose, curve, has_colours=False if is_one_colour else has_colours)
    has_moved = _has_moved(curve, view.f_number)
    ridge = find_ridge(measure_contrast(photo, chart, pose), view, motion=has_moved)
    if ridge is not None and _is_ideal(by_width, ridge, has_colours):
        return replace(by_width, ridge=ridge)
    if has_colours is not False and not has_moved:
        curve = replace(curve, motion=replace(curve.motion, may_be_the_lens=True))
        by_width = replace(by_width, curve=curve)
    if ridge is None:
        return replace(by_width, has_errors=bool(has_colours) or curve.lens_odds > IDEAL_ODDS[False])
    if has_colours is False and curve.motion.form_mm > 0.0:
        return _ideal_but_moved(by_width, ridge)
    moved = _moved(curve, ridge.offset_mm)
    interval = offset_interval(shaped, pose, moved, print_scale, off_axis_px)
    apart = ridge.offset_mm - curve.offset_mm
    is_doubtful = curve.motion.form_mm > 0.0 and abs(apart) > FARTHEST_DOF * view.depth_of_field_mm
    return FocusPlane(
        samples=shaped,
        curve=moved,
        interval=replace(
            interval,
            fit_mm=TWO_SIDED_95 * ridge.noise_mm,
            model_mm=math.hypot(
                TWO_SIDED_95 * math.sqrt(max(ridge.sd_mm**2 - ridge.noise_mm**2, 0.0)),
                apart if is_doubtful else 0.0,
            ),
        ),
        basis="contrast",
        astigmatism_mm=ridge.astigmatism_mm,
        astigmatism_half_mm=TWO_SIDED_95 * ridge.astigmatism_sd_mm,
        ridge=ridge,
        has_errors=True,
    )


def focal_length_mm(camera: CameraInfo, pose: Pose) -> float:
    """Return the lens's focal length; one that nothing tells is that of full frame, by the perspective."""
    return camera.focal_length_mm or pose.focal_px * FULL_FRAME_DIAGONAL_MM / math.hypot(*pose.image_size)


def _view(photo: Photo, pose: Pose, curve: FocusCurve, *, has_colours: bool | None) -> View:
    """Return what contrast over depth needs to know of lens and picture; what metadata do not tell, blur does."""
    camera, diagonal_px = photo.camera, math.hypot(*pose.image_size)
    focal_mm = focal_length_mm(camera, pose)
    slope = curve.slope_px_per_mm
    aperture_mm = slope / blur_slope_px_per_mm(1.0, pose.focal_px, pose.distance_mm)
    if camera.f_number:
        aperture_mm = focal_mm / camera.f_number
        slope = blur_slope_px_per_mm(aperture_mm, pose.focal_px, pose.distance_mm)
    return View(
        mark_mm=pose.translation_mm[:2],
        distance_mm=pose.distance_mm,
        focal_length_mm=focal_mm,
        f_number=focal_mm / aperture_mm,
        # The disc is four standard deviations wide and grows to the circle of confusion on either side.
        depth_of_field_mm=diagonal_px / CIRCLES_PER_DIAGONAL / (2.0 * slope),
        has_colours=has_colours,
        half_diagonal_px=diagonal_px / 2,
        pixels_per_mm=max(pose.image_size) / camera.sensor_width_mm
        if camera.sensor_width_mm
        else diagonal_px / FULL_FRAME_DIAGONAL_MM,
    )


def _has_moved(curve: FocusCurve, f_number: float) -> bool:
    """Return whether motion blurs by more than errors of the lens seem to."""
    motion = curve.motion
    most = MOVED_WIDE if f_number < WIDE else MOVED
    return max(motion.blur_px, *motion.ends_px) > most * curve.floor_px


def _is_ideal(by_width: FocusPlane, ridge: Ridge, has_colours: bool | None) -> bool:
    """Return whether the photo speaks for a lens without errors: by its colours and widths, and as both planes are
    one.

    A lens without errors has no colours that could lead its plane of most contrast astray.
    """
    if has_colours:
        return False
    curve = by_width.curve
    apart = abs(ridge.offset_mm - ridge.colour_mm - curve.offset_mm)
    sd_mm = math.hypot(ridge.noise_mm, ridge.spread_mm, by_width.interval.total_mm / TWO_SIDED_95)
    return curve.lens_odds <= IDEAL_ODDS[has_colours] and apart <= AGREEING[has_colours] * sd_mm


def _ideal_but_moved(by_width: FocusPlane, ridge: Ridge) -> FocusPlane:
    """Return the plane by width of a moved camera whose lens has no colours.

    The path of a hand looks like errors of a lens, on cards above all, and takes away the contrast that would tell:
    of 57 moved photos through an ideal lens 16 spoke for errors, one of them by ln 293. Planes that contradict each
    other are both possible.
    """
    apart = ridge.offset_mm - ridge.colour_mm - by_width.curve.offset_mm
    interval = by_width.interval
    sd_mm = math.hypot(ridge.noise_mm, ridge.spread_mm, interval.total_mm / TWO_SIDED_95)
    if abs(apart) > AGREEING[False] * sd_mm:
        interval = replace(interval, model_mm=math.hypot(interval.model_mm, apart))
    return replace(by_width, interval=interval, ridge=ridge)


def _moved(curve: FocusCurve, offset_mm: float) -> FocusCurve:
    """Return the curve with its least in another plane."""
    parameters = curve.parameters.copy()
    parameters[OFFSET] = offset_mm
    return replace(curve, offset_mm=offset_mm, parameters=parameters)
