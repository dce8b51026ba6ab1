"""A photo file as the reader needs it: original pixels, upright, with their way to linear light, and the camera."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from backfocus.verify.findings import Finding
from backfocus.verify.photo.metadata.camera_info import CameraInfo
from backfocus.verify.photo.metadata.exif import Metadata, read_metadata
from backfocus.verify.photo.opening import UnreadablePhotoError, opened_picture, printable_name, raw_mode
from backfocus.verify.photo.pixels.chroma import equally_sharp, thins_colours
from backfocus.verify.photo.pixels.tone import (
    ADOBE_RGB_GAMMA,
    Curve,
    gamma_curve,
    icc_curve,
    light_table,
    srgb_curve,
)

__all__ = ["Photo", "Plane", "UnreadablePhotoError", "read_photo"]

Codes = NDArray[np.uint8] | NDArray[np.uint16]
Plane = Literal["grey", "red", "green", "blue"]
_BLUE_GREEN_RED = ("blue", "green", "red")
_ROWS_AT_ONCE = 256
"""Of floating point numbers, which need four times the memory."""


@dataclass(frozen=True, eq=False)
class Photo:
    """One photo, upright as its orientation tag says, never resampled.

    Attributes:
        name: file name, safe to print.
        codes: (rows, columns) code values, grey or of one colour, uint8 or uint16.
        light_of_code: (256,) or (65536,) linear light in [0, 1] of every code value.
        camera: camera and lens, from the file and from the user.
        findings: what reading the file brought up.
        has_jpeg_colours: a colour's codes come from a JPEG file, which keeps the differences of colours coarsely.
    """

    name: str
    codes: Codes
    light_of_code: NDArray[np.float32]
    camera: CameraInfo
    findings: tuple[Finding, ...] = ()
    has_jpeg_colours: bool = False

    def light(self, rows: slice, columns: slice) -> NDArray[np.float32]:
        """Return the linear light in [0, 1] of a part of the photo."""
        return self.light_of_code[self.codes[rows, columns]]


def read_photo(
    path: str | Path, given: CameraInfo | None = None, *, plane: Plane = "grey", max_megapixels: float = 200.0
) -> Photo:
    """Read a JPEG, PNG or TIFF photo (8 or 16 bit).

    Args:
        path: the file; its content decides what it is, not its name.
        given: what the user says about camera and lens; overrides the metadata.
        plane: the grey picture, or one of its colours. Where a JPEG file stores colour differences at half
            resolution, as most do, all of its colours are that dull. Of a picture without colours all are the same.
        max_megapixels: larger pictures are refused before they are decoded. Phones reach 200 MP.

    Raises:
        UnreadablePhotoError: the file is missing, damaged, too large, or no photo.
    """
    path = Path(path)
    with opened_picture(path, max_megapixels) as picture:
        metadata = read_metadata(_exif_of(picture), picture.size, given)
        curve = _curve_of(picture, metadata)
        codes = _deep_codes(picture, plane) if _has_deep_colour(picture) else _codes(picture, plane)
        # Both decoders turn TIFF files upright by themselves.
        if not isinstance(picture, TiffImageFile):
            codes = _upright(codes, metadata.orientation)
    table = light_table(curve, np.iinfo(codes.dtype).max + 1)
    return Photo(
        name=printable_name(path.name),
        codes=codes,
        light_of_code=table,
        camera=metadata.camera,
        findings=metadata.findings,
        has_jpeg_colours=plane != "grey" and isinstance(picture, JpegImageFile) and picture.mode != "L",
    )


def _exif_of(picture: ImageFile.ImageFile) -> BinaryIO:
    if isinstance(picture, TiffImageFile):
        return _file_of(picture)
    block = picture.info.get("exif", b"")
    return io.BytesIO(block.removeprefix(b"Exif\0\0") if isinstance(block, bytes) else b"")


def _curve_of(picture: ImageFile.ImageFile, metadata: Metadata) -> Curve:
    profile = picture.info.get("icc_profile")
    curve = icc_curve(profile) if isinstance(profile, bytes) else None
    if curve is not None:
        return curve
    if metadata.is_adobe_rgb:
        return gamma_curve(ADOBE_RGB_GAMMA)
    # PNG's gAMA is the inverse of the decoding gamma; 1/2.2 is written for sRGB, whose true curve is not a power.
    gamma = picture.info.get("gamma")
    if isinstance(gamma, float) and 0.3 < gamma <= 1.0 and abs(gamma - 1 / 2.2) > 0.01:
        return gamma_curve(1.0 / gamma)
    return srgb_curve


def _codes(picture: ImageFile.ImageFile, plane: Plane) -> Codes:
    if isinstance(picture, JpegImageFile) and plane == "grey" and picture.mode in ("L", "RGB"):
        return _grey_codes_of_jpeg(picture)
    if thins_colours(picture) and plane != "grey":
        return _plane_of(equally_sharp(picture), plane)
    picture.load()
    if picture.mode.startswith("I;16"):
        return np.asarray(picture).astype(np.uint16)
    if picture.has_transparency_data:
        shown = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        return _on_white(_plane_of(shown, plane), np.asarray(shown.getchannel("A")))
    return _plane_of(picture, plane)


def _grey_codes_of_jpeg(picture: JpegImageFile) -> Codes:
    # A decoder that is asked for grey leaves out the colours: 24 MP in 0.10 s instead of 0.25 s. OpenCV's is the
    # same library as Pillow's, needs a quarter less time, and is heard complaining about damage.
    codes = cv2.imdecode(_content_of(picture), cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION)
    if codes is None or codes.shape != (picture.height, picture.width):
        raise OSError("damaged")
    return codes.astype(np.uint8, copy=False)


def _plane_of(picture: Image.Image, plane: Plane) -> Codes:
    if plane != "grey":
        return np.asarray(picture.convert("RGB").getchannel(plane[0].upper()))
    return np.asarray(picture.convert("L") if picture.mode != "L" else picture)


def _has_deep_colour(picture: ImageFile.ImageFile) -> bool:
    # Pillow reads the colours of 16-bit pictures with 8 bits only.
    return raw_mode(picture).startswith(("RGB;16", "RGBA;16", "RGBX;16", "LA;16"))


def _deep_codes(picture: ImageFile.ImageFile, plane: Plane) -> Codes:
    pixels = cv2.imdecode(_content_of(picture), cv2.IMREAD_UNCHANGED)
    # The stubs say that a picture always comes back; a damaged file gives None.
    if pixels is None or pixels.dtype != np.uint16 or pixels.ndim != 3:
        raise OSError("damaged")
    colours = pixels.astype(np.uint16, copy=False)
    if plane == "grey":
        codes = cv2.cvtColor(colours[:, :, :3], cv2.COLOR_BGR2GRAY).astype(np.uint16, copy=False)
    else:
        codes = np.ascontiguousarray(colours[:, :, _BLUE_GREEN_RED.index(plane)])
    return _on_white(codes, colours[:, :, 3]) if picture.mode in ("RGBA", "LA") else codes


def _on_white(codes: Codes, alpha: Codes) -> Codes:
    # As a viewer shows it; what transparency hides may be anything.
    white = np.iinfo(codes.dtype).max
    if alpha.min() == white:
        return codes
    shown = np.empty_like(codes)
    for start in range(0, len(codes), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        shown[rows] = np.rint(white - (white - codes[rows].astype(np.float32)) * (alpha[rows] / np.float32(white)))
    return shown


def _upright(codes: Codes, orientation: int) -> Codes:
    """Undo EXIF orientation 1 to 8 (EXIF 2.32, tag 0x0112)."""
    if orientation in (5, 6, 7, 8):
        codes = cv2.transpose(codes)  # type: ignore[assignment]
    if orientation in (2, 3, 6, 7):
        codes = codes[:, ::-1]
    if orientation in (3, 4, 7, 8):
        codes = codes[::-1]
    return codes if codes.flags.c_contiguous else codes.copy()


def _content_of(picture: ImageFile.ImageFile) -> NDArray[np.uint8]:
    file = _file_of(picture)
    file.seek(0)
    return np.frombuffer(file.read(), np.uint8)


def _file_of(picture: ImageFile.ImageFile) -> BinaryIO:
    assert picture.fp is not None
    return cast(BinaryIO, picture.fp)
