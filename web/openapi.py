"""The description of the API, as OpenAPI 3.1: what every address takes and answers, with examples.

What requests may say is checked by these same words (`values.py`), so that the description is what is so.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from backfocus.targets import PAPERS
from backfocus.targets.designs import BUILDERS, SCALE_RANGE
from backfocus.targets.ids import DESIGNS, ID_ALPHABET, ID_LENGTH
from backfocus.verify.tuning.labels import MAX_STEPS

from .guard import Limits
from .problems import MEDIA, PROBLEMS, TYPES, listed
from .sessions import SESSION_SCHEMA

Json = dict[str, Any]
EXAMPLES = Path(__file__).parent / "examples.json"
"""Real answers; `docs/studies/api_examples.py` makes them."""
KEY = "Idempotency-Key"
_ANGLES = [kind.angle_range_deg for kind in BUILDERS.values()]
_CHART_ID: Json = {"type": "string", "pattern": f"^[{ID_ALPHABET}]{{{ID_LENGTH}}}$", "example": "K7Q2XZ9"}
_SCALE: Json = {"type": "number", "minimum": SCALE_RANGE[0], "maximum": SCALE_RANGE[1]}
_SETTING: Json = {
    "type": "number",
    "minimum": -MAX_STEPS,
    "maximum": MAX_STEPS,
    "description": "AF fine-tune that was in force.",
    "example": 5,
}
MEASURE_FIELDS: Json = {
    "camera": {
        "type": "string",
        "minLength": 1,
        "maxLength": 100,
        "description": "Maker and model; over the metadata.",
        "example": "Nikon D850",
    },
    "focal_length_mm": {"type": "number", "minimum": 1, "maximum": 5000, "example": 85},
    "f_number": {"type": "number", "minimum": 0.5, "maximum": 64, "example": 1.4},
    "sensor_width_mm": {"type": "number", "minimum": 2, "maximum": 100, "example": 35.9},
    "setting": _SETTING,
    "scale": _SCALE | {"description": "Of the print, where the QR code cannot be read.", "example": 1},
    "chart_id": _CHART_ID | {"description": "Whose chart it is, where the QR code cannot be read."},
}
"""What a form may say of a photo besides the file; the ranges are those of the command line."""
_OF_THE_CAMERA = ("camera", "focal_length_mm", "f_number", "sensor_width_mm")
PHOTO_FIELDS: Json = {"setting": _SETTING} | {name: MEASURE_FIELDS[name] for name in _OF_THE_CAMERA}
_ID: Json = {
    "name": "session",
    "in": "path",
    "required": True,
    "description": "Of a series, as newSeries returns it.",
    "schema": {"type": "string", "pattern": "^[a-z0-9]{16}$"},
    "example": "b63bbb80b7d835dd",
}
_NUMBER: Json = {
    "name": "number",
    "in": "path",
    "required": True,
    "description": "Of a photo in its series, from 1 on; never used again.",
    "schema": {"type": "integer", "minimum": 1, "maximum": 100_000},
    "example": 1,
}
KEY_PARAMETER: Json = {
    "name": KEY,
    "in": "header",
    "description": "Chosen by the client. The same key names the same series, until that is deleted.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "example": "85mm-today",
}
WAITING: Json = {"state": "waiting", "setting": None, "measurement": None, "left_out": None}
"""What a photo lacks until it is measured."""
PREFER_PARAMETER: Json = {
    "name": "Prefer",
    "in": "header",
    "description": "With respond-async the answer, 202, does not wait until the photo is measured.",
    "schema": {"type": "string", "maxLength": 200},
    "example": "respond-async",
}
CAMERAS_QUERY: list[Json] = [
    {
        "name": "name",
        "in": "query",
        "description": "A maker or camera, or part of it; without one, all makers.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 100},
        "example": "Nikon D850",
    }
]
CHART_QUERY: list[Json] = [
    {"name": "design", "in": "query", "schema": {"type": "string", "enum": list(DESIGNS), "default": "flat"}},
    {"name": "paper", "in": "query", "schema": {"type": "string", "enum": list(PAPERS), "default": "a4"}},
    {"name": "scale", "in": "query", "schema": _SCALE | {"default": 1}},
    {
        "name": "angle",
        "in": "query",
        "description": "Degrees; without one, the design's usual one. "
        + ", ".join(f"{name}: {low:g} to {high:g}" for name, (low, high) in zip(BUILDERS, _ANGLES, strict=True))
        + ".",
        "schema": {
            "type": "number",
            "minimum": min(low for low, _ in _ANGLES),
            "maximum": max(high for _, high in _ANGLES),
        },
    },
    {"name": "id", "in": "query", "schema": _CHART_ID},
]
TABLE_QUERY: list[Json] = [
    {"name": "format", "in": "query", "schema": {"type": "string", "enum": ["jsonl", "csv"], "default": "jsonl"}}
]


@cache
def description() -> Json:
    """Return the description; slow the first time, as it takes all types of the program along."""
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "backfocus",
            "version": "1",
            "license": {"name": "MIT", "identifier": "MIT"},
            "description": "Front and back focus from photos of a printed chart. Positive offsets are back focus. "
            "JSON is that of the command line. Within a version fields may be added: pass over those that you do "
            "not know.",
        },
        "servers": [{"url": "/api/v1"}],
        # A program on the machine itself needs nothing.
        "security": [{}, {"browser": []}],
        "paths": _paths(examples),
        "components": {
            "schemas": _schemas(),
            "responses": {name: _problem(name) for name in PROBLEMS} | {"default": _problem("broken")},
            "securitySchemes": {
                "browser": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "backfocus_8472",
                    "description": "From other machines: what the address with the token sets. The name ends in "
                    "the server's port.",
                }
            },
        },
    }


def _paths(examples: Json) -> Json:
    series, photo = examples["series"], examples["photo"]
    table = _file("application/x-ndjson", json.dumps(examples["row"]) + "\n")
    table["content"] |= _file("text/csv")["content"]
    of_series = {"session": "$response.body#/id"}
    of_photo = {"session": "$request.path.session", "number": "$response.body#/number"}
    from_series = _links(of_series, "series", "addPhoto", "answer", "table", "deleteSeries")
    from_photo = _links(of_photo, "photo", "deletePhoto")
    from_list = _links({"session": "$response.body#/series/0/id"}, "series", "addPhoto", "answer", "table")
    where = {"Location": {"description": "Its address.", "required": True, "schema": {"type": "string"}}}
    return {
        "/measure": {
            "post": _operation(
                "measure",
                "Measure one photo; nothing of it is kept, so that sending it again does no harm.",
                {"200": _json("Measurement", examples["measurement"])},
                "unreadable-photo",
                fields=MEASURE_FIELDS,
            )
        },
        "/series": {
            "get": _operation(
                "listSeries",
                "Series that are kept, the newest first.",
                {"200": _json("SeriesList", {"series": [series]}) | {"links": from_list}},
            ),
            "post": _operation(
                "newSeries",
                "Begin a series of one body and lens: 201; with the key of one that there is, that one: 200.",
                {
                    "201": _json("Series", series) | {"links": from_series, "headers": where},
                    "200": _json("Series", series) | {"links": from_series},
                },
                "bad-value",
                "foreign-site",
                parameters=[KEY_PARAMETER],
            ),
        },
        "/series/{session}": {
            "get": _operation(
                "series",
                "A series with its photos.",
                {"200": _json("SeriesWithPhotos", series | {"photos": [photo]})},
                parameters=[_ID],
            ),
            "delete": _operation(
                "deleteSeries",
                "Delete it with all that is kept of it.",
                {"204": {"description": "Done."}},
                "foreign-site",
                parameters=[_ID],
            ),
        },
        "/series/{session}/photos": {
            "post": _operation(
                "addPhoto",
                "Add a photo, and have it measured: 201. The same file again is the same photo: 200; it is "
                "measured anew if it says something else of the camera. A file that is no photo is kept as left "
                "out, with the reason.",
                {
                    "201": _json("Photo", photo) | {"links": from_photo, "headers": where},
                    "202": _json("Photo", photo | WAITING) | {"links": from_photo, "headers": where},
                    "200": _json("Photo", photo) | {"links": from_photo},
                },
                "gone",
                parameters=[_ID, PREFER_PARAMETER],
                fields=PHOTO_FIELDS,
            )
        },
        "/series/{session}/photos/{number}": {
            "get": _operation(
                "photo", "A photo of a series.", {"200": _json("Photo", photo)}, parameters=[_ID, _NUMBER]
            ),
            "delete": _operation(
                "deletePhoto",
                "Take a photo out.",
                {"204": {"description": "Done."}},
                "foreign-site",
                parameters=[_ID, _NUMBER],
            ),
        },
        "/series/{session}/answer": {
            "get": _operation(
                "answer",
                "What its photos say together so far: what `backfocus tune --json` prints.",
                {"200": _json("SeriesAnswer", examples["answer"])},
                parameters=[_ID],
            )
        },
        "/series/{session}/table": {
            "get": _operation(
                "table",
                "A row a photo that is measured, as `backfocus score` writes them: JSON lines, each a Row, or as "
                "CSV, also for who accepts text/csv.",
                {"200": table},
                "bad-value",
                parameters=[_ID, *TABLE_QUERY],
            )
        },
        "/charts/pdf": {"get": _chart("chartPdf", "A chart to print.", _file("application/pdf"))},
        "/charts/preview": {"get": _chart("chartPreview", "A picture of a chart.", _file("image/png"))},
        "/charts/geometry": {"get": _chart("chartGeometry", "What a chart has printed where.", _json("Chart"))},
        "/cameras": {
            "get": _operation(
                "cameras",
                "What is known of AF fine-tune, with sources.",
                {"200": _json("Cameras", examples["cameras"])},
                "bad-value",
                "not-found",
                parameters=CAMERAS_QUERY,
            )
        },
        "/problems": {
            "get": _operation(
                "problems",
                "The types of problems: what `type` of an error names.",
                {"200": _json("Problems", {"problems": listed()})},
            )
        },
    }


def _operation(
    name: str,
    summary: str,
    answers: Json,
    *problems: str,
    parameters: list[Json] | None = None,
    fields: Json | None = None,
) -> Json:
    told = ["no-token", "foreign-name", *problems]
    if parameters and parameters[0] is _ID:
        told.append("not-found")
    if fields is not None:
        told += ["bad-request", "foreign-site", "too-slow", "too-large", "wrong-kind", "busy", "no-room"]
    errors: dict[str, list[str]] = {}
    for each in told:
        errors.setdefault(str(PROBLEMS[each].status), []).append(each)
    if fields is not None:
        errors["422"] = ["bad-value"]
    responses = answers | {
        status: {"$ref": f"#/components/responses/{names[0]}"} for status, names in sorted(errors.items())
    }
    responses["default"] = {"$ref": "#/components/responses/default"}
    operation: Json = {"operationId": name, "summary": summary, "responses": responses}
    if parameters:
        operation["parameters"] = parameters
    if fields is not None:
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": _form(fields)}}
    return operation


def _form(fields: Json) -> Json:
    return {
        "schema": {
            "type": "object",
            "required": ["photo"],
            "additionalProperties": False,
            "properties": {
                "photo": {
                    "type": "string",
                    "format": "binary",
                    "description": "The file, with its name: JPEG, HEIC, AVIF, WebP, PNG, TIFF, or RAW; at most "
                    f"{Limits().body_bytes // 1_000_000} MB with the fields.",
                },
                **fields,
            },
        },
        "encoding": {"photo": {"contentType": "image/jpeg"}},
    }


def _chart(name: str, summary: str, answer: Json) -> Json:
    return _operation(name, summary, {"200": answer}, "bad-value", "not-found", parameters=CHART_QUERY)


def _links(parameters: Json, *operations: str) -> Json:
    return {name: {"operationId": name, "parameters": parameters} for name in operations}


def _problem(name: str) -> Json:
    it = PROBLEMS[name]
    example = {
        "type": f"{TYPES}#{name}",
        "title": it.title,
        "status": it.status,
        "detail": it.title + ".",
        "remedy": it.meaning,
    }
    return {
        "description": f"{it.title}. {it.meaning}",
        "content": {MEDIA: {"schema": _ref("Problem"), "example": example}},
    }


def _json(schema: str, example: Json | None = None) -> Json:
    told: Json = {"schema": _ref(schema)} | ({} if example is None else {"example": example})
    return {"description": "Done.", "content": {"application/json": told}}


def _file(kind: str, example: str | None = None) -> Json:
    told: Json = {"schema": {"type": "string"}, "example": example} if example else {}
    return {"description": "The file.", "content": {kind: told}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> Json:
    from .contract import schemas

    found = {
        "Measurement": "measurement-1.json",
        "SeriesAnswer": "series-1.json",
        "Chart": "chart-1.json",
        "Cameras": "cameras-1.json",
        "Row": "score-1.json",
    }
    made = schemas()
    return _own_schemas() | {name: _placed(name, made[file]) for name, file in found.items()}


def _placed(name: str, schema: Json) -> Json:
    """Return a schema that stood by itself, as a part of the description."""
    text = json.dumps({key: part for key, part in schema.items() if key != "$schema"})
    told: Json = json.loads(text.replace('"#/$defs/', f'"#/components/schemas/{name}/$defs/'))
    return told


def _own_schemas() -> Json:
    series: Json = {
        "schema": {"const": SESSION_SCHEMA},
        "id": _ID["schema"],
        "created": {"type": "string", "format": "date-time"},
        "title": {"type": ["string", "null"], "description": "Body and lens, once a photo tells them."},
        "count": {"type": "integer", "minimum": 0},
        "waiting": {"type": "integer", "minimum": 0, "description": "Photos that are not measured yet."},
    }
    kept = {"type": "array", "items": _ref("Photo")}
    left_out = _object({"reason": {"type": "string"}, "remedy": {"type": "string"}})
    problem: Json = {
        "type": {"enum": ["about:blank", *(told["type"] for told in listed())]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong."},
        "remedy": {"type": ["string", "null"], "description": "What to do about it, where `detail` does not say."},
    }
    kinds = {name: problem[name] for name in ("type", "title", "status")} | {"meaning": {"type": "string"}}
    return {
        "Problem": _object(problem),
        "Problems": _object({"problems": {"type": "array", "items": _object(kinds)}}),
        "Series": _object(series),
        "SeriesWithPhotos": _object(series | {"photos": kept}),
        "SeriesList": _object({"series": {"type": "array", "items": _ref("Series")}}),
        "Photo": _object(
            {
                "number": _NUMBER["schema"],
                "photo": {"type": "string", "description": "Its name, as it was sent."},
                "state": {"enum": ["waiting", "measuring", "measured", "left-out"]},
                "setting": {"type": ["number", "null"]},
                "measurement": {"anyOf": [_ref("Measurement"), {"type": "null"}]},
                "left_out": {"anyOf": [left_out, {"type": "null"}]},
            }
        ),
    }


def _object(properties: Json) -> Json:
    return {"type": "object", "required": list(properties), "properties": properties}
