"""How blurred an upright chart is, by direction and side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .edges.samples import EdgeSamples, refuse_few
from .findings import Findings
from .fit.focus import FocusCurve

NEAREST, OUTER = 0.25, 0.25
"""Part of the edges that stand for the AF mark, and for a side of the sheet."""
AT_MARK = 0.1
"""The same of a leaning chart, where blur grows from the mark on."""


@dataclass(frozen=True)
class Sharpness:
    """Blur of an upright chart, standard deviations in pixels of the photo; sides are those of the print.

    Attributes:
        at_mark_px: near the AF mark, both directions.
        upright_px: near the AF mark, of edges that run upright, which blur to the sides spreads.
        level_px: near the AF mark, of edges that run level. The two differ where the lens is astigmatic.
        left_px, right_px, top_px, bottom_px: of the outermost edges. They differ where lens or sheet stand askew.
    """

    at_mark_px: float
    upright_px: float
    level_px: float
    left_px: float
    right_px: float
    top_px: float
    bottom_px: float


def measure_sharpness(samples: EdgeSamples) -> Sharpness:
    """Return the blur of an upright chart by direction and side, as medians.

    Raises:
        Refusal: too few samples.
    """
    refuse_few(samples, Findings.TOO_FEW_EDGES.limits[1])
    x, y = samples.sheet_mm[:, 0], samples.sheet_mm[:, 1]
    upright = np.abs(samples.along[:, 1]) > np.abs(samples.along[:, 0])
    distance = np.hypot(x, y)

    def near_mark(chosen: npt.NDArray[np.bool_]) -> float:
        reach = np.quantile(distance[chosen], NEAREST)
        return float(np.median(samples.blur_px[chosen & (distance <= reach)]))

    def outermost(place: npt.NDArray[np.float64]) -> float:
        return float(np.median(samples.blur_px[place >= np.quantile(place, 1.0 - OUTER)]))

    every = np.ones(len(x), dtype=bool)
    return Sharpness(
        at_mark_px=near_mark(every),
        upright_px=near_mark(upright),
        level_px=near_mark(~upright),
        left_px=outermost(-x),
        right_px=outermost(x),
        top_px=outermost(y),
        bottom_px=outermost(-y),
    )


def blur_at_mark_px(samples: EdgeSamples | None, curve: FocusCurve | None) -> float | None:
    """Return the blur at depth zero by the curve; without a curve, that of the edges nearest to the AF mark."""
    if samples is None:
        return None
    if curve is not None:
        return float(samples.scale.photo_blur_px(curve.blur_px(np.zeros(1))).item())
    distance = np.hypot(*samples.sheet_mm.T)
    if not len(distance):
        return None
    nearest = distance <= np.quantile(distance, AT_MARK)
    return float(np.median(samples.scale.photo_blur_px(samples.blur_px[nearest])))
