"""Which maker, and which body, a name means that somebody wrote: "a7iv", "5D4", "iphone 15"."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from backfocus.targets.errors import UserError

from ..formats import as_json
from ..photo.bodies import Body, bodies, plain, without_maker
from ..photo.makernotes import make_word
from .makers import Maker, evidence_grades, makers

CAMERAS_SCHEMA = "backfocus/cameras/1"
_MOST_NEAR_NAMES = 4
_NEAR = 0.6
"""Of two names' letters and digits the same ones in the same order; "e-n1 mark ii" and "e-m1 mark ii" have 0.8."""
_SHORTEST_START = 3
"""Letters that tell a maker by the beginning of its name."""
_SHORTEST_END = 5
"""Letters that tell a dock by the end of its name: "tap-in"."""
_COMPANY = frozenset(
    [
        "ag",
        "camera",
        "co",
        "company",
        "corp",
        "corporation",
        "digital",
        "imaging",
        "inc",
        "ltd",
        "photo",
        "solutions",
        "system",
    ]
)
"""What stands beside a maker's name in EXIF data and on bodies."""
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7"}
_GENERATION = re.compile(r"((?:^|[\d ])(?:gr|d|ds|dx|[crsx])?)(i{1,3}|iv|vi{0,2})([aesx]?)(?=\s|$)")
"""A Roman number at the end of a word, behind a digit or the letters that may follow it: "a7riv", "griiix"."""
_GENERATION_OF_MODEL = re.compile(r"(?<=\d)([crs]?)m(?=[2-9](?:\D|$))")
"""As models of files have it: ILCE-7RM4, R5m2."""
_LINES = re.compile(r"^((eos|digital|rebel|kiss|lumix|dmc|dc|finepix|om d|pen|tough) )+(?=.)")
"""Names of lines, which people leave out."""


@dataclass(frozen=True)
class Found:
    """A maker, and the model if the name told one; `body` if it is on record."""

    maker: Maker
    model: str | None
    body: Body | None = None

    @property
    def title(self) -> str | None:
        """The model as people call it."""
        return self.model if self.body is None else self.body.title


def find_makers(name: str) -> list[Found]:
    """Return the makers and bodies that a name may mean, in any spelling; empty if none.

    A maker's own name comes first, then a body on record, then what looks like a maker's model.
    """
    if not plain(name):
        return []
    by_name = [Found(maker, None) for maker in makers() if _is_name_of(maker, name)]
    if by_name:
        return by_name
    first, *rest = name.split()
    of_maker = [maker for maker in makers() if first.lower() in maker.exif_make_words]
    while of_maker and len(rest) > 1 and plain(rest[0]) in _COMPANY:
        rest = rest[1:]
    model = " ".join(rest) if of_maker and rest else name
    by_body = _by_body(name) or [
        found
        for found in _by_body(model)
        if not of_maker or found.maker in of_maker or found.maker.kind != "camera"
    ]
    if by_body:
        return by_body
    if of_maker and rest:
        looks_like_one = [maker for maker in of_maker if _may_be_model(maker, model)]
        if looks_like_one or re.search(r"\d", model):
            # What is called by its sort, such as phones, keeps its maker's name.
            return [Found(maker, name if maker.kind == "class" else model) for maker in looks_like_one or of_maker]
    family = [maker for maker in makers() if _is_of_family(maker, name)]
    # A name without a digit is that of a line ("EOS"), an adapter's own is the maker's here.
    may_be_line = not re.search(r"\d", name)
    return [
        Found(maker, None)
        if maker.kind == "adapter" or (may_be_line and maker.offers(name) == "unknown")
        else Found(maker, name)
        for maker in family
    ]


def near_names(name: str) -> list[str]:
    """Return names of makers and models that look like one that was not found, best first."""
    known = {spoken(title): title for title in _titles()}
    without = spoken(without_maker(name))
    near = difflib.get_close_matches(without, known, _MOST_NEAR_NAMES, _NEAR)
    return [known[key] for key in near]


def spoken(name: str) -> str:
    """Return a name in small letters and digits, in which the ways to write a model agree.

    "Mark IV", "MkIV", "IV", "M4" and "4" are the same generation; "Alpha", also the Greek letter, is "A".
    """
    text = re.sub(r"\balpha\s*", "a", name.lower().replace("\u03b1", "a"))
    text = re.sub(r"(mark|mk)\.?\s*(?=[iv\d])", " ", text)
    text = re.sub(r"[^a-z0-9]+", " ", text).strip()
    text = _GENERATION.sub(lambda found: found[1] + _ROMAN[found[2]] + found[3], text)
    return _GENERATION_OF_MODEL.sub(r"\1", text).replace(" ", "")


def _by_body(name: str) -> list[Found]:
    found = _bodies_by_name()
    return list(found.get(spoken(name)) or found.get(spoken(_without_line(name))) or ())


@cache
def _bodies_by_name() -> dict[str, tuple[Found, ...]]:
    found: dict[str, tuple[Found, ...]] = {}
    for body in bodies():
        maker = next((maker for maker in makers() if make_word(body.make) in maker.exif_make_words), None)
        if maker is None:
            continue
        names = {part for name in body.names for part in (name, without_maker(name))}
        keys = {spoken(part) for name in names for part in (name, _without_line(name, 1), _without_line(name))}
        for key in keys:
            if not key.isdigit():
                found[key] = (*found.get(key, ()), Found(maker, without_maker(body.model), body))
    return found


def _without_line(name: str, most: int = 0) -> str:
    """Return a name without the lines it begins with ("EOS REBEL"), or at most so many of them."""
    text = re.sub(r"[^a-z0-9]+", " ", name.lower())
    lines = _LINES.match(text)
    words = lines[0].split()[: most or None] if lines else []
    return " ".join(text.split()[len(words) :])


@cache
def _titles() -> tuple[str, ...]:
    """The names of bodies as people call them, of makers, and of what has no bodies on record."""
    return (
        *(without_maker(body.called or body.model) for body in bodies()),
        *(part for maker in makers() for part in (maker.name, *re.split(r" / |, ", maker.name))),
        *("iPhone", "Galaxy", "Pixel", "Apple", "Google", "DJI", "GoPro"),
    )


def _is_name_of(maker: Maker, name: str) -> bool:
    """Whether a name is the maker's, with or without what else stands beside it, or how it begins."""
    words = name.lower().split()
    if words[0] in maker.exif_make_words and all(plain(word) in _COMPANY for word in words[1:]):
        return True
    parts = [maker.name, *re.split(r" / |, ", maker.name)]
    if plain(name) in map(plain, parts):
        return True
    # An adapter's name begins with a maker's, who makes much else.
    begins = len(plain(name)) >= _SHORTEST_START and maker.kind != "adapter"
    ends = len(plain(name)) >= _SHORTEST_END and maker.kind == "dock"
    return any(
        (begins and plain(part).startswith(plain(name))) or (ends and plain(part).endswith(plain(name)))
        for part in parts
    )


def _may_be_model(maker: Maker, model: str) -> bool:
    return _is_of_family(maker, model) or any(
        rule.model_pattern and re.search(rule.model_pattern, model, re.IGNORECASE) for rule in maker.bodies_without
    )


def _is_of_family(maker: Maker, model: str) -> bool:
    return bool(maker.model_family and re.search(maker.model_family, model, re.IGNORECASE))


def makers_named(name: str) -> list[Found]:
    """Return the makers and models that a name may mean, at least one.

    Raises:
        UserError: there is none; the text tells which names are near.
    """
    found = find_makers(name)
    if not found:
        near = near_names(name)
        hint = f"Did you mean {' or '.join(near)}?" if near else "All there are: backfocus cameras"
        raise UserError(f"No maker or camera {name!r} is on record. {hint}")
    return found


def cameras_json(found: Sequence[Found]) -> dict[str, Any]:
    """Return what is known of makers and models as it stands in the JSON."""
    return {
        "schema": CAMERAS_SCHEMA,
        "evidence_grades": evidence_grades(),
        "makers": [
            {
                **as_json(entry.maker),
                "model": entry.model,
                "body": as_json(entry.body),
                "model_offers_it": entry.maker.offers(entry.model) if entry.model else None,
            }
            for entry in found
        ],
    }
