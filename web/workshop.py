"""The page Workshop, first half: names in, charts out."""

from __future__ import annotations

import datetime
import io
from http import HTTPStatus
from typing import Any

from anyio import to_thread
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backfocus.targets import PAPERS
from backfocus.targets.errors import UserError, printable
from backfocus.targets.ids import DESIGNS
from backfocus.verify.lists import ids_csv
from backfocus.verify.storage import write_whole

from . import work
from .desk import Desk
from .pages import desk_of, session_of
from .paper import NAMES
from .rendering import page
from .sessions import Session

MOST_PEOPLE, MOST_SPARE = 200, 50
"""Of a workshop on one page: the charts of so many take half a minute to make. `backfocus pack` makes more."""
LONGEST_NAME = 80
TITLE = "Autofocus workshop"
_FONT = "Give a font that has them with --font FILE.ttf, or write"
"""What is said to somebody who types commands."""


async def show_workshop(request: Request) -> Response:
    """Show where names go, and the workshops that are kept."""
    typed = {"day": datetime.date.today().isoformat()}
    return _beginning(request, typed, None)


def _beginning(request: Request, typed: dict[str, str], complaint: UserError | None) -> Response:
    sessions = [session for session in desk_of(request).shelf.all() if session.kind == "workshop"]
    status = HTTPStatus.OK if complaint is None else HTTPStatus.UNPROCESSABLE_ENTITY
    values: dict[str, Any] = {"sessions": sessions, "typed": typed, "complaint": complaint}
    values |= {"designs": NAMES, "papers": PAPERS, "most_spare": MOST_SPARE, "title": TITLE}
    return page(request, "workshop.html.j2", status=status, **values)


async def new_workshop(request: Request) -> Response:
    """Give every name a chart; what is wrong is told above the form, in which all that was typed still stands."""
    desk = desk_of(request)
    async with desk.inbox.form(request, 1) as (form, received):
        typed = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        try:
            session_id = await _made(desk, form, received[0] if received else None)
        except UserError as error:
            return _beginning(request, typed, error)
    return RedirectResponse(f"/workshop/{session_id}", HTTPStatus.SEE_OTHER)


async def _made(desk: Desk, form: FormData, logo: Any) -> str:
    """Return the id of a new workshop.

    Raises:
        UserError: what was typed or sent will not do.
    """
    from backfocus.targets.printing.pack import chart_ids

    told = Session("", "workshop", "", desk.shelf.folder)
    told.design, told.paper = str(form.get("design", "")), str(form.get("paper", ""))
    if told.design not in DESIGNS or told.paper not in PAPERS:
        raise UserError("There is no such chart.", "Choose one of the list.")
    names = names_of(str(form.get("names", "")), _spare(str(form.get("spare", ""))))
    told.names = dict(zip(chart_ids(len(names)), names, strict=True))
    told.heading, told.setup_each = one_line(str(form.get("title", ""))), form.get("setup") == "each"
    told.day = _day(str(form.get("day", "")))
    picture = None if logo is None else await desk.call(work.logo_of, logo.path, logo.name)
    complaints = await desk.call(work.pack_complaints, _pack(told, None))
    if complaints:
        raise UserError(" ".join(complaints).replace(_FONT, "Write"))
    session = desk.shelf.new("workshop")
    for name in ("design", "paper", "names", "heading", "setup_each", "day"):
        setattr(session, name, getattr(told, name))
    if picture is not None:
        write_whole(session.logo, picture)
    session.write()
    return session.id


async def pack(request: Request) -> Response:
    """Return a workshop's charts to print."""
    session = workshop_of(request)
    logo = await to_thread.run_sync(session.logo.read_bytes) if session.logo.is_file() else None
    content = await desk_of(request).call(work.pack_of, _pack(session, logo))
    return file_response(content, "application/pdf", "backfocus-workshop.pdf", "inline")


async def ids(request: Request) -> Response:
    """Return the list of who has which chart, which `backfocus score --names` reads."""
    names = workshop_of(request).names
    rows = [(number, chart_id, name) for number, (chart_id, name) in enumerate(names.items(), 1)]
    return file_response(ids_csv(rows), "text/csv; charset=utf-8", "backfocus-workshop.csv")


def names_of(text: str, spare: int = 0) -> list[str]:
    """Return the names in a list, one a line, and empty ones for spare charts.

    Raises:
        UserError: there is none, or there are too many.
    """
    names = [one_line(line) for line in io.StringIO(text) if line.strip()] + [""] * spare
    if not names:
        raise UserError("There is no name.", "Type one name a line.")
    if len(names) > MOST_PEOPLE:
        raise UserError(
            f"{len(names)} charts are too many for a page.",
            f"For more than {MOST_PEOPLE} there is a command for the terminal: backfocus pack.",
        )
    return names


def one_line(text: str) -> str:
    """Return a name as it is shown: in one line, safe to print, not endless."""
    return printable(" ".join(text.split()))[:LONGEST_NAME]


def workshop_of(request: Request) -> Session:
    """Return the workshop that an address names.

    Raises:
        HTTPException: there is none.
    """
    session = session_of(request)
    if session.kind != "workshop":
        raise HTTPException(HTTPStatus.NOT_FOUND, "This session is no workshop.")
    return session


def _pack(session: Session, logo: bytes | None) -> Any:
    from backfocus.targets.printing.pack import Pack, Participant

    people = tuple(
        Participant(number, chart_id, name) for number, (chart_id, name) in enumerate(session.names.items(), 1)
    )
    title = session.heading or TITLE
    return Pack(session.design, session.paper, title, people, logo, setup_each=session.setup_each, day=session.day)


def _spare(text: str) -> int:
    number = int(text) if text.strip().isdecimal() and len(text) < 5 else 0 if not text.strip() else -1
    if not 0 <= number <= MOST_SPARE:
        raise UserError(f"Spare charts must be a number from 0 to {MOST_SPARE}.")
    return number


def _day(text: str) -> str:
    try:
        return datetime.date.fromisoformat(text.strip()).isoformat() if text.strip() else ""
    except ValueError:
        raise UserError("There is no such day.", "Write it as 2026-11-27.") from None


def file_response(content: bytes, kind: str, name: str, disposition: str = "attachment") -> Response:
    """Return a file, to save unless the disposition is "inline"."""
    headers = {"content-disposition": f'{disposition}; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


_ONE = "/workshop/{session}"
ROUTES: list[Any] = [
    Route("/workshop", show_workshop),
    Route("/workshop", new_workshop, methods=["POST"]),
    Route(f"{_ONE}/pack.pdf", pack),
    Route(f"{_ONE}/names.csv", ids),
]
