"""What a table comes to: photos by status, the mean offset of every chart, and the exit code."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from backfocus.targets.errors import ExitCode, printable

from ..lists import read_table
from ..photo.naming import is_raw
from .columns import Row

EXIT_CODES = {
    "unreadable": ExitCode.WRONG_USE,
    "failed": ExitCode.WRONG_USE,
    "refused": ExitCode.NOT_TRUSTWORTHY,
    "out-of-range": ExitCode.NOT_TRUSTWORTHY,
    "untrustworthy": ExitCode.NOT_TRUSTWORTHY,
    "out-of-focus": ExitCode.NOT_TRUSTWORTHY,
}
"""Conditions of a photo that a pipeline can ask for, and the exit code that each gives."""
USUAL_CONDITIONS = tuple(name for name in EXIT_CODES if name != "out-of-focus")
"""As for `backfocus measure`: front and back focus are results, not failures."""
_HEAD = ("chart", "name", "photos", "back focus", "in focus", "front focus", "mean offset", "scatter")
_LEFT = 2
"""Columns of words; the others are numbers, aligned on the right."""


@dataclass
class Offsets:
    """Mean and scatter of numbers that come one at a time (Welford, Technometrics 4, 1962)."""

    n: int = 0
    mean_mm: float = 0.0
    _squares: float = 0.0

    def add(self, offset_mm: float) -> None:
        """Count one more."""
        self.n += 1
        step = offset_mm - self.mean_mm
        self.mean_mm += step / self.n
        self._squares += step * (offset_mm - self.mean_mm)

    @property
    def scatter_mm(self) -> float | None:
        """Standard deviation of one offset; None for fewer than two."""
        return math.sqrt(self._squares / (self.n - 1)) if self.n > 1 else None


@dataclass
class ChartTally:
    """The photos of one chart; `offsets` are of those that are measured and trustworthy."""

    participant: str | None = None
    photos: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    offsets: Offsets = field(default_factory=Offsets)


@dataclass
class Tally:
    """Counts over rows.

    Attributes:
        statuses: photos by status.
        conditions: photos by condition of `EXIT_CODES`; one photo can meet several.
        charts: by chart id; None for photos whose chart was not read.
        repeated: files whose exposure counts already, by content, or as the JPEG beside a RAW file;
            `charts` have each exposure once.
    """

    photos: int = 0
    trustworthy: int = 0
    repeated: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    conditions: Counter[str] = field(default_factory=Counter)
    charts: dict[str | None, ChartTally] = field(default_factory=dict)
    _seen: dict[str, bool] = field(default_factory=dict)

    def add(self, row: Row) -> ChartTally:
        """Count a row, and return what its chart comes to now."""
        self.photos += 1
        self.trustworthy += row["status"] == "measured" and bool(row["trustworthy"])
        self.statuses[str(row["status"])] += 1
        self.conditions.update(conditions_of(row))
        chart_id = row["chart_id"]
        chart = self.charts.setdefault(None if chart_id is None else str(chart_id), ChartTally())
        if self._counts_already(row):
            self.repeated += 1
            return chart
        chart.photos += 1
        chart.participant = chart.participant or (str(row["participant"]) if row["participant"] else None)
        if row["verdict"] is not None and row["trustworthy"]:
            chart.verdicts[str(row["verdict"])] += 1
        if row["trustworthy"] and isinstance(row["offset_mm"], float):
            chart.offsets.add(row["offset_mm"])
        return chart

    def _counts_already(self, row: Row) -> bool:
        """Whether a trustworthy photo is of an exposure that one before was of; if not, keep it in mind."""
        if not row["trustworthy"]:
            return False
        path = Path(str(row["path"]))
        content, name = f"content {row['blake2b']}", f"name {path.with_suffix('')}".casefold()
        # Pictures of one name and different kinds, with no RAW file, count each.
        if (row["blake2b"] and content in self._seen) or self._seen.get(name, is_raw(path)) != is_raw(path):
            return True
        self._seen[content] = self._seen[name] = is_raw(path)
        return False

    def exit_code(self, fail_on: Collection[str] = USUAL_CONDITIONS) -> int:
        """Return 0 if no photo meets one of the conditions, else the lowest code that one of them gives.

        Raises:
            ValueError: there is no such condition.
        """
        if isinstance(fail_on, str) or not set(fail_on) <= EXIT_CODES.keys():
            raise ValueError(f"{fail_on!r} are not of {', '.join(EXIT_CODES)}")
        return min((EXIT_CODES[name] for name in fail_on if self.conditions[name]), default=ExitCode.DONE)


def tally_of(rows: Iterable[Row]) -> Tally:
    """Return what rows come to."""
    tally = Tally()
    for row in rows:
        tally.add(row)
    return tally


def conditions_of(row: Row) -> set[str]:
    """Return the conditions that a photo meets."""
    status = str(row["status"])
    met = {"failed"} if status in ("crashed", "timed-out") else {status} & set(EXIT_CODES)
    if status in ("measured", "sharpness") and not row["trustworthy"]:
        met.add("untrustworthy")
    if row["verdict"] in ("front-focus", "back-focus"):
        met.add("out-of-focus")
    return met


def summary_text(tally: Tally) -> str:
    """Return what a table comes to, in a few lines."""
    return "\n".join([_statuses(tally), *_charts(tally)])


def offsets_text(offsets: Offsets) -> str:
    """Return mean and scatter as in "mean +8.0 mm, scatter 0.4 mm, 5 photos"."""
    scatter = "" if offsets.scatter_mm is None else f", scatter {offsets.scatter_mm:.2f} mm"
    return f"mean {offsets.mean_mm:+.2f} mm{scatter}, {_photos(offsets.n)}"


def _photos(n: int) -> str:
    return f"{n} photo" if n == 1 else f"{n} photos"


def _statuses(tally: Tally) -> str:
    measured = f"{tally.statuses['measured']} measured, {tally.trustworthy} of them trustworthy"
    said = [f"{_photos(tally.photos)}: {measured}"]
    said += [f"{count} {status}" for status, count in sorted(tally.statuses.items()) if status != "measured"]
    once = ""
    if tally.repeated:
        what = "1 file shows" if tally.repeated == 1 else f"{tally.repeated} files show"
        once = f" {what} what another does (a copy, or RAW and JPEG): below, each exposure counts once."
    return printable("; ".join(said) + "." + once)


def _charts(tally: Tally) -> list[str]:
    read = sorted((chart_id, chart) for chart_id, chart in tally.charts.items() if chart_id is not None)
    lines = [_HEAD, *(_line(chart_id, chart) for chart_id, chart in read)]
    if None in tally.charts:
        lines.append(_line("not read", tally.charts[None]))
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    return ["  ".join(map(_aligned, line, widths, range(len(_HEAD)))).rstrip() for line in lines]


def _line(chart_id: str, chart: ChartTally) -> tuple[str, ...]:
    offsets = chart.offsets
    return (
        # From files of anybody's, and a terminal should not obey them.
        printable(chart_id),
        printable(chart.participant or ""),
        str(chart.photos),
        *(str(chart.verdicts[verdict]) for verdict in ("back-focus", "in-focus", "front-focus")),
        f"{offsets.mean_mm:+.2f} mm" if offsets.n else "",
        "" if offsets.scatter_mm is None else f"{offsets.scatter_mm:.2f} mm",
    )


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column < _LEFT else cell.rjust(width)


def read_participants(path: Path) -> dict[str, str]:
    """Return names by chart id, in capital letters, of a list with the columns id and name.

    Raises:
        ListError: it cannot be read, or has no such columns.
    """
    lines = read_table(path, "id", "name")
    return {cells["id"].upper(): cells["name"] for _, cells in lines if cells["id"]}
