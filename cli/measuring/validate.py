"""`backfocus validate`: the study of accuracy and coverage, repeated on the user's machine."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from backfocus.verify.study.shots import StudyResult

NOT_WITHIN_LIMITS = 3
MOST_PROCESSES = 4
"""By default: each takes about 1 GB of memory."""
FINISHING_S = 15.0
"""For the last photos, which are under way when the time is up."""


@click.command("validate")
@click.option(
    "--minutes", type=click.FloatRange(min=0.1), default=5.0, show_default=True, help="Time to stop after."
)
@click.option("--photos", type=click.IntRange(1, 10_000), help="How many photos, however long they take.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the random photos.")
@click.option(
    "--processes",
    type=click.IntRange(1, 256),
    default=lambda: min(os.cpu_count() or 1, MOST_PROCESSES),
    help="How many at once. Default: one a processor, 4 at most.",
)
@click.pass_context
def command(ctx: click.Context, minutes: float, photos: int | None, seed: int, processes: int) -> None:
    """Repeat the study of accuracy on this machine: simulated photos drawn at random, measured.

    \b
    Example: backfocus validate --photos 100

    Exit code: 0 within the limits, 3 not.
    """
    from backfocus.verify.study.validation import MOST_PHOTOS, run_for

    seconds = float("inf") if photos else max(60 * minutes - FINISHING_S, 1.0)
    results: list[StudyResult] = []
    start = time.monotonic()
    with (
        closing(run_for(seconds, photos or MOST_PHOTOS, seed, processes)) as running,
        click.progressbar(
            length=photos or round(seconds), label="Photos taken and measured", file=sys.stderr
        ) as bar,
    ):
        for result in running:
            results.append(result)
            bar.update(1 if photos else round(min(time.monotonic() - start, seconds)) - bar.pos)
    click.echo(f"{len(results)} simulated photos of 12 MP, seed {seed}, {time.monotonic() - start:.0f} s.\n")
    within = _print_table(results)
    ctx.exit(0 if within else NOT_WITHIN_LIMITS)


def _print_table(results: Sequence[StudyResult]) -> bool:
    """Print what came of the photos, and return whether all limits were kept."""
    from backfocus.verify.study.validation import checks

    missed = [row for row in results if row.error_mm is None]
    if len(missed) == len(results):
        click.echo("Not one photo was measured.")
        return False
    rows = [("", "found", "limit", "")]
    found = checks(results)
    rows += [(check.name, check.found, check.limit, "kept" if check.kept else "BROKEN") for check in found]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    click.echo("\nBroken is a limit only if chance would break it in fewer than one of a hundred such runs.")
    codes = sorted({finding.code for row in missed for finding in row.measurement.findings[-1:]})
    click.echo(f"Not measured: {len(missed)}{' (' + ', '.join(codes) + ')' if codes else ''}.")
    return all(check.kept for check in found)
