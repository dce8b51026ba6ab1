"""The steps of a photo as values made by formula, without a picture: sighting, pose, edges and focus curve."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart, build_chart
from backfocus.verify.detect.find_chart import Sighting
from backfocus.verify.edges.fit import EdgeFits, Strips
from backfocus.verify.edges.profiles import Profiles
from backfocus.verify.edges.samples import EdgeSamples
from backfocus.verify.fit.curve import EXPONENT, LOG_FLOOR, LOG_SLOPE, OFFSET, PARAMETERS, TILT, CurveForm
from backfocus.verify.fit.focus import FocusCurve
from backfocus.verify.fit.interval import OffsetInterval
from backfocus.verify.fit.motion import Motion
from backfocus.verify.fit.plane import FocusPlane
from backfocus.verify.fit.ridge import Ridge
from backfocus.verify.geometry import Pose, folds_of, parameter_count, sheet_from_page
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.photo.reading import Photo

Array = npt.NDArray[np.float64]

IMAGE_SIZE = (3000, 2000)
MARK_MM = 1500.0
FOCAL_LENGTH_MM, F_NUMBER = 85.0, 1.4
"""The sheet is then 17.6 focal lengths away, within the quiet zone of A4."""
FOCAL_PX = FOCAL_LENGTH_MM * 1.02 * IMAGE_SIZE[0] / 36.0
CAMERA = CameraInfo("NIKON CORPORATION", "NIKON D850", "85mm f/1.4", FOCAL_LENGTH_MM, F_NUMBER, F_NUMBER, 36.0)
FLOOR_PX, SLOPE_PX_PER_MM = 0.8, FOCAL_LENGTH_MM / F_NUMBER * FOCAL_PX / (4.0 * MARK_MM**2)
"""Blur in focus, and its rise by a disc of the aperture's size, whose edges have a quarter of its diameter."""
NEAR_PX, FAR_PX = 2.8, 5.0
"""Places of a profile: where sharpening makes a halo, and beyond it."""


def photo(**camera: Any) -> Photo:
    """A photo whose pixels nobody looks at; keywords change the camera."""
    known = CameraInfo(**(vars(CAMERA) | camera))
    return Photo("photo.jpg", np.zeros(IMAGE_SIZE[::-1], np.uint8), np.linspace(0, 1, 256, dtype=np.float32), known)


def pose(tilt_deg: float = 45.0, chart: Chart | None = None, **changes: Any) -> Pose:
    """The pose of a sheet that leans back, or of a folded chart."""
    lean = math.radians(tilt_deg)
    folds = folds_of(chart) if chart else ()
    known: dict[str, Any] = {
        "rotation": np.array(
            [[1.0, 0.0, 0.0], [0.0, -math.cos(lean), -math.sin(lean)], [0.0, math.sin(lean), -math.cos(lean)]]
        ),
        "translation_mm": np.array([0.0, 0.0, MARK_MM]),
        "focal_px": FOCAL_PX,
        "distortion": 0.0,
        "bending_per_mm": np.zeros(3),
        "folds": folds,
        "image_size": IMAGE_SIZE,
        "covariance": np.zeros((parameter_count(folds), parameter_count(folds))),
        "residual_px": 0.1,
    }
    return Pose(**(known | changes))


def sighting(chart: Chart | None = None) -> Sighting:
    """All markers of a chart where the standard pose sees them."""
    chart = chart or build_chart()
    page = np.array([marker.corners_page_mm for marker in chart.markers], dtype=np.float64)
    seen = pose().project(sheet_from_page(chart, page.reshape(-1, 2)))
    count = len(page)
    return Sighting(
        chart=chart,
        read_from="qr",
        marker_ids=np.array([marker.id for marker in chart.markers]),
        corners_page_mm=page,
        corners_px=seen.reshape(-1, 4, 2),
        corner_sd_px=np.full(count, 0.1),
        refined=np.ones(count, dtype=bool),
    )


def samples(
    count: int = 1000, *, chart: Chart | None = None, halo: float = 0.0, contrast: float = 0.9, **changes: Any
) -> EdgeSamples:
    """Pieces of level and upright edges spread evenly over the sheet, as sharp as a sharp lens leaves them.

    Args:
        count: of the pieces.
        chart: whose inks the edges have.
        halo: overshoot beside the edges, over their contrast.
        contrast: by how much the ink is darker than the paper, over the light that its grey should take away.
        changes: fields of the samples; `bright` is the light of the paper, (count,).
    """
    place = np.linspace(-1.0, 1.0, count)
    sheet = np.stack([80.0 * np.cos(7.0 * place), 120.0 * place, np.zeros(count)], axis=1)
    along = np.zeros((count, 3))
    along[::2, 0], along[1::2, 1] = 1.0, 1.0
    across = np.zeros((count, 2))
    across[::2, 1], across[1::2, 0] = 1.0, 1.0
    depth = pose().depth_mm(sheet) - MARK_MM
    defocus = (1.0 / MARK_MM - 1.0 / (MARK_MM + depth)) * MARK_MM**2
    blur = np.hypot(FLOOR_PX, SLOPE_PX_PER_MM * defocus)
    bright = np.asarray(changes.pop("bright", np.full(count, 0.8)))
    edge = np.arange(count) // 10
    dark = bright * (1.0 - contrast * (1.0 - np.array([each.ink for each in (chart or build_chart()).edges])[edge]))
    level = np.array([0.0, -halo, 1.0 + halo, 1.0])
    profiles = Profiles(
        distance_px=np.tile([-FAR_PX, -NEAR_PX, NEAR_PX, FAR_PX], (count, 1)) * blur[:, None],
        light=dark[:, None] + (bright - dark)[:, None] * level,
        pixels=np.ones((count, 4)),
    )
    zeros, ones = np.zeros(count), np.ones(count)
    fits = EdgeFits(zeros, blur, dark, bright, 0.05 * ones, 0.05 * ones, zeros, np.ones(count, dtype=bool))
    known: dict[str, Any] = {
        "sheet_mm": sheet,
        "along": along,
        "found_px": pose().project(sheet),
        "across": across,
        "found_sd_px": 0.05 * ones,
        "blur_px": blur,
        "blur_sd_px": 0.05 * blur,
        "clear_px": 20.0 * ones,
        "edge": edge,
        "tile": np.arange(count) // 40,
        "strips": Strips(np.arange(count), zeros, fits, profiles, 6.0 * ones),
        "offered": count,
    }
    return EdgeSamples(**(known | changes))


def curve(
    offset_mm: float = 0.0,
    floor_px: float = FLOOR_PX,
    slope_px_per_mm: float = SLOPE_PX_PER_MM,
    *,
    turned_mm: float = 0.0,
    shake_px: float = 0.0,
    depth_range_mm: tuple[float, float] = (-100.0, 100.0),
    scatter: float = 0.02,
    heavy_tails: float = 0.0,
) -> FocusCurve:
    """The focus curve of an ideal lens: blur² = floor² + slope² s²."""
    parameters = np.zeros(PARAMETERS)
    parameters[OFFSET], parameters[EXPONENT], parameters[TILT] = offset_mm, 2.0, turned_mm
    parameters[LOG_FLOOR], parameters[LOG_SLOPE] = math.log(floor_px), math.log(slope_px_per_mm)
    blur = shake_px / math.sqrt(12.0)
    return FocusCurve(
        offset_mm=offset_mm,
        offset_sd_mm=0.1,
        model_sd_mm=0.1,
        mark_mm=MARK_MM,
        form=CurveForm(MARK_MM, floor_px / slope_px_per_mm, 0.0),
        parameters=parameters,
        depth_range_mm=depth_range_mm,
        weight=np.ones(1),
        depth_influence=np.zeros(1),
        chi2=1.0,
        scatter=scatter,
        heavy_tails=heavy_tails,
        lens_odds=-3.0,
        covariance=np.zeros((PARAMETERS, PARAMETERS)),
        motion=Motion(np.diag([blur**2, 0.0, 0.0]), np.zeros(6), blur, (blur, blur), None),
    )


def plane(offset_mm: float = 0.0, half_width_mm: float = 1.0) -> FocusPlane:
    """The plane of focus of an ideal lens, found by the width of edges."""
    return FocusPlane(
        samples=samples(),
        curve=curve(offset_mm),
        interval=OffsetInterval(half_width_mm, 0.0, 0.0, 0.0),
        basis="width",
        astigmatism_mm=0.0,
        astigmatism_half_mm=1.0,
    )


def ridge(offset_mm: float = 0.0, **changes: Any) -> Ridge:
    """The plane of most contrast of a sharp lens, for fine and coarse detail alike, known to 0.5 mm (1 sd)."""
    known: dict[str, Any] = {
        "offset_mm": offset_mm,
        "noise_mm": 0.3,
        "top_mm": 0.0,
        "spread_mm": 0.4,
        "field_mm": 0.0,
        "colour_mm": 0.0,
        "colour_sd_mm": 0.0,
        "astigmatism_mm": 0.0,
        "astigmatism_sd_mm": 0.5,
        "coarse_mm": offset_mm,
        "peak": 0.5,
        "ratio": 0.7,
        "depth_range_mm": (-100.0, 100.0),
        "scatter": 1.0,
        "mtf50_cycles": 0.2,
        "mtf50_lp_mm": 16.7,
    }
    return Ridge(**(known | changes))
