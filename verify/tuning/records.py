"""Records of every lens: kept in the user's data folder, listed, and compared with what is found today."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from backfocus.targets.errors import RecordError, printable

from ..cameras.identity import Identity, identity, owners, title
from ..formats import dialled, table
from ..storage import data_folder, write_whole
from .result import Comparison, LensResult, SeriesResult, TuneResult
from .saved import SavedLens, SavedSeries, SavedTune, bytes_of, read_series
from .series import is_near
from .statistics import welch_half_width

_FOLDER = "series"


@dataclass(frozen=True)
class Kept:
    """A record in the user's data folder; `name` is that of its file, without ending."""

    name: str
    series: SavedTune


@dataclass(frozen=True)
class Unread:
    """A record that could not be read, and why."""

    name: str
    why: str


def named_records() -> tuple[list[Kept], list[Unread]]:
    """Return the records in the user's data folder, oldest first, and those that could not be read."""
    records, unread = [], []
    for path in record_files():
        try:
            records.append(Kept(path.stem, read_series(path)))
        except RecordError as error:
            unread.append(Unread(path.stem, str(error)))
    return sorted(records, key=lambda record: record.series.when), unread


def kept_records() -> tuple[list[SavedTune], list[str]]:
    """Return the records, oldest first, and why others could not be read."""
    records, unread = named_records()
    return [record.series for record in records], [record.why for record in unread]


def record_files() -> list[Path]:
    """Return the files of records."""
    folder = record_folder()
    return sorted(folder.glob("*.json")) if folder.is_dir() else []


def record_named(name: str) -> Path | None:
    """Return the file of a record by its name; None if there is none: no path is made of what somebody asks for."""
    return next((path for path in record_files() if path.stem == name), None)


def keep_record(series: SavedTune) -> Path:
    """Keep a result in the user's data folder and return its file.

    Raises:
        OutputError: the folder cannot be written.
    """
    content = bytes_of(series)
    stamp = re.sub(r"\W", "", series.date)[:15]
    # The content's hash tells apart series that end within the same second.
    path = record_folder() / f"{stamp}-{hashlib.sha256(content).hexdigest()[:8]}.json"
    write_whole(path, content)
    return path


def record_folder() -> Path:
    """Return where records are kept; it may not exist yet."""
    return data_folder() / _FOLDER


@dataclass(frozen=True)
class Entry:
    """One check of one lens at one focal length and aperture.

    Attributes:
        n: shots used.
        body_mark, lens_mark: what tells two of a name apart; None where no number is known.
        setting, mean_mm: setting with the least error, and that error; positive is back focus.
        advice: kind of the advice, and the setting it gave.
    """

    schema: Literal["backfocus/check/1"]
    date: datetime
    body: str | None
    lens: str | None
    focal_length_mm: float | None
    f_number: float | None
    n: int
    setting: float | None
    mean_mm: float | None
    advice: str | None
    advised_setting: int | None
    body_mark: str | None = None
    lens_mark: str | None = None


def entries(records: Sequence[SavedTune]) -> list[Entry]:
    """Return the checks in records, in their order; those for which there was advice."""
    return [
        _entry(record, lens, series)
        for record in records
        for lens in record.lenses
        for series in lens.series
        if series.advice is not None
    ]


def _entry(record: SavedTune, lens: SavedLens, series: SavedSeries) -> Entry:
    best = min(series.groups, key=lambda group: abs(group.mean_mm), default=None)
    return Entry(
        schema="backfocus/check/1",
        date=record.when,
        body=lens.body,
        lens=lens.lens,
        focal_length_mm=series.focal_length_mm,
        f_number=series.f_number,
        n=sum(group.n for group in series.groups or series.sweep),
        setting=best.setting if best else None,
        mean_mm=best.mean_mm if best else None,
        advice=series.advice.kind if series.advice else None,
        advised_setting=series.advice.setting if series.advice else None,
        body_mark=lens.body_mark,
        lens_mark=lens.lens_mark,
    )


def history_text(found: Sequence[Entry]) -> str:
    """Return a table for each body and lens, that of the latest check first, the latest check on top."""
    by_lens: dict[Identity, list[Entry]] = {}
    owner = owners(map(identity, found))
    for entry in sorted(found, key=lambda entry: entry.date, reverse=True):
        by_lens.setdefault(owner[identity(entry)], []).append(entry)
    return "\n\n".join("\n".join(_lens(title(it, by_lens), checks)) for it, checks in by_lens.items())


_HEAD = ("date", "focal length", "aperture", "shots", "at setting", "error mm", "advice")


def _lens(name: str, checks: Sequence[Entry]) -> list[str]:
    name = printable(name) or "Unknown camera"
    last = checks[0].date.astimezone().date().isoformat()
    return [f"{name}: last checked on {last}", *(f"  {line}" for line in table(_HEAD, [_row(c) for c in checks]))]


def _row(check: Entry) -> tuple[str, ...]:
    advice = check.advice or "-"
    if check.advised_setting is not None:
        advice += f" {dialled(check.advised_setting)}"
    return (
        check.date.astimezone().strftime("%Y-%m-%d %H:%M"),
        "-" if check.focal_length_mm is None else f"{check.focal_length_mm:g} mm",
        "-" if check.f_number is None else f"f/{check.f_number:g}",
        str(check.n),
        "-" if check.setting is None else dialled(check.setting),
        "-" if check.mean_mm is None else f"{check.mean_mm:+.1f}",
        advice,
    )


@dataclass(frozen=True)
class _Mean:
    """The mean error of a group, as saved or as found today."""

    setting: float | None
    n: int
    mean_mm: float
    sd_mm: float | None


def compare(before: SavedTune, after: TuneResult) -> tuple[Comparison, ...]:
    """Compare series of the same body, lens, focal length and aperture with those of a saved result.

    Of a series with several settings, the earlier state is that with the least setting (nothing dialled yet), the
    later one that with the least error.
    """
    return tuple(
        comparison
        for lens in after.lenses
        for series in lens.series
        for comparison in _compared(before, lens, series, after.lenses)
    )


def _is_before(old: SavedLens, lens: LensResult, others: Sequence[LensResult]) -> bool:
    """Whether a saved lens is this one; one without a mark only if no other lens can be meant."""
    if not identity(old).may_be(identity(lens)):
        return False
    return sum(identity(old).may_be(identity(other)) for other in others) == 1 or identity(old) == identity(lens)


def _compared(
    before: SavedTune, lens: LensResult, series: SeriesResult, after: Sequence[LensResult]
) -> Iterator[Comparison]:
    earlier = [
        _Mean(group.setting, group.n, group.mean_mm, group.sd_mm)
        for old_lens in before.lenses
        if _is_before(old_lens, lens, after)
        for old in old_lens.series
        if is_near(old.focal_length_mm, series.camera.focal_length_mm)
        and is_near(old.f_number, series.camera.f_number)
        for group in old.groups
    ]
    if not earlier or not series.groups:
        return
    first = min(earlier, key=lambda mean: (abs(mean.setting or 0.0), -mean.n))
    best = min(series.groups, key=lambda group: abs(group.mean_mm))
    last = _Mean(best.setting, best.n, best.mean_mm, best.sd_mm)
    moved, smaller = last.mean_mm - first.mean_mm, abs(first.mean_mm) - abs(last.mean_mm)
    half = _half_width(first, last)
    yield Comparison(
        body=lens.body,
        lens=lens.lens,
        focal_length_mm=series.camera.focal_length_mm,
        f_number=series.camera.f_number,
        setting_before=first.setting,
        setting_after=last.setting,
        before_mm=first.mean_mm,
        after_mm=last.mean_mm,
        moved_mm=moved,
        moved_ci95_mm=None if half is None else (moved - half, moved + half),
        significant=half is not None and abs(moved) > half,
        smaller_by_mm=smaller,
        smaller_ci95_mm=None if half is None else (smaller - half, smaller + half),
        verdict="no difference" if half is None or abs(smaller) <= half else "better" if smaller > 0 else "worse",
        body_mark=lens.body_mark,
        lens_mark=lens.lens_mark,
    )


def _half_width(one: _Mean, other: _Mean) -> float | None:
    if one.sd_mm is None or other.sd_mm is None:
        return None
    return welch_half_width((one.sd_mm**2 / one.n, one.n - 1), (other.sd_mm**2 / other.n, other.n - 1))
