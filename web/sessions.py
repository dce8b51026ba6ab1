"""Sessions: photos that belong together, kept in the user's data folder, a file a photo, each written whole.

A session survives the end of the program at any moment: a photo is in it as soon as its upload was answered. Until
it is measured, its file waits in the session's folder; then the file goes, and the result and pictures stay. Of a
photo whose file does not tell all of lens and camera it waits on, so that it can be measured with what is typed.

What a moment leaves half done is put right by `Session.tidy` and `Shelf.tidy` when the program starts.
"""

from __future__ import annotations

import datetime
import json
import re
import secrets
import shutil
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from backfocus.targets.errors import OutputError, RecordError, UserError
from backfocus.verify.storage import data_folder, write_whole
from backfocus.verify.tuning.shots import LeftOut

from .kept import Kept, State, form_of, plain
from .told import NOTHING, Told

if TYPE_CHECKING:
    from backfocus.verify.report.overlay import SheetPicture

SESSION_SCHEMA: Literal["backfocus/session/1"] = "backfocus/session/1"
Kind = Literal["series", "workshop"]
_ID = re.compile(r"[a-z0-9]{16}")
_GONE = ".gone-"
"""Begins the name of a folder that is being deleted."""
_NUMBERED = re.compile(r"(\d+)(-mark)?(\..*)?")
"""Files of a photo, by its number."""


@dataclass
class Session:
    """Photos that belong together.

    Attributes:
        names: of a workshop: the name of who has a chart, by the chart's id; empty for one that is spare.
        design, paper, setup_each: of a workshop's charts, see `Pack`.
        heading, day: what a workshop is called, and the day that it is on.
        record: of a series: the name of what the history keeps of it; empty for nothing.
        label: name of the folder that is watched, if one is.
        told: what the user typed of lens and camera for all photos whose files do not tell it.
    """

    id: str
    kind: Kind
    created: str
    folder: Path
    photos: dict[int, Kept] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    design: str = "zfold"
    paper: str = "a4"
    label: str = ""
    heading: str = ""
    day: str = ""
    setup_each: bool = False
    told: Told = NOTHING
    record: str = ""
    is_deleted: bool = False
    _last: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def title(self) -> str:
        """Body and lens of the first photo that tells them; empty if none does."""
        cameras = (photo.shot.camera for photo in self.photos.values() if photo.shot is not None)
        named = (", ".join(filter(None, (camera.model, camera.lens))) for camera in cameras)
        return next(filter(None, named), "")

    @property
    def waiting(self) -> int:
        """How many photos are not measured yet."""
        return sum(not photo.is_done for photo in list(self.photos.values()))

    def add(self, name: str, digest: str, file: Path, told: Told = NOTHING) -> tuple[Kept, bool]:
        """Take a file into the session, and return its photo, and whether it is new.

        The same content is the same photo. It gets another try if it could not be read or measured, or if something
        else is told of its lens and camera than before.

        Raises:
            UserError: the session was deleted meanwhile.
            OutputError: the disk is full; nothing is added.
        """
        with self._lock:
            if self.is_deleted:
                raise UserError("The session was deleted meanwhile.", "Begin a new one.")
            same = next((photo for photo in self.photos.values() if photo.digest == digest), None)
            if same is not None and not self._may_try_again(same, told):
                if not same.is_done and told not in (NOTHING, same.told):
                    # Who measures it looks for this at the end.
                    same = replace(same, told=told)
                    self._keep(same)
                return same, False
            if same is None:
                # A number is never used again: the photo that had it may be on a process's table still.
                self._last = max(self._last, *self.photos, 0) + 1
            photo = same or Kept(self._last, name, digest)
            # One that is kept has the same content, perhaps under another ending: a second would be forgotten.
            has_file = self.file(photo.number) is not None
            if not has_file:
                (self.folder / "files").mkdir(exist_ok=True, mode=0o700)
                file.replace(self.folder / "files" / f"{photo.number}{file.suffix}")
            photo = replace(photo, state="waiting", told=photo.told if told == NOTHING else told)
            try:
                self._keep(photo)
            except OutputError:
                if not has_file:
                    self.drop_file(photo.number)
                raise
        return photo, same is None

    def _may_try_again(self, photo: Kept, told: Told) -> bool:
        if not photo.is_done:
            return False
        if photo.left_out is not None and photo.left_out.is_unreadable:
            return True
        return told != NOTHING and self.wanted(replace(photo, told=told)) != photo.used

    def change(self, number: int, **changes: Any) -> None:
        """Change a photo and write it down, from any thread; nothing is done for one that was taken out."""
        with self._lock:
            if number in self.photos and not self.is_deleted:
                self._keep(replace(self.photos[number], **changes))

    def begin(self, number: int) -> bool:
        """Note that a photo is being measured; return False for one that does not wait for that (any more)."""
        with self._lock:
            photo = self.photos.get(number)
            if photo is None or photo.state != "waiting" or self.is_deleted:
                return False
            self.photos[number] = replace(photo, state="measuring")
        return True

    def finish(self, number: int, told: Told, of_all: Told, **changes: Any) -> bool:
        """Note what a photo came to, and remove its file if nobody has any use for it.

        Args:
            told, of_all: what the photo was measured with: `Kept.told` and `Session.told`.

        Returns:
            False where something else was told meanwhile; then nothing is noted.

        Raises:
            OutputError: the disk is full; the file stays.
        """
        with self._lock:
            if self.is_deleted:
                # Its folder may be that of a new session by now.
                return True
            photo = self.photos.get(number)
            if photo is not None and (photo.told, self.told) != (told, of_all):
                return False
            if photo is not None:
                self._keep(replace(photo, **changes))
            if photo is None or not self.photos[number].open_fields:
                # With the lock held: a file that comes in for the photo from now on is to stay.
                self.drop_file(number)
        return True

    def tell(self, number: int, told: Told) -> bool:
        """Note what was typed of a photo's lens and camera; return whether it is to be measured again for that."""
        with self._lock:
            photo = self.photos.get(number)
            if photo is None or self.is_deleted or self.file(number) is None:
                return False
            again = photo.is_done and self.wanted(replace(photo, told=told)) != photo.used
            self._keep(replace(photo, told=told, state="waiting" if again else photo.state))
        return again

    def tell_all(self, told: Told) -> list[int]:
        """Note what was typed for all photos whose files do not tell it; return those to be measured again."""
        with self._lock:
            if self.is_deleted:
                return []
            self.told = told
            self.write()
            again = [photo for photo in self.photos.values() if photo.is_done and self.wanted(photo) != photo.used]
            again = [photo for photo in again if self.file(photo.number) is not None]
            for photo in again:
                self._keep(replace(photo, state="waiting"))
        return [photo.number for photo in again]

    def wanted(self, photo: Kept) -> Told:
        """Return what a photo should be measured with: its own, then for what its file lacks that of all."""
        return photo.told.over(self.told.only(photo.asks))

    def _keep(self, photo: Kept) -> None:
        """Write a photo down, then have it; called with the lock held."""
        # "measuring" is how things are now; for the next start it waits.
        told = asdict(replace(photo, state="waiting") if photo.state == "measuring" else photo)
        write_whole(self.folder / f"{photo.number}.json", json.dumps(told, ensure_ascii=False, default=plain))
        self.photos[photo.number] = photo

    def mark(self, number: int, **changes: Any) -> None:
        """Change a photo until the program's end: what there is no room to keep."""
        with self._lock:
            if number in self.photos:
                self.photos[number] = replace(self.photos[number], **changes)

    def keep_picture(self, number: int, picture: SheetPicture, closeup: SheetPicture | None) -> dict[str, Any]:
        """Write a photo's pictures down, and return what lines go over them, as fields of `Kept`."""
        with self._lock:
            if number in self.photos and not self.is_deleted:
                write_whole(self.picture(number), picture.jpeg)
                if closeup is not None:
                    write_whole(self.closeup(number), closeup.jpeg)
        return {"outline": _lines(picture), "closeup": None if closeup is None else _lines(closeup)}

    @property
    def logo(self) -> Path:
        """Where a workshop's logo is, if it has one."""
        return self.folder / "logo.png"

    def picture(self, number: int) -> Path:
        """Return where a photo's picture is; some have none."""
        return self.folder / f"{number}.jpg"

    def closeup(self, number: int) -> Path:
        """Return where the picture of what is around the AF mark is; some photos have none."""
        return self.folder / f"{number}-mark.jpg"

    def file(self, number: int) -> Path | None:
        """Return the file of a photo that waits; None once it is measured, if its file tells all."""
        return next((self.folder / "files").glob(f"{number}.*"), None) or next(
            (path for path in [self.folder / "files" / str(number)] if path.is_file()), None
        )

    def drop_file(self, number: int) -> None:
        """Remove the file of a photo."""
        file = self.file(number)
        if file is not None:
            with suppress(OSError):
                file.unlink()

    def forget_files(self) -> None:
        """Remove the files of all photos that are measured, whatever they do not tell."""
        for photo in list(self.photos.values()):
            if photo.is_done and photo.open_fields:
                self.change(photo.number, asks=(), doubts=())
                self.drop_file(photo.number)

    @property
    def kept_bytes(self) -> int:
        """How much the files have that are kept for photos that are measured."""
        kept = {photo.number for photo in list(self.photos.values()) if photo.open_fields}
        total = 0
        for path in (self.folder / "files").glob("*"):
            if path.stem.isdecimal() and int(path.stem) in kept:
                with suppress(OSError):
                    total += path.stat().st_size
        return total

    def drop(self, number: int) -> None:
        """Remove a photo."""
        with self._lock:
            self.photos.pop(number, None)
            # This first: what is without it is removed at the next start.
            for path in (self.folder / f"{number}.json", self.picture(number), self.closeup(number)):
                with suppress(OSError):
                    path.unlink()
        self.drop_file(number)

    def delete(self) -> None:
        """Delete all that is kept; at the next start at the latest."""
        with self._lock:
            self.is_deleted = True
            gone = self.folder.with_name(f"{_GONE}{secrets.token_hex(8)}")
            place = self.folder
            with suppress(OSError):
                place = place.rename(gone)
            shutil.rmtree(place, ignore_errors=True)

    def tidy(self) -> None:
        """Put right what the end of the program left half done: files without a photo, a photo without its file."""
        for path in [*self.folder.glob("*"), *(self.folder / "files").glob("*")]:
            found = _NUMBERED.fullmatch(path.name)
            if ".part" in path.name or (found is not None and self._is_over(int(found[1]), path)):
                with suppress(OSError):
                    path.unlink()
        for photo in list(self.photos.values()):
            has_file = self.file(photo.number) is not None
            if has_file and photo.is_done and self.wanted(photo) != photo.used:
                self.change(photo.number, state="waiting")
            elif not has_file and not photo.is_done:
                lost = LeftOut(photo.name, "Its file is gone.", "Send it again.", is_unreadable=True)
                state: State = "measured" if photo.shot is not None else "left-out"
                self.change(photo.number, state=state, asks=(), doubts=(), left_out=photo.left_out or lost)
            elif not has_file and photo.open_fields:
                self.change(photo.number, asks=(), doubts=())

    def _is_over(self, number: int, path: Path) -> bool:
        """Whether nobody has any use for a photo's file or picture; of a damaged record it stays."""
        photo = self.photos.get(number)
        if photo is None:
            return not (self.folder / f"{number}.json").exists()
        return path.parent != self.folder and photo.is_done and not photo.open_fields

    def write(self) -> None:
        """Write down the session itself."""
        told: dict[str, Any] = {
            "schema": SESSION_SCHEMA,
            "kind": self.kind,
            "created": self.created,
            "names": self.names,
        }
        told |= {"design": self.design, "paper": self.paper, "setup_each": self.setup_each, "label": self.label}
        told |= {"heading": self.heading, "day": self.day, "record": self.record}
        told |= {"told": asdict(self.told)}
        write_whole(self.folder / "session.json", json.dumps(told, ensure_ascii=False))


class Shelf:
    """All sessions of the data folder."""

    def __init__(self) -> None:
        self.folder = data_folder() / "sessions"
        self._sessions: dict[str, Session] = {}
        for path in sorted(self.folder.glob("*/session.json")) if self.folder.is_dir() else ():
            with suppress(RecordError):
                session = read_session(path.parent)
                self._sessions[session.id] = session

    def new(self, kind: Kind = "series", session_id: str | None = None) -> Session:
        """Return a new session; with an id that there is already, that session."""
        chosen = session_id or secrets.token_hex(8)
        if chosen in self._sessions:
            return self._sessions[chosen]
        now = datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds")
        session = Session(chosen, kind, now, self.folder / chosen)
        session.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        session.write()
        self._sessions[chosen] = session
        return session

    def get(self, session_id: str) -> Session | None:
        """Return a session; None if there is none of that id."""
        return self._sessions.get(session_id)

    def delete(self, session_id: str) -> None:
        """Delete a session with all that is kept of it."""
        session = self._sessions.pop(session_id, None)
        if session is not None:
            session.delete()

    def tidy(self) -> None:
        """Put right what the end of the program left half done, here and in every session."""
        for folder in self.folder.glob("*") if self.folder.is_dir() else ():
            if folder.name.startswith(_GONE):
                shutil.rmtree(folder, ignore_errors=True)
            elif folder.name not in self._sessions and not (folder / "session.json").exists():
                for part in folder.glob(".*.part*"):
                    with suppress(OSError):
                        part.unlink()
                # Of a session that was about to begin; a folder with anything in it stays.
                with suppress(OSError):
                    folder.rmdir()
        for session in self._sessions.values():
            session.tidy()

    def all(self) -> list[Session]:
        """Return the sessions, the newest first."""
        return sorted(self._sessions.values(), key=lambda session: session.created, reverse=True)


def read_session(folder: Path) -> Session:
    """Return a session from its folder; photos whose files are damaged are left out.

    Raises:
        RecordError: the folder holds none.
    """
    try:
        told = json.loads((folder / "session.json").read_bytes())
        kind, created, names = told["kind"], str(told["created"]), dict(told["names"])
        label, heading, day, record = (str(told.get(name, "")) for name in ("label", "heading", "day", "record"))
        setup_each = told.get("setup_each") is True
        of_all = form_of(Told).validate_python(told.get("told", {}))
        design, paper = str(told.get("design", "zfold")), str(told.get("paper", "a4"))
        if told["schema"] != SESSION_SCHEMA or kind not in ("series", "workshop") or not _ID.fullmatch(folder.name):
            raise ValueError(folder.name)
    except (OSError, ValueError, KeyError, TypeError):
        raise RecordError(f"{folder.name} holds no session.") from None
    session = Session(
        folder.name,
        kind,
        created,
        folder,
        {},
        names,
        design,
        paper,
        label,
        heading,
        day,
        setup_each,
        of_all,
        record,
    )
    for path in sorted(folder.glob("*.json"), key=lambda path: (len(path.name), path.name)):
        if path.stem.isdecimal():
            session._last = max(session._last, int(path.stem))
            # ValueError is what pydantic raises for a form that is not ours.
            with suppress(OSError, ValueError, TypeError):
                photo = form_of(Kept).validate_python(json.loads(path.read_bytes()))
                session.photos[photo.number] = photo
    return session


def _lines(picture: SheetPicture) -> dict[str, Any]:
    return {name: value for name, value in asdict(picture).items() if name != "jpeg"}
