"""The upright chart: edges of two directions, spread over the page."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backfocus.targets import PAPERS, Chart, build_chart, chart_from_qr, parse_qr_text
from backfocus.targets.chart import Edge
from backfocus.targets.errors import ChartError
from backfocus.targets.ids import chart_of_marker

every_paper = pytest.mark.parametrize("paper", PAPERS)


def wall(paper: str = "a4") -> Chart:
    return build_chart("wall", paper)


def turn_deg(edge: Edge) -> float:
    """Smallest turn from the nearest of the page's two directions."""
    across, down = (b - a for a, b in zip(edge.from_page_mm, edge.to_page_mm, strict=True))
    return (math.degrees(math.atan2(down, across)) + 45.0) % 90.0 - 45.0


def is_upright(edge: Edge) -> bool:
    across, down = (abs(b - a) for a, b in zip(edge.from_page_mm, edge.to_page_mm, strict=True))
    return down > across


@every_paper
def test_it_is_one_upright_panel(paper: str) -> None:
    chart = wall(paper)
    assert len(chart.panels) == 1
    assert chart.angle_deg == chart.mark_tilt_deg == 0.0
    assert chart.page_mm == (PAPERS[paper].height_mm, PAPERS[paper].width_mm)
    assert chart.af_mark_page_mm == pytest.approx([side / 2 for side in chart.page_mm])


@every_paper
def test_edges_of_both_directions_are_off_the_pixel_grid_and_turned_both_ways(paper: str) -> None:
    edges = wall(paper).edges
    turns = [turn_deg(edge) for edge in edges]
    assert {round(abs(turn), 3) for turn in turns} == {5.0}
    assert 0.4 < np.mean([turn > 0 for turn in turns]) < 0.6
    assert sum(is_upright(edge) for edge in edges) == len(edges) / 2


@every_paper
def test_every_part_of_the_page_has_edges_of_both_directions(paper: str) -> None:
    """Left and right, above and below, so that their sharpness can be compared."""
    chart = wall(paper)
    width, height = chart.page_mm
    centres = np.array([np.mean([edge.from_page_mm, edge.to_page_mm], axis=0) for edge in chart.edges])
    upright = np.array([is_upright(edge) for edge in chart.edges])
    across, down = (centres / (width, height)).T
    for part in (across < 0.3, across > 0.7, down < 0.3, down > 0.7):
        assert (part & upright).sum() >= 16
        assert (part & ~upright).sum() >= 16


@every_paper
def test_left_and_right_have_the_same_edges(paper: str) -> None:
    chart = wall(paper)
    places = {(round(x, 3), round(y, 3)) for edge in chart.edges for x, y in (edge.from_page_mm, edge.to_page_mm)}
    middles = [np.mean([edge.from_page_mm, edge.to_page_mm], axis=0) for edge in chart.edges]
    left = [middle for middle in middles if middle[0] < chart.af_mark_page_mm[0] - 1.0]
    right = [middle for middle in middles if middle[0] > chart.af_mark_page_mm[0] + 1.0]
    assert len(places) == len(chart.edges)
    assert len(left) == len(right)


@every_paper
def test_markers_are_its_own_and_at_all_corners(paper: str) -> None:
    chart = wall(paper)
    assert {chart_of_marker(marker.id) for marker in chart.markers} == {("wall", paper)}
    spread = np.ptp(np.array([marker.corners_page_mm for marker in chart.markers]).reshape(-1, 2), axis=0)
    assert (spread > 0.85 * np.array(chart.page_mm)).all()


@every_paper
def test_nothing_but_the_mark_is_within_three_times_its_height(paper: str) -> None:
    chart = wall(paper)
    mark, unit = np.array(chart.af_mark_page_mm), chart.quiet_zone_mm[0] / 104.0
    shapes = [np.array(polygon.points_page_mm) - mark for polygon in chart.polygons]
    shapes += [np.array(marker.corners_page_mm) - mark for marker in chart.markers]
    distances = sorted(float(np.abs(shape).max(axis=1).min()) for shape in shapes)
    assert distances[8] <= 6.5 * unit
    assert distances[9] >= (6.5 + 3.4 * 13.0) * unit


@every_paper
def test_the_qr_text_leads_back_to_the_chart(paper: str) -> None:
    chart = build_chart("wall", paper, 1.5)
    assert "/A00.0/" in chart.qr.text
    assert chart_from_qr(parse_qr_text(chart.qr.text)) == chart


def test_it_has_no_angle_but_upright() -> None:
    with pytest.raises(ChartError, match="0°, the only one"):
        build_chart("wall", angle_deg=45.0)
