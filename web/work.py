"""What a process of the pool does for the web: measure a photo, and cut the sheet out of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from backfocus.targets.errors import UnreadablePhotoError
from backfocus.verify.measure import Analysis, Hints, analyse
from backfocus.verify.measurement import Measurement, photo_answer
from backfocus.verify.photo.exposures import Capture, capture_of
from backfocus.verify.report.overlay import SheetPicture, mark_picture, sheet_picture
from backfocus.verify.report.text import headline
from backfocus.verify.tuning.labels import Label
from backfocus.verify.tuning.shots import LeftOut, Shot, shot_of

from .catalogue import catalogue, in_page_words
from .told import FIELDS, NOTHING, Told, contradicted, lacking

if TYPE_CHECKING:
    from backfocus.targets.printing.pack import Pack
    from backfocus.verify.report.html import Section
    from backfocus.verify.scoring.columns import Row
    from backfocus.verify.tuning.saved import SavedTune

LOGO_PX = (1200, 600)
"""Of a logo at most: 600 dots an inch on its 50 x 22 mm."""
PICTURE_PX = 2000
"""Longest side of the sheet's picture: sharp on a large screen, some 300 kB."""
BLANK_PX = (640, 480)
CLOSEUP_PX = (960, 720)
"""Of the picture around the AF mark, pixel by pixel: 17 cm of a chart at 2.5 m, 85 mm and 24 MP. It has 70 kB, with
noise of 20 of 255 it has 280."""


@dataclass(frozen=True)
class Measured:
    """What a photo came to: one of `shot` and `left_out`; the others are None for a file that cannot be read.

    Attributes:
        used, asks, doubts, capture: see `Kept`.
    """

    headline: str
    shot: Shot | None = None
    left_out: LeftOut | None = None
    measurement: dict[str, Any] | None = None
    picture: SheetPicture | None = None
    closeup: SheetPicture | None = None
    used: Told = NOTHING
    asks: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    capture: Capture | None = None


def ready() -> bool:
    """Return, once all is loaded that measuring needs, also what is loaded where it is used: by a blank picture."""
    from PIL import Image

    with TemporaryDirectory() as folder:
        path = Path(folder) / "blank.jpg"
        Image.new("L", BLANK_PX, 200).save(path)
        return analyse(path).measurement.status == "refused"


def measure_file(path: Path, name: str, label: Label, told: Told, asks: tuple[str, ...], of_all: Told) -> Measured:
    """Measure a photo for a series.

    Args:
        path: of the file.
        name: what its owner calls it, safe to print.
        label: what is said of setting and approach.
        told: what is said of lens and camera, over what the file says.
        asks: fields that the file is known not to tell.
        of_all: what is said of all photos whose files do not tell it.
    """
    used = told.over(of_all.only(asks))
    try:
        analysis = analyse(path, setting=label.setting, camera=used.info)
        missing = lacking(analysis.measurement)
        if of_all.only(missing) != NOTHING:
            used = used.over(of_all.only(missing))
            analysis = analyse(path, setting=label.setting, camera=used.info)
    except UnreadablePhotoError as error:
        reason = reason_of(error, path)
        return Measured("Not readable.", left_out=LeftOut(name, reason, error.remedy, is_unreadable=True))
    analysis = named(analysis, name)
    found = analysis.measurement
    shot = shot_of(found, label.setting, label.approach)
    # A camera that is named brings its sensor, of which the file told nothing either.
    unknown = {*asks, *missing, *(field for field in FIELDS if getattr(told, field) is not None)}
    return Measured(
        headline(found),
        shot,
        left_out_of(found) if shot is None else None,
        found.to_dict(),
        sheet_picture(analysis, PICTURE_PX),
        mark_picture(analysis, *CLOSEUP_PX),
        used,
        tuple(field for field in FIELDS if field in unknown),
        contradicted(found),
        capture_of(path, name, whole=True),
    )


def measurement_of(path: Path, name: str, hints: Hints) -> dict[str, Any]:
    """Return the JSON of a photo's measurement.

    Raises:
        UnreadablePhotoError: the file is no photo.
    """
    try:
        return named(analyse(path, **hints), name).measurement.to_dict()
    except UnreadablePhotoError as error:
        raise UnreadablePhotoError(reason_of(error, path), error.remedy) from None


def named(analysis: Analysis, name: str) -> Analysis:
    """Return an analysis under the photo's own name, with an answer that tells no folder of ours."""
    told = replace(analysis.measurement, photo=name, answer=None)
    return replace(analysis, measurement=replace(told, answer=photo_answer(told)))


def left_out_of(measurement: Measurement) -> LeftOut:
    """Return why a photo says nothing for a series: its gravest finding."""
    critical = [found for found in measurement.findings if found.severity == "critical"]
    if not critical:
        return LeftOut(measurement.photo, "Not measured.", "Take the photo again.")
    return LeftOut(measurement.photo, critical[-1].message, critical[-1].remedy)


def reason_of(error: UnreadablePhotoError, path: Path) -> str:
    """Return what is wrong with a file, as a sentence without the name that we gave it."""
    reason = error.message.removeprefix(f"{path.name}: ")
    return reason[:1].upper() + reason[1:]


def sections_of(found: SavedTune, language: str) -> list[Section]:
    """Return the parts of a series' report that have plots or tables, in a language."""
    from backfocus.verify.report.series_page import report_of_series

    report = report_of_series(found, lambda _: [], catalogue(language).sentence)
    return [part for part in report.sections if part.plots or part.table]


def report_of(found: SavedTune, language: str, whose: str = "") -> str:
    """Return the page of a series to print or save, in a language; `whose` if it is somebody's of many."""
    from backfocus.verify.report.html import page_html
    from backfocus.verify.report.series_page import report_of_series

    say = _page_words(language)
    report = report_of_series(found, lambda _: [], say)
    subject = f"{whose}: {say(report.subject)}" if whose else report.subject
    return page_html(replace(report, subject=subject), say, language)


def report_of_history(language: str) -> str:
    """Return the page of all that is kept in the history, in a language."""
    from backfocus.verify.report.history_page import report_of_history as report
    from backfocus.verify.report.html import page_html
    from backfocus.verify.tuning.records import named_records

    say = _page_words(language)
    return page_html(report(named_records()[0], say), say, language)


def report_of_all(rows: list[Row], name: str, language: str) -> str:
    """Return the page of a table of many people, in a language, a row for each."""
    from backfocus.verify.report.html import page_html
    from backfocus.verify.report.table_page import report_of_rows

    say = _page_words(language)
    report = report_of_rows(rows, name, lambda _: [], say)
    people = [replace(person, answer=replace(person.answer, command="")) for person in report.people]
    answers = [replace(answer, command="") for answer in report.answers]
    return page_html(replace(report, people=people, answers=answers), say, language)


def _page_words(language: str) -> Callable[[str], str]:
    sentence = catalogue(language).sentence
    return lambda text: sentence(in_page_words(text))


def pack_of(pack: Pack) -> bytes:
    """Return the charts of a workshop to print."""
    from backfocus.targets.printing.pack import pack_pdf

    return pack_pdf(pack)


def pack_complaints(pack: Pack) -> list[str]:
    """Return what hinders names and title from being printed."""
    from backfocus.targets.printing.pack import name_complaints

    return name_complaints(pack)


def logo_of(file: Path, name: str) -> bytes:
    """Return a logo as a PNG of our own making, no larger than print needs.

    Args:
        file: that came in.
        name: what its sender calls it.

    Raises:
        UserError: it is no picture, or too large.
    """
    from backfocus.targets.printing.pack import LARGEST_LOGO, opened_logo

    with file.open("rb") as opened:
        content = opened.read(LARGEST_LOGO[0] + 1)
    picture = opened_logo(content, name)
    mode = "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
    small = picture.convert(mode)
    small.thumbnail(LOGO_PX)
    made = io.BytesIO()
    small.save(made, "PNG")
    return made.getvalue()
