"""The report of a file of results: a photo, a series that `tune --save` wrote, or a table of many people."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from backfocus.targets.errors import UserError, printable

from ..cameras.identity import Identity, identity, title
from ..findings import KINDS
from ..formats import dialled
from ..measure import analyse
from ..measurement import MEASUREMENT_SCHEMA
from ..photo.naming import is_photo
from ..scoring.columns import Row, cells_of_measurement, row_of
from ..scoring.tables import read_results
from ..scoring.tally import Tally
from ..tuning.result import Compromise
from ..tuning.saved import SERIES_SCHEMA, SavedEstimate, SavedLens, SavedSeries, SavedTune, read_series
from ..tuning.statistics import GroupStatistics
from .html import Note, Outcome, Picture, Progress, Report, Section, Table, notes_of, pictures_of, report_of_photo
from .plots import (
    FittedLine,
    SettingPoint,
    ShotPoint,
    blur_by_setting,
    offset_by_chart,
    offset_by_setting,
    offset_by_shot,
)
from .text import about_compromise, place_of, side_words

OUTCOMES: dict[str, Outcome] = {"leave": "good", "dial": "act", "service": "act"}
"""By kind of advice; every other one says that something is not known yet."""
MOST_LEFT_OUT = 100
GROUP_HEAD = ("setting", "shots", "mean, from the AF mark", "95 % interval, mm", "scatter, mm", "at the sensor, µm")
ZOOM_HEAD = ("focal length", "distance", "own best setting", "left by one value, from the AF mark")
SHIFT_HEAD = ("aperture", "shots", "mean, from the AF mark", "moved from the widest, mm (plus: farther)")
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


def report_of_series(saved: SavedTune, pictures: Callable[[Iterable[str]], list[Picture]]) -> Report:
    """Return what a saved series says; `pictures` finds photos by their names."""
    every = [series for lens in saved.lenses for series in lens.series]
    answer = saved.answer
    others = [identity(lens) for lens in saved.lenses]
    names = "; ".join(_name(lens, others) or "Unknown camera" for lens in saved.lenses) or "No photo could be used"
    left_out = [Note("warning", one.photo, one.reason, one.remedy) for one in saved.left_out[:MOST_LEFT_OUT]]
    return Report(
        title="Autofocus series",
        subject=f"{names}. {saved.photos} photos, {saved.when:%Y-%m-%d}.",
        outcome=OUTCOMES.get(answer.kind, "unsure") if answer else "unsure",
        verdict=answer.dial if answer else "No answer: there is no series that tells a setting.",
        details=[] if answer is None else [answer.why, answer.next],
        sections=[
            *(section for lens in saved.lenses for section in _lens(lens, others, alone=len(every) == 1)),
            Section("Photos left out", notes=left_out),
            Section("Photos", pictures=pictures(_photos(every, [one.photo for one in saved.left_out]))),
        ],
    )


def _lens(lens: SavedLens, others: Sequence[Identity], alone: bool) -> list[Section]:
    shifts = [
        (f"f/{shift.f_number:g}", str(shift.n), side_words(shift.mean_mm), f"{shift.shift_mm:+.1f}")
        for shift in lens.focus_shift
    ]
    return [
        *(_series(series, _name(lens, others), alone) for series in lens.series),
        *([] if lens.compromise is None else [_compromise(lens.compromise)]),
        Section("Focus shift", table=Table(SHIFT_HEAD, shifts, texts=0) if shifts else None),
        Section("About the lens", notes=notes_of(lens.findings)),
    ]


def _name(lens: SavedLens, others: Sequence[Identity]) -> str:
    return title(identity(lens), others)


def _place(series: SavedSeries) -> str:
    return place_of(series.focal_length_mm, series.f_number, series.distance_mm) or "Unknown focal length"


def _series(series: SavedSeries, name: str, alone: bool) -> Section:
    """Return one series; what the verdict says already, for the only one, is not said again."""
    said = "Not the widest aperture, for which the setting is." if series.advice is None else series.advice.text
    apart = {photo for group in series.groups for photo in group.left_out}
    shots = [
        ShotPoint(shot.offset_mm, None, shot.setting, shot.photo not in apart)
        for shot in series.shots
        if shot.offset_mm is not None
    ]
    means = [
        SettingPoint(group.setting, group.mean_mm, group.mean_ci95_mm)
        for group in series.groups
        if group.setting is not None
    ]
    sweep = [(point.setting, point.blur_at_mark) for point in series.sweep]
    return Section(
        heading=f"{name + ': ' if name else ''}{_place(series)}",
        lines=[] if alone else [said],
        plots=[
            offset_by_shot(shots),
            offset_by_setting(means, shots, _line(series.estimate)),
            blur_by_setting(sweep, None if series.estimate is None else series.estimate.crossing),
        ],
        table=Table(GROUP_HEAD, [_group(group) for group in series.groups], texts=0) if series.groups else None,
        notes=notes_of(series.findings),
    )


def _line(estimate: SavedEstimate | None) -> FittedLine | None:
    if estimate is None or estimate.ci95 is None or estimate.basis == "least blur":
        return None
    return FittedLine(estimate.crossing, estimate.ci95, estimate.step_mm)


def _group(group: GroupStatistics) -> tuple[str, ...]:
    interval = group.mean_ci95_mm
    return (
        "unknown" if group.setting is None else dialled(group.setting),
        str(group.n),
        side_words(group.mean_mm),
        "" if interval is None else f"{interval[0]:+.1f} to {interval[1]:+.1f}",
        "" if group.sd_mm is None else f"{group.sd_mm:.1f}",
        "" if group.mean_um is None else f"{group.mean_um:+.1f}",
    )


def _compromise(found: Compromise) -> Section:
    rows = [
        (
            f"{place.focal_length_mm:g} mm",
            "" if place.distance_mm is None else f"{place.distance_mm / 1000:.2f} m",
            dialled(place.own_setting),
            side_words(place.left_mm),
        )
        for place in found.places
    ]
    return Section("One setting for all", about_compromise(found), table=Table(ZOOM_HEAD, rows, texts=0))


def _photos(every: Sequence[SavedSeries], left_out: Sequence[str]) -> list[str]:
    """Return names of photos to show: of every setting one, then the others."""
    shots = [shot for series in every for shot in series.shots]
    first = {shot.setting: shot.photo for shot in reversed(shots)}
    return list(dict.fromkeys([*sorted(first.values()), *(shot.photo for shot in shots), *left_out]))


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


def report_of_file(path: Path, photos: Path, most_pictures: int, progress: Progress) -> Report:
    """Return what a file says.

    Args:
        path: a photo, a table of `score`, a series of `tune --save`, or what `measure --json` printed.
        photos: folder of the photos that a series or a table names.
        most_pictures: photos that are shown of a series or table at most.
        progress: called with the name of each of them before it is measured.

    Raises:
        UserError: the file holds no results, or cannot be read.
    """
    # What comes through a pipe is gone after its schema has been read, and an open pipe blocks for ever.
    if path.exists() and not path.is_file():
        raise UserError(
            f"{printable(path)} is no regular file and can be read only once; write it to a file first."
        )
    if is_photo(path):
        return report_of_photo(analyse(path))
    pictures = partial(pictures_of, folder=photos, most=most_pictures, progress=progress)
    name, ending = printable(path.name), path.suffix.lower()
    try:
        schema = None if ending in (".csv", ".parquet") else _schema(path)
        if schema == SERIES_SCHEMA:
            return report_of_series(read_series(path), pictures)
        if schema == MEASUREMENT_SCHEMA:
            return report_of_rows(_measurements(path), name, pictures)
        if ending in (".csv", ".parquet", ".jsonl"):
            return report_of_rows(read_results(path), name, pictures)
    except OSError as error:
        if error.strerror:
            raise UserError(f"Cannot read {name}: {error.strerror}.") from None
        # What is wrong inside of a Parquet file is an OSError that no system has given.
        why = printable(" ".join(str(error).split())).rstrip(".")
        raise UserError(f"{name} is damaged ({why}); write it again with backfocus score.") from None
    raise UserError(
        f"{name} holds no results. Give a photo, a table of backfocus score, a series that "
        "backfocus tune --save wrote, or what backfocus measure --json printed."
    )


def _schema(path: Path) -> object:
    """Return the schema of a file of JSON or JSON lines."""
    return next(_objects(path), {}).get("schema")


def _measurements(path: Path) -> Iterator[Row]:
    for number, measured in enumerate(_objects(path), 1):
        try:
            yield row_of({"path": measured["photo"], **cells_of_measurement(measured)})
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            raise UserError(f"{printable(path.name)}: measurement {number} is damaged.") from None


def _objects(path: Path) -> Iterator[dict[str, object]]:
    """Return the JSON objects of a file, which has one, or one a line."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            first = file.readline()
            whole = first if _is_whole(first) else first + file.read()
            for text in (whole, *file):
                found = json.loads(text) if text.strip() else None
                if isinstance(found, dict):
                    yield found
    except (ValueError, RecursionError):
        raise UserError(f"{printable(path.name)} is neither JSON nor JSON lines.") from None


def _is_whole(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
