"""Three things easily taken for one: the body's format, the width of sensor that a picture shows, and whether the
picture is whole.

The format, for the steps of AF fine-tune, is the body's own. What the picture shows, for depth of field and blur,
is less of it in a crop mode, with digital zoom and where a program cut it; a scaled picture shows as much in fewer
pixels. Metadata rarely tell which it is, and may be wrong: every witness names a width, equal ones add up, and
those that are left are handed on for the perspective of the photo to decide (`verify/seen.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, NamedTuple

from ..findings import Finding, Findings
from ..lens import FULL_FRAME_DIAGONAL_MM
from .bodies import Body, known_body
from .frame_notes import FrameNote, Size

Completeness = Literal["whole", "crop mode", "digital zoom", "resized", "cut"]
"""Whole pictures may be of a size or shape that the camera offers; programs make the last two."""

MIN_WIDTH_MM, MAX_WIDTH_MM = 2.0, 60.0
"""From a part of a small sensor to medium format."""
SAME_WIDTH = 0.04
"""Canon's pixel pitch takes in columns beside the picture: its widths are 1.5 to 3.1 % too large on the
70D, 6D and 5D Mark III."""
SAME_BY_EQUIVALENT = 0.12
"""Equivalent focal lengths are whole millimetres, and not always reckoned by the diagonal: up to some per cent off
(10 mm as 16 mm on 1.53). A body that crops differs by 25 % and more."""
SAME_BY_PIXELS = 0.06
"""As much, of what the count of pixels says alone: it fits whatever a program has cut."""
SAME_SIZE = 0.03
"""RAW converters keep up to 1 % more of the sensor; the sizes that cameras offer are 25 % apart."""
_IS_FULL_FRAME = 0.01
"""An equivalent focal length that is the focal length itself settles the format; loading a database takes 0.1 s."""


@dataclass(frozen=True)
class Reading:
    """One way to understand the picture: the width of sensor that it then shows, and what the picture then is."""

    width_mm: float
    completeness: Completeness
    votes: float


@dataclass(frozen=True)
class FrameSeen:
    """What is known of the frame before the photo itself is looked at.

    Attributes:
        format_width_mm: long side of the body's sensor.
        readings: likeliest first; none where nothing is known.
        findings: witnesses that disagree.
    """

    format_width_mm: float | None
    readings: tuple[Reading, ...]
    findings: tuple[Finding, ...] = ()


class Witnesses(NamedTuple):
    """What a file tells of its frame; None where it does not.

    Attributes:
        picture: size of the picture, either way round.
        recorded: size in the EXIF data.
        mm_per_px: pixel pitch in the EXIF data, of the picture that the camera wrote.
        crop_factor: equivalent over real focal length.
        zoom: digital zoom, 1 without.
        note: what the maker's note says.
    """

    picture: Size
    recorded: Size | None
    mm_per_px: float | None
    crop_factor: float | None
    zoom: float
    note: FrameNote


def frame_of(make: str | None, model: str | None, it: Witnesses) -> FrameSeen:
    """Return the format of a body and the ways to take its picture, by all that the file tells."""
    body = known_body(make, model)
    size = _long_first(it.picture)
    taken = _as_taken(it)
    pitch_mm = None if it.mm_per_px is None else it.mm_per_px * size[0]
    by_equivalent = None if it.crop_factor is None else _believable(_of_crop_factor(it.crop_factor, size))
    sensor = _sensor_of(body, make, model, it.crop_factor)
    is_native = body is not None and body.long_px is not None and _same(taken[0], body.long_px, SAME_SIZE)
    findings: tuple[Finding, ...] = ()
    if is_native and pitch_mm is not None and sensor is not None and it.mm_per_px is not None:
        told_mm = it.mm_per_px * taken[0]
        if not _same(told_mm, sensor[0], PITCH_AGREES):
            findings, pitch_mm = _outvoted(told_mm, sensor[0], body), None
    told = _readings(it, size, taken, sensor, body, _believable(pitch_mm), by_equivalent, is_native=is_native)
    readings = sorted(_merged([*told], by_equivalent), key=lambda reading: -reading.votes)
    widest_mm = max((reading.width_mm for reading in readings), default=None)
    format_mm = widest_mm if sensor is None else sensor[0]
    return FrameSeen(format_mm, tuple(readings), findings)


PITCH_AGREES = 0.05
"""Wrong pitches are off by 17 % and more (5D Mark IV: 29.8 for 36 mm; 6D Mark II: 23.7 for 35.9)."""


def _outvoted(told_mm: float, known_mm: float, body: Body | None) -> tuple[Finding, ...]:
    name = "this body" if body is None else f"the {body.model}"
    message = (
        f"By the pixel pitch in the file the sensor is {told_mm:.1f} mm wide; "
        f"that of {name} has {known_mm:.1f} mm, which is used."
    )
    return (Findings.PITCH_OUTVOTED.finding(message),)


def _as_taken(it: Witnesses) -> Size:
    """Return the size of the picture that the camera wrote, as far as it is told: not less than what is left of it.

    A program that cuts or scales may write its own size as that in the EXIF data, which then is no witness.
    """
    size = _long_first(it.picture)
    told = [_long_first(told) for told in (it.note.size, it.recorded) if told is not None]
    return next(
        (each for each in told if each[0] > size[0] * (1 + SAME_SIZE) or each[1] > size[1] * (1 + SAME_SIZE)), size
    )


def _readings(
    it: Witnesses,
    size: Size,
    taken: Size,
    sensor: Size | None,
    body: Body | None,
    pitch_mm: float | None,
    by_equivalent: float | None,
    *,
    is_native: bool,
) -> Iterator[Reading]:
    """Yield what each witness says, one that knows more exactly before one that knows less."""
    is_edited = taken != size
    if sensor is not None:
        whole_mm = _part_of(sensor, taken)
        part = it.note.part if it.note.part is not None and it.note.part < 1 - SAME_SIZE else None
        used_mm = whole_mm if part is None else min(sensor[0] * part, whole_mm)
        if part is not None:
            yield from _of_used(used_mm, "crop mode", 4.0, size, taken)
        # RAW files may hold all of the sensor in a crop mode as well.
        yield from _of_used(whole_mm, "whole", 5.0 if part is not None and is_native else 2.0, size, taken)
        if it.zoom > 1 + SAME_SIZE:
            yield from _of_used(used_mm / it.zoom, "digital zoom", 4.0, size, taken)
        if body is not None and body.long_px is not None and size[0] < body.long_px * (1 - SAME_SIZE):
            is_mode = part is not None and not is_edited
            width_mm = sensor[0] * size[0] / body.long_px
            yield Reading(width_mm, "crop mode" if is_mode else "cut", 0.5)
    if pitch_mm is not None:
        # The pitch is that of the camera's picture: a part of it has as much a pixel.
        yield Reading(pitch_mm, "whole" if sensor is None and not is_edited else "cut", 1.0)
        if is_edited and sensor is None:
            yield Reading(pitch_mm * taken[0] / size[0], "resized", 1.0)
    if by_equivalent is not None:
        yield from _of_used(by_equivalent, "whole" if sensor is None else "crop mode", 2.5, size, taken)


def _of_used(used_mm: float, kind: Completeness, votes: float, size: Size, taken: Size) -> Iterator[Reading]:
    """Yield how a picture shows what the camera used: all of it, scaled or not, or a part of it."""
    if taken == size:
        yield Reading(used_mm, kind, votes)
        return
    keeps_shape = _same(size[0] * taken[1], size[1] * taken[0], SAME_SHAPE)
    if keeps_shape:
        yield Reading(used_mm, "resized", votes)
    cut_mm = used_mm * (size[0] / taken[0])
    yield Reading(cut_mm, "cut", votes - (1.0 if keeps_shape else 0.0))


SAME_SHAPE = 0.015
"""Sizes that cameras offer differ in shape by up to 0.4 %."""


def _merged(readings: list[Reading], by_equivalent: float | None) -> list[Reading]:
    """Return readings with those joined that name the same width: the first of them names it, all of them vote."""
    kept: list[Reading] = []
    for reading in readings:
        if not MIN_WIDTH_MM <= reading.width_mm <= MAX_WIDTH_MM:
            continue
        share = SAME_BY_EQUIVALENT if reading.width_mm == by_equivalent else SAME_WIDTH
        apart = [abs(math.log(other.width_mm / reading.width_mm)) for other in kept]
        place = min(range(len(kept)), key=apart.__getitem__, default=0)
        if not kept or apart[place] > (min(share, SAME_BY_PIXELS) if kept[place].votes < 1.0 else share):
            kept.append(reading)
            continue
        other = kept[place]
        # A camera's own mode explains what else could be a cut.
        kind = reading.completeness if other.completeness == "cut" else other.completeness
        kept[place] = replace(other, votes=other.votes + reading.votes, completeness=kind)
    return kept


def _sensor_of(body: Body | None, make: str | None, model: str | None, crop_factor: float | None) -> Size | None:
    """Return the sides of the body's sensor in mm, the longer first; None if it is not known."""
    if body is not None:
        if body.long_px is not None and body.short_px is not None:
            return body.width_mm, body.width_mm * body.short_px / body.long_px
        shape = 3 / 4 if _is_four_thirds(FULL_FRAME_DIAGONAL_MM / (body.width_mm * 1.25)) else 2 / 3
        return body.width_mm, body.width_mm * shape
    if crop_factor is not None and abs(crop_factor - 1.0) < _IS_FULL_FRAME:
        return None
    known = None if model is None else _known_crop_factor(make or "", model)
    if known is None:
        return None
    shape = 3 / 4 if _is_four_thirds(known) else 2 / 3
    width_mm = FULL_FRAME_DIAGONAL_MM / known / math.hypot(1.0, shape)
    return width_mm, width_mm * shape


def _is_four_thirds(crop_factor: float) -> bool:
    """Whether sensors of this size are 4 : 3: Four Thirds, medium format, small ones but for 1 inch (2.7)."""
    return crop_factor < 0.9 or 1.8 < crop_factor < 2.2 or crop_factor > 3.0


@cache
def _known_crop_factor(make: str, model: str) -> float | None:
    import lensfunpy

    wanted = model.lower().split()
    for camera in lensfunpy.Database().find_cameras(make, model, loose_search=True):
        # A loose search also offers other cameras; only the same name, with or without the maker's, will do.
        name = camera.model.lower().split()
        if wanted in (name, name[1:]) or wanted[1:] == name:
            return float(camera.crop_factor)
    return None


def _part_of(sensor: Size, size: Size) -> float:
    """Return the width in mm of the largest part of a sensor that has a picture's shape."""
    return min(sensor[0], sensor[1] * size[0] / max(size[1], 1))


def _of_crop_factor(crop_factor: float, size: Size) -> float:
    # Sensors are 4 : 3 or 3 : 2; a wider picture (16 : 9) has been trimmed above and below.
    aspect = min(max(size[0] / max(size[1], 1), 4 / 3), 3 / 2)
    return FULL_FRAME_DIAGONAL_MM / crop_factor * aspect / math.hypot(aspect, 1.0)


def _believable(width_mm: float | None) -> float | None:
    return width_mm if width_mm is not None and MIN_WIDTH_MM <= width_mm <= MAX_WIDTH_MM else None


def _long_first(size: Size) -> Size:
    return max(size), min(size)


def _same(one: float, other: float, share: float) -> bool:
    return abs(one / other - 1.0) <= share
