"""Numbered charts with names for a workshop: a cover sheet, how to set a chart up, and a chart for each."""

from __future__ import annotations

import hashlib
import io
import math
import re
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from ..chart import Chart, Label, Point
from ..designs import build_chart
from ..errors import MissingLetterError, UserError
from ..ids import CELLS, ID_ALPHABET, ID_LENGTH, QR_MODULES, QR_QUIET_MODULES, id_from_digest
from ..sheet import LINE_SPACING
from .canvas import POINTS_PER_MM, PageCanvas, draw_chart_page, new_pdf, paragraph, text_width
from .lettering import Lettering, draw_lettering, letter, spoken_as
from .setup_page import draw_setup_page, name_strip_mm

PAGE_BORDER_MM = 6.0
"""Printers need 5 mm."""
CLEARANCE_MM = 1.0
"""Between the strip for a name and other ink."""
HEIGHTS_MM, NARROWEST_MM, WIDEST_MM = (7.0, 6.0, 5.0, 4.4, 4.0, 3.6), 50.0, 130.0
"""Of the strip for a name: the highest one with room is taken."""
STEP_MM = 0.4
SIZE_OF_STRIP = 0.66
"""Font size of a name over the strip's height: leaves room for marks above and tails below."""
SMALLEST_MM, LARGEST_MM = 1.9, 4.6
"""Font sizes of a name; most people still read the smallest at arm's length."""
GAP_EMS = 0.7

MARGIN, GUTTER = 15.0, 8.0
"""Of the cover sheet."""
TITLE_MM, SMALLEST_TITLE_MM = 8.0, 3.5
TEXT_MM, ROW_MM, HEAD_MM = 3.4, 6.2, 6.0
COLUMN_MM = 82.0
"""At least; as many columns as fit."""
NAME_LEFT_MM, ID_LEFT_MM = 35.0, 11.0
LOGO_MM = (50.0, 22.0)
"""Room for the logo, width and height."""
LARGEST_LOGO = (20_000_000, 50_000_000)
"""Bytes and pixels: more would make every print of the cover slow."""

_MISREAD = re.compile(r"[0-9]+(E[0-9]+)?|[0-9]*(JAN|FEB|MAR|APR|MAY|SEP|DEC)[0-9]*")
"""Ids that a spreadsheet takes for a number or a date, and would write back as one."""


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
        day: when it is, printed below the title; empty for nothing.
    """

    design: str
    paper: str
    title: str
    participants: tuple[Participant, ...]
    logo: bytes | None = None
    fonts: tuple[Path, ...] = ()
    setup_each: bool = False
    day: str = ""


def pack_pdf(pack: Pack) -> bytes:
    """Return the PDF: the cover sheet, how to set a chart up, and every chart.

    The charts are those of `build_chart`, to the last line; number and name are printed where nothing is measured.

    Raises:
        UserError: names or the title cannot be printed; all of them are told at once.
        ChartError: there is no such design, paper or id.
    """
    charts = [build_chart(pack.design, pack.paper, chart_id=one.chart_id) for one in pack.participants]
    # The room for a name is the same on all.
    lines, title, complaints = _lettered(pack, free_line(charts[0]))
    if complaints or title is None:
        raise UserError(" ".join(complaints))
    buffer, page_mm = io.BytesIO(), charts[0].page_mm
    canvas = new_pdf(buffer, page_mm, pack.title, "Autofocus test charts, to be printed at 100 %")
    canvas.setViewerPreference("Duplex", "Simplex")
    _bookmark(canvas, "Cover sheet", "cover")
    _Cover(canvas, charts[0], pack, title, lines).draw()
    _bookmark(canvas, "How to set a chart up", "setup")
    draw_setup_page(canvas, charts[0], in_pack=True, for_all=True)
    canvas.showPage()
    for chart, line in zip(charts, lines, strict=True):
        _bookmark(canvas, line.text, chart.id)
        draw_chart_page(PageCanvas(canvas, page_mm[1]), chart)
        line.draw(canvas, page_mm[1])
        canvas.showPage()
        if pack.setup_each:
            draw_setup_page(canvas, chart, in_pack=True)
            line.at_the_right_of(Strip(*name_strip_mm(chart))).draw(canvas, page_mm[1])
            canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def name_complaints(pack: Pack) -> list[str]:
    """Return what hinders names and title from being printed, each in a sentence or two, whatever the ids."""
    return _lettered(pack, free_line(build_chart(pack.design, pack.paper)))[2]


def opened_logo(content: bytes, name: str) -> Any:
    """Return a picture (of Pillow) that can be printed, its pixels read.

    Args:
        content: of its file.
        name: safe to print.

    Raises:
        UserError: it is none, or too large.
    """
    from PIL import Image, UnidentifiedImageError

    if len(content) > LARGEST_LOGO[0]:
        raise UserError(f"{name} is over 20 MB; make the logo smaller.")
    try:
        picture = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
        if picture.width * picture.height > LARGEST_LOGO[1]:
            raise UserError(f"{name} has over 50 megapixels; make the logo smaller.")
        picture.load()
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, Image.DecompressionBombError):
        raise UserError(f"{name} is no PNG or JPEG picture that can be read.") from None
    return picture


def chart_ids(number: int, seed: str | None = None, taken: Collection[str] = ()) -> list[str]:
    """Return ids that differ from each other and from those that are taken.

    Without a seed they are random, so that two workshops never share one: 32^7 ids make a repetition among a
    thousand charts one in 70 000. With a seed, the same ones come again.
    """
    seen = set(taken)
    found: list[str] = []
    for index in count():
        if len(found) == number:
            break
        drawn = _random_id() if seed is None else _seeded_id(seed, index)
        if drawn not in seen and not _MISREAD.fullmatch(drawn):
            seen.add(drawn)
            found.append(drawn)
    return found


def _random_id() -> str:
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))


def _seeded_id(seed: str, index: int) -> str:
    return id_from_digest(hashlib.sha256(f"{seed}\n{index}".encode("utf-8", "surrogatepass")).digest())


def _bookmark(canvas: Any, text: str, key: str) -> None:
    canvas.bookmarkPage(key)
    canvas.addOutlineEntry(text, key)


def _lettered(pack: Pack, strip: Strip) -> tuple[list[NameLine], Lettering | None, list[str]]:
    """Return what is printed on every chart, the title, and all that cannot be printed, in sentences."""
    lines, title, missing, too_long, remedy = [], None, [], [], ""
    for one in pack.participants:
        try:
            line = NameLine(one, letter(one.name, pack.fonts), strip)
        except MissingLetterError as error:
            missing.append(f"number {one.number}, {one.name!r} ({error.told})")
            remedy = error.remedy
            continue
        lines.append(line)
        if line.size_mm < SMALLEST_MM:
            letters = int(len(one.name) * line.size_mm / SMALLEST_MM)
            too_long.append(f"number {one.number}, {one.name!r} (shorten it to about {letters} letters)")
    try:
        title = letter(pack.title, pack.fonts)
    except MissingLetterError as error:
        missing.append(f"the title ({error.told})")
        remedy = error.remedy
    complaints = []
    if missing:
        complaints.append(f"No font here has all letters of {'; '.join(missing)}. {remedy}")
    if too_long:
        complaints.append(f"Too long for the chart: {'; '.join(too_long)}.")
    return lines, title, complaints


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


@dataclass(frozen=True)
class NameLine:
    """Number and name of one chart, in the middle of a strip, as large as there is room."""

    owner: Participant
    lettering: Lettering
    strip: Strip

    @property
    def text(self) -> str:
        """What is printed, as plain text."""
        return f"{self._number}  {self.owner.name}".rstrip()

    @property
    def size_mm(self) -> float:
        """Font size of both; the fonts of the page are registered."""
        lowest, highest = self.lettering.ink
        height = self.strip.height
        return min(
            LARGEST_MM, SIZE_OF_STRIP * height, height / max(highest - lowest, 1.0), self.strip.width / self._ems
        )

    def at_the_right_of(self, strip: Strip) -> NameLine:
        """Return the same line, moved to the right end of another strip."""
        width = self._ems * replace(self, strip=strip).size_mm
        return replace(self, strip=replace(strip, left=strip.right - width))

    def draw(self, canvas: Any, page_height_mm: float) -> None:
        """Draw the line with its ink in the middle of the strip."""
        size, strip = self.size_mm, self.strip
        lowest, highest = self.lettering.ink
        baseline = (strip.top + strip.bottom) / 2 + (min(lowest, -0.2) + max(highest, 0.75)) / 2 * size
        left = (strip.left + strip.right - self._ems * size) / 2
        with spoken_as(canvas, self.text):
            page = PageCanvas(canvas, page_height_mm)
            page.label(Label(self._number, (left, baseline), size, bold=True))
            name_left = left + (self._number_ems + GAP_EMS) * size
            draw_lettering(canvas, page_height_mm, self.lettering, (name_left, baseline), size)

    @property
    def _number(self) -> str:
        return f"No. {self.owner.number}"

    @property
    def _number_ems(self) -> float:
        return text_width(self._number, 1.0, bold=True)

    @property
    def _ems(self) -> float:
        return self._number_ems + (GAP_EMS + self.lettering.width if self.owner.name else 0.0)


def free_line(chart: Chart) -> Strip:
    """Return the strip for a line of words: the highest one that is wide enough, as wide as can be.

    It keeps clear of the page's border, of all ink, of the plain paper that markers, QR code and measured edges
    need, and of the quiet zone around the AF mark.
    """
    taken = list(_taken(chart))
    for height in HEIGHTS_MM:
        strip = _widest(chart, taken, height)
        if strip.width >= NARROWEST_MM:
            spare = max(0.0, strip.width - WIDEST_MM) / 2
            return Strip(strip.left + spare, strip.top, strip.right - spare, strip.bottom)
    raise ValueError(f"no room for a name on {chart.design} {chart.paper}")


def _widest(chart: Chart, taken: list[Strip], height: float) -> Strip:
    """Return the widest free strip of a height; of equally wide ones, the middle one."""
    end_of_page = chart.page_mm[0] - PAGE_BORDER_MM
    found: list[Strip] = []
    steps = int((chart.page_mm[1] - 2 * PAGE_BORDER_MM - height) / STEP_MM)
    for index in range(max(0, steps) + 1):
        top = PAGE_BORDER_MM + index * STEP_MM
        hindering = sorted((box.left, box.right) for box in taken if box.top < top + height and box.bottom > top)
        left, widest = PAGE_BORDER_MM, (0.0, 0.0)
        for start, end in [*hindering, (end_of_page, end_of_page)]:
            widest = max(widest, (min(start, end_of_page) - left, left))
            left = max(left, end)
        found.append(Strip(widest[1], top, widest[1] + widest[0], top + height))
    most = max(strip.width for strip in found)
    best = [strip for strip in found if strip.width > most - 0.01]
    return best[len(best) // 2]


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
    width = text_width(label.text, label.height_mm, label.bold)
    left = {"start": 0.0, "middle": -width / 2, "end": -width}[label.anchor]
    turn = math.radians(label.turn_deg)
    along, up = (math.cos(turn), -math.sin(turn)), (-math.sin(turn), -math.cos(turn))
    x, y = label.at_page_mm
    return [
        (x + a * along[0] + u * up[0], y + a * along[1] + u * up[1])
        for a in (left, left + width)
        for u in (-0.25 * label.height_mm, 0.95 * label.height_mm)
    ]


@dataclass(frozen=True)
class _Cover:
    """The cover sheet: what the pack is, what to do with it, and who has which chart."""

    canvas: Any
    chart: Chart
    pack: Pack
    title: Lettering
    lines: Sequence[NameLine]

    @property
    def page(self) -> PageCanvas:
        return PageCanvas(self.canvas, self.chart.page_mm[1])

    def draw(self) -> None:
        """Draw the cover sheet, and further ones where the list is long."""
        top, left_over = self.draw_head(), list(self.lines)
        while left_over:
            left_over = self.draw_rows(left_over, top)
            self.canvas.showPage()
            top = MARGIN

    def draw_head(self) -> float:
        """Draw title, logo and advice; return where the list begins."""
        width, height = self.chart.page_mm
        room = width - 2 * MARGIN
        if self.pack.logo is not None:
            self.draw_logo(self.pack.logo, width - MARGIN, height - MARGIN)
            room -= LOGO_MM[0] + GUTTER
        size = min(TITLE_MM, room / max(self.title.width, 1.0))
        if size < SMALLEST_TITLE_MM:
            raise UserError("The title is too long for one line of the cover sheet; shorten it.")
        with spoken_as(self.canvas, self.pack.title):
            draw_lettering(self.canvas, height, self.title, (MARGIN, MARGIN + TITLE_MM), size)
        about = f"{len(self.lines)} charts, design {self.chart.design}, paper {self.chart.paper.title()}"
        about = f"{self.pack.day}. {about}" if self.pack.day else about
        self.page.label(Label(about, (MARGIN, MARGIN + TITLE_MM + 8.0), 4.0, bold=True))
        baseline = MARGIN + TITLE_MM + 16.0
        for text in self.advice():
            lines = paragraph(text, (MARGIN, baseline), room, TEXT_MM)
            for label in lines:
                self.page.label(label)
            baseline = lines[-1].at_page_mm[1] + (LINE_SPACING + 0.4) * TEXT_MM
        return baseline + 2.0

    def advice(self) -> Sequence[str]:
        setup = "The page after every chart tells" if self.pack.setup_each else "The next page tells"
        stand = ""
        if self.chart.design == "flat" and not self.pack.setup_each:
            stand = " It also has the stand to cut out: print it once for every chart."
        return (
            f"Print all pages one-sided at 100 %, never fitted to the page. Check one: its bars must measure "
            f"{self.chart.check_bars[0].length_mm:g} mm.",
            f"{setup} how to set a chart up.{stand}",
            "Every chart has an id of its own, in print and in its QR code, so photos need no names: collect "
            "them in one folder and run  backfocus score FOLDER --names IDS.csv  with the list that came with this "
            "pack.",
        )

    def draw_logo(self, logo: bytes, right: float, upper: float) -> None:
        """Draw the logo as large as fits, its top-right corner at `right` and `upper` (from the page's bottom)."""
        from reportlab.lib.utils import ImageReader

        width, height = (side * POINTS_PER_MM for side in LOGO_MM)
        corner = (right * POINTS_PER_MM - width, upper * POINTS_PER_MM - height)
        picture = ImageReader(io.BytesIO(logo))
        self.canvas.drawImage(picture, *corner, width, height, mask="auto", preserveAspectRatio=True, anchor="ne")

    def draw_rows(self, lines: list[NameLine], top: float) -> list[NameLine]:
        """Draw as much of the list as has room in columns below `top`; return the rest."""
        width, height = self.chart.page_mm
        columns = max(1, int((width - 2 * MARGIN + GUTTER) / (COLUMN_MM + GUTTER)))
        column = (width - 2 * MARGIN + GUTTER) / columns - GUTTER
        room = int((height - MARGIN - top - HEAD_MM) / ROW_MM)
        each = min(room, -(-len(lines) // columns))
        page = self.page
        for index in range(min(columns, -(-len(lines) // each))):
            left = MARGIN + index * (column + GUTTER)
            for text, offset in (("No.", 0.0), ("Chart id", ID_LEFT_MM), ("Name", NAME_LEFT_MM)):
                page.label(Label(text, (left + offset, top + TEXT_MM), TEXT_MM, bold=True))
            page.line(((left, top + HEAD_MM - 1.0), (left + column, top + HEAD_MM - 1.0)), 0.25)
            for row, line in enumerate(lines[index * each : (index + 1) * each]):
                baseline = top + HEAD_MM + (row + 0.7) * ROW_MM
                page.label(Label(str(line.owner.number), (left, baseline), TEXT_MM))
                page.label(Label(line.owner.chart_id, (left + ID_LEFT_MM, baseline), TEXT_MM))
                size = min(TEXT_MM, (column - NAME_LEFT_MM) / max(line.lettering.width, 1.0))
                draw_lettering(self.canvas, height, line.lettering, (left + NAME_LEFT_MM, baseline), size)
                below = baseline + 0.28 * ROW_MM
                page.line(((left, below), (left + column, below)), 0.1, grey=0.7)
        return lines[columns * each :]
