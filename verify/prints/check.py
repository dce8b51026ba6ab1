"""Was the sheet printed to scale: what a check finds, handed to text, JSON and the user's data folder."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import Any, Literal

from backfocus.targets import PAPERS, Chart
from backfocus.targets.ids import Paper

from ..detect.find_chart import ReadFrom
from ..findings import Finding, Findings
from ..formats import as_json
from .calibration import PrintCalibration, Source
from .page_map import EdgeQuality, PageMap

LEAST_MARGIN_MM, WIDEST_MARGIN_MM = 0.5, 9.0
"""That printers leave: inkjets 3 mm, lasers a sixth of an inch, 4.2 mm; print dialogs up to 6.35 mm and more."""
FITTED_RANGE = (0.91, 0.99)
"""From A4 within the margins of Letter to A3 within margins of 2 mm."""
CHECK_SCHEMA: Literal["backfocus/print-check/1"] = "backfocus/print-check/1"


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
        size, page, edges, chart = self.calibration, self.page_map, self.edges, self.chart
        told: dict[str, Any] = as_json(
            PrintCheckJson(
                schema=CHECK_SCHEMA,
                name=self.name,
                status=self.status,
                source=size.source if size else None,
                chart=CheckedChart(chart.design, chart.paper, chart.scale, self.chart_id, self.read_from)
                if chart
                else None,
                scale_x=size.scale_x if size else None,
                scale_y=size.scale_y if size else None,
                scale_x_sd=size.scale_x_sd if size else None,
                scale_y_sd=size.scale_y_sd if size else None,
                scale_half_width=size.scale_half_width if size else None,
                skew_deg=math.degrees(size.skew_rad) if size else None,
                skew_sd_deg=math.degrees(size.skew_sd_rad) if size else None,
                edge_blur_mm=edges.blur_mm if edges else None,
                edge_blur_sd_mm=edges.blur_sd_mm if edges else None,
                ink_gain_mm=page.ink_gain_mm if page else None,
                ink_gain_sd_mm=page.ink_gain_sd_mm if page else None,
                scan=Scan(self.dpi, math.degrees(page.rotation_rad), page.markers, page.residual_mm)
                if page
                else None,
                findings=self.findings,
            )
        )
        return told


@dataclass(frozen=True)
class CheckedChart:
    """The chart whose print was checked."""

    design: str
    paper: str
    scale: float
    id: str | None
    read_from: ReadFrom | None


@dataclass(frozen=True)
class Scan:
    """The scan itself."""

    dpi: tuple[float, float] | None
    rotation_deg: float
    markers: int
    residual_mm: float


@dataclass(frozen=True, kw_only=True)
class PrintCheckJson:
    """A check in the form of its JSON. Scales are printed over nominal size."""

    schema: Literal["backfocus/print-check/1"]
    name: str
    status: Literal["measured", "refused"]
    source: Source | None
    chart: CheckedChart | None
    scale_x: float | None
    scale_y: float | None
    scale_x_sd: float | None
    scale_y_sd: float | None
    scale_half_width: float | None
    skew_deg: float | None
    skew_sd_deg: float | None
    edge_blur_mm: float | None
    edge_blur_sd_mm: float | None
    ink_gain_mm: float | None
    ink_gain_sd_mm: float | None
    scan: Scan | None
    findings: tuple[Finding, ...]


def today() -> str:
    """Return the date of the user's calendar as YYYY-MM-DD."""
    return datetime.datetime.now().astimezone().date().isoformat()


def print_findings(
    chart: Chart | None, calibration: PrintCalibration, edges: EdgeQuality | None = None
) -> tuple[Finding, ...]:
    """Return what is amiss with size, shape and sharpness of a print; of a chart None, only the id is known."""
    found = [_size(chart, calibration), _stretch(calibration), _skew(calibration), _softness(edges)]
    return tuple(each for each in found if each is not None)


def _size(chart: Chart | None, calibration: PrintCalibration) -> Finding | None:
    scale = math.sqrt(calibration.scale_x * calibration.scale_y)
    off = max(abs(calibration.scale_x - 1.0), abs(calibration.scale_y - 1.0))
    scale_off = Findings.PRINT_SCALE_OFF.crossed(off)
    if scale_off is None:
        return None
    how = _as_fitted(chart, scale)
    if how is not None and _stretch(calibration) is None:
        return Findings.FIT_TO_PAGE.finding(
            f"Printed at {scale:.1%}, as 'fit to page' does it{how}.", off, scale_off
        )
    return Findings.PRINT_SCALE_OFF.finding(
        f"Printed at {calibration.scale_x:.2%} in width and {calibration.scale_y:.2%} in height.", off
    )


def _as_fitted(chart: Chart | None, scale: float) -> str | None:
    """Return how the page was fitted into a paper's margins, in words; None where the scale is none of those."""
    if chart is None:
        return "" if FITTED_RANGE[0] <= scale <= FITTED_RANGE[1] else None
    papers = " or ".join(paper.title() for paper in _papers_fitted(chart, scale))
    return f": {'shrunk' if scale < 1.0 else 'enlarged'} to lie within the margins of {papers}" if papers else None


def _papers_fitted(chart: Chart, scale: float) -> list[str]:
    """Return the papers within whose margins the page would fit just at this scale, the chart's own first."""

    short_mm, long_mm = sorted(chart.page_mm)

    def margin_mm(paper: Paper) -> float:
        return min(paper.width_mm - scale * short_mm, paper.height_mm - scale * long_mm) / 2

    own_first = sorted(PAPERS.values(), key=lambda paper: paper.name != chart.paper)
    return [paper.name for paper in own_first if LEAST_MARGIN_MM <= margin_mm(paper) <= WIDEST_MARGIN_MM]


def _stretch(calibration: PrintCalibration) -> Finding | None:
    ratio = calibration.scale_x / calibration.scale_y
    # A ruler's readings may differ by chance alone.
    uncertain = 1.96 * math.hypot(
        calibration.scale_x_sd / calibration.scale_x, calibration.scale_y_sd / calibration.scale_y
    )
    off, stretched = abs(ratio - 1.0), Findings.PRINT_STRETCHED.limit
    if off <= max(stretched.value, uncertain):
        return None
    longer = "width" if ratio > 1.0 else "height"
    return Findings.PRINT_STRETCHED.finding(
        f"Its {longer} is printed {off:.1%} larger than the other dimension.", off
    )


def _skew(calibration: PrintCalibration) -> Finding | None:
    skew = abs(calibration.skew_rad)
    if not Findings.PRINT_SKEWED.crossed(skew):
        return None
    return Findings.PRINT_SKEWED.finding(
        f"The page's axes are {math.degrees(calibration.skew_rad):+.2f}° off a right angle.", skew
    )


def _softness(edges: EdgeQuality | None) -> Finding | None:
    if edges is None or not Findings.PRINT_SOFT.crossed(edges.blur_mm):
        return None
    return Findings.PRINT_SOFT.finding(
        f"Edges are blurred by {edges.blur_mm:.2f} mm (standard deviation) on the paper.", edges.blur_mm
    )
