"""The chart as it really is on paper."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart
from backfocus.verify.fiducials.sighting import Sighting
from backfocus.verify.findings import finding
from backfocus.verify.prints.calibration import PrintCalibration

Array = npt.NDArray[np.float64]
Part = TypeVar("Part")
PAGE_POINTS = "_page_mm"
"""How the names of all fields end that hold a point of the page or a tuple of them."""


def as_printed(chart: Chart, calibration: PrintCalibration) -> Chart:
    """Return the chart with everything where it is on paper; the AF mark and the direction of x stay.

    Points move by [[sx, -sy sin k], [0, sy cos k]] about the AF mark, for scales sx, sy and skew k. The paper's
    size, `page_mm`, is not the printer's to change.
    """
    onto = _OntoPaper(chart, calibration)
    printed = _moved(chart, onto)
    size = math.sqrt(calibration.scale_x * calibration.scale_y)
    return replace(
        printed,
        quiet_zone_mm=(
            chart.quiet_zone_mm[0] * calibration.scale_x,
            chart.quiet_zone_mm[1] * calibration.scale_y,
        ),
        edges=tuple(replace(edge, clear_mm=edge.clear_mm * size) for edge in printed.edges),
    )


def sighting_as_printed(sighting: Sighting, calibration: PrintCalibration) -> Sighting:
    """Return the sighting with its chart as printed, and a finding that says so."""
    onto = _OntoPaper(sighting.chart, calibration)
    used = finding(
        "print-calibrated",
        f"Chart {calibration.chart_id} was printed at {calibration.scale_x:.2%} x {calibration.scale_y:.2%} "
        f"(95 %: ±{calibration.scale_half_width:.2%}), by {calibration.source} on {calibration.date}.",
    )
    return replace(
        sighting,
        chart=as_printed(sighting.chart, calibration),
        corners_page_mm=onto.points(sighting.corners_page_mm),
        findings=(*sighting.findings, used),
    )


@dataclass(frozen=True)
class _OntoPaper:
    """The map of page points (..., 2), about the chart's AF mark."""

    chart: Chart
    calibration: PrintCalibration

    def points(self, page_mm: npt.ArrayLike) -> Array:
        kept, skew = self.calibration, self.calibration.skew_rad
        matrix = np.array([[kept.scale_x, -kept.scale_y * math.sin(skew)], [0.0, kept.scale_y * math.cos(skew)]])
        mark = np.asarray(self.chart.af_mark_page_mm)
        return np.asarray((np.asarray(page_mm, dtype=np.float64) - mark) @ matrix.T + mark)

    def nested(self, value: Any) -> Any:
        """Map a point, or tuples of points however deep."""
        if value is None:
            return None
        if isinstance(value[0], (int, float)):
            x, y = self.points(value)
            return (float(x), float(y))
        return tuple(self.nested(part) for part in value)


def _moved(part: Part, onto: _OntoPaper) -> Part:
    """Return a part of the chart with all its points of the page, and those of its own parts, mapped."""
    changed: dict[str, Any] = {}
    for field in fields(part):  # type: ignore[arg-type]
        value = getattr(part, field.name)
        if field.name.endswith(PAGE_POINTS):
            changed[field.name] = onto.nested(value)
        elif is_dataclass(value):
            changed[field.name] = _moved(value, onto)
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            changed[field.name] = tuple(_moved(each, onto) for each in value)
    return replace(part, **changed)  # type: ignore[type-var]
