"""A line of text in any script, laid out for drawing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from backfocus.targets.packs.letters.typefaces import Glyph, Typeface, typefaces


class MissingLetterError(ValueError):
    """No font at hand has a letter; `letters` are those."""

    def __init__(self, letters: str) -> None:
        super().__init__(letters)
        self.letters = letters


@dataclass(frozen=True)
class Piece:
    """Glyphs of one font; `x` is where they begin, in ems."""

    typeface: Typeface
    glyphs: tuple[Glyph, ...]
    x: float


@dataclass(frozen=True)
class Lettering:
    """A line of text as glyphs, in ems from the start of its baseline, y up."""

    pieces: tuple[Piece, ...]
    width: float

    @cached_property
    def ink(self) -> tuple[float, float]:
        """How far the ink reaches below and above the baseline, in ems."""
        from fontTools.pens.boundsPen import BoundsPen

        lowest, highest = 0.0, 0.0
        for piece in self.pieces:
            for glyph in piece.glyphs:
                pen = BoundsPen(None)
                piece.typeface.draw(glyph, pen)
                if pen.bounds is not None:
                    em = piece.typeface.units_per_em
                    lowest = min(lowest, pen.bounds[1] / em + glyph.y)
                    highest = max(highest, pen.bounds[3] / em + glyph.y)
        return lowest, highest

    def draw(self, pen: Any) -> None:
        """Draw all outlines with a fontTools pen, in ems."""
        from fontTools.pens.transformPen import TransformPen

        for piece in self.pieces:
            size = 1.0 / piece.typeface.units_per_em
            for glyph in piece.glyphs:
                at = (piece.x + glyph.x, glyph.y)
                piece.typeface.draw(glyph, TransformPen(pen, (size, 0.0, 0.0, size, *at)))


def letter(text: str, fonts: tuple[Path, ...] = ()) -> Lettering:
    """Return a text laid out in one line, right-to-left scripts as they are read.

    Args:
        text: at most one line; spaces at its ends and repeated ones count as in print.
        fonts: font files of the user's, tried before the built-in ones.

    Raises:
        MissingLetterError: no font has a letter.
    """
    text = unicodedata.normalize("NFC", text)
    choices = typefaces(text, fonts)
    missing = [character for character in text if not any(face.has(character) for face in choices)]
    if missing:
        raise MissingLetterError("".join(dict.fromkeys(missing)))
    pieces, along = [], 0.0
    for run, rightwards in _visual_runs(text):
        parts = [part for script_run in _script_runs(run) for part in _font_runs(script_run, choices)]
        for part, face in parts if rightwards else reversed(parts):
            glyphs, width = face.shape(part, rightwards)
            pieces.append(Piece(face, tuple(glyphs), along))
            along += width
    return Lettering(tuple(pieces), along)


def _visual_runs(text: str) -> Iterator[tuple[str, bool]]:
    """Return runs of one direction from left to right, each in reading order, and whether it reads rightwards.

    The Unicode bidirectional algorithm (UAX 9), by python-bidi, up to the reordering of single characters.
    """
    from bidi import algorithm

    storage = algorithm.get_empty_storage()
    storage["base_level"] = algorithm.get_base_level(text)
    storage["base_dir"] = ("L", "R")[storage["base_level"]]
    algorithm.get_embedding_levels(text, storage)
    for index, character in enumerate(storage["chars"]):
        character["index"] = index
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    algorithm.reorder_resolved_levels(storage, False)
    for level, characters in groupby(storage["chars"], key=lambda character: int(character["level"])):
        places = [int(character["index"]) for character in characters]
        # A slice, not the characters: the algorithm drops joiners, which change the form of letters.
        yield text[min(places) : max(places) + 1], level % 2 == 0


def _script_runs(text: str) -> Iterator[str]:
    """Return parts in one script each; signs that belong to all scripts go with what stands before them."""
    from fontTools.unicodedata import script

    start, current = 0, None
    for index, character in enumerate(text):
        own = script(character)
        if own in ("Zyyy", "Zinh"):
            continue
        if current is not None and own != current:
            yield text[start:index]
            start = index
        current = own
    if text:
        yield text[start:]


def _font_runs(text: str, choices: list[Typeface]) -> Iterator[tuple[str, Typeface]]:
    """Return parts with the font of each: one that has the whole text, else the first that has each cluster."""
    whole = next((face for face in choices if all(map(face.has, text))), None)
    if whole is not None:
        yield text, whole
        return
    faces = [
        (cluster, next((face for face in choices if all(map(face.has, cluster))), choices[0]))
        for cluster in _clusters(text)
    ]
    for face, group in groupby(faces, key=lambda pair: pair[1]):
        yield "".join(cluster for cluster, _ in group), face


def _clusters(text: str) -> list[str]:
    """Return letters with the marks that follow them."""
    clusters: list[str] = []
    for character in text:
        if clusters and unicodedata.category(character)[0] == "M":
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters
