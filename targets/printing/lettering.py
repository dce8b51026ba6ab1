"""Names in any script as outlines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from ..chart import Point
from ..errors import UserError
from .canvas import POINTS_PER_MM

# What keeps a pack from being made.


# Fonts for names in any script, and their glyphs as outlines.
#
# Letters are drawn as outlines: this serves every kind of font file and every script that HarfBuzz can shape, and
# no printer can put a letter of its own in their place.

_FAMILY = "static/weblate_fonts/kurinto/ttf"
_GENERAL = "KurintoSans-Rg.ttf"
_EAST_ASIAN = {part: f"KurintoSans{part}-Rg.ttf" for part in ("SC", "TC", "JP", "KR")}
"""Kurinto Sans (SIL Open Font License): one file for the scripts of the world, and one each for the ways in which
simplified and traditional Chinese, Japanese and Korean write Han characters."""
_IGNORABLE = frozenset("\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff") | frozenset(
    chr(code)
    for span in ((0x180B, 0x180F), (0x202A, 0x202E), (0x2066, 0x2069), (0xFE00, 0xFE0F))
    for code in range(span[0], span[1] + 1)
)
"""Characters that are seen only in what they do to others (Unicode: Default_Ignorable_Code_Point)."""


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
        if character in _IGNORABLE:
            return True
        number = self._font.get_nominal_glyph(ord(character))
        if not number:
            return False
        # A font of coloured pictures has glyphs without outlines, which would leave a blank.
        extents = self._font.get_glyph_extents(number)
        return character.isspace() or (extents is not None and extents.height != 0)

    def shape(self, text: str, rightwards: bool) -> tuple[list[Glyph], float]:
        """Return glyphs from left to right, and the text's width in ems; the text is in one script."""
        import uharfbuzz

        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "ltr" if rightwards else "rtl"
        uharfbuzz.shape(self._font, buffer)
        glyphs, along, em = [], 0.0, float(self._face.upem)
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
        return int(self._face.upem)

    @cached_property
    def _face(self) -> Any:
        import uharfbuzz

        try:
            face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(self.path)))
        except (OSError, uharfbuzz.HarfBuzzError):
            raise UserError(f"Cannot read the font {self.path.name}.") from None
        if not face.glyph_count:
            raise UserError(f"{self.path.name} is no font (TrueType or OpenType).")
        return face

    @cached_property
    def _font(self) -> Any:
        import uharfbuzz

        return uharfbuzz.Font(self._face)


def typefaces(text: str, first: tuple[Path, ...] = ()) -> list[Typeface]:
    """Return the fonts to try for a text, in order; `first` are the user's own.

    Which way to write Han characters follows from the other letters in the text: Japanese with kana, Korean with
    Hangul, else Chinese.
    """
    order = ["SC", "TC", "JP", "KR"]
    if any("\u3040" <= letter <= "\u30ff" for letter in text):
        order.insert(0, "JP")
    elif any("\uac00" <= letter <= "\ud7a3" for letter in text):
        order.insert(0, "KR")
    files = [_GENERAL, *(_EAST_ASIAN[part] for part in dict.fromkeys(order))]
    return [_opened(path) for path in (*first, *(_family_folder() / name for name in files))]


@cache
def _opened(path: Path) -> Typeface:
    return Typeface(path)


@cache
def _family_folder() -> Path:
    import weblate_fonts

    return Path(str(weblate_fonts.__file__)).parent / _FAMILY


# A line of text in any script, laid out for drawing.


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


# Lettering and pictures on a page of a PDF, placed in millimetres from the page's top-left corner.

NON_ZERO = 1
"""Reportlab's name for the fill rule of fonts, whose outlines may overlap."""


def draw_lettering(canvas: Any, page_height_mm: float, lettering: Lettering, at: Point, size_mm: float) -> None:
    """Fill the letters; `at` is the start of the baseline, `size_mm` the font size."""
    from fontTools.pens.reportLabPen import ReportLabPen
    from fontTools.pens.transformPen import TransformPen

    class PathPen(ReportLabPen):  # type: ignore[misc]
        """Draws on a path of a PDF page; such a one has another word for closing."""

        def _closePath(self) -> None:  # noqa: N802
            self.path.close()

    path = canvas.beginPath()
    size = size_mm * POINTS_PER_MM
    x, y = at[0] * POINTS_PER_MM, (page_height_mm - at[1]) * POINTS_PER_MM
    lettering.draw(TransformPen(PathPen(None, path), (size, 0.0, 0.0, size, x, y)))
    canvas.setFillGray(0.0)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=NON_ZERO)


@contextmanager
def spoken_as(canvas: Any, text: str) -> Iterator[None]:
    """Let all that is drawn inside be found, copied and read aloud as this text (PDF 32000-1, 14.9.4)."""
    hexadecimal = (b"\xfe\xff" + text.encode("utf-16-be", "replace")).hex().upper()
    canvas.addLiteral(f"/Span <</ActualText <{hexadecimal}>>> BDC")
    yield
    canvas.addLiteral("EMC")
