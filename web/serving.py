"""`backfocus app`: one server a data folder, on this machine's own address unless asked otherwise."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO

import uvicorn

from backfocus.targets.errors import UserError
from backfocus.verify.storage import data_folder, not_written, write_whole

from .addresses import own_addresses
from .app import build_app
from .connections import Connection
from .guard import ENTER, Access, Limits, bracketed, is_loopback

USUAL_PORT = 8472
"""Not assigned by IANA to anything that people run."""
TRIED = 20
"""Ports after the usual one, where that is taken."""
STOP_S = 2
"""For answers under way when the program ends."""
LOOPBACK = "127.0.0.1"
SHORTCUT = "backfocus.desktop"
_START = '-c "from backfocus.cli import main; main()" app'
EVERY = ("0.0.0.0", "::")


def serve(
    host: str | None,
    port: int | None,
    *,
    browser: bool,
    phone: bool,
    say: Callable[[str], object],
    watched: Sequence[Path] = (),
    limits: Limits | None = None,
) -> None:
    """Serve until Ctrl-C.

    Args:
        host: address to listen on; None for this machine's own, or with `phone` for all.
        port: to listen on; None for the usual one, or the next that is free.
        browser: open the page in a browser.
        phone: also show the address for a phone.
        say: called with lines for the user.
        watched: folders whose new photos are measured by themselves.

    Raises:
        UserError: the port is taken, or the address is none of this machine's.
    """
    chosen = host or (EVERY[0] if phone else LOOPBACK)
    with only_one() as lock:
        if lock is None:
            place = running_place()
            say(f"backfocus app runs already: {place}   (To start it otherwise, end that one first.)")
            if browser and place:
                webbrowser.open(place + ("phone" if phone else ""))
            return
        listener = listening(chosen, port)
        came_to, number = listener.getsockname()[:2]
        is_open = not is_loopback(came_to)
        own = partial(own_addresses, with_ipv6=":" in chosen)
        access = Access(number, (chosen,), is_open, own if chosen in EVERY else lambda: [chosen])
        address = f"http://{LOOPBACK if chosen in EVERY else bracketed(chosen)}:{number}/"
        _write_down(lock, address)
        say(f"backfocus app: {address}   (Ctrl-C ends it)")
        places = access.places()
        for place in places:
            say(f"From other machines, once: {place}")
        if is_open and not places:
            say(f"This machine is in no network. Join one, then see {address}phone for the address.")
        if browser:
            is_here = not is_open or chosen in EVERY
            start = address + (("phone" if phone else "") if is_here else f"{ENTER[1:]}{access.new_token()}")
            opened = (start, LOOPBACK if is_here else chosen, number)
            threading.Thread(target=_open_when_ready, args=opened, daemon=True).start()
        # It tells of every damaged form, on the terminal of who has nothing to do with it.
        logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
        app = build_app(access, limits, watched=watched)
        config = uvicorn.Config(
            app,
            # Told would be only what strangers send; a fault of ours is an error.
            log_level="error",
            access_log=False,
            server_header=False,
            http=Connection,
            ws="none",
            timeout_graceful_shutdown=STOP_S,
            h11_max_incomplete_event_size=16_384,
        )
        uvicorn.Server(config).run(sockets=[listener])


def listening(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens.

    Raises:
        UserError: the port is taken, or the address is none of this machine's.
    """
    ports = [port] if port is not None else [*range(USUAL_PORT, USUAL_PORT + TRIED), 0]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in ports:
        listener = socket.socket(family, socket.SOCK_STREAM)
        if sys.platform != "win32":
            # There it would let two programs share a port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            if host == EVERY[1]:
                # Those of IPv4 too, which is not so everywhere.
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listener.bind((host, number))
            listener.listen(128)
        except OSError as error:
            listener.close()
            failed = error
            continue
        return listener
    raise UserError(
        f"Cannot listen on {host}, port {ports[0]}: {failed.strerror}.", "Choose another with --port or --host."
    )


@contextmanager
def only_one() -> Iterator[IO[str] | None]:
    """Return the lock of this data folder, held until the block ends; None if another server has it.

    Raises:
        OutputError: the folder cannot be written.
    """
    folder = data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = (folder / "app.lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise not_written(folder, error) from None
    with opened as file:
        if not _locked(file):
            yield None
            return
        file.truncate(0)
        yield file


def _write_down(lock: IO[str], address: str) -> None:
    """Leave the address for who starts the program once more.

    Raises:
        OutputError: the disk is full.
    """
    try:
        # Not by the file's own buffer, which would try once more when it is closed.
        os.write(lock.fileno(), json.dumps({"address": address}).encode())
    except OSError as error:
        raise not_written(data_folder(), error) from None


def running_place(within_s: float = 3.0) -> str:
    """Return the address of the server that has the lock; empty if it does not tell.

    Args:
        within_s: to wait for one that has only just begun.
    """
    until = time.monotonic() + within_s
    while True:
        with suppress(OSError, ValueError, KeyError, TypeError):
            return str(json.loads((data_folder() / "app.lock").read_text(encoding="utf-8"))["address"])
        if time.monotonic() > until:
            return ""
        time.sleep(0.1)


def _locked(file: IO[str]) -> bool:
    """Whether this process has got the lock, which the system gives back however the process ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            # Far behind the content, which others are to read.
            file.seek(1 << 20)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _open_when_ready(address: str, host: str, port: int) -> None:
    """Open a browser once the server answers."""
    for _ in range(100):
        with suppress(OSError), socket.create_connection((host, port), 0.2):
            break
        time.sleep(0.05)
    webbrowser.open(address)


def write_shortcut(program: Path) -> list[Path]:
    """Write an icon to double-click, and return its files; written for Windows and macOS too, tested on Linux.

    Raises:
        OutputError: it cannot be written.
    """
    files = shortcut_files(program)
    for path, text in files.items():
        write_whole(path, text)
        # Desktops start only what may be run.
        path.chmod(0o755)
    return list(files)


def shortcut_files(program: Path) -> dict[Path, str]:
    """Return the files of an icon to double-click, by where they go on this system.

    Args:
        program: the interpreter that runs the program.
    """
    home = Path.home()
    if sys.platform == "win32":
        return {home / "Desktop" / "backfocus.cmd": f'@echo off\r\n"{program}" {_START}\r\n'}
    if sys.platform == "darwin":
        return {home / "Desktop" / "backfocus.command": f"#!/bin/sh\nexec '{program}' {_START}\n"}
    quoted = str(program).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    text = (
        "[Desktop Entry]\nType=Application\nVersion=1.0\nName=backfocus\nComment=Measure front and back focus\n"
        "Comment[de]=Front- und Backfokus messen\n"
        f'Exec="{quoted}" {_START}\nTerminal=true\nCategories=Graphics;Photography;\n'
    )
    base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    files = {base / "applications" / SHORTCUT: text}
    desktop = home / "Desktop"
    if desktop.is_dir():
        files[desktop / SHORTCUT] = text
    return files
