"""From a focus error to what to dial, in words; where there is nothing to dial, what else helps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

from backfocus.targets.protocol import SHOOT_BOTH

from ..findings import Findings
from ..formats import dialled
from ..lens import circle_of_confusion_mm, defocus_um, magnification, offset_of_defocus_mm
from ..photo.bodies import known_body
from ..photo.metadata import CameraInfo
from ..photo.note import LIVE_VIEW, PHASE
from .makers import BodyWithout, Maker, Step, dock_of, maker_of, small_camera

WORTH_STEPS = 1.0
"""Least change that is worth dialling: cameras take no finer one, and series tell the setting within a step."""
_F_NUMBERS = (
    *(1.0, 1.1, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.5, 2.8, 3.2, 3.5, 4.0, 4.5, 5.0, 5.6, 6.3, 7.1),
    *(8.0, 9.0, 10.0, 11.0, 13.0, 14.0, 16.0, 18.0, 20.0, 22.0),
)
"""As cameras name them, in thirds of a stop; f/22 is the narrowest that most lenses have."""
_USUAL_SHAPE = (3, 2)
"""Of a picture; one of 4:3 has a circle of confusion larger by 4 %, a ninth of a stop."""

_NOTHING = "There is nothing to dial"
CLOSER, FARTHER = "closer to the camera", "farther from the camera"
IN_FOCUS = "leaves the AF mark in focus"
_SELF_TEST = (
    f"To find out, take {SHOOT_BOTH}: if the second group focuses farther away, plus moves focus away from the "
    "camera."
)


SuggestionKind = Literal["dial", "leave", "no-setting", "more-shots"]


@dataclass(frozen=True)
class Suggestion:
    """What to dial in; `setting`, `change` and `range` are None where sign or step are unknown.

    Where the shot is in focus as it is, they tell what would centre it exactly, and `text` that nothing needs it.

    Attributes:
        kind: "dial" the setting, "leave" it, "no-setting" on this body, or "more-shots" as no number is known.
        headline: what to dial, in a short sentence.
        helps: what else does, or how to find out, where there is no number.
        setting: the new AF fine-tune setting, in the camera's own steps.
        change: new setting minus the one in force.
        range: lowest and highest setting that the measurement's interval and the step's uncertainty allow.
        direction: which way focus moves, "closer to the camera" or "farther from the camera".
        basis: where sign and step come from.
        text: the suggestion, or why there is none, in two or three sentences.
    """

    setting: int | None
    change: int | None
    range: tuple[int, int] | None
    direction: str | None
    basis: str | None
    text: str
    kind: SuggestionKind
    headline: str
    helps: str | None = None


@dataclass(frozen=True)
class _Error:
    """The focus error at the sensor in µm, positive for back focus, with its interval, and what it was got by."""

    um: float
    ci95_um: tuple[float, float]
    focal_length_mm: float
    distance_mm: float


class _Dial(NamedTuple):
    """The setting, and what is plausible, within the camera's range; `crossing` is where the error is zero."""

    setting: int
    lowest: int
    highest: int
    crossing: float


def suggest(
    offset_mm: float,
    offset_ci95_mm: tuple[float, float],
    distance_mm: float | None,
    camera: CameraInfo,
    current_setting: float | None = None,
    *,
    in_focus: bool = False,
    doubt: str | None = None,
) -> Suggestion:
    """Return what to dial in for an offset, or why nothing can be said; the direction is always in words.

    A photo is a series of one: what to dial, and when that is near the end of the range or within what the camera
    takes for in focus, is told by the rules that series have.

    Args:
        offset_mm: plane of sharpest focus minus AF mark; positive is back focus.
        offset_ci95_mm: its interval.
        distance_mm: of the AF mark from the lens's front principal plane; None if unknown.
        camera: maker, model, focal length and widest aperture are used.
        current_setting: AF fine-tune in force, in steps; None is taken as 0, and said so.
        in_focus: the verdict; nothing then needs changing, whatever the offset.
        doubt: why focal length or sensor are too uncertain for a number, in a sentence; None where they are not.
    """
    found = f"{'Back' if offset_mm > 0 else 'Front'} focus of {abs(offset_mm):.1f} mm"
    maker = maker_of(camera.make, camera.model)
    if bypasses_setting(camera) and without_setting(maker, camera) is None:
        no_effect = f"The shot was focused in live view, where {menu_of(maker)} has no effect"
        helps = f"{no_effect}: take it through the viewfinder."
        text = f"{found}. {helps}"
        return Suggestion(None, None, None, None, None, text, "more-shots", "Nothing to dial yet.", helps)
    leave = _leave_line(maker, camera, current_setting)
    if offset_ci95_mm[0] <= 0.0 <= offset_ci95_mm[1]:
        return _leave_it(leave, f"{found} may as well be none", current_setting, in_focus)
    in_focus_text = f"Nothing needs changing: an error of {abs(offset_mm):.1f} mm {IN_FOCUS}."
    error = _error_at_sensor(offset_mm, offset_ci95_mm, distance_mm, camera.focal_length_mm)
    direction = CLOSER if offset_mm > 0 else FARTHER
    why_not = _why_no_number(maker, camera, error, direction) or doubt
    if why_not is not None and in_focus:
        return Suggestion(None, None, None, direction, None, in_focus_text, "leave", leave)
    if why_not is not None:
        text = f"{found}: focus should move {direction}. {why_not}"
        line = _line_without_number(maker, camera, direction)
        # The first line says so already.
        helps = why_not.removeprefix(f"{_NOTHING}: ")
        return Suggestion(None, None, None, direction, None, text, *line, helps=f"{helps[0].upper()}{helps[1:]}")
    assert maker is not None and error is not None
    step = maker.step_for(camera.format_width_mm or camera.sensor_width_mm)
    assert step is not None
    sizes = step_sizes_um(step, camera)
    current = current_setting or 0.0
    dial = _dial(error, maker, sizes, current)
    if abs(dial.crossing - current) < WORTH_STEPS:
        return _leave_it(leave, f"{found} is less than a step", current_setting, in_focus)
    kind: SuggestionKind = "leave" if in_focus else "dial"
    headline = leave if in_focus else f"Set {maker.menu} to {dialled(dial.setting)}."
    if in_focus:
        centring = f"To centre it exactly, set {maker.menu} to {dial.setting:+d} ({_counted_from(current_setting)})"
        text = f"{in_focus_text} {centring}, which moves focus {direction}."
    else:
        # A sign behind a semicolon would look like a formula to spreadsheets, and be guarded with an apostrophe.
        plausible = "" if dial.lowest == dial.highest else f"; plausible: {dial.lowest:+d} to {dial.highest:+d}"
        sentences = [
            f"{found}: set {maker.menu} to {dial.setting:+d} ({_counted_from(current_setting)}{plausible}).",
            f"This moves focus {direction}{_step_here(error, sizes[1])}.",
            *_cautions(maker, dial, camera, step, current),
            _in_doubt(maker, camera).rstrip(),
        ]
        text = " ".join(filter(None, sentences))
    change = dial.setting - round(current)
    plausible_range = dial.lowest, dial.highest
    return Suggestion(dial.setting, change, plausible_range, direction, step.basis, text, kind, headline)


def without_setting(maker: Maker | None, camera: CameraInfo) -> BodyWithout | None:
    """Return why a camera has no such setting, or None if it has one as far as is known."""
    if maker is None:
        return small_camera(camera.format_width_mm or camera.sensor_width_mm)
    return maker.without(camera.model, on_adapter=camera.af_method == PHASE)


def bypasses_setting(camera: CameraInfo) -> bool:
    """Whether a shot was focused in live view by a body with a mirror, whose AF fine-tune has no part in that."""
    if camera.af_method != LIVE_VIEW:
        return False
    body = known_body(camera.make, camera.model)
    return body is None or body.kind == "dslr"


def zero_by_step(
    current: float, error: float, ci95: tuple[float, float], sign: int, sizes: tuple[float, float, float]
) -> tuple[float, tuple[float, float]]:
    """Return the setting at which the focus error is zero, n - s dv / q, and its interval.

    What the error's interval and the step's sizes allow, each by itself, is added in squares.

    Args:
        current: n, the setting in force.
        error, ci95: dv, the focus error at the sensor in exact thin-lens form, + is back focus; and its interval.
        sign: s, +1 where plus moves focus away from the camera, -1 where it moves it closer.
        sizes: least, likely and greatest size q of a step, in the unit of the error.
    """
    low, likely, high = sizes
    crossing = current - sign * error / likely
    by_error = [current - sign * end / likely for end in ci95]
    by_step = [current - sign * error / size for size in (low, high)]

    def away(side: int) -> float:
        return math.hypot(*(max(0.0, *(side * (end - crossing) for end in ends)) for ends in (by_error, by_step)))

    return crossing, (crossing - away(-1), crossing + away(1))


def step_sizes_um(step: Step, camera: CameraInfo) -> tuple[float, float, float]:
    """Return least, likely and greatest size of a step at the sensor, some makers' by the widest f-number."""
    widest = camera.widest_f_number or camera.f_number
    times = widest if step.per_f_number and widest is not None else 1.0
    return step.um_low * times, step.um * times, step.um_high * times


def on_the_dial(setting: float, limits: tuple[int, int]) -> int:
    """Return the whole setting next to one, within the lowest and the highest."""
    return min(max(round(setting), limits[0]), limits[1])


def part_of_range(setting: float, limits: tuple[int, int]) -> float:
    """Return how much of the camera's range to that side a setting takes."""
    return setting / limits[1 if setting > 0 else 0]


def covering_f_number(
    focal_length_mm: float, distance_mm: float, defocus: float, sensor_width_mm: float
) -> float | None:
    """Return the widest aperture at which the depth of field covers a focus error; None if not even f/22 does.

    The blur disc of a defocus dv is |dv| / (N (1 + m)) wide on the sensor; the circle of confusion is
    the widest that will do.

    Args:
        focal_length_mm: f.
        distance_mm: u, of the AF mark, beyond f.
        defocus: focus error at the sensor in µm, of either sign.
        sensor_width_mm: its long side.
    """
    circle = circle_of_confusion_mm(sensor_width_mm, _USUAL_SHAPE)
    needed = abs(defocus) / 1000.0 / (circle * (1.0 + magnification(focal_length_mm, distance_mm)))
    return next((number for number in _F_NUMBERS if number >= needed), None)


def _error_at_sensor(
    offset_mm: float,
    offset_ci95_mm: tuple[float, float],
    distance_mm: float | None,
    focal_length_mm: float | None,
) -> _Error | None:
    if distance_mm is None or focal_length_mm is None:
        return None
    nearest_mm = distance_mm + min(0.0, offset_mm, *offset_ci95_mm)
    # Nothing nearer than the focal length can be sharp; such numbers come from wrong metadata.
    if not focal_length_mm < nearest_mm < math.inf:
        return None
    um, low, high = (defocus_um(focal_length_mm, distance_mm, mm) for mm in (offset_mm, *offset_ci95_mm))
    return _Error(um, (low, high), focal_length_mm, distance_mm)


def _leave_line(maker: Maker | None, camera: CameraInfo, current_setting: float | None) -> str:
    if without_setting(maker, camera) is not None:
        return "Nothing needs to be done."
    at = "as it is" if current_setting is None else f"at {dialled(current_setting)}"
    return f"Leave {menu_of(maker)} {at}."


def _line_without_number(maker: Maker | None, camera: CameraInfo, direction: str) -> tuple[SuggestionKind, str]:
    if without_setting(maker, camera) is not None:
        return "no-setting", f"{_NOTHING} on {_name(maker, camera)}."
    if maker is None:
        return "more-shots", "No number yet: which way this camera counts is not known."
    towards = _turn_towards(maker, direction)
    return "more-shots", f"Turn {menu_of(maker)} towards {towards}." if towards else "No number yet."


def menu_of(maker: Maker | None) -> str:
    """Return what the setting is called."""
    return (maker.menu if maker else None) or "the AF fine-tune"


def _leave_it(headline: str, why: str, current_setting: float | None, in_focus: bool) -> Suggestion:
    setting = None if current_setting is None else round(current_setting)
    opening = "Nothing needs changing" if in_focus else "Leave the setting as it is"
    text = f"{opening}: {why[0].lower()}{why[1:]}."
    return Suggestion(setting, 0, None, None, None, text, "leave", headline)


def _why_no_number(maker: Maker | None, camera: CameraInfo, error: _Error | None, direction: str) -> str | None:
    """Return why no number can be suggested, with what helps; None if one can."""
    without = without_setting(maker, camera)
    if without is not None:
        return _nothing_to_dial(without, camera, error, direction)
    if maker is None:
        name = camera.make or camera.model
        known = f"Nothing is known about {name}'s setting." if name else "The photo does not name its camera."
        return f"{known} {_SELF_TEST}"
    in_doubt = _in_doubt(maker, camera)
    if maker.menu is None:
        name = _name(maker, camera)
        return f"Whether {name} has a setting for it is not known. Have it serviced if it stays so."
    if maker.sign is None or maker.range is None:
        return f"Which way plus moves focus is not known for {maker.name} ({maker.menu}). {in_doubt}{_SELF_TEST}"
    turn = f"Turn {maker.menu} towards {_turn_towards(maker, direction)}"
    if not maker.steps:
        try_it = "Try 3 steps, shoot again" + ("." if maker.sign_is_sure else ", and turn back if it got worse.")
        return f"{turn}; how much one step moves focus is not known for {maker.name}. {in_doubt}{try_it}"
    if error is None:
        return f"{turn}; for a number give --focal-length and --sensor-width."
    if maker.steps[0].per_f_number and camera.widest_f_number is None and camera.f_number is None:
        return f"{turn}; for a number give the lens's widest aperture with --aperture."
    return None


def _nothing_to_dial(without: BodyWithout, camera: CameraInfo, error: _Error | None, direction: str) -> str:
    sentences = [f"{_NOTHING}: {without.reason}. {without.instead}"]
    if without.can_stop_down:
        sentences.append(_covering_aperture(camera, error))
    sentences.append(dock_advice(camera, direction))
    return " ".join(filter(None, sentences))


def _in_doubt(maker: Maker, camera: CameraInfo) -> str:
    """Return a sentence where nothing is on record of this model, with the space after it."""
    if camera.model is None or maker.offers(camera.model) == "yes":
        return ""
    body = maker.body(camera.model)
    focuses_on_sensor = body is not None and body.kind == "mirrorless"
    if_not = "; without it, focus at the aperture you shoot with" if focuses_on_sensor else ""
    return f"Whether {_name(maker, camera)} has {maker.menu} is not on record here: look in its menu{if_not}. "


def _name(maker: Maker | None, camera: CameraInfo) -> str:
    return f"the {camera.model}" if camera.model else f"this {maker.name if maker else 'camera'}"


def _turn_towards(maker: Maker, direction: str) -> str | None:
    """Return "plus" or "minus", whichever moves focus in a direction; None where the sign is unknown."""
    if maker.sign is None:
        return None
    return "plus" if (direction == CLOSER) == (maker.sign < 0) else "minus"


def _covering_aperture(camera: CameraInfo, error: _Error | None) -> str:
    if error is None or camera.sensor_width_mm is None:
        return ""
    number = covering_f_number(error.focal_length_mm, error.distance_mm, error.um, camera.sensor_width_mm)
    if number is None:
        return "Not even at f/22 does the depth of field cover the error."
    if camera.f_number is not None and number <= camera.f_number:
        return f"At the shot's f/{camera.f_number:g} the error is still within the depth of field."
    return f"From f/{number:g} on, the depth of field covers the error."


def dock_advice(camera: CameraInfo, direction: str) -> str:
    """Return in a sentence what the dock of a lens's maker can do; empty where none is known to take it."""
    dock = dock_of(camera.lens, camera.make, camera.lens_id)
    if dock is None:
        return ""
    opening = f"If the lens works with the {dock.name}, it can be corrected there"
    towards = _turn_towards(dock, direction)
    if towards is None:
        return f"{opening}; which way plus moves focus is not known for it."
    return f"{opening}: {towards} should move focus {direction} (few reports say so; check with a new shot)."


def _dial(error: _Error, maker: Maker, sizes: tuple[float, float, float], current: float) -> _Dial:
    assert maker.sign is not None
    assert maker.range is not None
    crossing, (low, high) = zero_by_step(current, error.um, error.ci95_um, maker.sign, sizes)
    setting, lowest, highest = (on_the_dial(value, maker.range) for value in (crossing, low, high))
    return _Dial(setting, lowest, highest, crossing)


def _counted_from(current: float | None) -> str:
    if current is None:
        return "from 0, as the photo does not tell the present setting"
    return f"from {current:+g}" if current else "from 0"


def _cautions(maker: Maker, dial: _Dial, camera: CameraInfo, step: Step, current: float) -> list[str]:
    assert maker.range is not None
    cautions = []
    direction = FARTHER if (dial.crossing > current) == (maker.sign == 1) else CLOSER
    is_beyond = round(dial.crossing) != dial.setting
    if is_beyond:
        needed = f"{round(dial.crossing):+d} would be needed"
        cautions.append(f"The range ends there, {needed}: have body and lens serviced.")
    elif Findings.BEYOND_RANGE.crossed(part_of_range(dial.setting, maker.range)):
        cautions.append("So near the end of the range, have body and lens serviced.")
    if is_beyond or Findings.BEYOND_RANGE.crossed(part_of_range(dial.setting, maker.range)):
        cautions.append(dock_advice(camera, direction))
    if step.per_f_number and camera.widest_f_number is None:
        cautions.append(f"The lens's widest aperture is taken to be the shot's f/{camera.f_number:g}.")
    return list(filter(None, cautions))


def _step_here(error: _Error, step_um: float) -> str:
    depth_mm = offset_of_defocus_mm(error.focal_length_mm, error.distance_mm, step_um)
    return f", by about {depth_mm:.1f} mm a step" if math.isfinite(depth_mm) else ""
