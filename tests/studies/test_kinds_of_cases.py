"""A slice of the study of kinds of cases: what their photos are, and how they are counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import KINDS, draw_case
from kinds_of_cases import Outcome, outcome, table

SPOILT = ("torn", "part lost, grey")


def test_a_kind_and_a_number_give_the_same_photo() -> None:
    for kind in KINDS:
        assert draw_case(kind, 3, 5).shot == draw_case(kind, 3, 5).shot
        assert draw_case(kind, 3, 5).shot != draw_case(kind, 4, 5).shot
        assert draw_case(kind, 3, 5).shot.sensor.mosaic


def test_the_card_is_folded_as_the_kind_says() -> None:
    for number in range(20):
        same_side = draw_case("wings to the same side", number, 5).shot.pose.fold_deg
        assert same_side is not None
        assert len({angle > 0 for angle in same_side.values()}) == 1
        off_line = draw_case("folded beside the lines, bulged", number, 5).shot.pose
        assert off_line.fold_off_mm is not None
        assert off_line.bulge_mm != 0.0
        assert all(abs(sum(ends)) / 2 <= 5.0 for ends in off_line.fold_off_mm.values())


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    folder: Path = tmp_path_factory.mktemp("cases")
    return [outcome((kind, 0), 71, folder) for kind in SPOILT]


def test_damaged_pictures_are_refused(spoilt: list[Outcome]) -> None:
    assert [each.critical for each in spoilt] == [["picture-damaged"], ["picture-damaged"]]


def test_each_kind_has_a_line(spoilt: list[Outcome]) -> None:
    lines = list(table(spoilt, 71))
    assert [line.split("|")[1:3] for line in lines] == [[f" {kind} ", " 1 "] for kind in SPOILT]
