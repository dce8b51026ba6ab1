"""RAW files through LibRaw, without any embellishment: linear light, no sharpening, no brightening."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from backfocus.targets.errors import UnreadablePhotoError

from ..findings import Findings
from .metadata import CameraInfo, Metadata, read_metadata
from .opening import check_size
from .pixels import Codes, Plane
from .tiff import compressions

if TYPE_CHECKING:
    import rawpy

_INSTEAD = "Export it as TIFF without sharpening, or give the camera's own JPEG."
_NOT_READ = {52546: "JPEG XL", 9: "VC-5 (GoPro)"}
"""By the tag Compression: DNG 1.7.1, and GoPro's GPR. rawpy's LibRaw comes without the libraries that read them."""
RGB = NDArray[np.uint16]
_COLOURS = ("red", "green", "blue")
_BYTES_PER_PIXEL = 6
"""Of what is handed out; LibRaw works on eight more."""


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
    for compression in compressions(io.BytesIO(content)):
        if compression in _NOT_READ:
            raise UnreadablePhotoError(
                f"{name}: a RAW file compressed as {_NOT_READ[compression]}, which is not read.", _INSTEAD
            )
    try:
        raw = rawpy.imread(io.BytesIO(content))  # up to its header; nothing is decoded yet
    except rawpy.LibRawFileUnsupportedError as error:
        raise UnreadablePhotoError(
            f"{name}: a RAW file that is damaged, or of a kind that is not known.",
            _INSTEAD,
        ) from error
    with raw:
        size = (raw.sizes.iwidth, raw.sizes.iheight)
        check_size(size, _BYTES_PER_PIXEL, name, max_megapixels)
        try:
            codes = _plane_of(developed(raw), plane)
        except (rawpy.LibRawFileUnsupportedError, rawpy.LibRawNotImplementedError) as error:
            raise UnreadablePhotoError(
                f"{name}: a RAW file compressed in a way that is not known here, such as Nikon's High Efficiency.",
                f"Set the camera to lossless compression, or: {_INSTEAD[0].lower()}{_INSTEAD[1:]}",
            ) from error
    metadata = read_metadata(io.BytesIO(content), size, given)
    # The size that the data tell may be that of an embedded picture; RAW files are not resized.
    findings = tuple(found for found in metadata.findings if found.code != Findings.PHOTO_RESIZED.code)
    return codes, replace(metadata, findings=findings)


def developed(raw: rawpy.RawPy) -> RGB:
    """Return the (rows, columns, 1 to 4) linear 16-bit colours of the sensor, white balanced and upright.

    Every colour is interpolated by itself, bilinearly.
    """
    import rawpy

    colours = raw.postprocess(
        # The others take a colour's detail from its neighbours': with a lens that splits colours they draw red and
        # blue by 40 % towards green's focus. This one is no worse on grey, and the fastest; see
        # docs/studies/raw_photos.py.
        demosaic_algorithm=rawpy.DemosaicAlgorithm.LINEAR,
        use_camera_wb=True,
        output_color=rawpy.ColorSpace.raw,
        output_bps=16,
        gamma=(1.0, 1.0),
        no_auto_bright=True,
        # Else white would depend on the brightest pixel.
        adjust_maximum_thr=0.0,
        highlight_mode=rawpy.HighlightMode.Clip,
    )
    # The stubs know 8 bits only.
    return colours.view(np.uint16)


def _plane_of(colours: RGB, plane: Plane) -> Codes:
    if colours.shape[2] < 3:  # a sensor without colours
        return np.ascontiguousarray(colours[:, :, 0])
    if plane != "grey":
        return np.ascontiguousarray(colours[:, :, _COLOURS.index(plane)])
    # The weights are those of a JPEG's brightness, so that both say the same of a lens that splits colours.
    return np.asarray(cv2.cvtColor(colours[:, :, :3], cv2.COLOR_RGB2GRAY), np.uint16)
