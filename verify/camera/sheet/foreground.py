"""What gets in the way between sheet and camera: things that cover it, and glare."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from backfocus.verify.camera.lens.projection import Projection
from backfocus.verify.camera.scene import Cover, Glare
from backfocus.verify.camera.sheet.surface import Sheet

Array = npt.NDArray[np.float64]
Picture = npt.NDArray[np.float32]
SUBPIXEL_BITS = 4
HAND_MM = np.fromstring(
    "-28 190 -34 95 -62 70 -68 58 -58 52 -36 66 -38 8 -32 0 -24 6 -20 52 -15 52 -14 -8 -7 -15 0 -8 2 52 "
    "6 52 11 -2 18 -8 24 0 22 55 26 57 34 20 40 15 45 22 40 65 36 95 30 190",
    sep=" ",
).reshape(-1, 2)
"""Outline of a hand with spread fingers that comes from below; its knuckles are around (0, 60)."""


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
