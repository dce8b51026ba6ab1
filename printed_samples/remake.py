"""Remakes everything in this folder.

python printed_samples/remake.py
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from backfocus.targets import PAPERS, Chart, build_chart
from backfocus.targets.ids import DESIGNS
from backfocus.targets.printing.pdf import pdf_bytes, preview_png
from backfocus.verify.measure import analyse
from backfocus.verify.report.annotate import annotated_png
from backfocus.verify.report.text import measurement_text
from backfocus.verify.simulate import (
    Development,
    ExifNames,
    Exposure,
    Lens,
    Sensor,
    SheetPose,
    VirtualShot,
    rasterise_pdf,
    shoot,
)


class Sample(NamedTuple):
    """A simulated photo: what it shows, and how far behind the AF mark the lens focused."""

    design: str
    paper: str
    offset_mm: float
    pose: SheetPose
    lens: Lens


FAST = Lens(85.0, 1.4)
ASKEW = SheetPose(tilt_deg=46.0, yaw_deg=-2.0, roll_deg=1.5, af_mark_distance_mm=2200.0)
BY_HAND = SheetPose(
    tilt_deg=1.5, yaw_deg=-2.0, roll_deg=1.0, af_mark_distance_mm=1700.0, fold_deg={"forward": 49.0, "back": -42.0}
)
UPRIGHT = SheetPose(tilt_deg=1.0, yaw_deg=1.5, roll_deg=-0.5, af_mark_distance_mm=2000.0)
PHOTOS = {
    "front-focus": Sample("flat", "a4", -14.0, ASKEW, FAST),
    "back-focus": Sample("flat", "letter", 14.0, ASKEW, FAST),
    "zfold": Sample("zfold", "a4", 9.0, BY_HAND, FAST),
    "wall": Sample("wall", "a4", 40.0, UPRIGHT, Lens(85.0, 4.0)),
}
PICTURE_DPI = 80


def charts() -> Iterator[tuple[str, Chart]]:
    for design in DESIGNS:
        for paper in PAPERS:
            yield f"{design}-{paper}", build_chart(design, paper)


def remake_charts(folder: Path) -> None:
    for name, chart in charts():
        pdf = pdf_bytes(chart)
        (folder / f"{name}.pdf").write_bytes(pdf)
        (folder / f"{name}.png").write_bytes(preview_png(pdf, PICTURE_DPI))


def simulated_photo(name: str) -> VirtualShot:
    """Take one of the simulated photos, with 12 MP."""
    sample = PHOTOS[name]
    chart = build_chart(sample.design, sample.paper)
    return shoot(
        rasterise_pdf(pdf_bytes(chart)),
        chart,
        sample.pose,
        sample.lens,
        Sensor(mosaic=True, pixels=(4256, 2832)),
        Exposure(light_gradient=(0.15, -0.1)),
        Development(s_curve=0.2),
        offset_mm=sample.offset_mm,
        seed=7,
        names=ExifNames("NIKON CORPORATION", "NIKON D850", "Simulated 85mm f/1.4"),
    )


def main(folder: Path) -> None:
    remake_charts(folder)
    # From within, so that what to do next names no folder of this machine.
    with contextlib.chdir(folder):
        remake_photos(Path())


def remake_photos(folder: Path) -> None:
    for name, sample in PHOTOS.items():
        path = simulated_photo(name).save(folder / f"{name}.jpg")
        analysis = analyse(path)
        if analysis.measurement.status == "refused":
            continue
        said = f"{measurement_text(analysis.measurement)}\n\nThe simulated lens was {sample.offset_mm:+g} mm off.\n"
        (folder / f"{name}.txt").write_text(said, encoding="utf-8")
        (folder / f"{name}.json").write_text(json.dumps(analysis.measurement.to_dict(), indent=2) + "\n")
        (folder / f"{name}.annotated.png").write_bytes(annotated_png(analysis))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
