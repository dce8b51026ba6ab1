"""An aperture series: where focus lies at each f-number, against the widest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from backfocus.verify.series.rounding import rounded
from backfocus.verify.series.statistics.groups import Mean
from backfocus.verify.series.statistics.regression import t_quantile
from backfocus.verify.series.statistics.sample import Scale


@dataclass(frozen=True)
class ApertureMean:
    """The mean error at one f-number."""

    f_number: float
    n: int
    mean: Mean
    scale: Scale


@dataclass(frozen=True)
class FocusShift:
    """How far focus moves from the widest aperture to another; positive is farther from the camera.

    Attributes:
        shift_ci95_mm: None where single shots leave the scatter unknown.
        significant: whether the interval is all on one side of zero.
    """

    f_number: float
    n: int
    mean_mm: float
    shift_mm: float
    shift_um: float | None
    shift_ci95_mm: tuple[float, float] | None
    significant: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as they stand in the JSON."""
        data: dict[str, Any] = rounded(asdict(self))
        return data


def focus_shift(apertures: Sequence[ApertureMean]) -> tuple[FocusShift, ...]:
    """Return the shift at each aperture, widest first; empty for a single aperture.

    The interval is Welch's, for two means whose scatter differs; what all shots have in common cancels.
    """
    ordered = sorted(apertures, key=lambda aperture: aperture.f_number)
    if len(ordered) < 2:
        return ()
    return tuple(_shift(aperture, ordered[0]) for aperture in ordered)


def _shift(aperture: ApertureMean, widest: ApertureMean) -> FocusShift:
    shift = aperture.mean.value - widest.mean.value
    scale = widest.scale
    around = None
    if aperture is not widest:
        half = welch_half_width((aperture.mean, aperture.n), (widest.mean, widest.n))
        if half is not None:
            around = (scale.mm(shift - half), scale.mm(shift + half))
    return FocusShift(
        aperture.f_number,
        aperture.n,
        aperture.scale.mm(aperture.mean.value),
        scale.mm(shift),
        scale.um(shift),
        around,
        around is not None and not around[0] <= 0.0 <= around[1],
    )


def welch_half_width(one: tuple[Mean, int], other: tuple[Mean, int]) -> float | None:
    """Return half of the 95 % interval of a difference of two means (B. L. Welch, Biometrika 34, 1947)."""
    if min(mean.freedom for mean, _ in (one, other)) < 1:
        return None
    parts = [(mean.variance / n, mean.freedom) for mean, n in (one, other)]
    total = sum(part for part, _ in parts)
    if total == 0.0:
        return 0.0
    freedom = total**2 / sum(part**2 / f for part, f in parts)
    return t_quantile(freedom) * math.sqrt(total)
