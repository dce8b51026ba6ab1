"""The application: every address, what answers it, and how errors are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from backfocus.targets.errors import UserError

from . import api, pages, paper, people, records, workshop
from .catalogue import COOKIE, LANGUAGES
from .desk import Desk
from .guard import API, ENTER, Access, Guard, Limits, problem
from .rendering import page
from .watching import follow

YEAR_S = 31_536_000
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
    """

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        async with Desk(limits, jobs) as desk:
            app.state.desk = desk
            followers = [asyncio.create_task(follow(desk, folder)) for folder in watched]
            yield
            for follower in followers:
                follower.cancel()

    app = Starlette(
        routes=[
            Route("/", pages.home),
            Route(f"{ENTER}{{token}}", enter),
            Route("/language", language, methods=["POST"]),
            *pages.ROUTES,
            *paper.ROUTES,
            *records.ROUTES,
            *workshop.ROUTES,
            *people.ROUTES,
            Mount("/api/v1", routes=api.ROUTES),
            Mount("/static", StaticFiles(directory=_FOLDER / "static")),
        ],
        middleware=[Middleware(Guard, access=access, limits=limits or Limits())],
        exception_handlers={HTTPException: refused, UserError: mistaken, Exception: broken},
        lifespan=life,
    )
    app.state.access = access
    return app


async def enter(request: Request) -> Response:
    """Let a browser in that comes with a token."""
    access: Access = request.app.state.access
    cookie = access.enter(request.path_params["token"])
    if cookie is None:
        raise HTTPException(HTTPStatus.FORBIDDEN, "This address was used already; show a new one on the computer.")
    answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    # Lax: a QR reader that opens the browser counts as another site for Strict.
    answer.set_cookie(access.cookie, cookie, max_age=YEAR_S, httponly=True, samesite="lax")
    return answer


async def language(request: Request) -> Response:
    """Keep the language that a reader chose."""
    async with request.form(max_files=0) as form:
        chosen, back = str(form.get("language", "")), str(form.get("back", "/"))
    # A path of our own, never another site: two slashes begin a host.
    is_ours = back.startswith("/") and not back.startswith(("//", "/\\"))
    answer = RedirectResponse(back if is_ours else "/", HTTPStatus.SEE_OTHER)
    if chosen in LANGUAGES:
        answer.set_cookie(COOKIE, chosen, max_age=YEAR_S, httponly=True, samesite="lax")
    return answer


async def refused(request: Request, error: Exception) -> Response:
    """Tell of an error that has a status of HTTP."""
    assert isinstance(error, HTTPException)
    return told(request, error.status_code, str(error.detail), "", dict(error.headers or {}))


async def mistaken(request: Request, error: Exception) -> Response:
    """Tell of what the user can mend."""
    assert isinstance(error, UserError)
    return told(request, HTTPStatus.UNPROCESSABLE_ENTITY, error.message, error.remedy)


async def broken(request: Request, _error: Exception) -> Response:
    """Tell that the program is at fault; what happened stands where it was started."""
    return told(request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong in backfocus.", "Try again.")


def told(
    request: Request, status: int, message: str, remedy: str, headers: dict[str, str] | None = None
) -> Response:
    """Return an error as a page, or for a program as problem+json (RFC 9457)."""
    if request.url.path.startswith(API) or "application/json" in request.headers.get("accept", ""):
        return problem(status, message, remedy, headers)
    return page(request, "error.html.j2", status=status, headers=headers, message=message, remedy=remedy)
