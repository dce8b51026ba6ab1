"""From a RAW file to codes that are linear light, and what it says about the camera."""

from __future__ import annotations

from dataclasses import replace
from typing import BinaryIO

import cv2
import numpy as np

from backfocus.verify.photo.metadata.camera_info import CameraInfo
from backfocus.verify.photo.metadata.exif import Metadata, read_metadata
from backfocus.verify.photo.opening import UnreadablePhotoError, check_size
from backfocus.verify.photo.pixels.decoding import Codes, Plane
from backfocus.verify.photo.raw.developing import BYTES_PER_PIXEL, RGB, developed, opened_raw, size_of
from backfocus.verify.photo.raw.exif_block import exif_block

_COLOURS = ("red", "green", "blue")


def read_raw(
    file: BinaryIO, name: str, given: CameraInfo | None, plane: Plane, max_megapixels: float
) -> tuple[Codes, Metadata]:
    """Return upright 16-bit codes proportional to light, and the metadata.

    Args:
        file: the RAW file, at its start.
        name: its name, safe to print.
        given: what the user says about camera and lens.
        plane: grey, or one of the sensor's colours.
        max_megapixels: larger pictures are refused before they are decoded.

    Raises:
        UnreadablePhotoError: LibRaw does not know its kind, or it is too large.
    """
    import rawpy

    content = file.read()
    try:
        raw = opened_raw(content)
    except rawpy.LibRawFileUnsupportedError as error:
        raise UnreadablePhotoError(
            f"{name}: a RAW file that is damaged, or of a kind that is not known.",
            "Export it as TIFF without sharpening, or give the camera's own JPEG.",
        ) from error
    with raw:
        size = size_of(raw)
        check_size(size, BYTES_PER_PIXEL, name, max_megapixels)
        codes = _plane_of(developed(raw), plane)
    metadata = read_metadata(exif_block(content), size, given)
    # The size that the data tell may be that of an embedded picture; RAW files are not resized.
    return codes, replace(metadata, findings=())


def _plane_of(colours: RGB, plane: Plane) -> Codes:
    if colours.shape[2] < 3:  # a sensor without colours
        return np.ascontiguousarray(colours[:, :, 0])
    if plane != "grey":
        return np.ascontiguousarray(colours[:, :, _COLOURS.index(plane)])
    # The weights are those of a JPEG's brightness, so that both say the same of a lens that splits colours.
    return np.asarray(cv2.cvtColor(colours[:, :, :3], cv2.COLOR_RGB2GRAY), np.uint16)
