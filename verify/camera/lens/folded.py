"""A folded sheet: through each point of the aperture every ray shows the panel that it meets first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.lens.curved import Planes, between, nodes, page_seen
from backfocus.verify.camera.lens.projection import Projection
from backfocus.verify.camera.lens.tiles import Tile
from backfocus.verify.camera.sheet.folding import SEAM_MM, PlacedPanel
from backfocus.verify.camera.sheet.raster import SheetRaster
from backfocus.verify.camera.sheet.surface import AWAY

Array = npt.NDArray[np.float64]

GROUND_PER_MM = 1e-6
"""1/depth of what is behind the sheet: a kilometre away."""
NOTHING_PX = -10.0
"""A place beside every raster."""


def folded_views(
    raster: SheetRaster,
    panels: Sequence[PlacedPanel],
    projection: Projection,
    tile: Tile,
    pupil: Array,
    shift_px: Array,
) -> Iterator[cv2.typing.MatLike]:
    """Yield ink and paper as seen in the tile, (height, width, 2) uint8, for every point of the aperture.

    Args:
        raster, projection, tile: as for `average`.
        panels: those that may be seen in the tile.
        pupil, shift_px: as for `curved_views`.
    """
    every = [_planes(raster, panel, projection, tile, pupil, shift_px) for panel in panels]
    for planes in zip(*every, strict=True):
        yield _first_met(raster, planes, tile)


def _planes(
    raster: SheetRaster, panel: PlacedPanel, projection: Projection, tile: Tile, pupil: Array, shift_px: Array
) -> Planes:
    """Return (n, 3 + sides, rows, columns) homogeneous raster pixels and distances from sides at nodes of the tile.

    Sides that no ray comes across are left out. All values are linear between nodes, as in `curved_views`.
    """
    px, columns, rows = nodes(tile)
    page = page_seen(panel.plane, projection, px, pupil, shift_px)
    inside = page @ panel.sides.T + SEAM_MM * page[..., 2:]
    inside = inside[..., np.any(inside < 0.0, axis=(0, 1))]
    front = panel.in_front_mm(projection.pupil_mm(pupil, px)) > 0.0
    shown = np.where(front[..., None], page @ raster.page_to_raster.T, page[..., 2:] * AWAY)
    planes = np.concatenate([shown, inside], axis=-1).astype(np.float32).transpose(0, 2, 1)
    return np.ascontiguousarray(planes).reshape(len(pupil), -1, rows, columns)


def _first_met(raster: SheetRaster, panels: Sequence[Planes], tile: Tile) -> cv2.typing.MatLike:
    """Return ink and paper through one point of the aperture."""
    size = (tile.height, tile.width)
    nearest: cv2.typing.MatLike = np.full(size, GROUND_PER_MM, np.float32)
    x, y = (np.full(size, NOTHING_PX * GROUND_PER_MM, np.float32) for _ in range(2))
    for planes in panels:
        panel_x, panel_y, per_depth, *sides = between(planes, tile)
        met = cv2.compare(per_depth, nearest, cv2.CMP_GT)
        for side in sides:
            met = cv2.bitwise_and(met, cv2.compare(side, 0.0, cv2.CMP_GE))  # type: ignore[call-overload]
        for values, seen in ((panel_x, x), (panel_y, y), (per_depth, nearest)):
            cv2.copyTo(values, met, seen)
    ink = cv2.remap(raster.ink, cv2.divide(x, nearest), cv2.divide(y, nearest), cv2.INTER_LINEAR)
    paper = cv2.compare(nearest, GROUND_PER_MM, cv2.CMP_GT)  # type: ignore[call-overload]
    return cv2.merge([ink, paper])
