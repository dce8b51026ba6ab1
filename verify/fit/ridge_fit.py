"""One fit of a ridge: contrast at many places over depth and field, with priors that the photo itself narrows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..edges.contrast import FINE, EdgeContrast
from .robust import RobustFit, fit_robust, inverse

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FLOOR = 0.008
"""Of contrast, beside its noise: what the model does not describe. 0.004 to 0.015 change figures by under 10 %."""
SHIFT_PRIOR = 4.0 * 500.0
"""T and S, mm of depth for 1000 mm², times the focal length: a field of a quarter of its radius. T4, S4: half. They
and the following are the widths to begin with; see `ROUNDS`."""
ASTIGMATISM_PRIOR_MM = 30.0
FALL_PRIOR, SHAPE_PRIOR = 0.5, 0.7
"""c5 and c6, c3 and c4, in ln M. 0.35 to 1.5 for the latter change the figures by under 10 %."""
DIRECTION_PRIOR = 0.15
"""Edges across the depth less those along it, in ln M."""
INK_PRIOR, INK_UNIT = 0.05, 0.25
"""In ln M, for so much more light of the ink: what the camera's contrast curve makes of it. 0.3 costs a third at
f/4 and slower."""
MOTION_PRIOR_PX2 = 1.0
"""Variances of the shift in pixels², and of the turn as it moves the picture's corner."""
ROUNDS, USUAL_SIZE, USUAL_WEIGHT = 2, 0.1, 2.0
"""Widths of field terms, fall and shape are learned from the photo, over so many rounds, with a size of a tenth of
the first width weighing as much as two terms. On 216 traced photos f/1.4 has 32 answers instead of 27, with half
widths a tenth less elsewhere."""
ROBUST_SCALE = 3.0
LEAST_HALF_DOF = 0.2
TOP_LEVEL, REACH, STEPS = 0.98, 1.2, 240
MOST_LN_PEAK = 1.0
"""Logarithm of the contrast at the plane: sharpening reaches twice the full contrast, what a few edges on one side
of focus leave open has no bound."""
LEAST_SCATTER = 0.8
"""Of the fit's, over the noise: less is taken to be chance."""


@dataclass(frozen=True, eq=False)
class View:
    """What the photo tells besides contrast.

    Attributes:
        mark_mm: (2,) the AF mark from the optical axis, right and down.
        distance_mm: from the lens to the mark, along the axis.
        focal_length_mm, f_number: of the lens.
        depth_of_field_mm: as a whole.
        has_colours: whether the lens has colours, of which a mosaic loses some; None if unknown.
        half_diagonal_px: of the picture.
        pixels_per_mm: of the sensor.
    """

    mark_mm: Array
    distance_mm: float
    focal_length_mm: float
    f_number: float
    depth_of_field_mm: float
    has_colours: bool | None
    half_diagonal_px: float
    pixels_per_mm: float


@dataclass(frozen=True, eq=False)
class RidgeFit:
    """One fit; lengths are made linear in 1/distance.

    Attributes:
        u0, sd: the plane and its standard error by noise.
        astigmatism, astigmatism_sd: A and its standard error.
        top: half of the width over `TOP_LEVEL`.
        peak: contrast at the plane.
        low, high: least and greatest u of the places.
        scatter: rms of the places about the ridge, over their noise.
        moved: u0, A and field terms.
        used: (n,) the m places of n that were fitted.
        below: (m,) ln M of the ridge there, less that in the plane at the mark; both for the same direction and
        ink.
    """

    u0: float
    sd: float
    astigmatism: float
    astigmatism_sd: float
    top: float
    peak: float
    low: float
    high: float
    scatter: float
    moved: Array
    used: Flags
    below: Array


@dataclass(frozen=True, eq=False)
class RidgeProblem:
    """One fit: n places; parameters u0, A, field terms, then those that ln M is linear in."""

    used: Flags
    u: Array
    ln_value: Array
    weight: Array
    side: Array
    field: Array
    linear: Array
    beyond: Array
    at_mark: Array
    prior: Array
    first_linear: int
    half: float
    depth_of_field_mm: float

    @classmethod
    def of(
        cls,
        u: Array,
        value: Array,
        sd: Array,
        contrast: EdgeContrast,
        view: View,
        used: Flags,
        quartic: bool,
        motion: bool,
    ) -> RidgeProblem:
        """Return the fit to the places that are `used`, of n with u, contrast and its standard error."""
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
        first_linear = len(prior)
        prior += [0.0, 1 / DIRECTION_PRIOR, 1 / INK_PRIOR, 0.0, 1 / SHAPE_PRIOR, 1 / SHAPE_PRIOR]
        beyond = [along, across]
        prior += [1 / FALL_PRIOR, 1 / FALL_PRIOR]
        if motion:
            beyond += _motions(contrast, used, view)
            prior += [1 / MOTION_PRIOR_PX2] * 6
        value, side = value[used], contrast.along_depth[used].astype(np.float64) - 0.5
        ink = (contrast.ink[used] - contrast.ink[used].min()) / INK_UNIT
        return cls(
            used=used,
            u=u[used],
            ln_value=np.log(np.maximum(value, 1e-3)),
            weight=np.maximum(value, 0.02) / np.hypot(sd[used], FLOOR),
            side=side,
            field=np.stack(field, axis=1),
            linear=np.stack([np.ones_like(side), side, ink], axis=1),
            beyond=np.stack(beyond, axis=1),
            at_mark=np.stack([mark_along, mark_across], axis=1),
            prior=np.array(prior),
            first_linear=first_linear,
            half=max(0.5 * float(np.ptp(u[used])), LEAST_HALF_DOF * view.depth_of_field_mm),
            depth_of_field_mm=view.depth_of_field_mm,
        )

    def residuals(self, p: Array) -> Array:
        """Return (n + k,) residuals of the places over their standard errors, then of k parameters over theirs."""
        k = self.first_linear
        model = self._terms(p) @ p[k:]
        return np.concatenate([(model - self.ln_value) * self.weight, p * self.prior])

    def jacobian(self, p: Array) -> Array:
        """Return the derivatives (n + k, k) of the residuals."""
        k, v, n = self.first_linear, self._v(p), len(self.u)
        slope = -v * (2 * p[k + 3] + v * (3 * p[k + 4] + v * 4 * p[k + 5])) / self.half
        # A row a parameter: so they lie together in memory.
        rows = np.zeros((len(p), n + len(p)))
        rows[0, :n], rows[1, :n], rows[2:k, :n] = slope, slope * self.side, slope * self.field.T
        rows[k:, :n] = self._terms(p).T
        rows[:, :n] *= self.weight
        rows[:, n:].flat[:: len(p) + 1] = self.prior
        return rows.T

    def below(self, p: Array) -> Array:
        """Return (n,) ln M at the places less that in the plane at the mark, for the same direction and ink."""
        v = self._v(p)
        curve = np.column_stack([v**2, v**3, v**4]) @ p[self.first_linear + 3 :][:3]
        fall = (self.beyond[:, :2] - self.at_mark) @ p[self.first_linear + 6 :][:2]
        return np.asarray(curve + fall)

    def start(self, near: Array) -> Array:
        """Return parameters that begin with those of `near`; the linear ones by least squares."""
        p = np.zeros(len(self.prior))
        k = self.first_linear
        p[: min(k, len(near))] = near[:k]
        slopes = np.vstack([self._terms(p) * self.weight[:, None], np.diag(self.prior[k:])])
        wanted = np.concatenate([self.ln_value * self.weight, np.zeros(len(p) - k)])
        p[k:] = np.linalg.lstsq(slopes, wanted, rcond=None)[0]
        return p

    def _v(self, p: Array) -> Array:
        moved: Array = self.u - p[0] - p[1] * self.side - self.field @ p[2 : self.first_linear]
        return moved / self.half

    def _terms(self, p: Array) -> Array:
        v = self._v(p)
        rows = np.empty((len(p) - self.first_linear, len(v)))
        rows[:3], rows[3], rows[6:] = self.linear.T, v**2, self.beyond.T
        rows[4] = rows[3] * v
        rows[5] = rows[4] * v
        return rows.T


def _motions(contrast: EdgeContrast, used: Flags, view: View) -> list[Array]:
    """Return the derivatives (n,) of ln M by the six variances of shift right, shift down and turn."""
    x, y = contrast.from_middle_px[used].T / view.half_diagonal_px
    right, down = contrast.normal[used].T
    across = (right, down, down * x - right * y)
    gain = -2 * math.pi**2 * contrast.cycles[FINE] ** 2
    pairs = [(one, other) for one in range(3) for other in range(one, 3)]
    return [gain * (1 if one == other else 2) * across[one] * across[other] for one, other in pairs]


def _squares(field_mm: Array, normal: Array) -> tuple[Array, Array]:
    """Return the squares of the distances from the axis along and across the spread, in 1000 mm²."""
    along = (field_mm * normal).sum(axis=1)
    across = field_mm[:, 1] * normal[:, 0] - field_mm[:, 0] * normal[:, 1]
    return along**2 / 1e3, across**2 / 1e3


def fit_ridge(problem: RidgeProblem, starts: list[Array]) -> RidgeFit | None:
    """Return the best of the fits from several starts that has a maximum."""
    k = problem.first_linear
    best: RobustFit | None = None
    for start in starts:
        found = fit_robust(problem.residuals, problem.jacobian, problem.start(start), ROBUST_SCALE)
        if found.parameters[k + 3] < 0 and (best is None or found.cost < best.cost):
            best = found
    if best is None:
        return None
    best = _learned(problem, best)
    p = best.parameters
    if p[k] > MOST_LN_PEAK:
        return None
    of_data = best.residuals[: len(problem.u)]
    scatter = math.sqrt(float(np.minimum(of_data**2, ROBUST_SCALE**2).mean()))
    sd = np.sqrt(np.diag(inverse(best.information()))) * max(scatter, LEAST_SCATTER)
    return RidgeFit(
        u0=float(p[0]),
        sd=float(sd[0]),
        astigmatism=float(p[1]),
        astigmatism_sd=float(sd[1]),
        top=_half_top(p[k + 3 : k + 6]) * problem.half,
        peak=math.exp(p[k]),
        low=float(problem.u.min()),
        high=float(problem.u.max()),
        scatter=scatter,
        moved=p[:k],
        used=problem.used,
        below=problem.below(p),
    )


def _learned(problem: RidgeProblem, fit: RobustFit) -> RobustFit:
    """Return the fit with priors as wide as its own terms are (empirical Bayes, by expectation maximisation)."""
    k, first, best = problem.first_linear, problem.prior.copy(), fit
    for _ in range(ROUNDS):
        squares = best.parameters**2 + np.diag(inverse(best.information()))
        for group in (slice(2, k), slice(k + 4, k + 6), slice(k + 6, k + 8)):
            sizes = squares[group] * first[group] ** 2
            size2 = (float(sizes.sum()) + USUAL_WEIGHT * USUAL_SIZE**2) / (len(sizes) + USUAL_WEIGHT)
            problem.prior[group] = first[group] / math.sqrt(size2)
        found = fit_robust(problem.residuals, problem.jacobian, best.parameters, ROBUST_SCALE)
        if found.parameters[k + 3] >= 0:
            break
        best = found
    return best


def _half_top(curve: Array) -> float:
    """Return half of the width of the top over `TOP_LEVEL`, by c2, c3 and c4, in units of v."""
    v = np.linspace(-REACH, REACH, 2 * STEPS + 1)
    below = np.flatnonzero(np.stack([v**2, v**3, v**4], axis=1) @ curve < math.log(TOP_LEVEL))
    low = below[below < STEPS].max(initial=-1) + 1
    high = below[below > STEPS].min(initial=2 * STEPS + 1) - 1
    return float(v[high] - v[low]) / 2
