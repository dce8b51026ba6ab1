"""The study of random photos, as many as there is time for, held against the limits of accuracy and coverage."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from backfocus.targets import PAPERS

from ..pool import Pool, done_first
from . import Development, Exposure, Lens, Sensor, SheetPose
from .study import StudyResult, StudyShot, take_and_measure

FOCAL_LENGTHS_MM = (35.0, 50.0, 85.0, 105.0, 135.0, 200.0)
F_NUMBERS = (1.2, 1.4, 1.8, 2.0, 2.8, 4.0, 5.6)
PIXELS = (4242, 2828)
"""12 MP take a third of the time of 24 MP, and are the harder: noise and pixels weigh more."""
MEDIAN_LIMIT = (0.03, 0.001)
P95_LIMIT = (0.1, 0.004)
"""The larger of so many mm and such a part of the depth of field."""
COVERAGE_LIMIT = (0.93, 0.97)
PRINT_SCALE_SD = 0.005
"""Half of the 1 % that the interval allows a printer at 95 %."""
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
    with Pool(processes) as pool:
        running = {pool.submit(take_and_measure, shot) for shot in islice(shots, processes)}
        while running:
            done = set(done_first(running))
            running -= done
            yield from (future.result() for future in done)
            if time.monotonic() < deadline:
                running |= {pool.submit(take_and_measure, shot) for shot in islice(shots, len(done))}


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
    far_inside = sum(abs(row.error_mm or 0.0) * TOO_WIDE_LIMIT <= row.half_width_mm for row in measured)
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
            not is_too_many(far_inside, count, 0.95),
        ),
    ]


def random_shots(count: int, seed: int) -> list[StudyShot]:
    """Draw 12 MP shots of all papers: lens, aperture, 20 to 50 focal lengths, offset, pose, noise, light, JPEG."""
    rng = np.random.default_rng(seed)
    return [random_shot(rng, seed * 1_000_000 + number) for number in range(count)]


def random_shot(rng: np.random.Generator, seed: int) -> StudyShot:
    """Draw one of them; `seed` is that of its noise and background."""
    focal_length = float(rng.choice(FOCAL_LENGTHS_MM))
    return StudyShot(
        offset_mm=float(rng.uniform(-30, 30)),
        pose=SheetPose(
            tilt_deg=float(rng.uniform(30, 60)),
            yaw_deg=float(rng.uniform(-3, 3)),
            roll_deg=float(rng.uniform(-3, 3)),
            af_mark_distance_mm=focal_length * float(rng.uniform(20, 50)),
        ),
        lens=Lens(
            focal_length,
            f_number=float(rng.choice(F_NUMBERS)),
            distortion_percent=float(rng.uniform(-1, 1)),
            vignetting_stops=float(rng.uniform(0, 2)),
        ),
        paper=str(rng.choice(list(PAPERS))),
        sensor=Sensor(pixels=PIXELS, mosaic=True, orientation=1 if rng.random() < 0.7 else 6),
        exposure=Exposure(
            paper_white=float(rng.uniform(0.35, 0.8)),
            noise_fraction=float(np.exp(rng.uniform(np.log(0.003), np.log(0.03)))),
            light_gradient=(float(rng.uniform(-0.3, 0.3)), float(rng.uniform(-0.3, 0.3))),
        ),
        development=Development(s_curve=float(rng.uniform(0, 0.5)), jpeg_quality=int(rng.integers(80, 98))),
        print_scale=float(rng.normal(1.0, PRINT_SCALE_SD)),
        seed=seed,
    )


@dataclass(frozen=True)
class Figures:
    """What a set of results comes to.

    Attributes:
        photos, measured: how many there were, and of how many an offset came out.
        median_of_limit: median of |error| over its limit; up to 1 is within.
        p95_of_limit: 95th percentile of |error| over its limit.
        coverage: share of the 95 % intervals that hold the truth.
        too_wide: how many times wider the intervals are than the errors need for 95 % coverage.
    """

    photos: int
    measured: int
    median_of_limit: float
    p95_of_limit: float
    coverage: float
    too_wide: float


def figures(results: Sequence[StudyResult]) -> Figures:
    """Sum up; the error that the printer's scale makes is taken off the errors, not off the intervals."""
    measured = [row for row in results if row.error_mm is not None]
    errors = np.array([abs(row.error_without_print_mm) for row in measured])
    field = np.array([row.depth_of_field_mm for row in measured])
    in_intervals = np.array([abs(row.error_mm or 0.0) / row.half_width_mm for row in measured])
    return Figures(
        photos=len(results),
        measured=len(measured),
        median_of_limit=float(np.median(errors / np.maximum(MEDIAN_LIMIT[0], MEDIAN_LIMIT[1] * field))),
        p95_of_limit=float(np.percentile(errors / np.maximum(P95_LIMIT[0], P95_LIMIT[1] * field), 95)),
        coverage=float((in_intervals <= 1).mean()),
        too_wide=float(1 / np.percentile(in_intervals, 95)),
    )


def _over(row: StudyResult, limit: tuple[float, float]) -> bool:
    return abs(row.error_without_print_mm) > max(limit[0], limit[1] * row.depth_of_field_mm)


def is_too_many(count: int, of: int, share: float) -> bool:
    """Whether so many (or more) are so unlikely, where `share` of all are expected, that chance is no excuse."""
    likely = math.fsum(math.comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(count, of + 1))
    return likely < BY_CHANCE
