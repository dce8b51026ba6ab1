"""The form of the focus curve.

A thin lens blurs in proportion to |1/Z - 1/Zf| (Z depth, Zf depth of sharpest focus), exactly, whatever the
distance. Pixel, diffraction and aberrations add a floor. The curve joins both,

    blur(Z)^p = floor^p + slope^p |s|^p,    s = (1/Zf - 1/Z) Zm²,   Zm the AF mark's depth,

with p near 2, where independent blurs add as variances. The print's own softness is larger in the picture the
closer it is; its variance, too, is added. On top of that come

- an even deviation, the same in front of and behind focus: sharpening and noise reduction in the camera, contrast
  curves and unround apertures bend the curve, but alike on both sides;
- an odd deviation, which vanishes at focus: spherical aberration makes the blur in front of focus differ from that
  behind;
- a curved field: Zf changes with the square of the distance from the picture's middle;
- a tilted field, where the lens is out of centre: Zf changes across the direction in which the sheet leans. (Along
  that direction it cannot be told from the lean itself.)
- uneven light: a camera's contrast curve narrows edges, bright ones more than dim ones (`light.py`);
- shake, which blurs edges across its direction and leaves those along it alone: variance is added in proportion to
  cos 2(a - a0), a the direction across the edge. (What it does to all edges alike is part of the floor.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.verify.focus.model.view import View

Array = npt.NDArray[np.float64]

OFFSET, LOG_FLOOR, LOG_SLOPE, EXPONENT, CURVATURE, TILT, LIGHT = range(7)
"""Places of the first parameters: mm, ln(px), ln(px/mm), p, shifts of focus at the picture's corner in mm, and
ln(blur) over ln(light)."""
SHAKE = slice(7, 9)
"""Variance of the edge spread in px² that goes with cos 2a and with sin 2a."""
HEAD = 9
KNOTS = 8
EVEN = slice(HEAD, HEAD + KNOTS)
ODD = slice(HEAD + KNOTS, HEAD + 2 * KNOTS - 1)
PARAMETERS = HEAD + 2 * KNOTS - 1
DIFFERENCE_MM = 1e-4
LEAST_SHARE = 0.02
"""Of the variance, that is left at least when shake is taken off."""


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
        even, odd = self._weights(s)
        deviation = even @ parameters[EVEN] + odd @ parameters[ODD]
        return self._whole(parameters, self._lit(parameters, s, view) * (1.0 + deviation), depth, view)

    def jacobian(self, parameters: Array, depth: Array, view: View) -> Array:
        """Return the derivatives (n, PARAMETERS) of the blur; exact, but for the deviations along s."""
        s = self.defocus_mm(parameters, depth, view)
        formula = self._lit(parameters, s, view)
        even, odd = self._weights(s)
        ahead_even, ahead_odd = self._weights(s + DIFFERENCE_MM)
        deviation = even @ parameters[EVEN] + odd @ parameters[ODD]
        rise = (ahead_even @ parameters[EVEN] + ahead_odd @ parameters[ODD] - deviation) / DIFFERENCE_MM
        still = formula * (1.0 + deviation)

        log_floor, log_slope, exponent = parameters[LOG_FLOOR:CURVATURE]
        size = np.maximum(np.abs(s), 1e-9)
        log_ratio = log_slope - log_floor + np.log(size)
        power = np.exp(exponent * log_ratio)
        share = power / (1.0 + power)
        focus = self._focus_mm(parameters, view)
        by_focus = -(still * share / size * np.sign(s) + formula * rise) * (self.mark_mm / focus) ** 2
        by_exponent = still * (share * log_ratio - np.log1p(power) / exponent) / exponent
        head = np.stack([by_focus, still * (1.0 - share), still * share, by_exponent], axis=1)
        by_field, by_light = by_focus[:, None] * view.field, (still * view.log_light)[:, None]
        deviations = np.concatenate([formula[:, None] * even, formula[:, None] * odd], axis=1)
        blur = self._whole(parameters, still, depth, view)
        by_still, by_shake = (still / blur)[:, None], view.direction / (2.0 * blur[:, None])
        unshaken = by_still * np.concatenate([head, by_field, by_light], axis=1)
        return np.concatenate([unshaken, by_shake, by_still * deviations], axis=1)

    def place(self, s: Array) -> Array:
        """Return where defocus lies on the knots' axis, which is even and smooth through focus."""
        return np.asarray(np.log1p((s / self.bend_mm) ** 2))

    def _focus_mm(self, parameters: Array, view: View) -> Array:
        """Return the depth of sharpest focus (n,), from the lens."""
        return np.asarray(self.mark_mm + parameters[OFFSET] + view.field @ parameters[CURVATURE : TILT + 1])

    def _whole(self, parameters: Array, still: Array, depth: Array, view: View) -> Array:
        """Return the blur (n,) of a picture that would have the blur `still` (n,) without shake and print."""
        print_px = self.ink_px * self.mark_mm / (self.mark_mm + depth)
        shaken = np.maximum(still**2 + view.direction @ parameters[SHAKE], LEAST_SHARE * still**2)
        return np.sqrt(shaken + print_px**2)

    def _lit(self, parameters: Array, s: Array, view: View) -> Array:
        """Return the formula's blur (n,) in the light of each place."""
        return np.asarray(self._formula(parameters, s) * np.exp(parameters[LIGHT] * view.log_light))

    def _formula(self, parameters: Array, s: Array) -> Array:
        log_floor, log_slope, exponent = parameters[LOG_FLOOR:CURVATURE]
        ratio = np.exp(log_slope - log_floor) * np.abs(s)
        return np.asarray(np.exp(log_floor) * (1.0 + ratio**exponent) ** (1.0 / exponent))

    def _weights(self, s: Array) -> tuple[Array, Array]:
        """Return (n, KNOTS) and (n, KNOTS - 1) weights of the knots, by linear interpolation between them."""
        at = np.minimum(self.place(s) / self.reach * (KNOTS - 1), KNOTS - 1)
        even = np.maximum(1.0 - np.abs(at[:, None] - np.arange(KNOTS)), 0.0)
        return even, even[:, 1:] * np.sign(s)[:, None]
