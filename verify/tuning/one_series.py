"""One focal length, aperture and distance: from its shots to statistics, setting, advice and findings."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..cameras.dial import bypasses_setting, on_the_dial, part_of_range
from ..findings import KINDS, Finding, FindingKind, Findings
from ..formats import dialled
from ..photo.note import LIVE_VIEW
from .advice import advise, is_inconsistent, misses_often
from .humps import two_humps
from .result import SeriesResult, SweepPoint
from .series import ShotSeries
from .setting import Dial, Estimated, dial_of, estimate_setting
from .shots import NORMAL_95, LeftOut, Shot
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
from .wording import Situation, Source

MOST = 0.5
"""Part of the shots from which on a warning is that of the set-up."""
LEAST_TO_JUDGE, TIMES_LESS_SURE = 4, 5.0
"""Shots, of which one whose standard error is so many times the median, and above the scatter of all, has less than
a twenty-fifth of another's weight: without it next to nothing is lost."""
LEAST_TO_HALVE = 6
"""Shots at a setting: of three or more the scatter is known, as it must be for half of a series."""
_NAMES_SHOWN, _NAMES_OF_HUMP = 6, 3
LINE, PARABOLA = 2, 3
"""Numbers that are fitted to a series at several settings, and to a sweep."""
_UNLABELLED = (
    "Its AF fine-tune setting is not known, while that of others is.",
    Findings.SETTING_UNKNOWN.remedy,
)


def tune_series(
    series: ShotSeries, zero: Zero, wants_zero: bool, source: Source, *, is_widest: bool
) -> SeriesResult:
    """Return what one focal length, aperture and distance say.

    Args:
        zero: mean of the reference shots.
        wants_zero: reference shots were given, whether or not there are some for this series.
        source: names for commands to type.
        is_widest: whether there is none of the same lens with a wider aperture; only then there is advice.
    """
    through_finder, in_live_view = _apart_from_live_view(series.shots)
    labelled, unlabelled = _with_setting(through_finder)
    shots, unsure = _apart_from_unsure(labelled)
    scale, camera = scale_of(shots), series.camera
    sample = sample_of(shots, scale, zero)
    dial = dial_of(
        camera,
        scale,
        is_dialled=len({shot.setting for shot in shots} - {None}) > 1,
        is_doubtful=_are_contradicted(shots),
    )
    belongs = belonging(sample)
    humps = two_humps(sample, scale)
    kept, apart = sample.take(belongs), sample.take(~belongs)
    in_vain = _has_no_effect_on(shots, dial)
    estimated = estimate_setting(kept, shots, dial)
    # Of shots that the setting had no part in, and of two lenses, no one setting can be told.
    estimate = None if in_vain or humps is not None else estimated.estimate
    is_sweep = estimated.is_sweep
    unused = (
        *(_unused(shot) for shot in shots if shot.offset_mm is None and not is_sweep),
        *(LeftOut(shot.photo, *_UNLABELLED) for shot in unlabelled),
        *(_too_unsure(shot) for shot in unsure),
    )
    groups = () if is_sweep else _groups(kept, apart, scale, estimated, dial, shots)
    means = () if is_sweep else tuple(mean_of(part) for _, part in settings_of(kept))
    start = starting_setting(shots)
    told = min(
        range(len(means)),
        key=lambda at: (groups[at].setting not in (start, None), abs(means[at].value)),
        default=None,
    )
    situation = Situation(
        camera=camera,
        dial=dial,
        scale=scale,
        start=start,
        group=None if told is None else groups[told],
        mean=None if told is None else means[told],
        estimate=estimate,
        without_effect=any(found.code == Findings.SETTING_WITHOUT_EFFECT.code for found in estimated.findings),
        n=len(shots) if is_sweep else len(kept.error),
        n_apart=len(apart.error),
        parameters=PARABOLA if is_sweep else min(len(groups), LINE) + kept.has_approaches,
        settings=len({shot.setting for shot in shots}),
        common_cause=_cause(estimated) or most_common_cause(unused),
        is_in_live_view=in_vain,
        humps=humps,
        source=source,
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
        estimate=estimate,
        advice=advise(situation) if is_widest else None,
        halves=None if is_sweep else _halves(kept, dial),
        findings=(
            *estimated.findings,
            *remarks(shots, in_live_view, groups, kept, situation, humps is None and is_inconsistent(situation)),
            *((Findings.REFERENCE_MISSING.finding(),) if wants_zero and not zero.n else ()),
        ),
    )


def _apart_from_live_view(shots: Sequence[Shot]) -> tuple[tuple[Shot, ...], tuple[Shot, ...]]:
    """Return the shots through the finder and those in live view; where all are in live view, they count."""
    through_finder = tuple(shot for shot in shots if shot.camera.af_method != LIVE_VIEW)
    if not through_finder:
        return tuple(shots), ()
    return through_finder, tuple(shot for shot in shots if shot.camera.af_method == LIVE_VIEW)


def _are_contradicted(shots: Sequence[Shot]) -> bool:
    """Whether most shots are cut, or show another focal length than is told, so that their steps mean nothing."""
    code = Findings.PERSPECTIVE_CONTRADICTS.code
    doubtful = [
        shot for shot in shots if shot.camera.picture == "cut" or code in {found.code for found in shot.findings}
    ]
    return len(doubtful) > MOST * len(shots)


def _has_no_effect_on(shots: Sequence[Shot], dial: Dial) -> bool:
    """Whether all shots were focused without the AF module that the body's setting corrects."""
    return dial.without is None and all(bypasses_setting(shot.camera) for shot in shots)


def _with_setting(shots: Sequence[Shot]) -> tuple[tuple[Shot, ...], tuple[Shot, ...]]:
    """Return the shots whose setting is known and the others; where none is known, all count as one setting."""
    known = tuple(shot for shot in shots if shot.setting is not None)
    if not known:
        return tuple(shots), ()
    return known, tuple(shot for shot in shots if shot.setting is None)


def starting_setting(shots: Sequence[Shot]) -> float:
    """Return the setting that a series began with: 0, else what the first photo itself tells, else the least."""
    settings = [shot.setting for shot in shots if shot.setting is not None]
    if not settings or 0.0 in settings:
        return 0.0
    by_camera = all(shot.camera.af_setting == shot.setting for shot in shots)
    return settings[0] if by_camera else min(settings, key=abs)


def _apart_from_unsure(shots: Sequence[Shot]) -> tuple[tuple[Shot, ...], tuple[Shot, ...]]:
    """Return the shots, and those whose measurement is so much less sure than the others' that it would only add
    scatter: means count all shots alike.
    """
    known = [shot for shot in shots if shot.offset_mm is not None]
    if len(known) < LEAST_TO_JUDGE:
        return tuple(shots), ()
    usual = statistics.median(shot.offset_sd_mm for shot in known)
    by_setting = {at: [s.offset_mm for s in known if s.setting == at] for at in {s.setting for s in known}}
    middles = {at: statistics.median(o for o in offsets if o is not None) for at, offsets in by_setting.items()}
    spread = statistics.median(abs((shot.offset_mm or 0.0) - middles[shot.setting]) for shot in known) / 0.6745
    unsure = [shot for shot in known if shot.offset_sd_mm > max(TIMES_LESS_SURE * usual, spread)]
    return tuple(shot for shot in shots if shot not in unsure), tuple(unsure)


def _too_unsure(shot: Shot) -> LeftOut:
    half_mm = NORMAL_95 * shot.offset_sd_mm
    return LeftOut(
        shot.photo,
        f"Its offset is known within ± {half_mm:.1f} mm only, far less surely than that of the others.",
        "The others tell enough; its own findings say what made it unsure.",
    )


def _halves(sample: Sample, dial: Dial) -> tuple[int, int] | None:
    """Return the settings by every second shot at each setting, and by the others; None where they are too few."""
    place = np.zeros(len(sample.error), dtype=int)
    for setting in sample.settings:
        at = np.equal(sample.setting, setting)
        place[at] = np.arange(at.sum())
        if at.sum() < LEAST_TO_HALVE:
            return None
    estimates = [estimate_setting(sample.take(place % 2 == half), (), dial).estimate for half in (0, 1)]
    first, second = (None if each is None else on_the_dial(each.crossing, dial.range) for each in estimates)
    return None if first is None or second is None else (first, second)


def _unused(shot: Shot) -> LeftOut:
    """Return why a shot whose offset is not known is of no use."""
    critical = [found for found in shot.findings if found.severity == "critical"]
    if not critical:
        upright = next((found for found in shot.findings if found.code == Findings.NO_DEPTH.code), None)
        if upright is not None:
            return LeftOut(shot.photo, upright.message, upright.remedy)
        return LeftOut(shot.photo, "Its offset could not be told.", "Take the photo again.")
    return LeftOut(shot.photo, critical[-1].message, critical[-1].remedy)


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


def _sweep(shots: Sequence[Shot]) -> tuple[SweepPoint, ...]:
    blurs: dict[float, list[float]] = {}
    for shot in shots:
        if shot.setting is not None and shot.blur_at_mark is not None:
            blurs.setdefault(shot.setting, []).append(shot.blur_at_mark)
    return tuple(SweepPoint(at, len(found), statistics.median(found)) for at, found in sorted(blurs.items()))


def _cause(estimated: Estimated) -> tuple[str, str] | None:
    """Return why a sweep told no setting."""
    found = next((found for found in estimated.findings if found.code == Findings.NO_LEAST_BLUR.code), None)
    return None if found is None else (found.message, found.remedy)


def most_common_cause(left_out: Sequence[LeftOut]) -> tuple[str, str] | None:
    """Return the reason and the remedy that most of the unusable photos share; None without any."""
    if not left_out:
        return None
    # A message's numbers differ from photo to photo, the remedy does not.
    ((remedy, _),) = Counter(photo.remedy for photo in left_out).most_common(1)
    return next(photo.reason for photo in left_out if photo.remedy == remedy), remedy


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
        _counted_once([*used, *in_live_view]),
        Findings.LIVE_VIEW_ONLY.finding() if situation.is_in_live_view else None,
        _two_humps(situation),
        _unknown_setting(used, situation),
        _disagreeing(used),
        _scatter(situation) if inconsistent else None,
        _beyond_range(situation),
        _near_far(kept, situation),
        *_common_warnings(used),
    ]
    return tuple(remark for remark in found if remark is not None)


def _left_out(kind: FindingKind, names: Sequence[str]) -> Finding | None:
    if not names:
        return None
    shown = ", ".join(names[:_NAMES_SHOWN]) + (" ..." if len(names) > _NAMES_SHOWN else "")
    return kind.finding(f"{kind.title}: {shown}.")


def _counted_once(shots: Sequence[Shot]) -> Finding | None:
    several = [shot for shot in shots if shot.copies]
    if not several:
        return None
    shown = "; ".join(f"{shot.photo} ({', '.join(shot.copies)})" for shot in several[:_NAMES_SHOWN])
    files = len(several) + sum(len(shot.copies) for shot in several)
    exposures = "one exposure" if len(several) == 1 else f"{len(several)} exposures"
    more = "; ..." if len(several) > _NAMES_SHOWN else ""
    return Findings.SAME_EXPOSURE.finding(f"{files} files are of {exposures}, and count so: {shown}{more}.")


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


def _two_humps(situation: Situation) -> Finding | None:
    humps = situation.humps
    if humps is None:
        return None
    groups = (
        _hump(names, error, situation)
        for names, error in ((humps.near, humps.near_error), (humps.far, humps.far_error))
    )
    message = f"{' and '.join(groups)}. Are two lenses or two bodies in this series?"
    return Findings.TWO_HUMPS.finding(message, humps.apart)


def _hump(names: Sequence[str], error: float, situation: Situation) -> str:
    shown = ", ".join(sorted(names)[:_NAMES_OF_HUMP]) + (" ..." if len(names) > _NAMES_OF_HUMP else "")
    return f"{len(names)} shots lie about {situation.scale.mm(error):+z.1f} mm ({shown})"


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
    part = part_of_range(situation.estimate.crossing, situation.dial.range)
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
    if total == 1:
        return "the only shot"
    return f"all {total} shots" if count == total else f"{count} of {total} shots"
