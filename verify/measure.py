"""The way of one photo: file, chart, pose, blur, focus; then its status, verdict and suggestion."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict, Unpack

import numpy as np

from backfocus.targets import Chart

from .cameras.dial import suggest
from .checks import (
    beyond,
    observe,
    observe_refused,
    of_the_light,
    of_the_paper,
    of_the_planes,
    of_the_sheet,
    refuse_doubtful,
    refuse_doubtful_end,
    refuse_one_sided,
    refuse_unseen,
)
from .detect.find_chart import ChartHints, Sighting, find_chart
from .detect.outline import find_outline
from .edges.colours import lens_has_colours
from .edges.samples import EdgeSamples, measure_edges
from .findings import Finding, Findings, Refusal
from .fit.focus import FocusCurve
from .fit.interval import PRINT_SCALE, UNCHECKED_PRINT
from .fit.plane import FocusPlane, find_focus_plane, focal_length_mm, sheet_bound
from .fit.pose import is_contradicted, off_axis_px, refine_pose, solve_pose
from .geometry import Pose
from .lens import (
    Verdict,
    circle_of_confusion_mm,
    defocus_um,
    depth_of_field_mm,
    focus_verdict,
    in_focus_range_mm,
    mtf50_cycles_px,
    sharpness_lost,
)
from .measurement import ChartRead, Colour, ColourOffset, Interval, Measurement, answered
from .photo.metadata import CameraInfo
from .photo.reading import Photo, read_colours, read_photo
from .prints.calibration import calibration_of, sighting_as_printed, sighting_at_scale
from .prints.paper import paper_scale
from .seen import settle, why_no_dial
from .sharpness import blur_at_mark_px, measure_sharpness
from .threads import one_thread

Corners = Sequence[tuple[float, float]]
COLOURS: tuple[Colour, ...] = ("red", "green", "blue")
UNCHECKED_MATTERS = 1.25
"""Times wider by not knowing the print's size: less is no reason for a remark."""
JPEG_SHRINKS, JPEG_HIDES = 6.0, 1.0e-3
"""How much may be missing in a JPEG: over the largest difference to grey that is left of any colour, up to 4.6 at
quality 90; and over z²/f, since at a quality of 88 nothing is left. Between red and green four traced lenses have
0.8, 1.0, 1.1 and 2.0e-3: the last is more than is allowed for."""


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


class _Lens(TypedDict):
    astigmatism_mm: float
    astigmatism_ci95_mm: Interval
    field_curvature_mm: Interval
    coarse_offset_mm: float | None
    mtf50_cycles_px: float
    mtf50_lp_mm: float | None


@dataclass(frozen=True, eq=False)
class Analysis:
    """A measurement with the steps that led to it; a step that was not reached is None."""

    measurement: Measurement
    photo: Photo
    sighting: Sighting | None = None
    pose: Pose | None = None
    samples: EdgeSamples | None = None
    curve: FocusCurve | None = None


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
        sighting, print_scale = _find_print(photo, hints)
        pose, focal_px = _first_pose(photo, sighting)
        samples = measure_edges(photo, sighting.chart, pose)
        pose, samples = refine_pose(pose, sighting, samples, focal_px)
        photo = settle(photo, pose)
        if not sighting.chart.has_depth:
            upright = answered(_upright(photo, sighting, pose, samples), path, photo.size_px)
            return Analysis(upright, photo, sighting, pose, samples)
        off_axis = max(photo.off_axis_px, off_axis_px(pose, photo.exif_focal_px))
        has_colours = lens_has_colours(read_colours(path, photo), photo, samples)
        plane = find_focus_plane(
            photo, sighting.chart, samples, pose, print_scale, off_axis, has_colours=has_colours
        )
        samples, curve = plane.samples, plane.curve
        measurement = _measured(photo, sighting, pose, plane, hints.get("setting"))
        if print_scale == UNCHECKED_PRINT:
            measurement = _unchecked(measurement)
        if hints.get("channels") and measurement.status == "measured":
            measurement = _with_colours(measurement, path, sighting.chart, pose, has_colours=has_colours)
    except Refusal as refusal:
        measurement = _refused(photo, sighting, pose, samples, curve, refusal)
    return Analysis(answered(measurement, path, photo.size_px), photo, sighting, pose, samples, curve)


def _find_print(photo: Photo, hints: Hints) -> tuple[Sighting, float]:
    """Return the chart as it really was printed, as far as known, and the half width at 95 % of its scale.

    What the user says comes first, then a kept check of the print, then the paper's own outline.
    """
    sighting = find_chart(
        photo, ChartHints(hints.get("scale"), hints.get("chart_id"), hints.get("corners_px"), hints.get("paper"))
    )
    if hints.get("as_designed") or sighting.read_from == "user" or not sighting.chart.has_depth:
        return sighting, PRINT_SCALE
    calibration = calibration_of(sighting.chart.id) if sighting.read_from == "qr" else None
    if calibration is not None:
        return sighting_as_printed(sighting, calibration), calibration.scale_half_width
    outline = find_outline(photo, sighting)
    paper = None if outline is None else paper_scale(sighting.chart, outline)
    if paper is None:
        return sighting, UNCHECKED_PRINT
    found = (*sighting.findings, *of_the_paper(paper.scale, paper.words))
    return replace(sighting_at_scale(sighting, paper.scale), findings=found), paper.half_width_95


def _first_pose(photo: Photo, sighting: Sighting) -> tuple[Pose, float | None]:
    """Return the pose by the markers, and the focal length in pixels that metadata tell, if the sheet agrees."""
    rows, columns = photo.codes.shape
    focal_px = photo.exif_focal_px
    pose = solve_pose(sighting, (columns, rows), focal_px)
    if is_contradicted(pose, focal_px):
        return solve_pose(sighting, (columns, rows), None), None
    return pose, focal_px


def _measured(
    photo: Photo, sighting: Sighting, pose: Pose, plane: FocusPlane, setting: float | None
) -> Measurement:
    """Return the result of a photo whose curve could be fitted: "measured" or "out-of-range".

    Raises:
        Refusal: the curve has no minimum, or the samples do not follow it.
    """
    curve, camera = plane.curve, photo.camera
    bound = sheet_bound(curve)
    if bound is None:
        # Of a sheet that focus lies beyond, the far end may be too blurred to be measured.
        refuse_one_sided(plane.samples, pose)
    by_contrast = plane.basis == "contrast"
    refuse_doubtful(pose, curve, plane.interval, by_contrast=by_contrast)
    refuse_unseen(plane)
    findings = (
        *observe(photo, sighting, pose, plane.samples, curve, by_contrast=by_contrast),
        *of_the_planes(plane),
    )
    refuse_doubtful_end(plane, findings)
    scale = plane.samples.scale
    in_focus = in_focus_range_mm(curve.blur_px, curve.offset_mm, pose.distance_mm)
    field = _depth_of_field(photo, pose)
    blur_at_mark, blur_at_focus = scale.photo_blur_px(curve.blur_px(np.array([0.0, curve.offset_mm]))).tolist()
    common = Measurement(
        photo=photo.name,
        status="measured",
        trustworthy=_is_trustworthy(findings),
        chart=_chart_read(sighting),
        tilt_deg=pose.tilt_deg,
        fold_deg=_fold_deg(pose),
        distance_mm=pose.distance_mm,
        depth_of_field_mm=field,
        blur_at_mark_px=blur_at_mark,
        camera=camera,
        sharpest_by=plane.basis,
        findings=findings,
    )
    if bound is not None:
        ends = (-math.inf if bound[0] is None else bound[0], math.inf if bound[1] is None else bound[1])
        return replace(
            common,
            status="out-of-range",
            trustworthy=False,
            offset_bound_mm=bound,
            verdict=focus_verdict(curve.offset_mm, ends, in_focus) if plane.has_one_plane else None,
            findings=(*findings, beyond(bound)),
        )
    offset, ci95 = curve.offset_mm, plane.ci95_mm
    measurement = replace(
        common,
        offset_mm=offset,
        offset_ci95_mm=ci95,
        interval_budget_mm=plane.interval.budget(),
        verdict=_verdict(plane, in_focus),
        in_focus_mm=in_focus,
        defocus_um=_defocus(offset, pose, camera),
        offset_in_dof=None if field is None else offset / sum(field),
        blur_at_focus_px=blur_at_focus,
        sharpness_lost=sharpness_lost(blur_at_mark, blur_at_focus),
        **_of_the_lens(photo, plane, blur_at_focus),
    )
    return _with_suggestion(measurement, setting, why_no_dial(photo, findings))


def _unchecked(measurement: Measurement) -> Measurement:
    """Return a measurement of a print whose size nothing shows, with a finding where that widened the interval."""
    if measurement.offset_mm is None or measurement.offset_ci95_mm is None:
        return measurement
    low, high = measurement.offset_ci95_mm
    half = (high - low) / 2
    grown2 = (UNCHECKED_PRINT**2 - PRINT_SCALE**2) * measurement.offset_mm**2
    if half**2 <= UNCHECKED_MATTERS**2 * (half**2 - grown2):
        return measurement
    return replace(measurement, findings=(*measurement.findings, *of_the_paper(None)))


def _verdict(plane: FocusPlane, in_focus_mm: Interval) -> Verdict | None:
    """Return the verdict; a lens without a single plane is nowhere in focus, but may miss the mark on one side."""
    found = focus_verdict(plane.curve.offset_mm, plane.ci95_mm, in_focus_mm)
    return None if found == "in-focus" and not plane.has_one_plane else found


def _of_the_lens(photo: Photo, plane: FocusPlane, blur_px: float) -> _Lens:
    """Return what the plane tells of the lens besides where it is; `blur_px` is that in the plane."""
    off, half, ridge = plane.astigmatism_mm, plane.astigmatism_half_mm, plane.ridge
    seen, width_mm = None if ridge is None else ridge.mtf50_cycles, photo.camera.sensor_width_mm
    cycles = mtf50_cycles_px(blur_px) if seen is None else seen
    return {
        "astigmatism_mm": off,
        "astigmatism_ci95_mm": (off - half, off + half),
        "field_curvature_mm": plane.curve.curvature_mm,
        "coarse_offset_mm": None if ridge is None or plane.basis == "width" else ridge.coarse_mm,
        "mtf50_cycles_px": cycles,
        "mtf50_lp_mm": None if width_mm is None else cycles * max(photo.codes.shape) / width_mm,
    }


def _with_suggestion(measurement: Measurement, setting: float | None, doubt: str | None) -> Measurement:
    """Return a measurement with what to dial, if it is to be trusted; `setting` overrides the metadata's."""
    it = measurement
    if not it.trustworthy or it.offset_mm is None or it.offset_ci95_mm is None or it.distance_mm is None:
        return it
    in_force = it.camera.af_setting if setting is None else setting
    in_focus = it.verdict == "in-focus"
    suggestion = suggest(
        it.offset_mm, it.offset_ci95_mm, it.distance_mm, it.camera, in_force, in_focus=in_focus, doubt=doubt
    )
    return replace(it, suggestion=suggestion)


def _upright(photo: Photo, sighting: Sighting, pose: Pose, samples: EdgeSamples) -> Measurement:
    """Return the result of an upright chart, "sharpness": how blurred it is.

    Raises:
        Refusal: too few edges.
    """
    sharpness = measure_sharpness(samples)
    findings = (
        *photo.findings,
        *sighting.findings,
        *of_the_sheet(sighting, pose, samples),
        *of_the_light(sighting.chart, samples),
    )
    return Measurement(
        photo=photo.name,
        status="sharpness",
        trustworthy=_is_trustworthy(findings),
        chart=_chart_read(sighting),
        tilt_deg=pose.tilt_deg,
        distance_mm=pose.distance_mm,
        blur_at_mark_px=sharpness.at_mark_px,
        sharpness=sharpness,
        camera=photo.camera,
        findings=(*findings, Findings.NO_DEPTH.finding()),
    )


def _refused(
    photo: Photo,
    sighting: Sighting | None,
    pose: Pose | None,
    samples: EdgeSamples | None,
    curve: FocusCurve | None,
    refusal: Refusal,
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
        blur_at_mark_px=blur_at_mark_px(samples, curve),
        camera=photo.camera,
        findings=observe_refused(photo, sighting, pose, samples, curve, refusal.finding),
    )


def _with_colours(
    measurement: Measurement, path: str | Path, chart: Chart, pose: Pose, *, has_colours: bool | None
) -> Measurement:
    """Return a measurement with the offset of each colour, which is the lens's longitudinal colour.

    The sheet is where the grey photo has it; only blur and focus are found anew in each colour. A colour is None
    where it has no measurable blur on the sheet.

    Args:
        measurement: of the grey photo.
        path: the photo, which is read again, a colour at a time.
        chart: the chart in it.
        pose: from the grey photo.
        has_colours: whether the lens is seen to have any.
    """
    assert measurement.offset_mm is not None
    planes: dict[Colour, FocusPlane | None] = {}
    for colour in COLOURS:
        photo = read_photo(path, plane=colour)
        planes[colour], is_jpeg = _colour_plane(photo, chart, pose, has_colours=has_colours), photo.has_jpeg_colours
    left = [abs(plane.curve.offset_mm - measurement.offset_mm) for plane in planes.values() if plane is not None]
    missing_mm = 0.0
    if is_jpeg:
        hidden_mm = JPEG_HIDES * pose.distance_mm**2 / focal_length_mm(measurement.camera, pose)
        missing_mm = max(JPEG_SHRINKS * max(left, default=0.0), hidden_mm)
    return replace(
        measurement,
        channels_mm={colour: _colour_offset(plane, missing_mm) for colour, plane in planes.items()},
        findings=(*measurement.findings, *([Findings.JPEG_COLOURS.finding()] if is_jpeg else [])),
    )


def _colour_plane(photo: Photo, chart: Chart, pose: Pose, *, has_colours: bool | None) -> FocusPlane | None:
    try:
        samples = measure_edges(photo, chart, pose)
        plane = find_focus_plane(photo, chart, samples, pose, has_colours=has_colours, is_one_colour=True)
        refuse_doubtful(pose, plane.curve, plane.interval, by_contrast=plane.basis == "contrast")
    except Refusal:
        return None
    return plane if sheet_bound(plane.curve) is None else None


def _colour_offset(plane: FocusPlane | None, missing_mm: float) -> ColourOffset:
    if plane is None:
        return ColourOffset(None, None)
    offset = plane.curve.offset_mm
    half = math.hypot(plane.interval.total_mm, missing_mm)
    return ColourOffset(offset, (offset - half, offset + half))


def _is_trustworthy(findings: Iterable[Finding]) -> bool:
    return not any(found.severity == "critical" for found in findings)


def _fold_deg(pose: Pose) -> Mapping[str, float] | None:
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


def _defocus(offset_mm: float, pose: Pose, camera: CameraInfo) -> float | None:
    focal_length = camera.focal_length_mm
    if focal_length is None or pose.distance_mm + min(offset_mm, 0.0) <= focal_length:
        return None
    return defocus_um(focal_length, pose.distance_mm, offset_mm)


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
