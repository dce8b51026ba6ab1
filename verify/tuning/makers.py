"""What is known about each maker's AF fine-tune: menu, range, sign, step. The facts stand in makers.json."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class Evidence:
    """Where a fact comes from; makers.json explains the grades."""

    grade: str
    source: str


@dataclass(frozen=True)
class Step:
    """How far one step of the setting moves focus at the sensor, in µm.

    Attributes:
        sensor_width_from_mm: holds for sensors at least so wide.
        um, um_low, um_high: most likely, least and greatest size.
        per_f_number: the size is to be multiplied by the lens's widest f-number.
        basis: where the size comes from, for the user.
    """

    sensor_width_from_mm: float
    um: float
    um_low: float
    um_high: float
    per_f_number: bool
    basis: str
    evidence: Evidence


@dataclass(frozen=True)
class BodyWithout:
    """Bodies that have no such setting: those in whose model name the regular expression is found.

    `reason` says that they have none, `instead` in a sentence what helps with a focus error.
    """

    model_pattern: str
    reason: str
    instead: str
    evidence: Evidence


@dataclass(frozen=True)
class Maker:
    """One maker's AF fine-tune.

    Attributes:
        exif_make_words: first words of the EXIF make, in small letters.
        menu: what the menu item is called; None if there is none.
        range: lowest and highest setting; None if unknown.
        plus_moves_focus: which way plus moves the plane of focus, seen from the camera; None if unknown.
        steps: by sensor width, widest first; empty if unknown.
    """

    name: str
    exif_make_words: tuple[str, ...]
    menu: str | None
    range: tuple[int, int] | None
    range_evidence: Evidence
    plus_moves_focus: Literal["farther", "closer"] | None
    sign_evidence: Evidence
    steps: tuple[Step, ...]
    bodies_without: tuple[BodyWithout, ...]

    @property
    def sign(self) -> int | None:
        """+1 if plus moves focus away from the camera, -1 if towards it, None if unknown."""
        return {"farther": 1, "closer": -1, None: None}[self.plus_moves_focus]

    def step_for(self, sensor_width_mm: float | None) -> Step | None:
        """Return the step of bodies with this sensor; where the width is unknown, that of the widest."""
        width = float("inf") if sensor_width_mm is None else sensor_width_mm
        return next((step for step in self.steps if width >= step.sensor_width_from_mm), None)

    def without(self, model: str | None) -> BodyWithout | None:
        """Return why this model has no such setting, or None if it has one as far as is known."""
        name = model or ""
        return next((b for b in self.bodies_without if re.search(b.model_pattern, name, re.IGNORECASE)), None)


@cache
def makers() -> tuple[Maker, ...]:
    """Return all makers of makers.json."""
    data = json.loads(Path(__file__).with_name("makers.json").read_text(encoding="utf-8"))
    return tuple(_maker(entry) for entry in data["makers"])


def maker_of(make: str | None, model: str | None) -> Maker | None:
    """Return the maker by the first word of the EXIF make, else of the model; None if not in the list."""
    for name in (make, model):
        words = (name or "").lower().split()
        for maker in makers():
            if words and words[0] in maker.exif_make_words:
                return maker
    return None


def _maker(entry: dict[str, Any]) -> Maker:
    return Maker(
        name=entry["name"],
        exif_make_words=tuple(entry["exif_make_words"]),
        menu=entry["menu"],
        range=None if entry["range"] is None else (entry["range"][0], entry["range"][1]),
        range_evidence=Evidence(**entry["range_evidence"]),
        plus_moves_focus=entry["plus_moves_focus"],
        sign_evidence=Evidence(**entry["sign_evidence"]),
        steps=tuple(Step(**{**step, "evidence": Evidence(**step["evidence"])}) for step in entry["steps"]),
        bodies_without=tuple(
            BodyWithout(**{**body, "evidence": Evidence(**body["evidence"])}) for body in entry["bodies_without"]
        ),
    )
