"""Where things lie on a panel at full size, and where they then get printed on the page."""

from __future__ import annotations

from dataclasses import dataclass

from backfocus.targets.chart import Point, Quad


@dataclass(frozen=True)
class Box:
    """An upright rectangle in the sheet frame, mm at full size, y up."""

    left: float
    bottom: float
    right: float
    top: float

    @staticmethod
    def around(x: float, y: float, width: float, height: float) -> Box:
        """Return the box of a size with its middle at (x, y)."""
        return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    def grown(self, by: float) -> Box:
        """Return the box with a border of width `by` added all round."""
        return Box(self.left - by, self.bottom - by, self.right + by, self.top + by)

    def mirrored(self) -> Box:
        """Return the box mirrored left to right at the AF mark."""
        return Box(-self.right, self.bottom, -self.left, self.top)

    def overlaps(self, other: Box) -> bool:
        """Return whether the two boxes have an area in common."""
        level = self.left < other.right and other.left < self.right
        return level and self.bottom < other.top and other.bottom < self.top


@dataclass(frozen=True)
class SheetFrame:
    """The sheet frame of a page: mm at full size, origin at the AF mark, x right, y up as printed.

    Attributes:
        origin_mm: the AF mark on the full-size page, from its top-left corner.
        scale: printed size over full size.
        turned: whether the frame is turned by a quarter: x runs down the page and y to its right.
    """

    origin_mm: Point
    scale: float
    turned: bool = False

    def page(self, x: float, y: float) -> Point:
        """Return where a point of the sheet lies on the printed page, mm, y down."""
        right, up = (y, -x) if self.turned else (x, y)
        return (round((self.origin_mm[0] + right) * self.scale, 6), round((self.origin_mm[1] - up) * self.scale, 6))

    def corners(self, box: Box) -> Quad:
        """Return the corners of a box on the printed page, from top-left clockwise as printed."""
        return (
            self.page(box.left, box.top),
            self.page(box.right, box.top),
            self.page(box.right, box.bottom),
            self.page(box.left, box.bottom),
        )
