"""The sheet's own outline in a photo: where the paper ends, against what lies behind it, in the page's millimetres.

Markers say where the page is; the paper's sides are the first straight edges outside of its ink. They are looked
for along many profiles across every side, in linear light, and judged by how well the profiles agree on one line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart

from ..geometry import panel_index
from ..photo.reading import Photo
from .find_chart import Sighting
from .markers import fit_homography
from .sheets import PageMap, marker_panels

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
SideName = Literal["left", "right", "top", "bottom"]

PROFILES = 48
"""Along a side; a pencil or a finger across it takes a few of them."""
SAMPLES_A_PROFILE = 4
"""Side by side, averaged: noise falls to half, at half of the time that eight take."""
ENDS = 0.03
"""Of a side, left out at its ends: there a blurred corner of the paper rounds it."""
OUTWARDS = 0.2
"""Of the page's width or height: how far outside of the page the paper may end. A page 'fitted' to a paper of
another shape has up to 0.17 on each side (Tabloid on Letter), one fitted to its own 0.05."""
INK_GAP_MM = 0.5
"""Profiles begin so far outside of the outermost ink."""
WINDOWS_MM = (2.0, 4.0)
"""Mean light so far to one side of a place is held against that to the other: wider than blur and noise of most
sides, narrower than the 9 mm of plain paper that surround all ink; the second for sides far out of focus."""
LEAST_WINDOW_PX = 4
MOST_STEPS = 500
"""Across a profile, so that a sheet that fills a picture of 200 MP takes no longer than others."""
DARKEST = 1e-3
"""Light of paper in a photo that is black; less would make noise a step."""
LEAST_STEP = 0.06
"""Of the paper's light: less is a fold, a shadow's rim, or unevenness of the light."""
FALLS = 0.7
"""Of its height: then a step is over, and what follows is another edge. Noise alone makes smaller dents."""
MOST_TURN = 0.02
"""Radians by which a page is printed askew on its paper: 1.1°, 6 mm on A4."""
ON_LINE = 0.175
"""Of the window: scatter of single profiles about a side, 0.35 mm for the narrower one."""
LEAST_AGREEING = 0.6
"""Of the profiles of a side that lie in the picture: what a shadow or a thing on the desk leaves."""
LEAST_SEEN = 0.5
"""Of a side's profiles, in the picture."""
RIGHT_ANGLE = 0.005
"""Radians by which sides may differ from a rectangle: 1.5 mm over the height of A4. Things on a desk that only look
parallel to the sheet are off by more; a curled sheet, too, is no ruler."""
MARKERS_SPAN = 0.5
"""Of the page's width and height, between the markers that were found: beyond them the page's map is a guess."""


@dataclass(frozen=True)
class Side:
    """One side of the paper, as a line in the page frame.

    Attributes:
        at_mm: x of a left or right side, y of one at the top or bottom, at the middle of the page.
        turn_rad: of the line against the page's axis, clockwise on the page.
        sd_mm: standard error of `at_mm`.
        agreeing: share of its profiles in the picture that lie on the line.
        step: light outside less that of the paper, over that of the paper.
    """

    at_mm: float
    turn_rad: float
    sd_mm: float
    agreeing: float
    step: float


@dataclass(frozen=True)
class Outline:
    """The paper's outline, in mm of the page as designed; sides that cannot be seen are None.

    Opposite sides are parallel, and neighbours at right angles, within `RIGHT_ANGLE`.
    """

    left: Side | None
    right: Side | None
    top: Side | None
    bottom: Side | None

    @property
    def is_whole(self) -> bool:
        """Whether all four sides were found."""
        return None not in (self.left, self.right, self.top, self.bottom)


def find_outline(photo: Photo, sighting: Sighting) -> Outline | None:
    """Find the paper's sides.

    Returns:
        The outline; None where no two opposite sides are seen, or the sides found make no rectangle, so that at
        least one of them is none of the paper's.
    """
    page_map = _page_map(sighting)
    if page_map is None:
        return None
    chart = sighting.chart
    found = {look.name: _side(photo, page_map, look) for look in _looks(chart)}
    sides = [side for side in found.values() if side is not None]
    if not (found["left"] and found["right"]) and not (found["top"] and found["bottom"]):
        return None
    turns = [side.turn_rad for side in sides]
    if max(turns) - min(turns) > RIGHT_ANGLE:
        return None
    return Outline(**found)


def _page_map(sighting: Sighting) -> PageMap | None:
    """Return the map from page to picture by the markers; None where those found do not reach the sides."""
    chart = sighting.chart
    panel_of = dict(zip([marker.id for marker in chart.markers], marker_panels(chart), strict=True))
    panels = np.array([panel_of[int(marker)] for marker in sighting.marker_ids])
    span = np.ptp(sighting.corners_page_mm.reshape(-1, 2), axis=0)
    if (span < MARKERS_SPAN * np.array(chart.page_mm)).any():
        return None
    homographies = []
    for panel in range(len(chart.panels)):
        own = panels == panel
        homography = fit_homography(sighting.corners_page_mm[own], sighting.corners_px[own]) if own.any() else None
        if homography is None:
            return None
        homographies.append(homography)
    return PageMap(chart, tuple(homographies))


@dataclass(frozen=True)
class _Look:
    """Where to look for one side.

    Attributes:
        name: which.
        along: 0 for a side along the page's x, 1 for one along y.
        outwards: +1 where the page's coordinate across grows outwards, else -1.
        nominal_mm: that coordinate of the page's own side.
        inner_mm: how far inside of it profiles begin.
        outer_mm: how far outside of it they end.
        length_mm: of the page's side.
    """

    name: SideName
    along: int
    outwards: int
    nominal_mm: float
    inner_mm: float
    outer_mm: float
    length_mm: float


def _looks(chart: Chart) -> Iterator[_Look]:
    ink = np.array(
        [point for part in chart.polygons for point in part.points_page_mm]
        + [point for part in chart.strokes for point in (part.from_page_mm, part.to_page_mm)]
        + [point for marker in chart.markers for point in marker.corners_page_mm]
    )
    low, high = ink.min(axis=0), ink.max(axis=0)
    for along, first, second in ((1, "left", "right"), (0, "top", "bottom")):
        across = 1 - along
        size, length = chart.page_mm[across], chart.page_mm[along]
        outer = OUTWARDS * size
        yield _Look(first, along, -1, 0.0, float(low[across]) - INK_GAP_MM, outer, length)  # type: ignore[arg-type]
        inner = size - float(high[across]) - INK_GAP_MM
        yield _Look(second, along, 1, size, inner, outer, length)  # type: ignore[arg-type]


def _side(photo: Photo, page_map: PageMap, look: _Look) -> Side | None:
    """Return one side of the paper; of a line darker outside and one brighter outside, the inner one."""
    light, out_mm, along_mm = _profiles(photo, page_map, look)
    step_mm = float(out_mm[1] - out_mm[0])
    found: list[tuple[_Line, float]] = []
    for window_mm in WINDOWS_MM:
        window = max(LEAST_WINDOW_PX, round(window_mm / step_mm))
        if found or len(out_mm) < 4 * window:
            break
        paper = np.median(light[:, : 2 * window], axis=1, keepdims=True)
        steps = _steps(light / np.maximum(paper, DARKEST), window)
        edges_mm, on_line_mm = out_mm[window:-window] - step_mm / 2, ON_LINE * window_mm
        lines = [(_line(sign * steps, edges_mm, along_mm, on_line_mm), sign) for sign in (-1.0, 1.0)]
        found = [(line, sign) for line, sign in lines if line is not None]
    if not found:
        return None
    line, sign = min(found, key=lambda each: each[0].out_mm)
    return Side(
        at_mm=look.nominal_mm + look.outwards * line.out_mm,
        turn_rad=line.slope * look.outwards * (1 if look.along == 0 else -1),
        sd_mm=line.sd_mm,
        agreeing=line.agreeing,
        step=sign * line.height,
    )


def _profiles(photo: Photo, page_map: PageMap, look: _Look) -> tuple[Array, Array, Array]:
    """Return light across a side, (PROFILES, k), NaN out of the picture.

    Also where it was taken, outwards of the page's side (k,), and along from the side's middle (PROFILES,), in mm.
    """
    chart, across = page_map.chart, 1 - look.along
    spaced = (1.0 - 2.0 * ENDS) * look.length_mm / PROFILES
    along = ENDS * look.length_mm + spaced * (np.arange(PROFILES) + 0.5)
    fine = (along[:, None] + spaced * ((np.arange(SAMPLES_A_PROFILE) + 0.5) / SAMPLES_A_PROFILE - 0.5)).ravel()
    start = look.nominal_mm - look.outwards * look.inner_mm
    count = _count(page_map, look)
    out = np.linspace(-look.inner_mm, look.outer_mm, count)
    first = np.empty((len(fine), 2))
    first[:, look.along], first[:, across] = fine, start
    panels = panel_index(chart, first) if len(page_map.homographies) > 1 else np.zeros(len(fine), dtype=np.intp)
    matrices = np.stack(page_map.homographies)[panels]
    base = matrices[:, :, look.along] * fine[:, None] + matrices[:, :, 2] + matrices[:, :, across] * look.nominal_mm
    growth = matrices[:, :, across] * look.outwards
    places = (base[:, None] + growth[:, None] * out[None, :, None]).astype(np.float32)
    x, y = places[..., 0] / places[..., 2], places[..., 1] / places[..., 2]
    rows, columns = photo.codes.shape
    inside = (x >= 0) & (x <= columns - 1) & (y >= 0) & (y <= rows - 1) & (places[..., 2] > 0)
    column = np.clip(np.nan_to_num(np.rint(x)), 0, columns - 1).astype(np.intp)
    row = np.clip(np.nan_to_num(np.rint(y)), 0, rows - 1).astype(np.intp)
    light = np.where(inside, photo.light_of_code[photo.codes[row, column]], np.nan).astype(np.float64)
    means: Array = light.reshape(PROFILES, SAMPLES_A_PROFILE, count).mean(axis=1)
    return means, out, np.asarray(along - look.length_mm / 2)


def _count(page_map: PageMap, look: _Look) -> int:
    """Return how many samples a profile has: a pixel apart in the picture."""
    ends = np.empty((2, 2))
    ends[:, look.along] = look.length_mm / 2
    ends[:, 1 - look.along] = look.nominal_mm - look.outwards * np.array([look.inner_mm, 0.0])
    inner_px = float(np.linalg.norm(np.diff(page_map.pixels(ends), axis=0)))
    per_mm = inner_px / look.inner_mm
    return int(np.clip(per_mm * (look.inner_mm + look.outer_mm), 2, MOST_STEPS))


def _steps(light: Array, window: int) -> Array:
    """Return mean light just outside less that just inside, (n, k - 2 window), from sample `window` on."""
    total = np.cumsum(np.concatenate([np.zeros((len(light), 1)), light], axis=1), axis=1)
    means = (total[:, window:] - total[:, :-window]) / window
    return np.asarray(means[:, window:-1] - means[:, : -window - 1])


@dataclass(frozen=True)
class _Line:
    out_mm: float
    slope: float
    sd_mm: float
    agreeing: float
    height: float


def _line(steps: Array, edges_mm: Array, along_mm: Array, on_line_mm: float) -> _Line | None:
    """Return the line that most profiles agree on, each by its first edge outwards; None where they do not."""
    seen = np.isfinite(steps[:, 0])
    if seen.sum() < LEAST_SEEN * PROFILES:
        return None
    at_mm, height = _first_edges(np.nan_to_num(steps), edges_mm)
    has = seen & np.isfinite(at_mm)
    if has.sum() < LEAST_AGREEING * seen.sum():
        return None
    t, x = along_mm[has], at_mm[has]
    chosen = _agreeing(t, x, on_line_mm)
    agreeing = float(chosen.sum() / seen.sum())
    if agreeing < LEAST_AGREEING:
        return None
    slope, out_mm = (float(value) for value in np.polyfit(t[chosen], x[chosen], 1))
    if abs(slope) > MOST_TURN:
        return None
    scatter = float(np.std(x[chosen] - slope * t[chosen] - out_mm))
    return _Line(out_mm, slope, scatter / math.sqrt(chosen.sum()), agreeing, float(np.median(height[has][chosen])))


def _first_edges(steps: Array, edges_mm: Array) -> tuple[Array, Array]:
    """Return place and height of the first edge of every profile (n,), NaN where there is none.

    From the first place where the step is high enough, the highest one before it falls again: seen through windows
    a step rises over their width, and over that of its blur, and falls as far behind.
    """
    count, k = steps.shape
    high = steps > LEAST_STEP
    first = np.where(high.any(axis=1), high.argmax(axis=1), k)
    climbed = np.where(np.arange(k) >= first[:, None], steps, 0.0)
    highest = np.maximum.accumulate(climbed, axis=1)
    falls = climbed < FALLS * highest
    top = np.where(falls.any(axis=1), falls.argmax(axis=1), k)
    peak = np.where(np.arange(k) < top[:, None], climbed, 0.0).argmax(axis=1)
    # Neither the first nor the last place is a peak: light there only grows or falls throughout.
    ok = (peak > 0) & (peak < k - 1)
    at = np.clip(peak, 1, k - 2)
    rows = np.arange(count)
    before, here, after = steps[rows, at - 1], steps[rows, at], steps[rows, at + 1]
    bend = before - 2.0 * here + after
    shift = np.where(bend < 0, 0.5 * (before - after) / np.where(bend < 0, bend, 1.0), 0.0)
    spacing = float(edges_mm[1] - edges_mm[0])
    place = edges_mm[at] + np.clip(shift, -1.0, 1.0) * spacing
    return np.where(ok, place, np.nan), np.where(ok, here, np.nan)


def _agreeing(t: Array, x: Array, on_line_mm: float) -> Flags:
    """Return which places (n,) lie on the line through two of them that most lie on."""
    i, j = np.triu_indices(len(t), k=max(1, len(t) // 8))
    slope = (x[j] - x[i]) / (t[j] - t[i])
    usable = np.abs(slope) <= MOST_TURN
    if not usable.any():
        return np.zeros(len(t), dtype=bool)
    i, slope = i[usable], slope[usable]
    off = np.abs(x[None, :] - x[i][:, None] - slope[:, None] * (t[None, :] - t[i][:, None]))
    score = np.minimum(off, on_line_mm).sum(axis=1)
    return np.asarray(off[int(score.argmin())] < on_line_mm)
