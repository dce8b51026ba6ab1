"""Paper sizes that charts are designed for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """A paper format in portrait orientation: `name` on the command line, `code` in the QR text."""

    name: str
    code: str
    width_mm: float
    height_mm: float


PAPERS = {
    paper.name: paper
    for paper in (
        Paper("a4", "A4", 210.0, 297.0),
        Paper("letter", "LT", 215.9, 279.4),
        Paper("a3", "A3", 297.0, 420.0),
        Paper("tabloid", "TB", 279.4, 431.8),
    )
}
PAPERS_BY_CODE = {paper.code: paper for paper in PAPERS.values()}
