"""Commands on folders and their tables: `score` and `watch` write one, `report` makes a page of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backfocus.targets.errors import ExitCode, UserError, printable

from .options import check_free, serials_option, write_file

if TYPE_CHECKING:
    from rich.console import Console

    from backfocus.verify.scoring import Row, Scoring
    from backfocus.verify.scoring.cluster import Cluster
    from backfocus.verify.scoring.ledger import Again
    from backfocus.verify.scoring.tally import ChartTally
    from backfocus.verify.scoring.watch import Watch

MOST_TOLD = 20
"""Photos named on standard error as not measured; the table has all of them."""
AGAIN = ("failed", "outdated", "all")
USUAL_PICTURES, MOST_PICTURES = 12, 100
"""Every picture takes a few seconds, to be measured again, and some 40 kB of the page."""


table_option = click.option(
    "-o",
    "--out",
    "table",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("results.csv"),
    show_default=True,
    help="The table: .csv, .jsonl or .parquet. What it has of unchanged photos is kept.",
)


@contextmanager
def mistakes_told(table: Path) -> Iterator[None]:
    """Turn what stops work on a table into a line for the user.

    Raises:
        UserError: the folder cannot be read, or the like.
    """
    try:
        yield
    except OSError as error:
        raise UserError(f"{printable(Path(str(error.filename or table)))}: {error.strerror}.") from None


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
@serials_option
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
def score_command(
    ctx: click.Context,
    folder: Path,
    table: Path,
    names: Path | None,
    jobs: int | None,
    timeout_s: float,
    again: tuple[Again, ...],
    prune: bool,
    serials: bool,
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
    from backfocus.verify.scoring.tally import USUAL_CONDITIONS, read_participants, summary_text

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
            serials=serials,
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
    click.echo(f"Table: {printable(table)}", err=True)
    if is_interrupted:
        click.echo("Interrupted; run the same command again to go on.", err=True)
        ctx.exit(ExitCode.INTERRUPTED)
    ctx.exit(scoring.tally.exit_code(USUAL_CONDITIONS if fail_on is None else fail_on))


def _cluster(scheduler: str | None, send: str) -> Cluster | None:
    from backfocus.verify.scoring.cluster import Cluster

    if scheduler is None:
        return None
    return Cluster(scheduler, "bytes" if send == "bytes" else "paths")


def _check_and_say(scoring: Scoring, folder: Path) -> None:
    """Say what will be done and what will not, or that there is nothing."""
    from backfocus.verify.photo.naming import no_photos, other_kinds

    found, skipped = scoring.inventory, scoring.skipped
    kinds = [printable(kind) for kind in other_kinds(skipped.others)]
    if not found.here:
        raise UserError(no_photos(printable(folder), kinds))
    passed = ((skipped.hidden, "hidden"), (skipped.loops, "searched already"))
    why = ", ".join([*(f"{count} {reason}" for count, reason in passed if count), *kinds])
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
        console.print(Text(printable(f"{row['path']}: {row['status']}. {row['error']}")), soft_wrap=True)
    elif failed == MOST_TOLD + 1:
        console.print("Further ones are in the table only.")


@click.command("watch")
@click.argument("folder", type=click.Path(file_okay=False, exists=True, path_type=Path))
@table_option
@click.option("--existing", is_flag=True, help="Also measure the photos that are there and not in the table.")
@click.option("--for", "seconds", metavar="SECONDS", type=click.FloatRange(min=0), help="Stop after this time.")
@click.option("--count", metavar="N", type=click.IntRange(1), help="Stop after so many photos.")
@click.option("--poll", is_flag=True, help="Look for files instead of being told: for network drives.")
def watch_command(
    folder: Path, table: Path, existing: bool, seconds: float | None, count: int | None, poll: bool
) -> None:
    """Measure photos as they arrive in a folder, with a running mean and scatter of every chart.

    \b
    Example: backfocus watch tethered/ -o results.csv

    Ctrl-C ends it: the table is written, and the exit code is 0.
    """
    from backfocus.verify.scoring.tally import summary_text, tally_of
    from backfocus.verify.scoring.watch import Watch

    latest: dict[str, Row] = {}
    with mistakes_told(table), Watch(folder, table, existing=existing, poll=poll) as watch:
        click.echo(f"Watching {printable(folder)}; Ctrl-C ends it.", err=True)
        try:
            _follow_watch(watch, latest, seconds, count)
        except KeyboardInterrupt:
            click.echo(err=True)
    tally = tally_of(latest.values())
    click.echo(summary_text(tally) if tally.photos else "No photo came.")
    click.echo(f"Table: {printable(table)}", err=True)


def _follow_watch(watch: Watch, latest: dict[str, Row], seconds: float | None, count: int | None) -> None:
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
            click.echo(printable(_line(row, tally.add(row))))


def _line(row: Row, chart: ChartTally) -> str:
    """Return one photo's result, and what its chart comes to with it."""
    from backfocus.verify.scoring.tally import offsets_text

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


@click.command("report")
@click.argument("results", metavar="RESULTS", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Page to write, - for standard output. Default: the name of RESULTS with .html.",
)
@click.option(
    "--photos",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the photos of a series or table are, to show some. Default: where RESULTS is.",
)
@click.option(
    "--pictures",
    metavar="N",
    type=click.IntRange(0, MOST_PICTURES),
    default=USUAL_PICTURES,
    show_default=True,
    help="Photos to show at most.",
)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
def report(results: Path, output: Path | None, photos: Path | None, pictures: int, force: bool) -> None:
    """Make one page of results: the answer, plots, photos, findings with remedies.

    RESULTS is a photo, a series that `backfocus tune --save` wrote, a table of `backfocus score`, or what
    `backfocus measure --json` printed. The page needs no network and no script, is readable in light, in dark and
    without colour, and prints well.

    \b
    Example: backfocus report results.csv --photos photos/ -o workshop.html
    """
    output = output or results.with_suffix(".html")
    to_screen = str(output) == "-"
    if not to_screen:
        check_free(output, force)
    from backfocus.verify.report.html import page_html
    from backfocus.verify.report.pages import report_of_file

    html = page_html(report_of_file(results, photos or results.parent, pictures, _say))
    if to_screen:
        click.echo(html.encode("utf-8"), nl=False)
        return
    write_file(output, html.encode("utf-8"), force)
    click.echo(f"Report: {printable(output)}", err=True)


def _say(photo: str) -> None:
    click.echo(f"Drawing on {photo}", err=True)
