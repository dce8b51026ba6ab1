"""The application: every address, what answers it, and how errors are told."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeGuard

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.staticfiles import StaticFiles

from backfocus.targets.errors import OutputError, UnreadablePhotoError, UserError

from . import api, comparing, editing, history, pages, paper, people, workshop
from .catalogue import COOKIE, catalogue_of, languages
from .desk import Desk
from .guard import ENTER, HEADERS, Access, Guard, Limits
from .problems import API, problem
from .rendering import page
from .watching import follow

YEAR_S = 31_536_000
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
_FOLDER = Path(__file__).parent


def build_app(
    access: Access, limits: Limits | None = None, jobs: int | None = None, watched: Sequence[Path] = ()
) -> Starlette:
    """Return the application.

    Args:
        access: whom it answers.
        limits: what one request may take.
        jobs: photos measured at the same time.
        watched: folders whose new photos are measured by themselves.

    Raises:
        OutputError: the data folder cannot be written.
    """
    desk = Desk(limits, jobs)

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        async with desk:
            followers = [asyncio.create_task(follow(desk, folder)) for folder in watched]
            yield
            for follower in followers:
                follower.cancel()

    app = Starlette(
        routes=[
            Route("/", pages.home),
            Route(f"{ENTER}{{token}}", enter),
            Route("/language", language, methods=["POST"]),
            Route("/phone", show_phone),
            *pages.ROUTES,
            *editing.ROUTES,
            *comparing.ROUTES,
            *paper.ROUTES,
            *history.ROUTES,
            *workshop.ROUTES,
            *people.ROUTES,
            Mount("/api/v1", routes=api.ROUTES),
            Mount("/static", StaticFiles(directory=_FOLDER / "static")),
        ],
        middleware=[Middleware(Guard, access=access, limits=limits or Limits())],
        exception_handlers={
            HTTPException: refused,
            UserError: mistaken,
            OSError: unwritable,
            ClientDisconnect: left,
            Exception: broken,
        },
        lifespan=life,
    )
    app.state.access, app.state.desk = access, desk
    return app


async def enter(request: Request) -> Response:
    """Let a browser in that comes with a token."""
    access: Access = request.app.state.access
    if request.method == "HEAD":
        # Who only looks, such as a messenger that shows a preview, does not use the token up.
        return Response()
    cookie = access.enter(request.path_params["token"])
    if cookie is None:
        raise HTTPException(HTTPStatus.FORBIDDEN, "This address was used already; show a new one on the computer.")
    # A page that leads on, not a redirection: after a QR reader that would count as coming from another site, to
    # which a browser does not give the cookie.
    answer = page(request, "enter.html.j2")
    answer.set_cookie(access.cookie, cookie, max_age=YEAR_S, httponly=True, samesite="strict")
    return answer


async def show_phone(request: Request) -> Response:
    """Show the code that lets a phone in, if the server listens to the network."""
    access: Access = request.app.state.access
    places = await to_thread.run_sync(access.places)
    values: dict[str, Any] = {"places": places, "is_open": access.is_open}
    return page(request, "phone.html.j2", code=qr_path(places[0]) if places else None, **values)


def qr_path(text: str) -> tuple[str, int]:
    """Return the dark modules of a QR code as the path of an SVG drawing, and how many modules wide that is."""
    import qrcode

    code = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    rows = code.get_matrix()
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return dark, len(rows)


async def language(request: Request) -> Response:
    """Keep the language that a reader chose."""
    async with request.form(max_files=0) as form:
        chosen, back = str(form.get("language", "")), str(form.get("back", "/"))
    # A path of our own, never another site: two slashes begin a host.
    is_ours = back.startswith("/") and not back.startswith(("//", "/\\"))
    answer = RedirectResponse(back if is_ours else "/", HTTPStatus.SEE_OTHER)
    if chosen in languages():
        answer.set_cookie(COOKIE, chosen, max_age=YEAR_S, httponly=True, samesite="lax")
    return answer


async def refused(request: Request, error: Exception) -> Response:
    """Tell of an error that has a status of HTTP."""
    assert isinstance(error, HTTPException)
    headers, detail = dict(error.headers or {}), str(error.detail)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"allow": ", ".join(methods_of(request))}
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
        detail = f"This address takes {headers['allow']} only."
    elif error.status_code == HTTPStatus.NOT_FOUND and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = "There is nothing at this address."
    return told(request, error.status_code, detail, "", headers)


def methods_of(request: Request) -> list[str]:
    """Return the methods that an address takes, of all routes that have it."""
    found: set[str] = set()
    routes: list[BaseRoute] = list(request.app.routes)
    for route in routes:
        if isinstance(route, Mount):
            inner = dict(request.scope, root_path="", path=request.url.path.removeprefix(route.path))
            found.update(*(one.methods or () for one in route.routes if _has_path(one, inner)))
        elif _has_path(route, dict(request.scope, root_path="", path=request.url.path)):
            found |= route.methods or set()
    return sorted(found)


def _has_path(route: BaseRoute, scope: dict[str, object]) -> TypeGuard[Route]:
    return isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE


async def mistaken(request: Request, error: Exception) -> Response:
    """Tell of what the user can mend."""
    assert isinstance(error, UserError)
    if isinstance(error, OutputError):
        return told(request, HTTPStatus.INSUFFICIENT_STORAGE, error.message, error.remedy)
    name = "unreadable-photo" if isinstance(error, UnreadablePhotoError) else ""
    return told(request, HTTPStatus.UNPROCESSABLE_ENTITY, error.message, error.remedy, name=name)


async def unwritable(request: Request, error: Exception) -> Response:
    """Tell that the disk is full, or the data folder taken away; any other error is a fault of ours."""
    assert isinstance(error, OSError)
    if error.errno not in _NO_ROOM:
        raise error
    why = f"This computer cannot keep it: {(error.strerror or '').lower()}."
    return told(request, HTTPStatus.INSUFFICIENT_STORAGE, why, "Make room on its disk, then send it again.")


async def left(_request: Request, _error: Exception) -> Response:
    """Answer nobody: who sent the request has gone before its end."""
    return Response(status_code=HTTPStatus.BAD_REQUEST)


async def broken(request: Request, _error: Exception) -> Response:
    """Tell that the program is at fault; what happened stands where it was started."""
    return told(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong in backfocus.", "Try again.", HEADERS
    )


def told(
    request: Request,
    status: int,
    message: str,
    remedy: str,
    headers: Mapping[str, str] | None = None,
    name: str = "",
) -> Response:
    """Return an error as a page, or for a program as problem+json (RFC 9457)."""
    if request.url.path.startswith(API):
        return problem(status, message, remedy, headers, name)
    if "application/json" in request.headers.get("accept", ""):
        # For a script of the page, which shows it to its reader.
        said = catalogue_of(request).sentence
        return problem(status, said(message), said(remedy), headers, name)
    return page(request, "error.html.j2", status=status, headers=headers, message=message, remedy=remedy)
