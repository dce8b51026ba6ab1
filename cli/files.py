"""Writing files without losing the user's."""

from __future__ import annotations

from pathlib import Path

import click


def write_file(path: Path, content: bytes, force: bool) -> None:
    """Write a file; one that is there already stays unless it is the same or `force` is given.

    Raises:
        click.ClickException: with exit code 2, when the file exists or cannot be written.
    """
    try:
        if not force and path.exists() and (not path.is_file() or path.read_bytes() != content):
            raise _exists(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise _cannot_write(path, error) from None


def check_free(path: Path, force: bool) -> None:
    """Refuse a file that is there already, before the work whose result it is to hold.

    Raises:
        click.ClickException: with exit code 2, when the file exists and `force` is not given.
    """
    try:
        if path.exists() and not force:
            raise _exists(path)
    except OSError as error:
        raise _cannot_write(path, error) from None


def _cannot_write(path: Path, error: OSError) -> UserError:
    return UserError(
        f"Cannot write {printable_path(path)}: {error.strerror}. Choose a folder that you may write to."
    )


def _exists(path: Path) -> UserError:
    if not path.name:
        return UserError("The output's name is empty; give it one.")
    return UserError(f"{printable_path(path)} exists already; give another name, or --force to overwrite it.")


def printable_path(path: Path) -> str:
    """Return a path for one line of text, without what a terminal would obey."""
    from backfocus.verify.photo.opening import printable_name

    return printable_name(path)


class UserError(click.ClickException):
    """A mistake that the user can mend; shown as one line."""

    exit_code = 2
