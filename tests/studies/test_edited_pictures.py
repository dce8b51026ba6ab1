"""A slice of the study of edited pictures: what camera or program make of a picture leaves the dial right."""

from __future__ import annotations

from pathlib import Path

import edited_pictures as study
import pytest

BODY, OFFSET_MM = "6D II", -25.0


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pose = study.DESIGNS["flat"][0]
    return study.base_photo(tmp_path_factory.mktemp("edited"), "flat", study.BODIES[BODY], OFFSET_MM, pose)


@pytest.mark.parametrize(
    ("edit", "is_rewritten", "shows"),
    [
        ("none", True, "whole"),
        ("resized to 80%", False, "resized"),
        ("DX in camera", True, "crop mode"),
        ("1:1 in camera", True, "whole"),
        ("digital zoom 1.4", True, "digital zoom"),
    ],
)
def test_the_dial_is_right_whatever_the_picture_shows(
    photo: Path, edit: str, is_rewritten: bool, shows: str
) -> None:
    """The 6D Mark II writes a wrong pixel pitch: a dial of 12 became 16 and 19."""
    found = study.measured(photo, photo.parent, "flat", BODY, OFFSET_MM, edit, is_rewritten)
    assert found.steps_off is not None
    assert abs(found.steps_off) <= 1
    assert found.measurement.camera.picture == shows
    assert found.width_times == pytest.approx(1.0, abs=0.05)


def test_a_corner_of_the_picture_is_known_for_one_and_gets_no_number(photo: Path) -> None:
    found = study.measured(photo, photo.parent, "flat", BODY, OFFSET_MM, "corner 85%, top left", False)
    assert found.steps_off is None
    assert found.measurement.camera.picture == "cut"
    assert found.width_times == pytest.approx(1.0, abs=0.05)
    assert found.measurement.suggestion is not None
    assert "has cut the picture" in found.measurement.suggestion.text


def test_a_cut_that_nothing_explains_gives_no_number_and_says_why(photo: Path) -> None:
    found = study.measured(photo, photo.parent, "flat", BODY, OFFSET_MM, "middle 75%, resized to 80%", True)
    assert found.steps_off is None
    assert found.measurement.suggestion is not None
    assert "seen by another focal length" in found.measurement.suggestion.text
