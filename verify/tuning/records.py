"""Results of series: kept, listed, compared."""

from __future__ import annotations

import datetime
import hashlib
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backfocus.targets.errors import RecordError, printable

from ..formats import dialled, rounded, table
from ..storage import data_folder, write_whole
from .grouping import SAME_FOCAL_LENGTH
from .result import SERIES_SCHEMA, LensResult, SeriesResult, TuneResult
from .statistics import GroupStatistics, t_quantile

# Results on disk: files that the user names, and the records that the program keeps of every lens.

_FOLDER = "series"
_MAX_BYTES = 20_000_000


@dataclass(frozen=True)
class Record:
    """A series that was kept: when, and its JSON."""

    date: datetime.datetime
    data: dict[str, Any]


def dated(result: TuneResult, now: datetime.datetime) -> dict[str, Any]:
    """Return a result as it is saved: its JSON with the date, in UTC."""
    data = result.to_dict()
    return {
        "schema": data.pop("schema"),
        "date": now.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        **data,
    }


def as_json(data: dict[str, Any]) -> bytes:
    """Return a saved result as the bytes of its file."""
    return (json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def read_record(path: Path) -> Record:
    """Return a saved series.

    Raises:
        RecordError: there is none in this file, or one of a newer program.
    """
    name = printable(path.name)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise RecordError(f"{name}: over 20 MB is no saved series.")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordError(f"Cannot read {name}: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise RecordError(f"{name} is no series saved by backfocus tune --save.") from None
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SERIES_SCHEMA:
        known = isinstance(schema, str) and re.fullmatch(r"backfocus/series/\d+", schema)
        why = (
            "was written by another version of backfocus"
            if known
            else "is no series saved by backfocus tune --save"
        )
        raise RecordError(f"{name} {why}.")
    try:
        _check(data)
        return Record(datetime.datetime.fromisoformat(data["date"]), data)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise RecordError(f"{name}: the saved series is damaged.") from None


def _check(data: dict[str, Any]) -> None:
    """Touch what readers of records rely on, so that a damaged one is noticed here and nowhere else."""
    for lens in data["lenses"]:
        _ = lens["body"], lens["lens"]
        for series in lens["series"]:
            _ = series["focal_length_mm"], series["f_number"], series["advice"], series["estimate"]
            _ = [point["n"] for point in series["sweep"]]
            if series["advice"] is not None:
                _ = series["advice"]["kind"], series["advice"]["setting"]
            for group in series["groups"]:
                if not isinstance(group["n"], int) or not isinstance(group["mean_mm"], float | int):
                    raise TypeError
                _ = group["setting"], group["sd_mm"], group["mean_um"], group["sd_um"]


def save_record(path: Path, data: dict[str, Any]) -> None:
    """Write a dated result; a file that is there already is replaced as a whole, or stays as it was.

    Raises:
        OutputError: it cannot be written.
    """
    write_whole(path, as_json(data))


def record_folder() -> Path:
    """Return where records are kept; it may not exist yet."""
    return data_folder() / _FOLDER


def keep_record(data: dict[str, Any]) -> Path:
    """Keep a dated result in the user's data folder and return its file.

    Raises:
        OutputError: the folder cannot be written.
    """
    stamp = re.sub(r"\W", "", data["date"])[:15]
    # The content's hash tells apart series that end within the same second.
    path = record_folder() / f"{stamp}-{hashlib.sha256(as_json(data)).hexdigest()[:8]}.json"
    save_record(path, data)
    return path


def kept_records() -> tuple[list[Record], list[str]]:
    """Return the records in the user's data folder, oldest first, and why others could not be read."""
    records, complaints = [], []
    folder = record_folder()
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            records.append(read_record(path))
        except RecordError as error:
            complaints.append(str(error))
    return sorted(records, key=lambda record: record.date), complaints


# The record of each body and lens: when it was checked, and what was found.


@dataclass(frozen=True)
class Entry:
    """One check of one lens at one focal length and aperture.

    Attributes:
        n: shots used.
        setting, mean_mm: setting with the least error, and that error; positive is back focus.
        advice: kind of the advice, and the setting it gave.
    """

    date: datetime.datetime
    body: str | None
    lens: str | None
    focal_length_mm: float | None
    f_number: float | None
    n: int
    setting: float | None
    mean_mm: float | None
    advice: str | None
    advised_setting: int | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as they stand in the JSON."""
        return {"schema": "backfocus/check/1"} | self.__dict__ | {"date": self.date.isoformat()}


def entries(records: Sequence[Record]) -> list[Entry]:
    """Return the checks in records, in their order."""
    return [
        _entry(record, lens, series)
        for record in records
        for lens in record.data["lenses"]
        for series in lens["series"]
        if series["advice"] is not None
    ]


def _entry(record: Record, lens: dict[str, Any], series: dict[str, Any]) -> Entry:
    best = min(series["groups"], key=lambda group: abs(group["mean_mm"]), default=None)
    return Entry(
        date=record.date,
        body=lens["body"],
        lens=lens["lens"],
        focal_length_mm=series["focal_length_mm"],
        f_number=series["f_number"],
        n=sum(group["n"] for group in series["groups"] or series["sweep"]),
        setting=best["setting"] if best else None,
        mean_mm=best["mean_mm"] if best else None,
        advice=series["advice"]["kind"],
        advised_setting=series["advice"]["setting"],
    )


def history_text(found: Sequence[Entry]) -> str:
    """Return a table for each body and lens, that of the latest check first, the latest check on top."""
    by_lens: dict[tuple[str | None, str | None], list[Entry]] = {}
    for entry in sorted(found, key=lambda entry: entry.date, reverse=True):
        by_lens.setdefault((entry.body, entry.lens), []).append(entry)
    return "\n\n".join("\n".join(_lens(body, lens, checks)) for (body, lens), checks in by_lens.items())


_HEAD = ("date", "focal length", "aperture", "shots", "at setting", "error mm", "advice")


def _lens(body: str | None, lens: str | None, checks: Sequence[Entry]) -> list[str]:
    name = ", ".join(word for word in (body, lens) if word) or "Unknown camera"
    last = checks[0].date.astimezone().date().isoformat()
    return [
        f"{printable(name)}: last checked on {last}",
        *(f"  {line}" for line in table(_HEAD, [_row(c) for c in checks])),
    ]


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


# Before and after: did dialling help, by how much, and could it be chance?


@dataclass(frozen=True)
class Comparison:
    """The mean error of a lens before and after.

    Attributes:
        before_mm, after_mm: mean errors; positive is back focus.
        moved_mm, moved_ci95_mm: how far focus moved, positive is away from the camera; the interval is None where
            single shots leave the scatter unknown.
        significant: the move is more than chance.
        smaller_by_mm: how much smaller the error is now; negative if it grew.
        smaller_ci95_mm: its interval, where the error kept its sign or crossed zero by chance only; else None.
        verdict: "better", "worse", or "no difference" where chance explains what there is.
    """

    body: str | None
    lens: str | None
    focal_length_mm: float | None
    f_number: float | None
    setting_before: float | None
    setting_after: float | None
    before_mm: float
    after_mm: float
    moved_mm: float
    moved_ci95_mm: tuple[float, float] | None
    significant: bool
    smaller_by_mm: float
    smaller_ci95_mm: tuple[float, float] | None
    verdict: str

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as they stand in the JSON."""
        data: dict[str, Any] = rounded(asdict(self))
        return data


@dataclass(frozen=True)
class _Mean:
    setting: float | None
    n: int
    mean_mm: float
    sd_mm: float | None


def compare(before: dict[str, Any], after: TuneResult) -> tuple[Comparison, ...]:
    """Compare series of the same body, lens, focal length and aperture with those of a saved result.

    Of a series with several settings, the earlier state is that with the least setting (nothing dialled yet), the
    later one that with the least error.
    """
    return tuple(
        comparison
        for lens in after.lenses
        for series in lens.series
        for comparison in _compared(before, lens, series)
    )


def _compared(before: dict[str, Any], lens: LensResult, series: SeriesResult) -> Iterator[Comparison]:
    earlier = [
        _Mean(group["setting"], group["n"], group["mean_mm"], group["sd_mm"])
        for old_lens in before["lenses"]
        if (old_lens["body"], old_lens["lens"]) == (lens.body, lens.lens)
        for old in old_lens["series"]
        if _is_near(old["focal_length_mm"], series.camera.focal_length_mm)
        and _is_near(old["f_number"], series.camera.f_number)
        for group in old["groups"]
    ]
    if not earlier or not series.groups:
        return
    first = min(earlier, key=lambda mean: (abs(mean.setting or 0.0), -mean.n))
    last = _least_error(series.groups)
    moved = last.mean_mm - first.mean_mm
    half = _half_width(first, last)
    around = None if half is None else (moved - half, moved + half)
    smaller = abs(first.mean_mm) - abs(last.mean_mm)
    significant = around is not None and not around[0] <= 0.0 <= around[1]
    smaller_around = None if half is None else (smaller - half, smaller + half)
    yield Comparison(
        lens.body,
        lens.lens,
        series.camera.focal_length_mm,
        series.camera.f_number,
        first.setting,
        last.setting,
        first.mean_mm,
        last.mean_mm,
        moved,
        around,
        significant,
        smaller,
        smaller_around,
        _verdict(smaller, half),
    )


def _least_error(groups: Sequence[GroupStatistics]) -> _Mean:
    best = min(groups, key=lambda group: abs(group.mean_mm))
    return _Mean(best.setting, best.n, best.mean_mm, best.sd_mm)


def _half_width(one: _Mean, other: _Mean) -> float | None:
    """Return half of the 95 % interval of the difference of two means (B. L. Welch, Biometrika 34, 1947)."""
    if one.sd_mm is None or other.sd_mm is None:
        return None
    parts = [(mean.sd_mm**2 / mean.n, mean.n - 1) for mean in (one, other) if mean.sd_mm is not None]
    total = sum(part for part, _ in parts)
    if total == 0.0:
        return 0.0
    return t_quantile(total**2 / sum(part**2 / freedom for part, freedom in parts)) * math.sqrt(total)


def _verdict(smaller: float, half: float | None) -> str:
    if half is None or abs(smaller) <= half:
        return "no difference"
    return "better" if smaller > 0 else "worse"


def _is_near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return 1 / SAME_FOCAL_LENGTH <= one / other <= SAME_FOCAL_LENGTH
