"""The form of the focus curve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backfocus.verify.fit.curve import CURVATURE, LIGHT, LOG_SLOPE, PARAMETERS, SHAKE, TILT, CurveForm, View

FORM = CurveForm(mark_mm=1500.0, bend_mm=60.0, ink_px=0.2, reach=1.2)


def parameters() -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    given = 0.01 * np.sin(np.arange(PARAMETERS, dtype=np.float64))
    given[: LOG_SLOPE + 2] = 4.0, np.log(0.8), np.log(0.8 / 60.0), 2.1
    given[CURVATURE], given[TILT], given[LIGHT] = 3.0, -2.0, -0.05
    given[SHAKE] = 0.1, -0.05
    return given


def test_its_derivatives_are_those_of_the_blur() -> None:
    rng = np.random.default_rng(3)
    depth, places = rng.uniform(-50, 50, 40), rng.uniform(-0.3, 0.3, (40, 5))
    view = View(field=places[:, :2], log_light=places[:, 2], direction=places[:, 3:])
    step = 1e-5 * np.eye(PARAMETERS)
    ahead, behind = (
        np.stack([FORM.blur_px(parameters() + sign * one, depth, view) for one in step]) for sign in (1, -1)
    )
    assert FORM.jacobian(parameters(), depth, view) == pytest.approx((ahead - behind).T / 2e-5, abs=2e-4)


def test_bright_edges_are_narrower_than_dim_ones() -> None:
    view = replace(View.at_mark(2), log_light=np.array([0.2, -0.2]))
    bright, dim = replace(FORM, ink_px=0.0).blur_px(parameters(), np.zeros(2), view)
    assert bright / dim == pytest.approx(np.exp(-0.05 * 0.4))
