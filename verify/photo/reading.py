"""A photo file as the reader needs it: original pixels, upright, with their way to linear light, and the camera."""

from __future__ import annotations

import io
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile

from backfocus.targets.errors import printable

from ..findings import Finding
from .metadata import CameraInfo, Metadata, read_metadata
from .opening import opened_file, picture_in
from .pixels import Codes, HalfColours, Plane, decoded, file_of, halved_colours
from .sensor import Reading
from .tiff import holds_raw
from .tone import gamma_curve, light_table, tone_curve, with_own_white

_TYPICAL_MAGNIFICATION = 1 / 35
"""At 25 to 50 focal lengths; a lens focused there stands this much farther from the sensor than at infinity."""
_LOSSY = ("JPEG", "HEIF", "AVIF", "WEBP")
"""Kinds of files that keep the differences of colours coarsely."""


@dataclass(frozen=True, eq=False)
class Photo:
    """One photo, upright as its orientation tag says, never resampled.

    Attributes:
        name: file name, safe to print.
        codes: (rows, columns) code values, grey or of one colour, uint8 or uint16.
        light_of_code: (256,) or (65536,) linear light in [0, 1] of every code value.
        camera: camera and lens, from the file and from the user.
        findings: what reading the file brought up.
        has_jpeg_colours: a colour's codes come from a JPEG file or the like, which keeps the differences of colours
            coarsely.
        off_axis_px: how far the lens's axis may be from the picture's middle, because a program cut the picture.
        orientation: 1 to 8, as in EXIF, of the file's pixels.
        readings: ways to understand how much of the sensor the picture shows, likeliest first.
        is_size_doubtful: neither metadata nor perspective decide among them.
    """

    name: str
    codes: Codes
    light_of_code: NDArray[np.float32]
    camera: CameraInfo
    findings: tuple[Finding, ...] = ()
    has_jpeg_colours: bool = False
    off_axis_px: float = 0.0
    orientation: int = 1
    readings: tuple[Reading, ...] = ()
    is_size_doubtful: bool = False

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        rows, columns = self.codes.shape
        return columns, rows

    @property
    def exif_focal_px(self) -> float | None:
        """Distance from lens to sensor in pixels, as far as the metadata and the user tell."""
        if self.camera.focal_length_mm is None or self.camera.sensor_width_mm is None:
            return None
        pixels_per_mm = max(self.codes.shape) / self.camera.sensor_width_mm
        return float(self.camera.focal_length_mm * (1 + _TYPICAL_MAGNIFICATION) * pixels_per_mm)

    def light(self, rows: slice, columns: slice) -> NDArray[np.float32]:
        """Return the linear light in [0, 1] of a part of the photo."""
        return self.light_of_code[self.codes[rows, columns]]


def read_photo(
    path: str | Path, given: CameraInfo | None = None, *, plane: Plane = "grey", max_megapixels: float = 200.0
) -> Photo:
    """Read a JPEG, HEIC, AVIF, WebP, PNG or TIFF photo (up to 16 bit), or a RAW file.

    Args:
        path: the file; its content decides what it is, not its name.
        given: what the user says about camera and lens; overrides the metadata.
        plane: the grey picture, or one of its colours. Where a JPEG file, or the like, stores colour differences
            at half resolution, as most do, all of its colours are that dull. Of a picture without colours all are
            the same. Those of a RAW file are the sensor's own.
        max_megapixels: larger pictures are refused before they are decoded. Phones reach 200 MP.

    Raises:
        UnreadablePhotoError: the file is missing, damaged, too large, or no photo.
    """
    path = Path(path)
    name = printable(path.name or path)
    with opened_file(path, name) as file:
        if holds_raw(file, path):
            from .raw import read_raw

            codes, metadata = read_raw(file, name, given, plane, max_megapixels)
            curve, has_jpeg_colours = gamma_curve(1.0), False
        else:
            picture = picture_in(file, name, max_megapixels)
            metadata = read_metadata(exif_block(picture), picture.size, given, _xmp_of(picture))
            curve = tone_curve(picture, metadata.is_adobe_rgb)
            codes = decoded(picture, plane, metadata.orientation)
            has_jpeg_colours = plane != "grey" and picture.format in _LOSSY and picture.mode != "L"
    return Photo(
        name=name,
        codes=codes,
        light_of_code=light_table(with_own_white(curve, codes), np.iinfo(codes.dtype).max + 1),
        camera=_with_exiftool(metadata, path),
        findings=metadata.findings,
        off_axis_px=math.hypot(*metadata.missing_px) / 2,
        has_jpeg_colours=has_jpeg_colours,
        orientation=metadata.orientation,
        readings=metadata.readings,
    )


def read_colours(path: str | Path, photo: Photo, max_megapixels: float = 200.0) -> HalfColours | None:
    """Read the colours of a photo at half its resolution; None for RAW files and pictures without colours.

    Args:
        path: the file.
        photo: what `read_photo` made of it.
        max_megapixels: as for `read_photo`.

    Raises:
        UnreadablePhotoError: as `read_photo`.
    """
    path = Path(path)
    with opened_file(path, photo.name) as file:
        if holds_raw(file, path):
            return None
        return halved_colours(picture_in(file, photo.name, max_megapixels), photo.orientation)


def _with_exiftool(metadata: Metadata, path: Path) -> CameraInfo:
    """Return the camera with what ExifTool, if installed, makes of a note that could not be read here."""
    camera = metadata.camera
    if not metadata.has_unread_note or camera.af_setting is not None:
        return camera
    from .exiftool import exiftool_note

    note = exiftool_note(path)
    found = {} if note is None else asdict(note)
    return replace(camera, **{name: value for name, value in found.items() if getattr(camera, name) is None})


def exif_block(picture: ImageFile.ImageFile) -> BinaryIO:
    """Return the EXIF data of a picture as a file of their own; an empty one where there are none."""
    if picture.format == "TIFF":
        return file_of(picture)
    block = picture.info.get("exif", b"")
    return io.BytesIO(block.removeprefix(b"Exif\0\0") if isinstance(block, bytes) else b"")


def _xmp_of(picture: ImageFile.ImageFile) -> bytes:
    packet = picture.info.get("xmp", b"")
    return packet if isinstance(packet, bytes) else b""
