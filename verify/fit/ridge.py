"""From contrast at many places of the sheet to the plane of most contrast at the AF mark, with its standard error.

    v    = (u - u0 -+ A/2 - T (a² - a_m²) - S (s² - s_m²) [- T4 (r²a² - r_m²a_m²) - S4 (r²s² - r_m²s_m²)]) / h
    ln M = c0 [+ direction] [+ ink] + c2 v² + c3 v³ + c4 v⁴ + c5 a² + c6 s² [- 2π²f² n'Vn]

u is depth made linear in 1/distance; a and s are the distances from the axis along and across the direction of the
spread, a_m and s_m those of the mark, r² = a² + s². v has no linear term, so that u0 is the plane sought, mean of
both directions, and A, the planes' distance, the astigmatism: positive where edges along the depth are sharpest
farther away. Fits are made in two windows, with two levels, and with and without the terms in the first brackets;
their median is the answer. V is the variance of three small motions of the camera.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..edges.contrast import COARSE, FINE, EdgeContrast
from .ridge_fit import RidgeFit, RidgeProblem, View, fit_ridge

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LEVELS = (0.72, 0.85)
"""Of a column's highest contrast: what is below, or behind a dip, is left out, and with it the side lobes. A third
level, 0.6, helps from f/2.8 on (0.55 against 0.68 % of the DOF) and costs at f/1.4 (6.9 against 4.6 %)."""
SMOOTH_DOF = 0.12
"""Of the DOF: over this depth the columns are smoothed to find their top."""
NOISE_OF_TOP, LEAST_IN_COLUMN, LEAST_PLACES, LEAST_COLUMNS = 0.02, 5, 20, 4
STARTS_DOF = (0.0, -0.15, 0.15)
TOP, SPREAD = 0.05, 0.5
"""Parts of the top's half width (above 98 %) and of the spread of the answers in the standard error."""
FIELD, OFF_AXIS, WIDEST = 0.03, 2.2, 1.4
"""What the field terms miss, at f/1.4 and falling with the cube of the aperture: parts of the DOF, the second for a
mark one focal length off the axis in the picture. Of 36 traced photos at f/1.4 the 24 with the mark in the middle
err by 5 % (rms), those with it 1.5 to 3.4 mm off 50 mm of focal length by 14 %."""
NEAR_TOP = 0.15
"""In ln M: so near to the plane's contrast are places that tell the MTF there."""
HALF_CONTRAST = 0.5
MOSAIC_LEAD, MOSAIC_CYCLES, LEAD_SD = 1.2e-4, 0.18, 0.4
"""Focus of all light beyond that of the light which a mosaic keeps at so many cycles a pixel, over z²/f; a part of
it as its standard error. Four achromats at f/2.8 and slower, JPEG and 216 photos: 0.6, 1.25, 1.3 and 1.7e-4; a
quarter of the secondary spectrum of usual glasses, whose focal length for red is 1/2200 longer."""
UNKNOWN_COLOURS = 0.5
"""Part of that lead where the picture has no colours."""


@dataclass(frozen=True)
class Ridge:
    """The plane of most contrast.

    Attributes:
        offset_mm: plane of most contrast at the fine frequency less AF mark, positive = farther.
        noise_mm, top_mm, spread_mm, field_mm, colour_sd_mm: parts of its standard error: noise; flat top;
            difference of the variants; what field terms miss; the lead for lost colours.
        colour_mm: that lead, which is part of the offset.
        astigmatism_mm, astigmatism_sd_mm: plane of edges along the depth less that of those across it.
        coarse_mm: offset of the plane for coarse detail; None where there is none.
        peak: contrast at the plane.
        ratio: `peak` over that for coarse detail: 0.28 to 0.45 where a traced lens had no single plane, else 0.5
            and more.
        depth_range_mm: from the AF mark, of the places that were used.
        scatter: rms of these about the ridge, over their noise.
        mtf50_cycles, mtf50_lp_mm: frequency at which contrast is a half in the plane at the mark, mean of both
            directions, cycles a pixel and line pairs a mm of the sensor; None where it is higher than was measured.
    """

    offset_mm: float
    noise_mm: float
    top_mm: float
    spread_mm: float
    field_mm: float
    colour_mm: float
    colour_sd_mm: float
    astigmatism_mm: float
    astigmatism_sd_mm: float
    coarse_mm: float | None
    peak: float
    ratio: float | None
    depth_range_mm: tuple[float, float]
    scatter: float
    mtf50_cycles: float | None
    mtf50_lp_mm: float | None

    @property
    def sd_mm(self) -> float:
        """Standard error of the offset."""
        return math.hypot(self.noise_mm, self.top_mm, self.spread_mm, self.field_mm, self.colour_sd_mm)


def find_ridge(contrast: EdgeContrast, view: View, *, motion: bool = False) -> Ridge | None:
    """Return the plane; None where contrast has no ridge over depth."""
    fits = _fits(contrast.value[FINE], contrast.sd[FINE], contrast, view, motion)
    fits += _fits(contrast.narrow, contrast.narrow_sd, contrast, view, motion, fits[-1].moved if fits else None)
    if len(fits) < 2:
        return None
    coarse_fits = _fits(contrast.value[COARSE], contrast.sd[COARSE], contrast, view, motion)
    u0 = _median([fit.u0 for fit in fits])
    spread = float(np.ptp([fit.u0 for fit in fits]))
    apart = float(np.ptp([fit.astigmatism for fit in fits]))
    top = TOP * _median([fit.top for fit in fits])
    stretch = (view.distance_mm / (view.distance_mm - u0)) ** 2
    off_axis = OFF_AXIS * math.hypot(*view.mark_mm) / view.distance_mm
    field = math.hypot(FIELD, off_axis) * (WIDEST / view.f_number) ** 3 * view.depth_of_field_mm
    peak, has_coarse = _median([fit.peak for fit in fits]), len(coarse_fits) >= 2
    # Where colours cannot be seen, there may be none.
    known = {True: 1.0, False: 0.0, None: UNKNOWN_COLOURS}[view.has_colours]
    whole = mosaic_lead_mm(contrast.cycles[FINE], view)
    lead, lead_sd = known * whole, (LEAD_SD if known else 0.0) * whole
    mtf50 = _mtf50(contrast, fits[0])
    return Ridge(
        offset_mm=_depth_mm(u0, view) + lead,
        noise_mm=stretch * _median([fit.sd for fit in fits]),
        top_mm=stretch * top,
        spread_mm=stretch * SPREAD * spread,
        field_mm=field,
        colour_mm=lead,
        colour_sd_mm=lead_sd,
        astigmatism_mm=stretch * _median([fit.astigmatism for fit in fits]),
        astigmatism_sd_mm=stretch * math.hypot(_median([fit.astigmatism_sd for fit in fits]), SPREAD * apart, top),
        coarse_mm=_depth_mm(_median([fit.u0 for fit in coarse_fits]), view) if has_coarse else None,
        peak=peak,
        ratio=peak / _median([fit.peak for fit in coarse_fits]) if has_coarse else None,
        depth_range_mm=(
            _depth_mm(min(fit.low for fit in fits), view),
            _depth_mm(max(fit.high for fit in fits), view),
        ),
        scatter=_median([fit.scatter for fit in fits]),
        mtf50_cycles=mtf50,
        mtf50_lp_mm=None if mtf50 is None else mtf50 * view.pixels_per_mm,
    )


def mosaic_lead_mm(cycles: float, view: View) -> float:
    """Return by how much the plane of all light is farther than that of the light which a mosaic keeps.

    Red and blue are interpolated from every second column and row, which keeps (1 + cos 2πf) / 2 of them at f
    cycles a pixel; achromats focus both farther than green, and blue counts for next to nothing. Above
    `MOSAIC_CYCLES` the picture was made smaller after its mosaic, which loses no more.
    """
    lost = (1 - math.cos(2 * math.pi * min(cycles, MOSAIC_CYCLES))) / (1 - math.cos(2 * math.pi * MOSAIC_CYCLES))
    return MOSAIC_LEAD * lost * view.distance_mm**2 / view.focal_length_mm


def _mtf50(contrast: EdgeContrast, fit: RidgeFit) -> float | None:
    """Return the frequency at which contrast in the plane at the mark is a half, cycles a pixel; None if unknown.

    Places below the top have lost contrast by defocus, to begin with as the square of the frequency.
    """
    near = fit.below > -NEAR_TOP
    places = np.flatnonzero(fit.used)[near]
    ln_value = np.log(contrast.value[:, places])
    ln_value -= fit.below[near] * (contrast.cycles[:, None] / contrast.cycles[FINE]) ** 2
    weight = (contrast.value[:, places] / contrast.sd[:, places]) ** 2
    directions = [kind for kind in (contrast.along_depth[places], ~contrast.along_depth[places]) if kind.any()]
    if not directions:
        return None
    at_plane = np.mean([np.average(ln_value[:, d], axis=1, weights=weight[:, d]) for d in directions], axis=0)
    order = np.argsort(contrast.cycles)
    squares = np.concatenate([[0.0], contrast.cycles[order] ** 2])
    ln_mtf = np.concatenate([[0.0], at_plane[order]]) - math.log(HALF_CONTRAST)
    after = int(np.argmax(ln_mtf < 0.0))
    if after == 0:
        return None
    share = ln_mtf[after - 1] / (ln_mtf[after - 1] - ln_mtf[after])
    return math.sqrt(squares[after - 1] + share * (squares[after] - squares[after - 1]))


def _median(values: list[float]) -> float:
    return float(np.median(values))


def _depth_mm(u: float, view: View) -> float:
    return u * view.distance_mm / (view.distance_mm - u)


def _fits(
    value: Array, sd: Array, contrast: EdgeContrast, view: View, motion: bool, near: Array | None = None
) -> list[RidgeFit]:
    """Return the fits with two levels, each with and without quartic terms; `near`: the moved terms to start
    from."""
    u = contrast.depth_mm * view.distance_mm / (view.distance_mm + contrast.depth_mm)
    found: list[RidgeFit] = []
    for level in LEVELS:
        used, tops = _ridge(u, value, sd, contrast.group, level, SMOOTH_DOF * view.depth_of_field_mm)
        if used.sum() < LEAST_PLACES or len(tops) < LEAST_COLUMNS:
            continue
        mean = float((tops[:, 0] * tops[:, 1] ** 2).sum() / (tops[:, 1] ** 2).sum())
        for quartic in (False, True):
            problem = RidgeProblem.of(u, value, sd, contrast, view, used, quartic, motion)
            starts = [np.array([mean + s * view.depth_of_field_mm]) for s in STARTS_DOF] if near is None else [near]
            fit = fit_ridge(problem, starts)
            if fit is not None:
                found.append(fit)
                near = fit.moved
    return found


def _ridge(
    u: Array, value: Array, sd: Array, groups: npt.NDArray[np.intp], level: float, smooth: float
) -> tuple[Flags, Array]:
    """Return (n,) what is above `level` of its column's top and connected to it, and each top: (m, 2) u,
    contrast."""
    used = np.zeros(len(u), dtype=bool)
    tops = []
    for group in np.unique(groups):
        own = np.flatnonzero(groups == group)
        if len(own) < LEAST_IN_COLUMN:
            continue
        own = own[np.argsort(u[own])]
        kernel = np.exp(-0.5 * ((u[own, None] - u[own]) / smooth) ** 2)
        kernel /= sd[own] ** 2 + NOISE_OF_TOP**2
        smoothed = kernel @ value[own] / kernel.sum(axis=1)
        top = int(np.argmax(smoothed))
        below = np.flatnonzero(smoothed <= level * smoothed[top])
        low = below[below < top].max(initial=-1) + 1
        high = below[below > top].min(initial=len(own))
        used[own[low:high]] = True
        tops.append((u[own[top]], smoothed[top]))
    return used, np.array(tops)
