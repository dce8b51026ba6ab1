"""Number and name on a chart, in the strip that is free for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backfocus.targets.packs.errors import PackError
from backfocus.targets.packs.free_line import Strip
from backfocus.targets.packs.letters.drawing import draw_lettering, spoken_as
from backfocus.targets.packs.letters.lettering import Lettering
from backfocus.targets.printing.page_canvas import BOLD, POINTS_PER_MM

SIZE_OF_STRIP = 0.66
"""Font size over the strip's height: leaves room for marks above and tails below."""
SMALLEST_MM = 1.9
"""Font size that most people still read at arm's length."""
LARGEST_MM = 4.6
GAP_EMS = 0.7


@dataclass(frozen=True)
class NameLine:
    """Number and name of one chart, laid out.

    Attributes:
        number_text: for example "No. 3".
        number_ems: its width.
        size_mm: font size of both.
    """

    number_text: str
    number_ems: float
    name: str
    lettering: Lettering
    strip: Strip
    size_mm: float

    @classmethod
    def fitted(cls, number: int, name: str, lettering: Lettering, strip: Strip) -> NameLine:
        """Return the line in the largest size that has room; the fonts of the page are registered.

        Raises:
            PackError: the name is too long for a size that can be read.
        """
        from reportlab.pdfbase.pdfmetrics import stringWidth

        text = f"No. {number}"
        number_ems = stringWidth(text, BOLD, 1.0)
        ems = number_ems + (GAP_EMS + lettering.width if name else 0.0)
        lowest, highest = lettering.ink
        size = min(
            LARGEST_MM,
            SIZE_OF_STRIP * strip.height,
            strip.height / max(highest - lowest, 1.0),
            strip.width / ems,
        )
        if size < SMALLEST_MM:
            raise PackError(
                f"The name of number {number}, {name!r}, is too long for the chart: shorten it to about "
                f"{int(len(name) * size / SMALLEST_MM)} letters."
            )
        return cls(text, number_ems, name, lettering, strip, size)

    @property
    def text(self) -> str:
        """What is printed, as plain text."""
        return f"{self.number_text}  {self.name}".rstrip()

    def draw(self, canvas: Any, page_height_mm: float) -> None:
        """Draw the line in the middle of its strip."""
        width = (self.number_ems + (GAP_EMS + self.lettering.width if self.name else 0.0)) * self.size_mm
        left = (self.strip.left + self.strip.right - width) / 2
        with spoken_as(canvas, self.text):
            canvas.setFillGray(0.0)
            canvas.setFont(BOLD, self.size_mm * POINTS_PER_MM)
            canvas.drawString(
                left * POINTS_PER_MM, (page_height_mm - self._baseline) * POINTS_PER_MM, self.number_text
            )
            name_left = left + (self.number_ems + GAP_EMS) * self.size_mm
            draw_lettering(canvas, page_height_mm, self.lettering, (name_left, self._baseline), self.size_mm)

    @property
    def _baseline(self) -> float:
        """So that the ink is in the middle of the strip."""
        lowest, highest = self.lettering.ink
        middle = (min(lowest, -0.2) + max(highest, 0.75)) / 2
        return (self.strip.top + self.strip.bottom) / 2 + middle * self.size_mm
