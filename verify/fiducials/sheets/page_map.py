"""The map from page to photo of a sheet that may be folded: one homography a panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backfocus.targets import Chart
from backfocus.verify.fiducials.planar import Array, map_points
from backfocus.verify.geometry.folds import panel_index


@dataclass(frozen=True, eq=False)
class PageMap:
    """Maps page mm of a chart at scale 1 to pixels of the photo.

    Attributes:
        chart: the chart.
        homographies: a (3, 3) matrix for each of its panels.
    """

    chart: Chart
    homographies: tuple[Array, ...]

    def pixels(self, page_mm: Sequence[object] | Array) -> Array:
        """Return (..., 2) pixels of points (..., 2) of the page."""
        page = np.asarray(page_mm, dtype=np.float64)
        if len(self.homographies) == 1:
            return map_points(self.homographies[0], page)
        panel = panel_index(self.chart, page)
        pixels = np.empty_like(page)
        for index, homography in enumerate(self.homographies):
            pixels[panel == index] = map_points(homography, page[panel == index])
        return pixels

    def with_panel(self, index: int, homography: Array) -> PageMap:
        """Return the map with another homography of one panel."""
        some = list(self.homographies)
        some[index] = homography
        return PageMap(self.chart, tuple(some))


def marker_panels(chart: Chart) -> list[int]:
    """Return the index of the panel of each of the chart's markers."""
    names = [panel.name for panel in chart.panels]
    return [names.index(marker.panel) for marker in chart.markers]
