"""The page of a table: everybody's own answer first, then what it comes to for the leader of the group."""

from __future__ import annotations

import datetime
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from ..cameras.identity import identity, title
from ..findings import KINDS
from ..photo.naming import is_raw
from ..scoring.columns import Row
from ..tuning.measured import shot_of_row
from ..tuning.result import LensResult, TuneResult
from ..tuning.saved import saved
from ..tuning.shots import LeftOut, Shot
from ..tuning.tune import tune
from .html import Headline, Note, Person, Picture, Report, Section, Table, headline_of
from .plots import offset_by_camera
from .series_page import lens_sections
from .timeline import Say

MOST_SHOTS = 200
"""Of one chart that an answer rests on: 16 are asked for, and a page of thousands of charts stays quick."""
MOST_LISTED = 200
"""Photos in the list of those without a result; the table itself has all of them."""
MOST_NAMED = 3
NO_CHART = "No chart read"
FAILED_HEAD = ("photo", "whose", "why", "what to do")
SUMMARY_HEAD = ("answer", "how many", "who")
KINDS_OF_ANSWER = {
    "dial": "to dial another setting",
    "leave": "to leave the setting",
    "service": "to see a workshop",
    "inconsistent": "autofocus inconsistent",
    "no-setting": "body without the setting",
    "more-shots": "more shots needed",
    "check-setup": "nothing measured yet",
}


@dataclass
class _Chart:
    """The photos of one chart, whose owner's they are; `more` were not kept."""

    chart_id: str | None
    participant: str = ""
    exposures: dict[str, Shot | LeftOut] = field(default_factory=dict)
    more: int = 0

    def add(self, path: str, found: Shot | LeftOut) -> None:
        """Keep what a photo says; RAW and JPEG of one name are one exposure, of which the better tells."""
        name = str(PurePath(path).with_suffix("")).casefold()
        other = self.exposures.get(name)
        if other is not None and is_raw(other.photo) != is_raw(path):
            self.exposures[name] = max(other, found, key=lambda it: (isinstance(it, Shot), is_raw(it.photo)))
        elif len(self.exposures) < MOST_SHOTS:
            # Of one name are many: phones call every photo image.jpg, cameras begin anew with every card.
            more = (f"{path} {number}" for number in itertools.count(2))
            keys = itertools.chain((name, path), more)
            self.exposures[next(key for key in keys if key not in self.exposures)] = found
        else:
            self.more += 1

    @property
    def shots(self) -> list[Shot]:
        """What can be used."""
        return [found for found in self.exposures.values() if isinstance(found, Shot)]

    @property
    def left_out(self) -> list[LeftOut]:
        """What cannot."""
        return [found for found in self.exposures.values() if isinstance(found, LeftOut)]

    @property
    def photos(self) -> int:
        """How many there are, every exposure once."""
        return len(self.exposures) + self.more

    @property
    def name(self) -> str:
        """The owner's name; without one, the chart's."""
        return self.participant or (f"Chart {self.chart_id}" if self.chart_id else NO_CHART)

    @property
    def is_somebodys(self) -> bool:
        """Whether an answer can be given: photos that show no chart at all are nobody's."""
        return self.chart_id is not None or bool(self.shots)


@dataclass
class _Gathered:
    """What of the rows is kept: little for every photo, however many there are."""

    charts: dict[str | None, _Chart] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)
    names: list[str] = field(default_factory=list)
    contents: set[str] = field(default_factory=set)

    def add(self, row: Row) -> None:
        content = str(row["blake2b"] or "")
        if content in self.contents:
            return
        self.contents |= {content} - {""}
        self.codes.update(code for code in str(row["findings"] or "").split("; ") if code)
        chart_id = None if row["chart_id"] is None else str(row["chart_id"])
        chart = self.charts.setdefault(chart_id, _Chart(chart_id))
        chart.participant = chart.participant or str(row["participant"] or "")
        chart.add(str(row["path"]), shot_of_row(row))
        if row["error"] is None and len(self.names) < MOST_LISTED:
            self.names.append(str(row["path"]))

    @property
    def photos(self) -> int:
        """How many there are, every exposure once."""
        return sum(chart.photos for chart in self.charts.values())

    def everybody(self) -> list[tuple[_Chart, TuneResult]]:
        """Return every chart with the answer of its photos, by name; photos without a chart last."""
        theirs = [chart for chart in self.charts.values() if chart.is_somebodys]
        theirs.sort(key=lambda chart: (chart.chart_id is None, chart.name.casefold(), chart.chart_id or ""))
        return [(chart, tune(chart.shots, chart.left_out)) for chart in theirs]

    def nobodys(self) -> list[LeftOut]:
        """Return the photos in which no chart was read."""
        return [photo for chart in self.charts.values() if not chart.is_somebodys for photo in chart.left_out]


def report_of_rows(
    rows: Iterable[Row], name: str, pictures: Callable[[Iterable[str]], list[Picture]], say: Say = str
) -> Report:
    """Return what a table says; `name` is the table's, `pictures` finds photos by their names.

    What stands in plots is told by `say` in the reader's language.

    A table of one person's photos is told as a series.
    """
    found = _Gathered()
    for row in rows:
        found.add(row)
    everybody = found.everybody()
    is_alone = len(everybody) <= 1
    failed = [(left_out, chart.name) for chart, result in everybody for left_out in result.left_out]
    failed += [(left_out, "") for left_out in found.nobodys()]
    first = [shot.photo for chart, _ in everybody for shot in chart.shots[:1]]
    whose = [chart.participant for chart, _ in everybody if is_alone and chart.participant]
    charts = len(found.charts.keys() - {None})
    return Report(
        title="Autofocus results",
        subject=f"{', '.join([*whose, name])}: {_count(found.photos, 'photo')} of {_count(charts, 'chart')}",
        answers=_answers(everybody, found) if is_alone else [],
        people=() if is_alone else [person for chart, result in everybody for person in _people(chart, result)],
        sections=[
            *(_of_one(everybody, say) if is_alone else [_summary(found, everybody, len(failed), say)]),
            Section("Findings", notes=_findings(found.codes)),
            Section("Photos", pictures=pictures(dict.fromkeys([*first, *found.names]))),
            _failed(failed),
        ],
    )


def _answers(everybody: Sequence[tuple[_Chart, TuneResult]], found: _Gathered) -> list[Headline]:
    if not everybody:
        return [headline_of(tune((), found.nobodys()).answer)]
    ((_, result),) = everybody
    if len(result.lenses) < 2:
        return [headline_of(result.answer)]
    return [headline_of(lens.answer, _camera(lens, result)) for lens in result.lenses]


def _of_one(everybody: Sequence[tuple[_Chart, TuneResult]], say: Say) -> list[Section]:
    return [
        section
        for _, result in everybody
        for lenses in [saved(result, datetime.datetime.now(tz=datetime.UTC)).lenses]
        for lens in lenses
        for section in lens_sections(lens, [identity(other) for other in lenses], (), say)
    ]


def _camera(lens: LensResult, result: TuneResult) -> str:
    return title(identity(lens), [identity(other) for other in result.lenses]) or "Unknown camera"


def _people(chart: _Chart, result: TuneResult) -> Iterator[Person]:
    """Return somebody's row, one for every camera and lens; photos without a result stand in the first."""
    about = f"Chart {chart.chart_id}" if chart.chart_id and chart.participant else ""
    left_out = _left_out(result.left_out)
    if not result.lenses:
        # Cause and remedy of the only kind of failure are the answer already.
        more = left_out if len(left_out) > 1 else []
        yield Person(chart.name, about, headline_of(result.answer), [_used([], chart.photos), *more])
    for number, lens in enumerate(result.lenses):
        camera = ". ".join(filter(None, [about, _camera(lens, result)]))
        unused = {photo.photo for photo in result.left_out}
        photos = [shot.photo for series in lens.series for shot in series.shots if shot.photo not in unused]
        total = chart.photos if len(result.lenses) == 1 else None
        yield Person(
            chart.name, camera, headline_of(lens.answer), [_used(photos, total), *(left_out if not number else [])]
        )


def _used(photos: Sequence[str], total: int | None) -> str:
    """Return how many photos an answer rests on, and the names of some."""
    said = f"{len(photos)} of {total} used" if total not in (None, len(photos)) else _count(len(photos), "photo")
    if not photos:
        return f"{said}."
    named = photos if len(photos) <= MOST_NAMED else [*photos[: MOST_NAMED - 1], f"… {photos[-1]}"]
    return f"{said}: {', '.join(named).replace(', …', ' …')}"


def _left_out(left_out: Sequence[LeftOut]) -> list[str]:
    """Return why photos could not be used and what to do, those with the same remedy in one line."""
    by_remedy: dict[str, list[LeftOut]] = {}
    for photo in left_out:
        by_remedy.setdefault(photo.remedy, []).append(photo)
    return [
        f"{photos[0].photo}{f' and {len(photos) - 1} more' if len(photos) > 1 else ''}: {photos[0].reason} {remedy}"
        for remedy, photos in by_remedy.items()
    ]


def _summary(found: _Gathered, everybody: Sequence[tuple[_Chart, TuneResult]], n_failed: int, say: Say) -> Section:
    """Return what it comes to; nothing is averaged over the cameras of several people."""
    by_kind: dict[str, list[str]] = {kind: [] for kind in KINDS_OF_ANSWER}
    for chart, result in everybody:
        for kind in [lens.answer.kind for lens in result.lenses] or [result.answer.kind]:
            by_kind.setdefault(kind, []).append(chart.name)
    rows = [
        (KINDS_OF_ANSWER.get(kind, kind), str(len(names)), ", ".join(dict.fromkeys(names)))
        for kind, names in by_kind.items()
        if names
    ]
    more = sum(chart.more for chart in found.charts.values())
    used = found.photos - more - n_failed
    lines = [f"{used} of {_count(found.photos, 'photo')} used, {_count(len(everybody), 'chart')}."]
    if more:
        lines.append(f"Of a chart the first {MOST_SHOTS} photos count; the table has {more} more.")
    if found.nobodys():
        lines.append(
            f"No chart was read in {_count(len(found.nobodys()), 'photo')}, which count for nobody; see below."
        )
    cameras = [
        (chart.name, _first_offsets(lens)) for chart, result in everybody for lens in result.lenses if lens.series
    ]
    return Section(
        "Summary for the leader",
        lines=lines,
        plots=[offset_by_camera(cameras, say)],
        table=Table(SUMMARY_HEAD, rows, texts=3),
    )


def _first_offsets(lens: LensResult) -> list[float]:
    """Return the offsets of a lens at the setting that it began with, of its first focal length and aperture."""
    shots = lens.series[0].shots
    return [shot.offset_mm for shot in shots if shot.offset_mm is not None and shot.setting == shots[0].setting]


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


def _failed(failed: Sequence[tuple[LeftOut, str]]) -> Section:
    rows = [(left_out.photo, whose, left_out.reason, left_out.remedy) for left_out, whose in failed[:MOST_LISTED]]
    more = len(failed) - len(rows)
    return Section(
        "Photos without a result",
        lines=[f"The first {len(rows)}; the table has {more} more."] if more else [],
        table=Table(FAILED_HEAD, rows, texts=4) if rows else None,
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
