"""The process that measures: requests come in by a pipe, one JSON line a photo, and cells go out the same way.

A process of its own for every worker: a decoder that crashes or hangs on a photo takes nobody with it, and the
photo to blame is known.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import stat
import sys
import time
from importlib.metadata import version
from pathlib import Path

from backfocus.verify.measuring import measure
from backfocus.verify.photo.opening import UnreadablePhotoError, printable_name
from backfocus.verify.scoring.columns import cells_of_measurement

_PIECE = 1 << 20


def main() -> None:
    """Answer requests until the pipe closes, which it also does when the parent is killed."""
    import cv2

    # Ctrl-C reaches the whole group of processes; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries print now and then; the pipe must hold nothing but answers.
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    # As many processes as cores: with threads of their own they would only be in each other's way.
    cv2.setNumThreads(1)
    program = version("backfocus")
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        answer = answer_of(Path(request["file"]), request["known_hash"], program)
        print(json.dumps(answer), file=answers, flush=True)


def answer_of(file: Path, known_hash: str | None, program: str) -> dict[str, object]:
    """Return the cells of a photo, or `{"unchanged": True}` if its content has the known hash."""
    start = time.perf_counter()
    content = _hash(file)
    if content is not None and content == known_hash:
        return {"unchanged": True}
    return {
        **_cells(file),
        "blake2b": content,
        "duration_s": round(time.perf_counter() - start, 4),
        "version": program,
    }


def _cells(file: Path) -> dict[str, object]:
    if file.is_dir():
        error = "A folder that cannot be listed. Check its permissions."
        return {"status": "unreadable", "trustworthy": False, "error": error}
    try:
        return cells_of_measurement(measure(file).to_dict())
    except UnreadablePhotoError as unread:
        reason = unread.message.removeprefix(f"{printable_name(file.name)}: ")
        error = f"{reason[:1].upper()}{reason[1:]} {unread.remedy}"
        return {"status": "unreadable", "trustworthy": False, "error": error}
    except Exception as fault:
        # A mistake of the program, but the other photos must not pay for it.
        text = f"A fault of the program, please report it: {type(fault).__name__}: {fault}"
        return {"status": "crashed", "trustworthy": False, "error": text}


def _hash(file: Path) -> str | None:
    """Return the hash of a regular file; None for what cannot be read."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        # A pipe would block for ever.
        if not stat.S_ISREG(file.stat().st_mode):
            return None
        with file.open("rb") as opened:
            while piece := opened.read(_PIECE):
                digest.update(piece)
    except (OSError, ValueError):
        return None
    return digest.hexdigest()
