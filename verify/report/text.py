"""A measurement in words."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator

from backfocus.verify.findings import Finding
from backfocus.verify.measurement import Measurement
from backfocus.verify.sharpness import Sharpness

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
    return "\n".join([measurement.photo, *lines])


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
