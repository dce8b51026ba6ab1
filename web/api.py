"""The HTTP API, /api/v1/: the same JSON as on the command line, for other programs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backfocus.targets import Chart, build_chart
from backfocus.targets.errors import ChartError
from backfocus.verify.formats import as_json

from .desk import rows_of
from .kept import Kept
from .openapi import (
    CAMERAS_QUERY,
    CHART_QUERY,
    KEY_PARAMETER,
    MEASURE_FIELDS,
    PHOTO_FIELDS,
    PREFER_PARAMETER,
    TABLE_QUERY,
    description,
)
from .pages import csv_response, desk_of, photo_of, session_of
from .paper import pdf_of, preview_of
from .problems import TYPES, listed
from .sessions import SESSION_SCHEMA, Session
from .told import FIELDS, Told
from .values import form_of, header_of, query_of

HERE = TYPES.rpartition("/")[0]


async def openapi(_request: Request) -> Response:
    """Return the description of this API."""
    return JSONResponse(await to_thread.run_sync(description))


async def problems(_request: Request) -> Response:
    """Return what types of problems there are."""
    return JSONResponse({"problems": listed()})


async def measure(request: Request) -> Response:
    """Measure one photo, and keep nothing of it."""
    desk = desk_of(request)
    async with form_of(desk.inbox, request, MEASURE_FIELDS) as (said, received):
        return JSONResponse(await desk.measure(received, hints_of(said)))


async def list_series(request: Request) -> Response:
    """Return the sessions that are kept, the newest first."""
    sessions = [session for session in desk_of(request).shelf.all() if session.kind == "series"]
    return JSONResponse({"series": [told_of(session) for session in sessions]})


async def new_series(request: Request) -> Response:
    """Begin a series; the same Idempotency-Key always names the same one."""
    shelf, key = desk_of(request).shelf, header_of(request, KEY_PARAMETER)
    if key is None:
        return _created(told_of(shelf.new()), "series")
    # Of the key alone, so that it holds after a restart too.
    chosen = hashlib.sha256(key.encode()).hexdigest()[:16]
    if shelf.get(chosen):
        return JSONResponse(told_of(shelf.new(session_id=chosen)))
    return _created(told_of(shelf.new(session_id=chosen)), "series")


async def one_series(request: Request) -> Response:
    """Return a series with its photos."""
    session = session_of(request)
    return JSONResponse(told_of(session) | {"photos": [told_of_photo(photo) for photo in session.photos.values()]})


async def delete_series(request: Request) -> Response:
    """Delete a series with all that is kept of it."""
    desk_of(request).delete(session_of(request))
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def add_photo(request: Request) -> Response:
    """Add a photo to a series, and return it measured, or as it is now to who prefers that (RFC 7240).

    A file that is there already is not added again.
    """
    desk, session = desk_of(request), session_of(request)
    async with form_of(desk.inbox, request, PHOTO_FIELDS) as (said, received):
        told = Told(**{name: said[name] for name in FIELDS if name in said})
        photo, is_new = desk.add(session, received, told)
    if "setting" in said:
        desk.set_setting(session, photo, said["setting"])
    if "respond-async" in (header_of(request, PREFER_PARAMETER) or ""):
        where = f"{HERE}/series/{session.id}/photos/{photo.number}"
        headers = {"location": where, "preference-applied": "respond-async"}
        return JSONResponse(told_of_photo(photo), HTTPStatus.ACCEPTED, headers)
    done = await desk.measured(session, photo.number)
    if done is None:
        raise HTTPException(HTTPStatus.GONE, "The photo was taken out of the series meanwhile.")
    answer = told_of_photo(done)
    return _created(answer, f"series/{session.id}/photos", "number") if is_new else JSONResponse(answer)


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
    said, session = query_of(request, TABLE_QUERY), session_of(request)
    rows = await to_thread.run_sync(rows_of, session)
    if said.get("format") == "csv" or "text/csv" in request.headers.get("accept", ""):
        return csv_response(rows)
    lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    return Response(lines, media_type="application/x-ndjson")


async def chart_pdf(request: Request) -> Response:
    """Return a chart to print."""
    return await pdf_of(chart_of(request))


async def chart_preview(request: Request) -> Response:
    """Return a picture of a chart."""
    return await preview_of(chart_of(request))


async def geometry(request: Request) -> Response:
    """Return what a chart has printed where."""
    from backfocus.targets.printing.pdf import geometry_dict

    return JSONResponse(geometry_dict(chart_of(request)))


async def cameras(request: Request) -> Response:
    """Return what is known of AF fine-tune on a maker's cameras, or on all."""
    from backfocus.verify.cameras.makers import makers
    from backfocus.verify.cameras.names import Found, cameras_json, find_makers, near_names

    name = query_of(request, CAMERAS_QUERY).get("name", "")
    found = await to_thread.run_sync(find_makers, name) if name else [Found(maker, None) for maker in makers()]
    if not found:
        near = await to_thread.run_sync(near_names, name)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"All there are: {HERE}/cameras"
        raise HTTPException(HTTPStatus.NOT_FOUND, f"No maker or camera of that name is on record. {hint}")
    return JSONResponse(cameras_json(found))


def chart_of(request: Request) -> Chart:
    """Return the chart that an address asks for.

    Raises:
        UserError: a value that cannot be.
        HTTPException: values that make no chart together.
    """
    said = query_of(request, CHART_QUERY)
    try:
        return build_chart(
            said.get("design", "flat"),
            said.get("paper", "a4"),
            said.get("scale", 1.0),
            said.get("angle"),
            said.get("id"),
        )
    except ChartError as error:
        message = error.message[:1].upper() + error.message[1:]
        raise HTTPException(HTTPStatus.NOT_FOUND, message) from None


def hints_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form says about a photo besides the file, as `backfocus.verify.measure.Hints` has it."""
    hints: dict[str, Any] = {name: said[name] for name in ("setting", "scale", "chart_id") if name in said}
    if said.keys() - hints.keys():
        hints["camera"] = Told(**{name: said[name] for name in FIELDS if name in said}).info
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


def _created(told: dict[str, Any], within: str, name: str = "id") -> Response:
    return JSONResponse(told, HTTPStatus.CREATED, {"location": f"{HERE}/{within}/{told[name]}"})


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
    Route("/charts/pdf", chart_pdf),
    Route("/charts/preview", chart_preview),
    Route("/charts/geometry", geometry),
    Route("/cameras", cameras),
    Route("/problems", problems),
]
