"""Advice in words, for the situation that a series is in; which way focus should move is always among them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from backfocus.targets.protocol import OTHER_SETTING, SHOTS

from ..answer import FOLDER, Answer, Kind, as_guess, error_words, sharper, worth
from ..cameras.dial import CLOSER, FARTHER, dock_advice, on_the_dial, zero_by_step
from ..formats import dialled
from ..lens import SHARP, SLIGHTLY_OFF
from ..photo.metadata import CameraInfo
from .humps import Humps
from .setting import Dial, SettingEstimate
from .statistics import GroupStatistics, Mean, Scale

DONE = "You are done. Check again with a new lens, or when one of the two has been repaired."
_CURE = (
    "Clean the contacts of lens and body, charge the battery, more light, the central AF point on the AF mark "
    f"alone, new firmware; then {SHOTS} new shots. If the scatter stays, see a workshop."
)
_NEW = f"Dial it, take {SHOTS} shots there, refocused before each, into a new folder, then: backfocus tune "


@dataclass(frozen=True)
class Source:
    """How the photos are named on the command line, and where this result is saved; for commands to type."""

    folder: str = FOLDER
    saved_as: str | None = None


@dataclass(frozen=True)
class Situation:
    """All that advice depends on.

    Attributes:
        start: the setting that the series began with, a state that one may go back to.
        group: the shots at that setting, or, where they tell nothing, those with the least error; `mean` is theirs.
            None in a sweep of blur alone.
        estimate: None if no setting can be told.
        without_effect: settings were tried and made no difference.
        n, parameters: shots in the series, and numbers that were fitted to them; `n_apart` more were left out.
        settings: how many were tried.
        common_cause: what most shots have against them, with its remedy, or None.
        is_in_live_view: the setting had no part in focusing any shot, though the body has one.
        humps: what the shots of one setting make where they make two.
        source: names for commands.
    """

    camera: CameraInfo
    dial: Dial
    scale: Scale
    start: float
    group: GroupStatistics | None
    mean: Mean | None
    estimate: SettingEstimate | None
    without_effect: bool
    n: int
    n_apart: int
    parameters: int
    settings: int
    common_cause: tuple[str, str] | None
    is_in_live_view: bool = False
    humps: Humps | None = None
    source: Source = Source()


@dataclass(frozen=True)
class Number:
    """The setting as the dial takes it.

    Attributes:
        setting: whole, within the camera's range.
        range: lowest and highest plausible one.
        current: the setting that the series began with.
        change: `setting` minus `current`.
        direction: which way the change moves focus, in words; None if unknown or no change.
        lost, left: part of the sharpness (MTF50) that the AF mark lacks at `current`, and at `setting`; None where
            no photo tells.
    """

    setting: int
    range: tuple[int, int]
    current: int
    change: int
    direction: str | None
    lost: float | None
    left: float | None

    @property
    def gain(self) -> float | None:
        """By how much the AF mark is sharper at `setting`, as a part of its sharpness at `current`."""
        if self.lost is None or self.left is None:
            return None
        return (1.0 - self.left) / (1.0 - self.lost) - 1.0


def of_number(
    kind: Kind, it: Situation, number: Number | None, more: int, most_within: float | None, misses: bool
) -> tuple[Answer, tuple[str, ...]]:
    """Return answer and notes.

    Args:
        kind: what to do.
        number: the setting; None where none can be told.
        more: how many shots to take yet.
        most_within: half width, in steps, within which 16 shots would tell the mean; None if unknown.
        misses: whether too many shots stand apart.
    """
    if kind == "dial" and number is not None:
        return _dial(it, number)
    if kind == "service" and number is not None:
        return _service(it, number)
    if kind == "inconsistent" and number is not None:
        return _inconsistent(it, number, misses, most_within)
    if kind == "leave" and number is not None:
        return _leave(it, number)
    return _more(it, number, more, most_within)


def _dial(it: Situation, number: Number) -> tuple[Answer, tuple[str, ...]]:
    why = found(it, number)
    if number.lost is not None and number.left is not None:
        gain = sharper(number.lost, number.left)
        why = f"{why[:-1]}; dialling {dialled(number.setting)} makes that {gain} sharper."
    answer = Answer("dial", f"Set {it.dial.menu} to {dialled(number.setting)}.", why, _then(it), number.setting)
    return answer, (_moves(it, number), *_step_of_maker(it, number), *_doubts(it))


def _leave(it: Situation, number: Number) -> tuple[Answer, tuple[str, ...]]:
    line = f"Leave {it.dial.menu} at {dialled(number.current)}."
    notes = (
        () if not number.change else (f"To centre it exactly, set {dialled(number.setting)}{_way(it, number)}.",)
    )
    return Answer("leave", line, found(it, number), DONE, number.current), notes


def _more(
    it: Situation, number: Number | None, more: int, most_within: float | None
) -> tuple[Answer, tuple[str, ...]]:
    """Say how many more shots to take, and what is known so far."""
    at = dialled(it.start)
    take = f"Take {more} more shots, refocused before each"
    if it.settings == 1 and more == SHOTS:
        take += f", all at {dialled(_other(it, number))}"
    elif it.settings > 1:
        take += f", {more // 2} of them at each of two settings"
    line, named = f"Keep {it.dial.menu} at {at} for now.", round(it.start)
    guess = _first_guess(it)
    if guess is not None and guess != named:
        line, named = as_guess(f"Set {it.dial.menu} to {dialled(guess)}.", it.n), guess
    elif number is not None and number.change:
        line = f"Keep {it.dial.menu} at {at} for now; the best guess is {dialled(number.setting)}."
    notes = []
    if number is not None and number.change:
        notes.append(f"So far {dialled(number.setting)} is the best guess{_plausible(number)}{_way(it, number)}.")
    elif number is None and it.mean is not None and it.mean.value:
        notes.append(f"Focus should move {CLOSER if it.mean.value > 0 else FARTHER}, as far as that can tell.")
    if it.n < 3:
        notes.append(f"{'One shot' if it.n == 1 else f'{it.n} shots'} cannot tell AF scatter from a steady error.")
    if most_within is not None:
        notes.append(f"16 shots tell the setting within ± {most_within:.1f} steps, as these scatter.")
    then = f"{take}, then: backfocus tune {it.source.folder}"
    return Answer("more-shots", line, found(it, number), then, named), (*notes, *_doubts(it))


def _first_guess(it: Situation) -> int | None:
    """Return what one or two shots would have, by the maker's step; None of more, or where that is not known."""
    if it.n > 2 or it.mean is None or it.dial.sign is None or it.dial.step is None:
        return None
    error = it.mean.value
    crossing, _ = zero_by_step(it.start, error, (error, error), it.dial.sign, it.dial.step)
    return on_the_dial(crossing, it.dial.range)


def _inconsistent(
    it: Situation, number: Number, misses: bool, most_within: float | None
) -> tuple[Answer, tuple[str, ...]]:
    assert it.group is not None
    scatter = f"single shots scatter by ± {it.group.sd_mm or 0.0:.1f} mm"
    if it.estimate is not None and it.estimate.scatter_steps is not None:
        scatter += f", {it.estimate.scatter_steps:.1f} steps"
    if misses:
        scatter = f"{it.n_apart} of {it.n + it.n_apart} shots missed"
    why = f"{found(it, number)[:-1]}; {scatter}, which no setting can cure."
    line = f"Leave {it.dial.menu} at {dialled(number.current)}: your autofocus is inconsistent."
    notes = [
        f"The middle of the scatter would be at {dialled(number.setting)}{_plausible(number)}{_way(it, number)}."
    ]
    if most_within is not None:
        notes.append(f"16 shots tell it within ± {most_within:.1f} steps.")
    return Answer("inconsistent", line, why, _CURE, number.current), tuple(notes)


def _service(it: Situation, number: Number) -> tuple[Answer, tuple[str, ...]]:
    assert it.estimate is not None
    low, high = it.dial.range
    if not low <= it.estimate.crossing <= high:
        words = "would be needed, beyond the range"
    else:
        words = "is needed, which leaves little of the range"
    wanted = f"{dialled(it.estimate.setting)} {words} of {dialled(low)} to {dialled(high)}."
    dock = "" if number.direction is None else dock_advice(it.camera, number.direction)
    answer = Answer(
        "service",
        f"Set {it.dial.menu} to {dialled(number.setting)} and see a workshop.",
        f"{found(it, number)} {wanted}",
        " ".join(filter(None, ["Have body and lens adjusted together by a workshop.", dock])),
        number.setting,
    )
    return answer, (_moves(it, number), *_doubts(it))


def without_effect(it: Dial) -> Answer:
    """Say that the setting made no difference."""
    why = f"{it.menu[0].upper()}{it.menu[1:]} made no difference: focus is the same at all settings."
    then = (
        "See that the function is on for this lens, that the photos were focused through the viewfinder, and that "
        f"the settings are {OTHER_SETTING} apart."
    )
    return _nothing(why, then)


def in_live_view(it: Situation) -> Answer:
    """Say that no shot tells of what the setting corrects."""
    why = f"All shots were focused in live view, where {it.dial.menu} has no effect."
    then = (
        f"Take {SHOTS} shots through the viewfinder, refocused before each, then: backfocus tune {it.source.folder}"
    )
    return _nothing(why, then)


def two_humps(it: Situation, humps: Humps) -> Answer:
    """Ask whether there are two lenses."""
    near, far = (it.scale.mm(error) for error in (humps.near_error, humps.far_error))
    why = (
        f"The shots make two groups, {len(humps.near)} about {near:+z.1f} mm and {len(humps.far)} about "
        f"{far:+z.1f} mm: no setting is right for both."
    )
    return _nothing(
        why, "Are two lenses or two bodies among them, or did something move? Give each its own folder."
    )


def check_setup(cause: tuple[str, str] | None) -> Answer:
    """Return the answer where the photos tell nothing, for what most of them have against them, and its remedy."""
    return _nothing(*(cause or ("No photo tells where focus is.", "Try backfocus measure on one of them.")))


def _nothing(why: str, then: str) -> Answer:
    return Answer("check-setup", "Nothing to dial yet.", why, then)


def self_test(it: Situation, direction: str, usual: int) -> tuple[Answer, tuple[str, ...]]:
    """Say how to find out sign and step where they are not known."""
    known = it.dial.sign is not None
    what = "how much a step moves it" if known else "which way plus moves it"
    toward = ""
    if it.dial.sign is not None:
        plus = (direction == FARTHER) == (it.dial.sign > 0)
        toward = f", with {it.dial.menu} turned towards {'plus' if plus else 'minus'}"
    why = f"{found(it, None)} Focus should move {direction}{toward}; {what} is not known here."
    if it.dial.step is None and known and it.scale.focal_length_mm is None:
        next_step = f"For a number: backfocus tune {it.source.folder} --focal-length MM --sensor-width MM"
    else:
        other = dialled(_other_of_unknown(it, direction))
        take = f"Take {usual} shots at {other} as well, which tell step and sign"
        next_step = f"{take}, then: backfocus tune {it.source.folder}"
    line = f"Keep {it.dial.menu} at {dialled(it.start)} for now."
    return Answer("more-shots", line, why, next_step, round(it.start)), tuple(_doubts(it))


def leave_without_number(it: Situation) -> Answer:
    """Say that nothing is to be done, where no setting can be told."""
    if it.dial.without is not None:
        return Answer("leave", "Nothing needs to be done.", found(it, None), DONE)
    line = f"Leave {it.dial.menu} at {dialled(it.start)}."
    return Answer("leave", line, found(it, None), DONE, round(it.start))


def without_setting(it: Situation, number: float | None, direction: str) -> Answer:
    """Say what helps on a body that has no such setting."""
    assert it.dial.without is not None
    helps = it.dial.without.instead
    if number is not None:
        helps += f" From f/{number:g} on, the depth of field covers the error."
    helps = " ".join(filter(None, [helps, dock_advice(it.camera, direction)]))
    body = f" on the {it.camera.model}" if it.camera.model else ""
    reason = it.dial.without.reason
    why = f"{found(it, None)} {reason[0].upper()}{reason[1:]}."
    return Answer("no-setting", f"There is nothing to dial{body}.", why, helps)


def found(it: Situation, number: Number | None) -> str:
    """Return the error that advice is about, and what it is worth, in a sentence."""
    if it.group is None or it.mean is None:
        assert it.estimate is not None
        low, high = it.estimate.ci95
        return f"Least blur at setting {it.estimate.crossing:+.1f} (95 %: {low:+.1f} to {high:+.1f})."
    lost = it.scale.sharpness_lost(it.mean.value) if number is None else number.lost
    said = error_of_group(it.group)
    if lost is None:
        return f"{said}."
    if lost < SHARP and it.mean.ci95 is not None:
        worst = max(it.scale.sharpness_lost(end) or 0.0 for end in it.mean.ci95)
        if worst >= SLIGHTLY_OFF:
            return f"{said}: whether what you focus on is sharp is not known yet."
    steps = None if number is None or it.estimate is None else it.estimate.crossing - number.current
    return f"{said}: {worth(lost, steps)}."


def error_of_group(group: GroupStatistics) -> str:
    """Return the mean error of a group in words, without the full stop."""
    half = None
    if group.mean_ci95_mm is not None and all(map(math.isfinite, group.mean_ci95_mm)):
        half = (group.mean_ci95_mm[1] - group.mean_ci95_mm[0]) / 2.0
    where = "" if group.setting is None else f" at {dialled(group.setting)}"
    shots = "one shot" if group.n == 1 else f"mean of {group.n}"
    return f"{error_words(group.mean_mm, half)}{where} ({shots})"


def _then(it: Situation) -> str:
    before = "" if it.source.saved_as is None else f" --before {it.source.saved_as}"
    return f"{_NEW}NEW-FOLDER{before}"


def _other(it: Situation, number: Number | None) -> int:
    """Return the setting that a second group is best taken at: 10 steps towards what is wanted."""
    change = OTHER_SETTING if number is None or number.change >= 0 else -OTHER_SETTING
    low, high = it.dial.range
    return round(min(max(it.start + change, low), high))


def _other_of_unknown(it: Situation, direction: str) -> int:
    far = min(OTHER_SETTING, it.dial.range[1] // 2)
    if it.dial.sign is not None:
        return far if (direction == FARTHER) == (it.dial.sign > 0) else -far
    return far if it.start <= 0.0 else -far


def _plausible(number: Number) -> str:
    low, high = number.range
    return "" if low == high else f" ({dialled(low)} to {dialled(high)} is plausible)"


def _way(it: Situation, number: Number) -> str:
    if not number.change:
        return ""
    if number.direction is None:
        return f", counted from {dialled(number.current)}; which way that moves focus is not known"
    return f", which moves focus {_by(it, number)}"


def _moves(it: Situation, number: Number) -> str:
    known = f"moves focus {_by(it, number)}" if number.direction else "moves focus, which way is not known"
    return f"{dialled(number.setting)}{_plausible(number)} {known}."


def _by(it: Situation, number: Number) -> str:
    slope = it.estimate.slope if it.estimate else None
    by = "" if slope is None else f"about {abs(it.scale.slope_mm(0.0) * slope * number.change):.1f} mm "
    return f"{by}{number.direction} than at {dialled(number.current)}"


def _step_of_maker(it: Situation, number: Number) -> list[str]:
    if it.estimate is None or it.estimate.basis != "maker step":
        return []
    other = dialled(_other(it, number))
    step = f"The step is the maker's, not this camera's own ({it.dial.basis})"
    return [f"{step}; {SHOTS} shots at {other} as well would tell it."]


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
