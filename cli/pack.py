"""`backfocus pack`: numbered charts for a workshop, and the list of who has which."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backfocus.targets import PAPERS
from backfocus.targets.errors import ListError, UserError, printable
from backfocus.targets.ids import DESIGNS, ID_ALPHABET, ID_LENGTH, is_chart_id

from .options import check_free, write_file

if TYPE_CHECKING:
    from backfocus.targets.printing.pack import Participant

MOST_CHARTS = 2000


@click.command("pack")
@click.option("--design", type=click.Choice(DESIGNS), default="zfold", show_default=True)
@click.option("--paper", type=click.Choice(list(PAPERS)), default="a4", show_default=True)
@click.option(
    "--count",
    metavar="N",
    type=click.IntRange(1, MOST_CHARTS),
    help="How many charts. Default: as many as there are names.",
)
@click.option(
    "--names",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with a column called name, or one name a line; with a column id, those ids are used again.",
)
@click.option("--title", default="Autofocus workshop", show_default=True, help="Heading of the cover sheet.")
@click.option(
    "--logo",
    metavar="PICTURE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PNG or JPEG for the cover sheet.",
)
@click.option(
    "--font",
    "fonts",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TrueType or OpenType font for letters that the built-in ones lack.",
)
@click.option(
    "--setup",
    type=click.Choice(["once", "each"]),
    default="once",
    show_default=True,
    help="Print the page on how to set a chart up once, or after every chart.",
)
@click.option("--seed", metavar="TEXT", help="Let the ids follow from this text. Default: random ids.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="PDF to write. Default: backfocus-pack-DESIGN-PAPER.pdf.",
)
@click.option(
    "--ids",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV to write: number, id and name of every chart. Default: the PDF's name with .csv.",
)
@click.option("--force", is_flag=True, help="Overwrite existing files.")
def pack(
    design: str,
    paper: str,
    count: int | None,
    names: Path | None,
    title: str,
    logo: Path | None,
    fonts: tuple[Path, ...],
    setup: str,
    seed: str | None,
    output: Path | None,
    ids: Path | None,
    force: bool,
) -> None:
    """Make numbered charts for a workshop: one PDF with a cover sheet, and a list of who has which chart.

    \b
    Example: backfocus pack --design zfold --count 30 --names names.csv --title "Club evening" -o club.pdf

    Every chart has an id of its own, in print and in its QR code. `backfocus score --names` takes the list that is
    written beside the PDF and says whose photo is whose.
    """
    from backfocus.targets.printing.pack import Pack, name_complaints, pack_pdf
    from backfocus.verify.lists import ids_csv

    output = output or Path(f"backfocus-pack-{design}-{paper}.pdf")
    if not output.name:
        raise click.UsageError("--output is empty; give the PDF a name, as -o club.pdf.")
    ids = ids or output.with_suffix(".csv")
    if names is not None and names.resolve() in (output.resolve(), ids.resolve()):
        raise click.UsageError("The list of names would be overwritten; give --ids or --output another name.")
    _check_free((output, ids), force)
    listed = [] if names is None else read_names(names)
    participants = _participants(listed, count, seed)
    picture = None if logo is None else _checked_logo(logo)
    made = Pack(design, paper, title, participants, picture, fonts, setup == "each")
    wrong = _id_complaints([one.chart_id for one in listed if one.chart_id])
    if wrong:
        # Whoever mends a list wants to know all that is wrong in it.
        raise UserError(" ".join([*wrong, *name_complaints(made)]))
    pdf = pack_pdf(made)
    _write_both({output: pdf, ids: ids_csv((one.number, one.chart_id, one.name) for one in participants)}, force)
    click.echo(
        f"{printable(output)}: {len(participants)} charts, {design} {paper}. {printable(ids)}: ids. "
        "Print at 100 %, not 'fit to page'.",
        err=True,
    )


@dataclass(frozen=True)
class Listed:
    """A line of a list of names; `chart_id` is empty where the list has none."""

    name: str
    chart_id: str = ""


def read_names(path: Path) -> list[Listed]:
    """Return the people in a list, in its order.

    The list is a CSV whose first line names a column "name" and perhaps one "id", or has one name a line. A list
    that `backfocus pack` wrote gives the same charts again.

    Raises:
        ListError: it cannot be read, or is something else.
    """
    from backfocus.verify.lists import cell_at, read_list

    lines = read_list(path)
    if not lines:
        raise ListError(f"{printable(path)} is empty; it needs one name a line.")
    head = [cell.casefold() for cell in lines[0].cells]
    if "name" in head:
        at, id_at = head.index("name"), head.index("id") if "id" in head else None
        return [Listed(cell_at(line, at), cell_at(line, id_at).upper()) for line in lines[1:]]
    if all(len(line.cells) == 1 for line in lines):
        return [Listed(line.cells[0]) for line in lines]
    raise ListError(
        f"{printable(path)} has several columns and none is called name; put 'name' above the right one."
    )


def _check_free(files: tuple[Path, Path], force: bool) -> None:
    """Check before the work that nothing is in the way, so that never one of the two files is written alone."""
    if files[0].absolute() == files[1].absolute():
        raise click.UsageError("--output and --ids are the same file; the list needs a name of its own.")
    for file in files:
        check_free(file, force)


def _write_both(contents: dict[Path, bytes], force: bool) -> None:
    """Write both files, or leave no new one behind: neither is of use without the other."""
    new = [file for file in contents if not file.exists()]
    try:
        for file, content in contents.items():
            write_file(file, content, force)
    except UserError:
        for file in new:
            with suppress(OSError):
                file.unlink()
        raise


def _participants(listed: list[Listed], count: int | None, seed: str | None) -> tuple[Participant, ...]:
    """Return who gets which chart; further charts than names stay without a name."""
    from backfocus.targets.printing.pack import Participant, chart_ids

    number = len(listed) if count is None else count
    if not number:
        raise click.UsageError("Say how many charts with --count N, or who gets them with --names FILE.")
    if len(listed) > number:
        raise UserError(f"{len(listed)} names, but --count {number}; leave --count away for one chart a name.")
    if number > MOST_CHARTS:
        raise UserError(f"{number} names; a pack holds at most {MOST_CHARTS} charts. Split the list.")
    given = [one.chart_id for one in listed if one.chart_id]
    fresh = iter(chart_ids(number - len(given), seed, given))
    names = [one.name for one in listed] + [""] * (number - len(listed))
    ids = [one.chart_id for one in listed] + [""] * (number - len(listed))
    return tuple(
        Participant(index, chart_id or next(fresh), name)
        for index, (chart_id, name) in enumerate(zip(ids, names, strict=True), 1)
    )


def _id_complaints(given: list[str]) -> list[str]:
    """Return which ids are none, and which are there twice, in sentences."""
    wrong = [repr(chart_id) for chart_id in dict.fromkeys(given) if not is_chart_id(chart_id)]
    twice = [chart_id for chart_id, times in Counter(given).items() if times > 1]
    said = []
    if wrong:
        said.append(f"{', '.join(wrong)} in the list: no chart id, which is {ID_LENGTH} of {ID_ALPHABET}.")
    if twice:
        said.append(f"More than once in the list: {', '.join(twice)}. Every chart needs an id of its own.")
    return said


def _checked_logo(path: Path) -> bytes:
    """Return the bytes of a picture that can be printed."""
    from backfocus.targets.printing.pack import LARGEST_LOGO, opened_logo

    name = printable(path)
    # A pipe could block for ever.
    if not path.is_file():
        raise UserError(f"{name} is no regular file; save the logo as a PNG or JPEG file and give that.")
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_LOGO[0] + 1)
    except OSError:
        raise UserError(f"{name} is no PNG or JPEG picture that can be read.") from None
    opened_logo(content, name).close()
    return content
