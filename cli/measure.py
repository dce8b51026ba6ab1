"""`backfocus measure`, `demo` (the whole way without a camera) and `validate` (the study of accuracy)."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from backfocus.targets import PAPERS
from backfocus.targets.designs import SCALE_RANGE
from backfocus.targets.errors import ExitCode, UnreadablePhotoError, printable

from . import options
from .options import camera_options, serials_option, write_file

if TYPE_CHECKING:
    from backfocus.verify.measure import Analysis, Hints
    from backfocus.verify.simulate.study import StudyResult

STANDARD_INPUT = "-"
MOST_PROCESSES = 4
"""Of `validate`, by default: each takes about 1 GB of memory."""
FINISHING_S = 15.0
"""For the last photos of `validate`, which are under way when the time is up."""


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
    callback=options.chart_id,
    help="Which of several charts in the photo to measure.",
)
@click.option(
    "--corners",
    "corners_px",
    metavar="X1,Y1,...,X4,Y4",
    callback=options.page_corners,
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
@serials_option
@click.pass_context
def measure_command(
    ctx: click.Context,
    photos: tuple[str, ...],
    as_json: bool,
    annotate: Path | None,
    force: bool,
    serials: bool,
    **hints: Unpack[Hints],
) -> None:
    """Measure how far in front of or behind the AF mark the lens focused.

    \b
    Example: backfocus measure IMG_0001.JPG --annotate drawn/
             backfocus measure --json *.JPG > shots.jsonl

    A PHOTO named - is read from standard input. With --json a file that cannot be read has a line, too.

    Exit code: 0 all measured and trustworthy, 2 a file could not be read, 3 a photo was refused, is out
    of range or not trustworthy.
    """
    from backfocus.verify.measurement import unreadable

    if photos.count(STANDARD_INPUT) > 1:
        raise click.UsageError("Standard input, -, has one photo; give it once.")
    if hints.get("corners_px") is not None and len(photos) > 1:
        raise click.UsageError("--corners are those of one photo; give that photo alone.")
    if hints.get("paper") is not None and hints.get("corners_px") is None:
        raise click.UsageError("--paper goes with --corners; without, the markers tell the paper.")
    exit_code = ExitCode.DONE
    for index, path in enumerate(photos):
        try:
            analysis = _analysis(path, hints)
        except UnreadablePhotoError as error:
            click.echo(f"Error: {error}", err=True)
            if as_json:
                click.echo(json.dumps(unreadable(path, error).to_dict()))
            exit_code = ExitCode.WRONG_USE
            continue
        if not analysis.measurement.trustworthy:
            exit_code = exit_code or ExitCode.NOT_TRUSTWORTHY
        _print(analysis, as_json, serials, first=index == 0)
        if annotate is not None:
            _annotate(analysis, annotate, path, force)
    ctx.exit(exit_code)


def _analysis(path: str, hints: Hints) -> Analysis:
    """Measure a photo, or the one on standard input; a setting that was told stands in the result, too."""
    from backfocus.verify.measure import analyse
    from backfocus.verify.measurement import photo_answer
    from backfocus.verify.photo.metadata import CameraInfo
    from backfocus.verify.photo.opening import spooled

    if hints.get("setting") is not None:
        hints["camera"] = replace(hints.get("camera") or CameraInfo(), af_setting=hints.get("setting"))
    if path != STANDARD_INPUT:
        return analyse(path, **hints)
    with spooled(sys.stdin.buffer, STANDARD_INPUT) as file:
        analysis = analyse(file, **hints)
    # The copy's folder is gone; a command in the answer names none.
    return replace(analysis, measurement=replace(analysis.measurement, answer=photo_answer(analysis.measurement)))


def _print(analysis: Analysis, as_json: bool, serials: bool, first: bool) -> None:
    from backfocus.verify.report.text import measurement_text

    if as_json:
        click.echo(json.dumps(analysis.measurement.to_dict(with_serials=serials)))
        return
    click.echo(("" if first else "\n") + measurement_text(analysis.measurement))


def _annotate(analysis: Analysis, folder: Path, path: str, force: bool) -> None:
    from backfocus.verify.report.annotate import annotated_png

    stem = "standard-input" if path == STANDARD_INPUT else Path(path).stem
    target = folder / f"{stem}.annotated.png"
    write_file(target, annotated_png(analysis), force)
    click.echo(f"Drawn: {printable(target)}", err=True)


@click.command("demo")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the files. Default: backfocus-demo, or the next that is free.",
)
@click.option(
    "--offset",
    "offset_mm",
    type=click.FloatRange(-40, 40),
    default=15.0,
    show_default=True,
    help="Focus error of the simulated lens in mm, plus is back focus.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of noise and background.")
def demo(output: Path | None, offset_mm: float, seed: int) -> None:
    """Make a chart, take a simulated photo of it, measure it, say what to dial.

    \b
    Example: backfocus demo --offset -12
    """
    from backfocus.targets import build_chart
    from backfocus.targets.printing.pdf import pdf_bytes
    from backfocus.verify.measure import analyse
    from backfocus.verify.report.annotate import annotated_png
    from backfocus.verify.report.text import measurement_text
    from backfocus.verify.simulate import ExifNames, Lens, SheetPose, rasterise_pdf, shoot

    folder = output or _free_folder(Path("backfocus-demo"))
    shown = Path(printable(folder))
    chart = build_chart()
    pdf = pdf_bytes(chart)
    write_file(folder / "chart.pdf", pdf, force=False)
    click.echo(f"1. The chart to print: {shown / 'chart.pdf'}")

    click.echo(f"2. A simulated 85 mm f/1.4 lens that focuses {offset_mm:+g} mm off takes a photo of it ...")
    photo = folder / "photo.jpg"
    shot = shoot(
        rasterise_pdf(pdf),
        chart,
        SheetPose(tilt_deg=44.0, yaw_deg=1.5, roll_deg=-1.0, af_mark_distance_mm=2550.0),
        Lens(85.0, 1.4),
        offset_mm=offset_mm,
        seed=seed,
        names=ExifNames("NIKON CORPORATION", "NIKON D850", "Simulated 85mm f/1.4"),
    )
    folder.mkdir(parents=True, exist_ok=True)
    shot.save(photo)
    click.echo(f"   {shown / 'photo.jpg'}")

    click.echo("3. backfocus measure says:\n")
    analysis = analyse(photo, as_designed=True)
    click.echo(measurement_text(analysis.measurement))
    write_file(
        folder / "measurement.json", json.dumps(analysis.measurement.to_dict(), indent=2).encode(), force=False
    )
    write_file(folder / "annotated.png", annotated_png(analysis), force=False)
    click.echo(f"\n4. Drawn on the photo, with the blur curve: {shown / 'annotated.png'}")


def _free_folder(wanted: Path) -> Path:
    """Return `wanted`, or wanted-2, wanted-3 …, whichever is not there yet."""
    if not wanted.exists():
        return wanted
    return next(
        candidate for number in count(2) if not (candidate := wanted.with_name(f"{wanted.name}-{number}")).exists()
    )


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
def validate(ctx: click.Context, minutes: float, photos: int | None, seed: int, processes: int) -> None:
    """Repeat the study of accuracy on this machine: simulated photos drawn at random, measured.

    \b
    Example: backfocus validate --photos 100

    Exit code: 0 within the limits, 3 not.
    """
    from backfocus.verify.simulate.validate import MOST_PHOTOS, run_for

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
    ctx.exit(ExitCode.DONE if within else ExitCode.NOT_TRUSTWORTHY)


def _print_table(results: Sequence[StudyResult]) -> bool:
    """Print what came of the photos, and return whether all limits were kept."""
    from backfocus.verify.simulate.validate import checks

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
