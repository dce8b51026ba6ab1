"""Numbers in JSON: rounded by the unit in their field's name."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from backfocus.verify.formats import as_json


@dataclass(frozen=True)
class Part:
    fit: float
    offset_um: float


@dataclass(frozen=True)
class Whole:
    offset_mm: float
    distance_mm: float
    mm_low: float
    scale: float
    depth_of_field_mm: tuple[float, float]
    budget_mm: Part
    n: int


def test_a_value_stands_in_json_by_its_fields_each_rounded_by_its_unit() -> None:
    whole = Whole(8.031234, 2198.9871, 0.123456, 1.00012345, (12.123456, math.inf), Part(0.123456, 27.456), 3)
    assert as_json(whole) == {
        "offset_mm": 8.0312,
        "distance_mm": 2199.0,
        "mm_low": 0.1235,
        "scale": 1.00012,
        "depth_of_field_mm": [12.1235, None],
        "budget_mm": {"fit": 0.1235, "offset_um": 27.46},
        "n": 3,
    }


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_null(number: float) -> None:
    assert as_json({"a": number}, "offset_mm") == {"a": None}
    assert as_json(number) is None


@pytest.mark.parametrize("setting", [-20.0, -2.5, 0.0, 7.0])
def test_a_setting_stays_what_it_is(setting: float) -> None:
    assert as_json(setting, "setting") == setting
