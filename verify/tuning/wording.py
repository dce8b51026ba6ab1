"""Advice in words, for the situation that a series is in; which way focus should move is always among them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..cameras.dial import CLOSER, FARTHER, dock_advice
from ..formats import dialled
from ..photo.metadata import CameraInfo
from .humps import Humps
from .setting import Dial, SettingEstimate
from .statistics import GroupStatistics, Mean, Scale

MAY_BE_NONE = "may as well be none"
WITHIN_DEAD_BAND = "is within what the camera itself takes for in focus"
_INCONSISTENT_REMEDY = (
    "Try in this order: clean the contacts of lens and body, charge the battery, more light, the central AF point "
    "on the AF mark alone, new firmware. If the scatter stays, see a workshop."
)
SMALL_STEP = 6
"""A change up to which a step that is known by half cannot lead far beyond."""
_RETEST = (
    "Then take {n} new shots there and compare: backfocus tune FOLDER --before FILE, with what --save kept now."
)


@dataclass(frozen=True)
class Situation:
    """All that advice depends on.

    Attributes:
        group: the shots at the setting with the least error; `mean` is theirs. None in a sweep of blur alone.
        least_setting: of those tried, the least in size.
        estimate: None if no setting can be told.
        without_effect: settings were tried and made no difference.
        n, parameters: shots in the series, and numbers that were fitted to them; `n_apart` more were left out.
        common_cause: what most shots have against them, with its remedy, or None.
        is_in_live_view: the setting had no part in focusing any shot, though the body has one.
        humps: what the shots of one setting make where they make two.
    """

    camera: CameraInfo
    dial: Dial
    scale: Scale
    group: GroupStatistics | None
    mean: Mean | None
    least_setting: float
    estimate: SettingEstimate | None
    without_effect: bool
    n: int
    n_apart: int
    parameters: int
    common_cause: str | None
    is_in_live_view: bool = False
    humps: Humps | None = None


@dataclass(frozen=True)
class Number:
    """The setting as the dial takes it.

    Attributes:
        setting: whole, within the camera's range.
        range: lowest and highest plausible one.
        current: the setting of the shots that are counted from; 0 in a sweep of blur.
        change: `setting` minus `current`.
        direction: which way the change moves focus, in words; None if unknown or no change.
        half_width: of the interval, in steps, as far as more shots can narrow it.
        more_shots: for ± 1 step; 0 if enough, None if unknown.
    """

    setting: int
    range: tuple[int, int]
    current: int
    change: int
    direction: str | None
    half_width: float
    more_shots: int | None


def dial(it: Situation, number: Number) -> str:
    """Say what to dial."""
    assert it.estimate is not None
    parts = [
        found(it),
        f"Set {it.dial.menu} to {dialled(number.setting)}{_plausible(number)}{_moving(it, number)}.",
    ]
    if it.estimate.basis == "maker step":
        parts += [f"The step is the maker's, not this camera's own ({it.dial.basis})."]
        parts += _small_steps_first(number)
    return " ".join([*parts, *_doubts(it), *_sharper(number), _RETEST.format(n=8)])


def leave(it: Situation, number: Number, reason: str) -> str:
    """Say that nothing needs to be dialled, and what would centre focus."""
    parts = [found(it), f"Leave {it.dial.menu} at {dialled(number.current)}: the error {reason}."]
    if number.change and reason != MAY_BE_NONE:
        parts.append(f"To centre it exactly, set {dialled(number.setting)}{_moving(it, number)}.")
    return " ".join(parts)


def more(it: Situation, number: Number) -> str:
    """Say how many more shots are needed."""
    needed = (
        "More shots alone will not make it: use settings 10 apart, on both sides of the best one"
        if number.more_shots is None
        else f"Take {number.more_shots} more shots, refocused before each, as many at every setting, "
        "for a setting known within a step"
    )
    so_far = f"So far {dialled(number.setting)} is the best guess{_plausible(number)}{_moving(it, number)}."
    return " ".join([found(it), f"{needed}.", so_far, *_doubts(it)])


def few(it: Situation, mean: Mean, number: Number | None, usual: int) -> str:
    """Say that one or two shots are too few."""
    guess = [] if number is None else [f"A first guess is {dialled(number.setting)}{_moving(it, number)}."]
    if number is None and mean.value:
        guess = [f"Focus should move {CLOSER if mean.value > 0 else FARTHER}, as far as that can tell."]
    so_few = "One shot cannot" if it.n == 1 else f"{it.n} shots cannot"
    advice = f"{so_few} tell AF scatter from a steady error: take {usual - it.n} more, refocused before each."
    return " ".join([found(it), advice, *guess])


def inconsistent(it: Situation, number: Number | None, misses: bool) -> str:
    """Say that autofocus scatters too much, and what to try."""
    assert it.group is not None
    scatter = f"Single shots scatter by ± {it.group.sd_mm or 0.0:.1f} mm"
    if it.estimate is not None and it.estimate.scatter_steps is not None:
        scatter += f", {it.estimate.scatter_steps:.1f} steps"
    scatter += " (standard deviation)"
    if misses:
        scatter = f"{it.n_apart} of {it.n + it.n_apart} shots missed"
    parts = [found(it), f"{scatter}: no setting can cure that.", _INCONSISTENT_REMEDY]
    if number is not None:
        parts.append(f"The middle of the scatter would be at {dialled(number.setting)}{_plausible(number)}.")
    return " ".join(parts)


def service(it: Situation, number: Number) -> str:
    """Say that the camera's range is used up."""
    assert it.estimate is not None
    low, high = it.dial.range
    if not low <= it.estimate.crossing <= high:
        words = "would be needed, beyond the range"
    else:
        words = "is needed, which leaves little of the range"
    wanted = f"{dialled(it.estimate.setting)} {words} of {dialled(low)} to {dialled(high)}"
    until = f"Until then set {it.dial.menu} to {dialled(number.setting)}{_moving(it, number)}."
    dock = "" if number.direction is None else dock_advice(it.camera, number.direction)
    workshop = f"{wanted}: have body and lens adjusted together by a workshop."
    return " ".join(filter(None, [found(it), workshop, until, dock]))


def without_effect(it: Dial) -> str:
    """Say that the setting made no difference."""
    return (
        f"{it.menu[0].upper()}{it.menu[1:]} made no difference: see that the function is on for this lens, that "
        "the photos were focused through the viewfinder, and that the settings are 10 apart."
    )


def in_live_view(it: Situation) -> str:
    """Say that no shot tells of what the setting corrects."""
    return (
        f"{found(it)} All shots were focused in live view, where {it.dial.menu} has no effect: nothing can be told "
        "of it. Take 8 shots through the viewfinder, refocused before each."
    )


def two_humps(it: Situation, humps: Humps) -> str:
    """Ask whether there are two lenses."""
    near, far = (it.scale.mm(error) for error in (humps.near_error, humps.far_error))
    return (
        f"The shots make two groups, {len(humps.near)} about {near:+z.1f} mm and {len(humps.far)} about "
        f"{far:+z.1f} mm: no setting is right for both. Are two lenses or two bodies among them, or did something "
        "move? Give each its own folder."
    )


def check_setup(cause: str | None) -> str:
    """Say what is wrong with the set-up, as far as the photos tell."""
    return cause or "No photo tells where focus is."


def self_test(it: Situation, direction: str, usual: int) -> str:
    """Say how to find out sign and step where they are not known."""
    far = min(10, it.dial.range[1] // 2)
    other = far if (it.group is None or (it.group.setting or 0.0) <= 0.0) else -far
    known = it.dial.sign is not None
    what = "how much a step moves it" if known else "which way plus moves it"
    towards = ""
    if it.dial.sign is not None:
        plus = (direction == FARTHER) == (it.dial.sign > 0)
        towards = f", with {it.dial.menu} turned towards {'plus' if plus else 'minus'}"
        other = far if plus else -far
    if it.dial.step is None and known and it.scale.focal_length_mm is None:
        number = "for a number give --focal-length and --sensor-width"
        return f"{found(it)} Focus should move {direction}{towards}; {number}."
    return (
        f"{found(it)} Focus should move {direction}{towards}; {what} is not known here. Take {usual} shots at "
        f"{dialled(other)} as well: two settings tell the camera's own step and sign. {' '.join(_doubts(it))}"
    ).strip()


def leave_without_number(it: Situation, reason: str) -> str:
    """Say that nothing is to be done, where no setting can be told."""
    return f"{found(it)} Nothing needs changing: the error {reason}."


def without_setting(it: Situation, number: float | None, direction: str) -> str:
    """Say what helps on a body that has no such setting."""
    assert it.dial.without is not None
    parts = [found(it), f"There is nothing to dial: {it.dial.without.reason}. {it.dial.without.instead}"]
    if number is not None:
        parts.append(f"From f/{number:g} on, the depth of field covers the error.")
    return " ".join(filter(None, [*parts, dock_advice(it.camera, direction)]))


def found(it: Situation) -> str:
    """Return the error that advice is about, in a sentence."""
    if it.group is None or it.mean is None:
        assert it.estimate is not None
        low, high = it.estimate.ci95
        return f"Least blur at setting {it.estimate.crossing:+.1f} (95 %: {low:+.1f} to {high:+.1f})."
    return error_words(it.group, it.n != it.group.n)


def error_words(group: GroupStatistics, name_setting: bool) -> str:
    """Return the mean error of a group in a sentence."""
    size = f"{abs(group.mean_mm):.1f}"
    side = "An error" if float(size) == 0.0 else "Back focus" if group.mean_mm > 0 else "Front focus"
    around = ""
    if group.mean_ci95_mm is not None and all(map(math.isfinite, group.mean_ci95_mm)):
        around = f" ± {(group.mean_ci95_mm[1] - group.mean_ci95_mm[0]) / 2.0:.1f}"
    where = f" at setting {dialled(group.setting)}" if name_setting and group.setting is not None else ""
    shots = "one shot" if group.n == 1 else f"mean of {group.n}"
    return f"{side} of {size}{around} mm{where} ({shots})."


def _plausible(number: Number) -> str:
    low, high = number.range
    return "" if low == high else f" ({dialled(low)} to {dialled(high)} is plausible)"


def _moving(it: Situation, number: Number) -> str:
    if not number.change:
        return ""
    if number.direction is None:
        return f", counted from {dialled(number.current)}; which way that moves focus is not known"
    slope = it.estimate.slope if it.estimate else None
    by = "" if slope is None else f"about {abs(it.scale.slope_mm(0.0) * slope * number.change):.1f} mm "
    return f", which moves focus {by}{number.direction} than at {dialled(number.current)}"


def _small_steps_first(number: Number) -> list[str]:
    if abs(number.change) < SMALL_STEP:
        return []
    halfway = number.current + round(number.change / 2)
    return [
        f"Small steps first: try {dialled(halfway)}, shoot again, and give both folders together for its own step."
    ]


def _doubts(it: Situation) -> list[str]:
    maker = it.dial.maker
    words: list[str] = []
    if maker is None or it.estimate is None:
        return words
    if it.camera.model is not None and maker.offers(it.camera.model) == "unknown":
        words.append(f"Whether the {it.camera.model} has {it.dial.menu} is not on record here: look in its menu.")
    if it.estimate.basis == "maker step" and maker.sign_confidence != "high":
        words.append("If the next shots move the other way, this camera counts the other way round.")
    return words


def _sharper(number: Number) -> list[str]:
    if not number.more_shots:
        return []
    return [f"For a setting known within a step take {number.more_shots} more shots."]
