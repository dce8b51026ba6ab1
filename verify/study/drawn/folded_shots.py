"""Shots of the folded card drawn at random: wings folded unequally, a card that stands a few degrees off."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np

from backfocus.targets import build_chart
from backfocus.targets.chart import Panel
from backfocus.verify.camera import SheetPose
from backfocus.verify.study.drawn.random_shots import random_shot
from backfocus.verify.study.shots import StudyShot

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
