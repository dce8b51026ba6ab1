"""The report of a series that `backfocus tune --save` wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..formats import as_json, dialled
from ..tuning.saved import SavedTune
from .html import METHOD, METHOD_OF_MANY, Progress, pictures_of
from .plots import Figure, Note, Outcome, Report, Section, Table, notes_of, side_words
from .shot_plots import FittedLine, SettingPoint, ShotPoint, blur_by_setting, offset_by_setting, offset_by_shot

Data = Mapping[str, Any]

_OUTCOMES: dict[str, Outcome] = {"leave": "good", "dial": "act", "service": "act"}
"""By kind of advice; every other one says that something is not known yet."""
_NOT_WIDEST = "Not the widest aperture, for which the setting is."
_GROUP_HEAD = (
    "setting",
    "shots",
    "mean, from the AF mark",
    "95 % interval, mm",
    "scatter, mm",
    "at the sensor, µm",
)


def report_of_series(saved: SavedTune, folder: Path | None, most_pictures: int, progress: Progress) -> Report:
    """Return what a saved series says; photos are shown from `folder`, if there is one."""
    data = as_json(saved)
    advices = [advice for series in _all_series(data) if (advice := series["advice"]) is not None]
    if data["advice"] is not None:
        advices.insert(0, data["advice"])
    alone = len(_all_series(data)) == 1
    sections = [section for lens in data["lenses"] for section in _lens(lens, alone)]
    if data["left_out"]:
        sections.append(Section("Photos left out", notes=_left_out(data["left_out"])))
    if folder is not None:
        pictures = pictures_of(_names(data), folder, most_pictures, progress)
        if pictures:
            sections.append(Section("Photos", pictures=pictures))
    return Report(
        title="Autofocus series",
        subject=f"{_lens_names(data)}. {data['photos']} photos, {saved.when:%Y-%m-%d}.",
        outcome=_OUTCOMES.get(advices[0]["kind"], "unsure") if advices else "unsure",
        verdict=advices[0]["text"] if advices else "No advice: there is no series that tells a setting.",
        details=tuple(f"{_place(s)}: {s['advice']['text']}" for s in _all_series(data)[1:] if s["advice"]),
        sections=tuple(sections),
        method=(*METHOD, *METHOD_OF_MANY),
    )


def _all_series(data: Data) -> list[Data]:
    return [series for lens in data["lenses"] for series in lens["series"]]


def _lens_names(data: Data) -> str:
    names = [", ".join(filter(None, (lens["body"], lens["lens"]))) or "Unknown camera" for lens in data["lenses"]]
    return "; ".join(names) or "No photo could be used"


def _place(series: Data) -> str:
    focal_length, f_number, distance = series["focal_length_mm"], series["f_number"], series.get("distance_mm")
    words = [f"{focal_length:g} mm"] if focal_length else []
    words += [f"f/{f_number:g}"] if f_number else []
    words += [f"{distance / 1000:.2f} m away"] if distance else []
    return ", ".join(words) or "Unknown focal length"


def _lens(lens: Data, alone: bool) -> list[Section]:
    sections = [_series(series, lens, alone) for series in lens["series"]]
    if lens.get("compromise") is not None:
        sections.append(_compromise(lens["compromise"]))
    if lens.get("focus_shift"):
        sections.append(_focus_shift(lens["focus_shift"]))
    findings = notes_of(lens.get("findings", ()))
    return [*sections, Section("About the lens", notes=findings)] if findings else sections


def _compromise(found: Data) -> Section:
    lines = [f"With one value for all: {dialled(found['setting'])}."]
    if found["wide"] is not None and found["tele"] is not None:
        owner = "This body keeps" if found["keeps_both"] else "If the body keeps"
        lines.insert(
            0, f"{owner} two values for a zoom: wide {dialled(found['wide'])}, tele {dialled(found['tele'])}."
        )
    rows = tuple(
        (
            f"{place['focal_length_mm']:g} mm",
            "" if place["distance_mm"] is None else f"{place['distance_mm'] / 1000:.2f} m",
            dialled(place["own_setting"]),
            side_words(place["left_mm"]),
        )
        for place in found["places"]
    )
    head = ("focal length", "distance", "own best setting", "left by one value, from the AF mark")
    return Section("One setting for all", tuple(lines), table=Table(head, rows, texts=0))


def _focus_shift(found: Sequence[Data]) -> Section:
    rows = tuple(
        (f"f/{shift['f_number']:g}", str(shift["n"]), side_words(shift["mean_mm"]), f"{shift['shift_mm']:+.1f}")
        for shift in found
    )
    head = ("aperture", "shots", "mean, from the AF mark", "moved from the widest, mm (plus: farther)")
    return Section("Focus shift", table=Table(head, rows, texts=0))


def _series(series: Data, lens: Data, alone: bool) -> Section:
    """Return one series; what the verdict says already, for the only one, is not said again."""
    shots = _shots(series)
    name = ", ".join(filter(None, (lens["body"], lens["lens"])))
    advice = series["advice"]
    lines = [] if alone else [advice["text"]] if advice is not None else [_NOT_WIDEST]
    estimate = series["estimate"]
    best = None if estimate is None else float(estimate["crossing"])
    figures: list[Figure | None] = [
        offset_by_shot(shots),
        offset_by_setting(_means(series), shots, _line(estimate)),
        blur_by_setting([(p["setting"], p["blur_at_mark"]) for p in series["sweep"]], best),
    ]
    return Section(
        heading=f"{name + ': ' if name else ''}{_place(series)}",
        lines=tuple(lines),
        figures=tuple(figure for figure in figures if figure is not None),
        table=_groups(series["groups"]) if series["groups"] else None,
        notes=notes_of(series.get("findings", ())),
    )


def _shots(series: Data) -> list[ShotPoint]:
    """Return the single shots; series that older versions saved have none."""
    apart = {name for group in series["groups"] for name in group.get("left_out", ())}
    return [
        ShotPoint(shot["offset_mm"], None, shot["setting"], shot["photo"] not in apart)
        for shot in series.get("shots", ())
        if shot["offset_mm"] is not None
    ]


def _means(series: Data) -> list[SettingPoint]:
    return [
        SettingPoint(group["setting"], group["mean_mm"], _pair(group.get("mean_ci95_mm")))
        for group in series["groups"]
        if group["setting"] is not None
    ]


def _line(estimate: Data | None) -> FittedLine | None:
    if estimate is None or _pair(estimate["ci95"]) is None or estimate["basis"] == "least blur":
        return None
    low, high = estimate["ci95"]
    return FittedLine(estimate["crossing"], (low, high), estimate.get("step_mm"))


def _pair(values: Sequence[float | None] | None) -> tuple[float, float] | None:
    if values is None or values[0] is None or values[1] is None:
        return None
    return (values[0], values[1])


def _groups(groups: Sequence[Data]) -> Table:
    return Table(_GROUP_HEAD, tuple(_group(group) for group in groups), texts=0)


def _group(group: Data) -> tuple[str, ...]:
    interval = _pair(group.get("mean_ci95_mm"))
    return (
        "unknown" if group["setting"] is None else dialled(group["setting"]),
        str(group["n"]),
        side_words(group["mean_mm"]),
        "" if interval is None else f"{interval[0]:+.1f} to {interval[1]:+.1f}",
        "" if group["sd_mm"] is None else f"{group['sd_mm']:.1f}",
        "" if group["mean_um"] is None else f"{group['mean_um']:+.1f}",
    )


def _left_out(photos: Sequence[Data]) -> tuple[Note, ...]:
    return tuple(Note("warning", photo["photo"], photo["reason"], photo["remedy"]) for photo in photos[:100])


def _names(data: Data) -> list[str]:
    """Return photos to show: of every setting one, then the others."""
    shots = [shot for series in _all_series(data) for shot in series.get("shots", ())]
    first = {shot["setting"]: shot["photo"] for shot in reversed(shots)}
    names = [*sorted(first.values()), *(shot["photo"] for shot in shots), *(p["photo"] for p in data["left_out"])]
    return list(dict.fromkeys(map(str, names)))
