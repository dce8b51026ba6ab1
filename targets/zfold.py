"""The `zfold` design: a sheet with two folds that stands by itself, seen from above as a Z.

The middle panel faces the camera: the AF mark alone in a wide quiet zone, the QR code above, markers at the
corners, and a bar above and below the quiet zone, all at depth zero. The left wing comes forward and the right one
goes back; their bars run outwards from the folds, so that there are edges at every depth. The page lies across.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from .chart import Label, Panel, Polygon, Stroke, widest_distance_over_focal_length
from .edges import BarField
from .ids import CELLS
from .parts import Fold, WingRuler, fold_line, upright_af_mark
from .sheet import CHECK_BAR, CHECK_BAR_HALF_HEIGHT, LINE_SPACING, MARGIN, Box, Sheet, SheetFrame

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
FOLD_CLEARANCE = 4.0
"""From a fold to markers and bars: a crease by hand is up to 1 mm off, and paper bends beside it."""
OUTER_MARKER, FOLD_MARKER = 24.0, 16.0
"""Blur grows with the distance from the fold: 85 mm f/1.4 at 25 focal lengths blurs by a radius of 0.9 mm at
60 mm depth, for which a marker needs 24 times as much."""
BAR_CLEARANCE = 3.0
WORDS = 1.2
"""Font size of the words that tell how the wing is folded, over that of the other words."""


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
        """The left wing comes forward and has a check bar at its border, the right one goes back."""
        strip = max(CHECK_BAR_STRIP * self.u, 1.2 * self.font)
        return (
            Wing(self, FORWARD, -1, strip, self.angle_deg, ("comes", "forward")),
            Wing(self, BACK, +1, 0.0, -self.angle_deg, ("goes", "back")),
        )

    def markers(self) -> Sequence[tuple[str, Box]]:
        """Return those of the middle panel, then of the wings."""
        placed = [(MIDDLE, box) for box in self.marker_boxes]
        return placed + [(wing.name, box) for wing in self.wings for box in wing.marker_boxes]

    @cached_property
    def marker_boxes(self) -> list[Box]:
        """The four corners of the middle panel."""
        size = MIDDLE_MARKER * self.u
        return Box.at_corners((FOLD_X - FOLD_CLEARANCE) * self.u - size / 2, self.half_height - size / 2, size)

    @cached_property
    def qr_box(self) -> Box:
        """Between the upper markers of the middle panel."""
        return Box.around(0.0, self.half_height - self.qr_side / 2, self.qr_side, self.qr_side)

    def fills(self) -> Sequence[BarField]:
        """Return a bar above and one below the quiet zone, which run along the page, and the bars of the wings."""
        u, reach = self.u, (FOLD_X - FOLD_CLEARANCE) * self.u
        check_bar = Box.around(0.0, self.check_bar_y, CHECK_BAR, 2 * CHECK_BAR_HALF_HEIGHT)
        ink = [box.turned() for box in (*self.marker_boxes, self.qr_box, check_bar)]
        white = [box.turned() for box in (self.quiet_box, *(box.with_white() for box in self.marker_boxes))]
        frame = SheetFrame(self.frame.origin_mm, self.scale, turned=True)
        middle = BarField(frame, MIDDLE, u, BAR_OUTER * u, reach, ink, white)
        return (middle, *(wing.bar_field() for wing in self.wings))

    @property
    def check_bar_y(self) -> float:
        """Below the lower bar of the middle panel."""
        return CHECK_BAR_Y * self.u

    def polygons(self) -> Sequence[Polygon]:
        """Return the AF mark and the arrows of the wings."""
        return (*upright_af_mark(self.frame, self.u), *(wing.arrow() for wing in self.wings))

    def strokes(self) -> Sequence[Stroke]:
        """Return the fold lines, above and below the quiet zone only, and the rulers' ticks."""
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
        """Return which sheet this is, lengths of the check bars, and the words of the wings."""
        farthest = int(widest_distance_over_focal_length(self.quiet_zone_mm, 0.0))
        lines = (
            f"{self.check_length} at 100 %",
            f"backfocus zfold {self.paper.name.title()}",
            " · ".join(filter(None, (self.scale_words, f"{self.angle_deg:g}°", self.chart_id))),
            f"up to {farthest} focal lengths",
        )
        top = self.check_bar_y - CHECK_BAR_HALF_HEIGHT - 1.2 * self.font
        return [
            *(self.label(line, 0.0, top - index * LINE_SPACING * self.font) for index, line in enumerate(lines)),
            self.upright_bar_label(),
            *(label for wing in self.wings for label in wing.labels()),
        ]


@dataclass(frozen=True)
class Wing:
    """A wing: markers at its corners, a depth ruler, and bars outwards from the fold.

    Attributes:
        sheet: the sheet that it is a part of.
        name: name of the panel.
        side: +1 at the right, -1 at the left.
        border_strip: what is taken by a check bar at the outer border, 0 without one.
        angle_deg: nominal fold angle, positive for a wing that comes forward.
        words: what becomes of the wing when folded, in short lines.
    """

    sheet: ZfoldSheet
    name: str
    side: int
    border_strip: float
    angle_deg: float
    words: tuple[str, ...]

    def panel(self) -> Panel:
        """Return the panel, from the fold to the paper's edge."""
        top = self.sheet.half_height + MARGIN
        outline = self.sheet.frame.corners(self._box(0.0, -top, self._edge_x - self._fold_x, top))
        x = self.side * self._fold_x
        hinge = (self.sheet.frame.page(x, top), self.sheet.frame.page(x, -top))
        return Panel(self.name, outline, hinge, self.angle_deg)

    @cached_property
    def marker_boxes(self) -> list[Box]:
        """Two beside the fold and two larger ones at the outer corners; in each pair the upper one first."""
        inner, outer = FOLD_MARKER * self.sheet.u, OUTER_MARKER * self.sheet.u
        return [
            self._box(out, sy * self.sheet.half_height, out + size, sy * (self.sheet.half_height - size))
            for out, size in ((self._nearest, inner), (self._farthest - outer, outer))
            for sy in (1, -1)
        ]

    @property
    def ruler(self) -> WingRuler:
        """The ruler at the height of the AF mark."""
        reach = self._farthest - self.border_strip
        sheet, x = self.sheet, self.side * self._fold_x
        return WingRuler(sheet.frame, abs(self.angle_deg), reach, sheet.u, sheet.font, self.side, x)

    def labels(self) -> list[Label]:
        """Return the numbers of the ruler and the words at top and bottom."""
        size, top = WORDS * self.sheet.font, self.sheet.half_height
        told = [
            self._label(line, top - size * (1.0 + LINE_SPACING * index), WORDS, bold=True)
            for index, line in enumerate(self.words)
        ]
        bottom = -self.sheet.half_height + 0.25 * self.sheet.font
        told += [
            self._label("depth, mm", bottom + LINE_SPACING * self.sheet.font),
            self._label(f"at {abs(self.angle_deg):g}°", bottom),
        ]
        return [*self.ruler.labels(), *told]

    def arrow(self) -> Polygon:
        """Return a wedge below the words: down is towards the reader, up is away."""
        size = 1.3 * self.sheet.font
        tip, base = (0.0, size) if self.angle_deg > 0 else (size, 0.0)
        x, y, page = self._words_x, self._words_bottom + 0.3 * self.sheet.font, self.sheet.frame.page
        return Polygon((page(x - size / 2, y + base), page(x, y + tip), page(x + size / 2, y + base)))

    def bar_field(self) -> BarField:
        """Bars that part from each other as the camera sees them on this wing, so that its perspective only adds.

        The frame is turned, so that bars run along the page; they bend where its y is zero: at the fold of a wing
        that goes back, and at the outer end of one that comes forward.
        """
        unit, width, infinite = self.sheet.u, self._edge_x - self._fold_x, math.inf
        start = self._fold_x if self.side > 0 else -self._edge_x
        free = self._box(self._nearest, 0.0, self._farthest - self.border_strip, 0.0).turned(start)
        ends = [
            Box(-infinite, -infinite, infinite, free.bottom),
            Box(-infinite, free.top, infinite, infinite),
        ]
        ruler = Box.around(self.side * (self._fold_x + width / 2), 0.0, width, 2 * self.ruler.half_height)
        printed = (*self._word_boxes(), ruler)
        white = (
            *(box.with_white() for box in self.marker_boxes),
            *(box.grown(BAR_CLEARANCE * unit) for box in printed),
        )
        origin, scale = self.sheet.frame.origin_mm, self.sheet.scale
        return BarField(
            SheetFrame((origin[0] + start, origin[1]), scale, turned=True),
            self.name,
            unit,
            outer=self.sheet.half_height,
            reach=width,
            ink=[box.turned(start) for box in (*self.marker_boxes, *printed)],
            keep_out=[*(box.turned(start) for box in white), *ends],
        )

    @property
    def _fold_x(self) -> float:
        """Distance of the fold from the middle of the page."""
        return FOLD_X * self.sheet.u

    @property
    def _edge_x(self) -> float:
        """Distance of the paper's edge from the middle of the page."""
        return self.sheet.page_size[0] / 2

    @property
    def _nearest(self) -> float:
        return FOLD_CLEARANCE * self.sheet.u

    @property
    def _farthest(self) -> float:
        return self._edge_x - self._fold_x - MARGIN

    @property
    def _words_out(self) -> tuple[float, float]:
        """Distances from the fold between which there is room for words, between the markers and their white."""
        beside = 1 + 1 / CELLS
        return (
            self._nearest + FOLD_MARKER * beside * self.sheet.u,
            self._farthest - OUTER_MARKER * beside * self.sheet.u,
        )

    @property
    def _words_x(self) -> float:
        return self.side * (self._fold_x + sum(self._words_out) / 2)

    @property
    def _words_bottom(self) -> float:
        lines = len(self.words) * LINE_SPACING * WORDS
        return self.sheet.half_height - (lines + 1.8) * self.sheet.font

    def _word_boxes(self) -> tuple[Box, Box]:
        top = self.sheet.half_height
        near, far = self._words_out
        return (
            self._box(near, self._words_bottom, far, top),
            self._box(near, -top, far, -top + (LINE_SPACING + 1.0) * self.sheet.font),
        )

    def _label(self, text: str, y: float, size: float = 1.0, bold: bool = False) -> Label:
        return self.sheet.label(text, self._words_x, y, size=size, bold=bold)

    def _box(self, near: float, y: float, far: float, other_y: float) -> Box:
        """Return the box between two distances from the fold and two heights."""
        x = sorted((self.side * (self._fold_x + near), self.side * (self._fold_x + far)))
        return Box(x[0], min(y, other_y), x[1], max(y, other_y))
