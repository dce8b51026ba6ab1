"""Which shots together make a series: one body, lens, focal length, aperture and distance."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..photo.metadata import CameraInfo
from .shots import Shot

SAME_FOCAL_LENGTH = 1.03
"""Ratio of neighbours: a zoom left alone reports its focal length within a percent or two."""
SAME_DISTANCE = 1.25
"""Ratio of neighbours: moving the tripod between groups is not another distance; 25 and 50 focal lengths are."""


def series_of(shots: Sequence[Shot]) -> list[ShotSeries]:
    """Return the series that shots make, by body, lens, focal length, aperture and distance in this order.

    Two bodies of one model are told apart by serial number, two lenses of one name by number and serial number.
    """
    parts: list[list[Shot]] = [list(shots)]
    divisions: tuple[Callable[[list[Shot]], list[list[Shot]]], ...] = (
        lambda part: _by_value(part, lambda shot: body_name(shot.camera)),
        lambda part: _by_number(part, lambda shot: shot.camera.body_serial),
        lambda part: _by_value(part, lambda shot: shot.camera.lens or ""),
        lambda part: _by_number(part, lambda shot: shot.camera.lens_id),
        lambda part: _by_number(part, lambda shot: shot.camera.lens_serial),
        lambda part: _by_gap(part, lambda shot: shot.camera.focal_length_mm, SAME_FOCAL_LENGTH),
        lambda part: _by_gap(part, lambda shot: shot.camera.f_number, SAME_FOCAL_LENGTH),
        lambda part: _by_gap(part, lambda shot: shot.distance_mm, SAME_DISTANCE),
    )
    for divide in divisions:
        parts = [smaller for part in parts for smaller in divide(part)]
    return [ShotSeries(tuple(part)) for part in parts if part]


def _by_value(shots: list[Shot], value: Callable[[Shot], str]) -> list[list[Shot]]:
    return [[shot for shot in shots if value(shot) == name] for name in sorted({value(shot) for shot in shots})]


def _by_number(shots: list[Shot], value: Callable[[Shot], str | None]) -> list[list[Shot]]:
    """Divide by a number that some files lack: such shots go with the others where these have only one."""
    known = {number for shot in shots if (number := value(shot)) is not None}
    return [shots] if len(known) <= 1 else _by_value(shots, lambda shot: value(shot) or "")


def _by_gap(shots: list[Shot], value: Callable[[Shot], float | None], ratio: float) -> list[list[Shot]]:
    """Divide where neighbours in the order of values differ by more than a ratio; unknown values stay together."""
    parts: list[list[Shot]] = []
    last: float | None = None
    known = [(found, shot) for shot in shots if (found := value(shot)) is not None]
    for found, shot in sorted(known, key=lambda pair: pair[0]):
        if last is None or found > ratio * last:
            parts.append([])
        parts[-1].append(shot)
        last = found
    unknown = [shot for shot in shots if value(shot) is None]
    # In the order in which the shots were given.
    ordered = [[shot for shot in shots if any(shot is other for other in part)] for part in parts]
    return [*ordered, unknown] if unknown else ordered


@dataclass(frozen=True)
class ShotSeries:
    """Shots of one body, lens, focal length, aperture and distance, at any settings."""

    shots: tuple[Shot, ...]

    @property
    def camera(self) -> CameraInfo:
        """What all shots have in common; the focal length is their median."""
        cameras = [shot.camera for shot in self.shots]
        focal_lengths = [camera.focal_length_mm for camera in cameras if camera.focal_length_mm is not None]
        return replace(
            cameras[0],
            focal_length_mm=statistics.median(focal_lengths) if focal_lengths else None,
            body_serial=next(filter(None, (camera.body_serial for camera in cameras)), None),
            lens_id=next(filter(None, (camera.lens_id for camera in cameras)), None),
            lens_serial=next(filter(None, (camera.lens_serial for camera in cameras)), None),
        )

    @property
    def distance_mm(self) -> float | None:
        """Median distance of the AF mark."""
        distances = [shot.distance_mm for shot in self.shots if shot.distance_mm is not None]
        return statistics.median(distances) if distances else None


def body_name(camera: CameraInfo) -> str:
    """Return what a body is called; empty if the photo does not tell."""
    return camera.model or camera.make or ""


def is_near(one: float | None, other: float | None) -> bool:
    """Whether two focal lengths or f-numbers are the same but for how lenses report them; unknown ones are."""
    if one is None or other is None:
        return one is other
    return 1 / SAME_FOCAL_LENGTH <= one / other <= SAME_FOCAL_LENGTH


def is_same_distance(one: float | None, other: float | None) -> bool:
    """Whether two distances of the AF mark count as one; an unknown one is like any."""
    return one is None or other is None or 1 / SAME_DISTANCE <= one / other <= SAME_DISTANCE
