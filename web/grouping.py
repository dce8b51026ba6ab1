"""What a session's photos say together, every exposure once, and in which groups the page shows them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from backfocus.verify.photo.exposures import Capture, measured_first, same_captures
from backfocus.verify.report.text import place_of
from backfocus.verify.tuning.result import TuneResult
from backfocus.verify.tuning.saved import SavedTune, saved
from backfocus.verify.tuning.series import ShotSeries, body_name, series_of
from backfocus.verify.tuning.shots import LeftOut, Shot
from backfocus.verify.tuning.statistics import GroupStatistics
from backfocus.verify.tuning.tune import tune

from .kept import Kept

ENOUGH = ("dial", "leave", "service", "inconsistent", "no-setting")
"""Kinds of answers that more photos at the same settings would hardly change."""
GroupKind = Literal["setting", "unknown", "waiting", "aside"]


@dataclass(frozen=True)
class Group:
    """Photos that stand together on the page.

    Attributes:
        kind: of one "setting", of an "unknown" one, "waiting" to be measured, or "aside": left out, or a copy.
        place: camera, lens, focal length, aperture and distance, where the session has several; else empty.
        setting: in force for all of them.
        numbers: of the photos, in the order in which they came.
        mean_mm: their mean error, positive is back focus; None where it is not known.
        counted: how many shots the mean has; those that stood apart are left out of it.
    """

    kind: GroupKind
    place: str
    setting: float | None
    numbers: tuple[int, ...]
    mean_mm: float | None = None
    counted: int = 0

    @property
    def key(self) -> str:
        """A name that stays while photos are added."""
        return f"{self.kind}-{self.numbers[0]}"


@dataclass(frozen=True)
class Outcome:
    """What a session says.

    Attributes:
        found: the result, as it is saved.
        groups: all photos, each in one group; groups in the order in which their first photos came, those that do
            not count last.
        copy_of: for a photo whose exposure is counted by another file, that photo's number.
    """

    found: SavedTune
    groups: tuple[Group, ...]
    copy_of: dict[int, int]


@dataclass(frozen=True)
class Sureness:
    """How sure an answer is.

    Attributes:
        is_enough: no more photos need be taken for it.
        within: half the width of the setting's interval, in steps; None where there is no one such number.
    """

    is_enough: bool
    within: float | None


def sureness_of(found: SavedTune) -> Sureness | None:
    """Return how sure a result is; None where there is none yet."""
    answers = [lens.answer for lens in found.lenses if lens.answer is not None]
    if not answers:
        return None
    told = [series for lens in found.lenses for series in lens.series if series.advice is not None]
    ends = told[0].estimate.ci95 if len(told) == 1 and told[0].estimate is not None else None
    is_enough = all(answer.kind in ENOUGH for answer in answers)
    return Sureness(is_enough, None if ends is None else (ends[1] - ends[0]) / 2.0)


def tuned(photos: Sequence[Kept]) -> SavedTune:
    """Return what photos say together, every exposure counted once."""
    return outcome_of(photos).found


def outcome_of(photos: Sequence[Kept]) -> Outcome:
    """Return what photos say together, every exposure counted once, and their groups."""
    shots: dict[int, Shot] = {}
    left_out: list[LeftOut] = []
    copy_of: dict[int, int] = {}
    for files in _exposures([photo for photo in photos if photo.is_done]):
        best, *copies = files
        copy_of |= {photo.number: best.number for photo in copies}
        shot = _shot(files)
        if shot is not None:
            shots[best.number] = shot
        elif best.left_out is not None:
            left_out.append(best.left_out)
    result = tune(list(shots.values()), left_out)
    found = saved(result, datetime.datetime.now(tz=datetime.UTC))
    return Outcome(found, _groups(photos, shots, copy_of, result), copy_of)


def counted(photos: Sequence[Kept]) -> list[Kept]:
    """Return the photos that count, one an exposure, each with the setting that any file of its exposure tells."""
    found = []
    for files in _exposures([photo for photo in photos if photo.is_done]):
        shot = _shot(files)
        found.append(files[0] if shot is None else replace(files[0], setting=shot.setting))
    return found


def _exposures(photos: Sequence[Kept]) -> list[list[Kept]]:
    """Return photos by exposure, the one that counts first: with a result, then as of files on a disk."""
    # What was kept by older versions has its name only.
    captures = [
        photo.capture or Capture(photo.name, ("", ""), None, None, None, tail=photo.digest) for photo in photos
    ]
    exposures = [[photos[place] for place in places] for places in same_captures(captures)]
    return [
        sorted(files, key=lambda photo: (photo.shot is None, measured_first(photo.name), photo.number))
        for files in exposures
    ]


def _shot(files: Sequence[Kept]) -> Shot | None:
    """Return the shot of an exposure: its first file's, with the setting that the first tells that tells any."""
    shot = files[0].used_shot
    if shot is None:
        return None
    typed = [photo.setting for photo in files if photo.setting is not None]
    named = [photo.shot.setting for photo in files if photo.shot is not None and photo.shot.setting is not None]
    setting = next(iter([*typed, *named]), None)
    return replace(shot, setting=setting, copies=tuple(photo.name for photo in files[1:]))


def _groups(
    photos: Sequence[Kept], shots: dict[int, Shot], copy_of: dict[int, int], result: TuneResult
) -> tuple[Group, ...]:
    # A photo that is measured anew stays where it was meanwhile.
    placed = {photo.number: photo.used_shot for photo in photos if photo.shot is not None} | shots
    known = {number: shot for number, shot in placed.items() if shot is not None and number not in copy_of}
    numbers = {id(shot): number for number, shot in known.items()}
    all_series = series_of(list(known.values()))
    statistics = _statistics(result)
    groups: list[Group] = []
    for series in all_series:
        place = _place(series, all_series) if len(all_series) > 1 else ""
        by_setting: dict[float | None, list[Shot]] = {}
        for shot in series.shots:
            by_setting.setdefault(shot.setting, []).append(shot)
        for setting, together in by_setting.items():
            mean = next((statistics[id(shot)] for shot in together if id(shot) in statistics), None)
            groups.append(
                Group(
                    "unknown" if setting is None else "setting",
                    place,
                    setting,
                    tuple(sorted(numbers[id(shot)] for shot in together)),
                    None if mean is None else mean.mean_mm,
                    0 if mean is None else mean.n,
                )
            )
    groups.sort(key=lambda group: group.numbers[0])
    rest = [photo for photo in photos if photo.number not in known]
    waiting = tuple(photo.number for photo in rest if not photo.is_done and photo.left_out is None)
    aside = tuple(photo.number for photo in rest if photo.number not in waiting)
    groups += [Group("waiting", "", None, waiting)] if waiting else []
    return (*groups, *([Group("aside", "", None, aside)] if aside else []))


def _statistics(result: TuneResult) -> dict[int, GroupStatistics]:
    """Return what is known of the mean of a shot's setting, by the shot's identity."""
    found: dict[int, GroupStatistics] = {}
    for series in (series for lens in result.lenses for series in lens.series):
        by_setting = {group.setting: group for group in series.groups}
        for shot in series.shots:
            if shot.setting in by_setting:
                found[id(shot)] = by_setting[shot.setting]
    return found


def _place(series: ShotSeries, others: Sequence[ShotSeries]) -> str:
    """Return what tells a series from the others of its session."""
    named = {(body_name(each.camera), each.camera.lens) for each in others}
    camera = series.camera
    name = ", ".join(filter(None, (body_name(camera), camera.lens))) if len(named) > 1 else ""
    place = place_of(camera.focal_length_mm, camera.f_number, series.distance_mm)
    return ": ".join(filter(None, (name, place)))
