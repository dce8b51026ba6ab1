"""The folded chart: panels, folds, and what lies on which wing."""

from __future__ import annotations

import functools
import hashlib
import json
import math

import numpy as np
import numpy.typing as npt
import pypdfium2
import pytest

from backfocus.targets import PAPERS, Chart, build_chart, chart_from_qr, parse_qr_text
from backfocus.targets.chart import Edge, Panel, Point
from backfocus.targets.errors import ChartError
from backfocus.targets.ids import chart_of_marker
from backfocus.targets.printing.pdf import geometry_dict, pdf_bytes
from backfocus.targets.tiles import STRONG_INK, WEAK_INK

SHEETS = [*((paper, 1.0) for paper in PAPERS), ("a4", 0.6), ("letter", 0.6), ("a4", 2.0)]
every_sheet = pytest.mark.parametrize(("paper", "scale"), SHEETS)


@functools.cache
def zfold(paper: str = "a4", scale: float = 1.0) -> Chart:
    return build_chart("zfold", paper, scale)


def panel(chart: Chart, name: str) -> Panel:
    return next(panel for panel in chart.panels if panel.name == name)


def fold_x(panel: Panel) -> float:
    assert panel.hinge_page_mm is not None
    return panel.hinge_page_mm[0][0]


def inside(panel: Panel, point: Point) -> bool:
    across, down = zip(*panel.outline_page_mm, strict=True)
    return min(across) < point[0] < max(across) and min(down) < point[1] < max(down)


def distance_from_fold(chart: Chart, edge_or_panel: str, point: Point) -> float:
    return abs(point[0] - fold_x(panel(chart, edge_or_panel)))


@every_sheet
def test_the_middle_panel_comes_first_and_holds_the_af_mark(paper: str, scale: float) -> None:
    chart = zfold(paper, scale)
    middle, *wings = chart.panels
    assert middle.hinge_page_mm is None
    assert inside(middle, chart.af_mark_page_mm)
    assert not any(inside(wing, chart.af_mark_page_mm) for wing in wings)


@every_sheet
def test_the_left_wing_comes_forward_and_the_right_one_goes_back(paper: str, scale: float) -> None:
    chart = zfold(paper, scale)
    mark = chart.af_mark_page_mm[0]
    assert [(wing.fold_deg, fold_x(wing) < mark) for wing in chart.panels[1:]] == [(45.0, True), (-45.0, False)]
    assert chart.far_direction_page == (1.0, 0.0)


@every_sheet
def test_panels_cover_the_page_and_meet_at_upright_folds(paper: str, scale: float) -> None:
    chart = zfold(paper, scale)
    width, height = chart.page_mm
    assert (width, height) == pytest.approx((PAPERS[paper].height_mm * scale, PAPERS[paper].width_mm * scale))
    left, right = sorted(fold_x(wing) for wing in chart.panels[1:])
    borders = [x for panel in chart.panels for x in sorted({x for x, _ in panel.outline_page_mm})]
    assert borders == pytest.approx([left, right, 0.0, left, right, width])
    for wing in chart.panels[1:]:
        assert wing.hinge_page_mm == ((fold_x(wing), 0.0), (fold_x(wing), height))


@every_sheet
def test_nothing_that_is_measured_comes_within_3_mm_of_a_fold(paper: str, scale: float) -> None:
    chart = zfold(paper, scale)
    folds = [fold_x(wing) for wing in chart.panels[1:]]
    shapes = [*(marker.corners_page_mm for marker in chart.markers), chart.qr.corners_page_mm]
    shapes += [polygon.points_page_mm for polygon in chart.polygons]
    shapes += [(bar.from_page_mm, bar.to_page_mm) for bar in chart.check_bars]
    for shape in shapes:
        across = [x for x, _ in shape]
        assert all(max(across) < fold - 3.0 * scale or min(across) > fold + 3.0 * scale for fold in folds)


@every_sheet
def test_markers_and_edges_lie_on_the_panel_that_they_name(paper: str, scale: float) -> None:
    chart = zfold(paper, scale)
    for marker in chart.markers:
        assert all(inside(panel(chart, marker.panel), corner) for corner in marker.corners_page_mm)
    for edge in chart.edges:
        assert inside(panel(chart, edge.panel), edge.from_page_mm)
        assert inside(panel(chart, edge.panel), edge.to_page_mm)
    assert all(inside(panel(chart, chart.qr.panel), corner) for corner in chart.qr.corners_page_mm)


@every_sheet
def test_every_panel_can_be_placed_by_its_own_markers(paper: str, scale: float) -> None:
    """Four on a wing, over most of its height and width; three on the narrow middle, over its height."""
    chart = zfold(paper, scale)
    for each in chart.panels:
        corners = np.array([m.corners_page_mm for m in chart.markers if m.panel == each.name])
        size = np.ptp(np.array(each.outline_page_mm), axis=0)
        wide, high = np.ptp(corners.reshape(-1, 2), axis=0) / size
        least = (3, 0.55) if each.name == "middle" else (4, 0.85)
        assert (len(corners), wide) >= least
        assert wide > least[1]
        assert high > 0.85


def test_marker_ids_tell_design_and_paper() -> None:
    for paper in PAPERS:
        assert {chart_of_marker(marker.id) for marker in zfold(paper).markers} == {("zfold", paper)}


@pytest.mark.parametrize(("paper", "least"), [("a4", 79.0), ("letter", 70.0), ("a3", 112.0), ("tabloid", 115.0)])
def test_there_are_edges_of_both_directions_from_the_folds_to_the_ends(paper: str, least: float) -> None:
    """Folded by 45°; so near the mark that depth begins 25 mm beside it, at 4 mm, and at many heights each."""
    chart = zfold(paper)
    for name in ("forward", "back"):
        for depth in np.arange(4.0 * chart.page_mm[1] / 210.0, least, 2.0):
            out = float(depth) * math.sqrt(2.0)
            outwards = [edge for edge in chart.edges if edge.panel == name and spans(chart, edge, out)]
            assert len(outwards) >= 8, f"{name}, {depth} mm"
        upright = [edge.from_page_mm for edge in chart.edges if is_upright(edge, name)]
        across = sorted(distance_from_fold(chart, name, point) for point in upright)
        assert max(np.diff(across)) < 8.0 * chart.page_mm[1] / 210.0


def spans(chart: Chart, edge: Edge, out: float) -> bool:
    ends = sorted(distance_from_fold(chart, edge.panel, point) for point in (edge.from_page_mm, edge.to_page_mm))
    return ends[0] - 3.5 <= out <= ends[1] + 3.5 and not is_upright(edge, edge.panel)


def is_upright(edge: Edge, panel: str) -> bool:
    (x, y), (other_x, other_y) = edge.from_page_mm, edge.to_page_mm
    return edge.panel == panel and abs(y - other_y) > abs(x - other_x)


@every_sheet
def test_edges_slant_both_ways_against_the_pixels(paper: str, scale: float) -> None:
    chart = zfold(paper, scale)
    for name in ("middle", "forward", "back"):
        for upright in (True, False):
            slants = []
            for edge in chart.edges:
                if edge.panel == name and is_upright(edge, name) == upright:
                    along, across = (b - a for a, b in zip(edge.from_page_mm, edge.to_page_mm, strict=True))
                    slants.append(math.degrees(math.atan(along / across if upright else across / along)))
            assert sorted({round(slant, 1) for slant in slants}) == [-5.0, 5.0]


@every_sheet
def test_edges_with_depth_are_weak_as_far_as_an_af_area_sees(paper: str, scale: float) -> None:
    """The quiet zone is what the camera sees of the card when it is folded by 45°."""
    chart = zfold(paper, scale)
    x, y = chart.af_mark_page_mm
    half_width, half_height = chart.quiet_zone_mm[0] / 2, chart.quiet_zone_mm[1] / 2
    inks = {True: set[float](), False: set[float]()}
    for edge in chart.edges:
        if edge.panel != "middle":
            middle = np.mean([edge.from_page_mm, edge.to_page_mm], axis=0)
            fold = abs(fold_x(panel(chart, edge.panel)) - x)
            seen_at = fold + (abs(middle[0] - x) - fold) * math.sqrt(0.5)
            if abs(seen_at - half_width) > 4.0 * chart.page_mm[1] / 210.0:
                inside_zone = bool(seen_at < half_width and abs(middle[1] - y) < 0.88 * half_height)
                outside_zone = bool(seen_at > half_width or abs(middle[1] - y) > 1.2 * half_height)
                if inside_zone or outside_zone:
                    inks[inside_zone].add(edge.ink)
    assert inks == {True: {WEAK_INK}, False: {STRONG_INK}}


@every_sheet
def test_the_mark_stands_alone_between_tiles_of_its_own_depth(paper: str, scale: float) -> None:
    """On the middle panel, as much white around it as tiles have between each other, and more."""
    chart = zfold(paper, scale)
    mark = np.array(chart.af_mark_page_mm)
    shapes = [np.array(polygon.points_page_mm) - mark for polygon in chart.polygons if polygon.ink > 0.0]
    unit = 6.5 / max(np.abs(shape).max() for shape in marks_of(chart))
    assert min(np.abs(shape).max(axis=1).min() for shape in shapes) * unit > 6.5 + 3.0


def marks_of(chart: Chart) -> list[npt.NDArray[np.float64]]:
    """Shapes of the AF mark, from its middle."""
    mark, reach = np.array(chart.af_mark_page_mm), 0.1 * chart.quiet_zone_mm[0]
    shapes = [np.array(polygon.points_page_mm) - mark for polygon in chart.polygons if polygon.ink == 0.0]
    return [shape for shape in shapes if np.abs(shape).max() < reach]


@pytest.mark.parametrize("design", ["zfold", "wall"])
def test_the_mark_looks_the_same_after_a_quarter_turn(design: str) -> None:
    """Horizontal and vertical AF sensors see the same detail, on both sides of the mark's middle."""
    chart = build_chart(design)
    mark = np.array(chart.af_mark_page_mm)
    shapes = [np.array(polygon.points_page_mm) - mark for polygon in chart.polygons]
    shapes = [shape for shape in shapes if np.abs(shape).max() < 7.0]
    turned = [shape @ np.array([[0.0, -1.0], [1.0, 0.0]]) for shape in shapes]
    mirrored = [shape * (-1.0, 1.0) for shape in shapes]
    assert len(shapes) == 9
    assert point_sets(shapes) == point_sets(turned) == point_sets(mirrored)


def point_sets(shapes: list[npt.NDArray[np.float64]]) -> set[frozenset[tuple[float, float]]]:
    return {frozenset((round(x, 4) + 0.0, round(y, 4) + 0.0) for x, y in shape.tolist()) for shape in shapes}


@pytest.mark.parametrize(("paper", "scale"), [("a4", 1.0), ("letter", 0.6), ("a3", 1.0), ("tabloid", 1.0)])
def test_fold_lines_are_printed_where_the_geometry_says(paper: str, scale: float) -> None:
    """The ink's centre of mass, at 300 dpi and more, is within 0.1 mm of the hinge."""
    chart = zfold(paper, scale)
    page = pypdfium2.PdfDocument(pdf_bytes(chart))[0]
    dots_per_mm = 16.0
    grey = page.render(scale=dots_per_mm * 25.4 / 72.0, grayscale=True).to_numpy()
    ink = 255.0 - grey.reshape(grey.shape[:2])
    columns_per_mm = ink.shape[1] / chart.page_mm[0]
    quiet_top = round(ink.shape[0] * (0.5 - chart.quiet_zone_mm[1] / 2 / chart.page_mm[1]))
    for wing in chart.panels[1:]:
        first, last = (round((fold_x(wing) + aside * scale) * columns_per_mm) for aside in (-2.5, 2.5))
        for rows in (slice(0, quiet_top), slice(-quiet_top, None)):
            strip = ink[rows, first:last].sum(axis=0)
            printed = (first + 0.5 + strip @ np.arange(len(strip)) / strip.sum()) / columns_per_mm
            assert printed == pytest.approx(fold_x(wing), abs=0.1)
        middle = ink[quiet_top + 8 : -quiet_top - 8, first:last]
        assert middle.max() == 0.0, "nothing beside the quiet zone"


def test_mountain_and_valley_are_marked_differently() -> None:
    """The valley, on the left, is dashed; the mountain has dots between its dashes."""
    chart = zfold()
    lengths = {}
    for wing in chart.panels[1:]:
        strokes = [stroke for stroke in chart.strokes if stroke.from_page_mm[0] == pytest.approx(fold_x(wing))]
        lengths[wing.name] = [math.dist(stroke.from_page_mm, stroke.to_page_mm) for stroke in strokes]
    assert min(lengths["forward"][:-1]) > 1.0
    assert sum(length < 0.5 for length in lengths["back"]) >= 8


@every_sheet
def test_nothing_the_reader_looks_for_depends_on_the_fold(paper: str, scale: float) -> None:
    standard = zfold(paper, scale)
    for angle in (25.0, 65.0):
        chart = build_chart("zfold", paper, scale, angle)
        assert chart.markers == standard.markers
        assert chart.edges == standard.edges
        assert [panel.fold_deg for panel in chart.panels] == [0.0, angle, -angle]


@pytest.mark.parametrize("angle", [25.0, 45.0, 65.0])
@every_sheet
def test_the_rulers_count_depth_outwards_from_the_folds(paper: str, scale: float, angle: float) -> None:
    chart = build_chart("zfold", paper, scale, angle)
    numbers = [label for label in chart.labels if label.text.lstrip("+\N{MINUS SIGN}").isdigit()]
    assert len(numbers) >= 2
    for label in numbers:
        value = int(label.text.replace("\N{MINUS SIGN}", "-"))
        wing = panel(chart, "forward" if value < 0 else "back")
        assert inside(wing, label.at_page_mm)
        out = abs(label.at_page_mm[0] - fold_x(wing))
        assert out * math.sin(math.radians(angle)) == pytest.approx(abs(value), abs=1e-3)


@pytest.mark.parametrize("paper", PAPERS)
def test_the_qr_text_leads_back_to_the_chart(paper: str) -> None:
    chart = build_chart("zfold", paper, 0.75, 50.0)
    assert chart_from_qr(parse_qr_text(chart.qr.text)) == chart


@pytest.mark.parametrize("angle", [24.9, 65.1, math.nan])
def test_a_fold_that_is_too_flat_or_too_steep_is_refused(angle: float) -> None:
    with pytest.raises(ChartError, match="25° to 65°"):
        build_chart("zfold", angle_deg=angle)


def test_the_geometry_file_tells_hinges_and_folds() -> None:
    told = geometry_dict(zfold())["panels"]
    assert [panel["name"] for panel in told] == ["middle", "forward", "back"]
    assert [panel["fold_deg"] for panel in told] == [0.0, 45.0, -45.0]
    assert told[0]["hinge_page_mm"] is None
    assert told[1]["hinge_page_mm"] == [[128.5, 0.0], [128.5, 210.0]]
    assert told[2]["hinge_page_mm"] == [[168.5, 0.0], [168.5, 210.0]]


LAYOUTS = {
    ("zfold", "a4"): "2bc9c6563f3b25f0",
    ("zfold", "letter"): "67ef8043db6da398",
    ("zfold", "a3"): "acddd0af048dfa8e",
    ("zfold", "tabloid"): "2aa5d38a9e6cc5e5",
    ("wall", "a4"): "068a4c612a9b98af",
    ("wall", "letter"): "9829295e369c0da6",
    ("wall", "a3"): "f088c885b0c75422",
    ("wall", "tabloid"): "f06a06a7ccb7f9c7",
}


@pytest.mark.parametrize(("design", "paper"), LAYOUTS)
def test_the_layout_of_format_version_2_never_changes(design: str, paper: str) -> None:
    """A sheet that was printed must be read by every later version; a new layout needs a new version."""
    described = geometry_dict(build_chart(design, paper))
    keys = ("page_mm", "af_mark_page_mm", "panels", "markers", "edges", "qr")
    text = json.dumps({key: described[key] for key in keys}, sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == LAYOUTS[design, paper]
