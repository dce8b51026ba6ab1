"""The second study of docs/accuracy.md: photos drawn at random over what the program is made for.

python docs/studies/random_photos.py [PHOTOS] [SEED] [--keep FOLDER] [--jobs N]

600 photos take about a quarter of an hour on two cores, and four minutes again if they are kept in FOLDER.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from simulated import photos_parser, stamp

from backfocus.verify.simulate.study import StudyResult, run_study
from backfocus.verify.simulate.validate import Figures, figures, random_shots

SEED = 31
RESULT = Path(__file__).parent / "results" / "random_photos.md"
HEAD = """## Photos drawn at random

{stamp} {count} photos of 12 MP, seed {seed}: 35 to 200 mm, f/1.2 to f/5.6, 20 to 50 focal lengths, offsets of -30 to +30 mm,
tilt 30° to 60°, roll and yaw up to 3°, distortion up to 1 %, noise 0.3 to 3 %, light falling off by up to 30 % either way,
contrast curves, JPEG quality 80 to 97, all four papers, printed with a scale error of 0.5 % (standard deviation) that the
program is not told. `python docs/studies/random_photos.py {count} {seed}`

Errors are over their limits (median: the larger of 0.03 mm and 0.1 % of the DOF; 95th percentile: of 0.1 mm and 0.4 %), so that up
to 1 is within; the printer's share is taken off. Coverage is that of the whole 95 % interval, with the printer's share.

| photos | number | measured | median / limit | 95th percentile / limit | intervals that hold the truth | wider than needed by |
|---|---|---|---|---|---|---|"""


def main(count: int, seed: int, folder: Path | None, jobs: int) -> None:
    results = list(run_study(random_shots(count, seed), jobs, folder))
    groups: dict[str, Callable[[StudyResult], bool]] = {
        "all": lambda _: True,
        "f/1.2 to f/1.4": lambda r: r.shot.lens.f_number < 1.5,
        "f/1.8 to f/2.8": lambda r: 1.5 < r.shot.lens.f_number < 3.0,
        "f/4 to f/5.6": lambda r: r.shot.lens.f_number > 3.0,
        "up to 30 focal lengths": lambda r: _focal_lengths(r) <= 30,
        "over 30 focal lengths": lambda r: _focal_lengths(r) > 30,
    }
    lines = [HEAD.format(stamp=stamp(), count=count, seed=seed)]
    for name, chosen in groups.items():
        group = [r for r in results if chosen(r)]
        # A small slice may have nobody in a group.
        if any(r.error_mm is not None for r in group):
            lines.append(_row(name, figures(group)))
    missed = [r for r in results if r.error_mm is None]
    codes = sorted({found.code for r in missed for found in r.measurement.findings if found.severity == "critical"})
    lines.append(f"\nNot measured: {len(missed)} ({', '.join(codes) or 'none'}).")
    RESULT.write_text("\n".join(lines) + "\n")


def _focal_lengths(result: StudyResult) -> float:
    return result.shot.pose.af_mark_distance_mm / result.shot.lens.focal_length_mm


def _row(name: str, f: Figures) -> str:
    return (
        f"| {name} | {f.photos} | {f.measured} | {f.median_of_limit:.2f} | {f.p95_of_limit:.2f} "
        f"| {f.coverage:.1%} | {f.too_wide:.2f} |"
    )


if __name__ == "__main__":
    wanted = photos_parser(__doc__, 600, SEED).parse_args()
    main(wanted.photos, wanted.seed, wanted.keep, wanted.jobs)
