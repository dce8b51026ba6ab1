"""Names in print: Latin, Greek and Cyrillic in a built-in font, any script with the extra `backfocus[names]`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from ..chart import Point
from ..errors import MissingLetterError, UserError
from .canvas import IGNORABLE, POINTS_PER_MM

EXTRA = ("uharfbuzz", "bidi", "weblate_fonts", "fontTools")
"""What the extra installs, by the names of import."""
INSTALL_EXTRA = "pip install 'backfocus[names]'"
FONT = "DejaVuSans"
"""DejaVu Sans, which extends Bitstream Vera by Greek and Cyrillic; its licence permits embedding, and its file
comes with matplotlib."""
UNSHAPED = ("LATIN ", "GREEK ", "CYRILLIC ", "MODIFIER LETTER ", "COMBINING ")
"""Unicode names of letters and marks that may be printed one after the other. The font has letters of other
scripts, too, but those would need to be joined, reordered or read from the right."""


class Lettering(Protocol):
    """A line of text, laid out for drawing; lengths are in ems from the start of its baseline, y up."""

    @property
    def width(self) -> float:
        """How far it reaches to the right."""

    @property
    def ink(self) -> tuple[float, float]:
        """How far it reaches below and above the baseline."""

    def draw(self, canvas: Any, at: Point, size: float) -> None:
        """Draw it on a reportlab canvas; the start of the baseline and the font size are in points."""


def letter(text: str, fonts: tuple[Path, ...] = ()) -> Lettering:
    """Return a text laid out in one line.

    Args:
        text: at most one line; spaces at its ends and repeated ones count as in print.
        fonts: font files of the user's, tried before the built-in ones; they need the extra.

    Raises:
        MissingLetterError: no font has a letter.
        UserError: a font cannot be used.
    """
    text = unicodedata.normalize("NFC", text)
    if has_extra():
        from .shaping import shape

        return shape(text, fonts)
    if fonts:
        raise UserError("A font of your own needs an extra.", f"Install it with: {INSTALL_EXTRA}")
    seen = "".join(character for character in text if character not in IGNORABLE)
    known = _built_in_font().face.charToGlyph
    missing = [character for character in seen if ord(character) not in known or not _stands_alone(character)]
    if missing:
        raise MissingLetterError(missing, f"For names in any script: {INSTALL_EXTRA}")
    return PlainText(seen)


def has_extra() -> bool:
    """Whether the extra `backfocus[names]` is installed."""
    return all(find_spec(name) is not None for name in EXTRA)


@dataclass(frozen=True)
class PlainText:
    """A line of text in the built-in font, one glyph a letter."""

    text: str

    @property
    def width(self) -> float:
        """Width in ems."""
        return float(_built_in_font().stringWidth(self.text, 1.0))

    @property
    def ink(self) -> tuple[float, float]:
        """How far letters of the font reach below and above the baseline, in ems."""
        face = _built_in_font().face
        return (face.descent / 1000.0, face.ascent / 1000.0)

    def draw(self, canvas: Any, at: Point, size: float) -> None:
        """Write the text on a reportlab canvas."""
        _built_in_font()
        canvas.setFont(FONT, size)
        canvas.drawString(*at, self.text)


def draw_lettering(canvas: Any, page_height_mm: float, lettering: Lettering, at: Point, size_mm: float) -> None:
    """Draw a line of text; `at` is the start of its baseline on the page, `size_mm` its font size."""
    canvas.setFillGray(0.0)
    place = (at[0] * POINTS_PER_MM, (page_height_mm - at[1]) * POINTS_PER_MM)
    lettering.draw(canvas, place, size_mm * POINTS_PER_MM)


@contextmanager
def spoken_as(canvas: Any, text: str) -> Iterator[None]:
    """Let all that is drawn inside be found, copied and read aloud as this text (PDF 32000-1, 14.9.4)."""
    hexadecimal = (b"\xfe\xff" + text.encode("utf-16-be", "replace")).hex().upper()
    canvas.addLiteral(f"/Span <</ActualText <{hexadecimal}>>> BDC")
    yield
    canvas.addLiteral("EMC")


def _stands_alone(character: str) -> bool:
    """Whether a character is printed as it is, whatever stands beside it."""
    return unicodedata.category(character)[0] not in "LMC" or unicodedata.name(character, "").startswith(UNSHAPED)


@cache
def _built_in_font() -> Any:
    """Return the font, known to reportlab."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    font = TTFont(FONT, str(_font_file()))
    pdfmetrics.registerFont(font)
    return font


def _font_file() -> Path:
    """Return where matplotlib has the font; it is loaded only where a system's packages keep its data elsewhere."""
    name = f"fonts/ttf/{FONT}.ttf"
    package = find_spec("matplotlib")
    usual = Path(package.origin if package and package.origin else "").parent / "mpl-data" / name
    if usual.is_file():
        return usual
    import matplotlib

    return Path(matplotlib.get_data_path()) / name
