"""Planes of most contrast in traced photos, by contrast alone: errors, half widths and what they are made of.

python docs/studies/planes_by_contrast.py FOLDER...

FOLDER holds photos and what is true of them, as `traced_photos.py --keep` leaves them. The product takes the plane
of least blur instead where a photo speaks for an ideal lens; here contrast is judged by itself. Errors and half
widths are percent of the depth of field; "needed" is the 95th percentile of error over half width, 1 would do.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from traced_table import APERTURES, LEAST_OF_FIELD, MOST_HALF_WIDTHS, PAIRS

from backfocus.verify.edges.contrast import measure_contrast
from backfocus.verify.findings import Findings
from backfocus.verify.fit.ridge import Ridge, find_ridge
from backfocus.verify.fit.ridge_fit import View
from backfocus.verify.lens import circle_of_confusion_mm
from backfocus.verify.measure import analyse

TWO_SIDED_95 = 1.96
PARTS = ("noise_mm", "top_mm", "spread_mm", "field_mm", "colour_sd_mm")
WIDE_OF_FIELD = 0.5
"""Half widths over this part of the depth of field are no answer."""
HEAD = (
    "| lenses | aperture | answers | no single plane | else none | median | 90 % | mean | half width "
    "| noise, top, spread, field, colour | held | needed | silently wrong |\n|" + "---|" * 13
)


@dataclass(frozen=True)
class Row:
    """One photo: what was found, and the truth."""

    lens: str
    f_number: float
    field_mm: float
    true_mm: float
    ridge: Ridge | None

    @property
    def half_mm(self) -> float:
        """Half width at 95 %."""
        return math.inf if self.ridge is None else TWO_SIDED_95 * self.ridge.sd_mm

    @property
    def has_one_plane(self) -> bool:
        """Whether the lens shows fine detail as sharp as the product asks for."""
        ridge = self.ridge
        least_peak, least_ratio = Findings.NO_SINGLE_PLANE.limits
        if ridge is None:
            return True
        return not (
            least_peak.is_crossed(ridge.peak) or (ridge.ratio is not None and least_ratio.is_crossed(ridge.ratio))
        )

    @property
    def is_answer(self) -> bool:
        """Whether contrast gives a plane."""
        return self.ridge is not None and self.has_one_plane and self.half_mm < WIDE_OF_FIELD * self.field_mm


def rows(folder: Path) -> list[Row]:
    """Measure all photos of a folder."""
    return [_row(path) for path in sorted(folder.glob("*.jpg")) if path.with_suffix(".json").exists()]


def _row(path: Path) -> Row:
    taken = json.loads(path.with_suffix(".json").read_text())
    steps = analyse(path)
    ridge = None
    if steps.pose is not None and steps.sighting is not None:
        pose, camera = steps.pose, steps.photo.camera
        assert camera.focal_length_mm and camera.f_number and camera.sensor_width_mm
        circle = circle_of_confusion_mm(camera.sensor_width_mm, pose.image_size)
        view = View(
            mark_mm=pose.translation_mm[:2],
            distance_mm=pose.distance_mm,
            focal_length_mm=camera.focal_length_mm,
            f_number=camera.f_number,
            depth_of_field_mm=2 * camera.f_number * circle * (pose.distance_mm / camera.focal_length_mm) ** 2,
            has_colours=True,
            half_diagonal_px=math.hypot(*pose.image_size) / 2,
            pixels_per_mm=max(pose.image_size) / camera.sensor_width_mm,
        )
        ridge = find_ridge(measure_contrast(steps.photo, steps.sighting.chart, pose), view)
    return Row(taken["shot"]["lens"], taken["shot"]["N"], taken["dof"], taken["truth"]["mtf_hi"], ridge)


def table(found: Sequence[Row]) -> str:
    """Return the lines of a table over pairs of lenses and apertures."""
    lines = [HEAD]
    for pair in PAIRS:
        for label, (low, high) in APERTURES.items():
            here = [row for row in found if row.lens in pair and low <= row.f_number < high]
            if here:
                lines.append(f"| {', '.join(pair)} | {label} {_line(here)}")
    return "\n".join(lines)


def _line(here: Sequence[Row]) -> str:
    blurred = sum(not row.has_one_plane for row in here)
    good = [(row, row.ridge) for row in here if row.is_answer and row.ridge is not None]
    head = f"| {len(good)} of {len(here)} | {blurred} | {len(here) - len(good) - blurred} "
    if not good:
        return head + "|" * 9
    field = np.array([row.field_mm for row, _ in good])
    error = np.array([ridge.offset_mm - row.true_mm for row, ridge in good])
    half = np.array([row.half_mm for row, _ in good])
    share, of_half = error / field * 100, np.abs(error) / half
    parts = [np.median([getattr(ridge, part) / row.field_mm for row, ridge in good]) * 100 for part in PARTS]
    silent = ((of_half > MOST_HALF_WIDTHS) & (np.abs(share) > LEAST_OF_FIELD * 100)).sum()
    return head + (
        f"| {np.median(np.abs(share)):.2f} | {np.quantile(np.abs(share), 0.9):.1f} | {share.mean():+.1f} "
        f"| {np.median(half / field) * 100:.1f} | {', '.join(f'{part:.1f}' for part in parts)} "
        f"| {(of_half <= 1).mean():.2f} | {np.quantile(of_half, 0.95):.2f} | {silent} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="photos and truths")
    print(table([row for folder in parser.parse_args().folders for row in rows(folder)]))


if __name__ == "__main__":
    main()
