"""The people of a workshop: a row for everybody, live, a page and a report of their own, and tables of all."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backfocus.verify.lists import harmless
from backfocus.verify.tuning.saved import SavedTune

from . import work
from .catalogue import catalogue_of, in_page_words
from .desk import Desk, chart_id_of, for_page, rows_of
from .grouping import counted, tuned
from .kept import Kept
from .pages import csv_response, desk_of, done, photo_of, photo_part, report_page, streamed
from .paper import NAMES
from .rendering import page, part
from .sessions import Session
from .workshop import TITLE, file_response, one_line, workshop_of

PEOPLE_HEAD = ("name", "chart_id", "photos", "left_out", "camera", "kind", "setting", "dial", "why", "next")
COUNTED = {
    "dial": "to dial",
    "leave": "to leave as it is",
    "service": "for a repair shop",
    "inconsistent": "with autofocus that scatters",
    "no-setting": "without a setting",
    "more-shots": "short of photos",
    "check-setup": "short of a good set-up",
}
"""Kinds of answers, in the order in which a summary counts them."""


@dataclass(frozen=True)
class Said:
    """What the photos of one camera and lens say; `camera` is empty where there is only one."""

    camera: str
    kind: str
    setting: int | None
    dial: str
    why: str
    next: str


@dataclass(frozen=True)
class Person:
    """A row of a workshop: whose chart it is, and what its photos say."""

    name: str
    chart_id: str
    photos: int = 0
    left_out: int = 0
    answers: tuple[Said, ...] = ()


class Roster:
    """The people of a workshop; only those whose photos have changed since are reckoned anew."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._known: dict[str, tuple[list[Kept], Person]] = {}

    def people(self) -> list[Person]:
        """Return a row for every chart, in the order of the names."""
        whose, names = photos_by_chart(self.session), list(self.session.names.items())
        return [self.person(chart_id, name, whose.get(chart_id, [])) for chart_id, name in names]

    def person(self, chart_id: str, name: str, photos: list[Kept]) -> Person:
        """Return the row of one chart."""
        before, known = self._known.get(chart_id, ([], Person(name, chart_id)))
        is_same = len(photos) == len(before) and all(
            one is other for one, other in zip(photos, before, strict=True)
        )
        if not is_same or known.name != name:
            known = _person(name, chart_id, photos)
            self._known[chart_id] = (photos, known)
        return known


async def show_people(request: Request) -> Response:
    """Show a workshop: the pack to print, where photos go, and a row a person."""
    session = workshop_of(request)
    version = desk_of(request).stamp(session)
    parts = await to_thread.run_sync(_people_parts(request, session))
    rows = {kind: [html for name, html in parts.items() if name.startswith(kind)] for kind in ("person-", "photo-")}
    values: dict[str, Any] = {"session": session, "version": version, "parts": parts, "rows": rows}
    return page(request, "people.html.j2", title=session.heading or TITLE, designs=NAMES, **values)


async def people_events(request: Request) -> Response:
    """Stream what changes on the page of a workshop."""
    session = workshop_of(request)
    return streamed(request, session, _changes(desk_of(request), session, _people_parts(request, session)))


async def show_person(request: Request) -> Response:
    """Show somebody's answer and photos."""
    session, chart_id = workshop_of(request), chart_of(request)
    version = desk_of(request).stamp(session)
    parts = await to_thread.run_sync(_person_parts(request, session, chart_id))
    photos = [html for name, html in parts.items() if name.startswith("photo-")]
    values: dict[str, Any] = {"session": session, "chart_id": chart_id, "version": version, "photos": photos}
    return page(request, "person.html.j2", answer=parts["answer"], whose=_called(session, chart_id), **values)


async def person_events(request: Request) -> Response:
    """Stream what changes on somebody's page."""
    session, chart_id = workshop_of(request), chart_of(request)
    parts = _person_parts(request, session, chart_id)
    return streamed(request, session, _changes(desk_of(request), session, parts))


async def rename(request: Request) -> Response:
    """Take another name for who has a chart."""
    session, chart_id = workshop_of(request), chart_of(request)
    async with request.form(max_files=0) as form:
        session.names[chart_id] = one_line(str(form.get("name", "")))
    await to_thread.run_sync(session.write)
    return RedirectResponse(f"/workshop/{session.id}/people/{chart_id}", HTTPStatus.SEE_OTHER)


async def give(request: Request) -> Response:
    """Give a photo that tells nobody's chart to somebody."""
    session, photo = workshop_of(request), photo_of(request)
    async with request.form(max_files=0) as form:
        chosen = str(form.get("owner", ""))
    if chosen and chosen not in session.names:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "Nobody here has that chart.")
    desk_of(request).give(session, photo, chosen or None)
    return done(request, session)


async def person_report(request: Request) -> Response:
    """Return somebody's own report."""
    session, chart_id = workshop_of(request), chart_of(request)
    photos = photos_by_chart(session).get(chart_id, [])
    found, language = await to_thread.run_sync(tuned, photos), catalogue_of(request).language
    html = await desk_of(request).call(work.report_of, for_page(found), language, _called(session, chart_id))
    return report_page(request, html, f"backfocus-{chart_id}")


async def report(request: Request) -> Response:
    """Return the report of all, a row for each, and a summary for who leads."""
    session = workshop_of(request)
    rows = await to_thread.run_sync(_counted_rows, session)
    name = ", ".join(filter(None, [session.heading or TITLE, session.day]))
    language = catalogue_of(request).language
    html = await desk_of(request).call(work.report_of_all, rows, name, language)
    return report_page(request, html, "backfocus-workshop")


async def people_csv(request: Request) -> Response:
    """Return a table of the people and what they should dial."""
    people = await to_thread.run_sync(Roster(workshop_of(request)).people)
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(PEOPLE_HEAD)
    for person in people:
        counted = [harmless(person.name), harmless(person.chart_id), person.photos, person.left_out]
        for said in person.answers or (Said("", "", None, "", "", ""),):
            setting = "" if said.setting is None else said.setting
            lines.writerow(
                [
                    *counted,
                    harmless(said.camera),
                    said.kind,
                    setting,
                    *map(harmless, (said.dial, said.why, said.next)),
                ]
            )
    return file_response(text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", "backfocus-people.csv")


async def photos_csv(request: Request) -> Response:
    """Return a table of every photo, as `backfocus score --names` writes it."""
    return csv_response(await to_thread.run_sync(rows_of, workshop_of(request)), "backfocus-photos")


def photos_by_chart(session: Session) -> dict[str, list[Kept]]:
    """Return the photos that are measured, by the chart in them."""
    found: dict[str, list[Kept]] = {}
    for photo in list(session.photos.values()):
        if photo.state in ("measured", "left-out"):
            found.setdefault(chart_id_of(photo), []).append(photo)
    return found


def chart_of(request: Request) -> str:
    """Return the id of a chart that an address names, of its workshop.

    Raises:
        HTTPException: there is none.
    """
    chart_id = str(request.path_params["chart"])
    if chart_id not in workshop_of(request).names:
        raise HTTPException(HTTPStatus.NOT_FOUND, "Nobody here has that chart.")
    return chart_id


def _person(name: str, chart_id: str, photos: list[Kept]) -> Person:
    if not photos:
        return Person(name, chart_id)
    found = tuned(photos)
    return Person(name, chart_id, found.photos, len(found.left_out), tuple(_answers(found)))


def _answers(found: SavedTune) -> list[Said]:
    """Return the answer, or those of every camera where there are several."""
    several = [(f"{lens.body or ''}, {lens.lens or ''}".strip(", "), lens.answer) for lens in found.lenses]
    answers = several if len(several) > 1 else [("", found.answer)]
    return [
        Said(camera, answer.kind, answer.setting, *map(in_page_words, answer.lines))
        for camera, answer in answers
        if answer
    ]


def _people_parts(request: Request, session: Session) -> Callable[[], dict[str, str]]:
    """Return what makes the parts of a workshop's page: a row for everybody, and photos that are nobody's."""
    roster = Roster(session)

    def parts() -> dict[str, str]:
        people, photos = roster.people(), list(session.photos.values())
        strangers = [photo for photo in photos if _is_nobodys(session, photo)]
        counts = Counter(answer.kind for person in people for answer in person.answers)
        told = {
            "people-state": part(
                request,
                "people_state.html.j2",
                counts=[(COUNTED[kind], counts[kind]) for kind in COUNTED if counts[kind]],
                without=sum(not person.photos for person in people),
                total=len(session.photos),
                todo=session.waiting,
            )
        }
        for person in people:
            name = f"person-{person.chart_id}"
            told[name] = part(request, "people_row.html.j2", person=person, session=session)
        told["strangers"] = part(request, "strangers.html.j2", strangers=strangers)
        for photo in strangers:
            told[f"photo-{photo.number}"] = part(
                request, "stranger.html.j2", photo=photo, chart=chart_id_of(photo), session=session
            )
        return told

    return parts


def _person_parts(request: Request, session: Session, chart_id: str) -> Callable[[], dict[str, str]]:
    roster = Roster(session)

    def parts() -> dict[str, str]:
        photos = photos_by_chart(session).get(chart_id, [])
        person = roster.person(chart_id, session.names[chart_id], photos)
        told = {"answer": part(request, "person_answer.html.j2", person=person)}
        return told | {f"photo-{photo.number}": photo_part(request, session, photo) for photo in photos}

    return parts


def _changes(
    desk: Desk, session: Session, parts: Callable[[], dict[str, str]]
) -> Callable[[int], AsyncIterator[tuple[str, str]]]:
    """Return what tells which parts differ from those told before; one that is gone is an empty text."""
    shown: dict[str, str] | None = None

    async def parts_since(version: int) -> AsyncIterator[tuple[str, str]]:
        nonlocal shown
        changed = desk.board(session).since(version)
        if not changed and version >= 0:
            return
        before, shown = shown, await to_thread.run_sync(parts)
        # What the page has was made before, nobody knows of which of these: all of them come once.
        known = before if before is not None else {name: "" for name in changed if name.startswith("photo-")}
        for name in known.keys() - shown.keys():
            yield name, ""
        for name, html in shown.items():
            if known.get(name) != html:
                yield name, html

    return parts_since


def _counted_rows(session: Session) -> list[dict[str, Any]]:
    """Return a row for every exposure, so that the report counts as the rows of the people do."""
    every = photos_by_chart(session).values()
    return rows_of(session, [photo for photos in every for photo in counted(photos)])


def _is_nobodys(session: Session, photo: Kept) -> bool:
    return photo.state in ("measured", "left-out") and chart_id_of(photo) not in session.names


def _called(session: Session, chart_id: str) -> str:
    return session.names[chart_id] or f"Chart {chart_id}"


_ONE = "/workshop/{session}"
_PERSON = f"{_ONE}/people/{{chart}}"
ROUTES: list[Any] = [
    Route(_ONE, show_people),
    Route(f"{_ONE}/events", people_events),
    Route(f"{_ONE}/people.csv", people_csv),
    Route(f"{_ONE}/photos.csv", photos_csv),
    Route(f"{_ONE}/report", report),
    Route(f"{_ONE}/photos/{{number:int}}/owner", give, methods=["POST"]),
    Route(_PERSON, show_person),
    Route(f"{_PERSON}/events", person_events),
    Route(f"{_PERSON}/name", rename, methods=["POST"]),
    Route(f"{_PERSON}/report", person_report),
]
