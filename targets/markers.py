"""ArUco markers: which ids belong to which chart, and what a marker looks like.

The ids alone tell design and paper, so that a photo whose QR code is too blurred can still be measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backfocus.targets.papers import PAPERS
from backfocus.targets.qrtext import DESIGNS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

DICTIONARY = "DICT_4X4_250"
"""The fewest and so the largest cells, which survive most blur; 250 ids hold twelve charts."""
IDS_PER_CHART = 20
CELLS = 6
"""Cells along a marker's side: four of the code and a black border of one."""


def first_marker_id(design: str, paper: str) -> int:
    """Return the lowest marker id of a chart."""
    return (DESIGNS.index(design) * len(PAPERS) + list(PAPERS).index(paper)) * IDS_PER_CHART


def chart_of_marker(marker_id: int) -> tuple[str, str] | None:
    """Return (design, paper) of the charts that a marker id belongs to; None for an id of no chart."""
    block = marker_id // IDS_PER_CHART
    if not 0 <= block < len(DESIGNS) * len(PAPERS):
        return None
    return DESIGNS[block // len(PAPERS)], list(PAPERS)[block % len(PAPERS)]


def marker_cells(marker_id: int) -> npt.NDArray[np.bool_]:
    """Return the marker as (CELLS, CELLS) booleans, row 0 at the top, True where there is ink."""
    import cv2
    import numpy as np

    dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, DICTIONARY))
    image = cv2.aruco.generateImageMarker(dictionary, marker_id, CELLS, borderBits=1)
    return np.asarray(image) < 128
