"""From contrast at many places of the sheet to the plane of most contrast at the AF mark, with its interval.

    v    = (u - u0 -+ A/2 - T (a² - a_m²) - S (s² - s_m²) [- T4 (r²a² - r_m²a_m²) - S4 (r²s² - r_m²s_m²)]) / h
    ln M = c0 [+ direction] [+ weak] + c2 v² + c3 v³ + c4 v⁴ + c5 a² + c6 s²

u is depth made linear in 1/distance; a and s are the distances from the axis along and across the direction of the
spread, a_m and s_m those of the mark, r² = a² + s². v has no linear term, so that u0 is the plane sought, mean of both
directions, and A, the planes' distance, the astigmatism: positive where steep edges are sharpest farther away. Four
fits are made, with two levels and with and without the terms in brackets; their median is the answer.

Constants marked "by eye" were set on all four traced lenses of seeds 101 and 202, FIELD also on 303; only seed 404 was
looked at after that. The others come from an experiment on line spreads of ten lenses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from contrast import Contrast

from backfocus.verify.fit.robust import RobustFit, fit_robust, inverse

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LEVELS = (0.72, 0.85)
"""Of a column's highest contrast: what is below, or behind a dip, is left out, and with it the side lobes. A third
level, 0.6, helps from f/2.8 on (0.55 against 0.68 % of the DOF) and costs at f/1.4 (6.9 against 4.6 %)."""
SMOOTH_DOF = 0.12
"""Of the DOF: over this depth the columns are smoothed to find their top."""
NOISE_OF_TOP, LEAST_IN_COLUMN, LEAST_PLACES, LEAST_COLUMNS = 0.02, 5, 20, 4
FLOOR = 0.008
"""Of contrast, beside its noise: what the model does not describe. 0.004 to 0.015 change the figures by under 10 %."""
SHIFT_PRIOR = 4.0 * 500.0
"""T and S, mm of depth for 1000 mm², times the focal length: a field of a quarter of its radius. T4, S4: half."""
ASTIGMATISM_PRIOR_MM = 30.0
FALL_PRIOR = 0.5
SHAPE_PRIOR = 0.7
"""c3 and c4, in ln M. 0.35 to 1.5 change the figures by under 10 %."""
DIRECTION_PRIOR, WEAK_PRIOR = 0.15, 0.05
"""Level less steep edges, and weak less strong ones, in ln M; 0.3 for the latter costs a third at f/4 and slower."""
ROBUST_SCALE = 3.0
STARTS_DOF = (0.0, -0.15, 0.15)
LEAST_HALF_DOF = 0.2
TOP_LEVEL, REACH, STEPS = 0.98, 1.2, 240
TOP, SPREAD = 0.05, 0.5
"""Parts of the top's half width (above 98 %) and of the spread of the four answers in the standard error. TOP by eye:
with 0.2 intervals were almost three times too wide at f/4."""
FIELD = 0.05
"""Of the DOF, at f/1.4, falling with the cube of the aperture: what the field terms miss. By eye, after one photo at
f/1.4 was silently wrong by more."""
WIDEST = 1.4
RATIO = 0.48
"""Least peak contrast for fine over that for coarse detail of a lens with a single plane, by eye: 0.28 to 0.45 on the
85 mm f/1.5 wide open and at f/2, whose traced peak is 0.22 to 0.30; 0.51 and more on all others."""
WIDE_DOF = 0.25
"""A half width over this is no answer."""
TWO_SIDED_95 = 1.96
TERMS = 8
"""c0, direction, weak, c2, c3, c4, c5, c6."""


@dataclass(frozen=True, eq=False)
class View:
    """What the photo tells besides contrast.

    Attributes:
        mark_mm: (2,) the AF mark from the optical axis, right and down.
        distance_mm: from the lens to the mark, along the axis.
        focal_length_mm, f_number: of the lens.
        depth_of_field_mm: as a whole.
    """

    mark_mm: Array
    distance_mm: float
    focal_length_mm: float
    f_number: float
    depth_of_field_mm: float


@dataclass(frozen=True)
class Plane:
    """The answer.

    Attributes:
        offset_mm, half_mm: plane of most contrast at 30 lp/mm less AF mark, positive = farther; 95 % half width.
        astigmatism_mm, astigmatism_half_mm: plane of steep edges less that of level ones.
        coarse_mm: offset of the plane for coarse detail; None where there is none.
        peak: contrast at the plane.
        ratio: `peak` over that for coarse detail.
        refused: why this is no answer: "no-single-plane", "too-uncertain", "out-of-range".
    """

    offset_mm: float
    half_mm: float
    astigmatism_mm: float
    astigmatism_half_mm: float
    coarse_mm: float | None
    peak: float
    ratio: float | None
    refused: str | None


@dataclass(frozen=True, eq=False)
class _Fit:
    u0: float
    sd: float
    astigmatism: float
    astigmatism_sd: float
    top: float
    peak: float
    low: float
    high: float


def find_plane(fine: Contrast, coarse: Contrast, view: View) -> Plane | None:
    """Return the plane; None where contrast has no ridge over depth."""
    fits, coarse_fits = _fits(fine, view), _fits(coarse, view)
    if len(fits) < 2:
        return None
    u0 = _median([fit.u0 for fit in fits])
    spread = float(np.ptp([fit.u0 for fit in fits]))
    apart = float(np.ptp([fit.astigmatism for fit in fits]))
    top = TOP * _median([fit.top for fit in fits])
    stretch = (view.distance_mm / (view.distance_mm - u0)) ** 2
    field = FIELD * (WIDEST / view.f_number) ** 3 * view.depth_of_field_mm
    sd = math.hypot(stretch * math.hypot(_median([fit.sd for fit in fits]), top, SPREAD * spread), field)
    astigmatism_sd = stretch * math.hypot(_median([fit.astigmatism_sd for fit in fits]), SPREAD * apart, top)
    peak, has_coarse = _median([fit.peak for fit in fits]), len(coarse_fits) >= 2
    ratio = peak / _median([fit.peak for fit in coarse_fits]) if has_coarse else None
    half = TWO_SIDED_95 * sd
    refused = None
    if ratio is not None and ratio < RATIO:
        refused = "no-single-plane"
    elif half > WIDE_DOF * view.depth_of_field_mm:
        refused = "too-uncertain"
    elif not min(fit.low for fit in fits) < u0 < max(fit.high for fit in fits):
        refused = "out-of-range"
    return Plane(
        offset_mm=_depth_mm(u0, view),
        half_mm=half,
        astigmatism_mm=stretch * _median([fit.astigmatism for fit in fits]),
        astigmatism_half_mm=TWO_SIDED_95 * astigmatism_sd,
        coarse_mm=_depth_mm(_median([fit.u0 for fit in coarse_fits]), view) if has_coarse else None,
        peak=peak,
        ratio=ratio,
        refused=refused,
    )


def _median(values: list[float]) -> float:
    return float(np.median(values))


def _depth_mm(u: float, view: View) -> float:
    return u * view.distance_mm / (view.distance_mm - u)


def _fits(contrast: Contrast, view: View) -> list[_Fit]:
    u = contrast.depth_mm * view.distance_mm / (view.distance_mm + contrast.depth_mm)
    found = []
    for level in LEVELS:
        used, tops = _ridge(u, contrast, level, SMOOTH_DOF * view.depth_of_field_mm)
        if used.sum() >= LEAST_PLACES and len(tops) >= LEAST_COLUMNS:
            found += [_fit(_Problem.of(u, contrast, view, used, quartic), tops) for quartic in (False, True)]
    return [fit for fit in found if fit is not None]


def _ridge(u: Array, contrast: Contrast, level: float, smooth: float) -> tuple[Flags, Array]:
    """Return (n,) what is above `level` of its column's top and connected to it, and each top: (m, 2) u, contrast."""
    used = np.zeros(len(u), dtype=bool)
    tops = []
    for group in np.unique(contrast.group):
        own = np.flatnonzero(contrast.group == group)
        if len(own) < LEAST_IN_COLUMN:
            continue
        own = own[np.argsort(u[own])]
        kernel = np.exp(-0.5 * ((u[own, None] - u[own]) / smooth) ** 2)
        kernel /= contrast.sd[own] ** 2 + NOISE_OF_TOP**2
        smoothed = kernel @ contrast.value[own] / kernel.sum(axis=1)
        top = int(np.argmax(smoothed))
        below = np.flatnonzero(smoothed <= level * smoothed[top])
        low = below[below < top].max(initial=-1) + 1
        high = below[below > top].min(initial=len(own))
        used[own[low:high]] = True
        tops.append((u[own[top]], smoothed[top]))
    return used, np.array(tops)


@dataclass(frozen=True, eq=False)
class _Problem:
    """One fit: n places; parameters u0, A, field terms, then those that ln M is linear in."""

    u: Array
    ln_value: Array
    weight: Array
    side: Array
    field: Array
    linear: Array
    fall: Array
    prior: Array
    half: float
    depth_of_field_mm: float

    @classmethod
    def of(cls, u: Array, contrast: Contrast, view: View, used: Flags, quartic: bool) -> _Problem:
        normal = contrast.normal[used]
        along, across = _squares(contrast.field_mm[used], normal)
        mark_along, mark_across = _squares(view.mark_mm[None], normal)
        radius, mark_radius = along + across, mark_along + mark_across
        field = [along - mark_along, across - mark_across]
        shift = view.focal_length_mm / SHIFT_PRIOR
        prior = [0.0, 1 / ASTIGMATISM_PRIOR_MM, shift, shift]
        if quartic:
            field += [radius * along - mark_radius * mark_along, radius * across - mark_radius * mark_across]
            prior += [2 * shift, 2 * shift]
        prior += [0.0, 1 / DIRECTION_PRIOR, 1 / WEAK_PRIOR, 0.0, 1 / SHAPE_PRIOR, 1 / SHAPE_PRIOR]
        prior += [1 / FALL_PRIOR, 1 / FALL_PRIOR]
        value, side = contrast.value[used], contrast.steep[used].astype(np.float64) - 0.5
        return cls(
            u=u[used],
            ln_value=np.log(np.maximum(value, 1e-3)),
            weight=np.maximum(value, 0.02) / np.hypot(contrast.sd[used], FLOOR),
            side=side,
            field=np.stack(field, axis=1),
            linear=np.stack([np.ones_like(side), side, contrast.weak[used].astype(np.float64)], axis=1),
            fall=np.stack([along, across], axis=1),
            prior=np.array(prior),
            half=max(0.5 * float(np.ptp(u[used])), LEAST_HALF_DOF * view.depth_of_field_mm),
            depth_of_field_mm=view.depth_of_field_mm,
        )

    @property
    def first_linear(self) -> int:
        return len(self.prior) - TERMS

    def residuals(self, p: Array) -> Array:
        k = self.first_linear
        model = self._terms(p) @ p[k:]
        return np.concatenate([(model - self.ln_value) * self.weight, p * self.prior])

    def jacobian(self, p: Array) -> Array:
        k, v = self.first_linear, self._v(p)
        slope = -(2 * p[k + 3] * v + 3 * p[k + 4] * v**2 + 4 * p[k + 5] * v**3) / self.half
        shifts = slope[:, None] * np.column_stack([np.ones_like(v), self.side, self.field])
        return np.vstack([np.column_stack([shifts, self._terms(p)]) * self.weight[:, None], np.diag(self.prior)])

    def start(self, u0: float) -> Array:
        """Return parameters without astigmatism and field; the linear ones by least squares."""
        p = np.zeros(len(self.prior))
        p[0] = u0
        k = self.first_linear
        slopes = np.vstack([self._terms(p) * self.weight[:, None], np.diag(self.prior[k:])])
        p[k:] = np.linalg.lstsq(slopes, np.concatenate([self.ln_value * self.weight, np.zeros(TERMS)]), rcond=None)[
            0
        ]
        return p

    def _v(self, p: Array) -> Array:
        moved: Array = self.u - p[0] - p[1] * self.side - self.field @ p[2 : self.first_linear]
        return moved / self.half

    def _terms(self, p: Array) -> Array:
        v = self._v(p)
        return np.column_stack([self.linear, v**2, v**3, v**4, self.fall])


def _squares(field_mm: Array, normal: Array) -> tuple[Array, Array]:
    """Return the squares of the distances from the axis along and across the spread, in 1000 mm²."""
    along = (field_mm * normal).sum(axis=1)
    across = field_mm[:, 1] * normal[:, 0] - field_mm[:, 0] * normal[:, 1]
    return along**2 / 1e3, across**2 / 1e3


def _fit(problem: _Problem, tops: Array) -> _Fit | None:
    """Return the best of the fits from several starts that has a maximum."""
    mean = float((tops[:, 0] * tops[:, 1] ** 2).sum() / (tops[:, 1] ** 2).sum())
    k = problem.first_linear
    best: RobustFit | None = None
    for start in STARTS_DOF:
        at = problem.start(mean + start * problem.depth_of_field_mm)
        found = fit_robust(problem.residuals, problem.jacobian, at, ROBUST_SCALE)
        if found.parameters[k + 3] < 0 and (best is None or found.cost < best.cost):
            best = found
    if best is None:
        return None
    p = best.parameters
    of_data = best.residuals[: len(problem.u)]
    grown = max(1.0, float(np.minimum(of_data**2, ROBUST_SCALE**2).mean())) ** 0.5
    sd = np.sqrt(np.diag(inverse(best.information))) * grown
    v = np.linspace(-REACH, REACH, 2 * STEPS + 1)
    below = np.flatnonzero(p[k + 3] * v**2 + p[k + 4] * v**3 + p[k + 5] * v**4 < math.log(TOP_LEVEL))
    low = below[below < STEPS].max(initial=-1) + 1
    high = below[below > STEPS].min(initial=2 * STEPS + 1) - 1
    top = float(v[high] - v[low]) / 2 * problem.half
    return _Fit(p[0], sd[0], p[1], sd[1], top, math.exp(p[k]), float(problem.u.min()), float(problem.u.max()))
