"""The report of a series that `backfocus tune --save` wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..formats import dialled
from ..tuning.result import Compromise
from ..tuning.saved import SavedEstimate, SavedLens, SavedSeries, SavedTune
from ..tuning.statistics import GroupStatistics
from .html import Note, Outcome, Picture, Report, Section, Table, notes_of
from .plots import FittedLine, SettingPoint, ShotPoint, blur_by_setting, offset_by_setting, offset_by_shot
from .text import about_compromise, place_of, side_words

OUTCOMES: dict[str, Outcome] = {"leave": "good", "dial": "act", "service": "act"}
"""By kind of advice; every other one says that something is not known yet."""
MOST_LEFT_OUT = 100
GROUP_HEAD = ("setting", "shots", "mean, from the AF mark", "95 % interval, mm", "scatter, mm", "at the sensor, µm")
ZOOM_HEAD = ("focal length", "distance", "own best setting", "left by one value, from the AF mark")
SHIFT_HEAD = ("aperture", "shots", "mean, from the AF mark", "moved from the widest, mm (plus: farther)")


def report_of_series(saved: SavedTune, pictures: Callable[[Iterable[str]], list[Picture]]) -> Report:
    """Return what a saved series says; `pictures` finds photos by their names."""
    every = [series for lens in saved.lenses for series in lens.series]
    advices = [advice for advice in (saved.advice, *(series.advice for series in every)) if advice is not None]
    names = "; ".join(_name(lens) or "Unknown camera" for lens in saved.lenses) or "No photo could be used"
    left_out = [Note("warning", one.photo, one.reason, one.remedy) for one in saved.left_out[:MOST_LEFT_OUT]]
    return Report(
        title="Autofocus series",
        subject=f"{names}. {saved.photos} photos, {saved.when:%Y-%m-%d}.",
        outcome=OUTCOMES.get(advices[0].kind, "unsure") if advices else "unsure",
        verdict=advices[0].text if advices else "No advice: there is no series that tells a setting.",
        details=[f"{_place(series)}: {series.advice.text}" for series in every[1:] if series.advice],
        sections=[
            *(section for lens in saved.lenses for section in _lens(lens, alone=len(every) == 1)),
            Section("Photos left out", notes=left_out),
            Section("Photos", pictures=pictures(_photos(every, [one.photo for one in saved.left_out]))),
        ],
    )


def _lens(lens: SavedLens, alone: bool) -> list[Section]:
    shifts = [
        (f"f/{shift.f_number:g}", str(shift.n), side_words(shift.mean_mm), f"{shift.shift_mm:+.1f}")
        for shift in lens.focus_shift
    ]
    return [
        *(_series(series, _name(lens), alone) for series in lens.series),
        *([] if lens.compromise is None else [_compromise(lens.compromise)]),
        Section("Focus shift", table=Table(SHIFT_HEAD, shifts, texts=0) if shifts else None),
        Section("About the lens", notes=notes_of(lens.findings)),
    ]


def _name(lens: SavedLens) -> str:
    return ", ".join(filter(None, (lens.body, lens.lens)))


def _place(series: SavedSeries) -> str:
    return place_of(series.focal_length_mm, series.f_number, series.distance_mm) or "Unknown focal length"


def _series(series: SavedSeries, name: str, alone: bool) -> Section:
    """Return one series; what the verdict says already, for the only one, is not said again."""
    said = "Not the widest aperture, for which the setting is." if series.advice is None else series.advice.text
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
    sweep = [(point.setting, point.blur_at_mark) for point in series.sweep]
    return Section(
        heading=f"{name + ': ' if name else ''}{_place(series)}",
        lines=[] if alone else [said],
        plots=[
            offset_by_shot(shots),
            offset_by_setting(means, shots, _line(series.estimate)),
            blur_by_setting(sweep, None if series.estimate is None else series.estimate.crossing),
        ],
        table=Table(GROUP_HEAD, [_group(group) for group in series.groups], texts=0) if series.groups else None,
        notes=notes_of(series.findings),
    )


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
