"""Zooms and several distances: what each wants, and the one value that serves all best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from backfocus.verify.series.estimate.dial import Dial
from backfocus.verify.series.estimate.setting import SettingEstimate
from backfocus.verify.series.rounding import rounded
from backfocus.verify.series.statistics.sample import Scale


@dataclass(frozen=True)
class Place:
    """What one focal length and distance wants.

    Attributes:
        estimate: the setting that is right there.
        scale: units there.
        slope: change of the focus error by one step up, there.
    """

    focal_length_mm: float
    distance_mm: float | None
    estimate: SettingEstimate
    scale: Scale
    slope: float


@dataclass(frozen=True)
class Remaining:
    """The error that is left at one focal length and distance; positive is back focus.

    Attributes:
        own_setting: what would be right there.
        left_mm, left_um, left_in_dof: what one value for all leaves there.
    """

    focal_length_mm: float
    distance_mm: float | None
    own_setting: int
    own_ci95: tuple[float, float]
    left_mm: float
    left_um: float | None
    left_in_dof: float | None


@dataclass(frozen=True)
class Compromise:
    """One setting for all focal lengths and distances, and the two that a body with a wide and a tele value takes.

    Attributes:
        setting: leaves the least part of the depth of field where it leaves most.
        wide, tele: best settings at the shortest and the longest focal length; None if there is only one.
        keeps_both: whether this body is on record as keeping a wide and a tele value.
    """

    setting: int
    wide: int | None
    tele: int | None
    keeps_both: bool
    places: tuple[Remaining, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as they stand in the JSON."""
        data: dict[str, Any] = rounded(asdict(self))
        return data


def compromise(places: Sequence[Place], dial: Dial, keeps_both: bool) -> Compromise | None:
    """Return what serves several focal lengths or distances of one lens; None for a single place."""
    if len(places) < 2:
        return None
    lowest, highest = dial.range
    setting = min(range(lowest, highest + 1), key=lambda value: (_worst(places, value), abs(value)))
    shortest = min(places, key=lambda place: place.focal_length_mm)
    longest = max(places, key=lambda place: place.focal_length_mm)
    is_zoom = longest.focal_length_mm > 1.03 * shortest.focal_length_mm
    wide, tele = (min(max(place.estimate.setting, lowest), highest) for place in (shortest, longest))
    return Compromise(
        setting,
        wide if is_zoom else None,
        tele if is_zoom else None,
        keeps_both and is_zoom,
        tuple(_remaining(place, setting) for place in places),
    )


def _worst(places: Sequence[Place], setting: int) -> float:
    """Return the largest error that a setting leaves, as a part of half the depth of focus where that is known."""
    return max(abs(_left(place, setting)) / (place.scale.depth or 1.0) for place in places)


def _left(place: Place, setting: int) -> float:
    return place.slope * (setting - place.estimate.crossing)


def _remaining(place: Place, setting: int) -> Remaining:
    left = _left(place, setting)
    return Remaining(
        place.focal_length_mm,
        place.distance_mm,
        place.estimate.setting,
        place.estimate.ci95,
        place.scale.mm(left),
        place.scale.um(left),
        place.scale.in_depth_of_field(left),
    )
