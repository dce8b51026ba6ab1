"""Profiles across straight edges, taken from the original pixels.

Nothing is interpolated: every pixel near an edge keeps its own value and is sorted by its distance to the edge, so
that the slant of the edge against the pixel grid samples the profile finer than the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from backfocus.verify.photo.reading import Photo

Array = npt.NDArray[np.float64]

BINS = 48
"""Bins across a profile: a window of 9 blurs makes a bin a fifth of the blur wide, which widens it by 0.2 %."""
SAMPLES_AT_ONCE = 2_000_000
"""Bounds the memory of the sampling to about 60 MB."""


@dataclass(frozen=True)
class Segments:
    """Short straight pieces of edges in the photo.

    Attributes:
        centre_px: (n, 2) middle of each piece, x and y.
        tangent: (n, 2) unit vector along the edge, with the dark side on its left as seen on the picture (y down).
        half_length_px: (n,) half of the length along the edge.
        half_window_px: (n,) how far to look to either side, across the edge.
    """

    centre_px: Array
    tangent: Array
    half_length_px: Array
    half_window_px: Array

    @property
    def bright_normal(self) -> Array:
        """(n, 2) unit vector across the edge, from dark to bright."""
        return np.stack([-self.tangent[:, 1], self.tangent[:, 0]], axis=1)

    def with_window(self, half_window_px: Array) -> Segments:
        """Return the same pieces with other windows."""
        return replace(self, half_window_px=half_window_px)

    def moved(self, shift_px: Array) -> Segments:
        """Return the pieces moved across the edge, (n,) pixels towards the bright side."""
        return replace(self, centre_px=self.centre_px + shift_px[:, None] * self.bright_normal)

    def take(self, which: npt.NDArray[Any]) -> Segments:
        """Return the chosen pieces (index or boolean array)."""
        return Segments(
            self.centre_px[which], self.tangent[which], self.half_length_px[which], self.half_window_px[which]
        )


@dataclass(frozen=True)
class Profiles:
    """Binned profiles across edges, from dark to bright.

    Attributes:
        distance_px: (n, BINS) mean distance of a bin's pixels to the nominal edge, positive on the bright side.
        light: (n, BINS) mean linear light of a bin's pixels.
        pixels: (n, BINS) number of pixels in the bin.
    """

    distance_px: Array
    light: Array
    pixels: Array

    def take(self, which: npt.NDArray[np.bool_]) -> Profiles:
        """Return the chosen profiles."""
        return Profiles(self.distance_px[which], self.light[which], self.pixels[which])


def sample_profiles(photo: Photo, segments: Segments) -> Profiles:
    """Return the profile across each piece; pixels outside of the picture are left out."""
    n = len(segments.centre_px)
    profiles = Profiles(np.zeros((n, BINS)), np.zeros((n, BINS)), np.zeros((n, BINS)))
    steep = np.abs(segments.tangent[:, 1]) >= np.abs(segments.tangent[:, 0])
    for group, codes, axes in ((steep, photo.codes, (0, 1)), (~steep, photo.codes.T, (1, 0))):
        members = np.flatnonzero(group)
        _sample_rows(codes, photo.light_of_code, segments, members, axes, profiles)
    return profiles


def _sample_rows(
    codes: npt.NDArray[Any],
    light_of_code: npt.NDArray[np.float32],
    segments: Segments,
    members: npt.NDArray[np.intp],
    axes: tuple[int, int],
    out: Profiles,
) -> None:
    """Sample edges that run mainly along the rows' direction; `axes` are (across, along) in the given `codes`."""
    across, along = axes
    half_rows = np.ceil(segments.half_length_px * np.abs(segments.tangent[:, along])).astype(int)
    slope_stretch = 1.0 / np.abs(segments.tangent[:, along])
    half_columns = np.ceil(segments.half_window_px * slope_stretch).astype(int) + 1
    order = members[np.lexsort((half_columns[members], half_rows[members]))]
    start = 0
    while start < len(order):
        stop = start + 1
        rows, columns = half_rows[order[start]], half_columns[order[start]]
        while stop < len(order):
            rows_next = max(rows, half_rows[order[stop]])
            columns_next = max(columns, half_columns[order[stop]])
            size = (2 * rows_next + 1) * (2 * columns_next + 1)
            if (stop - start + 1) * size > SAMPLES_AT_ONCE or size > 2 * (
                (2 * half_rows[order[start]] + 1) * (2 * half_columns[order[start]] + 1)
            ):
                break
            rows, columns, stop = rows_next, columns_next, stop + 1
        chunk = order[start:stop]
        _sample_chunk(codes, light_of_code, segments, chunk, (across, along), (rows, columns), out)
        start = stop


def _sample_chunk(
    codes: npt.NDArray[Any],
    light_of_code: npt.NDArray[np.float32],
    segments: Segments,
    chunk: npt.NDArray[np.intp],
    axes: tuple[int, int],
    half_size: tuple[int, int],
    out: Profiles,
) -> None:
    across, along = axes
    centre = segments.centre_px[chunk]
    tangent = segments.tangent[chunk]
    normal = segments.bright_normal[chunk]
    row = np.rint(centre[:, along])[:, None] + np.arange(-half_size[0], half_size[0] + 1)
    middle = centre[:, across, None] + (row - centre[:, along, None]) * (
        tangent[:, across] / tangent[:, along]
    ).reshape(-1, 1)
    column = np.rint(middle)[:, :, None] + np.arange(-half_size[1], half_size[1] + 1)
    row = np.broadcast_to(row[:, :, None], column.shape)
    d_across = column - centre[:, across, None, None]
    d_along = row - centre[:, along, None, None]
    distance = d_across * normal[:, across, None, None] + d_along * normal[:, along, None, None]
    along_edge = d_across * tangent[:, across, None, None] + d_along * tangent[:, along, None, None]
    window = segments.half_window_px[chunk, None, None]
    inside = (
        (np.abs(distance) < window)
        & (np.abs(along_edge) <= segments.half_length_px[chunk, None, None])
        & (row >= 0)
        & (row < codes.shape[0])
        & (column >= 0)
        & (column < codes.shape[1])
    )
    which, _, _ = np.nonzero(inside)
    distance = distance[inside]
    light = light_of_code[codes[row[inside].astype(np.intp), column[inside].astype(np.intp)]]
    bins = ((distance / segments.half_window_px[chunk][which] + 1.0) * (BINS / 2)).astype(np.intp)
    index = which * BINS + np.clip(bins, 0, BINS - 1)
    size = len(chunk) * BINS
    count = np.bincount(index, minlength=size).astype(float)
    filled = np.maximum(count, 1.0)
    shape = (len(chunk), BINS)
    out.distance_px[chunk] = (np.bincount(index, distance, size) / filled).reshape(shape)
    out.light[chunk] = (np.bincount(index, light, size) / filled).reshape(shape)
    out.pixels[chunk] = count.reshape(shape)
