"""The study of turned photos: a camera that turns and shifts while it exposes.

python docs/studies/turned_photos.py [PHOTOS] [SEED] [--keep FOLDER] [--jobs N]
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from simulated import folded_shot, photos_parser, stamp

from backfocus.verify.simulate import Turn
from backfocus.verify.simulate.study import StudyResult, StudyShot, run_study
from backfocus.verify.simulate.validate import random_shot

SEED = 61
TURN_DEG = (0.01, 0.3)
"""Of roll, and of what the shift is as an angle; as many small ones as large ones, on a scale of ratios."""
FARTHEST_PIVOT = 1.5
"""From the picture's centre, in its widths and heights: beyond, a roll is little else than a shift."""
ABRUPT_SHARE = 0.3
RESULT = Path(__file__).parent / "results" / "turned_photos.md"
HEAD = """## A camera that turns while it exposes

{stamp} {count} photos of 12 MP, seed {seed}, the flat sheet and the folded card in turn, drawn as the photos at random: a roll of 0.01° to
0.3° about a pivot in or beside the picture, in half of them with yaw and pitch, in half with a shift of its own; three in ten partly
abrupt. `python docs/studies/turned_photos.py {count} {seed}`

Trusted: measured, without a critical finding. Silently wrong: trusted, and off by more than three half widths and 1 % of the DOF.

| photos | number | trusted | silently wrong | trusted intervals that hold | median error / half width | not trusted, for |
|---|---|---|---|---|---|---|"""


def turned_shots(count: int, seed: int) -> list[StudyShot]:
    """Draw shots of sheet and card in turn; number and seed decide what a shot is."""
    return [turned_shot(number, seed) for number in range(count)]


def turned_shot(number: int, seed: int) -> StudyShot:
    """Draw one shot; its truth is that of the resting camera."""
    rng = np.random.default_rng((seed, number))
    drawn = random_shot(rng, seed * 1_000_000 + number) if number % 2 == 0 else folded_shot(number, seed)
    turn = Turn(
        roll_deg=_angle(rng),
        pivot=(
            float(rng.uniform(-FARTHEST_PIVOT, FARTHEST_PIVOT)),
            float(rng.uniform(-FARTHEST_PIVOT, FARTHEST_PIVOT)),
        ),
        abrupt=float(rng.uniform(0.2, 0.9)) if rng.random() < ABRUPT_SHARE else 0.0,
        abrupt_at=float(rng.uniform(0.2, 0.8)),
    )
    if rng.random() < 0.5:
        turn = replace(turn, yaw_deg=_angle(rng) / 5, pitch_deg=_angle(rng) / 5)
    exposure = replace(drawn.exposure, turn=turn)
    if rng.random() < 0.5:
        focal_px = drawn.lens.focal_length_mm / drawn.sensor.pitch_mm
        way_px = focal_px * math.radians(abs(_angle(rng)) / 5)
        exposure = replace(exposure, motion_px=way_px, motion_deg=float(rng.uniform(0, 180)))
    return replace(drawn, exposure=exposure)


def _angle(rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(*np.log(TURN_DEG))) * rng.choice([-1, 1]))


def row(name: str, results: Sequence[StudyResult]) -> str:
    """Return one line of the table."""
    trusted = [r for r in results if r.error_mm is not None and r.measurement.trustworthy]
    doubted = [r for r in results if r not in trusted]
    critical = Counter(f.code for r in doubted for f in r.measurement.findings if f.severity == "critical")
    held, median = "-", "-"
    if trusted:
        held = f"{np.mean([bool(r.covered) for r in trusted]):.1%}"
        median = f"{np.median([abs(r.error_mm or 0.0) / r.half_width_mm for r in trusted]):.2f}"
    return (
        f"| {name} | {len(results)} | {len(trusted)} | {sum(r.silently_wrong for r in results)} | {held} | {median} "
        f"| {', '.join(f'{code} {number}' for code, number in critical.most_common()) or '-'} |"
    )


def table(results: Sequence[StudyResult]) -> list[str]:
    """Return the lines of all groups, and the photos that are silently wrong."""
    groups = {
        "all": lambda _: True,
        "flat": lambda r: r.shot.design == "flat",
        "zfold": lambda r: r.shot.design == "zfold",
        "f/1.2 to f/1.4": lambda r: r.shot.lens.f_number < 1.5,
        "f/1.8 to f/2.8": lambda r: 1.5 < r.shot.lens.f_number < 3.0,
        "f/4 to f/5.6": lambda r: r.shot.lens.f_number > 3.0,
        "roll up to 0.05°": lambda r: abs(r.shot.exposure.turn.roll_deg) <= 0.05,
        "roll over 0.05°": lambda r: abs(r.shot.exposure.turn.roll_deg) > 0.05,
    }
    lines = [row(name, [r for r in results if has(r)]) for name, has in groups.items()]
    for number, r in enumerate(results):
        if r.silently_wrong:
            codes = ", ".join(found.code for found in r.measurement.findings) or "no finding"
            lines.append(
                f"\nSilently wrong: `turned_shot({number}, seed)`, {r.shot.design}, f/{r.shot.lens.f_number:g}, by "
                f"{r.error_mm:+.2f} mm with ±{r.half_width_mm:.2f} mm, DOF {r.depth_of_field_mm:.0f} mm ({codes})."
            )
    return lines


def main(count: int, seed: int, folder: Path | None, jobs: int) -> None:
    results = list(run_study(turned_shots(count, seed), jobs, folder))
    RESULT.write_text("\n".join([HEAD.format(stamp=stamp(), count=count, seed=seed), *table(results)]) + "\n")


if __name__ == "__main__":
    wanted = photos_parser(__doc__, 300, SEED).parse_args()
    main(wanted.photos, wanted.seed, wanted.keep, wanted.jobs)
