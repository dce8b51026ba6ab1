"""`backfocus report`: results as one page to read, to print and to pass on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from backfocus.cli.files import UserError, check_free, printable_path, write_file

if TYPE_CHECKING:
    from backfocus.verify.report.html.contents import Report

USUAL_PICTURES, MOST_PICTURES = 12, 100
"""Every picture takes a few seconds, to be measured again, and some 40 kB of the page."""


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
def command(results: Path, output: Path | None, photos: Path | None, pictures: int, force: bool) -> None:
    """Make one page of results: verdict, plots, photos, findings with remedies.

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
    from backfocus.verify.report.html.page import page_html

    html = page_html(_report(results, photos or results.parent, pictures))
    if to_screen:
        click.echo(html.encode("utf-8"), nl=False)
        return
    write_file(output, html.encode("utf-8"), force)
    click.echo(f"Report: {printable_path(output)}", err=True)


def _report(results: Path, photos: Path, pictures: int) -> Report:
    from backfocus.verify.measuring import analyse
    from backfocus.verify.photo.reading import UnreadablePhotoError
    from backfocus.verify.report.html.loading import PhotoFile, ResultsError, ResultTable, load_results
    from backfocus.verify.report.html.photo_page import report_of_photo
    from backfocus.verify.report.html.series_page import report_of_series
    from backfocus.verify.report.html.table_page import report_of_rows

    try:
        match load_results(results):
            case PhotoFile(path):
                return report_of_photo(analyse(path))
            case ResultTable(rows):
                return report_of_rows(rows, printable_path(Path(results.name)), photos, pictures, _say)
            case record:
                return report_of_series(record, photos, pictures, _say)
    except ResultsError as error:
        raise UserError(str(error)) from None
    except UnreadablePhotoError as error:
        raise UserError(f"{error.message} {error.remedy}") from None


def _say(photo: str) -> None:
    click.echo(f"Drawing on {photo}", err=True)
