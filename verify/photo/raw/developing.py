"""Developing a RAW file without any embellishment: linear light, no sharpening, no brightening, full resolution."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import rawpy

RGB = NDArray[np.uint16]
BYTES_PER_PIXEL = 6
"""Of what is handed out; LibRaw works on eight more."""


def opened_raw(content: bytes) -> rawpy.RawPy:
    """Open a RAW file up to its header; nothing is decoded yet.

    Raises:
        rawpy.LibRawError: damaged, or of an unknown kind.
    """
    import rawpy

    return rawpy.imread(io.BytesIO(content))


def size_of(raw: rawpy.RawPy) -> tuple[int, int]:
    """Return columns and rows of the picture, as the sensor lies."""
    return raw.sizes.iwidth, raw.sizes.iheight


def developed(raw: rawpy.RawPy) -> RGB:
    """Return the (rows, columns, 1 to 4) linear 16-bit colours of the sensor, white balanced and upright.

    Every colour is interpolated by itself, bilinearly.
    """
    import rawpy

    colours = raw.postprocess(
        # The others take a colour's detail from its neighbours': with a lens that splits colours they draw red and
        # blue by 40 % towards green's focus. This one is no worse on grey, and the fastest; see
        # docs/studies/accuracy/raw_photos.py.
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
