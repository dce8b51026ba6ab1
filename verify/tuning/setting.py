"""The setting that focuses best: by the maker's step, by a line through several, or by a sweep of blur."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..cameras.dial import step_sizes_um, without_setting, zero_by_step
from ..cameras.makers import BodyWithout, Maker, Step, maker_of
from ..findings import Finding, Findings
from ..formats import dialled
from ..photo.metadata import CameraInfo
from .shots import Shot
from .statistics import Sample, Scale, fit, mean_of, settings_of, t_quantile

Basis = Literal["own step", "maker step", "least blur"]
USUAL_RANGE = (-20, 20)
"""Of every maker but Pentax, as far as known; taken where the camera is not."""
STEP_DOUBT = 0.15
"""Standard deviation of a body's step about the maker's, as a part of it, besides what the table leaves open."""
SWEEP_SETTINGS = 3
"""A series of blurs at so many settings is meant as a sweep."""
LEAST_SETTINGS = 4
"""Through three a parabola goes exactly, whatever autofocus did."""
SWEEP_SCATTER_STEPS = 3.0
"""Standard deviation of autofocus that a sweep is expected to have: stopping anywhere within what cameras take for
in focus makes 2 to 3.8 (see `precision.USUAL_SCATTER_STEPS`); a real sweep of nine settings showed 3.4."""
SCATTER_FREEDOM = 4
"""How many shots the expected scatter counts for. Few shots lie near a parabola by chance, and without this those
alone gave bounded intervals: 83 % of the answers by 4 of a real sweep's settings held the answer of all 9, now 98 %
(results/real_sweep.md); simulated sweeps with a scatter of 2, 3 and 4 steps hold 99, 95 and 93 % or more."""
BLUR_DOUBT = 0.05
"""Relative standard deviation of one photo's blur, besides focus: noise, motion, the place that was measured."""
LEAST_SQUARE = 0.25
"""Of the median of the squared blurs: the curve is not weighted by less, where it dips."""
ROUNDS = 6


@dataclass(frozen=True)
class SettingEstimate:
    """The setting at which the focus error is zero, before anybody rounds it.

    Attributes:
        crossing: in steps of the camera; the dial takes the next whole one.
        ci95: interval that holds the true crossing in 95 of 100 series.
        basis: whether the step was measured, looked up, or not needed as blur tells the setting.
        slope: change of the focus error by one step up, in units of the series; positive if plus moves focus away.
        slope_ci95: its interval.
        scatter_steps: standard deviation of single shots, in steps; None where a blur sweep cannot tell.
    """

    crossing: float
    ci95: tuple[float, float]
    basis: Basis
    slope: float | None
    slope_ci95: tuple[float, float] | None
    scatter_steps: float | None

    @property
    def setting(self) -> int:
        """The whole setting next to the crossing, which may be beyond the camera's range."""
        return round(self.crossing)

    @property
    def half_width(self) -> float:
        """Half of the interval's width, in steps."""
        return (self.ci95[1] - self.ci95[0]) / 2.0


@dataclass(frozen=True)
class Estimated:
    """An estimate with what was noticed on the way; `estimate` is None if the shots cannot tell a setting.

    `is_sweep` says that blur was looked at instead of offsets.
    """

    estimate: SettingEstimate | None
    findings: tuple[Finding, ...] = ()
    is_sweep: bool = False


def estimate_setting(sample: Sample, shots: Sequence[Shot], dial: Dial) -> Estimated:
    """Estimate the setting at which the error is zero.

    Args:
        sample: the shots whose offset is known and that belong.
        shots: all of them, also those of which only the blur at the AF mark is known.
    """
    if _is_sweep(sample, shots):
        return replace(setting_from_blur(shots, dial.range), is_sweep=True)
    if len(sample.settings) >= 2:
        found = setting_from_slope(sample, dial)
        if found.estimate is not None or found.findings:
            return found
    groups = [part for _, part in settings_of(sample)]
    if not groups:
        return Estimated(None)
    return setting_from_step(max(groups, key=lambda part: len(part.error)), dial)


def _is_sweep(sample: Sample, shots: Sequence[Shot]) -> bool:
    """Whether most offsets are unknown, while the blur is known at enough settings."""
    settings = {shot.setting for shot in shots if shot.blur_at_mark is not None and shot.setting is not None}
    return len(settings) >= SWEEP_SETTINGS and 2 * len(sample.error) < len(shots)


def setting_from_step(sample: Sample, dial: Dial) -> Estimated:
    """Estimate the setting from the mean of one group; the interval holds what mean and step allow together."""
    if dial.sign is None or dial.step is None or not len(sample.error):
        return Estimated(None)
    mean = mean_of(sample)
    if mean.ci95 is None:
        return Estimated(None)
    low, likely, high = dial.step
    crossing, ci95 = zero_by_step(float(sample.setting[0]), mean.value, mean.ci95, dial.sign, dial.step)
    estimate = SettingEstimate(
        crossing=crossing,
        ci95=ci95,
        basis="maker step",
        slope=dial.sign * likely,
        slope_ci95=(min(dial.sign * low, dial.sign * high), max(dial.sign * low, dial.sign * high)),
        scatter_steps=math.sqrt(mean.variance) / likely,
    )
    return Estimated(estimate)


def setting_from_slope(sample: Sample, dial: Dial) -> Estimated:
    """Estimate the setting from shots at two settings or more; the maker's step serves as a weak expectation.

    Where the camera's own slope contradicts the maker's, only its own counts.
    """
    found = fit(sample.columns_of_line(), sample.error)
    if found.freedom < 1:
        return Estimated(None)
    # Shots that agree to the last digit still carry the noise of their measurement.
    own_sd = math.sqrt(max(sample.sd**2 - sample.shared_sd**2, 1e-6 * float(np.ptp(sample.error)) ** 2, 1e-12))
    variance = max(found.variance, own_sd**2)
    own = _Line(found.coefficients[:2], variance * found.unscaled[:2, :2])
    t = t_quantile(found.freedom)
    is_clear = abs(own.slope) > t * own.slope_sd
    expected = dial.expected_slope
    if not is_clear and (expected is None or _contradicts(own, expected)):
        return Estimated(None, (_without_effect(sample),))
    findings: tuple[Finding, ...] = ()
    line = own
    if expected is not None:
        if not _contradicts(own, expected):
            line = own.with_expected(*expected)
        else:
            findings = (_contradiction(own, expected, dial),)
    crossing = zero_of_line(line.line, line.covariance, sample.shared_sd**2, t)
    if crossing is None:
        return Estimated(None, findings)
    around = t * line.slope_sd
    estimate = SettingEstimate(
        crossing=float(crossing[0]),
        ci95=(float(crossing[1][0]), float(crossing[1][1])),
        basis="own step" if is_clear else "maker step",
        slope=line.slope,
        slope_ci95=(line.slope - around, line.slope + around),
        scatter_steps=math.sqrt(variance) / abs(line.slope),
    )
    return Estimated(estimate, findings)


@dataclass(frozen=True)
class _Line:
    """Focus error a + b n over the setting n, with the covariance of a and b."""

    line: npt.NDArray[np.float64]
    covariance: npt.NDArray[np.float64]

    @property
    def slope(self) -> float:
        return float(self.line[1])

    @property
    def slope_sd(self) -> float:
        return math.sqrt(self.covariance[1, 1])

    def with_expected(self, slope: float, sd: float) -> _Line:
        """Return the line with what was known of its slope before (Bayes, both normal)."""
        known = np.linalg.inv(self.covariance)
        precision = known + np.diag([0.0, sd**-2])
        line = np.linalg.solve(precision, known @ self.line + [0.0, slope / sd**2])
        return _Line(line, np.linalg.inv(precision))


def _apart(own: _Line, expected: tuple[float, float]) -> float:
    """Return the difference between two steps over its standard uncertainty."""
    slope, sd = expected
    return abs(own.slope - slope) / math.hypot(own.slope_sd, sd)


def _contradicts(own: _Line, expected: tuple[float, float]) -> bool:
    return Findings.STEP_CONTRADICTS_MAKER.crossed(_apart(own, expected)) is not None


def _without_effect(sample: Sample) -> Finding:
    low, high = dialled(sample.settings[0]), dialled(sample.settings[-1])
    message = f"Focus is the same at {low} and at {high}, as far as the scatter can tell."
    return Findings.SETTING_WITHOUT_EFFECT.finding(message)


def _contradiction(own: _Line, expected: tuple[float, float], dial: Dial) -> Finding:
    unit = "µm a step"
    if own.slope * expected[0] < 0.0:
        moved = "farther from" if own.slope > 0 else "closer to"
        name = dial.maker.name if dial.maker else "the maker"
        return Findings.SIGN_CONTRADICTS_MAKER.finding(
            f"Plus moves focus {moved} the camera here, the opposite of what is known for {name}.",
        )
    return Findings.STEP_CONTRADICTS_MAKER.finding(
        f"This camera moves focus by {abs(own.slope):.1f} {unit}, not by the {abs(expected[0]):.1f} that its "
        "maker's figures give.",
        _apart(own, expected),
    )


def setting_from_blur(shots: Sequence[Shot], dial_range: tuple[float, float] = USUAL_RANGE) -> Estimated:
    """Estimate the setting of least blur from shots at four settings or more; their offsets are not used.

    Blur grows with defocus as blur² = b0² + k² (n - n0)², a parabola over the setting n. The scatter of autofocus
    adds to b0² on average, and so does not move n0. How much it scatters is judged from the shots and from what is
    usual (an inverse chi² distribution of the variance, A. Gelman et al., Bayesian Data Analysis, section 2.6).

    Args:
        shots: those with a setting and a blur at the AF mark count.
        dial_range: lowest and highest setting of the camera; the interval ends there.
    """
    known = [shot for shot in shots if shot.blur_at_mark is not None and shot.setting is not None]
    setting = np.array([shot.setting for shot in known], dtype=float)
    settings = len(set(setting.tolist()))
    if settings < LEAST_SETTINGS:
        return Estimated(None, (Findings.NO_LEAST_BLUR.finding(_too_few(settings)),))
    square = np.array([shot.blur_at_mark for shot in known], dtype=float) ** 2
    middle = float(setting.mean())
    columns = np.stack([np.ones(len(known)), setting - middle, (setting - middle) ** 2], axis=1)
    variance = (2 * BLUR_DOUBT * square) ** 2
    for _ in range(ROUNDS):
        found = fit(columns / np.sqrt(variance)[:, None], square / np.sqrt(variance))
        variance = _variance_of_squares(found.coefficients, columns, square)
    freedom = SCATTER_FREEDOM + found.freedom
    scale = (SCATTER_FREEDOM + found.freedom * found.variance) / freedom
    # The slope of the parabola is zero at its minimum: a line over the setting again.
    slope_of = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 2.0]])
    line, covariance = slope_of @ found.coefficients, scale * slope_of @ found.unscaled @ slope_of.T
    least = zero_of_line(line, covariance, 0.0, t_quantile(freedom)) if line[1] > 0.0 else None
    if least is None or not setting.min() <= middle + least[0] <= setting.max():
        return Estimated(None, (Findings.NO_LEAST_BLUR.finding(_seen(setting)),))
    crossing = middle + float(least[0])
    lowest, highest = min(dial_range[0], crossing), max(dial_range[1], crossing)
    ci95 = max(middle + float(least[1][0]), lowest), min(middle + float(least[1][1]), highest)
    return Estimated(SettingEstimate(crossing, ci95, "least blur", None, None, None))


def _variance_of_squares(
    parabola: npt.NDArray[np.float64], columns: npt.NDArray[np.float64], square: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return how squared blurs scatter: (k² (n - n0 + e)²) with autofocus's error e, and the blur's own doubt."""
    _, slope, bend = parabola
    bend = max(float(bend), 0.0)
    places = columns[:, 1]
    least = float(np.clip(-slope / (2 * bend), places.min(), places.max())) if bend > 0.0 else 0.0
    curve = np.maximum(columns @ parabola, LEAST_SQUARE * float(np.median(square)))
    by_focus = 2 * bend * SWEEP_SCATTER_STEPS * (places - least)
    at_least = 2**0.5 * bend * SWEEP_SCATTER_STEPS**2
    variance: npt.NDArray[np.float64] = by_focus**2 + at_least**2 + (2 * BLUR_DOUBT * curve) ** 2
    return variance


def _too_few(settings: int) -> str:
    return f"Blur is known at {settings} settings; {LEAST_SETTINGS} are needed."


def _seen(setting: npt.NDArray[np.float64]) -> str:
    return (
        f"From {dialled(setting.min())} to {dialled(setting.max())} the blur at the AF mark has no clear minimum."
    )


def zero_of_line(
    line: npt.NDArray[np.float64], covariance: npt.NDArray[np.float64], shared_variance: float, t: float
) -> tuple[float, tuple[float, float]] | None:
    """Return where a + b x is zero, with its interval; None if the slope may be zero and there is no bounded one.

    All x whose a + b x differs from zero by less than t standard errors: E. C. Fieller, Some problems in interval
    estimation, J. R. Stat. Soc. B 16 (1954) 175-185.

    Args:
        line: a and b.
        covariance: (2, 2) of a and b.
        shared_variance: of an error that shifts the whole line.
        t: quantile of Student's distribution.
    """
    a, b = line
    square = b**2 - t**2 * covariance[1, 1]
    if square <= 0.0:
        return None
    half_linear = a * b - t**2 * covariance[0, 1]
    constant = a**2 - t**2 * (covariance[0, 0] + shared_variance)
    root = math.sqrt(max(half_linear**2 - square * constant, 0.0))
    return -a / b, ((-half_linear - root) / square, (-half_linear + root) / square)


@dataclass(frozen=True)
class Dial:
    """What is known about a body's AF fine-tune before a series is looked at.

    Attributes:
        menu: what the setting is called.
        range: lowest and highest setting.
        has_known_range: whether `range` is the maker's.
        sign: +1 if plus moves focus away from the camera, -1 towards it, None if unknown.
        step: least, likely and greatest size of a step, in units of the series; None if unknown.
        basis: where the step comes from.
        without: why the body has no such setting, or None.
    """

    menu: str
    range: tuple[int, int]
    has_known_range: bool
    sign: int | None
    step: tuple[float, float, float] | None
    basis: str | None
    without: BodyWithout | None
    maker: Maker | None

    @property
    def expected_slope(self) -> tuple[float, float] | None:
        """The change of the focus error by one step up, and its standard uncertainty; None if unknown."""
        if self.sign is None or self.step is None:
            return None
        low, _, high = self.step
        middle = (low + high) / 2.0
        return self.sign * middle, math.hypot((high - low) / 2.0, STEP_DOUBT * middle)


def dial_of(camera: CameraInfo, scale: Scale, *, is_dialled: bool = False, is_doubtful: bool = False) -> Dial:
    """Return what is known about the setting of the body that took a series.

    Args:
        is_dialled: the series has several settings, so that there is one, in the body or in a dock for the lens.
        is_doubtful: the focal length is not what metadata tell, and with it the size of a step in mm.
    """
    maker = maker_of(camera.make, camera.model)
    if maker is None:
        small = None if is_dialled else without_setting(maker, camera)
        return Dial("the AF fine-tune", USUAL_RANGE, False, None, None, None, small, None)
    without = None if is_dialled else without_setting(maker, camera)
    step = _step(maker, camera) if scale.at_sensor and without is None and not is_doubtful else None
    return Dial(
        menu=maker.menu or "the AF fine-tune",
        range=maker.range or USUAL_RANGE,
        has_known_range=maker.range is not None,
        sign=maker.sign,
        step=None if step is None else step_sizes_um(step, camera),
        basis=None if step is None else step.basis,
        without=without,
        maker=maker,
    )


def _step(maker: Maker, camera: CameraInfo) -> Step | None:
    step = maker.step_for(camera.format_width_mm or camera.sensor_width_mm)
    if step is not None and step.per_f_number and camera.widest_f_number is None and camera.f_number is None:
        return None
    return step
