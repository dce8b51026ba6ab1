"""`backfocus app`: the local web page, in a browser on this machine, or on a phone beside the camera."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from backfocus.targets.errors import printable


@click.command("app")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on. Default: 8472, or the next free.")
@click.option(
    "--host",
    metavar="ADDRESS",
    help="Address to listen on; others than this machine's own demand a token. Default: 127.0.0.1.",
)
@click.option("--no-browser", is_flag=True, help="Do not open the page.")
@click.option("--phone", is_flag=True, help="Show a code that opens the page on a phone in the same network.")
@click.option(
    "--watch",
    "watched",
    metavar="FOLDER",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Measure photos as they come into this folder: a tethered camera's, or a card's.",
)
@click.option("--shortcut", is_flag=True, help="Leave an icon to double-click, and end.")
def app(
    port: int | None, host: str | None, no_browser: bool, phone: bool, watched: tuple[Path, ...], shortcut: bool
) -> None:
    """Open the page that goes from the printed chart to the number to dial.

    \b
    Example: backfocus app --phone

    Everything stays on this machine. Ctrl-C ends it; what was measured is kept.
    """
    from backfocus.web.serving import serve, write_shortcut

    if shortcut:
        for path in write_shortcut(Path(sys.executable)):
            click.echo(f"Shortcut: {printable(path)}", err=True)
        return
    say = partial(click.echo, err=True)
    serve(host, port, browser=not no_browser, phone=phone, say=say, watched=watched)
