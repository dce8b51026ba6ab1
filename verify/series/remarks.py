"""What else is worth saying about a series: findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from backfocus.verify.findings import KINDS, Finding, finding
from backfocus.verify.series.advice.advising import is_near_end, misses_often
from backfocus.verify.series.advice.situation import Situation
from backfocus.verify.series.dialled import dialled
from backfocus.verify.series.result import LeftOut
from backfocus.verify.series.shots.shot import Shot
from backfocus.verify.series.statistics.groups import GroupStatistics, near_minus_far
from backfocus.verify.series.statistics.sample import Sample

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
        _left_out("outliers-left-out", [name for group in groups for name in group.left_out]),
        _left_out("live-view-left-out", [shot.photo for shot in in_live_view]),
        _unknown_setting(used, situation),
        _disagreeing(used),
        finding("inconsistent-af", _scatter(situation)) if inconsistent else None,
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


def _left_out(code: str, names: Sequence[str]) -> Finding | None:
    if not names:
        return None
    shown = ", ".join(names[:_NAMES_SHOWN]) + (" ..." if len(names) > _NAMES_SHOWN else "")
    return finding(code, f"{KINDS[code].title}: {shown}.")


def _unknown_setting(shots: Sequence[Shot], situation: Situation) -> Finding | None:
    unknown = sum(shot.setting is None for shot in shots)
    if not unknown or situation.dial.without is not None:
        return None
    return finding("setting-unknown", f"The setting of {_of(unknown, len(shots))} is not known and taken as 0.")


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
    return finding("setting-disagrees", message)


def _scatter(situation: Situation) -> str | None:
    if situation.n_apart and misses_often(situation):
        return f"{situation.n_apart} of {situation.n + situation.n_apart} shots missed."
    if situation.estimate is None or situation.estimate.scatter_steps is None:
        return None
    return f"Single shots scatter by {situation.estimate.scatter_steps:.1f} steps (standard deviation)."


def _beyond_range(situation: Situation) -> Finding | None:
    if situation.estimate is None or not is_near_end(situation.estimate, situation.dial):
        return None
    lowest, highest = situation.dial.range
    needed, low, high = map(dialled, (situation.estimate.setting, lowest, highest))
    return finding("beyond-range", f"Setting {needed} of {low} to {high} is needed.")


def _near_far(kept: Sample, situation: Situation) -> Finding | None:
    """Remark a difference between approaches that chance does not explain."""
    bias = near_minus_far(kept)
    if bias is None or bias[1][0] <= 0.0 <= bias[1][1]:
        return None
    difference, (low, high) = bias
    way = "farther from" if difference > 0 else "closer to"
    size = abs(situation.scale.slope_mm(0.0) * difference)
    around = situation.scale.slope_mm(0.0) * (high - low) / 2.0
    return finding(
        "near-far-bias",
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
