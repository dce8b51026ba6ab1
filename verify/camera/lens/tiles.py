"""The part of the picture that the sheet fills, in tiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

TILE_PX = 256
"""Small enough for its own number of aperture points, large enough that calls cost nothing."""


@dataclass(frozen=True)
class Tile:
    """A rectangle of the picture: left and top pixel, width and height."""

    left: int
    top: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the picture."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    def grid(self, margin_px: float, side: int) -> Array:
        """Return (side², 2) pixels that are spread over the tile widened by a margin, its corners among them."""
        x = np.linspace(self.left - margin_px, self.left + self.width - 1 + margin_px, side)
        y = np.linspace(self.top - margin_px, self.top + self.height - 1 + margin_px, side)
        return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)

    def split(self, side_px: int = TILE_PX) -> list[Tile]:
        """Return tiles that fill this one."""
        right, bottom = self.left + self.width, self.top + self.height
        return [
            Tile(x, y, min(side_px, right - x), min(side_px, bottom - y))
            for y in range(self.top, bottom, side_px)
            for x in range(self.left, right, side_px)
        ]

    def fine(self, window: Tile, fineness: int) -> tuple[slice, slice]:
        """Return rows and columns in a picture of `window` with `fineness` times as many pixels a side."""
        top, left = (self.top - window.top) * fineness, (self.left - window.left) * fineness
        return slice(top, top + self.height * fineness), slice(left, left + self.width * fineness)


def window_around(px: Array, margin_px: Array, picture_px: tuple[int, int]) -> Tile | None:
    """Return the part of the picture that holds (n, 2) points with (n,) margins; None if none of them is in it."""
    low, high = (px - margin_px[:, None]).min(axis=0), (px + margin_px[:, None]).max(axis=0)
    left, top = (max(int(side), 0) for side in np.floor(low))
    right, bottom = (min(int(side), last - 1) for side, last in zip(np.ceil(high), picture_px, strict=True))
    if right < left or bottom < top:
        return None
    return Tile(left, top, right - left + 1, bottom - top + 1)
