"""Page frame to sheet frame."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart

Array = npt.NDArray[np.float64]


def sheet_from_page(chart: Chart, points_page_mm: Iterable[tuple[float, float]]) -> Array:
    """Return (n, 3) points of an unfolded chart in the sheet frame: mm, origin at the AF mark, x right, y up."""
    page = np.asarray(list(points_page_mm), dtype=np.float64).reshape(-1, 2)
    x = page[:, 0] - chart.af_mark_page_mm[0]
    y = chart.af_mark_page_mm[1] - page[:, 1]
    return np.stack([x, y, np.zeros_like(x)], axis=1)
