"""Pixels of a JPEG, PNG or TIFF picture: code values of grey or one colour, and their way to linear light."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import BinaryIO, Literal, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from .opening import raw_mode

Codes = NDArray[np.uint8] | NDArray[np.uint16]
HalfColours = NDArray[np.uint8]
"""(rows / 2, columns / 2, 3) red, green and blue at half the resolution: most files have no more of colours."""
Plane = Literal["grey", "red", "green", "blue"]
Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From code to light, both in [0, 1]. A camera's own contrast curve is unknown; only RAW files are free of it."""
_ADOBE_RGB_GAMMA = 563 / 256
"""Adobe RGB (1998) Color Image Encoding, section 4.3.1.2."""
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
    codes = _deep_codes(picture, plane) if _has_deep_colour(picture) else _codes(picture, plane)
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
    return raw_mode(picture).startswith(("RGB;16", "RGBA;16", "RGBX;16", "LA;16"))


def _deep_codes(picture: ImageFile.ImageFile, plane: Plane) -> Codes:
    colours = _deep_pixels(picture)
    if plane == "grey":
        codes = cv2.cvtColor(colours[:, :, :3], cv2.COLOR_BGR2GRAY).astype(np.uint16, copy=False)
    else:
        codes = np.ascontiguousarray(colours[:, :, _BLUE_GREEN_RED.index(plane)])
    return _on_white(codes, colours[:, :, 3]) if picture.mode in ("RGBA", "LA") else codes


def _deep_pixels(picture: ImageFile.ImageFile) -> NDArray[np.uint16]:
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
    """Whether this is a JPEG, still undecoded, with fewer pixels of colour differences than of brightness."""
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
    brightness, *differences = picture.split()
    size = (max(1, round(picture.width / across)), max(1, round(picture.height / down)))
    thinned = cv2.resize(np.asarray(brightness), size, interpolation=cv2.INTER_AREA)
    # At twice the size this weighs neighbours by 3/4 and 1/4, as libjpeg does for the colour differences.
    dulled = cv2.resize(thinned, picture.size, interpolation=cv2.INTER_LINEAR)
    return Image.merge("YCbCr", (Image.fromarray(np.asarray(dulled)), *differences)).convert("RGB")


def _thinned(picture: ImageFile.ImageFile) -> tuple[int, int]:
    """Return how many pixels across and down share one colour difference."""
    layers = getattr(picture, "layer", [])
    if len(layers) != 3 or 0 in (layers[1][1], layers[1][2]):
        return 1, 1
    return layers[0][1] // layers[1][1], layers[0][2] // layers[1][2]


def tone_curve(picture: ImageFile.ImageFile, is_adobe_rgb: bool) -> Curve:
    """Return the curve that a picture was saved with: of its ICC profile, else as the file says, else sRGB's."""
    profile = picture.info.get("icc_profile")
    curve = _icc_curve(profile) if isinstance(profile, bytes) else None
    if curve is not None:
        return curve
    if is_adobe_rgb:
        return gamma_curve(_ADOBE_RGB_GAMMA)
    # PNG's gAMA is the inverse of the decoding gamma; 1/2.2 is written for sRGB, whose true curve is not a power.
    gamma = picture.info.get("gamma")
    if isinstance(gamma, float) and 0.3 < gamma <= 1.0 and abs(gamma - 1 / 2.2) > 0.01:
        return gamma_curve(1.0 / gamma)
    return srgb_curve


def srgb_curve(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return light of sRGB code values, both in [0, 1] (IEC 61966-2-1)."""
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def gamma_curve(gamma: float) -> Curve:
    """Return the curve light = code ** gamma."""
    return lambda code: np.power(code, gamma)


def light_table(curve: Curve, codes: int) -> NDArray[np.float32]:
    """Return the light, (codes,) in [0, 1], of every code value up to the highest."""
    light = curve(np.linspace(0.0, 1.0, codes))
    return np.clip(light, 0.0, 1.0).astype(np.float32)


def _icc_curve(profile: bytes) -> Curve | None:
    """Return the tone curve of an ICC profile: of green, or of grey; None when it has none that can be read.

    Format: ICC.1:2022, sections 7.3 (tag table), 10.6 (`curv`) and 10.18 (`para`).
    """
    try:
        tag = _icc_tag(profile)
        curve = None if tag is None else _curve_of_tag(tag)
    except struct.error:
        return None
    return curve if curve is not None and _is_sane(curve) else None


def _icc_tag(profile: bytes) -> bytes | None:
    (count,) = struct.unpack_from(">I", profile, 128)
    for i in range(min(count, 200)):
        name, start, size = struct.unpack_from(">4sII", profile, 132 + 12 * i)
        if name in (b"gTRC", b"kTRC"):
            return profile[start : start + size]
    return None


def _curve_of_tag(tag: bytes) -> Curve | None:
    if tag[:4] == b"curv":
        return _sampled_curve(tag)
    if tag[:4] == b"para":
        return _parametric_curve(tag)
    return None


def _sampled_curve(tag: bytes) -> Curve | None:
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return gamma_curve(1.0)
    if count == 1:
        return gamma_curve(struct.unpack_from(">H", tag, 12)[0] / 256)
    if len(tag) < 12 + 2 * count:
        return None
    samples = np.frombuffer(tag, ">u2", count, 12) / 65535.0
    places = np.linspace(0.0, 1.0, count)
    return lambda code: np.interp(code, places, samples)


def _parametric_curve(tag: bytes) -> Curve | None:
    (kind,) = struct.unpack_from(">H", tag, 8)
    if kind > 4:
        return None
    parameters = struct.unpack_from(f">{(1, 3, 4, 5, 7)[kind]}i", tag, 12)
    g, a, b, c, d, e, f = _seven_parameters(kind, [value / 65536 for value in parameters])

    def curve(code: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(code >= d, np.maximum(a * code + b, 0.0) ** g + e, c * code + f)

    return curve


def _seven_parameters(kind: int, p: list[float]) -> tuple[float, ...]:
    # Types 0 to 3 are special cases of type 4: (a x + b)^g + e from d on, c x + f below.
    if kind == 0:
        return p[0], 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
    if kind in (1, 2):
        offset = p[3] if kind == 2 else 0.0
        return p[0], p[1], p[2], 0.0, (-p[2] / p[1] if p[1] else 0.0), offset, offset
    return tuple(p) if kind == 4 else (*p, 0.0, 0.0)


def _is_sane(curve: Curve) -> bool:
    # A curve that is not rising from dark to light would make nonsense of every blur.
    with np.errstate(all="ignore"):
        light = curve(np.linspace(0.0, 1.0, 64))
    return bool(np.isfinite(light).all() and (np.diff(light) >= 0).all() and light[-1] > 0.5 and light[0] < 0.1)
