"""The pages beside a single series: what was found earlier, an evening with many people, and the phone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backfocus.targets import PAPERS
from backfocus.targets.errors import UserError, printable
from backfocus.targets.ids import DESIGNS
from backfocus.verify.lists import ids_csv

from .desk import tuned
from .guard import ENTER, Access
from .pages import desk_of, session_of
from .paper import NAMES
from .rendering import page
from .sessions import Kept, Session

MOST_PEOPLE = 500
"""Of a workshop on one page; `backfocus pack` makes more."""
LONGEST_NAME = 80


@dataclass(frozen=True)
class Person:
    """A row of a workshop: whose chart it is, and what its photos say."""

    name: str
    chart_id: str
    photos: int
    dial: str = ""
    why: str = ""


async def show_history(request: Request) -> Response:
    """Show bodies and lenses, the latest check first, and how they moved."""
    from backfocus.verify.cameras.identity import Identity, identity, owners, title
    from backfocus.verify.tuning.records import Entry, entries, kept_records

    records, complaints = await to_thread.run_sync(kept_records)
    found = entries(records)
    owner = owners(map(identity, found))
    lenses: dict[Identity, list[Entry]] = {}
    for entry in sorted(found, key=lambda entry: entry.date, reverse=True):
        lenses.setdefault(owner[identity(entry)], []).append(entry)
    told = [(title(it, lenses) or "", checks) for it, checks in lenses.items()]
    return page(request, "history.html.j2", lenses=told, complaints=complaints)


async def show_workshop(request: Request) -> Response:
    """Show where names go, and the workshops that are kept."""
    sessions = [session for session in desk_of(request).shelf.all() if session.kind == "workshop"]
    return page(request, "workshop.html.j2", sessions=sessions, designs=NAMES, papers=PAPERS)


async def new_workshop(request: Request) -> Response:
    """Give every name a chart."""
    from backfocus.targets.printing.pack import chart_ids

    async with request.form(max_files=0, max_part_size=100_000) as form:
        names = names_of(str(form.get("names", "")))
        design, paper = str(form.get("design", "")), str(form.get("paper", ""))
    if design not in DESIGNS or paper not in PAPERS:
        raise UserError("There is no such chart.", "Choose one of the list.")
    session = desk_of(request).shelf.new("workshop")
    session.names = dict(zip(chart_ids(len(names)), names, strict=True))
    session.design, session.paper = design, paper
    session.write()
    return RedirectResponse(f"/workshop/{session.id}", HTTPStatus.SEE_OTHER)


async def show_people(request: Request) -> Response:
    """Show a workshop: the pack to print, where photos go, and a row a person."""
    session = _workshop_of(request)
    people = await to_thread.run_sync(people_of, session)
    strangers = [photo for photo in session.photos.values() if _chart_id(photo) not in session.names]
    return page(
        request,
        "people.html.j2",
        session=session,
        people=people,
        todo=session.waiting,
        strangers=[photo for photo in strangers if photo.state in ("measured", "left-out")],
    )


async def pack(request: Request) -> Response:
    """Return a workshop's charts to print."""
    from backfocus.targets.printing.pack import Pack, Participant, pack_pdf

    session = _workshop_of(request)
    people = tuple(
        Participant(number, chart_id, name) for number, (chart_id, name) in enumerate(session.names.items(), 1)
    )
    made = Pack(session.design, session.paper, "Autofocus workshop", people)
    content = await to_thread.run_sync(pack_pdf, made)
    headers = {"content-disposition": 'inline; filename="backfocus-workshop.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


async def ids(request: Request) -> Response:
    """Return the list of who has which chart, which `backfocus score --names` reads."""
    session = _workshop_of(request)
    rows = [(number, chart_id, name) for number, (chart_id, name) in enumerate(session.names.items(), 1)]
    headers = {"content-disposition": 'attachment; filename="backfocus-workshop.csv"'}
    return Response(ids_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)


async def show_phone(request: Request) -> Response:
    """Show the code that lets a phone in, if the server listens to the network."""
    access: Access = request.app.state.access
    address = ""
    if access.names:
        address = f"http://{access.names[0]}:{access.port}{ENTER}{access.new_token()}"
    return page(request, "phone.html.j2", address=address, code=qr_path(address) if address else None)


def qr_path(text: str) -> tuple[str, int]:
    """Return the dark modules of a QR code as the path of an SVG drawing, and how many modules wide that is."""
    import qrcode

    code = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    rows = code.get_matrix()
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return dark, len(rows)


def names_of(text: str) -> list[str]:
    """Return the names in a list, one a line.

    Raises:
        UserError: there is none, or there are too many.
    """
    names = [printable(" ".join(line.split()))[:LONGEST_NAME] for line in io.StringIO(text) if line.strip()]
    if not names:
        raise UserError("There is no name.", "Type one name a line.")
    if len(names) > MOST_PEOPLE:
        raise UserError(f"{len(names)} names are too many for a page.", "Use backfocus pack for more than 500.")
    return names


def people_of(session: Session) -> list[Person]:
    """Return a row for every name of a workshop, in the order of the names."""
    by_chart: dict[str, list[Kept]] = {}
    for photo in list(session.photos.values()):
        by_chart.setdefault(_chart_id(photo), []).append(photo)
    return [_person(name, chart_id, by_chart.get(chart_id, ())) for chart_id, name in session.names.items()]


def _person(name: str, chart_id: str, photos: Sequence[Kept]) -> Person:
    if not photos:
        return Person(name, chart_id, 0)
    answer = tuned(list(photos)).answer
    return Person(name, chart_id, len(photos), *(("", "") if answer is None else (answer.dial, answer.why)))


def _chart_id(photo: Kept) -> str:
    chart = (photo.measurement or {}).get("chart") or {}
    return str(chart.get("id") or "")


def _workshop_of(request: Request) -> Session:
    session = session_of(request)
    if session.kind != "workshop":
        raise HTTPException(HTTPStatus.NOT_FOUND, "This session is no workshop.")
    return session


ROUTES: list[Any] = [
    Route("/history", show_history),
    Route("/workshop", show_workshop),
    Route("/workshop", new_workshop, methods=["POST"]),
    Route("/workshop/{session}", show_people),
    Route("/workshop/{session}/pack.pdf", pack),
    Route("/workshop/{session}/names.csv", ids),
    Route("/phone", show_phone),
]
