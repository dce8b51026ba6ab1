"""How a lens moved between two checks: told only as far as the records can."""

from __future__ import annotations

import datetime

import pytest
from series_shots import CANON, at_settings, shots

from backfocus.verify.tuning.drift import difference_ci95, lines_of, tracks_of
from backfocus.verify.tuning.records import Kept
from backfocus.verify.tuning.saved import saved
from backfocus.verify.tuning.shots import Shot
from backfocus.verify.tuning.tune import tune


def kept(*checks: list[Shot]) -> list[Kept]:
    """Checks a day apart."""
    days = [datetime.datetime(2026, 3, day, 12, tzinfo=datetime.UTC) for day in range(1, len(checks) + 1)]
    return [Kept(str(day), saved(tune(found), day)) for found, day in zip(checks, days, strict=True)]


def told(*checks: list[Shot]) -> list[str]:
    """What is said of the only lens in these checks."""
    [tracks] = tracks_of(kept(*checks)).values()
    return lines_of(tracks)


@pytest.mark.parametrize(
    ("error_um", "said"),
    [
        (12.0, "has moved 3.3 mm farther from the camera (± 0.6 mm): more than chance."),
        (-8.0, "has moved 2.2 mm closer to the camera (± 0.6 mm): more than chance."),
        (1.0, "has not moved by more than chance: 0.3 mm farther from the camera (± 0.6 mm)."),
        (0.0, "has not moved by more than chance: 0.0 mm (± 0.6 mm)."),
    ],
)
def test_a_move_is_told_with_its_direction_and_whether_it_is_chance(error_um: float, said: str) -> None:
    assert told(shots(0.0), shots(error_um)) == [f"Since 2026-03-01 focus at setting 0 {said}"]


def test_an_error_is_compared_as_at_one_distance() -> None:
    [line] = told(shots(20.0, distance_mm=1500.0), shots(20.0, distance_mm=1650.0))
    assert "has not moved by more than chance: 0.0 mm" in line


def test_other_distances_and_lenses_have_tracks_of_their_own() -> None:
    found = tracks_of(kept(shots(0.0), shots(0.0, distance_mm=4000.0), shots(0.0, camera=CANON), shots(1.0)))
    assert [len(tracks) for tracks in found.values()] == [2, 1]
    assert [len(track.checks) for tracks in found.values() for track in tracks] == [2, 1, 1]


def test_the_move_since_the_first_check_is_told_too() -> None:
    before, first = told(shots(0.0), shots(6.0), shots(12.0))
    assert before.startswith("Since 2026-03-02") and first.startswith("Since 2026-03-01")


def test_without_a_setting_in_common_the_best_settings_are_compared() -> None:
    [line] = told(at_settings(-4.0, (0.0, 10.0)), at_settings(-9.0, (-5.0, 5.0)))
    assert line.startswith("Since 2026-03-01 the best setting has moved from -4 to -9")


def test_what_cannot_be_compared_is_said() -> None:
    [line] = told(shots(0.0, setting=None), shots(9.0, setting=None))
    assert "nothing tells how far focus has moved" in line
    [line] = told(shots(0.0, scatter=(0.0,)), shots(9.0, scatter=(0.0,)))
    assert "single shots cannot tell that from chance" in line


def test_the_interval_of_a_difference_is_that_of_both_parts() -> None:
    assert difference_ci95((1.0, (-2.0, 4.0)), (10.0, (6.0, 14.0))) == (4.0, 14.0)
    assert difference_ci95((1.0, None), (10.0, (6.0, 14.0))) is None
