"""Draws what compare_versions.py compares two versions of backfocus on: photos, series and scans, by one seed.

Only here is backfocus imported, so that inputs drawn with one version serve every other.
"""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from simulated import folded_shots, hard_shots

from backfocus.targets import build_chart
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify.simulate import ExifNames, Lens, Print, Sensor, SheetPose, rasterise_pdf
from backfocus.verify.simulate.scanner import PrintedPage, Scanner, save_scan, scan
from backfocus.verify.simulate.study import StudyShot, take
from backfocus.verify.simulate.validate import random_shots

SEED = 71
MOST_PIXELS, FEWER_PIXELS, FEWEST_PIXELS = (4242, 2828), (3000, 2000), (2400, 1600)
"""12, 6 and 4 MP."""
OF_A_DESIGN = {"flat": 8, "zfold": 8, "wall": 6}
HARD = 38
"""One of each kind."""
SERIES_LENS, SERIES_MM = Lens(85.0, 1.4), 1700.0
INK = Print(softness_mm=0.04, gain_mm=0.03)
SCANS = {
    "flat-a4.png": (PrintedPage(0.962, 0.9647, 0.12, INK), Scanner(300.0, 1.5)),
    "zfold-letter.jpg": (PrintedPage(1.003, 0.998, -0.3, INK), Scanner(300.0, 177.0, 0.04, 0.015)),
    "wall-a4.jpg": (PrintedPage(0.94, 0.941), Scanner(200.0, -3.0)),
    "flat-letter.png": (PrintedPage(ink=INK), Scanner(600.0, 0.4, 0.03)),
}
"""By chart and paper: how it is printed, and the scanner."""


def draw(folder: Path, samples: Path) -> None:
    """Make what is not there yet, and copy the photos of the folder `samples`."""
    for name in ("photos", "tune_nikon", "tune_canon", "scans"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for sample in samples.glob("*.jpg"):
        shutil.copy(sample, folder / "photos")
    (folder / "photos" / "unreadable.jpg").write_text("not a photo")
    for name, shot in itertools.chain(_plain_shots(), _hard_shots(), _nikon_shots(), _canon_shots()):
        if not (folder / name).exists():
            take(shot).save(folder / name, exif=shot.edit.keeps_exif)
    for number, (name, (page, scanner)) in enumerate(SCANS.items()):
        if not (folder / "scans" / name).exists():
            design, paper = Path(name).stem.split("-")
            codes = scan(rasterise_pdf(pdf_bytes(build_chart(design, paper))), page, scanner, SEED + number)
            save_scan(folder / "scans" / name, codes, scanner.dpi, 85)


def _plain_shots() -> Iterator[tuple[str, StudyShot]]:
    shots = {
        "flat": random_shots(OF_A_DESIGN["flat"], SEED),
        "zfold": folded_shots(OF_A_DESIGN["zfold"], SEED),
        "wall": _wall_shots(),
    }
    for design, of_design in shots.items():
        for number, shot in enumerate(of_design):
            pixels = (MOST_PIXELS, FEWER_PIXELS)[number % 2]
            yield f"photos/{design}_{number:02}.jpg", replace(shot, sensor=replace(shot.sensor, pixels=pixels))


def _wall_shots() -> Iterator[StudyShot]:
    rng = np.random.default_rng(SEED)
    for shot in random_shots(OF_A_DESIGN["wall"], SEED + 1):
        tilt, yaw, roll = (float(angle) for angle in rng.uniform(-2, 2, 3))
        pose = replace(shot.pose, tilt_deg=tilt, yaw_deg=yaw, roll_deg=roll)
        yield replace(shot, design="wall", pose=pose)


def _hard_shots() -> Iterator[tuple[str, StudyShot]]:
    for hard in hard_shots(HARD, SEED):
        shot, kind = hard.shot, re.sub(r"\W+", "-", hard.kind).strip("-")
        if shot.sensor.pixels[0] > MOST_PIXELS[0]:
            shot = replace(shot, sensor=replace(shot.sensor, pixels=MOST_PIXELS))
        yield f"photos/hard_{hard.number:02}_{kind}.jpg", shot


def _nikon_shots() -> Iterator[tuple[str, StudyShot]]:
    """Ten at settings 0 and +5; a step moves focus 5 µm away, and autofocus is right at +6."""
    rng, names = np.random.default_rng(SEED), ExifNames("NIKON CORPORATION", "NIKON D850")
    for number, setting in enumerate((0,) * 5 + (5,) * 5):
        um = 5.0 * (setting - 6) + float(rng.normal(0, 4))
        yield f"tune_nikon/{_signed(setting)}_{number:03}.jpg", _series_shot(um, "a4", names, number)


def _canon_shots() -> Iterator[tuple[str, StudyShot]]:
    """Ten at settings 0 and -10; a step moves focus 7 µm away, autofocus is right at -4 with 6 µm backlash."""
    rng, names = np.random.default_rng(SEED + 1), ExifNames("Canon", "Canon EOS 5D Mark IV")
    for number, setting in enumerate((0,) * 5 + (-10,) * 5):
        approach, backlash_um = (("near", 3.0), ("far", -3.0))[number % 2]
        um = 7.0 * (setting + 4) + backlash_um + float(rng.normal(0, 4))
        name = f"tune_canon/{_signed(setting)}_{approach}_{number:03}.jpg"
        yield name, _series_shot(um, "letter", names, 100 + number)


def _signed(setting: int) -> str:
    return f"{setting:+}" if setting else "0"


def _series_shot(error_um: float, paper: str, names: ExifNames, seed: int) -> StudyShot:
    """A small photo with an error at the sensor of so much."""
    offset_mm = error_um / 1000 * (SERIES_MM / SERIES_LENS.focal_length_mm - 1) ** 2
    pose, sensor = SheetPose(46.0, 1.0, -1.0, SERIES_MM), Sensor(pixels=FEWEST_PIXELS)
    return StudyShot(offset_mm, pose, SERIES_LENS, paper, sensor=sensor, names=names, seed=seed)
