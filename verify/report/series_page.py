"""The page of a series that `tune --save` wrote: an answer for every body and lens first, then what it rests on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from ..answer import Answer
from ..cameras.identity import Identity, identity, title
from ..formats import dialled
from ..tuning.result import Comparison, Compromise
from ..tuning.saved import SavedEstimate, SavedLens, SavedSeries, SavedTune
from ..tuning.statistics import GroupStatistics, Scale
from .html import Headline, Note, Picture, Report, Section, Table, headline_of, notes_of
from .plots import (
    FittedLine,
    SettingMark,
    SettingPoint,
    SharpnessCurve,
    ShotPoint,
    offset_by_setting,
    offset_by_shot,
    sharpness_by_setting,
)
from .text import about_comparison, about_compromise, place_of, side_words
from .timeline import Say

MOST_LEFT_OUT = 100
AROUND_STEPS = 4
"""By how many steps the curve of sharpness goes beyond the settings that matter."""
GROUP_HEAD = ("setting", "shots", "mean, from the AF mark", "95 % interval, mm", "scatter, mm", "at the sensor, µm")
ZOOM_HEAD = ("focal length", "distance", "own best setting", "left by one value, from the AF mark")
SHIFT_HEAD = ("aperture", "shots", "mean, from the AF mark", "moved from the widest, mm (plus: farther)")
TO_DIAL = ("dial", "service")
"""Kinds of answer that name a setting to dial."""
NO_ANSWER = Headline(
    "unsure",
    "Nothing to dial yet.",
    "No photo tells where focus is.",
    "See below why, and what to do about it.",
)


def report_of_series(
    saved: SavedTune, pictures: Callable[[Iterable[str]], list[Picture]], say: Say = str
) -> Report:
    """Return what a saved series says.

    Args:
        pictures: finds photos by their names.
        say: tells what stands in plots in the reader's language; all else is told by who writes the page.
    """
    every = [series for lens in saved.lenses for series in lens.series]
    others = [identity(lens) for lens in saved.lenses]
    names = "; ".join(_name(lens, others) or "Unknown camera" for lens in saved.lenses) or "No photo could be used"
    left_out = [Note("warning", one.photo, one.reason, one.remedy) for one in saved.left_out[:MOST_LEFT_OUT]]
    return Report(
        title="Autofocus series",
        subject=f"{names}. {saved.photos} photos, {saved.when:%Y-%m-%d}.",
        answers=_answers(saved, others),
        sections=[
            *(section for lens in saved.lenses for section in lens_sections(lens, others, saved.comparisons, say)),
            Section("Photos left out", notes=left_out),
            Section("Photos", pictures=pictures(_photos(every, [one.photo for one in saved.left_out]))),
        ],
    )


def _answers(saved: SavedTune, others: Sequence[Identity]) -> list[Headline]:
    """Return the answer of every lens; files of older versions have their advice in one piece."""
    if not saved.lenses:
        return [NO_ANSWER if saved.answer is None else headline_of(saved.answer)]
    is_alone = len(saved.lenses) == 1
    return [
        headline_of(_answer(lens), "" if is_alone else _name(lens, others) or "Unknown camera")
        for lens in saved.lenses
    ]


def _answer(lens: SavedLens) -> Answer:
    if lens.answer is not None:
        return lens.answer
    advice = next((series.advice for series in lens.series if series.advice is not None), None)
    if advice is None:
        return Answer("check-setup", NO_ANSWER.dial, NO_ANSWER.why, NO_ANSWER.next)
    first, _, rest = advice.text.partition(". ")
    return Answer(advice.kind, f"{first.removesuffix('.')}.", rest, "See the numbers below.", advice.setting)


def lens_sections(
    lens: SavedLens, others: Sequence[Identity], comparisons: Sequence[Comparison] = (), say: Say = str
) -> list[Section]:
    """Return what an answer rests on, a section for every focal length, aperture and distance."""
    shifts = [
        (f"f/{shift.f_number:g}", str(shift.n), side_words(shift.mean_mm), f"{shift.shift_mm:+.1f}")
        for shift in lens.focus_shift
    ]
    name = _name(lens, others)
    own = [found for found in comparisons if identity(found) == identity(lens)]
    return [
        *(_series(series, lens, name, _comparison(series, own), say) for series in lens.series),
        *([] if lens.compromise is None else [_compromise(lens.compromise)]),
        Section("Focus shift", table=Table(SHIFT_HEAD, shifts, texts=0) if shifts else None),
        Section("About the lens", notes=notes_of(lens.findings)),
    ]


def _name(lens: SavedLens, others: Sequence[Identity]) -> str:
    return title(identity(lens), others)


def _place(series: SavedSeries) -> str:
    return place_of(series.focal_length_mm, series.f_number, series.distance_mm) or "Unknown focal length"


def _comparison(series: SavedSeries, comparisons: Sequence[Comparison]) -> Comparison | None:
    place = (series.focal_length_mm, series.f_number)
    return next((found for found in comparisons if (found.focal_length_mm, found.f_number) == place), None)


def _series(series: SavedSeries, lens: SavedLens, name: str, before: Comparison | None, say: Say) -> Section:
    """Return one series; what the answer says already is not said again."""
    said = _said(series, lens)
    apart = {photo for group in series.groups for photo in group.left_out}
    shots = [
        ShotPoint(shot.offset_mm, None, shot.setting, shot.photo not in apart)
        for shot in series.shots
        if shot.offset_mm is not None
    ]
    means = [
        SettingPoint(group.setting, group.mean_mm, group.mean_ci95_mm)
        for group in series.groups
        if group.setting is not None
    ]
    curve = sharpness_curve(series, _to_dial(series, lens), before)
    return Section(
        heading=f"{name + ': ' if name else ''}{_place(series)}",
        lines=said if before is None else [about_comparison(before), *said],
        plots=[
            None if curve is None else sharpness_by_setting(curve, say),
            offset_by_setting(means, shots, _line(series.estimate), say),
            offset_by_shot(shots, say),
        ],
        table=Table(GROUP_HEAD, [_group(group) for group in series.groups], texts=0) if series.groups else None,
        notes=notes_of(series.findings),
    )


def _said(series: SavedSeries, lens: SavedLens) -> list[str]:
    """Return what one focal length and distance says by itself, where the answer is another's or for several."""
    advice = series.advice
    if advice is None:
        return ["Not the widest aperture, for which the setting is."]
    if advice.answer is None:
        return [] if len(lens.series) == 1 else [advice.text]
    if advice.answer == lens.answer:
        return [*advice.notes]
    alone = "" if advice.setting is None else f"By itself it would take {dialled(advice.setting)}. "
    return [f"{alone}{advice.answer.why}"]


def _to_dial(series: SavedSeries, lens: SavedLens) -> int | None:
    """Return the setting that the first line names for this focal length; None where it names no new one."""
    if series.advice is None:
        return None
    if lens.answer is None or (lens.answer.kind in TO_DIAL and lens.answer.setting is None):
        return series.advice.setting if lens.answer is not None or series.advice.kind in TO_DIAL else None
    return lens.answer.setting if lens.answer.kind in TO_DIAL else None


def sharpness_curve(series: SavedSeries, to_dial: int | None, before: Comparison | None) -> SharpnessCurve | None:
    """Return the sharpness at the AF mark over the setting; None where that is not known.

    Args:
        to_dial: the setting to mark as such.
        before: the lens in an earlier series, whose state and today's are marked instead of the start.
    """
    if series.sweep:
        return _curve_of_sweep(series, to_dial)
    estimate, scale = series.estimate, _scale(series, before)
    if estimate is None or scale is None:
        return None
    step = estimate.step_um if scale.at_sensor else estimate.step_mm
    if step is None:
        return None

    def kept(setting: float) -> float:
        return _kept(scale, step * (setting - estimate.crossing))

    tried = [(group.setting, group.mean_mm) for group in series.groups if group.setting is not None]
    marks = _marks(series, to_dial, kept)
    if before is not None and before.setting_before is not None and before.setting_after is not None:
        then = SettingMark("before", before.setting_before, _kept(scale, scale.error(before.before_mm)))
        now = SettingMark("after", before.setting_after, _kept(scale, scale.error(before.after_mm)))
        marks = [then, now, *marks[1:]]
    settings = _window([*(setting for setting, _ in tried), *(mark.setting for mark in marks)], series)
    return SharpnessCurve(
        settings,
        [kept(setting) for setting in settings],
        [(setting, _kept(scale, scale.error(mean))) for setting, mean in tried],
        marks,
        estimate.ci95,
    )


def _scale(series: SavedSeries, before: Comparison | None) -> Scale | None:
    """Return what errors are counted in; None where the file lacks it or holds what cannot be."""
    if series.in_focus_mm is None or series.estimate is None:
        return None
    front, behind = (math.inf if end is None else end for end in series.in_focus_mm)
    if not (front > 0.0 and behind > 0.0):
        return None
    if series.estimate.step_um is None:
        return Scale(None, None, None, (front, behind))
    focal_length, distance = series.focal_length_mm, series.distance_mm
    if focal_length is None or distance is None:
        return None
    # Nothing nearer than the focal length can be sharp.
    offsets = [group.mean_mm for group in series.groups]
    offsets += [-front] if math.isfinite(front) else [0.0]
    offsets += [] if before is None else [before.before_mm, before.after_mm]
    is_possible = 0.0 < focal_length < distance + min(offsets)
    return Scale(focal_length, distance, None, (front, behind)) if is_possible else None


def _kept(scale: Scale, error: float) -> float:
    return 1.0 - (scale.sharpness_lost(error) or 0.0)


def _marks(series: SavedSeries, to_dial: int | None, kept: Callable[[float], float]) -> list[SettingMark]:
    found = [] if series.start is None else [SettingMark("start", series.start, kept(series.start))]
    return found if to_dial is None else [*found, SettingMark("to dial", to_dial, kept(to_dial))]


def _window(settings: Sequence[float], series: SavedSeries) -> list[float]:
    """Return where the curve is drawn: around the settings that matter, within what the camera has."""
    lowest, highest = series.setting_range or (-math.inf, math.inf)
    low = max(min(settings) - AROUND_STEPS, min(lowest, *settings))
    high = min(max(settings) + AROUND_STEPS, max(highest, *settings))
    return [float(setting) for setting in np.linspace(low, high, 81)]


def _curve_of_sweep(series: SavedSeries, to_dial: int | None) -> SharpnessCurve | None:
    """Return the curve where the blur told the setting: MTF50 goes as 1 / blur for a shape of blur."""
    least = min(point.blur_at_mark for point in series.sweep)
    if least <= 0.0:
        return None
    tried = sorted((point.setting, least / point.blur_at_mark) for point in series.sweep)

    def kept(setting: float) -> float:
        return float(np.interp(setting, [at for at, _ in tried], [part for _, part in tried]))

    ends = None if series.estimate is None else series.estimate.ci95
    return SharpnessCurve((), (), tried, _marks(series, to_dial, kept), ends)


def _line(estimate: SavedEstimate | None) -> FittedLine | None:
    if estimate is None or estimate.ci95 is None or estimate.basis == "least blur":
        return None
    return FittedLine(estimate.crossing, estimate.ci95, estimate.step_mm)


def _group(group: GroupStatistics) -> tuple[str, ...]:
    interval = group.mean_ci95_mm
    return (
        "unknown" if group.setting is None else dialled(group.setting),
        str(group.n),
        side_words(group.mean_mm),
        "" if interval is None else f"{interval[0]:+.1f} to {interval[1]:+.1f}",
        "" if group.sd_mm is None else f"{group.sd_mm:.1f}",
        "" if group.mean_um is None else f"{group.mean_um:+.1f}",
    )


def _compromise(found: Compromise) -> Section:
    rows = [
        (
            f"{place.focal_length_mm:g} mm",
            "" if place.distance_mm is None else f"{place.distance_mm / 1000:.2f} m",
            dialled(place.own_setting),
            side_words(place.left_mm),
        )
        for place in found.places
    ]
    return Section("One setting for all", about_compromise(found), table=Table(ZOOM_HEAD, rows, texts=0))


def _photos(every: Sequence[SavedSeries], left_out: Sequence[str]) -> list[str]:
    """Return names of photos to show: of every setting one, then the others."""
    shots = [shot for series in every for shot in series.shots]
    first = {shot.setting: shot.photo for shot in reversed(shots)}
    return list(dict.fromkeys([*sorted(first.values()), *(shot.photo for shot in shots), *left_out]))
