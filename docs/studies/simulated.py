"""Shots drawn at random for the studies: folded cards, hard photos; arguments and stamps of studies."""

from __future__ import annotations

import argparse
import datetime
import math
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from backfocus.targets import PAPERS, Chart, build_chart
from backfocus.targets.chart import Panel
from backfocus.verify.simulate import CAMERAS, Cover, Glare, Print, Shadow, SheetPose, hand
from backfocus.verify.simulate.study import Edit, StudyShot
from backfocus.verify.simulate.validate import random_shot

# When and on what a study was made.


def stamp() -> str:
    """Return date, commit and machine in a sentence; the commit is that of the script that runs."""
    folder = Path(sys.argv[0]).resolve().parent
    commit = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    date = datetime.datetime.now(tz=datetime.UTC).date()
    return f"Measured on {date} at commit {commit}, Python {platform.python_version()}, {platform.machine()}."


# The arguments that studies take.


def seeded_parser(about: str | None, counted: str, count: int, seed: int) -> argparse.ArgumentParser:
    """Return a parser of `[COUNT] [SEED]`.

    Args:
        about: the script's docstring.
        counted: what is counted, as the name of the argument.
        count, seed: without arguments.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(counted, nargs="?", type=int, default=count)
    parser.add_argument("seed", nargs="?", type=int, default=seed)
    return parser


def photos_parser(about: str | None, photos: int, seed: int) -> argparse.ArgumentParser:
    """Return a parser of `[PHOTOS] [SEED] [--keep FOLDER] [--jobs N]`."""
    parser = seeded_parser(about, "photos", photos, seed)
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes, of one thread each")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the photos there, for the next time")
    return parser


# What real lenses, sheets, light and cameras add to a photo, one effect at a time and in measured strength.

AXIS_UM = 100.0
"""Of aberrations at full strength, along the axis: by how much rim and middle of the pupil, corner and middle of the
picture, or edges around and towards its middle are focused apart."""
Apply = Callable[[StudyShot, float, float], StudyShot]


@dataclass(frozen=True)
class Effect:
    """One effect.

    Attributes:
        name: short, in plain words.
        full: what strength 1 is.
        signed: whether the strength may be negative.
        add: takes a shot, a strength up to 1 and a direction in degrees (0 = right, 90 = down, for those that
            have one), and returns the shot with the effect.
    """

    name: str
    full: str
    signed: bool
    add: Apply


def _lens(**full: float | tuple[float, float]) -> Apply:
    def add(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
        changes: dict[str, Any] = {
            name: value * strength if isinstance(value, float) else tuple(strength * part for part in value)
            for name, value in full.items()
        }
        return replace(shot, lens=replace(shot.lens, **changes))

    return add


def aberrations(**share: float) -> Apply:
    """Shares of a wave of W µm that focuses W040 `AXIS_UM` nearer: 16 N² W."""

    def add(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
        lens = shot.lens
        unit_um = AXIS_UM / 16.0 / lens.f_number**2
        had = lens.aberrations
        added = {name: getattr(had, name) + strength * part * unit_um for name, part in share.items()}
        return replace(shot, lens=replace(lens, aberrations=replace(had, **added)))

    return add


def _sag(bent_along: Literal["width", "height"]) -> Apply:
    def add(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
        return replace(shot, pose=replace(shot.pose, sag_mm=4.0 * strength, bent_along=bent_along))

    return add


def _motion(shot: StudyShot, strength: float, towards_deg: float) -> StudyShot:
    return replace(shot, exposure=replace(shot.exposure, motion_px=6.0 * strength, motion_deg=towards_deg))


def _shadow(shot: StudyShot, strength: float, towards_deg: float) -> StudyShot:
    return replace(shot, exposure=replace(shot.exposure, shadow=Shadow(0.7 * strength, towards_deg)))


def _noise(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
    return replace(shot, exposure=replace(shot.exposure, noise_fraction=0.05 * strength))


def _soft_print(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
    printing = shot.printing or Print()
    return replace(shot, printing=replace(printing, softness_mm=0.1 * strength, gain_mm=0.1 * strength))


def _dirt(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
    printing = shot.printing or Print()
    return replace(shot, printing=replace(printing, specks=round(200 * strength), speck_mm=2.0))


def _sharpening(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
    changed = replace(shot.development, sharpening_radius_px=2 * strength, sharpening_amount=2 * strength)
    return replace(shot, development=changed)


def _noise_reduction(shot: StudyShot, strength: float, towards_deg: float) -> StudyShot:
    noisy = _noise(shot, strength, towards_deg)
    return replace(noisy, development=replace(shot.development, noise_reduction=0.06 * strength))


def _jpeg(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
    return replace(shot, development=replace(shot.development, jpeg_quality=round(90 - 20 * strength)))


EFFECTS = (
    Effect("spherical aberration", "100 µm", True, aberrations(w040_um=-1.0)),
    Effect("field curvature", "100 µm", True, aberrations(w220_um=-2.0)),
    Effect("lateral colour", "0.1 %", True, _lens(lateral_colour_percent=(0.1, -0.1))),
    Effect("longitudinal colour", "red 30 µm, blue 40 µm", False, _lens(longitudinal_colour_um=(30.0, 40.0))),
    Effect("cat eye", "0.4", False, _lens(cat_eye=0.4)),
    Effect("distortion", "3 %", True, _lens(distortion_percent=3.0)),
    Effect("vignetting", "3 stops", False, _lens(vignetting_stops=3.0)),
    Effect("motion", "6 px", False, _motion),
    Effect("soft print", "0.1 mm, ink gain 0.1 mm", False, _soft_print),
    Effect("sag along the height", "4 mm", True, _sag("height")),
    Effect("sag along the width", "4 mm", True, _sag("width")),
    Effect("shadow edge", "0.7 of the light", False, _shadow),
    Effect("sharpening", "radius 2 px, amount 2", False, _sharpening),
    Effect("noise", "5 %", False, _noise),
    Effect("noise reduction", "0.06, with 5 % noise", False, _noise_reduction),
    Effect("JPEG", "quality 70", False, _jpeg),
    Effect("dirt", "200 specks up to 2 mm", False, _dirt),
)
"""At strength 1 as strong as real photos have it, or somewhat stronger."""


# Shots of the folded card drawn at random: wings folded unequally, a card that stands a few degrees off.

DESIGN = "zfold"
FOLD_RANGE_DEG = (25.0, 65.0)
OFF_DEG = 4.0
"""A card that somebody put up by eye faces the camera about as well as this."""
PIXELS = (4242, 2828)
"""12 MP are done in a third of the time of 24 MP."""


def folded_shots(count: int, seed: int) -> list[StudyShot]:
    """Draw shots of the folded card on all papers; number, seed and nothing else decide what a shot is."""
    return [folded_shot(number, seed) for number in range(count)]


def folded_shot(number: int, seed: int) -> StudyShot:
    """Draw one shot; the true fold angles are in its pose. Light, lens and print are those of `random_shot`."""
    rng = np.random.default_rng((seed, number))
    plain = random_shot(rng, seed * 1_000_000 + number)
    pose = SheetPose(
        tilt_deg=float(rng.uniform(-OFF_DEG, OFF_DEG)),
        yaw_deg=float(rng.uniform(-OFF_DEG, OFF_DEG)),
        roll_deg=plain.pose.roll_deg,
        af_mark_distance_mm=plain.lens.focal_length_mm * float(rng.uniform(20, 40)),
        fold_deg={
            wing.name: math.copysign(float(rng.uniform(*FOLD_RANGE_DEG)), wing.fold_deg) for wing in _wings()
        },
    )
    sensor = replace(plain.sensor, pixels=PIXELS)
    return replace(plain, design=DESIGN, offset_mm=float(rng.uniform(-25, 25)), pose=pose, sensor=sensor)


@cache
def _wings() -> tuple[Panel, ...]:
    return build_chart(DESIGN).panels[1:]


# Hard shots drawn at random: lenses, sheets and cameras at full strength, and photos that cannot be measured.

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
