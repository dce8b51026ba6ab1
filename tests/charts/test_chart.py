"""What the chart description says: where things lie, and that it can be trusted."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math

import pytest

from backfocus.targets import PAPERS, Chart, build_chart
from backfocus.targets.chart import Edge, Label, Point
from backfocus.targets.errors import ChartError
from backfocus.targets.printing.pdf import geometry_dict, geometry_json

SHEETS = [*((paper, 1.0) for paper in PAPERS), ("a4", 0.6), ("letter", 0.6), ("a4", 2.0)]
CAPITAL_HEIGHT = 0.73
"""Of the printed font, over its size."""


def depth(chart: Chart, point: Point) -> float:
    return (chart.af_mark_page_mm[1] - point[1]) * math.sin(math.radians(chart.angle_deg))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"design": "round"}, "flat"),
        ({"paper": "a9"}, "letter"),
        ({"scale": 0.59}, "0.6"),
        ({"scale": 4.01}, "4"),
        ({"scale": math.nan}, "0.6"),
        ({"scale": math.inf}, "4"),
        ({"angle_deg": 19.9}, "20"),
        ({"angle_deg": 70.1}, "70"),
        ({"angle_deg": math.nan}, "70"),
        ({"chart_id": "K7Q2XZ"}, "7"),
        ({"chart_id": "k7q2xz9"}, "7"),
        ({"chart_id": "K7Q2XZO"}, "K7Q2XZO"),
    ],
)
def test_a_chart_that_cannot_be_made_is_refused_with_what_can(arguments: dict[str, object], told: str) -> None:
    with pytest.raises(ChartError, match=told):
        build_chart(**arguments)  # type: ignore[arg-type]


def test_the_same_arguments_give_the_same_chart() -> None:
    assert build_chart("flat", "letter", 0.8, 40.0) == build_chart("flat", "letter", 0.8, 40.0)


def test_different_charts_have_different_ids() -> None:
    charts = [build_chart("flat", paper, scale, angle) for paper, scale in SHEETS for angle in (30.0, 45.0)]
    assert len({chart.id for chart in charts}) == len(charts)


def test_marker_ids_belong_to_one_paper() -> None:
    ids = [marker.id for paper in PAPERS for marker in build_chart("flat", paper).markers]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(("paper", "scale"), SHEETS)
def test_nothing_the_reader_looks_for_depends_on_the_angle(paper: str, scale: float) -> None:
    """A photo whose QR code is too blurred is read with the standard angle."""
    standard = build_chart("flat", paper, scale)
    for angle in (20.0, 22.5, 33.0, 70.0):
        chart = build_chart("flat", paper, scale, angle)
        assert chart.markers == standard.markers
        assert chart.edges == standard.edges
        assert chart.qr.corners_page_mm == standard.qr.corners_page_mm
        assert chart.check_bars == standard.check_bars


@pytest.mark.parametrize("scale", [0.6, 2.0, 4.0])
@pytest.mark.parametrize("paper", PAPERS)
def test_scale_multiplies_markers_and_qr_code(paper: str, scale: float) -> None:
    full, scaled = build_chart("flat", paper), build_chart("flat", paper, scale)
    for before, after in zip([*full.markers, full.qr], [*scaled.markers, scaled.qr], strict=True):
        for corner, place in zip(before.corners_page_mm, after.corners_page_mm, strict=True):
            assert place == pytest.approx([scale * value for value in corner], abs=1e-5)


@pytest.mark.parametrize(("paper", "scale"), SHEETS)
@pytest.mark.parametrize("angle", [20.0, 45.0, 70.0])
def test_rulers_count_depth_and_plus_is_the_far_side(paper: str, scale: float, angle: float) -> None:
    chart = build_chart("flat", paper, scale, angle)
    numbers = [label for label in chart.labels if label.text.lstrip("+\N{MINUS SIGN}").isdigit()]
    values = sorted(int(label.text.replace("\N{MINUS SIGN}", "-")) for label in numbers)
    assert values == [-value for value in reversed(values)]
    assert len(values) >= 6
    for label in numbers:
        value = int(label.text.replace("\N{MINUS SIGN}", "-"))
        assert depth(chart, middle_of_number(label)) == pytest.approx(value, abs=0.02 * label.height_mm)
        ticks = [
            tick for tick in chart.strokes if depth(chart, tick.from_page_mm) == pytest.approx(value, abs=1e-4)
        ]
        assert len(ticks) == 1


def middle_of_number(label: Label) -> Point:
    """It is turned by a quarter, and its anchor is in its middle."""
    assert (label.turn_deg, label.anchor) == (90.0, "middle")
    return label.at_page_mm


@pytest.mark.parametrize(("paper", "reach"), [("a4", 80), ("letter", 70), ("a3", 113), ("tabloid", 119)])
def test_there_are_edges_of_both_directions_at_every_depth(paper: str, reach: int) -> None:
    """In every 10 mm of depth at 45° (A4), near the mark and aside."""
    chart = build_chart("flat", paper)
    unit = chart.quiet_zone_mm[0] / 75.0
    rows = [round(depth(chart, middle_of(edge)) / 10.0 / unit) for edge in chart.edges]
    assert max(rows) == -min(rows) == int(reach / 10.0 / unit + 0.5)
    for row in range(min(rows), max(rows) + 1):
        there = [edge for edge, of in zip(chart.edges, rows, strict=True) if of == row]
        upright = [edge for edge in there if is_steep(edge)]
        for kind in (upright, [edge for edge in there if not is_steep(edge)]):
            aside = sorted(abs(middle_of(edge)[0] - chart.af_mark_page_mm[0]) / unit for edge in kind)
            assert len(aside) >= 16
            assert aside[0] < (17.0 if row else 27.0)
            assert aside[-1] > 35.0


def middle_of(edge: Edge) -> Point:
    (x, y), (to_x, to_y) = edge.from_page_mm, edge.to_page_mm
    return (x + to_x) / 2, (y + to_y) / 2


def is_steep(edge: Edge) -> bool:
    across, along = (abs(b - a) for a, b in zip(edge.from_page_mm, edge.to_page_mm, strict=True))
    return along > across


@pytest.mark.parametrize(("paper", "scale"), SHEETS)
def test_edges_of_both_directions_are_off_the_pixel_grid_and_lean_both_ways(paper: str, scale: float) -> None:
    edges = build_chart("flat", paper, scale).edges
    for steep in (True, False):
        leans = []
        for edge in edges:
            across, along = (b - a for a, b in zip(edge.from_page_mm, edge.to_page_mm, strict=True))
            if is_steep(edge) == steep:
                leans.append(math.degrees(math.atan(across / along if steep else along / across)))
        assert {round(abs(lean), 2) for lean in leans} == {5.0}
        assert 0.4 < sum(lean > 0 for lean in leans) / len(leans) < 0.6


@pytest.mark.parametrize(("paper", "scale"), SHEETS)
def test_a_tile_is_two_bars_of_one_ink(paper: str, scale: float) -> None:
    chart = build_chart("flat", paper, scale)
    assert [edge.tile for edge in chart.edges] == [index // 4 for index in range(len(chart.edges))]
    for first in range(0, len(chart.edges), 4):
        tile = chart.edges[first : first + 4]
        assert len({edge.ink for edge in tile}) == 1
        assert len({is_steep(edge) for edge in tile}) == 1
        middles = [middle_of(edge) for edge in tile]
        assert max(math.dist(one, other) for one in middles for other in middles) < 16.0 * scale * 1.42


@pytest.mark.parametrize(("paper", "scale"), SHEETS)
def test_the_quiet_zone_holds_the_mark_and_weak_edges_only(paper: str, scale: float) -> None:
    chart = build_chart("flat", paper, scale)
    marks = []
    for polygon in chart.polygons:
        if polygon.ink < 0.70 and any(in_quiet_zone(chart, point) for point in polygon.points_page_mm):
            assert polygon.ink == 0.0
            marks += polygon.points_page_mm
    x, y = chart.af_mark_page_mm
    wide, high = (max(abs(point[axis] - (x, y)[axis]) for point in marks) for axis in (0, 1))
    assert (wide, high) == pytest.approx(
        (13.3 / 37.5 * chart.quiet_zone_mm[0] / 2, 0.08 * chart.quiet_zone_mm[1] / 2)
    )
    assert {edge.ink for edge in chart.edges if in_quiet_zone(chart, edge.from_page_mm)} == {0.70}
    assert {edge.ink for edge in chart.edges} == {0.70, 0.45}
    others = [*(corner for marker in chart.markers for corner in marker.corners_page_mm), *chart.qr.corners_page_mm]
    others += [point for stroke in chart.strokes for point in (stroke.from_page_mm, stroke.to_page_mm)]
    assert not any(in_quiet_zone(chart, point) for point in others)


def in_quiet_zone(chart: Chart, point: Point) -> bool:
    return all(
        abs(value - mark) < size / 2 - 1e-3
        for value, mark, size in zip(point, chart.af_mark_page_mm, chart.quiet_zone_mm, strict=True)
    )


def test_the_a4_chart_is_good_up_to_36_focal_lengths() -> None:
    """100 mm of quiet zone up the sheet look like 71 mm at 45°, seen by an AF area of 2 mm at 36 focal lengths."""
    chart = build_chart()
    assert chart.widest_distance_over_focal_length == pytest.approx(100.0 / math.sqrt(2.0) / 2.0 + 1.0, abs=1e-3)
    assert any("36 focal lengths" in label.text for label in chart.labels)


def test_a_steeper_lean_makes_the_quiet_zone_look_shorter() -> None:
    steep = build_chart(angle_deg=70.0)
    assert steep.widest_distance_over_focal_length == pytest.approx(
        100.0 * math.cos(math.radians(70.0)) / 2.0 + 1.0, abs=1e-3
    )


@pytest.mark.parametrize(("paper", "scale"), SHEETS)
def test_check_bars_are_at_right_angles_and_as_long_as_they_say(paper: str, scale: float) -> None:
    chart = build_chart("flat", paper, scale)
    across, upright = chart.check_bars
    assert across.from_page_mm[1] == across.to_page_mm[1]
    assert upright.from_page_mm[0] == upright.to_page_mm[0]
    for bar in chart.check_bars:
        assert math.dist(bar.from_page_mm, bar.to_page_mm) == pytest.approx(100.0 * scale)
        assert bar.length_mm == pytest.approx(100.0 * scale)
    assert any(label.text.startswith(f"{100 * scale:g} mm") for label in chart.labels)


@pytest.mark.parametrize(("paper", "scale"), SHEETS)
def test_every_word_is_large_enough_to_read(paper: str, scale: float) -> None:
    assert min(label.height_mm for label in build_chart("flat", paper, scale).labels) >= 2.3


def test_the_geometry_file_says_all_that_the_format_promises() -> None:
    chart = build_chart("flat", "a3", 0.7, 50.0)
    geometry = json.loads(geometry_json(chart))
    assert geometry == geometry_dict(chart)
    head = {key: geometry[key] for key in ("schema", "design", "paper", "scale", "angle_deg", "id")}
    assert head == {
        "schema": "backfocus/chart/1",
        "design": "flat",
        "paper": "a3",
        "scale": 0.7,
        "angle_deg": 50.0,
        "id": chart.id,
    }
    assert geometry["page_mm"] == pytest.approx([297.0 * 0.7, 420.0 * 0.7])
    assert geometry["af_mark_page_mm"] == pytest.approx([297.0 * 0.35, 420.0 * 0.35])
    assert geometry["far_direction_page"] == [0.0, -1.0]
    assert geometry["panels"][0]["hinge_page_mm"] is None
    assert [marker["id"] for marker in geometry["markers"]] == [marker.id for marker in chart.markers]
    assert all(len(marker["corners_page_mm"]) == 4 for marker in geometry["markers"])
    assert len(geometry["edges"]) == len(chart.edges)
    assert {edge["dark_side"] for edge in geometry["edges"]} == {"left"}
    assert {edge["ink"] for edge in geometry["edges"]} == {0.70, 0.45}
    assert geometry["edges"][-1]["tile"] == len(geometry["edges"]) // 4 - 1
    assert geometry["qr"]["text"] == chart.qr.text


def test_a_chart_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        build_chart().scale = 2.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("paper", "digest"),
    [
        ("a4", "e32129eb153252ca"),
        ("letter", "59c8e2ea05781609"),
        ("a3", "37deed1451347bc4"),
        ("tabloid", "0acf0ed4215f6d00"),
    ],
)
def test_the_layout_of_format_version_2_never_changes(paper: str, digest: str) -> None:
    """A sheet on somebody's wall must be read by every later version; a new layout needs a new version."""
    described = geometry_dict(build_chart("flat", paper))
    measured_by = {key: described[key] for key in ("page_mm", "af_mark_page_mm", "markers", "edges", "qr")}
    rounded = json.dumps(measured_by, sort_keys=True)
    assert hashlib.sha256(rounded.encode()).hexdigest()[:16] == digest
