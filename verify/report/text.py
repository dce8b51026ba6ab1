"""Results in words for a terminal: the answer first, then what it rests on.

What a photo says is a list of labels and sentences, which the page shows, too.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from backfocus.targets.errors import printable

from ..answer import Answer
from ..cameras.identity import Identity, identity, title
from ..cameras.makers import dock_of
from ..findings import Finding, Findings
from ..formats import dialled, table
from ..measurement import Measurement
from ..prints.calibration import TWO_SIDED_95
from ..prints.check import PrintCheck

if TYPE_CHECKING:  # loading them takes longer than writing down a photo
    from ..tuning.result import Comparison, Compromise, FocusShift, LensResult, SeriesResult, TuneResult
    from ..tuning.shots import LeftOut
    from ..tuning.statistics import GroupStatistics

WIDTH = 100
"""Columns of text."""
SEVERITIES = {"info": "Note", "warning": "Warning", "critical": "Problem"}
VERDICTS = {
    "in-focus": "In focus",
    "front-focus": "Front focus",
    "back-focus": "Back focus",
    None: "Cannot tell front from back focus",
}
BUDGET_WORDS = {
    "fit": ("scatter of the blur along the edges", "a wider aperture, more light, a sheet larger in the picture"),
    "pose": ("the sheet's tilt", "a sheet that fills more of the picture, all markers in view"),
    "print": ("scale and soft edges of the print", "a print at exactly 100 % and a wider aperture"),
    "model": ("the form of the blur curve", "a wider aperture, a shorter distance, less sharpening in the camera"),
}
SAID_BY_ADVICE = {
    kind.code
    for kind in (
        Findings.INCONSISTENT_AF,
        Findings.BEYOND_RANGE,
        Findings.SETTING_WITHOUT_EFFECT,
        Findings.LIVE_VIEW_ONLY,
    )
}
WRONG_SIZE = {kind.code for kind in (Findings.FIT_TO_PAGE, Findings.PRINT_SCALE_OFF, Findings.PRINT_STRETCHED)}
GROUP_HEAD = ("setting", "shots", "mean mm", "± 95 %", "sd mm", "mean µm", "sd µm", "of the DOF", "sd steps")
_PHOTOS_SHOWN = 3
"""Names by which a photographer knows whose photos they are."""


class Sentence(NamedTuple):
    """A sentence and what it is about; the label is empty where the sentence speaks for itself."""

    label: str
    text: str

    def __str__(self) -> str:
        """Return both in one line."""
        return f"{self.label}: {self.text}" if self.label else self.text


def measurement_text(m: Measurement) -> str:
    """Return what a photo says, in a few lines."""
    findings = [sentence for finding in m.findings for sentence in about_finding(finding)]
    answer = [] if m.answer is None else _answer(m.answer)
    return _joined([*answer, m.photo, *_wrapped([Sentence("", headline(m)), *about_photo(m), *findings])])


def tune_text(result: TuneResult, comparisons: Sequence[Comparison] = (), *, with_serials: bool = False) -> str:
    """Return what a folder of photos says, a paragraph for every lens; serial numbers only if asked for."""
    blocks = [[*_answer(lens.answer), *_lens(lens, result.lenses, with_serials)] for lens in result.lenses]
    if len(result.lenses) != 1:
        blocks.insert(0, list(_answer(result.answer)))
    if comparisons:
        blocks.append([line for each in comparisons for line in _comparison(each, [*map(identity, comparisons)])])
    if result.left_out:
        blocks.append([*_left_out(result.left_out, result.photos)])
    return "\n\n".join(map(_joined, blocks))


def _answer(answer: Answer) -> list[str]:
    """Return the three lines of an answer."""
    return [line for said in answer.lines for line in textwrap.wrap(said, WIDTH, break_long_words=False)]


def print_text(check: PrintCheck) -> str:
    """Return the result of checking a print in a few lines."""
    findings = [sentence for finding in check.findings for sentence in about_finding(finding)]
    return _joined([check.name, *(f"  {sentence}" for sentence in [*_about_print(check), *findings])])


def headline(m: Measurement) -> str:
    """Return the answer of a photo in one sentence."""
    if m.status == "refused":
        return "Not measured."
    if m.status == "out-of-range":
        return _out_of_range(m)
    if m.sharpness is not None:
        return f"Blur at the AF mark: {m.sharpness.at_mark_px:.2f} px (an upright chart tells no more)."
    assert m.offset_mm is not None and m.offset_ci95_mm is not None
    low, high = m.offset_ci95_mm
    side = "behind" if m.offset_mm >= 0 else "in front of"
    verdict = VERDICTS[m.verdict] if m.verdict or low <= 0.0 <= high else "Perhaps in focus"
    return (
        f"{verdict}: sharpest {_mm(abs(m.offset_mm), m)} mm {side} the AF mark "
        f"(95 %: {_mm(low, m, sign=True)} to {_mm(high, m, sign=True)} mm; plus is behind)."
    )


def about_photo(m: Measurement) -> Iterator[Sentence]:
    """Return what goes with the answer of a photo, its findings apart."""
    if m.status == "measured":
        yield from _about_offset(m)
    if m.sharpness is not None:
        s = m.sharpness
        yield Sentence(
            "By direction there", f"upright edges {s.upright_px:.2f} px, level edges {s.level_px:.2f} px."
        )
        sides = f"left {s.left_px:.2f}, right {s.right_px:.2f}, top {s.top_px:.2f}, bottom {s.bottom_px:.2f} px."
        yield Sentence("By side", sides)
    if m.chart is not None:
        words = [f"{m.chart.design} chart {m.chart.paper.upper()}"]
        words += [m.chart.id] if m.chart.id else []
        words += [f"scale {m.chart.scale:g}"] if m.chart.scale != 1.0 else []
        words += [f"tilt {m.tilt_deg:.1f}°"] if m.tilt_deg is not None else []
        words += (
            [f"{m.distance_mm / 1000:.2f} m away (if not, the print is not to scale)"]
            if m.distance_mm is not None
            else []
        )
        yield Sentence("Chart", f"{', '.join(words)}.")
    words = [word for word in (m.camera.model or m.camera.make, m.camera.lens) if word]
    words += [f"{m.camera.focal_length_mm:g} mm"] if m.camera.focal_length_mm else []
    words += [f"f/{m.camera.f_number:g}"] if m.camera.f_number else []
    if words:
        yield Sentence("Camera", f"{', '.join(words)}.")
    if m.suggestion is not None:
        yield Sentence("Dial", m.suggestion.text)


def about_finding(finding: Finding) -> Iterator[Sentence]:
    """Return a finding and its remedy."""
    yield Sentence(f"{SEVERITIES[finding.severity]} ({finding.code})", finding.message)
    yield Sentence("What to do", finding.remedy)


def place_words(offset_mm: float) -> str:
    """Return where the sharpest plane is, with the direction in words."""
    if round(abs(offset_mm), 1) == 0:
        return "at the AF mark"
    return f"{abs(offset_mm):.1f} mm {'behind' if offset_mm > 0 else 'in front of'} the AF mark"


def side_words(offset_mm: float) -> str:
    """Return the same in few words, for a column of a table that names the AF mark."""
    if round(abs(offset_mm), 1) == 0:
        return "0.0 mm"
    return f"{abs(offset_mm):.1f} mm {'behind' if offset_mm > 0 else 'in front'}"


def place_of(focal_length_mm: float | None, f_number: float | None, distance_mm: float | None) -> str:
    """Return what a series was taken at, as far as it is known."""
    words = [] if focal_length_mm is None else [f"{focal_length_mm:g} mm"]
    words += [] if f_number is None else [f"f/{f_number:g}"]
    words += [] if distance_mm is None else [f"{distance_mm / 1000.0:.2f} m"]
    return ", ".join(words)


def about_compromise(found: Compromise) -> list[str]:
    """Return the settings of a zoom: two, where the body keeps two, and one for all."""
    said = [f"With one value for all: {dialled(found.setting)}."]
    if found.wide is not None and found.tele is not None:
        owner = "This body keeps" if found.keeps_both else "If the body keeps"
        both = f"wide {dialled(found.wide)}, tele {dialled(found.tele)}"
        said.insert(0, f"{owner} two values for a zoom: {both}.")
    return said


def _out_of_range(m: Measurement) -> str:
    assert m.offset_bound_mm is not None
    least, most = m.offset_bound_mm
    if m.verdict == "back-focus":
        return f"Back focus beyond the sheet: sharpest at least {least:.0f} mm behind the AF mark."
    if m.verdict == "front-focus" and most is not None:
        return f"Front focus beyond the sheet: sharpest at least {-most:.0f} mm in front of the AF mark."
    where = f"farther away than {least:+.0f}" if least is not None else f"closer than {most:+.0f}"
    return f"Cannot tell front from back focus: sharpest {where} mm from the AF mark."


def _about_offset(m: Measurement) -> Iterator[Sentence]:
    if m.depth_of_field_mm is not None and m.offset_in_dof is not None and m.defocus_um is not None:
        near, far = m.depth_of_field_mm
        behind = f"{far:.1f} mm" if math.isfinite(far) else "everything"
        yield Sentence(
            "",
            f"That is {abs(m.offset_in_dof):.0%} of the depth of field "
            f"({near:.1f} mm in front, {behind} behind), {abs(m.defocus_um):.1f} µm at the sensor.",
        )
    if m.interval_budget_mm:
        largest, half_mm = max(m.interval_budget_mm.items(), key=lambda part: part[1])
        cause, cure = BUDGET_WORDS[largest]
        yield Sentence("", f"The interval comes mostly from {cause} (± {half_mm:.2g} mm); it shrinks with {cure}.")
    if m.channels_mm is not None:
        said = [
            f"{colour} {'not measurable' if found.offset_mm is None else _mm(found.offset_mm, m, sign=True)}"
            for colour, found in m.channels_mm.items()
        ]
        yield Sentence("Colours", f"{', '.join(said)} mm from the AF mark.")


def _mm(value: float, m: Measurement, sign: bool = False) -> str:
    """Show as many digits as the interval's width deserves."""
    assert m.offset_ci95_mm is not None
    width = m.offset_ci95_mm[1] - m.offset_ci95_mm[0]
    digits = 0 if width > 10 else 1 if width > 0.5 else 2
    return f"{value:{'+' if sign else ''}.{digits}f}"


def _about_print(check: PrintCheck) -> Iterator[Sentence]:
    if check.status == "refused":
        yield Sentence("", "Not measured.")
    else:
        kind = f"{check.chart.design.capitalize()} {check.chart.paper.title()} chart" if check.chart else "Chart"
        is_wrong = WRONG_SIZE & {found.code for found in check.findings}
        state = f"{'not ' if is_wrong else ''}printed to scale."
        yield Sentence(f"{kind} {check.chart_id or 'of unknown id'}", state)
    found = check.calibration
    if found is not None:
        size = f"Width {found.scale_x:.2%}, height {found.scale_y:.2%} (95 %: ±{found.scale_half_width:.2%})."
        yield Sentence("", size)
        if found.source == "scan":
            skew_deg, wide_deg = math.degrees(found.skew_rad), math.degrees(TWO_SIDED_95 * found.skew_sd_rad)
            yield Sentence("", f"Skew {skew_deg:+.3f}° (95 %: ±{wide_deg:.3f}°).")
    if check.edges is not None and check.page_map is not None:
        edges, page = check.edges, check.page_map
        yield Sentence(
            "Edges",
            f"blur {edges.blur_mm:.3f} mm (±{TWO_SIDED_95 * edges.blur_sd_mm:.3f}), "
            f"ink gain {page.ink_gain_mm:+.3f} mm (±{TWO_SIDED_95 * page.ink_gain_sd_mm:.3f}).",
        )


def _lens(lens: LensResult, others: Sequence[LensResult], with_serials: bool) -> Iterator[str]:
    name = title(identity(lens), map(identity, others))
    yield name if lens.body else f"Unknown camera{', ' * bool(name)}{name}"
    if name != title(identity(lens), ()):
        shots = [shot.photo for series in lens.series for shot in series.shots]
        shown = ", ".join(shots[:_PHOTOS_SHOWN]) + (" ..." if len(shots) > _PHOTOS_SHOWN else ".")
        yield from _wrap(f"One of several of this name: that of {shown}")
    if with_serials:
        numbers = ("Body", lens.body_serial), ("lens", lens.lens_serial)
        yield from _wrap(", ".join(f"{what} no. {number or 'unknown'}" for what, number in numbers) + ".")
    for series in lens.series:
        yield from _series(series, alone=len(lens.series) == 1, shift_told=bool(lens.focus_shift))
    if lens.compromise is not None:
        yield from _compromise(lens.compromise, lens.lens)
    if lens.focus_shift:
        head = ("aperture", "shots", "error", "from the widest", "95 %")
        yield from _table(head, [_shift_row(shift) for shift in lens.focus_shift])
    yield from _findings(lens.findings)


def _series(series: SeriesResult, alone: bool, shift_told: bool) -> Iterator[str]:
    where = place_of(series.camera.focal_length_mm, series.camera.f_number, series.distance_mm)
    if where and not alone:
        yield from _wrap(f"{where}:")
    if series.advice is not None:
        said = series.advice.notes if alone else (series.advice.text,)
        for note in said:
            yield from _wrap(note)
    else:
        below = ": see the focus shift below" if shift_told else ""
        yield from _wrap(f"Not the widest aperture, for which the setting is{below}.")
    if series.groups:
        yield from _table(GROUP_HEAD, [_group_row(group) for group in series.groups])
    if series.sweep:
        least = min(point.blur_at_mark for point in series.sweep)
        rows = [(dialled(p.setting), str(p.n), f"{p.blur_at_mark / least:.2f}") for p in series.sweep]
        yield from _table(("setting", "shots", "blur over the least"), rows)
    if series.advice is not None:
        yield from _estimate(series)
    if series.halves is not None:
        one, other = map(dialled, series.halves)
        yield from _wrap(f"Stability: every second shot by itself says {one}, the others {other}.")
    if series.zero.n:
        yield from _wrap(
            f"Zero is the mean of {series.zero.n} reference shots, {series.zero.offset_mm:+.1f} mm from the mark."
        )
    if where and alone:
        yield from _wrap(f"Taken at {where}.")
    yield from _findings(series.findings)


def _group_row(group: GroupStatistics) -> tuple[str, ...]:
    half = None if group.mean_ci95_mm is None else (group.mean_ci95_mm[1] - group.mean_ci95_mm[0]) / 2.0
    return (
        "?" if group.setting is None else dialled(group.setting),
        f"{group.n}" + (f" (-{len(group.left_out)})" if group.left_out else ""),
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
        ends = estimate.slope_ci95
        around = "" if ends is None else f" ± {(ends[1] - ends[0]) / 2.0:.1f}"
        yield from _wrap(
            f"One step moves focus by {abs(estimate.slope):.1f}{around} {unit}; plus {way} the camera."
        )


def _compromise(found: Compromise, lens: str | None) -> Iterator[str]:
    *both, one = about_compromise(found)
    for line in (*both, f"{one.removesuffix('.')}, which leaves"):
        yield from _wrap(line)
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
    yield from _table(("focal length", "distance", "own best", "left mm", "of the DOF"), rows)
    dock = dock_of(lens)
    if dock is not None:
        yield from _wrap(f"If the settings are those of the {dock.name}: enter for each line its own best.")


def _shift_row(shift: FocusShift) -> tuple[str, ...]:
    ends = shift.shift_ci95_mm
    return (
        f"f/{shift.f_number:g}",
        str(shift.n),
        f"{shift.mean_mm:+z.1f} mm",
        f"{shift.shift_mm:+z.1f} mm",
        "" if ends is None else f"{ends[0]:+.1f} to {ends[1]:+.1f}",
    )


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    for found in findings:
        if found.code not in SAID_BY_ADVICE:
            yield from _wrap(f"{SEVERITIES[found.severity]} ({found.code}): {found.message} {found.remedy}")


def _comparison(it: Comparison, others: Sequence[Identity]) -> Iterator[str]:
    yield f"Compared with before: {title(identity(it), others) or 'The lens'}"
    yield from _wrap(about_comparison(it))


def about_comparison(it: Comparison) -> str:
    """Return what the error was before, what it is now, and whether that is better."""
    verdict = {
        "better": f"better, the error is {it.smaller_by_mm:.1f} mm smaller",
        "worse": f"worse, the error is {-it.smaller_by_mm:.1f} mm larger",
        "no difference": "no better and no worse, as far as the scatter can tell",
    }[it.verdict]
    ends = it.smaller_ci95_mm
    around = "" if ends is None else f" (95 %: smaller by {ends[0]:+.1f} to {ends[1]:+.1f} mm)"
    sides = ("Before", it.setting_before, it.before_mm), ("now", it.setting_after, it.after_mm)
    means = ", ".join(
        f"{label}{'' if setting is None else f' at {dialled(setting)}:'} "
        f"{abs(mean):.1f} mm {'back' if mean > 0 else 'front'} focus"
        for label, setting, mean in sides
    )
    chance = "more than chance" if it.verdict != "no difference" else "not significant"
    return f"{means}: {verdict}{around}. The difference is {chance}."


def _left_out(photos: Sequence[LeftOut], total: int) -> Iterator[str]:
    yield f"Not used: {len(photos)} of {total} photos"
    by_reason: dict[str, list[str]] = {}
    for photo in photos:
        by_reason.setdefault(f"{photo.reason} {photo.remedy}", []).append(photo.photo)
    for reason, names in by_reason.items():
        yield from _wrap(f"{', '.join(names)}: {reason}")


def _number(value: float | None, form: str) -> str:
    return "-" if value is None or not math.isfinite(value) else f"{value:{form}}"


def _wrapped(sentences: Iterable[Sentence]) -> list[str]:
    return [line for sentence in sentences for line in _wrap(str(sentence))]


def _wrap(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent="      ", break_long_words=False)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"    {line}" for line in table(head, rows)]


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(printable(line) for line in lines)
