"""The pages of "Measure and tune": photos in, results as they come, the answer first."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Callable, Iterable
from http import HTTPStatus
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from backfocus.targets.errors import UserError
from backfocus.verify.tuning.saved import SavedTune

from . import work
from .catalogue import catalogue_of
from .desk import Desk, for_page
from .grouping import Outcome, sureness_of
from .guard import HEADERS
from .kept import Kept
from .rendering import page, part
from .sessions import Session
from .told import FIELDS

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
    session, desk = session_of(request), desk_of(request)
    if session.kind == "workshop":
        return RedirectResponse(f"/workshop/{session.id}", HTTPStatus.SEE_OTHER)
    version = desk.stamp(session)
    groups = (await desk.outcome(session)).groups
    cards = {number: await _part(request, session, f"photo-{number}") for number in list(session.photos)}
    parts: dict[str, Any] = {name: await _part(request, session, name) for name in ("answer", "plots", "asks")}
    parts["groups"] = part(request, "groups.html.j2", groups=groups, cards=cards)
    return page(request, "session.html.j2", session=session, version=version, **parts)


async def add_photos(request: Request) -> Response:
    """Take photos into a session."""
    desk, session = desk_of(request), session_of(request)
    async with desk.inbox.form(request, desk.limits.files) as (_, received):
        numbers = [desk.add(session, file)[0].number for file in received]
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"photos": numbers}, HTTPStatus.ACCEPTED)
    return RedirectResponse(f"/sessions/{session.id}", HTTPStatus.SEE_OTHER)


async def events(request: Request) -> Response:
    """Stream the parts of a session's page as they change."""
    session, desk = session_of(request), desk_of(request)
    board, sent = desk.board(session), dict[str, str]()

    async def parts_since(version: int) -> AsyncIterator[tuple[str, str]]:
        every = ["answer", "asks", "groups", *map("photo-{}".format, session.photos), "plots"]
        for name in every if version < 0 else board.since(version):
            html = await _part(request, session, name)
            if sent.get(name) != html:
                yield name, html
            # Photos are many, and each change of them is one.
            if not name.startswith("photo-"):
                sent[name] = html

    return streamed(request, session, parts_since)


def streamed(
    request: Request, session: Session, parts_since: Callable[[int], AsyncIterator[tuple[str, str]]]
) -> Response:
    """Stream what changes of a page about a session; each id is the version that it brings the page to.

    Args:
        parts_since: yields ids and HTML that a version lacks; of a page from before the program's start, whose
            version is -1, everything: what was measured last may not have reached it.
    """
    desk = desk_of(request)
    run, _, told = (request.headers.get("last-event-id") or request.query_params.get("version", "")).partition("-")
    version = int(told) if run == desk.run and told.isdecimal() and len(told) < 10 else -1

    async def stream() -> AsyncIterator[str]:
        board, seen = desk.board(session), version
        yield "retry: 1000\n\n"
        while desk.shelf.get(session.id) is session:
            latest = board.version
            # Each as soon as it is there: plots take a second, for which no number shall wait.
            async for name, html in parts_since(seen):
                yield f"data: {json.dumps({'part': name, 'html': html})}\n\n"
            # After all of them: a page that was cut off in between asks for all again.
            yield f"id: {desk.run}-{latest}\n\n"
            seen = latest
            if board.version == seen:
                await board.wait(seen, BEAT_S)
                if board.version == seen:
                    yield ": nothing new\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")


async def delete_session(request: Request) -> Response:
    """Delete a session with all that is kept of it."""
    session = session_of(request)
    desk_of(request).delete(session)
    return RedirectResponse("/workshop" if session.kind == "workshop" else "/measure", HTTPStatus.SEE_OTHER)


async def report(request: Request) -> Response:
    """Return the session as one page to save or print."""
    found = await desk_of(request).answer(session_of(request))
    language = catalogue_of(request).language
    return report_page(request, await desk_of(request).call(work.report_of, for_page(found), language))


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
    """Keep a session's result in the history; what was kept of fewer of its photos gives way."""
    session = session_of(request)
    found = await desk_of(request).answer(session)
    if not found.lenses:
        raise UserError("No photo of this session tells where focus is yet.", "Each says what it lacks.")
    await to_thread.run_sync(_keep, session, found)
    return RedirectResponse("/history", HTTPStatus.SEE_OTHER)


def _keep(session: Session, found: SavedTune) -> None:
    from backfocus.verify.tuning.records import keep_record, record_named

    before = session.record and record_named(session.record)
    session.record = keep_record(found).stem
    session.write()
    if before and before.stem != session.record:
        before.unlink(missing_ok=True)


def done(request: Request, session: Session) -> Response:
    """Return what a small form gets: nothing for a script, the page of its session for a browser."""
    if "application/json" in request.headers.get("accept", ""):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return RedirectResponse(f"/sessions/{session.id}", HTTPStatus.SEE_OTHER)


async def _part(request: Request, session: Session, name: str) -> str:
    """Return a part of a session's page."""
    if name == "plots":
        language = catalogue_of(request).language
        sections, found = await desk_of(request).plots(session, language), await desk_of(request).answer(session)
        return part(request, "plots.html.j2", title=session.title, found=found, sections=sections)
    outcome = await desk_of(request).outcome(session)
    if name == "groups":
        return part(request, "groups.html.j2", groups=outcome.groups, cards={})
    if name == "asks":
        asking = [photo for photo in list(session.photos.values()) if photo.asks]
        open_fields = tuple(field for field in FIELDS if any(field in photo.asks for photo in asking))
        still = sum(map(_lacks, asking))
        values = {"asking": asking, "open_fields": open_fields, "still_open": still}
        return part(request, "asks.html.j2", session=session, **values)
    if name != "answer":
        photo = session.photos.get(int(name.removeprefix("photo-")))
        return "" if photo is None else photo_part(request, session, photo, outcome)
    found = outcome.found
    lines = None if found.answer is None or not found.photos else found.answer.lines
    lacking = sum(map(_lacks, list(session.photos.values())))
    values = {"found": found, "lines": lines, "sure": sureness_of(found), "lacking": lacking}
    return part(request, "answer.html.j2", todo=session.waiting, total=len(session.photos), **values)


def photo_part(request: Request, session: Session, photo: Kept, outcome: Outcome | None = None) -> str:
    """Return a photo as it stands on a page; with an outcome on that of its session, where several are chosen."""
    findings = sorted(
        (photo.measurement or {}).get("findings", ()), key=lambda found: SEVERITY_ORDER.index(found["severity"])
    )
    shot = photo.used_shot
    counted = None if outcome is None else session.photos.get(outcome.copy_of.get(photo.number, 0))
    told: dict[str, Any] = {
        "session": session,
        "photo": photo,
        "findings": findings,
        "setting": photo.setting if shot is None else shot.setting,
        "verdict": (photo.measurement or {}).get("verdict"),
        "counted": None if counted is None else counted.name,
        "camera": (photo.measurement or {}).get("camera") or {},
        "is_open": _lacks(photo),
        "can_choose": outcome is not None,
    }
    return part(request, "photo.html.j2", **told)


def _lacks(photo: Kept) -> bool:
    """Whether something is still not known of what a photo's file does not tell."""
    camera = (photo.measurement or {}).get("camera") or {}
    return any(camera.get("model" if field == "camera" else field) is None for field in photo.asks)


ROUTES = [
    Route("/measure", measure),
    Route("/sessions", new_session, methods=["POST"]),
    Route("/sessions/{session}", show_session),
    Route("/sessions/{session}/events", events),
    Route("/sessions/{session}/photos", add_photos, methods=["POST"]),
    Route("/sessions/{session}/delete", delete_session, methods=["POST"]),
    Route("/sessions/{session}/record", record, methods=["POST"]),
    Route("/sessions/{session}/report", report),
]
