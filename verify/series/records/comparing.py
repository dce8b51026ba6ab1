"""Before and after: did dialling help, by how much, and could it be chance?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from backfocus.verify.series.result import LensResult, SeriesResult, TuneResult
from backfocus.verify.series.rounding import rounded
from backfocus.verify.series.statistics.grouping import SAME_FOCAL_LENGTH
from backfocus.verify.series.statistics.groups import GroupStatistics
from backfocus.verify.series.statistics.regression import t_quantile


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
