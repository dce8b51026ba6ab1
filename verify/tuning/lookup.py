"""From what a user types to the maker it means: "canon", "NIKON D850", "k-1", "tamron"."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from backfocus.verify.tuning.makers import Maker, makers, plain

_MOST_NEAR_NAMES = 4
_SHORTEST_PART = 2
"""Letters and digits that can tell a model by the end of its name: "7D"."""


@dataclass(frozen=True)
class Found:
    """A maker, and the model if the name told one."""

    maker: Maker
    model: str | None


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
