"""What a report says, before it is put on a page. All texts are plain; the page escapes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

Outcome = Literal["good", "act", "unsure"]
"""Nothing to do; something to do; not known well enough."""

OUTCOME_OF_VERDICT: dict[str | None, Outcome] = {
    "in-focus": "good",
    "front-focus": "act",
    "back-focus": "act",
    None: "unsure",
}


@dataclass(frozen=True)
class Figure:
    """A plot; `summary` says in words what it shows."""

    svg: Markup
    summary: str


@dataclass(frozen=True)
class Picture:
    """A photo; `uri` holds the picture itself."""

    uri: str
    name: str
    caption: str


@dataclass(frozen=True)
class Note:
    """A finding; `count` is how many photos have it."""

    severity: str
    code: str
    message: str
    remedy: str
    count: int = 1

    @property
    def word(self) -> str:
        """How bad it is, in a word."""
        return {"info": "Note", "warning": "Warning", "critical": "Problem"}.get(self.severity, "Note")


@dataclass(frozen=True)
class Table:
    """A table; the first `texts` columns are words, the others numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: int = 1


@dataclass(frozen=True)
class Section:
    """A part of the page, in this order: words, plots, table, findings, photos."""

    heading: str
    lines: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    table: Table | None = None
    notes: tuple[Note, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Report:
    """A page.

    Attributes:
        subject: what it is about: a photo, a lens, a table.
        verdict: the answer in a sentence or two.
        details: what goes with the answer, a line each.
        method: how it was measured, and what it cannot say.
    """

    title: str
    subject: str
    outcome: Outcome
    verdict: str
    details: tuple[str, ...]
    sections: tuple[Section, ...]
    method: tuple[str, ...]


def notes_of(findings: Iterable[Mapping[str, Any]]) -> tuple[Note, ...]:
    """Return findings as they stand in JSON, the gravest first."""
    order = ("critical", "warning", "info")
    notes = [Note(f["severity"], f["code"], f["message"], f["remedy"]) for f in findings]
    return tuple(sorted(notes, key=lambda note: order.index(note.severity) if note.severity in order else 3))


def place_words(offset_mm: float) -> str:
    """Return where the sharpest plane is, with the direction in words."""
    if round(abs(offset_mm), 1) == 0:
        return "at the AF mark"
    return f"{abs(offset_mm):.1f} mm {'behind' if offset_mm > 0 else 'in front of'} the AF mark"


def side_words(offset_mm: float) -> str:
    """Return the same in few words, for a column of a table that names the AF mark."""
    if round(abs(offset_mm), 1) == 0:
        return "0.0 mm"
    return f"{abs(offset_mm):.1f} mm {'behind' if offset_mm > 0 else 'in front'}"
