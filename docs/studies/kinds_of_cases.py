"""The study of kinds of cases: photos that were once measured wrong without a word, with new parameters.

python docs/studies/kinds_of_cases.py [PHOTOS] [SEED] [--keep FOLDER] [--jobs N]

PHOTOS is the number of each kind. 20 take about an hour on one core, and five minutes again if they are kept in FOLDER.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from cases import KINDS, draw_case, make_photo
from simulated import photos_parser, stamp

from backfocus.verify import measure
from backfocus.verify.simulate.study import StudyResult
from backfocus.verify.threads import one_thread

SEED = 71
RESULT = Path(__file__).parent / "results" / "kinds_of_cases.md"
HEAD = """## Kinds of cases

{stamp} {count} photos of each kind at 12 MP through a colour mosaic, seed {seed}: the flat sheet, or the folded card where the kind
says so, drawn as the photos at random, each with one fault of `docs/studies/cases.py`. The virtual camera's lens has no errors. The truth
is that of the photo without the fault; a double exposure, which is sharpest between its two planes, is held against that of the first shot.
`python docs/studies/kinds_of_cases.py {count} {seed}`

Trusted: measured, without a critical finding. Hold: trusted, and the interval holds the truth. Silently wrong: trusted, and off by more
than three half widths and 1 % of the DOF.

| kind | photos | trusted | of these hold | silently wrong | median error / half width | not trusted, for |
|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Outcome:
    """What came of one photo of a kind."""

    kind: str
    number: int
    result: StudyResult
    second_mm: float | None = None

    @property
    def trusted(self) -> bool:
        return self.result.error_mm is not None and self.result.measurement.trustworthy

    @property
    def is_between(self) -> bool:
        """Whether the offset of a double exposure lies between those of its two shots, or within its interval of it."""
        offset, ends = self.result.measurement.offset_mm, (self.result.shot.offset_mm, self.second_mm)
        if offset is None or ends[1] is None:
            return False
        return (
            min(ends[0], ends[1]) - self.result.half_width_mm
            <= offset
            <= max(ends[0], ends[1]) + self.result.half_width_mm
        )

    @property
    def critical(self) -> list[str]:
        return [each.code for each in self.result.measurement.findings if each.severity == "critical"]


def outcomes(kinds: Sequence[str], count: int, seed: int, folder: Path, jobs: int) -> list[Outcome]:
    """Make and measure so many photos of each kind."""
    chosen = [(kind, number) for kind in kinds for number in range(count)]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(partial(outcome, seed=seed, folder=folder), chosen))


@one_thread()
def outcome(chosen: tuple[str, int], seed: int, folder: Path) -> Outcome:
    """Make one photo, unless the folder has it, and measure it."""
    cv2.setNumThreads(1)
    kind, number = chosen
    case = draw_case(kind, number, seed)
    path = folder / f"{kind.replace(' ', '-').replace(',', '')}-{seed}-{number:03d}.jpg"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        make_photo(case, path)
    result = StudyResult(case.shot, measure(path, as_designed=case.is_designed))
    return Outcome(kind, number, result, case.second_mm)


def table(results: Sequence[Outcome], seed: int) -> Iterator[str]:
    """Yield a line for each kind, and the photos that are silently wrong."""
    for kind in dict.fromkeys(each.kind for each in results):
        yield _row(kind, [each for each in results if each.kind == kind])
    for each in results:
        if each.result.silently_wrong:
            codes = ", ".join(found.code for found in each.result.measurement.findings) or "no finding"
            between = ", between the two shots" if each.is_between else ""
            yield (
                f"\nSilently wrong{between}: `draw_case({each.kind!r}, {each.number}, {seed})`, "
                f"f/{each.result.shot.lens.f_number:g}, by {each.result.error_mm:+.2f} mm with "
                f"±{each.result.half_width_mm:.2f} mm, DOF {each.result.depth_of_field_mm:.0f} mm ({codes})."
            )


def _row(kind: str, results: Sequence[Outcome]) -> str:
    trusted = [each.result for each in results if each.trusted]
    parts = [abs(each.error_mm or 0.0) / each.half_width_mm for each in trusted]
    median = f"{np.median(parts):.2f}" if parts else "-"
    critical = Counter(code for each in results if not each.trusted for code in each.critical)
    return (
        f"| {kind} | {len(results)} | {len(trusted)} | {sum(bool(each.covered) for each in trusted)} "
        f"| {sum(each.silently_wrong for each in trusted)} | {median} "
        f"| {', '.join(f'{code} {number}' for code, number in critical.most_common()) or '-'} |"
    )


def main(count: int, seed: int, folder: Path | None, jobs: int) -> None:
    with tempfile.TemporaryDirectory() as passing:
        results = outcomes(list(KINDS), count, seed, folder or Path(passing), jobs)
    RESULT.write_text("\n".join([HEAD.format(stamp=stamp(), count=count, seed=seed), *table(results, seed)]) + "\n")


if __name__ == "__main__":
    wanted = photos_parser(__doc__, 20, SEED).parse_args()
    main(wanted.photos, wanted.seed, wanted.keep, wanted.jobs)
