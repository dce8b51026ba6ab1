"""The report of a table of results: a workshop, a rental house, a folder."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..findings import KINDS
from ..scoring.columns import Row
from ..scoring.tally import Tally
from .html import METHOD, METHOD_OF_MANY, Progress, pictures_of
from .plots import Note, Outcome, Report, Section, Table, side_words
from .shot_plots import ShotPoint, offset_by_chart, offset_by_shot

MOST_LISTED = 200
"""Photos in the list of those without a result; the table itself has all of them."""
NOT_READ = "no chart read"
_CHART_HEAD = (
    "chart",
    "name",
    "photos",
    "mean, from the AF mark",
    "scatter, mm",
    "in focus",
    "back focus",
    "front focus",
)
_FAILED_HEAD = ("photo", "status", "why")


@dataclass
class _Gathered:
    """What of the rows is kept: little for every photo, however many there are."""

    tally: Tally = field(default_factory=Tally)
    shots: list[ShotPoint] = field(default_factory=list)
    charts: dict[str, _Chart] = field(default_factory=dict)
    failed: list[Row] = field(default_factory=list)
    n_failed: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    names: list[str] = field(default_factory=list)

    def add(self, row: Row) -> None:
        self.tally.add(row)
        chart = self.charts.setdefault(str(row["chart_id"] or NOT_READ), _Chart())
        chart.add(row)
        if row["error"] is None and len(self.names) < MOST_LISTED:
            self.names.append(str(row["path"]))
        self.codes.update(code for code in str(row["findings"] or "").split("; ") if code)
        offset, low, high = row["offset_mm"], row["offset_ci95_low_mm"], row["offset_ci95_high_mm"]
        if isinstance(offset, float):
            interval = (low, high) if isinstance(low, float) and isinstance(high, float) else None
            self.shots.append(ShotPoint(offset, interval, None, bool(row["trustworthy"])))
        if not _is_sure(row):
            self.n_failed += 1
            if len(self.failed) < MOST_LISTED:
                self.failed.append(row)

    @property
    def verdicts(self) -> Counter[str]:
        return sum((chart.verdicts for chart in self.charts.values()), Counter[str]())


@dataclass
class _Chart:
    """What the photos of one chart say; `offsets` and `verdicts` are of those to rely on.

    `first_photo` is the first that could be opened; empty if none could.
    """

    first_photo: str = ""
    participant: str = ""
    photos: int = 0
    offsets: list[float] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        self.photos += 1
        if row["error"] is None:
            self.first_photo = self.first_photo or str(row["path"])
        self.participant = self.participant or str(row["participant"] or "")
        if _is_sure(row):
            if isinstance(row["offset_mm"], float):
                self.offsets.append(row["offset_mm"])
            self.verdicts.update([str(row["verdict"] or "no verdict")])


def _is_sure(row: Row) -> bool:
    return row["status"] == "measured" and bool(row["trustworthy"])


def report_of_rows(
    rows: Iterable[Row], name: str, folder: Path | None, most_pictures: int, progress: Progress
) -> Report:
    """Return what a table says; `name` is the table's, photos are shown from `folder`, if there is one."""
    found = _Gathered()
    for row in rows:
        found.add(row)
    named = [(chart.participant or chart_id, chart.offsets) for chart_id, chart in sorted(found.charts.items())]
    figures = [offset_by_chart(named), offset_by_shot(found.shots)]
    notes = _findings(found.codes)
    sections = [
        Section("Charts", figures=tuple(figure for figure in figures if figure is not None), table=_charts(found)),
        Section("Findings", notes=notes) if notes else None,
        _pictures(found, folder, most_pictures, progress),
        _failed(found) if found.failed else None,
    ]
    return Report(
        title="Autofocus results",
        subject=f"{name}: {found.tally.photos} photos of {len(found.charts.keys() - {NOT_READ})} charts",
        outcome=_outcome(found),
        verdict=_verdict(found),
        details=_details(found),
        sections=tuple(section for section in sections if section is not None),
        method=(*METHOD, *METHOD_OF_MANY),
    )


def _verdict(found: _Gathered) -> str:
    if not found.tally.photos:
        return "The table holds no photos."
    verdicts = found.verdicts
    words = [
        f"{verdicts[verdict]} {words}"
        for verdict, words in (
            ("in-focus", "in focus"),
            ("back-focus", "focused behind the AF mark (back focus)"),
            ("front-focus", "focused in front of it (front focus)"),
        )
        if verdicts[verdict]
    ]
    return f"{found.tally.trustworthy} of {found.tally.photos} photos measured" + (
        f": {', '.join(words)}." if words else "."
    )


def _outcome(found: _Gathered) -> Outcome:
    verdicts = found.verdicts
    if not found.tally.trustworthy:
        return "unsure"
    return "act" if verdicts["back-focus"] + verdicts["front-focus"] > verdicts["in-focus"] else "good"


def _details(found: _Gathered) -> tuple[str, ...]:
    statuses = ", ".join(f"{count} {status}" for status, count in found.tally.statuses.most_common())
    lines = [f"By status: {statuses}."] if statuses else []
    if found.n_failed:
        lines.append(f"{found.n_failed} photos gave no result to rely on; they are listed below, with the reasons.")
    return tuple(lines)


def _charts(found: _Gathered) -> Table:
    rows = []
    for chart_id, chart in sorted(found.charts.items(), key=lambda pair: (pair[0] == NOT_READ, pair[0])):
        offsets = chart.offsets
        rows.append(
            (
                chart_id,
                chart.participant,
                str(chart.photos),
                side_words(statistics.fmean(offsets)) if offsets else "",
                f"{statistics.stdev(offsets):.1f}" if len(offsets) > 1 else "",
                *(str(chart.verdicts[verdict]) for verdict in ("in-focus", "back-focus", "front-focus")),
            )
        )
    return Table(_CHART_HEAD, tuple(rows), texts=2)


def _findings(codes: Counter[str]) -> tuple[Note, ...]:
    """Return what was found in photos, the most frequent first; codes of other versions have no explanation."""
    notes = []
    for code, count in codes.most_common():
        kind = KINDS.get(code)
        if kind is None:
            notes.append(Note("info", code, "", "", count))
        else:
            notes.append(Note(kind.severity, code, f"{kind.title}. {kind.cause}", kind.remedy, count))
    return tuple(notes)


def _failed(found: _Gathered) -> Section:
    rows = tuple((str(row["path"]), str(row["status"]), _why(row)) for row in found.failed)
    more = found.n_failed - len(rows)
    lines = (f"The first {len(rows)}; the table has {more} more.",) if more else ()
    return Section("Photos without a result", lines=lines, table=Table(_FAILED_HEAD, rows, texts=3))


def _why(row: Row) -> str:
    return str(row["error"] or row["finding_messages"] or "")


def _pictures(found: _Gathered, folder: Path | None, most: int, progress: Progress) -> Section | None:
    """Return one photo of every chart, then others."""
    if folder is None:
        return None
    of_charts = [chart.first_photo for chart in found.charts.values() if chart.first_photo]
    pictures = pictures_of(dict.fromkeys([*of_charts, *found.names]), folder, most, progress)
    return Section("Photos", pictures=pictures) if pictures else None
