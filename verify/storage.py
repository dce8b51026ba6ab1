"""Files that are written whole or not at all, and the folder of what the program remembers for the user."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backfocus.targets.errors import OutputError, printable

VARIABLE = "BACKFOCUS_DATA"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_PIECE = 1 << 20


def write_whole(path: Path, data: bytes | str) -> None:
    """Write a file, in UTF-8 if it is text; its folder is made if there is none.

    Raises:
        OutputError: it cannot be written; what was there before is as it was.
    """
    with whole_file(path) as part:
        part.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Return a file to write, beside the one that it takes the place of when the block ends without an error.

    A link stays one; what it leads to is replaced. What is no file, such as a pipe, is written itself.

    Raises:
        OutputError: it cannot be written; what was there before is as it was.
    """
    try:
        place = path.resolve()
        if place.exists() and not place.is_file():
            yield path
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        # Hidden, so that nobody takes it for a photo; with its ending, by which libraries choose a format.
        part = place.with_name(f".{secrets.token_hex(8)}.part{place.suffix}")
        try:
            yield part
            with suppress(OSError):
                shutil.copymode(place, part)
            _flush(part)
            part.replace(place)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
    except OSError as error:
        raise not_written(path, error) from None


def _flush(file: Path) -> None:
    """Wait until a file is on the disk: a name must not lead to a file whose content is lost with the power."""
    with file.open("r+b") as opened:
        os.fsync(opened.fileno())


def not_written(path: Path, error: OSError) -> OutputError:
    """Return why a file cannot be written, for the user."""
    if error.errno in _FULL:
        return OutputError(
            f"Cannot write {printable(path)}: no space left on the disk.", "Make room, or choose another disk."
        )
    why = error.strerror or printable(" ".join(str(error).split())).rstrip(".")
    is_ours = path.is_relative_to(data_folder())
    remedy = f"Choose another folder with {VARIABLE}." if is_ours else "Choose a folder that you may write to."
    return OutputError(f"Cannot write {printable(path)}: {why}.", remedy)


def content_hash(file: Path) -> str | None:
    """Return the BLAKE2b hash, 128 bits in hexadecimal, of a regular file; None for what cannot be read."""
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


def data_folder() -> Path:
    """Return the user's data folder, which may not exist yet; BACKFOCUS_DATA in the environment overrides it."""
    import platformdirs

    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_data_path("backfocus", appauthor=False)
