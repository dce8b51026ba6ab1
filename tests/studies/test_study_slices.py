"""A small slice of each study behind docs/accuracy.md: it fails when the result gets worse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import accuracy_grid
import efficiency
import fuzz
import numpy as np
import pytest
import two_humps
from simulated import folded_shots

from backfocus.verify.simulate.study import StudyResult, StudyShot, take_and_measure
from backfocus.verify.simulate.validate import P95_LIMIT, random_shots

PIXELS = (4242, 2828)
"""12 MP instead of the studies' 24, as the slice must be quick."""
GRID_NUMBERS = (8, 33, 52, 71, 96, 125)
"""One photo of each lens and distance."""
FUZZED = range(0, 10_000, 125)


def at_12_mp(shot: StudyShot) -> StudyShot:
    return replace(shot, sensor=replace(shot.sensor, pixels=PIXELS))


def is_small(result: StudyResult) -> bool:
    """Whether the program says that the chart is too small in the picture for what it can do."""
    return "chart-too-small" in [found.code for found in result.measurement.findings]


@pytest.mark.parametrize("number", GRID_NUMBERS)
def test_the_grid_is_measured_to_a_fifth_of_its_limit(number: int) -> None:
    result = take_and_measure(at_12_mp(accuracy_grid.grid()[number]))
    assert result.error_mm is not None
    assert is_small(result) or abs(result.error_mm) < accuracy_grid.limit_mm(result) / 5
    assert result.covered


@pytest.mark.parametrize("number", range(6))
def test_random_photos_are_within_the_limit_of_the_95th_percentile(number: int) -> None:
    result = take_and_measure(random_shots(6, seed=77)[number])
    assert result.error_mm is not None
    limit = max(P95_LIMIT[0], P95_LIMIT[1] * result.depth_of_field_mm)
    assert is_small(result) or abs(result.error_without_print_mm) < limit
    assert abs(result.error_mm) < 1.3 * result.half_width_mm


@pytest.mark.parametrize("number", range(3))
def test_folded_cards_are_measured_with_their_folds(number: int) -> None:
    result = take_and_measure(folded_shots(3, seed=77)[number])
    assert result.error_mm is not None
    assert is_small(result) or abs(result.error_without_print_mm) < max(0.2, 0.005 * result.depth_of_field_mm)
    assert result.covered
    assert result.measurement.fold_deg == pytest.approx(result.shot.pose.fold_deg, abs=0.1)


def test_the_own_standard_error_is_near_the_cramer_rao_bound() -> None:
    focal, f_number, distance, offset = efficiency.SETUPS[0]
    light = efficiency.clean_light(focal, f_number, distance, offset)
    pose, plane = efficiency.measured(light, 1)
    bound, _ = efficiency.bounds(pose, plane, offset)
    assert plane.basis == "width"
    assert efficiency.standard_error_mm(plane) ** 2 < bound**2 / 0.6
    assert abs(plane.curve.offset_mm - offset) < 0.1


def test_spoilt_files_do_no_harm(tmp_path: Path) -> None:
    bases = fuzz.make_bases()
    outcomes = []
    for number in FUZZED:
        kind, ending, content = fuzz.spoilt(bases, number)
        path = tmp_path / f"{number}.{ending}"
        path.write_bytes(content)
        outcomes.append((kind, fuzz.outcome_of(path)))
    faults = [(kind, outcome) for kind, outcome in outcomes if outcome[0] == "fault"]
    assert not faults
    assert np.mean([outcome[0] == "measured" for _, outcome in outcomes]) > 0.1


def test_one_hump_is_not_taken_for_two_and_two_far_apart_are_seen() -> None:
    assert max(two_humps.false_alarms(16, 300).values()) < 0.02
    assert two_humps.power(16, 10.0, 100) > 0.95
