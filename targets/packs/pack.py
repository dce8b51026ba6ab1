"""A pack: who gets which chart, and the PDF of all of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backfocus.targets.chart import Chart
from backfocus.targets.designs import build_chart
from backfocus.targets.packs.cover import Cover, draw_cover
from backfocus.targets.packs.errors import PackError
from backfocus.targets.packs.free_line import free_line
from backfocus.targets.packs.letters.lettering import Lettering, MissingLetterError, letter
from backfocus.targets.packs.name_line import NameLine
from backfocus.targets.printing.chart_page import draw_chart_page
from backfocus.targets.printing.page_canvas import PageCanvas, new_pdf
from backfocus.targets.printing.setup import draw_setup_page


@dataclass(frozen=True)
class Participant:
    """One chart of a pack; `name` is empty for a chart that anyone may take."""

    number: int
    chart_id: str
    name: str


@dataclass(frozen=True)
class Pack:
    """What a pack is made of.

    Attributes:
        logo: the bytes of a PNG or JPEG picture for the cover sheet, or None.
        fonts: font files of the user's, tried before the built-in ones.
        setup_each: follow every chart with the page on how to set it up, not the cover sheet only.
    """

    design: str
    paper: str
    title: str
    participants: tuple[Participant, ...]
    logo: bytes | None = None
    fonts: tuple[Path, ...] = ()
    setup_each: bool = False


def pack_pdf(pack: Pack) -> bytes:
    """Return the PDF: the cover sheet, how to set a chart up, and every chart.

    The charts are those of `build_chart`, to the last line; number and name are printed where nothing is measured.

    Raises:
        PackError: a name cannot be printed, or there is no such chart.
        ChartError: there is no such design, paper or id.
    """
    names = _lettered(pack)
    charts = [build_chart(pack.design, pack.paper, chart_id=one.chart_id) for one in pack.participants]
    lines = _name_lines(pack, names, charts[0])
    buffer, page_mm = io.BytesIO(), charts[0].page_mm
    canvas = new_pdf(buffer, page_mm, pack.title, "Autofocus test charts, to be printed at 100 %")
    canvas.setViewerPreference("Duplex", "Simplex")
    draw_cover(canvas, _cover(pack, names), charts[0])
    _mark(canvas, "How to set a chart up", "setup")
    draw_setup_page(canvas, charts[0])
    canvas.showPage()
    for chart, line in zip(charts, lines, strict=True):
        _mark(canvas, line.text, chart.id)
        draw_chart_page(PageCanvas(canvas, page_mm[1]), chart)
        line.draw(canvas, page_mm[1])
        canvas.showPage()
        if pack.setup_each:
            draw_setup_page(canvas, chart)
            canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _mark(canvas: Any, text: str, key: str) -> None:
    canvas.bookmarkPage(key)
    canvas.addOutlineEntry(text, key)


def _lettered(pack: Pack) -> list[Lettering]:
    """Return every name as glyphs.

    Raises:
        PackError: some cannot be printed; all of those are named.
    """
    names, complaints = [], []
    for one in pack.participants:
        try:
            names.append(letter(one.name, pack.fonts))
        except MissingLetterError as error:
            complaints.append(f"number {one.number}, {one.name!r} ({_told(error.letters)})")
    if complaints:
        raise PackError(
            f"No font here has all letters of {'; '.join(complaints)}. "
            "Give a font that has them with --font FILE.ttf, or write the name in other letters."
        )
    return names


def _told(letters: str) -> str:
    return ", ".join(f"U+{ord(character):04X}" for character in letters[:5]) + (" ..." if letters[5:] else "")


def _name_lines(pack: Pack, names: Sequence[Lettering], chart: Chart) -> list[NameLine]:
    """Return what is printed on every chart; the room for it is the same on all."""
    strip = free_line(chart)
    return [
        NameLine.fitted(one.number, one.name, name, strip)
        for one, name in zip(pack.participants, names, strict=True)
    ]


def _cover(pack: Pack, names: Sequence[Lettering]) -> Cover:
    try:
        title = letter(pack.title, pack.fonts)
    except MissingLetterError as error:
        raise PackError(
            f"No font here has all letters of the title ({_told(error.letters)}). "
            "Give a font that has them with --font FILE.ttf."
        ) from None
    rows = [(one.number, one.chart_id, name) for one, name in zip(pack.participants, names, strict=True)]
    return Cover(pack.title, title, tuple(rows), pack.logo, pack.setup_each)
