"""What a printer made of a chart: kept as a JSON file in the user's data folder, and applied to the chart."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, get_args

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart
from backfocus.targets.ids import is_chart_id

from ..detect.find_chart import Sighting
from ..findings import Findings, Refusal
from ..storage import data_folder, write_whole

Source = Literal["scan", "ruler"]
Array = npt.NDArray[np.float64]
Part = TypeVar("Part")

SCHEMA = "backfocus/print-calibration/1"
TWO_SIDED_95 = 1.96
SCALE_RANGE = (0.6, 1.6)
"""From Tabloid shrunk onto Letter, 0.63, to A4 enlarged onto A3, 1.41, with room; a number beyond is wrong."""
MAX_SKEW_RAD = 0.1
"""6°: no printer does that."""
PAGE_POINTS = "_page_mm"
"""How the names of all fields end that hold a point of the page or a tuple of them."""


@dataclass(frozen=True)
class PrintCalibration:
    """Size and shape of a printed chart against its description.

    Attributes:
        chart_id: the chart's id.
        scale_x, scale_y: printed over described length along the page's x and y axis.
        skew_rad: angle between the printed page's axes (x right, y down), less a right angle.
        scale_x_sd, scale_y_sd, skew_sd_rad: standard errors, those of scanner or ruler included.
        source: how it was measured.
        date: when, as YYYY-MM-DD.
    """

    chart_id: str
    scale_x: float
    scale_y: float
    skew_rad: float
    scale_x_sd: float
    scale_y_sd: float
    skew_sd_rad: float
    source: Source
    date: str

    def __post_init__(self) -> None:
        numbers = (self.scale_x_sd, self.scale_y_sd, self.skew_sd_rad)
        if not all(math.isfinite(number) and number >= 0 for number in numbers):
            raise ValueError("standard errors must be numbers from 0")
        if not all(SCALE_RANGE[0] <= scale <= SCALE_RANGE[1] for scale in (self.scale_x, self.scale_y)):
            raise ValueError(f"a scale is outside of {SCALE_RANGE[0]} to {SCALE_RANGE[1]}")
        if not abs(self.skew_rad) <= MAX_SKEW_RAD:
            raise ValueError("no printer skews as much")
        if self.source not in get_args(Source):
            raise ValueError(f"source must be one of {get_args(Source)}")

    @property
    def scale_half_width(self) -> float:
        """Half width of the scale's 95 % interval, as a share of the scale; of the less certain axis."""
        return TWO_SIDED_95 * max(self.scale_x_sd / self.scale_x, self.scale_y_sd / self.scale_y)


def kept_path(chart_id: str) -> Path:
    """Return the file that a chart's calibration is kept in, which may not exist.

    Raises:
        ValueError: this is no chart id.
    """
    if not is_chart_id(chart_id):
        raise ValueError(f"{chart_id!r} is no chart id")
    return data_folder() / "prints" / f"{chart_id}.json"


def keep(calibration: PrintCalibration) -> Path:
    """Keep a calibration in place of the chart's earlier one, and return its file.

    Raises:
        OutputError: the folder cannot be written to.
    """
    path = kept_path(calibration.chart_id)
    write_whole(path, json.dumps({"schema": SCHEMA, **asdict(calibration)}, indent=1))
    return path


def calibration_of(chart_id: str) -> PrintCalibration | None:
    """Return the calibration that was kept for a chart, None if there is none.

    Raises:
        Refusal: one was kept but cannot be read. To go on without it could be wrong by any amount.
    """
    path = kept_path(chart_id)
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        # A file in the data folder's place keeps nothing.
        return None
    except OSError as error:
        raise _unreadable(chart_id, path) from error
    try:
        kept = _parsed(content)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise _unreadable(chart_id, path) from error
    if kept.chart_id != chart_id:
        raise _unreadable(chart_id, path)
    return kept


def _parsed(content: bytes) -> PrintCalibration:
    fields = json.loads(content)
    if not isinstance(fields, dict) or fields.pop("schema", None) != SCHEMA:
        raise ValueError("not of this schema")
    for name in ("chart_id", "source", "date"):
        if not isinstance(fields.get(name), str):
            raise TypeError(name)
    return PrintCalibration(**cast(dict[str, str], fields))  # type: ignore[arg-type]


def _unreadable(chart_id: str, path: Path) -> Refusal:
    return Findings.CALIBRATION_UNREADABLE.refusal(
        f"The print calibration kept for chart {chart_id} cannot be read: {path.name} in {path.parent}.",
    )


def as_printed(chart: Chart, calibration: PrintCalibration) -> Chart:
    """Return the chart with everything where it is on paper; the AF mark and the direction of x stay.

    Points move by [[sx, -sy sin k], [0, sy cos k]] about the AF mark, for scales sx, sy and skew k. The paper's
    size, `page_mm`, is not the printer's to change.
    """
    return _chart_onto(_OntoPaper(chart, calibration.scale_x, calibration.scale_y, calibration.skew_rad))


def sighting_as_printed(sighting: Sighting, calibration: PrintCalibration) -> Sighting:
    """Return the sighting with its chart as printed, and a finding that says so."""
    onto = _OntoPaper(sighting.chart, calibration.scale_x, calibration.scale_y, calibration.skew_rad)
    used = Findings.PRINT_CALIBRATED.finding(
        f"Chart {calibration.chart_id} was printed at {calibration.scale_x:.2%} x {calibration.scale_y:.2%} "
        f"(95 %: ±{calibration.scale_half_width:.2%}), by {calibration.source} on {calibration.date}.",
    )
    return replace(_sighting_onto(sighting, onto), findings=(*sighting.findings, used))


def sighting_at_scale(sighting: Sighting, scale: float) -> Sighting:
    """Return the sighting with its chart printed at a scale, which is the same along both axes."""
    return _sighting_onto(sighting, _OntoPaper(sighting.chart, scale, scale, 0.0))


def _sighting_onto(sighting: Sighting, onto: _OntoPaper) -> Sighting:
    return replace(sighting, chart=_chart_onto(onto), corners_page_mm=onto.points(sighting.corners_page_mm))


def _chart_onto(onto: _OntoPaper) -> Chart:
    chart, size = onto.chart, math.sqrt(onto.scale_x * onto.scale_y)
    printed = _moved(chart, onto)
    return replace(
        printed,
        quiet_zone_mm=(chart.quiet_zone_mm[0] * onto.scale_x, chart.quiet_zone_mm[1] * onto.scale_y),
        edges=tuple(replace(edge, clear_mm=edge.clear_mm * size) for edge in printed.edges),
    )


@dataclass(frozen=True)
class _OntoPaper:
    """The map of page points (..., 2), about the chart's AF mark."""

    chart: Chart
    scale_x: float
    scale_y: float
    skew_rad: float

    def points(self, page_mm: npt.ArrayLike) -> Array:
        skew = self.skew_rad
        matrix = np.array([[self.scale_x, -self.scale_y * math.sin(skew)], [0.0, self.scale_y * math.cos(skew)]])
        mark = np.asarray(self.chart.af_mark_page_mm)
        return np.asarray((np.asarray(page_mm, dtype=np.float64) - mark) @ matrix.T + mark)

    def nested(self, value: Any) -> Any:
        """Map a point, or tuples of points however deep."""
        if value is None:
            return None
        if isinstance(value[0], (int, float)):
            # A chart has thousands: of one point the arithmetic is a tenth of what an array costs.
            (x, y), (mark_x, mark_y) = value, self.chart.af_mark_page_mm
            down = self.scale_y * (y - mark_y)
            return (
                self.scale_x * (x - mark_x) - math.sin(self.skew_rad) * down + mark_x,
                math.cos(self.skew_rad) * down + mark_y,
            )
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
