"""A candidate for layout 2 of the flat chart: tiles of steep and of level edges at every depth, up to the AF mark.

The product prints layout 1; nothing but this study knows this one. Sheet frame, mm: origin at the AF mark, x right, y
up as printed (away from the camera). All lengths are those on A4; `unit` makes them those of another paper.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from backfocus.targets import PAPERS, Chart
from backfocus.targets.chart import Edge, Marker, Panel, Point, QrCode, Quad
from backfocus.targets.ids import MARKER_IDS, marker_cells

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

ROW_MM = 10.0 * math.sqrt(2.0)
"""Height of a tile's cell: 10 mm of depth at 45°."""
COLUMNS_MM = (0.0, 11.0, 22.0, 33.0, 44.0, 55.0)
"""Middles of the cells to either side of the mark. Columns from 10 mm only, without the one above and below the mark,
cost half as much again at f/2 (median 3.2 against 2.1 % of the DOF, with narrower windows too)."""
LAST_ROW = 8
ROWS_OF_LAST_COLUMN = 6
"""Beyond are the white borders of the corner markers."""
ZONE_HALF_WIDTH_MM, ZONE_HALF_HEIGHT_MM = 37.5, 50.0
"""What an AF area 2 mm wide on the sensor may see at 37 focal lengths."""
ZONE_GREY, OUTER_GREY = 0.70, 0.45
"""Of paper white. Weak edges leave AF to the mark: contrast² times length of the tiles within the drawn AF square
(1 mm) is 13 % (steep) and 4 % (level) of the mark's at 25 focal lengths, 39 and 34 % in 2 mm; at 36 focal lengths 18
and 11 %, 89 and 73 %. Farther out 0.45 brings the median at f/4 and slower from 0.65 to 0.4 % of the DOF."""
SLANT = math.tan(math.radians(5.0))
STEEP_EDGES_MM, STEEP_HALF_MM, STEEP_CLEAR_MM = (-4.2, -1.4, 1.4, 4.2), 5.4, 2.3
LEVEL_EDGES_MM, LEVEL_HALF_MM, LEVEL_CLEAR_MM = (-5.4, -1.8, 1.8, 5.4), 4.0, 3.0
"""Where a tile's edges are, half their length, and the window across them: those of 1.7 and 2.35 mm were too narrow
for f/1.4 and f/2. Outside of a tile is as much white as in the window: without it contrast scattered by 13 %."""
MARK_BLOCKS_MM, MARK_HALF_HEIGHT_MM, MARK_HALF_LINE_MM = (
    ((0.0, 4.0), (5.5, 8.5), (9.5, 11.5), (12.3, 13.3)),
    4.0,
    0.5,
)
MARKERS_MM = (
    *((side * 78.0, end * 121.5, 36.0) for end in (1, -1) for side in (-1, 1)),
    *((side * 76.0, end * y, 24.0) for y in (76.0, 42.0) for end in (1, -1) for side in (-1, 1)),
    (74.0, 10.5, 17.0),
    (74.0, -10.5, 17.0),
)
"""Middle and side."""
QR_MM = (-76.0, 0.0, 25.0)
POINTS_PER_MM = 72.0 / 25.4


@dataclass(frozen=True)
class Variant:
    """What may be other than in the candidate, for trials.

    Attributes:
        outer_grey: of the tiles outside of the AF zone.
        stretch: height of tiles and rows over the candidate's, for a sheet that leans more: cos 45° / cos 63° = 1.56.
    """

    outer_grey: float = OUTER_GREY
    stretch: float = 1.0


CANDIDATE = Variant()


@dataclass(frozen=True)
class Tile:
    """Two bars side by side, steep or level.

    Attributes:
        bars: corners of each bar, mm in the sheet frame.
        edges: from and to of each edge, the ink on the left.
        steep: whether the bars stand.
        column, row, right: its cell; `right` of the mark, or in the middle column.
        grey: of the bars, over paper white.
    """

    bars: tuple[tuple[Point, ...], ...]
    edges: tuple[tuple[Point, Point], ...]
    steep: bool
    column: int
    row: int
    right: bool
    grey: float


@dataclass(frozen=True, eq=False)
class SheetEdges:
    """All edges of the sheet, n of them, in the order of the chart's.

    Attributes:
        start, end: (n, 2) mm in the sheet frame, the ink on the left.
        steep, weak: (n,) whether it stands; whether it has the contrast of the AF zone.
        column, row, right: (n,) the tile's cell.
        row_mm: (n,) height of the cell's middle over the mark.
        clear_mm: (n,) half width of the window across it.
        unit: length on this paper over that on A4.
    """

    start: Array
    end: Array
    steep: Flags
    weak: Flags
    column: npt.NDArray[np.intp]
    row: npt.NDArray[np.intp]
    right: Flags
    row_mm: Array
    clear_mm: Array
    unit: float


def unit_of(paper: str) -> float:
    """Return length on a paper over length on A4."""
    return PAPERS[paper].width_mm / PAPERS["a4"].width_mm


def tiles(unit: float, variant: Variant = CANDIDATE) -> list[Tile]:
    """Return all tiles; steep ones face level ones across the mark, and change places from row to row."""
    last, last_outside = (int(number / variant.stretch) for number in (LAST_ROW, ROWS_OF_LAST_COLUMN))
    cells = [
        (row, column, right)
        for row in range(-last, last + 1)
        for column in range(len(COLUMNS_MM))
        for right in ((False, True) if column else (True,))
        if not (row == 0 and column < 2) and not (column == len(COLUMNS_MM) - 1 and abs(row) > last_outside)
    ]
    return [_tile(row, column, right, unit, variant) for row, column, right in cells]


def _tile(row: int, column: int, right: bool, unit: float, variant: Variant) -> Tile:
    steep = (row + column + right) % 2 == 0
    slant = SLANT if (row // 2 + column) % 2 == 0 else -SLANT
    x, y = COLUMNS_MM[column] * (1 if right else -1), row * ROW_MM
    in_zone = COLUMNS_MM[column] < ZONE_HALF_WIDTH_MM and abs(y * variant.stretch) < ZONE_HALF_HEIGHT_MM
    places, half = (STEEP_EDGES_MM, STEEP_HALF_MM) if steep else (LEVEL_EDGES_MM, LEVEL_HALF_MM)

    def point(across: float, along: float) -> Point:
        if steep:
            return unit * (x + across + slant * along), unit * variant.stretch * (y + along)
        return unit * (x + along), unit * variant.stretch * (y + across + slant * along)

    bars, edges = [], []
    for low, high in zip(places[::2], places[1::2], strict=True):
        bars.append((point(low, -half), point(high, -half), point(high, half), point(low, half)))
        for across, ink_after in ((low, True), (high, False)):
            ends = point(across, -half), point(across, half)
            # Going up, the left has smaller x; going right, the left has larger y.
            edges.append(ends if ink_after != steep else ends[::-1])
    grey = ZONE_GREY if in_zone else variant.outer_grey
    return Tile(tuple(bars), tuple(edges), steep, column, row, right, grey)


@lru_cache(maxsize=8)
def sheet_edges(paper: str, variant: Variant = CANDIDATE) -> SheetEdges:
    """Return the edges of the sheet on a paper."""
    unit = unit_of(paper)
    all_tiles = tiles(unit, variant)
    ends = np.array([edge for tile in all_tiles for edge in tile.edges])
    cells = [(t.steep, t.grey == ZONE_GREY, t.column, t.row, t.right) for t in all_tiles for _ in t.edges]
    steep, weak, column, row, right = (np.array(values) for values in zip(*cells, strict=True))
    clear = unit * np.where(steep, STEEP_CLEAR_MM, LEVEL_CLEAR_MM * variant.stretch)
    row_mm = row * ROW_MM * unit * variant.stretch
    return SheetEdges(ends[:, 0], ends[:, 1], steep, weak, column, row, right, row_mm, clear, unit)


@lru_cache(maxsize=8)
def candidate_chart(paper: str, variant: Variant = CANDIDATE) -> Chart:
    """Return the sheet as a chart: what marker search and pose need of it. Its ink is only in `pdf_bytes`."""
    unit = unit_of(paper)
    width, height = PAPERS[paper].width_mm, PAPERS[paper].height_mm

    def page(point: Point) -> Point:
        return point[0] + width / 2, height / 2 - point[1]

    def square(x: float, y: float, side: float) -> Quad:
        left, right, top, bottom = x - side / 2, x + side / 2, y + side / 2, y - side / 2
        a, b, c, d = (
            page((unit * u, unit * v)) for u, v in ((left, top), (right, top), (right, bottom), (left, bottom))
        )
        return a, b, c, d

    first = MARKER_IDS["flat", paper][0]
    return Chart(
        design="flat",
        paper=paper,
        scale=1.0,
        angle_deg=45.0,
        id="LAYOUT2",
        page_mm=(width, height),
        af_mark_page_mm=(width / 2, height / 2),
        far_direction_page=(0.0, -1.0),
        quiet_zone_mm=(2 * ZONE_HALF_WIDTH_MM * unit, 2 * ZONE_HALF_HEIGHT_MM * unit),
        panels=(Panel("sheet", ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))),),
        markers=tuple(Marker(first + i, "sheet", square(*marker)) for i, marker in enumerate(MARKERS_MM)),
        edges=tuple(
            Edge(
                "sheet",
                page(start),
                page(end),
                "left",
                unit * (STEEP_CLEAR_MM if tile.steep else LEVEL_CLEAR_MM * variant.stretch),
                number,
                tile.grey,
            )
            for number, tile in enumerate(tiles(unit, variant))
            for start, end in tile.edges
        ),
        qr=QrCode(f"BF2/FLAT/{paper.upper()}/S1.000/A45.0/LAYOUT2/0000", "sheet", square(*QR_MM)),
        check_bars=(),
        polygons=(),
        strokes=(),
        labels=(),
    )


def pdf_bytes(paper: str, variant: Variant = CANDIDATE) -> bytes:
    """Return one page with the sheet: tiles, AF mark, markers and QR code, without words."""
    import qrcode
    from reportlab.pdfgen.canvas import Canvas

    chart, unit = candidate_chart(paper, variant), unit_of(paper)
    width, height = chart.page_mm
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(width * POINTS_PER_MM, height * POINTS_PER_MM), invariant=1)
    canvas.scale(POINTS_PER_MM, POINTS_PER_MM)
    canvas.translate(width / 2, height / 2)
    for tile in tiles(unit, variant):
        canvas.setFillGray(tile.grey)
        for bar in tile.bars:
            outline = canvas.beginPath()
            outline.moveTo(*bar[0])
            for corner in bar[1:]:
                outline.lineTo(*corner)
            outline.close()
            canvas.drawPath(outline, stroke=0, fill=1)
    canvas.setFillGray(0.0)
    for left, bottom, right, top in mark_blocks(unit):
        canvas.rect(left, bottom, right - left, top - bottom, stroke=0, fill=1)
    code = qrcode.QRCode(version=2, error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(chart.qr.text)
    code.make(fit=False)
    squares = [(quad, np.array(code.get_matrix())) for quad in [chart.qr.corners_page_mm]]
    squares += [(marker.corners_page_mm, marker_cells(marker.id)) for marker in chart.markers]
    for quad, ink in squares:
        cell = (quad[1][0] - quad[0][0]) / len(ink)
        for row, column in np.argwhere(ink):
            x, y = quad[0][0] - width / 2 + column * cell, height / 2 - quad[0][1] - (row + 1) * cell
            canvas.rect(x, y, cell, cell, stroke=0, fill=1)
    canvas.save()
    return buffer.getvalue()


def mark_blocks(unit: float) -> list[tuple[float, float, float, float]]:
    """Return the AF mark's rectangles: left, bottom, right, top."""
    (_, middle), *others = MARK_BLOCKS_MM
    spans = [(-middle, middle), *others, *((-right, -left) for left, right in others)]
    halves = ((MARK_HALF_LINE_MM, MARK_HALF_HEIGHT_MM), (-MARK_HALF_HEIGHT_MM, -MARK_HALF_LINE_MM))
    return [(unit * left, unit * low, unit * right, unit * high) for left, right in spans for low, high in halves]
