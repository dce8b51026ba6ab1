"""The virtual flatbed scanner: scans of printed charts with known size, shape and sharpness."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from ..storage import write_whole
from .painting import as_printed
from .scene import Print
from .sheet import SheetRaster

MM_PER_INCH = 25.4
PAPER_LIGHT, INK_LIGHT = 0.82, 0.035
"""Linear light of bare paper and of full ink in a scan that clips neither."""
OVERSAMPLING = 2
"""Pixels of the scan are means of so many by so many: as wide as the sensor's, and no grid of the raster shows."""


@dataclass(frozen=True)
class PrintedPage:
    """How the printer changed the page.

    Attributes:
        scale_x, scale_y: printed over described length along the page's axes.
        skew_deg: angle between the printed page's axes (x right, y down), less a right angle.
        ink: softness and gain of the ink.
    """

    scale_x: float = 1.0
    scale_y: float = 1.0
    skew_deg: float = 0.0
    ink: Print = field(default_factory=Print)


@dataclass(frozen=True)
class Scanner:
    """A flatbed and how the sheet lies on it.

    Attributes:
        dpi: resolution; 75 to 1200.
        rotation_deg: how far the sheet is turned, clockwise in the scan.
        blur_mm: standard deviation of the optics' blur.
        noise: standard deviation at full light, in linear light of full scale; it falls with the light's root.
        border_mm: lid in view around the sheet, as light as paper.
    """

    dpi: float = 300.0
    rotation_deg: float = 0.0
    blur_mm: float = 0.02
    noise: float = 0.005
    border_mm: float = 4.0


def scan(raster: SheetRaster, page: PrintedPage, scanner: Scanner, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Return the scan, (rows, columns) code values in sRGB's tone curve.

    Args:
        raster: the page as described; 600 dpi for scans up to 600 dpi.
        page: what the printer made of it.
        scanner: the scanner.
        seed: of the noise.
    """
    rng = np.random.default_rng(seed)
    printed = as_printed(raster, page.ink, rng)
    px_per_mm = OVERSAMPLING * scanner.dpi / MM_PER_INCH
    to_scan, size = _placed(raster, page, scanner, px_per_mm)
    ink = cv2.warpAffine(printed.ink, to_scan, size, flags=cv2.INTER_CUBIC, borderValue=(0.0,))
    if scanner.blur_mm:
        ink = cv2.GaussianBlur(ink, (0, 0), scanner.blur_mm * px_per_mm)
    small = cv2.resize(
        ink, (size[0] // OVERSAMPLING, size[1] // OVERSAMPLING), interpolation=cv2.INTER_AREA
    ).astype(np.float32)
    light = PAPER_LIGHT - (PAPER_LIGHT - INK_LIGHT) * small / 255.0
    noise = rng.standard_normal(light.shape, dtype=np.float32)
    light += scanner.noise * np.sqrt(light) * noise
    return _srgb_codes(np.clip(light, 0.0, 1.0))


def save_scan(path: Path, codes: npt.NDArray[np.uint8], dpi: float | None, quality: int = 90) -> Path:
    """Write a scan as JPEG, PNG or TIFF, with its resolution unless that is None; return the path."""
    kind = {".jpg": "JPEG", ".png": "PNG", ".tif": "TIFF"}[path.suffix]
    settings = {} if dpi is None else {"dpi": (dpi, dpi)}
    buffer = io.BytesIO()
    Image.fromarray(codes).save(buffer, kind, quality=quality, compress_level=1, **settings)
    write_whole(path, buffer.getvalue())
    return path


def _placed(
    raster: SheetRaster, page: PrintedPage, scanner: Scanner, px_per_mm: float
) -> tuple[npt.NDArray[np.float64], tuple[int, int]]:
    """Return the (2, 3) matrix from the raster's pixels to the scan's, and the scan's width and height."""
    turn, square = math.radians(scanner.rotation_deg), math.radians(90.0 + page.skew_deg)
    x_axis = page.scale_x * np.array([math.cos(turn), math.sin(turn)])
    y_axis = page.scale_y * np.array([math.cos(turn + square), math.sin(turn + square)])
    axes = np.stack([x_axis, y_axis], axis=1)
    width, height = raster.page_mm
    corners = axes @ np.array([[0.0, width, width, 0.0], [0.0, 0.0, height, height]])
    origin = scanner.border_mm - corners.min(axis=1)
    extent = np.ptp(corners, axis=1) + 2 * scanner.border_mm
    onto_bed = np.eye(3)
    onto_bed[:2, :2], onto_bed[:2, 2] = px_per_mm * axes, px_per_mm * origin - 0.5
    matrix = onto_bed @ np.linalg.inv(raster.page_to_raster)
    columns, rows = (OVERSAMPLING * math.ceil(px_per_mm * side / OVERSAMPLING) for side in extent)
    return matrix[:2], (columns, rows)


def _srgb_codes(light: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Encode linear light (IEC 61966-2-1)."""
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(light, 1 / 2.4) - 0.055)
    return np.rint(255.0 * coded).astype(np.uint8)
