"""Pixels of a picture that is no RAW file: code values of grey or one colour."""

from __future__ import annotations

from typing import BinaryIO, Literal, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from .opening import raw_mode
from .phones import CHROMA, deep_heif

Codes = NDArray[np.uint8] | NDArray[np.uint16]
HalfColours = NDArray[np.uint8]
"""(rows / 2, columns / 2, 3) red, green and blue at half the resolution: most files have no more of colours."""
Plane = Literal["grey", "red", "green", "blue"]
_BLUE_GREEN_RED = ("blue", "green", "red")
_ROWS_AT_ONCE = 256
"""Of floating point numbers, which need four times the memory."""


def decoded(picture: ImageFile.ImageFile, plane: Plane, orientation: int) -> Codes:
    """Return the (rows, columns) codes of a picture.

    Args:
        picture: opened, not yet decoded.
        plane: grey, or one of its colours.
        orientation: 1 to 8, as in EXIF.
    """
    # The colours of a picture that thins them are made equally sharp with 8 bits.
    is_deep = _has_deep_colour(picture) and (plane == "grey" or not _thins_colours(picture))
    codes = _deep_codes(picture, plane) if is_deep else _codes(picture, plane)
    # Both decoders turn TIFF files upright by themselves.
    return codes if picture.format == "TIFF" else _upright(codes, orientation)


def halved_colours(picture: ImageFile.ImageFile, orientation: int) -> HalfColours | None:
    """Return the colours of a picture at half its resolution; None where it has none.

    Arguments are those of `decoded`. Of 16 bits 8 are left.
    """
    if picture.mode not in ("RGB", "RGBA", "RGBX", "YCbCr", "CMYK"):
        return None
    if picture.format == "JPEG":
        halved = cv2.imdecode(_content_of(picture), cv2.IMREAD_REDUCED_COLOR_2 | cv2.IMREAD_IGNORE_ORIENTATION)
    elif _has_deep_colour(picture):
        halved = cv2.convertScaleAbs(_half(_deep_pixels(picture)[:, :, :3]), alpha=1 / 257)
    else:
        halved = _half(cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2BGR))
    if halved is None or not cv2.absdiff(halved[..., 0], halved[..., 2]).any():
        return None
    colours = cv2.cvtColor(halved, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
    return colours if picture.format == "TIFF" else _upright(colours, orientation).astype(np.uint8, copy=False)


def _half(pixels: cv2.typing.MatLike) -> cv2.typing.MatLike:
    rows, columns = pixels.shape[:2]
    return cv2.resize(pixels, ((columns + 1) // 2, (rows + 1) // 2), interpolation=cv2.INTER_AREA)


def file_of(picture: ImageFile.ImageFile) -> BinaryIO:
    """Return the file that a picture is read from."""
    assert picture.fp is not None
    return cast(BinaryIO, picture.fp)


def _codes(picture: ImageFile.ImageFile, plane: Plane) -> Codes:
    if picture.format == "JPEG" and plane == "grey" and picture.mode in ("L", "RGB"):
        return _grey_codes_of_jpeg(picture)
    if _thins_colours(picture) and plane != "grey":
        return _plane_of(_equally_sharp(picture), plane)
    picture.load()
    if picture.mode.startswith("I;16"):
        return np.asarray(picture).astype(np.uint16)
    if picture.has_transparency_data:
        shown = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        return _on_white(_plane_of(shown, plane), np.asarray(shown.getchannel("A")))
    return _plane_of(picture, plane)


def _grey_codes_of_jpeg(picture: ImageFile.ImageFile) -> Codes:
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
    if picture.format == "HEIF":
        return picture.mode != "L" and picture.info.get("bit_depth", 8) > 8
    return raw_mode(picture).startswith(("RGB;16", "RGBA;16", "RGBX;16", "LA;16"))


def _deep_codes(picture: ImageFile.ImageFile, plane: Plane) -> Codes:
    colours = _deep_pixels(picture)
    if plane == "grey":
        codes = cv2.cvtColor(colours[:, :, :3], cv2.COLOR_BGR2GRAY).astype(np.uint16, copy=False)
    else:
        codes = np.ascontiguousarray(colours[:, :, _BLUE_GREEN_RED.index(plane)])
    return _on_white(codes, colours[:, :, 3]) if picture.mode in ("RGBA", "LA") else codes


def _deep_pixels(picture: ImageFile.ImageFile) -> NDArray[np.uint16]:
    if picture.format == "HEIF":
        return deep_heif(_content_of(picture).tobytes())
    pixels = cv2.imdecode(_content_of(picture), cv2.IMREAD_UNCHANGED)
    # The stubs say that a picture always comes back; a damaged file gives None.
    if pixels is None or pixels.dtype != np.uint16 or pixels.ndim != 3:
        raise OSError("damaged")
    return pixels.astype(np.uint16, copy=False)


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
    file = file_of(picture)
    file.seek(0)
    return np.frombuffer(file.read(), np.uint8)


def _thins_colours(picture: ImageFile.ImageFile) -> bool:
    """Whether this is a picture, still undecoded, with fewer pixels of colour differences than of brightness."""
    return picture.mode == "RGB" and _thinned(picture) != (1, 1)


def _equally_sharp(picture: ImageFile.ImageFile) -> Image.Image:
    """Return the picture with its brightness dulled in the way that its colour differences were.

    Most JPEG files hold brightness in every pixel but the two colour differences only in every second, or in one
    of four (ITU-T T.871): averages of two or four pixels, which the decoder interpolates. Red and blue would be
    mixtures of a sharp and a dulled picture, drawn towards the focus of the brightness: by 40 % of the distance in
    a 6 MP photo.

    Args:
        picture: one that thins its colours.
    """
    across, down = _thinned(picture)
    picture.draft("YCbCr", None)
    brightness, *differences = (picture if picture.mode == "YCbCr" else picture.convert("YCbCr")).split()
    size = (max(1, round(picture.width / across)), max(1, round(picture.height / down)))
    thinned = cv2.resize(np.asarray(brightness), size, interpolation=cv2.INTER_AREA)
    # At twice the size this weighs neighbours by 3/4 and 1/4, as libjpeg does for the colour differences.
    dulled = cv2.resize(thinned, picture.size, interpolation=cv2.INTER_LINEAR)
    return Image.merge("YCbCr", (Image.fromarray(np.asarray(dulled)), *differences)).convert("RGB")


def _thinned(picture: ImageFile.ImageFile) -> tuple[int, int]:
    """Return how many pixels across and down share one colour difference."""
    if CHROMA in picture.info:
        return {422: (2, 1), 420: (2, 2)}.get(picture.info[CHROMA], (1, 1))
    layers = getattr(picture, "layer", [])
    if len(layers) != 3 or 0 in (layers[1][1], layers[1][2]):
        return 1, 1
    return layers[0][1] // layers[1][1], layers[0][2] // layers[1][2]
