"""Whether a lens has colours: red and blue edges lie beside green ones, by more the farther from the middle.

A lens without errors has no lateral colour, and files keep it, while JPEG of quality 88 quantises to nothing what
colours focus apart. Of 216 photos traced through four lenses at f/1.4 to f/5.6, JPEG quality 88 to 97, all show it
by 4.5 standard errors and more, half of them by 20; of 220 photos through an ideal lens none shows it by over 5.6.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..photo.pixels import HalfColours
from ..photo.reading import Photo
from .samples import EdgeSamples

Array = npt.NDArray[np.float64]

LEAST_RATIO, LEAST_PX = 5.0, 0.06
"""Standard errors, and pixels of difference a thousand pixels from the middle, from which on there are colours:
214 of the traced photos above have more, of 110 ideal ones with a mosaic, up to 0.055 px, none."""
MOST_PX = 0.09
"""Up to which, with two standard errors, there are none: 109 of these ideal photos, and one traced one."""
BLURS, MARGIN_PX, OF_CLEAR = 3.2, 1.0, 0.9
"""Half width of a profile: so many standard deviations of its blur and pixels more, and at most that part of the
plain strip."""
LEAST_BLURS = 1.6
"""In a narrower window place and levels are one."""
PLACES, LINES, HALF_LENGTH_PX = 33, 7, 6.0
"""Of a profile; profiles along each piece of an edge; how far along it."""
HALVED_PX = 0.8
"""Blur that half the resolution adds, in pixels of the photo."""
LEAST_STEP, LEAST_PIECES = 0.05, 40
ROBUST_SCALE, ROUNDS = 2.0, 12


class Difference(NamedTuple):
    """Place of one colour's edges over green's, in pixels a thousand pixels from the middle, and standard error."""

    px: float
    sd_px: float


def lens_has_colours(colours: HalfColours | None, photo: Photo, samples: EdgeSamples) -> bool | None:
    """Return whether edges show lateral colour; None where the picture cannot tell.

    Args:
        colours: (rows / 2, columns / 2, 3) red, green and blue codes; None for a picture without colours.
        photo: whose they are.
        samples: its edges.
    """
    if colours is None:
        return None
    found = lateral_colours(colours, photo, samples)
    if any(abs(each.px) > max(LEAST_PX, LEAST_RATIO * each.sd_px) for each in found):
        return True
    return False if all(abs(each.px) + 2 * each.sd_px < MOST_PX for each in found) else None


def lateral_colours(colours: HalfColours, photo: Photo, samples: EdgeSamples) -> tuple[Difference, ...]:
    """Return how red and blue edges lie beside green ones; arguments as for `lens_has_colours`."""
    half_window = np.minimum(BLURS * samples.blur_px + MARGIN_PX, OF_CLEAR * samples.clear_px)
    blur = np.hypot(samples.blur_px, HALVED_PX)
    places = np.linspace(-1, 1, PLACES) * (half_window / blur)[:, None]
    # Of 65 536 codes every 257th is one of 256.
    light_of_code = photo.light_of_code[:: 257 if len(photo.light_of_code) > 256 else 1]
    profiles = _profiles(colours, light_of_code, samples, half_window)
    steps, shifts = _shifts(profiles, places)
    shifts *= blur
    good = (steps.min(axis=0) > LEAST_STEP) & (half_window / blur > LEAST_BLURS)
    if good.sum() < LEAST_PIECES:
        return (Difference(0.0, math.inf),)
    rows, columns, _ = colours.shape
    from_middle = samples.found_px[good] / 1e3 - np.array([columns, rows]) / 1e3
    across = samples.across[good]
    # A whole picture's shift between colours is no lens's.
    terms = np.column_stack([(from_middle * across).sum(axis=1), across])
    red, green, blue = shifts[:, good]
    return tuple(_slope(terms, each - green, samples.tile[good]) for each in (red, blue))


def _profiles(
    colours: HalfColours, light_of_code: npt.NDArray[np.float32], samples: EdgeSamples, half_window: Array
) -> Array:
    """Return (3, n, PLACES) light across each piece, from ink to paper, averaged along it."""
    import cv2

    along = np.stack([-samples.across[:, 1], samples.across[:, 0]], axis=1)
    along_px = np.linspace(-HALF_LENGTH_PX, HALF_LENGTH_PX, LINES)
    across_px = np.linspace(-1, 1, PLACES) * half_window[:, None]
    reach = float(half_window.max(initial=0.0)) + HALF_LENGTH_PX
    low = np.maximum(np.floor((samples.found_px.min(axis=0) - reach) / 2).astype(int) - 1, 0)
    high = np.ceil((samples.found_px.max(axis=0) + reach) / 2).astype(int) + 2
    part = cv2.LUT(colours[low[1] : high[1], low[0] : high[0]], light_of_code)
    middle = (samples.found_px + 0.5) / 2 - 0.5 - low
    x, y = (
        (middle[:, axis, None, None].astype(np.float32))
        + (along_px[:, None] * along[:, axis, None, None] / 2).astype(np.float32)
        + (across_px[:, None] * samples.across[:, axis, None, None] / 2).astype(np.float32)
        for axis in (0, 1)
    )
    seen = cv2.remap(
        part, x.reshape(len(x), -1), y.reshape(len(y), -1), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(np.moveaxis(seen.reshape(len(along), LINES, PLACES, 3).mean(axis=1), -1, 0), dtype=np.float64)


def _shifts(profiles: Array, places: Array) -> tuple[Array, Array]:
    """Return (3, n) step of light, and place of the edge in standard deviations of its blur.

    A profile is a level, an edge spread function, and its derivative by place and by blur.
    """
    bell = np.exp(-0.5 * places**2)
    # The normal distribution's integral within 2e-4 (Bowling and others, 2009); NumPy has none.
    rise = 1 / (1 + np.exp(-places * (1.5976 + 0.070566 * places**2)))
    basis = np.stack([np.ones_like(places), rise, bell, places * bell], axis=-1)
    normal = basis.swapaxes(1, 2) @ basis
    found = np.linalg.solve(normal[None], (basis.swapaxes(1, 2) @ profiles[..., None]))[..., 0]
    steps = found[..., 1]
    return steps, -found[..., 2] / np.where(steps == 0, np.inf, steps) * math.sqrt(2 * math.pi)


def _slope(terms: Array, wanted: Array, tile: npt.NDArray[np.intp]) -> Difference:
    """Return the first term's coefficient; the pieces of one tile count as one for its standard error."""
    weight = np.ones(len(wanted))
    for _ in range(ROUNDS):
        root = np.sqrt(weight)
        found = np.linalg.lstsq(terms * root[:, None], wanted * root, rcond=None)[0]
        left = wanted - terms @ found
        scatter = 1.4826 * float(np.median(np.abs(left))) + 1e-12
        weight = 1 / (1 + (left / (ROBUST_SCALE * scatter)) ** 2)
    inverse = np.linalg.pinv((terms * weight[:, None]).T @ terms)
    scores = np.zeros((int(tile.max()) + 1, terms.shape[1]))
    np.add.at(scores, tile, terms * (weight * left)[:, None])
    covariance = inverse @ (scores.T @ scores) @ inverse
    return Difference(float(found[0]), math.sqrt(float(covariance[0, 0])))
