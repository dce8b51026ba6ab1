"""What is known about each maker's AF fine-tune: menu, range, sign, step; and which maker a name means.

The facts stand in makers.json.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ..photo.makernotes import make_word

_MOST_NEAR_NAMES = 4
_SHORTEST_PART = 2
"""Letters and digits that can tell a model by the end of its name: "7D"."""

Offer = Literal["yes", "no", "unknown"]


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
class BodiesWith:
    """Bodies on record as having the menu item, by the model name in their files or on their front."""

    models: tuple[str, ...]
    evidence: Evidence


@dataclass(frozen=True)
class BodyWithout:
    """Bodies that have no such setting: those in whose model name the regular expression is found.

    `names` says which they are, `reason` that they have none, `instead` in a sentence what helps.
    """

    names: str
    model_pattern: str
    reason: str
    instead: str
    evidence: Evidence


@dataclass(frozen=True)
class Remark:
    """Something else worth knowing, in a sentence."""

    text: str
    evidence: Evidence


@dataclass(frozen=True)
class Maker:
    """The AF fine-tune of one maker's cameras, or of lenses on one maker's dock. Unknown is None or empty.

    Attributes:
        kind: "camera", or "dock" for a device that writes the correction into the lens.
        exif_make_words: first words of the EXIF make, in small letters; empty for a dock.
        lens_words: words in the names of a dock's lenses, in small letters; empty for a camera.
        model_family: regular expression that tells the maker's models, without the make before them.
        menu, menu_path: what the menu item is called, and where it is.
        range, granularity: lowest and highest setting, and the least change.
        entries: what values can be kept: by lens, for wide and tele, by distance.
        wide_and_tele_models: bodies on record as keeping two values for a zoom.
        plus_moves_focus: which way plus moves the plane of focus, seen from the camera.
        sign_confidence: how sure that is.
        steps: by sensor width, widest first; `step_evidence` is also there where none is known.
        bodies_with, bodies_without: as far as they are on record; others are in doubt.
    """

    name: str
    kind: Literal["camera", "dock"]
    exif_make_words: tuple[str, ...]
    lens_words: tuple[str, ...]
    model_family: str | None
    menu: str | None
    menu_path: str | None
    menu_evidence: Evidence
    range: tuple[int, int] | None
    granularity: int | None
    range_evidence: Evidence
    entries: str | None
    wide_and_tele_models: tuple[str, ...]
    entries_evidence: Evidence
    plus_moves_focus: Literal["farther", "closer"] | None
    sign_confidence: Literal["high", "medium-high", "medium", "low"] | None
    sign_evidence: Evidence
    steps: tuple[Step, ...]
    step_evidence: Evidence
    bodies_with: tuple[BodiesWith, ...]
    bodies_without: tuple[BodyWithout, ...]
    remarks: tuple[Remark, ...]

    @property
    def sign(self) -> int | None:
        """+1 if plus moves focus away from the camera, -1 if towards it, None if unknown."""
        return {"farther": 1, "closer": -1, None: None}[self.plus_moves_focus]

    @property
    def sign_is_sure(self) -> bool:
        """Whether several sources agree on the sign."""
        return self.sign_confidence in ("high", "medium-high")

    def step_for(self, sensor_width_mm: float | None) -> Step | None:
        """Return the step of bodies with this sensor; where the width is unknown, that of the widest."""
        width = float("inf") if sensor_width_mm is None else sensor_width_mm
        return next((step for step in self.steps if width >= step.sensor_width_from_mm), None)

    def without(self, model: str | None) -> BodyWithout | None:
        """Return why this model has no such setting, or None if it has one as far as is known."""
        name = model or ""
        return next((b for b in self.bodies_without if re.search(b.model_pattern, name, re.IGNORECASE)), None)

    def offers(self, model: str | None) -> Offer:
        """Return whether this model has the setting; "unknown" for one that is not on record."""
        if self.without(model) is not None:
            return "no"
        return "yes" if self.model_name(model or "") in map(plain, self.models) else "unknown"

    def keeps_wide_and_tele(self, model: str | None) -> bool:
        """Return whether this model is on record as keeping a wide and a tele value for a zoom."""
        return self.model_name(model or "") in map(plain, self.wide_and_tele_models)

    @property
    def models(self) -> tuple[str, ...]:
        """The models on record as having the setting."""
        return tuple(model for bodies in self.bodies_with for model in bodies.models)

    def model_name(self, name: str) -> str:
        """Return a model's name as `plain` has it, without the maker's before it."""
        words = name.split()
        return plain(" ".join(words[1:] if words and words[0].lower() in self.exif_make_words else words))


@dataclass(frozen=True)
class Found:
    """A maker, and the model if the name told one."""

    maker: Maker
    model: str | None


@cache
def makers() -> tuple[Maker, ...]:
    """Return all makers of makers.json."""
    return tuple(_maker(entry) for entry in _file()["makers"])


@cache
def evidence_grades() -> dict[str, str]:
    """Return what the evidence grades mean."""
    return dict(_file()["evidence_grades"])


def maker_of(make: str | None, model: str | None) -> Maker | None:
    """Return the maker by the first word of the EXIF make, else of the model; None if not in the list."""
    words = (make_word(make), make_word(model))
    return next((maker for word in words for maker in makers() if word in maker.exif_make_words), None)


def dock_of(lens: str | None) -> Maker | None:
    """Return the dock that may correct a lens, by the lens's name; whether it takes this lens is not known."""
    words = set(re.findall(r"[a-z]+", (lens or "").lower()))
    return next((maker for maker in makers() if words & set(maker.lens_words)), None)


def find_makers(name: str) -> list[Found]:
    """Return the makers that a name may mean, by maker or model, in any spelling; empty if none.

    A maker's own name comes first, then its name with a model after it, then models alone.
    """
    if not plain(name):
        return []
    first, *rest = name.split()
    model = " ".join(rest)
    by_name = [Found(maker, None) for maker in makers() if plain(name) in plain(maker.name)]
    by_make = [
        Found(maker, _on_record(maker, model) if _is_model(maker, model) or re.search(r"\d", model) else None)
        for maker in makers()
        if first.lower() in maker.exif_make_words
    ]
    by_model = [Found(maker, _on_record(maker, name)) for maker in makers() if _is_model(maker, name)]
    return by_name or by_make or by_model


def near_names(name: str) -> list[str]:
    """Return names of makers and models that look like one that was not found, best first."""
    known = {plain(known): known for maker in makers() for known in (*maker.models, maker.name)}
    return [known[near] for near in difflib.get_close_matches(plain(name), known, _MOST_NEAR_NAMES)]


def plain(name: str) -> str:
    """Return a name in small letters without spaces and signs, in which spellings of the same model agree."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _is_model(maker: Maker, name: str) -> bool:
    """Whether a name belongs to a model on record, to bodies without the setting, or to the maker's family."""
    patterns = [maker.model_family or "", *(bodies.model_pattern for bodies in maker.bodies_without)]
    return bool(_recorded(maker, name)) or any(
        pattern and re.search(pattern, name, re.IGNORECASE) for pattern in patterns
    )


def _on_record(maker: Maker, name: str) -> str:
    """Return a model's name in full, where only one on record can be meant; else the name as it is."""
    recorded = _recorded(maker, name)
    return recorded[0] if len(recorded) == 1 else name


def _recorded(maker: Maker, name: str) -> list[str]:
    """Return the model of this name, else those of whose name it is the end: "5D Mark IV" of "EOS 5D Mark IV"."""
    same = [model for model in maker.models if plain(model) == plain(name)]
    end = re.compile(rf"[ -]{re.escape(name.strip())}$", re.IGNORECASE)
    return same or [model for model in maker.models if len(plain(name)) >= _SHORTEST_PART and end.search(model)]


def _file() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_name("makers.json").read_text(encoding="utf-8"))
    return data


def _maker(entry: dict[str, Any]) -> Maker:
    rows = {"steps": Step, "bodies_with": BodiesWith, "bodies_without": BodyWithout, "remarks": Remark}
    fields = {name: _frozen(value) for name, value in entry.items() if name not in rows}
    for name, row in rows.items():
        fields[name] = tuple(row(**{key: _frozen(part) for key, part in value.items()}) for value in entry[name])
    return Maker(**fields)


def _frozen(value: Any) -> Any:
    """Return lists as tuples and what has a grade as Evidence."""
    if isinstance(value, list):
        return tuple(value)
    return Evidence(**value) if isinstance(value, dict) else value
