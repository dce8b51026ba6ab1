"""Edges between plain strips of known width: look once, then again through the window that the blur allows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from backfocus.verify.edges.sampling import Array, Profiles, Segments, sample_profiles
from backfocus.verify.edges.spread import EdgeFits, fit_edge_spread
from backfocus.verify.photo.reading import Photo

FIRST_WINDOW = 0.5
"""Of the clear width, for the first look."""
FIRST_EVERY = 2
"""Rows of pixels, for the first look."""
WINDOW_BLURS = 4.5
"""Wide enough for the levels on both sides; wider windows only collect uneven light."""
NEIGHBOUR_BLURS = 2.0
"""The blur disc of the neighbouring edge reaches this far (a disc's radius is twice its standard deviation)."""


@dataclass(frozen=True)
class Strips:
    """The pieces whose strips were wide enough for a second look, m of n.

    Attributes:
        which: (m,) their indices.
        shift_px: (m,) distance of the edges from their given places, positive towards the bright side.
        fits: edge spread functions, with shifts from the first look.
        profiles: what they were fitted to.
        half_window_px: (m,) half width of the profiles.
    """

    which: npt.NDArray[np.intp]
    shift_px: Array
    fits: EdgeFits
    profiles: Profiles
    half_window_px: Array

    def take(self, which: npt.NDArray[np.bool_]) -> Strips:
        """Return the chosen pieces."""
        return Strips(
            self.which[which],
            self.shift_px[which],
            self.fits.take(which),
            self.profiles.take(which),
            self.half_window_px[which],
        )


def measure_strips(photo: Photo, segments: Segments, clear_px: Array, min_window_blurs: float) -> Strips:
    """Fit the edge spread of each piece, seen through a window free of its neighbours' blur.

    Args:
        photo: the photo.
        segments: n pieces; their windows are not used.
        clear_px: (n,) width of the plain strips on both sides.
        min_window_blurs: least half window in blurs; pieces whose strips leave less are left out.
    """
    first_window = FIRST_WINDOW * clear_px
    first = fit_edge_spread(sample_profiles(photo, segments.with_window(first_window), FIRST_EVERY), first_window)
    window = np.minimum(WINDOW_BLURS * first.blur_px + 1.5, clear_px - NEIGHBOUR_BLURS * first.blur_px - 0.5)
    usable = np.flatnonzero(first.ok & (window > min_window_blurs * first.blur_px))
    again = segments.with_window(window).moved(first.shift_px).take(usable)
    profiles = sample_profiles(photo, again)
    centred = replace(first, shift_px=np.zeros_like(first.shift_px)).take(usable)
    fits = fit_edge_spread(profiles, again.half_window_px, start=centred)
    good = fits.ok
    return Strips(
        which=usable[good],
        shift_px=(first.shift_px[usable] + fits.shift_px)[good],
        fits=fits.take(good),
        profiles=profiles.take(good),
        half_window_px=again.half_window_px[good],
    )
