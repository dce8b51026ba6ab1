"""The registry of findings: everything that the program may observe about a photo, with cause and remedy.

Text, JSON and documentation all take their words from here. A place in the code that observes something adds the
numbers, by `finding(code, message)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# What an entry in the registry of findings consists of.

Severity = Literal["info", "warning", "critical"]
"""`info`: worth knowing. `warning`: the number stands, but look. `critical`: the number is not to be trusted."""


@dataclass(frozen=True)
class FindingKind:
    """One entry of the registry, in words that hold for every photo."""

    code: str
    severity: Severity
    title: str
    cause: str
    remedy: str


# Findings about light, blur and focus.

BLUR_KINDS = (
    FindingKind(
        "photo-resized",
        "warning",
        "Not the picture that the camera took",
        "A program has cropped or scaled it, which changes the blur; a crop also makes the sensor seem larger "
        "than the part that is shown.",
        "Measure the file as it comes from the camera.",
    ),
    FindingKind(
        "perspective-contradicts",
        "warning",
        "The sheet's perspective contradicts the focal length",
        "A program has kept a part of the picture, or focal length or sensor width are not what metadata or "
        "options tell. Depth of field, defocus and AF steps are reckoned with these.",
        "Measure the file as it comes from the camera; --focal-length and --sensor-width correct its metadata.",
    ),
    FindingKind(
        "too-few-edges",
        "critical",
        "Too few sharp edges to measure blur",
        "The sheet is too small in the picture, covered, or badly lit.",
        "Move closer, uncover the sheet, or light it evenly.",
    ),
    FindingKind(
        "out-of-range",
        "critical",
        "The lens focused outside of the sheet",
        "Blur still falls towards the end of the sheet, so the sharpest plane lies beyond it.",
        "Check that AF locked on the mark; use a larger sheet or a longer distance.",
    ),
    FindingKind(
        "no-minimum",
        "critical",
        "No plane of least blur on the sheet",
        "The blur hardly changes with depth: the aperture is closed down, or the camera moved.",
        "Open the aperture fully, use a tripod, and move closer.",
    ),
    FindingKind(
        "poor-fit",
        "critical",
        "The blur does not follow the optics",
        "Something else than defocus blurs the picture: motion, a bent sheet, strong processing.",
        "Use a tripod and a stiff board, and switch sharpening and noise reduction to low.",
    ),
    FindingKind(
        "focus-turned",
        "warning",
        "The plane of focus is turned",
        "The picture was cropped far from its middle, or the lens is out of centre. The measurement allows for "
        "it across the sheet; along the direction in which the sheet leans it cannot be told.",
        "Measure the whole picture as the camera took it. If that shows the same, have the lens checked.",
    ),
    FindingKind(
        "focus-turned-far",
        "critical",
        "The plane of focus seems far turned",
        "The camera moved, or the picture was cropped far from its middle: blur differs from side to side as no "
        "lens's does.",
        "Use a tripod and self-timer, and measure the whole picture as the camera took it.",
    ),
    FindingKind(
        "focus-at-end",
        "critical",
        "Focus is at the very end of the sheet",
        "Nothing shows that blur rises again behind the sharpest plane that was found.",
        "Check that AF locked on the mark; use a larger sheet, or lean it more.",
    ),
    FindingKind(
        "clipped-throughout",
        "critical",
        "The paper is overexposed throughout",
        "Where the paper is as bright as the file can tell, its edges look sharper and displaced, by how much is "
        "not known.",
        "Expose less: the paper should be light grey, not white.",
    ),
    FindingKind(
        "clipped",
        "warning",
        "The paper is overexposed",
        "Where the paper is as bright as the file can tell, its edges look sharper and displaced.",
        "Expose less: the paper should be light grey, not white.",
    ),
    FindingKind(
        "low-contrast",
        "warning",
        "Little contrast between ink and paper",
        "Glare on glossy paper, fog, a weak toner, or a strongly compressed tone curve.",
        "Use matte paper, light from the side, and a full ink cartridge.",
    ),
    FindingKind(
        "motion-blur",
        "warning",
        "The picture is shaken",
        "The camera or the sheet moved while the picture was taken: edges across the motion are more blurred.",
        "Use a tripod, self-timer and a shorter exposure.",
    ),
    FindingKind(
        "soft-throughout",
        "warning",
        "Blurred throughout",
        "The lens is very soft, the camera moved along the edges, or a program has smoothed the picture.",
        "Use a tripod and self-timer; measure the file as it comes from the camera.",
    ),
    FindingKind(
        "sharpened",
        "info",
        "The camera has sharpened the picture",
        "In-camera sharpening leaves halos along edges and bends the blur curve near its minimum.",
        "The measurement allows for it; sharpening off, or a raw file, gives a narrower interval.",
    ),
    FindingKind(
        "depth-range-too-small",
        "warning",
        "Focus is near the end of the sheet",
        "On one side of the sharpest plane hardly any sheet is left, and nothing shows the blur rise again.",
        "Check that AF locked on the mark; use a larger sheet, or lean it more.",
    ),
    FindingKind(
        "not-wide-open",
        "warning",
        "Not taken wide open",
        "A smaller aperture blurs the ends of the sheet less, and shifts focus with many lenses.",
        "Open the aperture fully: AF works there, and the setting is meant for it.",
    ),
    FindingKind(
        "distance-unknown",
        "info",
        "Focal length or sensor size unknown",
        "The photo has no such metadata, so that distance, depth of field and steps cannot be given.",
        "Give --focal-length, --aperture and --sensor-width.",
    ),
    FindingKind(
        "jpeg-colours",
        "info",
        "The colours of a JPEG file lie closer together than those of the lens",
        "JPEG stores the differences of colours coarsely, and mostly at half resolution.",
        "For colours that can be trusted to the tenth of a millimetre, export the photo as TIFF.",
    ),
)


# Findings about whether and which chart is in the photo.

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


# Findings about how the chart was printed.

PRINT_KINDS = (
    FindingKind(
        "scan-resolution-unknown",
        "critical",
        "The scan does not say how many pixels an inch has",
        "The program that saved the scan left its resolution out.",
        "Give the resolution that the scanner was set to, for example --dpi 600.",
    ),
    FindingKind(
        "scan-resolution-wrong",
        "critical",
        "The scan's resolution cannot be right",
        "The file or --dpi states another resolution than the scanner was set to, or the scan was resized.",
        "Give the resolution that the scanner was set to, for example --dpi 600, and the scan as it was saved.",
    ),
    FindingKind(
        "not-a-scan",
        "critical",
        "Not an even scan",
        "Only a flatbed scan tells the size of a print; a photo, also one by a scanning app, does not.",
        "Lay the sheet flat on the glass of a flatbed scanner, or use a ruler: --printed-mm.",
    ),
    FindingKind(
        "fit-to-page",
        "warning",
        "Printed 'fit to page'",
        "The print dialog shrank or enlarged the page to fit the printer's margins or another paper.",
        "Print again at 100 % ('actual size') on the chart's own paper, or keep the calibration: --keep.",
    ),
    FindingKind(
        "print-scale-off",
        "warning",
        "Not printed at 100 %",
        "A scale was set in the print dialog, the printer is off, or the scan's resolution is not what it says.",
        "Print at 100 % ('actual size'), check --dpi, or keep the calibration: --keep.",
    ),
    FindingKind(
        "print-stretched",
        "warning",
        "Width and height printed at different scales",
        "Printers feed the paper and move the ink by different mechanisms; or one scale was set for each.",
        "Keep the calibration (--keep); a scan with the sheet turned by a quarter shows the scanner's own share.",
    ),
    FindingKind(
        "print-skewed",
        "warning",
        "The page's axes are not at right angles",
        "The paper was fed askew while it was printed, or the scanner's carriage does not run straight.",
        "Print again with the paper guides closed, or keep the calibration: --keep.",
    ),
    FindingKind(
        "print-soft",
        "warning",
        "Soft edges",
        "A draft mode, ink that bleeds into plain paper, or a sheet that did not touch the scanner's glass.",
        "Print in the best quality on matte coated paper; soft edges hide small focus errors.",
    ),
    FindingKind(
        "print-calibrated",
        "info",
        "The chart is taken as it was really printed",
        "A calibration of this chart's print was kept by check-print.",
        "After printing the chart again, run check-print again, or give each print its own --id.",
    ),
    FindingKind(
        "calibration-unreadable",
        "critical",
        "The print calibration kept for this chart cannot be read",
        "Its file is damaged, or was written by a newer version of the program.",
        "Run check-print --keep --force again, or delete the file.",
    ),
)


# Findings about a series of photos.

SERIES_KINDS = (
    FindingKind(
        "outliers-left-out",
        "info",
        "Shots that stand apart are left out",
        "Autofocus missed once, or something moved: these shots lie farther from the others than chance allows.",
        "Nothing, if there are few; their names are listed. If they come again, look for a cause.",
    ),
    FindingKind(
        "live-view-left-out",
        "info",
        "Shots in live view are left out",
        "In live view the camera focuses on the picture itself, without the AF module that the setting corrects.",
        "Focus through the viewfinder; give shots in live view as --reference.",
    ),
    FindingKind(
        "setting-unknown",
        "info",
        "The setting in force is not known",
        "Neither the photos nor their names tell it; it was taken as 0.",
        "Name the photos by setting (+5_001.jpg), or give --setting or a table with --labels.",
    ),
    FindingKind(
        "setting-disagrees",
        "info",
        "Name or table and the camera's own data tell different settings",
        "The user's word was taken. A dock's value is not in the camera's data; else the name is wrong.",
        "Check the setting of these photos.",
    ),
    FindingKind(
        "near-far-bias",
        "warning",
        "Focus depends on where it came from",
        "Coming from near, autofocus stops elsewhere than coming from far: backlash, or a coarse focus drive.",
        "Nothing if the difference is small; shoot as many from near as from far, as was done here.",
    ),
    FindingKind(
        "inconsistent-af",
        "warning",
        "Autofocus scatters too much for a setting to help",
        "The same scene is focused differently each time, by more than the setting can make good.",
        "Clean the contacts of lens and body, charge the battery, give more light, use the central AF point on "
        "the AF mark alone, update the firmware; if it stays, have body and lens serviced.",
    ),
    FindingKind(
        "step-contradicts-maker",
        "warning",
        "The camera's own step differs from what is known of its maker",
        "Bodies differ from the published figure, or focal length, aperture or sensor size are not the real ones.",
        "The measured step is used; check focal length and sensor size.",
    ),
    FindingKind(
        "sign-contradicts-maker",
        "warning",
        "Plus moves focus the other way than is known of the maker",
        "The settings of the two groups were swapped, or this body differs.",
        "Check which photos belong to which setting; if they are right, trust the measured sign.",
    ),
    FindingKind(
        "setting-without-effect",
        "critical",
        "The setting made no difference",
        "The function is switched off, or belongs to another lens, or the photos were taken in live view.",
        "Switch the function on for this lens, focus through the viewfinder, and use settings 10 apart.",
    ),
    FindingKind(
        "no-least-blur",
        "warning",
        "No setting of least blur in the sweep",
        "The sweep covers too little, has fewer than three settings, or focus scatters too much.",
        "Shoot 4 or more at each of five settings, from one end of the range to the other.",
    ),
    FindingKind(
        "beyond-range",
        "warning",
        "The error is near or beyond the end of what the camera can correct",
        "Over three quarters of the range are needed, which leaves no room for other distances and zoom positions.",
        "Have body and lens adjusted together by a workshop.",
    ),
    FindingKind(
        "focus-shift",
        "info",
        "Focus shifts with the aperture",
        "Rays through the rim of the lens focus elsewhere than those through its middle (spherical aberration).",
        "Set AF fine-tune for the aperture that you use; it cannot be right for all.",
    ),
    FindingKind(
        "reference-missing",
        "warning",
        "No reference shot for this focal length",
        "The reference folder has no measurable photo at this focal length, so its zero is the chart's.",
        "Take three magnified live-view shots of the unmoved chart at each focal length.",
    ),
)


# Findings about how the sheet stands.

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


@dataclass(frozen=True)
class Finding:
    """An observation about one photo: its kind's code and severity, the message with the numbers, the remedy."""

    code: str
    severity: Severity
    message: str
    remedy: str

    def to_dict(self) -> dict[str, str]:
        """Return the finding as it stands in the JSON."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "remedy": self.remedy,
        }


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """The photo cannot be measured; carries the finding that says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


KINDS: dict[str, FindingKind] = {
    kind.code: kind for kind in (*CHART_KINDS, *SHEET_KINDS, *BLUR_KINDS, *PRINT_KINDS, *SERIES_KINDS)
}


def finding(code: str, message: str | None = None) -> Finding:
    """Return the finding of a code; `message` adds this photo's numbers to the title."""
    kind = KINDS[code]
    return Finding(kind.code, kind.severity, message or f"{kind.title}.", kind.remedy)


def refusal(code: str, message: str | None = None) -> Refusal:
    """Return the refusal to raise for a finding."""
    return Refusal(finding(code, message))
