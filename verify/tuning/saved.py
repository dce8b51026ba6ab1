"""A series as it is printed as JSON and saved: its form, its file, and how a file is read back.

The dataclasses here are the form: docs/schemas/series-1.json is made from them, and a file that is read back must
be of it. Files come from anywhere: another version wrote them, a disk damaged them, somebody edited them.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from backfocus.targets.errors import RecordError, printable

from ..answer import Answer
from ..findings import Finding
from ..formats import as_json
from ..photo.note import PRIVATE
from ..storage import write_whole
from .advice import Advice
from .labels import Approach
from .one_series import starting_setting
from .result import Comparison, Compromise, FocusShift, LensResult, SeriesResult, SweepPoint, TuneResult
from .setting import Basis, SettingEstimate
from .statistics import GroupStatistics, Interval, Scale

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SERIES_SCHEMA: Literal["backfocus/series/1"] = "backfocus/series/1"
MAX_BYTES = 20_000_000
"""Size of a file that is read; a series of 5000 photos, the most there can be, has under 1 MB."""
MAX_NUMBER = 1e9
"""Any number in a series: of mm that is 1000 km. Larger ones overflow where they are squared or printed."""
YEARS = range(2000, 2200)
"""Of a series; at either end of the calendar a change of time zone overflows."""
_NO_SERIES = "is no series saved by backfocus tune --save"


@dataclass(frozen=True, kw_only=True)
class SavedTune:
    """All that a folder of photos said; `date` is in UTC, `comparisons` are with an earlier series.

    `answer` is None in files of older versions, here and below.
    """

    schema: Literal["backfocus/series/1"]
    date: str
    photos: int
    answer: Answer | None = None
    lenses: tuple[SavedLens, ...]
    left_out: tuple[SavedLeftOut, ...]
    comparisons: tuple[Comparison, ...] = ()

    @property
    def when(self) -> datetime.datetime:
        """The date as a value."""
        return datetime.datetime.fromisoformat(self.date)


@dataclass(frozen=True, kw_only=True)
class SavedLens:
    """One body with one lens; marks tell two of a name apart, serial numbers are null unless asked for."""

    body: str | None
    body_mark: str | None = None
    body_serial: str | None = field(default=None, metadata=PRIVATE)
    lens: str | None
    lens_mark: str | None = None
    lens_serial: str | None = field(default=None, metadata=PRIVATE)
    answer: Answer | None = None
    series: tuple[SavedSeries, ...]
    compromise: Compromise | None
    focus_shift: tuple[FocusShift, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class SavedSeries:
    """One focal length, aperture and distance; files of older versions lack what has a default.

    `in_focus_mm` is how far focus may miss the AF mark in front and behind, null where that is infinite; `start` is
    the setting that the series began with, `setting_range` the lowest and highest that there is.
    """

    focal_length_mm: float | None
    f_number: float | None
    distance_mm: float | None
    depth_of_field_mm: tuple[float, float | None] | None
    in_focus_mm: tuple[float | None, float | None] | None = None
    start: float | None = None
    setting_range: tuple[int, int] | None = None
    reference: SavedReference | None
    shots: tuple[SavedShot, ...] = ()
    groups: tuple[GroupStatistics, ...]
    sweep: tuple[SweepPoint, ...]
    estimate: SavedEstimate | None
    advice: Advice | None
    halves: tuple[int, int] | None = None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class SavedReference:
    """What the shots focused in live view make of zero."""

    n: int
    offset_mm: float
    se_mm: float | None


@dataclass(frozen=True)
class SavedShot:
    """One shot; `approach` is where focus came from."""

    photo: str
    setting: float | None
    approach: Approach | None
    offset_mm: float | None


@dataclass(frozen=True, kw_only=True)
class SavedEstimate:
    """The setting at which the error is zero, and the size of a step where several settings told it."""

    setting: int
    crossing: float
    ci95: Interval | None
    basis: Basis
    step_um: float | None
    step_ci95_um: Interval | None
    step_mm: float | None
    plus_moves_focus: Literal["farther", "closer"] | None
    scatter_steps: float | None


@dataclass(frozen=True)
class SavedLeftOut:
    """A photo that could not be used."""

    photo: str
    reason: str
    remedy: str


def saved(result: TuneResult, now: datetime.datetime, comparisons: Sequence[Comparison] = ()) -> SavedTune:
    """Return a result in the form in which it is printed as JSON and saved."""
    return SavedTune(
        schema=SERIES_SCHEMA,
        date=now.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        photos=result.photos,
        answer=result.answer,
        lenses=tuple(map(_lens, result.lenses)),
        left_out=tuple(SavedLeftOut(photo.photo, photo.reason, photo.remedy) for photo in result.left_out),
        comparisons=tuple(comparisons),
    )


def _lens(lens: LensResult) -> SavedLens:
    return SavedLens(
        body=lens.body,
        body_mark=lens.body_mark,
        body_serial=lens.body_serial,
        lens=lens.lens,
        lens_mark=lens.lens_mark,
        lens_serial=lens.lens_serial,
        answer=lens.answer,
        series=tuple(map(_series, lens.series)),
        compromise=lens.compromise,
        focus_shift=lens.focus_shift,
        findings=lens.findings,
    )


def _series(series: SeriesResult) -> SavedSeries:
    zero = series.zero
    return SavedSeries(
        focal_length_mm=series.camera.focal_length_mm,
        f_number=series.camera.f_number,
        distance_mm=series.distance_mm,
        depth_of_field_mm=series.scale.depth_of_field_mm,
        in_focus_mm=series.scale.in_focus_mm,
        start=starting_setting(series.shots),
        setting_range=None if series.dial.without else series.dial.range,
        reference=SavedReference(zero.n, zero.offset_mm, zero.sd_mm) if zero.n else None,
        shots=tuple(SavedShot(shot.photo, shot.setting, shot.approach, shot.offset_mm) for shot in series.shots),
        groups=series.groups,
        sweep=series.sweep,
        estimate=None if series.estimate is None else _estimate(series.estimate, series.scale),
        advice=series.advice,
        halves=series.halves,
        findings=series.findings,
    )


def _estimate(estimate: SettingEstimate, scale: Scale) -> SavedEstimate:
    slope = estimate.slope
    return SavedEstimate(
        setting=estimate.setting,
        crossing=estimate.crossing,
        ci95=estimate.ci95,
        basis=estimate.basis,
        step_um=slope if scale.at_sensor else None,
        step_ci95_um=estimate.slope_ci95 if scale.at_sensor else None,
        step_mm=None if slope is None else scale.slope_mm(0.0) * slope,
        plus_moves_focus=None if slope is None else "farther" if slope > 0 else "closer",
        scatter_steps=estimate.scatter_steps,
    )


def bytes_of(series: SavedTune, *, with_serials: bool = False) -> bytes:
    """Return a series as the bytes of its file, without serial numbers unless they are asked for."""
    found = as_json(series, with_private=with_serials)
    return (json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def save_series(path: Path, series: SavedTune, *, with_serials: bool = False) -> None:
    """Write a series; a file that is there already is replaced.

    Raises:
        OutputError: it cannot be written.
    """
    write_whole(path, bytes_of(series, with_serials=with_serials))


def read_series(path: Path) -> SavedTune:
    """Return a saved series.

    Raises:
        RecordError: there is none in this file, or one of another version, or what it holds is not of the form.
    """
    name = printable(path.name)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RecordError(f"{name}: over {MAX_BYTES // 1_000_000} MB is no saved series.")
        content = path.read_bytes()
    except OSError as error:
        raise RecordError(f"Cannot read {name}: {error.strerror}.") from None
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise RecordError(f"{name} {_NO_SERIES}.") from None
    schema = str(data.get("schema")) if isinstance(data, dict) else ""
    if schema != SERIES_SCHEMA:
        is_known = re.fullmatch(r"backfocus/series/\d+", schema)
        raise RecordError(f"{name} {'was written by another version of backfocus' if is_known else _NO_SERIES}.")
    try:
        series = _form().validate_json(content, strict=True)
        if series.when.tzinfo is None or series.when.year not in YEARS or not _is_bounded(data):
            raise ValueError(name)
    except ValueError:
        raise RecordError(f"{name}: the saved series is damaged.") from None
    return series


@cache
def _form() -> TypeAdapter[SavedTune]:
    """Return what checks files; pydantic takes 0.2 s to import, which only commands that read files pay."""
    from pydantic import TypeAdapter

    return TypeAdapter(SavedTune)


def _is_bounded(data: Any) -> bool:
    """Whether all numbers are finite and of a size that can be reckoned with; their nesting was checked before."""
    if isinstance(data, dict | list):
        return all(map(_is_bounded, data.values() if isinstance(data, dict) else data))
    return not isinstance(data, int | float) or abs(data) < MAX_NUMBER
