"""What a user changes in a session: settings, and what files do not tell of lens and camera."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .kept import checked_setting
from .pages import desk_of, done, photo_of, session_of
from .told import read_told


async def set_setting(request: Request) -> Response:
    """Take the setting that a user typed for a photo."""
    desk, session, photo = desk_of(request), session_of(request), photo_of(request)
    async with request.form(max_files=0) as form:
        typed = str(form.get("setting", ""))
    desk.set_setting(session, photo, _setting(typed))
    return done(request, session)


async def set_settings(request: Request) -> Response:
    """Take the setting that a user typed for several photos."""
    desk, session = desk_of(request), session_of(request)
    async with request.form(max_files=0, max_fields=desk.limits.photos + 1) as form:
        typed = str(form.get("setting", ""))
        chosen = {str(number) for number in form.getlist("photo")}
    setting = _setting(typed)
    photos = [photo for photo in list(session.photos.values()) if str(photo.number) in chosen]
    if not photos:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "Choose photos first.")
    for photo in photos:
        desk.set_setting(session, photo, setting)
    return done(request, session)


async def tell_photo(request: Request) -> Response:
    """Take what a user typed of one photo's lens and camera, and have it measured with that."""
    desk, session, photo = desk_of(request), session_of(request), photo_of(request)
    async with request.form(max_files=0) as form:
        told = read_told(form)
    desk.tell(session, photo, told)
    return done(request, session)


async def tell_all(request: Request) -> Response:
    """Take what a user typed of lens and camera for all photos whose files do not tell it."""
    desk, session = desk_of(request), session_of(request)
    async with request.form(max_files=0) as form:
        told = read_told(form)
    desk.tell_all(session, told)
    return done(request, session)


async def forget_files(request: Request) -> Response:
    """Delete the files that are kept of measured photos."""
    session = session_of(request)
    desk_of(request).forget_files(session)
    return done(request, session)


async def drop_photo(request: Request) -> Response:
    """Take a photo out of its session."""
    session = session_of(request)
    desk_of(request).drop(session, photo_of(request).number)
    return done(request, session)


def _setting(typed: str) -> float | None:
    try:
        return checked_setting(typed)
    except ValueError:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "A setting is a number from -100 to 100.") from None


ROUTES = [
    Route("/sessions/{session}/settings", set_settings, methods=["POST"]),
    Route("/sessions/{session}/told", tell_all, methods=["POST"]),
    Route("/sessions/{session}/forget", forget_files, methods=["POST"]),
    Route("/sessions/{session}/photos/{number:int}/setting", set_setting, methods=["POST"]),
    Route("/sessions/{session}/photos/{number:int}/told", tell_photo, methods=["POST"]),
    Route("/sessions/{session}/photos/{number:int}/drop", drop_photo, methods=["POST"]),
]
