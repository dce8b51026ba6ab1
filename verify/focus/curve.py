"""The focus curve: blur against depth, and the depth where it is least.

How far to trust the plain formula of a lens is learned from each photo: the size of the deviations from it is
estimated together with the deviations (empirical Bayes). A photo that follows the formula uses it; one that does
not leans on the symmetry of the blur about focus, or, where even that fails, on the samples near focus, and gets a
wider interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from backfocus.verify.edges.printed import EdgeSamples
from backfocus.verify.findings import refusal
from backfocus.verify.focus.form import (
    CURVATURE,
    EVEN,
    EXPONENT,
    LIGHT,
    LOG_FLOOR,
    LOG_SLOPE,
    OFFSET,
    PARAMETERS,
    SHAKE,
    TILT,
    CurveForm,
)
from backfocus.verify.focus.freedom import BEGINNING, EVEN_LEAST, LENS_ERRORS, Freedom, usual
from backfocus.verify.focus.light import log_light
from backfocus.verify.focus.start import search_focus
from backfocus.verify.geometry.pose import Pose
from backfocus.verify.robust import fit_robust, inverse

Array = npt.NDArray[np.float64]

MIN_SAMPLES = 60
"""A sheet offers 300 to 2000; below 60 a few wrong pieces decide the answer."""
ROBUST_SCALE = 2.0
"""In standard errors; beyond it a sample pulls linearly, no longer quadratically."""
EXPONENT_RANGE = (1.2, 5.0)
OFF_CENTRE = 0.35
"""Distance of the samples' middle from the AF mark over their rms distance: 0.1 for whole sheets, 0.8 for half."""
HANDICAP = 3.0
"""Natural logarithm of the odds against each further lens error, before the photo is looked at: 20 to 1."""
MOST_SHAKE_PX2 = 100.0
DEPTH_STEP = 1e-3
"""Of the depth in which defocus equals the floor, for derivatives."""
EQUAL_SIDES, EQUAL_WINGS = 0.0006, 0.0012
"""Of the blur: how unequally it is judged in front of and behind focus on clean photos, with sheets (600 photos)
and with folded cards (300), whose wings have edges of different directions; see docs/accuracy.md. Where a card
reaches less far than defocus equals the floor, as at f/4, it moves focus the more."""
INK_SOFTNESS_MM = 0.02
"""Standard deviation of a printed edge: ink spreads by 20 to 50 µm on plain paper, and 600 dots an inch alone blur
by 0.012 to 0.02 mm. Without it, a phone half a metre away measures 0.3 mm too far."""
OWN_NOISE = 1.5
"""Scatter of neighbours over what the pieces' own residuals tell: 1.0 to 1.55 in photos as cameras take them."""
HIDDEN_SHARE = 0.3
"""Of the scatter above that, which may not be the same in front of and behind focus: photos made smaller by an odd
factor have up to 5 % of the blur, and one was wrong by 3 % on one side."""
ROUNDS = 4


@dataclass(frozen=True)
class FocusCurve:
    """The fitted curve.

    Attributes:
        offset_mm: depth of least blur minus depth of the AF mark; positive is back focus.
        offset_sd_mm: its standard error from the scatter of the samples.
        model_sd_mm: its standard error from not knowing the curve's form.
        mark_mm: depth of the AF mark.
        form, parameters: the curve.
        depth_range_mm: least and largest depth of the samples, from the AF mark.
        weight: (n,) weight of each sample after robust down-weighting, 0 to 1.
        depth_influence: (n,) by how much a sample's depth moves the offset, mm for a mm.
        chi2: residuals over their expected scatter, mean square.
        scatter: of the samples about the curve, rms, as a part of the blur.
    """

    offset_mm: float
    offset_sd_mm: float
    model_sd_mm: float
    mark_mm: float
    form: CurveForm
    parameters: Array
    depth_range_mm: tuple[float, float]
    weight: Array
    depth_influence: Array
    chi2: float
    scatter: float

    @property
    def floor_px(self) -> float:
        """Blur at best focus by the formula."""
        return math.exp(float(self.parameters[LOG_FLOOR]))

    @property
    def slope_px_per_mm(self) -> float:
        """Growth of blur with depth, at the AF mark's depth, far from focus."""
        return math.exp(float(self.parameters[LOG_SLOPE]))

    @property
    def tilt_mm(self) -> float:
        """How much farther focus is at the picture's corner than at the AF mark, across the sheet's lean."""
        return float(self.parameters[TILT])

    @property
    def shake_px(self) -> float:
        """How far the picture moved during the exposure; an even motion of length L has a variance of L²/12."""
        return math.sqrt(24.0 * math.hypot(*self.parameters[SHAKE]))

    @property
    def exponent(self) -> float:
        """The formula's p."""
        return float(self.parameters[EXPONENT])

    def blur_px(self, depth_from_mark_mm: Array) -> Array:
        """Return the curve's blur at depths measured from the AF mark, as far from the picture's middle as it."""
        return self.form.blur_px(self.parameters, depth_from_mark_mm, np.zeros((len(depth_from_mark_mm), 5)))


def lens_blur_px(samples: EdgeSamples, pose: Pose) -> float:
    """Return the blur in focus, by the plain formula; errors as for `fit_focus_curve`."""
    return _Fit(_enough(samples), pose).floor_px()


def fit_focus_curve(samples: EdgeSamples, pose: Pose) -> FocusCurve:
    """Fit the curve to all samples.

    Raises:
        Refusal: too few samples.
    """
    return _Fit(_enough(samples), pose).curve()


def _enough(samples: EdgeSamples) -> EdgeSamples:
    if len(samples.blur_px) < MIN_SAMPLES:
        raise refusal(
            "too-few-edges",
            f"Blur could be measured at {len(samples.blur_px)} of {samples.offered} places; "
            f"{MIN_SAMPLES} are needed.",
        )
    return samples


class _Fit:
    """The least squares problem of one photo."""

    def __init__(self, samples: EdgeSamples, pose: Pose) -> None:
        self.mark = pose.distance_mm
        self.unequal = EQUAL_WINGS if pose.folds else EQUAL_SIDES
        self.px_per_mm = pose.focal_px / pose.distance_mm
        self.depth = pose.depth_mm(samples.sheet_mm) - self.mark
        self.view = _view(samples, self.depth, pose)
        self.all_around = _all_around(samples.found_px, pose)
        self.blur, self.edge = samples.blur_px, samples.edge
        self.sd = self.own_sd = _smooth_sd(samples)

    def formula(self) -> tuple[CurveForm, Array]:
        """Return the plain formula as fitted from nothing."""
        start = search_focus(self.depth, self.blur, self.sd, self.mark)
        parameters = np.concatenate([start, np.zeros(PARAMETERS - len(start))])
        form = self.form(parameters)
        return form, self.solve(form, parameters, self.prior_sd(form, parameters, Freedom()))

    def floor_px(self) -> float:
        return math.exp(float(self.formula()[1][LOG_FLOOR]))

    def curve(self) -> FocusCurve:
        form, parameters = self.formula()
        form, freedom = self.form(parameters), BEGINNING
        for _ in range(ROUNDS):
            self.sd = self.sd * self.local_noise(form, parameters)
            prior_sd = self.prior_sd(form, parameters, freedom)
            parameters = self.solve(form, parameters, prior_sd)
            # Expectation maximisation for the variance of the even deviations.
            variance = np.diag(inverse(self.information(form, parameters, prior_sd)))
            even = math.sqrt(float(np.mean((parameters**2 + variance)[EVEN])))
            freedom = replace(freedom, even=max(even, EVEN_LEAST))
        self.sd = self.sd * math.sqrt(max(self.chi2(form, parameters), 1.0))
        return self.summary(form, *self.with_lens_errors(form, parameters, freedom))

    def with_lens_errors(self, form: CurveForm, parameters: Array, freedom: Freedom) -> tuple[Array, Array, float]:
        """Return parameters and priors with as large lens errors as the photo speaks for, and the doubt in mm²."""
        chosen = parameters, self.prior_sd(form, parameters, freedom)
        if not self.all_around:
            return *chosen, 0.0
        best = self.evidence(form, *chosen)
        rivals = [(best, float(parameters[OFFSET]))]
        for name, size in LENS_ERRORS:
            freer = replace(freedom, **{name: size})
            prior_sd = self.prior_sd(form, parameters, freer)
            found = self.solve(form, chosen[0], prior_sd)
            evidence = self.evidence(form, found, prior_sd) - HANDICAP
            rivals.append((evidence, float(found[OFFSET])))
            if evidence > best:
                best, chosen, freedom = evidence, (found, prior_sd), freer
        return *chosen, _doubt(rivals, best, float(chosen[0][OFFSET]))

    def evidence(self, form: CurveForm, parameters: Array, prior_sd: Array) -> float:
        """Return the logarithm of the data's probability given the priors, up to a constant (Laplace's method)."""
        misfit = self.misfit(form, parameters)
        loss = 2 * ROBUST_SCALE**2 * float((np.sqrt(1 + (misfit / ROBUST_SCALE) ** 2) - 1).sum())
        known = np.isfinite(prior_sd)
        penalty = float((((parameters - usual()) / prior_sd)[known] ** 2).sum())
        _, volume = np.linalg.slogdet(self.information(form, parameters, prior_sd))
        return -0.5 * (loss + penalty + float(volume)) - float(np.log(prior_sd[known]).sum())

    def prior_sd(self, form: CurveForm, parameters: Array, freedom: Freedom) -> Array:
        """Return (PARAMETERS,) standard deviations about `usual`."""
        floor_px = math.exp(float(parameters[LOG_FLOOR]))
        return freedom.sd(form.bend_mm, floor_px, np.abs(self.view[:, :2]).max(axis=0))

    def form(self, parameters: Array) -> CurveForm:
        """Return a form that bends where defocus equals the floor, with its last knot at the largest defocus."""
        bend_mm = math.exp(float(parameters[LOG_FLOOR] - parameters[LOG_SLOPE]))
        form = CurveForm(self.mark, bend_mm, INK_SOFTNESS_MM * self.px_per_mm)
        farthest = form.place(form.defocus_mm(parameters, self.depth, self.view)).max()
        return replace(form, reach=max(float(farthest), 1e-6))

    def misfit(self, form: CurveForm, parameters: Array) -> Array:
        """Return (n,) residuals over their standard errors."""
        return np.asarray((form.blur_px(parameters, self.depth, self.view) - self.blur) / self.sd)

    def jacobian(self, form: CurveForm, parameters: Array) -> Array:
        return np.asarray(form.jacobian(parameters, self.depth, self.view) / self.sd[:, None])

    def solve(self, form: CurveForm, start: Array, prior_sd: Array) -> Array:
        """Return the parameters that fit best."""
        low, high = np.full(PARAMETERS, -0.9), np.full(PARAMETERS, 5.0)
        low[:CURVATURE] = -0.9 * self.mark, math.log(0.05), -30.0, EXPONENT_RANGE[0]
        high[:CURVATURE] = 10.0 * self.mark, 10.0, 10.0, EXPONENT_RANGE[1]
        low[CURVATURE:LIGHT], high[CURVATURE:LIGHT] = -self.mark, self.mark
        low[LIGHT], high[LIGHT] = -1.0, 1.0
        low[SHAKE], high[SHAKE] = -MOST_SHAKE_PX2, MOST_SHAKE_PX2
        fit = fit_robust(
            lambda p: np.concatenate([self.misfit(form, p), (p - usual()) / prior_sd]),
            lambda p: np.concatenate([self.jacobian(form, p), np.diag(1.0 / prior_sd)]),
            start,
            ROBUST_SCALE,
            (low, high),
        )
        return fit.parameters

    def weight(self, misfit: Array) -> Array:
        return np.asarray(1.0 / np.sqrt(1.0 + (misfit / ROBUST_SCALE) ** 2))

    def information(self, form: CurveForm, parameters: Array, prior_sd: Array) -> Array:
        jacobian = self.jacobian(form, parameters) * np.sqrt(self.weight(self.misfit(form, parameters)))[:, None]
        return np.asarray(jacobian.T @ jacobian + np.diag(1.0 / prior_sd**2))

    def local_noise(self, form: CurveForm, parameters: Array) -> float:
        """Return the scatter between neighbours in depth, in standard errors; a wrong form does not add to it."""
        misfit = self.misfit(form, parameters)[np.argsort(self.depth)]
        return max(float(np.median(np.abs(np.diff(misfit)))) / (0.6745 * math.sqrt(2.0)), 1e-3)

    def hidden_scatter(self) -> float:
        """Return the scatter that is neither noise nor part of the curve, as a part of the blur."""
        variance = self.sd**2 - (OWN_NOISE * self.own_sd) ** 2
        return math.sqrt(max(float(np.median(variance / self.blur**2)), 0.0))

    def chi2(self, form: CurveForm, parameters: Array) -> float:
        """Return residuals over their expected scatter, mean square."""
        misfit = self.misfit(form, parameters)
        weight = self.weight(misfit)
        return float((weight * misfit**2).sum() / max(weight.sum() - len(parameters), 1.0))

    def scatter(self, form: CurveForm, parameters: Array) -> float:
        """Return the rms of the residuals as parts of the blur."""
        part = self.blur / form.blur_px(parameters, self.depth, self.view) - 1.0
        return math.sqrt(float(np.average(part**2, weights=self.weight(self.misfit(form, parameters)))))

    def summary(self, form: CurveForm, parameters: Array, prior_sd: Array, doubt_mm2: float) -> FocusCurve:
        chi2 = self.chi2(form, parameters)
        information = self.information(form, parameters, prior_sd)
        whole, formula_alone = inverse(information), inverse(information[:CURVATURE, :CURVATURE])
        scatter = max(chi2, 1.0) * formula_alone[0, 0], self.scatter_between_edges(form, parameters, formula_alone)
        form_unknown = max(float(whole[0, 0] - formula_alone[0, 0]), 0.0)
        unequal = math.hypot(self.unequal, HIDDEN_SHARE * self.hidden_scatter())
        unequal_mm = unequal * self.sides_influence(form, parameters, whole)
        return FocusCurve(
            offset_mm=float(parameters[OFFSET]),
            offset_sd_mm=float(np.sqrt(max(scatter))),
            model_sd_mm=math.sqrt(form_unknown + doubt_mm2 + unequal_mm**2),
            mark_mm=self.mark,
            form=form,
            parameters=parameters,
            depth_range_mm=(float(self.depth.min()), float(self.depth.max())),
            weight=self.weight(self.misfit(form, parameters)),
            depth_influence=self.depth_influence(form, parameters, formula_alone),
            chi2=chi2,
            scatter=self.scatter(form, parameters),
        )

    def depth_influence(self, form: CurveForm, parameters: Array, covariance: Array) -> Array:
        """Return (n,) derivatives of the offset by the depth of each sample."""
        step = DEPTH_STEP * form.bend_mm
        moved = form.blur_px(parameters, self.depth + step, self.view)
        rise = (moved - form.blur_px(parameters, self.depth, self.view)) / step / self.sd
        weighted = (
            self.jacobian(form, parameters)[:, :CURVATURE] * self.weight(self.misfit(form, parameters))[:, None]
        )
        return np.asarray(-(weighted @ covariance[0]) * rise)

    def sides_influence(self, form: CurveForm, parameters: Array, covariance: Array) -> float:
        """Return by how much the offset moves, in mm, for a blur judged larger by all of it behind focus."""
        side = np.sign(form.defocus_mm(parameters, self.depth, self.view)) / 2
        more = self.weight(self.misfit(form, parameters)) * side * self.blur / self.sd
        return float(covariance[0] @ (self.jacobian(form, parameters).T @ more))

    def scatter_between_edges(self, form: CurveForm, parameters: Array, covariance: Array) -> float:
        """Return the offset's variance if the pieces of an edge share an error (sandwich estimator by clusters)."""
        misfit = self.misfit(form, parameters)
        pull = self.jacobian(form, parameters)[:, :CURVATURE] * (self.weight(misfit) * misfit)[:, None]
        by_edge = np.zeros((int(self.edge.max()) + 1, CURVATURE))
        np.add.at(by_edge, self.edge, pull)
        return float(((by_edge @ covariance[0]) ** 2).sum())


def _doubt(rivals: list[tuple[float, float]], best: float, offset_mm: float) -> float:
    """Return the variance of the offset between rival curves, each with its evidence, about the chosen one."""
    odds = [(math.exp(min(evidence - best, 0.0)), rival) for evidence, rival in rivals]
    return sum(odd * (rival - offset_mm) ** 2 for odd, rival in odds) / sum(odd for odd, _ in odds)


def _all_around(pixels: Array, pose: Pose) -> bool:
    """Whether the samples surround the AF mark; a half sheet's tilt error looks like a curved field."""
    places = pixels - pose.project(np.zeros((1, 3)))
    return float(np.linalg.norm(places.mean(axis=0))) < OFF_CENTRE * math.sqrt(
        float((places**2).sum(axis=1).mean())
    )


def _view(samples: EdgeSamples, depth: Array, pose: Pose) -> Array:
    """Return (n, 5) how the picture has the samples, as `CurveForm` takes it."""
    pixels = samples.found_px
    width, height = pose.image_size
    middle, half_diagonal = np.array([(width - 1) / 2, (height - 1) / 2]), math.hypot(width, height) / 2
    mark = pose.project(np.zeros(3))
    squared = (((pixels - middle) ** 2).sum(axis=1) - ((mark - middle) ** 2).sum()) / half_diagonal**2
    # Across the lean: at right angles to where depth grows fastest in the picture.
    x, y = np.linalg.lstsq(pixels - pixels.mean(axis=0), depth - depth.mean(), rcond=None)[0]
    across = (pixels - mark) @ np.array([-y, x]) / max(math.hypot(x, y), 1e-12) / half_diagonal
    cosine, sine = samples.across.T
    light = log_light(samples, pose)
    return np.stack([squared, across, light, cosine**2 - sine**2, 2 * cosine * sine], axis=1)


def _smooth_sd(samples: EdgeSamples) -> Array:
    """Standard errors as a power of the blur: single ones are too noisy to weigh by."""
    log_blur = np.log(samples.blur_px)
    log_sd = np.log(np.maximum(samples.blur_sd_px, 1e-5))
    slope, constant = np.polyfit(log_blur, log_sd, 1)
    smooth: Array = np.exp(constant + slope * log_blur)
    return smooth
