"""What users can do wrong or meet with, how it is told, and the exit codes of the command line."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended; of several, the lowest that is not zero counts."""

    DONE = 0
    """All measured and trustworthy."""
    BUG = 1
    """As Python itself gives for an exception that nobody expected."""
    WRONG_USE = 2
    """Wrong use, or input that cannot be read."""
    NOT_TRUSTWORTHY = 3
    """At least one photo was refused, is out of range or not trustworthy; or a check found a limit broken."""
    INTERRUPTED = 130
    """Ctrl-C: 128 and the signal's number, as shells have it."""


class UserError(Exception):
    """What a user can mend, and no fault of the program; the command line prints it as one line.

    Attributes:
        message: what is wrong, as a sentence.
        remedy: what to do about it, as a sentence; empty where the message says it.
        exit_code: of the command that it ends.
    """

    exit_code = ExitCode.WRONG_USE

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.message, self.remedy = message, remedy

    def __str__(self) -> str:
        """Return message and remedy in one line."""
        return f"{self.message} {self.remedy}".rstrip()


class ChartError(UserError, ValueError):
    """No such chart can be made; the message says what can be."""


class QrTextError(UserError, ValueError):
    """The text is not that of a backfocus chart, or it is damaged."""


class UnknownFormatVersionError(QrTextError):
    """The text is that of a backfocus chart of a format version that this program does not know.

    Attributes:
        earlier: whether the version is an earlier one than that of this program.
    """

    def __init__(self, version: int, own_version: int) -> None:
        super().__init__(f"chart format version {version}, where this program has {own_version}")
        self.earlier = version < own_version


class MissingLetterError(UserError):
    """No font at hand has some letters of a text; `letters` are those, each once."""

    def __init__(self, missing: Iterable[str], remedy: str) -> None:
        self.letters = "".join(dict.fromkeys(missing))
        super().__init__(f"No font here has all letters ({self.told}).", remedy)

    @property
    def told(self) -> str:
        """The letters, which perhaps no terminal can show, by their numbers."""
        more = " ..." if self.letters[5:] else ""
        return ", ".join(f"U+{ord(character):04X}" for character in self.letters[:5]) + more


class UnreadablePhotoError(UserError):
    """The file is no photo that can be read."""


class ListError(UserError):
    """A list of names or settings, which people write, cannot be used; the text says where and why."""


class TableError(UserError):
    """A table of results, or the ledger of an unfinished one, cannot be read or written."""


class RecordError(UserError):
    """A file holds no series, or cannot be read."""


class ClusterError(UserError):
    """The cluster cannot be used."""


class OutputError(UserError):
    """A file or folder cannot be written."""


def printable(text: str | os.PathLike[str]) -> str:
    r"""Return foreign text (a name, a path, an EXIF text, an id) for one line of a terminal.

    Whatever has no shape of its own is shown as in Python, `\x1b`: control characters and line ends, which a
    terminal obeys, marks that turn the direction of writing, and halves of surrogate pairs, which have no place in
    UTF-8.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in os.fspath(text))
