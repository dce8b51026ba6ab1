"""A lens over time: plots of its focus error and of its best setting.

Plots are drawn here, not by Matplotlib: it takes a second to load, for which the page would have to wait.
Checks stand side by side in their order, as two of one evening would else be one dot.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from ..formats import dialled
from ..tuning.drift import Check, PlacedError, Track
from .text import side_words

Say = Callable[[str], str]
"""What tells a text in the reader's language; `str` leaves it as it is."""
WIDTH, HEIGHT = 420.0, 200.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 412.0, 8.0, 168.0
"""Of the frame, in letters of 14: as wide as a phone they are still 11 px high."""
LETTERS, LABEL = 14.0, 88.0
"""Height of letters, and width that a date needs."""
MOST_CHECKS = 24
"""Checks in a plot, the latest ones: more would overlap on a phone."""
TICKS = 5
LEAST_SPAN_MM, LEAST_SPAN_STEPS = 2.0, 4.0
"""Of a plot's height, so that noise is no mountain."""


@dataclass(frozen=True)
class Plot:
    """A drawing for a page; `summary` says in words what it shows, `title` what it is of."""

    svg: Markup
    summary: str
    title: str = ""


@dataclass(frozen=True)
class Point:
    """What a check says; `note` stands beside it, and one that `is_other` is not joined to the rest."""

    day: str
    value: float
    ci95: tuple[float, float] | None
    words: str
    note: str = ""
    is_other: bool = False


def plots_of(track: Track, name: str, say: Say = str) -> list[Plot]:
    """Return the plots of a track that was checked twice at least; `name` tells it from others on the page."""
    checks = track.checks[-MOST_CHECKS:]
    placed = [(check, track.shown(check)) for check in checks]
    errors = [_error_point(check, error, track, say) for check, error in placed if error is not None]
    needed = [_setting_point(check, say) for check in checks if check.best is not None]
    setting, distance = track.usual_setting, track.last.series.distance_mm
    at = "" if setting is None else f" at setting {dialled(setting)}"
    at += "" if distance is None else f", as it is at {distance / 1000.0:.2f} m"
    found = []
    if len(errors) > 1:
        title = say(f"Focus error in mm{at}; plus is behind the AF mark")
        title += say("; a square is at the setting beside it") if any(point.is_other for point in errors) else ""
        found.append(_drawing(f"{name}-error", title, errors, LEAST_SPAN_MM, say))
    if len(needed) > 1:
        title = say("Setting at which the error would be zero")
        found.append(_drawing(f"{name}-setting", title, needed, LEAST_SPAN_STEPS, say))
    return found


def _error_point(check: Check, error: PlacedError, track: Track, say: Say) -> Point:
    is_other = error.setting != track.usual_setting
    known = "" if error.setting is None else f" at setting {dialled(error.setting)}"
    ends = "" if error.ci95 is None else f" ({error.ci95[0]:+.1f} to {error.ci95[1]:+.1f})"
    note = dialled(error.setting) if is_other and error.setting is not None else ""
    return Point(
        check.day, error.mm, error.ci95, say(f"{check.day}: {side_words(error.mm)}{ends}{known}."), note, is_other
    )


def _setting_point(check: Check, say: Say) -> Point:
    assert check.best is not None
    value, ci95 = check.best
    ends = "" if ci95 is None else f" ({ci95[0]:+.1f} to {ci95[1]:+.1f})"
    return Point(check.day, value, ci95, say(f"{check.day}: {value:+.1f}{ends}."))


def _drawing(name: str, title: str, points: Sequence[Point], span: float, say: Say) -> Plot:
    """Return the plot of a number that may be of either sign; a screen reader tells its title and values."""
    low, high = _ends(points, span)
    ticks = _ticks(low, high)

    def y(value: float) -> float:
        return BOTTOM - (min(max(value, low), high) - low) / (high - low) * (BOTTOM - TOP)

    gap = (RIGHT - LEFT) / len(points)
    across = [LEFT + gap * (number + 0.5) for number in range(len(points))]
    parts = []
    for tick in ticks:
        stroke = "var(--mark)" if tick == 0 else "var(--rule)"
        parts.append(f'<path d="M{LEFT:.1f} {y(tick):.1f}H{RIGHT:.1f}" stroke="{stroke}"/>')
        parts.append(_text(LEFT - 6.0, y(tick) + 4.5, say(dialled(tick)), "end"))
    joined = [(x, y(point.value)) for x, point in zip(across, points, strict=True) if not point.is_other]
    line = "L".join(f"{x:.1f} {at:.1f}" for x, at in joined)
    if len(joined) > 1:
        parts.append(f'<path d="M{line}" fill="none" stroke="var(--soft)" stroke-dasharray="4 4"/>')
    every = max(1, math.ceil(LABEL / gap))
    for number, (x, point) in enumerate(zip(across, points, strict=True)):
        parts.append(_mark(x, point, y))
        if (len(points) - 1 - number) % every == 0:
            parts.append(_text(x, HEIGHT - 10.0, point.day, "middle"))
    summary = f"{title}. {' '.join(point.words for point in points)}"
    head = (
        f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" font-size="{LETTERS:g}" role="img" '
        f'aria-labelledby="{name}-title {name}-words"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-words">{escape(summary)}</desc>'
    )
    return Plot(Markup(f"{head}{''.join(parts)}</svg>"), summary, title)


def _mark(x: float, point: Point, y: Callable[[float], float]) -> str:
    """Return a dot with its interval; a square for what is not joined to the rest."""
    at, parts = y(point.value), ""
    if point.ci95 is not None:
        top, foot = y(point.ci95[1]), y(point.ci95[0])
        parts = (
            f'<path d="M{x:.1f} {top:.1f}V{foot:.1f}M{x - 5:.1f} {top:.1f}h10M{x - 5:.1f} {foot:.1f}h10" '
            'stroke="var(--ink)" fill="none"/>'
        )
    if point.is_other:
        parts += (
            f'<rect x="{x - 4.5:.1f}" y="{at - 4.5:.1f}" width="9" height="9" '
            'fill="var(--paper)" stroke="var(--ink)" stroke-width="1.5"/>'
        )
    else:
        parts += f'<circle cx="{x:.1f}" cy="{at:.1f}" r="4.5" fill="var(--ink)"/>'
    return parts + (_text(x + 9.0, at + 4.5, point.note) if point.note else "")


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="var(--ink)">{escape(words)}</text>'


def _ends(points: Sequence[Point], span: float) -> tuple[float, float]:
    """Return from where to where a plot goes: zero, all values, and intervals unless they would dwarf those."""
    values = [0.0, *(point.value for point in points)]
    reach = max(max(values) - min(values), span)
    ends = [end for point in points for end in point.ci95 or ()]
    low = max(min([*values, *ends]), min(values) - reach)
    high = min(max([*values, *ends]), max(values) + reach)
    air = max(0.08 * (high - low), (span - (high - low)) / 2.0)
    return low - air, high + air


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers within, about five."""
    raw = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= raw)
    return [round(number * step, 6) for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
