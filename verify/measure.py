"""The way of one photo: file, fiducials, pose, blur, focus, offset, suggestion; its status and verdict."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypedDict, Unpack

import numpy as np

from backfocus.targets import Chart

from .cameras.dial import suggest
from .checks import measure_sharpness, observe, of_the_light, of_the_sheet
from .detect.find_chart import ChartHints, Sighting, find_chart
from .edges.samples import EdgeSamples, measure_edges
from .findings import Finding, Findings, Refusal
from .fit.focus import FocusCurve
from .fit.interval import PRINT_SCALE, FocusPlane, OffsetInterval, find_focus_plane
from .fit.pose import is_contradicted, off_axis_px, refine_pose, solve_pose
from .geometry import Pose
from .lens import circle_of_confusion_mm, defocus_um, depth_of_field_mm
from .measurement import ChartRead, Colour, ColourOffset, Interval, Measurement
from .photo.metadata import CameraInfo
from .photo.reading import Photo, read_photo
from .prints.calibration import PrintCalibration, calibration_of, sighting_as_printed
from .threads import one_thread

# The offset of red, green and blue light: the lens's longitudinal colour.
#
# The sheet is where the grey photo has it; only blur and focus are found anew in each colour.

COLOURS: tuple[Colour, ...] = ("red", "green", "blue")
JPEG_SHRINKS = 6.0
"""How much may be missing, over the largest difference to grey that is left of any colour in a JPEG: up to 4.6 at
quality 90. Coarse colour over fine grey bends the blur curve differently on both sides of focus."""


def with_colours(measurement: Measurement, path: str | Path, chart: Chart, pose: Pose) -> Measurement:
    """Return a measurement with the offset of each colour; None where it has no measurable blur on the sheet.

    Args:
        measurement: of the grey photo.
        path: the photo, which is read again, a colour at a time.
        chart: the chart in it.
        pose: from the grey photo.
    """
    assert measurement.offset_mm is not None
    planes: dict[Colour, FocusPlane | None] = {}
    for colour in COLOURS:
        photo = read_photo(path, plane=colour)
        planes[colour] = _focus_plane(photo, chart, pose)
    left = [abs(plane.curve.offset_mm - measurement.offset_mm) for plane in planes.values() if plane is not None]
    missing_mm = JPEG_SHRINKS * max(left, default=0.0) if photo.has_jpeg_colours else 0.0
    channels = {colour: _colour_offset(plane, missing_mm) for colour, plane in planes.items()}
    findings = (Findings.JPEG_COLOURS.finding(),) if photo.has_jpeg_colours else ()
    return replace(measurement, channels_mm=channels, findings=(*measurement.findings, *findings))


def _focus_plane(photo: Photo, chart: Chart, pose: Pose) -> FocusPlane | None:
    try:
        plane = find_focus_plane(measure_edges(photo, chart, pose), pose)
        refuse_doubtful(pose, plane.curve, plane.interval)
    except Refusal:
        return None
    return plane if sheet_bound(plane.curve) is None else None


def _colour_offset(plane: FocusPlane | None, missing_mm: float) -> ColourOffset:
    if plane is None:
        return ColourOffset(None, None)
    offset = plane.curve.offset_mm
    half = math.hypot(plane.interval.total_mm, missing_mm)
    return ColourOffset(offset, (offset - half, offset + half))


# From the fitted curve to the result: status, verdict, depth of field, findings, suggestion.

Verdict = Literal["in-focus", "front-focus", "back-focus"]

IN_FOCUS_PART = 1 / 3
"""Of the depth of field to either side: what Canon is quoted to ask of its best bodies."""
MIN_TILT_DEG = 12.0
"""Flatter, an A4 sheet has less than 60 mm of depth, and its tilt is badly known."""
BOUND_MARGIN = 0.05
"""Of the depth that was seen: in the last bit the curve's rise is not seen, so that the bound stays inside."""
MIN_RISE = 1.1
"""Blur at the blurrier end of the sheet over the least blur; less says nothing of where the least is."""
MAX_SCATTER = 0.12
"""Rms of the samples about the curve, over the blur: 0.02 in good photos, 0.05 at 5 % noise."""
MAX_INTERVAL_PART = 0.25
"""Of the sheet's depth range, as half width of the interval."""


def summarise(
    photo: Photo,
    sighting: Sighting,
    pose: Pose,
    samples: EdgeSamples,
    curve: FocusCurve,
    interval: OffsetInterval,
    setting: float | None,
) -> Measurement:
    """Return the result of a photo whose curve could be fitted.

    Raises:
        Refusal: the curve has no minimum, or the samples do not follow it.
    """
    refuse_doubtful(pose, curve, interval)
    remarks = observe(photo, sighting, pose, samples, curve)
    bound = sheet_bound(curve)
    if bound is not None:
        return _result(photo, sighting, pose, curve, None, bound, (*remarks, _beyond(bound)), setting)
    return _result(photo, sighting, pose, curve, interval, None, remarks, setting)


def upright(photo: Photo, sighting: Sighting, pose: Pose, samples: EdgeSamples) -> Measurement:
    """Return the result of an upright chart: how blurred it is.

    Raises:
        Refusal: too few edges.
    """
    sharpness = measure_sharpness(samples)
    remarks = (*photo.findings, *sighting.findings, *of_the_sheet(sighting, pose, samples), *of_the_light(samples))
    return Measurement(
        photo=photo.name,
        status="sharpness",
        trustworthy=_is_trustworthy(remarks),
        chart=_chart_read(sighting),
        tilt_deg=pose.tilt_deg,
        distance_mm=pose.distance_mm,
        blur_at_mark_px=sharpness.at_mark_px,
        sharpness=sharpness,
        camera=photo.camera,
        findings=(*remarks, Findings.NO_DEPTH.finding()),
    )


def refused(
    photo: Photo, sighting: Sighting | None, pose: Pose | None, samples: EdgeSamples | None, reason: Refusal
) -> Measurement:
    """Return the result of a photo that cannot be measured, with what was found out before."""
    return Measurement(
        photo=photo.name,
        status="refused",
        trustworthy=False,
        chart=_chart_read(sighting) if sighting else None,
        tilt_deg=pose.tilt_deg if pose else None,
        fold_deg=_fold_deg(pose) if pose else None,
        distance_mm=pose.distance_mm if pose else None,
        camera=photo.camera,
        findings=(
            *photo.findings,
            *(sighting.findings if sighting else ()),
            *(of_the_light(samples) if samples else ()),
            reason.finding,
        ),
    )


def refuse_doubtful(pose: Pose, curve: FocusCurve, interval: OffsetInterval) -> None:
    """Raise a Refusal if the curve has no minimum, or the samples do not follow it."""
    if not pose.folds and pose.tilt_deg < MIN_TILT_DEG:
        raise Findings.TOO_FLAT_ON.refusal(f"The sheet leans by only {pose.tilt_deg:.0f}°.")
    low, high = curve.depth_range_mm
    ends = curve.blur_px(np.array([low, high]))
    if ends.max() < MIN_RISE * curve.blur_px(np.linspace(low, high, 50)).min():
        raise Findings.NO_MINIMUM.refusal(
            f"Blur changes only from {ends.min():.1f} to {ends.max():.1f} px over the whole sheet."
        )
    if curve.scatter > MAX_SCATTER:
        raise Findings.POOR_FIT.refusal(f"The blur scatters by {curve.scatter:.0%} about the curve of a lens.")
    if sheet_bound(curve) is None and interval.total_mm > MAX_INTERVAL_PART * (high - low):
        raise Findings.NO_MINIMUM.refusal(f"The plane of least blur is uncertain by {interval.total_mm:.0f} mm.")


def sheet_bound(curve: FocusCurve) -> tuple[float | None, float | None] | None:
    """Return (at least, at most) for a focus outside of the depths that were measured, else None."""
    low, high = curve.depth_range_mm
    margin = BOUND_MARGIN * (high - low)
    if curve.offset_mm > high:
        return (high - margin, None)
    if curve.offset_mm < low:
        return (None, low + margin)
    return None


def _beyond(bound: tuple[float | None, float | None]) -> Finding:
    least, most = bound
    if least is not None:
        return Findings.OUT_OF_RANGE.finding(
            f"Sharpest farther away than {least:+.0f} mm, beyond what is seen of the sheet."
        )
    return Findings.OUT_OF_RANGE.finding(f"Sharpest closer than {most:+.0f} mm, before what is seen of the sheet.")


def _result(
    photo: Photo,
    sighting: Sighting,
    pose: Pose,
    curve: FocusCurve,
    interval: OffsetInterval | None,
    bound: tuple[float | None, float | None] | None,
    findings: tuple[Finding, ...],
    setting: float | None,
) -> Measurement:
    camera = photo.camera
    offset = curve.offset_mm if interval else None
    ci95 = None if interval is None else (curve.offset_mm - interval.total_mm, curve.offset_mm + interval.total_mm)
    field = _depth_of_field(photo, pose)
    verdict = _verdict(offset, ci95, bound, field)
    trustworthy = _is_trustworthy(findings)
    suggestion = None
    if offset is not None and ci95 is not None and trustworthy:
        in_force = camera.af_setting if setting is None else setting
        suggestion = suggest(offset, ci95, pose.distance_mm, camera, in_force, in_focus=verdict == "in-focus")
    return Measurement(
        photo=photo.name,
        status="measured" if bound is None else "out-of-range",
        trustworthy=trustworthy,
        chart=_chart_read(sighting),
        offset_mm=offset,
        offset_ci95_mm=ci95,
        offset_bound_mm=bound,
        interval_budget_mm=interval.budget() if interval else None,
        verdict=verdict,
        tilt_deg=pose.tilt_deg,
        fold_deg=_fold_deg(pose),
        distance_mm=pose.distance_mm,
        defocus_um=_defocus(offset, pose, camera),
        depth_of_field_mm=field,
        offset_in_dof=None if field is None or offset is None else offset / sum(field),
        blur_at_mark_px=float(curve.blur_px(np.zeros(1))[0]),
        camera=camera,
        suggestion=suggestion,
        findings=findings,
    )


def _verdict(
    offset: float | None,
    ci95: Interval | None,
    bound: tuple[float | None, float | None] | None,
    field: Interval | None,
) -> Verdict | None:
    if bound is not None:
        return _side_of_bound(*bound)
    if offset is None or ci95 is None:
        return None
    low, high = ci95
    if field is not None and -IN_FOCUS_PART * field[0] <= low and high <= IN_FOCUS_PART * field[1]:
        return "in-focus"
    if low <= 0 <= high:
        return "in-focus" if field is None else None
    return "back-focus" if offset > 0 else "front-focus"


def _side_of_bound(least: float | None, most: float | None) -> Verdict | None:
    """Which side of the AF mark a bound tells of; None where the AF mark itself is not between the depths seen."""
    if least is not None:
        return "back-focus" if least >= 0 else None
    return "front-focus" if most is not None and most <= 0 else None


def _is_trustworthy(findings: Iterable[Finding]) -> bool:
    return not any(found.severity == "critical" for found in findings)


def _fold_deg(pose: Pose) -> dict[str, float] | None:
    return {fold.panel: math.degrees(fold.angle_rad) for fold in pose.folds} or None


def _depth_of_field(photo: Photo, pose: Pose) -> Interval | None:
    camera = photo.camera
    if camera.focal_length_mm is None or camera.f_number is None or camera.sensor_width_mm is None:
        return None
    if pose.distance_mm <= camera.focal_length_mm:
        return None
    rows, columns = photo.codes.shape
    circle = circle_of_confusion_mm(camera.sensor_width_mm, (columns, rows))
    return depth_of_field_mm(camera.focal_length_mm, camera.f_number, pose.distance_mm, circle)


def _defocus(offset: float | None, pose: Pose, camera: CameraInfo) -> float | None:
    focal_length = camera.focal_length_mm
    if offset is None or focal_length is None or pose.distance_mm + min(offset, 0.0) <= focal_length:
        return None
    return defocus_um(focal_length, pose.distance_mm, offset)


def _chart_read(sighting: Sighting) -> ChartRead:
    chart = sighting.chart
    from_qr = sighting.read_from == "qr"
    return ChartRead(
        design=chart.design,
        paper=chart.paper,
        scale=chart.scale,
        angle_deg=chart.angle_deg if from_qr else None,
        id=chart.id if from_qr else None,
        read_from=sighting.read_from,
    )


# The whole way of one photo: file, fiducials, pose, blur, focus, offset, suggestion.

Corners = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Analysis:
    """A measurement with the steps that led to it; a step that was not reached is None."""

    measurement: Measurement
    photo: Photo
    sighting: Sighting | None = None
    pose: Pose | None = None
    samples: EdgeSamples | None = None
    curve: FocusCurve | None = None


class Hints(TypedDict, total=False):
    """What may be said about a photo besides what it shows; all of it may be left out.

    Keys:
        camera: what is known about camera and lens; overrides the photo's metadata.
        setting: AF fine-tune setting in force when the photo was taken.
        scale: printed size over nominal size, where the QR code cannot be read.
        chart_id: which of several charts in the photo to measure: the id in its QR code.
        corners_px: the page's corners in the upright photo, for a sheet whose markers cannot be found: top left,
            top right, bottom right, bottom left as printed.
        paper: name of that sheet's paper.
        channels: also measure red, green and blue light each.
        as_designed: take the print to be of exact size even where a calibration of it was kept.
    """

    camera: CameraInfo | None
    setting: float | None
    scale: float | None
    chart_id: str | None
    corners_px: Corners | None
    paper: str | None
    channels: bool
    as_designed: bool


def measure(path: str | Path, **hints: Unpack[Hints]) -> Measurement:
    """Measure the focus offset in a photo of a chart.

    Args:
        path: a JPEG, PNG, TIFF or RAW file.
        hints: see `Hints`.

    Returns:
        The measurement; a photo that cannot be measured gives one with status "refused" and the reason as finding.

    Raises:
        UnreadablePhotoError: the file is no photo.
    """
    return analyse(path, **hints).measurement


@one_thread()
def analyse(path: str | Path, **hints: Unpack[Hints]) -> Analysis:
    """Measure like `measure`, and keep the steps, for drawing and study."""
    photo = read_photo(path, hints.get("camera"))
    sighting: Sighting | None = None
    pose: Pose | None = None
    samples: EdgeSamples | None = None
    curve: FocusCurve | None = None
    try:
        sighting = find_chart(photo, _chart_hints(hints))
        calibration = None if hints.get("as_designed") else _calibration(sighting)
        if calibration is not None:
            sighting = sighting_as_printed(sighting, calibration)
        focal_px = photo.exif_focal_px
        pose = solve_pose(sighting, _size(photo), focal_px)
        if is_contradicted(pose, focal_px):
            focal_px = None
            pose = solve_pose(sighting, _size(photo), None)
        samples = measure_edges(photo, sighting.chart, pose)
        pose, samples = refine_pose(pose, sighting, samples, focal_px)
        if not sighting.chart.has_depth:
            return Analysis(upright(photo, sighting, pose, samples), photo, sighting, pose, samples)
        print_scale = calibration.scale_half_width if calibration else PRINT_SCALE
        off_axis = max(photo.off_axis_px, off_axis_px(pose, photo.exif_focal_px))
        plane = find_focus_plane(samples, pose, print_scale, off_axis)
        samples, curve = plane.samples, plane.curve
        measurement = summarise(photo, sighting, pose, samples, curve, plane.interval, hints.get("setting"))
        if hints.get("channels") and measurement.status == "measured":
            measurement = with_colours(measurement, path, sighting.chart, pose)
    except Refusal as refusal:
        measurement = refused(photo, sighting, pose, samples, refusal)
    return Analysis(measurement, photo, sighting, pose, samples, curve)


def _chart_hints(hints: Hints) -> ChartHints:
    return ChartHints(hints.get("scale"), hints.get("chart_id"), hints.get("corners_px"), hints.get("paper"))


def _calibration(sighting: Sighting) -> PrintCalibration | None:
    """Return what is known of how this very sheet was printed."""
    return calibration_of(sighting.chart.id) if sighting.read_from == "qr" else None


def _size(photo: Photo) -> tuple[int, int]:
    rows, columns = photo.codes.shape
    return columns, rows
