"""RAW files beside the JPEG files of the same shots, and ways to demosaic them.

python docs/studies/raw_photos.py [SHOTS] [SEED]

20 shots take some three minutes on two cores.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import rawpy
from simulated import seeded_parser, stamp

from backfocus.verify.lens import offset_of_defocus_mm
from backfocus.verify.measure import measure
from backfocus.verify.measurement import Measurement
from backfocus.verify.photo.raw import RGB, developed
from backfocus.verify.simulate import ExifNames, Lens, Sensor, SheetPose, VirtualShot
from backfocus.verify.simulate.study import StudyShot, take
from backfocus.verify.simulate.validate import P95_LIMIT, random_shots

SHOTS, SEED = 20, 41
RESULT = Path(__file__).parent / "results" / "raw_photos.md"
TWELVE_MEGAPIXELS = (4240, 2832)
SHARPENED = {"sharpening_amount": 1.0, "sharpening_radius_px": 1.0}
WAYS = ("LINEAR", "PPG", "AHD")
COLOUR_UM = (15.0, -12.0)
UNNAMED = ExifNames()
"""A camera whose name tells nothing, not even the size of its sensor."""
HEAD = """## RAW files

{stamp} {count} shots of 12 MP, seed {seed}, otherwise drawn as in "Photos drawn at random" but printed to scale, by a sensor with
colour filters; every second JPEG is sharpened (unsharp mask of 1 px and 100 %). The DNG holds the sensor's values before any development.
`python docs/studies/raw_photos.py {count} {seed}`

Errors are over their limit (the larger of 0.1 mm and 0.4 % of the DOF), so that up to 1 is within.

| file | shots | measured | median of error / limit | largest | intervals that hold the truth |
|---|---|---|---|---|---|"""
COLOUR_HEAD = """
A lens that splits colours (85 mm f/1.4, red focused 15 µm behind green and blue 12 µm in front of it), in mm, by the way
of demosaicing:

| way | red | green | blue |
|---|---|---|---|"""

Row = tuple[float | None, bool]
"""Error over its limit, and whether the interval holds the truth."""


def main(count: int, seed: int) -> None:
    shots = [_changed(shot, number) for number, shot in enumerate(random_shots(count, seed))]
    with ProcessPoolExecutor(2) as pool:
        taken = list(pool.map(_measured, shots))
    lines = [HEAD.format(stamp=stamp(), count=count, seed=seed)]
    for name in taken[0]:
        for label, part in (
            ("", slice(None)),
            (", unsharpened", slice(0, None, 2)),
            (", sharpened", slice(1, None, 2)),
        ):
            if name == "JPEG" or not label:
                lines.append(_line(name + label, [each[name] for each in taken[part]]))
    lines += [COLOUR_HEAD, *_colour_lines(seed)]
    RESULT.write_text("\n".join(lines) + "\n")


def _changed(shot: StudyShot, number: int) -> StudyShot:
    development = replace(shot.development, **SHARPENED) if number % 2 else shot.development
    sensor = replace(shot.sensor, pixels=TWELVE_MEGAPIXELS, mosaic=True)
    return replace(shot, sensor=sensor, development=development, print_scale=1.0, names=UNNAMED)


def _measured(shot: StudyShot) -> dict[str, Row]:
    taken = take(shot)
    rows = {"JPEG": _row(_measure(taken, "photo.jpg"), shot.offset_mm)}
    for way in WAYS:
        with _demosaicing(way):
            rows[f"DNG, {way}"] = _row(_measure(taken, "photo.dng"), shot.offset_mm)
    return rows


def _measure(taken: VirtualShot, name: str, *, channels: bool = False) -> Measurement:
    with tempfile.TemporaryDirectory() as folder:
        return measure(taken.save(Path(folder) / name), channels=channels)


class _Otherwise:
    """A RAW file that is demosaiced in another way than the program asks for."""

    def __init__(self, raw: rawpy.RawPy, way: str) -> None:
        self.raw, self.way = raw, rawpy.DemosaicAlgorithm[way]

    def postprocess(self, **settings: Any) -> Any:
        return self.raw.postprocess(**settings | {"demosaic_algorithm": self.way})


@contextmanager
def _demosaicing(way: str) -> Iterator[None]:
    def instead(raw: Any) -> RGB:
        return developed(_Otherwise(raw, way))  # type: ignore[arg-type]

    with patch("backfocus.verify.photo.raw.developed", instead):
        yield


def _row(measurement: Measurement, truth_mm: float) -> Row:
    field, interval = measurement.depth_of_field_mm, measurement.offset_ci95_mm
    if measurement.offset_mm is None or field is None or interval is None:
        return None, False
    limit = max(P95_LIMIT[0], P95_LIMIT[1] * sum(field))
    return abs(measurement.offset_mm - truth_mm) / limit, interval[0] <= truth_mm <= interval[1]


def _line(name: str, rows: list[Row]) -> str:
    errors = [error for error, _ in rows if error is not None]
    held = sum(holds for _, holds in rows)
    return f"| {name} | {len(rows)} | {len(errors)} | {median(errors):.2f} | {max(errors):.2f} | {held} |"


def _colour_lines(seed: int) -> Iterator[str]:
    lens = Lens(85.0, 1.4, longitudinal_colour_um=COLOUR_UM)
    sensor = Sensor(pixels=TWELVE_MEGAPIXELS, mosaic=True)
    pose = SheetPose(45.0, 1.0, -1.0, 2200.0)
    taken = take(StudyShot(3.0, pose, lens, sensor=sensor, names=UNNAMED, seed=seed))
    red, blue = (3.0 + offset_of_defocus_mm(lens.focal_length_mm, 2203.0, um) for um in COLOUR_UM)
    yield f"| truth | {red:.2f} | 3.00 | {blue:.2f} |"
    for way in WAYS:
        with _demosaicing(way):
            found = _measure(taken, "photo.dng", channels=True).channels_mm or {}
        cells = (f"{each.offset_mm:.2f}" if each.offset_mm is not None else "none" for each in found.values())
        yield f"| {way} | {' | '.join(cells)} |"


if __name__ == "__main__":
    wanted = seeded_parser(__doc__, "shots", SHOTS, SEED).parse_args()
    main(wanted.shots, wanted.seed)
