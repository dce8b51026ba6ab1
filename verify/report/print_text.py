"""The state of a print in words."""

from __future__ import annotations

import math
from collections.abc import Iterator

from backfocus.verify.prints.calibration import TWO_SIDED_95, PrintCalibration
from backfocus.verify.prints.check import PrintCheck
from backfocus.verify.report.text import finding_lines

WRONG_SIZE = {"fit-to-page", "print-scale-off", "print-stretched"}


def print_text(check: PrintCheck) -> str:
    """Return the result of checking a print in a few lines, the answer first."""
    return "\n".join([check.name, *(f"  {line}" for line in _lines(check))])


def _lines(check: PrintCheck) -> Iterator[str]:
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
