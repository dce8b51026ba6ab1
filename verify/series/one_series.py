"""One focal length, aperture and distance: from its shots to statistics, estimated setting and advice."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from backfocus.verify.findings import finding
from backfocus.verify.series.advice.advising import advise, is_inconsistent
from backfocus.verify.series.advice.situation import Situation
from backfocus.verify.series.estimate.dial import Dial, dial_of
from backfocus.verify.series.estimate.estimating import estimate_setting
from backfocus.verify.series.estimate.setting import Estimated
from backfocus.verify.series.remarks import most_common_cause, remarks
from backfocus.verify.series.result import LeftOut, SeriesResult, SweepPoint
from backfocus.verify.series.shots.shot import Shot
from backfocus.verify.series.statistics.grouping import ShotSeries
from backfocus.verify.series.statistics.groups import GroupStatistics, group_statistics, mean_of, settings_of
from backfocus.verify.series.statistics.regression import belonging
from backfocus.verify.series.statistics.sample import Sample, Scale, Zero, sample_of, scale_of

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
        without_effect=any(found.code == "setting-without-effect" for found in estimated.findings),
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
            *((finding("reference-missing"),) if wants_zero and not zero.n else ()),
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
    found = next((found for found in estimated.findings if found.code == "no-least-blur"), None)
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
