"""What comes out of the printer: the PDF, rasterised and looked at without the program's own reader."""

from __future__ import annotations

import ctypes
import functools
import itertools
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import zxingcpp
from click.testing import CliRunner

from backfocus.cli import cli
from backfocus.targets import PAPERS, Chart, build_chart
from backfocus.targets.chart import CheckBar, Point, Quad
from backfocus.targets.ids import CELLS
from backfocus.targets.printing.canvas import cell_outlines
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.targets.tiles import STRONG_INK, WEAK_INK

SHEETS = [
    *(("flat", paper, 1.0) for paper in PAPERS),
    *(("flat", paper, scale) for paper, scale in (("a4", 0.6), ("letter", 0.6), ("a4", 2.0))),
    *((design, paper, 1.0) for design in ("zfold", "wall") for paper in PAPERS),
    *((design, "letter", 0.6) for design in ("zfold", "wall")),
]
MARK_MM = {"flat": (26.6, 8.0), "zfold": (13.0, 13.0), "wall": (13.0, 13.0)}
"""Width and height of the AF mark on A4."""
POINTS_PER_MM = 72.0 / 25.4
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in mm, y down."""

every_sheet = pytest.mark.parametrize(("design", "paper", "scale"), SHEETS)


@functools.cache
def printed(design: str, paper: str, scale: float, angle_deg: float | None = None) -> tuple[Chart, bytes]:
    chart = build_chart(design, paper, scale, angle_deg)
    return chart, pdf_bytes(chart)


def pages(design: str, paper: str, scale: float, angle_deg: float | None = None) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(printed(design, paper, scale, angle_deg)[1])


class Raster:
    """A page as grey values, 0 to 255. The renderer stretches it a little, to whole pixels either way."""

    def __init__(self, page: Any, wanted_dots_per_mm: float) -> None:
        grey = page.render(scale=wanted_dots_per_mm / POINTS_PER_MM, grayscale=True).to_numpy()
        self.grey: npt.NDArray[np.uint8] = np.ascontiguousarray(grey.reshape(grey.shape[:2]))
        rows, columns = self.grey.shape
        self.dots_per_mm = POINTS_PER_MM * np.array([columns / page.get_width(), rows / page.get_height()])
        self.dot_mm = float(1.0 / self.dots_per_mm.min())

    def at(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
        """Return the grey value of the pixel that covers each of the (n, 2) points, mm."""
        columns, rows = np.floor(points * self.dots_per_mm).astype(int).T
        return self.grey[rows, columns]

    def mm(self, pixels: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return where pixel coordinates (centre of the top-left pixel: 0, 0) lie on the page, mm."""
        return (np.asarray(pixels, dtype=np.float64) + 0.5) / self.dots_per_mm

    def box(self, box: Box) -> tuple[slice, slice]:
        """Return the pixels of a box."""
        left, top, right, bottom = np.rint(np.array(box) * np.tile(self.dots_per_mm, 2)).astype(int)
        return slice(top, bottom), slice(left, right)


@functools.cache
def front(design: str, paper: str, scale: float) -> Raster:
    """The chart's page with about 2000 dots across, at least 8 a millimetre."""
    chart = printed(design, paper, scale)[0]
    return Raster(pages(design, paper, scale)[0], max(8.0, 1800.0 / chart.page_mm[0]))


@every_sheet
def test_page_boxes_equal_the_paper(design: str, paper: str, scale: float) -> None:
    document = pages(design, paper, scale)
    sides = (PAPERS[paper].width_mm, PAPERS[paper].height_mm)
    wanted = [side * scale * POINTS_PER_MM for side in (sides if design == "flat" else reversed(sides))]
    assert len(document) == 2
    for page in document:
        assert page.get_mediabox() == pytest.approx((0.0, 0.0, *wanted), abs=0.01)
        assert page.get_cropbox() == pytest.approx((0.0, 0.0, *wanted), abs=0.01)


def test_the_same_chart_gives_the_same_bytes() -> None:
    assert pdf_bytes(build_chart("flat", "letter", 0.9)) == pdf_bytes(build_chart("flat", "letter", 0.9))


def test_the_pdf_says_what_it_is_and_asks_to_be_printed_unscaled() -> None:
    document = pages("flat", "a4", 1.0)
    metadata = document.get_metadata_dict()
    assert metadata["Title"] == f"backfocus flat A4 {build_chart().id}"
    assert metadata["Author"] == "backfocus"
    assert "100 %" in metadata["Subject"]
    assert not pdfium.FPDF_VIEWERREF_GetPrintScaling(document)


@every_sheet
def test_the_pdf_is_vectors_with_embedded_fonts(design: str, paper: str, scale: float) -> None:
    for page in pages(design, paper, scale):
        things = list(page.get_objects())
        kinds = {thing.type for thing in things}
        assert kinds - {pdfium.FPDF_PAGEOBJ_PATH} == {pdfium.FPDF_PAGEOBJ_TEXT}
        assert all(text.get_font().is_embedded for text in texts_of(page))
    assert b"/Subtype /Image" not in printed(design, paper, scale)[1]
    assert b"/Helvetica" not in printed(design, paper, scale)[1]


def texts_of(page: Any) -> list[Any]:
    """All words that leave ink: between a bold word and a plain one stands a blank of its own."""
    texts = [thing for thing in page.get_objects() if thing.type == pdfium.FPDF_PAGEOBJ_TEXT]
    return [text for text in texts if text.get_bounds()[0] < text.get_bounds()[2]]


def printed_size_mm(text: Any) -> float:
    matrix = text.get_matrix()
    return float(text.get_font_size()) * math.hypot(matrix.b, matrix.d) / POINTS_PER_MM


def box_of(page: Any, thing: Any) -> Box:
    left, bottom, right, top = (value / POINTS_PER_MM for value in thing.get_bounds())
    height = page.get_height() / POINTS_PER_MM
    return left, height - top, right, height - bottom


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def box_around(points: tuple[Point, ...], border: float = 0.0) -> Box:
    across, down = zip(*points, strict=True)
    return min(across) - border, min(down) - border, max(across) + border, max(down) + border


@every_sheet
@pytest.mark.parametrize("page", [0, 1])
def test_nothing_is_printed_within_5_mm_of_the_paper_s_edge(
    design: str, paper: str, scale: float, page: int
) -> None:
    raster = Raster(pages(design, paper, scale)[page], 4.0)
    border = 20
    raster.grey[border:-border, border:-border] = 255
    assert raster.grey.min() == 255


@pytest.mark.parametrize(
    ("design", "paper", "scale", "angle"),
    [
        *((*sheet, None) for sheet in SHEETS),
        ("flat", "a4", 1.0, 20.0),
        ("flat", "letter", 0.6, 67.5),
        ("flat", "a3", 1.0, 33.3),
        ("zfold", "a4", 1.0, 25.0),
        ("zfold", "letter", 0.6, 65.0),
        ("zfold", "a4", 0.6, 65.0),
    ],
)
def test_words_overlap_nothing(design: str, paper: str, scale: float, angle: float | None) -> None:
    chart = printed(design, paper, scale, angle)[0]
    first, second = pages(design, paper, scale, angle)
    for page in (first, second):
        boxes = [box_of(page, text) for text in texts_of(page) if text.get_matrix().b == 0.0]
        assert not [pair for pair in itertools.combinations(boxes, 2) if overlap(*pair)]
    ink = [box_around(polygon.points_page_mm) for polygon in chart.polygons]
    ink += [box_around(marker.corners_page_mm, side_of(marker.corners_page_mm) / CELLS) for marker in chart.markers]
    ink += [box_around((stroke.from_page_mm, stroke.to_page_mm)) for stroke in chart.strokes]
    ink += [box_around((bar.from_page_mm, bar.to_page_mm)) for bar in chart.check_bars]
    for text in texts_of(first):
        assert not [box for box in ink if overlap(box, box_of(first, text))]


@pytest.mark.parametrize(
    ("design", "paper", "scale", "angle"),
    [
        *((*sheet, None) for sheet in SHEETS),
        ("flat", "a4", 1.0, 20.0),
        ("flat", "a4", 0.6, 40.0),
        ("flat", "letter", 0.6, 35.0),
        ("flat", "a3", 0.6, 70.0),
        ("zfold", "a4", 1.0, 25.0),
        ("zfold", "letter", 0.6, 65.0),
    ],
)
def test_words_on_the_second_page_lie_on_no_line(
    design: str, paper: str, scale: float, angle: float | None
) -> None:
    page = pages(design, paper, scale, angle)[1]
    texts = [text for text in texts_of(page) if text.get_matrix().b == 0.0]
    boxes = [box_of(page, text) for text in texts]
    for text in texts_of(page):
        page.remove_obj(text)
    lines = Raster(page, 8.0)
    has_drawings = (design, scale) != ("wall", 0.6)
    assert (lines.grey.min() < 10) == has_drawings, "the drawings are still there, but for the smallest sheet"
    assert min(lines.grey[lines.box(box)].min() for box in boxes) > 245


@every_sheet
def test_words_on_the_second_page_are_large_enough_to_read(design: str, paper: str, scale: float) -> None:
    page = pages(design, paper, scale)[1]
    assert min(map(printed_size_mm, texts_of(page))) >= 2.3


@pytest.mark.parametrize(
    ("design", "angle"), [*(("flat", angle) for angle in (20.0, 30.0, 35.0, 40.0, 50.0, 70.0)), ("zfold", 65.0)]
)
@pytest.mark.parametrize(("paper", "scale"), [("a4", 1.0), ("letter", 0.6), ("tabloid", 1.0)])
def test_the_second_page_has_room_for_stand_or_gauge_of_every_angle(
    design: str, paper: str, scale: float, angle: float
) -> None:
    page = pages(design, paper, scale, angle)[1]
    width, height = page.get_width() / POINTS_PER_MM, page.get_height() / POINTS_PER_MM
    for thing in page.get_objects():
        left, top, right, bottom = box_of(page, thing)
        assert min(left, top, width - right, height - bottom) > 5.0
    assert min(map(printed_size_mm, texts_of(page))) >= 1.8


def side_of(corners: Quad) -> float:
    return math.dist(corners[0], corners[1])


@every_sheet
def test_markers_are_found_where_the_chart_says(design: str, paper: str, scale: float) -> None:
    chart, raster = printed(design, paper, scale)[0], front(design, paper, scale)
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_1000)
    corners, ids, _ = cv2.aruco.ArucoDetector(dictionary, parameters).detectMarkers(raster.grey)
    found = {int(marker): raster.mm(quad[0]) for marker, quad in zip(ids.ravel(), corners, strict=True)}
    assert sorted(found) == [marker.id for marker in chart.markers]
    for marker in chart.markers:
        assert np.abs(found[marker.id] - np.array(marker.corners_page_mm)).max() < 0.1


@every_sheet
def test_the_qr_code_is_read_where_the_chart_says(design: str, paper: str, scale: float) -> None:
    chart, raster = printed(design, paper, scale)[0], front(design, paper, scale)
    (code,) = zxingcpp.read_barcodes(raster.grey)
    assert code.text == chart.qr.text
    position = code.position
    seen = [position.top_left, position.top_right, position.bottom_right, position.bottom_left]
    places = raster.mm([(corner.x, corner.y) for corner in seen])
    assert np.abs(places - np.array(chart.qr.corners_page_mm)).max() < 0.5 * side_of(chart.qr.corners_page_mm) / 25


@every_sheet
def test_markers_and_qr_code_stand_in_white(design: str, paper: str, scale: float) -> None:
    """One cell around markers, four modules around the QR code."""
    chart, raster = printed(design, paper, scale)[0], front(design, paper, scale)
    framed = [(marker.corners_page_mm, 1.0 / CELLS) for marker in chart.markers]
    for corners, border in [*framed, (chart.qr.corners_page_mm, 4.0 / 25)]:
        rim = raster.grey.copy()
        slack = 1.5 * raster.dot_mm
        inner, outer = box_around(corners, slack), box_around(corners, border * side_of(corners) - slack)
        rim[raster.box(inner)] = 255
        assert rim[raster.box(outer)].min() == 255


@every_sheet
def test_edges_part_their_ink_from_white_on_the_stated_side(design: str, paper: str, scale: float) -> None:
    """From one pixel beside the edge to as far as the chart says that ink and paper are plain."""
    chart, raster = printed(design, paper, scale)[0], front(design, paper, scale)
    along = np.linspace(0.05, 0.95, 40)[:, None, None]
    for edge in chart.edges:
        start, end = np.array(edge.from_page_mm), np.array(edge.to_page_mm)
        direction = (end - start) / np.linalg.norm(end - start)
        left = np.array([direction[1], -direction[0]])
        dark = left if edge.dark_side == "left" else -left
        away = np.linspace(1.5 * raster.dot_mm, edge.clear_mm - 1.5 * raster.dot_mm, 8)[None, :, None]
        places = start + along * (end - start)
        ink = raster.at((places + away * dark).reshape(-1, 2))
        assert np.abs(ink - 255.0 * edge.ink).max() < 10
        assert raster.at((places - away * dark).reshape(-1, 2)).min() > 245


def test_greys_are_printed_as_plain_grey() -> None:
    """A printer told a colour may mix its inks, and edges of its dots would be seen; black stays black."""
    paths = [thing for thing in pages("flat", "a4", 1.0)[0].get_objects() if thing.type == pdfium.FPDF_PAGEOBJ_PATH]
    fills = [fill_of(path) for path in paths]
    assert sorted({red for red, _, _ in fills}) == pytest.approx([0.0, 255 * STRONG_INK, 255 * WEAK_INK], abs=1)
    assert all(red == green == blue for red, green, blue in fills)


def fill_of(path: Any) -> tuple[int, int, int]:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    assert pdfium.FPDFPageObj_GetFillColor(path, red, green, blue, alpha)
    return red.value, green.value, blue.value


@every_sheet
def test_check_bars_measure_what_they_say(design: str, paper: str, scale: float) -> None:
    chart, raster = printed(design, paper, scale)[0], front(design, paper, scale)
    for bar in chart.check_bars:
        inked = ink_along(raster, bar, beyond_mm=1.5 * scale)
        assert inked == pytest.approx(bar.length_mm, abs=0.05)


def ink_along(raster: Raster, bar: CheckBar, beyond_mm: float) -> float:
    """Return the length of ink on the line through a check bar, from a little before to a little after it, mm."""
    start, end = np.array(bar.from_page_mm), np.array(bar.to_page_mm)
    direction = (end - start) / np.linalg.norm(end - start)
    way = np.arange(-beyond_mm, bar.length_mm + beyond_mm, 0.1 * raster.dot_mm)[:, None]
    grey = raster.at(start + way * direction)
    return float((255.0 - grey).mean() / 255.0 * (bar.length_mm + 2 * beyond_mm))


@every_sheet
def test_the_quiet_zone_shows_nothing_black_but_the_mark(design: str, paper: str, scale: float) -> None:
    chart, raster = printed(design, paper, scale)[0], front(design, paper, scale)
    (x, y), (width, height) = chart.af_mark_page_mm, chart.quiet_zone_mm
    slack = 1.5 * raster.dot_mm
    zone = (x - width / 2 + slack, y - height / 2 + slack, x + width / 2 - slack, y + height / 2 - slack)
    faint = 255 if design == "wall" else 255 * WEAK_INK - 10
    rows, columns = np.nonzero(raster.grey[raster.box(zone)] < faint)
    mark_width, mark_height = (np.ptp(columns), np.ptp(rows)) / raster.dots_per_mm
    wide, high = MARK_MM[design]
    unit = scale * min(PAPERS[paper].width_mm / 210.0, PAPERS[paper].height_mm / 279.4)
    assert mark_width == pytest.approx(wide * unit, abs=2 * raster.dot_mm)
    assert mark_height == pytest.approx(high * unit, abs=2 * raster.dot_mm)
    centre = raster.mm((np.mean(columns), np.mean(rows))) + np.array(zone[:2])
    assert centre == pytest.approx(chart.af_mark_page_mm, abs=2 * slack)


def test_outlines_paint_exactly_the_dark_cells() -> None:
    """Cells that touch at a corner only, holes, islands in holes: all that markers and QR codes hold."""
    seeded = np.random.default_rng(7)
    for _ in range(30):
        cells = seeded.random((9, 9)) < 0.5
        corners = ((0.0, 0.0), (90.0, 0.0), (90.0, 90.0), (0.0, 90.0))
        inside = np.zeros((9, 9), dtype=int)
        for outline in cell_outlines(cells, corners):
            for row, column in np.ndindex(9, 9):
                inside[row, column] += winds_around(outline, (10 * column + 5.0, 10 * row + 5.0))
        assert (inside == cells).all(), "wound once around ink, never around paper"


def winds_around(outline: list[Point], point: Point) -> int:
    """Return how often a closed outline goes clockwise (on the page, y down) around a point."""
    turns = 0
    for start, end in zip(outline, outline[1:] + outline[:1], strict=True):
        side = (end[0] - start[0]) * (point[1] - start[1]) - (point[0] - start[0]) * (end[1] - start[1])
        if start[1] <= point[1] < end[1] and side > 0:
            turns += 1
        elif end[1] <= point[1] < start[1] and side < 0:
            turns -= 1
    return turns


def test_a_preview_shows_the_chart_at_the_wanted_resolution_and_overwrites_nothing(tmp_path: Path) -> None:
    options = ["chart", "wall", "-o", str(tmp_path / "wall.pdf"), "--preview", str(tmp_path / "wall.png"), "--dpi"]
    assert CliRunner().invoke(cli, [*options, "100"]).exit_code == 0
    picture = cv2.imread(str(tmp_path / "wall.png"), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert picture.shape == pytest.approx((210.0 / 0.254, 297.0 / 0.254), abs=1.0)
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == build_chart("wall").qr.text

    before = (tmp_path / "wall.png").read_bytes()
    refused = CliRunner().invoke(cli, [*options, "50"])
    assert (refused.exit_code, "--force" in refused.output) == (2, True)
    assert (tmp_path / "wall.png").read_bytes() == before
    assert CliRunner().invoke(cli, [*options, "50", "--force"]).exit_code == 0
    assert (tmp_path / "wall.png").read_bytes() != before
