"""How often the history says that a lens moved which has not: `python docs/studies/history_moves.py`, seeded.

Pairs of checks with nothing but scatter, by shots and scatter of each; the page says "more than chance" where zero
is outside of the interval of the difference.
"""

from __future__ import annotations

import numpy as np

from backfocus.verify.tuning.drift import difference_ci95
from backfocus.verify.tuning.statistics import Interval, t_quantile

PAIRS = 20_000
CASES = (
    ((8, 1.0), (8, 1.0)),
    ((8, 1.0), (8, 3.0)),
    ((4, 1.0), (8, 1.0)),
    ((3, 1.0), (3, 1.0)),
    ((16, 1.0), (4, 2.0)),
)
"""Shots and scatter of the first and the second check."""


def main() -> None:
    """Print the share of pairs that are said to have moved."""
    rng = np.random.default_rng(1)
    for one, other in CASES:
        pairs = (difference_ci95(_mean(rng, *one), _mean(rng, *other)) for _ in range(PAIRS))
        said = sum(ends is not None and (ends[0] > 0.0 or ends[1] < 0.0) for ends in pairs)
        print(f"{one[0]} and {other[0]} shots, scatter {one[1]:g} and {other[1]:g}: {said / PAIRS:.1%}")


def _mean(rng: np.random.Generator, shots: int, scatter: float) -> tuple[float, Interval | None]:
    values = rng.normal(0.0, scatter, shots)
    half = t_quantile(shots - 1) * float(values.std(ddof=1)) / shots**0.5
    mean = float(values.mean())
    return mean, (mean - half, mean + half)


if __name__ == "__main__":
    main()
