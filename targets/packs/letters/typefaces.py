"""Fonts for names in any script, and their glyphs as outlines.

Letters are drawn as outlines: this serves every kind of font file and every script that HarfBuzz can shape, and
no printer can put a letter of its own in their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from backfocus.targets.packs.errors import PackError

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
            raise PackError(f"Cannot read the font {self.path.name}.") from None
        if not face.glyph_count:
            raise PackError(f"{self.path.name} is no font (TrueType or OpenType).")
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
