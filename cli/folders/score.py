"""`backfocus score`: every photo in a folder to a table, resumed after any interruption."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backfocus.cli import INTERRUPTED
from backfocus.cli.files import UserError, printable_path
from backfocus.cli.folders.table import mistakes_told, table_option

if TYPE_CHECKING:
    from rich.console import Console

    from backfocus.verify.scoring import Row, Scoring
    from backfocus.verify.scoring.ledger import Again
    from backfocus.verify.scoring.workers.cluster import Cluster

MOST_TOLD = 20
"""Photos named on standard error as not measured; the table has all of them."""
AGAIN = ("failed", "outdated", "all")


def _fail_on(_ctx: click.Context, _option: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Return the conditions in a list with commas; none of them for "none"."""
    from backfocus.verify.scoring.tally import EXIT_CODES

    if value is None:
        return None
    names = [name.strip() for name in value.split(",")]
    unknown = [name for name in names if name not in (*EXIT_CODES, "none")]
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is not one of {', '.join(EXIT_CODES)} or none.")
    return tuple(name for name in names if name != "none")


@click.command("score")
@click.argument("folder", type=click.Path(file_okay=False, exists=True, path_type=Path))
@table_option
@click.option(
    "--names",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with the columns id and name: whose chart is whose.",
)
@click.option("--jobs", metavar="N", type=click.IntRange(1, 1024), help="Photos at once. Default: all cores.")
@click.option(
    "--timeout",
    "timeout_s",
    metavar="SECONDS",
    type=click.FloatRange(1, 86_400),
    default=120.0,
    show_default=True,
    help="After which a photo is given up.",
)
@click.option(
    "--again",
    type=click.Choice(AGAIN),
    multiple=True,
    help="Also measure unchanged photos: those that failed, those that another version measured, or all.",
)
@click.option("--prune", is_flag=True, help="Drop the rows of photos that are no longer there.")
@click.option("--scheduler", metavar="ADDRESS", help="Measure on the Dask cluster at tcp://HOST:PORT.")
@click.option(
    "--send",
    type=click.Choice(["paths", "bytes"]),
    default="paths",
    show_default=True,
    help="To the cluster: the photos' paths on shared storage, or the photos.",
)
@click.option(
    "--fail-on",
    metavar="LIST",
    callback=_fail_on,
    help="What gives an exit code other than 0: unreadable, failed, refused, out-of-range, untrustworthy, "
    "out-of-focus, with commas; or none. Default: all but out-of-focus.",
)
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path,
    table: Path,
    names: Path | None,
    jobs: int | None,
    timeout_s: float,
    again: tuple[Again, ...],
    prune: bool,
    scheduler: str | None,
    send: str,
    fail_on: tuple[str, ...] | None,
) -> None:
    """Measure every photo in a folder and the folders within it, and write a table.

    \b
    Example: backfocus score photos/ -o results.csv --names names.csv

    Run it again to go on after an interruption, or for photos that are new or have changed.

    Exit code: 0 all measured and trustworthy, 2 a photo could not be read or measured at all, 3 a photo was
    refused, is out of range or not trustworthy, 130 interrupted. --fail-on chooses among these.
    """
    from backfocus.verify.scoring import Scoring
    from backfocus.verify.scoring.participants import read_participants
    from backfocus.verify.scoring.summary import summary_text
    from backfocus.verify.scoring.tally import USUAL_CONDITIONS

    is_interrupted = False
    with mistakes_told(table):
        participants = {} if names is None else read_participants(names)
        with Scoring(
            folder,
            table,
            jobs=jobs,
            timeout_s=timeout_s,
            again=again,
            prune=prune,
            participants=participants,
            cluster=_cluster(scheduler, send),
        ) as scoring:
            _check_and_say(scoring, folder)
            try:
                if scoring.inventory.due:
                    _follow(scoring)
            except KeyboardInterrupt:
                is_interrupted = True
    click.echo(summary_text(scoring.tally))
    click.echo(f"Table: {printable_path(table)}", err=True)
    if is_interrupted:
        click.echo("Interrupted; run the same command again to go on.", err=True)
        ctx.exit(INTERRUPTED)
    ctx.exit(scoring.tally.exit_code(USUAL_CONDITIONS if fail_on is None else fail_on))


def _cluster(scheduler: str | None, send: str) -> Cluster | None:
    from backfocus.verify.scoring.workers.cluster import Cluster

    if scheduler is None:
        return None
    return Cluster(scheduler, "bytes" if send == "bytes" else "paths")


def _check_and_say(scoring: Scoring, folder: Path) -> None:
    """Say what will be done and what will not, or that there is nothing."""
    found, skipped = scoring.inventory, scoring.skipped
    if not found.here:
        raise UserError(f"{printable_path(folder)} holds no photo (JPEG, PNG, TIFF or RAW).")
    passed = ((skipped.hidden, "hidden"), (skipped.others, "no photos"), (skipped.loops, "searched already"))
    why = ", ".join(f"{count} {reason}" for count, reason in passed if count)
    click.echo(f"{found.here} photos, {found.due} to measure{f'; skipped: {why}' if why else ''}.", err=True)
    if found.outdated:
        click.echo(
            f"{found.outdated} rows are of another version of backfocus and kept; --again outdated renews them.",
            err=True,
        )
    if found.gone:
        click.echo(f"{found.gone} rows are of photos no longer there; --prune drops them.", err=True)


def _follow(scoring: Scoring) -> None:
    """Measure, with progress on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    progress = Progress(
        TextColumn("Measuring"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]}"),
        console=Console(stderr=True, highlight=False),
    )
    failed = 0
    with closing(scoring.rows()) as rows, progress:
        task = progress.add_task("", total=scoring.inventory.due, rate="", failed="")
        for row in rows:
            if row["error"] is not None:
                failed += 1
                _tell(progress.console, row, failed)
            speed = progress.tasks[0].speed
            progress.update(
                task,
                advance=1,
                rate=f"{speed:.1f} a second" if speed else "",
                failed=f"{failed} failed" if failed else "",
            )


def _tell(console: Console, row: Row, failed: int) -> None:
    from rich.text import Text

    if failed <= MOST_TOLD:
        console.print(Text(f"{row['path']}: {row['status']}. {row['error']}"), soft_wrap=True)
    elif failed == MOST_TOLD + 1:
        console.print("Further ones are in the table only.")
