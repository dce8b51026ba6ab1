"""`backfocus history`: what was found about each body and lens, and when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from backfocus.cli.files import printable_path

if TYPE_CHECKING:
    from backfocus.verify.series.records.history import Entry


@click.command("history")
@click.argument("words", metavar="[WORD...]", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line and check, oldest first.")
def command(words: tuple[str, ...], as_json: bool) -> None:
    """List earlier results of `backfocus tune` by body and lens, the latest check first.

    WORDs choose bodies and lenses whose names have them all.

    \b
    Example: backfocus history d850 85mm
    """
    from backfocus.verify.series.records.history import entries, history_text
    from backfocus.verify.series.records.keeping import kept_records, record_folder

    records, complaints = kept_records()
    for complaint in complaints:
        click.echo(f"Left out: {complaint}", err=True)
    found = [entry for entry in entries(records) if _has(entry, words)]
    if as_json:
        for entry in found:
            click.echo(json.dumps(entry.to_dict()))
    elif found:
        click.echo(history_text(found))
    elif records and words:
        click.echo("No record has these words in the names of body or lens.", err=True)
    else:
        click.echo(f"No records yet: backfocus tune keeps them in {printable_path(record_folder())}.", err=True)


def _has(entry: Entry, words: tuple[str, ...]) -> bool:
    name = f"{entry.body or ''} {entry.lens or ''}".lower()
    return all(word.lower() in name for word in words)
