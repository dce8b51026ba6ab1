"""Self-contained report pages: their parts, their one template, and the page of one photo.

A page needs nothing else: no network, no script, no font. All texts of a report are plain; the template escapes
them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from backfocus.targets.errors import UnreadablePhotoError, printable

from ..findings import Finding, Severity
from ..measure import Analysis, analyse
from ..photo.naming import is_photo
from ..scoring.ledger import file_of
from .annotate import annotated_photo
from .plots import Plot, blur_curve
from .text import SEVERITIES, about_photo, headline

THUMBNAIL_PX, WHOLE_PX = 640, 1100
"""Longest side of one of many pictures, and of the only one: some 40 and 100 kB."""
GRAVEST_FIRST = ("critical", "warning", "info")
Progress = Callable[[str], None]
Outcome = Literal["good", "act", "unsure"]
"""Nothing to do; something to do; not known well enough."""
OUTCOMES: dict[str | None, Outcome] = {"in-focus": "good", "front-focus": "act", "back-focus": "act"}
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Picture:
    """A photo; `uri` holds the picture itself."""

    uri: str
    name: str
    caption: str


@dataclass(frozen=True)
class Note:
    """A finding; `count` is how many photos have it."""

    severity: Severity
    code: str
    message: str
    remedy: str
    count: int = 1

    @property
    def word(self) -> str:
        """How bad it is, in a word."""
        return SEVERITIES[self.severity]


@dataclass(frozen=True)
class Table:
    """A table; the first `texts` columns are words, the others numbers."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    texts: int = 1


@dataclass(frozen=True)
class Section:
    """A part of the page: words, plots, table, findings, photos, in this order; left out where it has none."""

    heading: str
    lines: Sequence[str] = ()
    plots: Sequence[Plot | None] = ()
    table: Table | None = None
    notes: Sequence[Note] = ()
    pictures: Sequence[Picture] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands under the heading."""
        return not (self.lines or any(self.plots) or self.table or self.notes or self.pictures)


@dataclass(frozen=True)
class Report:
    """A page.

    Attributes:
        subject: what it is about: a photo, a lens, a table.
        verdict: the answer in a sentence or two.
        details: what goes with the answer, a line each.
        is_of_one: whether it is about one photo only, which the page warns of.
    """

    title: str
    subject: str
    outcome: Outcome
    verdict: str
    details: Sequence[str]
    sections: Sequence[Section]
    is_of_one: bool = False


def page_html(report: Report) -> str:
    """Return the page.

    Every text is escaped by the template. Should one slip through all the same, the page's security policy allows
    no script at all, no style but its own (by hash) and no picture but those inside of it.
    """
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return _template().render(report=report, style=style, policy=policy)


@cache
def _template() -> Template:
    surroundings = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return surroundings.get_template("page.html.j2")


def report_of_photo(analysis: Analysis) -> Report:
    """Return what one photo says."""
    measurement = analysis.measurement
    is_sure = measurement.status != "refused" and measurement.trustworthy
    return Report(
        title=f"Focus of {measurement.photo}",
        subject=measurement.photo,
        outcome=OUTCOMES.get(measurement.verdict, "unsure") if is_sure else "unsure",
        verdict=headline(measurement),
        details=[str(sentence) for sentence in about_photo(measurement)],
        sections=[
            Section("Blur along the sheet", plots=[blur_curve(analysis)]),
            Section("Findings", notes=notes_of(measurement.findings)),
            Section("The photo", pictures=[picture_of(analysis, WHOLE_PX)]),
        ],
        is_of_one=True,
    )


def notes_of(findings: Iterable[Finding]) -> list[Note]:
    """Return findings, the gravest first."""
    notes = [Note(found.severity, found.code, found.message, found.remedy) for found in findings]
    return sorted(notes, key=lambda note: GRAVEST_FIRST.index(note.severity))


def picture_of(analysis: Analysis, longest_px: int) -> Picture:
    """Return the photo with what was measured drawn on it."""
    content = annotated_photo(analysis, longest_px)
    uri = "data:image/jpeg;base64," + base64.b64encode(content).decode("ascii")
    return Picture(uri, analysis.measurement.photo, headline(analysis.measurement))


def pictures_of(names: Iterable[str], folder: Path, most: int, progress: Progress) -> list[Picture]:
    """Return the first `most` of these photos that are still there, measured again to be drawn on.

    Args:
        names: as tables and series name photos: relative to the folder.
        folder: where the photos are; nothing outside of it is read, whatever a name says.
        most: pictures returned.
        progress: called with the name of every photo before it is measured.
    """
    found: list[Picture] = []
    for name in names:
        if len(found) >= most:
            break
        file = _inside(name, folder)
        if file is None:
            continue
        progress(printable(name))
        try:
            found.append(picture_of(analyse(file), THUMBNAIL_PX))
        except (UnreadablePhotoError, OSError):
            continue
    return found


def _inside(name: str, folder: Path) -> Path | None:
    """Return a photo of the folder; None for what is not there, is no photo, or lies elsewhere."""
    try:
        file = file_of(name, folder).resolve()
        inside = file.is_relative_to(folder.resolve()) and file.is_file() and is_photo(file)
    except (OSError, ValueError):
        return None
    return file if inside else None
