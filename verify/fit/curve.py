"""The focus curve: blur over depth, with its derivatives, and what is known of it before a photo is looked at.

A thin lens blurs in proportion to |1/Z - 1/Zf| (Z depth, Zf depth of sharpest focus), exactly, at any distance.
Pixel, diffraction and aberrations add a floor. The curve joins both,

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
- uneven light: a camera's contrast curve, which no photo tells, narrows edges, and bright ones more than dim ones.
  Where a wing of a folded card is lit less than the other, that looks like defocus;
- shake, which blurs edges across its direction and leaves those along it alone: variance is added in proportion to
  cos 2(a - a0), a the direction across the edge. (What it does to all edges alike is part of the floor.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..edges.samples import EdgeSamples
from ..geometry import Pose

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
"""Step of the derivatives of the deviations along s."""
LEAST_SHARE = 0.02
"""Of the variance, that is left at least when shake is taken off."""
OFF_CENTRE = 0.35
"""Distance of the samples' middle from the AF mark over their rms distance: 0.1 for whole sheets, 0.8 for half."""
LEAST_LIGHT = 0.01
"""Of full scale: half of what the darkest paper has that is measured, so that a logarithm can be taken."""
USUAL_EXPONENT, EXPONENT_SD = 2.0, 0.5
USUAL_LIGHT, LIGHT_SD = -0.025, 0.03
"""Change of ln(blur) for ln(light): mean and standard deviation over contrast curves c + s c (1 - c) (2 c - 1) of
sRGB codes c, s from 0 to 0.5, and paper of 0.3 to 0.8 of full scale. The strongest is -0.15, without a curve 0."""
EVEN_START, EVEN_LEAST = 0.05, 0.003
"""To begin with, and what clean photos have."""
NONE = 1e-6
"""Standard deviation of what is held at zero."""
GRID = 121
SEARCH_BEYOND = 0.6
"""How far beyond the sheet to search for focus, as part of the sheet's depth range."""
OUTLYING = 25.0
"""Squared standard errors beyond which a sample counts no more."""
LEAST_FLOOR2, LEAST_SLOPE2 = 0.01, 1e-12
"""px² and (px/mm)²: blur of a tenth of a pixel, and none that anyone could see rise."""


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


@dataclass(frozen=True)
class View:
    """How the picture has n samples.

    Attributes:
        field: (n, 2) squared distance from the picture's middle less the AF mark's, and distance from the AF mark
            across the sheet's lean, both over the half diagonal.
        log_light: (n,) logarithm of the light on the paper, less its mean.
        direction: (n, 2) cos 2a and sin 2a, a the direction across the edge.
    """

    field: Array
    log_light: Array
    direction: Array

    @staticmethod
    def at_mark(count: int) -> View:
        """Return that of `count` places at the AF mark, in mean light, for the blur of all directions."""
        return View(np.zeros((count, 2)), np.zeros(count), np.zeros((count, 2)))


def view_of(samples: EdgeSamples, depth: Array, pose: Pose) -> View:
    """Return how the picture has samples that lie at depths (n,)."""
    pixels = samples.found_px
    width, height = pose.image_size
    middle, half_diagonal = np.array([(width - 1) / 2, (height - 1) / 2]), math.hypot(width, height) / 2
    mark = pose.project(np.zeros(3))
    squared = (((pixels - middle) ** 2).sum(axis=1) - ((mark - middle) ** 2).sum()) / half_diagonal**2
    # Across the lean: at right angles to where depth grows fastest in the picture.
    x, y = np.linalg.lstsq(pixels - pixels.mean(axis=0), depth - depth.mean(), rcond=None)[0]
    across = (pixels - mark) @ np.array([-y, x]) / max(math.hypot(x, y), 1e-12) / half_diagonal
    cosine, sine = samples.across.T
    return View(
        field=np.stack([squared, across], axis=1),
        log_light=log_light(samples),
        direction=np.stack([cosine**2 - sine**2, 2 * cosine * sine], axis=1),
    )


def log_light(samples: EdgeSamples) -> Array:
    """Return (n,) logarithms of the light on the paper beside each piece's edge, less their mean.

    The light is that of the whole edge, some ten pieces; that of a single piece will not do: its error goes with
    that of its blur, and blur then seems to grow with light. On 39 simulated cards at f/4 and f/5.6 the 95th
    percentile of the errors falls by 40 % with the contrast curve known.
    """
    light = np.log(np.maximum(samples.strips.fits.bright, LEAST_LIGHT))
    pieces = np.maximum(np.bincount(samples.edge), 1)
    of_edge = (np.bincount(samples.edge, light) / pieces)[samples.edge]
    return np.asarray(of_edge - of_edge.mean())


def surrounds_mark(pixels: Array, pose: Pose) -> bool:
    """Tell whether samples (n, 2) surround the AF mark; a half sheet's tilt error looks like a curved field."""
    places = pixels - pose.project(np.zeros((1, 3)))
    return float(np.linalg.norm(places.mean(axis=0))) < OFF_CENTRE * math.sqrt(
        float((places**2).sum(axis=1).mean())
    )


@dataclass(frozen=True)
class Freedom:
    """Standard deviations of what the plain formula does not know.

    Attributes:
        even, odd: of the deviations, as parts of the blur.
        curved, tilted: of the focus shift at the outermost sample, over the depth where defocus equals the floor.
        shaken: of the variance that shake adds, over that of the floor.
    """

    even: float = NONE
    odd: float = NONE
    curved: float = NONE
    tilted: float = NONE
    shaken: float = NONE

    def sd(self, bend_mm: float, floor_px: float, outermost: Array) -> Array:
        """Return (PARAMETERS,) standard deviations about `usual`; infinite for what nothing is known of.

        Args:
            bend_mm: depth in which defocus equals the floor.
            floor_px: blur in focus.
            outermost: (2,) largest places in the field, as `View` has them.
        """
        sd = np.full(PARAMETERS, np.inf)
        sd[EXPONENT] = EXPONENT_SD
        sd[CURVATURE], sd[TILT] = np.array([self.curved, self.tilted]) * bend_mm / np.maximum(outermost, 1e-6)
        sd[LIGHT] = LIGHT_SD
        sd[SHAKE] = self.shaken * floor_px**2
        sd[EVEN], sd[ODD] = self.even, self.odd
        return sd


BEGINNING = Freedom(even=EVEN_START, tilted=0.02, shaken=0.02)
LENS_ERRORS: tuple[tuple[str, float], ...] = (
    # 6 px of shake in a sharp photo make 2. It comes first: edges lean more the farther they are from the middle,
    # so that a tilted field can follow shake, and was wrong with it by up to 33 mm.
    *(("shaken", 0.2), ("shaken", 1.0)),
    # A photo that was cropped far from its middle has 0.6.
    *(("tilted", 0.1), ("tilted", 0.5)),
    # 100 µm at the corner of full frame make 0.06 (85 mm f/1.8, A4 at 2.2 m).
    ("curved", 0.1),
    # Where it is free without need, it follows what little inequality a clean photo has and moves focus by 0.15 mm
    # (85 mm f/1.8, 2.2 m).
    *(("odd", 0.005), ("odd", 0.02), ("odd", 0.08)),
)
"""Larger freedoms, tried one after the other."""


def usual() -> Array:
    """Return the parameters (PARAMETERS,) that deviations count from."""
    mean = np.zeros(PARAMETERS)
    mean[EXPONENT], mean[LIGHT] = USUAL_EXPONENT, USUAL_LIGHT
    return mean


def search_focus(depth: Array, blur: Array, sd: Array, mark_mm: float) -> Array:
    """Return offset, ln(floor), ln(slope) and p = 2, where the squares' fit is linear.

    Args:
        depth: (n,) of the samples from the AF mark, mm.
        blur, sd: (n,) their blur and its standard error, px.
        mark_mm: depth of the AF mark.
    """
    span = float(depth.max() - depth.min())
    offsets = np.linspace(depth.min() - SEARCH_BEYOND * span, depth.max() + SEARCH_BEYOND * span, GRID)
    offsets = offsets[offsets > -0.8 * mark_mm]
    weight = 1.0 / (2 * blur * sd) ** 2
    share = weight / weight.sum()
    square = (1.0 / (mark_mm + offsets[:, None]) - 1.0 / (mark_mm + depth)) ** 2 * mark_mm**4
    away = square - (square @ share)[:, None]
    blur2 = blur**2 - share @ blur**2
    slope2 = np.maximum((away * blur2) @ share / np.maximum(away**2 @ share, 1e-30), LEAST_SLOPE2)
    floor2 = np.maximum(share @ blur**2 - slope2 * (square @ share), LEAST_FLOOR2)
    residual2 = weight * (blur**2 - floor2[:, None] - slope2[:, None] * square) ** 2
    best = int(np.minimum(residual2, OUTLYING).sum(axis=1).argmin())
    return np.array([offsets[best], 0.5 * np.log(floor2[best]), 0.5 * np.log(slope2[best]), 2.0])
