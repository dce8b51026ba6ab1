"""The machine contract: what every JSON output holds, as types from which docs/schemas/ is generated.

Where an output is a value of the program field by field, its own type stands here; where `to_dict` makes something
else of it, the form is written down. Tests hold real outputs against it, so that no field comes or goes unnoticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from backfocus.verify import Finding
from backfocus.verify.cameras.makers import Maker
from backfocus.verify.measurement import Measurement
from backfocus.verify.prints.calibration import PrintCalibration
from backfocus.verify.scoring.columns import COLUMNS, ROW_SCHEMA, STATUSES, Kind
from backfocus.verify.tuning.advice import Advice, Compromise
from backfocus.verify.tuning.grouping import FocusShift
from backfocus.verify.tuning.plan import StepHere
from backfocus.verify.tuning.records import Comparison, Entry
from backfocus.verify.tuning.result import SweepPoint
from backfocus.verify.tuning.statistics import GroupStatistics

Pair = tuple[float, float]
FrontAndBehind = tuple[float, float | None]
"""In front of the AF mark and behind it; behind is null where the depth of field has no end."""


@dataclass(frozen=True, kw_only=True)
class MeasurementJson(Measurement):
    """One photo: `backfocus measure --json`, one object a line. Positive offsets are back focus."""

    depth_of_field_mm: FrontAndBehind | None
    schema: Literal["backfocus/measurement/1"]


@dataclass(frozen=True)
class PanelJson:
    """A planar part of the sheet; the first holds the AF mark, the others hang on it by their hinges."""

    name: str
    outline_page_mm: list[Pair]
    hinge_page_mm: tuple[Pair, Pair] | None
    fold_deg: float


@dataclass(frozen=True)
class MarkerJson:
    """An ArUco marker; corners of its black square, clockwise from the top left as printed."""

    id: int
    panel: str
    corners_page_mm: tuple[Pair, Pair, Pair, Pair]


@dataclass(frozen=True)
class EdgeJson:
    """A straight edge; `dark_side` is the side of the ink on the way from one end to the other."""

    panel: str
    from_page_mm: Pair
    to_page_mm: Pair
    dark_side: Literal["left", "right"]
    clear_mm: float


@dataclass(frozen=True)
class QrJson:
    """The QR code, without its quiet zone."""

    text: str
    panel: str
    corners_page_mm: tuple[Pair, Pair, Pair, Pair]


@dataclass(frozen=True)
class ChartJson:
    """What is printed where: `backfocus chart --geometry`. Millimetres from the page's top left, y down."""

    schema: Literal["backfocus/chart/1"]
    design: str
    paper: str
    scale: float
    angle_deg: float
    id: str
    page_mm: Pair
    af_mark_page_mm: Pair
    far_direction_page: Pair
    quiet_zone_mm: Pair
    panels: list[PanelJson]
    markers: list[MarkerJson]
    edges: list[EdgeJson]
    qr: QrJson


@dataclass(frozen=True)
class ReferenceJson:
    """What the shots focused in live view make of zero."""

    n: int
    offset_mm: float
    se_mm: float | None


@dataclass(frozen=True)
class EstimateJson:
    """The setting at which the error is zero, and the size of a step where several settings told it."""

    setting: int
    crossing: float
    ci95: Pair | None
    basis: str
    step_um: float | None
    step_ci95_um: Pair | None
    step_mm: float | None
    plus_moves_focus: Literal["farther", "closer"] | None
    scatter_steps: float | None


@dataclass(frozen=True)
class ShotJson:
    """One shot; `approach` is where focus came from."""

    photo: str
    setting: float | None
    approach: Literal["near", "far"] | None
    offset_mm: float | None


@dataclass(frozen=True)
class OneSeriesJson:
    """One focal length, aperture and distance."""

    focal_length_mm: float | None
    f_number: float | None
    distance_mm: float | None
    depth_of_field_mm: FrontAndBehind | None
    reference: ReferenceJson | None
    shots: list[ShotJson]
    groups: list[GroupStatistics]
    sweep: list[SweepPoint]
    estimate: EstimateJson | None
    advice: Advice | None
    findings: list[Finding]


@dataclass(frozen=True)
class LensJson:
    """One body with one lens."""

    body: str | None
    lens: str | None
    series: list[OneSeriesJson]
    compromise: Compromise | None
    focus_shift: list[FocusShift]
    findings: list[Finding]


@dataclass(frozen=True)
class LeftOutJson:
    """A photo that could not be used."""

    photo: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class SeriesJson:
    """Many shots: `backfocus tune --json`. A file of `--save` has no `comparisons`."""

    schema: Literal["backfocus/series/1"]
    date: str
    photos: int
    advice: Advice | None
    lenses: list[LensJson]
    left_out: list[LeftOutJson]
    comparisons: list[Comparison]


@dataclass(frozen=True)
class PlannedChartJson:
    """The sheet to print."""

    design: str
    paper: str
    scale: float
    angle_deg: float
    page_mm: Pair
    good_up_to_focal_lengths: float
    command: str


@dataclass(frozen=True)
class PlannedIntervalJson:
    """Half widths of the parts of the interval, mm."""

    fit: float
    print: float
    model: float


@dataclass(frozen=True)
class PlanJson:
    """What to print, where to stand, what to expect: `backfocus plan --json`."""

    schema: Literal["backfocus/plan/1"]
    focal_length_mm: float
    f_number: float
    sensor_mm: Pair
    pixels: int
    camera: str | None
    camera_offers_setting: Literal["yes", "no", "unknown"] | None
    distance_mm: float
    distance_from_sensor_mm: float
    distance_in_focal_lengths: float
    chart: PlannedChartJson
    camera_held: str
    sheet_in_picture: float
    depth_range_mm: Pair
    depth_of_field_mm: FrontAndBehind
    half_width_mm: float | None
    interval_budget_mm: PlannedIntervalJson | None
    step: StepHere | None
    scatter_steps: float
    sd_steps: float
    shots: int | None
    notes: list[str]


@dataclass(frozen=True)
class CheckedChartJson:
    """The chart whose print was checked."""

    design: str
    paper: str
    scale: float
    id: str | None
    read_from: Literal["qr", "markers", "user"] | None


@dataclass(frozen=True)
class ScanJson:
    """The scan itself."""

    dpi: Pair | None
    rotation_deg: float
    markers: int
    residual_mm: float


@dataclass(frozen=True)
class PrintCheckJson:
    """The state of a print: `backfocus check-print --json`. Scales are printed over nominal size."""

    schema: Literal["backfocus/print-check/1"]
    name: str
    status: Literal["measured", "refused"]
    source: Literal["scan", "ruler"] | None
    chart: CheckedChartJson | None
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
    scan: ScanJson | None
    findings: list[Finding]


@dataclass(frozen=True)
class PrintCalibrationJson(PrintCalibration):
    """The file that `backfocus check-print --keep` writes for a chart."""

    schema: Literal["backfocus/print-calibration/1"]


@dataclass(frozen=True)
class CheckJson(Entry):
    """One check of one lens at one focal length and aperture: `backfocus history --json`, one object a line."""

    date: str
    schema: Literal["backfocus/check/1"]


@dataclass(frozen=True)
class MakerJson(Maker):
    """One maker; `model` is the one that was asked for."""

    model: str | None
    model_offers_it: Literal["yes", "no", "unknown"] | None


@dataclass(frozen=True)
class CamerasJson:
    """What is known of AF fine-tune: `backfocus cameras --json`. `evidence_grades` explains the grades."""

    schema: Literal["backfocus/cameras/1"]
    evidence_grades: dict[str, str]
    makers: list[MakerJson]


OUTPUTS: dict[str, Any] = {
    "measurement": MeasurementJson,
    "chart": ChartJson,
    "series": SeriesJson,
    "plan": PlanJson,
    "check": CheckJson,
    "print-check": PrintCheckJson,
    "print-calibration": PrintCalibrationJson,
    "cameras": CamerasJson,
}
"""Outputs by the middle part of their schema's name; the rows of `backfocus score` are made from their columns."""

_JSON_TYPES: dict[Kind, str] = {"text": "string", "number": "number", "integer": "integer", "boolean": "boolean"}
_NEVER_NULL = ("path", "status", "trustworthy", "version", "schema")


class _AlwaysThere(GenerateJsonSchema):
    """No field is ever left out, whether or not it has a default in the program."""

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: ARG002
        return True


def schemas() -> dict[str, dict[str, Any]]:
    """Return every schema, by the name of its file."""
    made = {
        name: TypeAdapter(output).json_schema(mode="serialization", schema_generator=_AlwaysThere)
        for name, output in OUTPUTS.items()
    }
    made["score"] = _row_schema()
    return {
        f"{name}-1.json": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": f"backfocus/{name}/1",
            **{key: part for key, part in schema.items() if key != "title"},
        }
        for name, schema in sorted(made.items())
    }


def _row_schema() -> dict[str, Any]:
    fields: dict[str, dict[str, Any]] = {}
    for column in COLUMNS:
        kind = _JSON_TYPES[column.kind]
        fields[column.name] = {
            "type": kind if column.name in _NEVER_NULL else [kind, "null"],
            "description": column.meaning,
        }
    fields["schema"]["const"] = ROW_SCHEMA
    fields["status"]["enum"] = list(STATUSES)
    return {
        "description": "One photo of `backfocus score`: a line of the .jsonl table; .csv and .parquet have the same "
        "columns.",
        "type": "object",
        "properties": fields,
        "required": list(fields),
    }
