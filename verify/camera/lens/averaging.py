"""The light of one tile of the picture: an average over the aperture and over the area of every pixel.

Through each point of the aperture the sheet is seen as by a pinhole camera. The average over many such pictures
is the exact picture of the lens, with disc blur wherever the sheet is out of focus. Every picture is shifted by its
own part of a pixel, which integrates over the pixel's area.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import cv2
import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.lens.aperture import aperture_samples
from backfocus.verify.camera.lens.curved import curved_views
from backfocus.verify.camera.lens.folded import folded_views
from backfocus.verify.camera.lens.projection import Projection
from backfocus.verify.camera.lens.straight import straight_views
from backfocus.verify.camera.lens.tiles import Tile
from backfocus.verify.camera.sheet.folding import PlacedPanel
from backfocus.verify.camera.sheet.raster import SheetRaster
from backfocus.verify.camera.sheet.surface import FlatSheet, Sheet

Array = npt.NDArray[np.float64]
Picture = npt.NDArray[np.float32]
Views = Callable[[Array, Array], Iterator[cv2.typing.MatLike]]

FINENESS = 2
"""Every pixel is rendered as 2 by 2 parts, so that the blur in focus, often only half a pixel, can be applied
between them: on whole pixels a Gaussian of 0.45 px makes edges 12 % too narrow."""
SAMPLES_PER_RADIUS_PX = 16.0
SAMPLES_RANGE = (128, 640)
"""Of aperture and pixel together. Fewer would do for the aperture where nothing is blurred, not for the pixel."""


def average(raster: SheetRaster, sheet: Sheet, projection: Projection, tile: Tile, reach_px: float) -> Picture:
    """Return the mean of a raster over aperture and pixels, 0 to 1.

    Args:
        raster: what is printed on the sheet.
        sheet: where it is.
        projection: lens and picture.
        tile: the part of the picture.
        reach_px: how far light is spread at most in the tile.

    Returns:
        (height, width) of the tile times `FINENESS`.
    """
    views: Views
    if isinstance(sheet, FlatSheet) and projection.is_straight:
        views = partial(straight_views, raster, sheet, projection, tile)
    else:
        views = partial(curved_views, raster, sheet, projection, tile)
    return _mean(views, tile, reach_px)[..., 0]


def average_folded(
    raster: SheetRaster, panels: Sequence[PlacedPanel], projection: Projection, tile: Tile, reach_px: float
) -> tuple[Picture, Picture]:
    """Return the mean of a raster as `average` does, and of the paper, through the panels that are met first."""
    views = partial(folded_views, raster, panels, projection, tile)
    mean = _mean(views, tile, reach_px, channels=2)
    return mean[..., 0], mean[..., 1]


def _mean(views: Views, tile: Tile, reach_px: float, channels: int = 1) -> Picture:
    """Return the mean of views over aperture and pixels, (height, width, channels)."""
    low, high = SAMPLES_RANGE
    count = int(np.clip(math.ceil(SAMPLES_PER_RADIUS_PX * reach_px), low, high))
    fine = np.zeros((tile.height * FINENESS, tile.width * FINENESS, channels), np.float32)
    for part in range(FINENESS**2):
        row, column = divmod(part, FINENESS)
        pupil, pixel = aperture_samples(count, part, FINENESS**2)
        shift_px = (np.array([column, row]) + 0.5 + pixel) / FINENESS - 0.5
        total = np.zeros((tile.height, tile.width, channels), np.float32)
        for view in views(pupil, shift_px):
            cv2.accumulate(view, total)
        fine[row::FINENESS, column::FINENESS] = total / np.float32(255.0 * len(pupil))
    return fine
