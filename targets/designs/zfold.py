"""The `zfold` design: a sheet with two folds that stands by itself, seen from above as a Z.

The middle panel faces the camera: the AF mark alone in a wide quiet zone, the QR code above, markers at the
corners, and a bar above and below the quiet zone, all at depth zero. The left wing comes forward and the right one
goes back; their bars run outwards from the folds, so that there are edges at every depth. The page lies across.

Everything here is in the sheet frame at full size (mm, origin at the AF mark, x right, y up); `u` is the design's
unit, 1 for A4 and Letter, by which features grow on larger papers. Nothing that the reader measures depends on the
angle, so that a photo whose QR code is too blurred is still measured.
"""

from __future__ import annotations

from functools import cached_property

from backfocus.targets.chart import (
    Chart,
    CheckBar,
    Label,
    Marker,
    Panel,
    Point,
    QrCode,
    Stroke,
    widest_distance_over_focal_length,
)
from backfocus.targets.designs.parts.edges.edge_bars import Bar, BarField
from backfocus.targets.designs.parts.fold_line import Fold, fold_line
from backfocus.targets.designs.parts.marks.upright_af_mark import upright_af_mark
from backfocus.targets.designs.parts.measures import (
    CHECK_BAR,
    CHECK_BAR_HALF_HEIGHT,
    MARGIN,
    QR_MODULE,
    font_size,
    unit,
)
from backfocus.targets.designs.parts.sheet_frame import Box, SheetFrame
from backfocus.targets.designs.wing import FOLD_CLEARANCE, Wing
from backfocus.targets.markers import CELLS, first_marker_id
from backfocus.targets.papers import Paper
from backfocus.targets.qrtext import QR_MODULES, QrText
from backfocus.targets.typography import CAPITALS, LINE_SPACING

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
        first = first_marker_id("zfold", self.paper.name)
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
