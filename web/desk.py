"""The desk where photos are measured: one pool of processes for all who ask, and who is told of what came of it."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import metadata
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from anyio import to_thread

from backfocus.targets.errors import OutputError, UserError
from backfocus.verify.answer import Answer
from backfocus.verify.pool import LostError, Pool
from backfocus.verify.storage import data_folder
from backfocus.verify.tuning.labels import label_of_name
from backfocus.verify.tuning.saved import SavedSeries, SavedTune
from backfocus.verify.tuning.shots import LeftOut

from . import work
from .catalogue import in_page_words
from .grouping import Outcome, outcome_of
from .guard import Limits
from .inbox import Inbox, Received
from .kept import Kept
from .sessions import Session, Shelf
from .told import NOTHING, Told

if TYPE_CHECKING:
    from backfocus.verify.report.html import Section

Result = TypeVar("Result")
GIVEN_UP = "Send it again; a photo straight from the camera is quickest."
PAPER_S = 300.0
"""For reports and charts to print; those for 200 people take half a minute."""
MOST_JOBS = 4
"""Photos at once: each takes up to 1 GB of memory."""


@dataclass
class Board:
    """What of a session has changed, for pages that show it; the parts are "answer", "plots", "asks",
    "groups", "photo-NUMBER"."""

    version: int = 0
    parts: dict[str, int] = field(default_factory=dict)
    _waiting: set[asyncio.Event] = field(default_factory=set)

    def change(self, *parts: str) -> None:
        """Note that parts have changed, and wake who waits."""
        self.version += 1
        self.parts.update(dict.fromkeys(parts, self.version))
        for event in self._waiting:
            event.set()

    def since(self, version: int) -> list[str]:
        """Return the parts that have changed since a version, in the order in which they did."""
        changed = [(at, part) for part, at in self.parts.items() if at > version]
        return [part for _, part in sorted(changed)]

    async def wait(self, version: int, timeout_s: float) -> None:
        """Wait for a later version, at most so long."""
        if self.version > version:
            return
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            await asyncio.wait_for(event.wait(), timeout_s)
        except TimeoutError:
            return
        finally:
            self._waiting.discard(event)


class Desk:
    """Sessions, and the pool that measures their photos; used in an `async with` block."""

    def __init__(self, limits: Limits | None = None, jobs: int | None = None) -> None:
        self.limits = limits or Limits()
        self.shelf = Shelf()
        self.shelf.tidy()
        self.run = secrets.token_hex(4)
        self.inbox = Inbox(data_folder() / "incoming")
        self._pool = Pool(jobs or min(os.cpu_count() or 1, MOST_JOBS))
        self._boards: dict[str, Board] = {}
        self._outcomes: dict[str, tuple[int, Outcome]] = {}
        self._plots: dict[tuple[str, str], tuple[int, Sequence[Section]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: set[Future[None]] = set()
        self._one_at_once = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        for _ in range(self._pool.jobs):
            # Before the first photo comes, which would wait a second for it.
            self._pool.submit(work.ready)
        for session in self.shelf.all():
            for photo in session.photos.values():
                if photo.state == "waiting":
                    self._queue(session, photo.number)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await to_thread.run_sync(lambda: self._pool.__exit__(kind, error, trace))
        self.inbox.close()

    def board(self, session: Session) -> Board:
        """Return what tells of a session's changes."""
        return self._boards.setdefault(session.id, Board())

    def stamp(self, session: Session) -> str:
        """Return which version of a session a page shows that is made now; versions begin anew with each run."""
        return f"{self.run}-{self.board(session).version}"

    def add(self, session: Session, received: Received, told: Told = NOTHING) -> tuple[Kept, bool]:
        """Take a file into a session and have it measured; return its photo, and whether it is new.

        Args:
            told: what is said of lens and camera.

        Raises:
            UserError: the session is full.
        """
        if len(session.photos) >= self.limits.photos:
            raise UserError(f"A session holds {self.limits.photos} photos at most.", "Begin a new one.")
        photo, is_new = session.add(received.name, received.digest, received.path, told)
        if is_new or photo.state == "waiting":
            self._changed(session, photo.number)
            self._queue(session, photo.number)
        return photo, is_new

    def set_setting(self, session: Session, photo: Kept, setting: float | None) -> None:
        """Note which setting a user says was in force."""
        session.change(photo.number, setting=setting)
        self._changed(session, photo.number)

    def give(self, session: Session, photo: Kept, chart_id: str | None) -> None:
        """Note whose a workshop's photo is; None for what the photo tells."""
        session.change(photo.number, owner=chart_id)
        self._changed(session, photo.number)

    async def call(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Return what a function returns in a process, for which clicks need not wait as they would for a thread.

        It does not stand in line behind photos, but behind other such calls.

        Raises:
            UserError: it took too long.
        """
        async with self._one_at_once:
            try:
                return await to_thread.run_sync(partial(self._pool.call, function, *arguments, timeout_s=PAPER_S))
            except LostError as lost:
                reason = "This took too long." if lost.is_over_time else lost.reason
                raise UserError(reason, "Try again.") from None

    def tell(self, session: Session, photo: Kept, told: Told) -> None:
        """Note what a user says of a photo's lens and camera, and have it measured with that.

        Raises:
            UserError: its file is no more.
        """
        if session.file(photo.number) is None:
            raise UserError("The file of this photo was deleted.", "Take the photo out, and send it again.")
        if session.tell(photo.number, told):
            self._queue(session, photo.number)
        self._changed(session, photo.number)

    def tell_all(self, session: Session, told: Told) -> None:
        """Note what a user says of lens and camera for all photos whose files do not, and have them measured."""
        for number in session.tell_all(told):
            self._queue(session, number)
            self._changed(session, number)
        self.board(session).change("asks")

    def forget_files(self, session: Session) -> None:
        """Delete the files that are kept of measured photos; with that nothing more can be told of them."""
        session.forget_files()
        for number in list(session.photos):
            self._changed(session, number)

    def delete(self, session: Session) -> None:
        """Delete a session with all that is kept of it."""
        self.shelf.delete(session.id)
        # One of the same id may begin: by its key in the API, or for a folder that is watched.
        self._outcomes.pop(session.id, None)
        self._plots = {place: plots for place, plots in self._plots.items() if place[0] != session.id}
        self.board(session).change("answer", "asks", "groups", "plots")

    def drop(self, session: Session, number: int) -> None:
        """Take a photo out of a session."""
        session.drop(number)
        self._changed(session, number)

    async def measure(self, received: Received, hints: Mapping[str, Any]) -> dict[str, Any]:
        """Return the JSON of a photo's measurement.

        Raises:
            UserError: the file is no photo, or measuring it took too long.
        """
        try:
            return await asyncio.wrap_future(
                self._pool.submit(
                    work.measurement_of, received.path, received.name, dict(hints), timeout_s=self.limits.photo_s
                )
            )
        except LostError as lost:
            raise UserError(lost.reason, GIVEN_UP) from None

    async def measured(self, session: Session, number: int) -> Kept | None:
        """Wait until a photo is measured, and return it; None for one that was taken out."""
        board = self.board(session)
        while True:
            version, photo = board.version, session.photos.get(number)
            if photo is None or photo.state in ("measured", "left-out"):
                return photo
            await board.wait(version, 1.0)

    async def outcome(self, session: Session) -> Outcome:
        """Return what the session's photos say together, now, and their groups."""
        version = self.board(session).version
        known = self._outcomes.get(session.id)
        if known is None or known[0] != version:
            photos = list(session.photos.values())
            result = await to_thread.run_sync(lambda: outcome_of(photos))
            # A photo may have become a copy of one that came later, or none any more.
            moved = dict(known[1].copy_of.items() ^ result.copy_of.items()) if known is not None else {}
            known = self._outcomes[session.id] = (version, result)
            if moved:
                self.board(session).change(*(f"photo-{number}" for number in moved))
        return known[1]

    async def answer(self, session: Session) -> SavedTune:
        """Return what the session's photos say together, now."""
        return (await self.outcome(session)).found

    async def plots(self, session: Session, language: str) -> Sequence[Section]:
        """Return the parts of a session's report that have plots or tables, in a language."""
        if not any(photo.shot is not None for photo in list(session.photos.values())):
            return ()
        version, found = self.board(session).version, await self.answer(session)
        known = self._plots.get((session.id, language))
        if known is None or known[0] != version:
            if session.waiting:
                return () if known is None else known[1]
            try:
                # In a process: drawing keeps Python's one lock, for which every click would wait.
                drawn = self._pool.submit(work.sections_of, found, language, timeout_s=self.limits.photo_s)
                sections = await asyncio.wrap_future(drawn)
            except LostError:
                return ()
            known = self._plots[session.id, language] = (version, sections)
        return known[1]

    def _changed(self, session: Session, number: int) -> None:
        """Put up on the board that a photo has changed, and what follows from it."""
        board = self.board(session)
        board.change("answer", "asks", "groups", f"photo-{number}")
        # Plots take a processor a third of a second, which it has better use for while photos wait.
        if "plots" not in board.parts or not session.waiting:
            board.change("plots")

    def _queue(self, session: Session, number: int) -> None:
        future = self._pool.submit_in_thread(self._measure, session, number)
        self._running.add(future)
        future.add_done_callback(self._running.discard)

    def _measure(self, session: Session, number: int) -> None:
        """Measure a photo of a session, in a thread of the pool; again where meanwhile something was told of it."""
        # It may be in the queue twice: what waits is sent again where an answer was lost.
        is_whole = not session.begin(number)
        while not is_whole:
            photo, path, of_all = session.photos.get(number), session.file(number), session.told
            if photo is None or path is None or photo.is_done:
                return
            self._tell(session, number)
            label = label_of_name(photo.name)
            said = (photo.told, photo.asks, of_all)
            try:
                found = self._pool.call(
                    work.measure_file, path, photo.name, label, *said, timeout_s=self.limits.photo_s
                )
            except LostError as lost:
                if self._pool.is_closed:
                    # The program ends; the photo waits for the next start.
                    return
                found = work.Measured("Given up.", left_out=LeftOut(photo.name, lost.reason, GIVEN_UP, True))
            except Exception as error:
                # No photo may wait for ever, whatever happened to it.
                why = error.message if isinstance(error, UserError) else f"A fault in backfocus: {error!r}."
                found = work.Measured("Given up.", left_out=LeftOut(photo.name, why, GIVEN_UP, True))
            changes: dict[str, Any] = {
                "state": "measured" if found.shot is not None else "left-out",
                "headline": found.headline,
                "approach": label.approach,
                "shot": found.shot,
                "left_out": found.left_out,
                "measurement": found.measurement,
                "used": found.used,
                "asks": found.asks,
                "doubts": found.doubts,
                "capture": found.capture,
            }
            try:
                if found.picture is not None:
                    changes |= session.keep_picture(number, found.picture, found.closeup)
                is_whole = session.finish(number, photo.told, of_all, **changes)
            except OutputError:
                # The disk is full: the result is shown, and its photo is measured again at the next start.
                session.mark(number, **changes)
                break
        self._tell(session, number)

    def _tell(self, session: Session, number: int) -> None:
        """Have the loop's thread put up that a photo has changed."""
        assert self._loop is not None
        with suppress(RuntimeError):
            # The loop is closed when the program ends meanwhile.
            self._loop.call_soon_threadsafe(self._changed, session, number)


def rows_of(session: Session, photos: Sequence[Kept] | None = None) -> list[dict[str, Any]]:
    """Return a row a photo that is measured, as `backfocus score` writes them.

    Args:
        photos: of the session; None for all.
    """
    from backfocus.verify.scoring.columns import UNREADABLE, cells_of_measurement, row_of

    rows, version = [], metadata.version("backfocus")
    for photo in list(session.photos.values()) if photos is None else photos:
        cells: dict[str, object] = {"path": photo.name, "version": version}
        cells["participant"] = session.names.get(chart_id_of(photo))
        if photo.measurement is not None:
            cells |= cells_of_measurement(photo.measurement)
            # What somebody typed on the page is over what the photo tells.
            cells |= {} if photo.owner is None else {"chart_id": photo.owner}
            cells |= {} if photo.setting is None else {"af_setting": photo.setting, "af_setting_on": True}
            rows.append(row_of(cells))
        elif photo.left_out is not None:
            why = f"{photo.left_out.reason} {photo.left_out.remedy}"
            rows.append(row_of(cells | {"status": UNREADABLE, "trustworthy": False, "error": why}))
    return rows


def chart_id_of(photo: Kept) -> str:
    """Return the id of a photo's chart: what a leader said, else what the photo tells; empty if none does."""
    chart = (photo.measurement or {}).get("chart") or {}
    return photo.owner or str(chart.get("id") or "")


def for_page(found: SavedTune) -> SavedTune:
    """Return a result whose answers are without commands, for a report that a page hands out."""

    def worded(answer: Answer | None) -> Answer | None:
        if answer is None:
            return None
        dial, why, following = map(in_page_words, answer.lines)
        return replace(answer, dial=dial, why=why, next=following)

    def of_series(series: SavedSeries) -> SavedSeries:
        advice = series.advice
        return series if advice is None else replace(series, advice=replace(advice, answer=worded(advice.answer)))

    lenses = tuple(
        replace(lens, answer=worded(lens.answer), series=tuple(map(of_series, lens.series)))
        for lens in found.lenses
    )
    return replace(found, answer=worded(found.answer), lenses=lenses)
