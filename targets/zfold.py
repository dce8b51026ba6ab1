"""The `zfold` design: a sheet with two folds that stands by itself, seen from above as a Z.

The narrow middle panel faces the camera: the AF mark, tiles and the QR code above and below it, all at depth zero.
The left wing comes forward and the right one goes back; their tiles begin beside the folds, so that there is depth
near the mark, and run outwards. The page lies across.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from .chart import CheckBar, Label, Panel, Polygon, Stroke, widest_distance_over_focal_length
from .ids import CELLS
from .parts import Fold, WingRuler, fold_line, upright_af_mark
from .sheet import CAPITALS, CHECK_BAR, CHECK_BAR_HALF_HEIGHT, LINE_SPACING, MARGIN, Box, Sheet, SheetFrame
from .tiles import LEVEL_CLEAR, ROW, TileField

MIDDLE, FORWARD, BACK = "middle", "forward", "back"
"""Names of the panels, from the one with the AF mark to the right-hand one."""

FOLD_X = 20.0
"""Half width of the middle panel: three columns of tiles, or the QR code with the white around it."""
QUIET_HALF = 37.5
"""Where edges with depth are weak, as the camera sees them at 45°: an AF area of 2 mm sees no more up to 38 focal
lengths. Those of the middle panel have the depth of the mark."""
SEEN_SHORTER = 0.7071
"""A wing at 45° from in front."""
MIDDLE_MARKER, MIDDLE_GAP = 24.0, 4.0
"""The markers of the middle panel, and the white between them, the QR code and tiles."""
MIDDLE_COLUMNS, MIDDLE_ROWS, MIDDLE_SHIFT = (0.0, 11.0), 2, 1.4
"""Tiles above and below the mark, farther away by the shift than rows of a field are, for white around the mark."""
FOLD_CLEARANCE = 4.0
"""From a fold to markers and tiles: a crease by hand is up to 1 mm off, and paper bends beside it."""
OUTER_MARKER, FOLD_MARKER = 30.0, 16.0
"""Blur grows with the distance from the fold: 85 mm f/1.4 at 25 focal lengths blurs by a radius of 1.2 mm at
80 mm depth, for which a marker needs 24 times as much."""
HALF_ROW = 5.8
"""Of a tile outwards from the fold."""
WING_COLUMNS = tuple(11.0 * index for index in range(9))
"""Heights of tiles above and below the mark."""
RULER_TICK = 3.2
"""Longest tick of the rulers at the lower border."""
BAR_STRIP, BAR_FROM_FOLD = 7.0, 60.0
"""Height taken by the level check bar, at the upper border of the left wing, and where its middle is."""
WORDS = 1.2
"""Font size of the words that tell how the wing is folded, over that of the other words."""
LETTER = 0.39
"""Half the mean width of a bold letter of that size, over the usual font size."""
TICK = 0.2
"""Half the thickness of a check bar's lines."""


class ZfoldSheet(Sheet):
    """A folded sheet."""

    design = "zfold"
    far_direction_page = (1.0, 0.0)
    quiet_half = (QUIET_HALF, QUIET_HALF)

    def panels(self) -> tuple[Panel, ...]:
        """Return the middle panel and the wings."""
        fold, half = FOLD_X * self.u, self.half_height + MARGIN
        middle = Panel(MIDDLE, self.frame.corners(Box(-fold, -half, fold, half)))
        return (middle, *(wing.panel() for wing in self.wings))

    @cached_property
    def wings(self) -> tuple[Wing, Wing]:
        """The left wing comes forward and has the check bars, the right one goes back and has the sheet's name."""
        depths = f"depth in mm at {self.angle_deg:g}°"
        farthest = int(widest_distance_over_focal_length(self.quiet_zone_mm, 0.0))
        return (
            Wing(self, FORWARD, -1, self.angle_deg, "comes forward", (depths,)),
            Wing(
                self,
                BACK,
                +1,
                -self.angle_deg,
                "goes back",
                (
                    f"backfocus zfold {self.paper.name.title()}",
                    " · ".join(filter(None, (self.scale_words, f"{self.angle_deg:g}°", self.chart_id))),
                    f"up to {farthest} focal lengths",
                ),
            ),
        )

    def markers(self) -> Sequence[tuple[str, Box]]:
        """Return those of the middle panel, then of the wings."""
        placed = [(MIDDLE, box) for box in self.marker_boxes]
        return placed + [(wing.name, box) for wing in self.wings for box in wing.marker_boxes]

    @cached_property
    def marker_boxes(self) -> list[Box]:
        """One at the upper end of the middle panel and two at the lower one."""
        size, gap, top = MIDDLE_MARKER * self.u, MIDDLE_GAP * self.u, self.half_height
        places = (top - size / 2, -top + size / 2, -top + 1.5 * size + gap)
        return [Box.around(0.0, y, size, size) for y in places]

    @cached_property
    def qr_box(self) -> Box:
        """Below the upper marker of the middle panel."""
        upper = self.marker_boxes[0].bottom - MIDDLE_GAP * self.u
        return Box.around(0.0, upper - self.qr_side / 2, self.qr_side, self.qr_side)

    def fills(self) -> Sequence[TileField]:
        """Return the tiles above and below the mark, and those of the wings."""
        u, (x, y) = self.u, self.frame.origin_mm
        fields = []
        for side in (1, -1):
            frame = SheetFrame((x, y - side * MIDDLE_SHIFT * u), self.scale)
            rows = (1, MIDDLE_ROWS) if side > 0 else (-MIDDLE_ROWS, -1)
            fields.append(TileField(frame, MIDDLE, u, rows, (), self.quiet_box, MIDDLE_COLUMNS))
        return (*fields, *(wing.tiles() for wing in self.wings))

    @property
    def check_bar_y(self) -> float:
        """At the upper border."""
        return self.half_height - CHECK_BAR_HALF_HEIGHT

    def check_bars(self) -> tuple[CheckBar, ...]:
        """Return the level check bar and the upright one, both on the left wing."""
        _, upright = super().check_bars()
        middle, half, page = self.level_bar_x, CHECK_BAR / 2, self.frame.page
        ends = page(middle - half, self.check_bar_y), page(middle + half, self.check_bar_y)
        return CheckBar(*ends, CHECK_BAR * self.scale), upright

    @property
    def level_bar_x(self) -> float:
        """Middle of the level check bar."""
        return -FOLD_X * self.u - BAR_FROM_FOLD * max(self.u, 1.0)

    def upright_bar_label(self) -> Label:
        """Return the length of the upright check bar, to the right of its middle."""
        place = self.frame.page(self.upright_label_x, 0.0)
        return Label(self.check_length, place, self.font * self.scale, "middle", turn_deg=90.0)

    @property
    def upright_label_x(self) -> float:
        """Baseline of the length beside the upright check bar."""
        return self.upright_bar_x + CHECK_BAR_HALF_HEIGHT + (CAPITALS + 0.3) * self.font

    def polygons(self) -> Sequence[Polygon]:
        """Return the AF mark and the arrows of the wings."""
        return (*upright_af_mark(self.frame, self.u), *(wing.arrow() for wing in self.wings))

    def strokes(self) -> Sequence[Stroke]:
        """Return the fold lines, which leave out what an AF area sees beside the mark, and the rulers' ticks."""
        fold, low, high = FOLD_X * self.u, QUIET_HALF * self.u, self.half_height
        kinds: tuple[tuple[float, Fold], ...] = ((-fold, "valley"), (fold, "mountain"))
        lines = [
            stroke
            for x, kind in kinds
            for bottom, top in ((low, high), (-high, -low))
            for stroke in fold_line(self.frame, kind, x, bottom, top, self.u)
        ]
        return [*lines, *(stroke for wing in self.wings for stroke in wing.ruler.strokes())]

    def labels(self) -> Sequence[Label]:
        """Return lengths of the check bars, and the words of the wings."""
        below = self.check_bar_y - CHECK_BAR_HALF_HEIGHT - (CAPITALS + 0.3) * self.font
        level = self.label(f"{self.check_length} at 100 %", self.wings[0].words_x, below)
        return [level, self.upright_bar_label(), *(label for wing in self.wings for label in wing.labels())]


@dataclass(frozen=True)
class Wing:
    """A wing: markers at its corners, words between the upper ones and a depth ruler below, and tiles.

    Attributes:
        sheet: the sheet that it is a part of.
        name: name of the panel.
        side: +1 at the right, -1 at the left.
        angle_deg: nominal fold angle, positive for a wing that comes forward.
        told: what becomes of the wing when folded.
        more: lines below it.
    """

    sheet: ZfoldSheet
    name: str
    side: int
    angle_deg: float
    told: str
    more: tuple[str, ...]

    def panel(self) -> Panel:
        """Return the panel, from the fold to the paper's edge."""
        top = self.sheet.half_height + MARGIN
        outline = self.sheet.frame.corners(self._box(0.0, -top, self.sheet.page_size[0] / 2 - self._fold_x, top))
        x = self.side * self._fold_x
        hinge = (self.sheet.frame.page(x, top), self.sheet.frame.page(x, -top))
        return Panel(self.name, outline, hinge, self.angle_deg)

    @cached_property
    def marker_boxes(self) -> list[Box]:
        """Two beside the fold and two larger ones at the outer corners; in each pair the upper one first."""
        u, high = self.sheet.u, self.sheet.half_height
        inner, outer = FOLD_MARKER * u, OUTER_MARKER * u
        top = high - self._bar_strip
        return [
            self._box(out, y, out + size, y - size)
            for out, size, low in (
                (FOLD_CLEARANCE * u, inner, -high + self._ruler_height + inner / CELLS),
                (self._farthest - outer, outer, -high),
            )
            for y in (top, low + size)
        ]

    @property
    def ruler(self) -> WingRuler:
        """The ruler at the lower border, up to the outer marker."""
        sheet, (x, y) = self.sheet, self.sheet.frame.origin_mm
        numbers = self._ruler_height - RULER_TICK * sheet.u
        frame = SheetFrame((x, y + sheet.half_height - numbers), sheet.scale)
        reach = self._farthest - OUTER_MARKER * (1 + 1 / CELLS) * sheet.u
        return WingRuler(
            frame, abs(self.angle_deg), reach, sheet.u, sheet.font, self.side, self.side * self._fold_x
        )

    def labels(self) -> list[Label]:
        """Return the numbers of the ruler and the words."""
        sheet, lines = self.sheet, self._baselines
        told = sheet.label(self.told, self.words_x, lines[0], size=WORDS, bold=True)
        return [
            *self.ruler.labels(),
            told,
            *(sheet.label(text, self.words_x, y) for text, y in zip(self.more, lines[1:], strict=True)),
        ]

    def arrow(self) -> Polygon:
        """Return a wedge left of the words: down is towards the reader, up is away."""
        size = self.sheet.font
        tip, base = (0.0, size) if self.angle_deg > 0 else (size, 0.0)
        x, y, page = (
            self.words_x - (LETTER * len(self.told) + 1.0) * self.sheet.font,
            self._baselines[0],
            self.sheet.frame.page,
        )
        return Polygon((page(x - size / 2, y + base), page(x, y + tip), page(x + size / 2, y + base)))

    def tiles(self) -> TileField:
        """Tiles in rows that are alike in depth, from the fold outwards; the frame is turned for that."""
        sheet, u = self.sheet, self.sheet.u
        first = FOLD_CLEARANCE * u + HALF_ROW * u
        start = self.side * (self._fold_x + first)
        last = int((self._farthest - first - HALF_ROW * u) / (ROW * u) + 1e-9)
        keep_out = [*(box.with_white() for box in self.marker_boxes), *self._printed(), *self._beyond()]
        seen = (QUIET_HALF - FOLD_X) / SEEN_SHORTER * u
        quiet = self._box(0.0, -QUIET_HALF * u, seen, QUIET_HALF * u)
        (x, y), scale = sheet.frame.origin_mm, sheet.scale
        return TileField(
            SheetFrame((x + start, y), scale, turned=True),
            self.name,
            u,
            (0, last) if self.side > 0 else (-last, 0),
            [box.turned(start) for box in keep_out],
            quiet.turned(start),
            WING_COLUMNS,
        )

    @property
    def words_x(self) -> float:
        """Middle of the words: between the upper markers."""
        near = FOLD_CLEARANCE + FOLD_MARKER * (1 + 1 / CELLS)
        far = self._farthest - OUTER_MARKER * (1 + 1 / CELLS) * self.sheet.u
        return self.side * (self._fold_x + (near * self.sheet.u + far) / 2)

    @cached_property
    def _baselines(self) -> list[float]:
        font, top = self.sheet.font, self.sheet.half_height
        if self._bar_strip:
            top -= 2 * CHECK_BAR_HALF_HEIGHT + (CAPITALS + 1.3) * font
        first = top - font
        return [first - LINE_SPACING * font * index for index in range(1 + len(self.more))]

    def _printed(self) -> list[Box]:
        """Return the boxes of ruler, words and check bars with white around them."""
        sheet, u, top = self.sheet, self.sheet.u, self.sheet.half_height
        clear = LEVEL_CLEAR * u
        half = abs(self.words_x) - self._fold_x - (FOLD_CLEARANCE + FOLD_MARKER) * u
        middle = abs(self.words_x) - self._fold_x
        words = self._box(middle - half, self._baselines[-1] - 0.25 * sheet.font, middle + half, top)
        ruler = self._box(0.0, -top, self.ruler.reach, -top + self._ruler_height)
        boxes = [words.grown(clear), ruler.grown(clear)]
        if self._bar_strip:
            left, strip = -sheet.half_width, sheet.upright_label_x
            middle, reach = left + CHECK_BAR_HALF_HEIGHT, CHECK_BAR / 2
            bar = Box(middle - TICK, -reach, middle + TICK, reach)
            ticks = [Box(left, y - TICK, middle + CHECK_BAR_HALF_HEIGHT, y + TICK) for y in (-reach, reach)]
            number = Box(left, -2.5 * sheet.font, strip, 2.5 * sheet.font)
            level = self._box(0.0, top - self._bar_strip, self._farthest, top)
            boxes += [*(box.grown(clear) for box in (bar, *ticks, number)), level]
        return boxes

    def _beyond(self) -> list[Box]:
        """Return what is outside of the printable height."""
        sheet, far = self.sheet, 1e4
        inside = sheet.half_height
        return [Box(-far, inside, far, far), Box(-far, -far, far, -inside)]

    @property
    def _ruler_height(self) -> float:
        """Of ticks and numbers, above the lower border."""
        return (RULER_TICK + WingRuler.number_gap) * self.sheet.u + CAPITALS * self.sheet.font

    @property
    def _bar_strip(self) -> float:
        return BAR_STRIP * self.sheet.u if self.side < 0 else 0.0

    @property
    def _fold_x(self) -> float:
        """Distance of the fold from the middle of the page."""
        return FOLD_X * self.sheet.u

    @property
    def _farthest(self) -> float:
        """How far outwards from the fold may be printed."""
        return self.sheet.half_width - self._fold_x

    def _box(self, near: float, y: float, far: float, other_y: float) -> Box:
        """Return the box between two distances from the fold and two heights."""
        x = sorted((self.side * (self._fold_x + near), self.side * (self._fold_x + far)))
        return Box(x[0], min(y, other_y), x[1], max(y, other_y))
