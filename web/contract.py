"""The machine contract: which type of the program every JSON output is made from, and docs/schemas/ with it.

Tests hold real outputs against the schemas, so that no field comes or goes unnoticed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from backfocus.targets import Chart
from backfocus.verify.cameras.makers import Maker
from backfocus.verify.measurement import Measurement
from backfocus.verify.photo.bodies import Body
from backfocus.verify.prints.calibration import PrintCalibration
from backfocus.verify.prints.check import PrintCheckJson
from backfocus.verify.scoring.columns import COLUMNS, ROW_SCHEMA, STATUSES, Kind
from backfocus.verify.tuning.plan import PlanJson
from backfocus.verify.tuning.records import Entry
from backfocus.verify.tuning.saved import SavedTune


@dataclass(frozen=True, kw_only=True)
class MakerJson(Maker):
    """One maker; `model` is the one that was asked for, `body` what is on record of it."""

    model: str | None
    # As the JSON has it; the field has the name of a method.
    body: Body | None  # type: ignore[assignment]
    model_offers_it: Literal["yes", "no", "unknown"] | None


@dataclass(frozen=True)
class CamerasJson:
    """What is known of AF fine-tune: `backfocus cameras --json`. `evidence_grades` explains the grades."""

    schema: Literal["backfocus/cameras/1"]
    evidence_grades: dict[str, str]
    makers: list[MakerJson]


@dataclass(frozen=True)
class Output:
    """A JSON output: the type that it is made from, what it is in words, and fields of the type that it lacks."""

    made_from: Any
    meaning: str
    left_out: frozenset[str] = frozenset()


OUTPUTS = {
    "measurement": Output(
        Measurement, "One photo: `backfocus measure --json`, one object a line. Positive offsets are back focus."
    ),
    "chart": Output(
        Chart,
        "What is printed where: `backfocus chart --geometry`. Millimetres from the page's top left, y down.",
        frozenset({"check_bars", "polygons", "strokes", "labels"}),
    ),
    "series": Output(SavedTune, "Many shots: `backfocus tune --json` and `--save`."),
    "plan": Output(PlanJson, "What to print, where to stand, what to expect: `backfocus plan --json`."),
    "check": Output(
        Entry,
        "One check of one lens at one focal length and aperture: `backfocus history --json`, one object a line.",
    ),
    "print-check": Output(
        PrintCheckJson,
        "The state of a print: `backfocus check-print --json`. Scales are printed over nominal size.",
    ),
    "print-calibration": Output(
        PrintCalibration, "The file that `backfocus check-print --keep` writes for a chart."
    ),
    "cameras": Output(
        CamerasJson,
        "What is known of AF fine-tune: `backfocus cameras --json`. `evidence_grades` explains the grades.",
    ),
}
"""Outputs by the middle part of their schema's name; the rows of `backfocus score` are made from their columns."""

_MAY_BE_ENDLESS = {"depth_of_field_mm": (1,), "in_focus_mm": (0, 1)}
"""In front of the AF mark and behind it; behind is null where the depth of field has no end."""

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
    made = {name: _schema_of(name, output) for name, output in OUTPUTS.items()}
    made["score"] = _row_schema()
    return {
        f"{name}-1.json": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": f"backfocus/{name}/1",
            **{key: part for key, part in schema.items() if key != "title"},
        }
        for name, schema in sorted(made.items())
    }


def _schema_of(name: str, output: Output) -> dict[str, Any]:
    schema = TypeAdapter(output.made_from).json_schema(mode="serialization", schema_generator=_AlwaysThere)
    fields = {field: part for field, part in schema["properties"].items() if field not in output.left_out}
    fields["schema"] = {"const": f"backfocus/{name}/1", "type": "string"}
    _open_end(schema)
    used = json.dumps(fields) + json.dumps({key: part for key, part in schema.get("$defs", {}).items()})
    definitions = {key: part for key, part in schema.get("$defs", {}).items() if f'#/$defs/{key}"' in used}
    return {
        "description": output.meaning,
        "type": "object",
        "properties": fields,
        "required": list(fields),
        **({"$defs": definitions} if definitions else {}),
    }


def _open_end(schema: Any) -> None:
    """Let those parts of a depth be null, which stands for no end, that may have none."""
    if isinstance(schema, list):
        for part in schema:
            _open_end(part)
    if isinstance(schema, dict):
        for name, part in schema.items():
            if name in _MAY_BE_ENDLESS and isinstance(part, dict):
                for form in part.get("anyOf", [part]):
                    if "prefixItems" in form:
                        for end in _MAY_BE_ENDLESS[name]:
                            form["prefixItems"][end] = {"anyOf": [{"type": "number"}, {"type": "null"}]}
            else:
                _open_end(part)


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
        "description": "One photo of `backfocus score`: a line of the .jsonl table; .csv and .parquet have the "
        "same columns.",
        "type": "object",
        "properties": fields,
        "required": list(fields),
    }
