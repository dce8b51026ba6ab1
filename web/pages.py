"""The pages of "Measure and tune": photos in, results as they come, the answer first."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from . import work
from .desk import Desk, for_page, in_page_words
from .guard import HEADERS
from .rendering import page, part
from .sessions import Kept, Session, checked_setting

BEAT_S = 15.0
"""After which a stream without news says so, lest the browser or something between give up."""
SEVERITY_ORDER = ("critical", "warning", "info")


def desk_of(request: Request) -> Desk:
    """Return the desk of the application."""
    desk: Desk = request.app.state.desk
    return desk


def session_of(request: Request) -> Session:
    """Return the session that an address names.

    Raises:
        HTTPException: there is none.
    """
    session = desk_of(request).shelf.get(request.path_params["session"])
    if session is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such session; perhaps it was deleted.")
    return session


def photo_of(request: Request) -> Kept:
    """Return the photo that an address names, of its session.

    Raises:
        HTTPException: there is none.
    """
    photo = session_of(request).photos.get(request.path_params["number"])
    if photo is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such photo in the session.")
    return photo


async def home(request: Request) -> Response:
    """Lead to where work goes on: for a newcomer the printer, else the photos."""
    return RedirectResponse("/measure" if desk_of(request).shelf.all() else "/print", HTTPStatus.SEE_OTHER)


async def measure(request: Request) -> Response:
    """Show where photos go, and the sessions that are kept."""
    sessions = [session for session in desk_of(request).shelf.all() if session.photos and session.kind == "series"]
    return page(request, "measure.html.j2", sessions=sessions)


async def new_session(request: Request) -> Response:
    """Begin a session, with photos if the form has any."""
    desk = desk_of(request)
    async with desk.inbox.form(request, desk.limits.files) as (_, received):
        session = desk.shelf.new()
        for file in received:
            desk.add(session, file)
    where = f"/sessions/{session.id}"
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"session": where}, HTTPStatus.CREATED)
    return RedirectResponse(where, HTTPStatus.SEE_OTHER)


async def show_session(request: Request) -> Response:
    """Show a session as it is now."""
    session, board = session_of(request), desk_of(request).board(session_of(request))
    if session.kind == "workshop":
        return RedirectResponse(f"/workshop/{session.id}", HTTPStatus.SEE_OTHER)
    version = board.version
    photos = [await _part(request, session, f"photo-{number}") for number in session.photos]
    answer, plots = [await _part(request, session, name) for name in ("answer", "plots")]
    values: dict[str, Any] = {"session": session, "photos": photos, "answer": answer, "plots": plots}
    return page(request, "session.html.j2", version=version, **values)


async def add_photos(request: Request) -> Response:
    """Take photos into a session."""
    desk, session = desk_of(request), session_of(request)
    async with desk.inbox.form(request, desk.limits.files) as (_, received):
        numbers = [desk.add(session, file)[0].number for file in received]
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"photos": numbers}, HTTPStatus.ACCEPTED)
    return RedirectResponse(f"/sessions/{session.id}", HTTPStatus.SEE_OTHER)


async def events(request: Request) -> Response:
    """Stream the parts of a session's page as they change; each id is the version that it brings the page to."""
    session, board = session_of(request), desk_of(request).board(session_of(request))

    async def parts_since(version: int) -> list[tuple[str, str]]:
        return [(name, await _part(request, session, name)) for name in board.since(version)]

    return streamed(request, session, parts_since)


def streamed(
    request: Request, session: Session, parts_since: Callable[[int], Awaitable[Sequence[tuple[str, str]]]]
) -> Response:
    """Stream what changes of a page about a session; `parts_since` returns ids and HTML that a version lacks."""
    desk = desk_of(request)
    asked = request.headers.get("last-event-id") or request.query_params.get("version", "0")
    version = int(asked) if asked.isdecimal() and len(asked) < 10 else 0

    async def stream() -> AsyncIterator[str]:
        board, seen = desk.board(session), version
        # After a restart versions begin anew: what the page has is older than anything here.
        seen = 0 if seen > board.version else seen
        yield "retry: 1000\n\n"
        while desk.shelf.get(session.id) is session:
            latest = board.version
            for name, html in await parts_since(seen):
                yield f"id: {latest}\ndata: {json.dumps({'part': name, 'html': html})}\n\n"
            seen = latest
            if board.version == seen:
                await board.wait(seen, BEAT_S)
                if board.version == seen:
                    yield ": nothing new\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")


async def set_setting(request: Request) -> Response:
    """Take the setting that a user typed for a photo."""
    desk, session, photo = desk_of(request), session_of(request), photo_of(request)
    async with request.form(max_files=0) as form:
        typed = str(form.get("setting", ""))
    try:
        setting = checked_setting(typed)
    except ValueError:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "A setting is a number from -100 to 100.") from None
    desk.set_setting(session, photo, setting)
    return done(request, session)


async def drop_photo(request: Request) -> Response:
    """Take a photo out of its session."""
    session = session_of(request)
    desk_of(request).drop(session, photo_of(request).number)
    return done(request, session)


async def delete_session(request: Request) -> Response:
    """Delete a session with all that is kept of it."""
    session = session_of(request)
    desk_of(request).shelf.delete(session.id)
    return RedirectResponse("/workshop" if session.kind == "workshop" else "/measure", HTTPStatus.SEE_OTHER)


async def picture(request: Request) -> Response:
    """Return the picture of a photo's sheet."""
    path = session_of(request).picture(photo_of(request).number)
    if not path.is_file():
        raise HTTPException(HTTPStatus.NOT_FOUND, "This photo has no picture.")
    return FileResponse(path, media_type="image/jpeg", headers={"cache-control": "private, max-age=3600"})


async def report(request: Request) -> Response:
    """Return the session as one page to save or print."""
    found = await desk_of(request).answer(session_of(request))
    return report_page(request, await desk_of(request).call(work.report_of, for_page(found)))


def report_page(request: Request, html: str, name: str = "backfocus-report") -> Response:
    """Return a report to read and print, or to save where the address asks for that."""
    # The page brings a policy of its own, by the hash of its style; both together would forbid that.
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; sandbox"
    )
    headers = {**HEADERS, "content-security-policy": policy}
    if "save" in request.query_params:
        headers["content-disposition"] = f'attachment; filename="{name}.html"'
    return HTMLResponse(html, headers=headers)


def csv_response(rows: Iterable[dict[str, Any]], name: str = "backfocus-results") -> Response:
    """Return a table of results to save, as `backfocus score` writes it."""
    from backfocus.verify.scoring.tables import write_csv_lines

    text = io.StringIO(newline="")
    write_csv_lines(text, rows)
    # Excel takes a file without this mark for Western European.
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(f"\ufeff{text.getvalue()}", media_type="text/csv; charset=utf-8", headers=headers)


async def record(request: Request) -> Response:
    """Keep a session's result in the history."""
    from backfocus.verify.tuning.records import keep_record

    found = await desk_of(request).answer(session_of(request))
    if found.lenses:
        await to_thread.run_sync(keep_record, found)
    return RedirectResponse("/history", HTTPStatus.SEE_OTHER)


def done(request: Request, session: Session) -> Response:
    """Return what a small form gets: nothing for a script, the page of its session for a browser."""
    if "application/json" in request.headers.get("accept", ""):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return RedirectResponse(f"/sessions/{session.id}", HTTPStatus.SEE_OTHER)


async def _part(request: Request, session: Session, name: str) -> str:
    """Return a part of a session's page."""
    if name == "plots":
        sections, found = await desk_of(request).plots(session), await desk_of(request).answer(session)
        return part(request, "plots.html.j2", found=found, sections=sections)
    if name != "answer":
        photo = session.photos.get(int(name.removeprefix("photo-")))
        return "" if photo is None else photo_part(request, session, photo)
    found = await desk_of(request).answer(session)
    lines = None if found.answer is None or not found.photos else in_page_words(found.answer)
    return part(
        request, "answer.html.j2", found=found, lines=lines, todo=session.waiting, total=len(session.photos)
    )


def photo_part(request: Request, session: Session, photo: Kept) -> str:
    """Return a photo as it stands on the page of its session."""
    findings = sorted(
        (photo.measurement or {}).get("findings", ()), key=lambda found: SEVERITY_ORDER.index(found["severity"])
    )
    shot = photo.used_shot
    told: dict[str, Any] = {
        "session": session,
        "photo": photo,
        "findings": findings,
        "setting": photo.setting if shot is None else shot.setting,
        "verdict": (photo.measurement or {}).get("verdict"),
    }
    return part(request, "photo.html.j2", **told)


ROUTES = [
    Route("/measure", measure),
    Route("/sessions", new_session, methods=["POST"]),
    Route("/sessions/{session}", show_session),
    Route("/sessions/{session}/events", events),
    Route("/sessions/{session}/photos", add_photos, methods=["POST"]),
    Route("/sessions/{session}/photos/{number:int}.jpg", picture),
    Route("/sessions/{session}/photos/{number:int}/setting", set_setting, methods=["POST"]),
    Route("/sessions/{session}/photos/{number:int}/drop", drop_photo, methods=["POST"]),
    Route("/sessions/{session}/delete", delete_session, methods=["POST"]),
    Route("/sessions/{session}/record", record, methods=["POST"]),
    Route("/sessions/{session}/report", report),
]
