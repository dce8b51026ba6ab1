"""Folds of a sheet: which part of the paper lies beyond a fold line, and where folding takes it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart
from backfocus.verify.geometry.frames import sheet_from_page

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Fold:
    """A fold line of the unfolded sheet, and the angle at which the paper beyond it stands.

    Attributes:
        panel: name of the panel beyond the line.
        at_mm: (2,) a point of the line in the sheet frame.
        outwards: (2,) unit vector at right angles to it, away from the panel with the AF mark.
        angle_rad: by which the panel is turned out of the plane of the AF mark; positive towards the reader.
    """

    panel: str
    at_mm: Array
    outwards: Array
    angle_rad: float

    def beyond_mm(self, sheet_mm: Array) -> Array:
        """Return how far points (..., 3) lie beyond the line, 0 for those that do not."""
        distance: Array = np.maximum((sheet_mm[..., :2] - self.at_mm) @ self.outwards, 0.0)
        return distance

    def displacement(self, sheet_mm: Array) -> Array:
        """Return by what (..., 3) folding moves points of the unfolded sheet."""
        beyond = self.beyond_mm(sheet_mm)[..., None]
        x, y = self.outwards * (math.cos(self.angle_rad) - 1.0)
        moved: Array = beyond * np.array([x, y, math.sin(self.angle_rad)])
        return moved


def folds_of(chart: Chart) -> tuple[Fold, ...]:
    """Return the folds of a chart at their nominal angles; panels hang on the one with the AF mark."""
    return tuple(
        _fold(chart, panel.name, panel.hinge_page_mm, panel.outline_page_mm, math.radians(panel.fold_deg))
        for panel in chart.panels
        if panel.hinge_page_mm is not None
    )


def panel_index(chart: Chart, page_mm: Array) -> npt.NDArray[np.intp]:
    """Return on which of the chart's panels points (..., 2) of the page lie, as (...) indices."""
    sheet = sheet_from_page(chart, page_mm.reshape(-1, 2))
    index = np.zeros(len(sheet), dtype=np.intp)
    for number, fold in enumerate(folds_of(chart), start=1):
        index[fold.beyond_mm(sheet) > 0] = number
    return index.reshape(page_mm.shape[:-1])


def _fold(
    chart: Chart,
    name: str,
    hinge_page_mm: tuple[tuple[float, float], tuple[float, float]],
    outline_page_mm: tuple[tuple[float, float], ...],
    angle_rad: float,
) -> Fold:
    start, end = sheet_from_page(chart, hinge_page_mm)[:, :2]
    along = (end - start) / np.linalg.norm(end - start)
    outwards = np.array([-along[1], along[0]])
    middle = sheet_from_page(chart, outline_page_mm)[:, :2].mean(axis=0)
    return Fold(name, start, outwards if (middle - start) @ outwards > 0 else -outwards, angle_rad)
