"""One virtual photo, from sheet to codes, and the truth about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart
from backfocus.targets.chart import Quad
from backfocus.verify.camera.lens.projection import Array, Projection, in_colour, project
from backfocus.verify.camera.painting import Light
from backfocus.verify.camera.rendering import render_sheet
from backfocus.verify.camera.scene import (
    Cover,
    Development,
    ExifNames,
    Exposure,
    Glare,
    Lens,
    Print,
    Sensor,
    SheetPose,
)
from backfocus.verify.camera.sensor.light import fall_of_light
from backfocus.verify.camera.sensor.motion import smear
from backfocus.verify.camera.sensor.recording import record
from backfocus.verify.camera.sensor.saving import save_picture
from backfocus.verify.camera.sheet.desk import desk
from backfocus.verify.camera.sheet.folding import FoldedSheet
from backfocus.verify.camera.sheet.foreground import add_glare, lay_on
from backfocus.verify.camera.sheet.ink import as_printed
from backfocus.verify.camera.sheet.placing import place_sheet
from backfocus.verify.camera.sheet.raster import SheetRaster
from backfocus.verify.camera.sheet.surface import Sheet, hidden


@dataclass(frozen=True, eq=False)
class Truth:
    """What is true of a virtual shot. Pixels are those of the upright picture.

    Attributes:
        offset_mm: depth of the plane of sharpest focus minus depth of the AF mark; positive = back focus.
        tilt_deg: angle between the sheet's normal and the optical axis.
        distance_mm: depth of the AF mark, from the thin lens.
        focal_px: distance from lens to sensor in pixels.
        af_mark_px: the AF mark in the picture.
        marker_corners_px: (4, 2) corners of every marker, by its id, in the order of the chart.
        sheet: where the sheet is.
        projection: what lens and sensor do, to green light if the lens splits colours.
        colour_offsets_mm: `offset_mm` of red, green and blue if the lens splits colours, else of all light.
        fold_deg: fold angles by the panel's name, positive = towards the reader; empty for a sheet without folds.
        hidden_markers: ids of markers that another panel covers, if only in part, or that show their back.
    """

    offset_mm: float
    tilt_deg: float
    distance_mm: float
    focal_px: float
    af_mark_px: tuple[float, float]
    marker_corners_px: dict[int, Array]
    sheet: Sheet
    projection: Projection
    colour_offsets_mm: tuple[float, ...]
    fold_deg: Mapping[str, float]
    hidden_markers: frozenset[int]

    def page_to_pixel(self, page_mm: npt.ArrayLike) -> Array:
        """Return the (n, 2) pixels of (n, 2) page points, through the middle of the pupil, with distortion."""
        return self.projection.pixels(self.sheet.points(page_mm))

    def depth_mm(self, page_mm: npt.ArrayLike) -> Array:
        """Return the (n,) depths of page points behind the AF mark; negative = nearer to the camera."""
        return self.sheet.points(page_mm)[:, 2] - self.distance_mm

    def blur_radius_px(self, page_mm: npt.ArrayLike) -> Array:
        """Return the (n,) radii of the circle of confusion at page points."""
        return self.projection.blur_radius_px(self.sheet.points(page_mm))

    def hidden(self, page_mm: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Return (n,) whether the sheet hides page points from the middle of the pupil."""
        return hidden(self.sheet, page_mm)


@dataclass(frozen=True, eq=False)
class VirtualShot:
    """A virtual photo.

    Attributes:
        codes16: the upright picture, (height, width) or (height, width, 3) of red, green, blue, 16 bits, coded.
        truth: what is true of it.
        lens, sensor, development, names: how it was made, for the EXIF data.
        linear16: (height, width) linear levels of the sensor before development, upright: one plane without colour
            or behind the colour filters, or three of red, green and blue.
    """

    codes16: npt.NDArray[np.uint16]
    truth: Truth
    lens: Lens
    sensor: Sensor
    development: Development
    names: ExifNames
    linear16: tuple[npt.NDArray[np.uint16], ...]

    @property
    def codes(self) -> npt.NDArray[np.uint8]:
        """The upright picture in 8 bits."""
        return ((self.codes16.astype(np.uint32) + 128) // 257).astype(np.uint8)

    def save(self, path: str | Path, bits: int = 8, exif: bool = True) -> Path:
        """Write a JPEG, PNG, TIFF or RAW file, by the ending of its name, and return its path.

        Args:
            path: ends in .jpg, .jpeg, .png, .tif, .tiff or .dng.
            bits: 8, or 16 for PNG and TIFF. A RAW file has 14.
            exif: whether to write camera, lens and exposure. Without, the file still has its orientation.

        Raises:
            ValueError: no such kind of file.
        """
        return save_picture(Path(path), self, bits, exif)


def shoot(
    raster: SheetRaster,
    chart: Chart,
    pose: SheetPose,
    lens: Lens | None = None,
    sensor: Sensor | None = None,
    exposure: Exposure | None = None,
    development: Development | None = None,
    *,
    printing: Print | None = None,
    in_front: Sequence[Cover | Glare] = (),
    offset_mm: float = 0.0,
    seed: int = 0,
    names: ExifNames | None = None,
) -> VirtualShot:
    """Take a photo of a sheet.

    Args:
        raster: the printed sheet.
        chart: what is printed on it; gives the AF mark and the markers of the truth.
        pose: where the sheet is.
        lens, sensor, exposure, development: the camera; None for the defaults (85 mm f/1.4, 24 MP full frame).
        printing: what the printer makes of the chart; None for a perfect print.
        in_front: what lies on the sheet or shines on it, from the bottom to the top.
        offset_mm: the plane of sharpest focus lies so far behind the AF mark; positive = back focus.
        seed: of noise and background. The same arguments give the same picture.
        names: camera and lens names for the EXIF data.

    Raises:
        ValueError: the lens cannot focus there, or the sheet reaches the lens.
    """
    lens, sensor = lens or Lens(), sensor or Sensor()
    exposure, development = exposure or Exposure(), development or Development()
    rng = np.random.default_rng(seed)
    projections = _projections(lens, sensor, pose, offset_mm)
    truth = _truth(chart, pose, projections, offset_mm)

    scale = exposure.paper_white / exposure.paper_reflectance
    ground = desk(sensor.picture_px, rng) * np.float32(scale)
    if printing:
        raster = as_printed(raster, printing, rng)
    planes = [_light(raster, truth.sheet, each, lens, exposure, in_front, ground.copy()) for each in projections]
    taken = record(planes, sensor, exposure, development, rng)
    return VirtualShot(taken.codes, truth, lens, sensor, development, names or ExifNames(), taken.sensor)


def _light(
    raster: SheetRaster,
    sheet: Sheet,
    projection: Projection,
    lens: Lens,
    exposure: Exposure,
    in_front: Sequence[Cover | Glare],
    ground: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """Return the linear light of one colour on the sensor."""
    white = exposure.paper_white
    full = white / exposure.paper_reflectance
    picture = render_sheet(raster, sheet, projection, Light(white, exposure.ink_reflectance * full), ground)
    for thing in in_front:
        if isinstance(thing, Cover):
            lay_on(picture, thing, sheet, projection, full)
        else:
            add_glare(picture, thing, sheet, projection, white)
    moved = smear(picture, exposure.motion_px, exposure.motion_deg)
    return fall_of_light(moved, lens, exposure)


def _projections(lens: Lens, sensor: Sensor, pose: SheetPose, offset_mm: float) -> list[Projection]:
    """What the lens does to red, green and blue light, or to all of it."""
    green = project(lens, sensor, pose.af_mark_distance_mm + offset_mm, pose.af_mark_at)
    if not lens.splits_colours:
        return [green]
    red, blue = (in_colour(green, lens, sensor, colour) for colour in (0, 1))
    return [red, green, blue]


def _truth(chart: Chart, pose: SheetPose, projections: list[Projection], offset_mm: float) -> Truth:
    projection = projections[len(projections) // 2]
    width, height = projection.picture_px
    centre_x, centre_y = projection.centre_px
    mark_px = (centre_x + pose.af_mark_at[0] * width, centre_y + pose.af_mark_at[1] * height)
    mark_mm = projection.directions(np.array([mark_px]))[0] * pose.af_mark_distance_mm
    sheet = place_sheet(pose, chart, mark_mm)
    corners = {marker.id: projection.pixels(sheet.points(marker.corners_page_mm)) for marker in chart.markers}
    return Truth(
        offset_mm,
        sheet.tilt_deg,
        pose.af_mark_distance_mm,
        projection.focal_px,
        mark_px,
        corners,
        sheet,
        projection,
        tuple(each.focus_mm - pose.af_mark_distance_mm for each in projections),
        sheet.fold_deg if isinstance(sheet, FoldedSheet) else {},
        frozenset(marker.id for marker in chart.markers if hidden(sheet, _all_over(marker.corners_page_mm)).any()),
    )


def _all_over(quad: Quad, side: int = 5) -> Array:
    """Return page points spread over a parallelogram, its corners among them."""
    start, right, _, down = np.array(quad)
    t = np.linspace(0.0, 1.0, side)
    across, along = (part.reshape(-1, 1) for part in np.meshgrid(t, t))
    return np.asarray(start + across * (right - start) + along * (down - start))
