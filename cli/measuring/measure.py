"""`backfocus measure`: from photos to offset, verdict and suggestion."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from backfocus.cli import parameters
from backfocus.cli.camera_options import camera_options
from backfocus.cli.files import printable_path, write_file
from backfocus.targets import PAPERS
from backfocus.targets.designs import SCALE_RANGE

if TYPE_CHECKING:
    from backfocus.verify.measuring import Analysis, Hints

UNREADABLE, NOT_TRUSTWORTHY = 2, 3


@click.command("measure")
@click.argument("photos", metavar="PHOTO...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line and photo.")
@click.option(
    "--annotate",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Draw each measurement on its photo, into this folder.",
)
@camera_options
@click.option(
    "--setting",
    metavar="STEPS",
    type=click.FloatRange(-100, 100),
    help="AF fine-tune setting in force when the photo was taken.",
)
@click.option(
    "--scale",
    metavar="S",
    type=click.FloatRange(*SCALE_RANGE),
    help="Printed size over nominal size, for a QR code that cannot be read.",
)
@click.option(
    "--chart-id",
    metavar="ID",
    callback=parameters.chart_id,
    help="Which of several charts in the photo to measure.",
)
@click.option(
    "--corners",
    "corners_px",
    metavar="X1,Y1,...,X4,Y4",
    callback=parameters.page_corners,
    help="Corners of the paper in pixels of the upright photo, for a chart that is not found: top left, top right, "
    "bottom right, bottom left as printed.",
)
@click.option(
    "--paper",
    type=click.Choice(list(PAPERS)),
    help="Paper of the chart between --corners, where its markers are covered.",
)
@click.option(
    "--channels",
    is_flag=True,
    help="Also measure red, green and blue light each.",
)
@click.option(
    "--as-designed",
    is_flag=True,
    help="Take the print to be of exact size, even where check-print kept another one.",
)
@click.option("--force", is_flag=True, help="Overwrite existing pictures in the --annotate folder.")
@click.pass_context
def command(
    ctx: click.Context,
    photos: tuple[str, ...],
    as_json: bool,
    annotate: Path | None,
    force: bool,
    **hints: Unpack[Hints],
) -> None:
    """Measure how far in front of or behind the AF mark the lens focused.

    \b
    Example: backfocus measure IMG_0001.JPG --annotate drawn/

    Exit code: 0 all measured and trustworthy, 2 a file could not be read, 3 a photo was refused, is out
    of range or not trustworthy.
    """
    from backfocus.verify.measuring import analyse
    from backfocus.verify.photo.reading import UnreadablePhotoError

    if hints.get("corners_px") is not None and len(photos) > 1:
        raise click.UsageError("--corners are those of one photo; give that photo alone.")
    if hints.get("paper") is not None and hints.get("corners_px") is None:
        raise click.UsageError("--paper goes with --corners; without, the markers tell the paper.")
    exit_code = 0
    for index, path in enumerate(photos):
        try:
            analysis = analyse(path, **hints)
        except UnreadablePhotoError as error:
            click.echo(f"Error: {error.message} {error.remedy}", err=True)
            exit_code = UNREADABLE
            continue
        if analysis.measurement.status not in ("measured", "sharpness") or not analysis.measurement.trustworthy:
            exit_code = exit_code or NOT_TRUSTWORTHY
        _print(analysis, as_json, first=index == 0)
        if annotate is not None:
            _annotate(analysis, annotate, path, force)
    ctx.exit(exit_code)


def _print(analysis: Analysis, as_json: bool, first: bool) -> None:
    from backfocus.verify.report.text import measurement_text

    if as_json:
        click.echo(json.dumps(analysis.measurement.to_dict()))
        return
    click.echo(("" if first else "\n") + measurement_text(analysis.measurement))


def _annotate(analysis: Analysis, folder: Path, path: str, force: bool) -> None:
    from backfocus.verify.report.annotate import annotated_png

    target = folder / f"{Path(path).stem}.annotated.png"
    write_file(target, annotated_png(analysis), force)
    click.echo(f"Drawn: {printable_path(target)}", err=True)
