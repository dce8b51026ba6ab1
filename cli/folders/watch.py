"""`backfocus watch`: photos as a tethered camera or a card copy writes them."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backfocus.cli.files import printable_path
from backfocus.cli.folders.table import mistakes_told, table_option

if TYPE_CHECKING:
    from backfocus.verify.scoring import Row
    from backfocus.verify.scoring.tally import ChartTally
    from backfocus.verify.scoring.watching import Watch


@click.command("watch")
@click.argument("folder", type=click.Path(file_okay=False, exists=True, path_type=Path))
@table_option
@click.option("--existing", is_flag=True, help="Also measure the photos that are there and not in the table.")
@click.option("--for", "seconds", metavar="SECONDS", type=click.FloatRange(min=0), help="Stop after this time.")
@click.option("--count", metavar="N", type=click.IntRange(1), help="Stop after so many photos.")
@click.option("--poll", is_flag=True, help="Look for files instead of being told: for network drives.")
def command(
    folder: Path, table: Path, existing: bool, seconds: float | None, count: int | None, poll: bool
) -> None:
    """Measure photos as they arrive in a folder, with a running mean and scatter of every chart.

    \b
    Example: backfocus watch tethered/ -o results.csv

    Ctrl-C ends it: the table is written, and the exit code is 0.
    """
    from backfocus.verify.scoring.summary import summary_text
    from backfocus.verify.scoring.tally import tally_of
    from backfocus.verify.scoring.watching import Watch

    latest: dict[str, Row] = {}
    with mistakes_told(table), Watch(folder, table, existing=existing, poll=poll) as watch:
        click.echo(f"Watching {printable_path(folder)}; Ctrl-C ends it.", err=True)
        try:
            _follow(watch, latest, seconds, count)
        except KeyboardInterrupt:
            click.echo(err=True)
    tally = tally_of(latest.values())
    click.echo(summary_text(tally) if tally.photos else "No photo came.")
    click.echo(f"Table: {printable_path(table)}", err=True)


def _follow(watch: Watch, latest: dict[str, Row], seconds: float | None, count: int | None) -> None:
    """Tell of every photo as it comes; `latest` gets the rows by path."""
    from backfocus.verify.scoring.tally import tally_of

    tally = tally_of(())
    with closing(watch.rows(seconds)) as rows:
        for row in islice(rows, count):
            path = str(row["path"])
            if latest.pop(path, None):
                # A photo that was changed counts once, as it is now.
                tally = tally_of(latest.values())
            latest[path] = row
            click.echo(_line(row, tally.add(row)))


def _line(row: Row, chart: ChartTally) -> str:
    """Return one photo's result, and what its chart comes to with it."""
    from backfocus.verify.scoring.summary import offsets_text

    if row["status"] == "measured":
        doubt = "" if row["trustworthy"] else ", not trustworthy"
        said = (
            f"{row['verdict'] or 'no verdict'} {row['offset_mm']:+.2f} mm "
            f"({row['offset_ci95_low_mm']:+.2f} to {row['offset_ci95_high_mm']:+.2f}){doubt}"
        )
    else:
        said = f"{row['status']}. {row['error'] or row['finding_messages'] or ''}".rstrip()
    running = f"; {row['chart_id'] or 'charts not read'}: {offsets_text(chart.offsets)}" if chart.offsets.n else ""
    return f"{row['path']}: {said}{running}"
