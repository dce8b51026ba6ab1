"""The study of folded cards: random fold angles and poses.

python docs/studies/folded_cards.py [PHOTOS] [SEED] [--keep FOLDER] [--jobs N]

300 photos take about a quarter of an hour on two cores, and two minutes again if they are kept in FOLDER.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from simulated import folded_shots, photos_parser, stamp

from backfocus.verify.simulate.study import StudyResult, run_study

SEED = 41
RESULT = Path(__file__).parent / "results" / "folded_cards.md"
P95_LIMIT = (0.2, 0.005)
"""The larger of so many mm and such a part of the depth of field."""
HEAD = """## Folded cards

{stamp} {count} photos of the `zfold` card at 12 MP, seed {seed}: each wing folded by 25° to 65°, unequally, the middle panel up to
4° from facing the camera either way, landscape and portrait, all papers; 35 to 200 mm, f/1.2 to f/5.6, 20 to 40 focal lengths,
offsets of -25 to +25 mm; light, noise, JPEG and the printer's scale error as for the photos drawn at random.
`python docs/studies/folded_cards.py {count} {seed}`

The limit is that of the 95th percentile: the larger of 0.2 mm and 0.5 % of the DOF; the printer's share is taken off the errors, not
off the intervals. Fold angles are those of both wings.

| photos | measured | median / limit | 95th percentile / limit | intervals that hold the truth | wider than needed by | fold angles: 95th percentile of errors | largest |
|---|---|---|---|---|---|---|---|"""


def main(count: int, seed: int, folder: Path | None, jobs: int) -> None:
    results = list(run_study(folded_shots(count, seed), jobs, folder))
    measured = [row for row in results if row.error_mm is not None]
    field = np.array([row.depth_of_field_mm for row in measured])
    limit = np.maximum(P95_LIMIT[0], P95_LIMIT[1] * field)
    of_limit = np.abs([row.error_without_print_mm for row in measured]) / limit
    in_interval = np.array([abs(row.error_mm or 0.0) / row.half_width_mm for row in measured])
    folds = np.concatenate([_fold_errors(row) for row in measured])
    row = (
        f"| {len(results)} | {len(measured)} | {np.median(of_limit):.2f} | {np.percentile(of_limit, 95):.2f} "
        f"| {(in_interval <= 1).mean():.1%} | {1 / np.percentile(in_interval, 95):.2f} "
        f"| {np.percentile(folds, 95):.3f}° | {folds.max():.3f}° |"
    )
    missed = [row for row in results if row.error_mm is None]
    codes = sorted({found.code for r in missed for found in r.measurement.findings if found.severity == "critical"})
    last = f"\nNot measured: {len(missed)} ({', '.join(codes) or 'none'})."
    RESULT.write_text("\n".join([HEAD.format(stamp=stamp(), count=count, seed=seed), row, last]) + "\n")


def _fold_errors(result: StudyResult) -> list[float]:
    true, found = result.shot.pose.fold_deg or {}, result.measurement.fold_deg or {}
    return [abs(found[name] - angle) for name, angle in true.items()]


if __name__ == "__main__":
    wanted = photos_parser(__doc__, 300, SEED).parse_args()
    main(wanted.photos, wanted.seed, wanted.keep, wanted.jobs)
