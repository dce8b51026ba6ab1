"""Sessions: photos that belong together, kept in the user's data folder, a file a photo, each written whole.

A session survives the end of the program at any moment: a photo is in it as soon as its upload was answered. Until
it is measured, its file waits in the session's folder; then the file goes, and the result and a picture stay.
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
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from backfocus.targets.errors import RecordError
from backfocus.verify.storage import data_folder, write_whole
from backfocus.verify.tuning.labels import MAX_STEPS, Approach
from backfocus.verify.tuning.shots import LeftOut, Shot

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from backfocus.verify.report.overlay import SheetPicture

SESSION_SCHEMA: Literal["backfocus/session/1"] = "backfocus/session/1"
Kind = Literal["series", "workshop"]
State = Literal["waiting", "measuring", "measured", "left-out"]
_ID = re.compile(r"[a-z0-9]{16}")


@dataclass(frozen=True)
class Kept:
    """A photo of a session, as it is kept.

    Attributes:
        number: from 1 on, in the order in which photos came.
        digest: of its file's content: the same file sent again is the same photo.
        setting: AF fine-tune setting that the user typed; over what name or file tell.
        outline: lines for its picture, see `SheetPicture`, and its size.
        owner: of a workshop: the chart's id that its leader gave the photo; over what the photo tells.
    """

    number: int
    name: str
    digest: str
    state: State = "waiting"
    headline: str = ""
    setting: float | None = None
    approach: Approach | None = None
    shot: Shot | None = None
    left_out: LeftOut | None = None
    measurement: dict[str, Any] | None = None
    outline: dict[str, Any] | None = None
    owner: str | None = None

    @property
    def used_shot(self) -> Shot | None:
        """The shot with what the user typed."""
        if self.shot is None or self.setting is None:
            return self.shot
        return replace(self.shot, setting=self.setting)


@dataclass
class Session:
    """Photos that belong together.

    Attributes:
        names: of a workshop: the name of who has a chart, by the chart's id; empty for one that is spare.
        design, paper, setup_each: of a workshop's charts, see `Pack`.
        heading, day: what a workshop is called, and the day that it is on.
        label: name of the folder that is watched, if one is.
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
        return sum(photo.state in ("waiting", "measuring") for photo in list(self.photos.values()))

    def add(self, name: str, digest: str, file: Path) -> tuple[Kept, bool]:
        """Take a file into the session, and return its photo, and whether it is new."""
        same = next((photo for photo in self.photos.values() if photo.digest == digest), None)
        if same is not None:
            return same, False
        # A number is never used again: the photo that had it may be on a process's table still.
        self._last = max(self._last, *self.photos, 0) + 1
        photo = Kept(self._last, name, digest)
        (self.folder / "files").mkdir(exist_ok=True, mode=0o700)
        file.replace(self.folder / "files" / f"{photo.number}{file.suffix}")
        self.photos[photo.number] = photo
        self.change(photo.number)
        return photo, True

    def change(self, number: int, **changes: Any) -> None:
        """Change a photo and write it down, from any thread; nothing is done for one that was taken out."""
        with self._lock:
            if number not in self.photos or self.is_deleted:
                return
            photo = self.photos[number] = replace(self.photos[number], **changes)
            # "measuring" is how things are now; for the next start it waits.
            told = asdict(replace(photo, state="waiting") if photo.state == "measuring" else photo)
            write_whole(self.folder / f"{number}.json", json.dumps(told, ensure_ascii=False, default=_plain))

    def mark_measuring(self, number: int) -> None:
        """Note that a photo is being measured, which is of no interest after the program's end."""
        with self._lock:
            if number in self.photos:
                self.photos[number] = replace(self.photos[number], state="measuring")

    def keep_picture(self, number: int, picture: SheetPicture) -> dict[str, Any]:
        """Write a photo's picture down, and return what lines go over it."""
        with self._lock:
            if number in self.photos and not self.is_deleted:
                write_whole(self.picture(number), picture.jpeg)
        return {name: value for name, value in asdict(picture).items() if name != "jpeg"}

    @property
    def logo(self) -> Path:
        """Where a workshop's logo is, if it has one."""
        return self.folder / "logo.png"

    def picture(self, number: int) -> Path:
        """Return where a photo's picture is; some have none."""
        return self.folder / f"{number}.jpg"

    def file(self, number: int) -> Path | None:
        """Return the file of a photo that waits; None once it is measured."""
        return next((self.folder / "files").glob(f"{number}.*"), None) or next(
            (path for path in [self.folder / "files" / str(number)] if path.is_file()), None
        )

    def drop_file(self, number: int) -> None:
        """Remove the file of a photo that is measured."""
        file = self.file(number)
        if file is not None:
            with suppress(OSError):
                file.unlink()

    def drop(self, number: int) -> None:
        """Remove a photo."""
        with self._lock:
            self.photos.pop(number, None)
        self.drop_file(number)
        for path in (self.folder / f"{number}.json", self.picture(number)):
            with suppress(OSError):
                path.unlink()

    def delete(self) -> None:
        """Delete all that is kept."""
        with self._lock:
            self.is_deleted = True
            shutil.rmtree(self.folder, ignore_errors=True)

    def write(self) -> None:
        """Write down the session itself."""
        told: dict[str, Any] = {
            "schema": SESSION_SCHEMA,
            "kind": self.kind,
            "created": self.created,
            "names": self.names,
        }
        told |= {"design": self.design, "paper": self.paper, "setup_each": self.setup_each, "label": self.label}
        told |= {"heading": self.heading, "day": self.day}
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
        label, heading, day = (str(told.get(name, "")) for name in ("label", "heading", "day"))
        setup_each = told.get("setup_each") is True
        design, paper = str(told.get("design", "zfold")), str(told.get("paper", "a4"))
        if told["schema"] != SESSION_SCHEMA or kind not in ("series", "workshop") or not _ID.fullmatch(folder.name):
            raise ValueError(folder.name)
    except (OSError, ValueError, KeyError, TypeError):
        raise RecordError(f"{folder.name} holds no session.") from None
    session = Session(folder.name, kind, created, folder, {}, names, design, paper, label, heading, day, setup_each)
    for path in sorted(folder.glob("*.json"), key=lambda path: (len(path.name), path.name)):
        if path.stem.isdecimal():
            # ValueError is what pydantic raises for a form that is not ours.
            with suppress(OSError, ValueError, TypeError):
                photo = _form().validate_python(json.loads(path.read_bytes()))
                session.photos[photo.number] = photo
    return session


def checked_setting(text: str) -> float | None:
    """Return a setting that a user typed; None for an empty field.

    Raises:
        ValueError: it is none that a camera has.
    """
    typed = text.strip().replace(",", ".").replace("\u2212", "-")
    if not typed:
        return None
    setting = float(typed)
    if not abs(setting) <= MAX_STEPS:
        raise ValueError(text)
    return setting


@cache
def _form() -> TypeAdapter[Kept]:
    from pydantic import TypeAdapter

    return TypeAdapter(Kept)


def _plain(value: object) -> str:
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
