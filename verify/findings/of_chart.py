"""Findings about whether and which chart is in the photo."""

from __future__ import annotations

from backfocus.verify.findings.kind import FindingKind

CHART_KINDS = (
    FindingKind(
        "no-chart",
        "critical",
        "No chart found",
        "No marker of a backfocus chart was recognised: the chart is not in the picture, too small, "
        "too blurred, or too dark.",
        "Fill a third or more of the frame with the sheet, light it evenly, and check that AF really "
        "focused near it.",
    ),
    FindingKind(
        "too-dark",
        "critical",
        "The photo is too dark",
        "Even the lightest parts of the picture are near black: underexposed, or the lens cap was on.",
        "Give more light or a longer exposure, so that the paper is light grey to white but not blown out.",
    ),
    FindingKind(
        "blown-out",
        "critical",
        "The photo is blown out",
        "Much of the picture is at full white, where nothing of a chart is left.",
        "Expose less, until the camera shows no blinking highlights on the sheet.",
    ),
    FindingKind(
        "too-blurred",
        "critical",
        "Nothing in the photo is sharp",
        "The lens focused on nothing that is in the picture, or the camera moved.",
        "Check that AF really focused near the sheet, and use a tripod.",
    ),
    FindingKind(
        "mirrored",
        "critical",
        "The photo is mirrored",
        "The chart can be read only after swapping left and right: a program or a mirror flipped the picture.",
        "Give the file as the camera wrote it, taken without a mirror.",
    ),
    FindingKind(
        "too-few-markers",
        "critical",
        "Too few markers to recover the geometry",
        "Only part of the sheet is visible, or most of it is too blurred.",
        "Show the whole sheet; if the photo is far out of focus, move the sheet closer to the plane of focus. "
        "If the sheet can be seen by eye, mark its corners with --corners.",
    ),
    FindingKind(
        "unknown-format",
        "critical",
        "Chart of an unknown format version",
        "The sheet was made by a newer version of this program.",
        "Update the program, or print the chart again with this one.",
    ),
    FindingKind(
        "qr-contradicts-markers",
        "critical",
        "QR code and markers belong to different charts",
        "Two charts are in the photo, or the sheet has been pasted together.",
        "Leave one chart in the picture.",
    ),
    FindingKind(
        "two-charts",
        "critical",
        "More than one chart in the photo",
        "Which of them autofocus was aimed at cannot be known.",
        "Say which one with --chart-id, or with --corners if their ids are the same; or leave one in view.",
    ),
    FindingKind(
        "other-chart",
        "critical",
        "The chart that was asked for is not in the photo",
        "The chart in the photo has another id than the one given by --chart-id.",
        "Look at the id in the top right corner of the sheet, or leave --chart-id out.",
    ),
    FindingKind(
        "part-of-another-chart",
        "warning",
        "Part of another chart in the photo",
        "Autofocus may have been aimed at the other chart; the measurement does not use it.",
        "Leave one chart in the picture.",
    ),
    FindingKind(
        "half-covered",
        "critical",
        "More than half of the sheet cannot be seen",
        "It is covered, cut off by the border of the picture, or lost in glare or a deep shadow.",
        "Show the whole sheet, evenly lit.",
    ),
    FindingKind(
        "corners-doubtful",
        "critical",
        "No chart between the corners that were marked",
        "What lies between the corners given by --corners does not look like the chart.",
        "Mark the corners of the paper in pixels of the upright photo, within 1 % of its size, in the order "
        "top left, top right, bottom right, bottom left as printed (FAR EDGE is at the top).",
    ),
    FindingKind(
        "qr-unread",
        "info",
        "QR code not readable",
        "The code is blurred, covered or outside of the picture; scale, angle and id were taken as standard.",
        "If the sheet was printed with --scale, give the same --scale to measure.",
    ),
)
