"""Marker ids and papers: a sheet on a wall keeps its ids, whatever is added later."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from backfocus.targets import PAPERS, build_chart, designs, ids
from backfocus.targets.ids import MARKER_IDS, Paper, chart_of_marker, marker_cells, marker_dictionary
from backfocus.targets.wall import WallSheet

FROZEN = {
    ("flat", "a4"): (0, 20, 210.0, 297.0),
    ("flat", "letter"): (20, 40, 215.9, 279.4),
    ("flat", "a3"): (40, 60, 297.0, 420.0),
    ("flat", "tabloid"): (60, 80, 279.4, 431.8),
    ("zfold", "a4"): (80, 100, 210.0, 297.0),
    ("zfold", "letter"): (100, 120, 215.9, 279.4),
    ("zfold", "a3"): (120, 140, 297.0, 420.0),
    ("zfold", "tabloid"): (140, 160, 279.4, 431.8),
    ("wall", "a4"): (160, 180, 210.0, 297.0),
    ("wall", "letter"): (180, 200, 215.9, 279.4),
    ("wall", "a3"): (200, 220, 297.0, 420.0),
    ("wall", "tabloid"): (220, 240, 279.4, 431.8),
}
LAST_ID_WITH_ROOM = 390


@pytest.mark.parametrize(("chart", "row"), FROZEN.items())
def test_the_ids_and_the_size_of_a_printed_chart_never_change(
    chart: tuple[str, str], row: tuple[int, int, float, float]
) -> None:
    paper = PAPERS[chart[1]]
    assert (MARKER_IDS[chart].start, MARKER_IDS[chart].stop, paper.width_mm, paper.height_mm) == row
    printed = [marker.id for marker in build_chart(*chart).markers]
    assert printed == list(MARKER_IDS[chart])[: len(printed)]


def test_no_two_charts_share_an_id() -> None:
    every = [marker_id for block in MARKER_IDS.values() for marker_id in block]
    assert len(set(every)) == len(every)
    assert max(every) <= LAST_ID_WITH_ROOM
    assert {chart_of_marker(marker_id) for marker_id in every} == set(MARKER_IDS)
    assert chart_of_marker(max(every) + 1) is None


def test_a_new_paper_and_a_new_design_leave_all_other_charts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {chart: build_chart(*chart) for chart in MARKER_IDS}
    new_rows = {("wall", "a2"): range(240, 254), ("flat", "a2"): range(254, 268), ("board", "a4"): range(268, 282)}
    monkeypatch.setitem(PAPERS, "a2", Paper("a2", "A2", 420.0, 594.0))
    monkeypatch.setitem(designs.BUILDERS, "board", designs.Design(WallSheet, (0.0, 0.0), 0.0))
    for row, block in new_rows.items():
        monkeypatch.setitem(MARKER_IDS, row, block)
    assert {chart: build_chart(*chart) for chart in before} == before
    for row in (("wall", "a2"), ("flat", "a2")):
        assert {marker.id for marker in build_chart(*row).markers} <= set(new_rows[row])
    assert chart_of_marker(269) == ("board", "a4")
    with pytest.raises(designs.ChartError, match="no paper 'a2'"):
        build_chart("zfold", "a2")


def test_markers_look_as_in_the_dictionary_of_250_that_sheets_were_printed_with() -> None:
    old = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_250)
    for marker_id in (0, 7, 91, 165, 239):
        image = cv2.aruco.generateImageMarker(old, marker_id, ids.CELLS)
        assert ((np.asarray(image) < 128) == marker_cells(marker_id)).all()


def test_one_misread_cell_makes_no_other_marker_up_to_the_last_id_with_room() -> None:
    inner = [marker_cells(marker_id)[1:-1, 1:-1] for marker_id in range(LAST_ID_WITH_ROOM + 1)]
    upright = np.array(inner).reshape(-1, 16)
    turned = np.array([[np.rot90(cells, turns).ravel() for turns in range(4)] for cells in inner])
    for index, turns in enumerate(turned):
        different = (turns[:, None] != upright[None]).sum(axis=2).min(axis=0)
        assert np.delete(different, index).min() >= 3


@pytest.mark.parametrize("place", [0, 133, 239])
def test_the_reader_s_dictionary_holds_the_charts_markers_and_no_others(place: int) -> None:
    dictionary, known = marker_dictionary()
    assert len(dictionary.bytesList) == len(known) == sum(map(len, MARKER_IDS.values()))
    detector = cv2.aruco.ArucoDetector(dictionary)
    found = detector.detectMarkers(picture_of(known[place]))[1]
    assert np.ravel(found).tolist() == [place]
    assert detector.detectMarkers(picture_of(max(known) + 1))[1] is None


def picture_of(marker_id: int) -> np.ndarray:
    cells = np.kron(marker_cells(marker_id), np.ones((20, 20)))
    return np.pad(np.where(cells, 0, 255), 40, constant_values=255).astype(np.uint8)
