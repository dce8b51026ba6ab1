"""Why no chart was found: the cause is named as closely as the photo allows."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from backfocus.targets.ids import chart_of_marker

from ..findings import Findings, Refusal
from ..photo.reading import Photo
from .markers import REDUCED_SIDE_PX, Picture, ReducedPhoto, SeenMarker, detect_markers, likeness, reduced
from .sheets import Sheet, nominal_chart, read_any_qr, tell_sheets_apart

GENUINE_LIKENESS = 0.85
"""Chance patterns that read as markers, one in ten photos with much texture, lack the white border."""
WHITE_LIGHT = 0.98
SMOOTHINGS_PX = (2.0, 6.0)
"""Two scales at which slopes are compared; the first is above the noise of a reduced picture."""


def why_no_chart(photo: Photo, seen: Sequence[SeenMarker]) -> Refusal:
    """Return the refusal for a photo in which no sheet was found, though `seen` was."""
    small = reduced(photo, REDUCED_SIDE_PX)
    if _is_of_unknown_design([marker for marker in seen if _looks_printed(small, marker)]):
        return Findings.UNKNOWN_FORMAT.refusal(
            "The markers in the photo are those of no chart that this version makes."
        )
    # Raises its own refusal for a code of another format version.
    named = read_any_qr(photo)
    if _is_mirrored(small):
        return Findings.MIRRORED.refusal()
    if named is not None:
        return Findings.TOO_FEW_MARKERS.refusal(
            f"The QR code of chart {named.id} can be read, but too few of its markers are seen."
        )
    return bad_light(small) or _blurred(small) or _few(genuine(small, seen)) or Findings.NO_CHART.refusal()


def genuine(small: ReducedPhoto, seen: Sequence[SeenMarker]) -> list[SeenMarker]:
    """Return the markers that are printed on some chart and look like it, cells and white border."""
    return [marker for marker in seen if _is_printed(marker.id) and _looks_printed(small, marker)]


def _is_printed(marker_id: int) -> bool:
    block = chart_of_marker(marker_id)
    chart = nominal_chart(*block) if block else None
    return chart is not None and any(marker.id == marker_id for marker in chart.markers)


def _looks_printed(small: ReducedPhoto, marker: SeenMarker) -> bool:
    return float(likeness(small, marker.corners_px[None], [marker.id])[0]) > GENUINE_LIKENESS


def _is_of_unknown_design(seen: Sequence[SeenMarker]) -> bool:
    """Whether two or more markers are from the ids set aside for charts that this version does not make."""
    unknown = defaultdict(set)
    for marker in seen:
        block = chart_of_marker(marker.id)
        chart = nominal_chart(*block) if block else None
        if block and (chart is None or marker.id not in {known.id for known in chart.markers}):
            unknown[block].add(marker.id)
    return any(len(ids) >= 2 for ids in unknown.values())


def _is_mirrored(small: ReducedPhoto) -> bool:
    flipped = replace(small, codes=small.codes[:, ::-1])
    return any(
        tell_sheets_apart(detect_markers(flipped, image()))[0] for image in (flipped.light, flipped.even_light)
    )


def _blurred(small: ReducedPhoto) -> Refusal | None:
    blur_px = least_blur_px(small.light())
    blurred_part = blur_px / max(small.codes.shape)
    if not Findings.TOO_BLURRED.crossed(blurred_part):
        return None
    return Findings.TOO_BLURRED.refusal(
        f"No chart found: everything is blurred by {blur_px * small.factor:.0f} px or more.", blurred_part
    )


def least_blur_px(image: Picture) -> float:
    """Return about how blurred the sharpest edges in a picture are, as a standard deviation in its pixels.

    An edge of blur s that is smoothed by t more has its steepest slope proportional to 1 / sqrt(s² + t²), so that
    the ratio of slopes at two smoothings gives s without knowing contrast. Within 25 % on natural pictures that
    were blurred by 4 to 8 px; noise makes that of more blurred ones too small.
    """
    import cv2

    light = image.astype(np.float32)
    slopes = []
    for smoothing in SMOOTHINGS_PX:
        smooth = cv2.GaussianBlur(light, (0, 0), smoothing)
        slope = cv2.magnitude(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
        slopes.append(float(np.percentile(np.asarray(slope), 99.9)))
    fine, coarse = SMOOTHINGS_PX
    if slopes[1] <= 0:
        return 0.0
    ratio2 = max((slopes[0] / slopes[1]) ** 2, 1 + 1e-3)
    return math.sqrt(max(coarse**2 - ratio2 * fine**2, 0.0) / (ratio2 - 1))


def _few(seen: Sequence[SeenMarker]) -> Refusal | None:
    blocks = Counter(block for marker in seen if (block := chart_of_marker(marker.id)) is not None)
    if not blocks:
        return None
    (design, paper), count = blocks.most_common(1)[0]
    if count == 1:
        return Findings.TOO_FEW_MARKERS.refusal(f"Only one marker, of a {design} chart for {paper}, can be read.")
    return Findings.TOO_FEW_MARKERS.refusal(f"The {count} markers that can be read do not lie on one flat sheet.")


def bad_light(small: ReducedPhoto) -> Refusal | None:
    """Return the refusal of a photo that shows no chart because it is dark or blown out; None if it is neither."""
    light = small.light_of_code[small.codes]
    lightest = _lightest(light)
    if Findings.TOO_DARK.crossed(lightest):
        return Findings.TOO_DARK.refusal(
            f"No chart found: its lightest parts have only {lightest:.1%} of full light.", lightest
        )
    white = float((light >= WHITE_LIGHT).mean())
    if Findings.BLOWN_OUT.crossed(white):
        return Findings.BLOWN_OUT.refusal(f"No chart found: {white:.0%} of the picture is blown out.", white)
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
    Findings.TOO_DARK.refuse_if_crossed(paper, f"The paper has only {paper:.1%} of full light.")


def _lightest(light: npt.NDArray[np.float32]) -> float:
    return float(np.percentile(light, 99)) if light.size else 0.0
