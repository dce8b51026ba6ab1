"""Tables of how well the candidate sheet and contrast at 30 lp/mm give the plane.

python docs/studies/contrast/evaluate.py FOLDER... [--outer-grey GREY] [--stretch X]

FOLDER holds photos and truths by `photos.py`. Errors are in percent of the depth of field; "held" is the share of the
intervals that hold the truth, "needed" the 95th percentile of error over half width.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from curve import Plane
from layout import CANDIDATE, Variant
from photos import add_variant, measured

from backfocus.verify.findings import Refusal

APERTURES = {
    "f/1.4 to 1.5": (0.0, 1.6),
    "f/2": (1.6, 2.1),
    "f/2.8": (2.1, 3.0),
    "f/4 to 5.6": (3.0, 9.0),
    "all": (0.0, 9.0),
}
SILENT, SILENT_DOF = 3.0, 0.01
"""Silently wrong: an error over so many half widths and such a part of the depth of field."""
HEAD = """| | measured | no single plane | else refused | median | 90 % | mean | half width | held | needed | silently wrong | wrong side |
|---|---|---|---|---|---|---|---|---|---|---|---|"""
ASTIGMATISM_HEAD = "| astigmatism | photos | median error, mm | half width, mm | held |\n|---|---|---|---|---|"


@dataclass(frozen=True)
class Row:
    """One photo.

    Attributes:
        name, lens, f_number, depth_of_field_mm: of the shot.
        plane: what was measured; None with a reason in `refused`.
        refused: why there is no answer.
        file_mm, bench_mm: the true plane as the file holds it, and without the mosaic.
        astigmatism_mm: the file's.
    """

    name: str
    lens: str
    f_number: float
    depth_of_field_mm: float
    plane: Plane | None
    refused: str | None
    file_mm: float
    bench_mm: float
    astigmatism_mm: float


def rows(folder: Path, variant: Variant = CANDIDATE) -> list[Row]:
    """Measure all photos of a folder."""
    return [_row(path, variant) for path in sorted(folder.glob("*.jpg"))]


def _row(path: Path, variant: Variant) -> Row:
    taken = json.loads(path.with_suffix(".json").read_text())
    shot, planes = taken["shot"], taken["planes"]
    plane, refused = None, None
    try:
        plane = measured(path, variant)
        refused = "no-single-plane" if plane is None else plane.refused
    except Refusal as refusal:
        refused = refusal.finding.code
    apart = planes["steep"] - planes["level"]
    bench = taken["truth"]["mtf_hi"]
    return Row(path.stem, shot["lens"], shot["N"], taken["dof"], plane, refused, planes["file"], bench, apart)


def table(found: Sequence[Row], truth: Callable[[Row], float]) -> str:
    """Return the lines of a table over apertures."""
    lines = []
    for label, (low, high) in APERTURES.items():
        here = [row for row in found if low < row.f_number < high]
        good = [(row, row.plane) for row in here if row.plane is not None and row.refused is None]
        if not good:
            continue
        field = np.array([row.depth_of_field_mm for row, _ in good])
        true = np.array([truth(row) for row, _ in good])
        got, half = (np.array([getattr(plane, name) for _, plane in good]) for name in ("offset_mm", "half_mm"))
        error, of_half = (got - true) / field * 100, np.abs(got - true) / half
        blurred = sum(row.refused == "no-single-plane" for row in here)
        silent = ((of_half > SILENT) & (np.abs(error) > SILENT_DOF * 100)).sum()
        wrong_side = (((got - half > 0) & (true < 0)) | ((got + half < 0) & (true > 0))).sum()
        lines.append(
            f"| {label} | {len(good)} of {len(here)} | {blurred} | {len(here) - len(good) - blurred} "
            f"| {np.median(np.abs(error)):.2f} | {np.quantile(np.abs(error), 0.9):.1f} | {error.mean():+.1f} "
            f"| {np.median(half / field) * 100:.1f} | {(of_half <= 1).mean():.2f} | {np.quantile(of_half, 0.95):.2f} "
            f"| {silent} | {wrong_side} |"
        )
    return "\n".join([HEAD, *lines])


def astigmatism_table(found: Sequence[Row]) -> str:
    """Return the lines of the table of the distance between the planes of steep and of level edges."""
    lines = []
    for label, (low, high) in APERTURES.items():
        good = [
            (r, r.plane) for r in found if low < r.f_number < high and r.plane is not None and r.refused is None
        ]
        if good:
            error = np.abs([plane.astigmatism_mm - row.astigmatism_mm for row, plane in good])
            half = np.array([plane.astigmatism_half_mm for _, plane in good])
            lines.append(
                f"| {label} | {len(good)} | {np.median(error):.2f} | {np.median(half):.1f} | {(error <= half).mean():.2f} |"
            )
    return "\n".join([ASTIGMATISM_HEAD, *lines])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="photos and truths by photos.py")
    add_variant(parser)
    wanted = parser.parse_args()
    variant = Variant(wanted.outer_grey, wanted.stretch)
    found = [row for folder in wanted.folders for row in rows(folder, variant)]
    print("File's plane\n" + table(found, lambda row: row.file_mm))
    print("\nBench's plane\n" + table(found, lambda row: row.bench_mm))
    print("\n" + astigmatism_table(found))
    others = [row for row in found if row.refused not in (None, "no-single-plane")]
    print(
        "\nElse refused:", "; ".join(f"{r.name} {r.lens} f/{r.f_number:g}: {r.refused}" for r in others) or "none"
    )


if __name__ == "__main__":
    main()
