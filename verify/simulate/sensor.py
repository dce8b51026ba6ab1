"""From the light on the sensor to codes: its fall, movement, mosaic, noise, tone, sharpening; and a RAW file."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.TiffImagePlugin import IFDRational, ImageFileDirectory_v2

from .scene import Development, Exposure, Lens, Sensor, Shadow

Picture = npt.NDArray[np.float32]
MOSAIC_FULL = 65535.0
PEDESTAL = 0.1
"""Noise may be darker than black; OpenCV interpolates whole numbers."""
LOBES = 3
"""Of the Lanczos window: the path falls between pixels, and bilinear weights would add blur of their own."""
STEPS_PER_PX = 16
NO_TINT = (1.0, 1.0, 1.0)
Codes = npt.NDArray[np.uint16]
FULL = 65535
SMOOTHING_SIGMA_PX = 1.5
SMOOTHING_SIDE_PX = 7
LEAST_VARIANCE = np.float32(1e-9)
Levels = npt.NDArray[np.uint16]
BLACK, WHITE = 512, 16383
"""A 14-bit sensor with a pedestal, as cameras have it."""
RED, GREEN, BLUE = 0, 1, 2
PATTERN = np.array([[RED, GREEN], [GREEN, BLUE]], np.uint8)
"""Of the upright picture, see `through_mosaic`."""
COLOUR_FILTERS, LINEAR = 32803, 34892
BYTE, SHORT, LONG, SIGNED_RATIONAL = 1, 3, 4, 10
D65 = 21
XYZ_TO_SRGB = (3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570)
"""IEC 61966-2-1; the virtual sensor's colours are those of sRGB."""
NEW_SUBFILE_TYPE, CFA_REPEAT, CFA_PATTERN = 254, 33421, 33422
DNG_VERSION, DNG_BACKWARD_VERSION, UNIQUE_CAMERA_MODEL = 50706, 50707, 50708
BLACK_LEVEL, WHITE_LEVEL, COLOR_MATRIX_1, AS_SHOT_NEUTRAL, ILLUMINANT_1 = 50714, 50717, 50721, 50728, 50778


def record(
    planes: list[Picture], sensor: Sensor, exposure: Exposure, development: Development, rng: np.random.Generator
) -> Recording:
    """Return the recorded and the developed picture.

    Args:
        planes: linear light of red, green and blue, or of all colours alike. Those alike get the same noise, unless
            they go through a mosaic.
        sensor, exposure, development: what is done to it.
        rng: of the noise.
    """
    black = np.float32(sensor.black_level)
    if sensor.mosaic:
        raw = add_noise(through_mosaic(_tinted(planes, exposure)), exposure, rng) + black
        colours = tuple(quantised(plane) for plane in demosaic(raw))
        return Recording(_coloured(colours, development), (quantised(raw),))
    noisy = [add_noise(plane, exposure, rng) + black for plane in planes]
    if len(noisy) == 1 and exposure.tint is None:
        level = quantised(noisy[0])
        return Recording(develop(level, development), (level,))
    colours = tuple(quantised(plane) for plane in _tinted(noisy, exposure))
    return Recording(_coloured(colours, development), colours)


def fall_of_light(picture: Picture, lens: Lens, exposure: Exposure) -> Picture:
    """Return the picture with vignetting, an uneven light and a shadow.

    cos⁴θ = 1 / (1 + tan²θ)², so the vignetting is 1 / (1 + c r²)² with c from the loss at the corner, r = 1.
    """
    height, width = picture.shape
    x, y = np.linspace(-0.5, 0.5, width), np.linspace(-0.5, 0.5, height)
    diagonal2 = (width**2 + height**2) / 4.0
    strength = 2.0 ** (lens.vignetting_stops / 2.0) - 1.0
    r2_x = (strength * (x * width) ** 2 / diagonal2).astype(np.float32)
    r2_y = (strength * (y * height) ** 2 / diagonal2).astype(np.float32)
    light_x = (exposure.light_gradient[0] * x).astype(np.float32)
    light_y = (exposure.light_gradient[1] * y).astype(np.float32)
    lit = picture * (1.0 + light_x + light_y[:, None]) / (1.0 + r2_x + r2_y[:, None]) ** 2
    if exposure.shadow:
        lit = lit * _shadow(exposure.shadow, width, height)
    return np.asarray(lit, dtype=np.float32)


def _shadow(shadow: Shadow, width: int, height: int) -> Picture:
    """Return the part of the light that is left; it fades as the cubic smooth step."""
    angle = math.radians(shadow.towards_deg)
    across = (np.arange(width) - (width - 1) / 2) * math.cos(angle) / width
    down = (np.arange(height) - (height - 1) / 2) * math.sin(angle) / width
    place = (across[None, :] + down[:, None] - shadow.at).astype(np.float32)
    t = np.clip(place / np.float32(max(shadow.width, 1.0 / width)) + np.float32(0.5), 0.0, 1.0)
    return np.asarray(1.0 - shadow.darkness * t * t * (3.0 - 2.0 * t), dtype=np.float32)


def through_mosaic(colours: list[Picture]) -> Picture:
    """Return what is left of red, green and blue pictures behind the mosaic."""
    red, green, blue = colours
    raw = green.copy()
    raw[::2, ::2] = red[::2, ::2]
    raw[1::2, 1::2] = blue[1::2, 1::2]
    return raw


def demosaic(raw: Picture) -> list[Picture]:
    """Return red, green and blue pictures, interpolated along edges rather than across them."""
    levels = np.rint(np.clip((1.0 - PEDESTAL) * raw + PEDESTAL, 0.0, 1.0) * MOSAIC_FULL).astype(np.uint16)
    colours = cv2.cvtColor(levels, cv2.COLOR_BayerRGGB2RGB_EA)
    return [
        np.asarray((plane / MOSAIC_FULL - PEDESTAL) / (1.0 - PEDESTAL), np.float32) for plane in cv2.split(colours)
    ]


def veil(picture: Picture, share: float, sigma_px: float) -> Picture:
    """Return the picture with a share of its light spread around by a Gaussian."""
    if share == 0.0:
        return picture
    spread = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px), np.float32)
    return picture + np.float32(share) * (spread - picture)


def smear(picture: Picture, length_px: float, direction_deg: float) -> Picture:
    """Return the picture averaged along a straight path of the given length."""
    if length_px == 0.0:
        return picture
    return np.asarray(cv2.filter2D(picture, cv2.CV_32F, _path(length_px, direction_deg)), np.float32)


def _path(length_px: float, direction_deg: float) -> npt.NDArray[np.float64]:
    """Return the kernel of a path around the middle."""
    steps = math.ceil(length_px * STEPS_PER_PX) + 1
    along = ((np.arange(steps) + 0.5) / steps - 0.5) * length_px
    angle = math.radians(direction_deg)
    reach = math.ceil(length_px / 2) + LOBES
    pixel = np.arange(-reach, reach + 1)[:, None]
    across, down = (_lanczos(pixel - along * part) for part in (math.cos(angle), math.sin(angle)))
    kernel = down @ across.T
    return np.asarray(kernel / kernel.sum())


def _lanczos(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    window: npt.NDArray[np.float64] = np.sinc(x) * np.sinc(x / LOBES)
    return np.where(np.abs(x) < LOBES, window, 0.0)


@dataclass(frozen=True, eq=False)
class Recording:
    """What the sensor saw and what was made of it.

    Attributes:
        codes: the developed picture, (height, width) or (height, width, 3).
        sensor: (height, width) linear 16-bit levels before development: one plane without colour or behind the
            mosaic, or three of red, green and blue.
    """

    codes: Codes
    sensor: tuple[Codes, ...]


def _coloured(colours: tuple[Codes, ...], development: Development) -> Codes:
    return np.stack([develop(colour, development) for colour in colours], axis=-1)


def _tinted(planes: list[Picture], exposure: Exposure) -> list[Picture]:
    """Return red, green and blue."""
    colours = planes if len(planes) == 3 else planes * 3
    return [plane * np.float32(gain) for plane, gain in zip(colours, exposure.tint or NO_TINT, strict=True)]


def add_noise(picture: Picture, exposure: Exposure, rng: np.random.Generator) -> Picture:
    """Return the picture with shot and read noise, white and without colour."""
    if exposure.noise_fraction == 0.0:
        return picture
    white = exposure.paper_white
    variance = (exposure.noise_fraction * white) ** 2
    per_light = np.float32(variance * (1.0 - exposure.read_noise_share) / white)
    read = np.float32(variance * exposure.read_noise_share)
    sigma: Picture = np.sqrt(np.maximum(picture, 0.0) * per_light + read)
    noise = rng.standard_normal(picture.shape, dtype=np.float32)
    return picture + sigma * noise


def quantised(linear: Picture) -> Codes:
    """Return the 16-bit linear levels of a picture, clipped at full scale."""
    return np.rint(np.clip(linear, 0.0, 1.0) * FULL).astype(np.uint16)


def develop(levels: Codes, development: Development) -> Codes:
    """Return 16-bit codes of linear levels: sRGB, contrast curve, then noise reductions, unsharp mask."""
    coded = tone_curve(development.s_curve)[levels]
    if development.noise_reduction:
        coded = _smoothed(coded, development.noise_reduction)
    if development.denoising:
        coded = _denoised(coded, development.denoising)
    if development.sharpening_amount:
        mask = np.asarray(cv2.GaussianBlur(coded, (0, 0), development.sharpening_radius_px), np.float32)
        coded = coded + np.float32(development.sharpening_amount) * (coded - mask)
    return np.rint(np.clip(coded, 0.0, 1.0) * FULL).astype(np.uint16)


def _smoothed(coded: Picture, level: float) -> Picture:
    """Return the picture with small differences smoothed and large ones kept: a bilateral filter."""
    return np.asarray(cv2.bilateralFilter(coded, SMOOTHING_SIDE_PX, level, SMOOTHING_SIGMA_PX), np.float32)


def _denoised(coded: Picture, noise: float) -> Picture:
    """Return the picture drawn to its local mean as far as its local variance is noise (J.-S. Lee, 1980)."""
    side = (SMOOTHING_SIDE_PX, SMOOTHING_SIDE_PX)
    mean = cv2.blur(coded, side)
    variance = cv2.blur(coded * coded, side) - mean * mean
    kept = np.maximum(variance - np.float32(noise**2), 0.0) / np.maximum(variance, LEAST_VARIANCE)
    return np.asarray(mean + kept * (coded - mean), np.float32)


def tone_curve(s_curve: float) -> Picture:
    """Return the coded value, 0 to 1, of every 16-bit linear value: sRGB (IEC 61966-2-1) and a contrast curve."""
    linear = np.linspace(0.0, 1.0, FULL + 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    steep = coded * coded * (3.0 - 2.0 * coded)
    return ((1.0 - s_curve) * coded + s_curve * steep).astype(np.float32)


def dng(planes: Sequence[Levels], is_mosaic: bool, quarter_turns: int, tags: Image.Exif) -> bytes:
    """Return a DNG file without a preview.

    Args:
        planes: (height, width) levels of the upright picture, 0 to 65535: one behind a mosaic of colour filters or
            without colour, or three of red, green and blue.
        is_mosaic: whether the one plane is behind the mosaic.
        quarter_turns: counter-clockwise, from the upright picture to the rows of the sensor.
        tags: EXIF data, with the orientation that belongs to the turns.
    """
    upright = planes[0] if len(planes) == 1 else np.stack(planes, axis=-1)
    rows = np.rot90(upright, quarter_turns)
    values = np.rint(rows * np.float32((WHITE - BLACK) / FULL) + np.float32(BLACK)).astype("<u2")
    directory = _directory(values, tags)
    if is_mosaic:
        directory[Base.PhotometricInterpretation] = COLOUR_FILTERS
        directory.tagtype[CFA_REPEAT] = SHORT
        directory[CFA_REPEAT] = PATTERN.shape
        directory.tagtype[CFA_PATTERN] = BYTE
        directory[CFA_PATTERN] = np.rot90(PATTERN, quarter_turns).tobytes()
    file = io.BytesIO()
    directory.save(file)
    return b"".join((file.getvalue(), values.tobytes()))


def _directory(values: npt.NDArray[np.uint16], tags: Image.Exif) -> ImageFileDirectory_v2:
    height, width, *colours = values.shape
    channels = colours[0] if colours else 1
    directory = ImageFileDirectory_v2()
    for tag, value in tags.items():
        directory[tag] = value
    directory[IFD.Exif] = dict(tags.get_ifd(IFD.Exif))
    for tag, kind, value in (
        (NEW_SUBFILE_TYPE, LONG, 0),
        (Base.ImageWidth, LONG, width),
        (Base.ImageLength, LONG, height),
        (Base.BitsPerSample, SHORT, (16,) * channels),
        (Base.Compression, SHORT, 1),
        (Base.PhotometricInterpretation, SHORT, LINEAR),
        (Base.StripOffsets, LONG, 0),  # Pillow adds the length of the tags
        (Base.SamplesPerPixel, SHORT, channels),
        (Base.RowsPerStrip, LONG, height),
        (Base.StripByteCounts, LONG, values.nbytes),
        (Base.PlanarConfiguration, SHORT, 1),
        (DNG_VERSION, BYTE, bytes((1, 4, 0, 0))),
        (DNG_BACKWARD_VERSION, BYTE, bytes((1, 1, 0, 0))),
        (BLACK_LEVEL, SHORT, (BLACK,) * channels),
        (WHITE_LEVEL, LONG, (WHITE,) * channels),
        (COLOR_MATRIX_1, SIGNED_RATIONAL, tuple(IFDRational(round(x * 10_000), 10_000) for x in XYZ_TO_SRGB)),
        (ILLUMINANT_1, SHORT, D65),
    ):
        directory.tagtype[tag] = kind
        directory[tag] = value
    directory[UNIQUE_CAMERA_MODEL] = f"{tags.get(Base.Make, 'backfocus')} {tags.get(Base.Model, 'virtual camera')}"
    # What the camera takes for white is what its JPEG shows as white: the picture as it is.
    directory[AS_SHOT_NEUTRAL] = (IFDRational(1, 1),) * 3
    return directory
