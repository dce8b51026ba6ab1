"""The whole way of a series: groups, statistics, estimated setting, advice."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from backfocus.verify.findings import Finding, finding
from backfocus.verify.series.advice.advice import Advice
from backfocus.verify.series.advice.advising import advise, is_inconsistent
from backfocus.verify.series.advice.compromise import Compromise, Place, compromise
from backfocus.verify.series.advice.situation import Situation
from backfocus.verify.series.estimate.dial import Dial, dial_of
from backfocus.verify.series.estimate.estimating import estimate_setting
from backfocus.verify.series.estimate.setting import Estimated
from backfocus.verify.series.remarks import most_common_cause, remarks
from backfocus.verify.series.result import LeftOut, LensResult, SeriesResult, SweepPoint, TuneResult
from backfocus.verify.series.shots.shot import Shot
from backfocus.verify.series.statistics.focus_shift import ApertureMean, FocusShift, focus_shift
from backfocus.verify.series.statistics.grouping import (
    SAME_DISTANCE,
    SAME_FOCAL_LENGTH,
    ShotSeries,
    body_name,
    series_of,
)
from backfocus.verify.series.statistics.groups import GroupStatistics, group_statistics, mean_of, settings_of
from backfocus.verify.series.statistics.regression import belonging
from backfocus.verify.series.statistics.sample import Sample, Scale, Zero, sample_of, scale_of

LIVE_VIEW = "contrast/live view"
_UNLABELLED = (
    "Its AF fine-tune setting is not known, while that of others is.",
    "Name it by setting (+5_001.jpg), or give --setting or a table with --labels.",
)


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
        _series(part, _zero(part, zeros), wants_zero, is_widest=_is_widest(part, parts)) for part in parts
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


def _series(series: ShotSeries, zero: Zero, wants_zero: bool, *, is_widest: bool) -> SeriesResult:
    through_finder, in_live_view = _apart_from_live_view(series.shots)
    shots, unlabelled = _with_setting(through_finder)
    scale, camera = scale_of(shots), series.camera
    sample = sample_of(shots, scale, zero)
    dial = dial_of(camera, scale, is_dialled=len({shot.setting for shot in shots} - {None}) > 1)
    belongs = belonging(sample)
    kept, apart = sample.take(belongs), sample.take(~belongs)
    estimated = estimate_setting(kept, shots, dial)
    knows_setting = any(shot.setting is not None for shot in shots)
    no_least_blur = [found for found in estimated.findings if found.code == "no-least-blur"]
    is_sweep = bool(no_least_blur) or (estimated.estimate is not None and estimated.estimate.basis == "least blur")
    cause = f"{no_least_blur[0].message} {no_least_blur[0].remedy}" if no_least_blur else None
    unused = () if is_sweep else tuple(map(_unused, (shot for shot in shots if shot.offset_mm is None)))
    unused += tuple(LeftOut(shot.photo, *_UNLABELLED) for shot in unlabelled)
    groups = () if is_sweep else _groups(kept, apart, scale, estimated, dial, knows_setting)
    means = tuple(mean for _, part in settings_of(kept) if groups and (mean := mean_of(part)) is not None)
    best = min(range(len(groups)), key=lambda i: abs(means[i].value), default=None)
    situation = Situation(
        camera=camera,
        dial=dial,
        scale=scale,
        group=None if best is None else groups[best],
        mean=None if best is None else means[best],
        least_setting=min(map(abs, kept.settings), default=0.0),
        estimate=estimated.estimate,
        without_effect=any(found.code == "setting-without-effect" for found in estimated.findings),
        n=len(shots) if is_sweep else len(kept.error),
        n_apart=len(apart.error),
        parameters=min(len(groups), 2) + kept.has_approaches,
        common_cause=cause or most_common_cause(unused),
    )
    return SeriesResult(
        camera=camera,
        distance_mm=series.distance_mm,
        scale=scale,
        dial=dial,
        zero=zero,
        groups=groups,
        means=means,
        sweep=_sweep(shots) if is_sweep else (),
        unused=unused,
        estimate=estimated.estimate,
        advice=advise(situation) if is_widest else None,
        findings=(
            *estimated.findings,
            *remarks(shots, in_live_view, groups, kept, situation, is_inconsistent(situation)),
            *((finding("reference-missing"),) if wants_zero and not zero.n else ()),
        ),
    )


def _groups(
    kept: Sample, apart: Sample, scale: Scale, estimated: Estimated, dial: Dial, knows_setting: bool
) -> tuple[GroupStatistics, ...]:
    slope = estimated.estimate.slope if estimated.estimate is not None else None
    step = abs(slope) if slope else dial.step[1] if dial.step is not None else None
    groups = []
    for setting, part in settings_of(kept):
        names = apart.take(apart.setting == setting).names
        groups.append(group_statistics(part, names, setting if knows_setting else None, scale, step))
    return tuple(groups)


def _with_setting(shots: Sequence[Shot]) -> tuple[tuple[Shot, ...], tuple[Shot, ...]]:
    """Return the shots whose setting is known and the others; where none is known, all count as one setting."""
    known = tuple(shot for shot in shots if shot.setting is not None)
    if not known:
        return tuple(shots), ()
    return known, tuple(shot for shot in shots if shot.setting is None)


def _sweep(shots: Sequence[Shot]) -> tuple[SweepPoint, ...]:
    blurs: dict[float, list[float]] = {}
    for shot in shots:
        if shot.setting is not None and shot.blur_at_mark is not None:
            blurs.setdefault(shot.setting, []).append(shot.blur_at_mark)
    return tuple(SweepPoint(at, len(found), statistics.median(found)) for at, found in sorted(blurs.items()))


def _unused(shot: Shot) -> LeftOut:
    """Return why a shot whose offset is not known is of no use."""
    critical = [found for found in shot.findings if found.severity == "critical"]
    if not critical:
        return LeftOut(shot.photo, "Its offset could not be told.", "Take the photo again.")
    return LeftOut(shot.photo, critical[-1].message, critical[-1].remedy)


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


def _apart_from_live_view(shots: Sequence[Shot]) -> tuple[tuple[Shot, ...], tuple[Shot, ...]]:
    """Return the shots through the finder and those in live view; where all are in live view, they count."""
    through_finder = tuple(shot for shot in shots if shot.camera.af_method != LIVE_VIEW)
    if not through_finder:
        return tuple(shots), ()
    return through_finder, tuple(shot for shot in shots if shot.camera.af_method == LIVE_VIEW)
