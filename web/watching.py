"""Folders that the user named when starting: photos that come into them are measured by themselves."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from anyio import to_thread

from backfocus.targets.errors import UserError, printable
from backfocus.verify.photo.naming import is_photo

from .desk import Desk
from .sessions import Session

LOOK_S = 1.0
"""Between two looks; a file is whole when it has not changed from one to the next. Looking works on network drives,
where being told does not."""
MOST_FILES = 20_000
"""In a folder and those within it; a larger one is a whole archive."""
State = tuple[int, int]


async def follow(desk: Desk, folder: Path) -> None:
    """Measure what comes into a folder from now on, until cancelled; the folder has one session, also next time."""
    chosen = hashlib.sha256(f"watch {folder.resolve()}".encode("utf-8", "surrogateescape")).hexdigest()[:16]
    known = await to_thread.run_sync(_states, folder)
    pending: dict[Path, State] = {}
    while True:
        await asyncio.sleep(LOOK_S)
        now = await to_thread.run_sync(_states, folder)
        for path, state in now.items():
            if known.get(path) != state and pending.get(path) == state:
                known[path] = state
                await _take(desk, chosen, folder, path)
        pending = {path: state for path, state in now.items() if known.get(path) != state}


def _session(desk: Desk, chosen: str, folder: Path) -> Session:
    session = desk.shelf.new(session_id=chosen)
    if not session.label:
        session.label = printable(folder.resolve().name)
        session.write()
    return session


async def _take(desk: Desk, chosen: str, folder: Path, path: Path) -> None:
    """Copy a file, and have it measured; one that is gone meanwhile, or too many, cost only themselves."""
    try:
        received = await to_thread.run_sync(desk.inbox.copy, path, desk.limits.body_bytes)
    except OSError:
        return
    with suppress(OSError, UserError):
        # Only now, so that nobody sees a session without photos.
        desk.add(_session(desk, chosen, folder), received)
    with suppress(OSError):
        received.path.unlink(missing_ok=True)


def _states(folder: Path) -> dict[Path, State]:
    """Return size and time of every photo in a folder and those within it; links are not followed."""
    found: dict[Path, State] = {}
    for path in _photos(folder):
        try:
            state = path.stat(follow_symlinks=False)
        except OSError:
            continue
        if len(found) < MOST_FILES:
            found[path] = (state.st_size, state.st_mtime_ns)
    return found


def _photos(folder: Path) -> Iterator[Path]:
    for within, _, names in os.walk(folder):
        for name in names:
            path = Path(within) / name
            # Hidden files are what systems keep beside photos: macOS writes ._IMG_0001.JPG.
            if is_photo(path) and not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path
