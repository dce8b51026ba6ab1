"""The sheet put into the picture: what the printer made of it, where it is, what covers it, tile by tile."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart

from .lens import FINENESS, Rays, average, average_folded, page_seen
from .misfolding import misfolded
from .projection import Projection, Tile
from .scene import Cover, Glare, Print, SheetPose
from .sheet import FlatSheet, FoldedSheet, PlacedPanel, Sheet, SheetRaster, bend, fold

Ink = npt.NDArray[np.uint8]
SPREADING = 1.5
"""Standard deviation of the blur whose level line moves a border, over the way it moves."""
LEAST_OF_GREY = 0.001
"""Part of the page; fewer points of a grey are those of borders, of which charts have up to 0.0002."""
Array = npt.NDArray[np.float64]
Picture = npt.NDArray[np.float32]
SUBPIXEL_BITS = 4
HAND_MM = np.fromstring(
    "-28 190 -34 95 -62 70 -68 58 -58 52 -36 66 -38 8 -32 0 -24 6 -20 52 -15 52 -14 -8 -7 -15 0 -8 2 52 "
    "6 52 11 -2 18 -8 24 0 22 55 26 57 34 20 40 15 45 22 40 65 36 95 30 190",
    sep=" ",
).reshape(-1, 2)
"""Outline of a hand with spread fingers that comes from below; its knuckles are around (0, 60)."""
COVERAGE_PX_PER_MM = 4.0
GRID = 9
"""Places along a side of a tile that stand for all of it."""
MARGIN_PX = 3.0
FOLD_TILE_PX = 128
"""Side of the tiles along folds and borders of panels, where every ray has to find its panel. With 64 px calls cost
more than is saved: 6.8 s instead of 5.2 s for a 12 MP shot."""


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


def as_printed(raster: SheetRaster, printed: Print, rng: np.random.Generator) -> SheetRaster:
    """Return the sheet as the printer leaves it, and dirtied."""
    px_per_mm = raster.ink.shape[1] / raster.page_mm[0]
    ink = raster.ink
    if printed.raggedness_mm:
        ink = _ragged(ink, printed.raggedness_mm * px_per_mm, printed.grain_mm * px_per_mm, rng)
    if printed.gain_mm:
        ink = _gain(ink, printed.gain_mm * px_per_mm)
    if printed.softness_mm:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), printed.softness_mm * px_per_mm), np.uint8)
    if printed.specks:
        ink = _dirtied(ink, printed.specks, printed.speck_mm * px_per_mm, rng)
    return SheetRaster(ink, raster.page_mm)


def _ragged(ink: Ink, rms_px: float, grain_px: float, rng: np.random.Generator) -> Ink:
    """Displace every point of the print by two smooth random fields, one a direction."""
    rows, columns = ink.shape
    nodes = math.ceil(rows / grain_px) + 2, math.ceil(columns / grain_px) + 2
    places = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    for place in places:
        wander = rng.standard_normal(nodes, dtype=np.float32)
        grown = cv2.resize(wander, None, fx=grain_px, fy=grain_px, interpolation=cv2.INTER_CUBIC)[:rows, :columns]
        place += np.float32(rms_px) / grown.std() * grown
    return np.asarray(cv2.remap(ink, places[0], places[1], cv2.INTER_LINEAR), np.uint8)


def _gain(ink: Ink, gain_px: float) -> Ink:
    """Move every border of an inked area outwards, and that of every grey one beside what is lighter.

    A border blurred by a Gaussian of standard deviation s falls to Φ(-g/s) at the distance g, in every direction.
    That level becomes the new border, as steep as a pixel is wide. Corners get round, as those of real ink. A grey
    is what has at least so much ink, and keeps it.
    """
    sigma = SPREADING * abs(gain_px)
    z = gain_px / sigma
    level = (1.0 + math.erf(-z / math.sqrt(2.0))) / 2.0
    per_px = math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi) / sigma
    steep = np.clip((np.arange(256) / 255.0 - level) / per_px + 0.5, 0.0, 1.0)
    counts = np.bincount(ink.ravel(), minlength=256)
    greys = [int(grey) for grey in np.flatnonzero(counts[1:] > LEAST_OF_GREY * ink.size) + 1]
    gained = np.zeros_like(ink)
    for less, grey in pairwise([0, *greys]):
        inked = np.rint(255.0 * np.clip((np.arange(256) - less) / (grey - less), 0.0, 1.0)).astype(np.uint8)
        blurred = cv2.GaussianBlur(cv2.LUT(ink, inked), (0, 0), sigma)
        gained += np.asarray(cv2.LUT(blurred, np.rint((grey - less) * steep).astype(np.uint8)), np.uint8)
    return gained


def _dirtied(ink: Ink, specks: int, largest_px: float, rng: np.random.Generator) -> Ink:
    """Lay down oblong specks of random size, direction and darkness."""
    dirt = np.zeros_like(ink)
    for _ in range(specks):
        centre = (int(rng.uniform(0, ink.shape[1])), int(rng.uniform(0, ink.shape[0])))
        length = rng.uniform(0.2, 1.0) * largest_px
        axes = (round(length / 2), round(length / 2 * rng.uniform(0.3, 1.0)))
        shade = round(rng.uniform(80, 255))
        cv2.ellipse(dirt, centre, axes, float(rng.uniform(0, 180)), 0, 360, shade, cv2.FILLED)
    return np.maximum(ink, dirt)


def place_sheet(pose: SheetPose, chart: Chart, af_mark_camera_mm: Array) -> Sheet:
    """Return the sheet turned, folded and bent as `pose` says, with its AF mark at a point of the camera frame.

    Raises:
        ValueError: the sheet cannot be bent or folded like that.
    """
    turn = _about_z(pose.roll_deg) @ _about_y(pose.yaw_deg) @ _about_x(pose.tilt_deg)
    right, down, back = turn.T
    mark = chart.af_mark_page_mm
    origin = af_mark_camera_mm - mark[0] * right - mark[1] * down
    flat = FlatSheet(np.column_stack([right, down, origin]), back)
    if len(chart.panels) > 1 or pose.fold_deg:
        if pose.sag_mm:
            raise ValueError("a folded sheet cannot be bent as well: give sag_mm=0")
        return _fold(flat, chart, pose)
    if pose.sag_mm == 0.0:
        return flat
    return bend(flat, pose.sag_mm, pose.bent_along, chart.page_mm, mark)


def _fold(flat: FlatSheet, chart: Chart, pose: SheetPose) -> FoldedSheet:
    """Return the sheet folded; the angles that it tells are those of the chart's own wings."""
    if not pose.fold_off_mm and not pose.bulge_mm:
        return fold(flat, chart.panels, pose.fold_deg or {})
    panels, angles = misfolded(chart.panels, pose.fold_off_mm or {}, pose.bulge_mm, pose.fold_deg or {})
    told = {panel.name: (pose.fold_deg or {}).get(panel.name, panel.fold_deg) for panel in chart.panels[1:]}
    return replace(fold(flat, panels, angles), fold_deg=told)


def _about_x(angle_deg: float) -> Array:
    """Takes what is above (-y) away from the camera (+z)."""
    c, s = _cos_sin(angle_deg)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])


def _about_y(angle_deg: float) -> Array:
    """Takes what is right (+x) away from the camera (+z)."""
    c, s = _cos_sin(angle_deg)
    return np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])


def _about_z(angle_deg: float) -> Array:
    """Takes what is right (+x) down (+y): clockwise as seen from the camera."""
    c, s = _cos_sin(angle_deg)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _cos_sin(angle_deg: float) -> tuple[float, float]:
    return math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))


def hand(at_page_mm: tuple[float, float], turned_deg: float = 0.0) -> Cover:
    """Return a hand whose knuckles are at a place of the page.

    Args:
        at_page_mm: the place.
        turned_deg: 0 = it comes from the bottom of the page, 90 = from its left.
    """
    angle = math.radians(turned_deg)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    outline = (HAND_MM - (0, 60)) @ turn.T + at_page_mm
    return Cover(tuple((float(x), float(y)) for x, y in outline), reflectance=0.35)


def lay_on(picture: Picture, cover: Cover, sheet: Sheet, projection: Projection, full_reflectance: float) -> None:
    """Paint a cover into a picture in linear light.

    Args:
        picture: painted over.
        cover: lies in the surface of the sheet and may reach over its borders. It is as blurred everywhere as its
            middle is.
        sheet, projection: where it is and how it is seen.
        full_reflectance: light from a surface that reflects everything.
    """
    points = sheet.points(cover.outline_page_mm)
    outline = np.rint(projection.pixels(points) * 2**SUBPIXEL_BITS).astype(np.int32)
    mask = cv2.fillPoly(np.zeros(picture.shape, np.uint8), [outline], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    disc_px = float(projection.blur_radius_px(points.mean(axis=0, keepdims=True))[0])
    sigma = math.hypot(disc_px / 2.0, projection.sharp_blur_px)
    part = cv2.GaussianBlur(mask, (0, 0), sigma).astype(np.float32) / np.float32(255.0) if sigma else mask
    picture += part * (np.float32(cover.reflectance * full_reflectance) - picture)


def add_glare(picture: Picture, glare: Glare, sheet: Sheet, projection: Projection, paper: float) -> None:
    """Add a glare spot to a picture in linear light in which bare paper has the value `paper`."""
    place = sheet.points(glare.at_page_mm)
    x, y = projection.pixels(place)[0]
    sigma = glare.radius_mm * projection.focal_px / place[0, 2]
    height, width = picture.shape
    across = np.exp(-(((np.arange(width) - x) / sigma) ** 2) / 2.0).astype(np.float32)
    down = np.exp(-(((np.arange(height) - y) / sigma) ** 2) / 2.0).astype(np.float32)
    picture += np.float32(glare.strength * paper) * down[:, None] * across


@dataclass(frozen=True)
class Light:
    """Light from bare paper and from full ink."""

    paper: float
    ink: float


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
    return np.asarray(page_seen(sheet, projection, px, Rays(middle, middle))[0])


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
