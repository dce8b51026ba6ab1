"""A sheet in the photo, as its detected markers show it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backfocus.targets import Chart
from backfocus.verify.fiducials.markers.detecting import SeenMarker
from backfocus.verify.fiducials.planar import Array
from backfocus.verify.fiducials.sheets.page_map import PageMap


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet in the photo.

    Attributes:
        chart: the chart at scale 1.
        members: its markers as detected, each id once.
        page_map: from page mm to pixels of the photo, good to 1.5 % of the sheet.
    """

    chart: Chart
    members: tuple[SeenMarker, ...]
    page_map: PageMap

    @property
    def outline_px(self) -> Array:
        """(4, 2) corners of the page in the photo: top left, top right, bottom right, bottom left as printed."""
        width, height = self.chart.page_mm
        return self.page_map.pixels([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])

    @property
    def middle_px(self) -> Array:
        """(2,) the AF mark in the photo."""
        return self.page_map.pixels(self.chart.af_mark_page_mm)

    def contains(self, point_px: Array, margin: float = 0.0) -> bool:
        """Whether a point of the photo lies on the sheet, or within `margin` of its diagonal beside it."""
        import cv2

        x, y = (float(value) for value in point_px)
        outline = self.outline_px.astype(np.float32)
        inwards_px = cv2.pointPolygonTest(outline, (x, y), True)
        return bool(inwards_px >= -margin * np.linalg.norm(outline[2] - outline[0]))
