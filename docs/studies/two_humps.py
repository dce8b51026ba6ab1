"""How often series of one lens count as two humps, and those of two lenses as what they are.

python docs/studies/two_humps.py [SERIES]

Shots are plain numbers: one hump of several shapes for false alarms, two normal humps for the power. `SERIES` of each
kind are drawn (4000 if not given; 10 s).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from backfocus.verify.tuning.humps import two_humps
from backfocus.verify.tuning.statistics import Sample, Scale

Array = npt.NDArray[np.float64]
SEED = 14
SHOTS = (8, 9, 10, 12, 14, 16, 20, 24, 28, 32)
APART = (4.0, 5.0, 5.5, 6.0, 8.0, 10.0)
IN_MM = Scale(None, None, None)


def one_miss_in_ten(rng: np.random.Generator, size: int) -> Array:
    misses = rng.uniform(size=size) < 0.1
    return np.where(misses, 8.0 * rng.normal(size=size), rng.normal(size=size))


ONE_HUMP: dict[str, Callable[[np.random.Generator, int], Array]] = {
    "normal": lambda rng, size: rng.normal(size=size),
    "even": lambda rng, size: rng.uniform(size=size),
    "trapezium": lambda rng, size: rng.uniform(size=size) + 0.5 * rng.uniform(size=size),
    "two-sided exponential": lambda rng, size: rng.laplace(size=size),
    "Student's t, 4": lambda rng, size: rng.standard_t(4, size=size),
    "exponential": lambda rng, size: rng.exponential(size=size),
    "gamma, 3": lambda rng, size: rng.gamma(3.0, size=size),
    "one miss in ten": one_miss_in_ten,
}


def sample(error: Array, settings: int = 1) -> Sample:
    """Shots with these errors, at so many settings by turns."""
    setting = np.arange(len(error)) % settings * 10.0
    return Sample(tuple(map(str, range(len(error)))), error, setting, np.zeros(len(error)), 0.0, 0.0)


def share(draw: Callable[[], Array], series: int, settings: int = 1) -> float:
    """The part of series that count as two humps."""
    return sum(two_humps(sample(draw(), settings), IN_MM) is not None for _ in range(series)) / series


def false_alarms(shots: int, series: int, settings: int = 1) -> dict[str, float]:
    """The part of series of one hump that count as two, by the hump's shape."""
    rng = np.random.default_rng([SEED, shots])
    return {name: share(partial(draw, rng, shots), series, settings) for name, draw in ONE_HUMP.items()}


def power(shots: int, apart: float, series: int, part: float = 0.5) -> float:
    """The part of series of two lenses that count so.

    Args:
        apart: distance of their means in standard deviations of single shots.
        part: of the shots that are the first lens's.
    """
    rng = np.random.default_rng([SEED, shots, int(10 * apart)])
    first = np.arange(shots) < round(part * shots)
    return share(lambda: rng.normal(size=shots) + np.where(first, apart, 0.0), series)


def main(series: int) -> None:
    print("false alarms, %:", ", ".join(ONE_HUMP))
    for shots in SHOTS:
        print(f"  {shots:2} shots:", *(f"{100 * found:.2f}" for found in false_alarms(shots, series).values()))
    for shots in (16, 32):
        print(f"  {shots:2} at two settings:", *(f"{100 * x:.2f}" for x in false_alarms(shots, series, 2).values()))
    print("power, %, by standard deviations between the lenses:", *APART)
    for shots in (8, 12, 16, 24, 32):
        for part in (0.5, 0.3):
            found = (power(shots, apart, series // 4, part) for apart in APART)
            print(f"  {shots:2} shots, {part:.0%} of them the first lens's:", *(f"{100 * x:.0f}" for x in found))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4000)
