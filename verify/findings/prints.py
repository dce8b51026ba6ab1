"""Findings about how the chart was printed."""

from __future__ import annotations

from .kind import FindingKind, above


class PrintFindings:
    """How the chart was printed."""

    SCAN_RESOLUTION_UNKNOWN = FindingKind(
        "scan-resolution-unknown",
        "critical",
        "The scan does not say how many pixels an inch has",
        "The program that saved the scan left its resolution out.",
        "Give the resolution that the scanner was set to, for example --dpi 600.",
    )
    SCAN_RESOLUTION_WRONG = FindingKind(
        "scan-resolution-wrong",
        "critical",
        "The scan's resolution cannot be right",
        "The file or --dpi states another resolution than the scanner was set to, or the scan was resized.",
        "Give the resolution that the scanner was set to, for example --dpi 600, and the scan as it was saved.",
    )
    NOT_A_SCAN = FindingKind(
        "not-a-scan",
        "critical",
        "Not an even scan",
        "Only a flatbed scan tells the size of a print; a photo, also one by a scanning app, does not.",
        "Lay the sheet flat on the glass of a flatbed scanner, or use a ruler: --printed-mm.",
        limits=(
            above(
                0.002,
                "of the markers' extent, off the best even scan",
                "0.7 mm on A4, twice what a poor home scanner shows (one half of its bed 0.6 % narrower than the "
                "other). A photo taken by hand from 0.4 m and 2° askew is beyond it.",
            ),
        ),
    )
    FIT_TO_PAGE = FindingKind(
        "fit-to-page",
        "warning",
        "Printed 'fit to page'",
        "The print dialog shrank or enlarged the page to fit the printer's margins or another paper.",
        "Print again at 100 % ('actual size') on the chart's own paper, or keep the calibration: --keep.",
    )
    PRINT_SCALE_OFF = FindingKind(
        "print-scale-off",
        "warning",
        "Not printed at 100 %",
        "A scale was set in the print dialog, the printer is off, or the scan's resolution is not what it says.",
        "Print at 100 % ('actual size'), check --dpi, or keep the calibration: --keep.",
        limits=(
            above(
                0.01,
                "off the described size",
                "What `measure` allows for in its interval when it knows nothing about the print.",
            ),
        ),
    )
    PRINT_STRETCHED = FindingKind(
        "print-stretched",
        "warning",
        "Width and height printed at different scales",
        "Printers feed the paper and move the ink by different mechanisms; or one scale was set for each.",
        "Keep the calibration (--keep); a scan with the sheet turned by a quarter shows the scanner's own share.",
        limits=(
            above(
                0.005, "between width and height", "The half percent that is common; at 45° it makes 0.3° of tilt."
            ),
        ),
    )
    PRINT_SKEWED = FindingKind(
        "print-skewed",
        "warning",
        "The page's axes are not at right angles",
        "The paper was fed askew while it was printed, or the scanner's carriage does not run straight.",
        "Print again with the paper guides closed, or keep the calibration: --keep.",
        limits=(
            above(
                0.005,
                "rad off a right angle",
                "0.3°: moves the sheet's ends as far as a stretch of half a percent.",
            ),
        ),
    )
    PRINT_SOFT = FindingKind(
        "print-soft",
        "warning",
        "Soft edges",
        "A draft mode, ink that bleeds into plain paper, or a sheet that did not touch the scanner's glass.",
        "Print in the best quality on matte coated paper; soft edges hide small focus errors.",
        limits=(
            above(
                0.1,
                "mm of blur on the paper, standard deviation",
                "1 px at the AF mark in a 24 MP photo of A4: as much as a good lens's own blur there.",
            ),
        ),
    )
    PRINT_CALIBRATED = FindingKind(
        "print-calibrated",
        "info",
        "The chart is taken as it was really printed",
        "A calibration of this chart's print was kept by check-print.",
        "After printing the chart again, run check-print again, or give each print its own --id.",
        on_page="After printing the chart again, check the new print in a terminal: backfocus check-print.",
    )
    CALIBRATION_UNREADABLE = FindingKind(
        "calibration-unreadable",
        "critical",
        "The print calibration kept for this chart cannot be read",
        "Its file is damaged, or was written by a newer version of the program.",
        "Run check-print --keep --force again, or delete the file.",
        on_page="Check the print again in a terminal: backfocus check-print.",
    )
