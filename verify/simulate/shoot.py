"""A shot of the virtual camera, from sheet to codes, with its truth; and its file, as cameras write them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.TiffImagePlugin import IFDRational

from backfocus.targets import Chart
from backfocus.targets.chart import Quad

from ..storage import write_whole
from .lens import FINENESS
from .painting import Light, add_glare, as_printed, lay_on, paint, place_sheet
from .projection import Array, Projection, in_colour, project, window_around
from .scene import Cover, Development, ExifNames, Exposure, Glare, Lens, Print, Sensor, SheetPose
from .sensor import dng, fall_of_light, record, smear, veil
from .sheet import FoldedSheet, Sheet, SheetRaster, desk, hidden

Picture = npt.NDArray[np.float32]
NEAREST = 0.1
"""No part of the sheet may be nearer than this part of the focus distance."""
Rows = npt.NDArray[np.integer]
QUARTER_TURNS = {1: 0, 3: 2, 6: 1, 8: 3}
"""Counter-clockwise turns from the upright picture to the rows of the sensor, by EXIF orientation."""
CENTIMETRE = 3
EXIF_HEADER = b"Exif\0\0"


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
    projections = _projections(lens, sensor, exposure, pose, offset_mm)
    truth = _truth(chart, pose, projections, offset_mm)

    scale = exposure.paper_white / exposure.paper_reflectance
    ground = desk(sensor.picture_px, rng) * np.float32(scale)
    if printing:
        raster = as_printed(raster, printing, rng)
    planes = [_light(raster, truth.sheet, each, lens, exposure, in_front, ground.copy()) for each in projections]
    taken = record(planes, sensor, exposure, development, rng)
    return VirtualShot(taken.codes, truth, lens, sensor, development, names or ExifNames(), taken.sensor)


def render_sheet(
    raster: SheetRaster, sheet: Sheet, projection: Projection, light: Light, ground: Picture
) -> Picture:
    """Return the picture of the sheet in front of `ground`, in linear light.

    Args:
        raster: what is printed on the sheet.
        sheet: where it is.
        projection: lens and picture.
        light: from the sheet.
        ground: light from behind the sheet, of the picture's size. It is painted over.

    Raises:
        ValueError: part of the sheet is behind the lens or touches it.
    """
    outline = _outline(sheet, raster.page_mm)
    if outline[:, 2].min() < NEAREST * projection.focus_mm:
        raise ValueError("the sheet reaches the lens: move it farther away")
    margin_px = projection.reach_px(outline) + 4.0 * projection.sharp_blur_px + 2.0
    window = window_around(projection.pixels(outline), margin_px, projection.picture_px)
    if window is None:
        return ground
    size = (window.width * FINENESS, window.height * FINENESS)
    fine = np.asarray(cv2.resize(ground[window.slices], size, interpolation=cv2.INTER_LINEAR), np.float32)
    for tile in window.split():
        paint(raster, sheet, projection, tile, light, fine[tile.fine(window, FINENESS)])
    ground[window.slices] = _to_pixels(fine, projection.sharp_blur_px)
    return ground


def _to_pixels(fine: Picture, blur_px: float) -> Picture:
    """Return a finely rendered picture blurred and in whole pixels."""
    sigma = blur_px * FINENESS
    side = 2 * math.ceil(4.0 * sigma) + 1
    blurred = cv2.GaussianBlur(fine, (side, side), sigma) if sigma else fine
    size = (fine.shape[1] // FINENESS, fine.shape[0] // FINENESS)
    return np.asarray(cv2.resize(blurred, size, interpolation=cv2.INTER_AREA), np.float32)


def _outline(sheet: Sheet, page_mm: tuple[float, float]) -> Array:
    """Return points in the camera frame all around the sheet, or around each of its panels."""
    if isinstance(sheet, FoldedSheet):
        around = [panel.plane.points(_along(panel.outline_page_mm)) for panel in sheet.panels]
        return np.concatenate(around)
    width, height = page_mm
    return sheet.points(_along(np.array([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])))


def _along(corners: Array, points: int = 33) -> Array:
    """Return points along the sides of a polygon, enough to follow a distorted border."""
    t = np.linspace(0.0, 1.0, points)[:, None]
    ends = np.roll(corners, -1, axis=0)
    return np.concatenate([start + t * (end - start) for start, end in zip(corners, ends, strict=True)])


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
    veiled = veil(picture, lens.veil_share, projection.veil_px)
    moved = smear(veiled, exposure.motion_px, exposure.motion_deg)
    return fall_of_light(moved, lens, exposure)


def _projections(
    lens: Lens, sensor: Sensor, exposure: Exposure, pose: SheetPose, offset_mm: float
) -> list[Projection]:
    """What the lens does to red, green and blue light, or to all of it."""
    green = project(lens, sensor, pose.af_mark_distance_mm + offset_mm, pose.af_mark_at)
    green = replace(green, turn=exposure.turn)
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


def save_picture(path: Path, shot: VirtualShot, bits: int, exif: bool) -> Path:
    """Write a shot to a file, see `VirtualShot.save`."""
    encode = ENCODERS.get((path.suffix.lower(), bits))
    is_raw = path.suffix.lower() == ".dng"
    if encode is None and not is_raw:
        raise ValueError(
            f"cannot write {bits} bits to {path.name}: take .jpg with 8, .png or .tif with 8 or 16, or .dng"
        )
    tags = exif_tags(shot) if exif else Image.Exif()
    tags[Base.Orientation] = shot.sensor.orientation
    turns = QUARTER_TURNS[shot.sensor.orientation]
    if encode is None:
        write_whole(path, dng(shot.linear16, shot.sensor.mosaic, turns, tags))
        return path
    upright: Rows = shot.codes16 if bits == 16 else shot.codes
    rows = np.ascontiguousarray(np.rot90(upright, turns))
    write_whole(path, encode(rows, tags, shot.development.jpeg_quality))
    return path


def exif_tags(shot: VirtualShot) -> Image.Exif:
    """Return the EXIF data of a shot."""
    tags = Image.Exif()
    tags[Base.Make], tags[Base.Model] = shot.names.make, shot.names.model
    tags[Base.DateTime] = shot.names.taken_at
    exposure = tags.get_ifd(IFD.Exif)
    lens, pixels_per_cm = shot.lens, _rational(10.0 / shot.sensor.pitch_mm)
    widest = shot.names.widest_f_number or lens.f_number
    exposure[Base.DateTimeOriginal] = shot.names.taken_at
    exposure[Base.FNumber] = _rational(lens.f_number)
    exposure[Base.FocalLength] = _rational(lens.focal_length_mm)
    exposure[Base.MaxApertureValue] = _rational(2.0 * math.log2(widest))
    exposure[Base.ISOSpeedRatings] = shot.names.iso
    exposure[Base.FocalPlaneXResolution] = exposure[Base.FocalPlaneYResolution] = pixels_per_cm
    exposure[Base.FocalPlaneResolutionUnit] = CENTIMETRE
    exposure[Base.ExifImageWidth], exposure[Base.ExifImageHeight] = shot.sensor.pixels
    if shot.names.lens:
        exposure[Base.LensModel] = shot.names.lens
    if shot.names.digital_zoom:
        exposure[Base.DigitalZoomRatio] = _rational(shot.names.digital_zoom)
    return tags


def _rational(value: float) -> IFDRational:
    return IFDRational(round(value * 1000), 1000)


def _jpeg(rows: Rows, tags: Image.Exif, quality: int) -> bytes:
    pixels = cv2.cvtColor(rows, cv2.COLOR_RGB2BGR if rows.ndim == 3 else cv2.COLOR_GRAY2BGR)
    settings = [
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    ]
    return _with_tags(".jpg", pixels, tags, settings)


def _png(rows: Rows, tags: Image.Exif, _quality: int) -> bytes:
    pixels = cv2.cvtColor(rows, cv2.COLOR_RGB2BGR) if rows.ndim == 3 else rows
    return _with_tags(".png", pixels, tags, [])


def _with_tags(ending: str, pixels: cv2.typing.MatLike, tags: Image.Exif, settings: list[int]) -> bytes:
    exif = np.frombuffer(tags.tobytes().removeprefix(EXIF_HEADER), np.uint8)
    _, file = cv2.imencodeWithMetadata(ending, pixels, [cv2.IMAGE_METADATA_EXIF], [exif], settings)
    return file.tobytes()


def _tiff(rows: Rows, tags: Image.Exif, _quality: int) -> bytes:
    """EXIF data are a TIFF file without pixels: with the tags of a picture and its pixels at the end it is one.

    Pillow has no 16-bit colour and drops EXIF data from TIFF files; OpenCV writes no tags.
    """
    height, width, *colours = rows.shape
    channels = colours[0] if colours else 1
    tags[Base.ImageWidth], tags[Base.ImageLength] = width, height
    tags[Base.BitsPerSample] = (8 * rows.itemsize,) * channels
    tags[Base.Compression], tags[Base.PhotometricInterpretation] = 1, 2 if channels == 3 else 1
    tags[Base.SamplesPerPixel], tags[Base.PlanarConfiguration] = channels, 1
    tags[Base.RowsPerStrip], tags[Base.StripByteCounts] = height, rows.nbytes
    tags[Base.StripOffsets] = 0  # Pillow adds the length of the tags
    big_endian = rows.astype(rows.dtype.newbyteorder(">"))
    return tags.tobytes().removeprefix(EXIF_HEADER) + big_endian.tobytes()


ENCODERS: dict[tuple[str, int], Callable[[Rows, Image.Exif, int], bytes]] = {
    (".jpg", 8): _jpeg,
    (".jpeg", 8): _jpeg,
    (".png", 8): _png,
    (".png", 16): _png,
    (".tif", 8): _tiff,
    (".tif", 16): _tiff,
    (".tiff", 8): _tiff,
    (".tiff", 16): _tiff,
}
