"""What a user's own doing can bring about, and how it is told."""

from __future__ import annotations

import os


def printable(text: str | os.PathLike[str]) -> str:
    r"""Return foreign text (a name, a path, an EXIF text, an id) for one line of a terminal.

    Whatever has no shape of its own is shown as in Python, `\x1b`: control characters and line ends, which a
    terminal obeys, marks that turn the direction of writing, and halves of surrogate pairs, which have no place in
    UTF-8.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in os.fspath(text))
