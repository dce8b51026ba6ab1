"""The study of random photos, as many as there is time for, held against the limits of accuracy and coverage."""

from __future__ import annotations

import math
import multiprocessing
import signal
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from backfocus.verify.study.drawn.random_shots import (
    COVERAGE_LIMIT,
    MEDIAN_LIMIT,
    P95_LIMIT,
    figures,
    random_shots,
)
from backfocus.verify.study.shots import StudyResult, take_and_measure

TOO_WIDE_LIMIT = 3.0
MOST_PHOTOS = 600
"""As many as the limits were set for."""
BY_CHANCE = 0.01
"""A limit counts as broken if keeping it would give such a result in fewer than one of a hundred runs."""


@dataclass(frozen=True)
class Check:
    """One limit: what was found, what is allowed, and whether it was kept as far as so many photos can tell."""

    name: str
    found: str
    limit: str
    kept: bool


def run_for(seconds: float, photos: int, seed: int, processes: int) -> Generator[StudyResult]:
    """Take and measure random shots until all are done or the time is up; results come as they are ready."""
    deadline = time.monotonic() + seconds
    shots = iter(random_shots(photos, seed))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        try:
            with _interrupts_ignored():
                running = {pool.submit(take_and_measure, shot) for shot in islice(shots, processes)}
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
                if time.monotonic() < deadline:
                    running |= {pool.submit(take_and_measure, shot) for shot in islice(shots, len(done))}
        except BaseException:
            # Interrupted: what is under way would keep the user waiting.
            for child in multiprocessing.active_children():
                child.terminate()
            raise


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Start processes within this: they keep ignoring interrupts, which are for their parent alone to answer."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def checks(results: Sequence[StudyResult]) -> list[Check]:
    """Hold results against the limits; each photo over a limit is counted, and their number judged by chance.

    Args:
        results: at least one of them measured.
    """
    measured = [row for row in results if row.error_mm is not None]
    found, count = figures(results), len(measured)
    over_median = sum(_over(row, MEDIAN_LIMIT) for row in measured)
    over_p95 = sum(_over(row, P95_LIMIT) for row in measured)
    covered = sum(bool(row.covered) for row in measured)
    least, most = COVERAGE_LIMIT
    return [
        Check(
            "median error",
            f"{found.median_of_limit:.2f} of the limit",
            f"{MEDIAN_LIMIT[0]:g} mm or {MEDIAN_LIMIT[1]:.1%} of the depth of field",
            not is_too_many(over_median, count, 0.5),
        ),
        Check(
            "95th percentile of errors",
            f"{found.p95_of_limit:.2f} of the limit",
            f"{P95_LIMIT[0]:g} mm or {P95_LIMIT[1]:.1%} of the depth of field",
            not is_too_many(over_p95, count, 0.05),
        ),
        Check(
            "intervals that hold the truth",
            f"{found.coverage:.1%}",
            f"{least:.0%} to {most:.0%}",
            not is_too_many(count - covered, count, 1 - least) and not is_too_many(covered, count, most),
        ),
        Check(
            "intervals wider than needed by",
            f"{found.too_wide:.2f} times",
            f"{TOO_WIDE_LIMIT:g} times",
            found.too_wide <= TOO_WIDE_LIMIT,
        ),
    ]


def _over(row: StudyResult, limit: tuple[float, float]) -> bool:
    return abs(row.error_without_print_mm) > max(limit[0], limit[1] * row.depth_of_field_mm)


def is_too_many(count: int, of: int, share: float) -> bool:
    """Whether so many (or more) are so unlikely, where `share` of all are expected, that chance is no excuse."""
    likely = math.fsum(math.comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(count, of + 1))
    return likely < BY_CHANCE
