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
    assert values[: len(values) // 2] == [-value for value in values[: len(values) // 2 - 1 : -1]]
    assert len(values) >= 6
    for label in numbers:
        value = int(label.text.replace("\N{MINUS SIGN}", "-"))
        assert depth(chart, middle_of_number(label)) == pytest.approx(value, abs=0.02 * label.height_mm)
        ticks = [
            tick for tick in chart.strokes if depth(chart, tick.from_page_mm) == pytest.approx(value, abs=1e-4)
        ]
        assert len(ticks) == 2, "one on either side"


def middle_of_number(label: Label) -> Point:
    return (label.at_page_mm[0], label.at_page_mm[1] - CAPITAL_HEIGHT / 2 * label.height_mm)


@pytest.mark.parametrize("paper", PAPERS)
def test_there_are_edges_at_every_depth(paper: str) -> None:
    chart = build_chart("flat", paper)
    for wanted in range(-60, 61, 2):
        there = [edge for edge in chart.edges if spans(chart, edge, wanted)]
        assert len(there) >= (8 if abs(wanted) > 17 else 6), f"depth {wanted} mm"


def spans(chart: Chart, edge: Edge, wanted: float) -> bool:
    ends = sorted((depth(chart, edge.from_page_mm), depth(chart, edge.to_page_mm)))
    return ends[0] <= wanted <= ends[1]


@pytest.mark.parametrize(("paper", "scale"), SHEETS)
def test_no_bar_is_cut_for_a_slit(paper: str, scale: float) -> None:
    """Two edges in line are pieces of one, or something lies between them."""
    edges = build_chart("flat", paper, scale).edges
    for edge in edges:
        gaps = [math.dist(edge.to_page_mm, other.from_page_mm) for other in edges if other is not edge]
        assert not [gap for gap in gaps if 1e-3 < gap < 3.0 * scale]


@pytest.mark.parametrize(("paper", "scale"), SHEETS)
def test_edges_run_along_the_depth_direction_off_the_pixel_grid(paper: str, scale: float) -> None:
    for edge in build_chart("flat", paper, scale).edges:
        across, along = (b - a for a, b in zip(edge.from_page_mm, edge.to_page_mm, strict=True))
        assert 2.0 < abs(math.degrees(math.atan(across / along))) < 6.0


@pytest.mark.parametrize(("paper", "scale"), SHEETS)
def test_the_af_mark_stands_alone_in_the_quiet_zone(paper: str, scale: float) -> None:
    chart = build_chart("flat", paper, scale)
    marks = 0
    for polygon in chart.polygons:
        inside = [in_quiet_zone(chart, point) for point in polygon.points_page_mm]
        near_middle = all(
            math.dist(point, chart.af_mark_page_mm) < 0.4 * chart.quiet_zone_mm[0]
            for point in polygon.points_page_mm
        )
        assert near_middle or not any(inside)
        marks += near_middle
    assert marks > 0
    others = [*(corner for marker in chart.markers for corner in marker.corners_page_mm), *chart.qr.corners_page_mm]
    others += [point for edge in chart.edges for point in (edge.from_page_mm, edge.to_page_mm)]
    others += [point for stroke in chart.strokes for point in (stroke.from_page_mm, stroke.to_page_mm)]
    assert not any(in_quiet_zone(chart, point) for point in others)


def in_quiet_zone(chart: Chart, point: Point) -> bool:
    return all(
        abs(value - mark) < size / 2 - 1e-3
        for value, mark, size in zip(point, chart.af_mark_page_mm, chart.quiet_zone_mm, strict=True)
    )


def test_the_a4_chart_is_good_up_to_37_focal_lengths() -> None:
    """72 mm of quiet zone, seen by an AF area of 2 mm at 37 focal lengths."""
    chart = build_chart()
    assert chart.widest_distance_over_focal_length == pytest.approx(37.0)
    assert any("37 focal lengths" in label.text for label in chart.labels)


def test_a_steeper_lean_makes_the_quiet_zone_look_shorter() -> None:
    steep = build_chart(angle_deg=70.0)
    assert steep.widest_distance_over_focal_length == pytest.approx(
        72.0 * math.sqrt(2.0) * math.cos(math.radians(70.0)) / 2.0 + 1.0, abs=1e-3
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
    assert {edge["dark_side"] for edge in geometry["edges"]} == {"left", "right"}
    assert geometry["qr"]["text"] == chart.qr.text


def test_a_chart_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        build_chart().scale = 2.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("paper", "digest"),
    [
        ("a4", "bd242ddefbd3a5b0"),
        ("letter", "a0b27d226404d7d6"),
        ("a3", "432f5166e285f227"),
        ("tabloid", "25f16294c9b11c42"),
    ],
)
def test_the_layout_of_format_version_1_never_changes(paper: str, digest: str) -> None:
    """A sheet on somebody's wall must be read by every later version; a new layout needs a new version."""
    described = geometry_dict(build_chart("flat", paper))
    measured_by = {key: described[key] for key in ("page_mm", "af_mark_page_mm", "markers", "edges", "qr")}
    rounded = json.dumps(measured_by, sort_keys=True)
    assert hashlib.sha256(rounded.encode()).hexdigest()[:16] == digest
