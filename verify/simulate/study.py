"""One simulated shot of a study: taken, edited as programs do, and measured."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from backfocus.targets import Chart, build_chart
from backfocus.targets.chart import Panel, Point
from backfocus.targets.printing.pdf import pdf_bytes

from ..findings import Findings
from ..measure import measure
from ..measurement import Measurement
from ..pool import Pool
from ..storage import write_whole
from ..threads import one_thread
from . import (
    Cover,
    Development,
    ExifNames,
    Exposure,
    Glare,
    Lens,
    Print,
    Sensor,
    SheetPose,
    SheetRaster,
    VirtualShot,
    rasterise_pdf,
    shoot,
)
from .projection import project

LUMINANCE = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in the brightness that JPEG files hold (ITU-R BT.601), and that is measured."""
SEEN_LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Their weights in what the eye sees (CIE luminance of ITU-R BT.709 primaries)."""
D850 = ExifNames(make="NIKON CORPORATION", model="NIKON D850")


@dataclass(frozen=True)
class Edit:
    """Crop, then flip, then scale; the metadata that stay are those of the photo as it was taken.

    Attributes:
        crop: left, top, right and bottom of what is kept, as parts of the upright picture's width and height.
        mirrored: left and right are swapped.
        scale: new size over old size, up to 1.
        keeps_exif: whether the metadata stay.
    """

    crop: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    mirrored: bool = False
    scale: float = 1.0
    keeps_exif: bool = True


@dataclass(frozen=True)
class StudyShot:
    """A shot to simulate.

    Attributes:
        offset_mm: the truth, positive = back focus; that of green light if the lens splits colours.
        print_scale: what the printer made of the sheet's size without telling anybody.
        printing, in_front: what else the printer did, and what lies on the sheet or shines on it.
        edit: what a program did to the photo.
    """

    offset_mm: float
    pose: SheetPose
    lens: Lens
    paper: str = "a4"
    design: str = "flat"
    sensor: Sensor = field(default_factory=Sensor)
    exposure: Exposure = field(default_factory=Exposure)
    development: Development = field(default_factory=Development)
    print_scale: float = 1.0
    printing: Print | None = None
    in_front: tuple[Cover | Glare, ...] = ()
    names: ExifNames = D850
    edit: Edit = field(default_factory=Edit)
    seed: int = 0


@dataclass(frozen=True)
class StudyResult:
    """A simulated shot and its measurement; `colour_offsets_mm` are the true ones of red, green and blue if they
    differ."""

    shot: StudyShot
    measurement: Measurement
    colour_offsets_mm: tuple[float, ...] = ()

    @property
    def true_offset_mm(self) -> float:
        """The true offset; that of luminance, the weighted mean of the colours', if the lens splits colours."""
        if len(self.colour_offsets_mm) != len(LUMINANCE):
            return self.shot.offset_mm
        return float(np.dot(LUMINANCE, self.colour_offsets_mm))

    @property
    def depth_of_field_mm(self) -> float:
        """Whole depth of field of the shot, c = sensor diagonal / 1500, from the truth.

        2 N c (1 + m) / m², the symmetric form for distances well below the hyperfocal one.
        """
        lens, sensor = self.shot.lens, self.shot.sensor
        long, short = sensor.pixels
        circle = sensor.width_mm * (1 + (short / long) ** 2) ** 0.5 / 1500
        m = lens.focal_length_mm / (self.shot.pose.af_mark_distance_mm - lens.focal_length_mm)
        return float(2 * lens.f_number * circle * (1 + m) / m**2)

    @property
    def error_mm(self) -> float | None:
        """Measured minus true offset; None where nothing was measured."""
        measured = self.measurement.offset_mm
        return None if measured is None else measured - self.true_offset_mm

    @property
    def error_without_print_mm(self) -> float:
        """The error that is left when the printer's scale is taken into account; nan where nothing was measured."""
        measured = self.measurement.offset_mm
        return float("nan") if measured is None else measured * self.shot.print_scale - self.true_offset_mm

    @property
    def half_width_mm(self) -> float:
        """Half of the interval's width; nan where nothing was measured."""
        interval = self.measurement.offset_ci95_mm
        return float("nan") if interval is None else (interval[1] - interval[0]) / 2

    @property
    def covered(self) -> bool | None:
        """Whether the 95 % interval holds the truth."""
        interval = self.measurement.offset_ci95_mm
        return None if interval is None else interval[0] <= self.true_offset_mm <= interval[1]

    @property
    def truth_width_mm(self) -> float:
        """How far apart the planes lie that may be called sharpest.

        Where the lens is said to have no single plane, those of fine detail (the truth) and of coarse detail; with
        longitudinal colour, that of the brightness in files (the truth here) and of the light seen.
        """
        width = 0.0
        if any(found.code == Findings.NO_SINGLE_PLANE.code for found in self.measurement.findings):
            pose = self.shot.pose
            focus_mm = pose.af_mark_distance_mm + self.shot.offset_mm
            width = abs(project(self.shot.lens, self.shot.sensor, focus_mm, pose.af_mark_at).coarse_offset_mm)
        if len(self.colour_offsets_mm) == len(LUMINANCE):
            width += abs(np.dot(np.subtract(LUMINANCE, SEEN_LUMINANCE), self.colour_offsets_mm))
        return float(width)

    @property
    def off_limits(self) -> bool:
        """Whether a trustworthy offset is off by over 3 of its half widths and 1 % of the DOF."""
        if self.error_mm is None or not self.measurement.trustworthy:
            return False
        return abs(self.error_mm) > self._most_off_mm

    @property
    def silently_wrong(self) -> bool:
        """Whether it is so far off even where the truth is a range."""
        return self.off_limits and abs(self.error_mm or 0.0) - self.truth_width_mm > self._most_off_mm

    @property
    def _most_off_mm(self) -> float:
        return max(3 * self.half_width_mm, 0.01 * self.depth_of_field_mm)

    @property
    def bound_is_wrong(self) -> bool:
        """Whether the focus is said to be beyond a bound that it is not beyond."""
        least, most = self.measurement.offset_bound_mm or (None, None)
        truth = self.true_offset_mm
        return (least is not None and truth < least) or (most is not None and truth > most)


def run_study(shots: Iterable[StudyShot], processes: int = 2, folder: Path | None = None) -> Iterator[StudyResult]:
    """Take and measure all shots, in parallel; results come in the order of the shots.

    Photos are kept in `folder`, if one is given, and taken from there the next time.
    """
    with Pool(processes) as pool:
        for future in [pool.submit(take_and_measure, shot, folder) for shot in shots]:
            yield future.result()


@one_thread()
def take_and_measure(shot: StudyShot, folder: Path | None = None) -> StudyResult:
    """Simulate a shot, write it as a JPEG file as a camera would, and measure that file."""
    if folder is None:
        with tempfile.TemporaryDirectory() as passing:
            return take_and_measure(shot, Path(passing))
    path = folder / f"{hashlib.sha256(repr(shot).encode()).hexdigest()[:20]}.jpg"
    truth = path.with_suffix(".truth.json")
    if not truth.exists():
        taken = take(shot)
        folder.mkdir(parents=True, exist_ok=True)
        taken.save(path, exif=shot.edit.keeps_exif)
        write_whole(truth, json.dumps(taken.truth.colour_offsets_mm))
    return StudyResult(shot, measure(path, as_designed=True), tuple(json.loads(truth.read_text())))


Reprint = Callable[[Chart, SheetRaster], tuple[Chart, SheetRaster]]
"""Makes another print of a chart, and tells what is where on it."""


def take(shot: StudyShot, reprint: Reprint = lambda chart, raster: (chart, raster)) -> VirtualShot:
    """Print the chart of a shot, photograph it and edit the photo; the same shot gives the same photo."""
    chart, raster = _misprinted(*reprint(*_printed(shot.design, shot.paper)), shot.print_scale)
    taken = shoot(
        raster,
        chart,
        shot.pose,
        shot.lens,
        shot.sensor,
        shot.exposure,
        shot.development,
        printing=shot.printing,
        in_front=shot.in_front,
        offset_mm=shot.offset_mm,
        seed=shot.seed,
        names=shot.names,
    )
    return edited(taken, shot.edit)


def edited(shot: VirtualShot, edit: Edit) -> VirtualShot:
    """Return the shot with its picture changed; its truth is still that of the whole picture."""
    rows, columns = shot.codes16.shape[:2]
    left, top, right, bottom = edit.crop
    codes = shot.codes16[round(top * rows) : round(bottom * rows), round(left * columns) : round(right * columns)]
    if edit.mirrored:
        codes = codes[:, ::-1]
    if edit.scale != 1.0:
        size = round(codes.shape[1] * edit.scale), round(codes.shape[0] * edit.scale)
        codes = np.asarray(cv2.resize(codes, size, interpolation=cv2.INTER_AREA), dtype=np.uint16)
    return replace(shot, codes16=np.ascontiguousarray(codes))


@lru_cache(maxsize=4)
def _printed(design: str, paper: str) -> tuple[Chart, SheetRaster]:
    chart = build_chart(design, paper)
    return chart, rasterise_pdf(pdf_bytes(chart))


def _misprinted(chart: Chart, raster: SheetRaster, scale: float) -> tuple[Chart, SheetRaster]:
    """Return the sheet as a printer made it that does not keep to scale."""
    width, height = raster.page_mm
    panels = tuple(_scaled_panel(panel, scale) for panel in chart.panels)
    return (
        replace(chart, af_mark_page_mm=_scaled(chart.af_mark_page_mm, scale), panels=panels),
        replace(raster, page_mm=(width * scale, height * scale)),
    )


def _scaled_panel(panel: Panel, scale: float) -> Panel:
    outline = tuple(_scaled(corner, scale) for corner in panel.outline_page_mm)
    if panel.hinge_page_mm is None:
        return replace(panel, outline_page_mm=outline)
    start, end = panel.hinge_page_mm
    return replace(panel, outline_page_mm=outline, hinge_page_mm=(_scaled(start, scale), _scaled(end, scale)))


def _scaled(point: Point, scale: float) -> Point:
    return point[0] * scale, point[1] * scale
