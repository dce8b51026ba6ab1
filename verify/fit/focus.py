"""The focus curve fitted to the blur of all edges: the depth where it is least, and its standard errors.

How far to trust the plain formula of a lens is learned from each photo: the size of the deviations from it is
estimated together with the deviations (empirical Bayes). A photo that follows the formula uses it; one that does
not leans on the symmetry of the blur about focus, or, where even that fails, on the samples near focus, and gets a
wider interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..edges.samples import EdgeSamples, refuse_few
from ..edges.tails import heavy_tails, tails, unequal_tails
from ..findings import Findings
from ..geometry import Pose
from .curve import (
    ACROSS,
    ALONG,
    ASTIGMATISM,
    EVEN,
    EXPONENT,
    FORMULA,
    LOG_FLOOR,
    LOG_SLOPE,
    MOTION,
    OFFSET,
    PARAMETERS,
    TILT,
    CurveForm,
    View,
)
from .freedom import BEGINNING, EVEN_LEAST, LENS_ERRORS, MOTIONS, STILL, Freedom
from .motion import Motion, motion_of
from .problem import Problem, depth_influence, scatter_between_tiles, unequal_sides_mm
from .robust import inverse
from .search import search_focus, search_moved

Array = npt.NDArray[np.float64]

CONTESTED, CONTESTED_SHARE = ("curved", "odd"), 0.6
"""Lens errors with which sharpest has no single meaning, or which few samples decide: 0.6 makes the half width that
by which they moved the offset. Without it 35 % of the intervals held the truth under spherical aberration."""
AT_MM = 20.0
"""Distance from the axis at which the field's curvature is told."""
LEAST_GAIN = 0.1
"""Of evidence, that a larger freedom must bring."""
SHAPE_HANDICAP = 3.0
"""As `HANDICAP`, for the odds by the shape of edges."""
MOVED = 1.15
"""Sum of squares of the best start without motion over that with it, from which on a moved camera is begun with."""
MOST_SHAKEN = 5.0
"""Variances of its motions, over that of the floor."""
SHIFT_FORM, TURN_FORM, KNOWN_MOTION = 0.045, 0.06, 0.06
"""Of the depth in which defocus equals the blur in focus: standard error of the offset where motion makes most of
that blur, and how much of it is too much. The path of a hand is no normal distribution, and what an edge model
makes of it goes with how blurred the edge is else. Largest errors of 15 photos with shifts of 2 to 8 px 0.04, of 44
with turns of 0.05° to 0.3°, some with shifts, 0.19, root mean square 0.06. A turn may pass for a shift: root mean
square of 24 turned photos in which none was seen 0.05."""
ONE_DIRECTION = 0.15
"""Least part of the samples that either direction has, half of them in still photos. At 6 MP a shift of 5 px down
left none of the level edges, and a photo was wrong by 2.4 half widths."""
END_SHARE = 0.05
"""Of the samples, that stand for the nearest and the farthest end."""
WORTH_A_STEP = 0.02
"""Fall of the loss; evidence is then good to about a tenth."""
ROUNDS = 4
"""Of expectation maximisation."""


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
        lens_odds: natural logarithm of the odds for a lens with errors against an ideal one, by blur or by the
            shape of edges, less handicaps. Up to 0 the plane of least blur is that of most contrast.
        covariance: (PARAMETERS, PARAMETERS) of the parameters.
        motion: of the camera.
        heavy_tails: of edges on both sides of focus, at least: fourth cumulant over blur⁴ beyond an ideal lens's.
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
    lens_odds: float
    covariance: Array
    motion: Motion
    heavy_tails: float = -math.inf

    @property
    def astigmatism_mm(self) -> float:
        """Plane of edges along the direction of depth less that of edges across it, at the AF mark."""
        return float(self.parameters[ASTIGMATISM])

    @property
    def astigmatism_sd_mm(self) -> float:
        """Its standard error."""
        return math.sqrt(max(float(self.covariance[ASTIGMATISM, ASTIGMATISM]), 0.0))

    @property
    def curvature_mm(self) -> tuple[float, float]:
        """How much farther focus is 20 mm from the optical axis (at the mark's distance) than on it.

        For edges whose spread lies along the way to the axis, and for those whose spread lies across it.
        """
        at = AT_MM**2 / 1e3
        return at * float(self.parameters[ALONG]), at * float(self.parameters[ACROSS])

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
        """How far the picture moved where it moved most, as an even motion.

        Lenses with errors seem to move, as their blur goes with direction and place: by over 2 px on 17 of 140
        still traced photos, all at f/2 and faster, and up to 5.8 px on all but one of those.
        """
        return self.motion.length_px

    @property
    def exponent(self) -> float:
        """The formula's p."""
        return float(self.parameters[EXPONENT])

    def blur_px(self, depth_from_mark_mm: Array) -> Array:
        """Return the curve's blur at depths measured from the AF mark, as far from the picture's middle as it."""
        return self.form.blur_px(self.parameters, depth_from_mark_mm, View.at_mark(len(depth_from_mark_mm)))


@dataclass(frozen=True)
class _Fitted:
    """A curve that fits.

    Attributes:
        form, parameters: the curve.
        prior_sd: (PARAMETERS,) what it was free to do.
        doubt_mm2: variance of the offset between it and its rivals.
        moved: whether the photo speaks for a camera that moved.
    """

    form: CurveForm
    parameters: Array
    prior_sd: Array
    doubt_mm2: float = 0.0
    moved: bool = False


def lens_blur_px(samples: EdgeSamples, pose: Pose) -> float:
    """Return the blur in focus, by the plain formula; errors as for `fit_focus_curve`."""
    return math.exp(float(_formula(Problem(_enough(samples), pose)).parameters[LOG_FLOOR]))


def fit_focus_curve(samples: EdgeSamples, pose: Pose) -> FocusCurve:
    """Fit the curve to all samples.

    Raises:
        Refusal: too few samples.
    """
    problem = Problem(_enough(samples), pose)
    fitted, freedom = _begun(problem)
    fitted, odds = _best(problem, fitted, freedom)
    by_shape, heavy = _shape(problem, fitted)
    return replace(_summary(problem, fitted, max(odds, by_shape), folded=bool(pose.folds)), heavy_tails=heavy)


def _begun(problem: Problem) -> tuple[_Fitted, Freedom]:
    """Return the ideal lens's curve, of a still camera unless a moved one explains much more."""
    plain = _formula(problem)
    noise = problem.local_noise(plain.form, plain.parameters)
    start, motion, better = search_moved(
        problem.depth_mm, problem.blur_px, problem.sd_px, problem.mark_mm, problem.view.motion, noise
    )
    if better < MOVED:
        return _deviating(problem, plain, BEGINNING)
    parameters = np.concatenate([start, np.zeros(PARAMETERS - len(start))])
    parameters[MOTION] = motion
    form, freedom = problem.form(parameters), replace(BEGINNING, shaken=MOST_SHAKEN)
    return _deviating(problem, _Fitted(form, parameters, problem.prior_sd(form, parameters, freedom)), freedom)


def _shape(problem: Problem, fitted: _Fitted) -> tuple[float, float]:
    """Return the odds for a lens that is not ideal by the shape of edges, less the handicap; and their tails."""
    form, parameters = fitted.form, fitted.parameters
    defocus = form.defocus_mm(parameters, problem.depth_mm, problem.view) / form.bend_mm
    floor_px = math.exp(float(parameters[LOG_FLOOR]))
    cumulant, sd = tails(problem.strips, problem.blur_px, floor_px)
    kinds = np.concatenate([problem.view.field[:, :1], problem.view.light], axis=1)
    odds = unequal_tails(cumulant, sd, defocus, kinds) - SHAPE_HANDICAP
    return odds, heavy_tails(cumulant, sd, defocus, problem.tile)


def _enough(samples: EdgeSamples) -> EdgeSamples:
    refuse_few(samples, Findings.TOO_FEW_EDGES.limits[0])
    return samples


def _formula(problem: Problem) -> _Fitted:
    """Return the plain formula as fitted from nothing."""
    start = search_focus(problem.depth_mm, problem.blur_px, problem.sd_px, problem.mark_mm)
    parameters = np.concatenate([start, np.zeros(PARAMETERS - len(start))])
    form = problem.form(parameters)
    prior_sd = problem.prior_sd(form, parameters, Freedom())
    return _Fitted(form, problem.solve(form, parameters, prior_sd), prior_sd)


def _deviating(problem: Problem, formula: _Fitted, freedom: Freedom = BEGINNING) -> tuple[_Fitted, Freedom]:
    """Return the curve with its even deviations, and how large they are; the samples get their real errors."""
    parameters = formula.parameters
    form = problem.form(parameters)
    for _ in range(ROUNDS):
        problem.sd_px = problem.sd_px * problem.local_noise(form, parameters)
        prior_sd = problem.prior_sd(form, parameters, freedom)
        parameters = problem.solve(form, parameters, prior_sd)
        # Expectation maximisation for the variance of the even deviations.
        variance = np.diag(inverse(problem.information(form, parameters, prior_sd)))
        even = math.sqrt(float(np.mean((parameters**2 + variance)[EVEN])))
        freedom = replace(freedom, even=max(even, EVEN_LEAST))
    problem.sd_px = problem.sd_px * math.sqrt(max(problem.chi2(form, parameters), 1.0))
    return _Fitted(form, parameters, problem.prior_sd(form, parameters, freedom)), freedom


def _best(problem: Problem, plain: _Fitted, freedom: Freedom) -> tuple[_Fitted, float]:
    """Return the curve with errors of lens and hand as large as the photo speaks for; odds for the lens's."""
    start = _Trial.begin(problem, plain, freedom)
    ideal = start.freed((*MOTIONS, STILL))
    ends = [ideal.freed((*MOTIONS, STILL, *LENS_ERRORS))]
    if ideal.freedom != freedom:
        # Errors of the lens may look like a hand's: they get the first choice, too.
        ends.append(start.freed((*LENS_ERRORS, *MOTIONS, STILL)))
    best = max(ends, key=lambda end: end.evidence)
    doubt = best.contested_mm2 + _doubt([rival for end in ends for rival in end.rivals], best)
    found = problem.solve(best.fitted.form, best.fitted.parameters, best.fitted.prior_sd)
    odds = max(end.most_with_lens for end in ends) - ideal.evidence
    moved = best.freedom.shaken > BEGINNING.shaken
    return replace(best.fitted, parameters=found, doubt_mm2=doubt, moved=moved), odds


@dataclass(frozen=True)
class _Trial:
    """A curve that was chosen, and what else was tried.

    Attributes:
        problem, fitted, freedom: the curve, with what it was free to do.
        evidence: its logarithm, less the handicaps of its freedoms.
        most_with_lens: the most evidence of any that was tried with errors of the lens.
        rivals: evidence and offset of all.
        contested_mm2: variance of the offset for lens errors with which sharpest has no single meaning.
    """

    problem: Problem
    fitted: _Fitted
    freedom: Freedom
    evidence: float
    most_with_lens: float
    rivals: tuple[tuple[float, float], ...]
    contested_mm2: float = 0.0

    @staticmethod
    def begin(problem: Problem, fitted: _Fitted, freedom: Freedom) -> _Trial:
        """Return the curve before anything was tried."""
        evidence = problem.evidence(fitted.form, fitted.parameters, fitted.prior_sd)
        return _Trial(
            problem, fitted, freedom, evidence, -math.inf, ((evidence, float(fitted.parameters[OFFSET])),)
        )

    @property
    def offset_mm(self) -> float:
        """The curve's."""
        return float(self.fitted.parameters[OFFSET])

    def freed(self, errors: Sequence[tuple[str, float]]) -> _Trial:
        """Return the curve with larger freedoms, the most promising one first, while there is one that pays.

        Which ones promise is told by the linear problem about the curve.
        """
        here, left = self, list(errors)
        while left:
            linear = here.problem.linear(here.fitted.form, here.fitted.parameters)
            promises = []
            for error in left:
                freer = here.freedom.with_error(error)
                found, evidence = linear.best(
                    here.problem.prior_sd(here.fitted.form, here.fitted.parameters, freer)
                )
                promises.append((evidence - freer.handicap, error, float(found[OFFSET])))
            here = here.told(
                [(promise, offset) for promise, error, offset in promises],
                [here.freedom.with_error(error).of_lens for _, error, _ in promises],
            )
            promises = sorted((each for each in promises if each[0] > here.evidence), reverse=True)
            for _, error, _ in promises:
                left.remove(error)
                further = here.tried(error)
                if further.evidence > here.evidence + LEAST_GAIN:
                    here = further
                    break
                here = replace(
                    further,
                    fitted=here.fitted,
                    freedom=here.freedom,
                    evidence=here.evidence,
                    contested_mm2=here.contested_mm2,
                )
            else:
                break
        return here

    def told(self, rivals: list[tuple[float, float]], of_lens: list[bool]) -> _Trial:
        """Return it with more rivals on record."""
        most = max(
            [evidence for (evidence, _), lens in zip(rivals, of_lens, strict=True) if lens], default=-math.inf
        )
        return replace(self, rivals=(*self.rivals, *rivals), most_with_lens=max(self.most_with_lens, most))

    def tried(self, error: tuple[str, float]) -> _Trial:
        """Return the curve with a larger freedom."""
        problem, form, freer = self.problem, self.fitted.form, self.freedom.with_error(error)
        prior_sd = problem.prior_sd(form, self.fitted.parameters, freer)
        found = problem.solve(form, self.fitted.parameters, prior_sd, WORTH_A_STEP)
        evidence = problem.evidence(form, found, prior_sd) - freer.handicap
        contested = 0.0
        if error[0] in CONTESTED:
            contested = (CONTESTED_SHARE * (float(found[OFFSET]) - self.offset_mm)) ** 2
        told = self.told([(evidence, float(found[OFFSET]))], [freer.of_lens])
        return replace(
            told,
            fitted=_Fitted(form, found, prior_sd),
            freedom=freer,
            evidence=evidence,
            contested_mm2=self.contested_mm2 + contested,
        )


def _doubt(rivals: Sequence[tuple[float, float]], best: _Trial) -> float:
    """Return the variance of the offset between rival curves, each with its evidence, about the chosen one."""
    odds = [(math.exp(min(evidence - best.evidence, 0.0)), rival) for evidence, rival in rivals]
    return sum(odd * (rival - best.offset_mm) ** 2 for odd, rival in odds) / sum(odd for odd, _ in odds)


def _summary(problem: Problem, fitted: _Fitted, odds: float, folded: bool) -> FocusCurve:
    form, parameters = fitted.form, fitted.parameters
    chi2 = problem.chi2(form, parameters)
    information = problem.information(form, parameters, fitted.prior_sd)
    whole, formula_alone = inverse(information), inverse(information[FORMULA, FORMULA])
    scatter = (
        max(chi2, 1.0) * formula_alone[0, 0],
        scatter_between_tiles(problem, form, parameters, formula_alone),
    )
    form_unknown = max(float(whole[0, 0] - formula_alone[0, 0]), 0.0)
    unequal_mm = unequal_sides_mm(problem, form, parameters, whole, folded)
    motion = _motion(problem, fitted, information, whole)
    return FocusCurve(
        offset_mm=float(parameters[OFFSET]),
        offset_sd_mm=float(np.sqrt(max(scatter))),
        model_sd_mm=math.sqrt(form_unknown + fitted.doubt_mm2 + unequal_mm**2 + motion.form_mm**2),
        mark_mm=problem.mark_mm,
        form=form,
        parameters=parameters,
        depth_range_mm=(float(problem.depth_mm.min()), float(problem.depth_mm.max())),
        weight=problem.weight(problem.residuals(form, parameters)),
        depth_influence=depth_influence(problem, form, parameters, formula_alone),
        chi2=chi2,
        scatter=problem.scatter(form, parameters),
        lens_odds=odds,
        covariance=whole,
        motion=motion,
    )


def _motion(problem: Problem, fitted: _Fitted, information: Array, covariance: Array) -> Motion:
    """Return the camera's motion, with what its numbers leave open and what the path of the movement does."""
    still = np.delete(np.delete(information, np.r_[MOTION], axis=0), np.r_[MOTION], axis=1)
    unknown = max(float(covariance[OFFSET, OFFSET] - inverse(still)[OFFSET, OFFSET]), 0.0)
    order = np.argsort(problem.depth_mm)
    few = max(int(END_SHARE * len(order)), 1)
    ends = np.array([problem.pixels[order[:few]].mean(axis=0), problem.pixels[order[-few:]].mean(axis=0)])
    motion = motion_of(
        fitted.parameters[MOTION],
        np.sqrt(np.maximum(np.diag(covariance)[MOTION], 0.0)),
        problem.mark_px,
        ends,
        problem.picture,
    )
    form = 0.0
    if fitted.moved:
        share = min((motion.length_px**2 / 12.0) / math.exp(2.0 * float(fitted.parameters[LOG_FLOOR])), 1.0)
        form = share * (TURN_FORM if motion.pivot_px else SHIFT_FORM) * _bend_mm(fitted)
    doubt_mm = math.hypot(math.sqrt(unknown), form)
    steep = float(np.mean(problem.view.field[:, 0] > 0.0))
    known = doubt_mm <= KNOWN_MOTION * _bend_mm(fitted) and ONE_DIRECTION <= steep <= 1.0 - ONE_DIRECTION
    return replace(motion, form_mm=form, offset_sd_mm=doubt_mm, determined=known)


def _bend_mm(fitted: _Fitted) -> float:
    """Return the depth in which defocus equals the blur in focus, of lens and motion."""
    return math.exp(float(fitted.parameters[LOG_FLOOR] - fitted.parameters[LOG_SLOPE]))
