"""Tails of edges on both sides of focus, on cumulants made by formula."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backfocus.verify.edges.tails import FEW_ON_A_SIDE, heavy_tails

COUNT = 400
DEFOCUS = np.linspace(-3.0, 3.0, COUNT)
TILE = np.arange(COUNT) // 4


def heavy(before: float, behind: float, defocus: np.ndarray = DEFOCUS, noise: float = 0.05) -> float:
    """Cumulants of so much in front of focus and behind it, with some noise."""
    scatter = np.random.default_rng(2).normal(0.0, noise, COUNT)
    return heavy_tails(np.where(defocus < 0, before, behind) + scatter, np.full(COUNT, noise), defocus, TILE)


def test_two_shots_are_heavy_on_both_sides() -> None:
    assert heavy(0.4, 0.6) == pytest.approx(0.4, abs=0.03)


def test_a_lens_whose_sides_differ_is_not() -> None:
    """Spherical aberration: a core in a halo on one side, a ring on the other."""
    assert heavy(-0.5, 2.0) < -0.45


def test_what_scatters_much_is_said_with_its_error() -> None:
    assert heavy(0.4, 0.4, noise=2.0) < 0.3


def test_pieces_near_focus_and_single_outliers_do_not_count() -> None:
    cumulant = np.where(np.abs(DEFOCUS) < 1.0, 5.0, 0.1)
    cumulant[::40] = 50.0
    assert heavy_tails(cumulant, np.full(COUNT, 0.05), DEFOCUS, TILE) < 0.15


def test_a_side_that_is_hardly_seen_tells_nothing() -> None:
    shifted = DEFOCUS - DEFOCUS[-FEW_ON_A_SIDE + 1] + 1.0
    assert heavy(0.5, 0.5, shifted) == -math.inf
