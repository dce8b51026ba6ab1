"""Numbered charts with names for a workshop."""

from __future__ import annotations

import hashlib
import io
import math
import re
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from ..chart import Chart, Label, Point
from ..designs import build_chart
from ..errors import UserError
from ..ids import CELLS, ID_ALPHABET, ID_LENGTH, QR_MODULES, QR_QUIET_MODULES, id_from_digest
from ..parts import LINE_SPACING
from .canvas import BOLD, POINTS_PER_MM, REGULAR, PageCanvas, draw_chart_page, new_pdf, paragraph, register_fonts
from .lettering import Lettering, MissingLetterError, draw_lettering, letter, spoken_as
from .setup_page import draw_setup_page

# Ids for the charts of a pack.

_MISREAD = re.compile(r"[0-9]+(E[0-9]+)?|[0-9]*(JAN|FEB|MAR|APR|MAY|SEP|DEC)[0-9]*")
"""Ids that a spreadsheet takes for a number or a date, and would write back as one."""


def chart_ids(number: int, seed: str | None = None, taken: Collection[str] = ()) -> list[str]:
    """Return ids that differ from each other and from those that are taken.

    Without a seed they are random, so that two workshops never share one: 32^7 ids make a repetition among a
    thousand charts one in 70 000. With a seed, the same ones come again.
    """
    seen = set(taken)
    found: list[str] = []
    draws = _random() if seed is None else _seeded(seed)
    while len(found) < number:
        drawn = next(draws)
        if drawn not in seen and not _MISREAD.fullmatch(drawn):
            seen.add(drawn)
            found.append(drawn)
    return found


def _random() -> Iterator[str]:
    while True:
        yield "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))


def _seeded(seed: str) -> Iterator[str]:
    for index in count():
        digest = hashlib.sha256(f"{seed}\n{index}".encode("utf-8", "surrogatepass")).digest()
        yield id_from_digest(digest)


# Where a chart has room for a line of words: a strip of plain paper that nothing else needs.

PAGE_BORDER_MM = 6.0
"""Printers need 5 mm."""
CLEARANCE_MM = 1.0
"""Between the strip and other ink."""
HEIGHTS_MM, NARROWEST_MM, WIDEST_MM = (7.0, 6.0, 5.0, 4.4, 4.0, 3.6), 50.0, 130.0
"""Of the strip: the highest one with room for a name is taken."""
STEP_MM = 0.4


@dataclass(frozen=True)
class Strip:
    """An upright rectangle on the page, mm from the page's top-left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Height, mm."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """Width, mm."""
        return self.right - self.left


def free_line(chart: Chart) -> Strip:
    """Return the strip for a line of words: the highest one that is wide enough, as wide as can be.

    It keeps clear of the page's border, of all ink, of the plain paper that markers, QR code and measured edges
    need, and of the quiet zone around the AF mark.
    """
    register_fonts()
    taken = list(_taken(chart))
    for height in HEIGHTS_MM:
        strip = _widest(chart, taken, height)
        if strip is not None and strip.width >= NARROWEST_MM:
            spare = max(0.0, strip.width - WIDEST_MM) / 2
            return Strip(strip.left + spare, strip.top, strip.right - spare, strip.bottom)
    raise ValueError(f"no room for a name on {chart.design} {chart.paper}")


def _widest(chart: Chart, taken: list[Strip], height: float) -> Strip | None:
    """Return the widest free strip of a height; of equally wide ones, the middle one."""
    width_mm, height_mm = chart.page_mm
    found: list[Strip] = []
    steps = int((height_mm - 2 * PAGE_BORDER_MM - height) / STEP_MM)
    for index in range(max(0, steps) + 1):
        top = PAGE_BORDER_MM + index * STEP_MM
        hindering = sorted((box.left, box.right) for box in taken if box.top < top + height and box.bottom > top)
        left, widest = PAGE_BORDER_MM, (0.0, 0.0)
        for start, end in [*hindering, (width_mm - PAGE_BORDER_MM, width_mm)]:
            widest = max(widest, (min(start, width_mm - PAGE_BORDER_MM) - left, left))
            left = max(left, end)
        found.append(Strip(widest[1], top, widest[1] + widest[0], top + height))
    most = max((strip.width for strip in found), default=0.0)
    best = [strip for strip in found if strip.width > most - 0.01]
    return best[len(best) // 2] if best and most > 0 else None


def _taken(chart: Chart) -> Iterator[Strip]:
    """Return boxes around all that needs its place."""
    clear = CLEARANCE_MM
    for marker in chart.markers:
        corners = marker.corners_page_mm
        yield _around(corners, math.dist(corners[0], corners[1]) / CELLS)
    qr = chart.qr.corners_page_mm
    yield _around(qr, math.dist(qr[0], qr[1]) / QR_MODULES * QR_QUIET_MODULES)
    for edge in chart.edges:
        yield _around((edge.from_page_mm, edge.to_page_mm), edge.clear_mm)
    for polygon in chart.polygons:
        yield _around(polygon.points_page_mm, clear)
    for stroke in chart.strokes:
        yield _around((stroke.from_page_mm, stroke.to_page_mm), clear + stroke.width_mm / 2)
    for bar in chart.check_bars:
        yield _around((bar.from_page_mm, bar.to_page_mm), clear + 0.02 * bar.length_mm)
    for panel in chart.panels:
        if panel.hinge_page_mm is not None:
            yield _around(panel.hinge_page_mm, 2 * clear)
    for label in chart.labels:
        yield _around(_corners(label), clear)
    x, y = chart.af_mark_page_mm
    half_width, half_height = chart.quiet_zone_mm[0] / 2, chart.quiet_zone_mm[1] / 2
    yield Strip(x - half_width, y - half_height, x + half_width, y + half_height)


def _around(points: Iterable[Point], margin: float) -> Strip:
    xs, ys = zip(*points, strict=True)
    return Strip(min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin)


def _corners(label: Label) -> list[Point]:
    """Return the corners of a label's box."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    width = stringWidth(label.text, BOLD if label.bold else REGULAR, label.height_mm)
    left = {"start": 0.0, "middle": -width / 2, "end": -width}[label.anchor]
    turn = math.radians(label.turn_deg)
    along, up = (math.cos(turn), -math.sin(turn)), (-math.sin(turn), -math.cos(turn))
    x, y = label.at_page_mm
    return [
        (x + a * along[0] + u * up[0], y + a * along[1] + u * up[1])
        for a in (left, left + width)
        for u in (-0.25 * label.height_mm, 0.95 * label.height_mm)
    ]


# Number and name on a chart, in the strip that is free for them.

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
            UserError: the name is too long for a size that can be read.
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
            raise UserError(
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


# The cover sheet of a pack: what it is, what to do with it, and who has which chart.

MARGIN, GUTTER = 15.0, 8.0
TITLE_MM, SMALLEST_TITLE_MM = 8.0, 3.5
TEXT_MM, ROW_MM, HEAD_MM = 3.4, 6.2, 6.0
COLUMN_MM = 82.0
"""At least; as many columns as fit."""
NAME_LEFT_MM, ID_LEFT_MM = 35.0, 11.0
LOGO_MM = (50.0, 22.0)
"""Room for the logo, width and height."""

Row = tuple[int, str, Lettering]


@dataclass(frozen=True)
class Cover:
    """What is on the cover sheet; `title_text` is the title as plain text."""

    title_text: str
    title: Lettering
    rows: tuple[Row, ...]
    logo: bytes | None
    setup_each: bool


def draw_cover(canvas: Any, cover: Cover, chart: Chart) -> None:
    """Draw the cover sheet, and further ones where the list is long."""
    page = PageCanvas(canvas, chart.page_mm[1])
    canvas.bookmarkPage("cover")
    canvas.addOutlineEntry("Cover sheet", "cover")
    top = _draw_head(canvas, page, cover, chart)
    rows = list(cover.rows)
    while rows:
        rows = _draw_rows(canvas, page, chart, rows, top)
        canvas.showPage()
        top = MARGIN


def _draw_head(canvas: Any, page: PageCanvas, cover: Cover, chart: Chart) -> float:
    """Draw title, logo and advice; return where the list begins."""
    width, height = chart.page_mm
    if cover.logo is not None:
        _draw_logo(canvas, cover.logo, width - MARGIN, height - MARGIN)
    room = width - 2 * MARGIN - (LOGO_MM[0] + GUTTER if cover.logo is not None else 0.0)
    size = min(TITLE_MM, room / max(cover.title.width, 1.0))
    if size < SMALLEST_TITLE_MM:
        raise UserError("The title is too long for one line of the cover sheet; shorten it.")
    with spoken_as(canvas, cover.title_text):
        draw_lettering(canvas, height, cover.title, (MARGIN, MARGIN + TITLE_MM), size)
    about = f"{len(cover.rows)} charts, design {chart.design}, paper {chart.paper.title()}"
    page.label(Label(about, (MARGIN, MARGIN + TITLE_MM + 8.0), 4.0, bold=True))
    baseline = MARGIN + TITLE_MM + 16.0
    for text in _advice(cover, chart):
        lines = paragraph(text, (MARGIN, baseline), room, TEXT_MM)
        for label in lines:
            page.label(label)
        baseline = lines[-1].at_page_mm[1] + (LINE_SPACING + 0.4) * TEXT_MM
    return baseline + 2.0


def _advice(cover: Cover, chart: Chart) -> Sequence[str]:
    setup = "The page after every chart tells" if cover.setup_each else "The next page tells"
    stand = ""
    if chart.design == "flat" and not cover.setup_each:
        stand = " It also has the stand to cut out: print it once for every chart."
    return (
        f"Print all pages one-sided at 100 %, never fitted to the page. Check one: its bars must measure "
        f"{chart.check_bars[0].length_mm:g} mm.",
        f"{setup} how to set a chart up.{stand}",
        "Every chart has an id of its own, in print and in its QR code, so photos need no names: collect them in "
        "one folder and run  backfocus score FOLDER --names IDS.csv  with the list that came with this pack.",
    )


def _draw_logo(canvas: Any, logo: bytes, right: float, upper: float) -> None:
    """Draw the logo as large as fits, its top-right corner at `right` and `upper` (mm from the page's bottom)."""
    from reportlab.lib.utils import ImageReader

    picture = ImageReader(io.BytesIO(logo))
    width, height = picture.getSize()
    scale = min(LOGO_MM[0] / width, LOGO_MM[1] / height) * POINTS_PER_MM
    canvas.drawImage(
        picture,
        right * POINTS_PER_MM - width * scale,
        upper * POINTS_PER_MM - height * scale,
        width * scale,
        height * scale,
        mask="auto",
    )


def _draw_rows(canvas: Any, page: PageCanvas, chart: Chart, rows: list[Row], top: float) -> list[Row]:
    """Draw as much of the list as has room in columns below `top`; return the rest."""
    width, height = chart.page_mm
    columns = max(1, int((width - 2 * MARGIN + GUTTER) / (COLUMN_MM + GUTTER)))
    column = (width - 2 * MARGIN + GUTTER) / columns - GUTTER
    room = int((height - MARGIN - top - HEAD_MM) / ROW_MM)
    each = min(room, -(-len(rows) // columns))
    for index in range(min(columns, -(-len(rows) // each))):
        left = MARGIN + index * (column + GUTTER)
        for text, offset in (("No.", 0.0), ("Chart id", ID_LEFT_MM), ("Name", NAME_LEFT_MM)):
            page.label(Label(text, (left + offset, top + TEXT_MM), TEXT_MM, bold=True))
        page.line(((left, top + HEAD_MM - 1.0), (left + column, top + HEAD_MM - 1.0)), 0.25)
        for line, row in enumerate(rows[index * each : (index + 1) * each]):
            baseline = top + HEAD_MM + (line + 0.7) * ROW_MM
            _draw_row(canvas, page, chart, row, (left, baseline), column - NAME_LEFT_MM)
            page.line(((left, baseline + 0.28 * ROW_MM), (left + column, baseline + 0.28 * ROW_MM)), 0.1, grey=0.7)
    return rows[columns * each :]


def _draw_row(canvas: Any, page: PageCanvas, chart: Chart, row: Row, at: tuple[float, float], room: float) -> None:
    number, chart_id, name = row
    left, baseline = at
    page.label(Label(str(number), (left, baseline), TEXT_MM))
    page.label(Label(chart_id, (left + ID_LEFT_MM, baseline), TEXT_MM))
    size = min(TEXT_MM, room / max(name.width, 1.0))
    draw_lettering(canvas, chart.page_mm[1], name, (left + NAME_LEFT_MM, baseline), size)


# A pack: who gets which chart, and the PDF of all of them.


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
        UserError: a name cannot be printed, or there is no such chart.
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
        UserError: some cannot be printed; all of those are named.
    """
    names, complaints = [], []
    for one in pack.participants:
        try:
            names.append(letter(one.name, pack.fonts))
        except MissingLetterError as error:
            complaints.append(f"number {one.number}, {one.name!r} ({_told(error.letters)})")
    if complaints:
        raise UserError(
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
        raise UserError(
            f"No font here has all letters of the title ({_told(error.letters)}). "
            "Give a font that has them with --font FILE.ttf."
        ) from None
    rows = [(one.number, one.chart_id, name) for one, name in zip(pack.participants, names, strict=True)]
    return Cover(pack.title, title, tuple(rows), pack.logo, pack.setup_each)
