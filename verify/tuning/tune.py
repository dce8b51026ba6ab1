"""Many shots to one result."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence

from ..findings import KINDS, Finding, FindingKind, Findings
from ..formats import dialled
from .advice import Advice, Compromise, Place, advise, compromise, is_inconsistent, misses_often, part_of_range
from .grouping import (
    SAME_DISTANCE,
    ApertureMean,
    FocusShift,
    ShotSeries,
    body_name,
    focus_shift,
    is_near,
    series_of,
)
from .result import LensResult, SeriesResult, SweepPoint, TuneResult
from .setting import Dial, Estimated, dial_of, estimate_setting
from .shots import LeftOut, Shot
from .statistics import (
    GroupStatistics,
    Sample,
    Scale,
    Zero,
    belonging,
    group_statistics,
    mean_of,
    near_minus_far,
    sample_of,
    scale_of,
    settings_of,
)
from .wording import Situation

# What else is worth saying about a series: findings.

MOST = 0.5
"""Part of the shots from which on a warning is that of the set-up."""
_NAMES_SHOWN = 6


def remarks(
    used: Sequence[Shot],
    in_live_view: Sequence[Shot],
    groups: Sequence[GroupStatistics],
    kept: Sample,
    situation: Situation,
    inconsistent: bool,
) -> tuple[Finding, ...]:
    """Return what there is to say about shots, groups and settings."""
    found: list[Finding | None] = [
        _left_out(Findings.OUTLIERS_LEFT_OUT, [name for group in groups for name in group.left_out]),
        _left_out(Findings.LIVE_VIEW_LEFT_OUT, [shot.photo for shot in in_live_view]),
        _unknown_setting(used, situation),
        _disagreeing(used),
        _scatter(situation) if inconsistent else None,
        _beyond_range(situation),
        _near_far(kept, situation),
        *_common_warnings(used),
    ]
    return tuple(remark for remark in found if remark is not None)


def most_common_cause(left_out: Sequence[LeftOut]) -> str | None:
    """Return the reason and the remedy that most of the unusable photos share; None without any."""
    if not left_out:
        return None
    # A message's numbers differ from photo to photo, the remedy does not.
    ((remedy, _),) = Counter(photo.remedy for photo in left_out).most_common(1)
    return f"{next(photo.reason for photo in left_out if photo.remedy == remedy)} {remedy}"


def _left_out(kind: FindingKind, names: Sequence[str]) -> Finding | None:
    if not names:
        return None
    shown = ", ".join(names[:_NAMES_SHOWN]) + (" ..." if len(names) > _NAMES_SHOWN else "")
    return kind.finding(f"{kind.title}: {shown}.")


def _unknown_setting(shots: Sequence[Shot], situation: Situation) -> Finding | None:
    unknown = sum(shot.setting is None for shot in shots)
    if not unknown or situation.dial.without is not None:
        return None
    return Findings.SETTING_UNKNOWN.finding(
        f"The setting of {_of(unknown, len(shots))} is not known and taken as 0."
    )


def _disagreeing(shots: Sequence[Shot]) -> Finding | None:
    differing = [
        (shot.photo, shot.setting, shot.camera.af_setting)
        for shot in shots
        if shot.setting is not None and shot.camera.af_setting not in (None, shot.setting)
    ]
    if not differing:
        return None
    photo, said, own = differing[0]
    message = (
        f"{_of(len(differing), len(shots)).capitalize()}: {photo} is said to be at {dialled(said)}, "
        f"its own data say {dialled(own or 0.0)}."
    )
    return Findings.SETTING_DISAGREES.finding(message)


def _scatter(situation: Situation) -> Finding:
    kind = Findings.INCONSISTENT_AF
    most_steps, most_missed = kind.limits
    if misses_often(situation):
        shots = situation.n + situation.n_apart
        message = f"{situation.n_apart} of {shots} shots missed."
        return kind.finding(message, situation.n_apart / shots, most_missed)
    if situation.estimate is None or situation.estimate.scatter_steps is None:
        return kind.finding()
    steps = situation.estimate.scatter_steps
    return kind.finding(f"Single shots scatter by {steps:.1f} steps (standard deviation).", steps, most_steps)


def _beyond_range(situation: Situation) -> Finding | None:
    if situation.estimate is None:
        return None
    part = part_of_range(situation.estimate, situation.dial)
    if not Findings.BEYOND_RANGE.crossed(part):
        return None
    lowest, highest = situation.dial.range
    needed, low, high = map(dialled, (situation.estimate.setting, lowest, highest))
    return Findings.BEYOND_RANGE.finding(f"Setting {needed} of {low} to {high} is needed.", part)


def _near_far(kept: Sample, situation: Situation) -> Finding | None:
    """Remark a difference between approaches that chance does not explain."""
    bias = near_minus_far(kept)
    if bias is None or bias[1][0] <= 0.0 <= bias[1][1]:
        return None
    difference, (low, high) = bias
    way = "farther from" if difference > 0 else "closer to"
    size = abs(situation.scale.slope_mm(0.0) * difference)
    around = situation.scale.slope_mm(0.0) * (high - low) / 2.0
    return Findings.NEAR_FAR_BIAS.finding(
        f"Coming from near, focus lies {size:.1f} ± {around:.1f} mm {way} the camera than coming from far.",
    )


def _common_warnings(shots: Sequence[Shot]) -> list[Finding]:
    counted = Counter(code for shot in shots for code in {f.code for f in shot.findings if f.severity == "warning"})
    return [
        Finding(
            code,
            "warning",
            f"{_of(count, len(shots)).capitalize()}: {KINDS[code].title[0].lower()}{KINDS[code].title[1:]}.",
            KINDS[code].remedy,
        )
        for code, count in sorted(counted.items())
        if count > MOST * len(shots)
    ]


def _of(count: int, total: int) -> str:
    return f"all {total} shots" if count == total else f"{count} of {total} shots"


# One focal length, aperture and distance: from its shots to statistics, estimated setting and advice.

LINE, PARABOLA = 2, 3
"""Numbers that are fitted to a series at several settings, and to a sweep."""
LIVE_VIEW = "contrast/live view"
_UNLABELLED = (
    "Its AF fine-tune setting is not known, while that of others is.",
    "Name it by setting (+5_001.jpg), or give --setting or a table with --labels.",
)


def tune_series(series: ShotSeries, zero: Zero, wants_zero: bool, *, is_widest: bool) -> SeriesResult:
    """Return what one focal length, aperture and distance say.

    Args:
        zero: mean of the reference shots.
        wants_zero: reference shots were given, whether or not there are some for this series.
        is_widest: whether there is none of the same lens with a wider aperture; only then there is advice.
    """
    through_finder, in_live_view = _apart_from_live_view(series.shots)
    shots, unlabelled = _with_setting(through_finder)
    scale, camera = scale_of(shots), series.camera
    sample = sample_of(shots, scale, zero)
    dial = dial_of(camera, scale, is_dialled=len({shot.setting for shot in shots} - {None}) > 1)
    belongs = belonging(sample)
    kept, apart = sample.take(belongs), sample.take(~belongs)
    estimated = estimate_setting(kept, shots, dial)
    is_sweep = estimated.is_sweep
    unused = (
        *(_unused(shot) for shot in shots if shot.offset_mm is None and not is_sweep),
        *(LeftOut(shot.photo, *_UNLABELLED) for shot in unlabelled),
    )
    groups = () if is_sweep else _groups(kept, apart, scale, estimated, dial, shots)
    means = () if is_sweep else tuple(mean_of(part) for _, part in settings_of(kept))
    best = min(range(len(means)), key=lambda place: abs(means[place].value), default=None)
    situation = Situation(
        camera=camera,
        dial=dial,
        scale=scale,
        group=None if best is None else groups[best],
        mean=None if best is None else means[best],
        least_setting=min(map(abs, kept.settings), default=0.0),
        estimate=estimated.estimate,
        without_effect=any(found.code == Findings.SETTING_WITHOUT_EFFECT.code for found in estimated.findings),
        n=len(shots) if is_sweep else len(kept.error),
        n_apart=len(apart.error),
        parameters=PARABOLA if is_sweep else min(len(groups), LINE) + kept.has_approaches,
        common_cause=_cause(estimated) or most_common_cause(unused),
    )
    return SeriesResult(
        camera=camera,
        distance_mm=series.distance_mm,
        scale=scale,
        dial=dial,
        zero=zero,
        shots=shots,
        groups=groups,
        means=means,
        sweep=_sweep(shots) if is_sweep else (),
        unused=unused,
        estimate=estimated.estimate,
        advice=advise(situation) if is_widest else None,
        findings=(
            *estimated.findings,
            *remarks(shots, in_live_view, groups, kept, situation, is_inconsistent(situation)),
            *((Findings.REFERENCE_MISSING.finding(),) if wants_zero and not zero.n else ()),
        ),
    )


def _groups(
    kept: Sample, apart: Sample, scale: Scale, estimated: Estimated, dial: Dial, shots: Sequence[Shot]
) -> tuple[GroupStatistics, ...]:
    slope = estimated.estimate.slope if estimated.estimate is not None else None
    step = abs(slope) if slope else dial.step[1] if dial.step is not None else None
    knows_setting = any(shot.setting is not None for shot in shots)
    groups = []
    for setting, part in settings_of(kept):
        names = apart.take(apart.setting == setting).names
        groups.append(group_statistics(part, names, setting if knows_setting else None, scale, step))
    return tuple(groups)


def _cause(estimated: Estimated) -> str | None:
    """Return why a sweep told no setting."""
    found = next((found for found in estimated.findings if found.code == Findings.NO_LEAST_BLUR.code), None)
    return None if found is None else f"{found.message} {found.remedy}"


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


def _apart_from_live_view(shots: Sequence[Shot]) -> tuple[tuple[Shot, ...], tuple[Shot, ...]]:
    """Return the shots through the finder and those in live view; where all are in live view, they count."""
    through_finder = tuple(shot for shot in shots if shot.camera.af_method != LIVE_VIEW)
    if not through_finder:
        return tuple(shots), ()
    return through_finder, tuple(shot for shot in shots if shot.camera.af_method == LIVE_VIEW)


# The whole way of a series: groups, statistics, estimated setting, advice.


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
    fitting = [zero for zero in zeros if is_near(zero.camera.focal_length_mm, series.camera.focal_length_mm)]
    if not fitting:
        return Zero()
    nearest = min(fitting, key=lambda zero: abs(math.log(_f_number(zero) / _f_number(series))))
    offsets = [shot.offset_mm for shot in nearest.shots if shot.offset_mm is not None]
    if not offsets:
        return Zero()
    # A single reference shot is as unsure as its own measurement.
    sd = statistics.stdev(offsets) if len(offsets) > 1 else max(shot.offset_sd_mm for shot in nearest.shots)
    return Zero(statistics.mean(offsets), sd / math.sqrt(len(offsets)), len(offsets))


def _is_widest(series: ShotSeries, others: Sequence[ShotSeries]) -> bool:
    same = [
        other
        for other in others
        if is_near(other.camera.focal_length_mm, series.camera.focal_length_mm)
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
                and is_near(other.camera.focal_length_mm, first.camera.focal_length_mm)
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
    return (Findings.FOCUS_SHIFT.finding(message),)


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
