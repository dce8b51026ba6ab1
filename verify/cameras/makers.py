"""What is known about each maker's AF fine-tune: menu, range, sign, step; and which bodies have it.

The facts stand in makers.json, which bodies have the setting in ../photo/bodies.csv.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from ..formats import FixedMap
from ..photo.bodies import Body, bodies, known_body, plain, without_maker
from ..photo.makernotes import make_word

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

    `names` says which they are, `kind` of what sort, `reason` that they have none, `instead` what helps.
    """

    names: str
    kind: str
    model_pattern: str
    reason: str
    instead: str
    evidence: Evidence

    @property
    def can_stop_down(self) -> bool:
        """Whether such a camera's lens has an aperture to choose; phones and drones have none, by far most."""
        return self.kind not in ("phone", "drone", "action")


@dataclass(frozen=True)
class Remark:
    """Something else worth knowing, in a sentence."""

    text: str
    evidence: Evidence


_NOT_FOUND = Evidence("none", "no statement found")


@dataclass(frozen=True, kw_only=True)
class Maker:
    """The AF fine-tune of one maker's cameras, or of lenses on one maker's dock. Unknown is None or empty.

    Attributes:
        kind: "camera"; "class" for cameras of a sort that has no such setting, whoever makes them; "dock" for a
            device that writes the correction into the lens; "adapter" between a lens and a body.
        exif_make_words: first words of the EXIF make, in small letters; empty for docks and adapters.
        lens_words: words in the names of a dock's lenses, in small letters; empty for a camera.
        lens_pattern: regular expression for names of a dock's lenses that lack these words.
        not_lens_pattern: regular expression for names of lenses that the dock does not correct.
        lens_ids: by the first word of the EXIF make, numbers of a dock's lenses that no other lens has.
        model_family: regular expression that tells the maker's models, without the make before them.
        menu, menu_path: what the menu item is called, and where it is.
        range, granularity: lowest and highest setting, and the least change.
        entries: what values can be kept: by lens, for wide and tele, by distance.
        wide_and_tele_models: bodies on record as keeping two values for a zoom.
        plus_moves_focus: which way plus moves the plane of focus, seen from the camera.
        sign_confidence: how sure that is.
        steps: by sensor width, widest first; `step_evidence` is also there where none is known.
        bodies_with: those on record as having the setting.
        bodies_without: rules for those that have none; a body on record is judged by its own entry.
    """

    name: str
    kind: Literal["camera", "class", "dock", "adapter"]
    exif_make_words: tuple[str, ...] = ()
    lens_words: tuple[str, ...] = ()
    lens_pattern: str | None = None
    not_lens_pattern: str | None = None
    lens_ids: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: FixedMap({}))
    lens_evidence: Evidence = _NOT_FOUND
    model_family: str | None = None
    menu: str | None = None
    menu_path: str | None = None
    menu_evidence: Evidence = _NOT_FOUND
    range: tuple[int, int] | None = None
    granularity: int | None = None
    range_evidence: Evidence = _NOT_FOUND
    entries: str | None = None
    wide_and_tele_models: tuple[str, ...] = ()
    entries_evidence: Evidence = _NOT_FOUND
    plus_moves_focus: Literal["farther", "closer"] | None = None
    sign_confidence: Literal["high", "medium-high", "medium", "low"] | None = None
    sign_evidence: Evidence = _NOT_FOUND
    steps: tuple[Step, ...] = ()
    step_evidence: Evidence = _NOT_FOUND
    bodies_with: tuple[BodiesWith, ...] = ()
    bodies_without: tuple[BodyWithout, ...] = ()
    remarks: tuple[Remark, ...] = ()

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

    def body(self, model: str | None) -> Body | None:
        """Return the body on record of this model; None if there is none."""
        found = (known_body(word, model) for word in self.exif_make_words)
        return next((body for body in found if body is not None), None)

    def without(self, model: str | None, *, on_adapter: bool = False) -> BodyWithout | None:
        """Return why this model has no such setting, or None if it has one as far as is known.

        Args:
            on_adapter: the lens is on an adapter with a focus sensor of its own (Sony LA-EA2, LA-EA4).
        """
        body = self.body(model)
        if body is not None and (
            body.af_setting in ("yes", "unknown") or (body.af_setting == "adapter" and on_adapter)
        ):
            return None
        names = (model or "",) if body is None else (model or "", *body.names)
        rules = (
            rule
            for rule in self.bodies_without
            if any(re.search(rule.model_pattern, name, re.IGNORECASE) for name in names)
        )
        rule = next(rules, None)
        if body is None or rule is None:
            return rule
        return replace(rule, names=body.title, evidence=Evidence(body.grade, body.source))

    def offers(self, model: str | None) -> Offer:
        """Return whether this model has the setting; "unknown" for one that is not on record."""
        if self.without(model) is not None:
            return "no"
        body = self.body(model)
        return "yes" if body is not None and body.af_setting == "yes" else "unknown"

    def keeps_wide_and_tele(self, model: str | None) -> bool:
        """Return whether this model is on record as keeping a wide and a tele value for a zoom."""
        return plain(without_maker(model or "")) in map(plain, self.wide_and_tele_models)

    @property
    def models(self) -> tuple[str, ...]:
        """The models on record as having the setting."""
        return tuple(model for bodies in self.bodies_with for model in bodies.models)


@cache
def makers() -> tuple[Maker, ...]:
    """Return all makers of makers.json."""
    return tuple(_maker(entry) for entry in _file()["makers"])


@cache
def evidence_grades() -> dict[str, str]:
    """Return what the evidence grades mean."""
    return dict(_file()["evidence_grades"])


SMALL_SENSOR_MM = 14.0
"""Width up to which only compact cameras, phones, drones and the Nikon 1 have their sensors (1 inch: 13.2 mm)."""


def small_camera(width_mm: float | None) -> BodyWithout | None:
    """Return why a camera that nothing else is known of has no setting: by its sensor; None if it may have one."""
    if width_mm is None or width_mm > SMALL_SENSOR_MM:
        return None
    reason = f"with a sensor {width_mm:.1f} mm wide this is a compact camera, a phone or the like"
    return BodyWithout("cameras with a small sensor", "compact", "", reason, of_kind("compact"), _NOT_FOUND)


def maker_of(make: str | None, model: str | None) -> Maker | None:
    """Return the maker by the first word of the EXIF make, else of the model; None if not in the list."""
    words = (make_word(make), make_word(model))
    return next((maker for word in words for maker in makers() if word in maker.exif_make_words), None)


def dock_of(lens: str | None, make: str | None = None, lens_id: str | None = None) -> Maker | None:
    """Return the dock that may correct a lens, by name or number; whether it takes this lens is not known.

    Many cameras leave out the maker's name: "35mm F1.4 DG HSM | Art 012". Other letters tell it then; those of
    lenses made for mirrorless bodies only (Sigma DN, Tamron Di III), which no dock corrects, do not.
    """
    words = set(re.findall(r"[a-z]+", (lens or "").lower()))
    docks = [maker for maker in makers() if maker.kind == "dock"]
    by_word = next((dock for dock in docks if words & set(dock.lens_words)), None)
    if by_word is not None:
        return None if re.search(by_word.not_lens_pattern or "(?!)", lens or "") else by_word
    by_name = (dock for dock in docks if dock.lens_pattern and re.search(dock.lens_pattern, lens or ""))
    camera = maker_of(make, None)
    ids = {word: lens_id for word in (camera.exif_make_words if camera else ())}
    by_id = (dock for dock in docks if any(ids.get(word) in dock.lens_ids[word] for word in dock.lens_ids))
    return next(chain(by_name, by_id), None)


def of_kind(kind: str) -> str:
    """Return what helps on cameras of a kind that have no such setting, in a sentence."""
    return str(_file()["instead"][kind])


@cache
def _file() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_name("makers.json").read_text(encoding="utf-8"))
    return data


def _maker(entry: dict[str, Any]) -> Maker:
    rows = {"steps": Step, "bodies_without": BodyWithout, "remarks": Remark}
    fields = {name: _frozen(value) for name, value in entry.items() if name not in (*rows, "lens_ids")}
    ids = entry.get("lens_ids", {}).items()
    fields["lens_ids"] = FixedMap({word: tuple(numbers) for word, numbers in ids})
    for name, row in rows.items():
        values = [{key: _frozen(part) for key, part in value.items()} for value in entry.get(name, ())]
        if row is BodyWithout:
            values = [{"instead": of_kind(value["kind"]), **value} for value in values]
        fields[name] = tuple(row(**value) for value in values)
    return Maker(
        **fields, bodies_with=_bodies_with(fields["exif_make_words"]) if "exif_make_words" in fields else ()
    )


def _bodies_with(make_words: tuple[str, ...]) -> tuple[BodiesWith, ...]:
    """Return the bodies of a maker that have the setting, those with the same evidence together."""
    found: dict[Evidence, tuple[str, ...]] = {}
    for body in bodies():
        if body.af_setting == "yes" and make_word(body.make) in make_words:
            evidence = Evidence(body.grade, body.source)
            found[evidence] = (*found.get(evidence, ()), without_maker(body.called or body.model))
    return tuple(BodiesWith(models, evidence) for evidence, models in found.items())


def _frozen(value: Any) -> Any:
    """Return lists as tuples and what has a grade as Evidence."""
    if isinstance(value, list):
        return tuple(value)
    return Evidence(**value) if isinstance(value, dict) else value
