"""Photos to score by the thousand: some dozen simulated ones under many names, a part of them broken."""

from __future__ import annotations

import random
from pathlib import Path

from backfocus.targets import build_chart
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify.simulate import ExifNames, Lens, Sensor, SheetPose, rasterise_pdf, shoot

SIZES = ((4256, 2832), (5184, 3456), (6000, 4000))
"""12, 18 and 24 MP."""
LENSES = ((85.0, 1.4), (50.0, 1.8), (135.0, 2.0), (35.0, 1.4))
CHARTS = 6
BROKEN_PART = 0.1


def simulate(folder: Path, different: int) -> list[Path]:
    """Photos of different sizes, lenses, charts and offsets; those that are there already stay."""
    folder.mkdir(parents=True, exist_ok=True)
    photos = [folder / f"{number:03}.jpg" for number in range(different)]
    if all(photo.exists() for photo in photos):
        return photos
    charts = [build_chart(chart_id=f"{number}AB7K2M") for number in range(2, 2 + CHARTS)]
    sheets = [rasterise_pdf(pdf_bytes(chart)) for chart in charts]
    for number, photo in enumerate(photos):
        if photo.exists():
            continue
        chance = random.Random(number)
        focal_length, f_number = LENSES[number % len(LENSES)]
        pose = SheetPose(45.0, chance.uniform(-2, 2), chance.uniform(-2, 2), 30 * focal_length)
        shoot(
            sheets[number % CHARTS],
            charts[number % CHARTS],
            pose,
            Lens(focal_length, f_number),
            Sensor(pixels=SIZES[number % len(SIZES)]),
            offset_mm=chance.uniform(-8, 8),
            names=ExifNames("NIKON CORPORATION", "NIKON D850", f"{focal_length:g}mm f/{f_number:g}"),
            seed=number,
        ).save(photo)
    return photos


def link(photos: list[Path], folder: Path, count: int) -> int:
    """Link the photos under many names in folders of a hundred; return how many files were broken instead.

    The first of many are the same as fewer, so that tables of both can be compared.
    """
    chance, broken = random.Random(1), 0
    for number in range(count):
        file = folder / f"{number // 100:03}" / f"DSC_{number:05}.JPG"
        file.parent.mkdir(parents=True, exist_ok=True)
        photo = photos[number % len(photos)]
        if chance.random() < BROKEN_PART:
            broken += 1
            kinds = (b"", b"not a photo", photo.read_bytes()[: chance.randrange(1000, 200_000)])
            file.write_bytes(kinds[broken % len(kinds)])
        else:
            file.symlink_to(photo)
    return broken
