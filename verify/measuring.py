"""The whole way of one photo: file, fiducials, pose, blur, focus, offset, suggestion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backfocus.verify.colours import with_colours
from backfocus.verify.edges.printed import EdgeSamples, measure_edges
from backfocus.verify.fiducials.sighting import ChartHints, Sighting, find_chart
from backfocus.verify.findings import Refusal
from backfocus.verify.focus.curve import FocusCurve
from backfocus.verify.focus.plane import find_focus_plane
from backfocus.verify.geometry.from_edges import refine_pose
from backfocus.verify.geometry.from_markers import solve_pose
from backfocus.verify.geometry.pose import Pose
from backfocus.verify.measurement import Measurement
from backfocus.verify.photo.metadata.camera_info import CameraInfo
from backfocus.verify.photo.reading import Photo, read_photo
from backfocus.verify.reckoning import refused, summarise

TYPICAL_MAGNIFICATION = 1 / 35
"""At 25 to 50 focal lengths; a lens focused there stands this much farther from the sensor than at infinity."""

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


def measure(
    path: str | Path,
    *,
    camera: CameraInfo | None = None,
    setting: float | None = None,
    scale: float | None = None,
    chart_id: str | None = None,
    corners_px: Corners | None = None,
    paper: str | None = None,
    channels: bool = False,
) -> Measurement:
    """Measure the focus offset in a photo of a chart.

    Args:
        path: a JPEG, PNG or TIFF file.
        camera: what is known about camera and lens; overrides the photo's metadata.
        setting: AF fine-tune setting in force when the photo was taken.
        scale: printed size over nominal size, where the QR code cannot be read.
        chart_id: which of several charts in the photo to measure: the id in its QR code.
        corners_px: the page's corners in the upright photo, for a sheet whose markers cannot be found: top left,
            top right, bottom right, bottom left as printed.
        paper: name of that sheet's paper.
        channels: also measure red, green and blue light each.

    Returns:
        The measurement; a photo that cannot be measured gives one with status "refused" and the reason as finding.

    Raises:
        UnreadablePhotoError: the file is no photo.
    """
    return analyse(
        path,
        camera=camera,
        setting=setting,
        scale=scale,
        chart_id=chart_id,
        corners_px=corners_px,
        paper=paper,
        channels=channels,
    ).measurement


def analyse(
    path: str | Path,
    *,
    camera: CameraInfo | None = None,
    setting: float | None = None,
    scale: float | None = None,
    chart_id: str | None = None,
    corners_px: Corners | None = None,
    paper: str | None = None,
    channels: bool = False,
) -> Analysis:
    """Measure like `measure`, and keep the steps, for drawing and study."""
    photo = read_photo(path, camera)
    sighting: Sighting | None = None
    pose: Pose | None = None
    samples: EdgeSamples | None = None
    curve: FocusCurve | None = None
    try:
        sighting = find_chart(photo, ChartHints(scale, chart_id, corners_px, paper))
        focal_px = _focal_px(photo)
        pose = solve_pose(sighting, _size(photo), focal_px)
        samples = measure_edges(photo, sighting.chart, pose)
        pose, samples = refine_pose(pose, sighting, samples, focal_px)
        plane = find_focus_plane(samples, pose)
        samples, curve = plane.samples, plane.curve
        measurement = summarise(photo, sighting, pose, samples, curve, plane.interval, setting)
        if channels and measurement.status == "measured":
            measurement = with_colours(measurement, path, sighting.chart, pose)
    except Refusal as refusal:
        measurement = refused(photo, sighting, pose, samples, refusal)
    return Analysis(measurement, photo, sighting, pose, samples, curve)


def _size(photo: Photo) -> tuple[int, int]:
    rows, columns = photo.codes.shape
    return columns, rows


def _focal_px(photo: Photo) -> float | None:
    """Return the distance from lens to sensor in pixels, as far as the metadata tell."""
    camera = photo.camera
    if camera.focal_length_mm is None or camera.sensor_width_mm is None:
        return None
    pixels_per_mm = max(photo.codes.shape) / camera.sensor_width_mm
    return float(camera.focal_length_mm * (1 + TYPICAL_MAGNIFICATION) * pixels_per_mm)
