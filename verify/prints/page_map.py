"""Where marks of the page lie in a scan, and how sharp its printed edges are.

The affine map from the page as designed to the scan has scale, skew, rotation, and how far the ink spreads: a
corner of a marker at p on the page, whose marker's middle lies in the direction -o of it (o = (±1, ±1)), is scanned
at A (p + g o) + t. Ink gain g makes every marker larger and not the sheet; without it in the fit, 0.05 mm of gain
would pass for 0.01 % of scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..detect.markers import fit_homography, map_points, side_pieces
from ..edges.fit import measure_strips
from ..findings import Findings
from ..photo.reading import Photo

Array = npt.NDArray[np.float64]

MIN_WINDOW_BLURS = 2.6
"""As for the edges of a photo: less leaves no plain ink or paper beside the edge."""
PIXEL_BLUR_PX = math.sqrt(1 / 12)
"""Standard deviation of the box that a pixel is: the scanner's share that is known. What its optics add is not."""
LEAST_PX = 0.1
"""Less blur than that cannot be told from none."""
MEDIAN_OVER_MEAN = 1.2533
"""Standard error of a median over that of a mean, for normal scatter."""
NORMAL_OVER_MAD = 1.4826
MIN_MARKERS = 3
"""Twelve corners for five unknowns a coordinate; two markers would leave the skew to their own small sides."""


@dataclass(frozen=True, eq=False)
class PageMap:
    """Where the page's axes go in the scan; all `_sd` are standard errors of the fit.

    Attributes:
        scale_x, scale_y: printed over designed length along the page's axes.
        skew_rad: angle between the page's axes, less a right angle.
        rotation_rad: of the page's x axis in the scan, clockwise.
        ink_gain_mm: how far ink spreads over the borders of a marker.
        residual_mm: rms distance of the corners from where the map puts them.
        markers: how many of them were used.
    """

    scale_x: float
    scale_y: float
    skew_rad: float
    rotation_rad: float
    ink_gain_mm: float
    scale_x_sd: float
    scale_y_sd: float
    skew_sd_rad: float
    ink_gain_sd_mm: float
    residual_mm: float
    markers: int


def fit_page_map(page_mm: Array, scan_mm: Array) -> PageMap:
    """Fit the affine map by least squares.

    Args:
        page_mm: (n, 4, 2) marker corners on the page as designed.
        scan_mm: (n, 4, 2) the same in the scan, in mm by its resolution.

    Raises:
        Refusal: too few markers, or no affine map fits, so that this is no scan.
    """
    if len(page_mm) < MIN_MARKERS:
        raise Findings.TOO_FEW_MARKERS.refusal(
            f"Only {len(page_mm)} markers can be measured; {MIN_MARKERS} are needed."
        )
    page, outwards = page_mm.reshape(-1, 2), _outwards(page_mm).reshape(-1, 2)
    design = np.concatenate([page - page.mean(axis=0), outwards, np.ones((len(page), 1))], axis=1)
    found = scan_mm.reshape(-1, 2)
    solution = np.linalg.lstsq(design, found, rcond=None)[0]
    residual = found - design @ solution
    _refuse_uneven(page, found - outwards @ solution[2:4], residual)
    variance = (residual**2).sum(axis=0) / (len(page) - design.shape[1])
    return _summary(solution, np.linalg.inv(design.T @ design), variance, residual, len(page_mm))


def _outwards(page_mm: Array) -> Array:
    """Return (n, 4, 2) directions from the markers' middles, (±1, ±1) at the corners of an upright one."""
    from_middle = page_mm - page_mm.mean(axis=1, keepdims=True)
    half_side = np.linalg.norm(from_middle, axis=2, keepdims=True) / math.sqrt(2.0)
    return np.asarray(from_middle / half_side)


def _summary(solution: Array, inverse: Array, variance: Array, residual: Array, markers: int) -> PageMap:
    """Return what the (5, 2) solution says; its covariance is `inverse` times the variance of each coordinate."""
    along_x, along_y = solution[0], solution[1]
    scale_x, scale_y = float(np.linalg.norm(along_x)), float(np.linalg.norm(along_y))
    # Turned by a right angle: which way a change of the axes turns them.
    turn_x = np.array([-along_x[1], along_x[0]]) / scale_x**2
    turn_y = np.array([-along_y[1], along_y[0]]) / scale_y**2
    turn_x_var, turn_y_var = float(turn_x**2 @ variance), float(turn_y**2 @ variance)
    cross = float((turn_x * turn_y) @ variance)
    gain = np.linalg.solve(solution[:2].T, solution[2:4].T)
    rotation = math.atan2(along_x[1], along_x[0])
    square = math.atan2(along_y[1], along_y[0]) - rotation - math.pi / 2
    return PageMap(
        scale_x=scale_x,
        scale_y=scale_y,
        skew_rad=math.remainder(square, 2 * math.pi),
        rotation_rad=rotation,
        ink_gain_mm=float(np.trace(gain)) / 2,
        scale_x_sd=math.sqrt(float((along_x / scale_x) ** 2 @ variance) * inverse[0, 0]),
        scale_y_sd=math.sqrt(float((along_y / scale_y) ** 2 @ variance) * inverse[1, 1]),
        skew_sd_rad=math.sqrt(turn_x_var * inverse[0, 0] + turn_y_var * inverse[1, 1] - 2 * cross * inverse[0, 1]),
        ink_gain_sd_mm=math.sqrt(float(variance.mean()) * (inverse[2, 2] + inverse[3, 3])) / 2,
        residual_mm=math.sqrt(float((residual**2).sum(axis=1).mean())),
        markers=markers,
    )


def _refuse_uneven(page: Array, found: Array, residual: Array) -> None:
    """Raise the refusal of what is no scan; `found` is free of ink gain.

    Raises:
        Refusal: with perspective, or something else that no flatbed does, as its cause.
    """
    off_mm = float(np.linalg.norm(residual, axis=1).max())
    off_part = off_mm / float(np.linalg.norm(np.ptp(found, axis=0)))
    if not Findings.NOT_A_SCAN.crossed(off_part):
        return
    homography = fit_homography(page, found)
    left_mm = off_mm
    if homography is not None:
        left_mm = float(np.linalg.norm(map_points(homography, page) - found, axis=1).max())
    cause = (
        f"Perspective moves the corners by up to {off_mm:.1f} mm: this is a photo, not a scan."
        if left_mm < off_mm / 2
        else f"The corners lie up to {off_mm:.1f} mm off a flat sheet that was scanned evenly: a photo, "
        "a sheet that was not flat on the glass, or a feeder that slipped."
    )
    raise Findings.NOT_A_SCAN.refusal(cause, off_part)


@dataclass(frozen=True)
class EdgeQuality:
    """Blur of print and scanner together, less that of the pixels: a standard deviation, and its standard error."""

    blur_mm: float
    blur_sd_mm: float


def measure_edge_quality(
    photo: Photo, corners_px: Array, px_per_mm: float, smoothing_px: float
) -> EdgeQuality | None:
    """Return the blur of the markers' sides, the median of all pieces; None when not one can be measured.

    Args:
        photo: the scan.
        corners_px: (n, 4, 2) refined marker corners.
        px_per_mm: resolution of the scan.
        smoothing_px: standard deviation of the Gaussian by which it was smoothed since.
    """
    pieces = side_pieces(corners_px)
    blur_px = measure_strips(photo, pieces, pieces.half_window_px, MIN_WINDOW_BLURS).fits.blur_px
    if not len(blur_px):
        return None
    middle = float(np.median(blur_px))
    scatter = NORMAL_OVER_MAD * float(np.median(np.abs(blur_px - middle)))
    sd_px = MEDIAN_OVER_MEAN * scatter / math.sqrt(len(blur_px))
    own_px = math.sqrt(max(middle**2 - PIXEL_BLUR_PX**2 - smoothing_px**2, LEAST_PX**2))
    return EdgeQuality(
        blur_mm=own_px / px_per_mm,
        blur_sd_mm=middle / own_px * sd_px / px_per_mm,
    )
