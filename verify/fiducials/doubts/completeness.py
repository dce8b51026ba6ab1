"""Whether the whole sheet can be seen, and nothing of another one."""

from __future__ import annotations

from collections.abc import Sequence

from backfocus.verify.fiducials.markers.detecting import SeenMarker
from backfocus.verify.fiducials.markers.refining import PlacedMarkers
from backfocus.verify.fiducials.markers.visibility import likeness
from backfocus.verify.fiducials.reduced import ReducedPhoto
from backfocus.verify.fiducials.sheets.sheet import Sheet
from backfocus.verify.findings import Finding, finding

SEEN_LIKENESS = 0.25
"""Anything else in a marker's place is below in 93 of 100 cases; markers blurred by up to three cells are above."""
GENUINE_LIKENESS = 0.85
"""Chance patterns that read as markers, one in ten photos with much texture, lack the white border."""
HALF = 0.5
SURE_MARKERS = 3
"""With three that agree it is known well enough where the others are, to say that they are not there."""


def completeness_findings(
    small: ReducedPhoto, sheet: Sheet, placed: PlacedMarkers, others: Sequence[SeenMarker]
) -> tuple[Finding, ...]:
    """Return what is amiss: most of the sheet hidden, or markers of another chart (`others` lie on no sheet)."""
    found = []
    quads = placed.page_map.pixels(placed.page_mm)
    seen = (likeness(small, quads, [marker.id for marker in sheet.chart.markers]) > SEEN_LIKENESS) | placed.refined
    if seen.mean() < HALF and placed.known.sum() >= SURE_MARKERS:
        found.append(
            finding("half-covered", f"Only {int(seen.sum())} of the sheet's {len(seen)} markers can be seen.")
        )
    if any(_is_genuine(small, marker) for marker in others):
        found.append(finding("part-of-another-chart"))
    return tuple(found)


def _is_genuine(small: ReducedPhoto, marker: SeenMarker) -> bool:
    return float(likeness(small, marker.corners_px[None], [marker.id])[0]) > GENUINE_LIKENESS
