"""Results as text."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence

from backfocus.targets.errors import printable

from ..cameras.makers import dock_of
from ..checks import Sharpness
from ..findings import Finding, Findings
from ..formats import dialled, table
from ..measurement import Measurement
from ..prints.calibration import TWO_SIDED_95, PrintCalibration
from ..prints.check import PrintCheck
from ..tuning.result import Comparison, LensResult, SeriesResult, TuneResult
from ..tuning.shots import LeftOut
from ..tuning.statistics import GroupStatistics

# A measurement in words.

WIDTH = 100
"""Columns of text."""
BUDGET_WORDS = {
    "fit": ("scatter of the blur along the edges", "a wider aperture, more light, a sheet larger in the picture"),
    "pose": ("the sheet's tilt", "a sheet that fills more of the picture, all markers in view"),
    "print": ("scale and soft edges of the print", "a print at exactly 100 % and a wider aperture"),
    "model": ("the form of the blur curve", "a wider aperture, a shorter distance, less sharpening in the camera"),
}


def measurement_text(measurement: Measurement) -> str:
    """Return what a photo says, in a few lines, the answer first."""
    lines = [wrapped for line in _lines(measurement) for wrapped in _wrap(line)]
    return "\n".join(printable(line) for line in [measurement.photo, *lines])


def _wrap(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent="      ", break_long_words=False)


def _lines(m: Measurement) -> Iterator[str]:
    yield headline(m)
    if m.status == "measured":
        yield from _significance(m)
        yield from _precision(m)
        yield from _colours(m)
    if m.sharpness is not None:
        yield from _directions(m.sharpness)
    yield from _circumstances(m)
    if m.suggestion is not None:
        yield f"Dial: {m.suggestion.text}"
    for finding in m.findings:
        yield from finding_lines(finding)


def headline(m: Measurement) -> str:
    """Return the answer in one sentence."""
    if m.status == "refused":
        return "Not measured."
    if m.status == "out-of-range":
        return _out_of_range(m)
    if m.sharpness is not None:
        return f"Blur at the AF mark: {m.sharpness.at_mark_px:.2f} px (an upright chart tells no more)."
    assert m.offset_mm is not None and m.offset_ci95_mm is not None
    low, high = m.offset_ci95_mm
    side = "behind" if m.offset_mm >= 0 else "in front of"
    verdict = {
        "in-focus": "In focus",
        "front-focus": "Front focus",
        "back-focus": "Back focus",
        None: "Cannot tell front from back focus",
    }[m.verdict]
    return (
        f"{verdict}: sharpest {_mm(abs(m.offset_mm), m)} mm {side} the AF mark "
        f"(95 %: {_mm(low, m, sign=True)} to {_mm(high, m, sign=True)} mm; plus is behind)."
    )


def _out_of_range(m: Measurement) -> str:
    assert m.offset_bound_mm is not None
    least, most = m.offset_bound_mm
    if m.verdict == "back-focus":
        return f"Back focus beyond the sheet: sharpest at least {least:.0f} mm behind the AF mark."
    if m.verdict == "front-focus" and most is not None:
        return f"Front focus beyond the sheet: sharpest at least {-most:.0f} mm in front of the AF mark."
    if least is not None:
        return f"Cannot tell front from back focus: sharpest farther away than {least:+.0f} mm from the AF mark."
    return f"Cannot tell front from back focus: sharpest closer than {most:+.0f} mm from the AF mark."


def _significance(m: Measurement) -> Iterator[str]:
    if m.depth_of_field_mm is not None and m.offset_in_dof is not None and m.defocus_um is not None:
        near, far = m.depth_of_field_mm
        behind = f"{far:.1f} mm" if math.isfinite(far) else "everything"
        yield (
            f"That is {abs(m.offset_in_dof):.0%} of the depth of field "
            f"({near:.1f} mm in front, {behind} behind), {abs(m.defocus_um):.1f} µm at the sensor."
        )


def _precision(m: Measurement) -> Iterator[str]:
    if m.interval_budget_mm:
        largest = max(m.interval_budget_mm, key=lambda name: m.interval_budget_mm[name])  # type: ignore[index]
        cause, cure = BUDGET_WORDS[largest]
        yield (
            f"The interval comes mostly from {cause} (± {m.interval_budget_mm[largest]:.2g} mm); "
            f"it shrinks with {cure}."
        )


def _colours(m: Measurement) -> Iterator[str]:
    if m.channels_mm is not None:
        said = [
            f"{colour} {'not measurable' if found.offset_mm is None else _mm(found.offset_mm, m, sign=True)}"
            for colour, found in m.channels_mm.items()
        ]
        yield f"Colours: {', '.join(said)} mm from the AF mark."


def _directions(s: Sharpness) -> Iterator[str]:
    yield f"By direction there: upright edges {s.upright_px:.2f} px, level edges {s.level_px:.2f} px."
    yield (
        f"By side: left {s.left_px:.2f}, right {s.right_px:.2f}, top {s.top_px:.2f}, bottom {s.bottom_px:.2f} px."
    )


def _circumstances(m: Measurement) -> Iterator[str]:
    if m.chart is not None:
        words = [f"{m.chart.design} chart {m.chart.paper.upper()}"]
        words += [m.chart.id] if m.chart.id else []
        words += [f"scale {m.chart.scale:g}"] if m.chart.scale != 1.0 else []
        words += [f"tilt {m.tilt_deg:.1f}°"] if m.tilt_deg is not None else []
        words += [f"{m.distance_mm / 1000:.2f} m away"] if m.distance_mm is not None else []
        yield "Chart: " + ", ".join(words) + "."
    camera = m.camera
    words = [word for word in (camera.model or camera.make, camera.lens) if word]
    words += [f"{camera.focal_length_mm:g} mm"] if camera.focal_length_mm else []
    words += [f"f/{camera.f_number:g}"] if camera.f_number else []
    if words:
        yield "Camera: " + ", ".join(words) + "."


def finding_lines(finding: Finding) -> Iterator[str]:
    """Return a finding and its remedy."""
    word = {"info": "Note", "warning": "Warning", "critical": "Problem"}[finding.severity]
    yield f"{word} ({finding.code}): {finding.message}"
    yield f"What to do: {finding.remedy}"


def _mm(value: float, m: Measurement, sign: bool = False) -> str:
    """Show as many digits as the interval's width deserves."""
    assert m.offset_ci95_mm is not None
    width = m.offset_ci95_mm[1] - m.offset_ci95_mm[0]
    digits = 0 if width > 10 else 1 if width > 0.5 else 2
    return f"{value:{'+' if sign else ''}.{digits}f}"


# The state of a print in words.

WRONG_SIZE = {kind.code for kind in (Findings.FIT_TO_PAGE, Findings.PRINT_SCALE_OFF, Findings.PRINT_STRETCHED)}


def print_text(check: PrintCheck) -> str:
    """Return the result of checking a print in a few lines, the answer first."""
    return "\n".join([printable(check.name), *(f"  {printable(line)}" for line in _print_lines(check))])


def _print_lines(check: PrintCheck) -> Iterator[str]:
    yield _headline(check)
    if check.calibration is not None:
        yield from _shape(check.calibration)
    if check.edges is not None and check.page_map is not None:
        edges, page = check.edges, check.page_map
        yield (
            f"Edges: blur {edges.blur_mm:.3f} mm (±{TWO_SIDED_95 * edges.blur_sd_mm:.3f}), "
            f"ink gain {page.ink_gain_mm:+.3f} mm (±{TWO_SIDED_95 * page.ink_gain_sd_mm:.3f})."
        )
    for finding in check.findings:
        yield from finding_lines(finding)


def _headline(check: PrintCheck) -> str:
    if check.status == "refused":
        return "Not measured."
    kind = f"{check.chart.design.capitalize()} {check.chart.paper.title()} chart" if check.chart else "Chart"
    named = f"{kind} {check.chart_id or 'of unknown id'}"
    is_wrong = WRONG_SIZE & {found.code for found in check.findings}
    return f"{named}: {'not ' if is_wrong else ''}printed to scale."


def _shape(found: PrintCalibration) -> Iterator[str]:
    yield f"Width {found.scale_x:.2%}, height {found.scale_y:.2%} (95 %: ±{found.scale_half_width:.2%})."
    if found.source == "scan":
        skew_deg, wide_deg = math.degrees(found.skew_rad), math.degrees(TWO_SIDED_95 * found.skew_sd_rad)
        yield f"Skew {skew_deg:+.3f}° (95 %: ±{wide_deg:.3f}°)."


# The result of a series in words: the advice first, then what it rests on.

_KIND_WORDS = {
    "leave": "Leave it alone",
    "dial": "Dial",
    "more-shots": "Take more shots",
    "check-setup": "Check the set-up",
    "inconsistent": "Inconsistent autofocus",
    "service": "Workshop",
    "no-setting": "Nothing to dial",
}


_SAID_BY_ADVICE = [
    kind.code for kind in (Findings.INCONSISTENT_AF, Findings.BEYOND_RANGE, Findings.SETTING_WITHOUT_EFFECT)
]


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
    return "\n".join(printable(line) for line in "\n\n".join(blocks).split("\n"))


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
        yield from _wrap_series(f"{where}:")
    if series.advice is not None:
        yield from _wrap_series(f"{_KIND_WORDS[series.advice.kind]}: {series.advice.text}")
    else:
        yield from _wrap_series("Not the widest aperture, for which the setting is: see the focus shift below.")
    if series.groups:
        yield from _indented(table(_HEAD, [_group_row(group) for group in series.groups]))
    if series.sweep:
        least = min(point.blur_at_mark for point in series.sweep)
        rows = [(dialled(p.setting), str(p.n), f"{p.blur_at_mark / least:.2f}") for p in series.sweep]
        yield from _indented(table(("setting", "shots", "blur over the least"), rows))
    if series.advice is not None:
        yield from _estimate(series)
    if series.zero.n:
        yield from _wrap_series(
            f"Zero is the mean of {series.zero.n} reference shots, {series.zero.offset_mm:+.1f} mm from the mark."
        )
    if where and alone:
        yield from _wrap_series(f"Taken at {where}.")
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
    yield from _wrap_series(
        f"The error is zero at setting {estimate.crossing:+.1f} (95 %: {low:+.1f} to {high:+.1f})."
    )
    if estimate.slope is not None and estimate.basis == "own step":
        unit = "µm at the sensor" if series.scale.at_sensor else "mm"
        way = "away from" if estimate.slope > 0 else "towards"
        around = ""
        if estimate.slope_ci95 is not None:
            around = f" ± {(estimate.slope_ci95[1] - estimate.slope_ci95[0]) / 2.0:.1f}"
        yield from _wrap_series(
            f"One step moves focus by {abs(estimate.slope):.1f}{around} {unit}; plus {way} the camera."
        )


def _compromise(lens: LensResult) -> Iterator[str]:
    found = lens.compromise
    assert found is not None
    if found.wide is not None and found.tele is not None:
        both = f"wide {dialled(found.wide)}, tele {dialled(found.tele)}"
        if found.keeps_both:
            yield from _wrap_series(f"This body keeps two values for a zoom: {both}.")
        else:
            yield from _wrap_series(f"If the body keeps two values for a zoom: {both}.")
    yield from _wrap_series(f"With one value for all: {dialled(found.setting)}, which leaves")
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
        yield from _wrap_series(f"If the settings are those of the {dock.name}: enter for each line its own best.")


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
    yield from _wrap_series(
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
        yield from _wrap_series(f"{', '.join(names)}: {reason}")


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        if finding.code in _SAID_BY_ADVICE:
            continue
        word = {"info": "Note", "warning": "Warning", "critical": "Problem"}[finding.severity]
        yield from _wrap_series(f"{word} ({finding.code}): {finding.message} {finding.remedy}")


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


def _wrap_series(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent="      ", break_long_words=False)


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
