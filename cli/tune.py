"""`backfocus tune`, from many photos to the setting to dial, and `backfocus history`, what was found before."""

from __future__ import annotations

import datetime
import json
import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backfocus.targets.errors import ExitCode, OutputError, UserError, printable

from .options import camera_options, check_free, serials_option

if TYPE_CHECKING:
    from backfocus.verify.photo.metadata import CameraInfo
    from backfocus.verify.tuning.records import Entry
    from backfocus.verify.tuning.result import TuneResult
    from backfocus.verify.tuning.saved import SavedTune
    from backfocus.verify.tuning.shots import Gathered

_FILE = click.Path(dir_okay=False, path_type=Path)
_NO_SERIALS = (
    "tells no serial numbers, so that two bodies of one model, or two lenses of one name, count as one; "
    "measure --json and score write them with --serials."
)


@click.command("tune")
@click.argument(
    "photos", metavar="FOLDER|PHOTO|RESULTS...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@click.option(
    "--labels",
    metavar="FILE.csv",
    type=_FILE,
    help="Table with the columns photo, setting, approach (near or far).",
)
@click.option(
    "--setting",
    metavar="STEPS",
    type=click.FloatRange(-100, 100),
    help="AF fine-tune setting of photos whose names do not tell it.",
)
@click.option(
    "--reference",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Live-view shots of the unmoved chart: their mean becomes zero.",
)
@click.option("--before", metavar="FILE.json", type=_FILE, help="Compare with a result that --save wrote earlier.")
@click.option("--save", metavar="FILE.json", type=_FILE, help="Write the result to this file.")
@click.option("--force", is_flag=True, help="Overwrite the file of --save.")
@click.option("--no-record", is_flag=True, help="Do not keep the result for backfocus history.")
@serials_option
@camera_options
@click.option(
    "--processes",
    type=click.IntRange(1, 256),
    help="How many photos to measure at once. Default: one a processor, 4 at most.",
)
@click.pass_context
def tune_command(
    ctx: click.Context,
    photos: tuple[Path, ...],
    as_json: bool,
    labels: Path | None,
    setting: float | None,
    reference: Path | None,
    before: Path | None,
    save: Path | None,
    force: bool,
    no_record: bool,
    serials: bool,
    camera: CameraInfo,
    processes: int | None,
) -> None:
    """Tell from many shots what to dial in, or that nothing needs it.

    Take 8 photos of the chart with AF fine-tune at 0 and 8 at +10, through the viewfinder, defocused before each,
    half from near and half from far: page 2 of the chart has all of it. Two settings tell your camera's own step.
    The setting is read from the photos, or from names such as +10_near_1.jpg.

    RESULTS are photos measured before: a table of backfocus score (.csv, .jsonl, .parquet), or what backfocus
    measure --json printed, - for standard input. Nothing in them is measured again.

    \b
    Example: backfocus tune photos/ --save 85mm.json
             backfocus tune after/ --before 85mm.json
             backfocus tune results.csv more-photos/

    Exit code: 0 all photos used, 2 a file could not be read, 3 a photo could not be used: refused, out of range or
    not trustworthy.
    """
    from backfocus.verify.tuning.records import compare
    from backfocus.verify.tuning.saved import saved
    from backfocus.verify.tuning.tune import tune
    from backfocus.verify.tuning.wording import Source

    if save is not None:
        check_free(save, force)
    earlier = _record(before)
    gathered = _gather(photos, labels, setting, camera, processes, "Photos measured")
    zero = _gather((reference,), None, None, camera, processes, "Reference shots measured") if reference else None
    if zero is not None and not any(shot.offset_mm is not None for shot in zero.shots):
        raise UserError(f"No photo in {printable(reference or Path())} could be measured; see backfocus measure.")
    source = Source(_again(photos), None if save is None else _typed(save))
    result = tune(gathered.shots, gathered.left_out, zero.shots if zero else (), gathered.exposures, source)
    comparisons = compare(earlier, result) if earlier else ()
    if earlier is not None and not comparisons:
        click.echo(
            f"Nothing to compare: {printable(before or Path())} has no series of this camera and lens.",
            err=True,
        )
    series = saved(result, datetime.datetime.now(tz=datetime.UTC), comparisons)
    _print(result, series, as_json, serials)
    _keep(series, save, no_record, serials)
    ctx.exit(_exit_code(result))


def _again(paths: Sequence[Path]) -> str:
    """Return how to name photos and results once more, with a folder for new photos among them."""
    from backfocus.verify.answer import FOLDER
    from backfocus.verify.tuning.given import STANDARD_INPUT, holds_results

    photos = [path for path in paths if not holds_results(path)]
    results = [path for path in paths if path not in (*photos, STANDARD_INPUT)]
    folders = {path if path.is_dir() else path.parent for path in photos}
    return " ".join([_typed(folders.pop()) if len(folders) == 1 else FOLDER, *map(_typed, results)])


def _typed(path: Path) -> str:
    """Return a path as it is typed in a shell."""
    return shlex.quote(printable(path))


def _record(path: Path | None) -> SavedTune | None:
    from backfocus.verify.tuning.saved import read_series

    return None if path is None else read_series(path)


def _gather(
    paths: tuple[Path, ...],
    labels: Path | None,
    setting: float | None,
    camera: CameraInfo,
    processes: int | None,
    what: str,
) -> Gathered:
    from backfocus.verify.photo.naming import no_photos, other_kinds
    from backfocus.verify.tuning.given import gather_given, given_in
    from backfocus.verify.tuning.shots import usual_processes

    try:
        given = given_in(paths)
    except OSError as error:
        raise UserError(f"Cannot read the folder: {error.strerror}.") from None
    if not given.exposures and not given.known:
        names = ", ".join(printable(path) for path in paths)
        others = Counter(file.suffix.lower() for path in paths for file in path.iterdir() if file.is_file())
        raise UserError(no_photos(names, [printable(kind) for kind in other_kinds(others)]))
    if given.lacks_serials:
        click.echo(f"{' '.join(map(printable, given.results))}: {_NO_SERIALS}", err=True)
    gathered = partial(
        gather_given, given, labels, setting=setting, camera=camera, processes=processes or usual_processes()
    )
    if not given.exposures:
        return gathered()
    with click.progressbar(length=len(given.exposures), label=what, file=sys.stderr) as bar:
        return gathered(done=lambda: bar.update(1))


def _print(result: TuneResult, series: SavedTune, as_json: bool, serials: bool) -> None:
    from backfocus.verify import formats
    from backfocus.verify.report.text import tune_text

    if as_json:
        click.echo(json.dumps(formats.as_json(series, with_private=serials)))
    else:
        click.echo(tune_text(result, series.comparisons, with_serials=serials))


def _keep(series: SavedTune, save: Path | None, no_record: bool, serials: bool) -> None:
    from backfocus.verify.tuning.records import keep_record
    from backfocus.verify.tuning.saved import save_series

    if save is not None:
        save_series(save, series, with_serials=serials)
        click.echo(f"Saved: {printable(save)}", err=True)
    if series.lenses and not no_record:
        try:
            keep_record(series)
        except OutputError as error:
            # A data folder that cannot be used costs the record, not the measurement.
            click.echo(f"No record is kept. {error}", err=True)


def _exit_code(result: TuneResult) -> int:
    if any(photo.is_unreadable for photo in result.left_out):
        return ExitCode.WRONG_USE
    return ExitCode.NOT_TRUSTWORTHY if result.left_out else ExitCode.DONE


@click.command("history")
@click.argument("words", metavar="[WORD...]", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line and check, oldest first.")
def history(words: tuple[str, ...], as_json: bool) -> None:
    """List earlier results of `backfocus tune` by body and lens, the latest check first.

    WORDs choose bodies and lenses whose names have them all.

    \b
    Example: backfocus history d850 85mm
    """
    from backfocus.verify import formats
    from backfocus.verify.tuning.records import entries, history_text, kept_records, record_folder

    records, complaints = kept_records()
    for complaint in complaints:
        click.echo(f"Left out: {complaint}", err=True)
    found = [entry for entry in entries(records) if _has(entry, words)]
    if as_json:
        for entry in found:
            click.echo(json.dumps(formats.as_json(entry)))
    elif found:
        click.echo(history_text(found))
    elif records and words:
        click.echo("No record has these words in the names of body or lens.", err=True)
    else:
        click.echo(f"No records yet: backfocus tune keeps them in {printable(record_folder())}.", err=True)


def _has(entry: Entry, words: tuple[str, ...]) -> bool:
    name = f"{entry.body or ''} {entry.lens or ''}".lower()
    return all(word.lower() in name for word in words)
