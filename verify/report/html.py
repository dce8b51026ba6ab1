"""Self-contained report pages: their parts, their one template, and the page of one photo.

A page needs nothing else: no network, no script, no font. All texts of a report are plain; the template escapes
them.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from backfocus.targets.errors import UnreadablePhotoError, printable

from ..answer import Answer
from ..findings import Finding, Severity
from ..measure import Analysis, analyse
from ..measurement import photo_answer
from ..photo.naming import is_photo
from ..scoring.ledger import file_of
from .annotate import annotated_photo
from .plots import blur_curve
from .text import SEVERITIES, Sentence, about_photo, headline
from .timeline import Plot, Say

_COMMAND = re.compile(r": (?=backfocus [a-z])")
"""Where the next step ends in a command to type."""
THUMBNAIL_PX, WHOLE_PX = 640, 1100
"""Longest side of one of many pictures, and of the only one: some 40 and 100 kB."""
GRAVEST_FIRST = ("critical", "warning", "info")
Progress = Callable[[str], None]
Outcome = Literal["good", "act", "unsure"]
"""Nothing to do; something to do; not known well enough."""
OUTCOMES: dict[str | None, Outcome] = {"in-focus": "good", "front-focus": "act", "back-focus": "act"}
"""By the verdict on a photo, and, below, by the kind of an answer; every other is not known well enough."""
ANSWER_OUTCOMES: dict[str, Outcome] = {
    "leave": "good",
    "dial": "act",
    "service": "act",
    "no-setting": "act",
    "inconsistent": "act",
}
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
class Headline:
    """The answer in three lines, the last parted from the command that it ends in; `whose` if not the page's."""

    outcome: Outcome
    dial: str
    why: str
    next: str
    command: str = ""
    whose: str = ""


@dataclass(frozen=True)
class Person:
    """Somebody's own row in a table of many: whose, with what camera, the answer, and about the photos."""

    name: str
    camera: str
    answer: Headline
    photos: Sequence[str]


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
    facts: Sequence[Sentence] = ()
    plots: Sequence[Plot | None] = ()
    table: Table | None = None
    notes: Sequence[Note] = ()
    pictures: Sequence[Picture] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands under the heading."""
        return not (self.lines or self.facts or any(self.plots) or self.table or self.notes or self.pictures)


@dataclass(frozen=True)
class Report:
    """A page.

    Attributes:
        subject: what it is about: a photo, a lens, a table.
        answers: of every body with a lens; none in a table of several people, who have one each in `people`.
        is_of_one: whether it is about one photo only, which the page warns of.
    """

    title: str
    subject: str
    answers: Sequence[Headline]
    sections: Sequence[Section]
    people: Sequence[Person] = ()
    is_of_one: bool = False


def page_html(report: Report, say: Say = str, language: str = "en") -> str:
    """Return the page, its texts told by `say` in a language.

    Every text is escaped by the template. Should one slip through all the same, the page's security policy allows
    no script at all, no style but its own (by hash) and no picture but those inside of it.
    """
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return _template().render(report=report, style=style, policy=policy, say=say, language=language)


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
    answer = measurement.answer or photo_answer(measurement)
    is_sure = measurement.status != "refused" and measurement.trustworthy
    outcome = OUTCOMES.get(measurement.verdict, "unsure") if is_sure else "unsure"
    return Report(
        title="Focus of one photo",
        subject=measurement.photo,
        answers=[headline_of(answer, outcome=outcome)],
        sections=[
            Section("Sharpness along the sheet", plots=[blur_curve(analysis)]),
            Section("What was measured", facts=[Sentence("", headline(measurement)), *about_photo(measurement)]),
            Section("Findings", notes=notes_of(measurement.findings)),
            Section("The photo", pictures=[picture_of(analysis, WHOLE_PX)]),
        ],
        is_of_one=True,
    )


def headline_of(answer: Answer, whose: str = "", outcome: Outcome | None = None) -> Headline:
    """Return an answer as it stands on the page; `outcome` where its kind does not tell."""
    said, *command = _COMMAND.split(answer.next, maxsplit=1)
    return Headline(
        outcome or ANSWER_OUTCOMES.get(answer.kind, "unsure"),
        answer.dial,
        answer.why,
        f"{said}:" if command else said,
        command[0] if command else "",
        whose,
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
