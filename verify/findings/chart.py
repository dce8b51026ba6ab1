"""Findings about the chart: whether and which one is in the photo, and how its sheet stands."""

from __future__ import annotations

from backfocus.targets.protocol import LEAST, NEAREST, SWEEP

from .kind import FindingKind, above, below


class ChartFindings:
    """Whether and which chart is in the photo."""

    NO_CHART = FindingKind(
        "no-chart",
        "critical",
        "No chart found",
        "No marker of a backfocus chart was recognised: the chart is not in the picture, too small, too blurred, "
        "or too dark.",
        "Fill a third or more of the frame with the sheet, light it evenly, and check that AF really focused near "
        "it.",
    )
    TOO_DARK = FindingKind(
        "too-dark",
        "critical",
        "The photo is too dark",
        "Even the lightest parts of the picture are near black: underexposed, or the lens cap was on.",
        "Give more light or a longer exposure, so that the paper is light grey to white but not blown out.",
        limits=(
            below(
                0.02,
                "of full light, in all but the lightest hundredth",
                "Edges need as much contrast to be measured.",
            ),
        ),
    )
    BLOWN_OUT = FindingKind(
        "blown-out",
        "critical",
        "The photo is blown out",
        "Much of the picture is at full white, where nothing of a chart is left.",
        "Expose less, until the camera shows no blinking highlights on the sheet.",
        limits=(
            above(
                0.3,
                "of the picture at 98 % of full light or more",
                "White paper that is half blown out and a window take up less in photos that can be measured.",
            ),
        ),
    )
    TOO_BLURRED = FindingKind(
        "too-blurred",
        "critical",
        "Nothing in the photo is sharp",
        "The lens focused on nothing that is in the picture, or the camera moved.",
        "Check that AF really focused near the sheet, and use a tripod.",
        limits=(
            above(
                1 / 500,
                "of the picture's long side, as blur",
                "The markers of a sheet that is a third of the frame wide are lost there.",
            ),
        ),
    )
    MIRRORED = FindingKind(
        "mirrored",
        "critical",
        "The photo is mirrored",
        "The chart can be read only after swapping left and right: a program or a mirror flipped the picture.",
        "Give the file as the camera wrote it, taken without a mirror.",
    )
    TOO_FEW_MARKERS = FindingKind(
        "too-few-markers",
        "critical",
        "Too few markers to recover the geometry",
        "Only part of the sheet is visible, or most of it is too blurred.",
        "Show the whole sheet; if the photo is far out of focus, move the sheet closer to the plane of focus. If "
        "the sheet can be seen by eye, mark its corners with --corners.",
        on_page="Show the whole sheet; if the photo is far out of focus, move the sheet closer to the plane of "
        "focus.",
    )
    UNKNOWN_FORMAT = FindingKind(
        "unknown-format",
        "critical",
        "Chart of an unknown format version",
        "The sheet was made by a newer version of this program.",
        "Update the program, or print the chart again with this one.",
    )
    PRINT_AGAIN = FindingKind(
        "print-again",
        "critical",
        "A chart of an earlier layout",
        "The sheet was made by an earlier version of this program; charts of today have edges in both directions "
        "near the AF mark, without which real lenses are measured wrongly.",
        "Print the chart again with this version.",
    )
    QR_CONTRADICTS_MARKERS = FindingKind(
        "qr-contradicts-markers",
        "critical",
        "QR code and markers belong to different charts",
        "Two charts are in the photo, or the sheet has been pasted together.",
        "Leave one chart in the picture.",
    )
    TWO_CHARTS = FindingKind(
        "two-charts",
        "critical",
        "More than one chart in the photo",
        "Which of them autofocus was aimed at cannot be known.",
        "Say which one with --chart-id, or with --corners if their ids are the same; or leave one in view.",
        on_page="Leave one chart in view, and take the picture again.",
    )
    OTHER_CHART = FindingKind(
        "other-chart",
        "critical",
        "The chart that was asked for is not in the photo",
        "The chart in the photo has another id than the one given by --chart-id.",
        "Look at the id in the top right corner of the sheet, or leave --chart-id out.",
    )
    PART_OF_ANOTHER_CHART = FindingKind(
        "part-of-another-chart",
        "warning",
        "Part of another chart in the photo",
        "Autofocus may have been aimed at the other chart; the measurement does not use it.",
        "Leave one chart in the picture.",
    )
    HALF_COVERED = FindingKind(
        "half-covered",
        "critical",
        "More than half of the sheet cannot be seen",
        "It is covered, cut off by the border of the picture, or lost in glare or a deep shadow.",
        "Show the whole sheet, evenly lit.",
        limits=(
            below(
                0.5,
                "of the sheet's markers can be seen",
                "Chosen without a measurement: the hidden half may be the one in which focus lies.",
            ),
        ),
    )
    CORNERS_DOUBTFUL = FindingKind(
        "corners-doubtful",
        "critical",
        "No chart between the corners that were marked",
        "What lies between the corners given by --corners does not look like the chart.",
        "Mark the corners of the paper in pixels of the upright photo, within 1 % of its size, in the order top "
        "left, top right, bottom right, bottom left as printed (FAR EDGE is at the top).",
        limits=(
            below(
                0.75,
                "correlation of page and print",
                "0.8 to 0.93 in 25 photos of all kinds, 0.77 without any marker; the wrong paper has "
                "up to 0.86, a desk up to 0.4.",
            ),
            below(
                0.85,
                "mean likeness of the chart's best four markers",
                "Over 0.9 in the same photos; another paper's or an upside-down sheet's has at most 0.82.",
            ),
        ),
    )
    QR_UNREAD = FindingKind(
        "qr-unread",
        "info",
        "QR code not readable",
        "The code is blurred, covered or outside of the picture; scale, angle and id were taken as standard.",
        "If the sheet was printed with --scale, give the same --scale to measure.",
        on_page="Nothing, if the sheet was printed at its own size. Else show the QR code whole and evenly lit.",
    )


class SheetFindings:
    """How the sheet stands."""

    POSE_POOR = FindingKind(
        "pose-poor",
        "critical",
        "Markers and edges do not fit a flat sheet",
        "The sheet is bent, a marker was mistaken, or a part of the picture is missing or elsewhere.",
        "Fix the sheet to a stiff, flat board and take the picture again; measure the file as it comes from the "
        "camera.",
        limits=(
            above(1.0, "px, rms of the printed edges off the best sheet", "Good photos have 0.05 to 0.15."),
            below(
                0.6,
                "of the pieces of edges lie on the best sheet",
                "With more of them elsewhere it is not the chart that was seen.",
            ),
            above(
                3.0,
                "standard errors, median distance of the printed edges off the best sheet",
                "83 whole pictures have up to 2.1; of 32 of which strips were cut out or exchanged 7 have 3.7 and "
                "more, the others are measured by what is left.",
            ),
        ),
    )
    LEAN_AMBIGUOUS = FindingKind(
        "lean-ambiguous",
        "critical",
        "Cannot tell which way the sheet leans",
        "Seen from so far away, a sheet that leans back looks the same as one that leans forward.",
        "Take the picture from closer, or use a larger sheet.",
        limits=(below(9.0, "squared standard errors between leaning back and forward", "Three sigma."),),
    )
    TILT_OFF_NOMINAL = FindingKind(
        "tilt-off-nominal",
        "warning",
        "Tilt differs from what is printed on the sheet",
        "The sheet does not stand at the angle that its depth numbers are printed for.",
        "The measurement uses the true tilt; only the numbers printed on the sheet are off. Set the "
        "angle by the stand or the gauge of page 2.",
        limits=(
            above(3.0, "degrees from the printed angle", "The printed depth numbers are then wrong by 5 % at 45°."),
        ),
    )
    TOO_FLAT_ON = FindingKind(
        "too-flat-on",
        "critical",
        "The sheet hardly leans, so that it has no depth to measure",
        "The sheet faces the camera squarely, or a card is not folded.",
        "Lean the sheet, or fold its wings, to about 45° and take the picture again.",
        limits=(
            below(
                12.0,
                "degrees of lean",
                "Flatter, an A4 sheet has less than 60 mm of depth, and its tilt is badly known.",
            ),
        ),
    )
    CARD_ASKEW = FindingKind(
        "card-askew",
        "warning",
        "The chart does not face the camera",
        "The panel with the AF mark is turned or leans, so that autofocus sees depth in it.",
        "Turn the chart until it faces the camera. The measurement knows the true angle.",
        limits=(
            above(
                3.0,
                "degrees away from facing the camera",
                "Autofocus then sees 2 mm of depth in an area that is 40 mm wide.",
            ),
        ),
    )
    CARD_MISFOLDED = FindingKind(
        "card-misfolded",
        "warning",
        "A wing of the folded card stands on the other side",
        "Both come forward, both go back, or they have changed places. The measurement knows it, but the signs "
        "of the printed depths are wrong, and with both on one side there is depth on that side of the mark only.",
        "Fold the left wing towards you and the right one away from you, as page 2 shows.",
        limits=(
            below(
                -5.0,
                "degrees towards the side that it is printed for",
                "Fold angles are right to 0.1° on simulated photos; less is a wing that is not folded.",
            ),
        ),
    )
    WING_HIDDEN = FindingKind(
        "wing-hidden",
        "warning",
        "A wing of the folded card cannot be seen",
        "It is covered, out of the picture, or turned away: blur is known on one side of the mark only.",
        "Show both wings; one alone tells less of how blur grows.",
        limits=(
            below(0.05, "of all samples lie on the wing", "Each wing of a card that is seen whole has 0.4 to 0.5."),
        ),
    )
    NO_DEPTH = FindingKind(
        "no-depth",
        "info",
        "An upright chart has no depth",
        "It shows how blurred the picture is at the AF mark, by direction and side, not where the lens focused.",
        f"Take {SWEEP}, and give all to `tune`; or use a flat or zfold chart for an offset.",
        on_page=f"Take {SWEEP}, and drop all of them here; or print a flat or folded chart, which tells "
        "front from back focus.",
    )
    SHEET_BENT = FindingKind(
        "sheet-bent",
        "warning",
        "The sheet is bent",
        "Paper that is only leaned against something sags.",
        "The measurement follows the bending, but glue the sheet flat to stiff board to be sure.",
        limits=(
            above(
                0.5,
                "mm of height over the plane that touches the paper at the AF mark",
                "Flat sheets come out below 0.1 mm.",
            ),
        ),
    )
    SHEET_TOO_BENT = FindingKind(
        "sheet-too-bent",
        "critical",
        "The sheet is bent too much",
        "The paper has curled or sagged so far that its depth is not well known.",
        "Glue the sheet flat to stiff board and take the picture again.",
        limits=(
            above(
                6.0,
                "mm of height over the plane that touches the paper at the AF mark",
                "The offset is right to 0.05 mm up to 6 mm, to 0.3 mm at 8 mm, and to 0.9 mm at 12 mm (85 mm "
                "f/1.8, 2.2 m).",
            ),
        ),
    )
    BEYOND_QUIET_ZONE = FindingKind(
        "beyond-quiet-zone",
        "warning",
        "Farther away than this sheet's quiet zone is made for",
        "From here an AF area sees strong edges beside the AF mark, and may focus on something else of the sheet.",
        "Move closer, or print a larger sheet.",
        limits=(
            above(
                1.05,
                "times the distance that the quiet zone is made for",
                "Nominal focal lengths are rounded by up to 5 %.",
            ),
        ),
    )
    DISTANCE_TOO_SHORT = FindingKind(
        "distance-too-short",
        "warning",
        "Very close",
        "Close up, lenses focus with other errors than at the distances that they are used at.",
        f"Go {NEAREST} focal lengths away or more, up to what page 2 of the chart says.",
        limits=(
            below(
                float(LEAST),
                "focal lengths away",
                "Nearer, the best setting is known to drift (Reikan FoCal); makers and testers ask for "
                f"{NEAREST} and more.",
            ),
        ),
    )
    SCALE_DOUBTFUL = FindingKind(
        "scale-doubtful",
        "warning",
        "The chart seems to be of another size",
        "The lens tells another distance than the chart's size does: it is a picture on a screen, or a copy that "
        "was enlarged or reduced. All lengths are then off by as much.",
        "Photograph the sheet itself, printed at 100 %.",
        limits=(
            above(
                1.6,
                "times between the distances that chart and lens tell",
                "Lenses tell their distance in coarse steps, 20 to 30 % apart at working distances.",
            ),
        ),
    )
    PAPER_SCALE = FindingKind(
        "paper-scale",
        "warning",
        "The print does not have the size that it was made for",
        "Seen against the paper's own edges the chart is smaller or larger than designed: 'fit to page', another "
        "paper, or a scale in the print dialog.",
        "The measurement uses the scale that the paper shows. Print at 100 % ('actual size') on the chart's own "
        "paper, or keep a calibration with check-print --keep.",
        limits=(above(0.01, "off the designed size", "What an unchecked print may be off unnoticed."),),
        on_page="The measurement uses the scale that the paper shows. Print at 100 % ('actual size') on the "
        "chart's own paper.",
    )
    SCALE_UNCHECKED = FindingKind(
        "scale-unchecked",
        "info",
        "Nothing shows the size of the print",
        "The paper's edges cannot be seen and no check-print was kept, so that a print 'fitted to the page', "
        "usually 2 to 9 % off, would go unnoticed. The interval allows for it.",
        "Leave all four edges of the paper in the picture, or run check-print --keep once.",
        on_page="Leave all four edges of the paper in the picture.",
    )
    CHART_TOO_SMALL = FindingKind(
        "chart-too-small",
        "warning",
        "The sheet is small in the picture",
        "Too far away, or too few pixels, to see how far out of focus the ends of the sheet are.",
        "Go closer, or print a larger sheet.",
        limits=(
            below(
                9.0,
                "px, width of a bar in the picture",
                "Blur above 2 px can then not be told from the neighbouring edge.",
            ),
        ),
    )
