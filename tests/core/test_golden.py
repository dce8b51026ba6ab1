"""All that the core finds in scenes made by formula equals what is stored: limits are moved knowingly.

Other tests say what is right, within the errors of noise. These say what is: weights, widths of priors and steps
that shift results by less than that are seen here only. Whoever moves a limit with reason stores the numbers anew,
as tests/support/golden_scenes.py says, and the difference of the stored file shows what the move does.
"""

from __future__ import annotations

import pytest
from golden_scenes import SCENES, stored

STORED = stored()


def test_every_scene_is_stored() -> None:
    assert set(STORED) == set(SCENES)


def scenes(*begins: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", [name for name in SCENES if name.startswith(begins)])


@scenes("shapes", "edge")
def test_edges_have_the_stored_blur_and_place(name: str) -> None:
    assert SCENES[name]() == pytest.approx(STORED[name], rel=1e-4, abs=1e-8)


@scenes("sheet")
def test_sheets_are_found_where_they_were(name: str) -> None:
    """To a thousandth: OpenCV may draw these pictures a little differently on other processors."""
    assert SCENES[name]() == pytest.approx(STORED[name], rel=1e-3, abs=1e-4)


@scenes("pose")
def test_poses_are_the_stored_ones(name: str) -> None:
    assert SCENES[name]() == pytest.approx(STORED[name], rel=1e-4, abs=1e-8)


@scenes("starts", "curve")
def test_curves_and_intervals_are_the_stored_ones(name: str) -> None:
    assert SCENES[name]() == pytest.approx(STORED[name], rel=1e-4, abs=1e-8)
