"""The focus curve: blur over depth, with its derivatives.

A thin lens blurs in proportion to |1/Z - 1/Zf| (Z depth, Zf depth of sharpest focus), exactly, at any distance.
Pixel, diffraction and aberrations add a floor. The curve joins both,

    blur(Z)^p = floor^p + slope^p |s|^p,    s = (1/Zf - 1/Z) Zm²,   Zm the AF mark's depth,

with p near 2, where independent blurs add as variances. The print's own softness is larger in the picture the
closer it is; its variance, too, is added. On top of that come

- an even deviation, the same in front of and behind focus: sharpening and noise reduction in the camera, contrast
  curves and unround apertures bend the curve, but alike on both sides;
- an odd deviation, which vanishes at focus: spherical aberration makes the blur in front of focus differ from that
  behind;
- astigmatism and a curved field: Zf is A/2 farther for steep edges and A/2 nearer for level ones, A the
  astigmatism, and changes by T (a² - a_m²) + S (s² - s_m²), a and s the distances from the optical axis along and
  across the direction of an edge's spread, a_m and s_m those of the AF mark;
- a tilted field, where the lens is out of centre: Zf changes across the direction in which the sheet leans.
  (Along that direction it cannot be told from the lean itself.)
- light and strength: a camera's contrast curve, which no photo tells, narrows edges, bright and strong ones more
  than dim and weak ones. Weak edges lie near the mark, strong and dim ones farther out, on both sides of the
  mark, which moves a plane that lies beside it: on 60 photos of an ideal lens, f/1.4 to f/5.6, the intervals held
  in 75 % with light by edge and no strength, in 100 % with both as now, and the median error fell from 0.11 to
  0.05 % of the depth of field;
- shake: the variance that the spread of three small motions of the camera adds, see `motion`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..edges.samples import EdgeSamples
from ..geometry import Pose
from .motion import MOTION_PAIRS, motion_terms

Array = npt.NDArray[np.float64]

OFFSET, LOG_FLOOR, LOG_SLOPE, EXPONENT, ASTIGMATISM, ALONG, ACROSS, TILT, LIGHT, STRENGTH = range(10)
"""Places of the first parameters: mm, ln(px), ln(px/mm), p; mm between the planes of the two directions; shifts
of focus in mm for 1000 mm², along and across the spread; that at the picture's corner in mm; and ln(blur) over
ln(light) and over the edges' contrast."""
FORMULA, FIELD = slice(OFFSET, EXPONENT + 1), slice(ASTIGMATISM, TILT + 1)
MOTION = slice(10, 16)
TURN = MOTION.start + MOTION_PAIRS.index((2, 2))
"""Covariance of the three small motions, px²; order as in `MOTION_PAIRS`."""
HEAD = 16
KNOTS = 8
EVEN = slice(HEAD, HEAD + KNOTS)
ODD = slice(HEAD + KNOTS, HEAD + 2 * KNOTS - 1)
PARAMETERS = HEAD + 2 * KNOTS - 1
DIFFERENCE_MM = 1e-4
"""Step of the derivatives of the deviations along s."""
LEAST_SHARE = 0.02
"""Of the variance, that is left at least when shake is taken off."""
KINDS_OF_INK = (0.42, 0.75)
"""Contrasts between those of the chart's inks: 0.30, 0.55 and 0.95."""
LEAST_LIGHT = 0.01
"""Of full scale: half of what the darkest paper has that is measured, so that a logarithm can be taken."""


@dataclass(frozen=True)
class CurveForm:
    """The curve up to its parameters.

    Attributes:
        mark_mm: depth of the AF mark.
        bend_mm: defocus at which the deviations begin to change, about where defocus equals the floor.
        ink_px: blur of the print itself, standard deviation at the AF mark's depth.
        reach: `_place` of the last knot.
    """

    mark_mm: float
    bend_mm: float
    ink_px: float
    reach: float = 1.0

    def defocus_mm(self, parameters: Array, depth: Array, view: View) -> Array:
        """Return s, the signed distance from focus as seen at the AF mark's depth; positive is behind focus.

        Args:
            parameters: the curve's.
            depth: (n,) depths from the AF mark, mm.
            view: how the picture has them.
        """
        focus = self._focus_mm(parameters, view)
        return np.asarray((1.0 / focus - 1.0 / (self.mark_mm + depth)) * self.mark_mm**2)

    def blur_px(self, parameters: Array, depth: Array, view: View) -> Array:
        """Return the blur (n,); arguments as for `defocus_mm`."""
        s = self.defocus_mm(parameters, depth, view)
        still = self._lit(parameters, s, view) * (1.0 + self._deviation(parameters, s))
        return self._whole(parameters, still, depth, view)

    def jacobian(self, parameters: Array, depth: Array, view: View) -> Array:
        """Return the derivatives (n, PARAMETERS) of the blur; exact, but for the deviations along s."""
        s = self.defocus_mm(parameters, depth, view)
        formula = self._lit(parameters, s, view)
        deviation = self._deviation(parameters, s)
        rise = (self._deviation(parameters, s + DIFFERENCE_MM) - deviation) / DIFFERENCE_MM
        still = formula * (1.0 + deviation)

        log_floor, log_slope, exponent = parameters[LOG_FLOOR : EXPONENT + 1]
        size = np.maximum(np.abs(s), 1e-9)
        log_ratio = log_slope - log_floor + np.log(size)
        power = np.exp(exponent * log_ratio)
        share = power / (1.0 + power)
        focus = self._focus_mm(parameters, view)
        by_focus = -(still * share / size * np.sign(s) + formula * rise) * (self.mark_mm / focus) ** 2
        by_exponent = still * (share * log_ratio - np.log1p(power) / exponent) / exponent
        # A row a parameter: so they lie together in memory.
        rows = np.empty((PARAMETERS, len(s)))
        rows[OFFSET : EXPONENT + 1] = by_focus, still * (1.0 - share), still * share, by_exponent
        rows[FIELD] = by_focus * view.field.T
        rows[LIGHT : STRENGTH + 1] = still * view.light.T
        rows[MOTION] = view.motion.T / (2.0 * still)
        rows[EVEN] = formula * self._weights(s)
        rows[ODD] = rows[EVEN][1:] * np.sign(s)
        rows *= still / self._whole(parameters, still, depth, view)
        return rows.T

    def place(self, s: Array) -> Array:
        """Return where defocus lies on the knots' axis, which is even and smooth through focus."""
        return np.asarray(np.log1p((s / self.bend_mm) ** 2))

    def _focus_mm(self, parameters: Array, view: View) -> Array:
        """Return the depth of sharpest focus (n,), from the lens."""
        return np.asarray(self.mark_mm + parameters[OFFSET] + view.field @ parameters[FIELD])

    def _whole(self, parameters: Array, still: Array, depth: Array, view: View) -> Array:
        """Return the blur (n,) of a picture that would have the blur `still` (n,) without shake and print."""
        print_px = self.ink_px * self.mark_mm / (self.mark_mm + depth)
        shaken = np.maximum(still**2 + view.motion @ parameters[MOTION], LEAST_SHARE * still**2)
        return np.sqrt(shaken + print_px**2)

    def _lit(self, parameters: Array, s: Array, view: View) -> Array:
        """Return the formula's blur (n,) in the light of each place."""
        return np.asarray(self._formula(parameters, s) * np.exp(view.light @ parameters[LIGHT : STRENGTH + 1]))

    def _formula(self, parameters: Array, s: Array) -> Array:
        log_floor, log_slope, exponent = parameters[LOG_FLOOR : EXPONENT + 1]
        ratio = np.exp(log_slope - log_floor) * np.abs(s)
        return np.asarray(np.exp(log_floor) * (1.0 + ratio**exponent) ** (1.0 / exponent))

    def _knots_at(self, s: Array) -> Array:
        """Return where defocus (n,) lies among the knots, 0 to KNOTS - 1."""
        return np.minimum(self.place(s) / self.reach * (KNOTS - 1), KNOTS - 1)

    def _weights(self, s: Array) -> Array:
        """Return (KNOTS, n) weights of the knots, by linear interpolation between them."""
        return np.maximum(1.0 - np.abs(self._knots_at(s) - np.arange(KNOTS)[:, None]), 0.0)

    def _deviation(self, parameters: Array, s: Array) -> Array:
        """Return (n,) deviations from the formula, as parts of the blur."""
        at, knots = self._knots_at(s), np.arange(KNOTS)
        odd = np.interp(at, knots, np.concatenate([[0.0], parameters[ODD]]))
        return np.asarray(np.interp(at, knots, parameters[EVEN]) + odd * np.sign(s))


@dataclass(frozen=True)
class View:
    """How the picture has n samples.

    Attributes:
        field: (n, 4) by how much their focus shifts with the field terms: half for steep edges and minus half for
            level ones; a² and s², squares of the distances from the optical axis along and across the direction of
            spread, in 1000 mm² at the AF mark's distance, less the mark's; distance from the mark in the picture
            across the sheet's lean, over the half diagonal.
        light: (n, 2) logarithm of the light on the paper, and contrast of the edges over that light, less their
            means.
        motion: (n, 6) variance of their spread for each of the motions' variances and covariances.
    """

    field: Array
    light: Array
    motion: Array

    @staticmethod
    def at_mark(count: int) -> View:
        """Return that of `count` places at the AF mark, in mean light, between both directions, unmoved."""
        return View(np.zeros((count, 4)), np.zeros((count, 2)), np.zeros((count, len(MOTION_PAIRS))))


def view_of(samples: EdgeSamples, depth: Array, pose: Pose) -> View:
    """Return how the picture has samples that lie at depths (n,)."""
    pixels, normal = samples.found_px, samples.across
    width, height = pose.image_size
    middle, half_diagonal = np.array([(width - 1) / 2, (height - 1) / 2]), math.hypot(width, height) / 2
    mark = pose.project(np.zeros(3))
    mm_per_px = pose.distance_mm / pose.focal_px
    a2, s2 = _squares((pixels - middle) * mm_per_px, normal)
    mark_a2, mark_s2 = _squares((mark - middle) * mm_per_px, normal)
    # Where depth grows fastest in the picture: steep edges run along it.
    gradient = np.linalg.lstsq(pixels - pixels.mean(axis=0), depth - depth.mean(), rcond=None)[0]
    x, y = gradient / max(math.hypot(*gradient), 1e-12)
    across_lean = (pixels - mark) @ np.array([-y, x]) / half_diagonal
    # cos 2a of the angle between edge and that direction, halved: the edge is at right angles to its normal.
    steep = 0.5 - (normal @ np.array([x, y])) ** 2
    return View(
        field=np.stack([steep, a2 - mark_a2, s2 - mark_s2, across_lean], axis=1),
        light=np.stack([log_light(samples, (pixels - middle) / half_diagonal), strength(samples)], axis=1),
        motion=motion_terms((pixels - middle) / half_diagonal, normal),
    )


def _squares(place_mm: Array, normal: Array) -> tuple[Array, Array]:
    """Return the squares of the distances from the axis along and across the spread, in 1000 mm²."""
    x, y = place_mm.T
    along, across = x * normal[:, 0] + y * normal[:, 1], y * normal[:, 0] - x * normal[:, 1]
    return along**2 / 1e3, across**2 / 1e3


def log_light(samples: EdgeSamples, place: Array) -> Array:
    """Return (n,) logarithms of the light on the paper, less their mean, as it changes over the picture.

    The light is a cubic through all pieces; that of a single piece will not do: its error goes with that of its
    blur,
    and blur then seems to grow with light.

    Args:
        samples: n pieces.
        place: (n, 2) of them, right and down from the picture's middle, over its half diagonal.
    """
    light = np.log(np.maximum(samples.strips.fits.bright, LEAST_LIGHT))
    x, y = place.T
    terms = np.stack([x**i * y**j for i in range(4) for j in range(4 - i)], axis=1)
    smooth = terms @ np.linalg.lstsq(terms, light, rcond=None)[0]
    return np.asarray(smooth - smooth.mean())


def strength(samples: EdgeSamples) -> Array:
    """Return (n,) the contrast of the edges over the light of the paper, less its mean: that of their kind of ink.

    A camera's contrast curve narrows strong edges more than weak ones. Weak ones lie near the mark, strong ones
    farther out, so that it would look like a curved field.
    """
    fits = samples.strips.fits
    contrast = 1.0 - fits.dark / np.maximum(fits.bright, 1e-6)
    kind = np.digitize(contrast, KINDS_OF_INK)
    total = np.maximum(np.bincount(kind), 1)
    of_kind = (np.bincount(kind, contrast) / total)[kind]
    return np.asarray(of_kind - of_kind.mean())
