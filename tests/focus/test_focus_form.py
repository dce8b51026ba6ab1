"""The form of the focus curve."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from backfocus.verify.fit.curve import (
    FIELD,
    LIGHT,
    LOG_SLOPE,
    MOTION,
    PARAMETERS,
    STRENGTH,
    CurveForm,
    View,
)
from backfocus.verify.fit.motion import covariance_of, motion_of, motion_terms

FORM = CurveForm(mark_mm=1500.0, bend_mm=60.0, ink_px=0.2, reach=1.2)


def parameters() -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    given = 0.01 * np.sin(np.arange(PARAMETERS, dtype=np.float64))
    given[: LOG_SLOPE + 2] = 4.0, np.log(0.8), np.log(0.8 / 60.0), 2.1
    given[FIELD] = 1.5, 3.0, -2.0, 1.0
    given[LIGHT], given[STRENGTH] = -0.05, 0.03
    given[MOTION] = 0.1, 0.05, 0.2, -0.05, 0.02, 0.03
    return given


def test_its_derivatives_are_those_of_the_blur() -> None:
    rng = np.random.default_rng(3)
    depth, places = rng.uniform(-50, 50, 40), rng.uniform(-0.3, 0.3, (40, 12))
    view = View(field=places[:, :4], light=places[:, 4:6], motion=places[:, 6:])
    step = 1e-5 * np.eye(PARAMETERS)
    ahead, behind = (
        np.stack([FORM.blur_px(parameters() + sign * one, depth, view) for one in step]) for sign in (1, -1)
    )
    assert FORM.jacobian(parameters(), depth, view) == pytest.approx((ahead - behind).T / 2e-5, abs=2e-4)


def test_bright_edges_are_narrower_than_dim_ones() -> None:
    view = replace(View.at_mark(2), light=np.array([[0.2, 0.0], [-0.2, 0.0]]))
    bright, dim = replace(FORM, ink_px=0.0).blur_px(parameters(), np.zeros(2), view)
    assert bright / dim == pytest.approx(np.exp(-0.05 * 0.4))


def test_motion_widens_an_edge_by_the_spread_of_its_displacement() -> None:
    """Drawn motions, moved as a plane moves, against the six numbers."""
    rng = np.random.default_rng(5)
    spread = np.array([[4.0, 1.0, -0.5], [1.0, 2.0, 0.8], [-0.5, 0.8, 3.0]])
    right, down, turn = rng.multivariate_normal(np.zeros(3), spread, 200_000).T
    x, y, angle = 0.6, -0.3, 0.7
    normal = np.array([np.cos(angle), np.sin(angle)])
    across = (right - turn * y) * normal[0] + (down + turn * x) * normal[1]
    numbers = np.array([4.0, 2.0, 3.0, 1.0, -0.5, 0.8])
    assert covariance_of(numbers) == pytest.approx(spread)
    variance = motion_terms(np.array([[x, y]]), normal[None])[0] @ numbers
    assert variance == pytest.approx(across.var(), rel=0.02)


def test_a_turn_has_its_pivot_where_nothing_moves() -> None:
    """A turn about (0.4, -0.2) half diagonals from the middle: at x, y it moves by t (y0 - y, x - x0)."""
    x, y, turn2 = 0.4, -0.2, 9.0
    shifts = np.array([y, -x, 1.0])
    numbers = turn2 * np.array([shifts[i] * shifts[j] for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))])
    middle, half = np.array([3000.0, 2000.0]), 3600.0
    pivot = middle + half * np.array([x, y])
    ends = pivot + np.array([[0.0, 1000.0], [0.0, -1800.0]])
    motion = motion_of(numbers, np.full(6, 0.1), pivot, ends, (middle, half))
    assert motion.pivot_px == pytest.approx(tuple(pivot))
    assert motion.blur_px == pytest.approx(0.0, abs=1e-3)
    assert motion.ends_px == pytest.approx((3.0 * 1000 / half, 3.0 * 1800 / half))
    assert motion.length_px == pytest.approx(math.sqrt(12) * 1.5)
