"""How many shots make a setting known within a step."""

from __future__ import annotations

import math

from backfocus.verify.series.statistics.regression import t_quantile

WANTED_STEPS = 1.0
_MOST = 500


def more_shots(random_half_width: float, n: int, parameters: int) -> int | None:
    """Return how many more shots, spread evenly over the settings, make the interval ± 1 step.

    Half of the interval's width goes with t / sqrt(n), t by Student.

    Args:
        random_half_width: half of the interval's width, in steps, as far as scatter makes it.
        n: shots so far.
        parameters: numbers that were fitted to them.

    Returns:
        0 if they are enough already; None if over 500 would be needed or the scatter is unknown.
    """
    if not math.isfinite(random_half_width) or n <= parameters:
        return None
    if random_half_width <= WANTED_STEPS:
        return 0
    now = t_quantile(n - parameters) / math.sqrt(n)
    for total in range(n + 1, n + _MOST):
        if random_half_width * t_quantile(total - parameters) / math.sqrt(total) / now <= WANTED_STEPS:
            return total - n
    return None
