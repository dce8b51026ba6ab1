"""The whole way of one photo: file, fiducials, pose, blur, focus, offset, suggestion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, Unpack

from backfocus.verify.colours import with_colours
from backfocus.verify.edges.printed import EdgeSamples, measure_edges
from backfocus.verify.fiducials.sighting import ChartHints, Sighting, find_chart
from backfocus.verify.findings import Refusal
from backfocus.verify.focus.curve import FocusCurve
from backfocus.verify.focus.interval import PRINT_SCALE
from backfocus.verify.focus.plane import find_focus_plane
from backfocus.verify.geometry.from_edges import refine_pose
from backfocus.verify.geometry.from_markers import solve_pose
from backfocus.verify.geometry.pose import Pose
from backfocus.verify.geometry.told_focal import is_contradicted, off_axis_px
from backfocus.verify.measurement import Measurement
from backfocus.verify.photo.metadata.camera_info import CameraInfo
from backfocus.verify.photo.reading import Photo, read_photo
from backfocus.verify.prints.as_printed import sighting_as_printed
from backfocus.verify.prints.calibration import PrintCalibration, calibration_of
from backfocus.verify.reckoning import refused, summarise, upright

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
        focal_px = photo.told_focal_px
        pose = solve_pose(sighting, _size(photo), focal_px)
        if is_contradicted(pose, focal_px):
            focal_px = None
            pose = solve_pose(sighting, _size(photo), None)
        samples = measure_edges(photo, sighting.chart, pose)
        pose, samples = refine_pose(pose, sighting, samples, focal_px)
        if not sighting.chart.has_depth:
            return Analysis(upright(photo, sighting, pose, samples), photo, sighting, pose, samples)
        print_scale = calibration.scale_half_width if calibration else PRINT_SCALE
        off_axis = max(photo.off_axis_px, off_axis_px(pose, photo.told_focal_px))
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
