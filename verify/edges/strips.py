"""Edges between plain strips of known width: look once, then again through the window that the blur allows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from backfocus.verify.edges.sampling import Array, Segments, sample_profiles
from backfocus.verify.edges.spread import EdgeFits, fit_edge_spread
from backfocus.verify.photo.reading import Photo

FIRST_WINDOW = 0.5
"""Of the clear width, for the first look."""
WINDOW_BLURS = 4.5
"""Wide enough for the levels on both sides; wider windows only collect uneven light."""
NEIGHBOUR_BLURS = 2.0
"""The blur disc of the neighbouring edge reaches this far (a disc's radius is twice its standard deviation)."""


def measure_strips(photo: Photo, segments: Segments, clear_px: Array, min_window_blurs: float) -> EdgeFits:
    """Fit the edge spread of each piece, seen through a window free of its neighbours' blur.

    Args:
        photo: the photo.
        segments: n pieces; their windows are not used.
        clear_px: (n,) width of the plain strips on both sides.
        min_window_blurs: least half window in blurs; pieces whose strips leave less are not ok.

    Returns:
        Fits (n,), with shifts from the pieces' given places; `ok` is False where the strips are too narrow for
        the blur.
    """
    first_window = FIRST_WINDOW * clear_px
    first = fit_edge_spread(sample_profiles(photo, segments.with_window(first_window)), first_window)
    window = np.minimum(WINDOW_BLURS * first.blur_px + 1.5, clear_px - NEIGHBOUR_BLURS * first.blur_px - 0.5)
    usable = np.flatnonzero(first.ok & (window > min_window_blurs * first.blur_px))
    again = segments.moved(np.where(first.ok, first.shift_px, 0.0)).with_window(window).take(usable)
    second = fit_edge_spread(sample_profiles(photo, again), again.half_window_px)
    second = replace(second, shift_px=second.shift_px + first.shift_px[usable])
    return _spread_out(second, usable, first)


def _spread_out(fits: EdgeFits, places: npt.NDArray[np.intp], like: EdgeFits) -> EdgeFits:
    """Return fits of the length of `like`, with `fits` at `places` and not ok elsewhere."""
    full = replace(like, ok=np.zeros_like(like.ok))
    for name, values in vars(fits).items():
        column = getattr(full, name).copy()
        column[places] = values
        full = replace(full, **{name: column})
    return full
