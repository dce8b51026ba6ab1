"""One virtual photo, from sheet to codes, and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart
from backfocus.verify.camera.lens.projection import Array, Projection, project
from backfocus.verify.camera.rendering import render_sheet
from backfocus.verify.camera.scene import Development, ExifNames, Exposure, Lens, Sensor, SheetPose
from backfocus.verify.camera.sensor.development import add_noise, develop, fall_of_light
from backfocus.verify.camera.sensor.saving import save_picture
from backfocus.verify.camera.sheet.desk import desk
from backfocus.verify.camera.sheet.raster import SheetRaster
from backfocus.verify.camera.sheet.surface import FlatSheet, place_sheet


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
        projection: what lens and sensor do.
    """

    offset_mm: float
    tilt_deg: float
    distance_mm: float
    focal_px: float
    af_mark_px: tuple[float, float]
    marker_corners_px: dict[int, Array]
    sheet: FlatSheet
    projection: Projection

    def page_to_pixel(self, page_mm: npt.ArrayLike) -> Array:
        """Return the (n, 2) pixels of (n, 2) page points, through the middle of the pupil, with distortion."""
        return self.projection.pixels(self.sheet.points(page_mm))

    def depth_mm(self, page_mm: npt.ArrayLike) -> Array:
        """Return the (n,) depths of page points behind the AF mark; negative = nearer to the camera."""
        return self.sheet.points(page_mm)[:, 2] - self.distance_mm

    def blur_radius_px(self, page_mm: npt.ArrayLike) -> Array:
        """Return the (n,) radii of the circle of confusion at page points."""
        return self.projection.blur_radius_px(self.sheet.points(page_mm)[:, 2])


@dataclass(frozen=True, eq=False)
class VirtualShot:
    """A virtual photo.

    Attributes:
        codes16: the upright picture, (height, width) or (height, width, 3) of red, green, blue, 16 bits, coded.
        truth: what is true of it.
        lens, sensor, development, names: how it was made, for the EXIF data.
    """

    codes16: npt.NDArray[np.uint16]
    truth: Truth
    lens: Lens
    sensor: Sensor
    development: Development
    names: ExifNames

    @property
    def codes(self) -> npt.NDArray[np.uint8]:
        """The upright picture in 8 bits."""
        return ((self.codes16.astype(np.uint32) + 128) // 257).astype(np.uint8)

    def save(self, path: str | Path, bits: int = 8, exif: bool = True) -> Path:
        """Write a JPEG, PNG or TIFF file, by the ending of its name, and return its path.

        Args:
            path: ends in .jpg, .jpeg, .png, .tif or .tiff.
            bits: 8, or 16 for PNG and TIFF.
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
    offset_mm: float = 0.0,
    seed: int = 0,
    names: ExifNames | None = None,
) -> VirtualShot:
    """Take a photo of a flat sheet.

    Args:
        raster: the printed sheet.
        chart: what is printed on it; gives the AF mark and the markers of the truth.
        pose: where the sheet is.
        lens, sensor, exposure, development: the camera; None for the defaults (85 mm f/1.4, 24 MP full frame).
        offset_mm: the plane of sharpest focus lies so far behind the AF mark; positive = back focus.
        seed: of noise and background. The same arguments give the same picture.
        names: camera and lens names for the EXIF data.

    Raises:
        ValueError: the lens cannot focus there, or the sheet reaches the lens.
    """
    lens, sensor = lens or Lens(), sensor or Sensor()
    exposure, development = exposure or Exposure(), development or Development()
    rng = np.random.default_rng(seed)
    projection = project(lens, sensor, pose.af_mark_distance_mm + offset_mm)
    truth = _truth(chart, pose, projection, offset_mm)

    scale = exposure.paper_white / exposure.paper_reflectance
    ground = desk(sensor.picture_px, rng) * np.float32(scale)
    paper, ink = exposure.paper_white, exposure.ink_reflectance * scale
    light = render_sheet(raster, truth.sheet, projection, paper, ink, ground)
    light = fall_of_light(light, lens, exposure)
    recorded = add_noise(light, exposure, rng) + np.float32(sensor.black_level)
    return VirtualShot(
        _codes(recorded, exposure, development), truth, lens, sensor, development, names or ExifNames()
    )


def _truth(chart: Chart, pose: SheetPose, projection: Projection, offset_mm: float) -> Truth:
    width, height = projection.picture_px
    centre_x, centre_y = projection.centre_px
    mark_px = (centre_x + pose.af_mark_at[0] * width, centre_y + pose.af_mark_at[1] * height)
    mark_mm = projection.direction(mark_px) * pose.af_mark_distance_mm
    sheet = place_sheet(pose, chart.af_mark_page_mm, mark_mm)
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
    )


def _codes(linear: npt.NDArray[np.float32], exposure: Exposure, development: Development) -> npt.NDArray[np.uint16]:
    if exposure.tint is None:
        return develop(linear, development)
    return np.stack([develop(linear * np.float32(gain), development) for gain in exposure.tint], axis=-1)
