"""The sheet that suits a planned photo, and how precise a shot of it will be.

The interval's bound by noise is that of Cramér and Rao: of the focus curve's parameters from the blur of every
piece of printed edge, and of the blur from noise. docs/studies/plan_check.py holds it against shots.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart, build_chart
from backfocus.targets.protocol import distances

from ..edges.fit import NEIGHBOUR_BLURS, WINDOW_BLURS
from ..edges.samples import END_MM, MIN_WINDOW_BLURS, PIECE_MM
from ..findings import Findings
from ..fit.freedom import EXPONENT_SD, USUAL_EXPONENT
from ..fit.interval import PRINT_SCALE, TWO_SIDED_95, soft_print_mm
from ..fit.problem import EQUAL_SIDES
from ..geometry import folds_of, sheet_from_page
from ..lens import circle_of_confusion_mm, image_distance_mm, magnification

SENSORS_MM = {
    "full-frame": (36.0, 24.0),
    "aps-c": (23.6, 15.7),
    "aps-c-canon": (22.3, 14.9),
    "micro-four-thirds": (17.3, 13.0),
    "1-inch": (13.2, 8.8),
}
"""Long and short side."""
USUAL_SCATTER_STEPS = 2.0
"""Standard deviation of autofocus. Cameras take 7 to 13 steps for in focus (DotTune runs,
fredmiranda.com/forum/topic/1187247/5): stopping anywhere within would make 2 to 3.8; good lenses repeat within 1
(thewanderinglensman.com/2013/07)."""
NEAREST = 4.0
"""In focal lengths: nearer than a third of life size the thin lens is no guide, and no sheet fits."""
_SHAPE_OF_OTHERS = 1.5
"""Long over short side of a sensor given by its width alone."""
Array = npt.NDArray[np.float64]
NOISE_OVER_CONTRAST = 0.008
"""Of a pixel: 1 % of paper white as at base ISO, 0.76 % on average between paper and ink; contrast 95 %."""
LENS_BLUR_UM = 2.5
PIXEL_BLUR_PX = 0.62
"""Standard deviations of a good lens's blur in focus, and of pixel and low-pass filter: 0.75 px on 24 MP."""
DIFFRACTION = 0.42 * 0.55
"""Standard deviation of the diffraction disc's core over the f-number, in µm, for green light."""
FIT_INFLATION = 3.2
"""Standard error over the bound, 2.6 to 3.7 in docs/studies/results/plan_check.md: JPEG, pieces of one tile that
err together, and a curve that is free to have the errors of lens and hand."""
FOLDS_MM = 0.3
"""Half width at 95 %: 0.1 to 0.4 mm on simulated shots with 50 to 200 mm from 1.5 to 6 m, where the width of edges
tells the plane; it follows neither lens, distance nor blur. One of 15 shots was told by contrast, within 5 mm
(docs/studies/results/plan_check.md)."""
PLANNED = ("flat", "zfold")
"""Designs that reach in front of the mark and behind it; the first is the usual one."""
SCALES = (1.0, 2**0.5, 2.0, 8**0.5, 0.5**0.5)
"""Of a paper, by which it becomes the next of the A series: full size first, then larger, then a smaller one."""
FITS = 0.95
"""Of the picture's height and width: some room to aim."""
NEEDED_STEPS = 5
"""Of focus error to be seen on the sheet: more is told as at least so much, and one change brings it in range."""


@dataclass(frozen=True)
class Setup:
    """A photo to be taken.

    Attributes:
        focal_length_mm: f.
        f_number: N, the lens's widest aperture, at which the photo is taken.
        sensor_mm: long and short side.
        distance_mm: from the lens (its front principal plane) to the AF mark.
        pixels: along the sensor's long side.
    """

    focal_length_mm: float
    f_number: float
    sensor_mm: tuple[float, float]
    distance_mm: float
    pixels: int

    @property
    def pitch_mm(self) -> float:
        """Distance between pixels."""
        return self.sensor_mm[0] / self.pixels

    @property
    def magnification(self) -> float:
        """Size on the sensor over size at the AF mark."""
        return magnification(self.focal_length_mm, self.distance_mm)

    @property
    def focal_px(self) -> float:
        """Distance from the lens to the sensor when focused on the AF mark, in pixels."""
        return image_distance_mm(self.focal_length_mm, self.distance_mm) / self.pitch_mm

    @property
    def circle_mm(self) -> float:
        """Circle of confusion."""
        width, height = self.sensor_mm
        return circle_of_confusion_mm(width, (self.pixels, round(self.pixels * height / width)))


def sensor_of_width(width_mm: float) -> tuple[float, float]:
    """Return long and short side of a sensor known by its width alone, taken as 3:2."""
    return width_mm, width_mm / _SHAPE_OF_OTHERS


def pixels_of(megapixels: float, sensor_mm: tuple[float, float]) -> int:
    """Return the pixels along the long side."""
    return round(math.sqrt(megapixels * 1e6 * sensor_mm[0] / sensor_mm[1]))


def choose_sheet(
    setup: Setup, step_mm: float | None, paper: str | None = None, design: str = PLANNED[0]
) -> PlannedSheet:
    """Return the first sheet that suits, full-size ones before others; else the first with the fewest doubts.

    Args:
        setup: lens, sensor and distance.
        step_mm: how far an AF step moves focus; None if unknown.
        paper: the only paper to use; None for A4 and A3.
        design: one of `PLANNED`.
    """
    sizes = [(name, scale) for scale in SCALES for name in ([paper] if paper else ["a4", "a3"])]
    sheets = []
    for name, scale in sizes:
        sheets.append(_planned(build_chart(design, name, scale), setup, step_mm))
        if not sheets[-1].doubts:
            return sheets[-1]
    return min(sheets, key=lambda sheet: len(sheet.doubts))


@dataclass(frozen=True)
class PlannedSheet:
    """A sheet as the planned photo has it.

    Attributes:
        camera: held "upright" or "across", whichever leaves more room.
        fills: the sheet's height or width over the picture's, whichever is larger.
        interval: what to expect of one shot; None where the sheet cannot tell focus.
        depth_range_mm: nearest and farthest printed edge, from the AF mark, positive away from the camera.
        doubts: what does not suit, in sentences; empty for a sheet that does.
    """

    chart: Chart
    camera: Literal["upright", "across"]
    fills: float
    interval: ExpectedInterval | None
    depth_range_mm: tuple[float, float]
    doubts: tuple[str, ...]


def _planned(chart: Chart, setup: Setup, step_mm: float | None) -> PlannedSheet:
    camera, fills = _picture(chart, setup)
    doubts = [*_size_doubts(chart, setup, fills), *_depth_doubts(chart, setup, step_mm)]
    return PlannedSheet(
        chart, camera, fills, expected_interval(chart, setup), _depth_range_mm(chart), tuple(doubts)
    )


def _size_doubts(chart: Chart, setup: Setup, fills: float) -> Iterator[str]:
    """Yield what is wrong with the sheet's size in the picture."""
    ratio, farthest = setup.distance_mm / setup.focal_length_mm, chart.widest_distance_over_focal_length
    if ratio > farthest:
        yield (
            f"At {ratio:.0f} focal lengths autofocus may see strong edges beside the mark; the sheet is good up to "
            f"{farthest:.0f}. Stand nearer or print larger."
        )
    if fills > FITS:
        yield "The sheet does not fit into the picture. Stand farther away or print smaller."
    pieces = measurable_pieces(chart, setup)
    bar_px = float(np.median(pieces.clear_px)) if len(pieces.clear_px) else 0.0
    if Findings.CHART_TOO_SMALL.crossed(bar_px):
        yield f"The bars will be only {bar_px:.0f} px wide in the picture. Stand nearer or print larger."


def _depth_doubts(chart: Chart, setup: Setup, step_mm: float | None) -> Iterator[str]:
    """Yield what is wrong with the sheet's depth."""
    near, far = _depth_range_mm(chart)
    side = min(-near, far)
    farthest = distances(chart, setup.f_number)[1] + 1 if chart.has_depth else math.inf
    shallow = setup.distance_mm >= farthest * setup.focal_length_mm
    if shallow or Findings.DEPTH_RANGE_TOO_SMALL.crossed(side * slope_px_per_mm(setup) / floor_px(setup)):
        yield "Blur hardly changes over the sheet. Stand nearer, print larger or open the aperture."
    if step_mm is not None and side < NEEDED_STEPS * step_mm:
        yield (
            f"The sheet's depth covers {side / step_mm:.1f} AF steps to either side; a larger error is told as at "
            "least so much."
        )


def _picture(chart: Chart, setup: Setup) -> tuple[Literal["upright", "across"], float]:
    """Return how to hold the camera, and the sheet's size over the picture's, with the AF mark in its middle."""
    image_mm = setup.focal_px * setup.pitch_mm
    corners = set_up_mm(chart, (corner for panel in chart.panels for corner in panel.outline_page_mm))
    depth = np.maximum(setup.distance_mm + corners[:, 2], setup.focal_length_mm)
    across, up = (2 * image_mm * np.abs(corners[:, :2]) / depth[:, None]).max(axis=0).tolist()
    long, short = setup.sensor_mm
    fills = {"across": max(across / long, up / short), "upright": max(across / short, up / long)}
    return ("across", fills["across"]) if fills["across"] <= fills["upright"] else ("upright", fills["upright"])


def _depth_range_mm(chart: Chart) -> tuple[float, float]:
    ends = (end for edge in chart.edges for end in (edge.from_page_mm, edge.to_page_mm))
    depth = set_up_mm(chart, ends)[:, 2]
    return float(depth.min()), float(depth.max())


def set_up_mm(chart: Chart, points_page_mm: Iterable[tuple[float, float]]) -> Array:
    """Return (n, 3) where points of a page set up as printed are: mm from the AF mark, to the right, up, away."""
    flat = sheet_from_page(chart, points_page_mm)
    placed = flat + sum((fold.displacement(flat) for fold in folds_of(chart)), np.zeros_like(flat))
    tilt, (x, y, z) = math.radians(chart.mark_tilt_deg), placed.T
    return np.stack([x, y * math.cos(tilt) + z * math.sin(tilt), y * math.sin(tilt) - z * math.cos(tilt)], axis=1)


def expected_interval(chart: Chart, setup: Setup, offset_mm: float = 0.0) -> ExpectedInterval | None:
    """Return the interval to expect of one shot; None where the sheet cannot tell focus.

    Args:
        chart: a sheet, leaned back or folded as it is printed for.
        setup: lens, sensor and distance.
        offset_mm: plane of sharpest focus minus AF mark.
    """
    floor, slope = floor_px(setup), slope_px_per_mm(setup)
    pieces = measurable_pieces(chart, setup, offset_mm)
    least_pieces, least_rise = Findings.TOO_FEW_EDGES.limits[0], Findings.NO_MINIMUM.limits[0]
    if least_pieces.is_crossed(len(pieces.blur_px)) or least_rise.is_crossed(pieces.blur_px.max() / floor):
        return None
    soft_mm = soft_print_mm(setup.focal_px, setup.distance_mm, floor, slope)
    return ExpectedInterval(
        bound_mm=TWO_SIDED_95 * _offset_sd_mm(pieces, floor, slope),
        print_mm=math.hypot(PRINT_SCALE * offset_mm, soft_mm),
        model_mm=TWO_SIDED_95 * EQUAL_SIDES * floor / slope,
        folds_mm=FOLDS_MM if len(chart.panels) > 1 else 0.0,
    )


@dataclass(frozen=True)
class ExpectedInterval:
    """Expected half widths at 95 % of the parts of one shot's interval, in mm.

    Attributes:
        bound_mm: by noise, the least that is possible.
        print_mm: by the printer's scale and soft ink.
        model_mm: by not knowing that blur grows equally on both sides.
        folds_mm: by how a folded card really stands, which the photo itself must tell.
    """

    bound_mm: float
    print_mm: float
    model_mm: float
    folds_mm: float = 0.0

    @property
    def fit_mm(self) -> float:
        """By noise, as the reader does it."""
        return FIT_INFLATION * self.bound_mm

    @property
    def half_width_mm(self) -> float:
        """Of the whole."""
        return math.hypot(self.fit_mm, self.print_mm, self.model_mm, self.folds_mm)


def floor_px(setup: Setup) -> float:
    """Return the blur in focus."""
    lens_px = math.hypot(LENS_BLUR_UM, DIFFRACTION * setup.f_number) / 1000.0 / setup.pitch_mm
    return math.hypot(lens_px, PIXEL_BLUR_PX)


def slope_px_per_mm(setup: Setup) -> float:
    """Return the blur per depth at the mark: a quarter of the disc (f / N) v |1/Zf - 1/Z| on the sensor."""
    aperture_mm = setup.focal_length_mm / setup.f_number
    return aperture_mm * setup.focal_px / setup.distance_mm**2 / 4.0


def measurable_pieces(chart: Chart, setup: Setup, offset_mm: float = 0.0) -> Pieces:
    """Return the pieces whose strips are wide enough for their blur, as if all of the sheet were in the picture."""
    seen = {panel.name: math.cos(math.radians(panel.fold_deg or chart.mark_tilt_deg)) for panel in chart.panels}
    ends = set_up_mm(chart, (end for edge in chart.edges for end in (edge.from_page_mm, edge.to_page_mm)))
    depths, lengths, clears = [], [], []
    for edge, (start, end) in zip(chart.edges, ends.reshape(-1, 2, 3), strict=True):
        length = float(np.linalg.norm(end - start))
        trimmed = length - 2 * END_MM * chart.scale
        count = max(1, round(trimmed / (PIECE_MM * chart.scale)))
        part = (END_MM * chart.scale + trimmed * (np.arange(count) + 0.5) / count) / length
        depth = start[2] + part * (end[2] - start[2])
        px_per_mm = setup.focal_px / (setup.distance_mm + depth)
        depths.append(depth)
        lengths.append(trimmed / count * px_per_mm * seen[edge.panel])
        clears.append(edge.clear_mm * px_per_mm)
    mark, slope = setup.distance_mm, slope_px_per_mm(setup)
    defocus = (1.0 / (mark + offset_mm) - 1.0 / (mark + np.concatenate(depths))) * mark**2
    blur = np.hypot(floor_px(setup), slope * defocus)
    pieces = Pieces(defocus, blur, np.concatenate(lengths), np.concatenate(clears))
    usable = pieces.window_blurs > MIN_WINDOW_BLURS
    return Pieces(defocus[usable], blur[usable], pieces.length_px[usable], pieces.clear_px[usable])


@dataclass(frozen=True)
class Pieces:
    """The measurable pieces of printed edge in the planned photo.

    Attributes:
        defocus_mm: (n,) signed distance from the plane of focus as seen at the AF mark, positive behind it.
        blur_px: (n,) standard deviation of the edge spread.
        length_px, clear_px: (n,) of the piece, and of the plain strips beside it.
    """

    defocus_mm: Array
    blur_px: Array
    length_px: Array
    clear_px: Array

    @property
    def window_blurs(self) -> Array:
        """(n,) half width of the profile across the edge, in blurs, as the reader chooses it."""
        widest = np.minimum(WINDOW_BLURS * self.blur_px + 1.5, self.clear_px - NEIGHBOUR_BLURS * self.blur_px - 0.5)
        return np.asarray(widest / self.blur_px)


def _offset_sd_mm(pieces: Pieces, floor: float, slope: float) -> float:
    """Return the bound of the offset's standard deviation.

    The information that an edge of length L px gives on the logarithm of its blur b is L b (C / noise)² I(w). With
    levels known, I is the integral of t² phi(t)², 1 / (4 sqrt(pi)); with the contrast C unknown, less
    (1 / (2 sqrt(pi)))² over the integral of (Phi - 1/2)² from -w to w, w / 2 - 1 / sqrt(pi).
    """
    inner = 1 / (4 * math.sqrt(math.pi)) - 1 / (4 * math.pi) / (pieces.window_blurs / 2 - 1 / math.sqrt(math.pi))
    weight = pieces.length_px * pieces.blur_px * inner / NOISE_OVER_CONTRAST**2
    gradient = _gradient(pieces.defocus_mm, floor, slope)
    information = (gradient * weight[:, None]).T @ gradient
    information[-1, -1] += 1 / EXPONENT_SD**2
    return math.sqrt(float(np.linalg.inv(information)[0, 0]))


def _gradient(defocus_mm: Array, floor: float, slope: float) -> Array:
    """Return (n, 4) derivatives of ln(blur) by the curve's offset, ln(floor), ln(slope) and exponent.

    With d the defocus, s its share of the variance and p = 2 the exponent in blur^p = floor^p + (slope d)^p, they
    are -s / d, 1 - s, s, and (s ln(slope d / floor) + ln(1 - s) / p) / p.
    """
    ratio = np.maximum(slope * np.abs(defocus_mm) / floor, 1e-6)
    share = ratio**2 / (1.0 + ratio**2)
    by_offset = -np.sign(defocus_mm) * share / ratio * slope / floor
    by_exponent = (share * np.log(ratio) + np.log1p(-share) / USUAL_EXPONENT) / USUAL_EXPONENT
    return np.stack([by_offset, 1.0 - share, share, by_exponent], axis=1)
