"""A session is whole wherever the program was cut off: at every file that it opens, renames or removes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from backfocus.verify.report.overlay import SheetPicture
from backfocus.verify.tuning.shots import LeftOut
from backfocus.web.kept import Kept
from backfocus.web.sessions import Session, Shelf
from backfocus.web.told import Told

EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir")
PICTURE = SheetPicture(b"jpeg", 1, 1)
LEFT_OUT = LeftOut("x.jpg", "No chart.", "Take it again.")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks")


def work(done: Callable[[str], None]) -> None:
    """What a session goes through; `done` is told what has been answered."""
    session = Shelf().new(session_id="a" * 16)
    done("begun")
    for number in (1, 2, 3):
        file = session.folder.parent / f"upload-{number}.jpg"
        file.write_bytes(b"photo")
        session.add(f"{number}.jpg", str(number), file)
        done(f"sent {number}")
    measured = {"state": "left-out", "left_out": LEFT_OUT}
    for number, asks in ((1, ()), (2, ("f_number",))):
        lines = session.keep_picture(number, PICTURE, PICTURE)
        session.finish(number, Told(), Told(), asks=asks, **measured, **lines)
        done(f"measured {number}")
    session.tell(2, Told(f_number=2.0))
    done("told")
    session.finish(2, Told(f_number=2.0), Told(), asks=("f_number",), used=Told(f_number=2.0), **measured)
    session.tell_all(Told(f_number=4.0))
    done("told all")
    session.drop(1)
    done("dropped 1")
    session.delete()
    done("deleted")


def cut_off(folder: Path, at: int) -> tuple[list[str], bool]:
    """Do the work in a process that ends at the event of that number; return what was answered, and whether all."""
    log = folder / "answered.txt"
    log.touch()
    child = os.fork()
    if child == 0:
        count = 0

        def end(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal count
            # Folders are emptied by names within them.
            if event in EVENTS and (event != "open" or "sessions" in str(arguments[0])):
                count += 1
                if count == at:
                    os._exit(9)

        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
        sys.addaudithook(end)
        work(lambda what: os.write(descriptor, f"{what}\n".encode()) and None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return log.read_text().splitlines(), os.waitstatus_to_exitcode(status) == 0


def whole(session: Session, photo: Kept) -> bool:
    """Whether a photo is measured and has its pictures, or can be measured."""
    pictures = [session.picture(photo.number)] if photo.outline else []
    pictures += [session.closeup(photo.number)] if photo.closeup else []
    is_measured = photo.is_done and all(path.is_file() for path in pictures)
    return is_measured or session.file(photo.number) is not None


def test_a_session_is_whole_wherever_it_was_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answered: list[str] = []
    is_over, at = False, 0
    while not is_over:
        at += 1
        folder = tmp_path / str(at)
        folder.mkdir()
        monkeypatch.setenv("BACKFOCUS_DATA", str(folder))
        answered, is_over = cut_off(folder, at)
        Shelf().tidy()
        shelf = Shelf()
        place = f"event {at}, after {answered[-1:]}"
        session = shelf.get("a" * 16)
        assert (session is None) <= ("begun" not in answered or "told all" in answered), place
        files = [path for path in (folder / "sessions").rglob("*") if path.is_file()]
        files = [path for path in files if not path.name.startswith("upload-")]
        if session is None:
            assert files == [], place
            continue
        assert all(whole(session, photo) for photo in session.photos.values()), place
        sent = {int(line.split()[1]) for line in answered if line.startswith("sent")}
        assert sent - session.photos.keys() <= ({1} if "told all" in answered else set()), place
        assert "dropped 1" not in answered or 1 not in session.photos, place
        assert "told" not in answered or session.photos[2].told == Told(f_number=2.0), place
        assert "told all" not in answered or session.told == Told(f_number=4.0), place
        numbers = {int(path.name.split(".")[0].split("-")[0]) for path in files if path.name[0].isdigit()}
        assert numbers <= session.photos.keys(), place
        assert not [path for path in files if ".part" in path.name], place
        kept_files = {photo.number for photo in session.photos.values() if session.file(photo.number)}
        needed = {photo.number for photo in session.photos.values() if not photo.is_done or photo.open_fields}
        assert kept_files == needed, place
    assert answered[-1] == "deleted"
    assert at > 50
