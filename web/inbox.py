"""Files that come in: into a private folder, under names of our own."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from anyio import to_thread
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from backfocus.targets.errors import printable
from backfocus.verify.photo.naming import is_photo
from backfocus.verify.storage import not_written

LONGEST_NAME = 120
"""Characters of a file's name that are shown; a camera's has 12."""
FIELD_BYTES = 100_000
"""Of a field of a form that is no file: a list of a few thousand names."""


@dataclass(frozen=True)
class Received:
    """A file that came in.

    Attributes:
        path: where it is, under a name of our own.
        name: what its sender calls it, safe to print; never part of a path.
        digest: of its content.
    """

    path: Path
    name: str
    digest: str


class Inbox:
    """A folder that only its owner can read, and that goes with the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # What a program that was killed left of uploads.
        self.close()
        try:
            folder.mkdir(parents=True, mode=0o700)
        except OSError as error:
            raise not_written(folder, error) from None

    def close(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @asynccontextmanager
    async def form(self, request: Request, most_files: int) -> AsyncIterator[tuple[FormData, list[Received]]]:
        """Return a form and its files, which are gone when the block ends, unless they were moved.

        Raises:
            HTTPException: the form is damaged, or has more files than that.
        """
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
            raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the photo as multipart/form-data.")
        received: list[Received] = []
        async with request.form(max_files=most_files, max_fields=100, max_part_size=FIELD_BYTES) as form:
            try:
                for _, part in form.multi_items():
                    if isinstance(part, UploadFile) and (part.filename or part.size):
                        received.append(await to_thread.run_sync(self._keep, part.file, part.filename or ""))
                yield form, received
            finally:
                for file in received:
                    with suppress(OSError):
                        file.path.unlink()

    def copy(self, file: Path, most_bytes: int) -> Received:
        """Copy a file of this machine.

        Raises:
            OSError: it cannot be read, or is larger than that.
        """
        if file.stat().st_size > most_bytes:
            raise OSError(f"over {most_bytes} bytes")
        with file.open("rb") as opened:
            return self._keep(opened, file.name)

    def _keep(self, content: BinaryIO, sent_name: str) -> Received:
        name = shown_name(sent_name)
        path = self.folder / f"{secrets.token_hex(8)}{ending_of(name)}"
        digest = hashlib.sha256()
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                while block := content.read(1 << 20):
                    digest.update(block)
                    file.write(block)
        except OSError:
            # The disk is full; half a photo must not fill it further.
            path.unlink(missing_ok=True)
            raise
        return Received(path, name, digest.hexdigest())


def shown_name(name: str) -> str:
    """Return the last part of a name that a client sent, safe to print, of a length that can be shown."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    told = printable(last.encode("utf-8", "replace").decode("utf-8"))
    stem, dot, ending = told.rpartition(".")
    if len(told) > LONGEST_NAME:
        told = f"{stem[: LONGEST_NAME - 10]}{dot}{ending[:9]}" if dot else told[:LONGEST_NAME]
    return told if told.strip(". ") else "photo"


def ending_of(name: str) -> str:
    """Return the ending of a photo's name, in small letters; empty for any other."""
    ending = PurePosixPath(name).suffix.lower()
    return ending if ending.isascii() and ending[1:].isalnum() and is_photo(f"x{ending}") else ""
