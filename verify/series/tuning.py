"""The whole way of a series: groups, statistics, estimated setting, advice."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from backfocus.verify.findings import Finding, finding
from backfocus.verify.series.advice.advice import Advice
from backfocus.verify.series.advice.compromise import Compromise, Place, compromise
from backfocus.verify.series.one_series import tune_series
from backfocus.verify.series.remarks import most_common_cause
from backfocus.verify.series.result import LeftOut, LensResult, SeriesResult, TuneResult
from backfocus.verify.series.shots.shot import Shot
from backfocus.verify.series.statistics.focus_shift import ApertureMean, FocusShift, focus_shift
from backfocus.verify.series.statistics.grouping import (
    SAME_DISTANCE,
    SAME_FOCAL_LENGTH,
    ShotSeries,
    body_name,
    series_of,
)
from backfocus.verify.series.statistics.sample import Zero


def tune(
    shots: Sequence[Shot],
    left_out: Sequence[LeftOut] = (),
    reference: Sequence[Shot] = (),
    photos: int | None = None,
) -> TuneResult:
    """Return what shots of any bodies and lenses say about their AF fine-tune settings.

    Args:
        shots: those that could be measured.
        left_out: those that could not, for the record and to name a cause in the set-up.
        reference: shots focused in live view on the unmoved chart; their mean becomes zero.
        photos: how many there were, exposures saved twice counted once.
    """
    all_series = series_of(shots)
    lenses: dict[tuple[str, str | None], list[ShotSeries]] = {}
    for series in all_series:
        lenses.setdefault((body_name(series.camera), series.camera.lens), []).append(series)
    zeros = series_of(reference)
    results = tuple(_lens(parts, zeros, bool(reference)) for parts in lenses.values())
    unused = (*left_out, *(photo for lens in results for series in lens.series for photo in series.unused))
    total = len(shots) + len(left_out)
    cause = most_common_cause(unused)
    mostly_unused = 2 * len(unused) > total
    return TuneResult(
        advice=Advice("check-setup", f"Most photos could not be used. {cause}")
        if cause and mostly_unused
        else None,
        lenses=results,
        left_out=unused,
        photos=total if photos is None else photos,
    )


def _lens(parts: list[ShotSeries], zeros: list[ShotSeries], wants_zero: bool) -> LensResult:
    camera = parts[0].camera
    results = tuple(
        tune_series(part, _zero(part, zeros), wants_zero, is_widest=_is_widest(part, parts)) for part in parts
    )
    shift = focus_shift(_apertures(results))
    return LensResult(
        body=body_name(camera) or None,
        lens=camera.lens,
        series=results,
        compromise=_compromise(results),
        focus_shift=shift,
        findings=_shift_findings(shift),
    )


def _zero(series: ShotSeries, zeros: Sequence[ShotSeries]) -> Zero:
    """Return the mean of the reference shots of the same focal length, at the aperture that is nearest."""
    fitting = [zero for zero in zeros if _is_near(zero.camera.focal_length_mm, series.camera.focal_length_mm)]
    if not fitting:
        return Zero()
    nearest = min(fitting, key=lambda zero: abs(math.log(_f_number(zero) / _f_number(series))))
    offsets = [shot.offset_mm for shot in nearest.shots if shot.offset_mm is not None]
    if not offsets:
        return Zero()
    # A single reference shot is as unsure as its own measurement.
    sd = statistics.stdev(offsets) if len(offsets) > 1 else max(shot.offset_sd_mm for shot in nearest.shots)
    return Zero(statistics.mean(offsets), sd / math.sqrt(len(offsets)), len(offsets))


def _is_near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return 1 / SAME_FOCAL_LENGTH <= one / other <= SAME_FOCAL_LENGTH


def _is_widest(series: ShotSeries, others: Sequence[ShotSeries]) -> bool:
    same = [
        other
        for other in others
        if _is_near(other.camera.focal_length_mm, series.camera.focal_length_mm)
        and _is_same_distance(other.distance_mm, series.distance_mm)
    ]
    return _f_number(series) == min(map(_f_number, same))


def _is_same_distance(one: float | None, other: float | None) -> bool:
    return one is None or other is None or 1 / SAME_DISTANCE <= one / other <= SAME_DISTANCE


def _f_number(series: ShotSeries) -> float:
    return series.camera.f_number or 1.0


def _apertures(results: Sequence[SeriesResult]) -> list[ApertureMean]:
    """Return the means to compare: of the place and setting that occur at most apertures."""
    chosen: list[ApertureMean] = []
    for first in results:
        for setting in [group.setting for group in first.groups]:
            alike = [
                ApertureMean(other.camera.f_number, group.n, mean, other.scale)
                for other in results
                if other.camera.f_number is not None
                and _is_near(other.camera.focal_length_mm, first.camera.focal_length_mm)
                and _is_same_distance(other.distance_mm, first.distance_mm)
                for group, mean in zip(other.groups, other.means, strict=True)
                if group.setting == setting
            ]
            chosen = max(chosen, alike, key=len)
    return chosen


def _shift_findings(shift: Sequence[FocusShift]) -> tuple[Finding, ...]:
    moved = [found for found in shift if found.significant]
    if not moved:
        return ()
    most = max(moved, key=lambda found: abs(found.shift_mm))
    way = "farther from" if most.shift_mm > 0 else "closer to"
    message = (
        f"At f/{most.f_number:g} focus is {abs(most.shift_mm):.1f} mm {way} the camera than at "
        f"f/{shift[0].f_number:g}."
    )
    return (finding("focus-shift", message),)


def _compromise(results: Sequence[SeriesResult]) -> Compromise | None:
    places = [
        Place(found.camera.focal_length_mm, found.distance_mm, found.estimate, found.scale, found.estimate.slope)
        for found in results
        if found.advice is not None
        and found.estimate is not None
        and found.estimate.slope
        and found.camera.focal_length_mm is not None
    ]
    maker = results[0].dial.maker
    keeps_both = maker is not None and maker.keeps_wide_and_tele(results[0].camera.model)
    return compromise(places, results[0].dial, keeps_both)
