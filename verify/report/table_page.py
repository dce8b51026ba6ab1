"""The report of a table of results: a workshop, a rental house, a folder."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ..findings import KINDS
from ..scoring.columns import Row
from ..scoring.tally import Tally
from .html import Note, Outcome, Picture, Report, Section, Table
from .plots import ShotPoint, offset_by_chart, offset_by_shot
from .text import side_words

MOST_LISTED = 200
"""Photos in the list of those without a result; the table itself has all of them."""
NOT_READ = "no chart read"
CHART_HEAD = (
    "chart",
    "name",
    "photos",
    "mean, from the AF mark",
    "scatter, mm",
    "in focus",
    "back focus",
    "front focus",
)
FAILED_HEAD = ("photo", "status", "why")
VERDICTS = {
    "in-focus": "in focus",
    "back-focus": "focused behind the AF mark (back focus)",
    "front-focus": "focused in front of it (front focus)",
}


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


@dataclass
class _Gathered:
    """What of the rows is kept: little for every photo, however many there are."""

    tally: Tally = field(default_factory=Tally)
    shots: list[ShotPoint] = field(default_factory=list)
    charts: dict[str, _Chart] = field(default_factory=dict)
    failed: list[Row] = field(default_factory=list)
    n_failed: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    names: list[str] = field(default_factory=list)

    def add(self, row: Row) -> None:
        self.tally.add(row)
        self.codes.update(code for code in str(row["findings"] or "").split("; ") if code)
        chart = self.charts.setdefault(str(row["chart_id"] or NOT_READ), _Chart())
        chart.photos += 1
        chart.participant = chart.participant or str(row["participant"] or "")
        if row["error"] is None:
            chart.first_photo = chart.first_photo or str(row["path"])
            self.names += [str(row["path"])] if len(self.names) < MOST_LISTED else []
        offset, low, high = row["offset_mm"], row["offset_ci95_low_mm"], row["offset_ci95_high_mm"]
        if isinstance(offset, float):
            interval = (low, high) if isinstance(low, float) and isinstance(high, float) else None
            self.shots.append(ShotPoint(offset, interval, None, bool(row["trustworthy"])))
        if row["status"] == "measured" and row["trustworthy"]:
            chart.offsets += [offset] if isinstance(offset, float) else []
            for verdicts in (chart.verdicts, self.verdicts):
                verdicts[str(row["verdict"] or "no verdict")] += 1
        else:
            self.n_failed += 1
            self.failed += [row] if len(self.failed) < MOST_LISTED else []


def report_of_rows(rows: Iterable[Row], name: str, pictures: Callable[[Iterable[str]], list[Picture]]) -> Report:
    """Return what a table says; `name` is the table's, `pictures` finds photos by their names."""
    found = _Gathered()
    for row in rows:
        found.add(row)
    named = [(chart.participant or chart_id, chart.offsets) for chart_id, chart in sorted(found.charts.items())]
    first = [chart.first_photo for chart in found.charts.values() if chart.first_photo]
    return Report(
        title="Autofocus results",
        subject=f"{name}: {found.tally.photos} photos of {len(found.charts.keys() - {NOT_READ})} charts",
        outcome=_outcome(found),
        verdict=_verdict(found),
        details=_details(found),
        sections=[
            Section("Charts", plots=[offset_by_chart(named), offset_by_shot(found.shots)], table=_charts(found)),
            Section("Findings", notes=_findings(found.codes)),
            Section("Photos", pictures=pictures(dict.fromkeys([*first, *found.names]))),
            _failed(found),
        ],
    )


def _verdict(found: _Gathered) -> str:
    if not found.tally.photos:
        return "The table holds no photos."
    words = [f"{found.verdicts[verdict]} {words}" for verdict, words in VERDICTS.items() if found.verdicts[verdict]]
    measured = f"{found.tally.trustworthy} of {found.tally.photos} photos measured"
    return f"{measured}: {', '.join(words)}." if words else f"{measured}."


def _outcome(found: _Gathered) -> Outcome:
    if not found.tally.trustworthy:
        return "unsure"
    off = found.verdicts["back-focus"] + found.verdicts["front-focus"]
    return "act" if off > found.verdicts["in-focus"] else "good"


def _details(found: _Gathered) -> list[str]:
    statuses = ", ".join(f"{count} {status}" for status, count in found.tally.statuses.most_common())
    lines = [f"By status: {statuses}."] if statuses else []
    if found.n_failed:
        lines.append(f"{found.n_failed} photos gave no result to rely on; they are listed below, with the reasons.")
    return lines


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
                *(str(chart.verdicts[verdict]) for verdict in VERDICTS),
            )
        )
    return Table(CHART_HEAD, rows, texts=2)


def _findings(codes: Counter[str]) -> list[Note]:
    """Return what was found in photos, the most frequent first; codes of other versions have no explanation."""
    notes = []
    for code, count in codes.most_common():
        kind = KINDS.get(code)
        if kind is None:
            notes.append(Note("info", code, "", "", count))
        else:
            notes.append(Note(kind.severity, code, f"{kind.title}. {kind.cause}", kind.remedy, count))
    return notes


def _failed(found: _Gathered) -> Section:
    rows = [
        (str(row["path"]), str(row["status"]), str(row["error"] or row["finding_messages"] or ""))
        for row in found.failed
    ]
    more = found.n_failed - len(rows)
    return Section(
        "Photos without a result",
        lines=[f"The first {len(rows)}; the table has {more} more."] if more else [],
        table=Table(FAILED_HEAD, rows, texts=3) if rows else None,
    )
