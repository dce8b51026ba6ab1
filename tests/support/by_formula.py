"""What the measuring core is given, made by formula: poses, corners, edges with a known blur. No picture."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart
from backfocus.verify.detect.find_chart import Sighting
from backfocus.verify.edges.fit import EdgeFits, Strips
from backfocus.verify.edges.profiles import BINS, Profiles
from backfocus.verify.edges.samples import EdgeSamples
from backfocus.verify.geometry import Pose, folds_of, parameter_count, sheet_from_page

Array = npt.NDArray[np.float64]

IMAGE_SIZE = (6000, 4000)
FOCAL_PX = 85.0 * 6000 / 36
FLOOR_PX = 0.8
PIECE_MM = 2.5


def leaning(tilt_deg: float = 45.0, distance_mm: float = 1500.0, chart: Chart | None = None) -> Pose:
    """A sheet that leans back by `tilt_deg`, turned a little; folded as the chart is printed for."""
    tip = cv2.Rodrigues(np.array([math.radians(180.0 - tilt_deg), 0.0, 0.0]))[0]
    turn = cv2.Rodrigues(np.array([0.0, math.radians(2.0), math.radians(1.5)]))[0]
    folds = folds_of(chart) if chart else ()
    return Pose(
        rotation=np.asarray(turn @ tip, dtype=np.float64),
        translation_mm=np.array([5.0, -8.0, distance_mm]),
        focal_px=FOCAL_PX,
        distortion=0.0,
        bending_per_mm=np.zeros(3),
        folds=folds,
        image_size=IMAGE_SIZE,
        covariance=np.zeros((parameter_count(folds), parameter_count(folds))),
        residual_px=0.0,
    )


def one_edge_square_on(
    chart: Chart, image_size: tuple[int, int], slope: float, dark_side: Literal["left", "right"], clear_mm: float
) -> tuple[Chart, Pose]:
    """A chart of one edge, 40 mm long and nearly upright through the mark, seen square on at 14 px a mm."""
    pose = replace(
        leaning(),
        rotation=np.diag([1.0, -1.0, -1.0]),
        translation_mm=np.array([0.0, 0.0, 250.0]),
        focal_px=3500.0,
        image_size=image_size,
    )
    (x_mm, y_mm), reach = chart.af_mark_page_mm, 20.0
    edge = replace(
        chart.edges[0],
        from_page_mm=(x_mm - reach * slope, y_mm - reach),
        to_page_mm=(x_mm + reach * slope, y_mm + reach),
        dark_side=dark_side,
        clear_mm=clear_mm,
    )
    return replace(chart, edges=(edge,)), pose


def sighted(chart: Chart, pose: Pose, rng: np.random.Generator, sd_px: float = 0.1) -> Sighting:
    """The chart's marker corners as that pose projects them, with normal errors of `sd_px`."""
    page = np.array([marker.corners_page_mm for marker in chart.markers], dtype=np.float64)
    pixels = pose.project(sheet_from_page(chart, page.reshape(-1, 2))).reshape(page.shape)
    count = len(page)
    return Sighting(
        chart=chart,
        read_from="qr",
        marker_ids=np.array([marker.id for marker in chart.markers]),
        corners_page_mm=page,
        corners_px=pixels + sd_px * rng.normal(size=pixels.shape),
        corner_sd_px=np.full(count, max(sd_px, 1e-3)),
        refined=np.ones(count, dtype=bool),
    )


def blur_law(pose: Pose, depth_mm: Array, offset_mm: float, slope_px_per_mm: float = FLOOR_PX / 15.0) -> Array:
    """The thin lens's blur, with a floor, at depths from the AF mark."""
    mark = pose.distance_mm
    defocus = (1.0 / (mark + offset_mm) - 1.0 / (mark + depth_mm)) * mark**2
    return np.asarray(np.hypot(FLOOR_PX, slope_px_per_mm * defocus))


def printed_edges(
    chart: Chart,
    pose: Pose,
    rng: np.random.Generator,
    offset_mm: float = 0.0,
    noise: float = 0.02,
    place_sd_px: float = 0.05,
) -> EdgeSamples:
    """Every printed edge in pieces, with normal errors: `noise` as a part of the blur, `place_sd_px` across."""
    places, directions, edges = [], [], []
    for number, edge in enumerate(chart.edges):
        start, end = sheet_from_page(chart, (edge.from_page_mm, edge.to_page_mm))
        if edge.dark_side == "right":
            start, end = end, start
        length = float(np.linalg.norm(end - start))
        count = max(1, int((length - 4.0) / PIECE_MM))
        places.append(start + (np.arange(count) + 0.5)[:, None] / count * (end - start))
        directions.append(np.tile((end - start) / length, (count, 1)))
        edges.append(np.full(count, number))
    sheet, along, edge_of = np.concatenate(places), np.concatenate(directions), np.concatenate(edges)
    seen = pose.project(sheet)
    width, height = pose.image_size
    inside = (seen > 5).all(axis=1) & (seen < np.array([width, height]) - 6).all(axis=1)
    sheet, along, edge_of, seen = sheet[inside], along[inside], edge_of[inside], seen[inside]
    step = pose.project(sheet + along) - seen
    tangent = step / np.linalg.norm(step, axis=1)[:, None]
    across = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    count = len(sheet)
    blur = blur_law(pose, pose.depth_mm(sheet) - pose.distance_mm, offset_mm)
    return EdgeSamples(
        sheet_mm=sheet,
        along=along,
        found_px=seen + place_sd_px * rng.normal(size=count)[:, None] * across,
        across=across,
        found_sd_px=np.full(count, place_sd_px),
        blur_px=blur * (1.0 + noise * rng.normal(size=count)),
        blur_sd_px=noise * blur,
        clear_px=np.full(count, 60.0),
        edge=edge_of,
        tile=np.array([edge.tile for edge in chart.edges])[edge_of],
        strips=_strips(blur, noise),
        offered=count,
    )


def _strips(blur: Array, noise: float) -> Strips:
    count = len(blur)
    fits = EdgeFits(
        shift_px=np.zeros(count),
        blur_px=blur,
        dark=np.full(count, 0.04),
        bright=np.full(count, 0.7),
        shift_sd_px=np.full(count, 0.05),
        blur_sd_px=noise * blur,
        residual=np.full(count, 0.01),
        ok=np.ones(count, dtype=bool),
    )
    empty = Profiles(*np.zeros((3, count, BINS)))
    return Strips(np.arange(count), np.zeros(count), fits, empty, 4.5 * blur + 1.5)
