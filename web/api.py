"""The HTTP API, /api/v1/: the same JSON as on the command line, for other programs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backfocus.targets.designs import SCALE_RANGE
from backfocus.targets.errors import UserError
from backfocus.targets.ids import is_chart_id
from backfocus.verify.formats import as_json
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.tuning.labels import MAX_STEPS

from .desk import rows_of
from .openapi import description
from .pages import csv_response, desk_of, photo_of, session_of
from .paper import chart_of_query, pdf, preview
from .sessions import SESSION_SCHEMA, Kept, Session

KEY = "idempotency-key"
_KEY = re.compile(r"[!-~]{1,200}")
"""As the description has it: what can be seen of ASCII."""
_SIZES = {
    "focal_length_mm": (1.0, 5000.0),
    "f_number": (0.5, 64.0),
    "sensor_width_mm": (2.0, 100.0),
    "setting": (-MAX_STEPS, MAX_STEPS),
    "scale": SCALE_RANGE,
}
"""Fields that are numbers, and their ends: those of the command line."""


async def openapi(_request: Request) -> Response:
    """Return the description of this API."""
    return JSONResponse(description())


async def measure(request: Request) -> Response:
    """Measure one photo, and keep nothing of it."""
    desk = desk_of(request)
    async with desk.inbox.form(request, 1) as (form, received):
        hints = hints_of({name: value for name, value in form.multi_items() if isinstance(value, str)})
        if len(received) != 1:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "Send one file as the field photo.")
        return JSONResponse(await desk.measure(received[0], hints))


async def list_series(request: Request) -> Response:
    """Return the sessions that are kept, the newest first."""
    sessions = [session for session in desk_of(request).shelf.all() if session.kind == "series"]
    return JSONResponse({"series": [told_of(session) for session in sessions]})


async def new_series(request: Request) -> Response:
    """Begin a series; the same Idempotency-Key always names the same one."""
    shelf, key = desk_of(request).shelf, request.headers.get(KEY)
    if key is None:
        return JSONResponse(told_of(shelf.new()), HTTPStatus.CREATED)
    if not _KEY.fullmatch(key):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "Idempotency-Key has 1 to 200 letters and signs.")
    # Of the key alone, so that it holds after a restart too.
    chosen = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    status = HTTPStatus.OK if shelf.get(chosen) else HTTPStatus.CREATED
    return JSONResponse(told_of(shelf.new(session_id=chosen)), status)


async def one_series(request: Request) -> Response:
    """Return a series with its photos."""
    session = session_of(request)
    return JSONResponse(told_of(session) | {"photos": [told_of_photo(photo) for photo in session.photos.values()]})


async def delete_series(request: Request) -> Response:
    """Delete a series with all that is kept of it."""
    desk_of(request).shelf.delete(session_of(request).id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def add_photo(request: Request) -> Response:
    """Add a photo to a series, and return it measured; a file that is there already is not added again."""
    desk, session = desk_of(request), session_of(request)
    async with desk.inbox.form(request, 1) as (form, received):
        said = hints_of({name: value for name, value in form.multi_items() if isinstance(value, str)})
        if len(received) != 1:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "Send one file as the field photo.")
        photo, is_new = desk.add(session, received[0])
    if "setting" in said:
        desk.set_setting(session, photo, said["setting"])
    done = await desk.measured(session, photo.number)
    if done is None:
        raise HTTPException(HTTPStatus.GONE, "The photo was taken out of the series meanwhile.")
    return JSONResponse(told_of_photo(done), HTTPStatus.CREATED if is_new else HTTPStatus.OK)


async def one_photo(request: Request) -> Response:
    """Return a photo of a series."""
    return JSONResponse(told_of_photo(photo_of(request)))


async def delete_photo(request: Request) -> Response:
    """Take a photo out of its series."""
    desk_of(request).drop(session_of(request), photo_of(request).number)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def answer(request: Request) -> Response:
    """Return what the photos of a series that are measured say together."""
    return JSONResponse(as_json(await desk_of(request).answer(session_of(request))))


async def table(request: Request) -> Response:
    """Return a row a photo, as `backfocus score` writes them, as JSON lines or CSV."""
    rows = await to_thread.run_sync(rows_of, session_of(request))
    if request.query_params.get("format") == "csv" or "text/csv" in request.headers.get("accept", ""):
        return csv_response(rows)
    lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    return Response(lines, media_type="application/x-ndjson")


async def geometry(request: Request) -> Response:
    """Return what a chart has printed where."""
    from backfocus.targets.printing.pdf import geometry_dict

    return JSONResponse(geometry_dict(chart_of_query(request.query_params)))


async def cameras(request: Request) -> Response:
    """Return what is known of AF fine-tune on a maker's cameras, or on all."""
    from backfocus.verify.cameras.makers import makers
    from backfocus.verify.cameras.names import Found, cameras_json, makers_named

    name = request.query_params.get("name", "")
    if len(name) > 100:
        raise UserError("No camera has so long a name.")
    found = await to_thread.run_sync(makers_named, name) if name else [Found(maker, None) for maker in makers()]
    return JSONResponse(cameras_json(found))


def hints_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return what a form says about a photo besides the file, as `backfocus.verify.measure.Hints` has it.

    Raises:
        UserError: a value that cannot be.
    """
    numbers = {name: _number(name, fields[name], *ends) for name, ends in _SIZES.items() if fields.get(name)}
    hints: dict[str, Any] = {name: numbers.pop(name) for name in ("setting", "scale") if name in numbers}
    chart_id = fields.get("chart_id", "").upper()
    if chart_id:
        if not is_chart_id(chart_id):
            raise UserError("chart_id is no chart's id.", "It stands at the sheet's top right.")
        hints["chart_id"] = chart_id
    camera = " ".join(fields.get("camera", "").split())[:100]
    if camera or numbers:
        hints["camera"] = CameraInfo(
            make=camera.split()[0] if camera else None,
            model=camera or None,
            focal_length_mm=numbers.get("focal_length_mm"),
            f_number=numbers.get("f_number"),
            sensor_width_mm=numbers.get("sensor_width_mm"),
        )
    return hints


def told_of(session: Session) -> dict[str, Any]:
    """Return a series as it stands in the JSON, without its photos."""
    return {
        "schema": SESSION_SCHEMA,
        "id": session.id,
        "created": session.created,
        "title": session.title or None,
        "count": len(session.photos),
        "waiting": session.waiting,
    }


def told_of_photo(photo: Kept) -> dict[str, Any]:
    """Return a photo of a series as it stands in the JSON."""
    shot, left_out = photo.used_shot, photo.left_out
    return {
        "number": photo.number,
        "photo": photo.name,
        "state": photo.state,
        "setting": photo.setting if shot is None else shot.setting,
        "measurement": photo.measurement,
        "left_out": None if left_out is None else {"reason": left_out.reason, "remedy": left_out.remedy},
    }


def _number(name: str, text: str, low: float, high: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise UserError(f"{name} must be a number from {low:g} to {high:g}.")
    return number


ROUTES = [
    Route("/openapi.json", openapi),
    Route("/measure", measure, methods=["POST"]),
    Route("/series", list_series, methods=["GET"]),
    Route("/series", new_series, methods=["POST"]),
    Route("/series/{session}", one_series, methods=["GET"]),
    Route("/series/{session}", delete_series, methods=["DELETE"]),
    Route("/series/{session}/photos", add_photo, methods=["POST"]),
    Route("/series/{session}/photos/{number:int}", one_photo, methods=["GET"]),
    Route("/series/{session}/photos/{number:int}", delete_photo, methods=["DELETE"]),
    Route("/series/{session}/answer", answer),
    Route("/series/{session}/table", table),
    Route("/charts/pdf", pdf),
    Route("/charts/preview", preview),
    Route("/charts/geometry", geometry),
    Route("/cameras", cameras),
]
