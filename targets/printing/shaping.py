"""A line of text in any script as outlines; needs the extra `backfocus[names]`.

Letters are drawn as outlines: this serves every kind of font file and every script that HarfBuzz can shape, and no
printer can put a letter of its own in their place.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import uharfbuzz
import weblate_fonts
from bidi import algorithm
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.reportLabPen import ReportLabPen
from fontTools.pens.transformPen import TransformPen
from fontTools.unicodedata import script

from ..chart import Point
from ..errors import MissingLetterError, UserError
from .canvas import IGNORABLE

FAMILY = Path(str(weblate_fonts.__file__)).parent / "static/weblate_fonts/kurinto/ttf"
GENERAL = "KurintoSans-Rg.ttf"
EAST_ASIAN = {part: f"KurintoSans{part}-Rg.ttf" for part in ("SC", "TC", "JP", "KR")}
"""Kurinto Sans (SIL Open Font License): one file for the scripts of the world, and one each for the ways in which
simplified and traditional Chinese, Japanese and Korean write Han characters."""
NON_ZERO = 1
"""Reportlab's name for the fill rule of fonts, whose outlines may overlap."""


def shape(text: str, fonts: tuple[Path, ...] = ()) -> ShapedText:
    """Return a text laid out in one line, right-to-left scripts as they are read.

    Args:
        text: at most one line, in Unicode's composed form.
        fonts: font files of the user's, tried before the built-in ones.

    Raises:
        MissingLetterError: no font has a letter.
        UserError: a font cannot be read.
    """
    choices = _typefaces(text, fonts)
    missing = [character for character in text if not any(face.has(character) for face in choices)]
    if missing:
        raise MissingLetterError(
            missing, "Give a font that has them with --font FILE.ttf, or write them in other letters."
        )
    pieces, along = [], 0.0
    for run, rightwards in _visual_runs(text):
        parts = [part for script_run in _script_runs(run) for part in _font_runs(script_run, choices)]
        for part, face in parts if rightwards else reversed(parts):
            glyphs, width = face.shape(part, rightwards)
            pieces.append(Piece(face, tuple(glyphs), along))
            along += width
    return ShapedText(tuple(pieces), along)


@dataclass(frozen=True)
class Glyph:
    """One glyph of a shaped text: which, and where its origin lies, in ems from the origin of the text."""

    number: int
    x: float
    y: float


class Typeface:
    """A font file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def has(self, character: str) -> bool:
        """Whether the font can draw a character, or need not draw anything for it."""
        if character in IGNORABLE:
            return True
        number = self._font.get_nominal_glyph(ord(character))
        if not number:
            return False
        # A font of coloured pictures has glyphs without outlines, which would leave a blank.
        extents = self._font.get_glyph_extents(number)
        return character.isspace() or (extents is not None and extents.height != 0)

    def shape(self, text: str, rightwards: bool) -> tuple[list[Glyph], float]:
        """Return glyphs from left to right, and the text's width in ems; the text is in one script."""
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "ltr" if rightwards else "rtl"
        uharfbuzz.shape(self._font, buffer)
        glyphs, along, em = [], 0.0, float(self.units_per_em)
        for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            glyphs.append(Glyph(info.codepoint, (along + at.x_offset) / em, at.y_offset / em))
            along += at.x_advance
        return glyphs, along / em

    def draw(self, glyph: Glyph, pen: Any) -> None:
        """Draw a glyph with a fontTools pen, in units of 1/`units_per_em`, from the glyph's own origin."""
        self._font.draw_glyph_with_pen(glyph.number, pen)

    @property
    def units_per_em(self) -> int:
        """Units of the outlines in one em."""
        return int(self._font.face.upem)

    @cached_property
    def _font(self) -> Any:
        try:
            face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(self.path)))
        except (OSError, uharfbuzz.HarfBuzzError):
            raise UserError(f"Cannot read the font {self.path.name}.") from None
        if not face.glyph_count:
            raise UserError(f"{self.path.name} is no font (TrueType or OpenType).")
        return uharfbuzz.Font(face)


@dataclass(frozen=True)
class Piece:
    """Glyphs of one font; `x` is where they begin, in ems."""

    typeface: Typeface
    glyphs: tuple[Glyph, ...]
    x: float


@dataclass(frozen=True)
class ShapedText:
    """A line of text as glyphs, in ems from the start of its baseline, y up."""

    pieces: tuple[Piece, ...]
    width: float

    @cached_property
    def ink(self) -> tuple[float, float]:
        """How far the ink reaches below and above the baseline, in ems."""
        pen = BoundsPen(None)
        self._draw(pen)
        _, lowest, _, highest = pen.bounds or (0.0, 0.0, 0.0, 0.0)
        return min(0.0, lowest), max(0.0, highest)

    def draw(self, canvas: Any, at: Point, size: float) -> None:
        """Fill the letters on a reportlab canvas; the start of the baseline and the font size are in points."""
        path = canvas.beginPath()
        self._draw(TransformPen(_PathPen(None, path), (size, 0.0, 0.0, size, *at)))
        canvas.drawPath(path, stroke=0, fill=1, fillMode=NON_ZERO)

    def _draw(self, pen: Any) -> None:
        for piece in self.pieces:
            size = 1.0 / piece.typeface.units_per_em
            for glyph in piece.glyphs:
                at = (piece.x + glyph.x, glyph.y)
                piece.typeface.draw(glyph, TransformPen(pen, (size, 0.0, 0.0, size, *at)))


class _PathPen(ReportLabPen):  # type: ignore[misc]
    """Draws on a path of a PDF page; such a one has another word for closing."""

    def _closePath(self) -> None:  # noqa: N802
        self.path.close()


def _typefaces(text: str, first: tuple[Path, ...]) -> list[Typeface]:
    """Return the fonts to try for a text, in order; `first` are the user's own.

    Which way to write Han characters follows from the other letters in the text: Japanese with kana, Korean with
    Hangul, else Chinese.
    """
    order = ["SC", "TC", "JP", "KR"]
    if any("\u3040" <= letter <= "\u30ff" for letter in text):
        order.insert(0, "JP")
    elif any("\uac00" <= letter <= "\ud7a3" for letter in text):
        order.insert(0, "KR")
    files = [GENERAL, *(EAST_ASIAN[part] for part in dict.fromkeys(order))]
    return [_opened(path) for path in (*first, *(FAMILY / name for name in files))]


@cache
def _opened(path: Path) -> Typeface:
    return Typeface(path)


def _visual_runs(text: str) -> Iterator[tuple[str, bool]]:
    """Return runs of one direction from left to right, each in reading order, and whether it reads rightwards.

    The Unicode bidirectional algorithm (UAX 9), by python-bidi, up to the reordering of single characters.
    """
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
