"""The skeleton that all designs share: a sheet that is given boxes and a fill, and becomes a chart.

Boxes are in the sheet frame at full size: mm, origin at the AF mark, x right, y up as printed. Nothing that the
reader measures depends on the angle, so that a photo whose QR code is too blurred is still measured.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Literal, Protocol

from .chart import Chart, CheckBar, Edge, Label, Marker, Panel, Point, Polygon, QrCode, Quad, Stroke
from .ids import CELLS, MARKER_IDS, QR_MODULES, Paper, QrText

MARGIN = 9.0
"""At the smallest scale, 0.6, it is still over the 5 mm that home printers cannot print on."""
QR_MODULE = 1.0
CHECK_BAR, CHECK_BAR_HALF_HEIGHT = 100.0, 1.0
"""Length, and half the height of its ticks."""
TEXT, SMALLEST_TEXT_MM = 2.6, 2.4
"""Font size at full size, and the smallest that may get printed: it is read at arm's length."""
LINE_SPACING = 1.45
"""Over the font size."""
CAPITALS = 0.73
"""Height of capitals and figures over the font size: half of it below a point, the baseline centres them there
(Bitstream Vera)."""
SHEET = "sheet"
"""Name of the panel of a sheet that is not folded."""


@dataclass(frozen=True)
class Box:
    """An upright rectangle in the sheet frame, mm at full size, y up."""

    left: float
    bottom: float
    right: float
    top: float

    @staticmethod
    def around(x: float, y: float, width: float, height: float) -> Box:
        """Return the box of a size with its middle at (x, y)."""
        return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    @staticmethod
    def at_corners(x: float, y: float, size: float) -> list[Box]:
        """Return four squares with their middles at (±x, ±y), the upper ones first, each pair from the left."""
        return [Box.around(sx * x, sy * y, size, size) for sy in (1, -1) for sx in (-1, 1)]

    def grown(self, by: float) -> Box:
        """Return the box with a border of width `by` added all round."""
        return Box(self.left - by, self.bottom - by, self.right + by, self.top + by)

    def with_white(self) -> Box:
        """Return the box of a marker with the white that its reader needs."""
        return self.grown((self.right - self.left) / CELLS)

    def mirrored(self) -> Box:
        """Return the box mirrored left to right at the AF mark."""
        return Box(-self.right, self.bottom, -self.left, self.top)

    def turned(self, start: float = 0.0) -> Box:
        """Return the box as a turned `SheetFrame` has it, whose origin is at (`start`, 0)."""
        return Box(-self.top, self.left - start, -self.bottom, self.right - start)

    def overlaps(self, other: Box) -> bool:
        """Return whether the two boxes have an area in common."""
        level = self.left < other.right and other.left < self.right
        return level and self.bottom < other.top and other.bottom < self.top


@dataclass(frozen=True)
class SheetFrame:
    """The sheet frame of a page: mm at full size, origin at the AF mark, x right, y up as printed.

    Attributes:
        origin_mm: the AF mark on the full-size page, from its top-left corner.
        scale: printed size over full size.
        turned: whether the frame is turned by a quarter: x runs down the page and y to its right.
    """

    origin_mm: Point
    scale: float
    turned: bool = False

    def page(self, x: float, y: float) -> Point:
        """Return where a point of the sheet lies on the printed page, mm, y down."""
        right, up = (y, -x) if self.turned else (x, y)
        return (round((self.origin_mm[0] + right) * self.scale, 6), round((self.origin_mm[1] - up) * self.scale, 6))

    def corners(self, box: Box) -> Quad:
        """Return the corners of a box on the printed page, from top-left clockwise as printed."""
        return (
            self.page(box.left, box.top),
            self.page(box.right, box.top),
            self.page(box.right, box.bottom),
            self.page(box.left, box.bottom),
        )


class Fill(Protocol):
    """Shapes with measured edges that fill what the boxes leave free."""

    def polygons(self) -> Sequence[Polygon]:
        """Return the shapes."""

    def edges(self) -> Sequence[Edge]:
        """Return their edges, tiles numbered from 0 on."""


def _numbered(fields: Iterable[Sequence[Edge]]) -> tuple[Edge, ...]:
    """Return the edges of all fields, their tiles numbered on over the sheet."""
    edges: list[Edge] = []
    for field in fields:
        first = edges[-1].tile + 1 if edges else 0
        edges += [replace(edge, tile=edge.tile + first) for edge in field]
    return tuple(edges)


class Sheet(ABC):
    """One sheet of a design.

    Attributes:
        design: name of the design.
        lies_across: whether the page is wider than high.
        far_direction_page: as in `Chart`.
        quiet_half: half width and half height of the quiet zone at unit 1.
        u: the design's unit, by which features grow on larger papers: 1 for A4 and Letter.
        font: font size that is large enough when printed at the scale.
        half_width, half_height: of the printed area.
    """

    design: ClassVar[str]
    lies_across: ClassVar[bool] = True
    far_direction_page: ClassVar[Point] = (0.0, -1.0)
    quiet_half: ClassVar[Point]

    def __init__(self, paper: Paper, scale: float, angle_deg: float, chart_id: str) -> None:
        self.paper, self.scale, self.angle_deg, self.chart_id = paper, scale, angle_deg, chart_id
        self.u = min(paper.width_mm / 210.0, paper.height_mm / 279.4)
        self.font = max(TEXT * self.u, SMALLEST_TEXT_MM / scale)
        sides = (paper.width_mm, paper.height_mm)
        self.page_size = sides[::-1] if self.lies_across else sides
        self.half_width, self.half_height = self.page_size[0] / 2 - MARGIN, self.page_size[1] / 2 - MARGIN
        self.frame = SheetFrame((self.page_size[0] / 2, self.page_size[1] / 2), scale)

    def chart(self) -> Chart:
        """Return all that is printed where on the page."""
        fills = self.fills()
        first = MARKER_IDS[self.design, self.paper.name].start
        text = QrText(self.design, self.paper.name, self.scale, self.angle_deg, self.chart_id).encode()
        panels = self.panels()
        return Chart(
            design=self.design,
            paper=self.paper.name,
            scale=self.scale,
            angle_deg=self.angle_deg,
            id=self.chart_id,
            page_mm=(self.page_size[0] * self.scale, self.page_size[1] * self.scale),
            af_mark_page_mm=self.frame.page(0.0, 0.0),
            far_direction_page=self.far_direction_page,
            quiet_zone_mm=self.quiet_zone_mm,
            panels=panels,
            markers=tuple(
                Marker(first + index, panel, self.frame.corners(box))
                for index, (panel, box) in enumerate(self.markers())
            ),
            edges=_numbered(fill.edges() for fill in fills),
            qr=QrCode(text, panels[0].name, self.frame.corners(self.qr_box)),
            check_bars=self.check_bars(),
            polygons=(*(shape for fill in fills for shape in fill.polygons()), *self.polygons()),
            strokes=tuple(self.strokes()),
            labels=tuple(self.labels()),
        )

    def panels(self) -> tuple[Panel, ...]:
        """Return the panels, that of the AF mark and the QR code first."""
        w, h = self.page_size[0] * self.scale, self.page_size[1] * self.scale
        return (Panel(SHEET, ((0.0, 0.0), (w, 0.0), (w, h), (0.0, h))),)

    def markers(self) -> Sequence[tuple[str, Box]]:
        """Return panel and box of every marker, in the order of their ids."""
        return [(SHEET, box) for box in self.marker_boxes]

    @cached_property
    @abstractmethod
    def marker_boxes(self) -> list[Box]:
        """Boxes of the markers on the panel of the AF mark."""

    @cached_property
    @abstractmethod
    def qr_box(self) -> Box:
        """Box of the QR code's modules."""

    @abstractmethod
    def fills(self) -> Sequence[Fill]:
        """Return what fills the rest."""

    @property
    @abstractmethod
    def check_bar_y(self) -> float:
        """Where the level check bar is; the upright one is at the left border."""

    @abstractmethod
    def polygons(self) -> Sequence[Polygon]:
        """Return AF mark and arrows."""

    def strokes(self) -> Sequence[Stroke]:
        """Return rulers' ticks and fold lines."""
        return ()

    @abstractmethod
    def labels(self) -> Sequence[Label]:
        """Return all words and numbers."""

    @property
    def quiet_zone_mm(self) -> Point:
        """Width and height of the quiet zone as printed."""
        width, height = self.quiet_half
        return (2 * width * self.u * self.scale, 2 * height * self.u * self.scale)

    @property
    def quiet_box(self) -> Box:
        """The quiet zone."""
        return Box.around(0.0, 0.0, 2 * self.quiet_half[0] * self.u, 2 * self.quiet_half[1] * self.u)

    @property
    def qr_side(self) -> float:
        """Side of the QR code's modules."""
        return QR_MODULES * QR_MODULE * self.u

    @property
    def upright_bar_x(self) -> float:
        """Where the upright check bar is."""
        return -self.half_width + CHECK_BAR_HALF_HEIGHT

    @property
    def check_length(self) -> str:
        """Length of a check bar as printed, in words."""
        return f"{CHECK_BAR * self.scale:g} mm"

    @property
    def scale_words(self) -> str:
        """By how much the sheet is larger than its design, in words; nothing for full size."""
        return "" if self.scale == 1.0 else f"\N{MULTIPLICATION SIGN} {self.scale:g}"

    def check_bars(self) -> tuple[CheckBar, ...]:
        """Return the level check bar and the upright one."""
        half, y, x, page = CHECK_BAR / 2, self.check_bar_y, self.upright_bar_x, self.frame.page
        length = CHECK_BAR * self.scale
        return (
            CheckBar(page(-half, y), page(half, y), length),
            CheckBar(page(x, half), page(x, -half), length),
        )

    def upright_bar_label(self) -> Label:
        """Return the length of the upright check bar, above it."""
        place = (self.upright_bar_x + CAPITALS / 2 * self.font, CHECK_BAR / 2 + 0.8 * self.font)
        return Label(self.check_length, self.frame.page(*place), self.font * self.scale, turn_deg=90.0)

    def label(
        self,
        text: str,
        x: float,
        y: float,
        anchor: Literal["start", "middle", "end"] = "middle",
        size: float = 1.0,
        bold: bool = False,
    ) -> Label:
        """Return a line of words in the sheet frame; `size` is over the usual font size."""
        return Label(text, self.frame.page(x, y), size * self.font * self.scale, anchor, bold)
