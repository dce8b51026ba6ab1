"""One tile of the picture: the sheet put in front of the ground."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.lens.averaging import FINENESS, average, average_folded
from backfocus.verify.camera.lens.curved import page_seen
from backfocus.verify.camera.lens.projection import Projection
from backfocus.verify.camera.lens.tiles import Tile
from backfocus.verify.camera.sheet.folding import FoldedSheet, PlacedPanel
from backfocus.verify.camera.sheet.raster import SheetRaster
from backfocus.verify.camera.sheet.surface import Sheet

Array = npt.NDArray[np.float64]
Picture = npt.NDArray[np.float32]

COVERAGE_PX_PER_MM = 4.0
GRID = 9
"""Places along a side of a tile that stand for all of it."""
MARGIN_PX = 3.0
FOLD_TILE_PX = 128
"""Side of the tiles along folds and borders of panels, where every ray has to find its panel. With 64 px calls cost
more than is saved: 6.8 s instead of 5.2 s for a 12 MP shot."""


@dataclass(frozen=True)
class Light:
    """Light from bare paper and from full ink."""

    paper: float
    ink: float


def paint(
    raster: SheetRaster, sheet: Sheet, projection: Projection, tile: Tile, light: Light, ground: Picture
) -> None:
    """Put the sheet into one tile.

    Args:
        raster, sheet, projection: as for `render_sheet`.
        tile: part of the picture.
        light: from the sheet.
        ground: the finely rendered picture of the tile; painted over.
    """
    if isinstance(sheet, FoldedSheet):
        _paint_folded(raster, sheet, projection, tile, light, ground)
    else:
        _paint_whole(raster, sheet, projection, tile, light, ground)


def _paint_whole(
    raster: SheetRaster, sheet: Sheet, projection: Projection, tile: Tile, light: Light, ground: Picture
) -> None:
    reach_px = _largest_reach_px(sheet, projection, tile)
    inked = average(raster, sheet, projection, tile, reach_px)
    if _covered(raster, sheet, projection, tile, reach_px):
        ground[:] = light.paper + (light.ink - light.paper) * inked
        return
    paper = average(_blank(raster.page_mm), sheet, projection, tile, reach_px)
    _lay_over(ground, inked, paper, light)


def _paint_folded(
    raster: SheetRaster, sheet: FoldedSheet, projection: Projection, tile: Tile, light: Light, ground: Picture
) -> None:
    """Most tiles show nothing but the front of one panel, as a flat sheet; the others are taken in small pieces."""
    shown = [sight for panel in sheet.panels if (sight := _sight(panel, projection, tile))]
    if not shown:
        return
    reach_px = max(sight.reach_px for sight in shown)
    if len(shown) == 1 and shown[0].fills:
        inked = average(raster, shown[0].panel.plane, projection, tile, reach_px)
        ground[:] = light.paper + (light.ink - light.paper) * inked
    elif max(tile.width, tile.height) > FOLD_TILE_PX:
        for piece in tile.split(FOLD_TILE_PX):
            _paint_folded(raster, sheet, projection, piece, light, ground[piece.fine(tile, FINENESS)])
    else:
        panels = [sight.panel for sight in shown]
        _lay_over(ground, *average_folded(raster, panels, projection, tile, reach_px), light)


def _lay_over(ground: Picture, inked: Picture, paper: Picture, light: Light) -> None:
    """Cover the ground as far as there is paper."""
    ground *= 1.0 - paper
    ground += light.paper * paper + (light.ink - light.paper) * inked


def _blank(page_mm: tuple[float, float]) -> SheetRaster:
    """A page full of ink, whose picture is the part of each pixel that the sheet covers."""
    columns, rows = (math.ceil(side * COVERAGE_PX_PER_MM) for side in page_mm)
    return SheetRaster(np.full((rows, columns), 255, np.uint8), page_mm)


def _page_at(sheet: Sheet, projection: Projection, px: Array) -> Array:
    """Return homogeneous page points seen at pixels through the middle of the pupil, scaled to 1/depth."""
    middle = np.zeros((1, 2))
    return np.asarray(page_seen(sheet, projection, px, middle, middle)[0])


def _largest_reach_px(sheet: Sheet, projection: Projection, tile: Tile) -> float:
    """How far light is spread at most in a tile. Where nothing is bent that is at a corner."""
    px = tile.grid(0.0, GRID)
    depth = 1.0 / np.maximum(_page_at(sheet, projection, px)[:, 2:], 1e-9)
    return float(np.max(projection.reach_px(projection.directions(px) * depth)))


def _covered(raster: SheetRaster, sheet: Sheet, projection: Projection, tile: Tile, reach_px: float) -> bool:
    """Whether every ray of the tile hits the sheet."""
    page = _page_at(sheet, projection, tile.grid(reach_px + MARGIN_PX, GRID))
    if np.any(page[:, 2] <= 0.0):
        return False
    points = page[:, :2] / page[:, 2:]
    return bool(np.all((points > 0.0) & (points < raster.page_mm)))


@dataclass(frozen=True)
class _Sight:
    """A panel that may be seen in a tile.

    Attributes:
        panel: the panel.
        reach_px: how far light from it is spread at most in the tile.
        fills: whether every ray of the tile hits its front, if nothing is before it.
    """

    panel: PlacedPanel
    reach_px: float
    fills: bool


def _sight(panel: PlacedPanel, projection: Projection, tile: Tile) -> _Sight | None:
    """Return how a panel is seen in a tile, None if it is not."""
    px = tile.grid(0.0, GRID)
    nearest, farthest = panel.depths_mm
    per_depth = np.clip(_page_at(panel.plane, projection, px)[:, 2:], 1.0 / farthest, 1.0 / nearest)
    reach_px = float(np.max(projection.reach_px(projection.directions(px) / per_depth)))

    in_front_mm = float(panel.in_front_mm(np.zeros(2)))
    # Twice the reach: a slanting panel may be nearer to the lens beside the tile.
    page = _page_at(panel.plane, projection, tile.grid(2.0 * reach_px + MARGIN_PX, GRID))
    if np.any(page[:, 2] <= 0.0) or abs(in_front_mm) <= projection.pupil_radius_mm:
        return _Sight(panel, reach_px, fills=False)
    inside = page @ panel.sides.T
    if np.any(np.all(inside < 0.0, axis=0)):
        return None
    return _Sight(panel, reach_px, fills=in_front_mm > 0.0 and bool(np.all(inside > 0.0)))
