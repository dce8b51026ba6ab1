"""The `zfold` design: a sheet with two folds that stands by itself, seen from above as a Z.

The middle panel faces the camera: the AF mark alone in a wide quiet zone, the QR code above, markers at the
corners, and a bar above and below the quiet zone, all at depth zero. The left wing comes forward and the right one
goes back; their bars run outwards from the folds, so that there are edges at every depth. The page lies across.

Everything here is in the sheet frame at full size (mm, origin at the AF mark, x right, y up); `u` is the design's
unit, 1 for A4 and Letter, by which features grow on larger papers. Nothing that the reader measures depends on the
angle, so that a photo whose QR code is too blurred is still measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from .chart import (
    Chart,
    CheckBar,
    Label,
    Marker,
    Panel,
    Point,
    Polygon,
    QrCode,
    Stroke,
    widest_distance_over_focal_length,
)
from .edges import Bar, BarField
from .ids import CELLS, MARKER_IDS, QR_MODULES, Paper, QrText
from .parts import (
    CAPITALS,
    CHECK_BAR,
    CHECK_BAR_HALF_HEIGHT,
    LINE_SPACING,
    MARGIN,
    QR_MODULE,
    Box,
    Fold,
    SheetFrame,
    WingRuler,
    fold_line,
    font_size,
    unit,
    upright_af_mark,
)

# One wing of a folded sheet: markers at its corners, a depth ruler, and bars outwards from the fold.

FOLD_CLEARANCE = 4.0
"""From a fold to markers and bars: a crease by hand is up to 1 mm off, and paper bends beside it."""
OUTER_MARKER, FOLD_MARKER = 24.0, 16.0
"""Blur grows with the distance from the fold: 85 mm f/1.4 at 25 focal lengths blurs by a radius of 0.9 mm at
60 mm depth, for which a marker needs 24 times as much."""
BAR_CLEARANCE = 3.0
WORDS = 1.2
"""Font size of the words that tell how the wing is folded, over that of the other words."""


@dataclass(frozen=True)
class Wing:
    """A wing, in the sheet frame at full size.

    Attributes:
        name: name of the panel.
        frame: frame of the page.
        side: +1 at the right, -1 at the left.
        fold_x: distance of the fold from the middle of the page.
        edge_x: distance of the paper's edge from there.
        margin: border that stays white.
        border_strip: what is taken by a check bar at the outer border, 0 without one.
        half_height: of the printed area.
        unit, font: size of the parts and of the words.
        angle_deg: nominal fold angle, positive for a wing that comes forward.
        words: what becomes of the wing when folded, in short lines.
    """

    name: str
    frame: SheetFrame
    side: int
    fold_x: float
    edge_x: float
    margin: float
    border_strip: float
    half_height: float
    unit: float
    font: float
    angle_deg: float
    words: tuple[str, ...]

    def panel(self) -> Panel:
        """Return the panel, from the fold to the paper's edge."""
        top = self.half_height + self.margin
        outline = self.frame.corners(self._box(0.0, -top, self.edge_x - self.fold_x, top))
        x = self.side * self.fold_x
        return Panel(self.name, outline, (self.frame.page(x, top), self.frame.page(x, -top)), self.angle_deg)

    @cached_property
    def marker_boxes(self) -> list[Box]:
        """Two beside the fold and two larger ones at the outer corners; in each pair the upper one first."""
        inner, outer = FOLD_MARKER * self.unit, OUTER_MARKER * self.unit
        return [
            self._box(out, sy * self.half_height, out + size, sy * (self.half_height - size))
            for out, size in ((self._nearest, inner), (self._farthest - outer, outer))
            for sy in (1, -1)
        ]

    @property
    def ruler(self) -> WingRuler:
        """The ruler at the height of the AF mark."""
        reach = self._farthest - self.border_strip
        x = self.side * self.fold_x
        return WingRuler(self.frame, abs(self.angle_deg), x, reach, self.unit, self.font, self.side)

    def strokes(self) -> list[Stroke]:
        """Return the ticks of the ruler."""
        return self.ruler.strokes()

    def labels(self) -> list[Label]:
        """Return the numbers of the ruler and the words at top and bottom."""
        size, top = WORDS * self.font, self.half_height
        told = [
            self._label(line, top - size * (1.0 + LINE_SPACING * index), WORDS, bold=True)
            for index, line in enumerate(self.words)
        ]
        bottom = -self.half_height + 0.25 * self.font
        told += [
            self._label("depth, mm", bottom + LINE_SPACING * self.font),
            self._label(f"at {abs(self.angle_deg):g}°", bottom),
        ]
        return [*self.ruler.labels(), *told]

    def arrow(self) -> Polygon:
        """Return a wedge below the words: down is towards the reader, up is away."""
        size = 1.3 * self.font
        tip, base = (0.0, size) if self.angle_deg > 0 else (size, 0.0)
        x, y, page = self._words_x, self._words_bottom + 0.3 * self.font, self.frame.page
        return Polygon((page(x - size / 2, y + base), page(x, y + tip), page(x + size / 2, y + base)))

    def bar_field(self) -> BarField:
        """Bars that part from each other as the camera sees them on this wing, so that its perspective only adds.

        The frame is turned, so that bars run along the page; they bend where its y is zero: at the fold of a wing
        that goes back, and at the outer end of one that comes forward.
        """
        width, infinite = self.edge_x - self.fold_x, math.inf
        ends = [
            Box(-infinite, -infinite, infinite, self._along(self._nearest, self._farthest - self.border_strip)[0]),
            Box(-infinite, self._along(self._nearest, self._farthest - self.border_strip)[1], infinite, infinite),
        ]
        ruler_height = 2 * self.ruler.half_height
        ruler = Box.around(self.side * (self.fold_x + width / 2), 0.0, width, ruler_height)
        ink = [*self.marker_boxes, *self._word_boxes(), ruler]
        white = [
            *(box.grown((box.right - box.left) / CELLS) for box in self.marker_boxes),
            *(box.grown(BAR_CLEARANCE * self.unit) for box in (*self._word_boxes(), ruler)),
        ]
        return BarField(
            SheetFrame((self._start[0], self.frame.origin_mm[1]), self.frame.scale, turned=True),
            self.name,
            self.unit,
            outer=self.half_height,
            reach=width,
            ink=[self._turned(box) for box in ink],
            keep_out=[*(self._turned(box) for box in white), *ends],
        )

    @property
    def _start(self) -> Point:
        """Page x where the bars' frame begins, and the same in the sheet frame."""
        x = self.fold_x if self.side > 0 else -self.edge_x
        return self.frame.origin_mm[0] + x, x

    def _along(self, nearest: float, farthest: float) -> tuple[float, float]:
        """Return the bars' y of two distances from the fold, the lower first."""
        box = self._turned(self._box(nearest, 0.0, farthest, 0.0))
        return box.bottom, box.top

    def _turned(self, box: Box) -> Box:
        """Return a box as the bars' frame has it."""
        start = self._start[1]
        return Box(-box.top, box.left - start, -box.bottom, box.right - start)

    @property
    def _nearest(self) -> float:
        return FOLD_CLEARANCE * self.unit

    @property
    def _farthest(self) -> float:
        return self.edge_x - self.fold_x - self.margin

    @property
    def _words_out(self) -> tuple[float, float]:
        """Distances from the fold between which there is room for words, between the markers and their white."""
        beside = 1 + 1 / CELLS
        return (
            self._nearest + FOLD_MARKER * beside * self.unit,
            self._farthest - OUTER_MARKER * beside * self.unit,
        )

    @property
    def _words_x(self) -> float:
        return self.side * (self.fold_x + sum(self._words_out) / 2)

    @property
    def _words_bottom(self) -> float:
        lines = len(self.words) * LINE_SPACING * WORDS
        return self.half_height - (lines + 1.8) * self.font

    def _word_boxes(self) -> Iterable[Box]:
        top = self.half_height
        near, far = self._words_out
        return (
            self._box(near, self._words_bottom, far, top),
            self._box(near, -top, far, -top + (LINE_SPACING + 1.0) * self.font),
        )

    def _label(self, text: str, y: float, size: float = 1.0, bold: bool = False) -> Label:
        place = self.frame.page(self._words_x, y)
        return Label(text, place, size * self.font * self.frame.scale, "middle", bold)

    def _box(self, near: float, y: float, far: float, other_y: float) -> Box:
        """Return the box between two distances from the fold and two heights."""
        x = sorted((self.side * (self.fold_x + near), self.side * (self.fold_x + far)))
        return Box(x[0], min(y, other_y), x[1], max(y, other_y))


MIDDLE, FORWARD, BACK = "middle", "forward", "back"
"""Names of the panels, from the one with the AF mark to the right-hand one."""

FOLD_X = 55.0
"""Half width of the middle panel: holds a check bar of 100 mm, and leaves a wing of A4 60 mm of depth at 45°."""
QUIET_HALF = 54.0
"""108 mm wide: an AF area of 2 mm sees no more up to 55 focal lengths. From the mark, 13 mm high, to anything else
it is four times that height, or nearly."""
MIDDLE_MARKER = 20.0
BAR_OUTER = 65.0
"""Upper side of the bar above the quiet zone: as much white above it as below."""
CHECK_BAR_STRIP, CHECK_BAR_Y = 3.2, -71.4


def zfold_chart(paper: Paper, scale: float, angle_deg: float, chart_id: str) -> Chart:
    """Return the folded chart for a paper; `scale` multiplies the page and all that is on it."""
    return _ZfoldSheet(paper, scale, angle_deg, chart_id).chart()


class _ZfoldSheet:
    """Places the parts; methods that end in `_box` are in the sheet frame, finished parts in the page frame."""

    def __init__(self, paper: Paper, scale: float, angle_deg: float, chart_id: str) -> None:
        self.paper, self.scale, self.angle_deg, self.chart_id = paper, scale, angle_deg, chart_id
        self.u, self.font = unit(paper), font_size(paper, scale)
        self.half_width = paper.height_mm / 2
        self.half_height = paper.width_mm / 2 - MARGIN
        self.frame = SheetFrame((paper.height_mm / 2, paper.width_mm / 2), scale)

    def chart(self) -> Chart:
        wings = self.wings()
        bars: list[Bar] = [
            bar for field in (self.bar_field(), *(w.bar_field() for w in wings)) for bar in field.bars()
        ]
        return Chart(
            design="zfold",
            paper=self.paper.name,
            scale=self.scale,
            angle_deg=self.angle_deg,
            id=self.chart_id,
            page_mm=(2 * self.half_width * self.scale, self.paper.width_mm * self.scale),
            af_mark_page_mm=self.frame.page(0.0, 0.0),
            far_direction_page=(1.0, 0.0),
            quiet_zone_mm=self.quiet_zone_mm,
            panels=(self.middle_panel(), *(wing.panel() for wing in wings)),
            markers=self.markers(wings),
            edges=tuple(edge for bar in bars for edge in bar.edges()),
            qr=self.qr(),
            check_bars=self.check_bars(),
            polygons=(
                *(bar.polygon() for bar in bars),
                *upright_af_mark(self.frame, self.u),
                *(wing.arrow() for wing in wings),
            ),
            strokes=(*self.fold_lines(), *(stroke for wing in wings for stroke in wing.strokes())),
            labels=(*self.words(), *(label for wing in wings for label in wing.labels())),
        )

    @property
    def quiet_zone_mm(self) -> Point:
        side = 2 * QUIET_HALF * self.u * self.scale
        return (side, side)

    def middle_panel(self) -> Panel:
        fold, half = FOLD_X * self.u, self.half_height + MARGIN
        return Panel(MIDDLE, self.frame.corners(Box(-fold, -half, fold, half)))

    def wings(self) -> tuple[Wing, Wing]:
        """The left wing comes forward and has a check bar at its border, the right one goes back."""
        strip = max(CHECK_BAR_STRIP * self.u, 1.2 * self.font)
        return (
            self.wing(FORWARD, -1, self.angle_deg, strip, ("comes", "forward")),
            self.wing(BACK, +1, -self.angle_deg, 0.0, ("goes", "back")),
        )

    def wing(self, name: str, side: int, fold_deg: float, strip: float, words: tuple[str, ...]) -> Wing:
        return Wing(
            name,
            self.frame,
            side,
            fold_x=FOLD_X * self.u,
            edge_x=self.half_width,
            margin=MARGIN,
            border_strip=strip,
            half_height=self.half_height,
            unit=self.u,
            font=self.font,
            angle_deg=fold_deg,
            words=words,
        )

    def fold_lines(self) -> list[Stroke]:
        """Above and below the quiet zone only."""
        fold, low, high = FOLD_X * self.u, QUIET_HALF * self.u, self.half_height
        kinds: tuple[tuple[float, Fold], ...] = ((-fold, "valley"), (fold, "mountain"))
        return [
            stroke
            for x, kind in kinds
            for bottom, top in ((low, high), (-high, -low))
            for stroke in fold_line(self.frame, kind, x, bottom, top, self.u)
        ]

    @cached_property
    def marker_boxes(self) -> list[Box]:
        """The four corners of the middle panel."""
        size = MIDDLE_MARKER * self.u
        x, y = (FOLD_X - FOLD_CLEARANCE) * self.u - size / 2, self.half_height - size / 2
        return [Box.around(sx * x, sy * y, size, size) for sy in (1, -1) for sx in (-1, 1)]

    def markers(self, wings: tuple[Wing, ...]) -> tuple[Marker, ...]:
        first = MARKER_IDS["zfold", self.paper.name].start
        placed = [(MIDDLE, box) for box in self.marker_boxes]
        placed += [(wing.name, box) for wing in wings for box in wing.marker_boxes]
        return tuple(
            Marker(first + index, panel, self.frame.corners(box)) for index, (panel, box) in enumerate(placed)
        )

    @cached_property
    def qr_box(self) -> Box:
        side = QR_MODULES * QR_MODULE * self.u
        return Box.around(0.0, self.half_height - side / 2, side, side)

    def qr(self) -> QrCode:
        text = QrText("zfold", self.paper.name, self.scale, self.angle_deg, self.chart_id).encode()
        return QrCode(text, MIDDLE, self.frame.corners(self.qr_box))

    def bar_field(self) -> BarField:
        """A bar above and one below the quiet zone, which run along the page, so in a turned frame."""
        u, reach = self.u, (FOLD_X - FOLD_CLEARANCE) * self.u
        quiet = Box.around(0.0, 0.0, 2 * QUIET_HALF * u, 2 * QUIET_HALF * u)
        check_bar = Box.around(0.0, CHECK_BAR_Y * u, CHECK_BAR, 2 * CHECK_BAR_HALF_HEIGHT)
        ink = [*self.marker_boxes, self.qr_box, check_bar]
        white = [quiet, *(box.grown((box.right - box.left) / CELLS) for box in self.marker_boxes)]
        return BarField(
            SheetFrame(self.frame.origin_mm, self.scale, turned=True),
            MIDDLE,
            u,
            outer=BAR_OUTER * u,
            reach=reach,
            ink=[_turned(box) for box in ink],
            keep_out=[_turned(box) for box in white],
        )

    def check_bars(self) -> tuple[CheckBar, ...]:
        half, y, page = CHECK_BAR / 2, CHECK_BAR_Y * self.u, self.frame.page
        return (
            CheckBar(page(-half, y), page(half, y), self.check_length),
            CheckBar(page(self.upright_bar_x, half), page(self.upright_bar_x, -half), self.check_length),
        )

    @property
    def check_length(self) -> float:
        return CHECK_BAR * self.scale

    @property
    def upright_bar_x(self) -> float:
        return -self.half_width + MARGIN + CHECK_BAR_HALF_HEIGHT

    def words(self) -> list[Label]:
        """Which sheet this is, below the horizontal check bar, and the length of the other one beside it."""
        scale = "" if self.scale == 1.0 else f"\N{MULTIPLICATION SIGN} {self.scale:g} · "
        farthest = int(widest_distance_over_focal_length(self.quiet_zone_mm, 0.0))
        lines = (
            f"{self.check_length:g} mm at 100 %",
            f"backfocus zfold {self.paper.name.title()}",
            f"{scale}{self.angle_deg:g}° · {self.chart_id}",
            f"up to {farthest} focal lengths",
        )
        top = CHECK_BAR_Y * self.u - CHECK_BAR_HALF_HEIGHT - 1.2 * self.font
        upright = self.frame.page(self.upright_bar_x + CAPITALS / 2 * self.font, CHECK_BAR / 2 + 0.8 * self.font)
        size = self.font * self.scale
        return [
            *(
                Label(line, self.frame.page(0.0, top - index * LINE_SPACING * self.font), size, "middle")
                for index, line in enumerate(lines)
            ),
            Label(f"{self.check_length:g} mm", upright, size, turn_deg=90.0),
        ]


def _turned(box: Box) -> Box:
    """Return a box as the turned frame with the same origin has it."""
    return Box(-box.top, box.left, -box.bottom, box.right)
