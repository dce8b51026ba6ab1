"""The fifth study of docs/accuracy.md: hard photos, and whether any wrong offset is called trustworthy.

python docs/studies/hard_photos.py [PHOTOS] [SEED] [--keep FOLDER] [--rows CSV] [-o PAGE]

1000 photos take about three quarters of an hour on two cores, and six minutes again if they are kept in FOLDER.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from simulated import REAL, SPOILT, HardShot, hard_shots, photos_parser, stamp

from backfocus.verify.simulate.study import StudyResult, take_and_measure

SEED = 23
"""Photos of this seed were looked at while the program was changed."""
COLUMNS = (
    *("number", "seed", "kind", "must", "status", "trustworthy"),
    *("silently_wrong", "error_mm", "half_width_mm", "dof_mm", "findings"),
)
RESULT = Path(__file__).parent / "results" / "hard_photos.md"
HEAD = """## Hard photos, {known}

{stamp} {count} photos, seed {seed}, drawn like those at random, but mostly of 12 MP (a tenth 24 MP, a few 61 MP), each with one or
more effects of `docs/studies/simulated.py` or spoilt as it says; half of the effects at full strength,
the others at 0.3 to 1 of it. `python docs/studies/hard_photos.py {count} {seed}`

Trustworthy: measured, and no critical finding. Silently wrong: trustworthy, and off by more than three half widths of its own
interval and more than 1 % of the DOF. Coverage and error are those of the trustworthy ones. With longitudinal colour the
truth is that of the brightness in JPEG files: the mean of the three colours' offsets, weighted 0.299, 0.587, 0.114. Where a lens is
said to have no single plane, those of fine and of coarse detail (30 and 10 lp/mm) are the ends of a range; so are those of file
brightness (BT.601) and luminance (BT.709) where colours are split. There an error counts as wrong from the end of that range; photos that would count without it are listed, too. What the program makes of shake,
soft ink, shadow edges, covers, cut, sharpened and smaller pictures was changed after looking at photos of seed 23.

| kind | photos | measured | trustworthy | silently wrong | intervals that hold the truth | median error / half width | refused or doubted with |
|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Outcome:
    """A hard shot and what came of it; `problem` is the exception that it raised."""

    hard: HardShot
    result: StudyResult | None
    problem: str = ""

    @property
    def measured(self) -> bool:
        return self.result is not None and self.result.error_mm is not None

    @property
    def trustworthy(self) -> bool:
        return self.measured and self.result is not None and self.result.measurement.trustworthy

    @property
    def codes(self) -> list[str]:
        return [found.code for found in self.result.measurement.findings] if self.result else []

    @property
    def critical(self) -> set[str]:
        found = self.result.measurement.findings if self.result else ()
        return {each.code for each in found if each.severity == "critical"}


def outcome(hard: HardShot, folder: Path | None) -> Outcome:
    try:
        return Outcome(hard, take_and_measure(hard.shot, folder))
    except Exception as problem:  # a crash is a result, too
        return Outcome(hard, None, f"{type(problem).__name__}: {problem}")


def main(count: int, seed: int, folder: Path | None, table: Path | None, page: Path) -> None:
    with ProcessPoolExecutor(2) as pool:
        outcomes = list(pool.map(partial(outcome, folder=folder), hard_shots(count, seed)))
    if table:
        write_rows(outcomes, table)
    known = "looked at before" if seed == SEED else "not looked at before"
    lines = [HEAD.format(stamp=stamp(), count=count, seed=seed, known=known)]
    for title, kinds in (("lens, sheet and camera", REAL), ("spoilt photos", SPOILT)):
        names = list(dict.fromkeys(name for name, _ in kinds))
        lines += [_row(name, [o for o in outcomes if o.hard.kind == name]) for name in names]
        lines.append(_row(f"**all: {title}**", [o for o in outcomes if o.hard.kind in names]))
    lines += ["", *_below(outcomes)]
    page.write_text("\n".join(lines) + "\n")


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    trusted = [o.result for o in outcomes if o.result and o.trustworthy]
    parts = np.array([abs(r.error_mm or 0.0) / r.half_width_mm for r in trusted])
    coverage = f"{np.mean(parts <= 1):.0%} | {np.median(parts):.2f}" if trusted else "- | -"
    reasons = Counter(code for o in outcomes for code in o.critical)
    return (
        f"| {name} | {len(outcomes)} | {sum(o.measured for o in outcomes)} | {len(trusted)} "
        f"| {sum(r.silently_wrong for r in trusted)} | {coverage} "
        f"| {', '.join(f'{code} {number}' for code, number in reasons.most_common())} |"
    )


def _below(outcomes: Sequence[Outcome]) -> Iterator[str]:
    wanted = [o for o in outcomes if o.hard.must == "measure"]
    if wanted:
        measured, trusted = (np.mean([getattr(o, what) for o in wanted]) for what in ("measured", "trustworthy"))
        yield f"Of the photos with effects of lens, sheet and camera, {measured:.1%} were measured, {trusted:.1%} trustworthily."
    for o in outcomes:
        again = f"`hard_shot({o.hard.number}, {o.hard.seed})`"
        if o.result is None:
            yield f"\nCrashed: {again}, {o.hard.kind}: {o.problem}."
        elif o.result.silently_wrong:
            error, half = o.result.error_mm, o.result.half_width_mm
            yield (
                f"\nSilently wrong: {again}, {o.hard.kind}, by {error:+.2f} mm with ±{half:.2f} mm, DOF "
                f"{o.result.depth_of_field_mm:.0f} mm ({', '.join(o.codes) or 'no finding'})."
            )
        elif o.result.off_limits:
            yield (
                f"\nWithin the range that may be called sharpest, yet over the limit: {again}, {o.hard.kind}, by "
                f"{o.result.error_mm:+.2f} mm with ±{o.result.half_width_mm:.2f} mm, the range being "
                f"{o.result.truth_width_mm:.2f} mm."
            )
        elif o.result.bound_is_wrong:
            bound = o.result.measurement.offset_bound_mm
            yield f"\nWrong bound: {again}, {o.hard.kind}, {_range(bound)} for {o.result.true_offset_mm:+.1f} mm."


def _range(bound: tuple[float | None, float | None] | None) -> str:
    least, most = bound or (None, None)
    return f"at most {most:+.1f} mm" if least is None else f"at least {least:+.1f} mm"


def write_rows(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write one line a photo."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for o in outcomes:
            known: list[object] = ["crashed", False, False, "", "", "", o.problem]
            if r := o.result:
                error = "" if r.error_mm is None else f"{r.error_mm:.4f}"
                known = [r.measurement.status, r.measurement.trustworthy, r.silently_wrong, error]
                known += [f"{r.half_width_mm:.4f}", f"{r.depth_of_field_mm:.2f}", " ".join(o.codes)]
            rows.writerow([o.hard.number, o.hard.seed, o.hard.kind, o.hard.must, *known])


if __name__ == "__main__":
    parser = photos_parser(__doc__, 1000, SEED)
    parser.add_argument("--rows", type=Path, metavar="CSV", help="write a line for each photo there")
    parser.add_argument("-o", "--output", type=Path, default=RESULT, metavar="PAGE")
    wanted = parser.parse_args()
    main(wanted.photos, wanted.seed, wanted.keep, wanted.rows, wanted.output)
