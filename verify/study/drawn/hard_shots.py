"""Hard shots drawn at random: lenses, sheets and cameras at full strength, and photos that cannot be measured."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from backfocus.targets import PAPERS, Chart, build_chart
from backfocus.verify.camera import CAMERAS, Cover, Glare, hand
from backfocus.verify.study.drawn.effects import EFFECTS, Effect
from backfocus.verify.study.drawn.random_shots import random_shot
from backfocus.verify.study.editing import Edit
from backfocus.verify.study.shots import StudyShot

Must = Literal["measure", "refuse-or-honest"]
Draw = Callable[[np.random.Generator, StudyShot], StudyShot]

MEGAPIXELS = ((4242, 2828), (6000, 4000), (9504, 6336))
MEGAPIXEL_SHARES = (0.89, 0.1, 0.01)
"""12 MP mostly, as they are soonest done."""


@dataclass(frozen=True)
class HardShot:
    """A shot of some kind, and what must become of it.

    Attributes:
        must: "measure" where a number is wanted; "refuse-or-honest" where none is better than a wrong one.
        number, seed: `hard_shot(number, seed)` draws it again.
    """

    kind: str
    shot: StudyShot
    must: Must
    number: int
    seed: int


def hard_shots(count: int, seed: int) -> list[HardShot]:
    """Draw shots of all kinds in turn."""
    return [hard_shot(number, seed) for number in range(count)]


def hard_shot(number: int, seed: int) -> HardShot:
    """Draw one shot; the same number and seed give the same."""
    rng = np.random.default_rng((seed, number))
    kind, must, draw = KINDS[number % len(KINDS)]
    plain = random_shot(rng, seed * 1_000_000 + number)
    pixels = MEGAPIXELS[int(rng.choice(len(MEGAPIXELS), p=MEGAPIXEL_SHARES))]
    plain = replace(plain, sensor=replace(plain.sensor, pixels=pixels))
    return HardShot(kind, draw(rng, plain), must, number, seed)


def _with(*effects: Effect) -> Draw:
    def draw(rng: np.random.Generator, shot: StudyShot) -> StudyShot:
        for effect in effects:
            # Weak effects are harder to notice, so half of the photos have less than full strength.
            strength = 1.0 if rng.random() < 0.5 else float(rng.uniform(0.3, 1.0))
            sign = -1.0 if effect.signed and rng.random() < 0.5 else 1.0
            shot = effect.add(shot, sign * strength, float(rng.uniform(0, 360)))
        return shot

    return draw


def _combination(rng: np.random.Generator, shot: StudyShot) -> StudyShot:
    chosen = rng.choice(len(EFFECTS), size=int(rng.integers(2, 4)), replace=False)
    return _with(*(EFFECTS[index] for index in chosen))(rng, shot)


def _phone(rng: np.random.Generator, shot: StudyShot) -> StudyShot:
    camera = CAMERAS["phone-12"]
    pose = replace(shot.pose, af_mark_distance_mm=float(rng.uniform(0.8, 1.3)) * camera.distance_mm)
    sensor = replace(camera.sensor, orientation=shot.sensor.orientation)
    paper = str(rng.choice(["a4", "letter"]))
    return replace(shot, pose=pose, lens=camera.lens, sensor=sensor, names=camera.names, paper=paper)


def _full_frame_61(_rng: np.random.Generator, shot: StudyShot) -> StudyShot:
    camera = CAMERAS["full-frame-61"]
    return replace(shot, sensor=replace(camera.sensor, orientation=shot.sensor.orientation), names=camera.names)


def _covered(rng: np.random.Generator, shot: StudyShot) -> StudyShot:
    """A piece of paper or card over 10 to 70 % of the sheet: along one side of it, or anywhere."""
    width, height = _chart(shot.paper).page_mm
    part = float(rng.uniform(0.1, 0.7))
    wide, high = ((part, 1.0), (1.0, part), (math.sqrt(part), math.sqrt(part)))[int(rng.integers(3))]
    left, top = ((1 - side) * float(rng.choice([0, 1, rng.random()])) for side in (wide, high))
    corners = ((left, top), (left + wide, top), (left + wide, top + high), (left, top + high))
    outline = tuple((x * width, y * height) for x, y in corners)
    return replace(shot, in_front=(Cover(outline, float(rng.uniform(0.02, 0.9))),))


def _hand(rng: np.random.Generator, shot: StudyShot) -> StudyShot:
    width, height = _chart(shot.paper).page_mm
    at = float(rng.uniform(0, width)), float(rng.uniform(0, height))
    return replace(shot, in_front=(hand(at, float(rng.uniform(0, 360))),))


def _glare(rng: np.random.Generator, shot: StudyShot) -> StudyShot:
    """One to three spots on the bars."""
    edges = _chart(shot.paper).edges
    places = [edges[int(index)].from_page_mm for index in rng.integers(0, len(edges), int(rng.integers(1, 4)))]
    spots = (Glare(at, float(rng.uniform(8, 30)), float(rng.uniform(0.3, 4))) for at in places)
    return replace(shot, in_front=tuple(spots))


def _focus_outside(rng: np.random.Generator, shot: StudyShot) -> StudyShot:
    """Focus up to as far again beyond the sheet's near or far end."""
    height = PAPERS[shot.paper].height_mm
    end = height / 2 * math.sin(math.radians(shot.pose.tilt_deg))
    nearest = 0.5 * shot.pose.af_mark_distance_mm
    offset = float(rng.choice([-1, 1])) * end * float(rng.uniform(1, 2))
    return replace(shot, offset_mm=max(offset, -nearest))


def _flat_on(rng: np.random.Generator, shot: StudyShot) -> StudyShot:
    return replace(shot, pose=replace(shot.pose, tilt_deg=float(rng.uniform(5, 20))))


def _overexposed(rng: np.random.Generator, shot: StudyShot) -> StudyShot:
    return replace(shot, exposure=replace(shot.exposure, paper_white=float(rng.uniform(0.95, 2.5))))


def _underexposed(rng: np.random.Generator, shot: StudyShot) -> StudyShot:
    return replace(shot, exposure=replace(shot.exposure, paper_white=float(np.exp(rng.uniform(-4.6, -2.3)))))


def _without_exif(_rng: np.random.Generator, shot: StudyShot) -> StudyShot:
    return replace(shot, edit=Edit(keeps_exif=False))


def _cropped(rng: np.random.Generator, shot: StudyShot) -> StudyShot:
    left, top, right, bottom = (float(side) for side in rng.uniform(0, 0.35, 4))
    crop = (left, top, 1 - right, 1 - bottom)
    return replace(shot, edit=Edit(crop, keeps_exif=bool(rng.random() < 0.5)))


def _mirrored(_rng: np.random.Generator, shot: StudyShot) -> StudyShot:
    return replace(shot, edit=Edit(mirrored=True))


def _downscaled(rng: np.random.Generator, shot: StudyShot) -> StudyShot:
    edit = Edit(scale=float(rng.uniform(0.3, 0.8)), keeps_exif=bool(rng.random() < 0.5))
    return replace(shot, edit=edit)


@lru_cache(maxsize=4)
def _chart(paper: str) -> Chart:
    return build_chart(paper=paper)


REAL: tuple[tuple[str, Draw], ...] = (
    *((effect.name, _with(effect)) for effect in EFFECTS),
    ("phone, 12 MP", _phone),
    ("full frame, 61 MP", _full_frame_61),
    *(("two or three of these", _combination),) * 6,
)
SPOILT: tuple[tuple[str, Draw], ...] = (
    *(("covered by 10 to 70 %", _covered),) * 2,
    ("hand", _hand),
    ("glare on the bars", _glare),
    *(("focus outside of the sheet", _focus_outside),) * 2,
    ("tilt 5° to 20°", _flat_on),
    ("overexposed", _overexposed),
    ("underexposed", _underexposed),
    ("no metadata", _without_exif),
    ("cropped off centre", _cropped),
    ("mirrored", _mirrored),
    ("downscaled", _downscaled),
)
KINDS: tuple[tuple[str, Must, Draw], ...] = (
    *((kind, "measure", draw) for kind, draw in REAL),
    *((kind, "refuse-or-honest", draw) for kind, draw in SPOILT),
)
"""One round of kinds, with their share in it."""
