"""The result of a series in words: the advice first, then what it rests on."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence

from backfocus.verify.findings import Finding
from backfocus.verify.report.text import WIDTH
from backfocus.verify.series.dialled import dialled
from backfocus.verify.series.records.comparing import Comparison
from backfocus.verify.series.result import LeftOut, LensResult, SeriesResult, TuneResult
from backfocus.verify.series.statistics.groups import GroupStatistics
from backfocus.verify.series.table import table
from backfocus.verify.tuning.makers import dock_of

_KIND_WORDS = {
    "leave": "Leave it alone",
    "dial": "Dial",
    "more-shots": "Take more shots",
    "check-setup": "Check the set-up",
    "inconsistent": "Inconsistent autofocus",
    "service": "Workshop",
    "no-setting": "Nothing to dial",
}


_SAID_BY_ADVICE = ("inconsistent-af", "beyond-range", "setting-without-effect")


def tune_text(result: TuneResult, comparisons: Sequence[Comparison] = ()) -> str:
    """Return what a folder of photos says, a paragraph for every lens."""
    blocks = ["\n".join(_lens(lens)) for lens in result.lenses]
    if result.advice is not None:
        heading = textwrap.wrap(f"{_KIND_WORDS[result.advice.kind]}: {result.advice.text}", WIDTH)
        blocks.insert(0, "\n".join(heading))
    if comparisons:
        blocks.append("\n".join(line for each in comparisons for line in _comparison(each)))
    if result.left_out:
        blocks.append("\n".join(_left_out(result.left_out, result.photos)))
    return "\n\n".join(blocks)


def _lens(lens: LensResult) -> Iterator[str]:
    yield f"{lens.body or 'Unknown camera'}{', ' + lens.lens if lens.lens else ''}"
    for series in lens.series:
        yield from _series(series, alone=len(lens.series) == 1)
    if lens.compromise is not None:
        yield from _compromise(lens)
    if lens.focus_shift:
        yield from _indented(table(("aperture", "shots", "error", "from the widest", "95 %"), _shift_rows(lens)))
    yield from _findings(lens.findings)


def _series(series: SeriesResult, alone: bool) -> Iterator[str]:
    where = _place(series)
    if where and not alone:
        yield from _wrap(f"{where}:")
    if series.advice is not None:
        yield from _wrap(f"{_KIND_WORDS[series.advice.kind]}: {series.advice.text}")
    else:
        yield from _wrap("Not the widest aperture, for which the setting is: see the focus shift below.")
    if series.groups:
        yield from _indented(table(_HEAD, [_group_row(group) for group in series.groups]))
    if series.sweep:
        least = min(point.blur_at_mark for point in series.sweep)
        rows = [(dialled(p.setting), str(p.n), f"{p.blur_at_mark / least:.2f}") for p in series.sweep]
        yield from _indented(table(("setting", "shots", "blur over the least"), rows))
    if series.advice is not None:
        yield from _estimate(series)
    if series.zero.n:
        yield from _wrap(
            f"Zero is the mean of {series.zero.n} reference shots, {series.zero.offset_mm:+.1f} mm from the mark."
        )
    if where and alone:
        yield from _wrap(f"Taken at {where}.")
    yield from _findings(series.findings)


_HEAD = ("setting", "shots", "mean mm", "± 95 %", "sd mm", "mean µm", "sd µm", "of the DOF", "sd steps")


def _group_row(group: GroupStatistics) -> tuple[str, ...]:
    half = None if group.mean_ci95_mm is None else (group.mean_ci95_mm[1] - group.mean_ci95_mm[0]) / 2.0
    shots = f"{group.n}" + (f" (-{len(group.left_out)})" if group.left_out else "")
    return (
        "?" if group.setting is None else dialled(group.setting),
        shots,
        f"{group.mean_mm:+z.1f}",
        _number(half, ".1f"),
        _number(group.sd_mm, ".1f"),
        _number(group.mean_um, "+z.1f"),
        _number(group.sd_um, ".1f"),
        _number(group.mean_in_dof, "+z.0%"),
        _number(group.sd_steps, ".1f"),
    )


def _estimate(series: SeriesResult) -> Iterator[str]:
    estimate = series.estimate
    # Of a sweep of blur the advice tells this already.
    if estimate is None or estimate.basis == "least blur":
        return
    low, high = estimate.ci95
    yield from _wrap(f"The error is zero at setting {estimate.crossing:+.1f} (95 %: {low:+.1f} to {high:+.1f}).")
    if estimate.slope is not None and estimate.basis == "own step":
        unit = "µm at the sensor" if series.scale.at_sensor else "mm"
        way = "away from" if estimate.slope > 0 else "towards"
        around = ""
        if estimate.slope_ci95 is not None:
            around = f" ± {(estimate.slope_ci95[1] - estimate.slope_ci95[0]) / 2.0:.1f}"
        yield from _wrap(
            f"One step moves focus by {abs(estimate.slope):.1f}{around} {unit}; plus {way} the camera."
        )


def _compromise(lens: LensResult) -> Iterator[str]:
    found = lens.compromise
    assert found is not None
    if found.wide is not None and found.tele is not None:
        both = f"wide {dialled(found.wide)}, tele {dialled(found.tele)}"
        if found.keeps_both:
            yield from _wrap(f"This body keeps two values for a zoom: {both}.")
        else:
            yield from _wrap(f"If the body keeps two values for a zoom: {both}.")
    yield from _wrap(f"With one value for all: {dialled(found.setting)}, which leaves")
    rows = [
        (
            f"{place.focal_length_mm:g} mm",
            "?" if place.distance_mm is None else f"{place.distance_mm / 1000.0:.2f} m",
            dialled(place.own_setting),
            f"{place.left_mm:+.1f}",
            _number(place.left_in_dof, "+.0%"),
        )
        for place in found.places
    ]
    yield from _indented(table(("focal length", "distance", "own best", "left mm", "of the DOF"), rows))
    dock = dock_of(lens.lens)
    if dock is not None:
        yield from _wrap(f"If the settings are those of the {dock.name}: enter for each line its own best.")


def _shift_rows(lens: LensResult) -> list[tuple[str, ...]]:
    return [
        (
            f"f/{shift.f_number:g}",
            str(shift.n),
            f"{shift.mean_mm:+z.1f} mm",
            f"{shift.shift_mm:+z.1f} mm",
            ""
            if shift.shift_ci95_mm is None
            else f"{shift.shift_ci95_mm[0]:+.1f} to {shift.shift_ci95_mm[1]:+.1f}",
        )
        for shift in lens.focus_shift
    ]


def _comparison(it: Comparison) -> Iterator[str]:
    name = ", ".join(word for word in (it.body, it.lens) if word) or "The lens"
    verdict = {
        "better": f"better, the error is {it.smaller_by_mm:.1f} mm smaller",
        "worse": f"worse, the error is {-it.smaller_by_mm:.1f} mm larger",
        "no difference": "no better and no worse, as far as the scatter can tell",
    }[it.verdict]
    around = ""
    if it.smaller_ci95_mm is not None:
        low, high = it.smaller_ci95_mm
        around = f" (95 %: smaller by {low:+.1f} to {high:+.1f} mm)"
    yield f"Compared with before: {name}"
    yield from _wrap(
        f"{_before_after(it)}: {verdict}{around}. The difference is "
        f"{'more than chance' if it.verdict != 'no difference' else 'not significant'}."
    )


def _before_after(it: Comparison) -> str:
    words = []
    for label, setting, mean in (
        ("Before", it.setting_before, it.before_mm),
        ("now", it.setting_after, it.after_mm),
    ):
        at = "" if setting is None else f" at {dialled(setting)}:"
        words.append(f"{label}{at} {abs(mean):.1f} mm {'back' if mean > 0 else 'front'} focus")
    return ", ".join(words)


def _left_out(photos: Sequence[LeftOut], total: int) -> Iterator[str]:
    yield f"Not used: {len(photos)} of {total} photos"
    by_reason: dict[str, list[str]] = {}
    for photo in photos:
        by_reason.setdefault(f"{photo.reason} {photo.remedy}", []).append(photo.photo)
    for reason, names in by_reason.items():
        yield from _wrap(f"{', '.join(names)}: {reason}")


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        if finding.code in _SAID_BY_ADVICE:
            continue
        word = {"info": "Note", "warning": "Warning", "critical": "Problem"}[finding.severity]
        yield from _wrap(f"{word} ({finding.code}): {finding.message} {finding.remedy}")


def _place(series: SeriesResult) -> str:
    words = []
    if series.camera.focal_length_mm is not None:
        words.append(f"{series.camera.focal_length_mm:g} mm")
    if series.camera.f_number is not None:
        words.append(f"f/{series.camera.f_number:g}")
    if series.distance_mm is not None:
        words.append(f"{series.distance_mm / 1000.0:.2f} m")
    return ", ".join(words)


def _number(value: float | None, form: str) -> str:
    return "-" if value is None or not math.isfinite(value) else f"{value:{form}}"


def _wrap(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent="      ", break_long_words=False)


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
