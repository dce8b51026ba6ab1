"""What checking a print found: the value handed to text, JSON and the user's data folder."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import Any, Literal

from backfocus.targets import Chart
from backfocus.verify.fiducials.sighting import ReadFrom
from backfocus.verify.findings import Finding
from backfocus.verify.prints.calibration import PrintCalibration
from backfocus.verify.prints.marker_edges import EdgeQuality
from backfocus.verify.prints.page_map import PageMap

CHECK_SCHEMA = "backfocus/print-check/1"


@dataclass(frozen=True, eq=False)
class PrintCheck:
    """The state of one print; what was not measured is None.

    Attributes:
        name: the scan's file name, or what the ruler was held against.
        chart: the chart as described.
        chart_id: its id, None where it is not known.
        read_from: how the scan told which chart this is.
        dpi: resolution of the scan in x and y.
        calibration: size and shape, with all that is uncertain about them.
        page_map: the fit to the scan behind it.
        edges: sharpness of the markers' sides.
    """

    name: str
    chart: Chart | None = None
    chart_id: str | None = None
    read_from: ReadFrom | None = None
    dpi: tuple[float, float] | None = None
    calibration: PrintCalibration | None = None
    page_map: PageMap | None = None
    edges: EdgeQuality | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def status(self) -> Literal["measured", "refused"]:
        """Whether there are numbers; a finding says why not."""
        return "refused" if self.calibration is None else "measured"

    def to_dict(self) -> dict[str, Any]:
        """Return the check as it stands in the JSON: every field, unknown ones null."""
        return {
            "schema": CHECK_SCHEMA,
            "name": self.name,
            "status": self.status,
            "source": None if self.calibration is None else self.calibration.source,
            "chart": None if self.chart is None else self._chart_fields(self.chart),
            "scale_x": _rounded(self.calibration, "scale_x"),
            "scale_y": _rounded(self.calibration, "scale_y"),
            "scale_x_sd": _rounded(self.calibration, "scale_x_sd"),
            "scale_y_sd": _rounded(self.calibration, "scale_y_sd"),
            "scale_half_width": _rounded(self.calibration, "scale_half_width"),
            "skew_deg": _degrees(self.calibration, "skew_rad"),
            "skew_sd_deg": _degrees(self.calibration, "skew_sd_rad"),
            "edge_blur_mm": _rounded(self.edges, "blur_mm"),
            "edge_blur_sd_mm": _rounded(self.edges, "blur_sd_mm"),
            "ink_gain_mm": _rounded(self.page_map, "ink_gain_mm"),
            "ink_gain_sd_mm": _rounded(self.page_map, "ink_gain_sd_mm"),
            "scan": None if self.page_map is None else self._scan_fields(self.page_map),
            "findings": [found.to_dict() for found in self.findings],
        }

    def _chart_fields(self, chart: Chart) -> dict[str, Any]:
        return {
            "design": chart.design,
            "paper": chart.paper,
            "scale": chart.scale,
            "id": self.chart_id,
            "read_from": self.read_from,
        }

    def _scan_fields(self, page: PageMap) -> dict[str, Any]:
        return {
            "dpi": None if self.dpi is None else [round(value, 2) for value in self.dpi],
            "rotation_deg": _degrees(page, "rotation_rad"),
            "markers": page.markers,
            "residual_mm": _rounded(page, "residual_mm"),
        }


def today() -> str:
    """Return the date of the user's calendar as YYYY-MM-DD."""
    return datetime.datetime.now().astimezone().date().isoformat()


def _rounded(part: object | None, name: str) -> float | None:
    return None if part is None else round(float(getattr(part, name)), 5)


def _degrees(part: object | None, name: str) -> float | None:
    return None if part is None else round(math.degrees(getattr(part, name)), 4)
