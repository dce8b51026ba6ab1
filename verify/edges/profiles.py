"""Profiles across straight edges, taken from the original pixels.

Nothing is interpolated: every pixel near an edge keeps its own value and is sorted by its distance to the edge, so
that the slant of the edge against the pixel grid samples the profile finer than the pixels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..photo.reading import Photo

Array = npt.NDArray[np.float64]

BINS = 48
"""Bins across a profile: a window of 9 blurs makes a bin a fifth of the blur wide, which widens it by 0.2 %."""
ROWS_ALIKE, COLUMNS_ALIKE = 4, 1.25
"""Pieces whose heights fall in one class of so many rows, and widths within such a factor, are sampled together."""
SAMPLES_AT_ONCE = 1_000_000
"""Bounds the memory of the sampling to about 40 MB."""


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


def sample_profiles(photo: Photo, segments: Segments, every: int = 1) -> Profiles:
    """Return the profile across each piece; pixels outside of the picture are left out.

    Args:
        photo: the photo.
        segments: n pieces.
        every: use only every so many-th row of pixels, for a quick look.
    """
    n = len(segments.centre_px)
    profiles = Profiles(np.zeros((n, BINS)), np.zeros((n, BINS)), np.zeros((n, BINS)))
    steep = np.abs(segments.tangent[:, 1]) >= np.abs(segments.tangent[:, 0])
    for group, codes, axes in ((steep, photo.codes, (0, 1)), (~steep, photo.codes.T, (1, 0))):
        rows = _Rows(codes, photo.light_of_code, segments, axes, every)
        for chunk in rows.chunks(np.flatnonzero(group)):
            rows.sample(chunk, profiles)
    return profiles


class _Rows:
    """Sampling of edges that run mainly across the rows of `codes`; `axes` are x and y as (across, along) edges."""

    def __init__(
        self,
        codes: npt.NDArray[Any],
        light_of_code: npt.NDArray[np.float32],
        segments: Segments,
        axes: tuple[int, int],
        every: int,
    ) -> None:
        self.codes, self.light_of_code, self.segments, self.every = codes, light_of_code, segments, every
        self.across, self.along = axes
        slope = np.maximum(np.abs(segments.tangent[:, self.along]), 0.5)
        self.half_rows = np.ceil(segments.half_length_px * slope).astype(int)
        self.half_columns = np.ceil(segments.half_window_px / slope).astype(int) + 1

    def chunks(self, members: npt.NDArray[np.intp]) -> Iterator[npt.NDArray[np.intp]]:
        """Yield groups of pieces of about the same size: one rectangle of pixels does for all of a group."""
        rows, columns = self.half_rows[members], self.half_columns[members]
        size = rows // ROWS_ALIKE * 1000 + np.rint(np.log(columns) / math.log(COLUMNS_ALIKE)).astype(int)
        order = np.argsort(size, kind="stable")
        for group in np.split(members[order], np.flatnonzero(np.diff(size[order])) + 1):
            if len(group) == 0:
                continue
            area = (2 * self.half_rows[group].max() + 1) * (2 * self.half_columns[group].max() + 1)
            yield from np.array_split(group, -(-len(group) * area // SAMPLES_AT_ONCE))

    def sample(self, chunk: npt.NDArray[np.intp], out: Profiles) -> None:
        """Sort the pixels around the pieces into bins."""
        part = self.segments.take(chunk)
        centre, tangent, normal = (
            array.astype(np.float32)[:, :, None, None]
            for array in (part.centre_px, part.tangent, part.bright_normal)
        )
        window = part.half_window_px.astype(np.float32)[:, None, None]
        half_length = part.half_length_px.astype(np.float32)[:, None, None]
        half_rows, half_columns = self.half_rows[chunk].max(), self.half_columns[chunk].max()
        off_rows = np.arange(-half_rows, half_rows + 1, self.every, dtype=np.float32)[:, None]
        off_columns = np.arange(-half_columns, half_columns + 1, dtype=np.float32)
        first_row = np.rint(centre[:, self.along])
        row = first_row + off_rows
        d_along = row - centre[:, self.along]
        middle = centre[:, self.across] + d_along * (tangent[:, self.across] / tangent[:, self.along])
        column = np.rint(middle) + off_columns
        d_across = column - centre[:, self.across]
        distance = d_across * normal[:, self.across] + d_along * normal[:, self.along]
        along_edge = d_across * tangent[:, self.across] + d_along * tangent[:, self.along]
        inside = (np.abs(distance) < window) & (np.abs(along_edge) <= half_length)
        inside &= (row >= 0) & (row < self.codes.shape[0]) & (column >= 0) & (column < self.codes.shape[1])
        which = np.broadcast_to(np.arange(len(chunk))[:, None, None], inside.shape)[inside]
        distance = distance[inside]
        rows = np.broadcast_to(row, inside.shape)[inside].astype(np.intp)
        light = self.light_of_code[self.codes[rows, column[inside].astype(np.intp)]]
        bins = ((distance / window[which, 0, 0] + 1.0) * (BINS / 2)).astype(np.intp)
        index = which * BINS + np.minimum(bins, BINS - 1)
        shape, size = (len(chunk), BINS), len(chunk) * BINS
        count = np.bincount(index, minlength=size)
        filled = np.maximum(count, 1)
        out.distance_px[chunk] = (np.bincount(index, distance, size) / filled).reshape(shape)
        out.light[chunk] = (np.bincount(index, light, size) / filled).reshape(shape)
        out.pixels[chunk] = count.reshape(shape)
