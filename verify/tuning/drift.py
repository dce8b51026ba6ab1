"""How a lens has moved from check to check, as far as the kept records can tell.

Two checks compare where they have a setting in common: by the mean error there, led to the distance of the later
one, since a focus error at the sensor is the same at any. Where they have none, the best settings compare.
"""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..cameras.identity import Identity, identity, owners
from ..formats import dialled
from ..lens import offset_of_defocus_mm
from .records import Kept
from .saved import SavedLens, SavedSeries
from .series import is_near, is_same_distance
from .statistics import GroupStatistics, Interval

_ADVICE = {
    "dial": "dial",
    "leave": "leave it",
    "more-shots": "more shots",
    "service": "see a workshop",
    "inconsistent": "autofocus scatters",
    "no-setting": "nothing to dial",
    "check-setup": "check the set-up",
}


@dataclass(frozen=True)
class Check:
    """One check of a lens at one focal length, aperture and distance; `record` names the file it is kept in."""

    record: str
    when: datetime.datetime
    series: SavedSeries

    @property
    def day(self) -> str:
        """The date where the user is."""
        return self.when.astimezone().date().isoformat()

    @property
    def n(self) -> int:
        """How many shots it rests on."""
        return sum(group.n for group in self.series.groups or self.series.sweep)

    @property
    def best(self) -> tuple[float, Interval | None] | None:
        """The setting at which the error is zero, with its interval; None where that is not known.

        Shots whose setting nobody tells are counted from it, wherever that is.
        """
        estimate, groups = self.series.estimate, self.series.groups
        if estimate is None or (groups and all(group.setting is None for group in groups)):
            return None
        return estimate.crossing, estimate.ci95

    @property
    def advice(self) -> str:
        """What was advised, in a word or three; empty where nothing was."""
        advice = self.series.advice
        return "" if advice is None else _ADVICE.get(advice.kind, advice.kind)

    @property
    def advised(self) -> str:
        """The setting that the advice names, as it is dialled; empty where it names none."""
        advice = self.series.advice
        return "" if advice is None or advice.setting is None else dialled(advice.setting)

    @property
    def nearest(self) -> GroupStatistics | None:
        """The shots at the setting with the least error."""
        return min(self.series.groups, key=lambda group: abs(group.mean_mm), default=None)


@dataclass(frozen=True)
class PlacedError:
    """A mean error in mm, as it would be at a track's distance; positive is back focus."""

    setting: float | None
    mm: float
    ci95: Interval | None


@dataclass(frozen=True)
class Move:
    """What became of focus from one check to a later one; positive is farther from the camera.

    Attributes:
        since: day of the earlier check.
        setting: that both have in common, where `mm` is known.
        mm, ci95_mm: how far the error moved; the interval is None where single shots leave the scatter unknown.
        best, ci95_steps: where `mm` is not known, the best settings then and now, and how far they are apart.
    """

    since: str
    setting: float | None = None
    mm: float | None = None
    ci95_mm: Interval | None = None
    best: tuple[float, float] | None = None
    ci95_steps: Interval | None = None

    @property
    def is_significant(self) -> bool:
        """Whether the interval is all on one side of zero: more than chance."""
        ends = self.ci95_mm if self.mm is not None else self.ci95_steps
        return ends is not None and (ends[0] > 0.0 or ends[1] < 0.0)

    @property
    def text(self) -> str:
        """The move in a sentence or two."""
        if self.mm is not None:
            return self._moved(self.mm)
        if self.best is None:
            return (
                f"Since {self.since} nothing tells how far focus has moved: the checks have no setting in common. "
                "Check again at the setting of the earlier one."
            )
        then, now = (dialled(round(setting, 1)) for setting in self.best)
        size = f"from {then} to {now}{_give_or_take(self.ci95_steps, 'steps')}"
        if self.is_significant:
            return f"Since {self.since} the best setting has moved {size}: more than chance."
        return f"Since {self.since} the best setting has not moved by more than chance: {size}."

    def _moved(self, mm: float) -> str:
        where = "" if self.setting is None else f" at setting {dialled(self.setting)}"
        side = "" if round(abs(mm), 1) == 0.0 else " farther from the camera" if mm > 0 else " closer to the camera"
        size = f"{abs(mm):.1f} mm{side}{_give_or_take(self.ci95_mm, 'mm')}"
        if self.ci95_mm is None:
            return f"Since {self.since} focus{where} moved {size}; single shots cannot tell that from chance."
        if self.is_significant:
            return f"Since {self.since} focus{where} has moved {size}: more than chance."
        return f"Since {self.since} focus{where} has not moved by more than chance: {size}."


@dataclass(frozen=True)
class Track:
    """The checks of one body and lens at one focal length, aperture and distance, the oldest first."""

    owner: Identity
    checks: tuple[Check, ...]

    @property
    def last(self) -> Check:
        """The latest check, to whose distance all errors are led."""
        return self.checks[-1]

    @property
    def usual_setting(self) -> float | None:
        """The setting that most checks have; of several the nearest to zero."""
        times = Counter(group.setting for check in self.checks for group in check.series.groups)
        known = [setting for setting in times if setting is not None]
        return min(known, key=lambda setting: (-times[setting], abs(setting)), default=None)

    def shown(self, check: Check) -> PlacedError | None:
        """Return the error to show of a check: at the usual setting, else at the nearest to zero that it has."""
        groups = [group for group in check.series.groups if group.setting == self.usual_setting]
        groups = groups or sorted(check.series.groups, key=lambda group: abs(group.setting or 0.0))
        return self.placed(groups[0]) if groups else None

    def placed(self, group: GroupStatistics) -> PlacedError:
        """Return the error of a group as it would be at the distance of the latest check."""
        focal_length, distance = self.last.series.focal_length_mm, self.last.series.distance_mm
        if group.mean_um is None or focal_length is None or distance is None:
            return PlacedError(group.setting, group.mean_mm, group.mean_ci95_mm)
        mm, *ends = (
            offset_of_defocus_mm(focal_length, distance, um) for um in (group.mean_um, *(group.mean_ci95_um or ()))
        )
        return PlacedError(group.setting, mm, (ends[0], ends[1]) if ends and math.isfinite(ends[1]) else None)

    def moves(self) -> list[Move]:
        """Return how focus moved up to the latest check: since the one before, and since the first."""
        earlier = dict.fromkeys([*self.checks[-2:-1], *self.checks[:-1][:1]])
        return [self._move(check) for check in earlier]

    def _move(self, check: Check) -> Move:
        then, now = ({group.setting: group for group in it.series.groups} for it in (check, self.last))
        common = [setting for setting in then.keys() & now.keys() if _may_compare(setting, check, self.last)]
        if common:
            setting = min(common, key=lambda setting: abs(setting or 0.0))
            one, other = self.placed(then[setting]), self.placed(now[setting])
            ends = difference_ci95((one.mm, one.ci95), (other.mm, other.ci95))
            return Move(check.day, setting, other.mm - one.mm, ends)
        best, best_now = check.best, self.last.best
        if best is None or best_now is None:
            return Move(check.day)
        return Move(check.day, best=(best[0], best_now[0]), ci95_steps=difference_ci95(best, best_now))


def difference_ci95(before: tuple[float, Interval | None], after: tuple[float, Interval | None]) -> Interval | None:
    """Return the interval of a difference of two estimates from their own (Zou and Donner, Stat. Med. 27, 2008).

    What both have in common, such as the print, is counted twice, so that it is rather too wide than too narrow.
    """
    if before[1] is None or after[1] is None:
        return None
    difference, (one, other) = after[0] - before[0], (before[1], after[1])
    below = math.hypot(after[0] - other[0], one[1] - before[0])
    above = math.hypot(other[1] - after[0], before[0] - one[0])
    return difference - below, difference + above


def tracks_of(records: Iterable[Kept]) -> dict[Identity, list[Track]]:
    """Return the checks in records by body and lens, that of the latest check first."""
    kept = sorted(records, key=lambda record: record.series.when)
    found = [(record, lens) for record in kept for lens in record.series.lenses]
    owner = owners(identity(lens) for _, lens in found)
    rows: dict[Identity, list[list[Check]]] = {}
    for record, lens in found:
        for check in _checks(record, lens):
            own = rows.setdefault(owner[identity(lens)], [])
            row = next((row for row in own if _is_same_place(row[-1].series, check.series)), None)
            if row is None:
                own.append([check])
            else:
                row.append(check)
    tracks = {it: [Track(it, tuple(row)) for row in own] for it, own in rows.items()}
    latest = sorted(tracks, key=lambda it: max(track.last.when for track in tracks[it]), reverse=True)
    return {it: tracks[it] for it in latest}


def _checks(record: Kept, lens: SavedLens) -> list[Check]:
    return [Check(record.name, record.series.when, series) for series in lens.series if series.advice is not None]


def _is_same_place(one: SavedSeries, other: SavedSeries) -> bool:
    return (
        is_near(one.focal_length_mm, other.focal_length_mm)
        and is_near(one.f_number, other.f_number)
        and is_same_distance(one.distance_mm, other.distance_mm)
    )


def _may_compare(setting: float | None, *checks: Check) -> bool:
    """Whether a setting is the same in both: one that is unknown is so only on bodies that have none."""
    return setting is not None or all(
        check.series.advice is not None and check.series.advice.kind == "no-setting" for check in checks
    )


def _give_or_take(ends: Interval | None, unit: str) -> str:
    return "" if ends is None else f" (± {(ends[1] - ends[0]) / 2:.1f} {unit})"


def lines_of(tracks: Sequence[Track]) -> list[str]:
    """Return how focus moved, in sentences; none for lenses that were checked once."""
    return [move.text for track in tracks for move in track.moves()]
