"""Rules that end a series in one piece of advice: as a person would decide who has these shots and no others."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from backfocus.targets.protocol import SHOTS

from ..answer import Answer
from ..cameras.dial import CLOSER, FARTHER, WORTH_STEPS, covering_f_number, on_the_dial, part_of_range
from ..findings import Findings
from ..lens import SHARP, SLIGHTLY_OFF
from . import wording
from .setting import Dial, SettingEstimate
from .statistics import Mean, t_quantile
from .wording import Number, Situation

Kind = Literal["leave", "dial", "more-shots", "check-setup", "inconsistent", "service", "no-setting"]
INCONSISTENT_STEPS, MISSES_PART = Findings.INCONSISTENT_AF.limits
INCONSISTENT_DEPTH = 1 / 6
"""Of half the depth of focus: two standard deviations then reach as far as a third of it."""
INCONSISTENT_DEPTH_ALONE = 0.3
"""The same where the step is unknown: 2.5 of Canon's steps, each an eighth."""
LEAST_SHOTS = 3
"""Of two the scatter is known within a factor of 30 only."""
LEAST_FREEDOM = 4
"""Of fewer than five shots the scatter is known within a factor of three only, too little to blame it."""
MOST_SHOTS = 2 * SHOTS
"""Nobody is asked to go beyond; with a scatter of 2 steps so many tell the mean within 1.1 at 95 %."""
ONE_SIDED = 0.84
"""One-sided 95 % limit over the half width of the two-sided interval, 1.645 / 1.96; with few shots it is less."""


@dataclass(frozen=True)
class Advice:
    """What to do about a series.

    Attributes:
        kind: "leave" the setting alone; "dial" another; "more-shots"; "check-setup"; "inconsistent" autofocus;
            "service" of body and lens; "no-setting" for bodies that have none.
        text: all of it in a few sentences.
        answer: the same in three lines; None in files of older versions.
        notes: what else is worth knowing, in sentences.
        setting: the best whole setting as far as is known, within the camera's range, whatever the kind.
        range: lowest and highest plausible setting, within the camera's range.
        change: `setting` minus the one that the series began with.
        direction: which way that moves focus: "closer to the camera" or "farther from the camera".
        more_shots: how many more to take, 16 at most; 0 if these are enough.
        f_number: from which on the depth of field covers the error, where there is nothing to dial.
        sharper: by how much of its MTF50 the AF mark gains by the change; None where no photo tells.
    """

    kind: Kind
    text: str
    answer: Answer | None = None
    notes: tuple[str, ...] = ()
    setting: int | None = None
    range: tuple[int, int] | None = None
    change: int | None = None
    direction: str | None = None
    more_shots: int | None = None
    f_number: float | None = None
    sharper: float | None = None


def advise(it: Situation) -> Advice:
    """Return what to do; the first reason that holds decides."""
    if it.mean is None or it.group is None:
        return (
            _by_estimate(it, it.estimate)
            if it.estimate
            else _said("check-setup", wording.check_setup(it.common_cause))
        )
    if it.dial.without is not None:
        return _without_setting(it, it.mean)
    if it.is_in_live_view:
        return _said("check-setup", wording.in_live_view(it))
    if it.humps is not None:
        return _said("check-setup", wording.two_humps(it, it.humps))
    if it.without_effect:
        return _said("check-setup", wording.without_effect(it.dial))
    if it.n < LEAST_SHOTS:
        return _few(it)
    if it.estimate is None:
        return _without_number(it, it.mean)
    return _by_estimate(it, it.estimate)


def is_inconsistent(it: Situation) -> bool:
    """Whether single shots scatter by so many steps, and so much of the depth of field, that no setting helps."""
    if it.mean is None or it.mean.freedom < LEAST_FREEDOM:
        return False
    if misses_often(it):
        return True
    sd, depth = math.sqrt(it.mean.variance), it.scale.depth
    steps = it.estimate.scatter_steps if it.estimate else None
    if it.estimate is not None and steps is not None and it.estimate.slope:
        sd = steps * abs(it.estimate.slope)
    elif it.dial.step is not None:
        steps = sd / it.dial.step[1]
    if steps is None:
        return depth is not None and sd > INCONSISTENT_DEPTH_ALONE * depth
    return INCONSISTENT_STEPS.is_crossed(steps) and (depth is None or sd > INCONSISTENT_DEPTH * depth)


def misses_often(it: Situation) -> bool:
    """Whether too many shots stand apart from the others."""
    return it.n_apart > 0 and MISSES_PART.is_crossed(it.n_apart / (it.n + it.n_apart))


def is_near_end(estimate: SettingEstimate, dial: Dial) -> bool:
    """Whether so much of the camera's range is needed that little is left."""
    return Findings.BEYOND_RANGE.crossed(part_of_range(estimate.crossing, dial.range)) is not None


def is_better(estimate: SettingEstimate, setting: float, start: float) -> bool:
    """Whether a setting is better than the one begun with, with 95 % probability.

    It is where the error is zero on its side of the middle between both.

    Args:
        estimate: where the error is zero.
        setting: between that and the start, or as near to it as the dial goes.
        start: the setting begun with.
    """
    low, high = estimate.ci95
    if setting > start:
        surely = estimate.crossing - ONE_SIDED * (estimate.crossing - low)
        return surely >= (setting + start) / 2.0
    surely = estimate.crossing + ONE_SIDED * (high - estimate.crossing)
    return setting < start and surely <= (setting + start) / 2.0


def _by_estimate(it: Situation, estimate: SettingEstimate) -> Advice:
    """Return the advice where the setting is known, more or less.

    Another setting is dialled where it is better than the one begun with, as good as surely; where what it would
    gain is nothing to see, or less than a step, the old one stays. Where neither is sure, more shots decide it, but
    for autofocus that scatters too much, of which more of them tell nothing new.
    """
    number = _number(it, estimate)
    is_sure = is_better(estimate, number.setting, number.current)
    is_small = abs(estimate.crossing - number.current) < WORTH_STEPS
    if is_near_end(estimate, it.dial) and is_sure:
        return _advice("service", it, number)
    if is_sure and not is_small and not _is_sharp(number.lost):
        return _advice("dial", it, number)
    if (is_small or _is_sharp(number.lost)) and _is_known(it, estimate, number):
        return _advice("leave", it, number)
    if it.n < MOST_SHOTS:
        return _advice("more-shots", it, number, more=SHOTS)
    return _advice("inconsistent" if is_inconsistent(it) else "leave", it, number)


def _is_sharp(lost: float | None) -> bool:
    return lost is not None and lost < SHARP


def _is_known(it: Situation, estimate: SettingEstimate, number: Number) -> bool:
    """Whether wherever in the interval the error is zero, the start is at most slightly off or near a step away."""
    worst = max(abs(end - number.current) for end in estimate.ci95)
    if worst <= 2 * WORTH_STEPS:
        return True
    lost = _lost(it, estimate, worst)
    return lost is not None and lost < SLIGHTLY_OFF


def _lost(it: Situation, estimate: SettingEstimate, steps: float) -> float | None:
    """Return the sharpness that so many steps away from the best setting cost."""
    slope = estimate.slope or it.dial.sign
    return None if estimate.slope is None or not slope else it.scale.sharpness_lost(slope * steps)


def _number(it: Situation, estimate: SettingEstimate) -> Number:
    low, setting, high = (
        on_the_dial(value, it.dial.range) for value in (estimate.ci95[0], estimate.crossing, estimate.ci95[1])
    )
    current = round(it.start)
    slope = estimate.slope or it.dial.sign
    change = setting - current
    direction = None
    if change and slope:
        direction = FARTHER if change * slope > 0 else CLOSER
    lost = _lost(it, estimate, current - estimate.crossing)
    if lost is None and it.mean is not None:
        lost = it.scale.sharpness_lost(it.mean.value)
    return Number(
        setting, (low, high), current, change, direction, lost, _lost(it, estimate, setting - estimate.crossing)
    )


def mean_within(it: Situation, shots: int) -> float | None:
    """Return the half width, in steps, within which so many shots at one setting tell the mean; None if unknown."""
    steps = None if it.estimate is None else it.estimate.scatter_steps
    return None if steps is None else t_quantile(shots - 1) * steps / math.sqrt(shots)


def _may_be_none(mean: Mean) -> bool:
    if mean.ci95 is None:
        return abs(mean.value) <= 2.0 * mean.se
    return mean.ci95[0] <= 0.0 <= mean.ci95[1]


def _is_in_focus(it: Situation, mean: Mean) -> bool:
    """Whether the mark is sharp by the mean, and at most slightly off anywhere in its interval."""
    if mean.ci95 is None:
        return False
    lost, *ends = (it.scale.sharpness_lost(value) for value in (mean.value, *mean.ci95))
    return _is_sharp(lost) and all(end is not None and end < SLIGHTLY_OFF for end in ends)


def _few(it: Situation) -> Advice:
    number = _number(it, it.estimate) if it.estimate is not None else None
    return _advice("more-shots", it, number, more=SHOTS - it.n)


def _without_number(it: Situation, mean: Mean) -> Advice:
    if _may_be_none(mean) or _is_in_focus(it, mean):
        return _said("leave", wording.leave_without_number(it))
    direction = CLOSER if mean.value > 0 else FARTHER
    answer, notes = wording.self_test(it, direction, SHOTS)
    return replace(_said("more-shots", answer, notes), direction=direction, more_shots=SHOTS)


def _without_setting(it: Situation, mean: Mean) -> Advice:
    if _may_be_none(mean) or _is_in_focus(it, mean):
        return _said("leave", wording.leave_without_number(it))
    number = None
    camera, scale = it.camera, it.scale
    width_mm = camera.sensor_width_mm if it.dial.without is None or it.dial.without.can_stop_down else None
    if scale.focal_length_mm is not None and scale.distance_mm is not None and width_mm is not None:
        number = covering_f_number(scale.focal_length_mm, scale.distance_mm, mean.value, width_mm)
    if number is not None and camera.f_number is not None and number <= camera.f_number:
        # What little sharpness is lost at the shot's own aperture, no other one cures.
        number = None
    direction = CLOSER if mean.value > 0 else FARTHER
    answer = wording.without_setting(it, number, direction)
    return replace(_said("no-setting", answer), direction=direction, f_number=number)


def _said(kind: Kind, answer: Answer, notes: tuple[str, ...] = ()) -> Advice:
    return Advice(kind, " ".join([*answer.lines, *notes]), answer, notes)


def _advice(kind: Kind, it: Situation, number: Number | None, more: int = 0) -> Advice:
    answer, notes = wording.of_number(kind, it, number, more, mean_within(it, MOST_SHOTS), misses_often(it))
    said = replace(_said(kind, answer, notes), more_shots=more)
    if number is None:
        return said
    return replace(
        said,
        setting=number.setting,
        range=number.range,
        change=number.change,
        direction=number.direction,
        sharper=number.gain,
    )
