"""Sheets with known edges, and how wide edges are in a photo. Nothing here comes from the reader."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from backfocus.targets import Chart, build_chart
from backfocus.verify.simulate import Exposure, Sensor, SheetPose, SheetRaster, VirtualShot

Array = npt.NDArray[np.float64]

CHART = build_chart()
SMALL = Sensor(pixels=(600, 400))
PITCH_MM = 36.0 / 600
PERFECT = Exposure(noise_fraction=0.0)
CLEAR = {"vignetting_stops": 0.0}
MARK = CHART.af_mark_page_mm
PIXELS_PER_MM = 600 / 25.4


Box = tuple[float, float, float, float]


def draw(*boxes: Box, chart: Chart = CHART) -> SheetRaster:
    """A sheet with black boxes (left, top, right, bottom in mm); each pixel is as black as it is covered."""
    columns, rows = (round(side * PIXELS_PER_MM) for side in chart.page_mm)
    ink = np.zeros((rows, columns), np.uint8)
    for left, top, right, bottom in boxes:
        down = covered(top, bottom, rows, chart.page_mm[1])
        across = covered(left, right, columns, chart.page_mm[0])
        box = np.ix_(np.flatnonzero(down), np.flatnonzero(across))
        shade = np.rint(255 * np.outer(down[down > 0], across[across > 0])).astype(np.uint8)
        ink[box] = np.maximum(ink[box], shade)
    return SheetRaster(ink, chart.page_mm)


def covered(start: float, end: float, pixels: int, length: float) -> Array:
    """How much of each of `pixels` pixels along `length` mm lies between start and end."""
    sides = np.arange(pixels + 1) * length / pixels
    inside = np.clip(sides, start, end)
    return np.diff(inside) * pixels / length


HALF_BLACK = draw((0, 0, MARK[0], 297))
"""Ink left of a straight edge that runs through the AF mark from top to bottom."""
LETTER_L = draw((80, 110, 90, 180), (80, 170, 125, 180))
"""Looks different from every side."""
FACING = SheetPose(0, 0, 0, 1500)


def linear(shot: VirtualShot) -> Array:
    """The picture's light: sRGB decoded."""
    coded = shot.codes16 / 65535.0
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def look(light: Array, px: Array) -> Array:
    """Values between pixels."""
    x, y = (np.ascontiguousarray(px[..., i], dtype=np.float32) for i in (0, 1))
    return cv2.remap(light.astype(np.float32), x, y, cv2.INTER_LINEAR).astype(np.float64)


def edge_profile(shot: VirtualShot, ends_mm: npt.ArrayLike, reach_px: float) -> tuple[Array, Array]:
    """Distances from the edge, positive towards its right-hand side, and the light there."""
    light = linear(shot)
    start, end = shot.truth.page_to_pixel(np.array(ends_mm))
    along = (end - start) / np.linalg.norm(end - start)
    across = np.array([-along[1], along[0]])
    y, x = np.indices(light.shape)
    offset = np.stack([x, y], axis=-1) - start
    distance, place = offset @ across, offset @ along
    near = (np.abs(distance) < reach_px) & (place > 0) & (place < np.linalg.norm(end - start))
    return distance[near], light[near]


def gaussian_edge(d: Array, low: float, high: float, at: float, width: float) -> Array:
    return low + (high - low) * ndtr((d - at) / width)


def spread(d: Array, light: Array, reach: float) -> float:
    """Standard deviation of the edge spread, from its moments."""
    order = np.argsort(d)
    bins = np.linspace(-reach, reach, 161)
    index = np.digitize(d[order], bins)
    profile = np.array([light[order][index == i].mean() for i in range(1, 161)])
    middle = (bins[1:] + bins[:-1]) / 2
    weight = np.diff(profile) / (profile[-1] - profile[0])
    where = (middle[1:] + middle[:-1]) / 2
    mean = (weight * where).sum()
    return math.sqrt((weight * (where - mean) ** 2).sum() - 1 / 12)
