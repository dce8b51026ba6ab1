"""Rules that end a series in one piece of advice: the first reason that holds decides."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from ..cameras.dial import CLOSER, DEAD_BAND_STEPS, FARTHER, IN_FOCUS, covering_f_number, on_the_dial, part_of_range
from ..findings import Findings
from ..lens import focus_verdict
from . import wording
from .setting import Dial, SettingEstimate
from .statistics import Mean, Scale, t_quantile
from .wording import Number, Situation

Kind = Literal["leave", "dial", "more-shots", "check-setup", "inconsistent", "service", "no-setting"]
WANTED_STEPS = 1.0
"""Half width of the interval that a series should reach: the dial takes no finer one."""
MOST_SHOTS = 500
"""More than anybody takes: then more shots are no advice."""
INCONSISTENT_STEPS, MISSES_PART = Findings.INCONSISTENT_AF.limits
INCONSISTENT_DEPTH = 1 / 6
"""Of half the depth of focus: two standard deviations then reach as far as still counts as in focus."""
INCONSISTENT_DEPTH_ALONE = 0.3
"""The same where the step is unknown: 2.5 of Canon's steps, each an eighth."""
LEAST_SHOTS = 3
"""Of two the scatter is known within a factor of 30 only."""
LEAST_FREEDOM = 4
"""Of fewer than five shots the scatter is known within a factor of three only, too little to blame it."""
USUAL_SHOTS = 8
"""With a scatter of 2 steps they tell the mean within 1.7 at 95 %."""


@dataclass(frozen=True)
class Advice:
    """What to do about a series.

    Attributes:
        kind: "leave" the setting alone; "dial" another; "more-shots"; "check-setup"; "inconsistent" autofocus;
            "service" of body and lens; "no-setting" for bodies that have none.
        setting: the best whole setting as far as is known, within the camera's range, whatever the kind.
        range: lowest and highest plausible setting, within the camera's range.
        change: `setting` minus the one that the shots were taken with (the best of them, if several).
        direction: which way that moves focus: "closer to the camera" or "farther from the camera".
        more_shots: how many more to take for a setting known within a step; 0 if enough, None if unknown.
        f_number: from which on the depth of field covers the error, where there is nothing to dial.
        text: all of it in a few sentences.
    """

    kind: Kind
    text: str
    setting: int | None = None
    range: tuple[int, int] | None = None
    change: int | None = None
    direction: str | None = None
    more_shots: int | None = None
    f_number: float | None = None


def advise(it: Situation) -> Advice:
    """Return what to do; the first reason that holds decides."""
    if it.mean is None or it.group is None:
        return _by_estimate(it) if it.estimate else Advice("check-setup", wording.check_setup(it.common_cause))
    if it.dial.without is not None:
        return _without_setting(it, it.mean)
    if it.is_in_live_view:
        return Advice("check-setup", wording.in_live_view(it))
    if it.humps is not None:
        return Advice("check-setup", wording.two_humps(it, it.humps))
    if it.without_effect:
        return Advice("check-setup", wording.without_effect(it.dial))
    if it.n < LEAST_SHOTS:
        return _few(it, it.mean)
    if is_inconsistent(it):
        return _inconsistent(it)
    if it.estimate is None:
        return _without_number(it, it.mean)
    return _by_estimate(it)


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


def more_shots(random_half_width: float, n: int, parameters: int) -> int | None:
    """Return how many more shots, spread evenly over the settings, make the interval ± 1 step.

    Half of the interval's width goes with t / sqrt(n), t by Student.

    Args:
        random_half_width: half of the interval's width, in steps, as far as scatter makes it.
        n: shots so far.
        parameters: numbers that were fitted to them.

    Returns:
        0 if they are enough already; None if over 500 would be needed or the scatter is unknown.
    """
    if not math.isfinite(random_half_width) or n <= parameters:
        return None
    if random_half_width <= WANTED_STEPS:
        return 0
    now = t_quantile(n - parameters) / math.sqrt(n)
    for total in range(n + 1, n + MOST_SHOTS):
        if random_half_width * t_quantile(total - parameters) / math.sqrt(total) / now <= WANTED_STEPS:
            return total - n
    return None


def _by_estimate(it: Situation) -> Advice:
    assert it.estimate is not None
    number = _number(it, it.estimate)
    is_known = number.half_width <= DEAD_BAND_STEPS
    if is_near_end(it.estimate, it.dial) and (is_known or number.range[0] == number.range[1]):
        return _advice("service", wording.service(it, number), number)
    reason = _reason_to_leave(it, it.estimate)
    if reason is not None and is_known:
        text = wording.leave(it, number, reason)
        if reason == wording.MAY_BE_NONE and it.estimate.basis == "maker step":
            # With one setting tried, none is better known than that one.
            number = replace(number, setting=number.current, change=0, direction=None)
        return _advice("leave", text, number)
    if not is_known:
        return _advice("more-shots", wording.more(it, number), number)
    return _advice("dial", wording.dial(it, number), number)


def _number(it: Situation, estimate: SettingEstimate) -> Number:
    low, setting, high = (
        on_the_dial(value, it.dial.range) for value in (estimate.ci95[0], estimate.crossing, estimate.ci95[1])
    )
    # A sweep was taken at no one setting: it counts from 0.
    current = round(it.group.setting or 0.0) if it.group is not None else 0
    half_width = _random_half_width(it, estimate)
    slope = estimate.slope or it.dial.sign
    change = setting - current
    direction = None
    if change and slope:
        direction = FARTHER if change * slope > 0 else CLOSER
    needed = more_shots(half_width, it.n, it.parameters)
    return Number(setting, (low, high), current, change, direction, half_width, needed)


def _random_half_width(it: Situation, estimate: SettingEstimate) -> float:
    """Return half of the interval's width as far as more shots narrow it: not what is unsure in a maker's step."""
    if estimate.basis != "maker step" or it.mean is None or not estimate.slope:
        return estimate.half_width
    return min(estimate.half_width, t_quantile(it.mean.freedom) * it.mean.se / abs(estimate.slope))


def _reason_to_leave(it: Situation, estimate: SettingEstimate) -> str | None:
    mean, group = it.mean, it.group
    if mean is None or group is None:
        return None
    if _may_be_none(mean):
        return wording.MAY_BE_NONE
    # Of several settings tried one must be dialled anyway: then only the least of them is a state to leave alone.
    is_least = group.setting is None or abs(group.setting) <= it.least_setting
    if is_least and _is_in_focus(it.scale, mean):
        return IN_FOCUS
    if abs(estimate.crossing - (group.setting or 0.0)) <= DEAD_BAND_STEPS:
        return wording.WITHIN_DEAD_BAND
    return None


def _may_be_none(mean: Mean) -> bool:
    if mean.ci95 is None:
        return abs(mean.value) <= 2.0 * mean.se
    return mean.ci95[0] <= 0.0 <= mean.ci95[1]


def _is_in_focus(scale: Scale, mean: Mean) -> bool:
    if scale.in_focus_mm is None or mean.ci95 is None:
        return False
    low, high = (scale.mm(end) for end in mean.ci95)
    return focus_verdict(scale.mm(mean.value), (low, high), scale.in_focus_mm) == "in-focus"


def _inconsistent(it: Situation) -> Advice:
    number = _number(it, it.estimate) if it.estimate is not None else None
    return _advice("inconsistent", wording.inconsistent(it, number, misses_often(it)), number)


def _few(it: Situation, mean: Mean) -> Advice:
    number = _number(it, it.estimate) if it.estimate is not None else None
    advice = _advice("more-shots", wording.few(it, mean, number, USUAL_SHOTS), number)
    return replace(advice, more_shots=USUAL_SHOTS - it.n)


def _without_number(it: Situation, mean: Mean) -> Advice:
    if _may_be_none(mean):
        return Advice("leave", wording.leave_without_number(it, wording.MAY_BE_NONE))
    if _is_in_focus(it.scale, mean):
        return Advice("leave", wording.leave_without_number(it, IN_FOCUS))
    direction = CLOSER if mean.value > 0 else FARTHER
    text = wording.self_test(it, direction, USUAL_SHOTS)
    return Advice("more-shots", text, direction=direction, more_shots=USUAL_SHOTS)


def _without_setting(it: Situation, mean: Mean) -> Advice:
    if _may_be_none(mean) or _is_in_focus(it.scale, mean):
        reason = IN_FOCUS if _is_in_focus(it.scale, mean) else wording.MAY_BE_NONE
        return Advice("leave", wording.leave_without_number(it, reason))
    number = None
    camera, scale = it.camera, it.scale
    width_mm = camera.sensor_width_mm if it.dial.without is None or it.dial.without.can_stop_down else None
    if scale.focal_length_mm is not None and scale.distance_mm is not None and width_mm is not None:
        number = covering_f_number(scale.focal_length_mm, scale.distance_mm, mean.value, width_mm)
    direction = CLOSER if mean.value > 0 else FARTHER
    return Advice(
        "no-setting", wording.without_setting(it, number, direction), direction=direction, f_number=number
    )


def _advice(kind: Kind, text: str, number: Number | None) -> Advice:
    if number is None:
        return Advice(kind, text)
    return Advice(
        kind, text, number.setting, number.range, number.change, number.direction, more_shots=number.more_shots
    )
