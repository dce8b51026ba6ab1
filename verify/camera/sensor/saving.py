"""Photo files as cameras write them: rows of the sensor, orientation tag, EXIF data."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.TiffImagePlugin import IFDRational

from backfocus.verify.camera.sensor.dng import dng

if TYPE_CHECKING:
    from backfocus.verify.camera.shooting import VirtualShot

Rows = npt.NDArray[np.integer]

QUARTER_TURNS = {1: 0, 3: 2, 6: 1, 8: 3}
"""Counter-clockwise turns from the upright picture to the rows of the sensor, by EXIF orientation."""
CENTIMETRE = 3
EXIF_HEADER = b"Exif\0\0"


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
        path.write_bytes(dng(shot.linear16, shot.sensor.mosaic, turns, tags))
        return path
    upright: Rows = shot.codes16 if bits == 16 else shot.codes
    rows = np.ascontiguousarray(np.rot90(upright, turns))
    path.write_bytes(encode(rows, tags, shot.development.jpeg_quality))
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
