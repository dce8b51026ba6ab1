"""Photos too dark or too light to show a chart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backfocus.verify.fiducials.reduced import ReducedPhoto
from backfocus.verify.fiducials.sheets.sheet import Sheet
from backfocus.verify.findings import Refusal, refusal

DARK_LIGHT = 0.02
"""Of full scale, of all but the lightest hundredth of what is looked at: edges need as much contrast to be
measured."""
WHITE_LIGHT = 0.98
WHITE_PART = 0.3
"""Of the picture; white paper that is half blown out and a window take up less in photos that can be measured."""


def bad_light(small: ReducedPhoto) -> Refusal | None:
    """Return the refusal of a photo that shows no chart because it is dark or blown out; None if it is neither."""
    light = small.light_of_code[small.codes]
    lightest = _lightest(light)
    if lightest < DARK_LIGHT:
        return refusal("too-dark", f"No chart found: its lightest parts have only {lightest:.1%} of full light.")
    white = float((light >= WHITE_LIGHT).mean())
    if white > WHITE_PART:
        return refusal("blown-out", f"No chart found: {white:.0%} of the picture is blown out.")
    return None


def refuse_dark_sheet(small: ReducedPhoto, sheet: Sheet) -> None:
    """Raise the refusal of a sheet whose paper is nearly black.

    Raises:
        Refusal: edges would have too little contrast.
    """
    import cv2

    mask = np.zeros(small.codes.shape, dtype=np.uint8)
    outline = np.clip(small.from_photo(sheet.outline_px), -1e4, 1e4)
    cv2.fillConvexPoly(mask, np.rint(outline).astype(np.int32), 1)
    paper = _lightest(small.light_of_code[small.codes[mask > 0]])
    if paper < DARK_LIGHT:
        raise refusal("too-dark", f"The paper has only {paper:.1%} of full light.")


def _lightest(light: npt.NDArray[np.float32]) -> float:
    return float(np.percentile(light, 99)) if light.size else 0.0
