"""The description of the API, as OpenAPI 3.1: every address, with an example of what it answers."""

from __future__ import annotations

from typing import Any

from backfocus.targets import PAPERS
from backfocus.targets.designs import SCALE_RANGE
from backfocus.targets.ids import DESIGNS, ID_ALPHABET, ID_LENGTH

Json = dict[str, Any]
_MEASURED: Json = {
    "schema": "backfocus/measurement/1",
    "photo": "IMG_0001.JPG",
    "status": "measured",
    "trustworthy": True,
    "offset_mm": 13.93,
    "offset_ci95_mm": [13.72, 14.14],
    "verdict": "back-focus",
    "answer": {
        "kind": "more-shots",
        "dial": "Best guess: set AF fine-tune to -4 (one shot).",
        "why": "Back focus of 13.9 ± 0.2 mm: what you focus on loses 11% of its sharpness; dialling it makes that "
        "12% sharper.",
        "next": "One shot cannot tell a steady error from chance: take 8 photos with AF fine-tune (AF "
        "microadjustment) at 0 and 8 at +10 into one folder, then: backfocus tune FOLDER",
        "setting": -4,
    },
    "findings": [],
}
_SERIES: Json = {
    "schema": "backfocus/session/1",
    "id": "b63bbb80b7d835dd",
    "created": "2026-11-27T13:08:57+00:00",
    "title": "NIKON D850, 85mm f/1.4",
    "count": 1,
    "waiting": 0,
}
_PHOTO: Json = {
    "number": 1,
    "photo": "IMG_0001.JPG",
    "state": "measured",
    "setting": 0.0,
    "measurement": _MEASURED,
    "left_out": None,
}
_PROBLEM: Json = {
    "type": "about:blank",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "The file is damaged or incomplete.",
    "remedy": "Copy it from the camera again, or take another photo.",
}
_HINTS: Json = {
    "camera": {"type": "string", "maxLength": 100, "description": "Maker and model; over the metadata."},
    "focal_length_mm": {"type": "number", "minimum": 1, "maximum": 5000},
    "f_number": {"type": "number", "minimum": 0.5, "maximum": 64},
    "sensor_width_mm": {"type": "number", "minimum": 2, "maximum": 100},
    "setting": {"type": "number", "minimum": -100, "maximum": 100, "description": "AF fine-tune in force."},
    "scale": {"type": "number", "minimum": SCALE_RANGE[0], "maximum": SCALE_RANGE[1]},
    "chart_id": {"type": "string", "pattern": f"^[{ID_ALPHABET}]{{{ID_LENGTH}}}$"},
}
_ID: Json = {
    "name": "session",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "example": _SERIES["id"],
}
_NUMBER: Json = {
    "name": "number",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 1, "maximum": 100_000},
    "example": 1,
}
_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A request that is sent again with the same key has the effect of one.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}
_NAME: Json = {
    "name": "name",
    "in": "query",
    "schema": {"type": "string", "maxLength": 100},
    "example": "Nikon D850",
}
_CHART: list[Json] = [
    {"name": "design", "in": "query", "schema": {"enum": list(DESIGNS), "default": "flat"}},
    {"name": "paper", "in": "query", "schema": {"enum": list(PAPERS), "default": "a4"}},
    {
        "name": "scale",
        "in": "query",
        "schema": {"type": "number", "minimum": SCALE_RANGE[0], "maximum": SCALE_RANGE[1], "default": 1},
    },
    {"name": "angle", "in": "query", "schema": {"type": "number", "description": "Degrees; each design its own."}},
    {"name": "id", "in": "query", "schema": {"type": "string", "pattern": f"^[{ID_ALPHABET}]{{{ID_LENGTH}}}$"}},
]


def description() -> Json:
    """Return the description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "backfocus",
            "version": "1",
            "license": {"name": "MIT", "identifier": "MIT"},
            "description": "Front and back focus from photos of a printed chart. Positive offsets are back focus. "
            "JSON is that of the command line; its schemas are in docs/schemas/ by the name in `schema`.",
        },
        "servers": [{"url": "/api/v1"}],
        "paths": _paths(),
        "components": {
            "schemas": {
                "Problem": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail", "remedy"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                        "remedy": {"type": ["string", "null"]},
                    },
                },
                "Measurement": _by_name("backfocus/measurement/1"),
                "Series": _by_name("backfocus/session/1", "id", "created", "count", "waiting"),
                "SeriesAnswer": _by_name("backfocus/series/1", "answer", "lenses", "left_out"),
                "Chart": _by_name("backfocus/chart/1"),
                "Cameras": _by_name("backfocus/cameras/1", "makers"),
                "Photo": {
                    "type": "object",
                    "required": list(_PHOTO),
                    "properties": {"number": {"type": "integer"}},
                },
            }
        },
    }


def _paths() -> Json:
    return {
        "/measure": {
            "post": _operation(
                "measure", "Measure one photo; nothing of it is kept.", _ok("Measurement", _MEASURED), body=_HINTS
            )
        },
        "/series": {
            "get": _operation(
                "listSeries",
                "Series that are kept, the newest first.",
                {"200": _json({"type": "object", "required": ["series"]}, {"series": [_SERIES]})},
            ),
            "post": _operation(
                "newSeries",
                "Begin a series of one body and lens.",
                _ok("Series", _SERIES) | {"201": _json(_ref("Series"), _SERIES)},
                [_KEY],
            ),
        },
        "/series/{session}": {
            "get": _operation("series", "A series with its photos.", _ok("Series", _SERIES), [_ID]),
            "delete": _operation("deleteSeries", "Delete it with all that is kept of it.", _GONE, [_ID]),
        },
        "/series/{session}/photos": {
            "post": _operation(
                "addPhoto",
                "Add a photo, and have it measured. The same file again is the same photo: status 200, not 201.",
                _ok("Photo", _PHOTO) | {"201": _json(_ref("Photo"), _PHOTO), "410": _problem()},
                [_ID],
                body={"setting": _HINTS["setting"]},
            )
        },
        "/series/{session}/photos/{number}": {
            "get": _operation("photo", "A photo of a series.", _ok("Photo", _PHOTO), [_ID, _NUMBER]),
            "delete": _operation("deletePhoto", "Take a photo out.", _GONE, [_ID, _NUMBER]),
        },
        "/series/{session}/answer": {
            "get": _operation(
                "answer",
                "What its photos say together so far: what `backfocus tune --json` prints.",
                {"200": _json(_ref("SeriesAnswer"), None)},
                [_ID],
            )
        },
        "/series/{session}/table": {
            "get": _operation(
                "table",
                "A row a photo, as `backfocus score` writes them, as JSON lines.",
                {"200": _bytes("application/x-ndjson")},
                [_ID],
            )
        },
        "/charts/pdf": {
            "get": _operation("chartPdf", "A chart to print.", {"200": _bytes("application/pdf")}, _CHART)
        },
        "/charts/preview": {
            "get": _operation("chartPreview", "A picture of a chart.", {"200": _bytes("image/png")}, _CHART)
        },
        "/charts/geometry": {
            "get": _operation("chartGeometry", "What a chart has printed where.", _ok("Chart", None), _CHART)
        },
        "/cameras": {
            "get": _operation(
                "cameras",
                "What is known of AF fine-tune, with sources.",
                _ok("Cameras", None),
                [
                    {
                        "name": "name",
                        "in": "query",
                        "schema": {"type": "string", "maxLength": 100},
                        "example": "Nikon D850",
                    }
                ],
            )
        },
    }


def _operation(
    name: str, summary: str, answers: Json, parameters: list[Json] | None = None, *, body: Json | None = None
) -> Json:
    told: Json = {"operationId": name, "summary": summary, "responses": answers | _errors(body is not None)}
    if parameters:
        told["parameters"] = parameters
    if body is not None:
        form = {
            "type": "object",
            "required": ["photo"],
            "properties": {"photo": {"type": "string", "contentMediaType": "application/octet-stream"}, **body},
        }
        told["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    return told


def _errors(has_body: bool) -> Json:
    codes = ["404", "422", "400"] + (["408", "413", "415"] if has_body else [])
    return {code: _problem() for code in codes}


def _problem() -> Json:
    told = {"schema": _ref("Problem"), "example": _PROBLEM}
    return {"description": "Why not, and what to do.", "content": {"application/problem+json": told}}


def _ok(schema: str, example: Json | None) -> Json:
    return {"200": _json(_ref(schema), example)}


def _json(schema: Json, example: Json | None) -> Json:
    told: Json = {"schema": schema} | ({} if example is None else {"example": example})
    return {"description": "Done.", "content": {"application/json": told}}


def _bytes(kind: str) -> Json:
    return {"description": "The file.", "content": {kind: {}}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _by_name(schema: str, *fields: str) -> Json:
    """Return the schema of an object that says which it is; all of it is in docs/schemas/."""
    return {"type": "object", "required": ["schema", *fields], "properties": {"schema": {"const": schema}}}


_GONE: Json = {"204": {"description": "Done."}}
