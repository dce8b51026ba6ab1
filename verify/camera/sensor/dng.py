"""A RAW file of a shot: linear sensor values before any development, as a DNG (Digital Negative 1.4)."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.TiffImagePlugin import IFDRational, ImageFileDirectory_v2

Levels = npt.NDArray[np.uint16]

FULL = 65535
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
