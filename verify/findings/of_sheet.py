"""Findings about how the sheet stands."""

from __future__ import annotations

from backfocus.verify.findings.kind import FindingKind

SHEET_KINDS = (
    FindingKind(
        "pose-poor",
        "critical",
        "Markers and edges do not fit a flat sheet",
        "The sheet is bent, or a marker was mistaken.",
        "Fix the sheet to a stiff, flat board and take the picture again.",
    ),
    FindingKind(
        "lean-ambiguous",
        "critical",
        "Cannot tell which way the sheet leans",
        "Seen from so far away, a sheet that leans back looks the same as one that leans forward.",
        "Take the picture from closer, or use a larger sheet.",
    ),
    FindingKind(
        "tilt-off-nominal",
        "warning",
        "Tilt differs from what is printed on the sheet",
        "The sheet does not stand at the angle that its depth numbers are printed for.",
        "The measurement uses the true tilt; only the numbers printed on the sheet are off. "
        "Use the wedge of page 2 to set the angle.",
    ),
    FindingKind(
        "too-flat-on",
        "critical",
        "The sheet hardly leans, so that it has no depth to measure",
        "The sheet faces the camera squarely.",
        "Lean the sheet to about 45° and take the picture again.",
    ),
    FindingKind(
        "card-askew",
        "warning",
        "The chart does not face the camera",
        "The panel with the AF mark is turned or leans, so that autofocus sees depth in it.",
        "Turn the chart until it faces the camera. The measurement knows the true angle.",
    ),
    FindingKind(
        "wing-hidden",
        "warning",
        "A wing of the folded card cannot be seen",
        "It is covered, out of the picture, or turned away: blur is known on one side of the mark only.",
        "Show both wings; the interval is wider with one alone.",
    ),
    FindingKind(
        "no-depth",
        "info",
        "An upright chart has no depth",
        "It shows how blurred the picture is at the AF mark, by direction and side, not where the lens focused.",
        "Compare shots at several AF settings with `tune`, or use a flat or zfold chart for an offset.",
    ),
    FindingKind(
        "sheet-bent",
        "warning",
        "The sheet is bent",
        "Paper that is only leaned against something sags.",
        "The measurement follows the bending, but fix the sheet to a stiff, flat board to be sure.",
    ),
    FindingKind(
        "sheet-too-bent",
        "critical",
        "The sheet is bent too much",
        "The paper has curled or sagged so far that its depth is not well known.",
        "Fix the sheet to a stiff, flat board and take the picture again.",
    ),
    FindingKind(
        "beyond-quiet-zone",
        "warning",
        "Farther away than this sheet's quiet zone is made for",
        "From here an AF area sees more than the AF mark, and may focus on something else of the sheet.",
        "Move closer, or print a larger sheet.",
    ),
    FindingKind(
        "distance-too-short",
        "warning",
        "Very close",
        "Close up, lenses focus with other errors than at the distances that they are used at.",
        "Go 25 to 50 focal lengths away.",
    ),
    FindingKind(
        "scale-doubtful",
        "warning",
        "The chart seems to be of another size",
        "The lens tells another distance than the chart's size does: it is a picture on a screen, or a copy that "
        "was enlarged or reduced. All lengths are then off by as much.",
        "Photograph the sheet itself, printed at 100 %.",
    ),
    FindingKind(
        "chart-too-small",
        "warning",
        "The sheet is small in the picture",
        "Too far away, or too few pixels, to see how far out of focus the ends of the sheet are.",
        "Go closer, or print a larger sheet.",
    ),
)
